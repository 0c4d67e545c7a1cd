//! What a statement of a migration can do decides whether it may stand there, whatever it is written in: one judge for
//! `migrate check`, `plan` and `apply`, and a list of statements with what it says of each.

use idgraph::diagnostic::Source;
use idgraph::dialect::{Dialect, Library};
use idgraph::migrate::{FileName, MigrationText};

/// Dialect, statements, and the verdict: `fine`; `destructive NAME`, for each thing that has to be named (`0001_case` is the
/// file itself, where nothing has a name); `session`; `bare NAME`, for a name without a schema; `schema`; `not-sql`.
const CASES: &[(&str, &str, &str)] = &[
    // What only reads, describes or adds.
    ("postgres", "SELECT 1", "fine"),
    ("postgres", "SELECT count(*), max(x) FROM acme.a", "fine"),
    ("postgres", "EXPLAIN SELECT 1", "fine"),
    ("postgres", "CREATE TABLE acme.mine (x integer)", "fine"),
    ("postgres", "CREATE TABLE acme.mine AS SELECT * FROM acme.identifies", "fine"),
    ("postgres", "CREATE VIEW acme.mine AS SELECT 1 AS x", "fine"),
    ("postgres", "CREATE OR REPLACE VIEW acme.mine AS SELECT 1 AS x", "fine"),
    ("postgres", "CREATE INDEX a_x_idx ON acme.a (x)", "fine"),
    ("postgres", "CREATE SCHEMA acme_more", "fine"),
    ("postgres", "COMMENT ON TABLE acme.a IS 'An a'", "fine"),
    ("postgres", "COMMENT ON COLUMN acme.a.x IS 'An x'", "fine"),
    ("postgres", "ALTER TABLE acme.a ADD COLUMN y text", "fine"),
    ("postgres", "ALTER TABLE acme.a ADD CONSTRAINT a_pk PRIMARY KEY (x)", "fine"),
    ("postgres", "ALTER TABLE acme.a ALTER COLUMN x SET NOT NULL", "fine"),
    ("postgres", "ALTER TABLE acme.a ALTER COLUMN x SET DEFAULT 1", "fine"),
    ("postgres", "ANALYZE acme.a", "fine"),
    ("postgres", "LOCK TABLE acme.a IN SHARE MODE", "fine"),
    ("postgres", "SET LOCAL lock_timeout = '5s'", "fine"),
    ("sqlite", "CREATE INDEX acme.a_x_idx ON a (x)", "fine"),
    ("snowflake", "ALTER TABLE acme.a ADD COLUMN IF NOT EXISTS x varchar COMMENT 'An x'", "fine"),
    ("snowflake", "ALTER DYNAMIC TABLE acme.a SET COMMENT = 'An a'", "fine"),
    ("bigquery", "ALTER TABLE acme.a SET OPTIONS (description = 'DROP TABLE acme.a')", "fine"),
    ("bigquery", "ALTER TABLE acme.a ALTER COLUMN owner SET OPTIONS (description = 'x')", "fine"),
    ("databricks", "ALTER TABLE acme.a ALTER COLUMN x COMMENT 'An x'", "fine"),
    ("databricks", "COMMENT ON TABLE acme.a IS 'An a'", "fine"),
    ("redshift", "COMMENT ON COLUMN acme.a.x IS 'An x'", "fine"),
    ("duckdb", "COMMENT ON TABLE acme.a IS 'An a'", "fine"),
    (
        "synapse",
        "IF OBJECT_ID('acme.v', 'V') IS NULL EXEC ('CREATE VIEW acme.v AS SELECT 1 AS x')",
        "fine",
    ),
    // What is dropped.
    ("postgres", "DROP TABLE acme.a", "destructive acme.a"),
    ("postgres", "DROP TABLE IF EXISTS ACME.A CASCADE", "destructive acme.a"),
    ("postgres", "DROP TABLE acme.a, acme.b", "destructive acme.a, acme.b"),
    ("postgres", "DROP VIEW acme.v", "destructive acme.v"),
    ("postgres", "DROP MATERIALIZED VIEW acme.v", "destructive acme.v"),
    ("postgres", "DROP INDEX acme.a_idx", "destructive acme.a_idx"),
    ("postgres", "DROP INDEX acme.id_graph_canonical_segment_id_idx", "fine"),
    (
        "postgres",
        "DROP INDEX acme.id_graph_canonical_segment_id_idx CASCADE",
        "destructive acme.id_graph_canonical_segment_id_idx",
    ),
    ("postgres", "DROP SEQUENCE acme.s", "destructive acme.s"),
    ("postgres", "DROP TYPE acme.t", "destructive acme.t"),
    ("postgres", "DROP FUNCTION acme.f(text)", "destructive acme.f"),
    ("postgres", "DROP PROCEDURE acme.p()", "destructive acme.p"),
    ("postgres", "DROP TRIGGER t ON acme.a", "destructive acme.a.t"),
    ("postgres", "DROP EXTENSION pgcrypto CASCADE", "destructive pgcrypto"),
    ("postgres", "DROP EXTENSION IF EXISTS pgcrypto", "destructive pgcrypto"),
    ("postgres", "DROP ROLE reporting", "destructive reporting"),
    ("postgres", "DROP SCHEMA acme", "schema"),
    ("postgres", "DROP SCHEMA IF EXISTS acme CASCADE", "schema"),
    ("snowflake", "DROP DATABASE acme", "schema"),
    ("snowflake", "DROP DYNAMIC TABLE acme.profile_traits", "destructive acme.profile_traits"),
    ("snowflake", "CREATE OR REPLACE TABLE acme.a (x varchar)", "destructive acme.a"),
    ("snowflake", "CREATE OR REPLACE SCHEMA acme", "schema"),
    ("duckdb", "CREATE OR REPLACE TABLE acme.a AS SELECT 1 AS x", "destructive acme.a"),
    ("bigquery", "DROP TABLE acme.a", "destructive acme.a"),
    ("databricks", "DROP TABLE main.acme.a", "destructive acme.a"),
    ("synapse", "IF OBJECT_ID('acme.a', 'U') IS NOT NULL DROP TABLE acme.a", "destructive acme.a"),
    ("synapse", "EXEC ('DROP TABLE acme.a')", "destructive acme.a"),
    // Columns and tables.
    ("postgres", "ALTER TABLE acme.a DROP COLUMN x", "destructive acme.a.x"),
    ("postgres", "ALTER TABLE acme.a DROP COLUMN x CASCADE", "destructive acme.a.x"),
    ("postgres", "ALTER TABLE acme.a ADD COLUMN y text, DROP COLUMN x", "destructive acme.a.x"),
    ("postgres", "ALTER TABLE acme.a RENAME COLUMN x TO y", "destructive acme.a.x"),
    ("postgres", "ALTER TABLE acme.profile_traits RENAME COLUMN x TO y", "fine"),
    ("postgres", "ALTER TABLE acme.a RENAME TO b", "destructive acme.a"),
    ("postgres", "ALTER TABLE acme.id_graph RENAME TO b", "destructive acme.id_graph"),
    ("postgres", "ALTER TABLE acme.a DROP CONSTRAINT a_pk", "destructive acme.a.a_pk"),
    ("postgres", "ALTER TABLE acme.a OWNER TO stranger", "destructive acme.a"),
    ("postgres", "ALTER TABLE acme.a ENABLE ROW LEVEL SECURITY", "destructive acme.a"),
    ("postgres", "ALTER TABLE acme.a DISABLE TRIGGER ALL", "destructive acme.a"),
    ("postgres", "CREATE TABLE acme.p PARTITION OF acme.a DEFAULT", "destructive acme.a"),
    ("snowflake", "ALTER TABLE acme.a SWAP WITH acme.b", "destructive acme.a, acme.b"),
    (
        "snowflake",
        "ALTER TABLE acme.a ADD COLUMN IF NOT EXISTS x varchar, DROP COLUMN y",
        "destructive acme.a.y",
    ),
    ("synapse", "RENAME OBJECT acme.a TO b", "destructive acme.a"),
    ("synapse", "RENAME OBJECT acme.id_graph TO idgraph_old_id_graph", "fine"),
    ("synapse", "EXEC sp_rename 'acme.a.x', 'y', 'COLUMN'", "destructive acme.a.x"),
    ("synapse", "EXEC sp_rename 'acme.profile_traits.x', 'y', 'COLUMN'", "fine"),
    (
        "bigquery",
        "ALTER TABLE acme.a SET OPTIONS (expiration_timestamp = TIMESTAMP '2020-01-01')",
        "destructive 0001_case",
    ),
    // Rows.
    ("postgres", "TRUNCATE acme.a", "destructive acme.a"),
    ("postgres", "TRUNCATE TABLE acme.profile_traits", "destructive acme.profile_traits"),
    ("postgres", "DELETE FROM acme.a WHERE x > 1", "destructive acme.a"),
    (
        "postgres",
        "DELETE FROM acme.identifies USING acme.b WHERE identifies.x = b.x",
        "destructive acme.identifies",
    ),
    ("postgres", "DELETE FROM acme.profile_traits WHERE x = 1", "destructive acme.profile_traits"),
    (
        "postgres",
        "DELETE FROM acme.profile_traits WHERE TRUE; INSERT INTO acme.profile_traits SELECT * FROM acme.b",
        "fine",
    ),
    (
        "postgres",
        "INSERT INTO acme.profile_traits SELECT * FROM acme.b; DELETE FROM acme.profile_traits",
        "destructive acme.profile_traits",
    ),
    (
        "postgres",
        "DELETE FROM acme.identifies; INSERT INTO acme.identifies SELECT * FROM acme.b",
        "destructive acme.identifies",
    ),
    ("postgres", "DELETE FROM acme.idgraph_watermarks WHERE model = 'id_graph'", "fine"),
    ("postgres", "DELETE FROM acme.idgraph_migrations", "destructive acme.idgraph_migrations"),
    ("postgres", "UPDATE acme.profile_traits SET x = 1", "fine"),
    ("postgres", "UPDATE acme.identifies SET email = NULL", "destructive acme.identifies"),
    ("postgres", "INSERT INTO acme.identifies (id) VALUES ('x')", "destructive acme.identifies"),
    ("postgres", "CREATE TABLE acme.mine (x integer); INSERT INTO acme.mine VALUES (1)", "fine"),
    (
        "postgres",
        "CREATE TABLE IF NOT EXISTS acme.mine (x integer); INSERT INTO acme.mine VALUES (1)",
        "destructive acme.mine",
    ),
    (
        "postgres",
        "ALTER TABLE acme.a ADD COLUMN y integer; UPDATE acme.a SET y = x WHERE x > 1",
        "fine",
    ),
    (
        "postgres",
        "ALTER TABLE acme.a ADD COLUMN y integer; UPDATE acme.a SET y = x, x = 0",
        "destructive acme.a",
    ),
    (
        "postgres",
        "UPDATE acme.a SET y = x; ALTER TABLE acme.a ADD COLUMN y integer",
        "destructive acme.a",
    ),
    (
        "postgres",
        "WITH d AS (DELETE FROM acme.identifies RETURNING *) SELECT count(*) FROM d",
        "destructive acme.identifies",
    ),
    (
        "postgres",
        "WITH d AS (UPDATE acme.identifies SET x = 1 RETURNING *) SELECT 1",
        "destructive acme.identifies",
    ),
    (
        "postgres",
        "INSERT INTO acme.profile_traits WITH d AS (DELETE FROM acme.identifies RETURNING *) SELECT * FROM d",
        "destructive acme.identifies",
    ),
    (
        "postgres",
        "CREATE TABLE acme.mine AS WITH d AS (DELETE FROM acme.a RETURNING *) SELECT * FROM d",
        "destructive acme.a",
    ),
    (
        "postgres",
        "MERGE INTO acme.a AS t USING acme.b AS s ON t.x = s.x WHEN MATCHED THEN DELETE",
        "destructive acme.a",
    ),
    ("postgres", "EXPLAIN ANALYZE DELETE FROM acme.a", "destructive acme.a"),
    ("postgres", "PREPARE p AS DELETE FROM acme.a", "destructive acme.a"),
    (
        "snowflake",
        "MERGE INTO acme.profile_traits AS t USING acme.b AS s ON t.x = s.x WHEN MATCHED THEN DELETE",
        "fine",
    ),
    ("snowflake", "INSERT OVERWRITE INTO acme.profile_traits SELECT * FROM acme.b", "fine"),
    ("snowflake", "INSERT OVERWRITE INTO acme.a SELECT * FROM acme.b", "destructive acme.a"),
    ("databricks", "INSERT OVERWRITE TABLE acme.a SELECT * FROM acme.b", "destructive acme.a"),
    (
        "bigquery",
        "MERGE acme.a AS t USING acme.b AS s ON FALSE WHEN NOT MATCHED BY SOURCE THEN DELETE",
        "destructive acme.a",
    ),
    ("sqlite", "DELETE FROM acme.a", "destructive acme.a"),
    ("duckdb", "DELETE FROM acme.a WHERE x = 1", "destructive acme.a"),
    ("redshift", "DELETE FROM acme.a USING acme.b WHERE a.x = b.x", "destructive acme.a"),
    // Views that the same file makes again.
    ("postgres", "DROP VIEW acme.v; CREATE VIEW acme.v AS SELECT 1 AS x", "fine"),
    (
        "postgres",
        "DROP VIEW acme.v CASCADE; CREATE VIEW acme.v AS SELECT 1 AS x",
        "destructive acme.v",
    ),
    ("postgres", "CREATE VIEW acme.v AS SELECT 1 AS x; DROP VIEW acme.v", "destructive acme.v"),
    ("postgres", "DROP VIEW acme.v; CREATE VIEW acme.w AS SELECT 1 AS x", "destructive acme.v"),
    ("sqlite", "DROP VIEW IF EXISTS acme.v; CREATE VIEW acme.v AS SELECT 1 AS x", "fine"),
    // Code and rights.
    (
        "postgres",
        "CREATE FUNCTION acme.f() RETURNS void LANGUAGE sql AS $$ DROP TABLE acme.identifies $$",
        "destructive acme.identifies",
    ),
    ("postgres", "CREATE FUNCTION acme.f() RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$", "fine"),
    (
        "postgres",
        "CREATE FUNCTION acme.f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DROP TABLE acme.a; END $$",
        "destructive acme.f",
    ),
    (
        "postgres",
        "CREATE FUNCTION acme.f() RETURNS integer LANGUAGE sql SECURITY DEFINER AS $$ SELECT 1 $$",
        "destructive acme.f",
    ),
    (
        "postgres",
        "CREATE OR REPLACE FUNCTION acme.f() RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$",
        "destructive acme.f",
    ),
    ("postgres", "DO $$ BEGIN DROP TABLE acme.a; END $$", "destructive 0001_case"),
    ("postgres", "CALL acme.p()", "destructive acme.p"),
    ("postgres", "EXECUTE p", "destructive p"),
    ("postgres", "SELECT acme.drop_all()", "destructive acme.drop_all"),
    ("postgres", "SELECT * FROM acme.drop_all()", "destructive acme.drop_all"),
    ("postgres", "SELECT pg_terminate_backend(1)", "destructive pg_terminate_backend"),
    ("postgres", "UPDATE acme.profile_traits SET x = acme.f(x)", "destructive acme.f"),
    (
        "postgres",
        "CREATE TRIGGER t BEFORE INSERT ON acme.a FOR EACH ROW EXECUTE FUNCTION acme.f()",
        "destructive acme.a",
    ),
    ("postgres", "CREATE EXTENSION hstore", "destructive hstore"),
    ("postgres", "COPY acme.a TO PROGRAM 'sh'", "destructive acme.a"),
    ("postgres", "COPY acme.a TO '/tmp/a'", "destructive acme.a"),
    ("postgres", "COPY acme.a FROM '/tmp/a'", "destructive acme.a"),
    ("postgres", "GRANT SELECT ON acme.a TO reporting", "destructive acme.a"),
    ("postgres", "REVOKE SELECT ON acme.a FROM reporting", "destructive acme.a"),
    ("postgres", "CREATE ROLE stranger SUPERUSER", "destructive stranger"),
    ("postgres", "ALTER ROLE stranger SUPERUSER", "destructive stranger"),
    ("postgres", "CREATE SCHEMA acme AUTHORIZATION stranger", "destructive acme"),
    ("postgres", "VACUUM FULL acme.a", "destructive 0001_case"),
    ("sqlite", "PRAGMA writable_schema = 1", "destructive 0001_case"),
    ("sqlite", "ATTACH DATABASE 'other.db' AS other", "destructive 0001_case"),
    ("snowflake", "EXECUTE IMMEDIATE 'DROP TABLE acme.a'", "destructive acme.a"),
    ("databricks", "BEGIN DECLARE x STRING; EXECUTE IMMEDIATE x; END", "destructive 0001_case"),
    (
        "redshift",
        "CREATE OR REPLACE PROCEDURE acme.p() AS $$ BEGIN DROP TABLE acme.a; END; $$ LANGUAGE plpgsql",
        "destructive 0001_case",
    ),
    // Names without a schema.
    ("postgres", "DROP TABLE identifies CASCADE", "bare identifies"),
    ("postgres", "DROP VIEW v", "bare v"),
    ("postgres", "TRUNCATE identifies", "bare identifies"),
    ("postgres", "ALTER TABLE identifies DROP COLUMN email", "bare identifies"),
    ("postgres", "ALTER TABLE identifies ADD COLUMN email text", "bare identifies"),
    ("postgres", "INSERT INTO identifies VALUES (1)", "bare identifies"),
    ("postgres", "UPDATE identifies SET x = 1", "bare identifies"),
    ("postgres", "DELETE FROM identifies", "bare identifies"),
    (
        "postgres",
        "WITH d AS (DELETE FROM identifies RETURNING *) SELECT * FROM d",
        "bare identifies",
    ),
    (
        "postgres",
        "MERGE INTO identifies AS t USING acme.b AS s ON t.x = s.x WHEN MATCHED THEN DELETE",
        "bare identifies",
    ),
    ("postgres", "CREATE TABLE identifies (x integer)", "bare identifies"),
    ("postgres", "CREATE VIEW identifies AS SELECT 1 AS x", "bare identifies"),
    ("postgres", "CREATE INDEX i ON identifies (x)", "bare identifies"),
    ("postgres", "COMMENT ON TABLE identifies IS 'x'", "bare identifies"),
    ("postgres", "COMMENT ON COLUMN identifies.x IS 'x'", "bare identifies"),
    ("postgres", "SELECT 1 AS x INTO identifies", "bare identifies"),
    ("sqlite", "DROP TABLE identifies", "bare identifies"),
    ("snowflake", "DROP DYNAMIC TABLE profile_traits", "bare profile_traits"),
    ("databricks", "COMMENT ON TABLE identifies IS 'x'", "bare identifies"),
    ("synapse", "RENAME OBJECT identifies TO other", "bare identifies"),
    ("synapse", "EXEC ('DROP TABLE identifies')", "bare identifies"),
    (
        "postgres",
        "CREATE TEMPORARY TABLE work AS SELECT 1 AS x; INSERT INTO work VALUES (2); DROP TABLE work",
        "fine",
    ),
    (
        "postgres",
        "DROP TABLE IF EXISTS work; CREATE TEMPORARY TABLE work AS SELECT 1 AS x",
        "bare work",
    ),
    ("sqlite", "DROP TABLE IF EXISTS temp.work", "fine"),
    ("snowflake", "DROP TABLE acme.idgraph_work_id_graph_window", "fine"),
    ("synapse", "IF OBJECT_ID('tempdb..#work') IS NOT NULL DROP TABLE #work", "fine"),
    // The session.
    ("postgres", "SET search_path = acme; DROP TABLE acme.identifies", "session"),
    ("postgres", "SET LOCAL search_path TO acme", "session"),
    ("postgres", "SET ROLE stranger", "session"),
    ("postgres", "SET SESSION AUTHORIZATION stranger", "session"),
    ("postgres", "SET session_replication_role = replica", "session"),
    ("postgres", "RESET search_path", "session"),
    ("postgres", "RESET ALL", "session"),
    ("postgres", "DISCARD ALL", "session"),
    ("postgres", "SELECT set_config('search_path', 'acme', false)", "session"),
    ("postgres", "SELECT pg_catalog.set_config('role', 'stranger', false)", "session"),
    ("postgres", "ALTER ROLE etl SET search_path = acme", "session"),
    ("snowflake", "USE SCHEMA acme", "session"),
    ("snowflake", "USE ROLE accountadmin", "session"),
    ("databricks", "USE acme", "session"),
    ("duckdb", "USE acme", "session"),
    // What nobody reads is refused.
    ("postgres", "ALTER DATABASE shop SET search_path = acme", "not-sql"),
    ("postgres", "DROP TABLE acme.a acme.b", "not-sql"),
];

fn judged(dialect: &str, sql: &str) -> String {
    let dialect = Dialect::load(&Library::embedded(), dialect).expect("a dialect");
    let file = |text: String| {
        MigrationText::new(FileName::new(1, "case"), Source::new("0001_case.sql", text))
            .read(&dialect)
    };
    let end = if dialect.facts.batch.is_empty() { ";\n" } else { ";\nGO\n" };
    let text: String = sql.split("; ").map(|one| format!("{one}{end}")).collect();
    // Bodies have semicolons of their own.
    let text =
        if sql.contains("$$") || sql.starts_with("BEGIN") { format!("{sql};\n") } else { text };
    let Err(problems) = file(text.clone()) else { return "fine".to_owned() };
    let mut verdicts: Vec<String> = Vec::new();
    let mut named: Vec<String> = Vec::new();
    for problem in problems.iter() {
        let message = problem.message();
        match problem.code() {
            "session-setting" => verdicts.push("session".to_owned()),
            "unqualified-name" => {
                let name = message.split(' ').next().unwrap_or_default();
                verdicts.push(format!("bare {name}"));
            }
            "migration-not-sql" => verdicts.push("not-sql".to_owned()),
            "destructive-unmarked" if message.contains("drops no schema") => {
                verdicts.push("schema".to_owned());
            }
            "destructive-unmarked" => {
                let shown = problem.to_string();
                let (_, name) = shown.split_once("-- idgraph: destructive ").expect("a help");
                let name = name.lines().next().unwrap_or_default().to_owned();
                if !named.contains(&name) {
                    named.push(name);
                }
            }
            other => verdicts.push(other.to_owned()),
        }
    }
    verdicts.dedup();
    if !named.is_empty() {
        verdicts.push(format!("destructive {}", named.join(", ")));
    }
    verdicts.join("; ")
}

#[test]
fn every_statement_is_judged_by_what_it_can_do() {
    let mut wrong = Vec::new();
    for (dialect, sql, verdict) in CASES {
        let judged = judged(dialect, sql);
        // Where the session is changed, what else it does is of no interest.
        let is_it = judged == *verdict
            || (*verdict == "session" && judged.split("; ").any(|one| one == "session"));
        if !is_it {
            wrong.push(format!("{dialect}: {sql}\n  should be: {verdict}\n  is:        {judged}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}

#[test]
fn what_is_named_in_front_of_its_statement_is_all_that_was_missing_and_another_name_is_not() {
    for (dialect, sql, verdict) in CASES {
        let Some(names) = verdict.strip_prefix("destructive ") else { continue };
        if sql.contains("; ") {
            continue;
        }
        let front: String =
            names.split(", ").map(|name| format!("-- idgraph: destructive {name}\n")).collect();
        assert_eq!(judged(dialect, &format!("{front}{sql}")), "fine", "{dialect}: {sql}");
        let other = judged(dialect, &format!("-- idgraph: destructive acme.other\n{sql}"));
        assert!(other.contains("destructive-idle"), "{dialect}: {sql}: {other}");
        assert!(other.contains(verdict), "{dialect}: {sql}: {other}");
    }
    for (dialect, sql, verdict) in CASES.iter().filter(|(_, _, verdict)| *verdict == "fine") {
        let said = judged(dialect, &format!("-- idgraph: destructive acme.other\n{sql}"));
        assert_eq!(said, "destructive-idle", "{dialect}: {sql} is {verdict}");
    }
}

#[test]
fn behind_its_drop_the_name_of_a_temporary_table_is_nobodys() {
    for (dialect, text, is_fine) in [
        ("sqlite", "CREATE TEMP TABLE t AS SELECT 1 AS a;\nDROP TABLE t;\nDROP TABLE t;", false),
        (
            "sqlite",
            "CREATE TEMP TABLE t AS SELECT 1 AS a;\nDROP TABLE temp.t;\nDELETE FROM t;",
            false,
        ),
        (
            "postgres",
            "CREATE TEMP TABLE t AS SELECT 1 AS a;\nALTER TABLE t RENAME TO z;\nDROP TABLE t;",
            false,
        ),
        (
            "postgres",
            "CREATE TEMP TABLE t AS SELECT 1 AS a;\nDROP TABLE t;\nCREATE TEMP TABLE t AS SELECT 1 AS a;\nDROP TABLE t;",
            true,
        ),
    ] {
        let said = judged(dialect, text);
        assert_eq!(said == "fine", is_fine, "{dialect}: {text}: {said}");
    }
}
