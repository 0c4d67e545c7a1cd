//! `idgraph docs`: a site of plain files about a project: its tables and columns, its lineage, its SQL.
//!
//! The structure is data, made here; how it looks is in `templates/docs/`.

mod dictionary;
mod drawing;
mod examples;
mod highlight;
mod html;
mod pages;
mod picture;
mod search;
mod statements;
mod values;

use crate::diagnostic::Result;
use crate::dialect::{Dialect, Library};
use crate::emit::Output;
use crate::fixture::Fixture;
use crate::lineage::Lineage;
use crate::project::Project;
use crate::render::{render, render_full};
use crate::warehouse::Warehouse;

use dictionary::Dictionary;
use statements::Rendered;

/// The folders of the site in which all pages are, its root first.
pub const FOLDERS: [&str; 6] = ["", "landed", "models", "events", "examples", "sql"];

/// What a site is about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The project.
    pub project: &'a Project,
    /// What the project file is called.
    pub project_file: &'a str,
    /// The dialects whose SQL is shown; lineage is read off the first.
    pub dialects: &'a [Dialect],
    /// The fixtures that are its examples.
    pub fixtures: &'a [Fixture],
    /// Where dialects and templates are.
    pub library: &'a Library,
}

/// Every file of the site.
///
/// # Errors
/// When the SQL cannot be rendered, or a template of a page is wrong.
pub fn site(subject: &Subject<'_>) -> Result<Vec<Output>> {
    let warehouse = Warehouse::of(subject.project);
    let mut rendered = Vec::new();
    let mut lineage = None;
    for dialect in subject.dialects {
        let warehouse = dialect.warehouse(subject.project);
        let files = render(&warehouse, dialect, subject.library, subject.project_file)?;
        if lineage.is_none() {
            lineage = Some(match warehouse.watermarks {
                None => Lineage::of(&warehouse, dialect, &files),
                // A refresh only says where the rows come from that it puts in place of others.
                Some(_) => {
                    let full =
                        render_full(&warehouse, dialect, subject.library, subject.project_file)?;
                    Lineage::of(&warehouse, dialect, &full)
                }
            });
        }
        rendered.push(Rendered::new(files));
    }
    // A project has a dialect.
    let Some(lineage) = lineage else { return Ok(Vec::new()) };
    // What has landed, as in the SQL of which the lineage is.
    let first = subject.dialects.first();
    let warehouse = first.map_or(warehouse, |dialect| dialect.warehouse(subject.project));
    let dictionary = Dictionary::new(&warehouse, &lineage);
    pages::all(subject, &warehouse, &dictionary, &rendered)
}
