//! What a statement of a migration can do decides whether it may stand there, whatever it is written in: one judge for
//! `migrate check`, `plan` and `apply`, and a list of statements with what it says of each.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use idgraph::diagnostic::Source;
use idgraph::dialect::{Dialect, Library};
use idgraph::migrate::{FileName, Ground, MigrationText, Schema, record};
use idgraph::project::{Known, Project};
use idgraph::render::{Bookkeeping, Changes, ObjectRef, Statement};
use idgraph::warehouse::Warehouse;

/// The cases: a line each, `DIALECTS: STATEMENTS => VERDICT`. The verdict is `fine`; `destructive NAMES`, for what has to be named
/// (`0001_case` is the file itself, where nothing has a name); `landed NAME` and `book NAME`, for what no directive allows;
/// `session`; `bare NAME`, for a name without a schema, and for what has none and is about all; `schema`; `not-sql`; or a code.
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

/// Where Segment lands beside the models; and where it lands among them.
const BESIDE: &str = "segment";
const AMONG: &str = "acme";

/// Dialect, statements, verdict.
type Case = (&'static str, &'static str, &'static str);

fn cases() -> impl Iterator<Item = Case> {
    FILES.iter().flat_map(|file| cases_of(file))
}

fn cases_of(file: &'static str) -> impl Iterator<Item = Case> {
    file.lines().filter(|line| !line.starts_with('#')).flat_map(|line| {
        let (dialects, rest) = line.split_once(": ").expect("dialects");
        let (sql, verdict) = rest.rsplit_once(" => ").expect("a verdict");
        dialects.split(' ').map(move |dialect| (dialect, sql, verdict))
    })
}

/// Segment lands in a space, models are in `acme`.
fn ground(space: &str, dialect: &Dialect) -> Arc<Ground> {
    static GROUNDS: Mutex<BTreeMap<String, Arc<Ground>>> = Mutex::new(BTreeMap::new());
    let mut grounds = GROUNDS.lock().expect("grounds");
    let new = || Arc::new(Ground::new(Some(schema(space, dialect)), Library::embedded()));
    grounds.entry(format!("{space} {}", dialect.name)).or_insert_with(new).clone()
}

/// The record of a project whose models are in `acme`.
fn schema(space: &str, dialect: &Dialect) -> Schema {
    let text = format!(
        "space: {space}\nmodels_schema: acme\ndialects: [{}]\ntraits: {{ columns: {{ email: varchar }} }}\n\
         models: {{ id_graph: {{ materialized: incremental }} }}\n",
        dialect.name
    );
    let warehouse = warehouse(&text, dialect);
    record(&warehouse, dialect, &Library::embedded()).expect("a record")
}

fn warehouse(text: &str, dialect: &Dialect) -> Warehouse {
    let known = Known { dialects: vec![dialect.name.clone()], engines: Vec::new() };
    let project = Project::parse(Path::new("idgraph.yml"), text, &known).expect("a project");
    Warehouse::of(&project)
}

fn judged(dialect: &str, sql: &str) -> String {
    judged_in(BESIDE, dialect, sql)
}

fn judged_in(space: &str, dialect: &str, sql: &str) -> String {
    let dialect = Dialect::load(&Library::embedded(), dialect).expect("a dialect");
    let ground = ground(space, &dialect);
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
fn among_the_models_what_is_none_is_segments() {
    for (dialect, sql, verdict) in cases_of(include_str!("among.txt")) {
        assert_eq!(judged_in(AMONG, dialect, sql), verdict, "{dialect}: {sql}");
    }
}

#[test]
fn a_record_is_written_behind_what_it_is_about_and_as_idgraph_writes_it() {
    let dialect = Dialect::load(&Library::embedded(), "postgres").expect("a dialect");
    let library = Library::embedded();
    let warehouse = warehouse(
        "space: segment\nmodels_schema: acme\ndialects: [postgres]\ntraits: { columns: { email: varchar } }\n\
        models: { id_graph: { materialized: incremental }, profile_traits: { materialized: incremental } }\n",
        &dialect,
    );
    let books = Bookkeeping::new(&warehouse, &dialect, &library).expect("bookkeeping");
    let object = |schema: &str, name: &str| ObjectRef {
        schema: Some(schema.to_owned()),
        name: name.to_owned(),
    };
    let text = |statements: Vec<Statement>| {
        statements.iter().map(|one| one.sql.clone()).collect::<String>()
    };
    let (profiles, landed) = (object("acme", "profile_traits"), object("segment", "identifies"));
    let (guard, made) =
        (text(books.guard(&profiles).unwrap()), text(books.made(&profiles).unwrap()));
    let create = "CREATE TABLE IF NOT EXISTS acme.profile_traits (email text)";
    let theirs = text(books.made(&landed).unwrap());
    let changes = Changes::new(&warehouse, &dialect, &library).expect("changes");
    let noted = changes.watermarks("note_traits", "profile_traits", warehouse.traits()).unwrap();
    let (forgotten, noted) =
        noted.trim().trim_end_matches(';').split_once(";\n\n").expect("two statements");
    let filled = "ALTER TABLE acme.profile_traits ADD COLUMN email text; UPDATE acme.profile_traits SET email = 'x'";
    for (statements, verdict) in [
        (vec![&*guard, create, &made], "fine"),
        (vec![create, &made], "book acme.idgraph_objects"),
        (vec![&*made], "book acme.idgraph_objects"),
        (vec![&*guard, &made, create], "book acme.idgraph_objects"),
        (vec![&*guard, create, &theirs], "book acme.idgraph_objects"),
        (
            vec![&*guard, create, &made.replace("'profile_traits'", "'id_graph'")],
            "book acme.idgraph_objects",
        ),
        (vec![forgotten, noted, filled], "fine"),
        (vec![forgotten], "fine"),
        (vec![noted], "book acme.idgraph_watermarks"),
        (
            vec![filled, &noted.replace("CAST(NULL AS timestamp with time zone)", "now()")],
            "book acme.idgraph_watermarks",
        ),
    ] {
        let text = statements.join("; ");
        assert_eq!(judged("postgres", &text), verdict, "{text}");
    }
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
fn what_no_migration_may_do_is_refused_whatever_is_said_of_it() {
    for (dialect, sql, verdict) in cases() {
        let (kind, name) = verdict.split_once(' ').unwrap_or((verdict, ""));
        let is_refused =
            ["landed", "book", "bare", "session", "schema", "copy-in-migration"].contains(&kind);
        if !is_refused || sql.contains("; ") {
            continue;
        }
        let names = [name.split([',', ';']).next().unwrap_or_default(), "acme", "0001_case"];
        for name in names.into_iter().filter(|name| !name.is_empty()) {
            let said = judged(dialect, &format!("-- idgraph: destructive {name}\n{sql}"));
            let is_it = said.split("; ").any(|one| one.split(' ').next() == Some(kind));
            assert!(is_it, "{dialect}: {sql} with {name}: {said}");
        }
    }
}

#[test]
fn as_many_mistakes_as_lines_take_time_in_proportion() {
    let dialect = Dialect::load(&Library::embedded(), "sqlite").expect("a dialect");
    let told = |lines: usize| {
        let needs = |at| format!("-- idgraph: needs segment.identifies.c{at} no_such_type\n");
        let text: String = (0..lines).map(needs).chain(["SELECT 1;\n".to_owned()]).collect();
        let file = MigrationText::new(FileName::new(1, "case"), Source::new("0001_case.sql", text));
        let begun = Instant::now();
        let wrong = file.read(&dialect).expect_err("no type of idgraph's");
        let shown: usize = wrong.iter().map(|one| one.to_string().matches(" needs ").count()).sum();
        assert!(wrong.iter().count() == lines && shown >= lines);
        begun.elapsed()
    };
    let quickest = |lines| (0..3).map(|_| told(lines)).min().unwrap_or_default();
    let (few, many) = (quickest(500), quickest(8_000));
    // Sixteen times as many: sixteen times as long, and 256 times where each message reads the whole file.
    assert!(many < few * 64, "{few:?} for 500 lines, {many:?} for 8,000");
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
