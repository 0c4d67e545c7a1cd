//! What the server says when a statement failed, and what to do about it.

use postgres::error::{DbError, SqlState};

use super::lock::PATIENCE;
use super::session::Postgres;
use super::{connect, grants, holders};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::engine::{Passing, code_line};

impl Postgres {
    pub(super) fn failed(&mut self, error: &postgres::Error, sql: &str) -> Diagnostics {
        self.passing = error.as_db_error().map_or(Passing::Lasting, passing);
        // A pool says in words of its own that its server is gone.
        let is_there = |answer: &&DbError| !answer.code().code().starts_with("08");
        let Some(answer) = error.as_db_error().filter(is_there) else {
            let lost = format!("target `{}`: the connection to the server was lost", self.target);
            return Diagnostic::error("connection-lost", lost)
                .note(format!("{error}"))
                .note("what was not committed is rolled back by the server")
                .help("run the command again when the server is back")
                .into();
        };
        let message = format!("target `{}`: {}", self.target, answer.message());
        let is_locked = *answer.code() == SqlState::LOCK_NOT_AVAILABLE;
        let code = if is_locked { "locked" } else { "statement-failed" };
        let mut diagnostic = Diagnostic::error(code, message).note(format!(
            "SQLSTATE {} in: {}",
            answer.code().code(),
            code_line(sql).unwrap_or_default()
        ));
        if let Some(detail) = answer.detail() {
            diagnostic = diagnostic.note(detail);
        }
        if *answer.code() == SqlState::INSUFFICIENT_PRIVILEGE {
            diagnostic = self.refused(diagnostic, answer, sql);
        }
        if *answer.code() == SqlState::PROGRAM_LIMIT_EXCEEDED
            && answer.message().starts_with("row is too big")
        {
            diagnostic = too_wide(diagnostic, sql);
        }
        if let Some(hint) = answer.hint() {
            diagnostic = diagnostic.help(hint);
        }
        if is_locked {
            for holder in self.holders(sql) {
                diagnostic = diagnostic.note(holder);
            }
            diagnostic = diagnostic.help(PATIENCE);
        }
        diagnostic.into()
    }

    /// The user lacks a right.
    fn refused(&self, diagnostic: Diagnostic, answer: &DbError, sql: &str) -> Diagnostic {
        if answer.message().contains("row-level security") {
            return diagnostic
                .note("the policy would hide rows from this user, and a refresh would take what they say out of the models")
                .help(format!(
                    "let an administrator run: ALTER ROLE {} BYPASSRLS; or use a role that the policies do not apply to",
                    grants::name(&self.user)
                ));
        }
        let diagnostic = diagnostic.help(
            "docs/rights.md lists all that idgraph needs: USAGE and SELECT on the space, CREATE in the schema of the models, \
             TEMPORARY on the database",
        );
        let diagnostic = match grants::missing(answer.message(), sql, &self.user) {
            Some(grant) => diagnostic.help(grant),
            None => diagnostic,
        };
        if self.own.is_in_space && answer.message().starts_with("permission denied for schema") {
            return diagnostic.help(
                "or name a schema of your own as `models_schema`: then nothing is made in the space",
            );
        }
        diagnostic
    }

    /// Who has locked what a statement waited for. The transaction of this session is over and answers nothing more.
    fn holders(&self, sql: &str) -> Vec<String> {
        let found = connect(&self.url, &self.target).ok().and_then(|mut client| {
            client.batch_execute(&format!("BEGIN READ ONLY;\n{}", self.settings())).ok()?;
            Some(holders::of_tables(&mut client, sql))
        });
        let found = found.unwrap_or_default();
        if found.is_empty() {
            return vec![
                "another session has a table or row of it locked; the view pg_locks says which"
                    .to_owned(),
            ];
        }
        found
    }
}

/// A row of many short texts: a long one is moved out of the row, a short one is not.
fn too_wide(diagnostic: Diagnostic, sql: &str) -> Diagnostic {
    let words: Vec<&str> = code_line(sql).unwrap_or_default().split_whitespace().collect();
    let table = words
        .windows(2)
        .find(|pair| ["into", "table"].iter().any(|word| pair[0].eq_ignore_ascii_case(word)));
    let table = table.map_or("the table", |pair| pair[1]);
    diagnostic
        .note(format!(
            "a row of {table} holds more than a page of 8 kB: see https://www.postgresql.org/docs/current/limits.html"
        ))
        .help("take traits out that nobody reads; `user_traits` has a row for each trait and no such limit")
}

/// Whether a failure may have come from what others did at the same time.
fn passing(answer: &DbError) -> Passing {
    let code = answer.code();
    let of_catalog = answer.schema() == Some("pg_catalog");
    let is_conflict = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED]
        .contains(code)
        // Two make the same name at once; two change the same object's description or rights.
        || (*code == SqlState::UNIQUE_VIOLATION && of_catalog)
        || answer.message().contains("tuple concurrently updated");
    let is_change = [
        SqlState::AMBIGUOUS_COLUMN,
        SqlState::UNDEFINED_COLUMN,
        SqlState::UNDEFINED_TABLE,
        SqlState::DUPLICATE_TABLE,
        SqlState::DUPLICATE_SCHEMA,
        SqlState::DUPLICATE_COLUMN,
        SqlState::DUPLICATE_OBJECT,
    ];
    match is_conflict {
        true => Passing::Conflict,
        false if is_change.contains(code) => Passing::Changed,
        false => Passing::Lasting,
    }
}
