//! The ledger: which migrations a database has run, as the database says itself.

use crate::diagnostic::{Diagnostic, Diagnostics, Result};
use crate::engine::{Catalog, Cell, Engine, Kind};
use crate::warehouse::state;

/// What the ledger says.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// Its rows in the order of their numbers.
    pub entries: Vec<Entry>,
    /// Whether the table is there.
    pub exists: bool,
}

/// A migration in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// `applied`, or `baseline`.
    pub how: String,
    /// The checksum of its text then.
    pub checksum: String,
    /// How that was computed.
    pub algorithm: u32,
    /// How many statements it has.
    pub statements: usize,
    /// How many of them are done.
    pub done: usize,
    /// Rows that they wrote.
    pub rows: u64,
    /// When it was started.
    pub started_at: String,
    /// When it was done; `None` when it stopped halfway.
    pub finished_at: Option<String>,
    /// The idgraph that ran it.
    pub version: String,
    /// The user that ran it, where the database has users.
    pub user: Option<String>,
    /// Why it stopped halfway.
    pub error: Option<String>,
}

impl Ledger {
    /// Reads the ledger in a schema.
    ///
    /// # Errors
    /// When it cannot be read, or a table of its name is not idgraph's.
    pub fn read(engine: &mut dyn Engine, catalog: &Catalog, schema: &str) -> Result<Self> {
        let table = state::ledger();
        let Some(found) = catalog.find(schema, &table.name) else { return Ok(Self::default()) };
        let name = format!("{schema}.{}", table.name);
        if !found.is_ours {
            Diagnostics::check(catalog.distrust())?;
        }
        if !found.is_ours || found.kind != Kind::Table {
            return Err(found
                .not_ours(&name)
                .note("idgraph notes there which migrations were run")
                .help("choose another `models_schema`, or move that table away")
                .into());
        }
        let lacks = |column: &&crate::warehouse::TableColumn| found.column(&column.name).is_none();
        if let Some(column) = table.columns.iter().find(lacks) {
            return Err(Diagnostic::error(
                "ledger",
                format!("{name} has no column {}", column.name),
            )
            .note("the table was made by another version of idgraph, or changed by hand")
            .help("use the idgraph that made it, or put the column back")
            .into());
        }
        let rows = engine.rows(schema, found, &vec!["number".to_owned()], None)?;
        let mut entries = Vec::new();
        for row in &rows.rows {
            let cell = |column: &str| {
                let index = rows.columns.iter().position(|name| name.eq_ignore_ascii_case(column));
                index.and_then(|index| row.get(index)).unwrap_or(&Cell::Null)
            };
            entries.push(Entry::read(cell).ok_or_else(|| {
                Diagnostic::error(
                    "ledger",
                    format!("{name} has a row that idgraph cannot have written"),
                )
                .help("put the row right by hand; `idgraph status` shows the others")
            })?);
        }
        Ok(Self { entries, exists: true })
    }

    /// The entry of a number.
    pub fn find(&self, number: u32) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.number == number)
    }

    /// The highest number.
    pub fn newest(&self) -> Option<&Entry> {
        self.entries.last()
    }
}

impl Entry {
    fn read<'a>(cell: impl Fn(&str) -> &'a Cell) -> Option<Self> {
        let number = |column: &str| match cell(column) {
            Cell::Integer(number) => u64::try_from(*number).ok(),
            _ => None,
        };
        let text = |column: &str| cell(column).text();
        Some(Self {
            number: u32::try_from(number("number")?).ok()?,
            name: text("name")?,
            how: text("how")?,
            checksum: text("checksum")?,
            algorithm: u32::try_from(number("algorithm")?).ok()?,
            statements: usize::try_from(number("statements")?).ok()?,
            done: usize::try_from(number("statements_done")?).ok()?,
            rows: number("rows_written")?,
            started_at: text("started_at")?,
            finished_at: text("finished_at"),
            version: text("idgraph_version")?,
            user: text("database_user"),
            error: text("error"),
        })
    }

    /// Whether all of it is done.
    pub fn is_finished(&self) -> bool {
        self.finished_at.is_some()
    }
}
