//! The question before something changes.

use std::io::{self, BufRead, IsTerminal};
use std::time::Duration;

use super::build::Options;
use super::{Opened, output};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{self, Access, Engine, Interrupt};

/// How a change is agreed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Consent {
    /// It was given on the command line, or nothing will change.
    Given,
    /// A person is asked.
    Asked,
}

impl Consent {
    /// Whether a person has to be asked.
    ///
    /// # Errors
    /// When there is nobody to ask.
    pub(super) fn of(is_given: bool) -> Result<Self> {
        if is_given {
            return Ok(Self::Given);
        }
        if io::stdin().is_terminal() {
            return Ok(Self::Asked);
        }
        Err(Diagnostic::error("not-confirmed", "nobody is there to ask: stdin is no terminal")
            .note("apply shows what it will do and asks before it changes anything")
            .help("look with --dry-run, then say --yes")
            .into())
    }
}

/// What a person agrees to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Proposal {
    /// In short, as it is shown.
    pub(super) shown: String,
    /// The very SQL, where it is known.
    pub(super) sql: Vec<String>,
}

/// A change of a target that somebody agrees to.
pub(super) struct Change<'a> {
    pub(super) opened: &'a Opened,
    pub(super) options: &'a Options,
    pub(super) access: Access,
    pub(super) consent: Consent,
    pub(super) interrupt: &'a Interrupt,
}

impl Change<'_> {
    /// The target, locked, and what `look` sees there; `None` when there is nothing to do or it is not wanted. Where a
    /// person has to be asked, they are shown the proposal before anything is locked, and it must still be the same
    /// behind the lock.
    ///
    /// # Errors
    /// When the target cannot be reached, locked or looked at, or has changed since it was shown.
    pub(super) fn agreed<Seen>(
        &self,
        look: impl Fn(&mut dyn Engine) -> Result<Seen>,
        proposal: impl Fn(&Seen) -> Option<Proposal>,
    ) -> Result<Option<(Box<dyn Engine>, Seen)>> {
        let (project, target) = (&self.opened.project, &self.options.target);
        let mut wanted = None;
        if self.consent == Consent::Asked {
            let mut engine = engine::connect(project, target, Access::Pretend)?;
            let Some(shown) = proposal(&look(engine.as_mut())?) else {
                output::message(format_args!("{target} is up to date"));
                return Ok(None);
            };
            drop(engine);
            output::message(format_args!("{}", shown.shown));
            if !is_wanted(&format!("Apply this to {target}?")) {
                output::message(format_args!("nothing changed"));
                return Ok(None);
            }
            wanted = Some(shown);
        }
        let mut engine = engine::connect(project, target, self.access)?;
        let patience = Duration::from_secs(self.options.lock_timeout.into());
        engine.lock(&project.models_schema.value, patience, self.interrupt)?;
        let seen = look(engine.as_mut())?;
        if wanted.is_some() && wanted != proposal(&seen) {
            return Err(Diagnostic::error("changed", "the database changed while you were asked")
                .note("what would run now is not what was shown")
                .help("run the command again")
                .into());
        }
        Ok(Some((engine, seen)))
    }
}

/// Asks a person; anything but a yes is a no.
fn is_wanted(question: &str) -> bool {
    output::prompt(format_args!("{question} [y/N] "));
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}
