//! A project of others can do no harm: nothing outside its folder is read or written, and everything comes to an end.
#![cfg(unix)]

#[path = "support/command.rs"]
mod command;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use command::{Run, idgraph};
use tempfile::TempDir;

const PROJECT: &str = "space: acme
dialects: [postgres]
traits: { columns: { email: varchar } }
";

const SECRET: &str = "hunter2";

/// A project in a folder, and beside it what nobody may see.
fn project() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder, "p/idgraph.yml", PROJECT);
    write(&folder, "secret", &format!("-- {SECRET}\n"));
    folder
}

fn write(folder: &TempDir, path: &str, text: &str) {
    let path = folder.path().join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    fs::write(path, text).expect("write");
}

fn link(folder: &TempDir, to: &str, at: &str) {
    let at = folder.path().join(at);
    fs::create_dir_all(at.parent().expect("a folder")).expect("folders");
    symlink(to, at).expect("a link");
}

/// Runs in the project, and ends in time.
#[track_caller]
fn run(folder: &TempDir, arguments: &[&str]) -> Run {
    let start = Instant::now();
    let run = idgraph(&folder.path().join("p"), arguments);
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    run
}

/// It fails, and shows nothing of what it must not read.
#[track_caller]
fn refused(folder: &TempDir, arguments: &[&str], says: &str) {
    let run = run(folder, arguments).exits(2).says(&[says]);
    let sql = Command::new("grep").args(["-r", SECRET]).arg(folder.path().join("p")).output();
    let found = String::from_utf8(sql.expect("grep").stdout).expect("text");
    let through_links = !found.lines().all(|line| line.contains("/link"));
    assert!(!through_links, "{found}");
    assert!(!(run.stdout + &run.stderr).contains(SECRET));
}

#[test]
fn templates_are_named_and_do_not_lead_out() {
    for name in [
        "../../secret",
        "../../../../../../../../proc/self/environ",
        "/etc/passwd",
        "sub/../../../secret",
        "./model.sql",
        "templates/../../../secret",
        "",
    ] {
        for how in [format!("--% include '{name}'\n"), format!("--% import '{name}' as x\n")] {
            let folder = project();
            write(&folder, "p/templates/header.sql", &format!("{how}-- x\n"));
            refused(&folder, &["render"], "is no template's name");
        }
    }
}

#[test]
fn a_dialect_inherits_by_name_and_does_not_lead_out() {
    for name in ["../../evil", "/tmp/evil", "postgres/../../../evil", "."] {
        let folder = project();
        write(&folder, "evil/dialect.yml", "title: hunter2\n");
        write(&folder, "p/dialects/own/dialect.yml", &format!("inherits: {name}\n"));
        write(&folder, "p/idgraph.yml", &PROJECT.replace("postgres", "own"));
        refused(&folder, &["render"], "which does not exist");
    }
}

#[test]
fn no_link_leads_out() {
    let new_dialect = ["dialect", "new", "own", "--inherits", "postgres"];
    let cases: [(&str, &str, &[&str]); 16] = [
        ("../elsewhere", "p/dialects", &new_dialect),
        ("../secret", "p/landed.json", &["render"]),
        ("../secret", "p/landed.json", &["lint"]),
        ("../secret", "p/landed.json", &["docs"]),
        ("../secret", "p/landed.json", &["migrate", "new"]),
        ("../../secret", "p/templates/header.sql", &["render"]),
        ("../../../../secret", "p/dialects/postgres/templates/header.sql", &["render"]),
        ("..", "p/templates", &["render"]),
        ("../../elsewhere", "p/dialects/postgres", &["render"]),
        ("../elsewhere", "p/sql", &["render"]),
        ("../elsewhere", "p/sql", &["check"]),
        ("../../elsewhere", "p/sql/postgres", &["render"]),
        ("../elsewhere", "p/docs-site", &["docs"]),
        ("../../secret", "p/fixtures/a.yml", &["test"]),
        ("../elsewhere", "p/fixtures", &["test"]),
        ("../elsewhere", "p/migrations", &["migrate", "new"]),
    ];
    for (to, at, arguments) in cases {
        let folder = project();
        write(&folder, "header.sql", &format!("-- {SECRET}\n"));
        write(&folder, "elsewhere/dialect.yml", &format!("title: {SECRET}\n"));
        write(&folder, "elsewhere/a.yml", &format!("about: {SECRET}\n"));
        write(&folder, "elsewhere/postgres/0001_a.sql", &format!("-- {SECRET}\n"));
        link(&folder, to, at);
        let run = idgraph(&folder.path().join("p"), arguments);
        let said = run.stdout + &run.stderr;
        assert!(!said.contains(SECRET), "{at}: {said}");
        assert_eq!(run.code, Some(2), "{at}: {said}");
        assert!(said.contains("leads out of the project's folder"), "{at}: {said}");
        let elsewhere = fs::read_dir(folder.path().join("elsewhere")).unwrap().count();
        assert_eq!(elsewhere, 3, "{at}: nothing is written there");
    }
    // The project file itself, and a migration.
    let folder = project();
    fs::remove_file(folder.path().join("p/idgraph.yml")).unwrap();
    link(&folder, "../secret", "p/idgraph.yml");
    refused(&folder, &["lint"], "leads out of the project's folder");
    let folder = project();
    run(&folder, &["migrate", "new"]).fine();
    let first = fs::read_dir(folder.path().join("p/migrations/postgres")).unwrap().flatten();
    let mut first = first.map(|entry| entry.path());
    let first = first.find(|path| path.to_string_lossy().ends_with("l.sql")).expect("a migration");
    fs::remove_file(&first).unwrap();
    symlink("../../../secret", &first).unwrap();
    run(&folder, &["migrate", "check"]).exits(1).says(&["leads out of the project's folder"]);
}

#[test]
fn links_within_the_project_are_followed() {
    let folder = project();
    write(&folder, "p/shared/header.sql", "-- {{ about }}\n-- {{ marker }}: shared\n");
    link(&folder, "../shared/header.sql", "p/templates/header.sql");
    run(&folder, &["render"]).fine();
    let text = fs::read_to_string(folder.path().join("p/sql/postgres/20_id_graph.sql")).unwrap();
    assert!(text.contains(": shared"), "{text}");
}

#[test]
fn pipes_devices_and_huge_files_are_refused_at_once() {
    let places: [(&str, &[&str]); 12] = [
        ("p/landed.json", &["render"]),
        ("p/templates/header.sql", &["render"]),
        ("p/dialects/postgres/dialect.yml", &["render"]),
        ("p/migrations/postgres/0001_a.sql", &["migrate", "check"]),
        ("p/migrations/postgres/idgraph.sum", &["migrate", "check"]),
        ("p/migrations/postgres/schema.json", &["migrate", "check"]),
        ("p/fixtures/a.yml", &["test"]),
        ("p/idgraph.yml", &["lint"]),
        ("p/given.yml", &["lint", "--project", "given.yml"]),
        ("p/given.yml", &["test", "given.yml"]),
        ("p/base/idgraph.yml", &["diff", "--base", "base"]),
        ("p/c.json", &["introspect", "--from", "c.json", "--dialect", "postgres"]),
    ];
    for (place, arguments) in places {
        for kind in ["pipe", "device", "huge"] {
            let folder = project();
            let path = folder.path().join(place);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let _ = fs::remove_file(&path);
            match kind {
                "pipe" => {
                    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
                }
                "device" => symlink("/dev/zero", &path).unwrap(),
                _ => fs::File::create(&path).unwrap().set_len(3 << 30).unwrap(),
            }
            let run = run(&folder, arguments);
            assert!(matches!(run.code, Some(1 | 2)), "{place} {kind}: {}", run.stderr);
            let why =
                ["not a regular file", "leads out", "bytes", "too big", "nothing but schema.json"];
            let is_said = why.iter().any(|why| run.stderr.contains(why));
            assert!(is_said, "{place} {kind}: {}", run.stderr);
        }
    }
}

#[test]
fn a_database_that_is_no_file_is_refused_at_once() {
    for place in ["acme.db", "acme.built.db", "acme.db-journal", "acme.db-wal"] {
        for kind in ["pipe", "device", "folder"] {
            let folder = project();
            let target =
                "models_schema: built\ntargets: { it: { engine: sqlite, path: acme.db } }\n";
            write(&folder, "p/idgraph.yml", &format!("{PROJECT}{target}"));
            run(&folder, &["apply", "--target", "it", "--yes"]).fine();
            let path = folder.path().join("p").join(place);
            let _ = fs::remove_file(&path);
            match kind {
                "pipe" => {
                    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
                }
                "device" => symlink("/dev/zero", &path).unwrap(),
                _ => fs::create_dir(&path).unwrap(),
            }
            for command in ["plan", "apply", "status", "refresh", "verify", "introspect"] {
                let yes: &[&str] = if command == "apply" { &["--yes"] } else { &[] };
                let run = run(&folder, &[&[command, "--target", "it"], yes].concat()).exits(2);
                run.says(&["error[file-not-regular]", place]);
            }
        }
    }
}

#[test]
fn what_is_no_folder_of_migrations_is_not_taken_for_none() {
    for kind in ["pipe", "file", "link"] {
        let folder = project();
        let target = "targets: { it: { engine: sqlite, path: acme.db } }\n";
        write(&folder, "p/idgraph.yml", &format!("{PROJECT}{target}"));
        write(&folder, "p/migrations/readme", "");
        let path = folder.path().join("p/migrations/sqlite");
        match kind {
            "pipe" => assert!(Command::new("mkfifo").arg(&path).status().unwrap().success()),
            "file" => fs::write(&path, "").unwrap(),
            _ => symlink("nowhere", &path).unwrap(),
        }
        for arguments in [&["plan"][..], &["apply", "--yes"], &["refresh"]] {
            let run = run(&folder, &[arguments, &["--target", "it"]].concat()).exits(2);
            run.says(&["error[not-a-folder]: migrations/sqlite is no folder"]);
        }
        assert!(!folder.path().join("p/acme.db").exists());
    }
}

#[test]
fn folders_that_lead_back_to_themselves_come_to_an_end() {
    let folder = project();
    for name in ["a", "b", "c"] {
        link(&folder, ".", &format!("p/templates/{name}"));
        link(&folder, "..", &format!("p/dialects/postgres/{name}"));
    }
    run(&folder, &["render"]).fine();
    run(&folder, &["dialect", "show", "postgres"]).fine();
    run(&folder, &["diff", "--base", "."]).fine();
}

#[test]
fn templates_that_do_not_come_to_an_end_are_errors() {
    let nested = "--% for a in range(100000)\n--% for b in range(100000)\n--% endfor\n--% endfor\n";
    let large = "--% for a in range(100000)\n{{ 'x' * 100000 }}\n--% endfor\n";
    for text in [
        "--% include 'header.sql'\n",
        "--% macro m()\n{{ m() }}\n--% endmacro\n{{ m() }}\n",
        nested,
        large,
        "{{ 'a' | indent(4294967296, true) }}\n",
        "{{ 'a' | indent(9999999999999999999, true) }}\n",
        "{{ 'a' | pad(4294967296) }}\n",
        "{{ 'a' * 4294967296 }}\n",
        "{{ range(100000) | join('x' * 1000000) }}\n",
        "{{ '%4294967296d' | format(1) }}\n",
        "{{ 'a' | replace('', 'x' * 10000000) | replace('', 'x' * 10000000) }}\n",
    ] {
        let folder = project();
        write(&folder, "p/templates/header.sql", text);
        let run = run(&folder, &["render"]).exits(2);
        assert!(run.stderr.contains("error[template-failed]"), "{text}: {}", run.stderr);
        assert!(!folder.path().join("p/sql").exists());
    }
    // Expressions that ask for themselves, and for others, twice each.
    let circle = "inherits: postgres\nexpressions:\n  greatest: \"{{ sql.greatest(of=of) }}\"\n";
    let mut doubled = "inherits: postgres\nexpressions:\n".to_owned();
    for level in 0..15 {
        doubled += &format!(
            "  e{level}: \"{{{{ sql.e{}() }}}}{{{{ sql.e{}() }}}}\"\n",
            level + 1,
            level + 1
        );
    }
    doubled += "  e15: \"{% for a in range(1000) %}{{ 'x' * 10000 }}{% endfor %}\"\n";
    for (text, header) in
        [(circle, "{{ sql.greatest(of=['a', 'b']) }}"), (&doubled, "{{ sql.e0() }}")]
    {
        let folder = project();
        write(&folder, "p/dialects/own/dialect.yml", text);
        write(&folder, "p/templates/header.sql", &format!("-- {header}\n"));
        write(&folder, "p/idgraph.yml", &PROJECT.replace("postgres", "own"));
        run(&folder, &["render"]).exits(2).says(&["error[template-failed]"]);
    }
}

#[test]
fn a_folder_named_on_the_command_line_may_be_anywhere() {
    let folder = project();
    run(&folder, &["render", "--out", "../out"]).fine();
    assert!(Path::new(&folder.path().join("out/postgres/20_id_graph.sql")).exists());
}
