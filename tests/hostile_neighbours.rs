//! On Postgres: nothing that others made in a database is run by idgraph, and no setting of theirs changes what it computes.

mod support;

use std::fs;

use postgres::Client;
use support::command::{Run, finish};
use support::postgres::Database;
use support::postgres::project::{Project, count, dump, land};

/// A part of everything that reads, computes and compares.
const PROJECT: &str = "space: acme
models_schema: built
dialects: [postgres]
models: { user_traits: { name: long_traits }, resolved_events: {} }
traits:
  columns:
    email: varchar
    score: float
    member: boolean
    seen: timestamp
";

/// Somebody who may only make schemas, and has made what stands in front of what idgraph names.
struct Stranger<'a> {
    database: &'a Database<'static>,
    name: String,
}

impl<'a> Stranger<'a> {
    fn new(database: &'a Database<'static>) -> Self {
        let name = format!("{}_stranger", database.name());
        let mut client = database.client();
        client
            .batch_execute(&format!(
                "CREATE ROLE {name};
                 GRANT CREATE ON DATABASE {database} TO {name};
                 GRANT CREATE ON SCHEMA public TO {name};
                 ALTER DATABASE {database} SET search_path = acme, \"$user\", public, pg_catalog, pg_temp;
                 SET ROLE {name};
                 SET search_path = pg_catalog, pg_temp;
                 CREATE SCHEMA trap;
                 CREATE SEQUENCE trap.calls;
                 CREATE FUNCTION trap.spring() RETURNS boolean LANGUAGE plpgsql AS $$
                 BEGIN
                     PERFORM nextval('trap.calls');
                     IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
                         EXECUTE 'ALTER ROLE {name} SUPERUSER';
                     END IF;
                     RETURN true;
                 END $$;
                 GRANT USAGE ON SCHEMA trap TO PUBLIC;
                 GRANT USAGE ON SEQUENCE trap.calls TO PUBLIC;
                 CREATE SCHEMA acme;
                 CREATE SCHEMA postgres;
                 GRANT USAGE ON SCHEMA acme, postgres TO PUBLIC;",
                database = database.name()
            ))
            .expect("a stranger");
        for schema in ["acme", "postgres", "public"] {
            client.batch_execute(&planted(schema)).expect(schema);
        }
        client.batch_execute(LANDED).expect("what has landed");
        Self { database, name }
    }

    /// How often something of theirs was run.
    fn calls(&self) -> i64 {
        let sql = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM trap.calls";
        sober(self.database).query_one(sql, &[]).expect("the count").get(0)
    }

    #[track_caller]
    fn is_powerless(&self, after: &str) {
        let sql =
            format!("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = '{}'", self.name);
        let is_super: bool = sober(self.database).query_one(&sql, &[]).unwrap().get(0);
        assert_eq!((self.calls(), is_super), (0, false), "{after} ran what a stranger had made");
    }
}

impl Drop for Stranger<'_> {
    fn drop(&mut self) {
        let sql = format!("DROP OWNED BY {0} CASCADE; DROP ROLE {0}", self.name);
        let _ = sober(self.database).batch_execute(&sql);
    }
}

/// A session in which names mean Postgres's own.
fn sober(database: &Database<'_>) -> Client {
    let mut client = database.client();
    client.batch_execute("SET search_path = pg_catalog").expect("a setting");
    client
}

/// What Segment has landed, in types of its own; the stranger's.
const LANDED: &str = "
CREATE TABLE acme.identifies (
    id text, segment_id text, \"timestamp\" timestamp, email varchar, score double precision, member boolean, seen timestamp
);
CREATE TABLE acme.id_graph_updates (
    id text, segment_id varchar, canonical_segment_id varchar, \"timestamp\" timestamp
);";

/// Functions, operators, casts, types, tables and views with the names that SQL of idgraph has.
fn planted(schema: &str) -> String {
    let functions = [
        ("obj_description", "oid, text", "text"),
        ("obj_description", "oid, name", "text"),
        ("col_description", "oid, integer", "text"),
        ("format_type", "oid, integer", "text"),
        ("digest", "bytea, varchar", "bytea"),
        ("encode", "bytea, varchar", "text"),
        ("convert_to", "text, text", "bytea"),
        ("convert_to", "varchar, text", "bytea"),
        ("hashtext", "varchar", "integer"),
        ("lower", "name", "text"),
        ("lower", "text", "text"),
        ("now", "", "timestamptz"),
        ("clock_timestamp", "", "timestamptz"),
        ("current_database", "", "name"),
        ("current_setting", "text", "text"),
        ("set_config", "text, text, boolean", "text"),
        ("pg_backend_pid", "", "integer"),
        ("pg_is_in_recovery", "", "boolean"),
        ("pg_try_advisory_lock", "integer, integer", "boolean"),
        ("pg_try_advisory_xact_lock_shared", "integer, integer", "boolean"),
        ("pg_advisory_xact_lock", "integer, integer", "void"),
        ("pg_has_role", "oid, oid, text", "boolean"),
        ("date_trunc", "text, interval", "interval"),
        ("concat", "text, text", "text"),
        ("float8", "varchar", "double precision"),
        ("text", "timestamp", "text"),
        ("timestamptz", "timestamp", "timestamptz"),
    ];
    let mut sql = String::new();
    for (name, arguments, result) in functions {
        sql += &format!(
            "CREATE FUNCTION {schema}.{name}({arguments}) RETURNS {result} LANGUAGE plpgsql AS
             $$ BEGIN PERFORM trap.spring(); RETURN {}; END $$;\n",
            if result == "void" { "" } else { "NULL" }
        );
    }
    for (index, (operator, left, right)) in [
        ("=", "text", "varchar"),
        ("=", "varchar", "text"),
        ("=", "varchar", "varchar"),
        ("=", "text", "text"),
        ("=", "name", "text"),
        ("=", "oid", "oid"),
        ("=", "bigint", "integer"),
        ("<>", "text", "text"),
        (">", "timestamptz", "timestamptz"),
        (">", "timestamp", "timestamptz"),
        ("<", "text", "text"),
        ("||", "text", "text"),
    ]
    .into_iter()
    .enumerate()
    {
        let result = if operator == "||" { "text" } else { "boolean" };
        sql += &format!(
            "CREATE FUNCTION {schema}.operates_{index}({left}, {right}) RETURNS {result} LANGUAGE plpgsql AS
             $$ BEGIN PERFORM trap.spring(); RETURN NULL; END $$;
             CREATE OPERATOR {schema}.{operator} (LEFTARG = {left}, RIGHTARG = {right}, FUNCTION = {schema}.operates_{index});\n"
        );
    }
    for kind in ["text", "name", "timestamptz", "int8"] {
        sql +=
            &format!("CREATE DOMAIN {schema}.{kind} AS pg_catalog.{kind} CHECK (trap.spring());\n");
    }
    sql += &format!(
        "CREATE FUNCTION {schema}.folds(text, text) RETURNS text LANGUAGE plpgsql AS
         $$ BEGIN PERFORM trap.spring(); RETURN NULL; END $$;
         CREATE AGGREGATE {schema}.max(text) (SFUNC = {schema}.folds, STYPE = pg_catalog.text);
         CREATE TYPE {schema}.odd AS ENUM ('odd');
         CREATE FUNCTION {schema}.as_odd(pg_catalog.text) RETURNS {schema}.odd LANGUAGE plpgsql AS
         $$ BEGIN PERFORM trap.spring(); RETURN NULL; END $$;
         CREATE CAST (pg_catalog.text AS {schema}.odd) WITH FUNCTION {schema}.as_odd(pg_catalog.text) AS IMPLICIT;\n"
    );
    let views = [
        "pg_class",
        "pg_namespace",
        "pg_attribute",
        "pg_extension",
        "pg_roles",
        "pg_locks",
        "pg_stat_activity",
        "pg_type",
    ];
    for view in views {
        sql += &format!("CREATE VIEW {schema}.{view} AS SELECT trap.spring() AS oid;\n");
    }
    let work = [
        "id_graph_built",
        "external_id_mapping_built",
        "profile_traits_built",
        "long_traits_built",
        "id_graph_entry",
        "idgraph_work_id_graph_entry",
        "id_graph",
        "profile_traits",
        "idgraph_objects",
        "idgraph_migrations",
    ];
    for view in work {
        sql += &format!("CREATE VIEW {schema}.{view} AS SELECT trap.spring() AS segment_id;\n");
    }
    sql
}

fn run(project: &Project, name: &str, further: &[&str]) -> Run {
    finish(project.command(name, further))
}

#[test]
fn nothing_that_a_stranger_made_in_front_is_run() {
    let database = Database::new();
    let stranger = Stranger::new(&database);
    let project = Project::new(PROJECT, database.url());
    let fixtures = project.folder().join("fixtures");
    fs::create_dir(&fixtures).expect("a folder");
    let fixture = "batches:
  - land: { identifies: [{ segment_id: p1, timestamp: 2024-01-01, email: a@x }] }
    expect: { profile_traits: [{ canonical_segment_id: p1, email: a@x }] }
";
    fs::write(fixtures.join("one.yml"), fixture).expect("write");

    // One after the other, as a team would.
    run(&project, "status", &[]).fine();
    stranger.is_powerless("status");
    run(&project, "plan", &[]).exits(1);
    stranger.is_powerless("plan");
    run(&project, "apply", &["--dry-run"]).fine();
    stranger.is_powerless("apply --dry-run");
    run(&project, "introspect", &["--check"]);
    stranger.is_powerless("introspect --check");
    for round in ["@one", "@two"] {
        run(&project, "apply", &[]).fine();
        stranger.is_powerless("apply");
        clean(&database, |_| land(&database, 20, round));
        run(&project, "refresh", &[]).fine();
        stranger.is_powerless("refresh");
    }
    run(&project, "refresh", &["--full"]).fine();
    stranger.is_powerless("refresh --full");
    for (name, further) in [
        ("status", &[][..]),
        ("show", &["profile_traits"]),
        ("show", &["identifies"]),
        ("verify", &["--keys"]),
        ("explain", &["p1"]),
        ("plan", &[]),
        ("test", &[]),
        ("diff", &[]),
    ] {
        let run = run(&project, name, further);
        assert!(matches!(run.code, Some(0 | 1)), "{name}: {}{}", run.stdout, run.stderr);
        stranger.is_powerless(name);
    }
    assert_eq!(count(&database, "built.profile_traits"), 20);
}

/// Does something in sessions without the database's own settings.
fn clean(database: &Database<'_>, work: impl FnOnce(&mut Client)) {
    let mut client = sober(database);
    let saved: Option<Vec<String>> = client
        .query_opt(
            "SELECT s.setconfig FROM pg_catalog.pg_db_role_setting AS s
             JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase
             WHERE d.datname = current_database()",
            &[],
        )
        .expect("settings")
        .map(|row| row.get(0));
    let name = database.name();
    client.batch_execute(&format!("ALTER DATABASE {name} RESET ALL")).expect("reset");
    work(&mut database.client());
    for setting in saved.unwrap_or_default() {
        let (key, value) = setting.split_once('=').expect("a setting");
        let value = match key {
            "search_path" => value.to_owned(),
            _ => format!("'{value}'"),
        };
        client.batch_execute(&format!("ALTER DATABASE {name} SET {key} = {value}")).expect(key);
    }
}

/// Settings with which the same SQL means something else.
const HOSTILE: [&str; 16] = [
    "search_path = 'nowhere'",
    "TimeZone = 'America/New_York'",
    "DateStyle = 'German, DMY'",
    "IntervalStyle = 'sql_standard'",
    "standard_conforming_strings = off",
    "backslash_quote = on",
    "escape_string_warning = off",
    "quote_all_identifiers = on",
    "bytea_output = 'escape'",
    "extra_float_digits = -10",
    "array_nulls = off",
    "transform_null_equals = on",
    "row_security = on",
    "default_transaction_read_only = on",
    "default_transaction_isolation = 'serializable'",
    "client_min_messages = debug1",
];

const ROWS: &str = r"
INSERT INTO acme.id_graph_updates (id, segment_id, canonical_segment_id, timestamp)
VALUES ('g1', 'p1', 'p1', '2024-03-10 02:30:00'), ('g2', 'p2', 'p1', '2024-03-10 12:00:00');
INSERT INTO acme.identifies (id, segment_id, timestamp, email, score, member, seen)
VALUES ('i1', 'p1', '2024-03-10 02:30:00', 'back\slash''quote', 0.1234567890123456, true, '2024-11-03 01:30:00.123456'),
       ('i2', 'p2', '2024-01-02 03:04:05', 'ü…', 1e-7, NULL, '2024-07-01 00:00:00');
INSERT INTO acme.external_id_mapping_updates (id, segment_id, external_id_type, external_id_value, timestamp)
VALUES ('e1', 'p1', 'email', 'a\b@x', '2024-01-02 03:04:05');
";

/// What an apply and a refresh come to.
fn built(settings: &[&str]) -> (Vec<String>, [String; 3]) {
    let database = Database::new();
    let project = Project::new(PROJECT, database.url());
    database
        .client()
        .batch_execute(&format!("CREATE SCHEMA acme; {LANDED}"))
        .expect("landed tables without a time zone");
    project.land_tables();
    set(&database, settings);
    project.apply_alone(&[]).fine();
    set(&database, &[]);
    database.client().batch_execute(ROWS).expect("land");
    set(&database, settings);
    project.apply_alone(&[]).fine();
    project.refresh(&[]).fine();
    run(&project, "plan", &[]).fine();
    run(&project, "verify", &[]).fine();
    let shown = ["profile_traits", "long_traits", "id_graph"]
        .map(|table| run(&project, "show", &[table, "--format", "csv"]).fine().stdout);
    set(&database, &[]);
    let rows = dump(&database).into_iter().filter(|line| !line.contains("idgraph_"));
    (rows.collect(), shown)
}

/// Makes these the settings of a database's sessions, and no others.
fn set(database: &Database<'_>, settings: &[&str]) {
    let mut client = database.client();
    let name = database.name();
    let mut run = |sql: String| {
        client.batch_execute("SET default_transaction_read_only = off").expect("a setting");
        client.batch_execute(&sql).expect(&sql);
    };
    run(format!("ALTER DATABASE {name} RESET ALL"));
    for setting in settings {
        run(format!("ALTER DATABASE {name} SET {setting}"));
    }
}

#[test]
fn settings_of_a_server_a_role_or_a_database_change_no_result() {
    let (rows, shown) = built(&[]);
    let (same_rows, same_shown) = built(&HOSTILE);
    assert_eq!(same_rows, rows);
    assert_eq!(same_shown, shown);
    assert!(shown[0].contains("0.1234567890123456"), "{}", shown[0]);
}

#[test]
fn rows_that_a_policy_hides_are_an_error_and_not_lost() {
    let database = Database::new();
    let project = Project::new(PROJECT, database.url());
    project.apply(&[]).fine();
    land(&database, 10, "@x");
    project.apply(&[]).fine();
    let role = format!("{}_reader", database.name());
    database
        .client()
        .batch_execute(&format!(
            "CREATE ROLE {role};
             GRANT USAGE ON SCHEMA acme TO {role};
             GRANT USAGE, CREATE ON SCHEMA built TO {role};
             GRANT SELECT ON ALL TABLES IN SCHEMA acme TO {role};
             ALTER TABLE built.id_graph OWNER TO {role};
             ALTER TABLE built.external_id_mapping OWNER TO {role};
             ALTER TABLE built.profile_traits OWNER TO {role};
             ALTER TABLE built.long_traits OWNER TO {role};
             GRANT ALL ON ALL TABLES IN SCHEMA built TO {role};
             CREATE POLICY half ON acme.identifies FOR SELECT TO {role} USING (segment_id < 'p5');
             ALTER TABLE acme.identifies ENABLE ROW LEVEL SECURITY;"
        ))
        .expect("a policy");
    let before = dump(&database);
    let mut refresh = project.command("refresh", &[]);
    refresh.env("PGOPTIONS", format!("-c role={role}"));
    finish(refresh).exits(2).says(&[
        "row-level security policy for table \"identifies\"",
        &format!("ALTER ROLE {role} BYPASSRLS"),
    ]);
    assert_eq!(dump(&database), before);
    let sql = format!("DROP OWNED BY {role} CASCADE; DROP ROLE {role}");
    database.client().batch_execute(&sql).expect("drop the role");
}
