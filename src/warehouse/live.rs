//! The warehouse as a space has it: Segment adds a landed table with its first row, a column with its first value, and not
//! before.

use super::{ModelTable, TableColumn, Warehouse};
use crate::project::{LandedTables, Project};

/// Columns without which a landed table says nothing.
const ESSENTIAL: [&str; 4] =
    ["segment_id", "canonical_segment_id", "external_id_type", "external_id_value"];

impl Warehouse {
    /// The warehouse with what a project's record says has landed in a dialect.
    #[must_use]
    pub fn as_recorded(self, project: &Project, dialect: &str) -> Self {
        match project.landed.of(dialect) {
            Some(tables) => self.as_landed(tables),
            None => self,
        }
    }

    /// The warehouse with what has landed: a column that has not is NULL, a table that has not is without rows.
    #[must_use]
    pub fn as_landed(&self, landed: &LandedTables) -> Self {
        let mut live = self.clone();
        for table in &mut live.landed {
            table.found = landed.table(&table.name).cloned();
            table.is_missing = table.found.is_none();
            if let Some(found) = &table.found {
                let is_absent = |column: &&TableColumn| {
                    !is_essential(&column.name) && found.sql_type(&column.name).is_none()
                };
                table.absent = table.columns.iter().filter(is_absent).cloned().collect();
            }
        }
        live
    }

    /// The warehouse as if all of it had landed: what a model means does not depend on that.
    #[must_use]
    pub fn as_if_all_landed(mut self) -> Self {
        for table in &mut self.landed {
            (table.is_missing, table.found) = (false, None);
            table.absent.clear();
        }
        self
    }

    /// The warehouse with the landed types that another version of it knows, so that both read a column alike.
    #[must_use]
    pub fn with_types_of(mut self, other: &Self) -> Self {
        for table in self.landed.iter_mut().filter(|table| !table.is_missing) {
            table.found = other.landed_table(&table.name).and_then(|other| other.found.clone());
        }
        self
    }

    /// The warehouse with the models that a database has, by the columns of each; `None` for one that it does not have. A view
    /// keeps the order of its columns and gains new ones behind them, since not every database can put one in between.
    #[must_use]
    pub fn as_built<'a>(&self, columns: impl Fn(&str) -> Option<Vec<&'a str>>) -> Self {
        let mut live = self.clone();
        for table in &mut live.models {
            let found = columns(&table.name);
            table.is_new = found.is_none();
            if let Some(found) = found.filter(|_| is_view(table)) {
                let found: Vec<String> = found.into_iter().map(str::to_owned).collect();
                table.keep_order(&found);
            }
        }
        live
    }
}

/// Whether a landed table says nothing without a column of that name.
pub fn is_essential(name: &str) -> bool {
    ESSENTIAL.contains(&name)
}

fn is_view(table: &ModelTable) -> bool {
    table.reads.is_some() || table.materialized.is_query()
}
