//! What must hold before anything runs: nothing that is not idgraph's is touched, nothing is taken away unasked, and
//! what the statements need is there.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::directive::{Need, dotted, unquoted};
use super::file::MigrationStatement;
use super::landed::{Held, NotLanded, held};
use super::name::FileName;
use super::narrowed::narrowed_by;
use super::pending::Run;
use super::standing::play;
use super::through_view::{writes, written as written_through};
use crate::diagnostic::{Diagnostic, Diagnostics, Result};
use crate::dialect::Dialect;
use crate::engine::{Catalog, Found, Kind};
use crate::project::words::has_word;
use crate::render::{Action, Changes, How, ObjectRef, Statement};

/// A run, and which of its statements are passed over.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The run.
    pub run: Run,
    /// For each statement, why it is passed over; `None` when it runs.
    pub skipped: Vec<Option<String>>,
    /// For each statement, how it runs where something that it reads has not landed; `None` where it runs as it is.
    pub instead: Vec<Option<Statement>>,
    /// What goes behind the last one.
    pub behind: Vec<Statement>,
}

impl Checked {
    /// The statements that run: those that are neither done nor passed over.
    pub fn todo(&self) -> impl Iterator<Item = &Statement> {
        let all = self.skipped.iter().enumerate().skip(self.run.done);
        let runs = all.filter(|(_, skipped)| skipped.is_none());
        runs.filter_map(|(at, _)| self.statement(at)).chain(&self.behind)
    }

    /// A statement as it runs.
    pub fn statement(&self, index: usize) -> Option<&Statement> {
        let instead = self.instead.get(index).and_then(Option::as_ref);
        instead.or_else(|| Some(&self.run.file.statements.get(index)?.statement))
    }

    /// The objects that are left alone, each once, with the reason.
    pub fn left_alone(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self.skipped.iter().flatten().map(String::as_str).collect();
        all.dedup();
        all
    }
}

/// Checks runs against a database; `allowed` are the objects that may be taken away, `values` what is known of what they hold.
///
/// # Errors
/// With everything that stands in the way.
pub fn check(
    runs: Vec<Run>,
    catalog: &Catalog,
    (dialect, changes): (&Dialect, &Changes<'_>),
    allowed: &[String],
    values: &BTreeMap<String, String>,
) -> Result<Vec<Checked>> {
    Diagnostics::check(catalog.distrust())?;
    let mut problems = unasked(&runs, allowed, (dialect, values));
    let (checked, others) = inspect(runs, catalog, (dialect, changes))?;
    problems.extend(others);
    Diagnostics::check(problems)?;
    Ok(checked)
}

/// Looks at runs against a database: which statements run, and what stands in the way besides leave to take something
/// away.
///
/// # Errors
/// When a template is wrong.
pub fn inspect(
    runs: Vec<Run>,
    catalog: &Catalog,
    (dialect, changes): (&Dialect, &Changes<'_>),
) -> Result<(Vec<Checked>, Vec<Diagnostic>)> {
    let mut problems = Vec::new();
    let mut standing = catalog.clone();
    let mut checker = Checker {
        catalog,
        made: BTreeSet::new(),
        earlier: HashMap::new(),
        left: BTreeSet::new(),
        told: BTreeSet::new(),
    };
    let mut checked = Vec::new();
    for run in runs {
        let (mut skipped, mut instead) = (Vec::new(), Vec::new());
        let mut not_landed = NotLanded::default();
        let needs: Vec<&Need> =
            run.file.statements.iter().flat_map(|one| &one.directives.needs).collect();
        checker.told.clear();
        for (index, one) in run.file.statements.iter().enumerate() {
            let mut skip = checker.skip(one);
            let mut as_landed = None;
            match held(&one.statement, &standing, changes) {
                Held::All => {}
                Held::Some(held) => as_landed = Some(*held),
                Held::None => {
                    skip = Some("the landed tables: not there yet, not locked".to_owned())
                }
            }
            if skip.is_none() && index >= run.done {
                problems.extend(checker.problems(one));
                as_landed =
                    as_landed.or_else(|| not_landed.instead(one, &needs, &standing, changes));
                let before = run.file.statements.get(..index).unwrap_or_default();
                let file = &run.file.name;
                problems.extend(narrowed_by(file, one, before, &standing, dialect));
                problems.extend(through_view(one, &standing));
                play(&one.statement, &mut standing);
            }
            if skip.is_none() {
                checker.ran(one);
            }
            skipped.push(skip);
            instead.push(as_landed);
        }
        let mut one = Checked { run, skipped, instead, behind: Vec::new() };
        one.behind = not_landed.forget(&one, changes)?;
        checked.push(one);
    }
    Ok((checked, problems))
}

/// The view that a statement writes through.
fn through_view(one: &MigrationStatement, standing: &Catalog) -> Option<Diagnostic> {
    let mut written = one.statement.takes.iter().filter(|taken| writes(taken));
    let view = written.find_map(|taken| {
        let [schema, name, ..] = taken.name.as_slice() else { return None };
        let found = standing.find_lower(schema, name)?;
        (found.kind == Kind::View).then(|| dotted(&[schema, name]))
    })?;
    Some(written_through(&view, &one.place))
}

/// The option of an apply that lets an object be taken away.
pub fn allowing(object: &str) -> String {
    format!("--allow-destructive {}", shell_word(object))
}

/// A text as a shell takes it for one word.
pub fn shell_word(text: &str) -> String {
    let is_plain = |char: char| char.is_alphanumeric() || matches!(char, '.' | '_' | '-' | '/');
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// What is taken away without being named.
fn unasked(
    runs: &[Run],
    allowed: &[String],
    (dialect, values): (&Dialect, &BTreeMap<String, String>),
) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let said: HashSet<&String> = allowed.iter().collect();
    let names: HashSet<Vec<String>> =
        allowed.iter().filter_map(|object| unquoted(object, dialect)).collect();
    let is_allowed = |object: &String| {
        said.contains(object) || unquoted(object, dialect).is_some_and(|name| names.contains(&name))
    };
    for run in runs {
        let todo = run.file.statements.iter().skip(run.done);
        let mut named: HashSet<&String> = HashSet::new();
        for one in todo {
            for object in &one.directives.destructive {
                if is_allowed(object) || !named.insert(object) {
                    continue;
                }
                let diagnostic =
                    Diagnostic::error("destructive", asks(&run.file.name, object, one, dialect))
                        .at(&one.place, "here")
                        .note("nothing was run: what is taken away cannot be brought back");
                let diagnostic = match values.get(object) {
                    Some(values) => diagnostic.note(values),
                    None => diagnostic,
                };
                problems
                    .push(diagnostic.help(format!("if that is meant, add: {}", allowing(object))));
            }
        }
    }
    problems
}

/// What a statement does to what a directive of it names.
fn asks(file: &FileName, object: &str, one: &MigrationStatement, dialect: &Dialect) -> String {
    let name = unquoted(object, dialect);
    let taken = one.statement.takes.iter().find(|taken| Some(&taken.exact) == name.as_ref());
    match taken.map(|taken| &taken.how) {
        Some(How::Changed(_)) => format!("{file} may write over values of {object}"),
        Some(How::Rows | How::SomeRows) => format!("{file} takes rows of {object} away"),
        _ => format!("{file} takes {object} away"),
    }
}

struct Checker<'a> {
    catalog: &'a Catalog,
    /// What earlier statements make.
    made: BTreeSet<(String, String)>,
    /// By table, the texts of the earlier statements that may have added a column.
    earlier: HashMap<(String, String), Vec<String>>,
    /// What is there, was made by others and is left as it is.
    left: BTreeSet<(String, String)>,
    /// What others made and statements would change, told once in a file.
    told: BTreeSet<(String, String)>,
}

impl<'a> Checker<'a> {
    fn find(&self, (schema, name): &(String, String)) -> Option<&'a Found> {
        self.catalog.find_lower(schema, name)
    }

    /// Whether an object is there and made by others.
    fn is_foreign(&self, object: &(String, String)) -> bool {
        !self.made.contains(object) && self.find(object).is_some_and(|found| !found.is_ours)
    }

    /// Why a statement is passed over.
    fn skip(&mut self, one: &MigrationStatement) -> Option<String> {
        let statement = &one.statement;
        if let (Action::CreateSchema, Some(target)) = (statement.action, &statement.target) {
            // Asking for a schema that is there needs a right that making tables in it does not.
            let is_there =
                self.catalog.schemas.iter().any(|name| name.to_lowercase() == target.name);
            return is_there.then(|| format!("{}: there already", target.name));
        }
        let object = target(statement.target.as_ref())?;
        let name = dotted(&[&object.0, &object.1]);
        match statement.action {
            Action::CreateTable if self.is_foreign(&object) => {
                self.left.insert(object);
                Some(format!("{name}: there already, left alone"))
            }
            Action::Attend if self.left.contains(&object) && self.is_foreign(&object) => {
                Some(format!("{name}: there already, left alone"))
            }
            _ => None,
        }
    }

    fn problems(&mut self, one: &MigrationStatement) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        // One statement can drop several.
        let taken = one.statement.takes.iter().filter_map(|taken| match taken.name.as_slice() {
            [schema, table, ..] => Some((schema.clone(), table.clone())),
            _ => None,
        });
        let mut changed: Vec<_> =
            target(one.statement.target.as_ref()).into_iter().chain(taken).collect();
        changed.dedup();
        for object in changed {
            if !self.is_foreign(&object) || !self.told.insert(object.clone()) {
                continue;
            }
            let name = dotted(&[&object.0, &object.1]);
            let Some(found) = self.find(&object) else { continue };
            let problem = found.not_ours(&name).at(&one.place, "this would change it");
            problems.push(problem.help(format!(
                "if it is yours to hand over: idgraph apply --target NAME --adopt {name} (see docs/apply.md); else move it away"
            )));
        }
        problems.extend(one.directives.needs.iter().filter_map(|need| self.unmet(need)));
        problems
    }

    /// What is said of a column that a statement needs, and that nobody has added and apply may not add.
    fn unmet(&self, need: &Need) -> Option<Diagnostic> {
        let object = lower(&need.schema, &need.table);
        let found = self.find(&object);
        let is_there = found.is_some_and(|found| found.column(&need.column).is_some());
        let earlier = self.earlier.get(&object).map_or(&[][..], Vec::as_slice);
        let is_added = earlier.iter().any(|text| has_word(text, &need.column));
        // Where its type is said, it is NULL until it lands.
        if is_there || is_added || need.logical_type.is_some() {
            return None;
        }
        let name = need.name();
        let problem = Diagnostic::error("not-landed", format!("there is no column {name} yet"))
            .at(&need.place, "this statement reads it")
            .note("Segment adds a column with its first value");
        Some(
            problem
                .help("apply again when it has landed, or stop before this migration with --to N"),
        )
    }

    fn ran(&mut self, one: &MigrationStatement) {
        let Some(object) = target(one.statement.target.as_ref()) else { return };
        if one.statement.action.makes() && self.find(&object).is_none() {
            self.made.insert(object.clone());
        }
        if matches!(one.statement.action, Action::CreateTable | Action::CreateView | Action::Attend)
        {
            self.earlier.entry(object).or_default().push(one.statement.sql.to_lowercase());
        }
    }
}

fn target(target: Option<&ObjectRef>) -> Option<(String, String)> {
    let target = target?;
    Some((target.schema.clone()?, target.name.clone()))
}

fn lower(schema: &str, name: &str) -> (String, String) {
    (schema.to_lowercase(), name.to_lowercase())
}
