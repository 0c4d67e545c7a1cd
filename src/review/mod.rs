//! What a change of the project does to the warehouse: the objects by meaning, the migrations that it adds, the SQL line by
//! line. No database is asked.

mod base;
mod files;
mod migrations;
mod objects;
mod prune;
mod rows;
mod side;

use serde::Serialize;

pub use base::Base;
pub use files::FileDiff;
pub use migrations::{Live, MigrationAdded};
pub use objects::{ColumnChange, ObjectDiff, What};
pub use rows::{TableRows, differences};
pub use side::{Side, Version};

use crate::diagnostic::Place;

/// What differs between two versions of a project.
#[derive(Debug, Clone, Serialize)]
pub struct Review {
    /// The dialect that objects and columns are read from: the project's first.
    pub dialect: String,
    /// The objects that differ, in the order of building; what is no more comes last.
    pub objects: Vec<ObjectDiff>,
    /// The migrations that were added, in the order of running, the dialect above first.
    pub migrations: Vec<MigrationAdded>,
    /// Where the numbers of rows behind the times are from; `None` without a target, where nobody knows them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows_from: Option<&'static str>,
    /// Whether the warehouse differs, there are migrations, and none was added.
    pub migration_wanted: bool,
    /// The rendered files that differ, the dialect above first; of others those that differ otherwise than it does.
    pub files: Vec<FileDiff>,
    /// The dialects, besides the one above, whose files differ just as its do.
    pub alike: Vec<String>,
    /// The rows that come out otherwise in the project's fixtures; `None` when they were not played.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<Vec<TableRows>>,
}

impl Review {
    /// Compares two versions of a project; `None` for one that is not there yet. `live` is what stands in the target that the
    /// older version was read off.
    pub fn of(old: Option<&Side>, new: &Side, live: Option<&Live>) -> Self {
        let objects = objects::diff(old, new);
        let migrations = migrations::added(old, new, live);
        let (files, alike) = files::diff(old, new);
        let migration_wanted = new.has_migrations
            && migrations.is_empty()
            && objects.iter().any(|one| one.what != What::Text);
        Self {
            dialect: new.main().to_owned(),
            objects,
            migrations,
            rows_from: live.map(|live| live.sizes.source),
            migration_wanted,
            files,
            alike,
            rows: None,
        }
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
            && self.migrations.is_empty()
            && self.files.is_empty()
            && self.rows.as_ref().is_none_or(Vec::is_empty)
    }

    /// How many objects changed so.
    pub fn count(&self, what: What) -> usize {
        self.objects.iter().filter(|one| one.what == what).count()
    }
}

/// A place in the project file, for a program.
#[derive(Debug, Clone, Serialize)]
pub struct Spot {
    /// The file.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    #[serde(skip)]
    place: Place,
}

impl Spot {
    /// The place itself.
    pub fn place(&self) -> &Place {
        &self.place
    }

    fn of(place: &Place) -> Option<Self> {
        let file = place.source.name.clone();
        (!file.is_empty()).then(|| Self { file, line: place.start().0, place: place.clone() })
    }
}
