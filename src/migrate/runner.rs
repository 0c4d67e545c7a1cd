//! Runs migrations: each file in one transaction together with its row in the ledger.

use std::time::{Duration, Instant};

use super::check::Checked;
use super::granted::granted;
use super::ledger::{Entry, Ledger};
use crate::diagnostic::{Diagnostic, Diagnostics, Result};
use crate::engine::{Engine, Interrupt, Passing};
use crate::render::{Action, Bookkeeping, Given, Noted, ObjectRef, Statement};

/// How often a file is tried that others came in the way of.
const TRIES: usize = 5;

/// What happens while migrations run.
#[derive(Debug)]
pub enum Event<'a> {
    /// This SQL is run next, or shown because it cannot be run in a dry run.
    Sql(&'a str),
    /// A file begins.
    Begins(&'a Checked),
    /// A statement is done: its number, counted from 1, the rows it wrote, how long it took.
    Statement(&'a Checked, usize, u64, Duration),
    /// A file is done: the rows it wrote, how long it took.
    Done(&'a Checked, u64, Duration),
    /// Another process has run the file meanwhile.
    Overtaken(&'a Checked),
    /// This file and those after it are shown and not run, for it cannot be rolled back.
    NotRun(&'a Checked),
}

/// Runs migrations in one database.
pub struct Runner<'a> {
    /// The database, whose lock is held in the transaction that has begun.
    pub engine: &'a mut dyn Engine,
    /// The statements about the ledger.
    pub books: &'a Bookkeeping<'a>,
    /// The schema that the ledger is in.
    pub schema: &'a str,
    /// How long to wait for locks.
    pub patience: Duration,
    /// Ctrl-C.
    pub interrupt: &'a Interrupt,
    /// Is told what happens.
    pub tell: &'a mut dyn FnMut(&Event<'_>) -> Result<()>,
    /// Whether all of it is rolled back in the end.
    pub is_dry: bool,
    /// In a dry run: whether there was a file that cannot be rolled back. What follows it is shown only.
    pub only_shows: bool,
}

impl Runner<'_> {
    /// Runs files in order; what is done stays when a later one fails.
    ///
    /// # Errors
    /// When a statement fails or the user interrupts: the message says which files are done.
    pub fn run(&mut self, all: &[Checked]) -> Result<()> {
        self.interrupt.ends(self.engine.interrupter());
        let mut done: Vec<String> = Vec::new();
        let mut result = self.make_ledger();
        if result.is_ok() {
            for checked in all {
                let name = checked.run.file.name.to_string();
                result = self.file(checked).map_err(|error| self.explain(error, checked, &done));
                if result.is_err() {
                    break;
                }
                done.push(name);
            }
        } else {
            let _ = self.engine.execute("ROLLBACK");
        }
        if self.is_dry {
            (self.tell)(&Event::Sql("ROLLBACK"))?;
            let _ = self.engine.execute("ROLLBACK");
        }
        result
    }

    /// Notes migrations as applied without running them, and runs what goes with that, in one transaction.
    ///
    /// # Errors
    /// As [`Runner::run`].
    pub fn note(&mut self, with: &[Statement], noted: &[Noted<'_>]) -> Result<()> {
        self.interrupt.ends(self.engine.interrupter());
        let result = self.notes(with, noted);
        if result.is_err() || self.is_dry {
            (self.tell)(&Event::Sql("ROLLBACK"))?;
            let _ = self.engine.execute("ROLLBACK");
        }
        match result {
            Err(_) if self.interrupt.is_wanted() => Err(Interrupt::stopped().into()),
            other => other,
        }
    }

    fn notes(&mut self, with: &[Statement], noted: &[Noted<'_>]) -> Result<()> {
        self.make_ledger()?;
        self.begin()?;
        self.all(with)?;
        for one in noted {
            let statements = self.books.begin(one)?;
            self.all(&statements)?;
        }
        self.interrupt.check()?;
        self.commit()
    }

    /// Makes the table of migrations unless it is there.
    fn make_ledger(&mut self) -> Result<()> {
        // The first transaction: where a lock is part of one, it has begun already.
        self.tell_begin()?;
        self.engine.execute(self.engine.begin_sql())?;
        let catalog = self.engine.catalog(&[self.schema])?;
        Diagnostics::check(catalog.distrust())?;
        if !catalog.schemas.contains(self.schema) {
            let statements = self.books.schema()?;
            self.all(&statements)?;
        }
        // The record comes first: what is made behind it is noted in it.
        let books = self.books;
        for table in books.objects().into_iter().chain([books.ledger()]) {
            if catalog.find(self.schema, &table.name).is_none() {
                let statements = books.create(table)?;
                self.all(&statements)?;
            }
        }
        self.commit()
    }

    fn file(&mut self, checked: &Checked) -> Result<()> {
        (self.tell)(&Event::Begins(checked))?;
        self.only_shows |= self.is_dry && !checked.run.file.in_transaction;
        if self.only_shows {
            return self.show(checked);
        }
        if !checked.run.file.in_transaction {
            self.engine.lock_alone(self.schema, self.patience, self.interrupt)?;
            let done = self.one_by_one(checked);
            let unlocked = self.engine.unlock_alone(self.schema);
            return done.and(unlocked);
        }
        let mut tries = TRIES;
        loop {
            tries -= 1;
            let done = self.whole(checked);
            let may_pass = done.is_err() && self.engine.passing() == Passing::Conflict;
            if !may_pass || tries == 0 || self.is_dry || self.interrupt.is_wanted() {
                return done;
            }
        }
    }

    /// A file in its transaction.
    fn whole(&mut self, checked: &Checked) -> Result<()> {
        let start = Instant::now();
        self.begin()?;
        let result = self.in_transaction(checked);
        match result {
            Ok(Some(rows)) => {
                self.interrupt.check().and_then(|()| self.commit()).inspect_err(|_| {
                    let _ = self.engine.execute("ROLLBACK");
                })?;
                (self.tell)(&Event::Done(checked, rows, start.elapsed()))
            }
            Ok(None) => {
                let _ = self.engine.execute("ROLLBACK");
                (self.tell)(&Event::Overtaken(checked))
            }
            Err(error) => {
                // The connection may be gone; then the database has rolled back by itself.
                let _ = self.engine.execute("ROLLBACK");
                Err(error)
            }
        }
    }

    /// The rows written; `None` when another process has run the file meanwhile.
    fn in_transaction(&mut self, checked: &Checked) -> Result<Option<u64>> {
        let file = &checked.run.file;
        let number = file.name.number;
        let is_noted = self.ledger()?.find(number).is_some();
        if is_noted != checked.run.is_noted {
            return Ok(None);
        }
        if !file.name.is_down {
            self.note_begin(checked)?;
        }
        let mut rows = 0;
        let granted = granted(self.engine, checked)?;
        for (index, one) in file.statements.iter().enumerate() {
            rows += self.statement(checked, index, &one.statement)?;
            for grant in granted.get(&index).into_iter().flatten() {
                self.execute(grant)?;
            }
        }
        self.all(&checked.behind)?;
        let end = if file.name.is_down {
            self.books.forget(number)?
        } else {
            self.books.progress(number, (file.statements.len(), rows), true, None)?
        };
        self.all(&end)?;
        Ok(Some(rows))
    }

    /// Each statement by itself, and after each a note how far it is.
    fn one_by_one(&mut self, checked: &Checked) -> Result<()> {
        let start = Instant::now();
        let file = &checked.run.file;
        let number = file.name.number;
        // Another process may have come further with it, or be done.
        let ledger = self.ledger()?;
        let noted = ledger.find(number);
        let is_over = match file.name.is_down {
            true => noted.is_none() && checked.run.is_noted,
            false => noted.is_some_and(Entry::is_finished),
        };
        if is_over {
            return (self.tell)(&Event::Overtaken(checked));
        }
        if noted.is_none() {
            self.note_begin(checked)?;
        }
        let going_on = noted.filter(|_| !file.name.is_down);
        let (done, rows) = going_on.map_or((0, 0), |entry| (entry.done, entry.rows));
        let (count, mut rows) = (file.statements.len(), rows);
        let granted = granted(self.engine, checked)?;
        for (index, one) in file.statements.iter().enumerate().skip(done) {
            match self.statement(checked, index, &one.statement) {
                Ok(more) => {
                    rows += more;
                    for grant in granted.get(&index).into_iter().flatten() {
                        self.execute(grant)?;
                    }
                }
                Err(error) => {
                    let why = error
                        .iter()
                        .next()
                        .map_or_else(String::new, |one| one.message().to_owned());
                    let note = self.books.progress(number, (index, rows), false, Some(&why))?;
                    // Without a connection, the ledger still says which statement was the last that was done.
                    let _ = self.all(&note);
                    return Err(error);
                }
            }
            // The last note is the one that says all is done.
            if !file.name.is_down && index + 1 < count {
                let note = self.books.progress(number, (index + 1, rows), false, None)?;
                self.all(&note)?;
            }
        }
        self.all(&checked.behind)?;
        let end = if file.name.is_down {
            self.books.forget(number)?
        } else {
            self.books.progress(number, (count, rows), true, None)?
        };
        self.all(&end)?;
        (self.tell)(&Event::Done(checked, rows, start.elapsed()))
    }

    /// Prints what a dry run cannot roll back.
    fn show(&mut self, checked: &Checked) -> Result<()> {
        (self.tell)(&Event::NotRun(checked))?;
        checked.todo().try_for_each(|one| (self.tell)(&Event::Sql(&one.sql)))
    }

    fn statement(&mut self, checked: &Checked, index: usize, statement: &Statement) -> Result<u64> {
        if checked.skipped.get(index).is_some_and(Option::is_some) {
            return Ok(0);
        }
        self.interrupt.check()?;
        let start = Instant::now();
        let rows = self.execute(&checked.statement(index).unwrap_or(statement).sql)?;
        // Most files of ours note it themselves, for whoever runs them by hand.
        let next = checked.run.file.statements.get(index + 1);
        if !next.is_some_and(|next| next.statement.notes_made()) {
            for made in made(statement) {
                let note = self.books.made(&made)?;
                self.all(&note)?;
            }
        }
        (self.tell)(&Event::Statement(checked, index + 1, rows, start.elapsed()))?;
        Ok(rows)
    }

    fn note_begin(&mut self, checked: &Checked) -> Result<()> {
        let statements = self.books.begin(&checked.run.file.noted(false))?;
        self.all(&statements)
    }

    fn ledger(&mut self) -> Result<Ledger> {
        let catalog = self.engine.catalog(&[self.schema])?;
        Ledger::read(self.engine, &catalog, self.schema)
    }

    /// In a dry run all is one transaction, which the first file begins. Else each has the lock for itself: what others did
    /// between two of them is seen in the ledger.
    fn begin(&mut self) -> Result<()> {
        if self.is_dry {
            return self.tell_begin();
        }
        self.engine.lock(self.schema, self.patience, self.interrupt)?;
        self.tell_begin()?;
        self.engine.execute(self.engine.begin_sql()).map(|_| ())
    }

    fn tell_begin(&mut self) -> Result<()> {
        self.engine.begin_script().iter().try_for_each(|sql| (self.tell)(&Event::Sql(sql)))
    }

    fn commit(&mut self) -> Result<()> {
        (self.tell)(&Event::Sql("COMMIT"))?;
        if self.is_dry { Ok(()) } else { self.engine.execute("COMMIT").map(|_| ()) }
    }

    fn all(&mut self, statements: &[Statement]) -> Result<()> {
        statements.iter().try_for_each(|one| self.execute(&one.sql).map(|_| ()))
    }

    fn execute(&mut self, sql: &str) -> Result<u64> {
        (self.tell)(&Event::Sql(sql))?;
        self.engine.execute(sql)
    }

    /// Says how far it came.
    fn explain(&self, error: Diagnostics, checked: &Checked, done: &[String]) -> Diagnostics {
        let name = checked.run.file.name.to_string();
        let here = if checked.run.file.in_transaction || self.is_dry {
            format!("{name} was rolled back whole")
        } else {
            format!(
                "{name} runs without a transaction: its statements up to there stay, and apply goes on from there"
            )
        };
        let before = match done {
            _ if self.is_dry => "nothing changed: this is a dry run".to_owned(),
            [] => "no other migration was run".to_owned(),
            _ => format!("applied before and kept: {}", done.join(", ")),
        };
        if self.interrupt.is_wanted() {
            return Diagnostic::error("interrupted", format!("stopped by Ctrl-C during {name}"))
                .note(here)
                .note(before)
                .help("run the command again when you like")
                .into();
        }
        error.into_iter().map(|one| one.note(here.clone()).note(before.clone())).collect()
    }
}

/// What a statement has made, or given another name.
fn made(statement: &Statement) -> Vec<ObjectRef> {
    let Some(target) = statement.target.as_ref().filter(|one| one.schema.is_some()) else {
        return Vec::new();
    };
    let makes = matches!(statement.action, Action::CreateTable | Action::CreateView)
        && statement.takes.is_empty();
    let names = statement.gives.iter().filter_map(|given| match given {
        Given::Name(name) => Some(ObjectRef { name: name.clone(), ..target.clone() }),
        _ => None,
    });
    names.chain(makes.then(|| target.clone())).collect()
}
