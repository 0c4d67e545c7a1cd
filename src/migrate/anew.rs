//! What a file writes over that it counts as its own, since it makes it where it is missing, and that an earlier file has made.

use std::collections::HashSet;

use super::file::MigrationFile;
use super::ours::{InFile, Leave};
use super::schema::Schema;
use super::unmarked::{is_named, problem};
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::render::{Action, Given, How, Taken};

/// The tables and columns that stand there before a file.
#[derive(Debug, Default, Clone)]
pub(super) struct Before {
    tables: HashSet<Vec<String>>,
    columns: HashSet<Vec<String>>,
}

impl Before {
    /// What a record says.
    pub(super) fn of(schema: &Schema, dialect: &Dialect) -> Self {
        let mut before = Self::default();
        for object in schema.objects.iter().filter(|object| !object.is_query()) {
            let name = vec![dialect.named(schema.schema_of(object)), dialect.named(&object.name)];
            let column = |name: &[String], column: &str| [name, &[dialect.named(column)]].concat();
            before.columns.extend(object.columns.iter().map(|one| column(&name, &one.name)));
            before.tables.insert(name);
        }
        before
    }

    /// What a file makes of it.
    pub(super) fn play(&mut self, file: &MigrationFile) {
        for one in &file.statements {
            let statement = &one.statement;
            for taken in &statement.takes {
                match (&taken.how, taken.exact.as_slice()) {
                    (How::Table, _) => drop(self.tables.remove(&taken.exact)),
                    (How::Column, _) => drop(self.columns.remove(&taken.exact)),
                    (How::Name(to), [schema, table, _]) => {
                        self.columns.remove(&taken.exact);
                        self.columns.insert(vec![schema.clone(), table.clone(), to.clone()]);
                    }
                    (How::Name(to), [schema, _]) if self.tables.remove(&taken.exact) => {
                        self.tables.insert(vec![schema.clone(), to.clone()]);
                    }
                    _ => {}
                }
            }
            let Some(target) = statement.exact_target() else { continue };
            for given in &statement.gives {
                let of = |name: &String| [target.as_slice(), std::slice::from_ref(name)].concat();
                if let Given::Column { name, .. } = given {
                    self.columns.insert(of(name));
                }
            }
            if statement.action == Action::CreateTable {
                self.tables.insert(target);
            }
        }
    }

    /// What a file writes over of it without a word.
    pub(super) fn anew(&self, file: &MigrationFile, dialect: &Dialect) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        for (index, taken) in self.overwritten(file, dialect) {
            let Some(one) = file.statements.get(index) else { continue };
            problems.push(
                problem(&file.name, &taken, one, dialect).note("an earlier migration has made it"),
            );
        }
        problems
    }

    /// The same, as statements and what they do.
    pub(super) fn overwritten(
        &self,
        file: &MigrationFile,
        dialect: &Dialect,
    ) -> Vec<(usize, Taken)> {
        let in_file = InFile::new(file, dialect);
        let mut all = Vec::new();
        // What the file itself has moved away or dropped by then.
        let mut gone: HashSet<&[String]> = HashSet::new();
        for (index, one) in file.statements.iter().enumerate() {
            for taken in &one.statement.takes {
                let table = taken.exact.get(..2).unwrap_or_default();
                if in_file.may(index, taken) == Leave::WhereNew
                    && self.has(taken)
                    && !gone.contains(table)
                    && !gone.contains(taken.exact.as_slice())
                    && !is_named(&file.name, taken, one, dialect)
                {
                    all.push((index, taken.clone()));
                }
                if matches!(taken.how, How::Table | How::View | How::Column | How::Name(_)) {
                    gone.insert(&taken.exact);
                }
            }
        }
        all
    }

    fn has(&self, taken: &Taken) -> bool {
        match (&taken.how, taken.exact.as_slice()) {
            (How::Changed(_), [_, _, _]) => self.columns.contains(&taken.exact),
            (_, [_, _, ..]) => {
                taken.exact.get(..2).is_some_and(|table| self.tables.contains(table))
            }
            _ => false,
        }
    }
}

/// Whether it matters to a file what stands there before it.
pub(super) fn depends(file: &MigrationFile, dialect: &Dialect) -> bool {
    let in_file = InFile::new(file, dialect);
    let depends = |(index, one): (usize, &super::file::MigrationStatement)| {
        one.statement.takes.iter().any(|taken| in_file.may(index, taken) == Leave::WhereNew)
    };
    file.statements.iter().enumerate().any(depends)
}

/// What the files of a folder, sorted by name, write over without a word.
pub(super) fn anew_in(files: &[MigrationFile], dialect: &Dialect) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let mut before = Before::default();
    for file in files.iter() {
        // The way back begins where the way forward ends, and nothing comes behind it.
        problems.extend(before.anew(file, dialect));
        if !file.name.is_down {
            before.play(file);
        }
    }
    problems
}
