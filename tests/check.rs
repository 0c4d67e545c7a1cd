//! `idgraph check`: all that CI checks, in one run.

#[path = "support/command.rs"]
mod command;
#[path = "support/git.rs"]
mod git;
#[path = "support/team.rs"]
mod team;

use std::fs;
use std::path::Path;

use command::{Run, idgraph};
use serde_json::Value;
use team::{FIXTURE, PROJECT, add_tier, replace, repository, write};

/// A check that writes the comment, too.
fn check(root: &Path, further: &[&str]) -> (Run, String) {
    let run = idgraph(root, &[&["check", "--comment", "comment.md"], further].concat());
    (run, fs::read_to_string(root.join("comment.md")).expect("a comment"))
}

/// The marks of the checks, by their names.
fn marks(run: &Run) -> Vec<(String, String)> {
    let lines = run.stdout.lines().take_while(|line| !line.is_empty());
    let words = |line: &str| {
        let (mark, rest) = line.split_at(4);
        let name = rest.trim_start().split("  ").next().unwrap_or_default().to_owned();
        (name, mark.trim_end().to_owned())
    };
    lines.map(words).collect()
}

#[track_caller]
fn assert_marks(run: &Run, expected: [&str; 5]) {
    let names = ["render --check", "lint", "migrate check", "test", "diff"];
    let expected: Vec<(String, String)> =
        names.iter().zip(expected).map(|(a, b)| ((*a).to_owned(), b.to_owned())).collect();
    assert_eq!(marks(run), expected, "{}", run.stdout);
}

#[test]
fn nothing_wrong_and_nothing_changed_is_nothing_to_say() {
    let folder = repository();
    let (run, comment) = check(folder.path(), &[]);
    let run = run.fine();
    assert_marks(&run, ["ok", "ok", "ok", "ok", "ok"]);
    assert!(
        comment.starts_with(
            "<!-- idgraph check: idgraph.yml -->\n<!-- nothing to say -->\n### idgraph: no difference\n"
        ),
        "{comment}"
    );
}

#[test]
fn a_change_with_all_that_belongs_to_it_is_fine_and_told() {
    let folder = repository();
    let root = folder.path();
    add_tier(root);
    let (run, comment) = check(root, &[]);
    assert_marks(&run.fine(), ["ok", "ok", "ok", "ok", "ok"]);
    assert!(!comment.contains("nothing to say"), "{comment}");
    for words in ["✅ `test`: 1 fixture", "| + `tier` text |", "none: every fixture comes out as"]
    {
        assert!(comment.contains(words), "{words}: {comment}");
    }
}

/// The first that fails hides none of the others.
#[test]
fn every_check_is_done_and_shown_though_all_fail() {
    let folder = repository();
    let root = folder.path();
    replace(root, "idgraph.yml", "plan: {", "price: float\n    plan: {");
    replace(root, "fixtures/plan.yml", "p1, plan: free }]\n", "p1, plan: pro }]\n");
    let (run, comment) = check(root, &["--deny-warnings"]);
    let run = run.exits(1);
    assert_marks(&run, ["FAIL", "FAIL", "FAIL", "FAIL", "ok"]);
    for (name, words) in [
        ("render --check", "stale     sql/sqlite/30_profile_traits.sql"),
        ("lint", "warning[lossy-type]"),
        ("migrate check", "new column price"),
        ("test", "got                             free"),
    ] {
        let (_, details) = run.stdout.split_once(&format!("\n\n{name}\n\n")).expect(name);
        let details = details.split("\n\nlint\n\n").next().unwrap_or_default();
        assert!(details.contains(words), "{name}: {details}");
        assert!(comment.contains(&format!("- ❌ `{name}`: ")), "{comment}");
        assert!(comment.contains(&format!("<details open><summary>{name}</summary>")), "{comment}");
        assert!(comment.contains(words), "{words}: {comment}");
    }
    assert!(
        comment
            .contains("### idgraph: render --check, lint, migrate check and test fail; 2 tables"),
        "{comment}"
    );
    assert!(comment.contains("| + `price` real |"), "{comment}");
    assert!(!comment.contains('\u{1b}'), "colours");
}

#[test]
fn warnings_alone_fail_when_they_are_denied() {
    let folder = repository();
    let root = folder.path();
    replace(root, "idgraph.yml", "plan: {", "price: float\n    plan: {");
    let (run, comment) = check(root, &["--no-diff"]);
    assert_eq!(marks(&run.exits(1))[1].1, "ok");
    assert!(comment.contains("<details><summary>lint</summary>"), "folded: {comment}");
    let (run, _) = check(root, &["--no-diff", "--deny-warnings"]);
    assert_eq!(marks(&run.exits(1))[1].1, "FAIL");
}

#[test]
fn annotations_stand_on_the_lines_that_are_meant() {
    let folder = repository();
    let root = folder.path();
    replace(root, "idgraph.yml", "plan: {", "price: float\n    plan: {");
    replace(root, "fixtures/plan.yml", "p1, plan: free }]\n", "p1, plan: pro }]\n");
    let run = idgraph(root, &["check", "--format", "github"]).exits(1);
    for begins in [
        "::error file=idgraph.yml,line=1,col=1,endLine=1,endColumn=12,title=not-rendered::",
        "::warning file=idgraph.yml,line=5,",
        "::error file=idgraph.yml,line=1,col=1,endLine=1,endColumn=12,title=migration-wanted::",
        "::error file=fixtures/plan.yml,line=6,col=7,endLine=6,endColumn=21,title=fixture::batch 1, profile_traits: 1 row differs",
        "::notice file=idgraph.yml,line=5,col=5,endLine=5,endColumn=10,title=changed::acme.profile_traits",
    ] {
        let found = run.stdout.lines().any(|line| line.starts_with(begins));
        assert!(found, "{begins}\n{}", run.stdout);
    }
    assert!(run.stdout.lines().all(|line| line.starts_with("::")), "{}", run.stdout);
    assert!(run.stderr.contains("FAIL  render --check"), "people read it, too: {}", run.stderr);

    let run = idgraph(root, &["check", "--format", "gitlab"]).exits(1);
    let issues: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let of = |name: &str| {
        let issues = issues.as_array().expect("issues").iter();
        let mut found = issues.filter(|one| one["check_name"] == name);
        found.next().unwrap_or_else(|| panic!("{name}: {}", run.stdout)).clone()
    };
    assert_eq!(of("fixture")["location"]["path"], "fixtures/plan.yml");
    assert_eq!(of("fixture")["severity"], "major");
    assert_eq!(of("lossy-type")["severity"], "minor");
    assert_eq!(of("changed")["severity"], "info");
}

#[test]
fn a_mistake_in_the_project_file_is_told_like_all_else() {
    let folder = repository();
    let root = folder.path();
    replace(root, "idgraph.yml", "plan: { type: varchar }", "plan: { type: varchr }");
    let (run, comment) = check(root, &["--format", "github"]);
    let run = run.exits(2).says(&["did you mean `varchar`?"]);
    assert!(run.stdout.starts_with("::error file=idgraph.yml,line=5,"), "{}", run.stdout);
    assert!(comment.contains("### idgraph: the project file fails\n"), "{comment}");
    assert!(comment.contains("did you mean `varchar`?"), "{comment}");
    assert!(!comment.contains("nothing to say"), "{comment}");
}

#[test]
fn what_the_project_does_not_use_is_not_checked_and_said_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    write(root, "idgraph.yml", PROJECT);
    let (run, comment) = check(root, &["--no-diff"]);
    let run = run.fine();
    let found: Vec<String> = marks(&run).into_iter().map(|(_, mark)| mark).collect();
    assert_eq!(found, ["-", "ok", "-", "-"]);
    assert!(
        comment.contains("- ➖ `test`: not in use, there is no folder `fixtures`"),
        "{comment}"
    );
    assert!(comment.contains("### idgraph: all is well\n"), "{comment}");
}

/// Else a change could silence the checks by taking away what they read.
#[test]
fn what_a_change_takes_away_as_a_whole_fails() {
    let folder = repository();
    let root = folder.path();
    for name in ["sql", "migrations", "fixtures"] {
        fs::remove_dir_all(root.join(name)).expect("remove");
    }
    let (run, _) = check(root, &[]);
    let run = run.exits(2);
    assert_marks(&run, ["FAIL", "ok", "FAIL", "FAIL", "ok"]);
    assert!(run.stdout.contains("no-fixtures"), "{}", run.stdout);
}

#[test]
fn one_mistake_is_told_once() {
    let folder = repository();
    let root = folder.path();
    write(root, "templates/query/profile_traits.sql", "{{ no such thing }}\n");
    let (run, _) = check(root, &[]);
    let run = run.exits(2);
    assert_eq!(run.stdout.matches("error[").count(), 1, "{}", run.stdout);
    assert!(run.stdout.contains("could not be done, as above"), "{}", run.stdout);
}

#[test]
fn an_older_version_that_cannot_be_had_is_a_failure() {
    let folder = repository();
    let root = folder.path();
    let (run, comment) = check(root, &["nonsense"]);
    let run = run.exits(2);
    assert_marks(&run, ["ok", "ok", "ok", "ok", "FAIL"]);
    assert!(comment.contains("- ❌ `diff`: could not be done: 1 mistake"), "{comment}");
    assert!(comment.contains("git knows no revision `nonsense`"), "{comment}");
    idgraph(root, &["check", "--no-diff", "main"]).exits(2).says(&["cannot be used with"]);
    idgraph(root, &["check", "--comment", "no/such/folder.md"]).exits(2).says(&["unwritable"]);
}

/// What is in a project stays in its fence, and the comment within what GitHub takes.
#[test]
fn a_comment_is_never_too_long_and_nothing_ends_its_fences() {
    let folder = repository();
    let root = folder.path();
    let rows: String =
        (0..3000).map(|n| format!("        - {{ plan: \"```\\n</details> {n}\" }}\n")).collect();
    let fixture =
        FIXTURE.replace(" [{ canonical_segment_id: p1, plan: free }]\n", &format!("\n{rows}"));
    for number in 0..9 {
        write(root, &format!("fixtures/{number}.yml"), &fixture);
    }
    let (run, comment) = check(root, &[]);
    run.exits(1);
    assert!(comment.chars().count() < 65_536, "{}", comment.chars().count());
    assert!(comment.contains("The rest is in the log."), "{comment}");
    assert!(comment.contains("\n````text\n"), "a longer fence: {comment}");
}
