//! Rows that are written through a view: they are those of the tables that it reads, which may be Segment's, or idgraph's record.

use std::collections::HashSet;

use super::file::{MigrationFile, MigrationStatement};
use super::ours::is_conditional;
use crate::diagnostic::{Diagnostic, Place};
use crate::render::{Action, How, Taken};

/// The views that are there, as far as migrations make them.
#[derive(Debug, Default)]
pub(super) struct Views(HashSet<Vec<String>>);

/// What the files of a folder, sorted by name, write through a view of an earlier one.
pub(super) fn written_in(files: &[MigrationFile]) -> Vec<Diagnostic> {
    let mut views = Views::default();
    files.iter().filter(|file| !file.name.is_down).flat_map(|file| views.written(file)).collect()
}

impl Views {
    /// What a file writes through a view, with the views that it leaves behind.
    pub(super) fn written(&mut self, file: &MigrationFile) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        for one in &file.statements {
            let through = one.statement.takes.iter().filter(|taken| writes(taken));
            let mut through = through.filter_map(|taken| self.of(taken));
            problems.extend(through.next().map(|view| written(&view.join("."), &one.place)));
            self.play(one);
        }
        problems
    }

    /// The view whose rows those are.
    fn of<'a>(&self, taken: &'a Taken) -> Option<&'a [String]> {
        // A bare name is a temporary view's; a column may stand behind either.
        let mut names = [2, 1].into_iter().filter_map(|parts| taken.exact.get(..parts));
        names.find(|name| self.0.contains(*name))
    }

    fn play(&mut self, one: &MigrationStatement) {
        let statement = &one.statement;
        for taken in &statement.takes {
            let was = match taken.how {
                How::View | How::Table | How::Name(_) => self.0.take(&taken.exact),
                _ => None,
            };
            if let (Some(_), How::Name(to), [schema, _]) = (was, &taken.how, taken.exact.as_slice())
            {
                self.0.insert(vec![schema.clone(), to.clone()]);
            }
        }
        let names = statement.exact_target().into_iter();
        let names = names.chain(statement.temporary.iter().map(|name| vec![name.clone()]));
        match statement.action {
            // One that is dropped is no view that is made.
            Action::CreateView if !statement.takes.iter().any(|one| one.how == How::View) => {
                self.0.extend(names);
            }
            // Where a view is there, nothing is made.
            Action::CreateTable if !is_conditional(statement) => {
                for name in names {
                    self.0.remove(&name);
                }
            }
            _ => {}
        }
    }
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
