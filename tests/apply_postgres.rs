//! `idgraph apply` on Postgres: what it makes, what it leaves alone, what happens when something is in its way.

mod support;

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use support::command::{Run, Running, command, finish};
use support::postgres::{Database, Options, Server};
use tempfile::TempDir;

const SMALL: &str = "space: acme
dialects: [postgres]
traits:
  columns:
    email: varchar
";

struct Project {
    folder: TempDir,
    url: String,
}

impl Project {
    fn new(text: &str, url: String) -> Self {
        let project = Self { folder: tempfile::tempdir().expect("a folder"), url };
        project.change(text);
        project
    }

    fn change(&self, text: &str) {
        let target = "targets:\n  warehouse: { engine: postgres, url: \"${DATABASE_URL}\" }\n";
        fs::write(self.folder.path().join("idgraph.yml"), format!("{text}{target}"))
            .expect("write");
    }

    fn command(&self, further: &[&str]) -> std::process::Command {
        let arguments = [&["apply", "--target", "warehouse"], further].concat();
        let mut command = command(self.folder.path(), &arguments);
        command.env("DATABASE_URL", &self.url);
        command
    }

    fn apply(&self, further: &[&str]) -> Run {
        finish(self.command(further))
    }

    fn applying(&self, further: &[&str]) -> Running {
        Running::start(self.command(further))
    }
}

/// Every object with its owner, grants, columns, comments, indexes and text, and every row.
fn dump(database: &Database<'_>) -> Vec<String> {
    let mut client = database.client();
    let catalog = "
        SELECT concat_ws(' | ', n.nspname, c.relname, c.relkind, c.relowner::regrole, c.relacl::text,
            obj_description(c.oid, 'pg_class'), pg_get_viewdef(c.oid), pg_get_indexdef(c.oid),
            (SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attacl::text,
                        col_description(c.oid, a.attnum)), ', ' ORDER BY a.attnum)
             FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0))
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        ORDER BY n.nspname, c.relname";
    let mut found: Vec<String> =
        client.query(catalog, &[]).expect("catalog").iter().map(|row| row.get(0)).collect();
    let tables = "SELECT format('%I.%I', n.nspname, c.relname)
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'v') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        ORDER BY 1";
    for table in client.query(tables, &[]).expect("tables") {
        let table: String = table.get(0);
        let sql = format!("SELECT t::text FROM {table} AS t ORDER BY t::text COLLATE \"C\"");
        for row in client.query(&sql, &[]).expect("rows") {
            found.push(format!("{table}: {}", row.get::<_, Option<String>>(0).unwrap_or_default()));
        }
    }
    found
}

/// Lands profiles 1 to `count`, each with an e-mail address that ends in `mark`.
fn land(database: &Database<'_>, count: u32, mark: &str) {
    let sql = format!(
        "BEGIN; DELETE FROM acme.id_graph_updates; DELETE FROM acme.identifies;
         INSERT INTO acme.id_graph_updates (id, segment_id, canonical_segment_id, timestamp)
         SELECT 'g' || i, 'p' || i, 'p' || i, '2024-01-01' FROM generate_series(1, {count}) AS i;
         INSERT INTO acme.identifies (id, segment_id, timestamp, email)
         SELECT 'i' || id, segment_id, timestamp, segment_id || '{mark}' FROM acme.id_graph_updates;
         COMMIT;"
    );
    database.client().batch_execute(&sql).expect("land");
}

fn count(database: &Database<'_>, from: &str) -> i64 {
    database.client().query_one(&format!("SELECT count(*) FROM {from}"), &[]).expect(from).get(0)
}

#[test]
fn apply_creates_everything_and_then_changes_nothing() {
    let database = Database::new();
    let large = SMALL.replace("traits:", "models: { user_traits: {}, user_identifiers: {}, profile_merges: {}, resolved_events: {} }\ntraits:");
    let project = Project::new(&large, database.url());
    project.apply(&[]).fine().says(&[
        "acme.id_graph_updates ",
        "created in ",
        "applied to warehouse in",
    ]);
    land(&database, 10, "@one");
    project
        .apply(&[])
        .fine()
        .says(&["there already, left alone", "rebuilt, 10 rows written, 0 removed"]);
    let before = dump(&database);
    assert_eq!(count(&database, "acme.identifies_resolved WHERE canonical_segment_id = 'p1'"), 1);
    project.apply(&[]).fine().says(&["rebuilt, 0 rows written, 0 removed"]);
    assert_eq!(dump(&database), before);
}

#[test]
fn a_dry_run_prints_the_very_script_and_changes_nothing() {
    let (one, two) = (Database::new(), Database::new());
    for database in [&one, &two] {
        Project::new(SMALL, database.url()).apply(&[]).fine();
        land(database, 10, "@one");
        let sql = "DROP TABLE acme.external_id_mapping; ALTER TABLE acme.identifies ADD COLUMN plan text;";
        database.client().batch_execute(sql).unwrap();
    }
    let text = SMALL.replace("email: varchar", "email: varchar\n    plan: varchar");
    let project = Project::new(&text, one.url());
    let before = dump(&one);
    let run = project.apply(&["--dry-run"]).fine();
    assert_eq!(dump(&one), before);
    assert!(run.stdout.ends_with("\nROLLBACK;\n\n"), "{}", run.stdout);
    two.client().batch_execute(&run.stdout.replace("\nROLLBACK;", "\nCOMMIT;")).unwrap();
    project.apply(&[]).fine();
    assert_eq!(dump(&two), dump(&one));
    assert_ne!(dump(&one), before);
}

#[test]
fn a_role_with_no_more_than_it_needs_can_apply_over_landed_tables_of_another() {
    let database = Database::new();
    let role = format!("{}_role", database.name());
    let project = Project::new(SMALL, database.url());
    project.apply(&[]).fine();
    land(&database, 10, "@one");
    let mut client = database.client();
    client
        .batch_execute(&format!(
            "DROP TABLE acme.id_graph, acme.external_id_mapping, acme.profile_traits;
             ALTER TABLE acme.identifies ADD COLUMN of_their_own text;
             COMMENT ON TABLE acme.identifies IS NULL;
             DROP INDEX acme.identifies_id_idx;
             REVOKE ALL ON DATABASE {database} FROM PUBLIC;
             CREATE ROLE {role} LOGIN;
             GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {role};
             GRANT USAGE, CREATE ON SCHEMA acme TO {role};
             GRANT SELECT ON ALL TABLES IN SCHEMA acme TO {role};",
            database = database.name()
        ))
        .unwrap();
    let landed = |dump: Vec<String>| -> Vec<String> {
        let of_segment = ["identifies", "_updates"];
        dump.into_iter().filter(|line| of_segment.iter().any(|name| line.contains(name))).collect()
    };
    let before = landed(dump(&database));
    let url = format!("{}?options=-crole%3D{role}", database.url().split('?').next().unwrap());
    let limited = Project::new(SMALL, url);
    for _ in 0..2 {
        limited.apply(&[]).fine();
    }
    assert_eq!(landed(dump(&database)), before);
    assert_eq!(count(&database, "acme.profile_traits"), 10);
    client.batch_execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).unwrap();
}

#[test]
fn what_segment_has_not_landed_yet_is_null_until_it_lands() {
    let database = Database::new();
    let yaml = SMALL.replace("traits:", "models: { resolved_events: {} }\ntraits:");
    let project = Project::new(&yaml, database.url());
    project.apply(&[]).fine();
    database
        .client()
        .batch_execute(
            "DROP SCHEMA acme CASCADE;
             CREATE SCHEMA acme;
             CREATE TABLE acme.identifies (id text, segment_id text);
             INSERT INTO acme.identifies VALUES ('one', 'p1')",
        )
        .unwrap();
    project.apply(&[]).fine().says(&["left alone; not landed yet, so NULL: email"]);
    assert_eq!(count(&database, "acme.profile_traits WHERE email IS NULL"), 1);
    // In between the columns that the view has, and what it gains stands behind them.
    database
        .client()
        .batch_execute(
            "ALTER TABLE acme.identifies ADD email text, ADD timestamp timestamptz;
             UPDATE acme.identifies SET email = 'p1@example.com'",
        )
        .unwrap();
    project.apply(&[]).fine();
    assert_eq!(count(&database, "acme.profile_traits WHERE email = 'p1@example.com'"), 1);
    assert_eq!(count(&database, "acme.identifies_resolved WHERE email = 'p1@example.com'"), 1);
}

#[test]
fn what_has_a_models_name_and_is_not_ours_is_refused_untouched() {
    for theirs in [
        "CREATE TABLE acme.id_graph AS SELECT 'theirs' AS segment_id",
        "CREATE VIEW acme.id_graph AS SELECT 'theirs' AS segment_id",
        "CREATE MATERIALIZED VIEW acme.id_graph AS SELECT 'theirs' AS segment_id",
    ] {
        let database = Database::new();
        database.client().batch_execute(&format!("CREATE SCHEMA acme; {theirs}")).unwrap();
        let before = dump(&database);
        let run = Project::new(SMALL, database.url()).apply(&[]).exits(2);
        run.says(&["error[not-ours]: acme.id_graph exists, and idgraph did not make it"]);
        assert_eq!(dump(&database), before, "{theirs}");
    }
}

#[test]
fn grants_views_and_comments_survive_a_rebuild_and_a_new_trait() {
    let database = Database::new();
    let project = Project::new(SMALL, database.url());
    project.apply(&[]).fine();
    land(&database, 3, "@one");
    database
        .client()
        .batch_execute(
            "GRANT SELECT ON acme.profile_traits TO PUBLIC;
             CREATE VIEW acme.theirs AS SELECT canonical_segment_id, email FROM acme.profile_traits;
             COMMENT ON INDEX acme.id_graph_segment_id_idx IS 'theirs';
             ALTER TABLE acme.identifies ADD COLUMN plan text;
             UPDATE acme.identifies SET plan = 'gold';",
        )
        .unwrap();
    project.change(&SMALL.replace("email: varchar", "email: varchar\n    plan: varchar"));
    project.apply(&[]).fine();
    assert_eq!(count(&database, "acme.profile_traits WHERE plan = 'gold'"), 3);
    assert_eq!(count(&database, "acme.theirs"), 3);
    let dump = dump(&database).join("\n");
    for kept in ["=r/", "| theirs |", "One row for every profile id: the last value of each trait"]
    {
        assert!(dump.contains(kept), "{kept} is not in\n{dump}");
    }
}

#[test]
fn readers_see_the_tables_of_before_or_after_and_never_between() {
    const PROFILES: u32 = 5000;
    let database = Database::new();
    let project = Project::new(SMALL, database.url());
    project.apply(&[]).fine();
    land(&database, PROFILES, "@one");
    project.apply(&[]).fine();
    let (done, looks) = (AtomicBool::new(false), AtomicU32::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut reader = database.client();
            while !done.load(Ordering::SeqCst) {
                let sql = "SELECT (SELECT count(*) FROM acme.id_graph), count(*),
                                  count(DISTINCT split_part(email, '@', 2)) FROM acme.profile_traits";
                let row = reader.query_one(sql, &[]).unwrap();
                let seen: (i64, i64, i64) = (row.get(0), row.get(1), row.get(2));
                assert_eq!(seen, (i64::from(PROFILES), i64::from(PROFILES), 1));
                looks.fetch_add(1, Ordering::SeqCst);
            }
        });
        for mark in ["@two", "@three"] {
            land(&database, PROFILES, mark);
            project.apply(&[]).fine();
        }
        done.store(true, Ordering::SeqCst);
    });
    assert!(looks.load(Ordering::SeqCst) > 10);
    assert_eq!(
        count(&database, "acme.profile_traits WHERE email LIKE '%@three'"),
        i64::from(PROFILES)
    );
}

#[test]
fn a_second_apply_waits_and_then_says_who_holds_the_lock() {
    let database = Database::new();
    let project = Project::new(SMALL, database.url());
    project.apply(&[]).fine();
    let mut other = database.client();
    other
        .batch_execute(
            "SET application_name = 'the other'; SELECT pg_advisory_lock(7527, hashtext('acme'))",
        )
        .unwrap();
    let start = Instant::now();
    project.apply(&["--lock-timeout", "1"]).exits(2).says(&[
        "error[locked]: another idgraph is building acme; waited 1 s for it",
        "note: held by backend ",
        "application `the other`",
        "give it longer with --lock-timeout SECONDS",
    ]);
    assert!(start.elapsed() < Duration::from_secs(10));
    let mut waiting = project.applying(&["--lock-timeout", "60"]);
    std::thread::sleep(Duration::from_millis(500));
    assert!(waiting.is_running());
    drop(other);
    waiting.finish().fine();
}

#[test]
fn a_table_that_somebody_has_locked_is_not_waited_for_without_end() {
    let database = Database::new();
    let project = Project::new(SMALL, database.url());
    project.apply(&[]).fine();
    let mut other = database.client();
    other.batch_execute("BEGIN; LOCK TABLE acme.id_graph").unwrap();
    project.apply(&["--lock-timeout", "1"]).exits(2).says(&[
        "error[locked]: target `warehouse`: canceling statement due to lock timeout",
        "note: another session has the table locked; the view pg_locks says which",
    ]);
}

#[test]
fn ctrl_c_ends_a_statement_and_a_wait_and_changes_nothing() {
    let database = Database::new();
    let project = Project::new(SMALL, database.url());
    project.apply(&[]).fine();
    land(&database, 10, "@one");
    let before = dump(&database);
    for lock in
        ["LOCK TABLE acme.profile_traits", "SELECT pg_advisory_xact_lock(7527, hashtext('acme'))"]
    {
        let mut other = database.client();
        other.batch_execute(&format!("BEGIN; {lock}")).unwrap();
        let mut running = project.applying(&["--lock-timeout", "600"]);
        if lock.starts_with("LOCK") {
            running.hears("acme.external_id_mapping ");
        }
        std::thread::sleep(Duration::from_millis(500));
        assert!(running.is_running());
        let start = Instant::now();
        running.interrupt();
        running
            .finish()
            .exits(2)
            .says(&["error[interrupted]: stopped by Ctrl-C; everything was rolled back"]);
        assert!(start.elapsed() < Duration::from_secs(5));
        drop(other);
        assert_eq!(dump(&database), before);
    }
}

#[test]
fn a_server_that_stops_midway_is_explained_and_nothing_has_changed() {
    let server = Server::private(Options::default());
    let database = Database::on(&server);
    let project = Project::new(SMALL, database.url());
    project.apply(&[]).fine();
    land(&database, 10, "@one");
    let before = dump(&database);
    let mut other = database.client();
    other.batch_execute("BEGIN; LOCK TABLE acme.profile_traits").unwrap();
    let mut running = project.applying(&["--lock-timeout", "600"]);
    running.hears("acme.external_id_mapping ");
    server.stop();
    let run = running.finish().exits(2);
    run.says(&[
        "error[connection-lost]: target `warehouse`: the connection to the server was lost",
    ]);
    project.apply(&[]).exits(2).says(&["nothing listens at "]);
    server.start();
    assert_eq!(dump(&database), before);
    project.apply(&[]).fine();
}

#[test]
fn no_message_shows_a_password() {
    const SECRET: &str = "s3cr3tOfTheServer";
    let server =
        Server::private(Options { password: Some(SECRET.to_owned()), ..Options::default() });
    let database = Database::on(&server);
    let url = database.url();
    let wrong = url.replace(SECRET, "wr0ngs3cr3t");
    let nobody = url.replace(&format!(":{}/", server.port()), ":1/");
    let statement = Project::new(SMALL, url.clone());
    statement.apply(&[]).fine();
    database.client().batch_execute("ALTER TABLE acme.identifies DROP COLUMN segment_id").unwrap();
    for (url, words) in [
        (&wrong, "error[wrong-password]: "),
        (&nobody, "error[connection-refused]: "),
        (&url, "error[not-landed]: "),
    ] {
        for arguments in [&[][..], &["--dry-run"]] {
            let run = Project::new(SMALL, url.clone()).apply(arguments).exits(2).says(&[words]);
            for text in [&run.stdout, &run.stderr] {
                assert!(!text.contains("s3cr3t"), "{text}");
            }
        }
    }
}

#[test]
fn models_may_live_in_a_schema_of_their_own_and_any_name_can_be_applied() {
    for name in ["built", "order", "x\"; drop table y; --", "x'; --", "Größe 表", "$$x\\"] {
        let database = Database::new();
        let quoted = |name: String| serde_json::to_string(&name).unwrap();
        let text = format!(
            "space: {}\nmodels_schema: {}\ndialects: [postgres]\ntraits: {{ columns: {{ {}: varchar, order: varchar }} }}\n\
             events: {{ {}: {{}} }}\nmodels: {{ resolved_events: {{}}, user_traits: {{}} }}\n",
            quoted(format!("space {name}")),
            quoted(name.to_owned()),
            quoted(format!("t{name}")),
            quoted(format!("e{name}")),
        );
        let project = Project::new(&text, database.url());
        for _ in 0..2 {
            project.apply(&[]).fine();
        }
        let schema = name.replace('"', "\"\"");
        assert_eq!(count(&database, &format!("\"{schema}\".profile_traits")), 0);
        assert_eq!(count(&database, &format!("\"space {schema}\".identifies")), 0);
    }
}
