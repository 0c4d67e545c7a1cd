//! `idgraph explain`: what it prints, how it ends, and that it changes nothing.

#[path = "support/command.rs"]
mod command;
#[path = "support/landed.rs"]
mod landed;

#[path = "support/sqlite.rs"]
mod sqlite;

use std::fs;

use command::{Run, idgraph};
use serde_json::{Value, json};
use sqlite::{Project, SMALL};

fn explain(project: &Project, further: &[&str]) -> Run {
    idgraph(project.folder(), &[&["explain", "--target", "local"], further].concat())
}

/// Two profiles merged, two more in a cycle, built.
fn built() -> Project {
    let project = Project::new(SMALL);
    project.apply(&[]).fine();
    project.run(
        "INSERT INTO id_graph_updates (id, segment_id, canonical_segment_id, timestamp, seq) VALUES
             ('g1', 'p', 'p', '2024-01-01 00:00:00', '1'),
             ('g2', 'q', 'p', '2024-01-02 00:00:00', NULL),
             ('g3', 'a', 'b', '2024-01-03 00:00:00', NULL),
             ('g4', 'b', 'a', '2024-01-04 00:00:00', NULL);
         INSERT INTO external_id_mapping_updates (id, segment_id, external_id_type, external_id_value)
         VALUES ('e1', 'q', 'email', 'j@x');
         INSERT INTO identifies (id, segment_id, timestamp, email) VALUES ('i1', 'q', '2024-01-02 00:00:00', 'j@x');",
    );
    project.apply(&[]).fine();
    project
}

#[test]
fn a_merged_profile_is_explained_with_its_canonical_one() {
    let project = built();
    let run = explain(&project, &["q"]).fine();
    let expected = r#"Profile "q"

Its way through the graph, by the latest entry of each profile
  "q" → "p"  at 2024-01-02 00:00:00, row "g2"
  "p" is itself  at 2024-01-01 00:00:00, seq 1, row "g1"
  "p" is canonical

It was merged away. What follows is of its canonical profile "p".

Merged into "p": 1
  "q" → "p"  at 2024-01-02 00:00:00, row "g2"

External ids that it holds: 1
  email "j@x"  from "q"  at no known time, row "e1"

Traits, from identifies: 1
  email = "j@x"  from "q"  at 2024-01-02 00:00:00, row "i1"

The tables as they stand say the same.
"#;
    assert_eq!(run.stdout, expected);
}

#[test]
fn a_cycle_is_explained() {
    let run = explain(&built(), &["b"]).fine();
    let expected = "  a cycle of merges: \"b\", \"a\". The entry of \"a\" is the oldest of theirs, and the newer merges win: it is canonical\n";
    assert!(run.stdout.contains(expected), "{}", run.stdout);
    assert!(run.stdout.contains("  email has no value in any row\n"), "{}", run.stdout);
}

#[test]
fn what_the_tables_say_otherwise_is_shown() {
    let project = built();
    project.run("UPDATE profile_traits SET email = 'x' WHERE canonical_segment_id = 'p'");
    let run = explain(&project, &["p"]).fine();
    let expected = "The tables as they stand say something else:
  profile_traits: email is \"x\", and must be \"j@x\"
`idgraph refresh --target local` brings them up to date; `idgraph verify --target local` checks all.\n";
    assert!(run.stdout.ends_with(expected), "{}", run.stdout);
}

#[test]
fn json_has_the_documented_keys() {
    let project = built();
    let run = explain(&project, &["q", "--format", "json"]).fine();
    let found: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let merge = json!({ "segment_id": "q", "canonical_segment_id": "p", "id": "g2", "timestamp": "2024-01-02 00:00:00", "seq": null });
    assert_eq!(
        found,
        json!({
            "segment_id": "q",
            "canonical_segment_id": "p",
            "in_graph": true,
            "entries": [merge, { "segment_id": "p", "canonical_segment_id": "p", "id": "g1", "timestamp": "2024-01-01 00:00:00", "seq": "1" }],
            "cycle": null,
            "merged": [merge],
            "external_ids": [{ "type": "email", "value": "j@x", "row": { "id": "e1", "segment_id": "q", "timestamp": null, "seq": null } }],
            "traits_from": "identifies",
            "traits": [{ "name": "email", "value": "j@x", "row": { "id": "i1", "segment_id": "q", "timestamp": "2024-01-02 00:00:00", "seq": null } }],
            "differences": [],
        })
    );
    let documented = fs::read_to_string("docs/verify.md").expect("docs/verify.md");
    for key in found.as_object().unwrap().keys() {
        assert!(documented.contains(&format!("`{key}")), "{key} is not in docs/verify.md");
    }
}

#[test]
fn a_profile_never_seen_is_said_to_be_and_nothing_is_written() {
    let project = built();
    let before = fs::read(project.file()).expect("the file");
    let run = explain(&project, &["j@x\u{1b}[31m"]).exits(2);
    assert!(!run.stderr.contains('\u{1b}'), "{:?}", run.stderr);
    run.says(&["error[unknown-profile]", "j@x", "it is a segment id, not an external id"]);
    explain(&project, &["p"]).fine();
    assert_eq!(fs::read(project.file()).expect("the file"), before);
    assert_eq!(project.files(), ["acme.db", "idgraph.yml"]);
}

#[test]
fn without_tables_it_says_how_to_have_them() {
    let project = Project::new(SMALL);
    project.run("CREATE TABLE other (id text)");
    explain(&project, &["p"]).exits(2).says(&[
        "error[empty-space]",
        "check `space` and the target; before Segment has landed anything there is nothing to check",
    ]);
    project.land_tables();
    explain(&project, &["p"]).exits(2).says(&[
        "error[not-built]: there is no acme.id_graph, ",
        "`idgraph apply --target local` builds what is missing",
    ]);
}

#[test]
fn an_external_id_stands_for_the_profile_that_holds_it() {
    let project = built();
    let by_id = explain(&project, &["p"]).fine().stdout;
    assert_eq!(explain(&project, &["--external-id", "email=j@x"]).fine().stdout, by_id);
    project.run("INSERT INTO external_id_mapping_updates (id, segment_id, external_id_type, external_id_value) VALUES ('e2', 'b', 'key', 'a=b'), ('e3', 'lone', 'key', '')");
    let run = explain(&project, &["--external-id", "key=a=b", "--format", "json"]).fine();
    assert_eq!(serde_json::from_str::<Value>(&run.stdout).unwrap()["segment_id"], "a");
    let run = explain(&project, &["--external-id", "key=", "--format", "json"]).fine();
    assert_eq!(serde_json::from_str::<Value>(&run.stdout).unwrap()["segment_id"], "lone");
    for id in ["email=J@x", "Email=j@x", "phone=j@x", "=", "email='; DROP TABLE x"] {
        explain(&project, &["--external-id", id]).exits(2).says(&[
            "error[unknown-profile]: no profile holds the external id",
            "looked in external_id_mapping_updates of acme",
        ]);
    }
    explain(&project, &["--external-id", "j@x"]).exits(2).says(&["email=ada@example.com"]);
    explain(&project, &["p", "--external-id", "email=j@x"]).exits(2);
    explain(&project, &[]).exits(2);
}
