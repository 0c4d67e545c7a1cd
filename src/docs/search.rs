//! The index that the search of the site reads: a script, since a page from disk may not fetch.

use std::collections::HashMap;

use serde::Serialize;

use super::dictionary::Dictionary;
use crate::diagnostic::{Diagnostic, Result};

#[derive(Serialize)]
struct Index<'a> {
    /// Name, meaning, category of personal data and anchor of every column, each once.
    columns: Vec<(&'a str, &'a str, &'a str, String)>,
    /// Name, page, meaning, and columns of every table.
    tables: Vec<(String, String, &'a str, Vec<usize>)>,
}

/// The script: it calls the function of the site's own script with the index.
///
/// # Errors
/// Never in practice: texts and numbers have a form in JSON.
pub(super) fn index(dictionary: &Dictionary) -> Result<String> {
    let mut index = Index { columns: Vec::new(), tables: Vec::new() };
    let mut numbers: HashMap<(&str, &str, &str), usize> = HashMap::new();
    for table in &dictionary.tables {
        let mut columns = Vec::new();
        for column in &table.columns {
            let pii = column.pii.as_deref().unwrap_or_default();
            let (name, meaning) = (column.name.as_str(), column.meaning.as_str());
            let next = index.columns.len();
            let number = *numbers.entry((name, meaning, pii)).or_insert(next);
            if number == next {
                index.columns.push((name, meaning, pii, column.anchor()));
            }
            columns.push(number);
        }
        index.tables.push((table.full(), table.page(), &table.comment, columns));
    }
    serde_json::to_string(&index)
        .map(|json| format!("idgraphIndex({json});\n"))
        .map_err(|error| Diagnostic::error("unwritable", error.to_string()).into())
}
