//! `idgraph diff`: what a change of the project does.

use std::path::PathBuf;

use super::{Opened, Verdict, output, reviewed, running, test};
use crate::diagnostic::{Diagnostics, Result};
use crate::engine::Interrupt;
use crate::fixture;
use crate::review::{Base, Review, Side, TableRows, Version, differences};
use crate::warehouse::Warehouse;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The git revision to compare with [default: where the current branch left the main branch]
    #[arg(value_name = "BASE", conflicts_with = "base")]
    revision: Option<String>,
    /// Compare with the project in this folder instead
    #[arg(long, value_name = "DIR")]
    base: Option<PathBuf>,
    /// Compare with what runs on this target, one of the project's `targets`, instead
    #[arg(long, value_name = "NAME", conflicts_with_all = ["revision", "base", "rows"])]
    pub(super) target: Option<String>,
    /// Play the project's fixtures on both sides too, on SQLite in memory, and show which rows come out otherwise
    #[arg(long)]
    rows: bool,
    /// How it is printed
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people at a terminal
    #[default]
    Text,
    /// For a comment on a pull request: at most 65,536 characters
    Markdown,
    /// For programs
    Json,
    /// Annotations of GitHub Actions on the lines of the project file
    Github,
    /// A code quality report of GitLab
    Gitlab,
}

pub(super) fn run(opened: &Opened, arguments: &Arguments) -> Result<Verdict> {
    let project = &opened.project;
    let (name, review) = match &arguments.target {
        Some(target) => with_target(opened, target)?,
        None => with_version(opened, arguments)?,
    };
    match arguments.format {
        Format::Text => output::styled(&reviewed::text(&review, &name))?,
        Format::Markdown => {
            let heading = format!("### idgraph: {}\n\n", reviewed::headline(&review));
            output::text(&reviewed::markdown(&review, &name, heading))?;
        }
        Format::Json => output::text(&output::pretty(&review)?)?,
        Format::Github => output::text(&reviewed::github(&review, project))?,
        Format::Gitlab => output::text(&reviewed::gitlab(&review, project)?)?,
    }
    output::message(format_args!("compared with {}: {}", name, reviewed::headline(&review)));
    Ok(if review.is_empty() { Verdict::Fine } else { Verdict::Found })
}

/// Against what runs on a target.
fn with_target(opened: &Opened, target: &str) -> Result<(String, Review)> {
    let running = running::read(opened, target)?;
    let file = opened.file_name();
    let (old, new) = Side::running(&running, version(opened, &file))?;
    let review = Review::of(old.as_ref(), &new, Some(&running.live));
    Ok((running.name, review))
}

/// Against another version of the project.
fn with_version(opened: &Opened, arguments: &Arguments) -> Result<(String, Review)> {
    let project = &opened.project;
    let base = match &arguments.base {
        Some(folder) => Base::folder(folder, &project.path)?,
        None => Base::revision(arguments.revision.as_deref(), &project.path)?,
    };
    let interrupt = Interrupt::of_process();
    let review = compare(opened, &base, arguments.rows.then_some(&interrupt))?;
    Ok((base.name, review))
}

/// What differs from an older version; with `rows` in what the fixtures come to, too, until it is interrupted.
pub(super) fn compare(opened: &Opened, base: &Base, rows: Option<&Interrupt>) -> Result<Review> {
    let as_it_was = |error: Diagnostics| -> Diagnostics {
        let note = format!("in the project as it is in {}", base.name);
        error.into_iter().map(|one| base.named(one).note(note.as_str())).collect()
    };
    let before = match &base.project {
        Some(file) => Some(Opened::read(file).map_err(as_it_was)?),
        None => None,
    };
    let name = opened.file_name();
    let (old, new) = Side::both(
        before.as_ref().map(|before| version(before, &name)),
        version(opened, &name),
        as_it_was,
    )?;
    let mut review = Review::of(old.as_ref(), &new, None);
    if let (Some(interrupt), Some(before)) = (rows, &before) {
        review.rows = Some(fixture_rows(before, opened, interrupt, as_it_was)?);
    }
    Ok(review)
}

/// The rows that the fixtures of the newer version make on both sides, where they differ. Of batches that differ in the same
/// way, the first alone.
fn fixture_rows(
    before: &Opened,
    after: &Opened,
    interrupt: &Interrupt,
    broken: impl Fn(Diagnostics) -> Diagnostics,
) -> Result<Vec<TableRows>> {
    let files = test::files(after, &[])?;
    let mut all: Vec<TableRows> = Vec::new();
    for fixture in test::read_all(&files, &Warehouse::of(&after.project))? {
        let play = |opened: &Opened| {
            test::play(opened, &fixture, None, interrupt, &|fixture, of, engine, build| {
                fixture::outcomes(fixture, of, engine, build)
            })
        };
        let (old, new) = (play(before).map_err(&broken)?, play(after)?);
        let name = fixture.path.display().to_string();
        for (number, (old, new)) in old.iter().zip(&new).enumerate() {
            for found in differences(&name, number + 1, old, new) {
                let last =
                    all.iter().rev().find(|one| one.fixture == name && one.table == found.table);
                if last.is_none_or(|one| (&one.columns, &one.rows) != (&found.columns, &found.rows))
                {
                    all.push(found);
                }
            }
        }
    }
    Ok(all)
}

fn version<'a>(opened: &'a Opened, project_file: &'a str) -> Version<'a> {
    Version { project: &opened.project, library: &opened.library, project_file }
}
