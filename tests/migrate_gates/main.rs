//! What a statement of a migration can do decides whether it may stand there, whatever it is written in: one judge for
//! `migrate check`, `plan` and `apply`, and a list of statements with what it says of each.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use idgraph::diagnostic::Source;
use idgraph::dialect::{Dialect, Library};
use idgraph::migrate::{FileName, Ground, MigrationText, Schema, record};
use idgraph::project::{Known, Project};
use idgraph::warehouse::Warehouse;

/// The cases: a line each, `DIALECTS: STATEMENTS => VERDICT`. The verdict is `fine`; `destructive NAMES`, for what has to be named
/// (`0001_case` is the file itself, where nothing has a name); `landed NAME` and `book NAME`, for what no directive allows;
/// `session`; `bare NAME`, for a name without a schema; `schema`; `not-sql`.
const FILES: [&str; 11] = [
    include_str!("bookkeeping.txt"),
    include_str!("code.txt"),
    include_str!("dropped.txt"),
    include_str!("functions.txt"),
    include_str!("harmless.txt"),
    include_str!("landed.txt"),
    include_str!("names.txt"),
    include_str!("reading.txt"),
    include_str!("rows.txt"),
    include_str!("types.txt"),
    include_str!("views.txt"),
];

/// Dialect, statements, verdict.
fn cases() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let lines = FILES.iter().flat_map(|file| file.lines()).filter(|line| !line.starts_with('#'));
    lines.flat_map(|line| {
        let (dialects, rest) = line.split_once(": ").expect("dialects");
        let (sql, verdict) = rest.rsplit_once(" => ").expect("a verdict");
        dialects.split(' ').map(move |dialect| (dialect, sql, verdict))
    })
}

/// Segment lands in `segment`, models are in `acme`.
fn ground(dialect: &Dialect) -> Arc<Ground> {
    static GROUNDS: Mutex<BTreeMap<String, Arc<Ground>>> = Mutex::new(BTreeMap::new());
    let mut grounds = GROUNDS.lock().expect("grounds");
    let new = || Arc::new(Ground::new(Some(schema("segment", dialect)), Library::embedded()));
    grounds.entry(dialect.name.clone()).or_insert_with(new).clone()
}

/// The record of a project whose models are in `acme`.
fn schema(space: &str, dialect: &Dialect) -> Schema {
    let text = format!(
        "space: {space}\nmodels_schema: acme\ndialects: [{}]\ntraits: {{ columns: {{ email: varchar }} }}\n\
         models: {{ id_graph: {{ materialized: incremental }} }}\n",
        dialect.name
    );
    let known = Known { dialects: vec![dialect.name.clone()], engines: Vec::new() };
    let project = Project::parse(Path::new("idgraph.yml"), &text, &known).expect("a project");
    let library = Library::embedded();
    record(&Warehouse::of(&project), dialect, &library, "idgraph.yml").expect("a record").schema
}

fn judged(dialect: &str, sql: &str) -> String {
    let dialect = Dialect::load(&Library::embedded(), dialect).expect("a dialect");
    let ground = ground(&dialect);
    let file = |text: String| {
        MigrationText::new(FileName::new(1, "case"), Source::new("0001_case.sql", text))
            .on(&ground)
            .read(&dialect)
    };
    let end = if dialect.facts.batch.is_empty() { ";\n" } else { ";\nGO\n" };
    let text: String = sql.split("; ").map(|one| format!("{one}{end}")).collect();
    // Bodies have semicolons of their own.
    let text =
        if sql.contains("$$") || sql.starts_with("BEGIN") { format!("{sql};\n") } else { text };
    let Err(problems) = file(text.clone()) else { return "fine".to_owned() };
    let mut verdicts: Vec<String> = Vec::new();
    let mut named: Vec<String> = Vec::new();
    for problem in problems.iter() {
        let message = problem.message();
        match problem.code() {
            "session-setting" => verdicts.push("session".to_owned()),
            "unqualified-name" => {
                let name = message.split(' ').next().unwrap_or_default();
                verdicts.push(format!("bare {name}"));
            }
            "migration-not-sql" => verdicts.push("not-sql".to_owned()),
            "landed-touched" => {
                let name = message.strip_prefix("a migration leaves ").expect("a name");
                let name = name.split(" alone:").next().unwrap_or_default();
                verdicts.push(format!("landed {name}"));
            }
            "bookkeeping" => {
                let name = message.split(": ").next().unwrap_or_default();
                verdicts.push(format!("book {name}"));
            }
            "destructive-unmarked" if message.contains("drops no schema") => {
                verdicts.push("schema".to_owned());
            }
            "destructive-unmarked" => {
                let shown = problem.to_string();
                let (_, name) = shown.split_once("-- idgraph: destructive ").expect("a help");
                let name = name.lines().next().unwrap_or_default().to_owned();
                if !named.contains(&name) {
                    named.push(name);
                }
            }
            other => verdicts.push(other.to_owned()),
        }
    }
    verdicts.dedup();
    if !named.is_empty() {
        verdicts.push(format!("destructive {}", named.join(", ")));
    }
    verdicts.join("; ")
}

#[test]
fn every_statement_is_judged_by_what_it_can_do() {
    let mut wrong = Vec::new();
    for (dialect, sql, verdict) in cases() {
        let judged = judged(dialect, sql);
        // Where the session is changed, what else it does is of no interest.
        let is_it = judged == verdict
            || (verdict == "session" && judged.split("; ").any(|one| one == "session"));
        if !is_it {
            wrong.push(format!("{dialect}: {sql}\n  should be: {verdict}\n  is:        {judged}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), cases().count(), wrong.join("\n"));
}

#[test]
fn what_is_named_in_front_of_its_statement_is_all_that_was_missing_and_another_name_is_not() {
    for (dialect, sql, verdict) in cases() {
        let Some(names) = verdict.strip_prefix("destructive ") else { continue };
        if sql.contains("; ") {
            continue;
        }
        let front: String =
            names.split(", ").map(|name| format!("-- idgraph: destructive {name}\n")).collect();
        assert_eq!(judged(dialect, &format!("{front}{sql}")), "fine", "{dialect}: {sql}");
        let other = judged(dialect, &format!("-- idgraph: destructive acme.other\n{sql}"));
        assert!(other.contains("destructive-idle"), "{dialect}: {sql}: {other}");
        assert!(other.contains(verdict), "{dialect}: {sql}: {other}");
    }
    for (dialect, sql, verdict) in cases().filter(|(_, _, verdict)| *verdict == "fine") {
        let said = judged(dialect, &format!("-- idgraph: destructive acme.other\n{sql}"));
        assert_eq!(said, "destructive-idle", "{dialect}: {sql} is {verdict}");
    }
}

#[test]
fn behind_its_drop_the_name_of_a_temporary_table_is_nobodys() {
    for (dialect, text, is_fine) in [
        ("sqlite", "CREATE TEMP TABLE t AS SELECT 1 AS a;\nDROP TABLE t;\nDROP TABLE t;", false),
        (
            "sqlite",
            "CREATE TEMP TABLE t AS SELECT 1 AS a;\nDROP TABLE temp.t;\nDELETE FROM t;",
            false,
        ),
        (
            "postgres",
            "CREATE TEMP TABLE t AS SELECT 1 AS a;\nALTER TABLE t RENAME TO z;\nDROP TABLE t;",
            false,
        ),
        (
            "postgres",
            "CREATE TEMP TABLE t AS SELECT 1 AS a;\nDROP TABLE t;\nCREATE TEMP TABLE t AS SELECT 1 AS a;\nDROP TABLE t;",
            true,
        ),
    ] {
        let said = judged(dialect, text);
        assert_eq!(said == "fine", is_fine, "{dialect}: {text}: {said}");
    }
}
