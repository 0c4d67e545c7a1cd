//! Rendered Postgres files in somebody else's runner: one that goes on after errors, on a server with other settings, while rows
//! land and `idgraph refresh` runs.

mod support;

use std::fs;

use postgres::Client;
use support::command::{command, finish};
use support::postgres::Database;
use support::postgres::project::{Project, count, statements};

const PROJECT: &str = "space: acme
dialects: [postgres]
incremental: { load_time: received_at, lookback: 1m }
models:
  id_graph: { materialized: incremental }
  external_id_mapping: { materialized: incremental }
  profile_traits: { materialized: incremental }
  user_traits: { materialized: incremental, name: long_traits }
traits:
  columns:
    email: { type: varchar, description: \"a\\\\'; CREATE TABLE acme.stolen (a text); --\" }
    since: timestamp
";

/// As Segment lands them on Postgres: times without a zone are in UTC.
const LANDED: &str = "
CREATE SCHEMA acme;
CREATE TABLE acme.id_graph_updates (
    id text, segment_id text, canonical_segment_id text, seq text, received_at timestamptz, uuid_ts timestamptz,
    timestamp timestamptz
);
CREATE TABLE acme.external_id_mapping_updates (
    id text, segment_id text, external_id_type text, external_id_value text, external_id_hash text, seq text,
    received_at timestamptz, uuid_ts timestamptz, timestamp timestamptz
);
CREATE TABLE acme.identifies (
    id text, segment_id text, received_at timestamptz, uuid_ts timestamptz, timestamp timestamptz, email text, since timestamp
);";

/// What a server, a database or a role may have set.
const SETTINGS: [&str; 7] = [
    "TimeZone = 'America/New_York'",
    "DateStyle = 'SQL, DMY'",
    "IntervalStyle = 'sql_standard'",
    "standard_conforming_strings = off",
    "quote_all_identifiers = on",
    "search_path = acme",
    "default_transaction_isolation = 'read committed'",
];

/// The rendered files but those of landed tables, in their order.
fn files(project: &Project) -> Vec<(String, String)> {
    finish(command(project.folder(), &["render"])).fine();
    let mut files: Vec<_> = fs::read_dir(project.folder().join("sql/postgres"))
        .expect("files")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| !path.ends_with("10_landed_tables.sql"))
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("a text"))
        })
        .collect();
    files.sort();
    files
}

fn land(client: &mut Client, number: usize) {
    let sql = format!(
        "INSERT INTO acme.id_graph_updates VALUES
             ('g{number}', 'p{number}', 'p{number}', NULL, clock_timestamp(), clock_timestamp(), '2024-01-01 12:00+00');
         INSERT INTO acme.external_id_mapping_updates VALUES
             ('x{number}', 'p{number}', 'email', '{number}@x', NULL, NULL, clock_timestamp(), clock_timestamp(), '2024-01-01 12:00+00');
         INSERT INTO acme.identifies VALUES
             ('i{number}', 'p{number}', clock_timestamp(), clock_timestamp(), '2024-01-01 12:00+00', '{number}@x', '2024-01-01 12:00');"
    );
    client.batch_execute(&sql).expect("land");
}

/// The rows of all models, as text.
fn rows(client: &mut Client) -> Vec<String> {
    let models = ["id_graph", "external_id_mapping", "profile_traits", "long_traits"];
    client.batch_execute("SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'").expect("settings");
    let all = models.iter().flat_map(|model| {
        let without_times = "- 'received_at' - 'uuid_ts'";
        let sql =
            format!("SELECT (to_jsonb(t) {without_times})::text FROM acme.{model} AS t ORDER BY 1");
        client.query(&sql, &[]).expect("rows").iter().map(|row| row.get(0)).collect::<Vec<String>>()
    });
    all.collect()
}

#[test]
fn settings_of_a_server_a_database_and_a_role_change_no_row() {
    let mut found = Vec::new();
    for settings in [&[][..], &SETTINGS] {
        let database = Database::new();
        let project = Project::new(PROJECT, database.url());
        let mut client = database.client();
        client.batch_execute(LANDED).expect("landed tables");
        (0..3).for_each(|number| land(&mut client, number));
        for setting in settings {
            let sql = format!("ALTER DATABASE {} SET {setting}", database.name());
            client.batch_execute(&sql).expect("a setting");
        }
        let mut client = database.client();
        for (name, text) in files(&project) {
            client.batch_execute(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        let stolen = "SELECT count(*) FROM pg_class WHERE relname = 'stolen'";
        assert_eq!(client.query_one(stolen, &[]).unwrap().get::<_, i64>(0), 0);
        let kept = "SELECT current_setting('TimeZone')";
        let before: String = database.client().query_one(kept, &[]).unwrap().get(0);
        let after: String = client.query_one(kept, &[]).unwrap().get(0);
        assert_eq!(before, after, "a file leaves a session as it was");
        found.push(rows(&mut client));
    }
    assert!(
        found[0].iter().any(|row| row.contains("\"since\": \"2024-01-01T12:00:00+00:00\"")),
        "{:?}",
        found[0]
    );
    assert_eq!(found[0], found[1]);
}

/// As psql does with PGCLIENTENCODING, it sends one statement at a time in the bytes of the file.
#[test]
fn the_encoding_of_a_client_changes_no_text() {
    let database = Database::new();
    let text = PROJECT.replace("description: \"", "description: \"Grüße, 日本: ");
    let project = Project::new(&text, database.url());
    let mut client = database.client();
    client.batch_execute(LANDED).expect("landed tables");
    client.batch_execute("SET client_encoding = 'LATIN1'").expect("a setting");
    for statement in files(&project).iter().flat_map(|(_, text)| statements(text)) {
        client.batch_execute(&statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    let described = "pg_description WHERE objoid = 'acme.profile_traits'::regclass AND description LIKE '%Grüße, 日本: a%'";
    assert_eq!(count(&database, described), 1);
}

#[test]
fn files_of_projects_that_begin_at_once_all_run() {
    for shared in [true, false] {
        let database = Database::new();
        let projects: Vec<Project> = (0..6)
            .map(|number| {
                let space = if shared { "acme".to_owned() } else { format!("acme_{number}") };
                let text = PROJECT.replace("space: acme", &format!("space: {space}"));
                Project::new(&format!("models_schema: built_{number}\n{text}"), database.url())
            })
            .collect();
        let rendered = |project: &Project| -> Vec<String> {
            finish(command(project.folder(), &["render"])).fine();
            let folder = fs::read_dir(project.folder().join("sql/postgres")).expect("files");
            let mut files: Vec<_> = folder.map(|entry| entry.expect("an entry").path()).collect();
            files.sort();
            files.iter().map(|file| fs::read_to_string(file).expect("a text")).collect()
        };
        let all: Vec<Vec<String>> = projects.iter().map(rendered).collect();
        projects.iter().for_each(Project::land_tables);
        let start = std::sync::Barrier::new(all.len());
        std::thread::scope(|scope| {
            for files in &all {
                let mut client = database.client();
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    for file in files {
                        client
                            .batch_execute(file)
                            .unwrap_or_else(|error| panic!("{error}: {file}"));
                    }
                });
            }
        });
    }
}

#[test]
fn a_runner_that_goes_on_after_an_error_changes_nothing() {
    let database = Database::new();
    let project = Project::new(PROJECT, database.url());
    let mut client = database.client();
    client.batch_execute(LANDED).expect("landed tables");
    land(&mut client, 0);
    let files = files(&project);
    for (_, text) in &files {
        client.batch_execute(text).expect("a file");
    }
    let before = rows(&mut client);
    land(&mut client, 1);
    for (_, text) in files.iter().filter(|(_, text)| text.contains("acme.idgraph_watermarks AS w"))
    {
        let statements = statements(text);
        // What makes the table is a transaction of its own, and all there is already.
        let is_write = |one: &String| {
            (one.contains("INSERT INTO acme.") || one.contains("MERGE INTO"))
                && !one.contains("MERGE INTO acme.idgraph_objects")
        };
        let first_write = statements.iter().position(is_write).expect("a statement that writes");
        // One statement after the first write is lost on the way, and a wrong one comes in its place.
        for (at, statement) in statements.iter().enumerate() {
            let sent = if at == first_write + 1 { "SELECT 1 / 0" } else { statement };
            let _ = client.batch_execute(sent);
        }
        assert_eq!(rows(&mut client), before);
    }
}

#[test]
fn a_row_that_lands_at_any_statement_of_any_file_is_taken_in_by_this_run_or_the_next() {
    let database = Database::new();
    let project = Project::new(PROJECT, database.url());
    let (mut client, mut segment) = (database.client(), database.client());
    client.batch_execute(LANDED).expect("landed tables");
    let files: Vec<_> = files(&project);
    for (_, text) in &files {
        client.batch_execute(text).expect("a file");
    }
    let all: Vec<Vec<String>> = files.iter().map(|(_, text)| statements(text)).collect();
    let mut number = 0;
    for (landing, file) in all.iter().enumerate() {
        for at in 0..file.len() {
            number += 1;
            for (index, file) in all.iter().enumerate() {
                for (here, statement) in file.iter().enumerate() {
                    if (index, here) == (landing, at) {
                        land(&mut segment, number);
                    }
                    client
                        .batch_execute(statement)
                        .unwrap_or_else(|error| panic!("{statement}: {error}"));
                }
            }
        }
    }
    for (_, text) in &files {
        client.batch_execute(text).expect("a file");
    }
    let number = i64::try_from(number).expect("few");
    for (from, rows) in [
        ("id_graph", number),
        ("external_id_mapping", number),
        ("profile_traits WHERE email IS NOT NULL", number),
        ("long_traits", 2 * number),
    ] {
        assert_eq!(count(&database, &format!("acme.{from}")), rows, "{from}");
    }
}

#[test]
fn a_file_and_a_refresh_wait_for_each_other() {
    let database = Database::new();
    let project = Project::new(PROJECT, database.url());
    let mut client = database.client();
    client.batch_execute(LANDED).expect("landed tables");
    land(&mut client, 0);
    project.apply(&[]).fine();
    land(&mut client, 1);
    for (_, text) in files(&project).iter().filter(|(name, _)| !name.starts_with("00")) {
        let statements = statements(text);
        let (commit, others) = statements.split_last().expect("statements");
        for statement in others {
            client.batch_execute(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
        }
        project.refresh(&["--lock-timeout", "1"]).exits(2).says(&["error[locked]"]);
        client.batch_execute(commit).expect("the end");
    }
    project.refresh(&[]).fine();
    assert_eq!(count(&database, "acme.profile_traits"), 2);
}

#[test]
fn row_level_security_that_hides_rows_is_an_error_and_loses_none() {
    let database = Database::new();
    let project = Project::new(PROJECT, database.url());
    let mut client = database.client();
    client.batch_execute(LANDED).expect("landed tables");
    (0..4).for_each(|number| land(&mut client, number));
    let role = format!("{}_reader", database.name());
    let files = files(&project);
    let rights = format!(
        "CREATE ROLE {role}; GRANT ALL ON SCHEMA acme TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA acme TO {role};
         GRANT CREATE ON DATABASE {} TO {role}; SET ROLE {role}",
        database.name()
    );
    client.batch_execute(&rights).expect("rights");
    for (name, text) in &files {
        client.batch_execute(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    assert_eq!(count(&database, "acme.profile_traits WHERE email IS NOT NULL"), 4);
    client
        .batch_execute(&format!(
            "RESET ROLE; ALTER TABLE acme.identifies ENABLE ROW LEVEL SECURITY;
             CREATE POLICY few ON acme.identifies USING (email < '2'); SET ROLE {role}"
        ))
        .expect("a policy");
    let traits =
        files.iter().find(|(name, _)| name.ends_with("_profile_traits.sql")).expect("a file");
    let error = client.batch_execute(&traits.1).expect_err("an error");
    let message = error.as_db_error().expect("from the server").message().to_owned();
    assert!(message.contains("row-level security"), "{message}");
    client.batch_execute("ROLLBACK; RESET ROLE").expect("the end");
    assert_eq!(count(&database, "acme.profile_traits WHERE email IS NOT NULL"), 4);
    client
        .batch_execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
        .expect("no role is left");
}

#[test]
fn a_file_of_very_many_views_is_several_transactions() {
    let events: String = (0..1_200).map(|number| format!("  event_{number}: {{}}\n")).collect();
    let text = format!(
        "space: acme\ndialects: [postgres]\nmodels:\n  resolved_events: {{}}\ntraits:\n  columns:\n    email: varchar\nevents:\n{events}"
    );
    let database = Database::new();
    let project = Project::new(&text, database.url());
    let files = files(&project);
    let views =
        files.iter().find(|(name, _)| name.ends_with("_resolved_events.sql")).expect("a file");
    assert!(views.1.matches("\nBEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE;").count() > 2);
    assert_eq!(views.1.matches("\nBEGIN ISOLATION").count(), views.1.matches("\nCOMMIT;").count());
}
