//! Columns that Segment has landed and no project names yet: what they are, by their names alone.

use super::landed;
use crate::project::own::own;

/// What a landed column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discovered<'a> {
    /// Segment's own, or one that no project can name: it holds nothing that a project could list.
    Own,
    /// A context field, by its key: `locale` of the column `context_locale`.
    Context(&'a str),
    /// A value that was sent: a trait, or a property of the event that the table is of.
    Value,
}

impl Discovered<'_> {
    /// Whether it looks like a trait or a property.
    pub fn is_value(self) -> bool {
        self == Self::Value
    }
}

/// What Segment's own columns end in besides those that it documents: entries of journeys.
const HIDDEN: [&str; 2] = ["hidden_entry", "hidden_entry_joined_at"];

/// What Segment's connectors add to tables besides what it documents: `uuid` and `loaded_at`, as user schemas show them. What a
/// customer sends under such a name lands as `_uuid`.
const ADDED: [&str; 3] = ["uuid", "uuid_ts", "loaded_at"];

/// What a column of a landed table is. Upper and lower case are the same: not every warehouse keeps the case.
///
/// A name that only resembles Segment's own, such as `contexts` or `_open`, is a value's.
pub fn discovered<'a>(table: &str, column: &'a str) -> Discovered<'a> {
    let (table, name) = (table.to_lowercase(), column.to_lowercase());
    if matches!(table.as_str(), "id_graph_updates" | "external_id_mapping_updates") {
        return Discovered::Own;
    }
    if let Some((prefix, key)) = column.split_at_checked("context_".len())
        && prefix.eq_ignore_ascii_case("context_")
        && !key.is_empty()
    {
        // Traits have no context.
        return if landed::is_event(&table) { Discovered::Context(key) } else { Discovered::Own };
    }
    let is_own = own(&table).has(&name)
        || name.starts_with("context_")
        || name.starts_with("__")
        || ADDED.contains(&name.as_str())
        || HIDDEN.iter().any(|end| name.ends_with(end))
        || is_taken(&table, &name);
    if is_own { Discovered::Own } else { Discovered::Value }
}

/// Whether the models have a column of that name, so that a project cannot list it.
fn is_taken(table: &str, name: &str) -> bool {
    let has_traits = matches!(table, "identifies" | "profile_traits_updates");
    name == "canonical_segment_id" || (has_traits && name == "merged_to")
}
