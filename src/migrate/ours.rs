//! What migrations may do without a word: what only concerns tables that idgraph computes, and what the same file makes good.

use std::collections::HashMap;

use super::file::{MigrationFile, MigrationStatement};
use super::ground::{Ground, Whose, is_work_name};
use crate::dialect::Dialect;
use crate::render::{Action, Given, How, Statement, Taken, is_temporary};

/// Whether something may be done without a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    /// It may: nothing is lost.
    Free,
    /// It may where no earlier file has made what this one makes where it is missing.
    WhereNew,
    /// It has to be named.
    Asked,
}

impl Leave {
    fn free(is_free: bool) -> Self {
        if is_free { Self::Free } else { Self::Asked }
    }

    fn where_new(is_new: bool) -> Self {
        if is_new { Self::WhereNew } else { Self::Asked }
    }
}

/// What the statements of a file do to each table, by their numbers: looked up, so that a file of many statements is judged
/// in one pass.
pub(super) struct InFile<'a> {
    dialect: &'a Dialect,
    ground: &'a Ground,
    statements: &'a [MigrationStatement],
    tables: HashMap<Vec<String>, About<'a>>,
    /// For each name of a temporary table which statements make it, and which drop it or give it another name: behind those the
    /// name may be another table's.
    temporary: HashMap<&'a str, Vec<(usize, bool)>>,
}

/// What a file does to one table or view.
#[derive(Default)]
struct About<'a> {
    /// The first statement that makes it, and fails where it is there.
    made: Option<usize>,
    /// The first that makes the table where there is none.
    made_if_missing: Option<usize>,
    /// The last that makes the view.
    viewed: Option<usize>,
    /// The first that makes it a view of something of which nobody here knows what reading it does.
    runs_unknown: Option<usize>,
    /// Columns that are filled from another: which statement, the column, the other.
    filled: Vec<(usize, &'a str, &'a str)>,
    /// The types of columns that are added.
    types: HashMap<&'a str, &'a str>,
    /// The statements that change values of a column, and of nobody knows which.
    changed: HashMap<&'a str, Vec<usize>>,
    changed_any: Vec<usize>,
    /// Columns that get another name: which statement, the name so far.
    renamed: Vec<(usize, &'a str, &'a str)>,
    /// Columns that are added.
    added: HashMap<&'a str, Vec<usize>>,
    /// Those that are added only where they are missing: they may have been there, with values.
    added_if_missing: HashMap<&'a str, Vec<usize>>,
}

impl<'a> InFile<'a> {
    pub(super) fn new(file: &'a MigrationFile, dialect: &'a Dialect) -> Self {
        let (statements, ground) = (file.statements.as_slice(), file.ground.as_ref());
        let (tables, temporary) = (HashMap::new(), HashMap::new());
        let mut file = Self { dialect, ground, statements, tables, temporary };
        for (index, one) in statements.iter().enumerate() {
            let statement = &one.statement;
            let is_conditional = is_conditional(statement);
            // What stands in a condition, a body or an EXPLAIN makes nothing that one can count on.
            let makes = matches!(statement.action, Action::CreateTable | Action::CreateView)
                && !is_conditional;
            for name in statement.temporary.iter().filter(|_| makes) {
                file.temporary.entry(name).or_default().push((index, true));
            }
            let stays = |how: &How| {
                matches!(
                    how,
                    How::Rows
                        | How::SomeRows
                        | How::Added
                        | How::Changed(_)
                        | How::Column
                        | How::Type { .. }
                )
            };
            for taken in statement.takes.iter().filter(|taken| !stays(&taken.how)) {
                let known =
                    taken.exact.last().and_then(|name| file.temporary.get_mut(name.as_str()));
                known.into_iter().for_each(|events| events.push((index, false)));
            }
            for taken in &statement.takes {
                let (How::Changed(_), [schema, table, column @ ..]) =
                    (&taken.how, taken.exact.as_slice())
                else {
                    continue;
                };
                let about = file.tables.entry(vec![schema.clone(), table.clone()]).or_default();
                match column {
                    [column] => about.changed.entry(column).or_default().push(index),
                    _ => about.changed_any.push(index),
                }
            }
            let Some(target) = statement.exact_target() else { continue };
            let about = file.tables.entry(target).or_default();
            let views = || statement.takes.iter().any(|taken| taken.how == How::View);
            match statement.action {
                Action::CreateTable => {
                    if !is_conditional {
                        about.made.get_or_insert(index);
                    }
                    about.made_if_missing.get_or_insert(index);
                }
                Action::CreateView if !views() => {
                    let replaces = statement.takes.iter().any(|taken| taken.how == How::Replaced);
                    if !replaces && !is_conditional {
                        about.made.get_or_insert(index);
                    }
                    about.viewed = Some(index);
                }
                _ => {}
            }
            let if_missing = !statement.gives.is_empty() && is_conditional;
            for given in &statement.gives {
                let added = if if_missing { &mut about.added_if_missing } else { &mut about.added };
                match given {
                    Given::Column { name, sql_type } => {
                        added.entry(name).or_default().push(index);
                        about.types.insert(name, sql_type);
                    }
                    Given::ColumnName { was, is } => about.renamed.push((index, was, is)),
                    Given::Values { .. } if is_conditional => {}
                    // By a cast to the column's own type, they are what that holds of them.
                    Given::Values { to, from, through } => {
                        let own = about.types.get(to.as_str());
                        if through
                            .as_ref()
                            .is_none_or(|one| own.is_some_and(|own| own.eq_ignore_ascii_case(one)))
                        {
                            about.filled.push((index, to, from));
                        }
                    }
                    Given::Name(_) => {}
                }
            }
        }
        file.look_into_views();
        file
    }

    /// Whether a name without a schema is of a temporary table that the file has made by then.
    pub(super) fn is_temporary(&self, name: &str, index: usize) -> bool {
        let Some(events) = self.temporary.get(name) else { return false };
        let before = events.partition_point(|(at, made)| at < &index || (*at == index && *made));
        before.checked_sub(1).and_then(|last| events.get(last)).is_some_and(|(_, made)| *made)
    }

    /// Whether a schema is where models are.
    pub(super) fn has_models(&self, schema: &str) -> bool {
        self.ground.has_models(schema)
    }

    /// Whether a statement may do something without a word.
    pub(super) fn may(&self, index: usize, taken: &Taken) -> Leave {
        let [schema, name, column @ ..] = taken.exact.as_slice() else {
            let name = taken.exact.first().filter(|_| taken.is_of_table());
            return Leave::free(name.is_some_and(|name| self.is_temporary(name, index)));
        };
        if taken.cascades {
            return Leave::Asked;
        }
        let object = [schema.clone(), name.clone()];
        let none = About::default();
        let about = self.tables.get(object.as_slice()).unwrap_or(&none);
        let whose = self.ground.whose(&object, self.dialect);
        // What is not as idgraph writes it is refused, whatever is said of it.
        if whose == Whose::Books {
            return Leave::Free;
        }
        let is_model = whose == Whose::Models;
        let is_made = |made: Option<usize>| made.is_some_and(|made| made < index);
        let is_new = is_model && is_made(about.made_if_missing);
        match &taken.how {
            How::View => Leave::free(about.viewed.is_some_and(|again| again > index)),
            How::Replaced => Leave::free(is_model || is_made(about.made)),
            How::Added => Leave::free(is_model || is_made(about.made)),
            // No row loses anything by values in columns that the file has added.
            How::Changed(columns) => {
                let is_added = |column: &String| about.is_added(column, index);
                if is_made(about.made) && !is_model {
                    return Leave::Free;
                }
                Leave::where_new(is_new || (!columns.is_empty() && columns.iter().all(is_added)))
            }
            How::Rows | How::SomeRows => Leave::where_new(is_new),
            // Moved aside, its values taken over, dropped.
            How::Column => Leave::free(match column {
                [aside] => about.is_aside(aside, index),
                _ => false,
            }),
            How::Name(to) => match column {
                [was] if about.is_replaced((was, to), index) => Leave::Free,
                [_] => Leave::where_new(is_new),
                _ => Leave::where_new(is_new && self.dialect.is_beside(to)),
            },
            How::Object("index") => Leave::free(self.ground.is_index_of_model(&object)),
            _ => Leave::Asked,
        }
    }

    /// Tables and views that a statement reads of which nobody here knows what reading them does: a view runs what is in it with the rights of whoever
    /// made it.
    pub(super) fn reads(&self, index: usize) -> Vec<Taken> {
        let Some(statement) = self.statements.get(index).map(|one| &one.statement) else {
            return Vec::new();
        };
        if is_run_by_readers(statement)
            && statement.takes.iter().all(|taken| taken.how == How::Replaced)
        {
            return Vec::new();
        }
        let unknown = statement.sources.iter().filter(|source| !self.is_known(source, index));
        unknown.map(|source| Taken::new(source.clone(), How::Unknown("reading it"))).collect()
    }

    /// Whether reading a table or view before a statement does no more than that.
    fn is_known(&self, source: &Vec<String>, index: usize) -> bool {
        let about = self.tables.get(source);
        let of_file = || about.and_then(|about| about.made).is_some_and(|made| made < index);
        let is_temporary = || match source.as_slice() {
            [name] => {
                name.starts_with('#')
                    || is_work_name(name, self.dialect)
                    || self.is_temporary(name, index)
            }
            _ => is_temporary(source, self.dialect),
        };
        // A view of the file's own runs what is in the views that it reads.
        let runs = |at: &usize| *at < index;
        if about.and_then(|about| about.runs_unknown.as_ref()).is_some_and(runs) {
            return false;
        }
        is_temporary() || of_file() || self.ground.is_read_only(source, self.dialect)
    }

    /// Notes of the file's views whether one knows what reading them does.
    fn look_into_views(&mut self) {
        for (index, one) in self.statements.iter().enumerate() {
            let statement = &one.statement;
            let Some(target) = statement.exact_target() else { continue };
            if is_run_by_readers(statement)
                && statement.sources.iter().any(|source| !self.is_known(source, index))
                && let Some(about) = self.tables.get_mut(&target)
            {
                about.runs_unknown.get_or_insert(index);
            }
        }
    }
}

/// What a view says is run by who reads it; a materialized one runs it at once.
fn is_run_by_readers(statement: &Statement) -> bool {
    statement.action == Action::CreateView
        && !statement.is_materialized
        && !statement.code().contains("materialized view")
}

impl About<'_> {
    fn is_added(&self, column: &str, index: usize) -> bool {
        self.added.get(column).is_some_and(|all| all.iter().any(|at| *at < index))
    }

    fn is_added_if_missing(&self, column: &str, index: usize) -> bool {
        self.added_if_missing.get(column).is_some_and(|all| all.iter().any(|at| *at < index))
    }

    /// Whether a column was moved aside for one that replaces it, and that has its values.
    fn is_aside(&self, aside: &str, index: usize) -> bool {
        let again = |was| self.is_added(was, index) || self.is_added_if_missing(was, index);
        let is_last = |at: usize, column: &str| {
            let changed = self.changed.get(column).into_iter().flatten();
            changed.chain(&self.changed_any).all(|later| !(at + 1..index).contains(later))
        };
        let has_values = |was| {
            let mut filled = self.filled.iter();
            filled.any(|(at, to, from)| {
                *at < index && *to == was && *from == aside && is_last(*at, was)
            })
        };
        let is_it = |was| again(was) && has_values(was);
        self.renamed.iter().any(|(at, was, is)| *at < index && *is == aside && is_it(*was))
    }

    /// Whether a column that gets another name is replaced by one of its old name, with its values, further down.
    fn is_replaced(&self, (was, is): (&str, &str), index: usize) -> bool {
        let all = [&self.added, &self.added_if_missing].into_iter().filter_map(|of| of.get(was));
        let mut filled = self.filled.iter();
        all.flatten().any(|at| *at >= index)
            && filled.any(|(at, to, from)| *at >= index && *to == was && *from == is)
    }
}

/// Whether a statement makes something only where it is missing, or where something else holds: then it may do nothing.
pub(super) fn is_conditional(statement: &Statement) -> bool {
    let code = statement.code();
    statement.is_conditional
        || ["if ", "do ", "begin "].iter().any(|word| code.starts_with(word))
        || code.contains("if not exists")
}
