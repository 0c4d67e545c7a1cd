//! On Postgres: apply and status with few rights, what is said when one is missing, and tables that are handed over.

#[path = "support/migrations.rs"]
mod migrations;
mod support;

use support::command::{Run, finish, idgraph};
use support::postgres::Database;
use support::postgres::project::{Project, SMALL, count, dump, land};

const MADE: &str = "CREATE SCHEMA IF NOT EXISTS acme;
CREATE TABLE acme.made (x integer);
COMMENT ON TABLE acme.made IS 'Built by idgraph.';
";

/// A user of the database, gone with it.
struct User<'a> {
    database: &'a Database<'static>,
    name: String,
}

impl<'a> User<'a> {
    fn new(database: &'a Database<'static>, kind: &str) -> Self {
        let name = format!("{}_{kind}", database.name());
        database.client().batch_execute(&format!("CREATE ROLE {name}")).unwrap();
        Self { database, name }
    }

    fn may(&self, grant: &str) {
        let sql = format!("GRANT {grant} TO {}", self.name);
        self.database.client().batch_execute(&sql).unwrap();
    }

    /// Runs a command as this user.
    fn runs(&self, project: &Project, command: &str, further: &[&str]) -> Run {
        let mut command = project.command(command, further);
        command.env("PGOPTIONS", format!("-c role={}", self.name));
        finish(command)
    }
}

impl Drop for User<'_> {
    fn drop(&mut self) {
        let sql = format!("DROP OWNED BY {0} CASCADE; DROP ROLE {0}", self.name);
        let _ = self.database.client().batch_execute(&sql);
    }
}

fn project(database: &Database<'_>) -> Project {
    let project = Project::new(SMALL, database.url());
    migrations::write(project.folder(), "postgres", &[("0001_made.sql", MADE)]);
    project
}

#[test]
fn who_may_only_make_tables_in_the_schema_can_apply_and_who_may_only_read_sees_the_status() {
    let database = Database::new();
    database.client().batch_execute("CREATE SCHEMA acme").unwrap();
    let (maker, reader) = (User::new(&database, "maker"), User::new(&database, "reader"));
    let project = project(&database);
    maker.runs(&project, "apply", &[]).exits(2).says(&[
        "permission denied for schema acme",
        &format!("help: let its owner run: GRANT USAGE, CREATE ON SCHEMA acme TO {};", maker.name),
    ]);
    maker.may("USAGE, CREATE ON SCHEMA acme");
    maker
        .runs(&project, "apply", &["--verbose"])
        .fine()
        .says(&["acme: there already", "now at 0001"]);

    reader.may("USAGE ON SCHEMA acme");
    reader.runs(&project, "status", &[]).exits(2).says(&[
        "permission denied for table idgraph_migrations",
        &format!("GRANT SELECT ON acme.idgraph_migrations TO {};", reader.name),
    ]);
    reader.may("SELECT ON ALL TABLES IN SCHEMA acme");
    let run = reader.runs(&project, "status", &[]).fine();
    assert!(run.stdout.starts_with("warehouse is at 0001_made\n"), "{}", run.stdout);
    assert!(run.stdout.contains(&maker.name), "the ledger says who: {}", run.stdout);
}

#[test]
fn status_shows_what_ran_what_waits_and_how_old_everything_is() {
    let database = Database::new();
    let direct = Project::new(SMALL, database.url());
    direct.apply(&[]).fine();
    land(&database, 3, "@one");
    database
        .client()
        .batch_execute("UPDATE acme.identifies SET uuid_ts = now() - interval '2 hours'")
        .unwrap();
    direct.apply(&[]).fine();

    let project = project(&database);
    project.apply(&[]).fine();
    let more = "-- idgraph: destructive acme.made.x\nALTER TABLE acme.made DROP COLUMN x;\n";
    migrations::write(project.folder(), "postgres", &[("0002_more.sql", more)]);
    let run = finish(project.command("status", &["--format", "json"])).fine();
    let status: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(status["at"], 1);
    assert_eq!(status["migrations"][0]["name"], "made");
    assert_eq!(status["migrations"][0]["done"], 3, "{}", run.stdout);
    assert_eq!(status["pending"][0]["file"], "0002_more.sql");
    assert_eq!(status["pending"][0]["takes_away"], "acme.made.x");
    let find = |part: &str, key: &str, name: &str| {
        let rows = status[part].as_array().unwrap();
        rows.iter().find(|row| row[key] == name).unwrap_or_else(|| panic!("{name}")).clone()
    };
    let graph = find("models", "model", "id_graph");
    assert_eq!((&graph["how"], &graph["inserted"]), (&"rebuilt".into(), &3.into()));
    assert!(graph["seconds"].as_f64().unwrap() >= 0.0 && !graph["finished_at"].is_null());
    let identifies = find("landed", "table", "identifies");
    let ago = identifies["seconds_ago"].as_i64().unwrap();
    assert!((7200..7200 + 600).contains(&ago), "{ago}");
    assert!(find("landed", "table", "id_graph_updates")["seconds_ago"].is_null());

    let edited = MADE.replace("integer", "bigint");
    migrations::write(project.folder(), "postgres", &[("0001_made.sql", &edited)]);
    let run = finish(project.command("status", &[])).exits(2).says(&["error[migration-edited]"]);
    assert!(run.stdout.contains("warehouse is at 0001_made"), "the rest is shown all the same");
}

#[test]
fn a_refresh_is_noted_with_its_rows_or_not_at_all() {
    let database = Database::new();
    let project = Project::new(SMALL, database.url());
    project.apply(&[]).fine();
    let noted = || -> Vec<(String, i64)> {
        let sql = "SELECT how, inserted FROM acme.idgraph_refreshes WHERE model = 'profile_traits'";
        let rows = database.client().query(sql, &[]).unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    };
    assert_eq!(noted(), [("created".to_owned(), 0)]);
    land(&database, 4, "@one");
    finish(project.command("refresh", &[])).fine();
    assert_eq!(noted(), [("rebuilt".to_owned(), 4)]);
    // The note goes with the rows: what fails leaves neither.
    land(&database, 9, "@two");
    database
        .client()
        .batch_execute("ALTER TABLE acme.idgraph_refreshes ADD CHECK (inserted <> 9)")
        .unwrap();
    finish(project.command("refresh", &[])).exits(2).says(&["idgraph_refreshes"]);
    assert_eq!(noted(), [("rebuilt".to_owned(), 4)]);
    let rows: i64 = database
        .client()
        .query_one("SELECT count(*) FROM acme.profile_traits", &[])
        .unwrap()
        .get(0);
    assert_eq!(rows, 4);
}

#[test]
fn a_table_that_others_made_is_changed_only_after_it_was_handed_over_by_name() {
    let database = Database::new();
    let project = project(&database);
    let sql = "CREATE SCHEMA acme; CREATE TABLE acme.id_graph
        (segment_id text, canonical_segment_id text, timestamp timestamptz)";
    database.client().batch_execute(sql).unwrap();
    let change =
        "ALTER TABLE acme.id_graph ADD COLUMN depth bigint;\nUPDATE acme.id_graph SET depth = 1;\n";
    migrations::write(project.folder(), "postgres", &[("0002_depth.sql", change)]);
    project
        .apply(&["--baseline", "1"])
        .fine()
        .says(&["acme.id_graph was made by others: idgraph will not change it"]);
    let run = project.apply(&[]).exits(2).says(&[
        "error[not-ours]: acme.id_graph exists, and idgraph did not make it",
        "idgraph apply --target NAME --adopt acme.id_graph",
    ]);
    assert_eq!(run.stderr.matches("error[").count(), 1, "once is enough: {}", run.stderr);
    let adopt = ["--baseline", "1", "--adopt", "acme.id_graph"];
    let run = project.apply(&[&adopt[..], &["--dry-run"]].concat()).fine();
    assert!(run.stdout.contains("MERGE INTO acme.idgraph_objects AS o"), "{}", run.stdout);
    project.apply(&[]).exits(2);
    project.apply(&["--baseline", "1", "--adopt", "acme.identifies"]).exits(2).says(&[
        "error[adopt]: acme.identifies is no model of the project",
        "landed tables stay Segment's",
    ]);
    project.apply(&adopt).fine().says(&["0 migrations taken for applied"]);
    project.apply(&[]).fine().says(&["now at 0002"]);
}

#[test]
fn grants_comments_and_views_of_others_survive_a_models_other_sql() {
    let database = Database::new();
    let project = Project::new(SMALL, database.url());
    idgraph(project.folder(), &["migrate", "new"]).fine();
    project.apply(&[]).fine();
    land(&database, 2, "@one");
    project.refresh(&[]).fine();
    let analyst = User::new(&database, "analyst");
    analyst.may("USAGE ON SCHEMA acme");
    analyst.may("SELECT ON acme.profile_traits");
    analyst.may("SELECT (segment_id) ON acme.id_graph");
    let theirs = "CREATE VIEW acme.emails AS SELECT canonical_segment_id, email FROM acme.profile_traits;
        CREATE MATERIALIZED VIEW acme.many AS SELECT count(*) FROM acme.emails;
        COMMENT ON VIEW acme.emails IS 'theirs';
        INSERT INTO acme.identifies (id, segment_id, timestamp) VALUES ('late', 'p1', '2024-02-01')";
    database.client().batch_execute(theirs).unwrap();
    analyst.may("SELECT ON acme.emails");
    // The ledger aside, and rows: those are to change.
    let catalog = || -> Vec<String> {
        let all = dump(&database).into_iter();
        all.filter(|line| line.contains(" | ") && !line.contains("idgraph_migrations")).collect()
    };
    let emails = || -> i64 { count(&database, "acme.emails WHERE email IS NOT NULL") };
    let before = catalog();
    assert_eq!(emails(), 2);
    project.change(&SMALL.replace("traits:\n", "traits:\n  null_means: unset\n"));
    idgraph(project.folder(), &["migrate", "new"]).fine();
    let allowed = ["--allow-destructive", "acme.profile_traits"];
    project.apply(&allowed).fine().says(&["1 migration run, now at 0002"]);
    assert_eq!(catalog(), before);
    assert_eq!(emails(), 1, "the rows are those of the new meaning");
}

#[test]
fn a_role_that_owns_nothing_refreshes_with_the_rights_that_the_page_names() {
    let database = Database::new();
    let role = format!("{}_refresher", database.name());
    for kept in ["table", "incremental"] {
        let models = format!(
            "models:\n  id_graph: {{ materialized: {kept} }}\n  external_id_mapping: {{ materialized: {kept} }}\n  profile_traits: {{ materialized: {kept} }}\n"
        );
        let text = format!(
            "space: acme\nmodels_schema: built_{kept}\ndialects: [postgres]\n{models}traits:\n  columns:\n    email: varchar\n"
        );
        let project = Project::new(&text, database.url());
        project.apply(&[]).fine();
        land(&database, 3, "@one");
        let rights = format!(
            "DO $$ BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
             GRANT USAGE ON SCHEMA acme, built_{kept} TO {role};
             GRANT SELECT ON ALL TABLES IN SCHEMA acme TO {role};
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA built_{kept} TO {role}"
        );
        database.client().batch_execute(&rights).unwrap();
        let mut command = project.command("refresh", &[]);
        command.env("PGOPTIONS", format!("-c role={role}"));
        finish(command).fine();
        assert_eq!(count(&database, &format!("built_{kept}.profile_traits")), 3);
    }
    let gone = format!("DROP OWNED BY {role}; DROP ROLE {role}");
    database.client().batch_execute(&gone).unwrap();
}

#[test]
fn a_refresh_leaves_a_column_to_the_migration_that_adds_it() {
    let database = Database::new();
    let project = Project::new(SMALL, database.url());
    idgraph(project.folder(), &["migrate", "new"]).fine();
    project.apply(&[]).fine();
    land(&database, 2, "@one");
    project.change(&SMALL.replace("email: varchar", "email: varchar\n    visits: integer"));
    idgraph(project.folder(), &["migrate", "new"]).fine();
    project
        .refresh(&[])
        .exits(2)
        .says(&["error[pending]: acme.profile_traits has no column visits yet"]);
    project.apply(&[]).fine();
    project.refresh(&[]).fine();
}
