//! A secret that stands at the wrong place of a project file is shown by no command and written into no file.

#[path = "support/command.rs"]
mod command;

use std::fs;
use std::path::Path;

use command::idgraph;

const SECRET: &str = "hunter2xyz";

/// A project, with lines at the top level, lines of a target and lines of a trait.
fn project(top: &str, target: &str, column: &str) -> String {
    format!(
        "space: acme\ndialects: [postgres]\n{top}\ntraits:\n  columns:\n    email: varchar\n{column}\n\
         targets:\n  warehouse:\n    engine: postgres\n    url: '${{DATABASE_URL}}'\n{target}\n"
    )
}

const TOP: [&str; 24] = [
    "password: SECRET",
    "PASSWORD: SECRET",
    "Password: 'SECRET'",
    "passwd: \"SECRET\"",
    "pwd: SECRET",
    "pass: SECRET # a comment",
    "secret: SECRET",
    "api_key: SECRET",
    "token: [SECRET, SECRET]",
    "env: { PGPASSWORD: SECRET }",
    "env:\n  PGPASSWORD: SECRET",
    "env:\n  PGPASSWORD:\n    SECRET",
    "env:\n  PGPASSWORD: |\n    SECRET\n    SECRET",
    "env:\n  - PGPASSWORD=SECRET",
    "env: \"PGPASSWORD = SECRET\"",
    "connection: \"Host=h;Username=u;Password=SECRET;Database=d\"",
    "connection: host=h user=u password=SECRET dbname=d",
    "connection: \"Server=h;Uid=u;Pwd=SECRET x;\"",
    "database: postgres://me:SECRET@host/db",
    "database: [\"postgres://me:SECRET@host/db\"]",
    "jdbc: jdbc:postgresql://host/db?user=me&password=SECRET",
    "pgpass: localhost:5432:db:me:SECRET",
    "headers: { Authorization: Bearer SECRET }",
    "args: psql --password SECRET",
];

/// Forms that no key and no shape gives away: it is the place that does.
const UNKNOWN: [&str; 23] = [
    "    pasword: SECRET",
    "    kennwort: SECRET",
    "    auth: SECRET",
    "    key: 'SECRET'",
    "    \"pass\\u0077ord\": SECRET",
    "    motdepasse: \"SECRET",
    "    geheim: [SECRET, SECRET]",
    "    login: { name: me, is: SECRET }",
    "    login:\n      is: SECRET",
    "    geheim: |\n      SECRET",
    "    geheim: !SECRET x",
    "    geheim: &SECRET x",
    "    geheim: SECRET: x",
    "    ? geheim\n    : SECRET",
    "    - SECRET",
    "    Url: SECRET",
    "    engine_key: SECRET # SECRET",
    "    geheim: *SECRET",
    "    passwort=SECRET",
    "  other: SECRET",
    "  other: [SECRET]",
    "  other: { engine: sqlite, path: 'acme.db?key=SECRET' }",
    "  other: { engine: sqlite, pfad: SECRET, path: \"x\\q\" }",
];

/// Of the file itself.
const UNKNOWN_ABOVE: [&str; 4] = [
    "kennwort: SECRET",
    "target: { warehouse: { kennwort: SECRET } }",
    "tragets:\n  warehouse:\n    kennwort: SECRET",
    "geheim: !SECRET x",
];

const TARGET: [&str; 17] = [
    "    password: SECRET",
    "    PGPASSWORD: SECRET",
    "    env: { PGPASSWORD: SECRET }",
    "    connection: \"Host=h;Password=SECRET\"",
    "    path: postgres://me:SECRET@host/db",
    "  postgres://me:SECRET@host/db: { engine: postgres, url: x }",
    "  'me:SECRET@host': { engine: postgres, url: x }",
    "  other: postgres://me:SECRET@host/db",
    "  other: { engine: 'postgres://me:SECRET@host/db' }",
    "  other: { engine: \"postgres://me:SECRET@host/a/very/long/path/that/is/cut/off/somewhere\" }",
    "  other: { engine: me:SECRET@host }",
    "  other: { engine: sqlite, path: 'postgres://me:SECRET@host/db' }",
    "  other: { engine: sqlite, path: 'file:x?key=1&password=SECRET', url: x }",
    "  other: { engine: \"password=SECRET\" }",
    "  other: { engine: postgres, uri: 'postgres://me:SECRET@host/db' }",
    "  other: { engine: postgres, url: ['postgres://me:SECRET@host/db'] }",
    "  other: { engine: postgres, url: 'postgres://me:SECRET@host/${' }",
];

const COLUMN: [&str; 6] = [
    "    plan: postgres://me:SECRET@host/db",
    "    plan: { type: varchar, description: 'see postgres://me:SECRET@host/db' }",
    "    plan: { type: varchar, description: 'with password=SECRET' }",
    "    plan: { type: varchar, password: SECRET }",
    "    plan: { type: \"me:SECRET@host\" }",
    "    'postgres://me:SECRET@host/db': varchar",
];

/// What is shown and written.
fn leaks(folder: &Path, arguments: &[&str]) -> Option<String> {
    let run = idgraph(folder, arguments);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    let mut all = run.stdout + &run.stderr;
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        for entry in fs::read_dir(&path).expect("a folder").flatten() {
            let path = entry.path();
            all += &path.display().to_string();
            if path.is_dir() {
                open.push(path);
            } else if !path.ends_with("idgraph.yml") {
                all += &fs::read_to_string(&path).expect("text");
            }
        }
    }
    all.contains(SECRET).then_some(all)
}

#[test]
fn no_misplaced_secret_is_shown_or_written() {
    let top = TOP.map(|line| project(line, "", ""));
    let target = TARGET.map(|line| project("", line, ""));
    let column = COLUMN.map(|line| project("", "", line));
    let unknown = UNKNOWN.map(|line| project("", line, ""));
    let above = UNKNOWN_ABOVE.map(|line| project(line, "", ""));
    let forms: Vec<String> = top
        .into_iter()
        .chain(unknown)
        .chain(above)
        .chain(target)
        .chain(column)
        .map(|text| text.replace("SECRET", SECRET))
        .collect();
    assert!(forms.len() >= 70);
    let others: [&[&str]; 8] = [
        &["lint", "--format", "github"],
        &["lint", "--format", "json"],
        &["check"],
        &["docs"],
        &["migrate", "new"],
        &["status", "--target", "other"],
        &["apply", "--target", "warehouse", "--yes"],
        &["introspect", "--from", "c.csv", "--dialect", "postgres"],
    ];
    let mut wrong = Vec::new();
    for (index, form) in forms.iter().enumerate() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("idgraph.yml"), form).expect("write");
        let rows = "table_name,column_name,data_type\nidentifies,city,text\n";
        fs::write(folder.path().join("c.csv"), rows).expect("write");
        for arguments in
            [&["render"][..], others[index % others.len()], others[(index + 3) % others.len()]]
        {
            if let Some(shown) = leaks(folder.path(), arguments) {
                wrong.push(format!("{arguments:?}\n{form}\n{shown}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} leaks:\n{}", wrong.len(), wrong.join("\n――――\n"));
}

/// What a command shows and says, with variables that hold the secret.
fn with_variables(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let mut command = command::command(folder, arguments);
    command.envs(variables.iter().copied());
    let run = command::finish(command);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    run.stdout + &run.stderr
}

#[test]
fn what_a_variable_holds_is_not_shown() {
    let targets = [
        ("sqlite", "path: 'no/${PW}.db'", "no"),
        ("sqlite", "path: '${PW}/acme.db'", "${PW}"),
        ("sqlite", "path: 'x/${PW}'", "x/${PW}"),
        ("postgres", "url: 'postgres://me@${PW}:1/db'", "${PW}"),
        ("postgres", "url: 'postgres://me@127.0.0.1:1/${PW}'", "127.0.0.1:1/${PW}"),
        ("postgres", "url: 'postgres://${PW}@127.0.0.1:1/db'", "as user `${PW}`"),
        ("postgres", "url: 'postgres://me:${PW}@127.0.0.1:1/db'", "127.0.0.1:1/db as user `me`"),
        ("postgres", "url: 'postgres://me@127.0.0.1:${PW}/db'", "port"),
        ("postgres", "url: 'postgres://me@127.0.0.1:1,${PW}/db'", "${PW}"),
        ("postgres", "url: 'host=${PW} port=1 user=me dbname=db'", "${PW}:1/db"),
        ("postgres", "url: 'postgres://${USERINFO}127.0.0.1:1/db'", "connecting to"),
        ("postgres", "url: 'postgres://127.0.0.1:1/db?sslmode=${PW}'", "sslmode"),
        ("postgres", "url: 'postgres://127.0.0.1:1/db?passfile=x/${PW}'", "connecting to"),
        ("postgres", "url: 'postgres://127.0.0.1:1/db?x=${PW}'", "parameter"),
        ("postgres", "url: 'postgres://127.0.0.1:1/db?application_name=${PW}'", "connecting to"),
    ];
    let userinfo = format!("me:{SECRET}@");
    let variables = [("PW", SECRET), ("USERINFO", userinfo.as_str())];
    let mut wrong = Vec::new();
    for (engine, address, expected) in targets {
        let folder = tempfile::tempdir().expect("a folder");
        // A file in the folder's place, and one that is no database.
        fs::write(folder.path().join(SECRET), "x").expect("write");
        fs::create_dir(folder.path().join("x")).expect("a folder");
        fs::write(folder.path().join("x").join(SECRET), "none of SQLite's".repeat(99))
            .expect("write");
        let text = format!(
            "space: acme\nmodels_schema: built\ndialects: [{engine}]\ntraits: {{ columns: {{ email: varchar }} }}\n\
             targets: {{ it: {{ engine: {engine}, {address} }} }}\n"
        );
        fs::write(folder.path().join("idgraph.yml"), text).expect("write");
        for arguments in [
            &["apply", "--target", "it", "--yes"][..],
            &["apply", "--target", "it", "--dry-run"],
            &["plan", "--target", "it"],
            &["plan", "--target", "it", "--format", "json"],
            &["show", "id_graph", "--target", "it"],
            &["status", "--target", "it"],
            &["refresh", "--target", "it"],
            &["introspect", "--target", "it"],
        ] {
            let shown = with_variables(folder.path(), arguments, &variables);
            let is_named = shown.contains(expected) || !shown.contains("error");
            if shown.contains(SECRET) || !is_named {
                wrong.push(format!("{arguments:?}\n{address}\n{shown}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n――――\n"));
}
