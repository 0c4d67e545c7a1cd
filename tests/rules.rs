//! Every rule of `idgraph lint` finds its bad example, leaves its good one alone, and has a page.
//!
//! `tests/rules/<slug>/bad.yml` and `good.yml` are small projects; `bad.txt` is what is said of the bad one.
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
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("idgraph.yml"), text).expect("write");
    idgraph(folder.path(), &[&["lint"], further].concat())
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
        let run = lint(&example(rule, "bad"), &[]).exits(code);
        let shown = format!("{}{}", run.stdout, run.stderr);
        let path = format!("tests/rules/{}/bad.txt", rule.slug);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &shown).unwrap();
        } else if fs::read_to_string(&path).ok().as_ref() != Some(&shown) {
            differ.push(format!("{path}:\n{shown}"));
        }
        let found = json(&lint(&example(rule, "bad"), &["--format", "json"]));
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
        let run = lint(&example(rule, "good"), &["--deny-warnings"]).fine();
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
