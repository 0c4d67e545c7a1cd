//! The reference model itself, on identifiers taken away and traits unset by NULL: what it says against what was
//! reasoned out by hand.

use crate::model::{Landed, Row, Settings, Value, tables};
use crate::scenario::{entry, event, mapping};

fn holders(rows: impl IntoIterator<Item = Row>) -> Vec<String> {
    let landed = Landed::default()
        .and("id_graph_updates", [entry("q", "p", 1), entry("p", "p", 1)])
        .and("external_id_mapping_updates", rows);
    let settings = Settings { has_operation: true, ..Settings::default() };
    let tables = tables(&landed, &settings);
    let holder = |row: &Row| row.text("canonical_segment_id").unwrap().to_owned();
    tables["external_id_mapping"].iter().map(holder).collect()
}

#[test]
fn a_removed_identifier_is_its_profile_s_no_more() {
    let has = |segment: &str, on: u32| mapping(segment, "email", "j@x", on);
    let loses = |segment: &str, on: u32| has(segment, on).with("__operation", "REMOVED");
    let nobody: [&str; 0] = [];
    assert_eq!(holders([has("p", 1), loses("p", 2)]), nobody);
    assert_eq!(holders([has("p", 3), loses("p", 2)]), ["p"]);
    // Taken from one segment of a merged profile, it is taken from the profile.
    assert_eq!(holders([has("p", 1), loses("q", 2)]), nobody);
    // The last to hold it keeps it, though another lost it later.
    assert_eq!(holders([has("p", 1), has("r", 2), loses("r", 3)]), ["p"]);
    assert_eq!(holders([has("p", 1), has("r", 2), loses("p", 3)]), ["r"]);
    assert_eq!(holders([has("r", 1), has("p", 2)]), ["p"]);
}

#[test]
fn where_null_unsets_the_latest_row_decides_every_trait() {
    let landed =
        Landed::default().and("id_graph_updates", [entry("q", "p", 1), entry("p", "p", 1)]).and(
            "profile_traits_updates",
            [
                event("p", 1).with("plan", "free").with("visits", 1_i64),
                event("q", 2).with("plan", "pro"),
            ],
        );
    let mut settings = Settings {
        traits_from: "profile_traits_updates".to_owned(),
        traits: vec!["plan".to_owned(), "visits".to_owned()],
        ..Settings::default()
    };
    let visits = |settings: &Settings| {
        let rows = tables(&landed, settings).remove("profile_traits").unwrap();
        let of_p = rows.iter().find(|row| row.text("canonical_segment_id") == Some("p")).unwrap();
        assert_eq!(of_p.text("plan"), Some("pro"));
        of_p.get("visits").clone()
    };
    assert_eq!(visits(&settings), Value::from(1_i64));
    settings.null_means_unset = true;
    assert_eq!(visits(&settings), Value::Null);
}
