//! What a statement takes away: tables, views, columns, rows, and what values a narrower type does not hold.

use sqlparser::ast::{
    self, AlterColumnOperation, AlterTableOperation, BinaryOperator, Expr, ObjectName, ObjectType,
    Value,
};

use super::statement;

/// The schema of temporary tables, where they have one.
const TEMPORARY: &str = "temp";

/// Something that a statement takes away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The parts of its name, in lower case: schema, table, and for a column its name.
    pub name: Vec<String>,
    /// How it is taken away.
    pub how: How,
}

/// How something is taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// A schema with all that is in it.
    Schema,
    /// A table is dropped, or another is put in its place.
    Table,
    /// A view is dropped.
    View,
    /// A column is dropped.
    Column,
    /// All rows of a table go.
    Rows,
    /// A column gets another type: whether that takes something away depends on the one that it has.
    Type {
        /// The type that it gets.
        sql_type: String,
        /// Whether an expression makes its values, and not only the type.
        is_computed: bool,
    },
}

impl Taken {
    fn new(name: Vec<String>, how: How) -> Self {
        Self { name, how }
    }

    /// Whether it is a temporary table or part of one.
    pub fn is_temporary(&self) -> bool {
        let parts = usize::from(matches!(self.how, How::Column | How::Type { .. }));
        match self.name.as_slice() {
            [schema, _, ..] if schema == TEMPORARY => true,
            name => self.how != How::Schema && name.len() <= 1 + parts,
        }
    }
}

/// The parts of a name, its catalog aside.
fn parts(name: &ObjectName) -> Vec<String> {
    let mut parts = statement::parts(name);
    parts.drain(..parts.len().saturating_sub(2));
    parts
}

/// What a statement takes away.
pub(super) fn taken(statement: &ast::Statement) -> Vec<Taken> {
    use ast::Statement as S;
    let all = |names: &[ObjectName], how: &How| {
        names.iter().map(|name| Taken::new(parts(name), how.clone())).collect()
    };
    match statement {
        S::Drop { object_type, names, .. } => match object_type {
            ObjectType::Table => all(names, &How::Table),
            ObjectType::View | ObjectType::MaterializedView => all(names, &How::View),
            ObjectType::Schema | ObjectType::Database => all(names, &How::Schema),
            _ => Vec::new(),
        },
        // A dynamic table has what its query yields, as a view: nothing is lost with the one before.
        S::CreateTable(create) if create.or_replace && !create.temporary && !create.dynamic => {
            vec![Taken::new(parts(&create.name), How::Table)]
        }
        S::Truncate(truncate) => {
            let names = truncate.table_names.iter();
            names.map(|table| Taken::new(parts(&table.name), How::Rows)).collect()
        }
        S::Delete(delete)
            if delete.using.is_none()
                && delete.limit.is_none()
                && delete.selection.as_ref().is_none_or(holds_always) =>
        {
            let (ast::FromTable::WithFromKeyword(from) | ast::FromTable::WithoutKeyword(from)) =
                &delete.from;
            let tables = from.iter().filter_map(|from| match &from.relation {
                ast::TableFactor::Table { name, .. } => Some(parts(name)),
                _ => None,
            });
            tables.map(|name| Taken::new(name, How::Rows)).collect()
        }
        S::AlterTable(alter) => {
            let table = parts(&alter.name);
            alter.operations.iter().flat_map(|one| altered(&table, one)).collect()
        }
        _ => Vec::new(),
    }
}

fn altered(table: &[String], operation: &AlterTableOperation) -> Vec<Taken> {
    use AlterTableOperation as O;
    let column = |name: &ast::Ident, how: How| {
        Taken::new([table, &[name.value.to_lowercase()]].concat(), how)
    };
    match operation {
        O::DropColumn { column_names, .. } => {
            column_names.iter().map(|name| column(name, How::Column)).collect()
        }
        O::AlterColumn {
            column_name,
            op: AlterColumnOperation::SetDataType { data_type, using, .. },
        } => {
            let is_computed =
                using.as_ref().is_some_and(|using| !is_cast(using, column_name, data_type));
            vec![column(column_name, How::Type { sql_type: data_type.to_string(), is_computed })]
        }
        O::ChangeColumn { old_name: name, data_type, .. }
        | O::ModifyColumn { col_name: name, data_type, .. } => {
            let sql_type = data_type.to_string();
            vec![column(name, How::Type { sql_type, is_computed: false })]
        }
        _ => Vec::new(),
    }
}

/// Whether an expression is the column itself, or no more than its cast to that type.
fn is_cast(expression: &Expr, column: &ast::Ident, to: &ast::DataType) -> bool {
    let is_column = |one: &Expr| matches!(one, Expr::Identifier(name) if name.value.eq_ignore_ascii_case(&column.value));
    match expression {
        Expr::Nested(inner) => is_cast(inner, column, to),
        Expr::Cast { expr, data_type, .. } => data_type == to && is_column(expr),
        other => is_column(other),
    }
}

/// Whether a condition is written so that it holds for every row: `TRUE`, `1 = 1`.
fn holds_always(condition: &Expr) -> bool {
    match condition {
        Expr::Value(value) => matches!(value.value, Value::Boolean(true)),
        Expr::Nested(inner) => holds_always(inner),
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => {
            matches!((left.as_ref(), right.as_ref()), (Expr::Value(_), Expr::Value(_)))
                && left.to_string() == right.to_string()
        }
        _ => false,
    }
}
