//! What a session takes along from the project: the settings of each of its transactions, and how the table is made that is
//! locked.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::NAME;
use crate::diagnostic::Result;
use crate::dialect::{Dialect, Library};
use crate::engine::Access;
use crate::project::{Materialization, Project};
use crate::render::{Bookkeeping, session};
use crate::warehouse::{LandedTable, Warehouse, state};

/// What a session knows of its project.
#[derive(Debug, Clone)]
pub struct Own {
    /// The settings of a transaction, as SQL: they end with it.
    pub(super) settings: String,
    /// The schema that the record of what idgraph made is in.
    pub(super) models_schema: String,
    /// Whether that schema is the space: then it is Segment's to make.
    pub(super) is_in_space: bool,
    /// Makes that record, the table that is locked.
    pub(super) record: Vec<String>,
    /// Asks for code of others on tables that are written to.
    pub(super) code: String,
    /// The tables that are read and written.
    pub(super) about: Arc<About>,
    /// Whether the record is made where it is not there.
    pub(super) makes: bool,
    /// Whether the session is to change something, be it taken back.
    pub(super) writes: bool,
}

impl Own {
    /// Of a project.
    ///
    /// # Errors
    /// When a template of the project's own is wrong.
    pub fn of(project: &Project, access: Access) -> Result<Self> {
        let library = Library::beside(project.folder());
        let dialect = Dialect::load(&library, NAME)?.of_project(project);
        let warehouse = dialect.whole_warehouse(project);
        let texts = |statements: Vec<crate::render::Statement>| -> Vec<String> {
            statements.into_iter().map(|one| one.sql).collect()
        };
        let settings = texts(session(&warehouse, &dialect, &library)?);
        let books = Bookkeeping::new(&warehouse, &dialect, &library)?;
        Ok(Self {
            settings: settings.join(";\n"),
            models_schema: project.models_schema.value.clone(),
            is_in_space: project.models_schema.value == project.space.value,
            record: texts(books.create(&state::objects())?),
            code: texts(books.code_of_others()?).concat(),
            about: Arc::new(About::all_of(&warehouse)),
            makes: access == Access::Create,
            writes: !matches!(access, Access::Read | Access::Look),
        })
    }
}

/// The tables of a project, which are held still and looked at before anything is read or written.
#[derive(Debug, Clone)]
pub(super) struct About {
    /// The schema with the landed tables.
    pub(super) space: String,
    /// Landed tables with their columns.
    pub(super) landed: Vec<LandedTable>,
    /// Those of them that models are filled from.
    pub(super) read: Vec<String>,
    /// The schema with what idgraph writes.
    pub(super) models_schema: String,
    /// The tables that it writes to.
    pub(super) written: Vec<String>,
}

impl About {
    fn all_of(warehouse: &Warehouse) -> Self {
        let models = warehouse.models.iter().map(|table| table.name.clone());
        let own = [state::objects(), state::ledger(), state::refreshes()].map(|table| table.name);
        let watermarks = warehouse.watermarks.iter().map(|table| table.name.clone());
        let filled =
            warehouse.models.iter().filter(|one| one.materialized != Materialization::View);
        let read: BTreeSet<&str> = filled.flat_map(|one| one.landed_sources(warehouse)).collect();
        Self {
            space: warehouse.space.clone(),
            landed: warehouse.landed.clone(),
            read: read.into_iter().map(str::to_owned).collect(),
            models_schema: warehouse.models_schema.clone(),
            written: models.chain(own).chain(watermarks).collect(),
        }
    }
}
