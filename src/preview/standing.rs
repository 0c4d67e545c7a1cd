//! What stands in a warehouse once migrations have run, as far as their statements say: where no database is asked.

use crate::engine::{Catalog, Found, Kind};
use crate::migrate::MigrationFile;
use crate::render::{Action, How};

/// The tables and views that migrations leave, their columns left out.
pub fn standing<'a>(files: impl IntoIterator<Item = &'a MigrationFile>) -> Catalog {
    let mut catalog = Catalog::default();
    for statement in files.into_iter().flat_map(|file| &file.statements) {
        let statement = &statement.statement;
        for taken in &statement.takes {
            let is_whole = matches!(taken.how, How::Table | How::View);
            if let ([schema, name], true) = (taken.name.as_slice(), is_whole) {
                catalog.objects.remove(&(schema.clone(), name.clone()));
            }
        }
        let kind = match statement.action {
            Action::CreateTable => Kind::Table,
            Action::CreateView => Kind::View,
            _ => continue,
        };
        if let Some((schema, name)) = statement.target.as_ref().and_then(super::full) {
            let found = Found { name: name.clone(), kind, is_ours: true, columns: Vec::new() };
            catalog.objects.insert((schema, name), found);
        }
    }
    catalog
}
