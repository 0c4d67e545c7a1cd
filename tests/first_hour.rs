//! docs/first-hour.md is what a data engineer does: its commands are run in order, in a space that Segment's role made, by a role with
//! the rights that the page grants and no more. Each ends with the exit code that the page says, and prints what it shows.

mod support;

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use postgres::{Client, NoTls};
use support::command::{Run, finish};
use support::postgres::{Options, Server};

const PAGE: &str = include_str!("../docs/first-hour.md");
const RIGHTS: &str = include_str!("../docs/rights.md");
const SPACE: &str = include_str!("first_hour/space.sql");

/// What stands for lines left out.
const ELLIPSIS: &str = "…";

/// What happens between the commands, by the comment that stands there, and who does it.
const MEANWHILE: [(&str, &str, &str); 3] = [
    (
        "Segment lands visits and trial_started",
        "segment",
        "ALTER TABLE acme.identifies ADD COLUMN visits bigint;
         INSERT INTO acme.identifies (id, segment_id, event_id, visits, uuid, uuid_ts, received_at, timestamp)
         VALUES ('e6', 'profile_1', 'e6', 3, 3, '2026-06-23 11:00', '2026-06-23 10:48', '2026-06-23 10:48');
         CREATE TABLE acme.trial_started (
             id varchar, received_at timestamptz, uuid bigint, uuid_ts timestamptz, timestamp timestamptz, segment_id varchar,
             event_id varchar, event varchar, event_text varchar, days bigint
         );
         INSERT INTO acme.trial_started (id, segment_id, event_id, event, event_text, days, uuid_ts, timestamp)
         VALUES ('e7', 'profile_2', 'e7', 'trial_started', 'Trial Started', 14, '2026-06-23 11:00', '2026-06-23 10:49');",
    ),
    (
        "Segment makes identifies anew, and the role may not read it",
        "segment",
        "ALTER DEFAULT PRIVILEGES FOR ROLE segment IN SCHEMA acme REVOKE SELECT ON TABLES FROM idgraph;
         REVOKE SELECT ON acme.identifies FROM idgraph;",
    ),
    (
        "The role may read it again",
        "segment",
        "GRANT SELECT ON ALL TABLES IN SCHEMA acme TO idgraph;
         ALTER DEFAULT PRIVILEGES IN SCHEMA acme GRANT SELECT ON TABLES TO idgraph;",
    ),
];

/// What the page has, in its order.
#[derive(Debug, PartialEq)]
enum Part {
    /// SQL of the administrator.
    Grants(String),
    /// The project file.
    Project(String),
    /// Lines of the project file and what they become.
    Edit(Vec<(String, String)>),
    /// What others do.
    Meanwhile(String),
    /// A command, its exit code, and what is shown of its output.
    Command(String, i32, Vec<String>),
}

fn parts() -> Vec<Part> {
    let mut parts = Vec::new();
    let mut lines = PAGE.lines();
    while let Some(line) = lines.next() {
        if let Some(what) = line.strip_prefix("<!-- ") {
            parts.push(Part::Meanwhile(what.trim_end_matches(" -->").to_owned()));
        }
        let Some(language) = line.strip_prefix("```") else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match language {
            "sql" => parts.push(Part::Grants(block.join("\n"))),
            "yaml" => parts.push(Part::Project(block.join("\n") + "\n")),
            "diff" => parts.push(Part::Edit(edits(&block))),
            "console" => parts.extend(commands(&block)),
            // What is scheduled.
            "text" => {}
            other => panic!("a block of {other}"),
        }
    }
    parts
}

fn edits(block: &[&str]) -> Vec<(String, String)> {
    let pair = |pair: &[&str]| {
        let side = |line: &str, sign| line.strip_prefix(sign).expect("- and then +").to_owned();
        (side(pair[0], '-'), side(pair[1], '+'))
    };
    assert!(block.len().is_multiple_of(2), "{block:?}");
    block.chunks(2).map(pair).collect()
}

fn commands(block: &[&str]) -> Vec<Part> {
    let mut found: Vec<Part> = Vec::new();
    for line in block {
        match (line.strip_prefix("$ "), found.last_mut()) {
            (Some(text), _) => {
                let (text, code) = text.split_once("# exits ").unwrap_or((text, "0"));
                let code = code.parse().expect("an exit code");
                found.push(Part::Command(text.trim_end().to_owned(), code, Vec::new()));
            }
            (None, Some(Part::Command(_, _, shown))) => shown.push((*line).to_owned()),
            (None, _) => panic!("{line} is of no command"),
        }
    }
    found
}

/// A text without what differs from run to run: blanks at the ends of lines, and seconds.
fn steady(text: &str) -> String {
    let line = |line: &str| {
        let words: Vec<&str> = line.trim_end().split(' ').collect();
        let is_time = |word: &str| {
            word.contains('.') && word.bytes().all(|byte| byte == b'.' || byte.is_ascii_digit())
        };
        let steady = |(at, word): (usize, &&str)| {
            let is_seconds = is_time(word) && words.get(at + 1) == Some(&"s");
            if is_seconds { "N".to_owned() } else { (*word).to_owned() }
        };
        words.iter().enumerate().map(steady).collect::<Vec<_>>().join(" ")
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n") + "\n"
}

/// What is shown, cut where lines are left out, stands in the output in that order.
fn shows(shown: &[String], run: &Run) -> Result<(), String> {
    let output = steady(&run.stdout);
    let mut rest = output.as_str();
    for part in shown.split(|line| line == ELLIPSIS).filter(|part| !part.is_empty()) {
        let wanted = steady(&part.join("\n"));
        let wanted = wanted.trim_matches('\n');
        let at = rest.find(wanted);
        let at = at.ok_or_else(|| format!("the page shows\n{wanted}\nwhich is not in\n{rest}"))?;
        rest = rest.get(at + wanted.len()..).unwrap_or_default();
    }
    Ok(())
}

/// The database `shop`, on a server of its own.
struct Shop {
    server: Server,
}

impl Shop {
    fn new() -> Self {
        let shop = Self { server: Server::private(Options::default()) };
        let made = "CREATE ROLE segment LOGIN; CREATE DATABASE shop; GRANT CREATE ON DATABASE shop TO segment";
        for sql in made.split("; ") {
            shop.server.administer(sql).expect(sql);
        }
        shop.runs("postgres", "CREATE EXTENSION pgcrypto");
        shop.runs("segment", SPACE);
        shop
    }

    fn url(&self, role: &str) -> String {
        format!("postgres://{role}@{}:{}/shop", self.server.host(), self.server.port())
    }

    fn runs(&self, role: &str, sql: &str) {
        let mut client = Client::connect(&self.url(role), NoTls).expect("connect");
        client.batch_execute(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    }

    /// Everything in the space: its owner, rights, columns and indexes.
    fn space(&self) -> Vec<String> {
        let sql = "SELECT concat_ws(' ', c.relname, c.relkind, c.relowner::regrole, c.relacl::text, obj_description(c.oid, 'pg_class'),
                (SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum)
                 FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0))
            FROM pg_class AS c WHERE c.relnamespace = 'acme'::regnamespace ORDER BY 1";
        let mut client = Client::connect(&self.url("postgres"), NoTls).expect("connect");
        client.query(sql, &[]).expect("the space").iter().map(|row| row.get(0)).collect()
    }

    /// A command as the page's reader types it.
    fn shell(&self, folder: &Path, text: &str) -> Run {
        let binary = Path::new(env!("CARGO_BIN_EXE_idgraph")).parent().expect("a folder");
        let path = env::var("PATH").unwrap_or_default();
        let mut command = Command::new("sh");
        // In the order in which a reader sees it.
        let text = format!("exec 2>&1; {text}");
        command.args(["-c", &text]).current_dir(folder).stdin(Stdio::null()).env_clear();
        command.env("PATH", format!("{}:{path}", binary.display()));
        command.env("DATABASE_URL", self.url("idgraph")).env("GIT_CONFIG_GLOBAL", "/dev/null");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "a").env(format!("GIT_{who}_EMAIL"), "a@b");
        }
        for kept in ["HOME", "TMPDIR", "LLVM_PROFILE_FILE"] {
            if let Some(value) = env::var_os(kept) {
                command.env(kept, value);
            }
        }
        finish(command)
    }
}

#[test]
fn the_first_hour_goes_as_the_page_says() {
    let shop = Shop::new();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("idgraph.yml");
    shop.shell(folder.path(), "git init --quiet --initial-branch main").fine();
    let mut space = None;
    for part in parts() {
        match part {
            Part::Grants(sql) => {
                shop.runs("postgres", &sql);
                space = Some(shop.space());
            }
            Part::Project(text) => fs::write(&file, text).expect("write"),
            Part::Edit(edits) => {
                for (old, new) in edits {
                    let text = fs::read_to_string(&file).expect("the project");
                    assert_eq!(text.matches(&format!("{old}\n")).count(), 1, "{old}\n{text}");
                    fs::write(&file, text.replace(&old, &new)).expect("write");
                }
            }
            Part::Meanwhile(what) => {
                let known = MEANWHILE.iter().find(|(name, _, _)| *name == what);
                let (_, role, sql) = known.unwrap_or_else(|| panic!("what is {what}?"));
                assert_eq!(space, Some(shop.space()), "nothing in the space is changed");
                shop.runs(role, sql);
                space = Some(shop.space());
            }
            // Each has a shell of its own.
            Part::Command(text, ..) if text.starts_with("export ") => {}
            Part::Command(text, code, shown) => {
                let run = shop.shell(folder.path(), &text);
                assert_eq!(run.code, Some(code), "$ {text}\n{}", run.stdout);
                shows(&shown, &run).unwrap_or_else(|error| panic!("$ {text}\n{error}"));
            }
        }
    }
    assert_eq!(space, Some(shop.space()), "nothing in the space is changed");
}

#[test]
fn the_page_is_read_as_a_whole() {
    let parts = parts();
    let commands = || parts.iter().filter(|part| matches!(part, Part::Command(..))).count();
    assert!(commands() > 30, "{}", commands());
    for (what, _, _) in MEANWHILE {
        let here = Part::Meanwhile(what.to_owned());
        assert_eq!(parts.iter().filter(|part| **part == here).count(), 1, "{what}");
    }
    // What is scheduled are commands that the page runs, too.
    let scheduled =
        PAGE.lines().filter_map(|line| line.split_once("&& ").filter(|_| line.contains("* * *")));
    for (_, commands) in scheduled {
        for command in commands.split(" && ") {
            let name = command.trim_end_matches(" --full");
            let is_run = |part: &Part| matches!(part, Part::Command(text, 0, _) if text == name);
            assert!(parts.iter().any(is_run), "{command}");
        }
    }
}

#[test]
fn the_grants_are_those_of_the_page_on_rights() {
    let grants = parts().into_iter().find_map(|part| match part {
        Part::Grants(sql) => Some(sql),
        _ => None,
    });
    assert!(RIGHTS.contains(&grants.expect("grants")), "docs/rights.md has other grants");
}
