//! `idgraph dialect new`: a dialect of the project's own to start from.

use std::path::Path;

use serde_json::Value;

use crate::cli::output;
use crate::diagnostic::{Diagnostic, Result};
use crate::dialect::{Dialect, Library};
use crate::{emit, files};

/// The facts in the order in which they are read, with what they are about. A parent's words and gaps are long, and seldom
/// what differs.
const FACTS: [(&str, &[&str]); 6] = [
    ("What people are shown.", &["title", "versions", "manual", "parser"]),
    (
        "Names: how they are written, how long they may be, and the vendor's page that says so.",
        &["identifiers"],
    ),
    ("How much fits into a table and a statement.", &["tables", "statements"]),
    (
        "Types and literals.",
        &[
            "types",
            "reads",
            "holds_more",
            "widens",
            "rounds",
            "bits",
            "strings",
            "backslash_text",
            "wide_text",
        ],
    ),
    ("What the warehouse can do, and how work is done there.", &["can", "work_tables", "batch"]),
    ("Expressions that warehouses spell differently.", &["extensions", "expressions"]),
];

/// Facts that are too long to begin with.
const LONG: [&str; 1] = ["reserved"];

pub(super) fn run(library: &Library, folder: &Path, name: &str, parent: &str) -> Result<()> {
    let is_plain =
        |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || "_-".contains(char);
    if !name.starts_with(|char: char| char.is_ascii_lowercase()) || !name.chars().all(is_plain) {
        return Err(Diagnostic::error(
            "dialect-name",
            format!("`{}` is no name for a dialect", name.escape_debug()),
        )
        .help("its folder has the name: lower-case letters, digits, _ and -, a letter first")
        .into());
    }
    if library.names().iter().any(|known| known == name) {
        return Err(Diagnostic::error(
            "dialect-exists",
            format!("there is a dialect `{name}` already"),
        )
        .help(format!("`idgraph dialect show {name}` says where it is; choose another name"))
        .into());
    }
    let text = scaffold(name, &Dialect::load(library, parent)?);
    let path = folder.join("dialects").join(name).join("dialect.yml");
    files::within(folder, &path)?;
    emit::create(&path, &text)?;
    output::message(format_args!("wrote {}", path.display()));
    output::message(format_args!(
        "next: say in it what differs, list {name} under `dialects` in idgraph.yml, then run `idgraph dialect show {name}` and `idgraph render`"
    ));
    Ok(())
}

/// A `dialect.yml` that says nothing yet: all that its parent says stands behind `#`, to be taken away with it.
fn scaffold(name: &str, parent: &Dialect) -> String {
    let parents = &parent.name;
    let mut text = format!(
        "# The dialect {name}: what differs from {parents}.
#
# Every fact below is the parent's. To change one, take the # before it and before the keys around it away. Leave out what
# is the same. The list of facts and expressions: dialects/README.md of idgraph.
#
# A template of {parents} that does not fit is replaced by one of the same name in dialects/{name}/templates/;
# `idgraph dialect show {name}` lists all, each with its file.

inherits: {parents}
"
    );
    let Ok(Value::Object(facts)) = serde_json::to_value(&parent.facts) else { return text };
    for (about, keys) in FACTS {
        text.push_str(&format!("\n# {about}\n"));
        for key in keys {
            let Some(value) = facts.get(*key).and_then(brief) else { continue };
            let fact = serde_json::Map::from_iter([((*key).to_owned(), value)]);
            let yaml = serde_yaml::to_string(&fact).unwrap_or_default();
            for line in yaml.lines() {
                text.push_str(&format!("#{line}\n"));
            }
        }
    }
    text
}

/// A fact without its long parts; `None` when it says nothing.
fn brief(value: &Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) => (!text.is_empty()).then(|| value.clone()),
        Value::Array(items) => (!items.is_empty()).then(|| value.clone()),
        Value::Object(map) => {
            let kept = map.iter().filter(|(key, _)| !LONG.contains(&key.as_str()));
            let kept: serde_json::Map<_, _> =
                kept.filter_map(|(key, value)| Some((key.clone(), brief(value)?))).collect();
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        Value::Bool(_) | Value::Number(_) => Some(value.clone()),
    }
}
