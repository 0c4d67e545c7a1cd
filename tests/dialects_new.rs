//! `idgraph dialect new` begins a dialect that renders as its parent does until something is said in it.

#[path = "support/command.rs"]
mod command;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use command::idgraph;
use idgraph::dialect::Library;
use tempfile::TempDir;

/// A project that renders the dialect `mine` and its parent.
fn project(parent: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!(
        "space: acme\ndialects: [mine, {parent}]\ntraits: {{ columns: {{ email: varchar, order: integer }} }}\nmodels: {{ resolved_events: {{}}, user_traits: {{ name: long_traits }}, profile_traits: {{ materialized: incremental }}, id_graph: {{ materialized: incremental }} }}\n"
    );
    fs::write(folder.path().join("idgraph.yml"), text).expect("write");
    folder
}

fn new(folder: &TempDir, parent: &str) -> String {
    idgraph(folder.path(), &["dialect", "new", "mine", "--inherits", parent]).fine();
    fs::read_to_string(folder.path().join("dialects/mine/dialect.yml")).expect("facts")
}

/// Rendered files by name.
fn rendered(folder: &Path, dialect: &str) -> BTreeMap<String, String> {
    let files = fs::read_dir(folder.join("sql").join(dialect)).expect("a folder");
    files
        .map(|entry| entry.expect("a file").path())
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("text"))
        })
        .collect()
}

#[test]
fn a_new_dialect_renders_as_its_parent() {
    for parent in Library::embedded().names() {
        let folder = project(&parent);
        let facts = new(&folder, &parent);
        idgraph(folder.path(), &["render"]).fine();
        assert_eq!(rendered(folder.path(), "mine"), rendered(folder.path(), &parent), "{parent}");

        // What stands behind # is the parent's, and as good without it.
        let uncommented: String = facts
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(fact) if !fact.is_empty() && !fact.starts_with("# ") && is_fact(fact) => fact,
                _ => line,
            })
            .map(|line| format!("{line}\n"))
            .collect();
        assert_ne!(uncommented, facts);
        fs::write(folder.path().join("dialects/mine/dialect.yml"), uncommented).expect("write");
        idgraph(folder.path(), &["render"]).fine();
        assert_eq!(rendered(folder.path(), "mine"), rendered(folder.path(), &parent), "{parent}");
    }
}

/// A line of YAML stands right behind its `#`, or after an even number of blanks; prose after one.
fn is_fact(line: &str) -> bool {
    let blanks = line.len() - line.trim_start().len();
    blanks != 1
}

#[test]
fn a_fact_that_is_changed_is_rendered_without_a_line_of_rust() {
    let folder = project("postgres");
    let facts = new(&folder, "postgres");
    let changed =
        facts.replace("#types:", "types:").replace("#  varchar: text", "  varchar: citext");
    assert_ne!(changed, facts);
    fs::write(folder.path().join("dialects/mine/dialect.yml"), changed).expect("write");
    idgraph(folder.path(), &["render"]).fine();
    let files = rendered(folder.path(), "mine");
    let table = files["20_id_graph.sql"].split_once("CREATE TABLE").expect("a table").1;
    let (columns, _) = table.split_once("\n);").expect("its end");
    assert!(columns.contains("citext"), "{columns}");
    assert!(!columns.contains(" text"), "{columns}");
    // What is written for a sandbox, too.
    let landed = idgraph(folder.path(), &["render", "--landed", "--stdout", "--dialect", "mine"]);
    let landed = landed.fine().stdout;
    let (_, landed) = landed.split_once("CREATE TABLE").expect("a table");
    assert!(landed.contains("citext"), "{landed}");
    assert!(!landed.contains(" text"), "{landed}");
}

#[test]
fn nothing_is_overwritten() {
    let folder = project("postgres");
    let facts = new(&folder, "postgres") + "# mine\n";
    let path = folder.path().join("dialects/mine/dialect.yml");
    fs::write(&path, &facts).expect("write");
    idgraph(folder.path(), &["dialect", "new", "mine", "--inherits", "duckdb"])
        .exits(2)
        .says(&["error[dialect-exists]: there is a dialect `mine` already"]);
    idgraph(folder.path(), &["dialect", "new", "sqlite", "--inherits", "duckdb"])
        .exits(2)
        .says(&["error[dialect-exists]: there is a dialect `sqlite` already"]);
    assert_eq!(fs::read_to_string(&path).expect("facts"), facts);
    // A folder without facts is no dialect; what is in it stays.
    let theirs = folder.path().join("dialects/theirs");
    fs::create_dir_all(theirs.join("dialect.yml")).expect("a folder");
    idgraph(folder.path(), &["dialect", "new", "theirs", "--inherits", "duckdb"]).exits(2);
    assert!(theirs.join("dialect.yml").is_dir());
}

#[test]
fn names_and_parents_that_cannot_be_are_explained() {
    let folder = project("postgres");
    for name in ["../mine", "Mine", "1st", "", "a b", "-x"] {
        let arguments = ["dialect", "new", "--inherits", "postgres", "--", name];
        idgraph(folder.path(), &arguments).exits(2).says(&["error[dialect-name]"]);
    }
    idgraph(folder.path(), &["dialect", "new", "mine", "--inherits", "postgress"])
        .exits(2)
        .says(&["error[unknown-dialect]", "did you mean `postgres`?"]);
    assert!(!folder.path().join("dialects").exists());
}
