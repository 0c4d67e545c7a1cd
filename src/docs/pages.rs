//! The pages of the site: which there are, and what stands on each.

use std::collections::BTreeMap;
use std::path::PathBuf;

use minijinja::context;
use minijinja::value::Serde;
use serde::Serialize;

use super::dictionary::{Dictionary, Kind, Table};
use super::examples::{Example, by_table, examples};
use super::html::Pages;
use super::statements::{Rendered, Sheet, part, sheets, whole};
use super::values::{Ref, TableValue, dialects, types, variants};
use super::{Subject, drawing, search};
use crate::diagnostic::Result;
use crate::emit::Output;
use crate::parallel;
use crate::render::{self, MARKER};
use crate::warehouse::Warehouse;

/// How many events are listed on a page.
const EVENTS_A_PAGE: usize = 200;
/// With more tables than this that have the same column of personal data, they are counted and not named.
const MOST_TABLES: usize = 8;

/// All pages, the style, the script and its index.
pub(super) fn all(
    subject: &Subject<'_>,
    warehouse: &Warehouse,
    dictionary: &Dictionary,
    rendered: &[Rendered],
) -> Result<Vec<Output>> {
    let site = Site {
        dictionary,
        rendered,
        sheets: sheets(rendered),
        events: events(dictionary),
        examples: examples(subject.fixtures, dictionary),
        outputs: Vec::new(),
    };
    let shared = Shared {
        marker: MARKER,
        project_file: subject.project_file,
        space: &warehouse.space,
        models_schema: &warehouse.models_schema,
        dialects: serde_json::to_value(dialects(subject.dialects)).unwrap_or_default(),
        types: serde_json::to_value(types(subject.dialects)).unwrap_or_default(),
        has_events: !site.events.is_empty(),
        has_examples: !site.examples.is_empty(),
    };
    site.write(&Pages::new(subject.library, &shared)?)
}

#[derive(Serialize)]
struct Shared<'a> {
    marker: &'static str,
    project_file: &'a str,
    space: &'a str,
    models_schema: &'a str,
    dialects: serde_json::Value,
    types: serde_json::Value,
    has_events: bool,
    has_examples: bool,
}

/// The landed tables of events, and the view of each.
fn events(dictionary: &Dictionary) -> Vec<(usize, Option<usize>)> {
    let is_view = |number: &usize| dictionary.is_resolved(*number);
    let mut events = Vec::new();
    for (number, table) in dictionary.tables.iter().enumerate() {
        // All of them read the graph as well.
        let view = table.readers.iter().copied().find(is_view).filter(|_| table.is_event);
        if table.is_event && (table.kind == Kind::Event || view.is_some()) {
            events.push((number, view));
        }
    }
    events
}

struct Site<'a> {
    dictionary: &'a Dictionary,
    rendered: &'a [Rendered],
    sheets: Vec<Sheet>,
    events: Vec<(usize, Option<usize>)>,
    examples: Vec<Example>,
    outputs: Vec<Output>,
}

impl Site<'_> {
    fn write(mut self, pages: &Pages<'_>) -> Result<Vec<Output>> {
        self.put("style.css", pages.render("style.css", context! {})?);
        self.put("site.js", pages.render("site.js", context! {})?);
        let index = search::index(self.dictionary)?;
        self.put("index.js", pages.render("index.js", context! { index })?);
        self.overview(pages)?;
        self.lineage(pages)?;
        self.personal_data(pages)?;
        self.list_events(pages)?;
        self.tables(pages)?;
        self.statements(pages)?;
        self.examples(pages)?;
        Ok(self.outputs)
    }

    fn put(&mut self, path: impl Into<PathBuf>, text: String) {
        self.outputs.push(Output { path: path.into(), text: text.into() });
    }

    fn listed(&self, is_wanted: impl Fn(Kind) -> bool) -> Vec<TableValue> {
        let numbers = self.dictionary.of(is_wanted);
        numbers.filter_map(|number| Some(self.dictionary.tables.get(number)?.value(""))).collect()
    }

    fn overview(&mut self, pages: &Pages<'_>) -> Result<()> {
        let models = self.listed(|kind| matches!(kind, Kind::Model(_) | Kind::State));
        let landed = self.listed(|kind| kind == Kind::Landed);
        let is_event = |number: &&(usize, Option<usize>)| {
            self.dictionary.tables.get(number.0).is_some_and(|table| table.kind == Kind::Event)
        };
        let events = self.events.iter().filter(is_event).count();
        let views = self.events.iter().filter(|(_, view)| view.is_some()).count();
        let columns: usize = self.dictionary.tables.iter().map(|table| table.columns.len()).sum();
        let tagged = self.dictionary.tables.iter().flat_map(|table| &table.columns);
        let tagged = tagged.filter(|column| column.pii.is_some()).count();
        let picture = drawing::tables(self.dictionary);
        let values = context! {
            root => "", page => "overview", models => Serde(models), landed => Serde(landed), events, views, columns, tagged,
            tables => self.dictionary.tables.len(), picture => Serde(picture)
        };
        self.put("index.html", pages.render("overview.html", values)?);
        Ok(())
    }

    fn lineage(&mut self, pages: &Pages<'_>) -> Result<()> {
        let tables = drawing::tables(self.dictionary);
        let columns = drawing::columns(self.dictionary);
        let values = context! {
            root => "", page => "lineage", tables => Serde(tables), columns => Serde(columns)
        };
        self.put("lineage.html", pages.render("lineage.html", values)?);
        Ok(())
    }

    fn personal_data(&mut self, pages: &Pages<'_>) -> Result<()> {
        let mut found: BTreeMap<(&str, &str, &str), Vec<Ref>> = BTreeMap::new();
        for table in &self.dictionary.tables {
            for column in &table.columns {
                let Some(category) = column.pii.as_deref() else { continue };
                let key = (category, column.name.as_str(), column.meaning.as_str());
                let refs = found.entry(key).or_default();
                let href = format!("{}#{}", table.page(), column.anchor());
                refs.push(Ref { text: table.name.clone(), href });
            }
        }
        let rows = found.into_iter().map(|((category, column, meaning), mut tables)| {
            let more = tables.len().saturating_sub(MOST_TABLES);
            tables.truncate(MOST_TABLES);
            Personal { category, column, meaning, tables, more }
        });
        let rows: Vec<Personal<'_>> = rows.collect();
        let values = context! { root => "", page => "personal", rows => Serde(rows) };
        self.put("personal-data.html", pages.render("personal.html", values)?);
        Ok(())
    }

    fn list_events(&mut self, pages: &Pages<'_>) -> Result<()> {
        let events = std::mem::take(&mut self.events);
        let value = |number: usize| Some(self.dictionary.tables.get(number)?.value("../"));
        let name = |event: Option<&(usize, Option<usize>)>| {
            let table = event.and_then(|(number, _)| self.dictionary.tables.get(*number));
            table.map(|table| table.name.clone()).unwrap_or_default()
        };
        let chunks: Vec<_> = events.chunks(EVENTS_A_PAGE).collect();
        let ranges: Vec<_> = chunks
            .iter()
            .enumerate()
            .map(|(index, chunk)| Range {
                number: index + 1,
                first: name(chunk.first()),
                last: name(chunk.last()),
            })
            .collect();
        for (index, chunk) in chunks.into_iter().enumerate() {
            let rows = chunk.iter().filter_map(|(landed, view)| {
                Some(Event { landed: value(*landed)?, view: view.and_then(value) })
            });
            let values = context! {
                root => "../", page => "events", number => index + 1, ranges => Serde(&ranges),
                total => events.len(), rows => Serde(rows.collect::<Vec<_>>())
            };
            let text = pages.render("events.html", values)?;
            self.put(format!("events/{}.html", index + 1), text);
        }
        Ok(())
    }

    fn tables(&mut self, pages: &Pages<'_>) -> Result<()> {
        let examples = by_table(&self.examples);
        let tables: Vec<_> = self.dictionary.tables.iter().enumerate().collect();
        let page = |(number, table): &(usize, &Table)| {
            let sheet = self.sheets.iter().find(|sheet| is_about(sheet, table));
            let sql = sheet.filter(|sheet| sheet.has_parts).map(|sheet| {
                let name = (table.schema.clone(), table.name.clone());
                variants(part(self.rendered, sheet.subject, &name), &[])
            });
            let values = context! {
                root => "../",
                page => "",
                table => Serde(table.value("../")),
                columns => Serde(self.dictionary.columns(table)),
                is_landed => table.is_landed(),
                reads => Serde(self.dictionary.tables_named(&table.reads)),
                readers => Serde(self.dictionary.tables_named(&table.readers)),
                picture => Serde(drawing::around(self.dictionary, *number)),
                sql => Serde(sql),
                sheet => sheet.map(|sheet| sheet.name.clone()),
                examples => Serde(examples.get(table.name.as_str())),
            };
            let text = pages.render("table.html", values)?;
            Ok(Output { path: table.page().into(), text: text.into() })
        };
        let mut outputs = Vec::with_capacity(tables.len());
        parallel::feed(&tables, page, |page| outputs.push(page))?;
        self.outputs.extend(outputs);
        Ok(())
    }

    fn statements(&mut self, pages: &Pages<'_>) -> Result<()> {
        for sheet in &self.sheets {
            let about = self.dictionary.tables.iter().filter(|table| is_about(sheet, table));
            let tables: Vec<_> = about.map(|table| table.value("../")).collect();
            let shown =
                sheet.is_whole.then(|| variants(whole(self.rendered, sheet.subject), &sheet.files));
            let values = context! {
                root => "../", page => "sql", name => &sheet.name, count => tables.len(),
                tables => Serde(if sheet.is_whole { tables } else { Vec::new() }), sql => Serde(shown),
            };
            let text = pages.render("statement.html", values)?;
            self.outputs.push(Output {
                path: format!("sql/{}.html", sheet.name).into(),
                text: text.into(),
            });
        }
        let sheets: Vec<_> = self.sheets.iter().map(|sheet| (&sheet.name, &sheet.files)).collect();
        let values = context! { root => "../", page => "sql", sheets => Serde(sheets) };
        self.put("sql/index.html", pages.render("statements.html", values)?);
        Ok(())
    }

    fn examples(&mut self, pages: &Pages<'_>) -> Result<()> {
        if self.examples.is_empty() {
            return Ok(());
        }
        for example in &self.examples {
            let values = context! { root => "../", page => "examples", example => Serde(example) };
            let text = pages.render("example.html", values)?;
            self.outputs.push(Output { path: (&example.page).into(), text: text.into() });
        }
        let values =
            context! { root => "../", page => "examples", examples => Serde(&self.examples) };
        self.put("examples/index.html", pages.render("examples.html", values)?);
        Ok(())
    }
}

#[derive(Serialize)]
struct Personal<'a> {
    category: &'a str,
    column: &'a str,
    meaning: &'a str,
    tables: Vec<Ref>,
    /// So many tables more have it.
    more: usize,
}

#[derive(Serialize)]
struct Range {
    number: usize,
    first: String,
    last: String,
}

#[derive(Serialize)]
struct Event {
    landed: TableValue,
    view: Option<TableValue>,
}

/// Whether a file makes the table.
fn is_about(sheet: &Sheet, table: &Table) -> bool {
    match (sheet.subject, table.kind) {
        (render::Subject::State, Kind::State)
        | (render::Subject::Model(crate::project::Model::ResolvedEvents), Kind::Resolved(_)) => {
            true
        }
        (render::Subject::Model(_), Kind::Model(_)) => {
            sheet.tables.contains(&(table.schema.clone(), table.name.clone()))
        }
        _ => false,
    }
}
