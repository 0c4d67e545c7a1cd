//! The record as a file: its text, and what is wrong with one.

use idgraph::diagnostic::Source;
use idgraph::project::{Landed, LandedTables};

fn parse(text: &str) -> Result<Landed, String> {
    Landed::parse(&Source::new("landed.json", text)).map_err(|error| error.to_string())
}

#[test]
fn a_record_is_sorted_has_a_line_a_column_and_is_read_as_it_was_written() {
    let mut tables = LandedTables::default();
    let typed = |name: &str| (name.to_owned(), "TEXT".to_owned());
    tables.insert("PAGES", [typed("NAME"), typed("ID"), typed("it's \"a\" ü")]);
    tables.insert("IDENTIFIES", []);
    let mut landed = Landed::default();
    landed.set("snowflake", tables);
    landed.set("bigquery", LandedTables::default());
    let text = landed.text();
    assert_eq!(
        text,
        "{\n  \"version\": 1,\n  \"bigquery\": {},\n  \"snowflake\": {\n    \"IDENTIFIES\": {},\n    \"PAGES\": {\n      \"ID\": \"TEXT\",\n      \"NAME\": \"TEXT\",\n      \"it's \\\"a\\\" ü\": \"TEXT\"\n    }\n  }\n}\n"
    );
    let read = parse(&text).unwrap();
    assert_eq!(read, landed);
    let tables = read.of("snowflake").unwrap();
    // Names are the warehouse's: a project says them in lower case.
    assert_eq!(tables.table("pages").unwrap().sql_type("name"), Some("TEXT"));
    assert_eq!(tables.table("pages").unwrap().sql_type("title"), None);
    assert!(tables.table("screens").is_none() && read.of("postgres").is_none());
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (text, place, word) in [
        ("", "1:1", "EOF while parsing"),
        ("[]", "1:1", "an object with a version"),
        ("{}", "1:", "missing field `version`"),
        ("{ \"version\": 2 }", "1:", "version 2, and this idgraph knows 1"),
        (
            "{\n  \"version\": 1,\n  \"postgres\": []\n}",
            "3:",
            "an object: tables with their columns",
        ),
        (
            "{\n  \"version\": 1,\n  \"postgres\": {\n    \"pages\": {\n      \"id\": 7\n    }\n  }\n}",
            "5:",
            "invalid type: integer `7`, expected a string",
        ),
        (
            "{\n  \"version\": 1,\n  \"postgres\": {\n    \"pages\": {\n      \"id\": \"text\",\n      \"id\": \"text\"\n    }\n  }\n}",
            "6:",
            "`id` is there twice",
        ),
        (
            "{\n  \"version\": 1,\n<<<<<<< HEAD\n  \"postgres\": {}\n}",
            "3:1",
            "key must be a string",
        ),
        ("{ \"version\": 1, \"postgres\": {} } more", "1:", "trailing characters"),
    ] {
        let said = parse(text).unwrap_err();
        assert!(said.contains("error[landed-invalid]"), "{said}");
        assert!(said.contains(&format!("landed.json:{place}")), "{place}: {said}");
        assert!(said.contains(word), "{word}: {said}");
        assert!(said.contains("help: correct it there, or write it anew"), "{said}");
    }
    let deep = format!("{{ \"version\": 1, \"a\": {} }}", "{ \"a\": ".repeat(100_000));
    assert!(parse(&deep).is_err());
}
