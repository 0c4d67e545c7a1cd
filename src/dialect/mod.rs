//! A dialect: facts about a warehouse and the templates that differ for it, found along a chain of folders.

mod facts;
mod identifier;
mod landed;
mod library;
mod spelling;

use std::collections::HashSet;
use std::sync::Arc;

use serde_yaml::{Mapping, Value};

pub use facts::{
    Capabilities, Characters, Escape, Facts, Fold, Gap, GapKind, LandedType, LengthUnit, Locks,
    StatementKind, Stops, begins,
};
pub use identifier::BESIDE;
pub use landed::{Named, Reading};
pub use library::Library;
pub(crate) use library::is_name;

use crate::diagnostic::{Diagnostic, Place, Result, Source, meant};
use crate::project::{LogicalType, Project};
use crate::visible;

/// A dialect with everything that it inherits.
#[derive(Debug, Clone)]
pub struct Dialect {
    /// The folder's name.
    pub name: String,
    /// Itself and what it inherits from, nearest first.
    pub chain: Vec<String>,
    /// Its facts, merged along the chain.
    pub facts: Facts,
    /// For each fact (`identifiers.quote`), the file that it comes from, in the order of reading.
    pub origins: Vec<(String, String)>,
    /// The catalog that names begin with; `None` for the session's.
    pub catalog: Option<String>,
    /// The files themselves, as `chain`.
    files: Vec<Arc<Source>>,
    /// The reserved words in lower case: every name is looked up in them.
    reserved: HashSet<String>,
}

impl Dialect {
    /// Reads a dialect and its parents.
    ///
    /// # Errors
    /// When there is no such dialect, a file cannot be read or is not a dialect's, a parent is missing,
    /// or the parents go round in a circle.
    pub fn load(library: &Library, name: &str) -> Result<Self> {
        let mut chain = Vec::new();
        let mut files: Vec<Arc<Source>> = Vec::new();
        let mut values = Vec::new();
        let mut next = Some(name.to_owned());
        while let Some(current) = next {
            let child = files.last().map(|file| key(file, "inherits"));
            if chain.contains(&current) {
                let way = chain.join(" → ");
                let mut diagnostic = Diagnostic::error(
                    "dialect-circle",
                    format!("dialect `{name}` inherits from itself: {way} → {current}"),
                );
                if let Some(place) = child {
                    diagnostic = diagnostic.at(&place, "");
                }
                return Err(diagnostic.help("take `inherits` out of one of them").into());
            }
            let Some(source) = library.facts(&current)? else {
                return Err(unknown(library, &current, chain.last().zip(child)));
            };
            let (own, value) = read(&source)?;
            chain.push(current);
            next = own.inherits;
            files.push(source);
            values.push(value);
        }
        let mut merged = Mapping::new();
        let mut origins = Vec::new();
        for (source, value) in files.iter().zip(values).rev() {
            merge(&mut merged, value, "", &source.name, &mut origins);
        }
        let mut facts: Facts = serde_yaml::from_value(Value::Mapping(merged)).map_err(|error| {
            Diagnostic::error("dialect-invalid", format!("dialect `{name}`: {error}"))
        })?;
        for (expression, spelling) in library.expressions() {
            facts.expressions.insert(expression.to_owned(), spelling.to_owned());
        }
        let name = name.to_owned();
        let reserved = facts.identifiers.reserved.iter().map(|word| word.to_lowercase()).collect();
        let dialect = Self { name, chain, facts, origins, catalog: None, files, reserved };
        dialect.complete()?;
        Ok(dialect)
    }

    /// The dialect as it writes the names of a project, whose schemas may be in a catalog, and extensions elsewhere than usual.
    #[must_use]
    pub fn of_project(mut self, project: &Project) -> Self {
        let catalog = project.catalog.as_ref().filter(|_| self.facts.can.catalogs);
        self.catalog = catalog.map(|name| name.value.clone());
        for (name, schema) in &project.extensions {
            match (self.facts.extensions.get_mut(*name), schema) {
                (Some(known), Some(schema)) => known.clone_from(schema),
                (Some(_), None) => drop(self.facts.extensions.shift_remove(*name)),
                (None, _) => {}
            }
        }
        self
    }

    /// The SQL type of a logical type.
    pub fn sql_type(&self, logical: LogicalType) -> &str {
        self.facts.types.get(&logical).map_or("", String::as_str)
    }

    /// A text literal. Control characters, and those that turn the direction of text, become spaces: no comment or name
    /// needs them, not every warehouse can write them, and SQL must read as it runs.
    pub fn literal(&self, text: &str) -> String {
        // Nearly every text is of this kind.
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~' if byte != b'\'' && byte != b'\\')) {
            return ["'", text, "'"].concat();
        }
        let prefix = if text.contains('\\') { self.facts.backslash_text.as_str() } else { "" };
        let (quote, backslash) = match self.facts.strings {
            Escape::Doubled if prefix.is_empty() => ("''", "\\"),
            Escape::Doubled | Escape::Both => ("''", "\\\\"),
            Escape::Backslash => ("\\'", "\\\\"),
        };
        let mut literal = String::with_capacity(text.len() + 5);
        literal.push_str(prefix);
        literal.push('\'');
        let mut rest = text;
        let is_special = |char: char| char == '\'' || char == '\\' || visible::steers(char);
        while let Some((before, special)) =
            rest.find(is_special).and_then(|at| rest.split_at_checked(at))
        {
            literal.push_str(before);
            let mut chars = special.chars();
            literal.push_str(match chars.next() {
                Some('\'') => quote,
                Some('\\') => backslash,
                _ => " ",
            });
            rest = chars.as_str();
        }
        literal.push_str(rest);
        literal.push('\'');
        if literal.is_ascii() { literal } else { format!("{}{literal}", self.facts.wide_text) }
    }

    /// Where one of its expressions is written.
    pub fn expression(&self, name: &str) -> Option<Place> {
        let fact = format!("expressions.{name}");
        let (_, origin) = self.origins.iter().find(|(known, _)| *known == fact)?;
        let file = self.files.iter().find(|file| file.name == *origin)?;
        Some(key(file, name))
    }

    /// sqlparser's dialect.
    pub fn parser(&self) -> Box<dyn sqlparser::dialect::Dialect> {
        sqlparser::dialect::dialect_from_str(&self.facts.parser)
            .unwrap_or_else(|| Box::new(sqlparser::dialect::GenericDialect {}))
    }

    /// Facts without which nothing can be rendered.
    fn complete(&self) -> Result<()> {
        let facts = &self.facts;
        let mut missing = Vec::new();
        let types = [
            LogicalType::Varchar,
            LogicalType::Timestamp,
            LogicalType::Integer,
            LogicalType::Float,
            LogicalType::Boolean,
        ];
        for (is_missing, fact) in [
            (facts.title.is_empty(), "title"),
            (facts.parser.is_empty(), "parser"),
            (facts.identifiers.quote.chars().count() != 1, "identifiers.quote (one character)"),
            (facts.identifiers.max_length == 0, "identifiers.max_length"),
            (facts.tables.max_columns == 0, "tables.max_columns"),
            (types.iter().any(|one| !facts.types.contains_key(one)), "types (all five)"),
        ] {
            if is_missing {
                missing.push(fact);
            }
        }
        if !missing.is_empty() {
            let mut diagnostic = Diagnostic::error(
                "dialect-incomplete",
                format!("dialect `{}` lacks facts: {}", self.name, missing.join(", ")),
            );
            if let Some(file) = self.files.first() {
                diagnostic = diagnostic.at(&Place { source: file.clone(), span: file.line(1) }, "");
            }
            return Err(diagnostic
                .help("add them to its dialect.yml, or let it inherit from a dialect that has them")
                .into());
        }
        if sqlparser::dialect::dialect_from_str(&facts.parser).is_none() {
            let mut diagnostic = Diagnostic::error(
                "dialect-invalid",
                format!("dialect `{}`: sqlparser has no dialect `{}`", self.name, facts.parser),
            );
            let named = |file: &&Arc<Source>| file.text.contains("parser:");
            if let Some(file) = self.files.iter().find(named) {
                diagnostic = diagnostic.at(&key(file, "parser"), "");
            }
            return Err(diagnostic.help("`generic` takes the most").into());
        }
        Ok(())
    }
}

fn unknown(
    library: &Library,
    name: &str,
    child: Option<(&String, Place)>,
) -> crate::diagnostic::Diagnostics {
    let names = library.names();
    let diagnostic = match child {
        Some((child, place)) => Diagnostic::error(
            "unknown-dialect",
            format!("dialect `{child}` inherits from `{name}`, which does not exist"),
        )
        .at(&place, ""),
        None => Diagnostic::error("unknown-dialect", format!("there is no dialect `{name}`")),
    };
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    diagnostic.help(meant(name, &names)).into()
}

/// A file's facts, checked on their own so that a mistake is shown in the file that has it.
fn read(source: &Arc<Source>) -> Result<(Facts, Mapping)> {
    let wrong = |error: serde_yaml::Error| {
        // The place is shown, not told.
        let said = error.to_string();
        let what = said.split(" at line ").next().unwrap_or_default();
        let diagnostic = Diagnostic::error(
            "dialect-invalid",
            format!("{} does not describe a dialect: {what}", source.name),
        );
        match error.location() {
            Some(location) => {
                let span = trimmed(source, source.line(location.line()));
                diagnostic.at(&Place { source: source.clone(), span }, "")
            }
            None => diagnostic,
        }
    };
    let facts = serde_yaml::from_str(&source.text).map_err(wrong)?;
    let value = serde_yaml::from_str(&source.text).map_err(wrong)?;
    Ok((facts, value))
}

/// The line of a key, wherever it stands in the file; the first line when it is not found.
fn key(file: &Arc<Source>, name: &str) -> Place {
    let is_key = |line: &str| line.trim_start().starts_with(&format!("{name}:"));
    let number = file.text.lines().position(is_key).map_or(1, |index| index + 1);
    Place { source: file.clone(), span: trimmed(file, file.line(number)) }
}

fn trimmed(source: &Source, span: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let text = source.text.get(span.clone()).unwrap_or_default();
    span.start + (text.len() - text.trim_start().len())..span.start + text.trim_end().len()
}

/// Lays a child's facts over its parent's: maps key by key, everything else whole.
fn merge(
    into: &mut Mapping,
    from: Mapping,
    prefix: &str,
    file: &str,
    origins: &mut Vec<(String, String)>,
) {
    for (key, value) in from {
        let path = match key.as_str() {
            Some(key) if prefix.is_empty() => key.to_owned(),
            Some(key) => format!("{prefix}.{key}"),
            None => continue,
        };
        if let Value::Mapping(inner) = value {
            let slot = into.entry(key).or_insert_with(|| Value::Mapping(Mapping::new()));
            if let Value::Mapping(parent) = slot {
                merge(parent, inner, &path, file, origins);
            }
        } else {
            into.insert(key, value);
            match origins.iter_mut().find(|(known, _)| *known == path) {
                Some((_, origin)) => file.clone_into(origin),
                None => origins.push((path, file.to_owned())),
            }
        }
    }
}
