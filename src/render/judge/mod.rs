//! What a statement can do, judged by its tree: all that it takes away, changes or writes, whatever it stands in. What is
//! not known to be harmless counts as what nobody can judge.

mod alter;
mod body;
mod function;
mod session;
mod words;

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{
    self, AssignmentTarget, CommentObject, Expr, FromTable, Merge, MergeAction, ObjectName,
    ObjectType, SchemaName, Select, TableFactor, TableObject, Visit, Visitor,
};

pub(super) use self::words::{judge_rest, judge_words};
use super::taken::{How, Taken, holds_always, parts};
use crate::dialect::Dialect;

/// What a statement can do.
#[derive(Debug, Clone, Default)]
pub struct Judged {
    /// What it takes away, changes and writes.
    pub takes: Vec<Taken>,
    /// What it makes, changes or takes away by a name without a schema.
    pub bare: BTreeSet<String>,
    /// The temporary tables that it makes by a name without a schema.
    pub temporary: BTreeSet<String>,
    /// What it does to the session or to a role, which changes what all names mean.
    pub session: Vec<String>,
}

impl Judged {
    /// Adds what else is done.
    pub(super) fn add(&mut self, other: Self) {
        self.takes.extend(other.takes);
        self.bare.extend(other.bare);
        self.temporary.extend(other.temporary);
        self.session.extend(other.session);
    }
}

/// How deep texts may stand in texts: a body in a body in a body.
const DEPTH: usize = 3;

/// Judges a statement with all that stands in it, and gives each relation that it names to `relation`.
pub(super) fn judge(
    statement: &ast::Statement,
    dialect: &Dialect,
    mut relation: impl FnMut(&ObjectName),
) -> Judged {
    judge_at(statement, dialect, 0, &mut relation)
}

fn judge_at(
    statement: &ast::Statement,
    dialect: &Dialect,
    depth: usize,
    relation: &mut dyn FnMut(&ObjectName),
) -> Judged {
    let mut judge = Judge { dialect, found: Judged::default(), depth, relation };
    let _ = statement.visit(&mut judge);
    judge.found
}

struct Judge<'a> {
    dialect: &'a Dialect,
    found: Judged,
    depth: usize,
    relation: &'a mut dyn FnMut(&ObjectName),
}

impl Visitor for Judge<'_> {
    type Break = ();

    fn pre_visit_statement(&mut self, statement: &ast::Statement) -> ControlFlow<()> {
        self.statement(statement);
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        (self.relation)(relation);
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        // SELECT … INTO makes a table, or fills a variable.
        for target in select.into.iter().flat_map(|into| &into.targets) {
            match target {
                Expr::Identifier(name) => drop(self.found.bare.insert(name.value.to_lowercase())),
                Expr::CompoundIdentifier(_) => {}
                _ => self.unknown(Vec::new(), "where its rows go"),
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if let Expr::Function(function) = expr {
            self.function(&function.name, &function.args);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        match factor {
            TableFactor::Table { name, args: Some(_), .. } | TableFactor::Function { name, .. } => {
                self.named_function(name);
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

impl Judge<'_> {
    fn take(&mut self, name: Vec<String>, how: How) {
        self.take_with(name, how, false);
    }

    fn take_with(&mut self, name: Vec<String>, how: How, cascades: bool) {
        self.found.takes.push(Taken { cascades, ..Taken::new(name, how) });
    }

    fn unknown(&mut self, name: Vec<String>, why: &'static str) {
        self.take(name, How::Unknown(why));
    }

    /// Something that a name is of: it says its schema, or the session decides what is meant.
    fn names(&mut self, name: &ObjectName) -> Vec<String> {
        self.qualified(parts(name))
    }

    fn qualified(&mut self, name: Vec<String>) -> Vec<String> {
        if let [bare] = name.as_slice() {
            self.found.bare.insert(bare.clone());
        }
        name
    }

    /// What is dropped or changed under a name.
    fn object(&mut self, name: &ObjectName, how: How) {
        let name = self.names(name);
        self.take(name, how);
    }

    fn statement(&mut self, statement: &ast::Statement) {
        use ast::Statement as S;
        match statement {
            // What stands in them is visited by itself.
            S::Query(_) | S::Explain { .. } | S::If(_) | S::Case(_) | S::While(_) => {}
            S::StartTransaction { .. } | S::Commit { .. } | S::Rollback { .. } => {}
            S::Savepoint { .. } | S::ReleaseSavepoint { .. } | S::Prepare { .. } => {}
            S::Analyze(_) | S::Lock(_) | S::Raise(_) | S::Return(_) | S::Assert { .. } => {}
            S::Print(_) | S::Declare { .. } | S::Fetch { .. } | S::Open(_) | S::Close { .. } => {}
            S::Deallocate { .. } | S::ExplainTable { .. } | S::ShowVariable { .. } => {}
            S::CreateSchema { schema_name, or_replace, .. } => match schema_name {
                SchemaName::Simple(name) if *or_replace => self.take(parts(name), How::Schema),
                SchemaName::Simple(_) => {}
                SchemaName::UnnamedAuthorization(name) => {
                    self.take(vec![name.value.to_lowercase()], How::Rights);
                }
                SchemaName::NamedAuthorization(name, _) => self.take(parts(name), How::Rights),
            },
            S::CreateTable(create) => self.create_table(create),
            S::CreateView(create) => {
                let name = self.makes(&create.name, create.temporary);
                if create.materialized && create.or_replace {
                    self.take(name, How::View);
                }
            }
            S::AlterView { name, .. } => drop(self.names(name)),
            S::CreateIndex(create) => {
                // Where an index has a schema, its table is in the same one and must not be qualified.
                let is_qualified = |name: &ObjectName| parts(name).len() > 1;
                if !create.name.as_ref().is_some_and(is_qualified) {
                    self.names(&create.table_name);
                }
            }
            S::Comment { object_type, object_name, .. } => self.comment(*object_type, object_name),
            S::Drop { object_type, names, cascade, table, .. } => {
                self.drop_all(object_type, names, *cascade, table.as_ref());
            }
            S::Truncate(truncate) => {
                let cascades = matches!(truncate.cascade, Some(ast::CascadeOption::Cascade));
                for table in &truncate.table_names {
                    let name = self.names(&table.name);
                    self.take_with(name, How::Rows, cascades);
                }
            }
            S::Insert(insert) => self.insert(insert),
            S::Update(update) => self.update(update),
            S::Delete(delete) => self.delete(delete),
            S::Merge(merge) => self.merge(merge),
            S::AlterTable(alter) => self.alter_table(alter),
            S::AlterIndex { name, .. } => self.object(name, How::Object("index")),
            S::RenameTable(renames) => {
                for rename in renames {
                    self.object(&rename.old_name, How::Name(last(&rename.new_name)));
                }
            }
            S::Copy { source, to, target, .. } => self.copy(source, *to, target),
            S::Set(_) | S::Reset(_) | S::Use(_) | S::Discard { .. } | S::AlterSession { .. } => {
                self.session(statement);
            }
            S::Grant(_) | S::Revoke(_) | S::Deny(_) | S::AlterRole { .. } | S::CreateRole(_) => {
                self.rights(statement);
            }
            S::CreateFunction(_) | S::CreateProcedure { .. } | S::CreateTrigger(_) => {
                self.makes_code(statement);
            }
            S::Call(_) | S::Execute { .. } => self.runs_code(statement),
            S::DropFunction(drop) => {
                for one in &drop.func_desc {
                    self.object(&one.name, How::Object("function"));
                }
            }
            S::DropProcedure { proc_desc, .. } => {
                for one in proc_desc {
                    self.object(&one.name, How::Object("procedure"));
                }
            }
            S::DropExtension(drop) => {
                let cascades =
                    matches!(drop.cascade_or_restrict, Some(ast::ReferentialAction::Cascade));
                for name in &drop.names {
                    let name = vec![name.value.to_lowercase()];
                    self.take_with(name, How::Object("extension"), cascades);
                }
            }
            S::DropTrigger(drop) => {
                let table = drop.table_name.as_ref().map(|name| self.names(name));
                let name = table.unwrap_or_default().into_iter().chain(parts(&drop.trigger_name));
                let name = name.collect();
                self.take(name, How::Object("trigger"));
            }
            S::DropPolicy(drop) => {
                let mut name = self.names(&drop.table_name);
                name.push(drop.name.value.to_lowercase());
                self.take(name, How::Object("policy"));
            }
            S::CreateExtension(create) => {
                let name = create.name.value.to_lowercase();
                if create.cascade || !self.dialect.facts.extensions.contains_key(&name) {
                    self.unknown(vec![name], "an extension's script");
                }
            }
            S::CreateSequence { name, temporary, .. } => drop(self.makes(name, *temporary)),
            S::CreateType { name, .. } => drop(self.names(name)),
            _ => self.unknown(Vec::new(), "statements of its kind"),
        }
    }

    /// Something new under this name.
    fn makes(&mut self, name: &ObjectName, is_temporary: bool) -> Vec<String> {
        let name = parts(name);
        match name.as_slice() {
            [bare] if is_temporary => {
                self.found.temporary.insert(bare.clone());
                name
            }
            _ => self.qualified(name),
        }
    }

    fn create_table(&mut self, create: &ast::CreateTable) {
        let name = self.makes(&create.name, create.temporary);
        for parent in create.partition_of.iter().chain(create.inherits.iter().flatten()) {
            let parent = self.names(parent);
            self.unknown(parent, "a table that gets a part");
        }
        // A dynamic table has what its query yields, as a view: nothing is lost with the one before.
        if create.or_replace && !create.temporary && !create.dynamic {
            self.take(name, How::Table);
        } else if create.external || create.location.is_some() {
            self.unknown(name, "a table whose rows are elsewhere");
        }
    }

    fn comment(&mut self, kind: CommentObject, name: &ObjectName) {
        use CommentObject as C;
        let mut name = super::statement::parts(name);
        match kind {
            C::Column => drop(name.pop()),
            C::Table | C::View | C::MaterializedView | C::Index | C::Sequence | C::Type => {}
            _ => return,
        }
        self.qualified(name);
    }

    fn drop_all(
        &mut self,
        kind: &ObjectType,
        names: &[ObjectName],
        cascades: bool,
        table: Option<&ObjectName>,
    ) {
        let how = match kind {
            ObjectType::Table => How::Table,
            ObjectType::View | ObjectType::MaterializedView => How::View,
            ObjectType::Schema | ObjectType::Database => How::Schema,
            ObjectType::Index => How::Object("index"),
            ObjectType::Sequence => How::Object("sequence"),
            ObjectType::Type => How::Object("type"),
            ObjectType::Role | ObjectType::User => How::Rights,
            _ => How::Object("object"),
        };
        for name in names {
            let name = match (table, &how) {
                // DROP INDEX … ON schema.table
                (Some(table), _) => {
                    let table = self.names(table);
                    table.into_iter().chain(parts(name)).collect()
                }
                (None, How::Schema | How::Rights | How::Object("object")) => parts(name),
                _ => self.names(name),
            };
            self.take_with(name, how.clone(), cascades);
        }
    }

    fn insert(&mut self, insert: &ast::Insert) {
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
        self.take(
            name.clone(),
            if insert.overwrite { How::Rows } else { How::Written(Vec::new()) },
        );
    }

    /// The table of an UPDATE, a DELETE or a MERGE.
    fn changed(&mut self, factor: &TableFactor, how: How) {
        match factor {
            TableFactor::Table { name, .. } => self.object(name, how),
            _ => self.unknown(Vec::new(), "which table it changes"),
        }
    }

    fn update(&mut self, update: &ast::Update) {
        let mut columns = Vec::new();
        for assignment in &update.assignments {
            match &assignment.target {
                AssignmentTarget::ColumnName(name) => columns.push(last(name)),
                AssignmentTarget::Tuple(names) => columns.extend(names.iter().map(last)),
            }
        }
        self.changed(&update.table.relation, How::Written(columns));
        // UPDATE a JOIN b may change both.
        for join in &update.table.joins {
            self.changed(&join.relation, How::Written(Vec::new()));
        }
    }

    fn delete(&mut self, delete: &ast::Delete) {
        let is_all = delete.using.is_none()
            && delete.limit.is_none()
            && delete.selection.as_ref().is_none_or(holds_always);
        let how = if is_all { How::Rows } else { How::SomeRows };
        let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
        for table in from {
            self.changed(&table.relation, how.clone());
        }
        // DELETE a FROM acme.a AS a: the alias is not a name.
        if from.iter().any(|table| !table.joins.is_empty()) && !delete.tables.is_empty() {
            self.unknown(Vec::new(), "which table it changes");
        }
    }

    fn merge(&mut self, merge: &Merge) {
        let deletes =
            merge.clauses.iter().any(|clause| matches!(clause.action, MergeAction::Delete { .. }));
        self.changed(&merge.table, if deletes { How::SomeRows } else { How::Written(Vec::new()) });
    }
}

fn last(name: &ObjectName) -> String {
    parts(name).pop().unwrap_or_default()
}
