//! The document's case study: its landed rows, and exactly its three tables.

use std::fs;
use std::path::Path;

use crate::built::{Built, compare};
use crate::model::{Landed, Row, Value, tables};

const PROJECT: &str = "
space: acme
dialects: [postgres, sqlite]
context: [url]
traits: { columns: { email: varchar } }
models: { resolved_events: { materialized: view } }";

/// The rows of a CSV file of `tests/case-study`; an empty field is NULL.
fn rows(path: &Path) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(path).expect("a table of the case study");
    let columns = reader.headers().expect("a first line").clone();
    let row = |record: csv::StringRecord| {
        let value = |field: &str| Value::from((!field.is_empty()).then_some(field));
        Row(columns.iter().map(str::to_owned).zip(record.iter().map(value)).collect())
    };
    reader.records().map(|record| row(record.expect("a line"))).collect()
}

fn folder(name: &str) -> Vec<(String, Vec<Row>)> {
    let files = fs::read_dir(Path::new("tests/case-study").join(name)).expect("the case study");
    let paths = files.map(|file| file.expect("a file").path());
    paths
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), rows(&path)))
        .collect()
}

#[test]
fn the_document_s_case_study_comes_out_exactly() {
    let landed = Landed(folder("landed").into_iter().collect());
    for mut built in Built::on_all(PROJECT) {
        let got = built.build(&landed);
        for (table, expected) in folder("expected") {
            // The document's tables have no hash; the model is held to it below.
            let shown = |row: &Row| {
                let mut row = row.clone();
                row.0.remove("external_id_hash");
                row
            };
            let got: Vec<_> = got[&table].iter().map(shown).collect();
            let difference = compare::difference(&table, &expected, &got);
            assert!(difference.is_none(), "{}: {table}\n{}", built.name(), difference.unwrap());
        }
        let expected = tables(&landed, &built.settings());
        compare::same(built.name(), &expected, &got, &landed).unwrap_or_else(|why| panic!("{why}"));
    }
}

#[test]
fn the_reference_model_agrees_with_the_document() {
    let landed = Landed(folder("landed").into_iter().collect());
    let settings = crate::model::Settings {
        traits_from: "identifies".to_owned(),
        traits: vec!["email".to_owned()],
        ..Default::default()
    };
    let mut model = tables(&landed, &settings);
    for (table, expected) in folder("expected") {
        let mut got = model.remove(&table).unwrap();
        got.iter_mut().for_each(|row| _ = row.0.remove("external_id_hash"));
        let difference = compare::difference(&table, &expected, &got);
        assert!(difference.is_none(), "{table}\n{}", difference.unwrap());
    }
}
