//! `idgraph explain`: why a profile is what it is.

use std::fmt::Write;

use super::output::{self, printable};
use super::snapshot::{self, Format};
use super::{Opened, Verdict};
use crate::diagnostic::{Diagnostic, Result};
use crate::explain::{Asked, Cycle, Difference, Entry, Explanation, LandedRow, explain};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The profile's segment id, merged away or not
    #[arg(required_unless_present = "external_id", conflicts_with = "external_id")]
    segment_id: Option<String>,
    /// The profile that holds this external id, such as email=ada@example.com
    #[arg(long, value_name = "TYPE=VALUE")]
    external_id: Option<String>,
    /// The target, one of the project's `targets` [default: its `default_target`, or the only one]
    #[arg(long, value_name = "NAME")]
    pub(super) target: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(opened: &Opened, arguments: &Arguments) -> Result<Verdict> {
    let asked = match (&arguments.external_id, &arguments.segment_id) {
        (Some(pair), _) => {
            let (kind, value) = pair.split_once('=').ok_or_else(|| {
                Diagnostic::error("usage", "--external-id wants a type, `=` and a value")
                    .help("for example: --external-id email=ada@example.com")
            })?;
            Asked::ExternalId(kind, value)
        }
        (None, segment) => Asked::Segment(segment.as_deref().unwrap_or_default()),
    };
    let explanation = snapshot::read(opened, &opened.target, |engine, found, _| {
        let of = (&found.warehouse, &found.dialect, &opened.library);
        explain(engine, of, asked)
    })?;
    let text = match arguments.format {
        Format::Text => text(&explanation, &opened.target),
        Format::Json => output::pretty(&explanation)?,
    };
    output::text(&text)?;
    Ok(Verdict::Fine)
}

fn text(of: &Explanation, target: &str) -> String {
    let canonical = quoted(&of.canonical_segment_id);
    let mut lines = vec![format!("Profile {}", quoted(&of.segment_id)), String::new()];
    lines.push("Its way through the graph, by the latest entry of each profile".to_owned());
    lines.extend(of.entries.iter().map(way));
    lines.push(match (&of.cycle, of.entries.last()) {
        (Some(cycle), _) => in_cycle(cycle),
        (None, None) if of.in_graph => format!("  {canonical} has no entry: it is canonical"),
        (None, None) => format!("  no entry names {canonical}: it is canonical"),
        (None, Some(last)) if last.segment_id == last.canonical_segment_id => {
            format!("  {canonical} is canonical")
        }
        (None, Some(_)) => format!("  {canonical} has no entry: it is canonical"),
    });
    lines.push(String::new());
    if of.segment_id != of.canonical_segment_id {
        lines.push(format!(
            "It was merged away. What follows is of its canonical profile {canonical}."
        ));
        lines.push(String::new());
    }
    lines.push(format!("Merged into {canonical}: {}", of.merged.len()));
    lines.extend(of.merged.iter().map(way));
    lines.push(String::new());
    lines.push(format!("External ids that it holds: {}", of.external_ids.len()));
    for one in &of.external_ids {
        lines.push(format!(
            "  {} {}{}",
            printable(&one.kind),
            quoted(&one.value),
            decided(&one.row)
        ));
    }
    lines.push(String::new());
    lines.push(format!("Traits, from {}: {}", of.traits_from, of.traits.len()));
    for one in &of.traits {
        let name = printable(&one.name);
        lines.push(match (&one.value, &one.row) {
            (Some(value), Some(row)) => format!("  {name} = {}{}", quoted(value), decided(row)),
            (None, Some(row)) => format!("  {name} unset{}", decided(row)),
            _ => format!("  {name} has no value in any row"),
        });
    }
    lines.push(String::new());
    if of.differences.is_empty() {
        lines.push("The tables as they stand say the same.".to_owned());
    } else {
        lines.push("The tables as they stand say something else:".to_owned());
        lines.extend(of.differences.iter().map(differs));
        lines.push(format!(
            "`idgraph refresh --target {target}` brings them up to date; `idgraph verify --target {target}` checks all."
        ));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn way(entry: &Entry) -> String {
    let mut line = format!("  {} ", quoted(&entry.segment_id));
    let _ = if entry.segment_id == entry.canonical_segment_id {
        write!(line, "is itself")
    } else {
        write!(line, "→ {}", quoted(&entry.canonical_segment_id))
    };
    line + &when(entry.timestamp.as_deref(), entry.seq.as_deref(), entry.id.as_deref())
}

fn in_cycle(cycle: &Cycle) -> String {
    let members: Vec<_> = cycle.members.iter().map(|member| quoted(member)).collect();
    format!(
        "  a cycle of merges: {}. The entry of {} is the oldest of theirs, and the newer merges win: it is canonical",
        members.join(", "),
        quoted(&cycle.canonical_segment_id)
    )
}

/// The landed row that decided, and whose it is.
fn decided(row: &LandedRow) -> String {
    let from = row
        .segment_id
        .as_deref()
        .map_or(String::new(), |segment| format!("  from {}", quoted(segment)));
    from + &when(row.timestamp.as_deref(), row.seq.as_deref(), row.id.as_deref())
}

fn when(timestamp: Option<&str>, seq: Option<&str>, id: Option<&str>) -> String {
    let mut text = format!("  at {}", timestamp.map_or("no known time".to_owned(), printable));
    if let Some(seq) = seq {
        let _ = write!(text, ", seq {}", printable(seq));
    }
    let _ = match id {
        Some(id) => write!(text, ", row {}", quoted(id)),
        None => write!(text, ", a row without id"),
    };
    text
}

fn differs(difference: &Difference) -> String {
    let shown = |value: &Option<String>| {
        value.as_ref().map_or_else(|| "nothing".to_owned(), |value| quoted(value))
    };
    format!(
        "  {}: {} is {}, and must be {}",
        difference.table,
        printable(&difference.what),
        shown(&difference.is),
        shown(&difference.must_be)
    )
}

/// In quotes, and nothing in it that steers a terminal.
fn quoted(text: &str) -> String {
    format!("\"{}\"", printable(text))
}
