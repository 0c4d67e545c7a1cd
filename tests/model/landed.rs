//! Rows, and the tables that Segment landed.

use std::collections::BTreeMap;
use std::fmt;

use super::Value;

/// A row: values by column. A column that it does not name is NULL.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row(pub BTreeMap<String, Value>);

impl Row {
    /// The value of a column.
    pub fn get(&self, column: &str) -> &Value {
        self.0.get(column).unwrap_or(&Value::Null)
    }

    /// The text of a column; `None` for NULL.
    pub fn text(&self, column: &str) -> Option<&str> {
        self.get(column).text()
    }

    /// The same row with another value in a column.
    pub fn with(mut self, column: &str, value: impl Into<Value>) -> Self {
        self.0.insert(column.to_owned(), value.into());
        self
    }
}

impl fmt::Display for Row {
    /// What is not NULL.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = self.0.iter().filter(|(_, value)| !value.is_null());
        let values: Vec<_> = values.map(|(column, value)| format!("{column}: {value}")).collect();
        write!(formatter, "{{ {} }}", values.join(", "))
    }
}

/// `row!(segment_id: "p1", timestamp: day(3))`
macro_rules! row {
    ($($column:ident : $value:expr),* $(,)?) => {
        $crate::model::Row(std::collections::BTreeMap::from([
            $((stringify!($column).to_owned(), $crate::model::Value::from($value))),*
        ]))
    };
}
pub(crate) use row;

/// Landed rows by table, in the order of landing.
#[derive(Debug, Clone, Default)]
pub struct Landed(pub BTreeMap<String, Vec<Row>>);

impl Landed {
    /// The rows of a table; none for one where nothing landed yet.
    pub fn rows(&self, table: &str) -> &[Row] {
        self.0.get(table).map_or(&[], Vec::as_slice)
    }

    /// Lands more rows.
    pub fn add(&mut self, table: &str, rows: impl IntoIterator<Item = Row>) {
        self.0.entry(table.to_owned()).or_default().extend(rows);
    }

    /// The same with more rows.
    pub fn and(mut self, table: &str, rows: impl IntoIterator<Item = Row>) -> Self {
        self.add(table, rows);
        self
    }
}

impl fmt::Display for Landed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (table, rows) in self.0.iter().filter(|(_, rows)| !rows.is_empty()) {
            writeln!(formatter, "  {table}, {} rows", rows.len())?;
            for row in rows.iter().take(60) {
                writeln!(formatter, "    {row}")?;
            }
            if rows.len() > 60 {
                writeln!(formatter, "    …")?;
            }
        }
        Ok(())
    }
}
