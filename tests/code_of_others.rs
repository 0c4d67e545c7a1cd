//! On Postgres: code of others on a table that is written to, or of the type of a landed column, runs with the rights of whoever
//! writes or reads. No command runs it and no rendered file does, also where it comes while they begin.

mod support;

use std::fs;
use std::time::{Duration, Instant};

use postgres::Client;
use support::command::{Run, command, finish};
use support::postgres::Database;
use support::postgres::project::{Project, count, land, statements};

const PROJECT: &str = "space: acme
models_schema: built
dialects: [postgres]
incremental: { load_time: received_at, lookback: 1m }
models:
  id_graph: { materialized: incremental }
traits:
  columns:
    email: varchar
";

/// A database with a project applied, and a role that may make things in it and calls its code `spring`.
struct Scene {
    database: Database<'static>,
    project: Project,
    role: String,
}

impl Scene {
    fn new() -> Self {
        Self::over("")
    }

    /// `landed` is made by the role before the project is applied; where that cannot be, the files run first.
    fn over(landed: &str) -> Self {
        let database = Database::new();
        let project = Project::new(PROJECT, database.url());
        let role = format!("{}_other", database.name());
        let sql = format!(
            "CREATE ROLE {role}; GRANT CREATE ON DATABASE {} TO {role};
             CREATE SCHEMA acme; GRANT ALL ON SCHEMA acme TO {role};
             CREATE SCHEMA built; GRANT ALL ON SCHEMA built TO {role};
             SET ROLE {role};
             CREATE SCHEMA trap; CREATE SEQUENCE trap.calls; GRANT USAGE ON SCHEMA trap TO PUBLIC; GRANT USAGE ON trap.calls TO PUBLIC;
             CREATE FUNCTION trap.spring() RETURNS boolean LANGUAGE plpgsql AS
             $$ BEGIN PERFORM nextval('trap.calls'); RETURN true; END $$;
             CREATE FUNCTION trap.spring(text) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS
             $$ BEGIN PERFORM nextval('trap.calls'); RETURN true; END $$;
             CREATE FUNCTION trap.spring_on() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN PERFORM nextval('trap.calls'); RETURN NEW; END $$;
             {landed}",
            database.name()
        );
        database.client().batch_execute(&sql).expect(landed);
        if landed.is_empty() {
            project.apply(&[]).fine();
            land(&database, 3, "@one");
            project.refresh(&[]).fine();
            land(&database, 5, "@two");
        }
        Self { database, project, role }
    }

    fn client(&self) -> Client {
        self.database.client()
    }

    fn admin(&self, sql: &str) {
        self.client().batch_execute(&sql.replace("ROLE_", &self.role)).expect(sql);
    }

    fn role(&self, sql: &str) {
        self.admin(&format!("SET ROLE ROLE_; {sql}"));
    }

    fn run(&self, name: &str) -> Run {
        finish(self.project.command(name, &[]))
    }

    /// Runs the rendered files in their order, as a runner that goes on after every error: what went wrong.
    fn files(&self) -> Result<(), String> {
        finish(command(self.project.folder(), &["render"])).fine();
        let folder = fs::read_dir(self.project.folder().join("sql/postgres")).expect("files");
        let mut files: Vec<_> = folder.map(|entry| entry.expect("an entry").path()).collect();
        files.sort();
        let mut client = self.client();
        let mut said = Vec::new();
        for file in files {
            for statement in statements(&fs::read_to_string(&file).expect("a text")) {
                if let Err(error) = client.batch_execute(&statement) {
                    let message = error.as_db_error().expect("the server's").message().to_owned();
                    said.push(message);
                }
            }
        }
        said.retain(|message| !message.starts_with("current transaction is aborted"));
        if said.is_empty() { Ok(()) } else { Err(said.join("\n")) }
    }

    #[track_caller]
    fn nothing_ran(&self) {
        let called = "SELECT is_called FROM trap.calls";
        let called: bool = self.client().query_one(called, &[]).expect("calls").get(0);
        assert!(!called, "code of others was run");
    }

    /// Commands and files refuse to write by what is there now, and name it.
    #[track_caller]
    fn is_refused(&self, what: &str) {
        for name in ["apply", "refresh"] {
            self.run(name).exits(2).says(&["error[code-of-others]: ", what]);
            self.nothing_ran();
        }
        let said = self.files().expect_err("no file is run");
        assert!(said.contains(what), "`{what}` is not in: {said}");
        self.nothing_ran();
    }

    /// Waits until somebody waits for a lock on a table.
    fn is_waited_for(&self, table: &str) {
        let sql = format!("pg_locks WHERE NOT granted AND relation = '{table}'::regclass");
        let start = Instant::now();
        while count(&self.database, &sql) == 0 {
            assert!(start.elapsed() < Duration::from_secs(60), "nobody waits for {table}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let sql = format!("DROP OWNED BY {0} CASCADE; DROP ROLE {0}", self.role);
        let _ = self.client().batch_execute(&sql);
    }
}

const TRIGGER: &str =
    "CREATE TRIGGER trap BEFORE INSERT ON TABLE_ FOR EACH ROW EXECUTE FUNCTION trap.spring_on()";

#[test]
fn a_trigger_on_any_table_that_is_written_to_is_refused() {
    let scene = Scene::new();
    let tables = ["id_graph", "profile_traits", "idgraph_watermarks", "idgraph_objects"];
    for table in tables.map(|table| format!("built.{table}")) {
        scene.admin(&format!("GRANT TRIGGER ON {table} TO ROLE_"));
        scene.role(&TRIGGER.replace("TABLE_", &table));
        scene.is_refused(&format!("{table} has the trigger trap of role {}", scene.role));
        scene.admin(&format!("DROP TRIGGER trap ON {table}"));
    }
    scene.run("refresh").fine();
    assert_eq!(scene.files(), Ok(()));
    assert_eq!(count(&scene.database, "built.profile_traits WHERE email LIKE '%@two'"), 5);
}

#[test]
fn a_role_that_is_trusted_may_have_its_code_there() {
    let scene = Scene::new();
    scene.admin("GRANT TRIGGER ON built.id_graph TO ROLE_; GRANT ROLE_ TO CURRENT_USER");
    scene.role(&TRIGGER.replace("TABLE_", "built.id_graph"));
    scene.run("refresh").fine();
    assert_eq!(scene.files(), Ok(()));
}

#[test]
fn a_trigger_of_ones_own_with_a_condition_of_others_is_refused() {
    let scene = Scene::new();
    scene.admin(
        "CREATE FUNCTION built.fine() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
         GRANT TRIGGER ON built.id_graph TO ROLE_",
    );
    scene.role(
        "CREATE TRIGGER looks BEFORE INSERT ON built.id_graph FOR EACH ROW WHEN (trap.spring()) EXECUTE FUNCTION built.fine()",
    );
    scene.is_refused("built.id_graph has the conditional trigger looks");
}

#[test]
fn child_tables_and_partitions_are_refused() {
    let scene = Scene::new();
    scene.admin("CREATE TABLE acme.child () INHERITS (built.id_graph)");
    scene.is_refused("built.id_graph has the child table child");
    scene.admin(
        "DROP TABLE acme.child; DELETE FROM built.idgraph_objects WHERE object_name = 'id_graph'; DROP TABLE built.id_graph;
         CREATE TABLE built.id_graph (segment_id text, canonical_segment_id text, timestamp timestamptz) PARTITION BY LIST (segment_id);
         CREATE TABLE acme.part PARTITION OF built.id_graph DEFAULT;
         INSERT INTO built.idgraph_objects SELECT 'built', 'id_graph', 'table', 'built.id_graph'::regclass::oid::text, now()",
    );
    scene.is_refused("built.id_graph has the child table part");
}

#[test]
fn constraints_rules_defaults_and_indexes_of_another_owner_are_refused() {
    let scene = Scene::new();
    scene.admin("ALTER TABLE built.id_graph OWNER TO ROLE_");
    scene.admin("CREATE EXTENSION btree_gist SCHEMA public");
    let refused = "built.id_graph has the rule, constraint, default or index of role";
    for (make, take) in [
        (
            "ALTER TABLE built.id_graph ADD CONSTRAINT c CHECK (trap.spring()) NOT VALID",
            "ALTER TABLE built.id_graph DROP CONSTRAINT c",
        ),
        (
            "ALTER TABLE built.id_graph ADD CONSTRAINT c EXCLUDE USING gist (segment_id WITH =) WHERE (segment_id = '' AND trap.spring(segment_id))",
            "ALTER TABLE built.id_graph DROP CONSTRAINT c",
        ),
        (
            "CREATE RULE r AS ON INSERT TO built.id_graph DO ALSO SELECT trap.spring()",
            "DROP RULE r ON built.id_graph",
        ),
        (
            "ALTER TABLE built.id_graph ADD COLUMN more boolean; ALTER TABLE built.id_graph ALTER COLUMN more SET DEFAULT trap.spring()",
            "ALTER TABLE built.id_graph DROP COLUMN more",
        ),
        (
            "CREATE INDEX i ON built.id_graph (segment_id) WHERE segment_id = '' AND trap.spring(segment_id)",
            "DROP INDEX built.i",
        ),
    ] {
        scene.role(make);
        scene.is_refused(refused);
        scene.role(take);
    }
}

/// Landed columns of types that the role made, with casts that call its code.
const ODD: &str = "
CREATE TYPE trap.mood AS ENUM ('a@x');
CREATE TYPE trap.pair AS (a text, b text);
CREATE EXTENSION citext SCHEMA trap;
CREATE DOMAIN trap.checked AS trap.citext;
CREATE FUNCTION trap.as_text(trap.mood) RETURNS text LANGUAGE plpgsql AS
$$ BEGIN PERFORM trap.spring(); RETURN 'a@x'; END $$;
CREATE FUNCTION trap.as_text(trap.pair) RETURNS text LANGUAGE plpgsql AS
$$ BEGIN PERFORM trap.spring(); RETURN 'a@x'; END $$;
CREATE CAST (trap.mood AS text) WITH FUNCTION trap.as_text(trap.mood) AS IMPLICIT;
CREATE CAST (trap.pair AS text) WITH FUNCTION trap.as_text(trap.pair) AS IMPLICIT;
CREATE TABLE acme.id_graph_updates (id text, segment_id text, canonical_segment_id text, seq text,
    received_at timestamptz, uuid_ts timestamptz, timestamp timestamptz);
CREATE TABLE acme.identifies (id text, segment_id text, seq text, received_at timestamptz, uuid_ts timestamptz,
    timestamp timestamptz, email trap.TYPE_);
GRANT SELECT ON acme.id_graph_updates, acme.identifies TO PUBLIC;";

#[test]
fn a_landed_column_of_a_type_of_others_is_refused() {
    for kind in ["mood", "pair", "checked"] {
        let scene = Scene::over(&ODD.replace("TYPE_", kind));
        scene.admin(
            "INSERT INTO acme.identifies (segment_id, received_at) VALUES ('p1', now());
             ALTER DOMAIN trap.checked ADD CHECK (trap.spring()) NOT VALID",
        );
        scene.run("apply").exits(2).says(&[
            "error[code-of-others]: ",
            &format!("acme.identifies.email has the type trap.{kind}, which is not Postgres's own"),
        ]);
        let said = scene.files().expect_err("it is refused");
        let expected =
            format!("acme.identifies has the type {kind} of column email of role {}", scene.role);
        assert!(said.contains(&expected), "{said}");
        scene.nothing_ran();
    }
}

/// Tables of the role's own, as Segment lands them; the graph has partitions.
const THEIRS: &str = "
CREATE TABLE acme.id_graph_updates (id text, segment_id text, canonical_segment_id text, seq text,
    received_at timestamptz, uuid_ts timestamptz, timestamp timestamptz) PARTITION BY LIST (seq);
CREATE TABLE acme.part PARTITION OF acme.id_graph_updates DEFAULT PARTITION BY LIST (seq);
CREATE TABLE acme.part_of_part PARTITION OF acme.part DEFAULT;
CREATE TABLE acme.identifies (id text, segment_id text, seq text, received_at timestamptz, uuid_ts timestamptz,
    timestamp timestamptz, email text);
CREATE TABLE acme.external_id_mapping_updates (id text, segment_id text, external_id_type text, external_id_value text,
    external_id_hash text, seq text, received_at timestamptz, uuid_ts timestamptz, timestamp timestamptz);
GRANT USAGE ON SCHEMA acme TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA acme TO PUBLIC;
INSERT INTO acme.id_graph_updates (id, segment_id, canonical_segment_id, timestamp) VALUES ('g1', 'p1', 'p1', '2024-01-01');
INSERT INTO acme.identifies (id, segment_id, timestamp, email) VALUES ('i1', 'p1', '2024-01-01', 'a@x');
INSERT INTO acme.external_id_mapping_updates (id, segment_id, external_id_type, external_id_value, timestamp)
VALUES ('e1', 'p1', 'email', 'a@x', '2024-01-01');";

/// The planner computes what is constant in an index, in statistics and in a constraint of a partition, whoever reads.
#[test]
fn code_that_planning_over_a_landed_table_would_run_is_refused() {
    let scene = Scene::over(THEIRS);
    scene.run("apply").fine();
    scene.role(
        "CREATE OPERATOR trap.!! (RIGHTARG = text, FUNCTION = trap.spring);
         CREATE TYPE trap.mood AS ENUM ('a@x')",
    );
    scene.admin(
        "CREATE FOREIGN DATA WRAPPER far; CREATE SERVER far FOREIGN DATA WRAPPER far;
         GRANT USAGE ON FOREIGN SERVER far TO ROLE_",
    );
    let updates = "acme.id_graph_updates has";
    let spring = "with function trap.spring(text) of role";
    for (make, refused, take) in [
        (
            "CREATE INDEX i ON acme.identifies ((trap.spring('a'::text)))",
            format!("acme.identifies has index acme.i {spring}"),
            "DROP INDEX acme.i",
        ),
        (
            "CREATE INDEX i ON acme.identifies (id) WHERE trap.spring('a'::text)",
            format!("acme.identifies has index acme.i {spring}"),
            "DROP INDEX acme.i",
        ),
        (
            "CREATE INDEX i ON acme.part_of_part ((OPERATOR(trap.!!) 'a'::text))",
            format!("{updates} index acme.i with operator trap.!!(NONE,text) of role"),
            "DROP INDEX acme.i",
        ),
        (
            "CREATE INDEX i ON acme.identifies ((email IS NOT NULL AND 'a@x'::trap.mood = 'a@x'))",
            "acme.identifies has index acme.i with type trap.mood of role".to_owned(),
            "DROP INDEX acme.i",
        ),
        (
            "CREATE STATISTICS acme.s ON id, (trap.spring('a'::text)) FROM acme.identifies",
            format!("acme.identifies has statistics object acme.s {spring}"),
            "DROP STATISTICS acme.s",
        ),
        (
            "CREATE STATISTICS acme.s ON id, (trap.spring('a'::text)) FROM acme.part",
            format!("{updates} statistics object acme.s {spring}"),
            "DROP STATISTICS acme.s",
        ),
        (
            "ALTER TABLE acme.part_of_part ADD CONSTRAINT c CHECK (trap.spring('a'::text)) NOT VALID",
            format!("{updates} constraint c on table acme.part_of_part {spring}"),
            "ALTER TABLE acme.part_of_part DROP CONSTRAINT c",
        ),
        (
            "DROP TABLE acme.part_of_part;
             CREATE TABLE acme.part_of_part PARTITION OF acme.part DEFAULT
             PARTITION BY LIST ((id = 'a' AND trap.spring('a'::text)))",
            format!("{updates} table acme.part_of_part {spring}"),
            "DROP TABLE acme.part_of_part; CREATE TABLE acme.part_of_part PARTITION OF acme.part DEFAULT",
        ),
        (
            "DROP TABLE acme.part_of_part;
             CREATE FOREIGN TABLE acme.part_of_part PARTITION OF acme.part DEFAULT SERVER far",
            format!("{updates} the foreign table part_of_part as a part"),
            "DROP FOREIGN TABLE acme.part_of_part;
             CREATE TABLE acme.part_of_part PARTITION OF acme.part DEFAULT",
        ),
    ] {
        scene.role(make);
        scene.admin("ALTER SEQUENCE trap.calls RESTART");
        scene.is_refused(&refused);
        scene.role(take);
    }
    scene.run("refresh").fine();
    assert_eq!(scene.files(), Ok(()));
}

#[test]
fn what_others_put_on_a_landed_table_that_runs_nothing_on_reading_is_fine() {
    let scene = Scene::over(THEIRS);
    scene.role(
        "CREATE INDEX ON acme.identifies (email);
         CREATE INDEX ON acme.identifies (lower(email)) WHERE email <> '';
         CREATE INDEX ON acme.id_graph_updates (segment_id);
         CREATE STATISTICS acme.s ON id, (lower(email)) FROM acme.identifies;
         ALTER TABLE acme.part ADD CHECK (length(id) < 100);
         ALTER TABLE acme.identifies ADD COLUMN more boolean;
         ALTER TABLE acme.identifies ALTER COLUMN more SET DEFAULT trap.spring();
         CREATE TRIGGER t BEFORE INSERT ON acme.identifies FOR EACH ROW EXECUTE FUNCTION trap.spring_on()",
    );
    scene.admin(
        "CREATE FUNCTION built.fine(text) RETURNS text IMMUTABLE LANGUAGE sql AS $$ SELECT lower($1) $$;
         GRANT USAGE ON SCHEMA built TO PUBLIC;
         CREATE INDEX ON acme.identifies (built.fine(email))",
    );
    scene.run("apply").fine();
    scene.run("refresh").fine();
    assert_eq!(scene.files(), Ok(()));
    scene.nothing_ran();
}

/// The files say where the extension should be; another's function of its name is not called, also where the first file's
/// error was passed over, and whatever the extension was made to have.
#[test]
fn a_function_that_is_not_the_extensions_is_called_by_no_file() {
    for kept in ["table", "view"] {
        let scene = Scene::over(THEIRS);
        let model = format!("models:\n  external_id_mapping: {{ materialized: {kept} }}\n");
        let project = PROJECT.replace("models:\n", &model);
        scene.project.change(&format!("{project}extensions: {{ pgcrypto: trap }}\n"));
        scene.run("apply").fine();
        scene.role(
            "CREATE FUNCTION trap.digest(bytea, text) RETURNS bytea LANGUAGE plpgsql AS
             $$ BEGIN PERFORM trap.spring(); RETURN $1; END $$",
        );
        let refused = "trap.digest(bytea, text) is no function of the extension pgcrypto";
        // Whoever made the extension may say that the function is part of it.
        let added =
            "DROP EXTENSION IF EXISTS pgcrypto CASCADE; GRANT ALL ON SCHEMA public TO ROLE_;
             SET ROLE ROLE_; CREATE EXTENSION pgcrypto SCHEMA public;
             ALTER EXTENSION pgcrypto ADD FUNCTION trap.digest(bytea, text)";
        for planted in ["", added] {
            scene.admin(planted);
            let said = scene.files().expect_err("it is refused");
            assert!(said.contains(refused), "{said}");
            scene.nothing_ran();
            let taken = "pg_views WHERE definition LIKE '%trap.digest%'";
            assert_eq!(count(&scene.database, taken), 0);
        }
        scene.role("DROP EXTENSION pgcrypto CASCADE");
        scene.admin("CREATE EXTENSION pgcrypto SCHEMA trap");
        assert_eq!(scene.files(), Ok(()));
        let hashed = "built.external_id_mapping WHERE length(external_id_hash) = 40";
        assert_eq!(count(&scene.database, hashed), 1);
    }
}

/// A type or a collation by which two ids count as one ends every file that compares them.
#[test]
fn ids_that_would_make_one_person_of_two_end_the_files() {
    let views = "view }\n  profile_traits: { materialized: view }";
    for (text, made) in [
        (PROJECT.to_owned(), "profile_traits"),
        (PROJECT.replace("incremental }", views), "profile_traits"),
        (PROJECT.replace("traits:", "  resolved_events: {}\ntraits:"), "identifies_resolved"),
    ] {
        for (kind, why) in [
            ("public.citext", "has the type citext"),
            ("text COLLATE acme.alike", "has a collation that is not deterministic"),
        ] {
            let scene = Scene::over("SELECT 1");
            scene.project.change(&text);
            scene.project.land_tables();
            scene.admin(&format!(
                "CREATE EXTENSION citext SCHEMA public;
                 CREATE COLLATION acme.alike (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
                 ALTER TABLE acme.identifies ALTER COLUMN segment_id TYPE {kind}, ADD COLUMN not_read {kind};
                 INSERT INTO acme.identifies (id, segment_id, timestamp, email)
                 VALUES ('i1', 'p1', '2024-01-01', 'a@x'), ('i2', 'P1', '2024-01-01', 'b@x')"
            ));
            let refused =
                format!("acme.identifies.segment_id {why}: texts that differ count as the same");
            scene.run("apply").exits(2).says(&["error[texts-alike]: ", &refused]);
            let said = scene.files().expect_err("it is refused");
            assert!(said.contains(&refused) && !said.contains("not_read"), "{said}");
            let rows = match text.contains(views) || made.ends_with("resolved") {
                true => format!("pg_class WHERE relname = '{made}'"),
                false => format!("built.{made}"),
            };
            assert_eq!(count(&scene.database, &rows), 0);
            scene.admin(
                "ALTER TABLE acme.identifies ALTER COLUMN segment_id TYPE text COLLATE \"default\"",
            );
            assert_eq!(scene.files(), Ok(()));
            assert_eq!(count(&scene.database, &format!("built.{made}")), 2);
        }
    }
}

#[test]
fn a_landed_view_of_others_is_read_by_no_file() {
    let scene = Scene::over(
        "CREATE VIEW acme.id_graph_updates AS SELECT ''::text AS id, ''::text AS segment_id, ''::text AS canonical_segment_id,
             ''::text AS seq, now() AS received_at, now() AS uuid_ts, now() AS timestamp WHERE trap.spring()",
    );
    scene.run("apply").exits(2).says(&["error[landed-view]: acme.id_graph_updates is a view"]);
    let said = scene.files().expect_err("it is refused");
    assert!(
        said.starts_with(
            "invalid input syntax for type integer: \"acme.id_graph_updates has the rule"
        ),
        "{said}"
    );
    scene.nothing_ran();
}

#[test]
fn by_a_record_of_another_role_no_file_writes() {
    let scene = Scene::new();
    scene.admin("ALTER TABLE built.idgraph_objects OWNER TO ROLE_");
    for name in ["apply", "refresh"] {
        scene.run(name).exits(2).says(&["built.idgraph_objects belongs to", "not trusted"]);
    }
    scene.files().expect_err("it is refused");
    let written = "built.profile_traits WHERE email LIKE '%@two'";
    assert_eq!(count(&scene.database, written), 0);
}

/// What the role commits after a command or a file has begun counts as if it had been there before.
#[test]
fn a_trigger_that_comes_while_a_refresh_or_a_file_begins_is_seen() {
    let scene = Scene::new();
    scene.admin("GRANT TRIGGER ON built.id_graph TO ROLE_");
    let create =
        format!("BEGIN; SET ROLE {}; {}", scene.role, TRIGGER.replace("TABLE_", "built.id_graph"));
    for refresh in [true, false] {
        let mut other = scene.client();
        other.batch_execute(&create).expect("a trigger");
        let said = std::thread::scope(|scope| {
            let run = scope.spawn(|| match refresh {
                true => scene.run("refresh").exits(2).stderr,
                false => scene.files().expect_err("it is refused"),
            });
            scene.is_waited_for("built.id_graph");
            other.batch_execute("COMMIT").expect("the trigger is there");
            run.join().expect("a run")
        });
        assert!(said.contains("built.id_graph has the trigger trap"), "{said}");
        scene.nothing_ran();
        scene.admin("DROP TRIGGER trap ON built.id_graph");
    }
    scene.run("refresh").fine();
}

#[test]
fn a_type_that_comes_while_a_command_or_a_file_begins_is_seen() {
    let scene = Scene::new();
    scene.admin("ALTER TABLE acme.identifies OWNER TO ROLE_");
    scene.role(
        "CREATE TYPE trap.mood AS ENUM ('a@x');
         CREATE FUNCTION trap.as_text(trap.mood) RETURNS text LANGUAGE plpgsql AS
         $$ BEGIN PERFORM trap.spring(); RETURN 'a@x'; END $$;
         CREATE CAST (trap.mood AS text) WITH FUNCTION trap.as_text(trap.mood) AS IMPLICIT",
    );
    let alter = format!(
        "BEGIN; SET ROLE {}; ALTER TABLE acme.identifies ALTER COLUMN email TYPE trap.mood USING NULL",
        scene.role
    );
    for name in ["refresh", "verify", "files"] {
        let mut other = scene.client();
        other.batch_execute(&alter).expect("a type");
        let said = std::thread::scope(|scope| {
            let run = scope.spawn(|| match name {
                "files" => scene.files().expect_err("it is refused"),
                _ => scene.run(name).exits(2).stderr,
            });
            scene.is_waited_for("acme.identifies");
            other.batch_execute("COMMIT").expect("the type is there");
            run.join().expect("a run")
        });
        assert!(said.contains("mood"), "{name}: {said}");
        scene.nothing_ran();
        scene.admin("ALTER TABLE acme.identifies ALTER COLUMN email TYPE text USING NULL");
    }
    scene.run("refresh").fine();
}

/// A landed table becomes a view of others while somebody begins to look at it.
#[test]
fn a_view_that_takes_a_landed_tables_place_is_not_shown() {
    let scene = Scene::new();
    scene.project.change(&format!("{PROJECT}events: {{ order_completed: {{}} }}\n"));
    scene.role("CREATE TABLE acme.order_completed (id text, segment_id text); GRANT SELECT ON acme.order_completed TO PUBLIC");
    let mut other = scene.client();
    let lock = format!(
        "BEGIN; SET ROLE {}; LOCK TABLE acme.order_completed IN ACCESS EXCLUSIVE MODE",
        scene.role
    );
    other.batch_execute(&lock).expect("a lock");
    let said = std::thread::scope(|scope| {
        let run = scope.spawn(|| finish(scene.project.command("show", &["order_completed"])));
        scene.is_waited_for("acme.order_completed");
        other
            .batch_execute(
                "ALTER TABLE acme.order_completed RENAME TO was;
                 CREATE VIEW acme.order_completed AS SELECT id, CAST(trap.spring() AS text) AS segment_id FROM acme.was;
                 INSERT INTO acme.was (id) VALUES ('a'); GRANT SELECT ON acme.order_completed TO PUBLIC; COMMIT",
            )
            .expect("a view");
        run.join().expect("a run")
    });
    said.exits(2).says(&["acme.order_completed is a view"]);
    scene.nothing_ran();
}
