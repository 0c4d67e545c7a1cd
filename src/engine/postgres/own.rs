//! What a session takes along from the project: the settings of each of its transactions, and how the table is made that is
//! locked.

use super::NAME;
use crate::diagnostic::Result;
use crate::dialect::{Dialect, Library};
use crate::engine::Access;
use crate::project::Project;
use crate::render::{Bookkeeping, session};
use crate::warehouse::{Warehouse, state};

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
    /// Whether that is made where it is not there.
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
        let warehouse = Warehouse::of(project);
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
            makes: access == Access::Create,
            writes: !matches!(access, Access::Read | Access::Look),
        })
    }
}
