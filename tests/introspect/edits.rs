//! `tests/introspect/edits/<name>.yml` is a file, `<name>.txt` what it is afterwards.

use std::fs;
use std::path::{Path, PathBuf};

use idgraph::project::{Addition, with_additions};
use proptest::prelude::*;

use super::golden;

fn word(text: &str) -> Addition {
    Addition::Word(text.to_owned())
}

fn map(entries: &[(&str, Addition)]) -> Addition {
    Addition::Map(entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
}

/// Something new at every place of a file.
fn everything() -> Addition {
    let columns = map(&[("is_vip", word("boolean")), ("null", word("integer"))]);
    let total = map(&[("properties", map(&[("quantity", word("integer"))]))]);
    let event = map(&[("properties", map(&[("plan", word("varchar")), ("price", word("float"))]))]);
    map(&[
        ("context", Addition::List(vec!["page_title".to_owned(), "2nd".to_owned()])),
        ("traits", map(&[("columns", columns)])),
        ("events", map(&[("Order Completed", total), ("signed_up", event), ("left", map(&[]))])),
    ])
}

fn add(text: &str) -> Result<String, String> {
    with_additions("idgraph.yml", text, &everything()).map_err(|error| error.to_string())
}

fn files() -> Vec<PathBuf> {
    let folder = fs::read_dir("tests/introspect/edits").unwrap();
    let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "yml"));
    files.sort();
    assert!(files.len() > 7, "{files:?}");
    files
}

#[test]
fn all_else_of_a_file_stays_as_it_is() {
    for path in files() {
        let old = fs::read_to_string(&path).unwrap();
        let new = add(&old).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        golden(&path.with_extension("txt"), &new);
    }
}

#[test]
fn line_ends_and_a_missing_last_one_stay_as_they_are() {
    for path in files() {
        let old = fs::read_to_string(&path).unwrap();
        let new = add(&old).unwrap();
        let windows = add(&old.replace('\n', "\r\n")).unwrap();
        assert_eq!(windows, new.replace('\n', "\r\n"), "{}", path.display());
        let cut = add(old.trim_end()).unwrap();
        assert_eq!(cut.trim_end(), new.trim_end(), "{}", path.display());
    }
}

#[test]
fn what_stands_for_several_is_not_changed_for_one() {
    for text in [
        "space: acme\ntraits:\n  columns: &all { email: varchar }\nevents:\n  Order Completed: { properties: *all }\n",
        "space: acme\nevents:\n  a: &all { properties: { x: float } }\n  signed_up: *all\n",
        "space: acme\nevents:\n  signed_up: &none\n",
        "space: acme\ntraits: { columns: &all { email: varchar } }\nevents: { a: { properties: *all } }\n",
    ] {
        let error = add(text).unwrap_err();
        assert!(error.contains("error[not-editable]"), "{error}");
        assert!(error.contains("add this by hand:\n"), "{error}");
    }
}

#[test]
fn passwords_are_not_shown() {
    let text = "space: acme\nevents: *x\ntargets:\n  it: { engine: postgres, url: \"postgres://u:hunter2@h/d\" }\n";
    let text = text.replace("space: acme", "x: &x { a: null }\nspace: acme");
    let error = add(&text).unwrap_err();
    assert!(!error.contains("hunter2"), "{error}");
}

/// A file in random layout.
fn any_file() -> impl Strategy<Value = String> {
    let columns = prop::sample::select(vec![
        "\n    email: varchar\n",
        "\n    email: varchar # text\n    # more\n\n",
        " { email: varchar }\n",
        " {\n      email: varchar, # text\n    } # end\n",
        " {}\n",
        "\n",
        " # none\n",
        "\n    email:\n      type: varchar\n      description: |+\n        two\n        lines\n\n",
        "\n    \"email\": { type: varchar, description: \"a, b } # c\" }\n",
    ]);
    let events = prop::sample::select(vec![
        "",
        "events:\n",
        "events: {}\n",
        "events:\n  Order Completed:\n  signed_up:\n    properties:\n      x: float # y\n",
        "events: { Order Completed: , signed_up: { properties: { x: float } } }\n",
        "events:\n  Order Completed: { }\n\n\n# end\n",
        "events: { \"Order Completed\": null,\n  signed_up: {} }\n",
    ]);
    let context = prop::sample::select(vec![
        "",
        "context:\n- url\n- ip # x\n",
        "context: [ url,\n  ip ]\n",
        "context:\n",
        "context: [ ]\n",
        "context:\n  - { name: ip }\n  - name: url\n    pii: true\n",
    ]);
    (columns, events, context, 0..6usize).prop_map(|(columns, events, context, order)| {
        let traits = format!("traits:\n  columns:{columns}");
        let mut parts = [traits.as_str(), events, context];
        parts.rotate_left(order % 3);
        if order > 2 {
            parts.swap(0, 1);
        }
        format!("# head\nspace: acme\n{}# tail\n", parts.concat())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// The values are compared by the code itself; here, that it finds a way, and that nothing of the text is lost.
    #[test]
    fn a_file_of_any_layout_is_added_to(text in any_file()) {
        let new = match add(&text) {
            Ok(new) => new,
            Err(error) => panic!("{text}\n{error}"),
        };
        let mut rest = new.as_str();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            // Something comes into brackets, or they go because it comes below.
            let end = line.split(['{', '[']).next().unwrap_or_default();
            let end = end.trim_end_matches([' ', ']', '}']);
            let at = rest.find(end).unwrap_or_else(|| panic!("`{line}` is lost in:\n{new}"));
            rest = &rest[at + end.len()..];
        }
    }
}

#[test]
fn golden_files_are_of_a_file_each() {
    for entry in fs::read_dir("tests/introspect/edits").unwrap() {
        let path = entry.unwrap().path();
        assert!(Path::new(&path).with_extension("yml").exists(), "{}", path.display());
    }
}
