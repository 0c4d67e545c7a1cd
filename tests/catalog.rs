//! Where names have three parts, every one begins with the project's catalog; what is read off the SQL stays the same.

#[path = "support/command.rs"]
mod command;

use std::fs;

use command::idgraph;
use tempfile::TempDir;

const PROJECT: &str = "space: acme
models_schema: tables
catalog: main-data
dialects: [mine, postgres]
traits: { columns: { email: varchar, plan: varchar } }
models:
  id_graph: { materialized: incremental }
  profile_traits: { materialized: incremental }
  user_traits: { name: long_traits }
  resolved_events: {}
";

/// Any dialect of three-part names will do that has no work tables outside of schemas.
fn project(text: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("idgraph.yml"), text).expect("write");
    let own = folder.path().join("dialects/mine");
    fs::create_dir_all(&own).expect("a folder");
    let facts = "inherits: databricks\nidentifiers: { characters: any }\n";
    fs::write(own.join("dialect.yml"), facts).expect("write");
    folder
}

fn rendered(folder: &TempDir, dialect: &str) -> String {
    idgraph(folder.path(), &["render", "--stdout", "--dialect", dialect]).fine().stdout
}

/// What makes the landed tables of a sandbox.
fn landed(folder: &TempDir) -> String {
    idgraph(folder.path(), &["render", "--landed", "--stdout", "--dialect", "mine"]).fine().stdout
}

#[test]
fn every_name_begins_with_the_catalog() {
    let folder = project(PROJECT);
    let sql = rendered(&folder, "mine");
    assert!(sql.contains("CREATE SCHEMA IF NOT EXISTS `main-data`.tables;"), "{sql}");
    let sandbox = landed(&folder);
    assert!(sandbox.contains("CREATE SCHEMA IF NOT EXISTS `main-data`.acme;"), "{sandbox}");
    let sql = sql + &sandbox;
    for schema in ["acme", "tables"] {
        assert!(sql.contains(&format!("`main-data`.{schema}.")), "{sql}");
        for (index, _) in sql.match_indices(&format!("{schema}.")) {
            let line = sql[..index].rsplit('\n').next().unwrap_or_default();
            // A text is no name.
            let is_named =
                line.ends_with("`main-data`.") || line.ends_with('\'') || line.starts_with("--");
            assert!(is_named, "{line}{schema}. has no catalog");
        }
    }
    // A warehouse of two-part names has no use for it.
    assert!(!rendered(&folder, "postgres").contains("main-data"));
    let without = project(&PROJECT.replace("catalog: main-data\n", ""));
    let bare = rendered(&without, "mine") + &landed(&without);
    let code = |sql: &str| {
        sql.lines()
            .filter(|line| !line.contains("USE CATALOG") && !line.contains("session's catalog"))
            .collect::<Vec<_>>()
            .join(
                "
",
            )
    };
    assert_eq!(code(&sql.replace("`main-data`.", "")), code(&bare));
}

#[test]
fn lineage_and_migrations_are_those_of_names_without_it() {
    let folder = project(PROJECT);
    let without = project(&PROJECT.replace("catalog: main-data\n", ""));
    let lineage = ["lineage", "--dialect", "mine", "--format", "json"];
    let read = |folder: &TempDir| idgraph(folder.path(), &lineage).fine().stdout;
    assert_eq!(read(&folder), read(&without));
    let changed = PROJECT
        .replace("plan: varchar", "tier: varchar")
        .replace("  user_traits: { name: long_traits }\n", "");
    for (name, text) in [("first", PROJECT), ("second", &changed)] {
        fs::write(folder.path().join("idgraph.yml"), text).expect("write");
        idgraph(folder.path(), &["migrate", "new", name]).fine();
        idgraph(folder.path(), &["migrate", "check"]).fine();
    }
    let second = folder.path().join("migrations/mine/0002_second.sql");
    let second = fs::read_to_string(second).expect("the second migration");
    assert!(second.contains("DROP TABLE `main-data`.tables.long_traits"), "{second}");
}

#[test]
fn a_catalog_that_the_warehouse_cannot_have_is_refused() {
    let folder = project(&PROJECT.replace("[mine, postgres]", "[databricks]"));
    idgraph(folder.path(), &["render"])
        .exits(2)
        .says(&["a catalog named `main-data`", "idgraph.yml:3:"]);
    let folder = project(&PROJECT.replace("main-data", "' '"));
    idgraph(folder.path(), &["render"]).exits(2).says(&["idgraph.yml:3:"]);
}
