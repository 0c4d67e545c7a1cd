//! What the templates of pages see: tables and columns with links in place of numbers.

use std::collections::BTreeMap;

use serde::Serialize;

use super::dictionary::{Column, Dictionary, Number, Table};
use super::drawing::EVENTS;
use super::statements::Variant;
use crate::dialect::Dialect;
use crate::project::LogicalType;

/// With more views of events than this, they are counted and not named.
const MOST_VIEWS: usize = 6;

/// A link.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Ref {
    pub(super) text: String,
    pub(super) href: String,
}

/// A table on a page of its own, or in a list.
#[derive(Debug, Serialize)]
pub(super) struct TableValue {
    pub(super) schema: String,
    pub(super) name: String,
    pub(super) href: String,
    pub(super) kind: &'static str,
    pub(super) class: &'static str,
    pub(super) comment: String,
    pub(super) key: &'static [&'static str],
    pub(super) count: usize,
}

/// A column on its table's page.
#[derive(Debug, Serialize)]
pub(super) struct ColumnValue {
    name: String,
    anchor: String,
    meaning: String,
    pii: Option<String>,
    #[serde(rename = "type")]
    logical_type: LogicalType,
    in_key: bool,
    /// None where the SQL does not tell.
    from: Option<Vec<Ref>>,
    to: Vec<Ref>,
}

/// How a logical type is written.
#[derive(Debug, Serialize)]
pub(super) struct Spelling {
    sql: String,
    dialects: Vec<usize>,
}

/// A dialect, by its place among those of the project.
#[derive(Debug, Serialize)]
pub(super) struct DialectValue {
    number: usize,
    name: String,
    title: String,
}

/// A text in some of the dialects.
#[derive(Debug, Serialize)]
pub(super) struct VariantValue {
    dialects: Vec<usize>,
    text: String,
    /// The names of the files that it is in.
    files: Vec<String>,
}

/// All dialects.
pub(super) fn dialects(dialects: &[Dialect]) -> Vec<DialectValue> {
    let value = |(number, dialect): (usize, &Dialect)| DialectValue {
        number,
        name: dialect.name.clone(),
        title: dialect.facts.title.clone(),
    };
    dialects.iter().enumerate().map(value).collect()
}

/// For each logical type, how the dialects write it.
pub(super) fn types(dialects: &[Dialect]) -> BTreeMap<&'static str, Vec<Spelling>> {
    [
        ("varchar", LogicalType::Varchar),
        ("timestamp", LogicalType::Timestamp),
        ("integer", LogicalType::Integer),
        ("float", LogicalType::Float),
        ("boolean", LogicalType::Boolean),
    ]
    .map(|(name, logical)| {
        let mut spellings: Vec<Spelling> = Vec::new();
        for (number, dialect) in dialects.iter().enumerate() {
            let sql = dialect.sql_type(logical);
            match spellings.iter_mut().find(|spelling| spelling.sql == sql) {
                Some(spelling) => spelling.dialects.push(number),
                None => spellings.push(Spelling { sql: sql.to_owned(), dialects: vec![number] }),
            }
        }
        (name, spellings)
    })
    .into()
}

/// The texts with the names of the files that they are in.
pub(super) fn variants(variants: Vec<Variant>, files: &[Option<String>]) -> Vec<VariantValue> {
    let value = |variant: Variant| {
        let names = variant.dialects.iter().filter_map(|dialect| files.get(*dialect)?.clone());
        let mut files: Vec<String> = names.collect();
        files.dedup();
        VariantValue { dialects: variant.dialects, text: variant.text, files }
    };
    variants.into_iter().map(value).collect()
}

impl Table {
    /// As templates see it, from a page `root` below the root of the site.
    pub(super) fn value(&self, root: &str) -> TableValue {
        TableValue {
            schema: self.schema.clone(),
            name: self.name.clone(),
            href: format!("{root}{}", self.page()),
            kind: self.kind_word(),
            class: if self.is_landed() { "landed" } else { "model" },
            comment: self.comment.clone(),
            key: self.key,
            count: self.columns.len(),
        }
    }
}

impl Dictionary {
    /// The columns of a table, on its page.
    pub(super) fn columns(&self, table: &Table) -> Vec<ColumnValue> {
        let value = |column: &Column| ColumnValue {
            name: column.name.clone(),
            anchor: column.anchor(),
            meaning: column.meaning.clone(),
            pii: column.pii.clone(),
            logical_type: column.logical_type,
            in_key: table.key.contains(&column.name.as_str()),
            from: column.from.as_ref().map(|from| self.columns_named(from)),
            to: self.columns_named(&column.to),
        };
        table.columns.iter().map(value).collect()
    }

    /// Links to tables, from a page in a folder.
    pub(super) fn tables_named(&self, numbers: &[usize]) -> Vec<Ref> {
        let (views, others) = self.parted(numbers.iter().copied(), |number| number);
        let name = |number: &usize| {
            let table = self.tables.get(*number)?;
            Some(Ref { text: table.name.clone(), href: format!("../{}", table.page()) })
        };
        links(&others, &views, name)
    }

    /// Links to columns, from a page in a folder.
    fn columns_named(&self, numbers: &[Number]) -> Vec<Ref> {
        let (views, others) = self.parted(numbers.iter().copied(), |(table, _)| table);
        let name = |number: &Number| {
            let (table, column) = self.column(*number)?;
            let text = format!("{}.{}", table.name, column.name);
            Some(Ref { text, href: format!("../{}#{}", table.page(), column.anchor()) })
        };
        links(&others, &views, name)
    }

    /// Views of events, and the rest.
    fn parted<T>(
        &self,
        all: impl Iterator<Item = T>,
        table: impl Fn(T) -> usize,
    ) -> (Vec<T>, Vec<T>)
    where
        T: Copy,
    {
        all.partition(|one| self.is_resolved(table(*one)))
    }
}

/// Links to each of some; to views of events only where they are few.
fn links<T>(others: &[T], views: &[T], link: impl Fn(&T) -> Option<Ref>) -> Vec<Ref> {
    let mut refs: Vec<Ref> = others.iter().filter_map(&link).collect();
    if views.len() > MOST_VIEWS {
        refs.push(of_views(format!("{} views of events", views.len())));
    } else {
        refs.extend(views.iter().filter_map(&link));
    }
    refs
}

fn of_views(text: String) -> Ref {
    Ref { text, href: format!("../{EVENTS}") }
}
