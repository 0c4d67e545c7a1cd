//! Fixtures as worked examples: what lands, and which tables come of it, as the fixture says. `idgraph test` holds them true.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::dictionary::{Dictionary, slug};
use super::values::Ref;
use crate::engine::Cell;
use crate::fixture::{self, Fixture, Row};

/// More examples than this are not named on the page of a table.
const MOST: usize = 6;

/// A fixture on a page of its own.
#[derive(Debug, Serialize)]
pub(super) struct Example {
    /// The page, below the root of the site.
    pub(super) page: String,
    /// What it is about, or its file's name.
    pub(super) title: String,
    /// Its file's name.
    file: String,
    batches: Vec<Batch>,
}

#[derive(Debug, Serialize)]
struct Batch {
    land: Vec<Part>,
    expect: Vec<Part>,
    /// Whether incremental models are built anew after it.
    full: bool,
}

/// Rows of one table.
#[derive(Debug, Serialize)]
struct Part {
    name: String,
    /// The page of the table, below the root of the site.
    page: Option<String>,
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
}

/// A value; without a text where the row does not say.
#[derive(Debug, Serialize)]
struct Value {
    text: Option<String>,
    is_null: bool,
    /// Whether the batch before expected another one in the row with the same key.
    is_new: bool,
}

/// All fixtures, in the order given.
pub(super) fn examples(fixtures: &[Fixture], dictionary: &Dictionary) -> Vec<Example> {
    // The list of them has a page, too.
    let mut names: HashMap<String, usize> = HashMap::from([("index".to_owned(), 1)]);
    let example = |fixture: &Fixture| {
        let text = |part: Option<&std::ffi::OsStr>| {
            part.unwrap_or_default().to_string_lossy().into_owned()
        };
        let file = text(fixture.path.file_name());
        let mut name = slug(&text(fixture.path.file_stem()));
        let count = names.entry(name.to_lowercase()).or_default();
        *count += 1;
        if *count > 1 {
            name = format!("{name}--{count}");
        }
        let mut before = Before::new();
        Example {
            page: format!("examples/{name}.html"),
            title: fixture.about.clone().unwrap_or_else(|| file.clone()),
            file,
            batches: fixture
                .batches
                .iter()
                .map(|one| batch(one, dictionary, &mut before))
                .collect(),
        }
    };
    fixtures.iter().map(example).collect()
}

/// For each table, the examples that say something about it, from a page in a folder.
pub(super) fn by_table(examples: &[Example]) -> BTreeMap<&str, Vec<Ref>> {
    let mut found: BTreeMap<&str, Vec<Ref>> = BTreeMap::new();
    for example in examples {
        let href = format!("../{}", example.page);
        for part in example.batches.iter().flat_map(|batch| batch.land.iter().chain(&batch.expect))
        {
            let refs = found.entry(&part.name).or_default();
            if refs.len() < MOST && refs.iter().all(|one| one.href != href) {
                refs.push(Ref { text: example.title.clone(), href: href.clone() });
            }
        }
    }
    found
}

/// The rows expected last, by table and key.
type Before = HashMap<(String, Vec<String>), HashMap<String, String>>;

fn batch(batch: &fixture::Batch, dictionary: &Dictionary, before: &mut Before) -> Batch {
    let land = batch.land.iter().map(|table| part(table, dictionary, None)).collect();
    let expect = batch.expect.iter().map(|table| part(table, dictionary, Some(&mut *before)));
    Batch { land, expect: expect.collect(), full: batch.full }
}

fn part(table: &fixture::Table, dictionary: &Dictionary, before: Option<&mut Before>) -> Part {
    let known = dictionary.tables.iter().find(|known| known.name == table.name);
    // In the order of the table; what nobody wrote is left out.
    let is_written = |column: &str| {
        let mut cells = table.rows.iter().flat_map(|row| &row.cells);
        cells.any(|cell| cell.column == column && !cell.span.is_empty())
    };
    let columns = known.into_iter().flat_map(|known| &known.columns);
    let columns: Vec<String> =
        columns.map(|column| column.name.clone()).filter(|name| is_written(name)).collect();
    let key = known.map_or(&[][..], |known| known.key);
    let mut rows: Vec<Vec<Value>> = table
        .rows
        .iter()
        .map(|row| columns.iter().map(|column| value(row, column)).collect())
        .collect();
    if let Some(before) = before {
        let mut now = HashMap::new();
        for (row, values) in table.rows.iter().zip(&mut rows) {
            let key: Option<Vec<String>> =
                key.iter().map(|column| row.get(column).map(fixture::shown)).collect();
            let Some(key) = key.filter(|key| !key.is_empty()) else { continue };
            let key = (table.name.clone(), key);
            let said = columns.iter().zip(values.iter());
            let said =
                said.filter_map(|(column, value)| Some((column.clone(), value.text.clone()?)));
            let said: HashMap<String, String> = said.collect();
            if let Some(old) = before.get(&key) {
                for (column, value) in columns.iter().zip(values) {
                    let old = old.get(column);
                    value.is_new =
                        old.is_some() && value.text.is_some() && old != value.text.as_ref();
                }
            }
            now.insert(key, said);
        }
        before.extend(now);
    }
    Part { name: table.name.clone(), page: known.map(|known| known.page()), columns, rows }
}

fn value(row: &Row, column: &str) -> Value {
    let cells = row.cells.iter().filter(|cell| cell.column == column && !cell.span.is_empty());
    let cell = cells.map(|cell| &cell.value).next();
    Value {
        text: cell.map(fixture::shown),
        is_null: matches!(cell, Some(Cell::Null)),
        is_new: false,
    }
}
