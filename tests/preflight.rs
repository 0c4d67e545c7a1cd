//! On Postgres: what cannot be worked with is said before anything runs, and what others do at the same time is no failure.

mod support;

use std::fs;

use support::command::{Run, Running, command, finish};
use support::postgres::project::{Project, SMALL, count, dump, land, statements};
use support::postgres::{Database, Server};

fn run(project: &Project, name: &str, further: &[&str]) -> Run {
    finish(project.command(name, further))
}

/// A project applied over what `sql` made.
fn applied_over(database: &Database<'_>, sql: &str) -> Run {
    database.client().batch_execute(sql).expect(sql);
    let before = dump(database);
    let run = Project::new(SMALL, database.url()).apply_alone(&[]);
    assert_eq!(dump(database), before, "nothing ran");
    run
}

#[test]
fn a_landed_table_that_is_a_view_is_named() {
    let sql = "CREATE SCHEMA acme; CREATE TABLE acme.theirs (id text, segment_id text);
        CREATE VIEW acme.identifies AS SELECT * FROM acme.theirs";
    applied_over(&Database::new(), sql).exits(2).says(&[
        "error[landed-view]: acme.identifies is a view, and idgraph reads the tables that Segment lands",
        "name the schema of the tables themselves in `space`",
    ]);
    let sql = "CREATE SCHEMA acme; CREATE TABLE acme.theirs (id text, segment_id text);
        CREATE MATERIALIZED VIEW acme.identifies AS SELECT * FROM acme.theirs;
        CREATE EXTENSION file_fdw SCHEMA public; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
        CREATE FOREIGN TABLE acme.id_graph_updates (id text) SERVER files OPTIONS (filename '/dev/null')";
    applied_over(&Database::new(), sql).exits(2).says(&[
        "error[landed-view]: acme.identifies is a materialized view",
        "error[landed-view]: acme.id_graph_updates is a foreign table",
    ]);
}

/// Addresses of rows are those of a partition, or of a child table.
#[test]
fn an_event_that_landed_twice_in_a_partitioned_table_is_one() {
    let columns = "id text, segment_id text, seq text, received_at timestamptz, uuid_ts timestamptz, timestamp timestamptz";
    for sql in [
        format!(
            "CREATE SCHEMA acme; CREATE TABLE acme.order_completed ({columns}, part int) PARTITION BY LIST (part);
             CREATE TABLE acme.one PARTITION OF acme.order_completed FOR VALUES IN (1);
             CREATE TABLE acme.two PARTITION OF acme.order_completed FOR VALUES IN (2)"
        ),
        format!(
            "CREATE SCHEMA acme; CREATE TABLE acme.order_completed ({columns});
             CREATE TABLE acme.one () INHERITS (acme.order_completed);
             CREATE TABLE acme.two () INHERITS (acme.order_completed)"
        ),
    ] {
        let database = Database::new();
        database.client().batch_execute(&sql).expect(&sql);
        let text = SMALL.replace("traits:", "models: { resolved_events: {} }\nevents: { order_completed: {} }\ntraits:");
        Project::new(&text, database.url()).apply(&[]).fine();
        let parts = if sql.contains("LIST") { [", 1", ", 2"] } else { ["", ""] };
        let insert = format!(
            "INSERT INTO acme.one VALUES ('e1', 'p1', '1', NULL, NULL, '2024-01-01'{});
             INSERT INTO acme.two VALUES ('e1', 'p1', '1', NULL, NULL, '2024-01-01'{})",
            parts[0], parts[1]
        );
        database.client().batch_execute(&insert).expect("an event twice");
        assert_eq!(count(&database, "acme.order_completed"), 2);
        assert_eq!(count(&database, "acme.order_completed_resolved"), 1, "{sql}");
    }
}

#[test]
fn ids_that_would_make_one_person_of_two_are_refused() {
    let sql = "CREATE SCHEMA acme; CREATE EXTENSION citext SCHEMA public;
        CREATE COLLATION acme.alike (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        CREATE TABLE acme.identifies (id text, segment_id public.citext, email text COLLATE acme.alike);
        CREATE TABLE acme.others (id public.citext)";
    applied_over(&Database::new(), sql).exits(2).says(&[
        "error[texts-alike]: acme.identifies.segment_id has the type citext",
        "ALTER TABLE acme.identifies ALTER COLUMN segment_id TYPE text COLLATE \"default\";",
        "acme.identifies.email has a collation that is not deterministic",
        "2 errors",
    ]);
}

#[test]
fn a_database_in_another_encoding_is_refused() {
    let server = Server::shared();
    let name = format!("{}_latin", Database::new().name());
    let make = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
    server.administer(&make).expect("a database");
    let project = Project::new(SMALL, server.url(&name));
    let applied = project.apply(&[]);
    finish(command(project.folder(), &["render"])).fine();
    let file = project.folder().join("sql/postgres/00_schema.sql");
    let file = fs::read_to_string(file).expect("a file");
    let mut client =
        postgres::Client::connect(&server.url(&name), postgres::NoTls).expect("connect");
    let refused = statements(&file).iter().find_map(|one| client.batch_execute(one).err());
    drop(client);
    server.administer(&format!("DROP DATABASE {name} WITH (FORCE)")).expect("drop it");
    applied.exits(2).says(&["error[encoding]", "the database keeps text as LATIN1"]);
    let refused = refused.expect("an error");
    let said = refused.as_db_error().expect("the server's").message();
    assert!(said.contains("the database keeps text as LATIN1, and UTF8 is needed"), "{said}");
}

#[test]
fn the_extension_is_used_where_it_is() {
    let database = Database::bare(Server::shared(), "");
    let sql = "CREATE SCHEMA \"Ext ra\"; CREATE EXTENSION pgcrypto SCHEMA \"Ext ra\"";
    database.client().batch_execute(sql).expect("the extension");
    let project = Project::new(SMALL, database.url());
    project.apply(&[]).fine();
    let row = "INSERT INTO acme.external_id_mapping_updates (id, segment_id, external_id_type, external_id_value, timestamp)
        VALUES ('e1', 'p1', 'email', 'a@x', '2024-01-01')";
    land(&database, 1, "@x");
    database.client().batch_execute(row).expect("land");
    project.refresh(&[]).fine();
    let hash = "acme.external_id_mapping WHERE external_id_hash = encode(sha256(''), 'hex') OR length(external_id_hash) = 40";
    assert_eq!(count(&database, hash), 1);
    run(&project, "verify", &[]).fine();
}

#[test]
fn a_superuser_is_told_once_and_others_are_not() {
    let database = Database::new();
    let project = Project::new(SMALL, database.url());
    let said = project.apply(&[]).fine().stderr;
    assert_eq!(said.matches("user `postgres` is a superuser").count(), 1, "{said}");
    let role = format!("{}_reader", database.name());
    database.client().batch_execute(&format!("CREATE ROLE {role}")).expect("a role");
    let mut plan = project.command("plan", &[]);
    plan.env("PGOPTIONS", format!("-c role={role}"));
    let said = finish(plan).stderr;
    database.client().batch_execute(&format!("DROP ROLE {role}")).expect("drop the role");
    assert!(!said.contains("superuser"), "{said}");
}

#[test]
fn projects_applied_at_once_to_an_empty_database_all_succeed() {
    let database = Database::new();
    let projects: Vec<Project> = (0..6)
        .map(|number| {
            Project::new(&format!("models_schema: built_{number}\n{SMALL}"), database.url())
        })
        .collect();
    let all: Vec<Running> = projects.iter().map(|project| project.applying(&[])).collect();
    for applying in all {
        applying.finish().fine();
    }
    for number in 0..6 {
        assert_eq!(count(&database, &format!("built_{number}.profile_traits")), 0);
    }
}

#[test]
fn columns_that_land_during_refreshes_fail_none() {
    let database = Database::new();
    let traits: String = (0..12).map(|number| format!("    late_{number}: varchar\n")).collect();
    let project = Project::new(&format!("{SMALL}{traits}"), database.url());
    let sql = "CREATE SCHEMA acme; CREATE TABLE acme.identifies (id text, segment_id text, \"timestamp\" timestamptz, email text)";
    database.client().batch_execute(sql).expect("a landed table");
    project.apply(&[]).fine();
    land(&database, 200, "@x");
    let landing = std::thread::scope(|scope| {
        let landing = scope.spawn(|| {
            for number in 0..12 {
                let sql = format!("ALTER TABLE acme.identifies ADD COLUMN late_{number} text");
                database.client().batch_execute(&sql).expect("a column");
                std::thread::sleep(std::time::Duration::from_millis(300));
            }
        });
        while !landing.is_finished() {
            project.refresh(&[]).fine();
        }
        landing.join()
    });
    landing.expect("the columns");
    project.refresh(&[]).fine();
    assert_eq!(count(&database, "acme.profile_traits"), 200);
}
