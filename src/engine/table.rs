//! Rows on their way to a person or a program.

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

impl Cell {
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
