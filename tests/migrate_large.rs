//! Statements of any size and depth are read, or refused by one clear error: never by a stack that overflows.

use idgraph::diagnostic::Source;
use idgraph::dialect::{Dialect, Library};
use idgraph::migrate::{FileName, MigrationText};

/// What is said of a file; empty when nothing is wrong.
fn said(sql: &str) -> String {
    let dialect = Dialect::load(&Library::embedded(), "postgres").expect("a dialect");
    let source = Source::new("0001_large.sql", format!("SELECT 1;\n{sql};\n"));
    let read = MigrationText::new(FileName::new(1, "large"), source).read(&dialect);
    read.err().map_or(String::new(), |wrong| wrong.to_string())
}

#[test]
fn long_statements_are_read() {
    let rows = |between: &str| {
        let rows: Vec<String> = (0..20_000).map(|at| format!("({at}, 'text {at}')")).collect();
        format!("INSERT INTO acme.id_graph VALUES {}", rows.join(between))
    };
    let selects: Vec<String> = (0..50_000).map(|at| format!("SELECT {at}")).collect();
    for sql in [
        rows(", "),
        rows(",\n"),
        format!("INSERT INTO acme.id_graph {}", selects.join(" UNION ALL ")),
        format!("SELECT 1 {}", "|| 'a' ".repeat(100_000)),
        format!("SELECT 1 {}", "::integer".repeat(100_000)),
        format!("SELECT x {}", "[1]".repeat(50_000)),
        format!("SELECT 1 WHERE true {}", "OR x = 1 ".repeat(50_000)),
        format!("SELECT 1 FROM acme.a {}", "JOIN acme.a USING (x) ".repeat(20_000)),
    ] {
        let shown: String = sql.chars().take(60).collect();
        assert_eq!(said(&sql), "", "{shown}");
    }
}

#[test]
fn what_is_too_deep_or_too_big_is_one_error_at_its_place() {
    for (sql, code) in [
        (format!("SELECT {}1{}", "(".repeat(100_000), ")".repeat(100_000)), "statement-too-deep"),
        (
            format!("SELECT {}1{}", "(SELECT ".repeat(2_000), ")".repeat(2_000)),
            "statement-too-deep",
        ),
        (format!("SELECT 1 {}", "|| 'a' ".repeat(500_000)), "statement-too-big"),
    ] {
        let shown = said(&sql);
        let shown: String = shown.lines().take(2).collect::<Vec<_>>().join("\n");
        assert!(shown.contains(&format!("error[{code}]")), "{shown}");
        assert!(shown.contains("0001_large.sql:2:1"), "{shown}");
    }
    // What the parser gives up on in its own words is an error all the same.
    for deep in ["CASE WHEN true THEN ", "NOT ", "ARRAY[", "- "] {
        let sql = format!("SELECT {}1", deep.repeat(20_000));
        assert!(said(&sql).contains("error["), "{deep}");
    }
}
