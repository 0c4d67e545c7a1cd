//! Lineage as text, JSON, Mermaid and DOT.

use std::collections::BTreeMap;

use super::{ColumnRef, Lineage, TableLineage};
use crate::diagnostic::{Diagnostic, Result};

/// What stands for columns of which the SQL does not tell where they come from.
const WHOLE_ROW: &str = "the whole row";

/// For people: each table, what it reads, and where each column comes from.
pub fn text(lineage: &Lineage) -> String {
    let mut text = String::new();
    for table in lineage.tables.iter().filter(|table| table.kind != "landed") {
        if !text.is_empty() {
            text.push('\n');
        }
        let reads: Vec<&str> = table.reads.iter().map(String::as_str).collect();
        text.push_str(&format!("{} ← {}\n", table.name, list(&reads)));
        let names = table.columns.iter().map(|column| column.name.chars().count());
        let width = names.max().unwrap_or(0);
        for column in &table.columns {
            let from = match &column.from {
                Some(from) => list(&from.iter().map(shown).collect::<Vec<_>>()),
                None => WHOLE_ROW.to_owned(),
            };
            text.push_str(&format!("  {:width$} ← {from}\n", column.name));
        }
    }
    text
}

fn list<T: AsRef<str>>(names: &[T]) -> String {
    if names.is_empty() {
        return "nothing".to_owned();
    }
    names.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ")
}

fn shown(one: &ColumnRef) -> String {
    format!("{}.{}", one.table, one.column)
}

/// The tables as an object.
///
/// # Errors
/// Never in practice: names and sets have a form in JSON.
pub fn json(lineage: &Lineage) -> Result<String> {
    serde_json::to_string_pretty(lineage)
        .map(|text| text + "\n")
        .map_err(|error| Diagnostic::error("unwritable", error.to_string()).into())
}

/// Nodes and edges: of tables, or of columns when `columns`.
struct Graph {
    nodes: Vec<(String, bool)>,
    edges: Vec<(usize, usize)>,
}

fn graph(lineage: &Lineage, columns: bool) -> Graph {
    let mut nodes = Vec::new();
    let mut edges = Vec::new();
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let is_model = |table: &TableLineage| table.kind == "model";
    let mut pairs: Vec<(String, String)> = Vec::new();
    for table in &lineage.tables {
        if columns {
            for column in &table.columns {
                let name = format!("{}.{}", table.name, column.name);
                for from in column.from.iter().flatten() {
                    pairs.push((shown(from), name.clone()));
                }
                numbers.insert(name.clone(), nodes.len());
                nodes.push((name, is_model(table)));
            }
        } else {
            pairs.extend(table.reads.iter().map(|read| (read.clone(), table.name.clone())));
            numbers.insert(table.name.clone(), nodes.len());
            nodes.push((table.name.clone(), is_model(table)));
        }
    }
    for (from, to) in pairs {
        if let (Some(from), Some(to)) = (numbers.get(&from), numbers.get(&to)) {
            edges.push((*from, *to));
        }
    }
    Graph { nodes, edges }
}

/// A Mermaid flow chart, which GitHub and GitLab draw inside Markdown.
pub fn mermaid(lineage: &Lineage, columns: bool) -> String {
    let graph = graph(lineage, columns);
    let mut text = String::from("flowchart LR\n");
    for (number, (name, is_model)) in graph.nodes.iter().enumerate() {
        let name = name.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
        let (open, close) = if *is_model { ("[\"", "\"]") } else { ("[(\"", "\")]") };
        text.push_str(&format!("    n{number}{open}{name}{close}\n"));
    }
    for (from, to) in graph.edges {
        text.push_str(&format!("    n{from} --> n{to}\n"));
    }
    text
}

/// A graph for Graphviz.
pub fn dot(lineage: &Lineage, columns: bool) -> String {
    let graph = graph(lineage, columns);
    let mut text = String::from("digraph lineage {\n    rankdir=LR;\n");
    for (number, (name, is_model)) in graph.nodes.iter().enumerate() {
        let name = name.replace('\\', "\\\\").replace('"', "\\\"");
        let shape = if *is_model { "box" } else { "cylinder" };
        text.push_str(&format!("    n{number} [label=\"{name}\", shape={shape}];\n"));
    }
    for (from, to) in graph.edges {
        text.push_str(&format!("    n{from} -> n{to};\n"));
    }
    text.push_str("}\n");
    text
}
