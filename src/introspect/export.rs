//! What a catalog says of a space's columns, exported as CSV or JSON by the tools of a warehouse that idgraph does not
//! reach.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Landed, LandedColumn};
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Result, Source};
use crate::files;

/// The largest export that is read, in bytes.
const LARGEST: u64 = 256 * 1024 * 1024;

/// How many mistakes are shown.
const SHOWN: usize = 10;

/// What every row says, by the names of `information_schema.columns`.
const NEEDED: [&str; 3] = ["table_name", "column_name", "data_type"];

/// Rows of a catalog.
#[derive(Debug)]
pub struct Export {
    name: String,
    rows: Vec<Row>,
}

/// One row: a column of the warehouse.
#[derive(Debug)]
struct Row {
    place: Place,
    schema: Option<String>,
    table: String,
    column: LandedColumn,
    position: Option<u64>,
}

impl Export {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, is neither CSV nor JSON, or a row lacks something, with the line.
    pub fn read(path: &Path) -> Result<Self> {
        let source = Source::new(path.display().to_string(), text(path)?);
        let begin = source.text.trim_start();
        let rows = if begin.starts_with(['[', '{']) { json(&source)? } else { csv(&source)? };
        Ok(Self { name: source.name.clone(), rows })
    }

    /// The one schema that its rows are of; `None` when they do not say.
    ///
    /// # Errors
    /// When there are several.
    pub fn schema(&self) -> Result<Option<String>> {
        let schemas = self.schemas();
        match schemas.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some((*one).to_owned())),
            several => Err(Diagnostic::error(
                "export-schemas",
                format!("{} has rows of several schemas: {}", self.name, several.join(", ")),
            )
            .help("say which is the space: --space NAME")
            .into()),
        }
    }

    fn schemas(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self.rows.iter().filter_map(|row| row.schema.as_deref()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The tables of a space, by name, their columns in the order of the warehouse.
    ///
    /// # Errors
    /// When no row is of the space while some are of others, and for a column that is there twice with two types.
    pub fn tables(mut self, space: &str) -> Result<Vec<Landed>> {
        let is_of = |row: &Row| row.schema.as_deref().is_none_or(|one| same(one, space));
        if !self.rows.is_empty() && !self.rows.iter().any(is_of) {
            return Err(Diagnostic::error(
                "export-schemas",
                format!("{} has no row of the space {space}", self.name),
            )
            .note(format!("its rows are of: {}", self.schemas().join(", ")))
            .help("`idgraph introspect --print-query` prints the query to export")
            .into());
        }
        self.rows.retain(is_of);
        self.rows.sort_by_key(|row| row.position);
        let mut tables: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        let mut problems = Vec::new();
        for row in self.rows {
            let rows = tables.entry(row.table.clone()).or_default();
            match rows.iter().find(|one| one.column.name == row.column.name) {
                None => rows.push(row),
                Some(first) if first.column.sql_type == row.column.sql_type => {}
                Some(first) if problems.len() < SHOWN => problems.push(
                    Diagnostic::error(
                        "export-twice",
                        format!("{}.{} is there twice, with two types", row.table, row.column.name),
                    )
                    .at(&row.place, format!("{} here", row.column.sql_type))
                    .and_at(&first.place, format!("{} here", first.column.sql_type))
                    .help("is it an export of two databases? keep the rows of one"),
                ),
                Some(_) => {}
            }
        }
        Diagnostics::check(problems)?;
        let landed = |(name, rows): (String, Vec<Row>)| {
            let columns = rows.into_iter().map(|row| row.column).collect();
            Landed { name, columns }
        };
        Ok(tables.into_iter().map(landed).collect())
    }
}

/// Whether two schemas are the same, whatever the case of the catalog.
fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn text(path: &Path) -> Result<String> {
    let shown = path.display();
    let unreadable = |why: String| {
        Diagnostic::error("export-unreadable", format!("cannot read {shown}: {why}"))
            .help("give the file that the warehouse's tool wrote: --from FILE")
    };
    let bytes = files::bytes_up_to(path, LARGEST).map_err(|error| unreadable(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
        let what =
            format!("{shown} is not UTF-8 text: line {line} has bytes that are no character");
        Diagnostic::error("export-not-text", what).help("export it as UTF-8, CSV or JSON")
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// The rows of a CSV file with a header.
fn csv(source: &Arc<Source>) -> Result<Vec<Row>> {
    let first = source.text.lines().next().unwrap_or_default();
    let count = |mark: u8| first.bytes().filter(|byte| *byte == mark).count();
    // The first of those that there are most of.
    let delimiter = b",;\t|".iter().copied().rev().max_by_key(|mark| count(*mark)).unwrap_or(b',');
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).from_reader(source.text.as_bytes());
    let place = |line: u64| {
        let span = source.line(usize::try_from(line).unwrap_or(usize::MAX));
        Place { source: Arc::clone(source), span }
    };
    let broken = |error: &::csv::Error, line: u64| {
        Diagnostic::error("export-invalid", format!("{} is not CSV: {}", source.name, why(error)))
            .at(&place(error.position().map_or(line, ::csv::Position::line)), "")
            .help("export it as CSV with a header and quotes, or as JSON")
    };
    let header: Vec<String> = match reader.headers() {
        Ok(header) => header.iter().map(|name| name.trim().to_lowercase()).collect(),
        Err(error) => return Err(broken(&error, 1).into()),
    };
    let missing: Vec<&str> =
        NEEDED.into_iter().filter(|name| !header.iter().any(|one| one == name)).collect();
    if !missing.is_empty() {
        return Err(Diagnostic::error(
            "export-header",
            format!("the header of {} has no {}", source.name, missing.join(", no ")),
        )
        .at(&place(1), "the first line names the columns")
        .help("`idgraph introspect --print-query` prints the query whose result is read here")
        .into());
    }
    let mut rows = Vec::new();
    let mut problems = Vec::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            // What is broken here can break all that follows.
            Err(error) => {
                problems.push(broken(&error, 1));
                break;
            }
        };
        let line = record.position().map_or(1, ::csv::Position::line);
        let get = |name: &str| {
            let index = header.iter().position(|one| one == name)?;
            record.get(index).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        match row(get, place(line)) {
            Ok(row) => rows.push(row),
            Err(problem) if problems.len() < SHOWN => problems.push(problem),
            Err(_) => {}
        }
    }
    Diagnostics::check(problems)?;
    Ok(rows)
}

/// What is wrong, without the place: that is shown.
fn why(error: &::csv::Error) -> String {
    match error.kind() {
        ::csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("this line has {len} fields, the header {expected_len}")
        }
        _ => error.to_string(),
    }
}

/// The rows of a JSON array of objects, or of an object on each line.
fn json(source: &Arc<Source>) -> Result<Vec<Row>> {
    let text = source.text.as_str();
    let mut at = text.len() - text.trim_start().len();
    let is_array = text.get(at..).is_some_and(|rest| rest.starts_with('['));
    at += usize::from(is_array);
    let mut rows = Vec::new();
    let mut problems = Vec::new();
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let begin = rest.trim_start_matches(|char: char| char.is_whitespace() || char == ',');
        at += rest.len() - begin.len();
        if begin.is_empty() && is_array {
            return Err(broken_json(source, at, "the array is not closed").into());
        }
        if begin.is_empty() || (is_array && begin.starts_with(']')) {
            break;
        }
        let mut stream =
            serde_json::Deserializer::from_str(begin).into_iter::<Map<String, Value>>();
        let object = match stream.next() {
            Some(Ok(object)) => object,
            Some(Err(error)) => {
                let said = error.to_string();
                let said = said.split(" at line ").next().unwrap_or_default();
                let lines = begin.split_inclusive('\n').take(error.line().saturating_sub(1));
                let line: usize = lines.map(str::len).sum();
                let end = at + line + error.column().saturating_sub(1);
                return Err(broken_json(source, end, said).into());
            }
            None => break,
        };
        let end = at + stream.byte_offset();
        let line = text.get(at..end).unwrap_or_default().lines().next().unwrap_or_default();
        let place = Place { source: Arc::clone(source), span: at..at + line.len() };
        let get = |name: &str| {
            let (_, value) = object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
            match value {
                Value::Null => None,
                Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
                other => Some(other.to_string()),
            }
        };
        match row(get, place) {
            Ok(row) => rows.push(row),
            Err(problem) if problems.len() < SHOWN => problems.push(problem),
            Err(_) => {}
        }
        at = end;
    }
    Diagnostics::check(problems)?;
    Ok(rows)
}

fn broken_json(source: &Arc<Source>, at: usize, why: &str) -> Diagnostic {
    let at = at.min(source.text.len());
    let place = Place { source: Arc::clone(source), span: at..at };
    Diagnostic::error("export-invalid", format!("{} is not JSON: {why}", source.name))
        .at(&place, "")
        .help("write an array of objects, or one object on each line")
}

fn row(get: impl Fn(&str) -> Option<String>, place: Place) -> std::result::Result<Row, Diagnostic> {
    match NEEDED.map(&get) {
        [Some(table), Some(name), Some(data_type)] => {
            let sql_type = get("full_data_type").unwrap_or(data_type);
            // A number is whole or not by its scale.
            let sql_type = match (get("numeric_precision"), get("numeric_scale")) {
                (Some(precision), Some(scale)) if !sql_type.contains('(') => {
                    format!("{sql_type}({precision},{scale})")
                }
                _ => sql_type,
            };
            let position = get("ordinal_position").and_then(|text| text.parse().ok());
            let column = LandedColumn { name, sql_type };
            Ok(Row { place, schema: get("table_schema"), table, column, position })
        }
        values => {
            let missing: Vec<&str> = NEEDED
                .into_iter()
                .zip(&values)
                .filter(|(_, value)| value.is_none())
                .map(|(name, _)| name)
                .collect();
            let message = format!("this row has no {}", missing.join(", no "));
            Err(Diagnostic::error("export-row", message).at(&place, "").help(
                "`idgraph introspect --print-query` prints the query whose result is read here",
            ))
        }
    }
}
