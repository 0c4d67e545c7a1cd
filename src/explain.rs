//! Why a profile is what it is: the landed rows that decided, and where the tables as they stand say something else.

mod way;

use serde::Serialize;

pub use way::{Cycle, Entry};

use crate::diagnostic::{Diagnostic, Result};
use crate::dialect::{Dialect, Library};
use crate::engine::{Cell, Engine, Rows};
use crate::project::NullMeans;
use crate::render;
use crate::warehouse::Warehouse;

/// What a profile is, and why.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// The profile that was asked for.
    pub segment_id: String,
    /// Its canonical profile.
    pub canonical_segment_id: String,
    /// Whether an entry of the graph names it.
    pub in_graph: bool,
    /// The entries followed from it, each profile's latest, in order.
    pub entries: Vec<Entry>,
    /// The cycle that they run into.
    pub cycle: Option<Cycle>,
    /// The profiles merged into the canonical one, with the entry of each.
    pub merged: Vec<Entry>,
    /// The external ids that the canonical profile holds.
    pub external_ids: Vec<ExternalId>,
    /// The landed table that traits come from.
    pub traits_from: String,
    /// Every trait of the canonical profile, in the order of the project.
    pub traits: Vec<Trait>,
    /// Where the tables as they stand say something else.
    pub differences: Vec<Difference>,
}

/// A landed row that decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LandedRow {
    /// Its id.
    pub id: Option<String>,
    /// The segment that it is of.
    pub segment_id: Option<String>,
    /// When it happened.
    pub timestamp: Option<String>,
    /// Its order among rows of the same time.
    pub seq: Option<String>,
}

/// An external id.
#[derive(Debug, Clone, Serialize)]
pub struct ExternalId {
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: String,
    /// The id.
    pub value: String,
    /// Why it is this profile's.
    pub row: LandedRow,
}

/// A trait.
#[derive(Debug, Clone, Serialize)]
pub struct Trait {
    /// Its column.
    pub name: String,
    /// Its value as text.
    pub value: Option<String>,
    /// The row that decided; none when no row did.
    pub row: Option<LandedRow>,
}

/// What a table says, as against what it must.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The table.
    pub table: &'static str,
    /// The column, or the external id.
    pub what: String,
    /// What it must say.
    pub must_be: Option<String>,
    /// What it says.
    pub is: Option<String>,
}

/// How a profile is named.
#[derive(Debug, Clone, Copy)]
pub enum Asked<'a> {
    /// By a segment id, merged away or not.
    Segment(&'a str),
    /// By an external id that it holds: type and value.
    ExternalId(&'a str, &'a str),
}

impl<'a> From<&'a str> for Asked<'a> {
    fn from(segment: &'a str) -> Self {
        Self::Segment(segment)
    }
}

/// Explains a profile; inside of [`crate::engine::read`].
///
/// # Errors
/// When the profile was never seen, the database fails, or a template is wrong.
pub fn explain<'a>(
    engine: &mut dyn Engine,
    (warehouse, dialect, library): (&Warehouse, &Dialect, &Library),
    asked: impl Into<Asked<'a>>,
) -> Result<Explanation> {
    let questions = render::questions(warehouse, dialect, library)?;
    for sql in &questions.before {
        engine.execute(sql)?;
    }
    let segment = &match asked.into() {
        Asked::Segment(segment) => segment.to_owned(),
        Asked::ExternalId(kind, value) => {
            let holder = engine.query_with(&questions.holder, &[kind, value])?;
            text(&holder, 0, 0).ok_or_else(|| not_held(warehouse, kind, value))?
        }
    };
    let segment = segment.as_str();
    let members = engine.query_with(&questions.members, &[segment])?;
    let in_graph = !members.rows.is_empty();
    if !in_graph {
        let seen = engine.query_with(&questions.seen, &[segment])?;
        let is_seen = |column| matches!(at(&seen, 0, column), Some(Cell::Integer(1..)));
        if !(is_seen(0) || is_seen(1)) {
            return Err(never_seen(warehouse, segment).into());
        }
    }
    let canonical = text(&members, 0, 1).unwrap_or_else(|| segment.to_owned());
    // One that the graph does not have is its own.
    let mut segments: Vec<_> =
        (0..members.rows.len()).filter_map(|row| text(&members, row, 0)).collect();
    if !in_graph {
        segments.push(segment.to_owned());
    }
    let list = serde_json::Value::from(segments).to_string();
    let merges = (0..members.rows.len()).filter_map(|row| text(&members, row, 2));
    let merged_at = merges.max().unwrap_or_default();
    let profile = [canonical.as_str(), &list, &merged_at];
    let mut entries = way::entries(&engine.query_with(&questions.entries, &profile)?);
    let (followed, cycle) = way::follow(&entries, segment, &canonical);
    entries.retain(|entry| entry.segment_id != canonical);
    entries.sort_by(|one, other| one.segment_id.cmp(&other.segment_id));
    let held = engine.query_with(&questions.external_ids, &profile)?;
    let external_ids: Vec<_> = (0..held.rows.len())
        .map(|row| ExternalId {
            kind: text(&held, row, 0).unwrap_or_default(),
            value: text(&held, row, 1).unwrap_or_default(),
            row: landed(&held, row, 2),
        })
        .collect();
    let names: Vec<&str> = warehouse.traits().iter().map(|column| column.name.as_str()).collect();
    let landed = engine.query_with(&questions.traits, &profile)?;
    let traits = traits(&landed, &names, warehouse.null_means);
    let mut explanation = Explanation {
        segment_id: segment.to_owned(),
        canonical_segment_id: canonical.clone(),
        in_graph,
        entries: followed,
        cycle,
        merged: entries,
        external_ids,
        traits_from: warehouse.traits_from.to_owned(),
        traits,
        differences: Vec::new(),
    };
    explanation.differences = differences(engine, &questions, &explanation, &profile)?;
    Ok(explanation)
}

/// As much of an id as a message shows.
fn short(id: &str) -> String {
    id.chars().take(100).collect()
}

fn not_held(warehouse: &Warehouse, kind: &str, value: &str) -> Diagnostic {
    let message = format!("no profile holds the external id {} {:?}", short(kind), short(value));
    Diagnostic::error("unknown-profile", message)
        .note(format!("looked in external_id_mapping_updates of {}", warehouse.space))
        .help(
            "type and value are compared to the byte; an external id that is new may not have landed yet, \
             and one may have been taken away from its profile",
        )
}

fn never_seen(warehouse: &Warehouse, segment: &str) -> Diagnostic {
    let message = format!("no landed row names the profile {:?}", short(segment));
    Diagnostic::error("unknown-profile", message)
        .note(format!(
            "looked in id_graph_updates, external_id_mapping_updates and {} of {}",
            warehouse.traits_from, warehouse.space
        ))
        .help(
            "check the id: it is a segment id, not an external id, and compared to the byte; \
             a profile that is new may not have landed yet",
        )
}

/// The traits, from landed rows of which the latest is the first.
fn traits(rows: &Rows, names: &[&str], null_means: NullMeans) -> Vec<Trait> {
    let decide = |index: usize| {
        let has = |row: &usize| !matches!(at(rows, *row, index + 4), None | Some(Cell::Null));
        match null_means {
            NullMeans::Unknown => (0..rows.rows.len()).find(has),
            // Where one row speaks for the whole profile, it decides, whatever it says.
            NullMeans::Unset if rows.rows.len() == 1 => Some(0),
            NullMeans::Unset => (0..rows.rows.len()).find(has),
        }
    };
    let names = names.iter().enumerate();
    names
        .map(|(index, name)| {
            let row = decide(index);
            Trait {
                name: (*name).to_owned(),
                value: row.and_then(|row| text(rows, row, index + 4)),
                row: row.map(|row| landed(rows, row, 0)),
            }
        })
        .collect()
}

/// Where the tables say something else.
fn differences(
    engine: &mut dyn Engine,
    questions: &render::Questions,
    of: &Explanation,
    profile: &[&str; 3],
) -> Result<Vec<Difference>> {
    let canonical_alone = &profile[..1];
    let mut found = Vec::new();
    let mut differs = |table, what: &str, must_be: Option<String>, is: Option<String>| {
        found.push(Difference { table, what: what.to_owned(), must_be, is });
    };
    let stands = engine.query_with(&questions.standing_profile, &[&of.segment_id])?;
    let canonical = of.canonical_segment_id.clone();
    let (must_be, is) = (of.in_graph.then_some(canonical.clone()), text(&stands, 0, 0));
    if must_be != is {
        differs("id_graph", "canonical_segment_id", must_be, is);
    }
    let (must_be, is) = ((canonical != of.segment_id).then_some(canonical), text(&stands, 0, 1));
    if must_be != is {
        differs("profile_traits", "merged_to", must_be, is);
    }
    // By value: two texts can stand for one number.
    let differing = engine.query_with(&questions.differing_traits, profile)?;
    let standing = engine.query_with(&questions.standing_traits, canonical_alone)?;
    for (index, one) in of.traits.iter().enumerate() {
        if matches!(at(&differing, 0, index + 1), Some(Cell::Integer(1))) {
            let is = text(&standing, 0, index + 1);
            differs("profile_traits", &one.name, one.value.clone(), is);
        }
    }
    let held = engine.query_with(&questions.standing_external_ids, canonical_alone)?;
    let says = |row: usize| (text(&held, row, 0), text(&held, row, 1));
    let standing: Vec<_> = (0..held.rows.len()).map(says).collect();
    let must: Vec<_> = of
        .external_ids
        .iter()
        .map(|one| (Some(one.kind.clone()), Some(one.value.clone())))
        .collect();
    let called = |(kind, value): &(Option<String>, Option<String>)| {
        format!("{} {}", kind.as_deref().unwrap_or("NULL"), value.as_deref().unwrap_or("NULL"))
    };
    let holds = || Some("held".to_owned());
    for one in must.iter().filter(|one| !standing.contains(one)) {
        differs("external_id_mapping", &called(one), holds(), None);
    }
    for one in standing.iter().filter(|one| !must.contains(one)) {
        differs("external_id_mapping", &called(one), None, holds());
    }
    Ok(found)
}

/// A landed row whose columns begin at one of the answer's.
fn landed(rows: &Rows, row: usize, column: usize) -> LandedRow {
    LandedRow {
        id: text(rows, row, column),
        segment_id: text(rows, row, column + 1),
        timestamp: text(rows, row, column + 2),
        seq: text(rows, row, column + 3),
    }
}

fn at(rows: &Rows, row: usize, column: usize) -> Option<&Cell> {
    rows.rows.get(row).and_then(|row| row.get(column))
}

fn text(rows: &Rows, row: usize, column: usize) -> Option<String> {
    at(rows, row, column).and_then(Cell::text)
}
