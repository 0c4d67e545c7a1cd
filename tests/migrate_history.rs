//! Migrations of a project that has lost what earlier ones made: each of them still passes, in every dialect, with models in the
//! space and in a schema of their own, under names of their own, whatever has landed.

#[path = "support/command.rs"]
mod command;

use std::fs;
use std::path::Path;

use command::idgraph;
use idgraph::dialect::Library;

const EVENTS: &str = "  Order Completed: { properties: { total: float } }\n  Other: {}";

/// Traits, events, models; one after the other.
const STEPS: [(&str, &str, &str); 4] = [
    (
        "visits: integer",
        EVENTS,
        "  id_graph: { materialized: incremental }\n  profile_traits: { materialized: incremental, name: people }\n  \
         user_traits: { materialized: incremental, name: long_traits }\n  resolved_events: { materialized: table, name: '*_seen' }",
    ),
    (
        "visits: integer",
        "  Other: {}",
        "  id_graph: { materialized: incremental }\n  profile_traits: { materialized: incremental, name: profiles }",
    ),
    ("plan: varchar", "  Other: {}", "  id_graph: {}\n  profile_traits: { name: profiles }"),
    (
        "plan: varchar",
        "  Other: {}",
        "  id_graph: {}\n  profile_traits: { name: profiles }\n  user_identifiers: { name: ids }",
    ),
];

#[test]
fn what_a_project_has_lost_its_migrations_may_name() {
    for dialect in Library::embedded().names() {
        for schema in ["", "models_schema: built\n"] {
            let folder = tempfile::tempdir().expect("a folder");
            for (traits, events, models) in STEPS {
                let text = format!(
                    "space: acme\n{schema}dialects: [{dialect}]\ntraits: {{ columns: {{ email: varchar, {traits} }} }}\n\
                     events:\n{events}\nmodels:\n{models}\n"
                );
                both(folder.path(), &text);
            }
        }
    }
}

#[test]
fn what_has_not_landed_is_noted_as_idgraph_notes_it() {
    for dialect in Library::embedded().names() {
        for landed in ["\"nothing\": { \"id\": \"x\" }", "\"id_graph_updates\": {}"] {
            let folder = tempfile::tempdir().expect("a folder");
            let landed = format!("{{ \"version\": 1, \"{dialect}\": {{ {landed} }} }}");
            fs::write(folder.path().join("landed.json"), landed).expect("written");
            let text = format!(
                "space: acme\nmodels_schema: built\ndialects: [{dialect}]\ntraits: {{ columns: {{ email: varchar }} }}\nmodels:\n{}\n",
                STEPS[0].2
            );
            both(folder.path(), &text);
        }
    }
}

/// Written, and in order.
fn both(folder: &Path, project: &str) {
    fs::write(folder.join("idgraph.yml"), project).expect("written");
    idgraph(folder, &["migrate", "new"]).fine();
    idgraph(folder, &["migrate", "check"]).fine();
}
