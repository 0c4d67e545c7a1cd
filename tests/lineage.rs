//! `idgraph lineage` says where tables and columns come from, as reviewed in `tests/lineage/`.
//!
//! `UPDATE=1 cargo test --test lineage` rewrites those files.

#[path = "support/command.rs"]
mod command;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use command::idgraph;
use serde_json::Value;

fn lineage(arguments: &[&str]) -> String {
    let all = [&["--project", "tests/rendered/idgraph.yml", "lineage"], arguments].concat();
    idgraph(Path::new("."), &all).fine().stdout
}

#[test]
fn each_format_is_as_reviewed() {
    let mut differ = Vec::new();
    for (file, arguments) in [
        ("all.txt", &[][..]),
        ("all.mmd", &["--format", "mermaid"]),
        ("all.dot", &["--format", "dot"]),
        ("profile_traits.json", &["profile_traits", "--format", "json"]),
        ("email.txt", &["profile_traits.email"]),
        ("merged_to.mmd", &["acme.profile_traits.merged_to", "--format", "mermaid"]),
        ("segment_id.dot", &["id_graph.segment_id", "--format", "dot"]),
    ] {
        let shown = lineage(arguments);
        let path = format!("tests/lineage/{file}");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &shown).unwrap();
        } else if fs::read_to_string(&path).ok().as_ref() != Some(&shown) {
            differ.push(format!("{path}:\n{shown}"));
        }
    }
    assert!(differ.is_empty(), "not as reviewed (UPDATE=1 rewrites them):\n{}", differ.join("\n"));
}

/// For each column of each model, where it comes from.
fn columns(dialect: &str) -> BTreeMap<String, Vec<String>> {
    let json: Value =
        serde_json::from_str(&lineage(&["--dialect", dialect, "--format", "json"])).unwrap();
    let mut columns = BTreeMap::new();
    for table in json["tables"].as_array().unwrap().iter().filter(|one| one["kind"] == "model") {
        for column in table["columns"].as_array().unwrap() {
            let name = format!("{}.{}", table["name"], column["name"]);
            let from = column["from"].as_array().expect("the SQL tells");
            columns.insert(name, from.iter().map(Value::to_string).collect());
        }
    }
    columns
}

#[test]
fn every_dialect_tells_where_a_column_comes_from_and_all_say_the_same() {
    let of_postgres = columns("postgres");
    assert!(of_postgres.len() > 50);
    for dialect in ["sqlite", "snowflake", "bigquery"] {
        for (column, from) in columns(dialect) {
            // Postgres asks by the profile whether the graph goes on, and so names it.
            if !column.contains("id_graph") || !column.contains("timestamp") {
                assert_eq!(from, of_postgres[&column], "{dialect}: {column}");
            }
        }
    }
}

#[test]
fn where_the_sql_does_not_tell_it_is_the_whole_row() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(
        "idgraph.yml",
        "space: acme\ndialects: [postgres]\nmodels: { id_graph: { materialized: view } }\n",
    );
    write(
        "templates/query/id_graph.sql",
        "SELECT x.a AS segment_id, u.segment_id AS canonical_segment_id, now() AS timestamp\n\
         FROM acme.id_graph_updates AS u, json_each(u) AS x(a)\n",
    );
    let shown = idgraph(folder.path(), &["lineage", "id_graph"]).fine().stdout;
    let (first, _) = shown.split_once("\n\n").unwrap_or((&shown, ""));
    assert_eq!(
        first,
        "acme.id_graph ← acme.id_graph_updates\n  \
         segment_id           ← the whole row\n  \
         canonical_segment_id ← acme.id_graph_updates.segment_id\n  \
         timestamp            ← nothing"
    );
}

#[test]
fn a_name_that_is_not_there_is_explained() {
    let run = |name: &str| {
        let arguments = ["--project", "tests/rendered/idgraph.yml", "lineage", name];
        idgraph(Path::new("."), &arguments).exits(2)
    };
    run("profile_trait").says(&["has no table `profile_trait`", "did you mean `profile_traits`?"]);
    run("profile_traits.emal").says(&["has no column `emal`", "did you mean `email`?"]);
}
