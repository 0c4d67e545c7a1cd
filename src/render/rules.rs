//! What holds of every right warehouse: the rules that `idgraph verify` checks besides the models.

use serde::Serialize;

use crate::project::Model;

/// What Segment holds a profile to.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Limits {
    /// The most entries from a profile to its canonical one.
    pub depth: u64,
    /// The most merges into one profile.
    pub merges: u64,
    /// The most external ids of one profile.
    pub external_ids: u64,
}

/// Segment's limits, as its documentation has them.
pub const LIMITS: Limits = Limits { depth: 100, merges: 100, external_ids: 1000 };

/// What a finding means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// A table is wrong.
    Error,
    /// The tables may be right; what landed is unusual.
    Warning,
}

/// Something that holds of every right warehouse.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// What it is called, and its template.
    pub name: &'static str,
    /// What breaking it means.
    pub level: Level,
    /// What it says, for people.
    pub says: &'static str,
    /// What names a case of it; a number that comes with it is not among these.
    pub columns: &'static [&'static str],
    /// The tables that it is about, as they stand: a view breaks no rule by itself.
    pub(super) about: &'static [Model],
}

/// All rules, in the order of showing.
pub(super) const RULES: [Rule; 8] = [
    Rule {
        name: "canonical_of_itself",
        level: Level::Error,
        says: "every canonical profile is its own canonical",
        columns: &["segment_id", "canonical_segment_id"],
        about: &[Model::IdGraph],
    },
    Rule {
        name: "profile_has_row",
        level: Level::Error,
        says: "every profile has a row in profile_traits",
        columns: &["segment_id"],
        about: &[Model::IdGraph, Model::ProfileTraits],
    },
    Rule {
        name: "external_id_held_once",
        level: Level::Error,
        says: "every external id is held once",
        columns: &["external_id_type", "external_id_value"],
        about: &[Model::ExternalIdMapping],
    },
    Rule {
        name: "merged_has_no_traits",
        level: Level::Error,
        says: "no merged profile has traits",
        columns: &["canonical_segment_id", "merged_to"],
        about: &[Model::ProfileTraits],
    },
    Rule {
        name: "no_cycle",
        level: Level::Warning,
        says: "no profile runs into a cycle of merges",
        columns: &["segment_id"],
        about: &[],
    },
    Rule {
        name: "depth",
        level: Level::Warning,
        says: "at most 100 entries lead to a canonical profile",
        columns: &["segment_id"],
        about: &[],
    },
    Rule {
        name: "merges",
        level: Level::Warning,
        says: "at most 100 merges into one profile",
        columns: &["canonical_segment_id"],
        about: &[],
    },
    Rule {
        name: "external_ids",
        level: Level::Warning,
        says: "at most 1,000 external ids on one profile",
        columns: &["canonical_segment_id"],
        about: &[],
    },
];
