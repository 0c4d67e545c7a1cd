//! Reaching a Postgres server: every failure says what, where, why and what to do, and none shows
//! the password.

mod support;

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use idgraph::diagnostic::{Diagnostic, Diagnostics};
use idgraph::engine::postgres::{Environment, connect, connect_with};
use postgres::Client;
use support::postgres::{Database, Options, Server, percent_encode};

/// Every character that has a meaning in URLs, in key=value form or in password files.
const PASSWORD: &str = r"p@s:s/w?o#r%d 'x\y&z=é";

/// Connects with these environment variables and no others.
fn connect_in(
    url: &str,
    variables: &[(&str, &str)],
) -> (Result<Client, Diagnostics>, Vec<Diagnostic>) {
    let variables: HashMap<&str, &str> = variables.iter().copied().collect();
    let environment = Environment::from_lookup(|name| variables.get(name).map(Into::into));
    let mut warnings = Vec::new();
    let outcome = connect_with(url, "warehouse", &environment, &mut warnings);
    (outcome, warnings)
}

/// The only message of a connection that fails, which never holds a secret.
fn failure(url: &str, variables: &[(&str, &str)]) -> (&'static str, String) {
    let errors = match connect_in(url, variables).0 {
        Ok(_) => panic!("connected"),
        Err(errors) => errors,
    };
    let shown = errors.to_string();
    for text in [&shown, &format!("{errors:?}")] {
        for secret in [PASSWORD, &percent_encode(PASSWORD), "p@s", "hunter2"] {
            assert!(!text.contains(secret), "{secret} is in: {text}");
        }
    }
    assert_eq!(errors.iter().count(), 1, "{shown}");
    assert!(shown.contains("target `warehouse`: ") && shown.contains("= help: "), "{shown}");
    (errors.iter().next().expect("one").code(), shown)
}

fn one<T: for<'a> postgres::types::FromSql<'a>>(client: &mut Client, sql: &str) -> T {
    client.query_one(sql, &[]).expect(sql).get(0)
}

fn server_with_password() -> Server {
    Server::private(Options { password: Some(PASSWORD.to_owned()), ..Options::default() })
}

/// The address of a server of one's own, without user and password.
fn address(server: &Server) -> String {
    format!("{}:{}", server.host(), server.port())
}

#[test]
fn a_session_is_named_after_the_program() {
    let database = Database::new();
    let mut client = connect(&database.url(), "warehouse").expect("connect");
    assert_eq!(one::<String>(&mut client, "SELECT current_database()::text"), database.name());
    let name = "SELECT current_setting('application_name')";
    assert_eq!(one::<String>(&mut client, name), "idgraph");
}

#[test]
fn the_password_comes_from_the_url_then_the_environment_then_the_password_file() {
    let server = server_with_password();
    let (host, port) = (server.host(), server.port());
    let encoded = percent_encode(PASSWORD);
    let bare = format!("postgres://postgres@{host}:{port}/postgres");
    let in_url = format!("postgres://postgres:{encoded}@{host}:{port}/postgres");
    let quoted = PASSWORD.replace('\\', "\\\\").replace('\'', "\\'");
    let pairs =
        format!("host={host} port={port} user=postgres dbname=postgres password='{quoted}'");
    for text in [&in_url, &pairs] {
        assert!(connect_in(text, &[("PGPASSWORD", "wrong")]).0.is_ok());
    }
    let whole = [("PGHOST", host.as_str()), ("PGPORT", &port.to_string()), ("PGUSER", "postgres")];
    let whole = [&whole[..], &[("PGDATABASE", "postgres"), ("PGPASSWORD", PASSWORD)]].concat();
    assert!(connect_in("postgres://", &whole).0.is_ok());

    // The file, by name and at its usual place.
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(".pgpass");
    let escaped = PASSWORD.replace('\\', "\\\\").replace(':', "\\:");
    let lines = format!("# mine\nelsewhere:*:*:*:no\n{host}:{port}:*:postgres:{escaped}\n");
    std::fs::write(&file, lines).unwrap();
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    let (file_name, home_name) = (file.to_str().unwrap(), home.path().to_str().unwrap());
    assert!(connect_in(&bare, &[("PGPASSFILE", file_name)]).0.is_ok());
    assert!(connect_in(&bare, &[("HOME", home_name)]).0.is_ok());
    assert_eq!(failure(&bare, &[("HOME", home_name), ("PGPASSWORD", "no")]).0, "wrong-password");

    // One that others can read is as good as none, and said to be.
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
    let (outcome, warnings) = connect_in(&bare, &[("HOME", home_name)]);
    assert_eq!(outcome.err().unwrap().iter().next().unwrap().code(), "missing-password");
    assert_eq!(warnings.len(), 1);
    let shown = warnings[0].to_string();
    assert!(shown.contains("is ignored: its group or others may read it"), "{shown}");
    assert!(shown.contains(&format!("chmod 600 {file_name}")), "{shown}");
}

#[test]
fn a_wrong_password_is_told_from_a_missing_one() {
    let server = server_with_password();
    let address = address(&server);
    let (code, shown) = failure(&format!("postgres://postgres@{address}/postgres"), &[]);
    assert_eq!(code, "missing-password", "{shown}");
    assert!(shown.contains("PGPASSWORD"), "{shown}");
    let (code, shown) = failure(&format!("postgres://postgres:hunter2@{address}/postgres"), &[]);
    assert_eq!(code, "wrong-password", "{shown}");
    assert!(shown.contains("the password for user `postgres` is wrong"), "{shown}");
    assert!(shown.contains(&format!("connecting to {address}/postgres as user")), "{shown}");
    // A password that was pasted without its escapes.
    for raw in [PASSWORD, "p@s", "hunter2/x", "hunter2?x=1"] {
        let (code, _) = failure(&format!("postgres://postgres:{raw}@{address}/postgres"), &[]);
        assert_eq!(code, "bad-connection-url");
    }
}

#[test]
fn what_the_server_refuses_is_explained() {
    let server = Server::private(Options {
        access: vec!["host all shut_out all reject".to_owned()],
        ..Options::default()
    });
    server.administer("CREATE DATABASE closed").unwrap();
    server.administer("CREATE USER shut_out").unwrap();
    server.administer("CREATE USER plain; REVOKE CONNECT ON DATABASE closed FROM PUBLIC").unwrap();
    let at = address(&server);
    for (user, database, code, part) in [
        ("postgres", "nowhere", "unknown-database", "there is no database `nowhere`"),
        ("nobody", "postgres", "access-refused", "does not let user `nobody` in"),
        ("shut_out", "postgres", "access-refused", "does not let user `shut_out` in"),
        ("plain", "closed", "access-refused", "may not connect to database `closed`"),
    ] {
        let url = format!("postgres://{user}:hunter2@{at}/{database}");
        let (found, shown) = failure(&url, &[]);
        assert_eq!(found, code, "{shown}");
        assert!(shown.contains(part) && shown.contains(&at), "{shown}");
    }
    server.administer("ALTER USER plain CONNECTION LIMIT 0").unwrap();
    let (code, shown) = failure(&format!("postgres://plain:hunter2@{at}/postgres"), &[]);
    assert_eq!(code, "connection-refused-by-server");
    assert!(shown.contains("too many connections"), "{shown}");
}

#[test]
fn a_server_that_is_not_there_is_explained() {
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (code, shown) = failure(&format!("postgres://u:hunter2@127.0.0.1:{port}/d"), &[]);
    assert_eq!(code, "connection-refused", "{shown}");
    assert!(shown.contains(&format!("nothing listens at 127.0.0.1:{port}")), "{shown}");
    let (code, shown) = failure("postgres://u:hunter2@no-such-host.invalid/d", &[]);
    assert_eq!(code, "unknown-host", "{shown}");
    let folder = tempfile::tempdir().unwrap();
    let url = format!("host={} user=u password=hunter2", folder.path().display());
    let (code, shown) = failure(&url, &[]);
    assert_eq!(code, "connection-refused", "{shown}");
    assert!(shown.contains("no server has a socket in"), "{shown}");
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    // The kernel accepts for it; nobody ever reads.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let begin = Instant::now();
    let url = format!("postgres://u:hunter2@127.0.0.1:{port}/d?connect_timeout=1");
    let (code, shown) = failure(&url, &[]);
    assert_eq!(code, "connection-timeout", "{shown}");
    assert!(shown.contains("did not answer within 1 seconds"), "{shown}");
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
}

/// Answers one client with these bytes, whatever it says.
fn answering(answer: Vec<u8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream): Result<TcpStream, _> = stream else { return };
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(&answer);
        }
    });
    port
}

#[test]
fn a_server_that_repeats_the_password_does_not_make_us_repeat_it() {
    let fields = format!("SFATAL\0VFATAL\0C08P01\0Mbad login: {PASSWORD}\0\0");
    let mut answer = vec![b'E'];
    answer.extend((u32::try_from(fields.len()).unwrap() + 4).to_be_bytes());
    answer.extend(fields.as_bytes());
    let port = answering(answer);
    let encoded = percent_encode(PASSWORD);
    let url = format!("postgres://u:{encoded}@127.0.0.1:{port}/d?sslmode=disable");
    let (code, shown) = failure(&url, &[]);
    assert_eq!(code, "connection-refused-by-server");
    assert!(shown.contains("bad login: ***"), "{shown}");
}

#[test]
fn something_else_than_postgres_is_explained() {
    for answer in ["HTTP/1.1 400 Bad Request\r\n\r\n", ""] {
        let port = answering(answer.into());
        let url =
            format!("postgres://u:hunter2@127.0.0.1:{port}/d?sslmode=disable&connect_timeout=2");
        let (code, shown) = failure(&url, &[]);
        assert!(["connection-failed", "connection-lost"].contains(&code), "{shown}");
        assert!(shown.contains("Postgres server"), "{shown}");
    }
}

#[test]
fn a_second_host_stands_in_for_one_that_is_away() {
    let server = Server::private(Options::default());
    let (host, port) = (server.host(), server.port());
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("postgres://postgres@127.0.0.1:{free},{host}:{port}/postgres");
    assert!(connect_in(&url, &[]).0.is_ok());
    let errors = connect_in(&format!("postgres://u@127.0.0.1:{free},[::1]:{free}/d"), &[]).0;
    let errors = errors.err().expect("nobody listens");
    assert_eq!(errors.iter().count(), 2, "{errors}");
}

#[test]
fn parameters_that_mean_nothing_are_refused() {
    for (query, part) in [
        ("sslmode=sure", "one of disable, allow, prefer, require, verify-ca, verify-full"),
        ("sslmode=require&sslrootcert=system", "safe only together with `sslmode=verify-full`"),
        ("sslmode=verify-full&sslrootcert=/no/such/file", "/no/such/file"),
        ("sslcert=/x", "does not support the parameter `sslcert`"),
        ("gssencmode=require", "does not support `gssencmode=require`"),
        ("conect_timeout=3", "did you mean `connect_timeout`?"),
        ("connect_timeout=soon", "`connect_timeout` has a value that cannot be used"),
        ("port=0", "a port is not a number from 1 to 65535"),
        ("hostaddr=here", "`hostaddr` is not an IP address"),
    ] {
        let (code, shown) = failure(&format!("postgres://u:hunter2@localhost/d?{query}"), &[]);
        assert_eq!(code, "bad-connection-url", "{shown}");
        assert!(shown.contains(part), "{shown}");
    }
}

/// Opening a pipe waits for a writer, which never comes.
#[test]
#[cfg(unix)]
fn a_pipe_in_the_place_of_certificates_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("root.pem");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let pipe = pipe.display();
    let url = format!("postgres://u@localhost/d?sslmode=verify-full&sslrootcert={pipe}");
    let (code, shown) = failure(&url, &[]);
    assert_eq!(code, "bad-connection-url", "{shown}");
    assert!(shown.contains("it is not a regular file"), "{shown}");
}

#[test]
fn the_process_environment_is_read_and_warnings_go_to_stderr() {
    if std::env::var_os("IDGRAPH_TEST_CHILD").is_some() {
        let outcome = connect("postgres://", "warehouse");
        println!("outcome: {}", outcome.map_or_else(|e| e.to_string(), |_| "connected".into()));
        return;
    }
    let server = server_with_password();
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join(".pgpass"), "*:*:*:*:hunter2").unwrap();
    let run = |password: Option<&str>| {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "--nocapture"]);
        child.arg("the_process_environment_is_read_and_warnings_go_to_stderr");
        child.env("IDGRAPH_TEST_CHILD", "1").env("HOME", home.path());
        child.env("PGHOST", server.host()).env("PGPORT", server.port().to_string());
        child.env("PGUSER", "postgres").env("PGDATABASE", "postgres").env_remove("PGPASSWORD");
        child.envs(password.map(|password| ("PGPASSWORD", password)));
        let output = child.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&output.stdout), text(&output.stderr))
    };
    let (out, err) = run(Some(PASSWORD));
    assert!(out.contains("outcome: connected"), "{out}{err}");
    let (out, err) = run(None);
    assert!(out.contains("error[missing-password]"), "{out}{err}");
    assert!(err.contains("password-file-ignored") && !err.contains("hunter2"), "{err}");
}
