//! What stands in a warehouse once statements have run, as far as they say: where no database is asked, or not yet.

use std::collections::HashSet;

use super::file::MigrationFile;
use crate::engine::{Catalog, Found, FoundColumn, Kind};
use crate::render::{Action, Given, How, Statement};

/// The tables and views that migrations leave, with the columns that their statements name.
pub fn standing<'a>(files: impl IntoIterator<Item = &'a MigrationFile>) -> Catalog {
    let mut catalog = Catalog::of_statements();
    for one in files.into_iter().flat_map(|file| &file.statements) {
        play(&one.statement, &mut catalog);
    }
    catalog
}

/// Makes of what stands there what stands there behind a statement. Names are as statements are read, in lower case,
/// but for what was there before.
pub(super) fn play(statement: &Statement, catalog: &mut Catalog) {
    for taken in &statement.takes {
        match (taken.name.as_slice(), &taken.how) {
            ([schema, name], How::Table | How::View) => drop(catalog.take_lower(schema, name)),
            ([schema, table, column], How::Column) => {
                if let Some(found) = catalog.find_lower_mut(schema, table) {
                    found.columns.retain(|one| !is(&one.name, column));
                }
            }
            ([schema, table, column], How::Type { sql_type, .. }) => {
                let found = catalog.find_lower_mut(schema, table);
                let columns = found.into_iter().flat_map(|found| &mut found.columns);
                for one in columns.filter(|one| is(&one.name, column)) {
                    one.sql_type.clone_from(sql_type);
                }
            }
            _ => {}
        }
    }
    let target = statement.target.as_ref();
    let Some((schema, name)) = target.and_then(|one| Some((one.schema.as_ref()?, &one.name)))
    else {
        return;
    };
    let kind = match statement.action {
        Action::CreateTable => Some(Kind::Table),
        // Dropped, a view is taken and not made.
        Action::CreateView if !statement.takes.iter().any(|taken| taken.how == How::View) => {
            Some(Kind::View)
        }
        _ => None,
    };
    if let Some(kind) = kind.filter(|_| catalog.find_lower(schema, name).is_none()) {
        let found = Found {
            name: name.clone(),
            kind,
            is_ours: true,
            was_ours: false,
            owner: None,
            is_trusted: true,
            columns: Vec::new(),
        };
        catalog.objects.insert((schema.clone(), name.clone()), found);
    } else if statement.action == Action::CreateTable {
        return;
    }
    give(&statement.gives, (schema, name), catalog);
}

/// Gives a table columns and names, in order. Of thousands each is looked up once.
fn give(gives: &[Given], (schema, name): (&str, &str), catalog: &mut Catalog) {
    let Some(found) = catalog.find_lower_mut(schema, name) else { return };
    let mut names: HashSet<String> =
        found.columns.iter().map(|one| one.name.to_lowercase()).collect();
    let mut table = None;
    for given in gives {
        match given {
            Given::Column { name, sql_type } => {
                if names.insert(name.to_lowercase()) {
                    let (name, sql_type) = (name.clone(), sql_type.clone());
                    found.columns.push(FoundColumn { name, sql_type });
                }
            }
            Given::ColumnName { was, is: to } => {
                for one in found.columns.iter_mut().filter(|one| is(&one.name, was)) {
                    one.name.clone_from(to);
                }
                names.remove(&was.to_lowercase());
                names.insert(to.to_lowercase());
            }
            Given::Values { .. } => {}
            Given::Name(to) => table = Some(to),
        }
    }
    if let Some(to) = table
        && let Some(found) = catalog.take_lower(schema, name)
    {
        let found = Found { name: to.clone(), ..found };
        catalog.objects.insert((schema.to_owned(), to.clone()), found);
    }
}

/// Whether a column is the one that a statement names.
fn is(had: &str, named: &str) -> bool {
    had.to_lowercase() == named.to_lowercase()
}
