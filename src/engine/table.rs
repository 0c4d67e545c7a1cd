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

impl Rows {
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
