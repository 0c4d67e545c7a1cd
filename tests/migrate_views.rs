//! A view that one migration drops and makes again is no loss: nobody is asked, and what was granted on it is put back.

mod support;

use support::command::{finish, idgraph};
use support::postgres::Database;
use support::postgres::project::Project;

const PROJECT: &str = "space: acme
dialects: [postgres]
traits:
  columns:
    email: varchar
events:
  Order Completed:
    properties:
      total: float
models:
  resolved_events: {}
";

/// The grants of a view: those on it and those on its columns.
fn grants(database: &Database<'_>) -> Vec<String> {
    let sql = "SELECT concat_ws(' ', r.rolname, a.privilege_type, a.is_grantable::text, g.col) FROM (
            SELECT relacl AS acl, relowner, NULL AS col FROM pg_class WHERE oid = 'acme.order_completed_resolved'::regclass
            UNION ALL
            SELECT attacl, 0, attname::text FROM pg_attribute WHERE attrelid = 'acme.order_completed_resolved'::regclass
        ) AS g CROSS JOIN LATERAL aclexplode(g.acl) AS a LEFT JOIN pg_roles AS r ON r.oid = a.grantee
        WHERE a.grantee <> g.relowner ORDER BY 1";
    let rows = database.client().query(sql, &[]).expect("grants");
    rows.iter().map(|row| row.get(0)).collect()
}

#[test]
fn a_view_that_is_made_again_needs_no_leave_and_keeps_its_grants() {
    let database = Database::new();
    let project = Project::new(PROJECT, database.url());
    idgraph(project.folder(), &["migrate", "new"]).fine();
    project.apply(&[]).fine();
    // Roles are the server's, and other tests have some.
    let role = format!("reader {}", std::process::id());
    let statements = format!(
        "CREATE ROLE \"{role}\";
        GRANT SELECT ON acme.order_completed_resolved TO \"{role}\" WITH GRANT OPTION;
        GRANT UPDATE (id) ON acme.order_completed_resolved TO \"{role}\";
        GRANT SELECT ON acme.order_completed_resolved TO PUBLIC;"
    );
    database.client().batch_execute(&statements).expect("grants");
    let before = grants(&database);
    assert_eq!(before.len(), 3, "{before:?}");

    project.change(&PROJECT.replace("      total: float\n", "      {}\n"));
    idgraph(project.folder(), &["migrate", "new"]).fine();
    let plan = finish(project.command("plan", &[])).exits(1);
    assert!(!plan.stdout.contains("--allow-destructive"), "{}", plan.stdout);
    for words in [
        "Granted again on views that are dropped and made again".to_owned(),
        format!("GRANT SELECT ON acme.order_completed_resolved TO \"{role}\" WITH GRANT OPTION;"),
        format!("GRANT UPDATE (id) ON acme.order_completed_resolved TO \"{role}\";"),
        "GRANT SELECT ON acme.order_completed_resolved TO PUBLIC;".to_owned(),
    ] {
        assert!(plan.stdout.contains(&words), "{words}\n{}", plan.stdout);
    }
    let dry = project.apply(&["--dry-run"]).fine();
    assert!(dry.stdout.contains("GRANT SELECT ON acme.order_completed_resolved TO PUBLIC;"));
    assert_eq!(grants(&database), before, "a dry run changes nothing");
    project.apply(&[]).fine();
    assert_eq!(grants(&database), before);
    let drop = format!("DROP OWNED BY \"{role}\"; DROP ROLE \"{role}\";");
    database.client().batch_execute(&drop).expect("drop");
}

#[test]
fn the_way_back_and_forward_again_leaves_views_their_types() {
    let database = Database::new();
    let project = Project::new(PROJECT, database.url());
    // Segment's types: another one for the property, another word for text.
    let landed = "CREATE SCHEMA acme;
        CREATE TABLE acme.id_graph_updates (id varchar, segment_id varchar, canonical_segment_id varchar, timestamp timestamptz, uuid_ts timestamptz);
        CREATE TABLE acme.identifies (id varchar, segment_id varchar, timestamp timestamptz, uuid_ts timestamptz, email varchar, plan numeric);
        CREATE TABLE acme.order_completed (id varchar, segment_id varchar, timestamp timestamptz, uuid_ts timestamptz, total numeric, coupon varchar);";
    database.client().batch_execute(landed).expect("land");
    let ignore = "ignore: [identifies.plan, order_completed.coupon]\n";
    project.change(&format!("{PROJECT}{ignore}"));
    let introspect = || finish(project.command("introspect", &[])).fine();
    introspect();
    idgraph(project.folder(), &["migrate", "new"]).fine();
    project.apply_alone(&[]).fine();
    let text = PROJECT
        .replace("email: varchar", "email: varchar\n    plan: float")
        .replace("total: float", "total: float\n      coupon: varchar");
    project.change(&text);
    introspect();
    idgraph(project.folder(), &["migrate", "new"]).fine();
    project.apply_alone(&[]).fine();
    for _ in 0..2 {
        project
            .apply_alone(&["--to", "1", "--allow-destructive", "acme.profile_traits.plan"])
            .fine();
        project.apply_alone(&[]).fine();
    }
    let total = "information_schema.columns WHERE table_name = 'order_completed_resolved'
        AND column_name = 'total' AND data_type = 'double precision'";
    assert_eq!(support::postgres::project::count(&database, total), 1);
    finish(project.command("plan", &[])).fine();
}

/// Its rows are those of the tables that it reads, whoever made it and whenever.
#[test]
fn no_migration_writes_through_a_view() {
    let database = Database::new();
    let project = Project::new(PROJECT, database.url());
    idgraph(project.folder(), &["migrate", "new"]).fine();
    project.apply(&[]).fine();
    let folder = project.folder().join("migrations/postgres");
    let add = |name: &str, text: &str| {
        std::fs::write(folder.join(name), text).expect("a file");
        idgraph(project.folder(), &["migrate", "sum"]).fine();
    };
    add("0002_view.sql", "CREATE VIEW acme.theirs AS SELECT * FROM acme.identifies;\n");
    let through = "-- idgraph: destructive acme.theirs\nDELETE FROM acme.theirs;\n";
    add("0003_through.sql", through);
    let check = idgraph(project.folder(), &["migrate", "check"]);
    check.exits(1).says(&["error[view-written]: acme.theirs is a view"]);
    // The view of an earlier one is there by then.
    let apply = project.apply_alone(&["--allow-destructive", "acme.theirs", "--to", "3"]);
    apply.exits(2).says(&["error[view-written]: acme.theirs is a view"]);
    add("0003_through.sql", "SELECT 1;\n");
    project.apply_alone(&[]).fine();
    add("0004_through.sql", through);
    let apply = project.apply_alone(&["--allow-destructive", "acme.theirs"]);
    apply.exits(2).says(&["error[view-written]: acme.theirs is a view"]);
}

/// A refresh puts no view in place, so that none is in its way; an apply says that the project is ahead of its migrations.
#[test]
fn a_view_of_other_columns_stops_no_refresh() {
    let database = Database::new();
    let project = Project::new(PROJECT, database.url());
    project.apply(&[]).fine();
    let fewer = PROJECT.replace("      total: float\n", "      {}\n");
    project.change(&fewer);
    project.apply_alone(&[]).exits(2).says(&["error[view-columns-changed]"]);
    project.refresh(&[]).fine();
    project.change(PROJECT);
    idgraph(project.folder(), &["migrate", "new"]).fine();
    project.apply(&["--baseline", "1"]).fine();
    project.change(&fewer);
    project.refresh(&[]).fine();
    project.apply(&[]).fine().says(&[
        "note: the project has changed without a migration (1 change); to write it: idgraph migrate new",
    ]);
}
