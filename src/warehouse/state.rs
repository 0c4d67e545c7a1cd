//! What idgraph notes about its own work in a database.

use super::StateTable;
use super::column::fixed;
use crate::project::LogicalType::{Float, Integer, Timestamp, Varchar};

/// Whether a table is one of idgraph's bookkeeping, by its name.
pub fn is_bookkeeping(name: &str) -> bool {
    name.starts_with("idgraph_")
}

/// The migrations that a database has run.
pub fn ledger() -> StateTable {
    StateTable {
        name: "idgraph_migrations".to_owned(),
        comment: "The migrations that were run here".to_owned(),
        columns: [
            ("number", Integer, "The number of the migration file"),
            ("name", Varchar, "Its name"),
            ("how", Varchar, "applied, or baseline: taken for applied without running it"),
            ("checksum", Varchar, "The checksum of its text"),
            ("algorithm", Integer, "How the checksum is computed"),
            ("statements", Integer, "How many statements it has"),
            ("statements_done", Integer, "How many of them are done"),
            ("rows_written", Integer, "Rows that they wrote"),
            ("started_at", Timestamp, "When it was started"),
            ("finished_at", Timestamp, "When it was done; NULL when it stopped halfway"),
            ("idgraph_version", Varchar, "The idgraph that ran it"),
            ("database_user", Varchar, "The user that ran it"),
            ("error", Varchar, "Why it stopped halfway"),
        ]
        .map(fixed)
        .to_vec(),
        key: &[],
    }
}

/// The name of the record of what idgraph made.
pub const OBJECTS: &str = "idgraph_objects";

/// What idgraph made in a database: the record that says whether a table or view is ours.
pub fn objects() -> StateTable {
    StateTable {
        name: OBJECTS.to_owned(),
        comment: "The tables and views that idgraph made".to_owned(),
        columns: [
            ("schema_name", Varchar, "The schema of the table or view"),
            ("object_name", Varchar, "Its name"),
            ("kind", Varchar, "table or view"),
            ("object_id", Varchar, "Its identity in the catalog: a table of the same name that others made has another"),
            ("made_at", Timestamp, "When idgraph made or adopted it"),
        ]
        .map(fixed)
        .to_vec(),
        key: &[],
    }
}

/// When each model was last brought up to date.
pub fn refreshes() -> StateTable {
    StateTable {
        name: "idgraph_refreshes".to_owned(),
        comment: "When each model was last brought up to date".to_owned(),
        columns: [
            ("model", Varchar, "The model's table"),
            ("how", Varchar, "created, rebuilt or refreshed"),
            ("inserted", Integer, "Rows written"),
            ("deleted", Integer, "Rows removed"),
            ("seconds", Float, "How long it took"),
            ("definition", Varchar, "Of a view: a checksum of the statements that made it and of what the catalog has of it"),
            ("finished_at", Timestamp, "When it was done"),
            ("deletions", Varchar, "What the database had counted of deleted landed rows when the model had none of them; NULL where that is not known"),
        ]
        .map(fixed)
        .to_vec(),
        key: &[],
    }
}
