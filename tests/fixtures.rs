//! `idgraph test`: fixtures are played, and what differs from the tables expected is shown to the cell.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::command::{Run, Running, command, finish, idgraph};
use support::postgres::Database;
use tempfile::TempDir;

const PROJECT: &str = "space: acme
dialects: [sqlite, postgres]
context: [url]
traits:
  columns: { email: varchar, visits: integer, score: float, is_vip: boolean, seen: timestamp }
events: { Order Completed: { properties: { total: float } } }
models:
  resolved_events: {}
  user_traits: { name: long_traits }
targets:
  local: { engine: sqlite, path: acme.db }
  warehouse: { engine: postgres, url: \"${DATABASE_URL}\" }
";

/// One of each type, a NULL, an empty text, a late merge.
const TYPES: &str = "about: One value of each type
batches:
  - land:
      identifies:
        - { segment_id: p, timestamp: 2022-01-01, email: '', visits: -3, score: 1, is_vip: false, seen: 2022-01-01T10:00:00.50Z }
        - { segment_id: q, timestamp: 2022-01-02, email: \"a\\nb\\t'c' \\\\ \\\"d\\\"\", score: 2.5e-7 }
      order_completed:
        - { id: o, segment_id: q, timestamp: 2022-01-02, total: 0.1 }
    expect:
      profile_traits:
        - { canonical_segment_id: q, email: \"a\\nb\\t'c' \\\\ \\\"d\\\"\", visits: null, score: 0.00000025, is_vip: null, seen: null }
        - { canonical_segment_id: p, email: '', visits: -3, score: 1.0, is_vip: false, seen: 2022-01-01 10:00:00.5, merged_to: null }
      order_completed_resolved:
        - { id: o, canonical_segment_id: q, total: 0.1 }
  - land:
      id_graph_updates:
        - { segment_id: q, canonical_segment_id: p, timestamp: 2022-01-03 }
    expect:
      id_graph:
        - { segment_id: q, canonical_segment_id: p }
        - { segment_id: p }
      order_completed_resolved:
        - { canonical_segment_id: p }
";

/// A project with fixtures by name.
fn project(text: &str, fixtures: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("idgraph.yml"), text).expect("write");
    fs::create_dir(folder.path().join("fixtures")).expect("a folder");
    for (name, text) in fixtures {
        fs::write(folder.path().join("fixtures").join(name), text).expect("write");
    }
    folder
}

fn test(folder: &TempDir, further: &[&str]) -> Run {
    idgraph(folder.path(), &[&["test"], further].concat())
}

/// The fixtures on a Postgres.
fn on_postgres(folder: &TempDir, database: &Database<'_>, further: &[&str]) -> Run {
    let arguments = [&["test", "--target", "warehouse"], further].concat();
    let mut command = command(folder.path(), &arguments);
    command.env("DATABASE_URL", database.url());
    finish(command)
}

/// Every schema, extension and table that a database has.
fn catalog(database: &Database<'_>) -> Vec<String> {
    let sql = "SELECT nspname::text FROM pg_namespace WHERE nspname !~ '^pg_(temp|toast)'
        UNION ALL SELECT 'extension ' || extname FROM pg_extension
        UNION ALL SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname !~ '^pg_|^information_schema'
        ORDER BY 1";
    database.client().query(sql, &[]).expect("catalog").iter().map(|row| row.get(0)).collect()
}

fn fixture(folder: &TempDir, name: &str) -> String {
    fs::read_to_string(folder.path().join("fixtures").join(name)).expect("a fixture")
}

#[test]
fn values_of_every_type_are_landed_and_compared_on_sqlite() {
    let folder = project(PROJECT, &[("types.yml", TYPES)]);
    let run = test(&folder, &[]).fine();
    assert_eq!(run.stdout, "ok    fixtures/types.yml  One value of each type\n");
    assert_eq!(run.stderr, "1 fixture, all as expected\n");
    // A target that is a file is not touched either.
    test(&folder, &["--target", "local"]).fine();
    assert!(!folder.path().join("acme.db").exists());
}

#[test]
fn values_of_every_type_are_landed_and_compared_on_postgres() {
    let database = Database::new();
    let folder = project(PROJECT, &[("types.yml", TYPES)]);
    database
        .client()
        .batch_execute("CREATE SCHEMA acme; CREATE TABLE acme.id_graph (x int)")
        .expect("a table");
    let before = catalog(&database);
    on_postgres(&folder, &database, &[]).fine();
    assert_eq!(catalog(&database), before, "nothing is left, and no extension either");
}

#[test]
fn a_value_that_differs_in_anything_is_found_on_both_engines() {
    let database = Database::new();
    for (right, wrong) in [
        ("visits: -3, score: 1.0", "visits: -4, score: 1.0"),
        ("score: 1.0, is_vip", "score: 1.5, is_vip"),
        ("is_vip: false, seen: 2022-01-01 10:00:00.5", "is_vip: true, seen: 2022-01-01 10:00:00.5"),
        ("is_vip: false, seen: 2022-01-01 10:00:00.5", "is_vip: false, seen: 2022-01-01 10:00:00"),
        ("canonical_segment_id: p, email: ''", "canonical_segment_id: p, email: null"),
        ("visits: null, score: 0.00000025", "visits: 0, score: 0.00000025"),
        ("        - { segment_id: p }\n", ""),
        (
            "        - { segment_id: p }\n",
            "        - { segment_id: p }\n        - { segment_id: p }\n",
        ),
        (
            "{ id: o, canonical_segment_id: q, total: 0.1 }",
            "{ id: o, canonical_segment_id: q, total: 0.2 }",
        ),
    ] {
        let text = TYPES.replacen(right, wrong, 1);
        assert_ne!(text, TYPES, "{right}");
        let folder = project(PROJECT, &[("types.yml", &text)]);
        for run in [test(&folder, &[]), on_postgres(&folder, &database, &[])] {
            let run = run.exits(1).says(&["1 fixture, 1 is not as expected"]);
            assert!(run.stdout.starts_with("FAIL  fixtures/types.yml"), "{}", run.stdout);
        }
    }
}

/// The report as people see it.
#[test]
fn what_differs_is_shown_cell_by_cell_with_the_line() {
    let text = "batches:
  - land:
      id_graph_updates:
        - { segment_id: p, timestamp: 2022-01-01 }
        - { segment_id: q, canonical_segment_id: p, timestamp: 2022-01-02 }
        - { segment_id: r, timestamp: 2022-01-03 }
      identifies:
        - { segment_id: p, email: x, visits: 1 }
    expect:
      id_graph:
        - { segment_id: p, canonical_segment_id: p }
        - { segment_id: q, canonical_segment_id: r }
        - { segment_id: s, canonical_segment_id: s }
      profile_traits:
        - { email: x, visits: 2 }
        - { email: null }
        - { email: null }
";
    let folder = project(PROJECT, &[("a.yml", text)]);
    let run = test(&folder, &[]).exits(1);
    assert_eq!(
        run.stdout,
        "FAIL  fixtures/a.yml

  batch 1, id_graph: 1 row differs, 1 row missing, 1 row not expected
    line  row           segment_id  canonical_segment_id
    ────  ────────────  ──────────  ────────────────────
    12    expected      q           r
          got                       p
    13    missing       s           s
    10    not expected  r           r

  batch 1, profile_traits: 1 row differs
    line  row       canonical_segment_id  email  visits
    ────  ────────  ────────────────────  ─────  ──────
    15    expected                        x      2
          got       p                            1

"
    );
    let json: Value =
        serde_json::from_str(&test(&folder, &["--format", "json"]).exits(1).stdout).expect("JSON");
    let table = &json["fixtures"][0]["batches"][0]["tables"][0];
    assert_eq!((&json["fine"], &table["fine"]), (&Value::Bool(false), &Value::Bool(false)));
    assert_eq!(table["differences"][0]["kind"], "changed");
    assert_eq!(table["differences"][0]["line"], 12);
    assert_eq!(table["differences"][0]["got"]["canonical_segment_id"], "p");
    let junit = test(&folder, &["--format", "junit"]).exits(1).stdout;
    assert!(junit.contains("tests=\"2\" failures=\"2\""), "{junit}");
    assert!(
        junit.contains("<testcase classname=\"fixtures/a.yml\" name=\"batch 1: id_graph\">"),
        "{junit}"
    );
}

#[test]
fn an_update_writes_what_came_out_and_nothing_else() {
    let text = "# A comment at the top
about: \"An update\"   # of rows
batches:

  - land:   # two rows
      identifies: [{ segment_id: p, email: \"x: y\", visits: 1, timestamp: 2022-01-01 }]
      id_graph_updates:
      # who is who
      - { segment_id: q, canonical_segment_id: p,
          timestamp: 2022-01-02 }
    expect:
      id_graph: []   # fill this in
      profile_traits:
        # the one that stays
        - canonical_segment_id: p   # its id
          email: wrong              # its address
          visits: ~
        # goes
        - { canonical_segment_id: gone }

        # changes
        - { merged_to: 'z', canonical_segment_id: q } # behind
      identifies_resolved: [{ canonical_segment_id: p }, { canonical_segment_id: p }]
      long_traits:
        - { name: nothing, value: '1' }
        - { name: email }
";
    let expected = "# A comment at the top
about: \"An update\"   # of rows
batches:

  - land:   # two rows
      identifies: [{ segment_id: p, email: \"x: y\", visits: 1, timestamp: 2022-01-01 }]
      id_graph_updates:
      # who is who
      - { segment_id: q, canonical_segment_id: p,
          timestamp: 2022-01-02 }
    expect:
      id_graph:
        - { segment_id: p, canonical_segment_id: p, timestamp: 2022-01-02 00:00:00 }
        - { segment_id: q, canonical_segment_id: p, timestamp: 2022-01-02 00:00:00 }   # fill this in
      profile_traits:
        # the one that stays
        - canonical_segment_id: p   # its id
          email: 'x: y'              # its address
          visits: 1
        # goes

        # changes
        - { merged_to: p, canonical_segment_id: q } # behind
      identifies_resolved: [{ canonical_segment_id: p }]
      long_traits:
        - { name: email }
        - { name: visits, value: '1' }
";
    let folder = project(PROJECT, &[("a.yml", text), ("fine.yml", TYPES)]);
    let run = test(&folder, &["--update"]).fine().says(&["wrote fixtures/a.yml"]);
    assert!(run.stdout.contains("not expected"), "shown before it is written: {}", run.stdout);
    assert_eq!(fixture(&folder, "a.yml"), expected);
    assert_eq!(fixture(&folder, "fine.yml"), TYPES);
    test(&folder, &[]).fine();
    // Line ends of Windows stay.
    let windows = text.replace('\n', "\r\n");
    fs::write(folder.path().join("fixtures/a.yml"), windows).expect("write");
    test(&folder, &["--update"]).fine();
    assert_eq!(fixture(&folder, "a.yml"), expected.replace('\n', "\r\n"));
}

#[test]
#[cfg(unix)]
fn a_fixture_that_is_written_keeps_its_byte_order_mark_its_permissions_and_a_link_to_it() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let text = "\u{feff}batches:
  - land: { id_graph_updates: [{ segment_id: p, canonical_segment_id: p }] }
    expect:
      id_graph:
        - { segment_id: q }
";
    let folder = project(PROJECT, &[("real.yml", text)]);
    let real = folder.path().join("fixtures/real.yml");
    fs::rename(&real, folder.path().join("real.yml")).expect("moved");
    let real = folder.path().join("real.yml");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("permissions");
    symlink("../real.yml", folder.path().join("fixtures/a.yml")).expect("a link");
    test(&folder, &["--update"]).fine();
    let written = fs::read_to_string(&real).expect("read");
    assert!(written.starts_with("\u{feff}batches:") && written != text, "{written}");
    let mode = fs::metadata(&real).expect("metadata").permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert!(folder.path().join("fixtures/a.yml").is_symlink());
    test(&folder, &[]).fine();
}

#[test]
fn what_cannot_be_edited_is_left_as_it_is_in_every_fixture() {
    let good = "batches: [{ expect: { id_graph: [{ segment_id: p }] } }]\n";
    // The one is expected and lands, too; of the other, what stands behind the sign would be replaced.
    for bad in [
        "batches:
  - expect: { id_graph: [{ segment_id: &profile p }] }
  - land: { id_graph_updates: [{ segment_id: *profile }, { segment_id: q }] }
    expect: { id_graph: [{ segment_id: q }] }
",
        "batches:
  - land: { id_graph_updates: [{ segment_id: p, canonical_segment_id: p }] }
    expect:
      profile_traits:
        - canonical_segment_id: p
          email: >-
            wrong
",
    ] {
        let folder = project(PROJECT, &[("a.yml", good), ("b.yml", bad)]);
        let run = test(&folder, &["--update"]).exits(2);
        run.says(&["fixture-edit", "fixtures/b.yml", "nothing was written"]);
        assert_eq!(fixture(&folder, "b.yml"), bad);
        assert_eq!(fixture(&folder, "a.yml"), good);
    }
}

#[test]
fn without_fixtures_and_with_mistakes_in_several_nothing_runs() {
    let folder = project(PROJECT, &[]);
    test(&folder, &[]).exits(2).says(&["no-fixtures", "idgraph init"]);
    test(&folder, &["fixtures/nowhere.yml"])
        .exits(2)
        .says(&["file-missing", "there is no fixture `fixtures/nowhere.yml`"]);
    let folder =
        project(PROJECT, &[("a.yml", "batches: 1\n"), ("b.yaml", "batch: []\n"), ("c.yml", TYPES)]);
    let run = test(&folder, &[]).exits(2).says(&["fixtures/a.yml", "fixtures/b.yaml"]);
    assert_eq!(run.stdout, "");
    // One that is named runs alone, and a folder stands for what is in it.
    test(&folder, &["fixtures/c.yml"]).fine();
    test(&folder, &["fixtures"]).exits(2);
    // A project's own mistakes are its own.
    fs::write(folder.path().join("idgraph.yml"), "spcae: acme\n").expect("write");
    test(&folder, &["fixtures/c.yml"]).exits(2).says(&["unknown-key", "did you mean `space`"]);
    fs::write(folder.path().join("idgraph.yml"), PROJECT).expect("write");
    test(&folder, &["fixtures/c.yml", "--target", "wharehouse"])
        .exits(2)
        .says(&["did you mean `warehouse`"]);
}

/// Loaded behind everything before, whatever the load times that a fixture says.
#[test]
fn a_row_without_a_load_time_is_never_missed_by_an_incremental_model() {
    let text = PROJECT.replace(
        "models:\n",
        "models:\n  id_graph: { materialized: incremental }\n  profile_traits: { materialized: incremental }\n",
    ) + "incremental: { lookback: 0m }\n";
    let fixture = "batches:
  - land: { identifies: [{ segment_id: p, email: a, timestamp: 2022-01-01, uuid_ts: 2023-12-31 23:30:00 }] }
    expect: { profile_traits: [{ email: a }] }
  - land: { identifies: [{ segment_id: p, email: b, timestamp: 2022-01-02 }] }
    expect: { profile_traits: [{ email: b }] }
  - land: { identifies: [{ segment_id: q, email: late, timestamp: 2022-01-03, uuid_ts: 2022-01-03 }] }
    expect: { profile_traits: [{ email: b }] }
  - refresh: full
    expect: { profile_traits: [{ email: b }, { email: late }] }
";
    let folder = project(&text, &[("a.yml", fixture)]);
    test(&folder, &[]).fine();
    let database = Database::new();
    on_postgres(&folder, &database, &[]).fine();
}

/// In memory, where a view reads no table of another schema, all is in one.
#[test]
fn models_in_a_schema_of_their_own_are_played_as_views_too() {
    let text = "space: acme\nmodels_schema: built\ndialects: [postgres]\ntraits: { columns: { email: varchar } }\n\
        models: { id_graph: {}, profile_traits: { materialized: view }, user_traits: {} }\n\
        targets: { warehouse: { engine: postgres, url: '${DATABASE_URL}' } }\n";
    let fixture = "batches:
  - land:
      id_graph_updates: [{ segment_id: p, canonical_segment_id: p, timestamp: 2022-01-01 }]
      identifies: [{ segment_id: p, email: a, timestamp: 2022-01-01 }]
    expect: { profile_traits: [{ email: a }], user_traits: [{ name: email, value: a }] }
";
    let folder = project(text, &[("a.yml", fixture)]);
    test(&folder, &[]).fine();
    on_postgres(&folder, &Database::new(), &[]).fine();
    // Only there could one take the other's place.
    let text = text.replace("user_traits: {}", "user_traits: { name: identifies }");
    let fixture = fixture.replace("user_traits", "identifies");
    let folder = project(&text, &[("a.yml", &fixture)]);
    test(&folder, &[]).exits(2).says(&["error[segments-table]", "called `identifies`"]);
}

#[test]
fn an_extension_is_not_made_for_a_test() {
    let database = Database::new();
    let folder = project(PROJECT, &[("types.yml", TYPES)]);
    let before = catalog(&database);
    on_postgres(&folder, &database, &[]).fine();
    assert_eq!(catalog(&database), before);
}

#[test]
fn a_failure_on_the_server_leaves_nothing_behind() {
    let database = Database::new();
    let folder = project(PROJECT, &[("types.yml", TYPES)]);
    let before = catalog(&database);
    // Who may make schemas and no temporary tables comes as far as the first model.
    let role = format!("{}_maker", database.name());
    let sql = format!(
        "CREATE ROLE {role}; GRANT CREATE ON DATABASE {0} TO {role};
         REVOKE TEMPORARY ON DATABASE {0} FROM PUBLIC;",
        database.name()
    );
    database.client().batch_execute(&sql).expect("a role");
    let mut command = command(folder.path(), &["test", "--target", "warehouse"]);
    command.env("DATABASE_URL", database.url()).env("PGOPTIONS", format!("-c role={role}"));
    let run = finish(command).exits(2);
    let after = catalog(&database);
    let sql = format!("DROP OWNED BY {role} CASCADE; DROP ROLE {role}");
    database.client().batch_execute(&sql).expect("drop the role");
    run.says(&["permission denied", "temporary tables", "in the fixture fixtures/types.yml"]);
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    assert_eq!(sorted(after), sorted(before));
}

#[test]
fn ctrl_c_on_the_server_leaves_nothing_behind() {
    let database = Database::new();
    let rows: String = (0..20_000)
        .map(|row| format!("        - {{ segment_id: p{row}, timestamp: 2022-01-01 }}\n"))
        .collect();
    let slow = format!(
        "batches:\n  - land:\n      id_graph_updates:\n{rows}    expect: {{ id_graph: [] }}\n"
    );
    let folder = project(PROJECT, &[("a.yml", TYPES), ("slow.yml", &slow)]);
    let before = catalog(&database);
    let mut command = command(folder.path(), &["test", "--target", "warehouse"]);
    command.env("DATABASE_URL", database.url());
    let running = Running::start(command);
    let mut client = database.client();
    let sql = "SELECT count(*) FROM pg_namespace WHERE nspname ~ '^idgraph_test_'";
    while client.query_one(sql, &[]).expect("schemas").get::<_, i64>(0) == 0 {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    running.interrupt();
    running.finish().exits(2).says(&["stopped by Ctrl-C"]);
    assert_eq!(catalog(&database), before);
}

/// The first fixture that `init` writes is the case study of the document, and passes.
#[test]
fn init_writes_the_case_study_as_a_fixture_that_passes() {
    let folder = tempfile::tempdir().expect("a folder");
    idgraph(folder.path(), &["init"]).fine().says(&["wrote ./fixtures/case-study.yml"]);
    test(&folder, &[]).fine();
    let text =
        fs::read_to_string(folder.path().join("fixtures/case-study.yml")).expect("a fixture");
    let fixture: serde_yaml::Value = serde_yaml::from_str(&text).expect("YAML");
    let batches = fixture["batches"].as_sequence().expect("batches");
    let mut compared = 0;
    for table in ["id_graph_updates", "external_id_mapping_updates", "identifies"] {
        let rows: Vec<_> = batches
            .iter()
            .flat_map(|batch| batch["land"][table].as_sequence().expect("rows"))
            .collect();
        compared += same_rows(&format!("landed/{table}"), &rows);
    }
    let last = batches.last().expect("a batch");
    for table in ["id_graph", "external_id_mapping", "profile_traits"] {
        let rows: Vec<_> = last["expect"][table].as_sequence().expect("rows").iter().collect();
        compared += same_rows(&format!("expected/{table}"), &rows);
    }
    assert_eq!(compared, 3 + 3 + 2 + 2 + 3 + 2);
}

/// Asserts that rows are those of a file of the case study, in the columns that they name; returns how many.
fn same_rows(file: &str, rows: &[&serde_yaml::Value]) -> usize {
    let mut reader =
        csv::Reader::from_path(format!("tests/case-study/{file}.csv")).expect("a table");
    let names = reader.headers().expect("a first line").clone();
    let all: Vec<csv::StringRecord> =
        reader.records().map(|record| record.expect("a line")).collect();
    assert_eq!(rows.len(), all.len(), "{file}");
    for (row, record) in rows.iter().zip(&all) {
        for (name, value) in row.as_mapping().expect("a row") {
            let place =
                names.iter().position(|column| Some(column) == name.as_str()).expect("a column");
            let written = value.as_str().unwrap_or_default();
            assert_eq!(written, &record[place], "{file}: {name:?}");
        }
    }
    rows.len()
}

/// Mistakes are explained: `tests/fixture-mistakes/<code>.yml` and the whole message beside it.
#[test]
fn every_mistake_in_a_fixture_is_explained_as_reviewed() {
    let mut files: Vec<PathBuf> = fs::read_dir("tests/fixture-mistakes")
        .expect("mistakes")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|end| end == "yml"))
        .collect();
    files.sort();
    let mut differ = Vec::new();
    for path in &files {
        let name = path.file_name().expect("a name").to_str().expect("text");
        let folder = project(PROJECT, &[(name, &fs::read_to_string(path).expect("a fixture"))]);
        let message = test(&folder, &[]).exits(2).stderr;
        let stem = name.trim_end_matches(".yml");
        let shows_code =
            |part: &str| part.split(']').next().is_some_and(|code| stem.starts_with(code));
        assert!(
            message.split("error[").skip(1).any(shows_code),
            "{name} does not show its code:\n{message}"
        );
        let expected = path.with_extension("txt");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&expected, &message).expect("write");
        } else if fs::read_to_string(&expected).ok().as_ref() != Some(&message) {
            differ.push(format!("{}:\n{message}", expected.display()));
        }
    }
    assert!(files.len() > 10);
    assert!(differ.is_empty(), "not as reviewed (UPDATE=1 rewrites them):\n{}", differ.join("\n"));
}

#[test]
fn a_huge_fixture_is_refused_in_one_message() {
    let folder = project(PROJECT, &[]);
    let file = folder.path().join("fixtures/huge.yml");
    fs::File::create(Path::new(&file)).expect("a file").set_len(9 << 20).expect("length");
    test(&folder, &[]).exits(2).says(&["file-too-big", "too big for a fixture"]);
}

/// The schema is one that the fixtures meet, with the project's own tables.
#[test]
fn the_schema_of_fixtures_has_the_projects_tables_and_columns() {
    let folder = project(PROJECT, &[]);
    let schema = idgraph(folder.path(), &["schema", "--fixture"]).fine().stdout;
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    let batch = &schema["properties"]["batches"]["items"]["properties"];
    let total = &batch["land"]["properties"]["order_completed"]["items"]["properties"]["total"];
    assert_eq!(total["type"], serde_json::json!(["number", "null"]));
    assert!(batch["expect"]["properties"]["order_completed_resolved"].is_object());
}

/// The example of docs/fixtures.md passes, and differs as the page and README.md show.
#[test]
fn the_example_of_the_page_is_played() {
    let page = include_str!("../docs/fixtures.md");
    let block = |page: &str, language: &str| {
        let (_, rest) = page.split_once(&format!("```{language}\n")).expect("a block");
        rest.split_once("```").expect("its end").0.to_owned()
    };
    let example = block(page, "yaml");
    let text = "space: acme\ndialects: [sqlite]\ntraits: { columns: { plan: varchar } }\n";
    let folder = project(text, &[("merge.yml", &example)]);
    test(&folder, &[]).fine();
    let wrong = "{ canonical_segment_id: p1, plan: free, merged_to: null }";
    let wrong = example.replace("{ canonical_segment_id: p1, plan: pro, merged_to: null }", wrong);
    fs::write(folder.path().join("fixtures/merge.yml"), wrong).expect("write");
    let shown = test(&folder, &[]).exits(1).stdout;
    let shown = shown.trim_end();
    assert_eq!(block(page, "text").trim_end(), shown);
    assert!(include_str!("../README.md").contains(shown), "{shown}");
}

#[test]
fn every_key_is_explained() {
    let page = include_str!("../docs/fixtures.md");
    let folder = project(PROJECT, &[]);
    let schema: Value =
        serde_json::from_str(&idgraph(folder.path(), &["schema", "--fixture"]).fine().stdout)
            .expect("JSON");
    let batch = &schema["properties"]["batches"]["items"]["properties"];
    let keys = |schema: &Value, before: &str| -> Vec<String> {
        schema.as_object().expect("keys").keys().map(|key| format!("| `{before}{key}`")).collect()
    };
    for key in [keys(&schema["properties"], ""), keys(batch, "batches.")].concat() {
        assert!(page.contains(&key), "docs/fixtures.md lacks {key}");
    }
}
