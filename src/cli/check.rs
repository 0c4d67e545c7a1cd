//! `idgraph check`: all that CI checks, in one run.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Opened, Verdict, annotations, checked, diff, lint, migrate, output, played, render};
use super::{reviewed, test};
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Result};
use crate::engine::Interrupt;
use crate::migrate::FOLDER as MIGRATIONS;
use crate::review::{Base, Review};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The git revision to compare with [default: where the current branch left the main branch]
    #[arg(value_name = "BASE")]
    revision: Option<String>,
    /// Compare with no older version
    #[arg(long, conflicts_with = "revision")]
    no_diff: bool,
    /// Warnings of lint are as bad as errors
    #[arg(long)]
    deny_warnings: bool,
    /// How it is printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Write what a comment on the pull request says into this file, too
    #[arg(long, value_name = "FILE")]
    comment: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    #[default]
    Text,
    /// Annotations of GitHub Actions; what people read goes to stderr
    Github,
    /// A code quality report of GitLab; what people read goes to stderr
    Gitlab,
}

/// How a check ended, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    /// The project has nothing that it checks.
    Unused,
    Fine,
    Found,
    /// It could not be done.
    Failed,
}

/// One of the checks, and what came of it.
pub(super) struct Part {
    /// What it is called on the command line.
    pub(super) command: &'static str,
    pub(super) state: State,
    /// In a few words, without a name that anyone chose.
    pub(super) summary: String,
    /// All of it, for people, in colour.
    pub(super) details: String,
    /// The same for programs.
    pub(super) found: Vec<Diagnostic>,
}

/// What came of all of them.
pub(super) struct Report {
    /// In the order in which they ran.
    pub(super) parts: Vec<Part>,
    /// What differs from the older version, and what that is called.
    pub(super) review: Option<(Review, String)>,
}

pub(super) fn run(project: &Path, arguments: &Arguments) -> Result<Verdict> {
    let mut report = match Opened::read(project) {
        Ok(opened) => all(&opened, arguments),
        Err(mistakes) => {
            Report { parts: vec![Part::failed("the project file", mistakes)], review: None }
        }
    };
    report.say_once();
    if let Some(file) = &arguments.comment {
        let text = checked::markdown(&report, project);
        fs::write(file, text).map_err(|error| {
            let message = format!("cannot write {}: {error}", file.display());
            Diagnostic::error("unwritable", message).help("check that its folder is there")
        })?;
    }
    let text = checked::text(&report);
    match arguments.format {
        Format::Text => output::styled(&text)?,
        format => {
            output::message(format_args!("{}", text.trim_end()));
            let found: Vec<Diagnostic> =
                report.parts.iter().flat_map(|part| part.found.iter().cloned()).collect();
            output::text(&match format {
                Format::Gitlab => annotations::gitlab(&found)?,
                _ => annotations::github(&found),
            })?;
        }
    }
    Ok(match report.parts.iter().map(|part| part.state).max() {
        Some(State::Failed) => Verdict::Failed,
        Some(State::Found) => Verdict::Found,
        _ => Verdict::Fine,
    })
}

fn all(opened: &Opened, arguments: &Arguments) -> Report {
    let interrupt = Interrupt::of_process();
    let base = (!arguments.no_diff)
        .then(|| Base::revision(arguments.revision.as_deref(), &opened.project.path));
    // What is there, and what the change has taken away as a whole.
    let has = |folder: &str| {
        let was = base.as_ref().and_then(|base| base.as_ref().ok());
        opened.project.folder().join(folder).exists()
            || was.is_some_and(|base| base.has(folder).unwrap_or(false))
    };
    let when = |command: &'static str, folder: &str, part: &dyn Fn() -> Part| {
        if has(folder) { part() } else { Part::unused(command, folder) }
    };
    let fixtures = has(test::FOLDER);
    let mut parts = vec![
        when("render --check", render::FOLDER, &|| rendered(opened)),
        linted(opened, arguments.deny_warnings),
        when("migrate check", MIGRATIONS, &|| migrations(opened)),
        when("test", test::FOLDER, &|| fixtures_played(opened, &interrupt)),
    ];
    let mut review = None;
    if let Some(base) = base {
        let compared = base.and_then(|base| {
            // Fixtures that do not play at all are said once, by `test`.
            let plays = fixtures && parts.iter().all(|part| part.state < State::Failed);
            let review = diff::compare(opened, &base, plays.then_some(&interrupt))?;
            Ok((review, base.name))
        });
        match compared {
            Ok((compared, name)) => {
                parts.push(Part {
                    summary: reviewed::headline(&compared),
                    found: reviewed::found(&compared, &opened.project),
                    ..Part::new("diff", State::Fine)
                });
                review = Some((compared, name));
            }
            Err(why) => parts.push(Part::failed("diff", why)),
        }
    }
    Report { parts, review }
}

fn rendered(opened: &Opened) -> Part {
    let command = "render --check";
    let compared = match render::Compared::of(opened, true) {
        Ok(compared) => compared,
        Err(why) => return Part::failed(command, why),
    };
    let (count, changes) = (compared.count(), &compared.changes);
    if changes.is_empty() {
        let summary = format!("{} as rendered", lint::counted(count, "file"));
        return Part { summary, ..Part::new(command, State::Fine) };
    }
    let source = &opened.project.source;
    let place = Place { source: source.clone(), span: source.line(1) };
    let summary = format!("{} not as rendered", lint::counted(changes.len(), "file"));
    let lines: Vec<String> = changes
        .iter()
        .take(lint::SHOWN)
        .map(|(path, what)| {
            let path = compared.folder.join(path).display().to_string();
            format!("{:<8}  {}", what.word(), output::printable(&path))
        })
        .collect();
    let mut one = Diagnostic::error("not-rendered", summary.as_str()).note(lines.join("\n"));
    if let Some(more) = changes.len().checked_sub(lint::SHOWN + 1) {
        one = one.note(format!("and {} more", more + 1));
    }
    let one = one.help("run `idgraph render` and commit what it writes");
    let details = format!("{}\n", one.render(true));
    Part { summary, details, found: vec![one.at(&place, "")], ..Part::new(command, State::Found) }
}

fn linted(opened: &Opened, deny_warnings: bool) -> Part {
    let found = match lint::found(opened) {
        Ok(found) => found,
        Err(why) => return Part::failed("lint", why),
    };
    let state = match lint::verdict(&found, deny_warnings) {
        Verdict::Fine => State::Fine,
        _ => State::Found,
    };
    Part {
        summary: lint::summary(&found),
        details: said(&found),
        found,
        ..Part::new("lint", state)
    }
}

fn migrations(opened: &Opened) -> Part {
    let command = "migrate check";
    let Some((about, found)) = migrate::found(opened) else {
        return Part { summary: migrate::FINE.to_owned(), ..Part::new(command, State::Fine) };
    };
    let found: Vec<Diagnostic> = found.into_iter().collect();
    let mut details: String = about.iter().map(|line| format!("{line}\n")).collect();
    details.push_str(&said(&found));
    let source = &opened.project.source;
    let place = Place { source: source.clone(), span: source.line(1) };
    let summary = lint::counted(found.len(), "finding");
    let is_wanted = |one: &Diagnostic| one.code() == "migration-wanted";
    let placed = |one| if is_wanted(&one) { one.at(&place, "") } else { one };
    let found = found.into_iter().map(placed).collect();
    Part { summary, details, found, ..Part::new(command, State::Found) }
}

fn fixtures_played(opened: &Opened, interrupt: &Interrupt) -> Part {
    let played = test::files(opened, &[])
        .and_then(|files| test::play_all(opened, &files, None, interrupt, |_, _| Ok(())));
    let all = match played {
        Ok(all) => all,
        Err(why) => return Part::failed("test", why),
    };
    let differ: Vec<_> = all.iter().filter(|(_, done)| !test::is_fine(done)).collect();
    let state = if differ.is_empty() { State::Fine } else { State::Found };
    Part {
        summary: played::summary(all.len(), differ.len()),
        details: differ.iter().map(|(fixture, done)| played::text(fixture, done)).collect(),
        found: differ.iter().flat_map(|(fixture, done)| played::found(fixture, done)).collect(),
        ..Part::new("test", state)
    }
}

/// Messages, one after the other.
fn said(found: &[Diagnostic]) -> String {
    let shown = found.iter().take(lint::SHOWN);
    let mut text: String = shown.map(|one| format!("{}\n\n", one.render(true))).collect();
    if let Some(more) = found.len().checked_sub(lint::SHOWN + 1) {
        text.push_str(&format!("and {} more\n", more + 1));
    }
    text
}

impl Part {
    fn new(command: &'static str, state: State) -> Self {
        Self { command, state, summary: String::new(), details: String::new(), found: Vec::new() }
    }

    fn failed(command: &'static str, why: Diagnostics) -> Self {
        Self { found: why.into_iter().collect(), ..Self::new(command, State::Failed) }
    }

    fn unused(command: &'static str, folder: &str) -> Self {
        let summary = format!("not in use, there is no folder `{folder}`");
        Self { summary, ..Self::new(command, State::Unused) }
    }
}

impl Report {
    /// One mistake can keep many checks from being done: it is told by the first of them.
    fn say_once(&mut self) {
        let mut known: Vec<Diagnostic> = Vec::new();
        for part in self.parts.iter_mut().filter(|part| part.state >= State::Found) {
            let count = part.found.len();
            // Each may add a note about where it met it.
            part.found.retain(|one| {
                let is_same = |other: &Diagnostic| {
                    (one.code(), one.message(), one.place())
                        == (other.code(), other.message(), other.place())
                };
                !known.iter().any(is_same)
            });
            known.extend(part.found.iter().cloned());
            if part.found.is_empty() && count > 0 {
                part.summary = "could not be done, as above".to_owned();
                part.details = String::new();
            } else if part.state == State::Failed {
                let mistakes = lint::counted(part.found.len(), "mistake");
                part.summary = format!("could not be done: {mistakes}");
                part.details = said(&part.found);
            }
        }
    }
}
