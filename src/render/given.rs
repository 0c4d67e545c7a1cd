//! What a statement gives a table: columns with their types, other names.

use sqlparser::ast::{self, AlterTableOperation, DataType, Ident, ObjectName, RenameTableNameKind};

use super::statement;

/// Something that a statement gives its target. Names are in lower case.
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
pub(super) fn given(statement: &ast::Statement) -> Vec<Given> {
    use ast::Statement as S;
    match statement {
        S::CreateTable(create) => {
            create.columns.iter().map(|one| column(&one.name, &one.data_type)).collect()
        }
        S::AlterTable(alter) => alter.operations.iter().filter_map(altered).collect(),
        _ => Vec::new(),
    }
}

fn altered(operation: &AlterTableOperation) -> Option<Given> {
    use AlterTableOperation as O;
    match operation {
        O::AddColumn { column_def, .. } => Some(column(&column_def.name, &column_def.data_type)),
        O::RenameColumn { old_column_name: was, new_column_name: is }
        | O::ChangeColumn { old_name: was, new_name: is, .. } => {
            Some(Given::ColumnName { was: lower(was), is: lower(is) })
        }
        O::RenameTable {
            table_name: RenameTableNameKind::To(name) | RenameTableNameKind::As(name),
        } => last(name).map(Given::Name),
        _ => None,
    }
}

fn column(name: &Ident, sql_type: &DataType) -> Given {
    Given::Column { name: lower(name), sql_type: sql_type.to_string() }
}

fn lower(name: &Ident) -> String {
    name.value.to_lowercase()
}

fn last(name: &ObjectName) -> Option<String> {
    statement::parts(name).pop()
}
