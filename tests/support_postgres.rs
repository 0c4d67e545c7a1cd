//! The harness itself: tests get real servers that can stop, ask for passwords and speak TLS.

mod support;

use support::postgres::{Database, Options, Server};

#[test]
fn each_test_has_an_empty_database_of_its_own() {
    let (one, two) = (Database::new(), Database::new());
    one.client().batch_execute("CREATE TABLE t (x int)").unwrap();
    let count = "SELECT count(*) FROM pg_class WHERE relname = 't'";
    let tables =
        |database: &Database| -> i64 { database.client().query_one(count, &[]).unwrap().get(0) };
    assert_eq!((tables(&one), tables(&two)), (1, 0));
}

#[test]
fn a_private_server_stops_like_a_crash_and_starts_with_its_data() {
    let server = Server::private(Options::default());
    let database = Database::on(&server);
    let mut client = database.client();
    client.batch_execute("CREATE TABLE t AS SELECT 42 AS x").unwrap();
    server.stop();
    assert!(client.query("SELECT x FROM t", &[]).is_err());
    server.start();
    let x: i32 = database.client().query_one("SELECT x FROM t", &[]).unwrap().get(0);
    assert_eq!(x, 42);
}
