//! What happens to rows: which are added, which changed, which go.

use sqlparser::ast::{
    self, Assignment, AssignmentTarget, FromTable, Merge, MergeAction, MergeUpdateKind,
    OnConflictAction, OnInsert, OutputClause, SqliteOnConflict, TableFactor, TableObject,
};

use super::super::taken::{How, holds_always};
use super::Judge;

impl Judge<'_> {
    pub(super) fn insert(&mut self, insert: &ast::Insert) {
        let TableObject::TableName(name) = &insert.table else {
            return self.unknown(Vec::new(), "where its rows go");
        };
        let name = self.names(name);
        if !insert.multi_table_into_clauses.is_empty()
            || !insert.multi_table_when_clauses.is_empty()
            || insert.multi_table_else_clause.is_some()
        {
            self.unknown(Vec::new(), "inserting into several tables");
        }
        if insert.or.as_ref().is_some_and(|or| *or == SqliteOnConflict::Rollback) {
            self.unknown(Vec::new(), "a transaction of its own");
        }
        let changes = insert.replace_into
            || insert.or.as_ref().is_some_and(|or| *or == SqliteOnConflict::Replace)
            || !insert.assignments.is_empty()
            || insert.on.as_ref().is_some_and(changes);
        let how = match (insert.overwrite, changes) {
            (true, _) => How::Rows,
            (_, true) => How::Changed(Vec::new()),
            _ => How::Added,
        };
        self.take(name, how);
        self.output(insert.output.as_ref());
    }

    /// Where rows go that an OUTPUT gives away.
    fn output(&mut self, output: Option<&OutputClause>) {
        if let Some(OutputClause::Output { into_table: Some(_), .. }) = output {
            self.unknown(Vec::new(), "where its rows go");
        }
    }

    /// The table of an UPDATE, a DELETE or a MERGE.
    fn changed(&mut self, factor: &TableFactor, how: How) {
        match factor {
            TableFactor::Table { name, .. } => match how {
                How::Changed(columns) if !columns.is_empty() => {
                    let name = self.names(name);
                    for column in columns {
                        let of = [name.as_slice(), std::slice::from_ref(&column)].concat();
                        self.take(of, How::Changed(vec![column]));
                    }
                }
                how => self.object(name, how),
            },
            _ => self.unknown(Vec::new(), "which table it changes"),
        }
    }

    pub(super) fn update(&mut self, update: &ast::Update) {
        let columns = self.columns(&update.assignments);
        // Of two rows that would be the same, one goes.
        let replaces = matches!(update.or, Some(SqliteOnConflict::Replace));
        let how = if replaces { How::SomeRows } else { How::Changed(columns) };
        self.changed(&update.table.relation, how);
        self.output(update.output.as_ref());
        // UPDATE a JOIN b may change both.
        for join in &update.table.joins {
            self.changed(&join.relation, How::Changed(Vec::new()));
        }
    }

    pub(super) fn delete(&mut self, delete: &ast::Delete) {
        let is_all = delete.using.is_none()
            && delete.limit.is_none()
            && delete.selection.as_ref().is_none_or(holds_always);
        let how = if is_all { How::Rows } else { How::SomeRows };
        self.output(delete.output.as_ref());
        let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
        for table in from {
            self.changed(&table.relation, how.clone());
        }
        // DELETE acme.a FROM acme.b: rows of the first go.
        for table in delete.tables.iter().filter(|table| table.0.len() > 1) {
            self.object(table, How::SomeRows);
        }
        // DELETE a FROM acme.a AS a: the alias is not a name.
        if from.iter().any(|table| !table.joins.is_empty()) && !delete.tables.is_empty() {
            self.unknown(Vec::new(), "which table it changes");
        }
    }

    pub(super) fn merge(&mut self, merge: &Merge) {
        self.output(merge.output.as_ref());
        let adds = |clause: &ast::MergeClause| matches!(clause.action, MergeAction::Insert(_));
        if merge.clauses.iter().any(adds) {
            self.changed(&merge.table, How::Added);
        }
        let actions = merge.clauses.iter().map(|clause| &clause.action);
        let mut set = None;
        for action in actions {
            match action {
                MergeAction::Delete { .. } => return self.changed(&merge.table, How::SomeRows),
                MergeAction::Update(update) => {
                    let columns = match &update.kind {
                        MergeUpdateKind::Set(assignments) => self.columns(assignments),
                        _ => Vec::new(),
                    };
                    // Columns that nobody knows are all of them.
                    let is_known = !columns.is_empty()
                        && set.as_ref().is_none_or(|set: &Vec<_>| !set.is_empty());
                    let all = set.get_or_insert_default();
                    all.extend(columns);
                    if !is_known {
                        all.clear();
                    }
                    if update.delete_predicate.is_some() {
                        return self.changed(&merge.table, How::SomeRows);
                    }
                }
                MergeAction::Insert(_) | MergeAction::DoNothing { .. } => {}
            }
        }
        self.changed(&merge.table, set.map_or(How::Added, How::Changed));
    }

    /// The columns that are set.
    fn columns(&self, assignments: &[Assignment]) -> Vec<String> {
        let names = assignments.iter().flat_map(|one| match &one.target {
            AssignmentTarget::ColumnName(name) => std::slice::from_ref(name),
            AssignmentTarget::Tuple(names) => names.as_slice(),
        });
        names.map(|name| self.last(name)).collect()
    }
}

/// Whether an INSERT sets values of rows that are there.
fn changes(on: &OnInsert) -> bool {
    match on {
        OnInsert::OnConflict(conflict) => !matches!(conflict.action, OnConflictAction::DoNothing),
        _ => true,
    }
}
