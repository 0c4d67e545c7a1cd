//! What idgraph's own statements about its bookkeeping look like: rendered for the record at hand, and compared word by word.
//! What they are about differs with the project, so texts stand for one another, and so do lists of one kind.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use sqlparser::tokenizer::{Token, Tokenizer};

use super::file::MigrationStatement;
use super::schema::Schema;
use crate::diagnostic::{Result, Source};
use crate::dialect::{Dialect, Library};
use crate::project::{Known, Model, Project};
use crate::render::{Action, Bookkeeping, Changes, How, Statement, render_full, statements};
use crate::warehouse::{TableColumn, Warehouse, state};

/// The statements about bookkeeping of one dialect and one record.
#[derive(Debug, Default)]
pub(super) struct Books {
    /// By what a statement begins with, the parts of its `UNION ALL`.
    shapes: HashMap<String, HashSet<String>>,
    warehouse: Option<Warehouse>,
    library: Library,
}

/// The words of a statement, texts left out.
struct Shape {
    /// Those before its first SELECT.
    head: String,
    /// The parts of its `UNION ALL` that differ.
    parts: HashSet<String>,
    /// The first text of each part.
    subjects: Vec<String>,
}

impl Books {
    pub(super) fn of(record: &Schema, dialect: &Dialect, library: &Library) -> Self {
        let mut books = Self { library: library.clone(), ..Self::default() };
        // A template that cannot be rendered is told by whoever renders it; here nothing is known then, so nothing passes.
        for (traits_from, load_time, one) in PROBES {
            let _ = books.add(record, (traits_from, load_time, one), dialect);
        }
        books
    }

    fn add(
        &mut self,
        record: &Schema,
        settings: (&str, &str, &str),
        dialect: &Dialect,
    ) -> Result<()> {
        let project = probe(record, settings, dialect)?;
        // With the catalog of the record.
        let dialect = &dialect.clone().of_project(&project);
        let warehouse = Warehouse::of(&project);
        let library = self.library.clone();
        let files = render_full(&warehouse, dialect, &library, "")?;
        for statement in files.iter().flat_map(|file| file.statements()) {
            self.note(statement, dialect);
        }
        let changes = Changes::new(&warehouse, dialect, &library)?;
        let traits: Vec<TableColumn> = warehouse.traits().to_vec();
        for model in warehouse.models.iter().map(|model| model.name.as_str()) {
            for template in ["forget", "forget_traits", "note_traits"] {
                let text = changes.watermarks(template, model, &traits)?;
                for statement in statements(&Source::new(template, text), dialect)? {
                    self.note(&statement, dialect);
                }
            }
        }
        // What was noted is no loss: whoever noted nothing is read in full.
        let noted = warehouse.watermarks.as_ref().map(|table| table.name.clone());
        let dropped = changes.object("drop_table", &noted.unwrap_or_default())?;
        for statement in statements(&Source::new("drop_table", dropped), dialect)? {
            self.note(&statement, dialect);
        }
        self.warehouse = Some(warehouse);
        Ok(())
    }

    fn note(&mut self, statement: &Statement, dialect: &Dialect) {
        let is_book =
            |name: &Vec<String>| name.last().is_some_and(|name| state::is_bookkeeping(name));
        if statement.touches.iter().any(is_book) && !statement.notes_made() {
            let Shape { head, parts, .. } = shape(&statement.sql, dialect);
            // Of what has not landed there is no identity: then it is read in full once it has.
            let absent = parts.iter().filter_map(|part| without_last(part));
            let absent: Vec<String> = absent.collect();
            self.shapes.entry(head).or_default().extend(parts.into_iter().chain(absent));
        }
    }

    /// Whether a statement is one of them; `file` has it, and what it `fills`.
    pub(super) fn has(
        &self,
        (index, statement): (usize, &Statement),
        (file, filled): (&[MigrationStatement], &HashSet<&str>),
        dialect: &Dialect,
    ) -> bool {
        let is_record = |name: &Vec<String>| name.last().is_some_and(|name| name == state::OBJECTS);
        if statement.touches.iter().any(is_record) && !statement.takes.is_empty() {
            let before = file.get(..index).unwrap_or_default();
            return self.notes_what_it_made(statement, before, dialect);
        }
        let Shape { head, parts, subjects } = shape(&statement.sql, dialect);
        // Who notes that something was read has read it.
        let is_true = || {
            statement.action != Action::Insert
                || subjects.iter().all(|model| filled.contains(model.as_str()))
        };
        self.shapes.get(&head).is_some_and(|known| parts.is_subset(known)) && is_true()
    }

    /// Whether a statement puts into the record what the one before it has made, where a guard in front of that has seen that
    /// it is nobody else's.
    fn notes_what_it_made(
        &self,
        statement: &Statement,
        before: &[MigrationStatement],
        dialect: &Dialect,
    ) -> bool {
        let Some(warehouse) = &self.warehouse else { return false };
        let Ok(bookkeeping) = Bookkeeping::new(warehouse, dialect, &self.library) else {
            return false;
        };
        let Some(at) = before.iter().rposition(|one| one.statement.action.makes()) else {
            return false;
        };
        let Some(made) = before.get(at).and_then(|one| one.statement.target.as_ref()) else {
            return false;
        };
        let (Ok(notes), Ok(guards)) = (bookkeeping.made(made), bookkeeping.guard(made)) else {
            return false;
        };
        let same = |wanted: &[Statement], sql: &str| {
            wanted.iter().any(|one| words(&one.sql, dialect) == words(sql, dialect))
        };
        let is_guarded = before
            .get(..at)
            .unwrap_or_default()
            .iter()
            .rev()
            .take(NEAR)
            .any(|one| same(&guards, &one.statement.sql));
        is_guarded && same(&notes, &statement.sql)
    }
}

/// The tables whose rows the statements of a file write, by their names alone.
pub(super) fn filled(file: &[MigrationStatement]) -> HashSet<&str> {
    let takes = file.iter().flat_map(|one| &one.statement.takes);
    let written = takes.filter_map(|taken| match &taken.how {
        How::Added | How::Changed(_) | How::Rows | How::SomeRows => taken.exact.get(1),
        // Filled beside, and put in its place.
        How::Name(to) => Some(to),
        _ => None,
    });
    written.map(String::as_str).collect()
}

/// How far in front of what makes an object its guard stands at most.
const NEAR: usize = 4;

/// Where traits are read from, what says when a row was loaded, and a trait, once renamed: what the statements differ by.
const PROBES: [(&str, &str, &str); 5] = [
    ("identifies", "uuid_ts", "varchar"),
    ("identifies", "received_at", "varchar"),
    ("profile_traits_updates", "uuid_ts", "varchar"),
    ("profile_traits_updates", "received_at", "varchar"),
    ("identifies", "uuid_ts", "{ type: varchar, renamed_from: zero }"),
];

/// The models that note how far they have read.
fn noting() -> impl Iterator<Item = Model> {
    Model::ALL.into_iter().filter(|model| *model != Model::ResolvedEvents)
}

/// A project of the record's schemas that has every model that notes how far it has read.
fn probe(
    record: &Schema,
    (traits_from, load_time, one): (&str, &str, &str),
    dialect: &Dialect,
) -> Result<Project> {
    let text = |name: &str| serde_json::Value::from(name).to_string();
    let models: String = noting()
        // In a space some of the models' own names are Segment's.
        .map(|model| {
            let name = model.name();
            format!("  {name}: {{ materialized: incremental, name: probe_{name} }}\n")
        })
        .collect();
    let catalog = record.catalog.as_ref().map(|name| format!("catalog: {}\n", text(name)));
    let yaml = format!(
        "space: {}\nmodels_schema: {}\n{}dialects: [{}]\nincremental: {{ load_time: {load_time} }}\n\
         traits:\n  from: {traits_from}\n  columns: {{ one: {one}, two: varchar }}\nmodels:\n{models}",
        text(&record.space),
        text(&record.models_schema),
        catalog.unwrap_or_default(),
        dialect.name,
    );
    let known = Known { dialects: vec![dialect.name.clone()], engines: Vec::new() };
    Project::parse(Path::new("idgraph.yml"), &yaml, &known)
}

/// The words of a statement, comments aside.
fn words(sql: &str, dialect: &Dialect) -> Vec<String> {
    let parser = dialect.parser();
    let tokens = Tokenizer::new(parser.as_ref(), sql).tokenize().unwrap_or_default();
    let code = tokens.iter().filter(|token| !matches!(token, Token::Whitespace(_)));
    let word = |token: &Token| match token {
        Token::SingleQuotedString(text)
        | Token::EscapedStringLiteral(text)
        | Token::NationalStringLiteral(text) => format!("'{text}'"),
        _ => token.to_string(),
    };
    code.map(word).collect()
}

fn is(word: &str, keyword: &str) -> bool {
    word.eq_ignore_ascii_case(keyword)
}

/// The words of a statement that are compared.
fn shape(sql: &str, dialect: &Dialect) -> Shape {
    let mut parts = vec![Part::default()];
    let all = words(sql, dialect);
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(word) = all.get(at) {
        match word.as_str() {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        let next = all.get(at + 1).map(String::as_str).unwrap_or_default();
        if depth == 0 && is(word, "UNION") && is(next, "ALL") {
            parts.push(Part::default());
            at += 2;
            continue;
        }
        let Some(part) = parts.last_mut() else { break };
        part.add(word, depth);
        at = match is(word, "FROM") {
            // A landed table is read as it has landed.
            true => behind_landed(&all, at).unwrap_or(at + 1),
            false => at + 1,
        };
    }
    let subjects = parts.iter().filter_map(|part| part.subject.clone()).collect();
    let mut parts = parts.into_iter().map(|part| part.text);
    let first = parts.next().unwrap_or_default();
    // What comes before the first SELECT is of the whole statement.
    let begin = if first.starts_with("INSERT ") { first.find("SELECT ") } else { None };
    let (head, select) = first.split_at(begin.unwrap_or(first.len()));
    let parts = parts.chain([select.to_owned()]).collect();
    Shape { head: head.to_owned(), parts, subjects }
}

/// A part that selects something, with a text in the place of the last of it.
fn without_last(part: &str) -> Option<String> {
    let (mut depth, mut at, mut last) = (0usize, 0, None);
    for word in part.split_inclusive(' ') {
        at += word.len();
        match word.trim_end() {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            "," if depth == 0 => last = Some(at),
            _ => {}
        }
    }
    Some(format!("{}' ", part.get(..last?)?))
}

/// A part of a `UNION ALL` as it is written down.
#[derive(Default)]
struct Part {
    text: String,
    /// Its first text: what it is about.
    subject: Option<String>,
}

impl Part {
    fn add(&mut self, word: &str, depth: usize) {
        let Some(inside) = word.strip_prefix('\'').and_then(|word| word.strip_suffix('\'')) else {
            self.text.push_str(word);
            self.text.push(' ');
            return;
        };
        self.subject.get_or_insert_with(|| inside.to_owned());
        // One of a list is as good as many.
        match depth > 0 && self.text.ends_with("' , ") {
            true => self.text.truncate(self.text.len() - 2),
            false => self.text.push_str("' "),
        }
        // So is one case of many.
        if self.text.ends_with("WHEN ' THEN ' WHEN ' THEN ' ") {
            self.text.truncate(self.text.len() - "WHEN ' THEN ' ".len());
        }
    }
}

/// Where `AS u` stands behind the one table, or the one query in brackets, that a FROM begins with.
fn behind_landed(all: &[String], from: usize) -> Option<usize> {
    let word = |at: usize| all.get(at).map(String::as_str);
    let mut at = from + 1;
    if word(at)? == "(" {
        let mut depth = 0usize;
        loop {
            match word(at)? {
                "(" => depth += 1,
                ")" => depth -= 1,
                _ => {}
            }
            at += 1;
            if depth == 0 {
                break;
            }
        }
    } else {
        at += 1;
        while word(at)? == "." {
            at += 2;
        }
    }
    (is(word(at)?, "AS") && word(at + 1)? == LANDED).then_some(at)
}

/// What templates call a landed table where they ask how far it goes.
const LANDED: &str = "u";
