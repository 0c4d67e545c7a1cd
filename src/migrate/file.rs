//! One migration file: its text, and read, its statements and what their directives say.

use std::collections::HashSet;
use std::sync::Arc;

use super::directive::Directives;
use super::ground::Ground;
use super::name::FileName;
use super::sum::{ALGORITHM, checksum};
use super::unmarked::unmarked;
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Result, Source};
use crate::dialect::Dialect;
use crate::render::{Action, INVALID, Noted, Statement, written};

/// A migration file as it stands there. Its statements are read when they are wanted: what a database has run is
/// known by its checksum alone.
#[derive(Debug, Clone)]
pub struct MigrationText {
    /// Its name.
    pub name: FileName,
    /// Its text.
    pub source: Arc<Source>,
    /// The checksum of its text.
    pub checksum: String,
    /// What it stands on.
    pub(super) ground: Arc<Ground>,
}

/// A migration file, read.
#[derive(Debug, Clone)]
pub struct MigrationFile {
    /// Its name.
    pub name: FileName,
    /// Its text.
    pub source: Arc<Source>,
    /// The checksum of its text.
    pub checksum: String,
    /// Whether it runs as one transaction; else each statement runs by itself.
    pub in_transaction: bool,
    /// Its statements in order.
    pub statements: Vec<MigrationStatement>,
    /// What it stands on.
    pub(super) ground: Arc<Ground>,
}

/// A statement of a migration file.
#[derive(Debug, Clone)]
pub struct MigrationStatement {
    /// The statement.
    pub statement: Statement,
    /// Where its code begins.
    pub place: Place,
    /// What the directives in front of it say.
    pub directives: Directives,
}

impl MigrationText {
    /// A file of this name and text.
    pub fn new(name: FileName, source: Arc<Source>) -> Self {
        let checksum = checksum(&source.text);
        Self { name, source, checksum, ground: Arc::default() }
    }

    /// The same where names are those of this record.
    #[must_use]
    pub fn on(self, ground: &Arc<Ground>) -> Self {
        Self { ground: ground.clone(), ..self }
    }

    /// Reads its statements.
    ///
    /// # Errors
    /// With the first statement that is not the dialect's SQL; with every directive that is wrong and every statement
    /// that a migration must not hold; else with all that is taken away without saying so.
    pub fn read(&self, dialect: &Dialect) -> Result<MigrationFile> {
        let file = self.parse(dialect)?;
        // With its directives sound: a misspelt one is one mistake, not two.
        Diagnostics::check(unmarked(&file, dialect))?;
        Ok(file)
    }

    /// Reads its statements, and judges none of them.
    ///
    /// # Errors
    /// As [`MigrationText::read`], but for what statements do.
    pub(super) fn parse(&self, dialect: &Dialect) -> Result<MigrationFile> {
        let mut problems: Vec<Diagnostic> = lone_return(&self.source).into_iter().collect();
        let mut statements: Vec<MigrationStatement> = Vec::new();
        let dialect = &self.ground.dialect(dialect);
        let mut in_transaction = true;
        let all = written(&self.source, dialect).map_err(|found| not_sql(&found, dialect))?;
        for written in all {
            let directives = Directives::read(&written.comments, &mut problems);
            if let Some(place) = &directives.no_transaction {
                in_transaction = false;
                if !statements.is_empty() {
                    problems.push(
                        Diagnostic::error("directive", "`no-transaction` is about the whole file")
                            .at(place, "")
                            .help("move it to the head of the file, before any statement"),
                    );
                }
            }
            let Some(statement) = written.statement else {
                problems.extend(directives.stray());
                continue;
            };
            if matches!(statement.action, Action::Begin | Action::Commit) {
                problems.push(
                    Diagnostic::error("transaction-in-migration", "a migration has no BEGIN, COMMIT or ROLLBACK")
                        .at(&written.place, "")
                        .note("the file and its row in the ledger are one transaction, which idgraph begins and commits")
                        .help("take it out; for statements that no transaction may hold, write `-- idgraph: no-transaction` at the head of the file"),
                );
            }
            statements.push(MigrationStatement { statement, place: written.place, directives });
        }
        Diagnostics::check(problems)?;
        let Self { name, source, checksum, ground } = self.clone();
        Ok(MigrationFile { name, source, checksum, in_transaction, statements, ground })
    }
}

/// A carriage return that ends no line for people, and a comment for some warehouses: what is behind it would run unseen.
fn lone_return(source: &Arc<Source>) -> Option<Diagnostic> {
    let text = source.text.as_bytes();
    let is_lone = |at: &usize| text.get(*at) == Some(&b'\r') && text.get(at + 1) != Some(&b'\n');
    let at = (0..text.len()).find(is_lone)?;
    Some(
        Diagnostic::error("lone-carriage-return", "a carriage return without a line feed")
            .at(&Place { source: source.clone(), span: at..at + 1 }, "here")
            .note("some warehouses end a comment there, and run what looks like the rest of it")
            .help("end lines with a line feed"),
    )
}

/// What is not the dialect's SQL, said to somebody who wrote it, not to somebody whose templates did.
fn not_sql(found: &Diagnostics, dialect: &Dialect) -> Diagnostics {
    let said = found.iter().map(|one| {
        let (Some(place), true) = (one.place(), one.code() == INVALID) else { return one.clone() };
        Diagnostic::error("migration-not-sql", one.message())
            .at(place, "")
            .help(format!("the SQL of {}: {}", dialect.facts.title, dialect.facts.manual))
            .help("if the warehouse takes it and only sqlparser does not, list it under `gaps` in the dialect.yml of a dialect of your own")
    });
    said.collect()
}

impl MigrationFile {
    /// What the ledger says of it when it begins, or where it is taken for applied (`is_baseline`).
    pub(super) fn noted(&self, is_baseline: bool) -> Noted<'_> {
        Noted {
            number: self.name.number,
            name: &self.name.name,
            checksum: &self.checksum,
            algorithm: ALGORITHM,
            statements: self.statements.len(),
            is_baseline,
        }
    }

    /// What the file takes away, each object once, in the order of the file.
    pub fn destructive(&self) -> Vec<&str> {
        let all = self.statements.iter().flat_map(|one| &one.directives.destructive);
        let mut told = HashSet::new();
        all.map(String::as_str).filter(|object| told.insert(*object)).collect()
    }
}
