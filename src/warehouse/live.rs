//! The warehouse as a database has it: Segment adds a landed column with its first value, and not before.

use super::{ModelTable, Warehouse};

/// Columns without which a landed table says nothing.
const ESSENTIAL: [&str; 4] =
    ["segment_id", "canonical_segment_id", "external_id_type", "external_id_value"];

impl Warehouse {
    /// The warehouse with the columns of landed tables and views that a database has, each with its type, by schema and
    /// name; `None` for a table that it does not have, which is then made as the project says.
    ///
    /// What has not landed yet is NULL in tables and left out of views. A view keeps the order of its columns and
    /// gains new ones behind them, since not every database can put one in between.
    #[must_use]
    pub fn as_landed<'a>(
        &self,
        columns: impl Fn(&str, &str) -> Option<Vec<(&'a str, &'a str)>>,
    ) -> Self {
        let mut live = self.clone();
        for table in &mut live.landed {
            table.is_new = columns(&self.space, &table.name).is_none();
            if let Some(found) = columns(&self.space, &table.name) {
                let (have, absent) = table.columns.drain(..).partition(|column| {
                    ESSENTIAL.contains(&column.name.as_str()) || has(&found, &column.name)
                });
                (table.columns, table.absent) = (have, absent);
                let types = found.iter();
                table.types = types
                    .map(|(name, sql_type)| (name.to_lowercase(), (*sql_type).to_owned()))
                    .collect();
            }
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
            let is_absent = |name: &str| absent.iter().any(|one| one.shown_name() == name);
            view.columns.retain(|column| !is_absent(&column.name));
            if let Some(found) = columns(&self.models_schema, &view.name) {
                let found: Vec<String> =
                    found.into_iter().map(|(name, _)| name.to_owned()).collect();
                view.keep_order(&found);
            }
        }
        live
    }
}

fn has(found: &[(&str, &str)], name: &str) -> bool {
    found.iter().any(|(one, _)| one.eq_ignore_ascii_case(name))
}
