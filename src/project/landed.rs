//! The record of what has landed: tables and columns with the types that the warehouse has for them, in a file beside the
//! project file. A line a column, sorted, so that people review it and git merges it.

use std::collections::BTreeMap;
use std::fmt;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

use crate::diagnostic::{Diagnostic, Place, Result, Source};
use crate::files;

/// The name of the file.
pub const LANDED_FILE: &str = "landed.json";

/// The version of its form.
const VERSION: u64 = 1;

/// The key of the version; every other is the name of a dialect.
const VERSION_KEY: &str = "version";

/// The largest record that is read, in bytes: five thousand tables of two hundred columns take half of it.
const LARGEST: u64 = 64 * 1024 * 1024;

/// What has landed, by dialect.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Landed {
    dialects: BTreeMap<String, Arc<LandedTables>>,
}

/// The landed tables of a space, by the names that the warehouse's catalog has for them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LandedTables {
    tables: BTreeMap<String, LandedColumns>,
}

/// The columns of a landed table, by the names that the warehouse's catalog has for them, with their types in its own words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LandedColumns {
    /// Shared: a warehouse is looked at in several versions.
    columns: Arc<BTreeMap<String, String>>,
}

impl Landed {
    /// The record beside a project file; an empty one where there is none.
    ///
    /// # Errors
    /// When it cannot be read, or is no such record, with the line.
    pub fn beside(project: &Path) -> Result<Self> {
        let path = project.with_file_name(LANDED_FILE);
        match Self::text_of(&path)? {
            Some(text) => Self::parse(&Source::new(path.display().to_string(), text)),
            None => Ok(Self::default()),
        }
    }

    /// The text of a record as it is on disk; `None` where there is none.
    ///
    /// # Errors
    /// When it is outside of its folder, cannot be read, or is no text.
    pub fn text_of(path: &Path) -> Result<Option<String>> {
        files::within(path.parent().unwrap_or(Path::new("")), path)?;
        match files::text_up_to(path, LARGEST) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => {
                let message = format!("cannot read {}: {error}", path.display());
                Err(Diagnostic::error("landed-unreadable", message)
                    .help(
                        "check that it is a file that you may read; `idgraph introspect` writes it",
                    )
                    .into())
            }
        }
    }

    /// Reads a record.
    ///
    /// # Errors
    /// When it is none, with the line.
    pub fn parse(source: &Arc<Source>) -> Result<Self> {
        let text = source.text.strip_prefix('\u{feff}').unwrap_or(&source.text);
        serde_json::from_str(text).map_err(|error| {
            let said = error.to_string();
            let said = said.split(" at line ").next().unwrap_or_default();
            let line = source.line(error.line().max(1));
            let column = error.column().saturating_sub(1);
            let in_line = source.text.get(line.clone()).unwrap_or_default();
            let at = (0..=column.min(in_line.len())).rev().find(|at| in_line.is_char_boundary(*at));
            let at = line.start + at.unwrap_or_default();
            let place = Place { source: Arc::clone(source), span: at..at };
            let message = format!("{} is no record of what has landed: {said}", source.name);
            Diagnostic::error("landed-invalid", message)
                .at(&place, "")
                .note("`idgraph introspect` writes this file; two branches that changed it are merged line by line")
                .help("correct it there, or write it anew: idgraph introspect --target NAME, or --from an export")
                .into()
        })
    }

    /// The landed tables in a dialect's warehouse; `None` where nothing is recorded of it.
    pub fn of(&self, dialect: &str) -> Option<&LandedTables> {
        self.dialects.get(dialect).map(Arc::as_ref)
    }

    /// Puts what has landed in a dialect's warehouse in the place of what was recorded of it.
    pub fn set(&mut self, dialect: &str, tables: LandedTables) {
        self.dialects.insert(dialect.to_owned(), Arc::new(tables));
    }

    /// The dialects that it has something of.
    pub fn dialects(&self) -> impl Iterator<Item = &str> {
        self.dialects.keys().map(String::as_str)
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        // A name may hold anything.
        let word = |text: &str| serde_json::Value::from(text).to_string();
        let mut text = format!("{{\n  {}: {VERSION}", word(VERSION_KEY));
        for (dialect, tables) in &self.dialects {
            text.push_str(&format!(",\n  {}: {{", word(dialect)));
            for (index, (table, columns)) in tables.tables.iter().enumerate() {
                let comma = if index > 0 { "," } else { "" };
                text.push_str(&format!("{comma}\n    {}: {{", word(table)));
                for (index, (column, sql_type)) in columns.columns.iter().enumerate() {
                    let comma = if index > 0 { "," } else { "" };
                    text.push_str(&format!("{comma}\n      {}: {}", word(column), word(sql_type)));
                }
                text.push_str(if columns.columns.is_empty() { "}" } else { "\n    }" });
            }
            text.push_str(if tables.tables.is_empty() { "}" } else { "\n  }" });
        }
        text.push_str("\n}\n");
        text
    }
}

impl LandedTables {
    /// Adds a table with its columns and their types.
    pub fn insert(&mut self, table: &str, columns: impl IntoIterator<Item = (String, String)>) {
        let columns = LandedColumns { columns: Arc::new(columns.into_iter().collect()) };
        self.tables.insert(table.to_owned(), columns);
    }

    /// The columns of a table; `None` for one that has not landed.
    pub fn table(&self, name: &str) -> Option<&LandedColumns> {
        find(&self.tables, name)
    }

    /// The tables with their columns, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &LandedColumns)> {
        self.tables.iter().map(|(name, columns)| (name.as_str(), columns))
    }
}

impl LandedColumns {
    /// The type of a column, as the warehouse's catalog has it; `None` for one that has not landed.
    pub fn sql_type(&self, name: &str) -> Option<&str> {
        find(&self.columns, name).map(String::as_str)
    }

    /// The columns with their types, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.columns.iter().map(|(name, sql_type)| (name.as_str(), sql_type.as_str()))
    }
}

/// What has a name: the very one, else one that only differs in case, as where names are folded to capitals.
fn find<'a, T>(all: &'a BTreeMap<String, T>, name: &str) -> Option<&'a T> {
    let folded = || all.get(&name.to_uppercase());
    let other = || all.iter().find(|(had, _)| had.eq_ignore_ascii_case(name)).map(|(_, one)| one);
    all.get(name).or_else(folded).or_else(other)
}

impl<'de> Deserialize<'de> for Landed {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        struct File;
        impl<'de> Visitor<'de> for File {
            type Value = Landed;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object with a version and an object for each dialect")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Landed, A::Error> {
                let mut version = None;
                let mut landed = Landed::default();
                while let Some(key) = map.next_key::<String>()? {
                    if key != VERSION_KEY {
                        if landed.dialects.contains_key(&key) {
                            return Err(twice(&key));
                        }
                        let tables = map.next_value::<Named<Named<String>>>()?.0;
                        let columns =
                            |columns: Named<String>| LandedColumns { columns: Arc::new(columns.0) };
                        let tables =
                            tables.into_iter().map(|(name, one)| (name, columns(one))).collect();
                        landed.dialects.insert(key, Arc::new(LandedTables { tables }));
                        continue;
                    }
                    let found: u64 = map.next_value()?;
                    if found != VERSION {
                        let message = format!("version {found}, and this idgraph knows {VERSION}");
                        return Err(de::Error::custom(message));
                    }
                    version = Some(found);
                }
                version.ok_or_else(|| de::Error::missing_field(VERSION_KEY))?;
                Ok(landed)
            }
        }
        from.deserialize_map(File)
    }
}

/// Values by name, each name once.
struct Named<T>(BTreeMap<String, T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        struct Values<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Values<T> {
            type Value = Named<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter
                    .write_str("an object: tables with their columns, columns with their types")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Named<T>, A::Error> {
                let mut values = BTreeMap::new();
                while let Some(name) = map.next_key::<String>()? {
                    if values.contains_key(&name) {
                        return Err(twice(&name));
                    }
                    values.insert(name, map.next_value()?);
                }
                Ok(Named(values))
            }
        }
        from.deserialize_map(Values(std::marker::PhantomData))
    }
}

fn twice<E: de::Error>(name: &str) -> E {
    E::custom(format!("`{name}` is there twice"))
}
