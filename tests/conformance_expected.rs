//! What the conformance suite (`tests/conformance/`) lands and expects: for every fixture, and after each of its batches,
//! the rows of every table as the reference model has them, written to `target/conformance/expected/`.
//!
//! The engines are held against these files, so no expected row comes from the SQL under test.

#[path = "semantics/generate.rs"]
#[allow(dead_code, reason = "a part of it is used here")]
mod generate;
#[path = "semantics/implied.rs"]
#[allow(dead_code, reason = "a part of it is used here")]
mod implied;
#[path = "model/mod.rs"]
mod model;

use std::fs;
use std::path::Path;

use idgraph::dialect::Library;
use idgraph::engine;
use idgraph::project::{Known, LogicalType, NullMeans, Project};
use idgraph::warehouse::{TableColumn, Warehouse};
use model::{Landed, Row, Settings, Value, tables};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value as Json, json};
use serde_yaml::{Mapping, Value as Yaml};

const FOLDER: &str = "tests/conformance";

/// How many merges the deep chain has.
const DEEP: usize = 1200;

/// How many fixtures of random data there are.
const RANDOM: u8 = 3;

/// A fixture: batches that land one after the other, each with the project as it is from then on.
struct Fixture {
    name: String,
    about: String,
    batches: Vec<(Yaml, Landed)>,
}

/// Lays a mapping over another, key by key; NULL takes a key out.
fn over(base: &Yaml, top: &Yaml) -> Yaml {
    match (base, top) {
        (Yaml::Mapping(base), Yaml::Mapping(top)) => {
            let mut merged = base.clone();
            for (key, value) in top {
                if value.is_null() {
                    merged.remove(key);
                    continue;
                }
                let value = base.get(key).map_or_else(|| value.clone(), |old| over(old, value));
                merged.insert(key.clone(), value);
            }
            Yaml::Mapping(merged)
        }
        _ => top.clone(),
    }
}

fn yaml(path: &Path) -> Yaml {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

fn value(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(truth) => Value::from(*truth),
        Yaml::String(text) => Value::from(text.as_str()),
        Yaml::Number(number) => match number.as_i64() {
            Some(whole) => Value::from(whole),
            None => Value::from(number.as_f64().expect("a number")),
        },
        other => panic!("no value of a column: {other:?}"),
    }
}

/// A row as a fixture writes it. Without an `id` it has one of its own, without a `uuid_ts` it is loaded with its batch.
fn row(yaml: &Yaml, batch: usize, number: usize) -> Row {
    let Yaml::Mapping(columns) = yaml else { panic!("no row: {yaml:?}") };
    let named = Row::default()
        .with("id", format!("row {batch}.{number}"))
        .with("uuid_ts", format!("2022-03-{batch:02} 00:00:00"));
    columns.iter().fold(named, |row, (column, cell)| {
        row.with(column.as_str().expect("a column"), value(cell))
    })
}

fn fixture(path: &Path) -> Fixture {
    let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
    let text = yaml(path);
    let mut project = yaml(&Path::new(FOLDER).join("project.yml"));
    let nothing = Yaml::Mapping(Mapping::new());
    project = over(&project, text.get("project").unwrap_or(&nothing));
    let mut batches = Vec::new();
    for batch in text.get("batches").and_then(Yaml::as_sequence).expect("batches") {
        project = over(&project, batch.get("project").unwrap_or(&nothing));
        let mut landed = Landed::default();
        for (table, rows) in batch.get("land").and_then(Yaml::as_mapping).into_iter().flatten() {
            let rows = rows.as_sequence().expect("rows").iter().enumerate();
            let rows = rows.map(|(number, cells)| row(cells, batches.len() + 1, number + 1));
            landed.add(table.as_str().expect("a table"), rows);
        }
        batches.push((project.clone(), landed));
    }
    let about = text.get("about").and_then(Yaml::as_str).expect("about").to_owned();
    Fixture { name, about, batches }
}

/// The case study of Segment's page, in one batch.
fn case_study() -> Fixture {
    let project = yaml(&Path::new(FOLDER).join("project.yml"));
    let own = "{ context: [url], traits: { from: identifies, columns: { email: varchar } }, models: { resolved_events: {} } }";
    let mut project = over(&project, &serde_yaml::from_str(own).expect("YAML"));
    project["traits"]["columns"] = serde_yaml::from_str("{ email: varchar }").expect("YAML");
    let mut landed = Landed::default();
    for file in fs::read_dir("tests/case-study/landed").expect("the case study") {
        let path = file.expect("a file").path();
        let mut reader = csv::Reader::from_path(&path).expect("a table");
        let columns = reader.headers().expect("a first line").clone();
        for record in reader.records() {
            let record = record.expect("a line");
            let cells = record.iter().map(|cell| Value::from((!cell.is_empty()).then_some(cell)));
            let row = Row(columns.iter().map(str::to_owned).zip(cells).collect());
            landed.add(&path.file_stem().expect("a name").to_string_lossy(), [row]);
        }
    }
    let about = "The case study of Segment's Profiles Sync page".to_owned();
    Fixture { name: "case-study".to_owned(), about, batches: vec![(project, landed)] }
}

/// A chain as deep as no recursion of a warehouse with a limit goes (500 at the most), landed from the far end; then its head is
/// merged as well. Views recurse there, so it is for tables alone.
fn deep_chain() -> Fixture {
    let project = yaml(&Path::new(FOLDER).join("project.yml"));
    let mut batches = vec![(project.clone(), Landed::default()), (project, Landed::default())];
    for merge in (0..=DEEP).rev() {
        let row = Row::default()
            .with("id", format!("row {merge}"))
            .with("segment_id", format!("p{merge}"))
            .with(
                "canonical_segment_id",
                if merge == 0 { "p".to_owned() } else { format!("p{}", merge - 1) },
            )
            .with("timestamp", format!("2022-01-01 00:{:02}:{:02}", merge / 60, merge % 60));
        let batch = usize::from(merge == 0);
        let row = row.with("uuid_ts", format!("2022-03-{:02} 00:00:00", batch + 1));
        batches[batch].1.add("id_graph_updates", [row]);
    }
    let about = format!("{DEEP} merges, each into the next, whose end is merged in turn");
    Fixture { name: "deep-chain".to_owned(), about, batches }
}

/// Random rows of a fixed seed, dealt into batches. Rows with an id alone: of others, two that tie in load time are one.
fn random(seed: u8) -> Fixture {
    let project = yaml(&Path::new(FOLDER).join("project.yml"));
    let own = "{ events: { Order Completed: { properties: { total: float } } }, models: { resolved_events: {} } }";
    let mut project = over(&project, &serde_yaml::from_str(own).expect("YAML"));
    // Some with NULL as the source means it.
    if seed.is_multiple_of(2) {
        project["traits"].as_mapping_mut().expect("traits").remove("null_means");
    }
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut batches = vec![(project, Landed::default()); 3];
    // Several draws under ids of their own, so that one fixture holds many shapes.
    for draw in 0..6 {
        let landed = generate::landed("profile_traits_updates");
        let landed = landed.new_tree(&mut runner).expect("random data").current();
        for (table, rows) in landed.0 {
            let rows = rows.into_iter().filter(|row| !row.get("id").is_null());
            for (number, row) in rows.enumerate() {
                let batch = (number * 7 + draw) % batches.len();
                let row = own_ids(row, draw)
                    .with("uuid_ts", format!("2022-03-{:02} 00:00:00", batch + 1));
                batches[batch].1.add(&table, [row]);
            }
        }
    }
    let about = format!("Random rows, seed {seed}");
    Fixture { name: format!("random-{seed}"), about, batches }
}

fn own_ids(row: Row, draw: usize) -> Row {
    ["id", "segment_id", "canonical_segment_id", "external_id_value"].iter().fold(
        row,
        |row, column| {
            let Some(text) = row.text(column) else { return row };
            let text = format!("{text}~{draw}");
            row.with(column, text)
        },
    )
}

/// Fixtures of one project as one, each under ids of its own: for engines that take long over every statement.
fn together(name: &str, members: &[Fixture]) -> Fixture {
    let project = &members.first().expect("a fixture").batches.first().expect("a batch").0;
    let longest = members.iter().map(|member| member.batches.len()).max().unwrap_or_default();
    let mut batches = vec![(project.clone(), Landed::default()); longest];
    for (number, member) in members.iter().enumerate() {
        for ((_, batch), (_, own)) in batches.iter_mut().zip(&member.batches) {
            for (table, rows) in &own.0 {
                batch.add(table, rows.iter().map(|row| own_ids(row.clone(), number)));
            }
        }
    }
    let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
    Fixture { name: name.to_owned(), about: names.join(" "), batches }
}

/// Groups of fixtures that agree in their project and land something at once.
fn groups(fixtures: Vec<Fixture>) -> Vec<(Yaml, Vec<Fixture>)> {
    let mut groups: Vec<(Yaml, Vec<Fixture>)> = Vec::new();
    for fixture in fixtures {
        let Some((project, landed)) = fixture.batches.first() else { continue };
        let is_steady = fixture.batches.iter().all(|(other, _)| other == project);
        // What is about emptiness, or an id of no characters, is not the same among others. The long chain is deeper than a view
        // of Databricks recurses, and would take the others with it.
        let is_apart = matches!(fixture.name.as_str(), "hostile-values" | "long-chain");
        if landed.0.is_empty() || !is_steady || is_apart {
            continue;
        }
        match groups.iter_mut().find(|(known, _)| known == project) {
            Some((_, members)) => members.push(fixture),
            None => groups.push((project.clone(), vec![fixture])),
        }
    }
    groups.retain(|(_, members)| members.len() > 1);
    groups
}

fn fixtures() -> Vec<Fixture> {
    let mut paths: Vec<_> = fs::read_dir(Path::new(FOLDER).join("fixtures"))
        .expect("fixtures")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    let written = paths.iter().map(|path| fixture(path));
    [case_study()].into_iter().chain(written).chain((1..=RANDOM).map(random)).collect()
}

fn warehouse(project: &Yaml) -> Warehouse {
    let text = serde_yaml::to_string(project).expect("YAML");
    let text = text.replace("KEPT", "table").replace("DIALECT", "postgres");
    let known = Known { dialects: Library::embedded().names(), engines: engine::known() };
    let project = Project::parse(Path::new("idgraph.yml"), &text, &known);
    Warehouse::of(&project.unwrap_or_else(|error| panic!("{error}")))
}

fn settings(warehouse: &Warehouse) -> Settings {
    Settings {
        traits_from: warehouse.traits_from.to_owned(),
        traits: warehouse.traits().iter().map(|column| column.name.clone()).collect(),
        renamed_from: warehouse
            .traits()
            .iter()
            .map(|column| (column.name.clone(), column.renamed_from.clone()))
            .collect(),
        events: warehouse.models.iter().filter_map(|table| table.reads.clone()).collect(),
        null_means_unset: warehouse.null_means == NullMeans::Unset,
        has_operation: warehouse.removals,
    }
}

fn json_row(row: &Row) -> Json {
    let cell = |value: &Value| match value {
        Value::Null => Json::Null,
        Value::Boolean(truth) => json!(truth),
        Value::Integer(number) => json!(number),
        Value::Float(number) => json!(number),
        Value::Text(text) => json!(text),
    };
    row.0.iter().map(|(column, value)| (column.clone(), cell(value))).collect::<Map<_, _>>().into()
}

fn json_rows(rows: &[Row]) -> Json {
    rows.iter().map(json_row).collect()
}

/// A table's columns with their logical types, in order.
fn json_columns(columns: &[TableColumn]) -> Json {
    let name = |logical| match logical {
        LogicalType::Varchar => "varchar",
        LogicalType::Timestamp => "timestamp",
        LogicalType::Integer => "integer",
        LogicalType::Float => "float",
        LogicalType::Boolean => "boolean",
    };
    columns.iter().map(|column| json!([column.name, name(column.logical_type)])).collect()
}

fn json_fixture(fixture: &Fixture) -> Json {
    let mut landed = Landed::default();
    let mut batches = Vec::new();
    for (project, batch) in &fixture.batches {
        let warehouse = warehouse(project);
        for (table, rows) in &batch.0 {
            let table = warehouse
                .landed_table(table)
                .unwrap_or_else(|| panic!("{}: no table {table}", fixture.name));
            for column in rows.iter().flat_map(|row| row.0.keys()) {
                let is_there = table.columns.iter().any(|known| known.name == *column);
                assert!(is_there, "{}: {} has no {column}", fixture.name, table.name);
            }
            landed.add(&table.name, rows.clone());
        }
        let expected = tables(&landed, &settings(&warehouse));
        let models = warehouse.models.iter().map(|table| {
            let model =
                if table.reads.is_some() { table.name.as_str() } else { table.model.name() };
            let rows = json_rows(&expected[model]);
            (table.name.clone(), json!({ "columns": json_columns(&table.columns), "rows": rows }))
        });
        let tables = warehouse.landed.iter().map(|table| {
            (table.name.clone(), json!({ "columns": json_columns(&table.columns), "rows": json_rows(batch.rows(&table.name)) }))
        });
        batches.push(json!({
            "project": serde_yaml::to_string(project).expect("YAML"),
            "space": warehouse.space,
            "models_schema": warehouse.models_schema,
            "landed": tables.collect::<Map<_, _>>(),
            "expected": models.collect::<Map<_, _>>(),
        }));
    }
    json!({ "name": fixture.name, "about": fixture.about, "batches": batches })
}

#[test]
fn every_fixture_has_expected_rows_from_the_model() {
    let folder = Path::new("target/conformance/expected");
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).expect("a folder");
    let fixtures = fixtures();
    assert!(fixtures.len() > 20, "{}", fixtures.len());
    for fixture in &fixtures {
        write(folder, json_fixture(fixture));
    }
    let mut deep = json_fixture(&deep_chain());
    deep["kinds"] = json!(["table", "incremental"]);
    write(folder, deep);
    for (number, (_, members)) in groups(fixtures).iter().enumerate() {
        let mut json = json_fixture(&together(&format!("together-{}", number + 1), members));
        json["members"] = members.iter().map(|member| member.name.as_str()).collect();
        write(folder, json);
    }
}

fn write(folder: &Path, fixture: Json) {
    let name = fixture["name"].as_str().expect("a name");
    let text = serde_json::to_string_pretty(&fixture).expect("JSON");
    fs::write(folder.join(format!("{name}.json")), text).expect("write");
}

/// The same seed must give the same rows on every run, or a difference could not be looked at again.
#[test]
fn random_fixtures_are_the_same_every_time() {
    for seed in 1..=RANDOM {
        assert_eq!(json_fixture(&random(seed)), json_fixture(&random(seed)));
    }
}

/// Landed rows that are told to have nothing where `idgraph test` gives them an id and load times of their own.
fn said(mut tables: Map<String, Json>) -> Map<String, Json> {
    let rows = tables.values_mut().filter_map(Json::as_array_mut).flatten();
    for row in rows.filter_map(Json::as_object_mut) {
        for column in ["id", "received_at", "uuid_ts"] {
            row.entry(column).or_insert(Json::Null);
        }
    }
    tables
}

/// Expected rows without the text of a number with a fraction, which each warehouse writes in its own way.
fn expected(mut tables: Map<String, Json>) -> Map<String, Json> {
    let rows = tables.get_mut("long_traits").and_then(Json::as_array_mut);
    for row in rows.into_iter().flatten().filter_map(Json::as_object_mut) {
        if row.get("name") == Some(&json!("score")) {
            row.remove("value");
        }
    }
    tables
}

/// `idgraph test` finds that the fixtures come out as the model says, kept as tables and incrementally.
#[test]
fn the_fixtures_pass_idgraph_test_with_the_rows_of_the_model() {
    let mut played = 0;
    for fixture in fixtures() {
        let json = json_fixture(&fixture);
        let Some((project, _)) = fixture.batches.first() else { continue };
        // A fixture of `idgraph test` is about one project.
        if fixture.batches.iter().any(|(other, _)| other != project) {
            continue;
        }
        let rows = |tables: &Json| -> Map<String, Json> {
            let tables = tables.as_object().expect("tables");
            let rows = |table: &Json| table.get("rows").expect("rows").clone();
            tables.iter().map(|(name, table)| (name.clone(), rows(table))).collect()
        };
        let batches = json["batches"].as_array().expect("batches").iter();
        let batches: Vec<Json> = batches
            .map(|batch| json!({ "land": said(rows(&batch["landed"])), "expect": expected(rows(&batch["expected"])) }))
            .collect();
        let text = json!({ "about": fixture.about, "batches": batches }).to_string();
        for kept in ["table", "incremental"] {
            let project = serde_yaml::to_string(project).expect("YAML");
            let project = project.replace("KEPT", kept).replace("DIALECT", "sqlite");
            let folder = tempfile::tempdir().expect("a folder");
            fs::write(folder.path().join("idgraph.yml"), project).expect("write");
            fs::create_dir(folder.path().join("fixtures")).expect("a folder");
            let run = |text: &str| {
                fs::write(folder.path().join("fixtures/one.yml"), text).expect("write");
                let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_idgraph"));
                let output = command.arg("test").current_dir(folder.path()).output().expect("run");
                let text = [output.stdout, output.stderr].concat();
                (output.status.code(), String::from_utf8(text).expect("UTF-8"))
            };
            let (code, said) = run(&text);
            assert_eq!(code, Some(0), "{}, {kept}:\n{said}", fixture.name);
            played += 1;
        }
    }
    assert!(played > 40, "{played}");
}
