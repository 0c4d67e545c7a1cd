//! What README.md shows is what idgraph does.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use clap::CommandFactory;
use idgraph::dialect::Library;

const README: &str = include_str!("../README.md");

/// What stands for lines left out.
const ELLIPSIS: &str = "…";

/// The texts of all code blocks of a language.
fn blocks(language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = README.lines();
    while let Some(line) = lines.next() {
        if let Some(found) = line.strip_prefix("```") {
            let block: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            if found == language {
                blocks.push(block.join("\n"));
            }
        }
    }
    blocks
}

/// The only block of a language, or the one that begins so.
fn block(language: &str, begin: &str) -> String {
    let mut found: Vec<_> =
        blocks(language).into_iter().filter(|block| block.starts_with(begin)).collect();
    assert_eq!(found.len(), 1, "one {language} block that begins with {begin:?}");
    found.remove(0)
}

/// Runs idgraph in a folder; returns what it printed.
fn idgraph(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_idgraph"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("run idgraph");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// A folder with the README's project, rendered.
fn rendered() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("idgraph.yml"), block("yaml", "space:")).expect("write");
    idgraph(folder.path(), &["render"]);
    folder
}

/// Asserts that the parts of an excerpt, cut where lines say that something is left out, stand in a text in order.
fn assert_excerpt(excerpt: &str, text: &str) {
    let mut rest = text;
    let mut part = String::new();
    let is_cut = |line: &str| line.trim_start_matches("--").trim() == ELLIPSIS;
    for line in excerpt.lines().chain([ELLIPSIS]) {
        if !is_cut(line) {
            part.push_str(line);
            part.push('\n');
            continue;
        }
        let wanted = part.trim_matches('\n');
        let at = rest.find(wanted);
        let at = at
            .unwrap_or_else(|| panic!("README.md shows\n\n{wanted}\n\nwhich is not in\n\n{rest}"));
        rest = rest.get(at + wanted.len()..).unwrap_or_default();
        part.clear();
    }
}

#[test]
fn the_sql_is_what_the_project_file_renders_to() {
    let folder = rendered();
    let path = folder.path().join("sql/postgres/20_id_graph.sql");
    let text = fs::read_to_string(path).expect("the file of id_graph");
    assert_excerpt(&block("sql", "-- One row for every profile id"), &text);
}

#[test]
fn the_migration_of_a_new_trait_is_what_the_pull_request_shows() {
    let folder = rendered();
    idgraph(folder.path(), &["migrate", "new", "initial"]);
    let project = block("yaml", "space:");
    let with = project.replace("    email: varchar\n", "    email: varchar\n    visits: integer\n");
    assert_ne!(with, project);
    fs::write(folder.path().join("idgraph.yml"), with).expect("write");
    idgraph(folder.path(), &["migrate", "new"]);
    let path = folder.path().join("migrations/postgres/0002_add_visits.sql");
    let text = fs::read_to_string(path).expect("the migration");
    assert_excerpt(&block("sql", "-- 0002"), &text);
}

#[test]
fn the_files_are_those_that_the_project_file_renders_to() {
    let folder = rendered();
    let mut files: Vec<String> = fs::read_dir(folder.path().join("sql/postgres"))
        .expect("a folder for Postgres")
        .map(|file| format!("sql/postgres/{}", file.expect("a file").file_name().display()))
        .collect();
    files.sort();
    assert_eq!(block("text", "sql/"), files.join("\n"));
}

#[test]
fn the_demo_prints_what_is_shown() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = idgraph(folder.path(), &["demo"]);
    // Columns are aligned with blanks that an editor may take off a line's end.
    let trimmed: Vec<_> = output.lines().map(str::trim_end).collect();
    assert_excerpt(&block("text", "Two visitors"), &trimmed.join("\n"));
}

#[test]
fn every_command_is_in_the_table_with_options_that_it_has() {
    let commands = idgraph::cli::Arguments::command();
    for command in commands.get_subcommands() {
        let own = |command: &clap::Command| -> BTreeSet<String> {
            command.get_arguments().filter_map(clap::Arg::get_long).map(str::to_owned).collect()
        };
        let names: Vec<(String, BTreeSet<String>)> = if command.has_subcommands() {
            let inner = command.get_subcommands();
            inner
                .map(|inner| {
                    let name = format!("`idgraph {} {}", command.get_name(), inner.get_name());
                    (name, &own(command) | &own(inner))
                })
                .collect()
        } else {
            vec![(format!("`idgraph {}", command.get_name()), own(command))]
        };
        for (name, options) in names {
            let is_named = |cell: &str| {
                cell.match_indices(&name).any(|(at, _)| {
                    let rest = cell.get(at + name.len()..).unwrap_or_default();
                    rest.starts_with(['`', ' '])
                })
            };
            let rows: Vec<&str> = README
                .lines()
                .filter(|line| line.split('|').nth(1).is_some_and(is_named))
                .collect();
            assert!(!rows.is_empty(), "{name}` is in no table");
            for word in
                rows.concat().split(|char: char| !char.is_ascii_alphanumeric() && char != '-')
            {
                if let Some(option) = word.strip_prefix("--").filter(|option| !option.is_empty()) {
                    assert!(options.contains(option), "{name}` has no option --{option}");
                }
            }
        }
    }
}

#[test]
fn every_dialect_is_in_the_table() {
    for name in Library::embedded().names() {
        assert!(
            README.lines().any(|line| line.starts_with(&format!("| `{name}`"))),
            "dialect {name} is in no table"
        );
    }
}
