//! `idgraph refresh` on Postgres and SQLite: what it needs, and what it says when that is not there.

mod support;

use support::sqlite;

use support::command;
use support::postgres::{Database, project};

const INCREMENTAL: &str = "space: acme
dialects: [postgres, sqlite]
models:
  id_graph: { materialized: incremental }
  external_id_mapping: { materialized: incremental }
  profile_traits: { materialized: incremental }
traits:
  columns:
    email: varchar
";

#[test]
fn before_any_apply_it_says_to_apply_first_and_makes_nothing() {
    let database = Database::new();
    let postgres = project::Project::new(INCREMENTAL, database.url());
    let sqlite = sqlite::Project::new(INCREMENTAL);
    let files = sqlite.files();
    for further in [&[][..], &["--dry-run"], &["--full"]] {
        postgres.refresh(further).exits(2).says(&["error[no-space]: there is no schema acme"]);
        sqlite.refresh(further).exits(2).says(&[
            "error[no-database]: there is no database ./acme.db",
            "help: `idgraph apply` makes it",
        ]);
    }
    assert_eq!(project::dump(&database), Vec::<String>::new());
    assert_eq!(sqlite.files(), files);
    postgres.land_tables();
    let before = project::dump(&database);
    for further in [&[][..], &["--dry-run"], &["--full"]] {
        postgres.refresh(further).exits(2).says(&[
            "error[no-table]: there is no table acme.idgraph_objects in the database",
            "help: `idgraph apply` creates what is missing",
        ]);
    }
    assert_eq!(project::dump(&database), before);
}

#[test]
fn after_an_apply_it_takes_in_what_landed_in_one_schema_or_two() {
    let two = INCREMENTAL.replace("space: acme", "space: acme\nmodels_schema: built");
    for (text, models) in [(INCREMENTAL, "acme"), (&two, "built")] {
        let database = Database::new();
        let postgres = project::Project::new(text, database.url());
        let sqlite = sqlite::Project::new(text);
        postgres.apply(&[]).fine();
        sqlite.apply(&[]).fine();
        let files = sqlite.files();
        project::land(&database, 10, "@one");
        sqlite::land(&sqlite.open(), 10, "@one");
        for run in [postgres.refresh(&[]), sqlite.refresh(&[])] {
            run.fine().says(&["refreshed, 10 rows written"]);
        }
        let from = "profile_traits WHERE email LIKE '%@one'";
        assert_eq!(project::count(&database, &format!("{models}.{from}")), 10);
        let file = sqlite.folder().join(format!("acme.{models}.db"));
        let file = if models == "acme" { sqlite.file() } else { file };
        let open = rusqlite::Connection::open(file).unwrap();
        let sql = format!("SELECT count(*) FROM {from}");
        assert_eq!(open.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap(), 10);
        assert_eq!(sqlite.files(), files, "nothing is left behind");
    }
}

#[test]
fn without_a_table_that_it_reads_it_says_which() {
    let database = Database::new();
    let postgres = project::Project::new(INCREMENTAL, database.url());
    let sqlite = sqlite::Project::new(INCREMENTAL);
    let drop = |sql: &str| {
        postgres.apply(&[]).fine();
        sqlite.apply(&[]).fine();
        database.client().batch_execute(sql).unwrap();
        sqlite.run(&sql.replace("acme.", ""));
    };
    let refreshes = |select: &str| {
        [postgres.refresh(&["--select", select]), sqlite.refresh(&["--select", select])]
    };
    drop("DROP TABLE acme.id_graph");
    let before = (project::dump(&database), sqlite.dump());
    for run in refreshes("profile_traits") {
        run.exits(2).says(&[
            "error[no-table]: there is no table acme.id_graph in the database",
            "help: `idgraph apply` creates what is missing",
        ]);
    }
    assert!((project::dump(&database), sqlite.dump()) == before);
    // Segment's have not landed, or have no longer: that is said, and their rows are none.
    drop("DROP TABLE acme.identifies");
    for run in refreshes("profile_traits") {
        run.fine().says(&["acme.identifies has no column email any more: acme.profile_traits is read in full, and loses its values"]);
    }
    drop(
        "INSERT INTO acme.external_id_mapping_updates
          (id, segment_id, external_id_type, external_id_value, timestamp, uuid_ts)
          VALUES ('e', 's', 'email', 'a@b', '2024-01-01', '2024-01-01')",
    );
    for run in refreshes("external_id_mapping") {
        run.fine().says(&["refreshed, 1 row written"]);
    }
    drop("DROP TABLE acme.external_id_mapping_updates");
    for run in refreshes("external_id_mapping") {
        run.fine().says(&["acme.external_id_mapping_updates is not the table that acme.external_id_mapping was read from the last time, or has not its columns: read in full"]);
    }
}

#[test]
fn show_prints_how_far_the_models_have_read() {
    let sqlite = sqlite::Project::new(INCREMENTAL);
    sqlite.apply(&[]).fine();
    let run = command::finish(sqlite.command("show", &["idgraph_watermarks", "--format", "csv"]));
    // Where in the file a table stands is SQLite's to say.
    let run = run.fine();
    let columns = |line: &str| {
        let start: Vec<_> = line.split(',').take(3).collect();
        Some(format!("{}\n", start.join(",")))
    };
    assert_eq!(
        run.stdout.lines().filter_map(columns).collect::<String>(),
        "model,landed,loaded_until\n\
         external_id_mapping,acme.external_id_mapping_updates,\n\
         external_id_mapping,acme.id_graph_updates,\n\
         id_graph,acme.id_graph_updates,\n\
         profile_traits,acme.id_graph_updates,\n\
         profile_traits,acme.identifies,\n\
         profile_traits,trait email,\n"
    );
    sqlite.change(sqlite::SMALL);
    let run = command::finish(sqlite.command("show", &["idgraph_watermarks"]));
    run.exits(2).says(&["error[unknown-table]: the project has no table `idgraph_watermarks`"]);
}

/// Ten profiles, whose rows landed a day after another: all but the last two further behind than the lookback.
const TEN_DAYS: &str =
    "INSERT INTO SPACE.identifies (id, segment_id, email, timestamp, uuid_ts) VALUES
('0', 's0', '0@x', '2022-01-01 00:00:00', '2022-01-01 00:00:00'),
('1', 's1', '1@x', '2022-01-02 00:00:00', '2022-01-02 00:00:00'),
('2', 's2', '2@x', '2022-01-03 00:00:00', '2022-01-03 00:00:00'),
('3', 's3', '3@x', '2022-01-04 00:00:00', '2022-01-04 00:00:00'),
('4', 's4', '4@x', '2022-01-05 00:00:00', '2022-01-05 00:00:00'),
('5', 's5', '5@x', '2022-01-06 00:00:00', '2022-01-06 00:00:00'),
('6', 's6', '6@x', '2022-01-07 00:00:00', '2022-01-07 00:00:00'),
('7', 's7', '7@x', '2022-01-08 00:00:00', '2022-01-08 00:00:00'),
('8', 's8', '8@x', '2022-01-09 00:00:00', '2022-01-09 00:00:00'),
('9', 's9', '9@x', '2022-01-10 00:00:00', '2022-01-10 00:00:00')";

const SAYS: &str =
    "acme.profile_traits, or a column of it, was made again since the last refresh: read in full";

#[test]
fn a_table_or_column_that_was_dropped_is_built_from_all_that_landed() {
    let database = Database::new();
    let postgres = project::Project::new(INCREMENTAL, database.url());
    let sqlite = sqlite::Project::new(INCREMENTAL);
    postgres.apply(&[]).fine();
    sqlite.apply(&[]).fine();
    let execute = |sql: &str| database.client().batch_execute(sql).unwrap();
    execute(&TEN_DAYS.replace("SPACE", "acme"));
    sqlite.run(&TEN_DAYS.replace("SPACE.", ""));
    postgres.refresh(&[]).fine();
    sqlite.refresh(&[]).fine();
    let all_there = || {
        let count = "profile_traits WHERE email IS NOT NULL";
        assert_eq!(project::count(&database, &format!("acme.{count}")), 10);
        let rows = format!("SELECT count(*) FROM {count}");
        let rows: i64 = sqlite.open().query_row(&rows, [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 10);
    };
    for sql in ["DROP TABLE PLACE.profile_traits", "DELETE FROM PLACE.profile_traits"] {
        execute(&sql.replace("PLACE", "acme"));
        sqlite.run(&sql.replace("PLACE.", ""));
        postgres.apply(&[]).fine().says(&[SAYS]);
        sqlite.apply(&[]).fine().says(&[SAYS]);
        all_there();
    }
    execute("ALTER TABLE acme.profile_traits DROP COLUMN email");
    sqlite.run("ALTER TABLE profile_traits DROP COLUMN email");
    postgres.apply(&[]).fine();
    sqlite.apply(&[]).fine();
    all_there();
    // Nothing but the usual from then on.
    for run in [postgres.refresh(&[]), sqlite.refresh(&[])] {
        assert!(!run.fine().stderr.contains("read in full"));
    }
}

#[test]
fn a_table_restored_from_a_dump_of_before_is_read_in_full() {
    let database = Database::new();
    let postgres = project::Project::new(INCREMENTAL, database.url());
    postgres.apply(&[]).fine();
    let execute = |sql: &str| database.client().batch_execute(sql).unwrap();
    execute("CREATE TABLE acme.before AS SELECT * FROM acme.profile_traits");
    execute(&TEN_DAYS.replace("SPACE", "acme"));
    execute("INSERT INTO acme.before (canonical_segment_id) VALUES ('gone')");
    postgres.refresh(&[]).fine();
    execute(
        "TRUNCATE acme.profile_traits; INSERT INTO acme.profile_traits SELECT * FROM acme.before",
    );
    postgres.refresh(&[]).fine().says(&[SAYS]);
    assert_eq!(project::count(&database, "acme.profile_traits WHERE email IS NOT NULL"), 10);
    assert_eq!(project::count(&database, "acme.profile_traits"), 10);
}

#[test]
fn rendered_files_read_a_table_that_was_made_again_in_full() {
    let database = Database::new();
    let postgres = project::Project::new(INCREMENTAL, database.url());
    postgres.land_tables();
    command::idgraph(postgres.folder(), &["render"]).fine();
    let run_all = || {
        let folder = postgres.folder().join("sql").join("postgres");
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let mut files: Vec<_> = files.collect();
        files.sort();
        for file in files {
            let text = std::fs::read_to_string(file).unwrap();
            database.client().batch_execute(&text).unwrap();
        }
    };
    run_all();
    let execute = |sql: &str| database.client().batch_execute(sql).unwrap();
    execute(&TEN_DAYS.replace("SPACE", "acme"));
    run_all();
    for sql in [
        "DROP TABLE acme.profile_traits CASCADE",
        "DELETE FROM acme.profile_traits",
        "ALTER TABLE acme.profile_traits DROP COLUMN email; ALTER TABLE acme.profile_traits ADD COLUMN email text",
        "DROP TABLE acme.idgraph_watermarks; DELETE FROM acme.profile_traits WHERE email < '5'",
        "DROP TABLE acme.id_graph CASCADE; DROP TABLE acme.profile_traits",
    ] {
        execute(sql);
        run_all();
        let count = "acme.profile_traits WHERE email IS NOT NULL";
        assert_eq!(project::count(&database, count), 10, "{sql}");
    }
}

#[test]
fn a_landed_column_that_goes_and_comes_back_is_said_and_read_in_full() {
    let database = Database::new();
    let postgres = project::Project::new(INCREMENTAL, database.url());
    let sqlite = sqlite::Project::new(INCREMENTAL);
    postgres.apply(&[]).fine();
    sqlite.apply(&[]).fine();
    let execute = |sql: &str| {
        database.client().batch_execute(&sql.replace("SPACE", "acme")).unwrap();
        sqlite.run(&sql.replace("SPACE.", ""));
    };
    let with_email = |count: i64| {
        let rows = "profile_traits WHERE email IS NOT NULL";
        assert_eq!(project::count(&database, &format!("acme.{rows}")), count);
        let sql = format!("SELECT count(*) FROM {rows}");
        let rows: i64 = sqlite.open().query_row(&sql, [], |row| row.get(0)).unwrap();
        assert_eq!(rows, count);
    };
    execute(TEN_DAYS);
    postgres.refresh(&[]).fine();
    sqlite.refresh(&[]).fine();
    with_email(10);
    execute("ALTER TABLE SPACE.identifies RENAME COLUMN email TO email_before");
    let says = "acme.identifies has no column email any more: acme.profile_traits is read in full, and loses its values";
    for run in [postgres.refresh(&[]), sqlite.refresh(&[])] {
        run.fine().says(&[says]);
    }
    with_email(0);
    execute("ALTER TABLE SPACE.identifies RENAME COLUMN email_before TO email");
    for run in [postgres.refresh(&[]), sqlite.refresh(&[])] {
        assert!(!run.fine().stderr.contains("read in full"));
    }
    with_email(10);
}

#[test]
fn another_landed_table_is_read_in_full_and_none_at_all_is_refused() {
    let text = INCREMENTAL.replace("space: acme", "space: acme\nmodels_schema: built");
    let database = Database::new();
    let postgres = project::Project::new(&text, database.url());
    postgres.apply(&[]).fine();
    let execute = |sql: &str| database.client().batch_execute(sql).unwrap();
    let with_email = || project::count(&database, "built.profile_traits WHERE email IS NOT NULL");
    execute(&TEN_DAYS.replace("SPACE", "acme"));
    postgres.refresh(&[]).fine();
    assert_eq!(with_email(), 10);
    // Made again with other rows, which landed long ago.
    execute(
        "CREATE TABLE acme.again (LIKE acme.identifies); DROP TABLE acme.identifies CASCADE;
         ALTER TABLE acme.again RENAME TO identifies;
         INSERT INTO acme.identifies (id, segment_id, email, timestamp, uuid_ts)
         VALUES ('a', 's', 's@y', '2022-01-01', '2022-01-01'), ('b', 't', 't@y', '2022-01-10', '2022-01-10')",
    );
    postgres.refresh(&[]).fine().says(&[
        "acme.identifies is not the table that built.profile_traits was read from the last time, or has not its columns: read in full",
    ]);
    assert_eq!(with_email(), 2);
    // Another space, whose rows landed before those.
    execute("ALTER SCHEMA acme RENAME TO gone");
    let none = [
        "error[nothing-landed]: acme has none of the landed tables",
        "drop the tables of the models yourself, then apply",
    ];
    postgres.apply_alone(&[]).exits(2).says(&none);
    assert_eq!(with_email(), 2);
    postgres.change(&text.replace("space: acme", "space: gone"));
    execute("UPDATE gone.identifies SET uuid_ts = '2021-01-01'");
    postgres
        .refresh(&[])
        .fine()
        .says(&["was read from acme.identifies the last time: read in full"]);
    assert_eq!(with_email(), 2);
}

/// Models that were built before anything landed have nothing to lose.
#[test]
fn before_anything_landed_one_apply_is_like_the_next() {
    let database = Database::new();
    let postgres = project::Project::new(INCREMENTAL, database.url());
    database.client().batch_execute("CREATE SCHEMA acme").unwrap();
    for _ in 0..2 {
        postgres.apply_alone(&[]).fine();
        postgres.refresh(&[]).fine();
    }
}

#[test]
fn a_partitioned_table_that_was_emptied_is_read_in_full_and_one_more_partition_changes_nothing() {
    let database = Database::new();
    let postgres = project::Project::new(INCREMENTAL, database.url());
    let execute = |sql: &str| database.client().batch_execute(sql).unwrap();
    execute(
        "CREATE SCHEMA acme;
         CREATE TABLE acme.identifies (id text, segment_id text, timestamp timestamptz, uuid_ts timestamptz, email text)
             PARTITION BY LIST (id);
         CREATE TABLE acme.identifies_a PARTITION OF acme.identifies FOR VALUES IN ('a');
         CREATE TABLE acme.identifies_b PARTITION OF acme.identifies FOR VALUES IN ('b');
         INSERT INTO acme.identifies SELECT id, id, '2024-01-09', '2024-01-09', id FROM unnest(ARRAY['a', 'b']) AS id;",
    );
    postgres.apply(&[]).fine();
    let with_email = || project::count(&database, "acme.profile_traits WHERE email IS NOT NULL");
    assert_eq!(with_email(), 2);
    execute("CREATE TABLE acme.identifies_c PARTITION OF acme.identifies FOR VALUES IN ('c')");
    assert!(!postgres.refresh(&[]).fine().stderr.contains("read in full"));
    execute(
        "TRUNCATE acme.identifies; INSERT INTO acme.identifies VALUES ('c', 'c', '2024-01-01', '2024-01-01', 'c')",
    );
    postgres.refresh(&[]).fine().says(&["read in full"]);
    assert_eq!(with_email(), 1);
}

/// A profile with an e-mail, loaded so many days later than the others.
fn lands(database: &Database<'_>, number: usize) {
    let at = format!("timestamptz '2022-02-01' + interval '{number} days' * 2");
    let sql = format!(
        "INSERT INTO acme.id_graph_updates (id, segment_id, canonical_segment_id, timestamp, uuid_ts)
         VALUES ('e{number}', 'm{number}', 'p{number}', {at}, {at});
         INSERT INTO acme.identifies (id, segment_id, email, timestamp, uuid_ts)
         VALUES ('i{number}', 'm{number}', '{number}@x', {at}, {at})"
    );
    database.client().batch_execute(&sql).unwrap();
}

#[test]
fn rows_that_land_while_a_rendered_file_runs_are_read_by_the_next_run() {
    let database = Database::new();
    let postgres = project::Project::new(INCREMENTAL, database.url());
    postgres.land_tables();
    command::idgraph(postgres.folder(), &["render"]).fine();
    let folder = postgres.folder().join("sql").join("postgres");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let texts: Vec<_> = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let run_all = || texts.iter().for_each(|text| database.client().batch_execute(text).unwrap());
    run_all();
    let mut landed = 0;
    for (text, file) in texts.iter().zip(&files) {
        if !["id_graph.sql", "profile_traits.sql"].iter().any(|name| {
            file.ends_with(format!("20_{name}")) || file.ends_with(format!("30_{name}"))
        }) {
            continue;
        }
        let statements: Vec<_> = text.split_inclusive(";\n").collect();
        let start = statements.iter().position(|one| one.contains("BEGIN")).unwrap();
        for at in start..statements.len() {
            let mut client = database.client();
            for (number, statement) in statements.iter().enumerate() {
                if number == at {
                    lands(&database, landed);
                    landed += 1;
                }
                client.batch_execute(statement).unwrap();
            }
        }
    }
    run_all();
    let with_email = project::count(
        &database,
        "acme.profile_traits WHERE email IS NOT NULL AND merged_to IS NULL",
    );
    assert_eq!(with_email, i64::try_from(landed).unwrap());
    assert_eq!(
        project::count(&database, "acme.profile_traits WHERE merged_to IS NOT NULL"),
        with_email
    );
}
