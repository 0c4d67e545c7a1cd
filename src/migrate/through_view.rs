//! Rows that are written through a view: they are those of the tables that it reads, which may be Segment's, or idgraph's record.

use std::collections::HashSet;

use super::file::{MigrationFile, MigrationStatement};
use super::ours::is_conditional;
use crate::diagnostic::{Diagnostic, Place};
use crate::dialect::Dialect;
use crate::render::{Action, How, Taken, is_temporary};

/// The views that are there, as far as migrations make them.
#[derive(Debug, Default)]
pub(super) struct Views(HashSet<Vec<String>>);

/// What the files of a folder, sorted by name, write through a view of an earlier one.
pub(super) fn written_in(files: &[MigrationFile], dialect: &Dialect) -> Vec<Diagnostic> {
    let mut views = Views::default();
    let files = files.iter().filter(|file| !file.name.is_down);
    files.flat_map(|file| views.written(file, dialect)).collect()
}

impl Views {
    /// What a file writes through a view, with the views that it leaves behind.
    pub(super) fn written(&mut self, file: &MigrationFile, dialect: &Dialect) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        for one in &file.statements {
            let through = one.statement.takes.iter().filter(|taken| writes(taken));
            let mut through = through.filter_map(|taken| self.of(taken, dialect));
            problems.extend(through.next().map(|view| written(&view.join("."), &one.place)));
            self.play(one, dialect);
        }
        problems
    }

    /// The view whose rows those are.
    fn of<'a>(&self, taken: &'a Taken, dialect: &Dialect) -> Option<&'a [String]> {
        let exact = bare(&taken.exact, dialect);
        // A bare name is a temporary view's; a column may stand behind either.
        let mut names = [2, 1].into_iter().filter_map(|parts| exact.get(..parts));
        names.find(|name| self.0.contains(*name))
    }

    fn play(&mut self, one: &MigrationStatement, dialect: &Dialect) {
        let statement = &one.statement;
        for taken in &statement.takes {
            let was = match taken.how {
                How::View | How::Table | How::Name(_) => {
                    self.0.take(bare(&taken.exact, dialect)).is_some()
                }
                _ => false,
            };
            if let (true, How::Name(to)) = (was, &taken.how) {
                let name = bare(&taken.exact, dialect);
                let schema = name.iter().take(name.len().saturating_sub(1)).cloned();
                self.0.insert(schema.chain([to.clone()]).collect());
            }
        }
        self.0.extend(statement.views.iter().map(|name| bare(name, dialect).to_vec()));
        // Where a view is there, nothing is made.
        if statement.action == Action::CreateTable && !is_conditional(statement) {
            let names = statement.exact_target().into_iter();
            for name in names.chain(statement.temporary.iter().map(|name| vec![name.clone()])) {
                self.0.remove(bare(&name, dialect));
            }
        }
    }
}

/// A name without the schema of temporary tables: it is the same with and without.
fn bare<'a>(exact: &'a [String], dialect: &Dialect) -> &'a [String] {
    if is_temporary(exact, dialect) { exact.get(1..).unwrap_or(exact) } else { exact }
}

/// Whether rows of what it names are written.
pub(super) fn writes(taken: &Taken) -> bool {
    matches!(taken.how, How::Added | How::Changed(_) | How::Rows | How::SomeRows)
}

/// What is said of that.
pub(super) fn written(view: &str, place: &Place) -> Diagnostic {
    Diagnostic::error("view-written", format!("{view} is a view: a migration writes to no view"))
        .at(place, "")
        .note("its rows are those of the tables that it reads, which may be Segment's or idgraph's record")
        .help("write to the table, by its name")
}
