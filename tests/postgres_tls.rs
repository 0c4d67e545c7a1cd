//! `sslmode` and `sslrootcert` mean what they mean to libpq, against servers with real certificates.

mod support;

use std::net::ToSocketAddrs;

use idgraph::engine::postgres::{Environment, connect_with};
use support::postgres::certificates::{Authority, Certificate};
use support::postgres::{Options, Server};
use tempfile::TempDir;

/// `plain` or `tls` for a session, the code of the message for none.
fn outcome(url: &str, variables: &[(&str, &str)]) -> String {
    let found =
        |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, it)| it.into());
    let environment = Environment::from_lookup(found);
    match connect_with(url, "warehouse", &environment, &mut Vec::new()) {
        Ok(mut client) => {
            let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
            let encrypted: bool = client.query_one(sql, &[]).expect(sql).get(0);
            (if encrypted { "tls" } else { "plain" }).to_owned()
        }
        Err(errors) => {
            let shown = errors.to_string();
            assert!(!shown.contains("hunter2") && shown.contains("= help: "), "{shown}");
            errors.iter().next().expect("an error").code().to_owned()
        }
    }
}

fn server(certificate: Option<Certificate>, access: &[&str]) -> Server {
    let access = access.iter().map(|line| (*line).to_owned()).collect();
    Server::private(Options { certificate, access, ..Options::default() })
}

/// The server under a name of one's choice, whatever the name service says of it.
fn url(server: &Server, name: &str, query: &str) -> String {
    let address = (server.host().as_str(), server.port()).to_socket_addrs().unwrap();
    let address = address.map(|found| found.ip()).find(|ip| ip.is_ipv4()).expect("an address");
    let port = server.port();
    format!("postgres://postgres:hunter2@{name}:{port}/postgres?hostaddr={address}&{query}")
}

fn check(server: &Server, name: &str, expected: &[(&str, &str)]) {
    for (query, wanted) in expected {
        assert_eq!(outcome(&url(server, name, query), &[]), *wanted, "{query} to {name}");
    }
}

#[test]
fn a_server_without_tls() {
    let root = TempDir::new().unwrap();
    let root = Authority::new().write(root.path()).display().to_string();
    let server = server(None, &[]);
    check(
        &server,
        "localhost",
        &[
            ("", "plain"),
            ("sslmode=disable", "plain"),
            ("sslmode=allow", "plain"),
            ("sslmode=prefer", "plain"),
            ("sslmode=require", "tls-refused"),
            ("sslmode=verify-ca&sslrootcert=ROOT", "tls-refused"),
            ("sslmode=verify-full&sslrootcert=ROOT", "tls-refused"),
        ]
        .map(|(query, wanted)| (query.replace("ROOT", &root), wanted))
        .iter()
        .map(|(query, wanted)| (query.as_str(), *wanted))
        .collect::<Vec<_>>(),
    );
}

#[test]
fn a_server_whose_certificate_an_authority_signed() {
    let folders = [TempDir::new().unwrap(), TempDir::new().unwrap(), TempDir::new().unwrap()];
    let authority = Authority::new();
    let root = authority.write(folders[0].path()).display().to_string();
    let other = Authority::new().write(folders[1].path()).display().to_string();
    let empty = folders[2].path().join("empty.pem");
    std::fs::write(&empty, "no certificate").unwrap();
    let empty = empty.display().to_string();
    let server = server(Some(authority.sign(&["db.example", "127.0.0.1"])), &[]);
    let fill = |query: &str| {
        query.replace("ROOT", &root).replace("OTHER", &other).replace("EMPTY", &empty)
    };
    for (name, query, wanted) in [
        ("db.example", "", "tls"),
        ("db.example", "sslmode=disable", "plain"),
        ("db.example", "sslmode=allow", "plain"),
        ("db.example", "sslmode=prefer", "tls"),
        ("db.example", "sslmode=prefer&sslrootcert=OTHER", "tls"),
        ("db.example", "sslmode=require", "tls"),
        ("db.example", "ssl=true", "tls"),
        // A root turns `require` into `verify-ca`.
        ("db.example", "sslmode=require&sslrootcert=ROOT", "tls"),
        ("db.example", "sslmode=require&sslrootcert=OTHER", "certificate-not-trusted"),
        ("db.example", "sslmode=require&sslrootcert=EMPTY", "bad-connection-url"),
        ("db.example", "sslmode=verify-ca&sslrootcert=ROOT", "tls"),
        ("db.example", "sslmode=verify-ca&sslrootcert=OTHER", "certificate-not-trusted"),
        ("db.example", "sslmode=verify-full&sslrootcert=ROOT", "tls"),
        ("db.example", "sslmode=verify-full&sslrootcert=OTHER", "certificate-not-trusted"),
        ("127.0.0.1", "sslmode=verify-full&sslrootcert=ROOT", "tls"),
        // Another name than the certificate's: only `verify-full` minds.
        ("localhost", "sslmode=require&sslrootcert=ROOT", "tls"),
        ("localhost", "sslmode=verify-ca&sslrootcert=ROOT", "tls"),
        ("localhost", "sslmode=verify-full&sslrootcert=ROOT", "certificate-name"),
    ] {
        assert_eq!(outcome(&url(&server, name, &fill(query)), &[]), wanted, "{query} to {name}");
    }

    // The environment's defaults, and the system's roots by the file that stands in for them.
    let verify = url(&server, "db.example", "");
    let variables = [("PGSSLMODE", "verify-full"), ("PGSSLROOTCERT", other.as_str())];
    assert_eq!(outcome(&verify, &variables), "certificate-not-trusted");
    let variables = [("PGSSLMODE", "verify-full"), ("PGSSLROOTCERT", root.as_str())];
    assert_eq!(outcome(&verify, &variables), "tls");
    let home = TempDir::new().unwrap();
    std::fs::create_dir(home.path().join(".postgresql")).unwrap();
    std::fs::copy(&root, home.path().join(".postgresql/root.crt")).unwrap();
    let variables = [("PGSSLMODE", "verify-full"), ("HOME", home.path().to_str().unwrap())];
    assert_eq!(outcome(&verify, &variables), "tls");
}

#[test]
fn the_roots_of_the_system_serve_when_none_are_named() {
    if std::env::var_os("IDGRAPH_TEST_URL").is_some() {
        let url = std::env::var("IDGRAPH_TEST_URL").unwrap();
        println!("outcome: {}", outcome(&url, &[]));
        return;
    }
    let folder = TempDir::new().unwrap();
    let authority = Authority::new();
    let root = authority.write(folder.path());
    let server = server(Some(authority.sign(&["db.example"])), &[]);
    for query in ["sslmode=verify-full", "sslrootcert=system"] {
        for (trusted, wanted) in
            [(true, "outcome: tls"), (false, "outcome: certificate-not-trusted")]
        {
            let mut child = std::process::Command::new(std::env::current_exe().unwrap());
            child.args(["--exact", "--nocapture"]);
            child.arg("the_roots_of_the_system_serve_when_none_are_named");
            child.env("IDGRAPH_TEST_URL", url(&server, "db.example", query));
            let other = TempDir::new().unwrap();
            let other = Authority::new().write(other.path());
            // What the system trusts is a file that this variable names.
            let file = if trusted { &root } else { &other };
            std::fs::copy(file, folder.path().join("system.pem")).unwrap();
            child.env("SSL_CERT_FILE", folder.path().join("system.pem"));
            let output = child.output().unwrap();
            let output = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.contains(wanted), "{query} {trusted}: {output}");
        }
    }
}

#[test]
fn a_server_that_vouches_for_itself_and_one_whose_time_is_over() {
    let folder = TempDir::new().unwrap();
    let certificate = Certificate::self_signed(&["db.example"]);
    let own = certificate.write(folder.path()).display().to_string();
    let itself = server(Some(certificate), &[]);
    let full = format!("sslmode=verify-full&sslrootcert={own}");
    check(&itself, "db.example", &[(&full, "tls")]);
    check(&itself, "localhost", &[(&full, "certificate-name")]);

    let folder = TempDir::new().unwrap();
    let authority = Authority::new();
    let root = authority.write(folder.path()).display().to_string();
    let expired = server(Some(authority.sign_expired(&["db.example"])), &[]);
    let ca = format!("sslmode=verify-ca&sslrootcert={root}");
    check(&expired, "db.example", &[(&ca, "certificate-expired"), ("sslmode=require", "tls")]);
}

#[test]
fn a_server_that_takes_only_one_kind_of_session() {
    let certificate = Authority::new().sign(&["db.example"]);
    let only_tls = server(Some(certificate.clone()), &["hostnossl all postgres all reject"]);
    check(
        &only_tls,
        "db.example",
        &[
            ("sslmode=allow", "tls"),
            ("sslmode=prefer", "tls"),
            ("sslmode=disable", "access-refused"),
        ],
    );
    let only_plain = server(Some(certificate), &["hostssl all postgres all reject"]);
    check(
        &only_plain,
        "db.example",
        &[
            ("sslmode=allow", "plain"),
            ("sslmode=prefer", "plain"),
            ("sslmode=require", "access-refused"),
        ],
    );
}
