//! The warehouse as a database has it: Segment adds a landed column with its first value, and not before.

use super::{ModelTable, Warehouse};

/// Columns without which a landed table says nothing.
const ESSENTIAL: [&str; 4] =
    ["segment_id", "canonical_segment_id", "external_id_type", "external_id_value"];

impl Warehouse {
    /// The warehouse with the columns of landed tables and views that a database has, by schema and name; `None`
    /// for a table that it does not have: a landed one is then read as a table without rows.
    ///
    /// What has not landed yet is NULL in tables and left out of views. A view keeps the order of its columns and
    /// gains new ones behind them, since not every database can put one in between.
    #[must_use]
    pub fn as_landed<'a>(&self, columns: impl Fn(&str, &str) -> Option<Vec<&'a str>>) -> Self {
        let mut live = self.clone();
        for table in &mut live.landed {
            let Some(found) = columns(&self.space, &table.name) else {
                table.has_landed = false;
                continue;
            };
            let (have, absent) = table.columns.drain(..).partition(|column| {
                ESSENTIAL.contains(&column.name.as_str()) || has(&found, &column.name)
            });
            (table.columns, table.absent) = (have, absent);
        }
        for table in &mut live.models {
            table.is_new = columns(&self.models_schema, &table.name).is_none();
        }
        let landed = live.landed.clone();
        let is_view =
            |table: &&mut ModelTable| table.reads.is_some() || table.materialized.is_query();
        for view in live.models.iter_mut().filter(is_view) {
            let table = landed.iter().find(|table| Some(&table.name) == view.reads.as_ref());
            let absent = table.map_or(&[][..], |table| &table.absent);
            view.columns.retain(|column| !absent.contains(column));
            if view.materialized.is_query() && table.is_some_and(|table| !table.has_landed) {
                // With what types its columns land is not known yet, and a view's columns keep theirs.
                view.columns.truncate(1);
            }
            if let Some(found) = columns(&self.models_schema, &view.name) {
                let found: Vec<String> = found.into_iter().map(str::to_owned).collect();
                view.keep_order(&found);
            }
        }
        live
    }
}

fn has(found: &[&str], name: &str) -> bool {
    found.iter().any(|one| one.eq_ignore_ascii_case(name))
}
