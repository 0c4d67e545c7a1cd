//! Which landed columns look like traits, properties or context fields that a project could list.

use std::path::Path;

use idgraph::engine;
use idgraph::project::{Known, Project};
use idgraph::warehouse::{Discovered, Warehouse, discovered};

const TRAIT_TABLES: [&str; 2] = ["identifies", "profile_traits_updates"];

#[test]
fn what_was_sent_is_a_trait_or_a_property() {
    for table in ["identifies", "profile_traits_updates", "order_completed", "IDENTIFIES"] {
        // The last ones resemble Segment's own and are none.
        for name in [
            "email",
            "plan",
            "EMAIL",
            "contexts",
            "context",
            "_open",
            "hidden",
            "uuid_ts_2",
            "_uuid",
            "_id",
        ] {
            assert_eq!(discovered(table, name), Discovered::Value, "{table}.{name}");
        }
    }
    assert!(discovered("identifies", "name").is_value(), "only pages have a name of their own");
    assert!(discovered("order_completed", "group_id").is_value());
    assert!(discovered("order_completed", "merged_to").is_value());
}

#[test]
fn what_segment_keeps_for_itself_is_neither() {
    for table in ["identifies", "profile_traits_updates", "order_completed"] {
        for name in [
            "id",
            "segment_id",
            "received_at",
            "uuid_ts",
            "timestamp",
            "Timestamp",
            "__operation",
            "__profile_version",
            "hidden_entry",
            "journey_1_hidden_entry",
            "j_o_HIDDEN_ENTRY_JOINED_AT",
            "context_",
            "uuid",
            "loaded_at",
            "canonical_segment_id",
        ] {
            assert_eq!(discovered(table, name), Discovered::Own, "{table}.{name}");
        }
    }
    for (table, name) in [
        ("identifies", "anonymous_id"),
        ("identifies", "merged_to"),
        ("profile_traits_updates", "seq"),
        ("profile_traits_updates", "user_id"),
        ("profile_traits_updates", "anonymous_id"),
        ("profile_traits_updates", "sent_at"),
        ("profile_traits_updates", "triggering_event_source_slug"),
        ("profile_traits_updates", "merged_to"),
        ("order_completed", "event"),
        ("order_completed", "event_text"),
        ("pages", "name"),
        ("groups", "group_id"),
        ("aliases", "previous_id"),
    ] {
        assert_eq!(discovered(table, name), Discovered::Own, "{table}.{name}");
    }
}

#[test]
fn the_tables_of_the_graph_hold_nothing_that_was_sent() {
    for table in ["id_graph_updates", "external_id_mapping_updates"] {
        for name in ["email", "context_locale", "seq"] {
            assert_eq!(discovered(table, name), Discovered::Own, "{table}.{name}");
        }
    }
}

#[test]
fn a_context_field_is_told_by_its_prefix_and_only_events_have_one() {
    assert_eq!(discovered("pages", "context_page_url"), Discovered::Context("page_url"));
    assert_eq!(discovered("identifies", "CONTEXT_LOCALE"), Discovered::Context("LOCALE"));
    assert_eq!(discovered("profile_traits_updates", "context_locale"), Discovered::Own);
}

#[test]
fn no_column_that_idgraph_itself_expects_is_discovered() {
    for from in TRAIT_TABLES {
        let text = format!(
            "space: acme\ndialects: [postgres]\ntraits:\n  from: {from}\n  columns: {{ email: varchar }}\n\
             models:\n  resolved_events: {{}}\nevents:\n  Order Completed: {{}}\n\
             external_ids: {{ removals: true }}\n"
        );
        let known = Known { dialects: vec!["postgres".to_owned()], engines: engine::known() };
        let project = Project::parse(Path::new("idgraph.yml"), &text, &known).expect("a project");
        for table in Warehouse::of(&project).landed {
            for column in &table.columns {
                let is_listed = column.place.is_some();
                assert_eq!(
                    discovered(&table.name, &column.name).is_value(),
                    is_listed,
                    "{}.{}",
                    table.name,
                    column.name
                );
            }
        }
    }
}
