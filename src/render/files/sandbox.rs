//! What makes the landed tables where Segment does not: in a sandbox, for demos, tests and development.

use minijinja::context;
use minijinja::value::Serde;

use super::{Renderer, traced};
use crate::diagnostic::Result;
use crate::dialect::{Dialect, Library};
use crate::parallel;
use crate::render::context::{Shared, Table};
use crate::render::draft::{Draft, Reader, Reading};
use crate::render::file::{File, Subject, Text};
use crate::render::template::Templates;
use crate::warehouse::{LandedTable, Warehouse};

/// The name of the file, without its ending.
const LANDED: &str = "landed_tables";

/// How it begins.
const ABOUT: &str = "For a sandbox: the tables that Segment lands. Never where Segment lands itself: it cannot load tables of others.";

/// What makes the landed tables in a sandbox. No other rendered file and no migration makes or changes anything of theirs.
///
/// # Errors
/// As [`render`](super::render).
pub fn render_landed(
    warehouse: &Warehouse,
    dialect: &Dialect,
    library: &Library,
    project_file: &str,
) -> Result<File> {
    let attempt = |traced| {
        let reader = Reader { dialect, library, reading: Reading::Whole, traced };
        let templates =
            Templates::new(library, dialect, &Shared::new(warehouse, dialect, false), traced)?;
        let renderer = Renderer::new(warehouse, &templates, reader, project_file, false);
        Ok(vec![renderer.sandbox()?.into_file()?])
    };
    Ok(traced(attempt)?.remove(0))
}

/// As [`render_landed`], for who only looks at the text: of the statements no more is read back than [`render_texts`](super::render_texts) reads.
///
/// # Errors
/// As [`render`](super::render).
pub fn render_landed_text(
    warehouse: &Warehouse,
    dialect: &Dialect,
    library: &Library,
    project_file: &str,
) -> Result<Text> {
    if library.has_own(&dialect.chain) {
        return render_landed(warehouse, dialect, library, project_file).map(Text::from);
    }
    let reader = Reader { dialect, library, reading: Reading::First, traced: false };
    let templates =
        Templates::new(library, dialect, &Shared::new(warehouse, dialect, false), false)?;
    let renderer = Renderer::new(warehouse, &templates, reader, project_file, false);
    Ok(renderer.sandbox()?.into_text())
}

impl Renderer<'_> {
    fn sandbox(&self) -> Result<Draft> {
        let mut draft = self.begin(LANDED, Subject::Landed, ABOUT)?;
        draft.push(self.create_schema(&draft, &self.warehouse.space)?);
        let schema = self.dialect.schema(&self.warehouse.space);
        let landed: Vec<_> = self.warehouse.landed.iter().enumerate().collect();
        let part = |(index, landed): &(usize, &LandedTable)| {
            let object = (self.warehouse.space.as_str(), landed.name.as_str());
            let table = Table::landed(self.warehouse, landed, self.dialect);
            let is_first = *index == 0;
            let values = context! { schema => &schema, table => Serde(table), is_first };
            let text = self.templates.render("landed_table.sql", values)?;
            self.reader.part(LANDED, object, text, self.reader.reads_at(*index))
        };
        parallel::feed(&landed, part, |part| draft.push(part))?;
        draft.name = format!("{LANDED}.sql");
        Ok(draft)
    }
}
