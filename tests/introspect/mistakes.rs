//! What is wrong with an export is said with its line, and nothing is written.

use std::fs;

use super::support::command::idgraph;

/// What is said of an export of that text.
fn said(text: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let project = "space: acme\ndialects: [postgres]\n";
    fs::write(folder.path().join("idgraph.yml"), project).unwrap();
    fs::write(folder.path().join("export"), text).unwrap();
    let arguments = ["introspect", "--from", "export", "--dialect", "postgres"];
    let run = idgraph(folder.path(), &arguments).exits(2);
    assert_eq!(run.stdout, "");
    assert_eq!(fs::read_to_string(folder.path().join("idgraph.yml")).unwrap(), project);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    run.stderr
}

#[test]
fn mistakes_are_said_with_their_line() {
    for (text, says) in [
        (
            "",
            [
                "error[export-header]: the header of export has no table_name, no column_name, no data_type",
                "export:1:1",
            ],
        ),
        (
            "table,column,type\na,b,c\n",
            ["has no table_name, no column_name, no data_type", "export:1:1"],
        ),
        ("table_name,column_name\na,b\n", ["has no data_type", "export:1:1"]),
        ("hello\nworld\n", ["error[export-header]", "introspect --print-query"]),
        (
            "table_name,column_name,data_type\na,b,text\na,b\n",
            ["this line has 2 fields, the header 3", "export:3:1"],
        ),
        (
            "table_name,column_name,data_type\na,b,text\na,,text\n",
            ["error[export-row]: this row has no column_name", "export:3:1"],
        ),
        (
            "table_name,column_name,data_type\na,b,text\na,b,bigint\n",
            ["error[export-twice]: a.b is there twice, with two types", "export:3:1"],
        ),
        (
            "table_schema,table_name,column_name,data_type\nother,a,b,text\n",
            ["has no row of the space acme", "its rows are of: other"],
        ),
        (
            "[{\"table_name\": \"a\"},\n {\"table_name\": 1, \"column_name\": null}]",
            ["this row has no column_name, no data_type", "export:2:2"],
        ),
        (
            "[\n{\"table_name\": \"a\", oops}]",
            ["error[export-invalid]: export is not JSON: key must be a string", "export:2:"],
        ),
        (
            "[{\"table_name\": \"a\", \"column_name\": \"b\", \"data_type\": \"text\"}",
            ["the array is not closed", "export:1:"],
        ),
        ("[1, 2]", ["is not JSON: invalid type: integer `1`, expected a map", "export:1:"]),
        (
            "{\"rows\": []}",
            ["this row has no table_name, no column_name, no data_type", "export:1:1"],
        ),
    ] {
        let shown = said(text.as_bytes());
        for words in says {
            assert!(shown.contains(words), "`{words}` of {text:?} is not in:\n{shown}");
        }
        assert!(shown.contains("help: "), "{shown}");
    }
    assert!(said(b"table_name,column_name,data_type\na,b\xff,text\n").contains("line 2 has bytes"));
}

#[test]
fn only_so_many_are_said() {
    let rows = "a,,text\n".repeat(1000);
    let shown = said(format!("table_name,column_name,data_type\n{rows}").as_bytes());
    assert_eq!(shown.matches("error[export-row]").count(), 10);
}

#[test]
fn what_is_not_told_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        idgraph(folder.path(), &[&["introspect"], arguments].concat()).exits(2)
    };
    run(&[]).says(&["read an export of the catalog: --from FILE"]);
    run(&["--print-query"]).says(&["--dialect <NAME>"]);
    run(&["--print-query", "--dialect", "postgres"])
        .says(&["error[space-unknown]", "--space NAME"]);
    run(&["--print-query", "--dialect", "postgre", "--space", "a"])
        .says(&["did you mean `postgres`?"]);
    run(&["--target", "it"]).says(&["error[file-missing]"]);
    run(&["--from", "nowhere.csv", "--dialect", "postgres"]).says(&["error[export-unreadable]"]);
    run(&["--from", ".", "--dialect", "postgres"]).says(&["cannot read .: is a directory"]);
    fs::write(folder.path().join("c.csv"), "table_name,column_name,data_type\na,b,text\n").unwrap();
    run(&["--from", "c.csv", "--dialect", "postgres"]).says(&["error[space-unknown]"]);
    fs::write(folder.path().join("idgraph.yml"), "space: acme\ndialects: [postgres]\n").unwrap();
    run(&["--from", "c.csv", "--dialect", "postgres", "--space", "other"])
        .says(&["error[space-given-twice]", "idgraph.yml:1:8"]);
    run(&["--target", "it"]).says(&["error[unknown-target]"]);
}
