//! What a statement gives a table: columns with their types, other names.

use sqlparser::ast::{self, AlterTableOperation, DataType, Ident, RenameTableNameKind};

use super::taken::{one, parts};
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
        _ => Vec::new(),
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
