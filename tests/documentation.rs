//! The pages under `docs/` and `dialects/README.md` are complete: what can be written is explained, and nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use idgraph::dialect::{Dialect, Facts, Gap, GapKind, Library};
use idgraph::engine;
use idgraph::project::{Known, Project, json_schema};
use idgraph::render::render;
use idgraph::warehouse::Warehouse;
use serde_json::Value;

const PROJECT_FILE: &str = include_str!("../docs/project-file.md");
const SEMANTICS: &str = include_str!("../docs/semantics.md");
const LANDED_TABLES: &str = include_str!("../docs/landed-tables.md");
const DIALECTS: &str = include_str!("../dialects/README.md");

/// Every key of the schema, its words and what it may hold.
#[derive(Default)]
struct Keys {
    keys: BTreeSet<String>,
    words: BTreeSet<String>,
}

impl Keys {
    /// A key is named by its path, with `<name>` for a name of the user's choice.
    fn collect(&mut self, root: &Value, schema: &Value, path: &str) {
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            let target = root.pointer(target.trim_start_matches('#')).expect("a definition");
            self.collect(root, target, path);
        }
        for branch in ["anyOf", "oneOf"].iter().filter_map(|key| schema.get(key)?.as_array()) {
            for schema in branch {
                self.collect(root, schema, path);
            }
        }
        self.words.extend(schema.get("const").and_then(Value::as_str).map(str::to_owned));
        let below =
            |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        for (key, schema) in
            schema.get("properties").and_then(Value::as_object).into_iter().flatten()
        {
            self.keys.insert(below(key));
            self.collect(root, schema, &below(key));
        }
        if let Some(schema) = schema.get("items") {
            self.collect(root, schema, path);
        }
        if let Some(schema) = schema.get("additionalProperties").filter(|schema| schema.is_object())
        {
            self.keys.insert(below("<name>"));
            self.collect(root, schema, &below("<name>"));
        }
    }
}

/// What stands in backticks in the first cells of a page's tables under a heading, up to the next one.
fn first_cells<'a>(page: &'a str, heading: &str) -> BTreeSet<&'a str> {
    let (_, section) = page.split_once(&format!("\n{heading}\n")).expect("the heading");
    section
        .lines()
        .take_while(|line| !line.starts_with('#'))
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect()
}

fn assert_same(page: &str, documented: &BTreeSet<&str>, real: &BTreeSet<String>) {
    let real: BTreeSet<&str> = real.iter().map(String::as_str).collect();
    let missing: Vec<_> = real.difference(documented).collect();
    let invented: Vec<_> = documented.difference(&real).collect();
    assert!(missing.is_empty(), "{page} lacks {missing:?}");
    assert!(invented.is_empty(), "{page} explains {invented:?}, which do not exist");
}

/// The project of the page's example, which has every part.
fn example() -> Project {
    let (_, example) = PROJECT_FILE.split_once("```yaml\n").expect("an example");
    let (example, _) = example.split_once("```").expect("its end");
    let library = Library::embedded();
    let known = Known { dialects: library.names(), engines: engine::known() };
    Project::parse(Path::new("idgraph.yml"), example, &known).expect("a project without mistakes")
}

#[test]
fn every_key_and_word_of_the_project_file_is_explained() {
    let schema = json_schema();
    let mut keys = Keys::default();
    keys.collect(&schema, &schema, "");
    assert_same("docs/project-file.md", &first_cells(PROJECT_FILE, "## Keys"), &keys.keys);
    for word in keys.words {
        assert!(PROJECT_FILE.contains(&format!("`{word}`")), "docs/project-file.md lacks {word}");
    }
}

#[test]
fn the_example_has_every_top_level_key() {
    example();
    let schema = json_schema();
    for key in schema["properties"].as_object().expect("keys").keys() {
        assert!(PROJECT_FILE.contains(&format!("\n{key}:")), "the example lacks {key}");
    }
}

#[test]
fn every_model_and_column_is_explained() {
    for table in Warehouse::of(&example()).models.iter().filter(|table| table.reads.is_none()) {
        let (_, section) =
            SEMANTICS.split_once(&format!("\n## {}\n", table.name)).expect("a section");
        let section = section.split("\n## ").next().unwrap_or_default();
        for column in table.columns.iter().filter(|column| column.place.is_none()) {
            assert!(
                section.contains(&format!("`{}`", column.name)),
                "docs/semantics.md lacks {}.{}",
                table.name,
                column.name
            );
        }
    }
}

#[test]
fn every_landed_table_and_column_is_explained() {
    for table in Warehouse::of(&example()).landed {
        let names = table.columns.iter().filter(|column| column.place.is_none());
        let names = names.map(|column| &column.name);
        // An event's own table is named by the project.
        for name in names.chain(table.place.is_none().then_some(&table.name)) {
            assert!(
                LANDED_TABLES.contains(&format!("`{name}`")),
                "docs/landed-tables.md lacks {name}"
            );
        }
    }
}

#[test]
fn every_fact_of_a_dialect_is_explained() {
    let gap = Gap {
        begins: String::new(),
        example: String::new(),
        reason: String::new(),
        does: GapKind::Anything,
    };
    let facts = Facts { gaps: vec![gap], ..Facts::default() };
    let mut real = BTreeSet::new();
    for (key, value) in serde_json::to_value(facts).expect("facts").as_object().expect("a mapping")
    {
        let value = value.get(0).unwrap_or(value);
        match value.as_object().filter(|inner| !inner.is_empty()) {
            Some(inner) => real.extend(inner.keys().map(|inner| format!("{key}.{inner}"))),
            None => _ = real.insert(key.clone()),
        }
    }
    assert_same("dialects/README.md", &first_cells(DIALECTS, "## Facts"), &real);
}

#[test]
fn every_expression_and_dialect_is_explained() {
    let library = Library::embedded();
    let names = library.names();
    let dialects: Vec<_> = names
        .iter()
        .map(|name| Dialect::load(&library, name).expect("a dialect without mistakes"))
        .collect();
    let expressions = dialects.iter().flat_map(|dialect| dialect.facts.expressions.keys().cloned());
    assert_same(
        "dialects/README.md",
        &first_cells(DIALECTS, "## Expressions"),
        &expressions.collect(),
    );
    assert_same(
        "dialects/README.md",
        &first_cells(DIALECTS, "## The dialects"),
        &names.into_iter().collect(),
    );
}

#[test]
fn the_dialect_of_the_walk_through_renders() {
    let page = include_str!("../CONTRIBUTING.md");
    let (_, page) = page.split_once("## Add a dialect").expect("the walk-through");
    let block = |begin: &str| {
        let mut blocks =
            page.split("```").skip(1).step_by(2).filter_map(|block| block.split_once('\n'));
        blocks.find(|(_, text)| text.starts_with(begin)).map(|(_, text)| text).expect("a block")
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let facts = block("inherits:");
    for (path, text) in [
        ("idgraph.yml", block("space:")),
        ("dialects/supabase/dialect.yml", facts),
        ("dialects/supabase/templates/extension.sql", block("-- For digest()")),
    ] {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("make it");
        fs::write(path, text).expect("write");
    }
    let library = Library::beside(folder.path());
    let dialect = Dialect::load(&library, "supabase").expect("a dialect without mistakes");
    let known = Known { dialects: library.names(), engines: engine::known() };
    let project = Project::read(&folder.path().join("idgraph.yml"), &known).expect("a project");
    let files = render(&Warehouse::of(&project), &dialect, &library, "idgraph.yml").expect("SQL");
    let text: String = files.into_iter().map(|file| file.text).collect();
    for own in ["WITH SCHEMA extensions;", "extensions.digest("] {
        assert!(text.contains(own), "{own}");
    }
}
