//! Mistakes in the project file are explained.
//!
//! `tests/mistakes/<code>.yml` is a small bad project, or `<code>-<variant>.yml`; the `.txt` beside it is the whole
//! message. `UPDATE=1 cargo test --test mistakes` rewrites the messages for review.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use idgraph::project::{EngineNeeds, Known, Needs, Project};

/// Codes that no file in the folder can show; each has a test here or beside its code.
const ELSEWHERE: &[&str] = &[
    "file-missing",
    "file-is-directory",
    "file-not-regular",
    "file-unreadable",
    "file-too-big",
    "too-many-mistakes",
    "variable-missing",
    "variable-not-text",
    // tests/not_landed/record.rs
    "landed-invalid",
    "landed-unreadable",
    // tests/introspect/edits.rs
    "not-editable",
    // Guards of the code itself: no file is known to reach it.
    "not-a-project",
];

fn known() -> Known {
    let engine = |name: &str, needs| EngineNeeds { name: name.to_owned(), needs };
    Known {
        dialects: ["postgres", "snowflake", "bigquery", "sqlite"].map(str::to_owned).to_vec(),
        engines: vec![engine("postgres", Needs::Url), engine("sqlite", Needs::Path)],
    }
}

fn mistakes() -> Vec<PathBuf> {
    let files = fs::read_dir("tests/mistakes").unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|end| end == "yml")).collect();
    files.sort();
    files
}

fn message(path: &Path) -> String {
    match Project::read(path, &known()) {
        Ok(_) => panic!("{} has no mistake", path.display()),
        Err(error) => format!("{error}\n"),
    }
}

#[test]
fn every_mistake_is_explained_as_reviewed() {
    let mut differ = Vec::new();
    for path in mistakes() {
        let expected = path.with_extension("txt");
        let message = message(&path);
        let stem = path.file_stem().unwrap().to_str().unwrap();
        assert!(
            message
                .split("error[")
                .filter_map(|part| part.split(']').next())
                .any(|code| { !code.is_empty() && stem.starts_with(code) })
                || stem == "several-sections",
            "{stem} does not show its code:\n{message}"
        );
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&expected, &message).unwrap();
        } else if fs::read_to_string(&expected).ok().as_ref() != Some(&message) {
            differ.push(format!("{}:\n{message}", expected.display()));
        }
    }
    assert!(differ.is_empty(), "not as reviewed (UPDATE=1 rewrites them):\n{}", differ.join("\n"));
}

#[test]
fn every_code_has_an_example() {
    let mut codes = BTreeSet::new();
    let mut folders = vec![PathBuf::from("src/project")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for marker in ["Diagnostic::error(", "known_word("] {
                for (at, _) in text.match_indices(marker) {
                    let rest = text[at + marker.len()..].trim_start();
                    if let Some(code) =
                        rest.strip_prefix('"').and_then(|rest| rest.split('"').next())
                    {
                        codes.insert(code.to_owned());
                    }
                }
            }
        }
    }
    assert!(codes.len() > 30, "the search for codes finds too few: {codes:?}");
    for code in ELSEWHERE {
        assert!(codes.remove(*code), "no such code: {code}");
    }
    let shown: String = mistakes().iter().map(|path| message(path)).collect();
    codes.retain(|code| !shown.contains(&format!("error[{code}]")));
    assert!(codes.is_empty(), "codes without an example in tests/mistakes: {codes:?}");
}

#[test]
fn no_message_shows_a_password() {
    for path in mistakes() {
        assert!(!message(&path).contains("s3cret"), "{}", path.display());
    }
}

#[test]
fn a_missing_file_is_explained() {
    assert_eq!(
        message(Path::new("nowhere/idgraph.yml")),
        "error[file-missing]: there is no project file `nowhere/idgraph.yml`\n |\n \
         = help: write one with `idgraph init`, or give another with `--project FILE`\n"
    );
}

#[test]
fn a_directory_is_explained() {
    assert_eq!(
        message(Path::new("tests")),
        "error[file-is-directory]: `tests` is a directory, not a project file\n |\n \
         = help: give the file in it: `--project tests/idgraph.yml`\n"
    );
}

#[test]
fn a_path_through_a_file_is_explained() {
    let message = message(Path::new("Cargo.toml/idgraph.yml"));
    assert!(
        message.starts_with("error[file-unreadable]: `Cargo.toml/idgraph.yml` cannot be read: "),
        "{message}"
    );
}

#[cfg(unix)]
#[test]
fn a_device_is_explained() {
    assert_eq!(
        message(Path::new("/dev/zero")),
        "error[file-not-regular]: `/dev/zero` is not a regular file\n |\n \
         = note: a device, a pipe or a socket may never end, so it is not read\n \
         = help: save the project to a file and give that one\n"
    );
}

#[test]
fn a_file_too_big_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("idgraph.yml");
    fs::File::create(&path).unwrap().set_len(9 * 1024 * 1024).unwrap();
    let message = message(&path);
    assert!(message.starts_with("error[file-too-big]: "), "{message}");
    assert!(message.contains("it has 9437184 bytes, the limit is 8388608"), "{message}");
}

#[test]
fn of_very_many_mistakes_some_are_shown_and_the_rest_counted() {
    let text: String = (0..1000).map(|index| format!("k{index}: 1\n")).collect();
    let error = Project::parse(Path::new("idgraph.yml"), &text, &known()).unwrap_err();
    let messages: Vec<_> = error.iter().map(|one| one.message().to_owned()).collect();
    assert_eq!(messages.len(), 51);
    assert_eq!(messages[50], "952 more mistakes in this file are not shown");
}
