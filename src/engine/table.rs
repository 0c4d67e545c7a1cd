//! Rows on their way to a person or a program.

use super::Found;

/// What rows are sorted by: columns, each ascending with NULL first.
pub type Sort = Vec<String>;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// NULL.
    Null,
    /// Text, and a timestamp as `2022-05-02 14:01:00` in UTC.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// True or false.
    Boolean(bool),
}

/// Some rows of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// The columns' names.
    pub columns: Vec<String>,
    /// The rows, a cell for each column.
    pub rows: Vec<Vec<Cell>>,
    /// Whether the table has more rows than were asked for.
    pub more: bool,
}

impl Rows {
    /// How many rows of a table to ask for: one more than are wanted says whether there are more.
    pub(super) fn take(limit: Option<u64>) -> String {
        limit.map_or(String::new(), |limit| format!(" LIMIT {}", limit.saturating_add(1)))
    }

    /// The rows of a table that were asked for with [`Rows::take`].
    pub(super) fn of(table: &Found, mut rows: Vec<Vec<Cell>>, limit: Option<u64>) -> Self {
        let wanted = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        let more = rows.len() > wanted;
        rows.truncate(wanted);
        let columns = table.columns.iter().map(|column| column.name.clone()).collect();
        Self { columns, rows, more }
    }

    /// Keeps the columns named, in that order; those that there are not are passed over.
    pub fn keep(&mut self, columns: &[&str]) {
        let place = |name: &&str| self.columns.iter().position(|column| column == *name);
        let places: Vec<usize> = columns.iter().filter_map(place).collect();
        let pick =
            |row: &[Cell]| places.iter().filter_map(|index| row.get(*index).cloned()).collect();
        self.rows = self.rows.iter().map(|row| pick(row)).collect();
        self.columns =
            places.iter().filter_map(|index| self.columns.get(*index).cloned()).collect();
    }
}

impl Cell {
    /// As JSON has it.
    pub fn json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Text(text) => text.as_str().into(),
            Self::Integer(number) => (*number).into(),
            Self::Float(number) => (*number).into(),
            Self::Boolean(truth) => (*truth).into(),
        }
    }

    /// As text; `None` for NULL.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Text(text) => Some(text.clone()),
            Self::Integer(number) => Some(number.to_string()),
            Self::Float(number) => Some(number.to_string()),
            Self::Boolean(truth) => Some(truth.to_string()),
        }
    }
}
