//! On Postgres: what lands after an apply on empty tables is read in time that grows with the rows. Work is counted, not
//! timed: a table that is read while it grows, once for each new row, is read tens of times as often.

mod support;

use support::command;
use support::postgres::{Database, project};

const PROJECT: &str = "space: acme
dialects: [postgres]
models:
  id_graph: { materialized: KEPT }
  external_id_mapping: { materialized: KEPT }
  profile_traits: { materialized: KEPT }
  user_traits: { materialized: KEPT, name: long_traits }
  user_identifiers: { materialized: KEPT, name: identifiers }
  profile_merges: { materialized: KEPT, name: merges }
traits: { columns: { email: varchar } }
";

const ROWS: i64 = 4000;

/// More than is read where each table is read a few times.
const MOST_PAGES: i64 = 8 * ROWS;

fn lands(database: &Database<'_>) {
    let times = "'2026-01-01', '2026-01-01'";
    let sql = format!(
        "INSERT INTO acme.id_graph_updates (id, segment_id, canonical_segment_id, uuid_ts, timestamp)
         SELECT 'g' || n, 'p' || n, 'p' || n - n % 5, {times} FROM generate_series(1, {ROWS}) AS n;
         INSERT INTO acme.external_id_mapping_updates (id, segment_id, external_id_type, external_id_value, uuid_ts, timestamp)
         SELECT 'e' || n, 'p' || n, 'email', n || '@x', {times} FROM generate_series(1, {ROWS}) AS n;
         INSERT INTO acme.identifies (id, segment_id, email, uuid_ts, timestamp)
         SELECT 'i' || n, 'p' || n, n || '@x', {times} FROM generate_series(1, {ROWS}) AS n"
    );
    database.client().batch_execute(&sql).unwrap();
}

/// How many pages of the models' tables were looked at so far, by name.
fn read(database: &Database<'_>) -> Vec<(String, i64)> {
    let sql = "SELECT relname::text, heap_blks_hit + heap_blks_read FROM pg_statio_user_tables
               WHERE schemaname = 'acme' AND relname !~ '_updates$|^identifies$|^idgraph_' ORDER BY 1";
    let mut client = database.client();
    // Sessions report what they did when they end.
    client.batch_execute("SELECT pg_sleep(0.3)").unwrap();
    client.query(sql, &[]).unwrap().iter().map(|row| (row.get(0), row.get(1))).collect()
}

fn run_files(project: &project::Project, database: &Database<'_>) {
    let folder = project.folder().join("sql").join("postgres");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<_> = files.collect();
    files.sort();
    for file in files {
        database.client().batch_execute(&std::fs::read_to_string(file).unwrap()).unwrap();
    }
}

#[test]
fn no_table_is_read_again_for_each_row_that_is_new() {
    for kept in ["table", "incremental"] {
        for is_rendered in [false, true] {
            let database = Database::new();
            let project = project::Project::new(&PROJECT.replace("KEPT", kept), database.url());
            command::idgraph(project.folder(), &["render"]).fine();
            project.apply(&[]).fine();
            let before = read(&database);
            lands(&database);
            if is_rendered {
                run_files(&project, &database);
            } else {
                project.refresh(&[]).fine();
            }
            let after = read(&database);
            assert_eq!(before.len(), 6);
            assert!(project::count(&database, "acme.long_traits") > 0);
            assert!(project::count(&database, "acme.id_graph") >= ROWS);
            for ((table, before), (_, after)) in before.iter().zip(&after) {
                let more = after - before;
                assert!(more < MOST_PAGES, "{kept}, files {is_rendered}: {table}: {more} pages");
            }
        }
    }
}

/// On SQLite, what is computed again is looked up, and not read as a whole for each row.
#[test]
fn what_is_computed_again_is_looked_up_on_sqlite() {
    let text = PROJECT.replace("KEPT", "incremental").replace("[postgres]", "[sqlite]");
    let project = support::sqlite::Project::new(&text);
    project.land_tables();
    command::idgraph(project.folder(), &["render"]).fine();
    let files = std::fs::read_dir(project.folder().join("sql/sqlite")).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    let mut looked = 0;
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    support::sqlite::add_sha1(&connection);
    connection.execute("ATTACH ?1 AS acme", [project.file().to_str().unwrap()]).unwrap();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for sql in text.split_inclusive(";\n") {
            if sql.contains("_affected AS a") {
                let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
                let steps = plan.query_map([], |row| row.get::<_, String>(3)).unwrap();
                let steps: Vec<String> = steps.map(Result::unwrap).collect();
                looked += 1;
                let is_read_whole =
                    |two: &[String]| two[0].starts_with("CORRELATED") && two[1] == "SCAN a";
                assert!(!steps.windows(2).any(is_read_whole), "{sql}\n{steps:#?}");
            }
            connection.execute_batch(sql).unwrap();
        }
    }
    assert!(looked > 10, "{looked}");
}
