//! Generated migrations are as reviewed: `tests/migrations/written/<change>/<dialect>.sql` is the way forward,
//! `<dialect>.down.sql` the way back, and `<dialect>.txt` the message where a dialect cannot make the change.
//!
//! `UPDATE=1 cargo test --test migrations_written` rewrites them for review.

#[path = "support/command.rs"]
mod command;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use command::idgraph;
use idgraph::dialect::{Dialect, Library};
use tempfile::TempDir;

const FOLDER: &str = "tests/migrations/written";

/// What to write in place of what.
type Edits = &'static [(&'static str, &'static str)];

const PROJECT: &str = "space: acme
dialects: [DIALECT]
context: [url]
traits:
  columns:
    email: varchar
    visits: integer
events:
  Order Completed:
    properties:
      total: float
models:
  id_graph: {}
  external_id_mapping: {}
  profile_traits: {}
";

/// Every model that can be is incremental.
const INCREMENTAL: Edits = &[
    ("id_graph: {}", "id_graph: { materialized: incremental }"),
    ("external_id_mapping: {}", "external_id_mapping: { materialized: incremental }"),
    (
        "profile_traits: {}",
        "profile_traits: { materialized: incremental }\n  user_traits: { materialized: incremental, name: long_traits }",
    ),
];

/// The same, with a trait that has been renamed, where a landed row is a snapshot.
const RENAMED: Edits = &[
    INCREMENTAL[0],
    INCREMENTAL[1],
    INCREMENTAL[2],
    ("    email: varchar\n", "    mail: { type: varchar, renamed_from: email }\n"),
    ("  columns:\n", "  from: profile_traits_updates\n  columns:\n"),
];

/// Models that the warehouse keeps up to date, where it can.
const DYNAMIC: Edits = &[
    ("id_graph: {}", "id_graph: { materialized: dynamic_table }"),
    ("profile_traits: {}", "profile_traits: { materialized: dynamic_table }"),
    ("models:\n", "dynamic_tables: { warehouse: transforming }\nmodels:\n"),
];

const EVENTS: Edits = &[("profile_traits: {}", "profile_traits: {}\n  resolved_events: {}")];

const LONG: Edits =
    &[("profile_traits: {}", "profile_traits: {}\n  user_traits: { name: long_traits }")];

/// Name, what the project has besides before, and what changes.
const CHANGES: [(&str, Edits, Edits); 31] = [
    (
        "new_trait",
        LONG,
        &[(
            "    visits: integer\n",
            "    visits: integer\n    plan: { type: varchar, description: \"It's what they pay for\" }\n",
        )],
    ),
    (
        "new_trait_incremental",
        INCREMENTAL,
        &[("    visits: integer\n", "    visits: integer\n    plan: varchar\n")],
    ),
    ("dropped_trait", LONG, &[("    visits: integer\n", "")]),
    (
        "renamed_trait",
        LONG,
        &[("    email: varchar\n", "    mail: { type: varchar, renamed_from: email }\n")],
    ),
    (
        "renamed_again",
        RENAMED,
        &[(
            "mail: { type: varchar, renamed_from: email }",
            "address: { type: varchar, renamed_from: [mail, email] }",
        )],
    ),
    (
        "new_event",
        EVENTS,
        &[("events:\n", "events:\n  Signed Up: { properties: { plan: varchar } }\n")],
    ),
    (
        "dropped_event",
        EVENTS,
        &[("  Order Completed:\n    properties:\n      total: float\n", "  {}\n")],
    ),
    (
        "new_property",
        EVENTS,
        &[("      total: float\n", "      total: float\n      coupon: varchar\n")],
    ),
    ("dropped_property", EVENTS, &[("      total: float\n", "      {}\n")]),
    ("new_context", EVENTS, &[("[url]", "[url, page_title]")]),
    ("dropped_context", EVENTS, &[("[url]", "[]")]),
    (
        "new_models",
        &[],
        &[(
            "profile_traits: {}",
            "profile_traits: {}\n  user_identifiers: { name: identifiers }\n  profile_merges: { materialized: view, name: merges }",
        )],
    ),
    (
        "dropped_models",
        &[(
            "profile_traits: {}",
            "profile_traits: {}\n  user_identifiers: { name: identifiers }\n  profile_merges: { materialized: view, name: merges }",
        )],
        &[(
            "\n  user_identifiers: { name: identifiers }\n  profile_merges: { materialized: view, name: merges }",
            "",
        )],
    ),
    ("integer_to_float", LONG, &[("visits: integer", "visits: float")]),
    ("integer_to_varchar", LONG, &[("visits: integer", "visits: varchar")]),
    ("varchar_to_integer", LONG, &[("email: varchar", "email: integer")]),
    (
        "table_to_view",
        &[],
        &[("external_id_mapping: {}", "external_id_mapping: { materialized: view }")],
    ),
    (
        "view_to_table",
        &[("external_id_mapping: {}", "external_id_mapping: { materialized: view }")],
        &[("external_id_mapping: { materialized: view }", "external_id_mapping: {}")],
    ),
    ("table_to_incremental", &[], &[("id_graph: {}", "id_graph: { materialized: incremental }")]),
    (
        "incremental_to_table",
        &[("id_graph: {}", "id_graph: { materialized: incremental }")],
        &[("id_graph: { materialized: incremental }", "id_graph: {}")],
    ),
    ("table_to_dynamic", &[], DYNAMIC),
    (
        "dynamic_to_incremental",
        DYNAMIC,
        &[
            (
                "id_graph: { materialized: dynamic_table }",
                "id_graph: { materialized: incremental }",
            ),
            (
                "profile_traits: { materialized: dynamic_table }",
                "profile_traits: { materialized: incremental }",
            ),
        ],
    ),
    (
        "new_trait_dynamic",
        DYNAMIC,
        &[("    visits: integer\n", "    visits: integer\n    plan: varchar\n")],
    ),
    ("another_target_lag", DYNAMIC, &[("transforming }", "transforming, target_lag: 15m }")]),
    ("another_warehouse", DYNAMIC, &[("transforming }", "loading, target_lag: 15m }")]),
    (
        "another_refresh_mode",
        DYNAMIC,
        &[("transforming }", "transforming, target_lag: 15m, refresh_mode: full }")],
    ),
    (
        "another_description_dynamic",
        DYNAMIC,
        &[("email: varchar", "email: { type: varchar, description: \"Where they're reached\" }")],
    ),
    ("another_meaning", &[], &[("traits:\n", "traits:\n  null_means: unset\n")]),
    (
        "another_description",
        EVENTS,
        &[("email: varchar", "email: { type: varchar, description: \"Where they're reached\" }")],
    ),
    ("other_lookups", &[], &[]),
    ("another_space", &[], &[("space: acme", "space: other")]),
];

fn changed(text: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "`{from}` is not in:\n{text}");
        text.replacen(from, to, 1)
    })
}

/// Writes a project for some dialects.
fn write(folder: &Path, dialects: &str, text: &str) {
    let text = text.replace("DIALECT", dialects);
    fs::write(folder.join("idgraph.yml"), text).expect("write");
}

/// The first migrations of a project, for all dialects.
fn begun(before: &str, dialects: &[String]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), &dialects.join(", "), before);
    idgraph(folder.path(), &["migrate", "new"]).fine();
    folder
}

/// What `migrate new` writes for a change, by the path below the folder.
fn written(begun: &Path, dialect: &str, name: &str, after: &str) -> Vec<(PathBuf, String)> {
    let folder = tempfile::tempdir().expect("a folder");
    let migrations = folder.path().join("migrations").join(dialect);
    fs::create_dir_all(&migrations).expect("a folder");
    for file in fs::read_dir(begun.join("migrations").join(dialect)).expect("migrations").flatten()
    {
        fs::copy(file.path(), migrations.join(file.file_name())).expect("copy");
    }
    change_record(folder.path(), dialect, name);
    write(folder.path(), dialect, after);
    let run = idgraph(folder.path(), &["migrate", "new", name]);
    let below = |end: &str| Path::new(name).join(format!("{dialect}{end}"));
    if run.code != Some(0) {
        assert_eq!(run.code, Some(2), "{}", run.stderr);
        return vec![(below(".txt"), run.stderr)];
    }
    // What is written passes the check that CI runs.
    idgraph(folder.path(), &["migrate", "check"]).fine();
    let mut files = Vec::new();
    for end in [".sql", ".down.sql"] {
        match fs::read_to_string(migrations.join(format!("0002_{name}{end}"))) {
            Ok(text) => files.push((below(end), text)),
            Err(_) if end == ".sql" => files.push((below(".txt"), run.stderr.clone())),
            Err(_) => {}
        }
    }
    files
}

/// What no project can change: which columns an earlier idgraph made quick to look up.
fn change_record(folder: &Path, dialect: &str, name: &str) {
    if name != "other_lookups" {
        return;
    }
    let path = folder.join("migrations").join(dialect).join("schema.json");
    let text = fs::read_to_string(&path).expect("the recorded schema");
    let line = |line: &str| match line.contains("\"id_graph_segment_id_idx\"") {
        true => line
            .replace("id_graph_segment_id_idx", "id_graph_timestamp_idx")
            .replace("(segment_id)", "(timestamp)"),
        false => line.to_owned(),
    };
    let text: String = text.lines().map(|one| line(one) + "\n").collect();
    fs::write(path, text).expect("write");
}

/// Whether a dialect has dynamic tables.
fn is_dynamic(dialect: &str) -> bool {
    let dialect = Dialect::load(&Library::embedded(), dialect).expect("a dialect");
    dialect.facts.can.dynamic_tables
}

fn all() -> BTreeMap<PathBuf, String> {
    let dialects = Library::embedded().names();
    let mut first: BTreeMap<String, TempDir> = BTreeMap::new();
    for (_, has, _) in CHANGES {
        let before = changed(PROJECT, has);
        let has_all = |name: &&String| !before.contains("dynamic_table") || is_dynamic(name);
        let able: Vec<String> = dialects.iter().filter(has_all).cloned().collect();
        first.entry(before).or_insert_with_key(|before| begun(before, &able));
    }
    let of_dialect = |dialect: &str| -> Vec<(PathBuf, String)> {
        let able = CHANGES.iter().filter(|(_, has, _)| *has != DYNAMIC || is_dynamic(dialect));
        let files = able.flat_map(|(name, has, changes)| {
            let before = changed(PROJECT, has);
            written(first[&before].path(), dialect, name, &changed(&before, changes))
        });
        files.collect()
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            dialects.iter().map(|dialect| scope.spawn(|| of_dialect(dialect))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a dialect's files")).collect()
    })
}

fn reviewed() -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    for change in fs::read_dir(FOLDER).into_iter().flatten().flatten() {
        for file in fs::read_dir(change.path()).expect("a folder").flatten() {
            let text = fs::read_to_string(file.path()).expect("text");
            let path = file.path();
            files.insert(path.strip_prefix(FOLDER).expect("below").to_owned(), text);
        }
    }
    files
}

#[test]
fn generated_migrations_are_as_reviewed() {
    let wanted = all();
    if std::env::var_os("UPDATE").is_some() {
        for path in reviewed().keys().filter(|path| !wanted.contains_key(*path)) {
            fs::remove_file(Path::new(FOLDER).join(path)).expect("remove");
        }
        for (path, text) in &wanted {
            let path = Path::new(FOLDER).join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("write");
        }
    }
    let reviewed = reviewed();
    let paths = wanted.keys().chain(reviewed.keys().filter(|path| !wanted.contains_key(*path)));
    let differ: Vec<String> = paths
        .filter(|path| wanted.get(*path) != reviewed.get(*path))
        .map(|path| path.display().to_string())
        .collect();
    assert!(differ.is_empty(), "differ (UPDATE=1 rewrites them):\n{}", differ.join("\n"));
}

#[test]
fn lines_are_clean_and_short_enough_to_read() {
    for (path, text) in reviewed() {
        let is_sql = path.extension().is_some_and(|end| end == "sql");
        for (index, line) in text.lines().enumerate().filter(|_| is_sql) {
            let at = format!("{}:{}: {line}", path.display(), index + 1);
            assert_eq!(line, line.trim_end(), "a trailing blank in {at}");
            assert!(!line.contains('\t') && !line.contains("{{"), "{at}");
            let code = line.split('\'').step_by(2).map(|part| part.chars().count()).sum::<usize>();
            assert!(code <= 140, "{code} columns of code in {at}");
        }
        assert!(!text.contains("\n\n\n") || !is_sql, "{}: two blank lines", path.display());
    }
}
