//! Every table and column of a project with where it comes from and what is made from it: the data of the pages.

use std::collections::HashMap;

use crate::lineage::{ColumnRef, Lineage};
use crate::migrate::checksum;
use crate::project::{LogicalType, Materialization};
use crate::warehouse::{LandedTable, ModelTable, StateTable, TableColumn, Warehouse};

/// The longest name that a file is given as it is, in bytes.
const LONGEST: usize = 120;

/// The tables of a project: landed ones, models, then what idgraph remembers.
pub(super) struct Dictionary {
    pub(super) tables: Vec<Table>,
}

/// What a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Segment lands it.
    Landed,
    /// Segment lands it, and its rows are events from which nothing but a view of them is made.
    Event,
    /// idgraph builds it.
    Model(Materialization),
    /// The view of an event.
    Resolved(Materialization),
    /// idgraph keeps it for itself.
    State,
}

/// A table or view.
pub(super) struct Table {
    pub(super) kind: Kind,
    /// Whether Segment lands it, and its rows are events.
    pub(super) is_event: bool,
    pub(super) schema: String,
    pub(super) name: String,
    pub(super) comment: String,
    /// The columns that tell one row from another; none where rows may land twice.
    pub(super) key: &'static [&'static str],
    pub(super) columns: Vec<Column>,
    /// The tables that it reads.
    pub(super) reads: Vec<usize>,
    /// The tables that read it.
    pub(super) readers: Vec<usize>,
}

/// A column, by the numbers of its table and of itself in the table.
pub(super) type Number = (usize, usize);

/// A column of a table.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) meaning: String,
    pub(super) pii: Option<String>,
    pub(super) logical_type: LogicalType,
    /// The columns that its value is computed from; `None` where the SQL does not tell.
    pub(super) from: Option<Vec<Number>>,
    /// The columns that are computed from it.
    pub(super) to: Vec<Number>,
}

impl Dictionary {
    /// The tables of a warehouse.
    pub(super) fn new(warehouse: &Warehouse, lineage: &Lineage) -> Self {
        let mut tables: Vec<Table> =
            warehouse.landed.iter().map(|table| landed(warehouse, table)).collect();
        tables.extend(warehouse.models.iter().map(|table| model(warehouse, table)));
        tables.extend(warehouse.watermarks.iter().map(|table| state(warehouse, table)));
        let mut dictionary = Self { tables };
        dictionary.connect(lineage);
        dictionary
    }

    /// The tables that are of one of these kinds, by number.
    pub(super) fn of(&self, is_wanted: impl Fn(Kind) -> bool) -> impl Iterator<Item = usize> {
        let wanted =
            move |(number, table): (usize, &Table)| is_wanted(table.kind).then_some(number);
        self.tables.iter().enumerate().filter_map(wanted)
    }

    /// Whether a table is the view of an event.
    pub(super) fn is_resolved(&self, number: usize) -> bool {
        self.tables.get(number).is_some_and(|table| matches!(table.kind, Kind::Resolved(_)))
    }

    /// The column of a number.
    pub(super) fn column(&self, (table, column): Number) -> Option<(&Table, &Column)> {
        let table = self.tables.get(table)?;
        Some((table, table.columns.get(column)?))
    }

    fn connect(&mut self, lineage: &Lineage) {
        let numbers: HashMap<String, usize> =
            self.tables.iter().enumerate().map(|(number, table)| (table.full(), number)).collect();
        let columns: Vec<HashMap<String, usize>> = self
            .tables
            .iter()
            .map(|table| {
                let names = table.columns.iter().map(|column| column.name.clone());
                names.enumerate().map(|(number, name)| (name, number)).collect()
            })
            .collect();
        let number_of = |one: &ColumnRef| -> Option<Number> {
            let table = *numbers.get(&one.table)?;
            Some((table, *columns.get(table)?.get(&one.column)?))
        };
        for (number, read) in lineage.tables.iter().enumerate() {
            let mut reads: Vec<usize> =
                read.reads.iter().filter_map(|name| numbers.get(name).copied()).collect();
            reads.sort_unstable();
            for other in &reads {
                if let Some(other) = self.tables.get_mut(*other) {
                    other.readers.push(number);
                }
            }
            let mut origins: Vec<Option<Vec<Number>>> = Vec::new();
            for (at, column) in read.columns.iter().enumerate() {
                let from = column.from.as_ref();
                let from: Option<Vec<Number>> =
                    from.map(|from| from.iter().filter_map(number_of).collect());
                for (table, column) in from.iter().flatten() {
                    let table = self.tables.get_mut(*table);
                    if let Some(origin) = table.and_then(|table| table.columns.get_mut(*column)) {
                        origin.to.push((number, at));
                    }
                }
                origins.push(from);
            }
            if let Some(table) = self.tables.get_mut(number) {
                table.reads = reads;
                for (column, from) in table.columns.iter_mut().zip(origins) {
                    column.from = from;
                }
            }
        }
    }
}

impl Table {
    /// Its schema and name.
    pub(super) fn full(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }

    /// The page about it.
    pub(super) fn page(&self) -> String {
        let folder = if self.is_landed() { "landed" } else { "models" };
        format!("{folder}/{}.html", slug(&self.name))
    }

    /// Whether Segment lands it.
    pub(super) fn is_landed(&self) -> bool {
        matches!(self.kind, Kind::Landed | Kind::Event)
    }

    /// What it is, in a word or two.
    pub(super) fn kind_word(&self) -> &'static str {
        match self.kind {
            Kind::Landed => "landed table",
            Kind::Event => "landed event",
            Kind::State => "bookkeeping",
            Kind::Model(kept) | Kind::Resolved(kept) => match kept {
                Materialization::View => "view",
                Materialization::Table => "table",
                Materialization::Incremental => "incremental table",
                Materialization::DynamicTable => "dynamic table",
            },
        }
    }
}

impl Column {
    /// The place on its table's page.
    pub(super) fn anchor(&self) -> String {
        format!("c-{}", slug(&self.name))
    }
}

/// A name as part of a file's name and of an address. Names of tables and columns are letters, digits and `_` already;
/// a long one is cut, and told from others by a hash.
pub(super) fn slug(name: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-');
    if name.len() <= LONGEST && !name.is_empty() && name.chars().all(is_plain) {
        return name.to_owned();
    }
    let plain: String = name.chars().filter(|char| is_plain(*char)).take(LONGEST).collect();
    let sum = checksum(name);
    format!("{plain}-{:.12}", sum.rsplit(':').next().unwrap_or_default())
}

fn landed(warehouse: &Warehouse, table: &LandedTable) -> Table {
    let is_event = table.is_event && table.name != warehouse.traits_from;
    let kind = if is_event { Kind::Event } else { Kind::Landed };
    let comment = match table.is_missing {
        true => format!("{}; it has not landed yet", table.comment),
        false => table.comment.clone(),
    };
    let about = (&table.name, &comment, &[][..], &table.columns);
    let mut shown = Table { is_event: table.is_event, ..new(kind, &warehouse.space, about) };
    for (column, shown) in table.columns.iter().zip(&mut shown.columns) {
        if table.lacks(column) {
            shown.meaning.push_str("; it has not landed yet");
        }
    }
    shown
}

fn model(warehouse: &Warehouse, table: &ModelTable) -> Table {
    let kind = match table.reads {
        Some(_) => Kind::Resolved(table.materialized),
        None => Kind::Model(table.materialized),
    };
    let about = (&table.name, &table.comment, table.key, &table.columns);
    new(kind, &warehouse.models_schema, about)
}

fn state(warehouse: &Warehouse, table: &StateTable) -> Table {
    let about = (&table.name, &table.comment, &[][..], &table.columns);
    new(Kind::State, &warehouse.models_schema, about)
}

type About<'a> = (&'a String, &'a String, &'static [&'static str], &'a Vec<TableColumn>);

fn new(kind: Kind, schema: &str, (name, comment, key, columns): About<'_>) -> Table {
    let column = |column: &TableColumn| Column {
        name: column.name.clone(),
        meaning: column.comment.clone(),
        pii: column.pii.clone(),
        logical_type: column.logical_type,
        from: Some(Vec::new()),
        to: Vec::new(),
    };
    Table {
        kind,
        is_event: false,
        schema: schema.to_owned(),
        name: name.clone(),
        comment: comment.clone(),
        key,
        columns: columns.iter().map(column).collect(),
        reads: Vec::new(),
        readers: Vec::new(),
    }
}
