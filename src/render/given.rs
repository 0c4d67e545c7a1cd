//! What a statement gives a table: columns with their types, other names.

use sqlparser::ast::{
    self, AlterTableOperation, Assignment, AssignmentTarget, CaseWhen, CastKind, DataType, Expr,
    Ident, RenameTableNameKind, UnaryOperator, Update, Value,
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
    /// A column's values in every row, those of one other column.
    Values {
        /// The column that gets them.
        to: String,
        /// The column that they are taken from.
        from: String,
        /// The type that they are cast to on the way, unless that is text of any length.
        through: Option<String>,
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
    let is_all = update.or.is_none()
        && update.from.is_none()
        && update.limit.is_none()
        && update.table.joins.is_empty()
        && update.selection.as_ref().is_none_or(holds_always);
    let filled = |assignment: &Assignment| {
        let AssignmentTarget::ColumnName(to) = &assignment.target else { return None };
        let (value, through) = match &assignment.value {
            Expr::Cast {
                kind: CastKind::Cast | CastKind::DoubleColon, expr, data_type, ..
            } if !is_text(data_type) => (expr.as_ref(), Some(data_type.to_string())),
            value => (value, None),
        };
        let from = one(kept(value)?, dialect);
        Some(Given::Values { to: parts(to, dialect).pop()?, from, through })
    };
    if is_all { update.assignments.iter().filter_map(filled).collect() } else { Vec::new() }
}

/// Whether a type is text of any length. Others may be shorter than they look.
fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Text | DataType::String(None))
}

/// The column whose values an expression keeps: itself, a cast to a type of any length, or a truth value spelled out.
fn kept(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Identifier(name) => Some(name),
        Expr::Nested(inner) => kept(inner),
        Expr::Cast { kind: CastKind::Cast | CastKind::DoubleColon, expr, data_type, .. } => {
            kept(expr).filter(|_| is_text(data_type))
        }
        Expr::Case { operand: None, conditions, else_result: None, .. } => {
            let [is, is_not] = conditions.as_slice() else { return None };
            let name = kept(&is.condition)?;
            let other = match &is_not.condition {
                Expr::UnaryOp { op: UnaryOperator::Not, expr } => kept(expr)?,
                _ => return None,
            };
            let says = |one: &CaseWhen, text: &str| matches!(&one.result, Expr::Value(value) if value.value == Value::SingleQuotedString(text.to_owned()));
            (name == other && says(is, "true") && says(is_not, "false")).then_some(name)
        }
        _ => None,
    }
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
