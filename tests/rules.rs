//! Every rule of `idgraph lint` finds its bad example, leaves its good one alone, and has a page.
//!
//! `tests/rules/<slug>/bad.yml` and `good.yml` are small projects, `bad/` and `good/` their migrations where a rule is about
//! those; `bad.txt` is what is said of the bad one.
//! `UPDATE=1 cargo test --test rules` rewrites that.

#[path = "support/command.rs"]
mod command;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use command::{Run, idgraph};
use idgraph::diagnostic::Severity;
use idgraph::lint::{RULES, Rule};
use serde_json::Value;

fn example(rule: &Rule, name: &str) -> String {
    let path = format!("tests/rules/{}/{name}.yml", rule.slug);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Lints a project in a folder of its own.
fn lint(text: &str, further: &[&str]) -> Run {
    lint_migrations(text, &[], further)
}

/// The migrations of an example, by dialect and name.
fn migrations(rule: &Rule, name: &str) -> Vec<(String, String)> {
    let root = format!("tests/rules/{}/{name}", rule.slug);
    let mut all = Vec::new();
    for dialect in fs::read_dir(&root).into_iter().flatten().flatten() {
        for file in fs::read_dir(dialect.path()).expect("migrations").flatten() {
            let (dialect, file_name) = (dialect.file_name(), file.file_name());
            let path = format!("{}/{}", dialect.to_string_lossy(), file_name.to_string_lossy());
            all.push((path, fs::read_to_string(file.path()).expect("a migration")));
        }
    }
    all.sort();
    all
}

/// Lints a project with migrations, by dialect and name.
fn lint_migrations(text: &str, migrations: &[(String, String)], further: &[&str]) -> Run {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("idgraph.yml"), text).expect("write");
    for (path, sql) in migrations {
        let path = folder.path().join("migrations").join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, sql).expect("write");
    }
    if !migrations.is_empty() {
        idgraph(folder.path(), &["migrate", "sum"]).fine();
    }
    idgraph(folder.path(), &[&["lint"], further].concat())
}

/// Lints an example of a rule.
fn lint_example(rule: &Rule, name: &str, further: &[&str]) -> Run {
    lint_migrations(&example(rule, name), &migrations(rule, name), further)
}

fn json(run: &Run) -> Vec<Value> {
    serde_json::from_str(&run.stdout).expect("JSON")
}

fn word(rule: &Rule) -> &'static str {
    match rule.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => panic!("a rule finds what is wrong"),
    }
}

#[test]
fn every_bad_example_is_found_and_explained_as_reviewed() {
    let mut differ = Vec::new();
    for rule in RULES {
        let code = if rule.severity == Severity::Error { 1 } else { 0 };
        let run = lint_example(rule, "bad", &[]).exits(code);
        let shown = format!("{}{}", run.stdout, run.stderr);
        let path = format!("tests/rules/{}/bad.txt", rule.slug);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &shown).unwrap();
        } else if fs::read_to_string(&path).ok().as_ref() != Some(&shown) {
            differ.push(format!("{path}:\n{shown}"));
        }
        let found = json(&lint_example(rule, "bad", &["--format", "json"]));
        assert!(!found.is_empty(), "{} does not find its bad example", rule.slug);
        for one in found {
            assert_eq!(one["rule"], rule.slug, "the bad example shows this rule and no other");
            assert_eq!(one["severity"], word(rule));
            assert!(one["line"].as_u64().is_some_and(|line| line > 0));
            assert!(!one["fixes"].as_array().expect("a list").is_empty(), "{}", rule.slug);
        }
    }
    assert!(differ.is_empty(), "not as reviewed (UPDATE=1 rewrites them):\n{}", differ.join("\n"));
}

#[test]
fn no_good_example_is_found_fault_with() {
    for rule in RULES {
        let run = lint_example(rule, "good", &["--deny-warnings"]).fine();
        assert_eq!(run.stdout, "", "{}", rule.slug);
        assert_eq!(run.stderr, "idgraph.yml: 0 errors, 0 warnings\n");
    }
}

#[test]
fn every_rule_has_a_page_with_its_examples_and_no_page_is_left_over() {
    let index = fs::read_to_string("docs/rules/README.md").expect("the index");
    let mut slugs = BTreeSet::new();
    for rule in RULES {
        let path = format!("docs/rules/{}.md", rule.slug);
        let page = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        for part in [
            format!("# `{}`: ", rule.slug),
            format!("\nSeverity: {}.\n", word(rule)),
            "\n## What it finds\n".to_owned(),
            "\n## Why\n".to_owned(),
            "\n## What to do\n".to_owned(),
            format!("\n## Bad\n\n```yaml\n{}```\n", example(rule, "bad")),
            format!("\n## Good\n\n```yaml\n{}```\n", example(rule, "good")),
        ] {
            assert!(page.contains(&part), "{path} lacks:\n{part}");
        }
        for (_, sql) in migrations(rule, "bad").iter().chain(&migrations(rule, "good")) {
            assert!(page.contains(&format!("\n```sql\n{sql}```\n")), "{path} lacks:\n{sql}");
        }
        let row = format!("| [`{0}`]({0}.md) | {1} | {2} |\n", rule.slug, word(rule), rule.about);
        assert!(index.contains(&row), "docs/rules/README.md lacks:\n{row}");
        assert!(slugs.insert(rule.slug.to_owned()), "two rules named {}", rule.slug);
    }
    for (folder, end) in [("docs/rules", ".md"), ("tests/rules", "")] {
        for entry in fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let slug = name.strip_suffix(end).unwrap_or(&name);
            assert!(slug == "README" || slugs.contains(slug), "{folder}/{name} is no rule's");
        }
    }
}

#[test]
fn warnings_and_errors_exit_differently() {
    let rule = |severity| RULES.iter().find(|rule| rule.severity == severity).unwrap();
    let (warned, failed) = (rule(Severity::Warning), rule(Severity::Error));
    lint(&example(warned, "bad"), &[]).exits(0);
    lint(&example(warned, "bad"), &["--deny-warnings"]).exits(1);
    lint(&example(failed, "bad"), &[]).exits(1);
    lint("space: acme\n", &[]).exits(2).says(&["error[missing-key]"]);
}

#[test]
fn what_is_found_comes_as_annotations() {
    let text = "space: acme\ndialects: [sqlite]\ntargets:\n  a: { engine: sqlite, path: a.db }\n\
                traits:\n  columns:\n    \"e,mail:100%\": varchar\n";
    let run = lint(text, &["--format", "github"]).fine();
    assert_eq!(
        run.stdout,
        "::warning file=idgraph.yml,line=7,col=5,endLine=7,endColumn=18,title=pii-untagged::\
         the trait `e,mail:100%25` looks like personal data and has no `pii`%0A\
         tagged columns are marked in the documentation, so that access and erasure can be arranged%0A\
         say what it is, `pii: contact`, or that it is none, `pii: false`\n"
    );
    let found = json(&lint(text, &["--format", "gitlab"]));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["check_name"], "pii-untagged");
    assert_eq!(found[0]["severity"], "minor");
    assert_eq!(found[0]["location"]["path"], "idgraph.yml");
    assert_eq!(found[0]["location"]["lines"]["begin"], 7);
    assert_eq!(found[0]["fingerprint"].as_str().map(str::len), Some(40));
    // A line above moves it; it stays the same issue.
    let moved = json(&lint(&format!("# new\n{text}"), &["--format", "gitlab"]));
    assert_eq!(moved[0]["fingerprint"], found[0]["fingerprint"]);
    assert_eq!(moved[0]["location"]["lines"]["begin"], 8);
}

#[test]
fn an_allow_in_a_text_allows_nothing() {
    let text = "space: acme\ndialects: [sqlite]\ntargets: { a: { engine: sqlite, path: a.db } }\n\
                traits:\n  columns:\n    email: { type: varchar, description: \"x # idgraph: allow pii-untagged y\" }\n";
    let found = json(&lint(text, &["--format", "json"]).fine());
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["rule"], "pii-untagged");
}

const MIGRATED: &str = "space: acme
dialects: [postgres]
targets:
  warehouse: { engine: postgres, url: '${DATABASE_URL}' }
traits:
  columns:
    plan: varchar
";

/// The rules that find something in the last of these migrations of Postgres.
fn found_in(migrations: &[&str]) -> Vec<String> {
    let migrations: Vec<(String, String)> = migrations
        .iter()
        .enumerate()
        .map(|(index, sql)| (format!("postgres/{:04}_x.sql", index + 1), (*sql).to_owned()))
        .collect();
    let found = json(&lint_migrations(MIGRATED, &migrations, &["--format", "json"]));
    found.iter().map(|one| one["rule"].as_str().expect("a rule").to_owned()).collect()
}

const TABLE: &str =
    "CREATE TABLE acme.profile_traits (canonical_segment_id text, merged_to text);\n";
const ALTER: &str = "ALTER TABLE acme.profile_traits ADD COLUMN plan text;\n";
const UPDATE: &str = "UPDATE acme.profile_traits SET plan = 'free';\n";
const RETYPE: &str = "-- idgraph: destructive acme.profile_traits.plan\n\
                      ALTER TABLE acme.profile_traits ALTER COLUMN plan TYPE bigint;\n";

#[test]
fn a_lock_is_found_where_it_lasts_and_the_table_is_live() {
    let both = format!("{ALTER}{UPDATE}");
    assert_eq!(found_in(&[TABLE, &both]), ["full-table-lock"]);
    // Taken and let go.
    assert!(found_in(&[TABLE, ALTER]).is_empty());
    let later = format!("-- idgraph: destructive acme.profile_traits.plan\n{UPDATE}");
    assert!(found_in(&[TABLE, ALTER, &later]).is_empty());
    assert!(found_in(&[TABLE, &format!("-- idgraph: no-transaction\n{both}")]).is_empty());
    // Nobody uses yet what the migration makes, or made anew.
    assert!(found_in(&[&format!("{TABLE}{both}")]).is_empty());
    assert!(found_in(&["SELECT 1;\n", &format!("{TABLE}{both}")]).is_empty());
    let dropped = "-- idgraph: destructive acme.profile_traits\nDROP TABLE acme.profile_traits;\n";
    assert!(found_in(&[TABLE, dropped, &format!("{TABLE}{both}")]).is_empty());
    // The work may be on another table, and is none where that is empty.
    let copy = "CREATE TABLE acme.copy (id text);\nINSERT INTO acme.copy (id) SELECT canonical_segment_id FROM acme.profile_traits;\n";
    assert_eq!(found_in(&[TABLE, &format!("{ALTER}{copy}")]), ["full-table-lock"]);
    let empty = "CREATE TABLE acme.copy (id text);\nINSERT INTO acme.copy (id) VALUES ('a');\n";
    assert!(found_in(&[TABLE, &format!("{ALTER}{empty}")]).is_empty());
    // Whoever writes waits for an index; of a landed table that is Segment.
    let landed = "CREATE TABLE acme.identifies (id text);\n";
    let index = "CREATE INDEX an_index ON acme.identifies (id);\n";
    assert_eq!(found_in(&[landed, index]), ["full-table-lock"]);
    assert!(
        found_in(&[TABLE, "CREATE INDEX an_index ON acme.profile_traits (merged_to);\n"])
            .is_empty()
    );
    assert!(
        found_in(&[landed, "CREATE INDEX CONCURRENTLY an_index ON acme.identifies (id);\n"])
            .is_empty()
    );
}

#[test]
fn a_rewrite_is_found_where_the_table_is_large() {
    assert_eq!(found_in(&[TABLE, ALTER, RETYPE]), ["table-rewrite"]);
    // It has run.
    assert!(found_in(&[TABLE, ALTER, RETYPE, "SELECT 1;\n"]).is_empty());
    assert!(found_in(&[&format!("{TABLE}{ALTER}{RETYPE}")]).is_empty());
    // A table of one's own is as large as one makes it.
    let other = |sql: &str| sql.replace("profile_traits", "plans");
    assert_eq!(found_in(&[&other(TABLE), &other(ALTER), &other(RETYPE)]), ["full-table-lock"]);
    let landed = |sql: &str| sql.replace("profile_traits", "identifies");
    assert_eq!(found_in(&[&landed(TABLE), &landed(ALTER), &landed(RETYPE)]), ["table-rewrite"]);
}

#[test]
fn an_allow_in_a_migration_speaks_of_its_statement() {
    let allowed = |rule: &str| format!("-- idgraph: allow {rule}\n{RETYPE}");
    assert!(found_in(&[TABLE, ALTER, &allowed("table-rewrite at night")]).is_empty());
    assert_eq!(
        found_in(&[TABLE, ALTER, &allowed("table-rewrite")]),
        ["allow-without-reason", "table-rewrite"]
    );
    assert_eq!(
        found_in(&[TABLE, ALTER, &allowed("table-rewrites at night")]),
        ["allow-unknown-rule", "table-rewrite"]
    );
    // In front of another statement it allows nothing, nor in another file.
    let other = format!("-- idgraph: allow table-rewrite at night\nSELECT 1;\n{RETYPE}");
    assert_eq!(found_in(&[TABLE, ALTER, &other]), ["allow-unused", "table-rewrite"]);
    let text = format!("{MIGRATED}# idgraph: allow table-rewrite at night\n");
    let migrations = [(TABLE, 1), (ALTER, 2), (RETYPE, 3)]
        .map(|(sql, number)| (format!("postgres/{number:04}_x.sql"), sql.to_owned()));
    let run = lint_migrations(&text, &migrations, &["--format", "json"]);
    let rules: Vec<Value> = json(&run).iter().map(|one| one["rule"].clone()).collect();
    assert_eq!(rules, ["allow-unused", "table-rewrite"], "the project file's findings come first");
}

/// What a dialect locks and rewrites is its own to say.
#[test]
fn a_dialect_that_says_nothing_of_locks_has_none() {
    let text = MIGRATED
        .replace("[postgres]", "[snowflake] # idgraph: allow dialect-not-checked elsewhere");
    let sql = format!("{ALTER}{UPDATE}");
    let migrations = [("snowflake/0001_x.sql", TABLE), ("snowflake/0002_x.sql", sql.as_str())];
    let migrations = migrations.map(|(path, sql)| (path.to_owned(), sql.to_owned()));
    lint_migrations(&text, &migrations, &["--deny-warnings"]).fine();
}

#[test]
fn a_broken_folder_of_migrations_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("idgraph.yml"), MIGRATED).expect("write");
    let below = folder.path().join("migrations/postgres");
    fs::create_dir_all(&below).expect("a folder");
    fs::write(below.join("0001_x.sql"), TABLE).expect("write");
    idgraph(folder.path(), &["lint"]).exits(2).says(&["sum-file"]);
}

#[test]
fn the_project_of_init_is_without_fault() {
    let folder = tempfile::tempdir().expect("a folder");
    idgraph(folder.path(), &["init"]).fine();
    let run = idgraph(folder.path(), &["lint", "--deny-warnings"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{}", run.stderr);
}

#[test]
fn five_thousand_events_are_checked_in_time() {
    let mut text = example(&RULES[0], "good").replace("traits:\n", "events:\n");
    text.truncate(text.find("events:\n").unwrap_or(text.len()));
    text.push_str("events:\n");
    for event in 0..5000 {
        text.push_str(&format!("  Event Number {event}:\n    properties:\n"));
        for property in 0..5 {
            text.push_str(&format!("      someProperty{property}: varchar\n"));
        }
    }
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("idgraph.yml"), text).expect("write");
    let started = std::time::Instant::now();
    idgraph(Path::new(folder.path()), &["lint", "--deny-warnings"]).fine();
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}
