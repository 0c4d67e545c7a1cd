//! `idgraph diff`: what a change of the project does. `tests/diff/` holds what it says, as reviewed;
//! `UPDATE=1 cargo test --test diff` rewrites it.

#[path = "support/command.rs"]
mod command;
#[path = "support/git.rs"]
mod git;

use std::fs;
use std::path::Path;
use std::process::Command;

use command::{Run, finish, idgraph};
use git::git;
use serde_json::Value;
use tempfile::TempDir;

const BEFORE: &str = "space: acme
dialects: [postgres, sqlite]
traits:
  columns:
    email: varchar
    plan: { type: varchar, description: \"Current plan\" }
events:
  Order Completed: { properties: { total: integer } }
models:
  user_traits: { materialized: view, name: long_traits }
  resolved_events: {}
";

/// A folder with `before/` and `after/`.
fn folders(before: &str, after: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in [("before", before), ("after", after)] {
        fs::create_dir(folder.path().join(name)).expect("a folder");
        fs::write(folder.path().join(name).join("idgraph.yml"), text).expect("write");
    }
    folder
}

fn diff(folder: &TempDir, further: &[&str]) -> Run {
    let after = folder.path().join("after");
    idgraph(&after, &[&["diff", "--base", "../before"], further].concat())
}

/// What differs by `before/` and `after/` of a project, as JSON.
fn review(after: &str) -> Value {
    let run = diff(&folders(BEFORE, after), &["--format", "json"]).exits(1);
    serde_json::from_str(&run.stdout).expect("JSON")
}

fn object<'a>(review: &'a Value, name: &str) -> &'a Value {
    let objects = review["objects"].as_array().expect("objects");
    objects
        .iter()
        .find(|one| one["name"] == name)
        .unwrap_or_else(|| panic!("{name} is not in {objects:#?}"))
}

fn migrate(folder: &TempDir, of: &str, name: &str) {
    idgraph(&folder.path().join(of), &["migrate", "new", name]).fine();
}

fn as_reviewed(name: &str, text: &str) {
    let path = Path::new("tests/diff").join(name);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, text).expect("write");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(expected, text, "{} is not as reviewed; UPDATE=1 rewrites it", path.display());
}

/// A trait is added, with its migration.
fn one_trait() -> TempDir {
    let after = BEFORE.replace("    email: varchar\n", "    email: varchar\n    is_vip: boolean\n");
    let folder = folders(BEFORE, &after);
    migrate(&folder, "before", "initial");
    for dialect in ["postgres", "sqlite"] {
        let (from, to) = (
            folder.path().join("before/migrations").join(dialect),
            folder.path().join("after/migrations").join(dialect),
        );
        fs::create_dir_all(&to).expect("a folder");
        for file in fs::read_dir(from).expect("migrations").flatten() {
            fs::copy(file.path(), to.join(file.file_name())).expect("copy");
        }
    }
    migrate(&folder, "after", "add_is_vip");
    folder
}

#[test]
fn every_format_is_as_reviewed() {
    let folder = one_trait();
    for (format, file) in [
        ("text", "one-trait.txt"),
        ("markdown", "one-trait.md"),
        ("json", "one-trait.json"),
        ("github", "one-trait.github.txt"),
        ("gitlab", "one-trait.gitlab.json"),
    ] {
        let run = diff(&folder, &["--format", format]).exits(1).says(&["compared with ../before"]);
        as_reviewed(file, &run.stdout);
    }
}

/// What is not folded is what a screen shows.
#[test]
fn the_comment_for_one_trait_fits_on_a_screen() {
    let comment = diff(&one_trait(), &["--format", "markdown"]).exits(1).stdout;
    let mut shown = 0;
    let mut folded = false;
    for line in comment.lines() {
        folded |= line.starts_with("<details>");
        shown += usize::from(!folded || line.starts_with("<details>"));
        folded &= !line.starts_with("</details>");
    }
    assert!(shown <= 25, "{shown} lines:\n{comment}");
    assert!(
        comment.contains("| `acme.profile_traits` | changed | + `is_vip` boolean | gain columns |"),
        "{comment}"
    );
}

#[test]
fn nothing_differs_where_only_the_file_is_laid_out_otherwise() {
    let after = BEFORE
        .replace("dialects: [postgres, sqlite]", "# Where\ndialects:\n  - postgres\n  - sqlite");
    let run = diff(&folders(BEFORE, &after), &[]).fine().says(&["no difference"]);
    assert_eq!(run.stdout, "");
}

#[test]
fn a_description_changes_text_alone() {
    let review = review(&BEFORE.replace("Current plan", "The plan"));
    let objects = review["objects"].as_array().expect("objects");
    assert!(
        objects.iter().all(|one| one["what"] == "text" && one["rows_can_change"] == false),
        "{objects:#?}"
    );
    assert!(!review["files"].as_array().expect("files").is_empty());
}

#[test]
fn what_changes_is_told_by_its_meaning() {
    let retyped = review(&BEFORE.replace("total: integer", "total: float"));
    assert_eq!(object(&retyped, "acme.order_completed")["columns"][0]["what"], "retyped");
    assert_eq!(object(&retyped, "acme.order_completed_resolved")["rows_can_change"], true);
    assert_eq!(
        object(&retyped, "acme.order_completed")["downstream"][0],
        "order_completed_resolved.total"
    );

    let dropped = review(&BEFORE.replace("    email: varchar\n", ""));
    assert_eq!(object(&dropped, "acme.profile_traits")["columns"][0]["what"], "dropped");
    assert_eq!(
        object(&dropped, "acme.long_traits")["rows_can_change"],
        true,
        "it has a row less a profile"
    );

    let renamed = review(
        &BEFORE
            .replace("    email: varchar\n", "    mail: { type: varchar, renamed_from: email }\n"),
    );
    assert_eq!(object(&renamed, "acme.profile_traits")["columns"][0]["what"], "renamed");

    let kept = review(&BEFORE.replace(
        "user_traits: { materialized: view, name: long_traits }",
        "user_traits: { name: long_traits }",
    ));
    assert_eq!(object(&kept, "acme.long_traits")["what"], "rebuilt");
    assert_eq!(object(&kept, "acme.long_traits")["reasons"][0], "view → table");

    let gone =
        review(&BEFORE.replace("  user_traits: { materialized: view, name: long_traits }\n", ""));
    assert_eq!(object(&gone, "acme.long_traits")["what"], "removed");

    let unset = review(&BEFORE.replace("traits:\n", "traits:\n  null_means: unset\n"));
    assert_eq!(object(&unset, "acme.profile_traits")["what"], "rebuilt");
    assert_eq!(object(&unset, "acme.profile_traits")["rows_can_change"], true);
    assert!(
        unset["objects"]
            .as_array()
            .expect("objects")
            .iter()
            .all(|one| one["name"] != "acme.id_graph")
    );
}

#[test]
fn another_lag_or_warehouse_of_a_dynamic_table_changes_no_row() {
    let before = "space: acme
dialects: [snowflake]
traits: { columns: { email: varchar } }
models:
  id_graph: { materialized: dynamic_table }
  profile_traits: { materialized: table }
dynamic_tables: { warehouse: transforming }
";
    let after = before.replace("transforming", "loading, target_lag: 15m");
    let run = diff(&folders(before, &after), &["--format", "json"]).exits(1);
    let review: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let graph = object(&review, "acme.id_graph");
    assert_eq!(graph["what"], "changed");
    assert_eq!(graph["rows_can_change"], false);
    let reasons = ["target lag 60 → 15 minutes", "warehouse transforming → loading"];
    assert_eq!(graph["reasons"], serde_json::json!(reasons));
    assert_eq!(review["objects"].as_array().map(Vec::len), Some(1));
}

#[test]
fn what_reads_other_rows_has_other_rows() {
    let folder = folders(BEFORE, BEFORE);
    let template = include_str!("../templates/query/id_graph.sql");
    let own = folder.path().join("after/dialects/mine/templates/query");
    fs::create_dir_all(&own).expect("a folder");
    fs::write(own.join("id_graph.sql"), template).expect("write");
    fs::write(
        folder.path().join("after/dialects/mine/dialect.yml"),
        "inherits: sqlite\ntitle: Mine\n",
    )
    .expect("write");
    fs::create_dir_all(folder.path().join("before/dialects/mine")).expect("a folder");
    fs::write(
        folder.path().join("before/dialects/mine/dialect.yml"),
        "inherits: sqlite\ntitle: Mine\n",
    )
    .expect("write");
    let text = BEFORE.replace("[postgres, sqlite]", "[mine]");
    for side in ["before", "after"] {
        fs::write(folder.path().join(side).join("idgraph.yml"), &text).expect("write");
    }
    diff(&folder, &[]).fine();
    // A comment more is text alone, another query is another meaning.
    fs::write(own.join("id_graph.sql"), template.replacen("FROM ", "FROM /* mine */ ", 1))
        .expect("write");
    let text = diff(&folder, &["--format", "json"]).exits(1);
    let text: Value = serde_json::from_str(&text.stdout).expect("JSON");
    assert_eq!(object(&text, "acme.id_graph")["what"], "text");
    assert_eq!(text["objects"].as_array().map(Vec::len), Some(1));
    let other = template.replacen("SELECT", "SELECT DISTINCT", 1);
    fs::write(own.join("id_graph.sql"), other).expect("write");
    let run = diff(&folder, &["--format", "json"]);
    let review: Value = serde_json::from_str(&run.exits(1).stdout).expect("JSON");
    assert_eq!(object(&review, "acme.id_graph")["what"], "rebuilt");
    for reader in
        ["acme.external_id_mapping", "acme.profile_traits", "acme.order_completed_resolved"]
    {
        assert_eq!(object(&review, reader)["rows_can_change"], true, "{reader}");
        assert_eq!(object(&review, reader)["what"], "rows", "{reader}");
    }
}

#[test]
fn what_a_migration_takes_away_comes_first_and_a_missing_one_is_asked_for() {
    let folder = one_trait();
    let after = fs::read_to_string(folder.path().join("after/idgraph.yml")).expect("a project");
    fs::write(folder.path().join("after/idgraph.yml"), after.replace("    email: varchar\n", ""))
        .expect("write");
    migrate(&folder, "after", "drop_email");
    let comment = diff(&folder, &["--format", "markdown"]).exits(1).stdout;
    let (_, migrations) = comment.split_once("**Migrations**\n\n").expect("migrations");
    let first = migrations.lines().next().expect("a line");
    assert!(first.contains("0003_drop_email.sql") && first.contains("takes away"), "{first}");
    let annotations = diff(&folder, &["--format", "github"]).exits(1).stdout;
    assert!(annotations.contains("title=destructive"), "{annotations}");
    // Without its migration the change of before is asked to have one.
    for dialect in ["postgres", "sqlite"] {
        let to = folder.path().join("after/migrations").join(dialect);
        fs::remove_dir_all(&to).expect("remove");
        fs::create_dir(&to).expect("a folder");
    }
    let comment = diff(&folder, &["--format", "markdown"]).exits(1).stdout;
    assert!(comment.contains("`idgraph migrate new` writes it"), "{comment}");
}

/// A migration's locks and rewrites, by what the migrations before it leave: no database is asked.
#[test]
fn who_waits_for_a_migration_is_told_without_a_database() {
    let folder = one_trait();
    let project = folder.path().join("after/idgraph.yml");
    let text = fs::read_to_string(&project).expect("a project");
    let text = text
        .replace("total: integer", "total: float")
        .replace("is_vip: boolean", "is_vip: varchar")
        .replace("models:\n", "  Seen: { properties: { path: varchar } }\nmodels:\n");
    fs::write(&project, text).expect("write");
    migrate(&folder, "after", "retype_total");
    let json = diff(&folder, &["--format", "json"]).exits(1).stdout;
    let review: Value = serde_json::from_str(&json).expect("JSON");
    let risks = |file: &str| -> Vec<Value> {
        let migrations = review["migrations"].as_array().expect("migrations").iter();
        let of = migrations.filter(|one| one["file"] == file);
        of.flat_map(|one| one["risks"].as_array().expect("risks").clone()).collect()
    };
    let added = risks("migrations/postgres/0002_add_is_vip.sql");
    let lock = |object: &str| added.iter().find(|one| one["object"] == object).expect("a lock");
    let profiles = lock("acme.profile_traits");
    assert_eq!((&profiles["kind"], &profiles["stops"]), (&"lock".into(), &"everybody".into()));
    assert_eq!(profiles["seconds"], Value::Null, "nobody knows how many rows are written");
    let is_landed = |one: &Value| one["object"] == "acme.identifies";
    assert!(!added.iter().any(is_landed), "a landed table is left alone: {added:#?}");
    let retyped = risks("migrations/postgres/0003_retype_total.sql");
    let about = |object: &str| -> Vec<&str> {
        let of = retyped.iter().filter(|one| one["object"] == object);
        of.map(|one| one["kind"].as_str().expect("a kind")).collect()
    };
    assert_eq!(about("acme.profile_traits"), ["lock", "rewrite"]);
    assert_eq!(about("acme.order_completed"), [""; 0], "a landed table is left alone");
    assert_eq!(about("acme.seen"), [""; 0], "what the migration makes itself nobody waits for");
    let shown = diff(&folder, &[]).exits(1).stdout;
    assert!(shown.contains("    writes acme.profile_traits anew as a whole\n"), "{shown}");
    let annotations = diff(&folder, &["--format", "github"]).exits(1).stdout;
    assert!(
        annotations.lines().any(|line| line.contains("title=locks")
            && line.contains("0003_retype_total.sql")
            && line.contains("writes acme.profile_traits anew")),
        "{annotations}"
    );
}

#[test]
fn a_comment_is_never_too_long_and_says_what_it_leaves_out() {
    let events = |count: usize, properties: &str| -> String {
        (0..count)
            .map(|event| {
                format!("  Event {event}: {{ properties: {{ {properties}, \"b`c\": varchar }} }}\n")
            })
            .collect()
    };
    let text = |properties: &str| {
        BEFORE.replace("models:\n", &format!("{}models:\n", events(300, properties)))
    };
    // A column of another type is no other SQL, one more is.
    let folder = folders(&text("total: integer"), &text("total: float, coupon: varchar"));
    let comment = diff(&folder, &["--format", "markdown"]).exits(1).stdout;
    assert!(comment.chars().count() <= 65_536, "{}", comment.chars().count());
    assert!(comment.contains("too long to be shown here"), "{comment}");
    assert!(comment.contains("\nAnd "), "{comment}");
    assert_eq!(comment.matches("<details>").count(), comment.matches("</details>").count());
    // All of it, for a program.
    let all: Value =
        serde_json::from_str(&diff(&folder, &["--format", "json"]).exits(1).stdout).expect("JSON");
    assert_eq!(all["objects"].as_array().map(Vec::len), Some(600));
}

/// Events that are the same in both versions are not rendered; that must not be seen.
#[test]
fn of_several_events_those_that_differ_are_told() {
    let event = |name: &str, of: &str| format!("  {name}: {{ properties: {{ total: {of} }} }}\n");
    let before = BEFORE.replace(
        "models:\n",
        &format!("{}{}models:\n", event("Seen", "integer"), event("Gone", "float")),
    );
    let after = BEFORE.replace(
        "models:\n",
        &format!(
            "{}{}models:\n",
            event("Seen", "{ type: integer, description: A }"),
            event("New", "float")
        ),
    );
    let run = diff(&folders(&before, &after), &["--format", "json"]).exits(1);
    let review: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let objects = review["objects"].as_array().expect("objects").iter();
    let objects: Vec<(&str, &str)> = objects
        .map(|one| (one["name"].as_str().expect("a name"), one["what"].as_str().expect("a word")))
        .collect();
    assert_eq!(
        objects,
        [
            ("acme.seen", "text"),
            ("acme.new", "added"),
            ("acme.seen_resolved", "text"),
            ("acme.new_resolved", "added"),
            ("acme.gone", "removed"),
            ("acme.gone_resolved", "removed"),
        ]
    );
}

/// A reviewer sees what the fixtures make of the change.
#[test]
fn rows_that_come_out_otherwise_are_shown() {
    let after = BEFORE.replace("traits:\n", "traits:\n  null_means: unset\n");
    let after = after.replace("    email: varchar\n", "    email: varchar\n    is_vip: boolean\n");
    let folder = folders(BEFORE, &after);
    fs::create_dir(folder.path().join("after/fixtures")).expect("a folder");
    let fixture = "batches:
  - land:
      id_graph_updates: [{ segment_id: p, timestamp: 2022-01-01 }]
      identifies: [{ segment_id: p, plan: pro, timestamp: 2022-01-01 }]
    expect: { profile_traits: [{ plan: pro }] }
  - land: { identifies: [{ segment_id: p, email: x, is_vip: true, timestamp: 2022-01-02 }] }
";
    fs::write(folder.path().join("after/fixtures/one.yml"), fixture).expect("write");
    let shown = diff(&folder, &["--rows"]).exits(1).stdout;
    assert!(shown.contains("Rows of the fixtures") && !shown.contains("batch 1"), "{shown}");
    assert!(shown.contains("NULL → true") && shown.contains("pro → NULL"), "{shown}");
    assert!(
        shown.lines().any(|line| line.starts_with("  gone ") && line.contains("plan")),
        "{shown}"
    );
    let comment = diff(&folder, &["--rows", "--format", "markdown"]).exits(1).stdout;
    let table = "**Rows of the fixtures**\n\n```text\nfixtures/one.yml, batch 2, profile_traits\n";
    assert!(comment.contains(table), "{comment}");
    // The same on both sides is said to be the same.
    fs::write(folder.path().join("before/idgraph.yml"), &after).expect("write");
    assert_eq!(diff(&folder, &["--rows"]).fine().stdout, "");
}

/// A repository with a project in a folder of it, committed on main; then a branch, and two commits on main meanwhile.
fn repository() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    git(root, &["init", "-q"]);
    fs::create_dir_all(root.join("ware house")).expect("a folder");
    fs::write(root.join("ware house/idgraph.yml"), BEFORE).expect("write");
    fs::write(root.join("idgraph.yml"), "another: one\n").expect("write");
    git(root, &["add", "-A"]);
    git(root, &["commit", "-qm", "one"]);
    git(root, &["tag", "first"]);
    git(root, &["checkout", "-q", "-b", "topic"]);
    git(root, &["checkout", "-q", "main"]);
    fs::write(root.join("ware house/idgraph.yml"), BEFORE.replace("plan:", "tier:"))
        .expect("write");
    git(root, &["commit", "-qam", "two"]);
    git(root, &["checkout", "-q", "topic"]);
    folder
}

#[test]
fn a_branch_is_compared_with_where_it_left_main() {
    let folder = repository();
    let project = folder.path().join("ware house");
    idgraph(&project, &["diff"]).fine().says(&["where main was left: no difference"]);
    let text = BEFORE.replace("    email: varchar\n", "    email: varchar\n    is_vip: boolean\n");
    fs::write(project.join("idgraph.yml"), text).expect("write");
    // What is not committed counts, and main's own commits do not.
    let run = idgraph(&project, &["diff"]).exits(1);
    assert!(
        run.stdout.contains("+ is_vip boolean") && !run.stdout.contains("tier"),
        "{}",
        run.stdout
    );
    let run = idgraph(&project, &["diff", "main"]).exits(1);
    assert!(run.stdout.contains("− tier"), "{}", run.stdout);
    idgraph(&project, &["diff", "first"]).exits(1);
    // Nothing in the repository changed.
    let status = Command::new("git")
        .args(["status", "--short"])
        .current_dir(folder.path())
        .output()
        .expect("git");
    assert_eq!(String::from_utf8_lossy(&status.stdout), " M \"ware house/idgraph.yml\"\n");
}

#[test]
fn a_project_that_is_new_is_added_whole_and_a_broken_base_is_said() {
    let folder = repository();
    let project = folder.path().join("new");
    fs::create_dir(&project).expect("a folder");
    fs::write(project.join("idgraph.yml"), BEFORE).expect("write");
    let run = idgraph(&project, &["diff", "--format", "json"]).exits(1);
    let review: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert!(
        review["objects"].as_array().expect("objects").iter().all(|one| one["what"] == "added")
    );
    fs::write(folder.path().join("idgraph.yml"), BEFORE).expect("write");
    idgraph(folder.path(), &["diff"]).exits(2).says(&["unknown-key", "in the project as it is in"]);
}

#[test]
fn what_git_cannot_do_is_explained() {
    let folder = repository();
    let project = folder.path().join("ware house");
    idgraph(&project, &["diff", "nowhere"])
        .exits(2)
        .says(&["unknown-revision", "no revision `nowhere`"]);
    idgraph(&project, &["diff", "--", "--upload-pack=x"]).exits(2).says(&["unknown-revision"]);
    let mut without = command::command(&project, &["diff"]);
    without.env("PATH", folder.path());
    finish(without).exits(2).says(&["no-git", "--base DIR"]);
    git(folder.path(), &["branch", "-m", "main", "trunk"]);
    idgraph(&project, &["diff"]).exits(2).says(&["no-base", "there is no main branch"]);
    let outside = folders(BEFORE, BEFORE);
    let mut command = command::command(&outside.path().join("after"), &["diff"]);
    command.env("GIT_CEILING_DIRECTORIES", "/");
    finish(command).exits(2).says(&["no-repository"]);
    idgraph(&outside.path().join("after"), &["diff", "--base", "../nowhere"])
        .exits(2)
        .says(&["no-base", "../nowhere is no folder"]);
}

#[test]
fn a_mistake_of_a_revision_is_named_as_git_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("idgraph.yml");
    fs::write(&file, BEFORE.replace("integer", "integre")).unwrap();
    git(folder.path(), &["init", "-q", "-b", "main"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "one"]);
    fs::write(&file, BEFORE).unwrap();
    let commit = git(folder.path(), &["rev-parse", "HEAD"]);
    for further in [&[][..], &["--rows"]] {
        let run = idgraph(folder.path(), &[&["diff"], further].concat()).exits(2);
        run.says(&[&format!("--> {}:idgraph.yml:8:", &commit.trim()[..10])]);
    }
}
