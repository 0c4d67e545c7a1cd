//! `idgraph verify`: whether the tables are what the landed rows say.

use std::fmt::Write;

use super::behind;
use super::output::{self, printable};
use super::snapshot::{self, Format};
use super::{Opened, Verdict, gone};
use crate::diagnostic::Result;
use crate::engine::Views;
use crate::project::words::many;
use crate::render::Level;
use crate::verify::{Finding, Keys, ModelReport, Named, Report, RuleReport, verify};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The target, one of the project's `targets` [default: its `default_target`, or the only one]
    #[arg(long, value_name = "NAME")]
    pub(super) target: Option<String>,
    /// List which rows differ and which profiles break a rule: this prints segment ids and external ids
    #[arg(long)]
    keys: bool,
    /// The most keys to list for each finding
    #[arg(long, value_name = "KEYS", default_value_t = 20, requires = "keys")]
    limit: u64,
    /// How to print the report
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(opened: &Opened, arguments: &Arguments) -> Result<Verdict> {
    let keys = Keys { listed: arguments.keys, limit: Some(arguments.limit) };
    let report = snapshot::read(opened, &opened.target, |engine, found, plan| {
        let mut progress = |table: &str| snapshot::doing(&format!("computing {table}"));
        let of = (&found.warehouse, &found.dialect, &opened.library);
        let mut report = verify(engine, of, keys, &mut progress)?;
        let views = Views::read(engine, &found.warehouse, &found.catalog)?;
        report.behind = behind::lines(&behind::unshown(found, &views, plan));
        report.fine &= report.behind.is_empty();
        Ok(report)
    })?;
    let text = match arguments.format {
        Format::Text => text(&report, &opened.target),
        Format::Json => output::pretty(&report)?,
    };
    output::text(&text)?;
    Ok(if report.fine { Verdict::Fine } else { Verdict::Found })
}

fn text(report: &Report, target: &str) -> String {
    let mut text = String::from("Tables, compared with what the landed rows say\n\n");
    let width = report.models.iter().map(|model| model.table.len()).max().unwrap_or(0);
    let (compared, views): (Vec<_>, Vec<_>) =
        report.models.iter().partition(|model| model.compared);
    for model in compared {
        let mark = if differences(model) == 0 { "ok" } else { "FAIL" };
        let _ = writeln!(text, "  {mark:4} {:width$}  {}", model.table, describe(model));
        let keys = model.keys.as_deref().unwrap_or_default();
        for key in keys {
            let times =
                if key.count > 1 { format!(" ({} times)", key.count) } else { String::new() };
            let _ = writeln!(text, "         {:9} {}{times}", word(key.finding), row(&key.key));
        }
        let listed = keys.iter().map(|key| key.count).sum();
        cut(&mut text, model.keys.is_some(), differences(model), listed);
    }
    if !views.is_empty() {
        let names: Vec<_> = views.iter().map(|model| model.table.as_str()).collect();
        let _ =
            writeln!(text, "  -    views, computed whenever they are read: {}", names.join(", "));
    }
    for line in &report.behind {
        let _ = writeln!(text, "  FAIL {line}");
    }
    for (level, title) in [
        (Level::Error, "Rules that every right table keeps"),
        (Level::Warning, "What landed: unusual, but the tables can be right"),
    ] {
        let _ = write!(text, "\n{title}\n\n");
        for rule in report.rules.iter().filter(|rule| rule.level == level) {
            rule_text(&mut text, rule);
        }
    }
    let _ = writeln!(
        text,
        "\nThe longest way from a profile to its canonical one: {}.",
        entries(report.deepest)
    );
    let _ = writeln!(text, "\n{}", verdict(report, target));
    text
}

fn rule_text(text: &mut String, rule: &RuleReport) {
    let mark = match (rule.checked, rule.count, rule.level) {
        (false, ..) => "-",
        (_, 0, _) => "ok",
        (_, _, Level::Error) => "FAIL",
        (_, _, Level::Warning) => "note",
    };
    let how = match (rule.checked, rule.count) {
        (false, _) => "not checked: a view is computed whenever it is read".to_owned(),
        (_, 0) => String::new(),
        (_, 1) => "but for 1".to_owned(),
        (_, count) => format!("but for {count}"),
    };
    let line = format!("  {mark:4} {}  {how}", rule.says);
    let _ = writeln!(text, "{}", line.trim_end());
    let keys = rule.keys.as_deref().unwrap_or_default();
    for key in keys {
        let _ = writeln!(text, "         {}", row(key));
    }
    cut(text, rule.keys.is_some(), rule.count, keys.len() as u64);
}

/// How many rows differ.
fn differences(model: &ModelReport) -> u64 {
    model.missing + model.extra + model.different
}

fn describe(model: &ModelReport) -> String {
    let rows = model.rows.unwrap_or(0);
    let counts =
        [(model.missing, "missing"), (model.extra, "extra"), (model.different, "different")];
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let mut parts: Vec<String> = counts.map(|(count, what)| format!("{count} {what}")).collect();
    if let Some(count) = model.beyond_lookback.filter(|count| *count > 0) {
        parts.push(format!("{count} of them out of the next refresh's reach"));
    }
    if let Some(count) = model.gone.filter(|count| *count > 0) {
        parts.push(format!("{count} that no landed row leads to any more"));
    }
    parts.insert(0, format!("{rows} {}", if rows == 1 { "row" } else { "rows" }));
    parts.join(", ")
}

fn word(finding: Finding) -> &'static str {
    match finding {
        Finding::Missing => "missing",
        Finding::Extra => "extra",
        Finding::Different => "different",
    }
}

fn entries(count: u64) -> String {
    many(count, "entry")
}

/// Values by column, on one line.
fn row(values: &Named) -> String {
    let shown =
        values.iter().map(|(column, value)| format!("{column}: {}", printable(&value.to_string())));
    shown.collect::<Vec<_>>().join(", ")
}

/// Says that there is more than is listed.
fn cut(text: &mut String, is_listed: bool, all: u64, listed: u64) {
    if is_listed && all > listed {
        let _ = writeln!(text, "         … and {} more: see --limit", all - listed);
    }
}

/// What it comes to, and what to do.
fn verdict(report: &Report, target: &str) -> String {
    if report.fine {
        return "Every table is what the landed rows say.".to_owned();
    }
    let beyond: u64 = report.models.iter().filter_map(|model| model.beyond_lookback).sum();
    let differs = |model: &&ModelReport| differences(model) > 0;
    let differing: Vec<&str> =
        report.models.iter().filter(differs).map(|model| model.table.as_str()).collect();
    if differing.is_empty() && !report.behind.is_empty() {
        return format!("`idgraph apply --target {target}` puts these views in place anew.");
    }
    if differing.is_empty() {
        return "A rule is broken: look at the rows with --keys, and tell the makers of idgraph."
            .to_owned();
    }
    let full = gone::heal(target);
    if report.models.iter().any(|model| model.gone > Some(0)) {
        return format!(
            "Wrong: {}. No landed row leads to some of these rows any more: they look like those of profiles that were\n\
             deleted in Segment. {full} takes them out, and makes the rest right.",
            differing.join(", ")
        );
    }
    if beyond > 0 {
        return format!(
            "Wrong: {}. What decides some of its rows was loaded longer ago than the next refresh looks back,\n\
             or was changed by other hands: {full} makes it right.",
            differing.join(", ")
        );
    }
    // A refresh puts rows in the place of others that differ; one that stands twice is no different.
    let is_twice = |model: &ModelReport| model.beyond_lookback.is_some() && model.extra > 0;
    let twice = match report.models.iter().any(is_twice) {
        true => format!(" A row that stands twice takes {full}."),
        false => String::new(),
    };
    format!(
        "Wrong: {}. Rows landed since the last refresh, or other hands changed it.\n\
         `idgraph refresh --target {target}` makes it right.{twice}",
        differing.join(", ")
    )
}
