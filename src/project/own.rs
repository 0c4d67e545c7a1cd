//! The columns that are Segment's own in each landed table: no trait and no property lands under such a name.
//!
//! What a customer sends under one lands with `_` in front, if at all: `_id`, `_uuid`
//! (<https://www.twilio.com/docs/segment/connections/storage/warehouses/redshift-faq>, and the schemas of users).

/// Every landed table has these.
const COMMON: &[&str] = &["id", "received_at", "uuid_ts", "timestamp"];

/// Every landed table can have these, which no model reads: Segment's number of the row, and BigQuery's load time.
const UNREAD: &[&str] = &["uuid", "loaded_at"];

/// Every table of events has these, and a column for each context field.
const EVENT: &[&str] = &[
    "segment_id",
    "event_source_id",
    "event_id",
    "anonymous_id",
    "user_id",
    "sent_at",
    "original_timestamp",
];

/// Every table of track events has these.
const TRACK: &[&str] = &["event", "event_text"];

/// The table of trait updates has these,
const UPDATES: &[&str] = &[
    "segment_id",
    "seq",
    "triggering_event_type",
    "triggering_event_id",
    "triggering_event_name",
    "triggering_event_source_id",
    "triggering_event_source_name",
    "triggering_event_source_slug",
];

/// and can have these of the call that the traits came with, which no model reads.
const UPDATES_UNREAD: &[&str] =
    &["event_source_id", "event_id", "anonymous_id", "user_id", "sent_at", "original_timestamp"];

/// What Segment calls its own in a landed table.
pub(crate) struct Own {
    /// What models read, or show.
    pub(crate) read: Vec<&'static str>,
    /// What they do not.
    pub(crate) unread: Vec<&'static str>,
}

impl Own {
    /// Whether it has that name. Upper and lower case are the same: not every warehouse keeps the case.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.reads(name) || is_among(&self.unread, name)
    }

    /// Whether the project may say that a trait or property has landed under that name of Segment's: `user_id` and its kin are
    /// in the table of trait updates only for who has them.
    pub(crate) fn allows(&self, name: &str) -> bool {
        !self.reads(name) && !is_among(UNREAD, name)
    }

    /// Whether models read or show a column of Segment's under that name.
    pub(crate) fn reads(&self, name: &str) -> bool {
        is_among(&self.read, name)
    }
}

fn is_among(names: &[&str], name: &str) -> bool {
    names.iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// Segment's own columns of a table that has traits or properties, by the table's name.
pub(crate) fn own(table: &str) -> Own {
    let read = match table {
        "profile_traits_updates" => [COMMON, UPDATES].concat(),
        "identifies" => [COMMON, EVENT].concat(),
        "pages" | "screens" => [COMMON, EVENT, &["name"]].concat(),
        "groups" => [COMMON, EVENT, &["group_id"]].concat(),
        "aliases" => [COMMON, EVENT, &["previous_id"]].concat(),
        _ => [COMMON, EVENT, TRACK].concat(),
    };
    let unread = match table {
        "profile_traits_updates" => [UNREAD, UPDATES_UNREAD].concat(),
        _ => UNREAD.to_vec(),
    };
    Own { read, unread }
}
