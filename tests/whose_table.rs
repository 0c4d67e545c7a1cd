//! On Postgres: what idgraph made is what its record says, and nothing else is filled, described, changed or dropped, whoever runs
//! the SQL.

mod support;

use std::fs;
use std::path::Path;

use postgres::Client;
use support::command::{finish, idgraph};
use support::postgres::Database;
use support::postgres::project::{Project, SMALL, count, land};

/// What Segment has made, with rows, as a role of its own.
const SEGMENTS: &str = "CREATE SCHEMA acme;
CREATE TABLE acme.identifies (id text, segment_id text, received_at timestamptz, uuid_ts timestamptz,
    timestamp timestamptz, seq text, email text, plan text);
CREATE TABLE acme.id_graph_updates (id text, segment_id text, canonical_segment_id text, seq text,
    received_at timestamptz, uuid_ts timestamptz, timestamp timestamptz);
CREATE TABLE acme.external_id_mapping_updates (id text, segment_id text, external_id_type text, external_id_value text,
    external_id_hash text, seq text, received_at timestamptz, uuid_ts timestamptz, timestamp timestamptz);
CREATE TABLE acme.long_traits (canonical_segment_id text, name text, value text, seq text, received_at timestamptz,
    uuid_ts timestamptz, timestamp timestamptz);
INSERT INTO acme.identifies (id, segment_id, email, plan) VALUES ('i1', 'p1', 'p1@one', 'pro');
INSERT INTO acme.long_traits (canonical_segment_id, name, value) VALUES ('p1', 'plan', 'pro'), ('p2', 'plan', 'free');
COMMENT ON TABLE acme.identifies IS 'Segment''s own';";

/// A role, gone with the test.
struct Role {
    name: String,
    url: String,
}

impl Role {
    fn new(database: &Database<'_>, kind: &str, grants: &str) -> Self {
        let name = format!("{}_{kind}", database.name());
        let sql = format!("CREATE ROLE {name}; {}", grants.replace("ROLE", &name));
        database.client().batch_execute(&sql).unwrap();
        Self { name, url: database.url() }
    }

    fn runs(&self, client: &mut Client, sql: &str) {
        client.batch_execute(&format!("SET ROLE {}; {sql}; RESET ROLE", self.name)).expect(sql);
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        if let Ok(mut client) = Client::connect(&self.url, postgres::NoTls) {
            let _ = client
                .batch_execute(&format!("DROP OWNED BY {0} CASCADE; DROP ROLE {0}", self.name));
        }
    }
}

fn with(traits: &str) -> String {
    SMALL.replace("email: varchar", traits)
}

/// Runs the rendered files of Postgres in their order, each as one text: the first that fails, and why.
fn run_files(folder: &Path, client: &mut Client) -> Option<(String, String)> {
    idgraph(folder, &["render"]).fine();
    let mut files: Vec<_> =
        fs::read_dir(folder.join("sql/postgres")).unwrap().map(|one| one.unwrap().path()).collect();
    files.sort();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        if let Err(error) = client.batch_execute(&text) {
            let _ = client.batch_execute("ROLLBACK");
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            return Some((name, error.as_db_error().unwrap().message().to_owned()));
        }
    }
    None
}

fn comment(database: &Database<'_>, table: &str) -> Option<String> {
    let sql = "SELECT obj_description(to_regclass($1)::oid, 'pg_class')";
    database.client().query_one(sql, &[&table]).unwrap().get(0)
}

#[test]
fn a_column_of_segments_survives_rendered_files_migrations_and_the_way_back() {
    let database = Database::new();
    let segment = Role::new(
        &database,
        "segment",
        &format!("GRANT CREATE ON DATABASE {} TO ROLE", database.name()),
    );
    let mut client = database.client();
    segment.runs(&mut client, SEGMENTS);
    let project = Project::new(SMALL, database.url());
    assert_eq!(run_files(project.folder(), &mut client), None);
    assert_eq!(comment(&database, "acme.identifies").as_deref(), Some("Segment's own"));
    let indexes =
        "pg_indexes WHERE schemaname = 'acme' AND tablename IN ('identifies', 'id_graph_updates')";
    assert_eq!(count(&database, indexes), 0, "an index slows Segment's loading");

    let landed = ["identifies", "id_graph_updates", "external_id_mapping_updates"];
    let in_record = |name: &str| {
        count(&database, &format!("acme.idgraph_objects WHERE object_name = '{name}'"))
    };
    assert!(landed.iter().all(|name| in_record(name) == 0));
    assert_eq!(in_record("id_graph"), 1);

    idgraph(project.folder(), &["migrate", "new"]).fine();
    project.apply(&["--baseline", "1"]).fine();
    project.change(&with("email: varchar\n    plan: varchar"));
    idgraph(project.folder(), &["migrate", "new"]).fine();
    project.apply(&[]).fine();
    assert_eq!(count(&database, "acme.profile_traits WHERE plan = 'pro'"), 1);
    project.apply(&["--to", "1", "--allow-destructive", "acme.profile_traits.plan"]).fine();
    assert_eq!(count(&database, "acme.identifies WHERE plan = 'pro'"), 1);
    project.apply(&["--to", "0"]).exits(2);
    let all = ["acme.id_graph", "acme.external_id_mapping", "acme.profile_traits"];
    let allowed = all.iter().flat_map(|name| ["--allow-destructive", name]);
    let back: Vec<&str> = ["--to", "0"].into_iter().chain(allowed).collect();
    project.apply(&back).fine();
    assert_eq!(count(&database, "acme.identifies WHERE plan = 'pro'"), 1);
}

#[test]
fn segments_own_user_traits_are_filled_by_neither_files_nor_apply() {
    let database = Database::new();
    let segment = Role::new(
        &database,
        "segment",
        &format!("GRANT CREATE ON DATABASE {} TO ROLE", database.name()),
    );
    let mut client = database.client();
    segment.runs(&mut client, SEGMENTS);
    let yaml = SMALL.replace("traits:", "models: { user_traits: { name: long_traits } }\ntraits:");
    let project = Project::new(&yaml, database.url());
    let (file, why) = run_files(project.folder(), &mut client).expect("it is refused");
    assert!(file.ends_with("_user_traits.sql"), "{file}");
    assert!(why.contains("acme.long_traits exists, and idgraph did not make it"), "{why}");
    assert_eq!(count(&database, "acme.long_traits"), 2);
    project.apply(&[]).exits(2).says(&[
        "error[not-ours]: acme.long_traits exists, and idgraph did not make it",
        "--adopt acme.long_traits",
    ]);
    idgraph(project.folder(), &["migrate", "new"]).fine();
    project.apply(&[]).exits(2).says(&["acme.long_traits exists, and idgraph did not make it"]);
    assert_eq!(count(&database, "acme.long_traits"), 2);
}

#[test]
fn a_comment_makes_nothing_idgraphs() {
    let database = Database::new();
    let sql = "CREATE SCHEMA acme; CREATE TABLE acme.id_graph
        (segment_id text, canonical_segment_id text, timestamp timestamptz);
        COMMENT ON TABLE acme.id_graph IS 'Built by idgraph.'; INSERT INTO acme.id_graph VALUES ('x', 'x')";
    database.client().batch_execute(sql).unwrap();
    let project = Project::new(SMALL, database.url());
    project.apply(&[]).exits(2).says(&["acme.id_graph exists, and idgraph did not make it"]);
    assert_eq!(count(&database, "acme.id_graph"), 1);
}

#[test]
fn a_record_that_a_stranger_put_there_is_not_believed() {
    let database = Database::new();
    let segment = Role::new(
        &database,
        "segment",
        &format!("GRANT CREATE ON DATABASE {} TO ROLE", database.name()),
    );
    let mut client = database.client();
    // Whoever fills the table runs what its trigger does, with the rights of who fills it.
    segment.runs(
        &mut client,
        "CREATE SCHEMA acme;
         GRANT USAGE, CREATE ON SCHEMA acme TO PUBLIC;
         CREATE TABLE acme.id_graph (segment_id text, canonical_segment_id text, timestamp timestamptz);
         CREATE TABLE acme.idgraph_objects (schema_name text, object_name text, kind text, object_id text, made_at timestamptz);
         INSERT INTO acme.idgraph_objects VALUES ('acme', 'id_graph', 'table', 'acme.id_graph'::regclass::oid::text, now());
         CREATE FUNCTION acme.seize() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'seized'; END$$;
         CREATE TRIGGER seize BEFORE INSERT OR UPDATE OR DELETE ON acme.id_graph FOR EACH STATEMENT EXECUTE FUNCTION acme.seize();
         CREATE TRIGGER seize BEFORE INSERT OR UPDATE OR DELETE ON acme.idgraph_objects FOR EACH STATEMENT EXECUTE FUNCTION acme.seize()",
    );
    let belongs = format!("acme.idgraph_objects belongs to {}", segment.name);
    let project = Project::new(SMALL, database.url());
    project
        .apply(&[])
        .exits(2)
        .says(&["error[code-of-others]: acme.id_graph has the trigger seize"]);
    segment.runs(
        &mut client,
        "DROP TRIGGER seize ON acme.id_graph; DROP TRIGGER seize ON acme.idgraph_objects",
    );
    project.apply(&[]).exits(2).says(&[
        "error[not-ours]",
        &belongs,
        &format!("GRANT {}", segment.name),
    ]);
    let (file, why) = run_files(project.folder(), &mut client).expect("it is refused");
    assert_eq!(file, "00_schema.sql");
    assert!(why.contains(&belongs), "{why}");
    idgraph(project.folder(), &["migrate", "new"]).fine();
    project.apply(&[]).exits(2).says(&[&belongs]);
    finish(project.command("status", &[])).fine();

    // An ordinary user that has no part in that role is not led there either, and one that was made a member is.
    let other = Role::new(
        &database,
        "other",
        &format!("GRANT CREATE, TEMPORARY ON DATABASE {} TO ROLE", database.name()),
    );
    client
        .batch_execute(&format!(
            "ALTER SCHEMA acme OWNER TO postgres; GRANT ALL ON ALL TABLES IN SCHEMA acme TO {}",
            other.name
        ))
        .unwrap();
    let mut command = project.command("apply", &[]);
    command.env("PGOPTIONS", format!("-c role={}", other.name));
    finish(command).exits(2).says(&[&belongs]);
    client.batch_execute(&format!("GRANT {} TO postgres", segment.name)).unwrap();
    fs::remove_dir_all(project.folder().join("migrations")).unwrap();
    project.apply(&[]).fine();
}

#[test]
fn a_table_dropped_and_made_again_by_others_is_theirs() {
    let database = Database::new();
    let project = Project::new(SMALL, database.url());
    project.apply(&[]).fine();
    land(&database, 3, "@one");
    let again = "DROP TABLE acme.id_graph; CREATE TABLE acme.id_graph
        (segment_id text, canonical_segment_id text, timestamp timestamptz); INSERT INTO acme.id_graph VALUES ('x', 'y')";
    database.client().batch_execute(again).unwrap();
    for run in [project.apply(&[]), project.refresh(&[])] {
        run.exits(2).says(&[
            "acme.id_graph exists, and idgraph did not make it",
            "this is another one: restored from a dump, or made again by somebody else",
        ]);
    }
    assert_eq!(count(&database, "acme.id_graph WHERE canonical_segment_id = 'y'"), 1);
    let (file, _) = run_files(project.folder(), &mut database.client()).expect("it is refused");
    assert!(file.ends_with("id_graph.sql"), "{file}");
    // Dropped, and not made again, it is made as ever.
    database.client().batch_execute("DROP TABLE acme.id_graph").unwrap();
    project.apply(&[]).fine();
    assert_eq!(count(&database, "acme.id_graph"), 3);
}

#[test]
fn what_was_restored_from_a_dump_is_idgraphs_again_once_it_was_adopted() {
    let database = Database::new();
    let project = Project::new(SMALL, database.url());
    project.apply(&[]).fine();
    land(&database, 3, "@one");
    // A restore makes every table anew, with other identities: those of the record are stale.
    database
        .client()
        .batch_execute("UPDATE acme.idgraph_objects SET object_id = '1' || object_id")
        .unwrap();
    project.apply(&[]).exits(2).says(&["--adopt acme.id_graph, or SCHEMA.* for all that was"]);
    let run = project.apply(&["--adopt", "acme.*", "--dry-run"]).fine();
    assert!(run.stdout.contains("MERGE INTO acme.idgraph_objects"), "{}", run.stdout);
    project.apply(&[]).exits(2);
    let told = "acme.id_graph becomes idgraph's";
    project
        .apply(&["--adopt", "acme.*"])
        .fine()
        .says(&[told, "acme.idgraph_refreshes becomes idgraph's"]);
    project.apply(&[]).fine();
    assert_eq!(count(&database, "acme.profile_traits"), 3);
    project.apply(&["--adopt", "acme.*"]).fine().says(&["nothing to hand over"]);
}

#[test]
fn what_was_restored_is_read_as_it_is_with_a_note() {
    let database = Database::new();
    let project =
        Project::new(&format!("models: {{ resolved_events: {{}} }}\n{SMALL}"), database.url());
    idgraph(project.folder(), &["migrate", "new"]).fine();
    project.apply(&[]).fine();
    land(&database, 3, "@one");
    project.refresh(&[]).fine();
    let stale = "UPDATE acme.idgraph_objects SET object_id = '1' || object_id";
    database.client().batch_execute(stale).unwrap();
    for (name, further, shows) in [
        ("status", &[][..], "warehouse is at 0001_initial"),
        ("verify", &[], "3 rows"),
        ("explain", &["p2"], "Profile \"p2\""),
    ] {
        let run = finish(project.command(name, further)).fine();
        assert!(run.stdout.contains(shows), "{}", run.stdout);
        run.says(&["note: restored, or made again by others", "acme.id_graph", "--adopt 'acme.*'"]);
    }
    project.refresh(&[]).exits(2).says(&["error[not-ours]"]);
    // A view of others under such a name would run what they like.
    let segment = Role::new(&database, "segment", "GRANT CREATE, USAGE ON SCHEMA acme TO ROLE");
    let mut client = database.client();
    client.batch_execute("DROP TABLE acme.external_id_mapping").unwrap();
    let view = "CREATE VIEW acme.external_id_mapping AS SELECT ''::text AS canonical_segment_id, ''::text AS external_id_type,
        ''::text AS external_id_value, ''::text AS external_id_hash, now() AS timestamp";
    segment.runs(&mut client, view);
    for (name, further) in [("verify", &[][..]), ("explain", &["p2"])] {
        let run = finish(project.command(name, further)).exits(2);
        run.says(&["acme.external_id_mapping exists, and idgraph did not make it"]);
    }
}

#[test]
fn what_another_role_owns_is_not_adopted() {
    let database = Database::new();
    let project = Project::new(SMALL, database.url());
    project.apply(&[]).fine();
    let segment = Role::new(&database, "segment", "GRANT CREATE, USAGE ON SCHEMA acme TO ROLE");
    let sql = format!(
        "UPDATE acme.idgraph_objects SET object_id = '1' || object_id; ALTER TABLE acme.id_graph OWNER TO {}",
        segment.name
    );
    database.client().batch_execute(&sql).unwrap();
    for name in ["acme.*", "acme.id_graph"] {
        project.apply(&["--adopt", name]).exits(2).says(&[
            &format!("error[adopt]: acme.id_graph belongs to {}", segment.name),
            "OWNER TO",
        ]);
    }
    let mine = "ALTER TABLE acme.id_graph OWNER TO CURRENT_USER";
    database.client().batch_execute(mine).unwrap();
    project.apply(&["--adopt", "acme.*"]).fine();
}

#[test]
fn a_table_is_adopted_by_name_after_every_difference_was_listed() {
    let database = Database::new();
    let sql = "CREATE SCHEMA acme; CREATE TABLE acme.id_graph (segment_id bigint, canonical_segment_id text);
        CREATE TABLE acme.profile_traits (canonical_segment_id text, email text, merged_to text, color text);
        CREATE TABLE acme.identifies (id text, segment_id text, timestamp timestamptz);";
    database.client().batch_execute(sql).unwrap();
    let project = Project::new(SMALL, database.url());
    project.apply(&["--adopt", "acme.id_graph"]).exits(2).says(&[
        "error[adopt]: acme.id_graph is not what the project asks for",
        "acme.id_graph.segment_id is bigint, and the project says text",
        "acme.id_graph.timestamp is not there",
    ]);
    project.apply(&["--adopt", "acme.identifies"]).exits(2).says(&["landed tables stay Segment's"]);
    let run = project.apply(&["--adopt", "acme.profile_traits"]).fine();
    run.says(&[
        "acme.profile_traits becomes idgraph's",
        "acme.profile_traits.color is not the project's",
    ]);
    project.apply(&[]).exits(2).says(&["acme.id_graph exists, and idgraph did not make it"]);
    database.client().batch_execute("DROP TABLE acme.id_graph").unwrap();
    project.apply(&[]).fine();
}

#[test]
fn no_migration_changes_a_landed_table() {
    let database = Database::new();
    let project = Project::new(SMALL, database.url());
    idgraph(project.folder(), &["migrate", "new"]).fine();
    project.apply(&[]).fine();
    land(&database, 2, "@one");
    project.change(&with("email: varchar\n    visits: integer"));
    idgraph(project.folder(), &["migrate", "new"]).fine();
    let files = fs::read_dir(project.folder().join("migrations/postgres")).unwrap();
    for file in files
        .map(|one| one.unwrap().path())
        .filter(|path| path.extension().is_some_and(|one| one == "sql"))
    {
        let text = fs::read_to_string(&file).unwrap();
        for line in
            text.lines().filter(|line| line.contains("acme.identifies") && !line.starts_with("--"))
        {
            let harmless = ["FROM", "('acme.identifies', false)", "('acme.identifies', ARRAY["];
            let is_held = line.starts_with("LOCK TABLE") && line.contains(" IN ACCESS SHARE MODE");
            assert!(
                is_held || harmless.iter().any(|begin| line.trim_start().starts_with(begin)),
                "{line}"
            );
        }
    }
    let run = project.apply_alone(&["--dry-run"]).fine();
    assert!(run.stdout.contains("ALTER TABLE acme.profile_traits ADD COLUMN visits bigint"));
    assert!(!run.stdout.contains("ALTER TABLE acme.identifies"), "{}", run.stdout);
    project.apply_alone(&[]).fine();
    let of_segment =
        "information_schema.columns WHERE table_name = 'identifies' AND column_name = 'visits'";
    assert_eq!(count(&database, of_segment), 0);
    project.refresh(&["--full"]).fine();
    assert_eq!(count(&database, "acme.profile_traits WHERE visits IS NULL"), 2);

    // It has it with its first value.
    let first = "ALTER TABLE acme.identifies ADD COLUMN visits bigint; UPDATE acme.identifies SET visits = 7";
    database.client().batch_execute(first).unwrap();
    project.refresh(&["--full"]).fine();
    assert_eq!(count(&database, "acme.profile_traits WHERE visits = 7"), 2);
    project.change(&with("email: varchar\n    visits: varchar"));
    idgraph(project.folder(), &["migrate", "new"]).fine();
    project.apply_alone(&["--allow-destructive", "acme.profile_traits.visits"]).fine();
    project
        .apply_alone(&["--to", "1", "--allow-destructive", "acme.profile_traits.visits"])
        .exits(2);
    let bigint = format!("{of_segment} AND data_type = 'bigint'");
    assert_eq!(count(&database, &bigint), 1);
}
