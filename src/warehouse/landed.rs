//! The tables that Segment lands: names, columns and meaning as its Profiles Sync reference has them.

use super::column::{self, fixed};
use super::{LandedTable, TableColumn};
use crate::project::LogicalType::{self, Timestamp, Varchar};
use crate::project::{Column, EVENT_TABLES, Event, Model, Project, TraitKind, TraitSource};

type Fixed = (&'static str, LogicalType, &'static str);

const ID: Fixed = ("id", Varchar, "The row's own id; a row that lands twice keeps it");
const SEGMENT_ID: Fixed = ("segment_id", Varchar, "The profile at the time, before later merges");

const TIMES: [Fixed; 3] = [
    ("received_at", Timestamp, "When Segment received it"),
    ("uuid_ts", Timestamp, "When Segment's connector last processed the row"),
    ("timestamp", Timestamp, "When it happened; NULL in a row of the historical backfill"),
];

const TRIGGER: [Fixed; 6] = [
    ("triggering_event_type", Varchar, "Type of the event that caused this row"),
    ("triggering_event_id", Varchar, "Id of the event that caused this row"),
    ("triggering_event_name", Varchar, "Name of the event that caused this row"),
    ("triggering_event_source_id", Varchar, "Id of the source of that event"),
    ("triggering_event_source_name", Varchar, "Name of the source of that event"),
    ("triggering_event_source_slug", Varchar, "Slug of the source of that event"),
];

const SEQ: Fixed = ("seq", Varchar, "Order among rows with the same timestamp, compared by bytes");

const EVENT: [Fixed; 6] = [
    ("event_source_id", Varchar, "The source that sent the event"),
    ("event_id", Varchar, "The event's id"),
    ("anonymous_id", Varchar, "The sender's anonymous id"),
    ("user_id", Varchar, "The sender's user id"),
    ("sent_at", Timestamp, "When the sender's clock says that it was sent"),
    ("original_timestamp", Timestamp, "When the sender's clock says that it happened"),
];

const TRACK: [Fixed; 2] = [
    ("event", Varchar, "The event's name as a slug"),
    ("event_text", Varchar, "The event's name as sent"),
];

const NAME: Fixed = ("name", Varchar, "The page's or screen's name");
const GROUP: Fixed = ("group_id", Varchar, "The group that the user belongs to");
const PREVIOUS: Fixed = ("previous_id", Varchar, "The id that the user had before");

/// What an event table has besides the columns of every event: those of its kind of call.
fn of_call(table: &str) -> &'static [Fixed] {
    match table {
        "identifies" => &[],
        "pages" | "screens" => &[NAME],
        "groups" => &[GROUP],
        "aliases" => &[PREVIOUS],
        _ => &TRACK,
    }
}

/// The landed table that the project's traits are columns of.
pub(super) fn traits_from(project: &Project) -> &'static str {
    match project.traits_from {
        TraitSource::Identifies => "identifies",
        TraitSource::ProfileTraitsUpdates => "profile_traits_updates",
    }
}

/// The landed table of that name, as one that traits are read from.
pub(super) fn known_source(name: &str) -> &'static str {
    if name == "profile_traits_updates" { "profile_traits_updates" } else { "identifies" }
}

/// Whether a landed table's rows are events.
pub(super) fn is_event(name: &str) -> bool {
    !["id_graph_updates", "external_id_mapping_updates", "profile_traits_updates"].contains(&name)
}

/// Whether a table of events holds all calls of a kind, as against one track event alone.
pub(super) fn is_of_all(name: &str) -> bool {
    EVENT_TABLES.contains(&name)
}

/// What the models look a landed table's rows up by.
pub(super) fn lookups(name: &str) -> &'static [&'static str] {
    match name {
        "id_graph_updates" => &["segment_id", "canonical_segment_id"],
        "external_id_mapping_updates" => &["segment_id", "external_id_value"],
        "profile_traits_updates" => &["segment_id"],
        _ => &["segment_id", "id"],
    }
}

/// The landed tables that the project uses: the two of the graph, the one with traits, the events it lists,
/// and every kind of event when events are resolved.
pub(super) fn tables(project: &Project) -> Vec<LandedTable> {
    let resolves = project.models.iter().any(|choice| choice.model == Model::ResolvedEvents);
    let of_events = EventTables::new(project);
    let mut tables = vec![id_graph_updates(), external_id_mapping_updates(project.removals)];
    if project.traits_from == TraitSource::ProfileTraitsUpdates {
        tables.push(profile_traits_updates(project));
    }
    if resolves || project.traits_from == TraitSource::Identifies {
        let traits = match project.traits_from {
            TraitSource::Identifies => traits(project),
            TraitSource::ProfileTraitsUpdates => Vec::new(),
        };
        let about = "One row for every identify call, with the traits that it carried";
        tables.push(of_events.table("identifies", about, traits));
    }
    for (table, about) in [
        ("pages", "One row for every page call"),
        ("screens", "One row for every screen call"),
        ("groups", "One row for every group call"),
        ("aliases", "One row for every alias call"),
        ("tracks", "One row for every track call, whatever the event"),
    ] {
        let listed = project.events.iter().find(|event| event.table == table);
        if resolves || listed.is_some() {
            let own = listed.map(|call| properties(call, "call")).unwrap_or_default();
            tables.push(of_events.table(table, about, own));
        }
    }
    for event in project.events.iter().filter(|event| !is_of_all(&event.table)) {
        let about = format!("One row for every track call of {}", event.name);
        let mut table = of_events.table(&event.table, &about, properties(event, "event"));
        table.place = Some(event.place.clone());
        table.is_named = event.names_table;
        tables.push(table);
    }
    tables
}

fn properties(event: &Event, what: &str) -> Vec<TableColumn> {
    let properties = event.properties.iter();
    let column = |property: &Column| {
        column::landed(property, || format!("Property {} of the {what}", property.key))
    };
    properties.map(column).collect()
}

/// The landed table of that name with the columns that it has in every project.
pub fn landed_table(name: &str) -> LandedTable {
    let columns: Vec<Fixed> = match name {
        "id_graph_updates" => return id_graph_updates(),
        "external_id_mapping_updates" => return external_id_mapping_updates(false),
        "profile_traits_updates" => {
            [ID, SEGMENT_ID].into_iter().chain(TRIGGER).chain([SEQ]).chain(TIMES).collect()
        }
        _ => {
            let front = [ID, SEGMENT_ID].into_iter().chain(EVENT).chain(TIMES);
            front.chain(of_call(name).iter().copied()).collect()
        }
    };
    LandedTable::new(name.to_owned(), String::new(), columns.into_iter().map(fixed).collect())
}

fn id_graph_updates() -> LandedTable {
    let canonical = (
        "canonical_segment_id",
        Varchar,
        "The profile that it was merged into; NULL or itself: none",
    );
    let columns = [ID, SEGMENT_ID, canonical].into_iter().chain(TRIGGER).chain([SEQ]).chain(TIMES);
    let comment = "One row for every profile that Segment created or merged";
    LandedTable::new(
        "id_graph_updates".to_owned(),
        comment.to_owned(),
        columns.map(fixed).collect(),
    )
}

fn external_id_mapping_updates(removals: bool) -> LandedTable {
    let external = [
        ("external_id_type", Varchar, "Kind of the external id: user_id, email, anonymous_id, …"),
        ("external_id_value", Varchar, "The external id"),
        ("external_id_hash", Varchar, "SHA-1 of type followed by value, in lower-case hex"),
    ];
    let operation =
        ("__operation", Varchar, "REMOVED: the external id was taken away from the profile");
    let columns = [ID, SEGMENT_ID]
        .into_iter()
        .chain(external)
        .chain(TRIGGER)
        .chain([SEQ])
        .chain(TIMES)
        .chain(removals.then_some(operation));
    let comment = "One row for every external id that Segment saw on a profile";
    LandedTable::new(
        "external_id_mapping_updates".to_owned(),
        comment.to_owned(),
        columns.map(fixed).collect(),
    )
}

fn profile_traits_updates(project: &Project) -> LandedTable {
    let mut table = landed_table("profile_traits_updates");
    "One row for every change of a profile's traits".clone_into(&mut table.comment);
    table.columns.extend(traits(project));
    table
}

/// What is the same in every table of events, made once.
struct EventTables {
    /// The columns in front of those of its kind of call.
    front: Vec<TableColumn>,
    /// Those of a track call.
    track: Vec<TableColumn>,
    /// The context fields, behind them.
    context: Vec<TableColumn>,
}

impl EventTables {
    fn new(project: &Project) -> Self {
        let context = project
            .context
            .iter()
            .map(|column| column::landed(column, || format!("The event's context.{}", column.key)));
        Self {
            front: [ID, SEGMENT_ID].into_iter().chain(EVENT).chain(TIMES).map(fixed).collect(),
            track: TRACK.map(fixed).to_vec(),
            context: context.collect(),
        }
    }

    fn table(&self, name: &str, comment: &str, configured: Vec<TableColumn>) -> LandedTable {
        let of_call = match of_call(name) {
            call if call == TRACK => self.track.clone(),
            call => call.iter().copied().map(fixed).collect(),
        };
        let mut columns = [self.front.as_slice(), &of_call, &self.context].concat();
        columns.extend(configured);
        LandedTable::new(name.to_owned(), comment.to_owned(), columns)
    }
}

fn traits(project: &Project) -> Vec<TableColumn> {
    let traits = project.traits.iter();
    let now = traits.clone().map(|column| column::landed(column, || trait_meaning(column)));
    now.chain(traits.flat_map(|column| column::former(column, trait_meaning))).collect()
}

/// What a trait is, when the project does not describe it.
pub(super) fn trait_meaning(column: &Column) -> String {
    let what = match column.kind {
        TraitKind::Custom => "Trait",
        TraitKind::Computed => "Computed trait",
        TraitKind::Sql => "SQL trait",
        TraitKind::Audience => "Member of the audience",
        TraitKind::Journey => "Step of the journey",
        TraitKind::Prediction => "Predicted trait",
    };
    format!("{what} {}", column.key)
}
