//! The question before something changes.

use std::io::{self, BufRead, IsTerminal};
use std::time::Duration;

use super::build::Options;
use super::{Opened, Verdict, output};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::{self, Access, Engine, Interrupt, Passing};

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
#[derive(Debug)]
pub(super) struct Proposal {
    /// In short, as it is shown.
    pub(super) shown: String,
    /// What must still be the same when it is run: the very SQL, where it is known.
    pub(super) agreed: Vec<String>,
}

/// How often a change is tried that others came in the way of.
const TRIES: usize = 5;

/// A change of a target that somebody agrees to.
pub(super) struct Change<'a> {
    pub(super) opened: &'a Opened,
    pub(super) options: &'a Options,
    pub(super) consent: Consent,
    pub(super) interrupt: &'a Interrupt,
}

/// What somebody has agreed to.
pub(super) enum Agreed {
    /// Whatever is behind the lock.
    ToAnything,
    /// This, if it is still the same behind the lock.
    To(Proposal),
    /// There is nothing to do, or it is not wanted.
    ToNothing(Verdict),
}

impl Agreed {
    /// How the command ends that does nothing more.
    pub(super) fn verdict(&self) -> Verdict {
        match self {
            Self::ToNothing(verdict) => *verdict,
            _ => Verdict::Fine,
        }
    }
}

impl Change<'_> {
    /// Where a person has to be asked, shows them the proposal before anything is locked.
    ///
    /// # Errors
    /// When the target cannot be reached or looked at.
    pub(super) fn agreed<Seen>(
        &self,
        look: impl Fn(&mut dyn Engine) -> Result<Seen>,
        proposal: impl Fn(&Seen) -> Option<Proposal>,
    ) -> Result<Agreed> {
        if self.consent == Consent::Given {
            return Ok(Agreed::ToAnything);
        }
        let (project, target) = (&self.opened.project, &self.opened.target);
        let mut engine = engine::connect(project, target, Access::Pretend)?;
        let seen = engine::read(engine.as_mut(), self.interrupt, look)?;
        let Some(shown) = proposal(&seen) else {
            output::message(format_args!("{target} is up to date"));
            return Ok(Agreed::ToNothing(Verdict::Fine));
        };
        drop(engine);
        output::message(format_args!("{}", shown.shown));
        if !is_wanted(&format!("Apply this to {target}?")) {
            output::message(format_args!("nothing changed"));
            return Ok(Agreed::ToNothing(Verdict::Declined));
        }
        Ok(Agreed::To(shown))
    }

    /// Begins the transaction of the change, locked, and says what `look` sees there.
    ///
    /// # Errors
    /// When the target cannot be locked or looked at, or has changed since it was shown.
    pub(super) fn locked<Seen>(
        &self,
        engine: &mut dyn Engine,
        agreed: &Agreed,
        look: impl Fn(&mut dyn Engine) -> Result<Seen>,
        proposal: impl Fn(&Seen) -> Option<Proposal>,
    ) -> Result<Seen> {
        let schema = &self.opened.project.models_schema.value;
        if engine.lock_makes(schema)? {
            // Where something stands in the way, nothing is made.
            engine::read(engine, self.interrupt, &look)?;
        }
        engine.lock(schema, self.patience(), self.interrupt)?;
        // What is looked at may be locked by others, too.
        self.interrupt.ends(engine.interrupter());
        let seen = look(engine)?;
        if let Agreed::To(wanted) = agreed
            && proposal(&seen).is_none_or(|now| now.agreed != wanted.agreed)
        {
            return Err(Diagnostic::error("changed", "the database changed while you were asked")
                .note("what would run now is not what was shown")
                .help("run the command again")
                .into());
        }
        Ok(seen)
    }

    /// Does something that may meet others who do the like, and does it again when it met one.
    ///
    /// # Errors
    /// As `work`, in the end.
    pub(super) fn with_patience<T>(
        &self,
        engine: &mut dyn Engine,
        mut work: impl FnMut(&mut dyn Engine) -> Result<T>,
    ) -> Result<T> {
        for _ in 1..TRIES {
            let done = work(engine);
            let may_pass = done.is_err() && engine.passing() != Passing::Lasting;
            // A dry run has printed what it runs, which may be something else the next time.
            if !may_pass || self.options.dry_run || self.interrupt.is_wanted() {
                return done;
            }
            // It is over already, unless the work did not come as far as to run anything.
            let _ = engine.execute("ROLLBACK");
            let target = &self.opened.target;
            output::message(format_args!("{target} changed meanwhile: trying again"));
        }
        let often = format!(
            "tried {TRIES} times: each time another session had changed what was looked at"
        );
        work(engine).map_err(|error| error.into_iter().map(|one| one.note(often.clone())).collect())
    }

    /// How long to wait for locks.
    pub(super) fn patience(&self) -> Duration {
        Duration::from_secs(self.options.lock_timeout.into())
    }
}

/// Asks a person; anything but a yes is a no.
fn is_wanted(question: &str) -> bool {
    output::prompt(format_args!("{question} [y/N] "));
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}
