//! What came of all checks, for people.

use std::fmt::Write;
use std::path::Path;

use anstyle::{AnsiColor, Style};

use super::check::{Part, Report, State};
use super::markdown::fence;
use super::output::printable;
use super::reviewed;

/// The most bytes of a comment that the details of one check take.
const LONGEST: usize = 5_000;

/// A line for each check, then the details of those that have any.
pub(super) fn text(report: &Report) -> String {
    let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
    let width = report.parts.iter().map(|part| part.command.len()).max().unwrap_or(0);
    let mut text = String::new();
    for part in &report.parts {
        let (mark, style) = match part.state {
            State::Unused => ("-   ", Style::new()),
            State::Fine => ("ok  ", colour(AnsiColor::Green)),
            State::Found | State::Failed => ("FAIL", colour(AnsiColor::Red)),
        };
        let _ = writeln!(text, "{style}{mark}{style:#}  {:width$}  {}", part.command, part.summary);
    }
    for part in report.parts.iter().filter(|part| !part.details.is_empty()) {
        let bold = Style::new().bold();
        let _ = writeln!(text, "\n{bold}{}{bold:#}\n\n{}", part.command, part.details.trim_end());
    }
    text
}

/// A comment on the pull request. Its first line is the same for the same project file, and tells it from other comments; its
/// second says so when nobody needs to read it.
pub(super) fn markdown(report: &Report, project: &Path) -> String {
    let name = printable(&project.display().to_string()).replace('>', "&gt;");
    let mut text = format!("<!-- idgraph check: {name} -->\n");
    let differs = report.review.as_ref().is_some_and(|(review, _)| !review.is_empty());
    if !differs && !report.parts.iter().any(is_bad) {
        text.push_str("<!-- nothing to say -->\n");
    }
    let _ = writeln!(text, "### idgraph: {}\n", headline(report));
    // What differs is shown below, and needs no line here.
    for part in report.parts.iter().filter(|part| part.command != "diff" || is_bad(part)) {
        let mark = match part.state {
            State::Unused => "➖",
            State::Fine => "✅",
            State::Found | State::Failed => "❌",
        };
        let _ = writeln!(text, "- {mark} {}: {}", code(part.command), part.summary);
    }
    text.push('\n');
    for part in report.parts.iter().filter(|part| !part.details.is_empty()) {
        let details = anstream::adapter::strip_str(part.details.trim_end()).to_string();
        let (shown, is_cut) = cut(&details);
        let fence = fence(shown);
        let open = if is_bad(part) { " open" } else { "" };
        let more = if is_cut { "The rest is in the log.\n\n" } else { "" };
        let _ = write!(
            text,
            "<details{open}><summary>{}</summary>\n\n{fence}text\n{shown}\n{fence}\n\n{more}</details>\n\n",
            part.command
        );
    }
    match &report.review {
        Some((review, base)) => reviewed::markdown(review, base, text),
        None => text.trim_end().to_owned() + "\n",
    }
}

fn is_bad(part: &Part) -> bool {
    part.state >= State::Found
}

/// `lint and test fail; 1 table or view changed, no row that is there changes`
fn headline(report: &Report) -> String {
    let bad: Vec<&str> =
        report.parts.iter().filter(|part| is_bad(part)).map(|part| part.command).collect();
    let fail = match bad.as_slice() {
        [] => None,
        [one] => Some(format!("{one} fails")),
        [first @ .., last] => Some(format!("{} and {last} fail", first.join(", "))),
    };
    let differs = report.review.as_ref().map(|(review, _)| reviewed::headline(review));
    match (fail, differs) {
        (Some(fail), Some(differs)) => format!("{fail}; {differs}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "all is well".to_owned(),
    }
}

/// A command as code; other names as they are.
fn code(command: &str) -> String {
    if command.starts_with("the ") { command.to_owned() } else { format!("`{command}`") }
}

/// Whole lines that are short enough, and whether any are left out.
fn cut(text: &str) -> (&str, bool) {
    if text.len() <= LONGEST {
        return (text, false);
    }
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        if end + line.len() > LONGEST {
            break;
        }
        end += line.len();
    }
    (text.get(..end).unwrap_or_default().trim_end(), true)
}
