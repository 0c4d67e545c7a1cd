//! What only reads needs no more than a standby: a Postgres that follows another and can change nothing.

mod support;

use support::command::finish;
use support::postgres::project::{Project, SMALL, land};
use support::postgres::{Database, Server};

#[test]
fn all_that_reads_runs_on_a_standby() {
    let primary = Server::local();
    let database = Database::on(&primary);
    let project = Project::new(SMALL, database.url());
    project.apply(&[]).fine();
    land(&database, 3, "@x");
    let sql = "INSERT INTO acme.id_graph_updates (id, segment_id, canonical_segment_id, timestamp)
        VALUES ('m', 'p3', 'p1', '2024-02-01'), ('a', 'a', 'b', '2024-02-01'), ('b', 'b', 'a', '2024-02-02')";
    database.client().batch_execute(sql).expect("land");
    project.apply(&[]).fine();
    // Wrong in one row, so that what differs is counted and listed, too.
    let sql = "DELETE FROM acme.id_graph WHERE segment_id = 'p2'";
    database.client().batch_execute(sql).expect("delete");
    let standby = primary.standby();
    let project = project.on(standby.url(database.name()));
    let run = |name: &str, further: &[&str]| finish(project.command(name, further));

    let verified = run("verify", &["--keys"]).exits(1);
    assert!(verified.stdout.contains("missing   segment_id: \"p2\""), "{}", verified.stdout);
    let explained = run("explain", &["p3"]).fine();
    assert!(explained.stdout.contains("\"p1\" is canonical"), "{}", explained.stdout);
    assert!(explained.stdout.ends_with("The tables as they stand say the same.\n"));
    run("status", &[]).fine();
    let shown = run("show", &["id_graph"]).fine();
    assert!(shown.stdout.contains("p3"), "{}", shown.stdout);
    run("diff", &[]).fine();
    run("plan", &[]).fine();
    // It is one: what writes is refused.
    run("refresh", &[]).exits(2);
}
