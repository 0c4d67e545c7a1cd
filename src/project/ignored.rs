//! What lands in a space and is not wanted there.

/// A landed table or column that nobody is to be told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// The table; `None` for all of them.
    table: Option<String>,
    /// The column; `None` for the table as a whole.
    column: Option<String>,
}

impl Ignored {
    /// Of `table`, `table.column` or `*.column`; `None` when the text is none of these.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (table, column) = match text.split_once('.') {
            Some((table, column)) => (table, Some(column)),
            None => (text, None),
        };
        let is_name = |name: &str| {
            !name.is_empty()
                && !name.contains(|char: char| matches!(char, '.' | '*') || char.is_whitespace())
        };
        let is_sound = match column {
            Some(column) => (table == "*" || is_name(table)) && is_name(column),
            None => is_name(table),
        };
        is_sound.then(|| Self {
            table: (table != "*").then(|| table.to_owned()),
            column: column.map(str::to_owned),
        })
    }

    /// Whether it is about the table as a whole.
    pub fn is_table(&self, table: &str) -> bool {
        self.column.is_none() && self.is_of(table)
    }

    /// Whether it is about the column, by itself or with its table. Not every warehouse keeps the case of a name.
    pub fn is_column(&self, table: &str, column: &str) -> bool {
        self.is_of(table) && self.column.as_ref().is_none_or(|one| one.eq_ignore_ascii_case(column))
    }

    fn is_of(&self, table: &str) -> bool {
        self.table.as_ref().is_none_or(|one| one.eq_ignore_ascii_case(table))
    }
}
