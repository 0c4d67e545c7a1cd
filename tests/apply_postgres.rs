//! `idgraph apply` on Postgres: what it makes, what it leaves alone, and that readers see old or new.

mod support;

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use support::postgres::Database;
use support::postgres::project::{Project, SMALL, count, dump, land};

#[test]
fn apply_creates_everything_and_then_changes_nothing() {
    let database = Database::new();
    let large = SMALL.replace("traits:", "models: { user_traits: { name: long_traits }, user_identifiers: { name: identifiers }, profile_merges: { name: merges }, resolved_events: {} }\ntraits:");
    let project = Project::new(&large, database.url());
    project.apply(&[]).fine().says(&["acme.id_graph ", "created in ", "applied to warehouse in"]);
    land(&database, 10, "@one");
    project
        .apply(&["--verbose"])
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
    // Two databases give their objects other identities.
    let all = |database| -> Vec<String> {
        let is_identity = |line: &String| line.starts_with("acme.idgraph_objects: ");
        dump(database).into_iter().filter(|line| !is_identity(line)).collect()
    };
    assert_eq!(all(&two), all(&one));
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
            "DROP TABLE acme.id_graph, acme.external_id_mapping, acme.profile_traits, acme.idgraph_refreshes, acme.idgraph_objects;
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
fn models_may_live_in_a_schema_of_their_own_and_any_name_can_be_applied() {
    for name in ["built", "order", "x\"; drop table y; --", "x'; --", "Größe 表", "$$x\\"] {
        let database = Database::new();
        let quoted = |name: String| serde_json::to_string(&name).unwrap();
        let text = format!(
            "space: {}\nmodels_schema: {}\ndialects: [postgres]\ntraits: {{ columns: {{ {}: varchar, order: varchar }} }}\n\
             events: {{ {}: {{}} }}\nmodels: {{ resolved_events: {{}}, user_traits: {{ name: long_traits }} }}\n",
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
