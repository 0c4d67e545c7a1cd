//! What a statement can do, judged by its tree: all that it takes away, changes or writes, whatever it stands in. What is
//! not known to be harmless counts as what nobody can judge.

mod alter;
mod body;
mod drop;
mod function;
mod makes;
mod references;
mod refused;
mod rows;
mod session;
mod types;
mod words;

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{
    self, Expr, Ident, LockTableMode, ObjectName, Query, Select, SelectItem, SetExpr, TableFactor,
    Visit, Visitor,
};

pub use self::refused::Refused;
pub(super) use self::words::{hidden, judge_rest, judge_words};
use super::taken::{How, Taken, exact, one, parts};
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
    /// The views that it makes, whatever that stands in.
    pub views: BTreeSet<Vec<String>>,
    /// What no directive lets a migration do.
    pub refused: Vec<Refused>,
    /// The objects of schemas that it makes, changes, describes or takes away.
    pub touches: BTreeSet<Vec<String>>,
    /// Those that it locks.
    pub locks: BTreeSet<Vec<String>>,
    /// The tables and views that it reads besides, in texts that it runs, too; common table expressions aside.
    pub sources: BTreeSet<Vec<String>>,
}

impl Judged {
    /// Adds what else is done.
    pub(super) fn add(&mut self, other: Self) {
        self.takes.extend(other.takes);
        self.bare.extend(other.bare);
        self.temporary.extend(other.temporary);
        self.views.extend(other.views);
        self.refused.extend(other.refused);
        self.touches.extend(other.touches);
        self.locks.extend(other.locks);
        self.sources.extend(other.sources);
    }
}

/// How deep texts may stand in texts: a body in a body in a body.
const DEPTH: usize = 3;

/// Statements of one word.
const STATEMENTS: [&str; 10] = [
    "begin",
    "break",
    "checkpoint",
    "commit",
    "kill",
    "reconfigure",
    "return",
    "revert",
    "rollback",
    "shutdown",
];

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
    let (found, named) = (Judged::default(), BTreeSet::new());
    let mut judge = Judge { dialect, found, depth, seen: 0, relation, named };
    let _ = statement.visit(&mut judge);
    let Judge { mut found, named, .. } = judge;
    let Judged { touches, locks, sources, .. } = &mut found;
    sources.retain(|one| !touches.contains(one) && !locks.contains(one) && !named.contains(one));
    found
}

struct Judge<'a> {
    dialect: &'a Dialect,
    found: Judged,
    depth: usize,
    /// How many statements it has come upon: the first, and those in it.
    seen: usize,
    relation: &'a mut dyn FnMut(&ObjectName),
    /// Common table expressions, and functions that stand where a table does.
    named: BTreeSet<Vec<String>>,
}

impl Visitor for Judge<'_> {
    type Break = ();

    fn pre_visit_statement(&mut self, statement: &ast::Statement) -> ControlFlow<()> {
        self.seen += 1;
        self.statement(statement);
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        (self.relation)(relation);
        self.look_at(relation);
        self.found.sources.insert(self.parts(relation));
        ControlFlow::Continue(())
    }

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        for table in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.named.insert(vec![self.one(&table.alias.name)]);
        }
        self.tables_of(&query.body);
        if !query.locks.is_empty() {
            self.unknown(Vec::new(), "locking rows");
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        // SELECT … INTO makes a table, or fills a variable.
        for target in select.into.iter().flat_map(|into| &into.targets) {
            match target {
                Expr::Identifier(name) => drop(self.found.bare.insert(self.one(name))),
                Expr::CompoundIdentifier(name) => {
                    self.names(&ObjectName::from(name.clone()));
                }
                _ => self.unknown(Vec::new(), "where its rows go"),
            }
        }
        for item in &select.projection {
            if let SelectItem::ExprWithAlias { alias, .. } = item {
                self.alias(alias);
            }
        }
        // SELECT acme.kind 'x' is a value of that type, and no name of a column.
        for item in &select.projection {
            if let SelectItem::ExprWithAlias { expr: Expr::CompoundIdentifier(name), alias } = item
                && alias.quote_style == Some('\'')
            {
                self.unknown(exact(&ObjectName::from(name.clone()), self.dialect), "a type");
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        match expr {
            Expr::Function(function) => self.function(&function.name, &function.args),
            Expr::BinaryOp { op, .. } => self.operator(op),
            _ => self.types_of(expr),
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table { alias: Some(alias), .. } = factor
            && (!alias.explicit || alias.name.value.starts_with('#'))
        {
            self.alias(&alias.name);
        }
        match factor {
            TableFactor::Table { name, args: Some(_), .. } | TableFactor::Function { name, .. } => {
                self.named_function(name);
                self.named.insert(self.parts(name));
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

impl Judge<'_> {
    /// Whether a statement stands in another, or in a text.
    fn is_inside(&self) -> bool {
        self.depth > 0 || self.seen > 1
    }

    /// `TABLE acme.a`, which is no relation to a visitor.
    fn tables_of(&mut self, body: &SetExpr) {
        match body {
            SetExpr::Table(table) => {
                let parts = table.schema_name.iter().chain(&table.table_name);
                self.found.sources.insert(parts.cloned().collect());
            }
            SetExpr::SetOperation { left, right, .. } => {
                self.tables_of(left);
                self.tables_of(right);
            }
            _ => {}
        }
    }

    /// Where no `;` has to stand between statements, what looks like an alias may be the next one.
    fn alias(&mut self, alias: &Ident) {
        // An alias that looks like a temporary table is none.
        if alias.value.starts_with('#') {
            self.unknown(Vec::new(), "an alias that may be a table");
        }
        let is_word = alias.quote_style.is_none();
        if is_word && STATEMENTS.iter().any(|word| alias.value.eq_ignore_ascii_case(word)) {
            self.unknown(Vec::new(), "an alias that may be a statement");
        }
    }

    fn take(&mut self, name: Vec<String>, how: How) {
        self.take_with(name, how, false);
    }

    fn take_with(&mut self, name: Vec<String>, how: How, cascades: bool) {
        self.found.takes.push(Taken { cascades, ..Taken::new(name, how) });
    }

    fn unknown(&mut self, name: Vec<String>, why: &'static str) {
        self.take(name, How::Unknown(why));
    }

    /// The parts of a name, its catalog aside, as the warehouse tells names apart.
    fn parts(&self, name: &ObjectName) -> Vec<String> {
        parts(name, self.dialect)
    }

    /// Notes a name that is not what it seems: computed when the statement runs, or of another catalog.
    fn look_at(&mut self, name: &ObjectName) {
        if name.0.iter().any(|part| part.as_ident().is_none()) {
            self.unknown(Vec::new(), "a name that is computed");
        }
        let exact = exact(name, self.dialect);
        // A schema has its own INFORMATION_SCHEMA in some warehouses.
        if let [.., catalog, schema, _] = exact.as_slice()
            && !self.dialect.keeps(schema)
        {
            let own = self.dialect.catalog.as_ref().map(|own| self.dialect.named(own));
            if own.as_ref() != Some(catalog) {
                self.unknown(exact, "an object of another catalog");
            }
        }
    }

    fn one(&self, name: &Ident) -> String {
        one(name, self.dialect)
    }

    fn last(&self, name: &ObjectName) -> String {
        self.parts(name).pop().unwrap_or_default()
    }

    /// Something that a name is of: it says its schema, or the session decides what is meant.
    fn names(&mut self, name: &ObjectName) -> Vec<String> {
        self.look_at(name);
        self.qualified(self.parts(name))
    }

    fn qualified(&mut self, name: Vec<String>) -> Vec<String> {
        match name.as_slice() {
            [bare] => drop(self.found.bare.insert(bare.clone())),
            _ => self.touches(&name),
        }
        name
    }

    /// What has the new name from now on is something else than before.
    fn renamed(&mut self, name: &[String], to: &str) {
        if let [schema, _] = name {
            self.touches(&[schema.clone(), to.to_owned()]);
        }
    }

    /// An object of a schema is not what it was.
    fn touches(&mut self, name: &[String]) {
        if name.len() > 1 {
            self.found.touches.insert(name.to_vec());
        }
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
            // By itself it is refused; in something else it ends the transaction of all.
            S::Commit { .. } | S::Rollback { .. } | S::StartTransaction { .. }
                if self.is_inside() =>
            {
                self.unknown(Vec::new(), "a transaction of its own");
            }
            S::StartTransaction { .. } | S::Commit { .. } | S::Rollback { .. } => {}
            S::Savepoint { .. } | S::ReleaseSavepoint { .. } | S::Prepare { .. } => {}
            S::Raise(_) | S::Return(_) | S::Assert { .. } => {}
            S::Print(_) | S::Declare { .. } | S::Fetch { .. } | S::Open(_) | S::Close { .. } => {}
            S::Deallocate { .. } | S::ExplainTable { .. } | S::ShowVariable { .. } => {}
            S::CreateSchema { schema_name, or_replace, .. } => {
                self.create_schema(schema_name, *or_replace);
            }
            S::AlterSchema(alter) => {
                let name = self.schema(&alter.name);
                self.unknown(name, "statements of its kind");
            }
            // Its rows are counted, which changes nothing that they say.
            S::Analyze(analyze) => drop(self.table_or_all(analyze.table_name.as_ref(), "ANALYZE")),
            S::Vacuum(vacuum) => {
                if let Some(name) = self.table_or_all(vacuum.table_name.as_ref(), "VACUUM") {
                    self.unknown(name, "statements of its kind");
                }
            }
            S::OptimizeTable { name, .. }
            | S::CreatePolicy(ast::CreatePolicy { table_name: name, .. })
            | S::AlterPolicy(ast::AlterPolicy { table_name: name, .. }) => {
                let name = self.names(name);
                self.unknown(name, "statements of its kind");
            }
            // The lock that every query takes.
            S::Lock(lock) if lock.lock_mode == Some(LockTableMode::AccessShare) => {}
            S::Lock(lock) => {
                for table in &lock.tables {
                    let name = self.parts(&table.name);
                    self.found.locks.insert(name);
                }
            }
            S::CreateTable(create) => self.create_table(create),
            S::CreateView(create) => self.create_view(create),
            S::AlterView { name, .. } => self.object(name, How::Replaced),
            S::CreateIndex(create) => self.create_index(create),
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
                    let to = self.last(&rename.new_name);
                    self.renamed(&self.parts(&rename.old_name), &to);
                    self.object(&rename.old_name, How::Name(to));
                }
            }
            S::Copy { source, to, target, .. } => self.copy(source, *to, target),
            S::Set(_)
            | S::Reset(_)
            | S::Use(_)
            | S::Discard { .. }
            | S::AlterSession { .. }
            | S::Pragma { .. }
            | S::AttachDatabase { .. }
            | S::AttachDuckDBDatabase { .. }
            | S::DetachDuckDBDatabase { .. } => self.session(statement),
            S::Grant(_) | S::Revoke(_) | S::Deny(_) | S::AlterRole { .. } | S::CreateRole(_) => {
                self.rights(statement);
            }
            S::CreateFunction(_) | S::CreateProcedure { .. } | S::CreateTrigger(_) => {
                self.makes_code(statement);
            }
            S::Call(_) | S::Execute { .. } => self.runs_code(statement),
            S::DropFunction(_)
            | S::DropProcedure { .. }
            | S::DropExtension(_)
            | S::DropTrigger(_)
            | S::DropPolicy(_) => self.drops(statement),
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
}
