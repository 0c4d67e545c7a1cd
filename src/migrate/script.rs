//! A migration file as it is written: steps with their reasons, directives before statements.

use super::name::FileName;
use crate::diagnostic::{Result, Source};
use crate::dialect::Dialect;
use crate::render::{Action, Statement, statements};

/// What a migration does, in order.
#[derive(Debug, Default)]
pub(super) struct Script {
    /// Views that stand in the way of the rest, which makes them again.
    pub(super) remade: Vec<Step>,
    /// What takes something away that is there.
    pub(super) destructive: Vec<Step>,
    /// The rest.
    pub(super) changes: Vec<Step>,
}

/// Statements with one reason.
#[derive(Debug)]
pub(super) struct Step {
    /// The reason, a sentence.
    pub(super) why: String,
    /// The statements, each with its directives.
    pub(super) statements: Vec<(Vec<String>, String)>,
}

impl Step {
    /// A step of a rendered text, these directives before each of its statements.
    ///
    /// # Errors
    /// When the text is not the dialect's SQL.
    pub(super) fn of_text(
        why: String,
        text: String,
        directives: &[String],
        dialect: &Dialect,
    ) -> Result<Self> {
        Self::of_text_with(why, text, dialect, |_| directives.to_vec())
    }

    /// As [`Step::of_text`], with directives that depend on the statement.
    ///
    /// # Errors
    /// As [`Step::of_text`].
    pub(super) fn of_text_with(
        why: String,
        text: String,
        dialect: &Dialect,
        directives: impl FnMut(&Statement) -> Vec<String>,
    ) -> Result<Self> {
        let rendered = statements(&Source::new("migration.sql", text), dialect)?;
        Ok(Self::of(why, &rendered, directives))
    }

    /// A step of statements, each with its directives. A file is one transaction, so its statements begin none.
    pub(super) fn of<'a>(
        why: String,
        statements: impl IntoIterator<Item = &'a Statement>,
        mut directives: impl FnMut(&Statement) -> Vec<String>,
    ) -> Self {
        let wanted = statements
            .into_iter()
            .filter(|one| !matches!(one.action, Action::Begin | Action::Commit));
        let statements = wanted.map(|one| (directives(one), one.sql.clone())).collect();
        Self { why, statements }
    }
}

impl Script {
    pub(super) fn is_empty(&self) -> bool {
        self.steps().all(|step| step.statements.is_empty())
    }

    fn steps(&self) -> impl Iterator<Item = &Step> {
        self.remade.iter().chain(&self.destructive).chain(&self.changes)
    }

    /// Writes in front of a statement, counted from the first, that it takes something away.
    pub(super) fn mark(&mut self, index: usize, object: &str) {
        let steps = self.remade.iter_mut().chain(&mut self.destructive).chain(&mut self.changes);
        let mut all = steps.flat_map(|step| &mut step.statements);
        if let Some((directives, _)) = all.nth(index) {
            directives.push(format!("destructive {object}"));
        }
    }

    pub(super) fn remake(&mut self, step: Step) {
        self.remade.push(step);
    }

    pub(super) fn destroy(&mut self, step: Step) {
        self.destructive.push(step);
    }

    pub(super) fn change(&mut self, step: Step) {
        self.changes.push(step);
    }

    /// The text of the file.
    pub(super) fn text(&self, name: &FileName, about: &[String], dialect: &Dialect) -> String {
        let title = name.name.replace('_', " ");
        let mut text = format!("-- {:04} {title}\n--\n", name.number);
        for line in about {
            text.push_str(&format!("--   {line}\n"));
        }
        text.push_str(&format!(
            "--\n-- Written by `idgraph migrate new` for {}.\n",
            dialect.facts.title
        ));
        text.push_str(if dialect.facts.can.transactional_ddl {
            "-- Run it with `idgraph apply`, or by hand as one transaction.\n"
        } else {
            "-- Its statements run one by one.\n-- idgraph: no-transaction\n"
        });
        let heading = "-- Destructive: `idgraph apply` runs these only with --allow-destructive for each object named.\n";
        for (heading, steps) in
            [("", &self.remade), (heading, &self.destructive), ("-- Changes\n", &self.changes)]
        {
            let steps: Vec<_> = steps.iter().filter(|step| !step.statements.is_empty()).collect();
            if steps.is_empty() {
                continue;
            }
            if !self.destructive.is_empty() && !heading.is_empty() {
                text.push('\n');
                text.push_str(heading);
            }
            for step in steps {
                text.push('\n');
                step.write(&mut text, &dialect.facts.batch);
            }
        }
        text
    }
}

impl Step {
    /// `batch` ends one, so that what a statement makes is there for those behind it; empty where nothing does.
    fn write(&self, text: &mut String, batch: &str) {
        for line in self.why.lines() {
            text.push_str(&format!("-- {line}\n"));
        }
        let mut before: Option<&str> = None;
        for (directives, sql) in &self.statements {
            let goes_on = before.is_some_and(|before| is_alike(before, sql));
            if before.is_some() && !goes_on {
                text.push('\n');
            }
            for directive in directives {
                text.push_str(&format!("-- idgraph: {directive}\n"));
            }
            text.push_str(sql);
            text.push_str(";\n");
            if !batch.is_empty() {
                text.push_str(&format!("{batch}\n"));
            }
            before = Some(sql);
        }
    }
}

/// Whether two statements are lines of one list.
fn is_alike(one: &str, other: &str) -> bool {
    let words = |sql: &str| sql.split_whitespace().next().map(str::to_owned);
    !one.contains('\n') && !other.contains('\n') && words(one) == words(other)
}
