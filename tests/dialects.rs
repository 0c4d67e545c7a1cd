//! A dialect is data and templates: no code knows its name, every fact is of use, a project can bring its own.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use idgraph::dialect::{Dialect, Library};
use idgraph::engine;
use idgraph::project::{Known, Project};
use idgraph::render::{check_limits, render};
use idgraph::warehouse::Warehouse;
use support::postgres::Database;

/// A project with everything that has fixed columns.
const EVERYTHING: &str = "
traits: { from: SOURCE, columns: { email: varchar } }
events: { Order Completed: {} }
models:
  user_traits: { name: long_traits }
  user_identifiers: { name: identifiers }
  profile_merges: { name: merges }
  resolved_events: {}
";

fn dialects() -> Vec<Dialect> {
    let library = Library::embedded();
    library.names().iter().map(|name| Dialect::load(&library, name).expect("a dialect")).collect()
}

fn project(text: &str) -> Project {
    let dialects = Library::embedded().names();
    let known = Known { dialects, engines: engine::known() };
    let text = format!("dialects: [postgres]\n{text}");
    Project::parse(Path::new("idgraph.yml"), &text, &known)
        .unwrap_or_else(|error| panic!("{error}"))
}

fn files_below(folder: &str, extension: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_below(path.to_str().expect("UTF-8"), extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            let text = fs::read_to_string(&path).expect("text");
            found.push((path, text));
        }
    }
    found
}

#[test]
fn no_code_outside_the_engines_names_a_dialect() {
    let names: Vec<String> = dialects().into_iter().map(|dialect| dialect.name).collect();
    for (path, text) in files_below("src", "rs") {
        if path.starts_with("src/engine") {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (index, line) in code.lines().enumerate() {
            // What people read may give an example.
            let is_text = line.trim_start().starts_with("//") || line.contains("Example");
            let words = line.split(|char: char| !char.is_alphanumeric());
            for word in words.filter(|_| !is_text) {
                let names_one = names.iter().any(|name| word == name);
                assert!(!names_one, "{}:{}: {line}", path.display(), index + 1);
            }
        }
    }
}

#[test]
fn no_two_dialects_have_a_copy_of_the_same_template() {
    let mut seen: Vec<(PathBuf, String)> = Vec::new();
    for (path, text) in
        files_below("dialects", "sql").into_iter().chain(files_below("templates", "sql"))
    {
        let copy = seen.iter().find(|(_, other)| *other == text);
        assert!(copy.is_none(), "{} is a copy of {}", path.display(), copy.unwrap().0.display());
        seen.push((path, text));
    }
}

/// The paths of all values in a dialect's file: `identifiers.quote`.
fn fact_paths(value: &serde_yaml::Value, prefix: &str, into: &mut BTreeSet<String>) {
    match value {
        serde_yaml::Value::Mapping(mapping) => {
            for (key, value) in mapping {
                let key = key.as_str().expect("a text");
                let path =
                    if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") };
                fact_paths(value, &path, into);
            }
        }
        _ => {
            into.insert(prefix.to_owned());
        }
    }
}

#[test]
fn every_fact_is_used_by_a_template_or_the_code() {
    let mut facts = BTreeSet::new();
    for (path, text) in files_below("dialects", "yml") {
        let value = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        fact_paths(&value, "", &mut facts);
    }
    let templates: String = files_below("templates", "sql")
        .into_iter()
        .chain(files_below("dialects", "sql"))
        .map(|(_, text)| text)
        .collect();
    let code: String = files_below("src", "rs")
        .into_iter()
        .filter(|(path, _)| !path.ends_with("dialect/facts.rs"))
        .map(|(_, text)| text)
        .collect();
    assert!(facts.len() > 30, "{facts:?}");
    for fact in facts {
        let name = fact.rsplit('.').next().expect("a name");
        let used = match fact.split('.').next().expect("a group") {
            "can" => {
                templates.contains(&format!("can.{name}")) || code.contains(&format!("can.{name}"))
            }
            "expressions" => {
                templates.contains(&format!("sql.{name}("))
                    || templates.contains(&format!("'{name}'"))
            }
            // An expression calls its functions.
            "extensions" => files_below("dialects", "yml")
                .iter()
                .any(|(_, text)| text.contains(&format!("{{{{ {name} }}}}."))),
            // Keyed by the logical types; loading a dialect asks for all five of `types`.
            "types" | "reads" | "holds_more" | "widens" | "rounds" => {
                ["varchar", "timestamp", "integer", "float", "boolean"].contains(&name)
            }
            // Keyed by the warehouse's own types.
            "bits" => code.contains(".bits"),
            // For people: `dialect show` prints every fact with its place.
            "manual" => true,
            _ if name.ends_with("source") => true,
            _ => code.contains(&format!(".{name}")),
        };
        assert!(used, "nothing uses {fact}");
    }
}

#[test]
fn facts_from_elsewhere_say_where_they_are_from() {
    for dialect in dialects() {
        let facts = &dialect.facts;
        let links = [
            &facts.manual,
            &facts.identifiers.length_source,
            &facts.identifiers.reserved_source,
            &facts.tables.source,
        ];
        for link in links {
            assert!(link.starts_with("https://"), "{}: `{link}`", dialect.name);
        }
        let limits = [
            (facts.statements.max_bytes, &facts.statements.source),
            (facts.statements.max_selects, &facts.statements.selects_source),
            (facts.recursion.max_levels, &facts.recursion.source),
            (facts.identifiers.impossible.len(), &facts.identifiers.impossible_source),
        ];
        for (limit, source) in limits {
            assert_eq!(limit > 0, source.starts_with("https://"), "{}: `{source}`", dialect.name);
        }
    }
}

#[test]
fn templates_may_write_every_fixed_column_bare() {
    for source in ["identifies", "profile_traits_updates"] {
        let text = EVERYTHING.replace("SOURCE", source);
        let warehouse = Warehouse::of(&project(&format!("space: acme\n{text}")));
        let landed = warehouse.landed.iter().flat_map(|table| &table.columns);
        let models = warehouse.models.iter().flat_map(|table| &table.columns);
        let fixed: BTreeSet<&str> = landed
            .chain(models)
            .filter(|column| column.place.is_none())
            .map(|column| column.name.as_str())
            .collect();
        assert!(fixed.contains("merged_to") && fixed.contains("timestamp"), "{fixed:?}");
        for dialect in dialects() {
            // A word of a type: templates write it behind a table's name, behind AS, or as `{{ timestamp }}`.
            for column in fixed.iter().filter(|column| **column != "timestamp") {
                assert_eq!(dialect.identifier(column), *column, "in {}", dialect.name);
            }
        }
    }
}

#[test]
fn reserved_words_are_those_of_the_real_postgres() {
    let database = Database::new();
    let mut client = database.client();
    let sql = "SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T')";
    let words = client.query(sql, &[]).expect("keywords");
    let dialect = Dialect::load(&Library::embedded(), "postgres").expect("a dialect");
    let mut missing = Vec::new();
    for row in words {
        let word: String = row.get(0);
        if dialect.identifier(&word) == word {
            missing.push(word);
        }
    }
    assert_eq!(missing, [""; 0], "would be written bare");
}

#[test]
fn a_column_that_a_dialect_cannot_have_is_refused() {
    let project = project("space: acme\ntraits: { columns: { 'true': boolean } }");
    let dialect = Dialect::load(&Library::embedded(), "sqlite").expect("a dialect");
    let problems = check_limits(&project, &Warehouse::of(&project), &dialect);
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        ["error[name-impossible]: SQLite cannot have a column named `true`
 --> idgraph.yml:3:22
  |
3 | traits: { columns: { 'true': boolean } }
  |                      ^^^^^^ SQLite reads the word as a value, quotes or not
  |
  = note: see https://www.sqlite.org/lang_expr.html#booleanexpr
  = help: leave it out, or take sqlite out of `dialects`"]
    );
}

#[test]
fn a_word_that_any_dialect_reserves_works_in_the_real_sqlite() {
    let dialect = Dialect::load(&Library::embedded(), "sqlite").expect("a dialect");
    let words: BTreeSet<String> =
        dialects().into_iter().flat_map(|dialect| dialect.facts.identifiers.reserved).collect();
    assert!(words.len() > 150, "{}", words.len());
    let connection = rusqlite::Connection::open_in_memory().expect("SQLite");
    for word in words.into_iter().filter(|word| !dialect.is_impossible(word)) {
        let name = dialect.identifier(&word);
        let sql = format!(
            "CREATE TABLE {name} ({name} text);
             INSERT INTO {name} ({name}) VALUES ('x');
             CREATE INDEX {name}_idx ON {name} ({name});
             DELETE FROM {name} AS old WHERE old.{name} <> 'x';"
        );
        let sql = sql.replace(&format!("{name}_idx"), "an_index");
        connection.execute_batch(&sql).unwrap_or_else(|error| panic!("{name}: {error}"));
        let read = format!("SELECT {name} FROM (SELECT t.{name} FROM {name} AS t)");
        let value: String = connection.query_row(&read, [], |row| row.get(0)).expect("a row");
        assert_eq!(value, "x", "{name} is no column");
        connection.execute_batch(&format!("DROP TABLE {name}")).expect("drop");
    }
}

/// Names that a careless program would let out of their quotes.
const HOSTILE: [&str; 9] = [
    "order",
    "select",
    "x\"; drop table y; --",
    "x`; drop table y; --",
    "x'; drop table y; --",
    "x\\",
    "Order Größe 表",
    "*/ {{ 7 * 7 }} /*",
    "$$ %s ${HOME}",
];

#[test]
fn hostile_names_come_through_quoted_or_are_refused() {
    let library = Library::embedded();
    for name in HOSTILE {
        // JSON is YAML.
        let quoted = |name: String| serde_json::to_string(&name).expect("JSON");
        let project = project(&format!(
            "space: {space}
models_schema: {models}
sources: [{source}]
context: [{space}]
traits: {{ columns: {{ {space}: {{ type: varchar, description: {space} }}, group: integer }} }}
events: {{ {space}: {{ properties: {{ {space}: float }} }} }}
models: {{ resolved_events: {{ materialized: table }}, user_traits: {{ name: long_traits }} }}",
            space = quoted(name.to_owned()),
            models = quoted(format!("m {name}")),
            source = quoted(format!("of {name}")),
        ));
        let warehouse = Warehouse::of(&project);
        for dialect in dialects() {
            let problems = check_limits(&project, &warehouse, &dialect);
            if !problems.is_empty() {
                // Refused with the place, and only where the warehouse cannot have the name at all.
                assert!(!dialect.can_name(name) || !dialect.can_name("m "), "{name}");
                assert!(problems.iter().all(|one| one.code() == "name-characters"), "{name}");
                continue;
            }
            let files = render(&warehouse, &dialect, &library, "idgraph.yml")
                .unwrap_or_else(|error| panic!("{}: {name}: {error}", dialect.name));
            let mut schemas = BTreeSet::new();
            for statement in files.iter().flat_map(|file| file.statements()) {
                let objects = statement.target.iter().chain(&statement.reads);
                schemas.extend(objects.filter_map(|object| object.schema.clone()));
                for word in ["drop table", "DROP TABLE"] {
                    // Only inside quotes, where the parser has read it as a part of a name or a text. Some dialects
                    // drop a table of idgraph's own.
                    let target = statement.target.as_ref();
                    let is_ours = target.is_some_and(|table| table.name.starts_with("idgraph_"));
                    assert!(is_ours || !statement.sql.starts_with(word), "{}", statement.sql);
                }
            }
            schemas.remove("pg_catalog");
            let expected =
                BTreeSet::from([name.to_lowercase(), format!("m {name}").to_lowercase()]);
            assert_eq!(schemas, expected, "{}", dialect.name);
        }
    }
}
