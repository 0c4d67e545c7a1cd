//! A plan as a comment on a pull request: the summary first, the SQL folded away.

use super::text::{
    NOT_LANDED, PUT_BACK, STALE, UNLISTED, UNWRITTEN, WRITE_FIRST, has_figures, how, last,
    risk_line, stale, summary,
};
use crate::cli::markdown::{code, escaped, fence, html, in_cell};
use crate::preview::{Effect, Preview, worth};
use crate::project::words::count;

/// How many lines a list of a comment has.
const MOST_LINES: usize = 40;

/// How much SQL a comment holds: GitHub takes 65,536 characters for all of it.
const MOST_SQL: usize = 50_000;

/// The whole plan.
pub(super) fn markdown(preview: &Preview) -> String {
    let mut text = format!(
        "### idgraph plan: {}\n\n**{}.**\n",
        escaped(&preview.target),
        escaped(&summary(preview))
    );
    // What closes a list stands there however long that is.
    let mut part = |title: &str, lines: Vec<String>, closing: Option<&str>| {
        if !lines.is_empty() {
            text.push_str(&format!("\n#### {title}\n\n"));
            lines.iter().take(MOST_LINES).for_each(|line| text.push_str(&format!("{line}\n")));
            if let Some(more) = lines.len().checked_sub(MOST_LINES).filter(|more| *more > 0) {
                text.push_str(&format!("\n… and {more} more: `idgraph plan` prints all.\n"));
            }
            if let Some(closing) = closing {
                text.push_str(&format!("\n{}\n", escaped(closing)));
            }
        }
    };
    let unwritten = preview.unwritten.iter().map(|line| format!("- {}", escaped(line)));
    part(UNWRITTEN, unwritten.collect(), Some(WRITE_FIRST));
    let happens = |one: &Effect| {
        let rows = one.rows.map_or(String::new(), count);
        format!("| {} | {} | {rows} |", in_cell(&code(&one.object)), one.happens.words())
    };
    let table = |lines: Vec<String>| match lines.is_empty() {
        true => lines,
        false => {
            ["| object | what happens | rows now |".to_owned(), "| --- | --- | --: |".to_owned()]
                .into_iter()
                .chain(lines)
                .collect()
        }
    };
    part("What happens", table(preview.objects.iter().map(happens).collect()), None);
    let risks = preview.risks.iter().map(|risk| format!("- {}", risk_line(risk, &code)));
    let worth = preview.risks.iter().any(has_figures).then(|| worth(&preview.rows_from));
    part("What to mind", risks.collect(), worth.as_deref());
    let put_back = preview.pending.iter().flat_map(|one| &one.put_back);
    part(PUT_BACK, put_back.map(|grant| format!("- {}", code(grant))).collect(), None);
    let differing = |one: &crate::preview::Differing| {
        let rest = one.message.strip_prefix(&one.object).unwrap_or(&one.message);
        format!("- {}{}: {}", code(&one.object), escaped(rest), escaped(&one.fix))
    };
    part("What differs already", preview.drift.iter().map(differing).collect(), None);
    let late = preview.not_landed_by_table.iter().map(|line| format!("- {}", code(line)));
    part(NOT_LANDED, late.collect(), None);
    let behind = preview.stale_record.iter().take(STALE).map(|line| format!("- {}", escaped(line)));
    part(&stale(preview), behind.collect(), None);
    let unlisted = preview.unlisted.iter().map(|name| format!("- {}", code(name)));
    part(UNLISTED, unlisted.collect(), None);
    let obstacle = |one: &crate::preview::Obstacle| {
        let place = one.place.as_ref().map_or(String::new(), |place| format!(" ({})", code(place)));
        let more =
            one.reasons.iter().chain(&one.fixes).map(|line| format!("\n  {}", escaped(line)));
        format!("- {}{place}{}", escaped(&one.message), more.collect::<String>())
    };
    part("In the way", preview.in_the_way.iter().map(obstacle).collect(), None);
    if !preview.pending.is_empty() {
        text.push_str("\n#### The SQL\n\n");
        let mut room = MOST_SQL;
        for pending in &preview.pending {
            let sql: String =
                pending.statements.iter().map(|doing| format!("{};\n\n", doing.sql)).collect();
            let title = format!("{}: {}", pending.file, how(pending, preview));
            text.push_str(&format!("<details><summary>{}</summary>\n\n", html(&title)));
            match room.checked_sub(sql.chars().count()) {
                Some(left) => {
                    room = left;
                    let fence = fence(&sql);
                    text.push_str(&format!("{fence}sql\n{}\n{fence}\n", sql.trim_end()));
                }
                None => text
                    .push_str("Too long for a comment: `idgraph plan --format sql` prints it.\n"),
            }
            text.push_str("\n</details>\n");
        }
    }
    let last = last(preview);
    match last.split_once(": ") {
        Some((what, command)) => {
            text.push_str(&format!("\n{what}:\n\n```console\n$ {command}\n```\n"))
        }
        None => text.push_str(&format!("\n{last}\n")),
    }
    text
}
