//! What watermarks note of traits: for each the columns that it has been read from.

use minijinja::value::{Serde, Value};
use serde::Serialize;

use crate::dialect::Dialect;
use crate::warehouse::{LandedTable, TableColumn, Warehouse};

/// A trait as read from one landed column. One that it landed in before has a mark of its own, so that one more is news.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Mark {
    /// The trait as a column.
    name: String,
    /// What is noted, as a text; the filter `mark` makes it one that no landed table is called.
    literal: String,
    /// The trait's column as a text,
    column: String,
    /// and the landed one.
    landed: String,
    /// Whether what is noted is not the name of both.
    is_other: bool,
    /// The latter as models call it, or did.
    #[serde(skip)]
    pub(super) read_from: String,
    /// Whether that is a name that the trait had before.
    #[serde(skip)]
    pub(super) is_former: bool,
    /// Whether it has landed.
    #[serde(skip)]
    pub(super) is_read: bool,
}

impl Mark {
    /// All marks of a trait, those of columns that have not landed, too.
    pub(super) fn all(
        column: &TableColumn,
        table: Option<&LandedTable>,
        dialect: &Dialect,
    ) -> Vec<Self> {
        let before = column.renamed_from.iter().map(String::as_str);
        let names = std::iter::once(column.shown_name()).chain(before);
        names.map(|name| Self::new(column, name, table, dialect)).collect()
    }

    fn new(
        column: &TableColumn,
        name: &str,
        table: Option<&LandedTable>,
        dialect: &Dialect,
    ) -> Self {
        let shown = column.shown_name();
        let columns = table.into_iter().flat_map(|table| &table.columns);
        let landed = columns.clone().find(|one| one.place.is_some() && one.shown_name() == name);
        let landed_as = landed.map_or_else(|| name.to_owned(), |one| dialect.landed_column(one));
        let is_former = name != shown;
        let noted = if is_former { format!("{name} as {shown}") } else { name.to_owned() };
        Self {
            name: dialect.written(shown).into_owned(),
            literal: dialect.literal(&noted),
            column: dialect.literal(shown),
            is_other: noted != landed_as,
            landed: dialect.literal(&landed_as),
            read_from: name.to_owned(),
            is_former,
            is_read: table.zip(landed).is_some_and(|(table, landed)| table.has_landed(landed)),
        }
    }

    /// As one value.
    pub(super) fn value(self) -> Value {
        Value::from(Serde(self))
    }

    /// The marks of a warehouse's traits: of what has landed, and all whose name is not that of both columns.
    pub(super) fn of(warehouse: &Warehouse, dialect: &Dialect) -> (Value, Value) {
        let table = warehouse.landed_table(warehouse.traits_from);
        let traits = warehouse.traits().iter();
        let all: Vec<Self> = traits.flat_map(|one| Self::all(one, table, dialect)).collect();
        let read = all.iter().filter(|mark| mark.is_read).cloned().map(Self::value).collect();
        let other = all.into_iter().filter(|mark| mark.is_other).map(Self::value).collect();
        (read, other)
    }
}
