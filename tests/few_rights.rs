//! On Postgres, a role that may read the space and make tables in a schema of its own, and nothing else: apply, refresh, verify and
//! rendered files do with that.

mod support;

use std::fs;
use std::process::Command;

use support::command::{Run, finish};
use support::postgres::project::{Project, count};
use support::postgres::{Database, Server};

const PROJECT: &str = "space: acme
models_schema: acme_models
dialects: [postgres]
traits:
  columns: { email: varchar, plan: varchar }
events: { Order Completed: { properties: { total: float } } }
models: { user_traits: {}, resolved_events: {} }
";

/// What Segment has landed so far: no pages, no orders, no plan.
const LANDED: &str = "
CREATE SCHEMA acme;
CREATE TABLE acme.id_graph_updates (
    id varchar, segment_id varchar, canonical_segment_id varchar, seq varchar, received_at timestamptz, uuid_ts timestamptz, timestamp timestamptz
);
CREATE TABLE acme.external_id_mapping_updates (
    id varchar, segment_id varchar, external_id_type varchar, external_id_value varchar, external_id_hash varchar, seq varchar,
    received_at timestamptz, uuid_ts timestamptz, timestamp timestamptz
);
CREATE TABLE acme.identifies (
    id varchar, segment_id varchar, received_at timestamptz, uuid_ts timestamptz, timestamp timestamptz, email varchar
);
INSERT INTO acme.id_graph_updates (id, segment_id, canonical_segment_id, timestamp) VALUES ('g1', 'p1', 'p1', '2024-01-01');
INSERT INTO acme.external_id_mapping_updates (id, segment_id, external_id_type, external_id_value, external_id_hash, timestamp)
VALUES ('e1', 'p1', 'email', 'a@x', 'landed', '2024-01-01'), ('e2', 'p1', 'email', 'b@x', NULL, '2024-01-01');
INSERT INTO acme.identifies (id, segment_id, timestamp, email) VALUES ('i1', 'p1', '2024-01-01', 'a@x');
";

/// A database in which one role lands and another builds.
struct Shop {
    database: Database<'static>,
    segment: String,
    builder: String,
}

impl Shop {
    fn new(database: Database<'static>) -> Self {
        let (segment, builder) =
            (format!("{}_segment", database.name()), format!("{}_builder", database.name()));
        let shop = Self { database, segment, builder };
        shop.administer(&format!(
            "CREATE ROLE {0}; CREATE ROLE {1}; GRANT CREATE ON DATABASE {2} TO {0}; GRANT {0}, {1} TO CURRENT_USER;
             REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO {1};
             CREATE SCHEMA acme_models AUTHORIZATION {1};",
            shop.segment,
            shop.builder,
            shop.database.name()
        ));
        shop.land(LANDED);
        shop
    }

    fn administer(&self, sql: &str) {
        self.database.client().batch_execute(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    }

    /// Runs SQL as Segment.
    fn land(&self, sql: &str) {
        self.administer(&format!("SET ROLE {}; {sql}", self.segment));
    }

    fn may_read(&self) {
        self.land(&format!(
            "GRANT USAGE ON SCHEMA acme TO {0}; GRANT SELECT ON ALL TABLES IN SCHEMA acme TO {0};
             ALTER DEFAULT PRIVILEGES IN SCHEMA acme GRANT SELECT ON TABLES TO {0};",
            self.builder
        ));
    }

    /// Runs a command as the role that builds.
    fn runs(&self, project: &Project, command: &str, further: &[&str]) -> Run {
        let mut command = project.command(command, further);
        command.env("PGOPTIONS", format!("-c role={}", self.builder));
        finish(command)
    }

    /// Everything in the space, with its owner.
    fn space(&self) -> Vec<String> {
        let sql = "SELECT concat_ws(' ', c.relname, c.relkind, c.relowner::regrole, c.relacl::text, obj_description(c.oid, 'pg_class'))
            FROM pg_class AS c WHERE c.relnamespace = 'acme'::regnamespace ORDER BY 1";
        let rows = self.database.client().query(sql, &[]).expect("the space");
        rows.iter().map(|row| row.get(0)).collect()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        for role in [&self.segment, &self.builder] {
            let sql = format!("DROP OWNED BY {role} CASCADE; DROP ROLE {role}");
            let _ = self.database.client().batch_execute(&sql);
        }
    }
}

#[test]
fn reading_the_space_and_a_schema_of_ones_own_are_enough() {
    let shop = Shop::new(Database::new());
    shop.may_read();
    let before = shop.space();
    let project = Project::new(PROJECT, shop.database.url());
    shop.runs(&project, "plan", &[]).exits(1);
    shop.runs(&project, "apply", &[]).fine().says(&[
        "acme.pages",
        "not landed yet, read as empty",
        "not landed yet, so NULL: plan",
    ]);
    assert_eq!(shop.space(), before, "nothing was made in the space");
    let rows = |from: &str| count(&shop.database, from);
    assert_eq!(rows("acme_models.profile_traits WHERE email = 'a@x' AND plan IS NULL"), 1);
    assert_eq!(rows("acme_models.user_traits"), 1);
    assert_eq!(rows("acme_models.pages_resolved"), 0);
    assert_eq!(rows("acme_models.identifies_resolved"), 1);
    assert_eq!(rows("acme_models.external_id_mapping WHERE length(external_id_hash) = 40"), 1);
    for (command, further) in [("refresh", &[][..]), ("verify", &[]), ("apply", &[])] {
        shop.runs(&project, command, further).fine();
    }
    // A table lands, in Segment's own shape, and a column.
    shop.land(
        "CREATE TABLE acme.order_completed (id varchar, segment_id varchar, timestamp timestamptz, uuid_ts timestamptz, total numeric);
         INSERT INTO acme.order_completed (id, segment_id, total) VALUES ('o1', 'p1', 3);
         ALTER TABLE acme.identifies ADD COLUMN plan varchar;
         INSERT INTO acme.identifies (id, segment_id, timestamp, plan) VALUES ('i2', 'p1', '2024-01-02', 'pro');",
    );
    shop.runs(&project, "apply", &[]).fine();
    assert_eq!(rows("acme_models.order_completed_resolved WHERE segment_id = 'p1'"), 1);
    assert_eq!(rows("acme_models.profile_traits WHERE plan = 'pro'"), 1);
    shop.runs(&project, "verify", &[]).fine();
}

#[test]
fn rendered_files_do_with_the_same_rights() {
    let shop = Shop::new(Database::new());
    // Files cannot know what has not landed.
    shop.land(
        "ALTER TABLE acme.identifies ADD COLUMN plan varchar;
         ALTER TABLE acme.id_graph_updates ADD COLUMN triggering_event_type varchar;",
    );
    shop.may_read();
    let before = shop.space();
    let text = PROJECT.replace(", resolved_events: {}", "").replace("events:", "# events:");
    let project = Project::new(&text, shop.database.url());
    finish(support::command::command(project.folder(), &["render"])).fine();
    let mut files: Vec<_> = fs::read_dir(project.folder().join("sql/postgres"))
        .expect("files")
        .flatten()
        .map(|file| file.path())
        .collect();
    files.sort();
    for _ in 0..2 {
        for file in &files {
            let run = Command::new("psql")
                .arg(shop.database.url())
                .args(["-X", "-v", "ON_ERROR_STOP=1", "-f"])
                .arg(file)
                .env("PGOPTIONS", format!("-c role={}", shop.builder))
                .output()
                .expect("psql");
            let said = String::from_utf8_lossy(&run.stderr);
            assert!(run.status.success(), "{}: {said}", file.display());
        }
    }
    assert_eq!(shop.space(), before);
    assert_eq!(count(&shop.database, "acme_models.profile_traits WHERE email = 'a@x'"), 1);
    shop.runs(&project, "verify", &[]).fine();
}

#[test]
fn each_refusal_names_the_grant_for_the_right_object() {
    let shop = Shop::new(Database::new());
    let project = Project::new(PROJECT, shop.database.url());
    let builder = &shop.builder;
    let refused = || shop.runs(&project, "apply", &[]).exits(2);
    refused().says(&[&format!("GRANT USAGE ON SCHEMA acme TO {builder};")]);
    shop.land(&format!("GRANT USAGE ON SCHEMA acme TO {builder}"));
    refused().says(&[
        &format!("GRANT SELECT ON ALL TABLES IN SCHEMA acme TO {builder};"),
        &format!("ALTER DEFAULT PRIVILEGES IN SCHEMA acme GRANT SELECT ON TABLES TO {builder};"),
    ]);
    shop.may_read();
    let other = Project::new(&PROJECT.replace("acme_models", "elsewhere"), shop.database.url());
    shop.runs(&other, "apply", &[])
        .exits(2)
        .says(&[&format!("CREATE SCHEMA elsewhere AUTHORIZATION {builder};")]);
    shop.administer("CREATE SCHEMA elsewhere");
    shop.runs(&other, "apply", &[])
        .exits(2)
        .says(&[&format!("GRANT USAGE, CREATE ON SCHEMA elsewhere TO {builder};")]);
    let inside = Project::new(
        &PROJECT
            .replace("models_schema: acme_models\n", "")
            .replace("user_traits: {}", "user_traits: { name: long_traits }"),
        shop.database.url(),
    );
    shop.runs(&inside, "apply", &[])
        .exits(2)
        .says(&["or name a schema of your own as `models_schema`"]);
}

#[test]
fn without_the_extension_the_hash_is_what_landed_and_that_is_said_once() {
    let shop = Shop::new(Database::bare(Server::shared(), ""));
    shop.may_read();
    let project = Project::new(PROJECT, shop.database.url());
    let once = |run: &Run| run.stderr.matches("without the extension pgcrypto").count();
    let landed = "acme_models.external_id_mapping WHERE external_id_hash = 'landed'";
    let none = "acme_models.external_id_mapping WHERE external_id_hash IS NULL";
    for (command, code) in [("plan", 1), ("apply", 0), ("refresh", 0)] {
        let run = shop.runs(&project, command, &[]).exits(code);
        assert_eq!(once(&run), 1, "{command}: {}", run.stderr);
    }
    assert_eq!((count(&shop.database, landed), count(&shop.database, none)), (1, 1));
    shop.runs(&project, "verify", &[]).fine();
    // In a schema that the role may not use it is as good as not there.
    shop.administer("CREATE SCHEMA hidden; CREATE EXTENSION pgcrypto WITH SCHEMA hidden");
    assert_eq!(once(&shop.runs(&project, "apply", &[]).fine()), 1);
    shop.administer(&format!("GRANT USAGE ON SCHEMA hidden TO {}", shop.builder));
    assert_eq!(once(&shop.runs(&project, "apply", &[]).fine()), 0);
    let computed = "acme_models.external_id_mapping WHERE length(external_id_hash) = 40";
    assert_eq!(count(&shop.database, computed), 1);
    // A project that says so does without.
    let without = format!("{PROJECT}extensions: {{ pgcrypto: none }}\n");
    let project = Project::new(&without, shop.database.url());
    let sql = finish(support::command::command(project.folder(), &["render", "--stdout"]));
    assert!(!sql.fine().stdout.contains("pgcrypto"));
    assert_eq!(once(&shop.runs(&project, "apply", &[]).fine()), 0);
    assert_eq!(count(&shop.database, none), 1);
}

#[test]
fn a_space_that_is_not_there_is_no_empty_one() {
    let database = Database::new();
    for text in [PROJECT, "space: acme\ndialects: [postgres]\n"] {
        let project = Project::new(text, database.url());
        let run = project.apply_alone(&[]).exits(2);
        run.says(&["error[no-space]: there is no schema acme", "idgraph render --landed"]);
    }
    let schemas = "pg_namespace WHERE nspname IN ('acme', 'acme_models')";
    assert_eq!(count(&database, schemas), 0);
}

#[test]
fn a_file_makes_a_schema_only_where_it_is_missing() {
    let database = Database::new();
    database.client().batch_execute(LANDED).expect("land");
    let project = Project::new(PROJECT, database.url());
    finish(support::command::command(project.folder(), &["render", "--select", "schema"])).fine();
    let file = project.folder().join("sql/postgres/00_schema.sql");
    let text = fs::read_to_string(file).expect("the file");
    for _ in 0..2 {
        database.client().batch_execute(&text).expect("the schema");
    }
    assert_eq!(count(&database, "pg_namespace WHERE nspname = 'acme_models'"), 1);
}
