//! A plan for people: what is to be decided first, the SQL where it is asked for.

use super::super::output::about;
use crate::preview::{Effect, Pending, Preview, Risk, worth};
use crate::project::words::many;

/// The whole plan: the SQL, and what only has its rows brought up to date, where it is verbose.
pub(super) fn text(preview: &Preview, is_verbose: bool) -> String {
    let mut text = format!("{}.\n", summary(preview));
    let mut part = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            text.push_str(&format!("\n{title}\n"));
            lines.iter().for_each(|line| text.push_str(&format!("  {line}\n")));
        }
    };
    let unwritten = preview.unwritten.iter().map(String::as_str);
    if !preview.unwritten.is_empty() {
        part(UNWRITTEN, unwritten.chain([WRITE_FIRST]).map(str::to_owned).collect());
    }
    let files = preview.pending.iter().filter(|_| preview.migrations && !is_verbose);
    part("What runs", files.map(|one| format!("{}: {}", one.file, how(one, preview))).collect());
    part("What happens", objects(preview, is_verbose));
    // Bringing rows up to date is what every refresh does.
    part("What to mind", if is_verbose || preview.to_do { risks(preview) } else { Vec::new() });
    let put_back = preview.pending.iter().flat_map(|one| &one.put_back);
    part(PUT_BACK, put_back.map(|grant| format!("{grant};")).collect());
    let differences = preview.drift.iter();
    let differences = differences.flat_map(|one| [one.message.clone(), format!("  {}", one.fix)]);
    part("What differs already", differences.collect());
    part(NOT_LANDED, preview.not_landed_by_table.clone());
    part(&stale(preview), preview.stale_record.iter().take(STALE).cloned().collect());
    part(UNLISTED, preview.unlisted.clone());
    part("In the way", in_the_way(preview));
    if is_verbose && !preview.pending.is_empty() {
        text.push_str(&format!("\nThe SQL\n\n{}", sql(preview).trim_end()));
        text.push('\n');
    } else if preview.to_do && !preview.pending.is_empty() {
        let count = preview.pending.iter().map(|one| one.statements.len()).sum::<usize>();
        text.push_str(&format!(
            "\nTo see the SQL ({}): add --verbose; for the SQL alone, --format sql.\n",
            many(count, "statement")
        ));
    }
    text.push_str(&format!("\n{}\n", last(preview)));
    text
}

/// How much of what a record is behind is shown.
pub(super) const STALE: usize = 5;

/// What stands above that.
pub(super) fn stale(preview: &Preview) -> String {
    let places = many(preview.stale_record.len(), "place");
    let then = if preview.migrations { "migrate new" } else { "render" };
    format!(
        "landed.json is behind the database in {places}. Run: idgraph introspect --target {}, then idgraph {then}",
        preview.target
    )
}

/// The very SQL, file by file.
pub(super) fn sql(preview: &Preview) -> String {
    let mut text = String::new();
    for pending in &preview.pending {
        text.push_str(&format!("-- {}: {}\n\n", pending.file, how(pending, preview)));
        for doing in &pending.statements {
            text.push_str(&format!("{};\n\n", doing.sql));
        }
    }
    text
}

/// What stands above columns that Segment adds later.
pub(super) const NOT_LANDED: &str =
    "Not landed yet, so NULL until Segment adds it with its first value";

/// What stands above tables that nobody asked for.
pub(super) const UNLISTED: &str = "Events that have landed and that the project does not list: `idgraph introspect` adds them, `ignore` passes over them";

/// What stands above the grants that apply puts back.
pub(super) const PUT_BACK: &str = "Granted again on views that are dropped and made again";

/// What is said where the project is ahead of its migrations, and what to do about it.
pub(super) const UNWRITTEN: &str = "The project has changed without a migration";
pub(super) const WRITE_FIRST: &str = "Apply would not do this. Write it first: `idgraph migrate new`, then commit its files and plan again.";

/// How a file runs.
pub(super) fn how(pending: &Pending, preview: &Preview) -> String {
    let count = pending.statements.len();
    let statements = many(count, "statement");
    let how = match (preview.migrations, pending.in_transaction) {
        (false, _) => "",
        (true, true) => ", one transaction",
        (true, false) => ", each by itself",
    };
    let done = match pending.done {
        0 => String::new(),
        done => format!(", going on after statement {done}"),
    };
    format!("{statements}{how}{done}")
}

/// Where the database is, and how much there is to do.
pub(super) fn summary(preview: &Preview) -> String {
    let at = match &preview.at {
        Some(at) => format!("{} is at {at}", preview.target),
        None if preview.migrations => format!("{} has run no migration", preview.target),
        None => format!("{} is built without migrations", preview.target),
    };
    let some = |count: usize, one: &str, more: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{count} {more}")),
    };
    let is_destructive = |risk: &&Risk| matches!(risk, Risk::Destructive { .. });
    let parts = [
        some(preview.unwritten.len(), "change has no migration", "changes have no migration"),
        some(
            if preview.migrations { preview.pending.len() } else { 0 },
            "migration is pending",
            "migrations are pending",
        ),
        some(
            preview.risks.iter().filter(is_destructive).count(),
            "object is taken away",
            "objects are taken away",
        ),
        some(preview.drift.len(), "difference", "differences"),
        some(preview.in_the_way.len(), "thing is in the way", "things are in the way"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    match (parts.is_empty(), preview.to_do) {
        (false, _) => format!("{at}: {}", parts.join(", ")),
        (true, true) => format!("{at}: tables are to be made or changed"),
        (true, false) => format!("{at}: nothing to do"),
    }
}

/// What happens to each object; to those that only have their rows brought up to date, where it is `all`.
fn objects(preview: &Preview, all: bool) -> Vec<String> {
    let is_shown = |one: &&Effect| all || preview.migrations || !one.happens.is_only_rows();
    let shown: Vec<&Effect> = preview.objects.iter().filter(is_shown).collect();
    let width = shown.iter().map(|one| one.object.chars().count()).max().unwrap_or(0);
    let line = |one: &&Effect| {
        let rows = one.rows.map_or(String::new(), |rows| format!("; {} now", many(rows, "row")));
        format!("{:<width$}  {}{rows}", one.object, one.happens.words())
    };
    let mut lines: Vec<String> = shown.iter().map(line).collect();
    let others = preview.objects.len() - shown.len();
    if others > 0 && !lines.is_empty() {
        lines.push(format!("the rows of {} are brought up to date", many(others, "other table")));
    }
    lines
}

/// What to mind, a line each, and what the figures are worth.
pub(super) fn risks(preview: &Preview) -> Vec<String> {
    let mut lines: Vec<String> =
        preview.risks.iter().map(|risk| risk_line(risk, &str::to_owned)).collect();
    if preview.risks.iter().any(has_figures) {
        lines.push(worth(&preview.rows_from));
    }
    lines
}

/// Whether a risk is told with numbers.
pub(super) fn has_figures(risk: &Risk) -> bool {
    matches!(risk, Risk::Lock { .. } | Risk::Rewrite { .. })
}

/// A risk in a sentence; `code` marks names.
pub(super) fn risk_line(risk: &Risk, code: &dyn Fn(&str) -> String) -> String {
    match risk {
        Risk::Destructive { file, object, option, comes_back, values } => {
            let how = match comes_back {
                true => "is dropped and made anew, without what was granted on it",
                false => "is taken away or written over for good",
            };
            let values = values.as_ref().map_or(String::new(), |values| format!("; {values}"));
            format!("{} {how} ({file}): apply wants {}{values}", code(object), code(option))
        }
        Risk::Lock { file, object, lock, stops, seconds, .. } => {
            let time = seconds.map_or("for how long is not known".to_owned(), about);
            format!("{}: {lock}, {}, {time} ({file})", code(object), stops.words())
        }
        Risk::Rewrite { file, object, rows, seconds, .. } => {
            let rows = rows.map_or("rows not known".to_owned(), |rows| many(rows, "row"));
            let time = seconds.map_or("how long is not known".to_owned(), about);
            format!("{} is written anew as a whole: {rows}, {time} ({file})", code(object))
        }
        Risk::NoTransaction { file } => {
            format!("{file} is no transaction: when a statement fails, those before it stay")
        }
    }
}

fn in_the_way(preview: &Preview) -> Vec<String> {
    let mut lines = Vec::new();
    for one in &preview.in_the_way {
        let place = one.place.as_ref().map_or(String::new(), |place| format!(" ({place})"));
        lines.push(format!("{}{place}", one.message));
        lines.extend(one.reasons.iter().chain(&one.fixes).map(|line| format!("  {line}")));
    }
    lines
}

/// What to do next.
pub(super) fn last(preview: &Preview) -> String {
    match &preview.command {
        _ if !preview.in_the_way.is_empty() => {
            "Apply would refuse. Clear what is in the way, then plan again.".to_owned()
        }
        Some(command) if preview.migrations || preview.to_do => format!("To do it: {command}"),
        Some(command) => format!("To bring the rows up to date: {command}"),
        None if !preview.unwritten.is_empty() && preview.drift.is_empty() => {
            "There is nothing to apply until the migration is written.".to_owned()
        }
        None if preview.to_do => {
            "There is nothing to apply: what differs is for people to settle.".to_owned()
        }
        None => "There is nothing to apply.".to_owned(),
    }
}
