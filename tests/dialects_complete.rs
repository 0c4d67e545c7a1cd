//! Every dialect is whole: each model in each materialization, what changes them, and what asks about them, renders.

#[path = "support/command.rs"]
mod command;

use std::fs;
use std::path::Path;

use command::{Run, idgraph};
use idgraph::dialect::{Dialect, Library};
use idgraph::project::Model;

const PROJECT: &str = "space: acme
models_schema: SCHEMA
dialects: [DIALECT]
context: [url]
traits:
  from: profile_traits_updates
  columns: { email: varchar, plan: varchar, visits: integer, score: float, is_vip: boolean, seen: timestamp }
events: { Order Completed: { properties: { total: float } } }
models:
  id_graph: { materialized: GRAPH }
  external_id_mapping: { materialized: KEPT }
  profile_traits: { materialized: KEPT }
  user_traits: { materialized: KEPT, name: long_traits }
  user_identifiers: { materialized: KEPT, name: identifiers }
  profile_merges: { materialized: KEPT, name: merges }
  resolved_events: { materialized: EVENTS }
incremental: { lookback: 1d }
dynamic_tables: { warehouse: transforming }
";

/// A project of a dialect with its models kept in one way, as far as the warehouse has it.
fn project(dialect: &Dialect, kept: &str) -> String {
    let can = &dialect.facts.can;
    let graph = if kept == "view" && !can.recurse_in_views { "table" } else { kept };
    let schema = if can.views_across_schemas { "models" } else { "acme" };
    PROJECT
        .replace("DIALECT", &dialect.name)
        .replace("GRAPH", graph)
        .replace("SCHEMA", schema)
        .replace("KEPT", kept)
        .replace("EVENTS", if kept == "incremental" { "view" } else { kept })
}

fn dialects() -> Vec<Dialect> {
    let library = Library::embedded();
    library.names().iter().map(|name| Dialect::load(&library, name).expect("a dialect")).collect()
}

fn run(folder: &Path, project: &str, arguments: &[&str]) -> Run {
    fs::write(folder.join("idgraph.yml"), project).expect("write");
    idgraph(folder, arguments)
}

#[test]
fn every_model_renders_in_every_materialization() {
    for dialect in dialects() {
        for kept in ["table", "view", "incremental", "dynamic_table"] {
            let folder = tempfile::tempdir().expect("a folder");
            let title = &dialect.facts.title;
            let ran = run(folder.path(), &project(&dialect, kept), &["render"]);
            if kept == "dynamic_table" && !dialect.facts.can.dynamic_tables {
                ran.exits(2).says(&[
                    &format!(
                        "error[no-dynamic-tables]: idgraph makes no dynamic tables on {title}"
                    ),
                    "idgraph.yml:10:3",
                    "`id_graph` would be one",
                    "refresh it by a schedule",
                ]);
                continue;
            }
            ran.fine();
            let written =
                fs::read_dir(folder.path().join("sql").join(&dialect.name)).expect("files");
            let names: Vec<String> = written
                .map(|file| file.expect("a file").file_name().to_string_lossy().into_owned())
                .collect();
            for model in Model::ALL {
                let ending = format!("_{}.sql", model.name());
                let has = names.iter().any(|name| name.ends_with(&ending));
                assert!(has, "{}: no {} as {kept}", dialect.name, model.name());
            }
        }
    }
}

/// Columns and models that come and go, change their names and the way they are kept: written, and in order.
#[test]
fn every_change_can_be_migrated() {
    for dialect in dialects() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = project(&dialect, "table");
        let changed = first
            .replace("plan: varchar", "tier: { type: varchar, renamed_from: plan }, age: integer")
            .replace("visits: integer, ", "")
            .replace("total: float", "total: float, coupon: varchar")
            .replace("  profile_merges: { materialized: table, name: merges }\n", "")
            .replace(
                "profile_traits: { materialized: table }",
                "profile_traits: { materialized: incremental }",
            )
            .replace("id_graph: { materialized: table }", "id_graph: { materialized: incremental }")
            .replace(
                "user_identifiers: { materialized: table, name: identifiers }",
                "user_identifiers: { materialized: view, name: identifiers }",
            );
        for (number, text) in [first.clone(), changed, first].iter().enumerate() {
            let name = format!("step_{number}");
            run(folder.path(), text, &["migrate", "new", &name]).fine();
            run(folder.path(), text, &["migrate", "check"]).fine();
        }
    }
}

#[test]
fn every_catalog_can_be_asked_what_has_landed() {
    for dialect in dialects() {
        let arguments =
            ["introspect", "--print-query", "--dialect", &dialect.name, "--space", "acme"];
        let query = idgraph(Path::new("/"), &arguments).fine().stdout;
        assert!(query.to_lowercase().contains("select"), "{}", dialect.name);
        let facts = &dialect.facts;
        assert!(facts.types.keys().chain(facts.reads.keys()).count() >= 5, "{}", dialect.name);
    }
}

#[test]
fn every_dialect_is_proved_or_says_that_it_is_not() {
    let page = fs::read_to_string("dialects/README.md").expect("the page");
    let (_, table) = page.split_once("| fixture |").expect("the table of what was run");
    let head = table.lines().next().expect("its first line");
    for dialect in dialects() {
        let is_there = head.split('|').any(|cell| cell.trim() == dialect.name);
        assert!(is_there, "{} is not in the table", dialect.name);
        // A grammar that takes everything proves nothing.
        let grammar = fs::read_to_string("tests/conformance/grammar.py").expect("the grammar");
        if grammar.contains(&format!("\"{}\"", dialect.name)) {
            let refused = format!("tests/conformance/refused/{}.sql", dialect.name);
            assert!(Path::new(&refused).exists(), "{refused}");
        }
    }
}
