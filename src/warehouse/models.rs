//! The tables that idgraph builds: names, columns, keys and meaning.

use super::column::{configured, fixed};
use super::{LandedTable, ModelTable, StateTable, TableColumn, landed};
use crate::project::LogicalType::{Timestamp, Varchar};
use crate::project::{Model, ModelChoice, Project};

/// The columns of `profile_traits` that are no traits: one before them, one behind.
const AROUND_TRAITS: (usize, usize) = (1, 1);

/// The key and the look-ups of resolved events.
pub(super) const EVENT_KEYS: (&[&str], &[&str]) = (&["id"], &["canonical_segment_id"]);

/// The tables of every model that is on, in the order of building.
pub(super) fn tables(project: &Project, landed: &[LandedTable]) -> Vec<ModelTable> {
    let meaning = "The profile after all merges; NULL when the event's identity was never resolved";
    let resolved = fixed(("canonical_segment_id", Varchar, meaning));
    let traits: Vec<_> = project
        .traits
        .iter()
        .map(|column| configured(column, || landed::trait_meaning(column)))
        .collect();
    project
        .models
        .iter()
        .flat_map(|choice| match choice.model {
            Model::ResolvedEvents => landed
                .iter()
                .filter(|table| table.is_event)
                .map(|table| resolved_events(choice, table, &resolved))
                .collect(),
            _ => vec![table(&traits, choice)],
        })
        .collect()
}

/// How far each incremental model has read each landed table.
pub(super) fn watermarks() -> StateTable {
    StateTable {
        name: "idgraph_watermarks".to_owned(),
        comment: "How far each incremental model has read each landed table".to_owned(),
        columns: [
            ("model", Varchar, "The model"),
            ("landed", Varchar, "The landed table with its schema, or a trait"),
            ("loaded_until", Timestamp, "The newest load time read; NULL while nothing has landed"),
            (
                "object_id",
                Varchar,
                "The identity in the catalog of the model's table, or column, that this is about; NULL where the catalog has none",
            ),
            ("landed_id", Varchar, "The same of the landed table, or column, that was read"),
        ]
        .map(fixed)
        .to_vec(),
        key: &["model", "landed"],
    }
}

/// The traits among the columns of `profile_traits`.
pub(super) fn traits_among(columns: &[TableColumn]) -> &[TableColumn] {
    let (before, behind) = AROUND_TRAITS;
    columns.get(before..columns.len().saturating_sub(behind)).unwrap_or_default()
}

/// A model's table with these traits; one of resolved events has its columns from elsewhere.
pub(super) fn table(traits: &[TableColumn], choice: &ModelChoice) -> ModelTable {
    let canonical = ("canonical_segment_id", Varchar, "The profile after all merges");
    let versions = [
        ("seq", Varchar, "seq of the landed row that decided"),
        ("received_at", Timestamp, "When Segment received that row"),
        ("uuid_ts", Timestamp, "When Segment's connector last processed that row"),
        ("timestamp", Timestamp, "When that row's event happened"),
    ];
    let (comment, columns, key, lookups): (&str, Vec<TableColumn>, &'static [_], &'static [_]) =
        match choice.model {
            Model::IdGraph | Model::ResolvedEvents => (
                "One row for every profile id ever seen: where it points now",
                vec![
                    fixed(("segment_id", Varchar, "A profile id, merged away or not")),
                    fixed(canonical),
                    fixed(("timestamp", Timestamp, "When it came to point there")),
                ],
                &["segment_id"],
                &["segment_id", "canonical_segment_id"],
            ),
            Model::ExternalIdMapping => (
                "One row for every external id: the profile that holds it now",
                vec![
                    fixed(canonical),
                    fixed(("external_id_type", Varchar, "Kind of the external id")),
                    fixed(("external_id_value", Varchar, "The external id")),
                    fixed((
                        "external_id_hash",
                        Varchar,
                        "SHA-1 of type followed by value, in lower-case hex",
                    )),
                    fixed(("timestamp", Timestamp, "When the profile was last seen with it")),
                ],
                &["external_id_type", "external_id_value"],
                &["external_id_value", "canonical_segment_id"],
            ),
            Model::ProfileTraits => {
                let mut columns = vec![fixed((
                    "canonical_segment_id",
                    Varchar,
                    "A profile id, merged away or not",
                ))];
                columns.extend(traits.iter().cloned());
                let merged_to =
                    "The profile that this one was merged into; NULL for a canonical one";
                columns.push(fixed(("merged_to", Varchar, merged_to)));
                (
                    "One row for every profile id: the last value of each trait",
                    columns,
                    &["canonical_segment_id"],
                    &["canonical_segment_id"],
                )
            }
            Model::UserTraits => (
                "One row for every trait of every canonical profile: its last value",
                [
                    canonical,
                    ("name", Varchar, "The trait"),
                    ("value", Varchar, "Its value as text"),
                ]
                .into_iter()
                .chain(versions)
                .map(fixed)
                .collect(),
                &["canonical_segment_id", "name"],
                &["canonical_segment_id"],
            ),
            Model::UserIdentifiers => (
                "One row for every external id, with the landed row that decided",
                [
                    canonical,
                    ("type", Varchar, "Kind of the external id"),
                    ("value", Varchar, "The external id"),
                ]
                .into_iter()
                .chain(versions)
                .map(fixed)
                .collect(),
                &["type", "value"],
                &["value", "canonical_segment_id"],
            ),
            Model::ProfileMerges => (
                "One row for every profile id: where it points now, with the landed row that decided",
                [canonical, ("segment_id", Varchar, "A profile id, merged away or not")]
                    .into_iter()
                    .chain(versions)
                    .map(fixed)
                    .collect(),
                &["segment_id"],
                &["segment_id", "canonical_segment_id"],
            ),
        };
    ModelTable {
        model: choice.model,
        materialized: choice.materialized,
        name: choice.name.clone(),
        comment: comment.to_owned(),
        columns,
        key,
        lookups,
        order: Vec::new(),
        reads: None,
        place: choice.place.clone(),
        is_new: false,
    }
}

fn resolved_events(
    choice: &ModelChoice,
    landed: &LandedTable,
    canonical: &TableColumn,
) -> ModelTable {
    let columns = std::iter::once(canonical.clone())
        .chain(landed.columns.iter().map(TableColumn::shown))
        .collect();
    ModelTable {
        model: choice.model,
        materialized: choice.materialized,
        name: choice.table(&landed.name),
        comment: format!("{}, with the profile that it belongs to now", landed.comment),
        columns,
        key: EVENT_KEYS.0,
        lookups: EVENT_KEYS.1,
        order: Vec::new(),
        reads: Some(landed.name.clone()),
        place: choice.place.clone(),
        is_new: false,
    }
}
