//! The case study of Segment's Profiles Sync page: from what lands, `idgraph apply` builds the tables that the page shows.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::landed;
use support::postgres::Database;

const LANDED: [&str; 4] =
    ["pages", "identifies", "id_graph_updates", "external_id_mapping_updates"];

const BUILT: [&str; 3] = ["id_graph", "external_id_mapping", "profile_traits"];

/// A project with one target.
fn project(target: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = format!(
        "space: acme\ndialects: [postgres, sqlite]\ncontext: [url]\n\
         traits: {{ columns: {{ email: varchar }} }}\nmodels: {{ resolved_events: {{}} }}\n\
         targets: {{ here: {{ {target} }} }}\n"
    );
    fs::write(folder.path().join("idgraph.yml"), text).expect("write the project");
    folder
}

fn idgraph(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_idgraph"))
        .args(arguments)
        .args(["--target", "here"])
        .current_dir(folder)
        .output()
        .expect("run idgraph");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn text(folder: &Path) -> String {
    fs::read_to_string(folder.join("idgraph.yml")).expect("the project")
}

/// The rows that Segment lands, as statements that every database takes.
fn landings() -> String {
    let mut sql = String::new();
    for table in LANDED {
        let path = format!("tests/case-study/landed/{table}.csv");
        let text = fs::read_to_string(path).expect("the landed rows");
        let (columns, rows) = text.split_once('\n').expect("a header");
        for row in rows.lines() {
            let values: Vec<_> = row
                .split(',')
                .map(
                    |value| if value.is_empty() { "NULL".to_owned() } else { format!("'{value}'") },
                )
                .collect();
            sql +=
                &format!("INSERT INTO acme.{table} ({columns}) VALUES ({});\n", values.join(", "));
        }
    }
    sql
}

/// The columns that the page shows of a table, sorted rows below the header.
fn rows(csv: &str, columns: &[String]) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let places: Vec<usize> = columns
        .iter()
        .map(|column| header.iter().position(|name| name == column).expect("the column"))
        .collect();
    let mut rows: Vec<Vec<String>> = reader
        .records()
        .map(|row| row.expect("a row"))
        .map(|row| places.iter().map(|place| row[*place].to_owned()).collect())
        .collect();
    rows.sort();
    rows
}

fn assert_built(folder: &Path) {
    for table in BUILT {
        let path = format!("tests/case-study/expected/{table}.csv");
        let expected = fs::read_to_string(path).expect("the expected rows");
        let columns = expected.lines().next().expect("a header").split(',');
        let columns: Vec<String> = columns.map(str::to_owned).collect();
        let found = idgraph(folder, &["show", table, "--format", "csv"]);
        assert_eq!(rows(&found, &columns), rows(&expected, &columns), "{table}");
    }
}

#[test]
fn postgres_builds_the_tables_of_the_page() {
    let database = Database::new();
    let folder = project(&format!("engine: postgres, url: \"{}\"", database.url()));
    landed::on_postgres(&text(folder.path()), &database.url());
    idgraph(folder.path(), &["apply", "--yes"]);
    database.client().batch_execute(&landings()).expect("land the rows");
    // The second time, nothing is left to do.
    for _ in 0..2 {
        idgraph(folder.path(), &["apply", "--yes"]);
        assert_built(folder.path());
    }
}

#[test]
fn sqlite_builds_the_tables_of_the_page() {
    let folder = project("engine: sqlite, path: acme.db");
    let file = folder.path().join("acme.db");
    landed::on_sqlite(&text(folder.path()), &file);
    idgraph(folder.path(), &["apply", "--yes"]);
    let client = rusqlite::Connection::open_in_memory().expect("SQLite");
    client.execute("ATTACH DATABASE ?1 AS acme", [file.to_str()]).expect("attach the space");
    client.execute_batch(&landings()).expect("land the rows");
    for _ in 0..2 {
        idgraph(folder.path(), &["apply", "--yes"]);
        assert_built(folder.path());
    }
}
