//! What idgraph's own statements about its bookkeeping look like: rendered for the record at hand, and compared word by word.
//! What they are about differs with the project, so texts stand for one another, and so do lists of one kind.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use sqlparser::tokenizer::{Token, Tokenizer};

use super::file::MigrationStatement;
use super::schema::Schema;
use crate::diagnostic::{Result, Source};
use crate::dialect::{Dialect, Library};
use crate::project::{Known, Model, Project};
use crate::render::{Bookkeeping, Changes, Statement, render_full, statements};
use crate::warehouse::{TableColumn, Warehouse, state};

/// The statements about bookkeeping of one dialect and one record.
#[derive(Debug, Default)]
pub(super) struct Books {
    shapes: HashSet<Shape>,
    warehouse: Option<Warehouse>,
    library: Library,
}

/// The words of a statement, texts left out; of a `UNION ALL` the parts that differ.
type Shape = (String, BTreeSet<String>);

impl Books {
    pub(super) fn of(record: &Schema, dialect: &Dialect, library: &Library) -> Self {
        let mut books = Self { library: library.clone(), ..Self::default() };
        // A template that cannot be rendered is told by whoever renders it; here nothing is known then, so nothing passes.
        for (traits_from, load_time) in PROBES {
            let _ = books.add((record, traits_from, load_time), dialect);
        }
        books
    }

    fn add(
        &mut self,
        (record, traits_from, load_time): (&Schema, &str, &str),
        dialect: &Dialect,
    ) -> Result<()> {
        let project = probe(record, (traits_from, load_time), dialect)?;
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
            self.shapes.insert(shape(&statement.sql, dialect));
        }
    }

    /// Whether a statement is one of them.
    pub(super) fn has(
        &self,
        (_, statement): (usize, &Statement),
        before: &[MigrationStatement],
        dialect: &Dialect,
    ) -> bool {
        let writes_record = statement
            .touches
            .iter()
            .any(|name| name.last().is_some_and(|name| name == state::OBJECTS))
            && !statement.takes.is_empty();
        match writes_record {
            true => self.notes_what_it_made(statement, before, dialect),
            false => self.shapes.contains(&shape(&statement.sql, dialect)),
        }
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

/// How far in front of what makes an object its guard stands at most.
const NEAR: usize = 4;

/// Where traits are read from, and what says when a row was loaded: what the statements differ by.
const PROBES: [(&str, &str); 4] = [
    ("identifies", "uuid_ts"),
    ("identifies", "received_at"),
    ("profile_traits_updates", "uuid_ts"),
    ("profile_traits_updates", "received_at"),
];

/// The models that note how far they have read.
fn noting() -> impl Iterator<Item = Model> {
    Model::ALL.into_iter().filter(|model| *model != Model::ResolvedEvents)
}

/// A project of the record's schemas that has every model that notes how far it has read.
fn probe(
    record: &Schema,
    (traits_from, load_time): (&str, &str),
    dialect: &Dialect,
) -> Result<Project> {
    let text = |name: &str| serde_json::Value::from(name).to_string();
    // A model that the record does not have stands for what was there before: anything but a name of Segment's.
    let name = |model: Model| match record.model(model) {
        Some(object) => object.name.clone(),
        None => format!("the_{}", model.name()),
    };
    let model = |model: Model| {
        let (key, name) = (model.name(), text(&name(model)));
        format!("  {key}: {{ materialized: incremental, name: {name} }}\n")
    };
    let models: String = noting().map(model).collect();
    let catalog = record.catalog.as_ref().map(|name| format!("catalog: {}\n", text(name)));
    let yaml = format!(
        "space: {}\nmodels_schema: {}\n{}dialects: [{}]\nincremental: {{ load_time: {load_time} }}\n\
         traits:\n  from: {traits_from}\n  columns: {{ one: varchar, two: varchar }}\nmodels:\n{models}",
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
    code.map(ToString::to_string).collect()
}

fn is(token: &Token, word: &str) -> bool {
    matches!(token, Token::Word(found) if found.value.eq_ignore_ascii_case(word))
}

/// The text that a token is.
fn text(token: &Token) -> Option<&str> {
    match token {
        Token::SingleQuotedString(text)
        | Token::EscapedStringLiteral(text)
        | Token::NationalStringLiteral(text) => Some(text),
        _ => None,
    }
}

fn shape(sql: &str, dialect: &Dialect) -> Shape {
    let parser = dialect.parser();
    let tokens = Tokenizer::new(parser.as_ref(), sql).tokenize().unwrap_or_default();
    let mut parts = vec![String::new()];
    let mut depth = 0usize;
    let mut code = tokens.iter().filter(|token| !matches!(token, Token::Whitespace(_))).peekable();
    while let Some(token) = code.next() {
        match token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && is(token, "UNION") && code.peek().is_some_and(|next| is(next, "ALL")) {
            code.next();
            parts.push(String::new());
            continue;
        }
        let Some(part) = parts.last_mut() else { continue };
        match text(token) {
            // One of a list is as good as many.
            Some(_) if part.ends_with("' , ") => part.truncate(part.len() - 2),
            Some(_) => part.push_str("' "),
            None => {
                part.push_str(&token.to_string());
                part.push(' ');
            }
        }
    }
    // What comes before the first SELECT is of the whole statement.
    let first = parts.remove(0);
    let (head, select) = match first.starts_with("INSERT ") {
        true => first.split_at(first.find("SELECT ").unwrap_or(first.len())),
        false => (first.as_str(), ""),
    };
    let mut of_union: BTreeSet<String> = parts.into_iter().collect();
    of_union.insert(select.to_owned());
    (head.to_owned(), of_union)
}
