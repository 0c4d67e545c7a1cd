//! What a statement gives a table: columns with their types, other names.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{
    self, AlterTableOperation, Assignment, AssignmentTarget, DataType, Expr, Ident,
    RenameTableNameKind, Update, visit_expressions,
};

use super::taken::{holds_always, one, parts};
use crate::dialect::Dialect;

/// Something that a statement gives its target. Names are as the warehouse tells them apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// A column of this type, unless the table has it already.
    Column {
        /// Its name.
        name: String,
        /// Its type.
        sql_type: String,
    },
    /// Another name for a column.
    ColumnName {
        /// The name so far.
        was: String,
        /// The name from then on.
        is: String,
    },
    /// A column's values in every row, made of those of one other column.
    Values {
        /// The column that gets them.
        to: String,
        /// The column that they are made of.
        from: String,
    },
    /// Another name for the table.
    Name(String),
}

/// What a statement gives its target.
pub(super) fn given(statement: &ast::Statement, dialect: &Dialect) -> Vec<Given> {
    use ast::Statement as S;
    match statement {
        S::CreateTable(create) => {
            create.columns.iter().map(|one| column(&one.name, &one.data_type, dialect)).collect()
        }
        S::AlterTable(alter) => {
            alter.operations.iter().filter_map(|one| altered(one, dialect)).collect()
        }
        S::Update(update) => values(update, dialect),
        _ => Vec::new(),
    }
}

/// The columns that an UPDATE of every row fills from one other column.
fn values(update: &Update, dialect: &Dialect) -> Vec<Given> {
    let is_all = update.from.is_none()
        && update.limit.is_none()
        && update.table.joins.is_empty()
        && update.selection.as_ref().is_none_or(holds_always);
    let filled = |assignment: &Assignment| {
        let AssignmentTarget::ColumnName(to) = &assignment.target else { return None };
        let mut read = BTreeSet::new();
        let _ = visit_expressions(&assignment.value, |expr| {
            if let Expr::Identifier(name) = expr {
                read.insert(one(name, dialect));
            }
            ControlFlow::<()>::Continue(())
        });
        let from = read.pop_first().filter(|_| read.is_empty())?;
        Some(Given::Values { to: parts(to, dialect).pop()?, from })
    };
    if is_all { update.assignments.iter().filter_map(filled).collect() } else { Vec::new() }
}

fn altered(operation: &AlterTableOperation, dialect: &Dialect) -> Option<Given> {
    use AlterTableOperation as O;
    match operation {
        O::AddColumn { column_def, .. } => {
            Some(column(&column_def.name, &column_def.data_type, dialect))
        }
        O::RenameColumn { old_column_name: was, new_column_name: is }
        | O::ChangeColumn { old_name: was, new_name: is, .. } => {
            Some(Given::ColumnName { was: one(was, dialect), is: one(is, dialect) })
        }
        O::RenameTable {
            table_name: RenameTableNameKind::To(name) | RenameTableNameKind::As(name),
        } => parts(name, dialect).pop().map(Given::Name),
        _ => None,
    }
}

fn column(name: &Ident, sql_type: &DataType, dialect: &Dialect) -> Given {
    Given::Column { name: one(name, dialect), sql_type: sql_type.to_string() }
}
