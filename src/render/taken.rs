//! What a statement takes away: tables, views, columns, rows, rights, and what values a narrower type does not hold.

use sqlparser::ast::{self, Expr, ObjectName};

use super::statement;

/// The schemas of temporary tables, where they have one.
const TEMPORARY: [&str; 3] = ["temp", "pg_temp", "tempdb"];

/// Something that a statement takes away, changes or writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The parts of its name, in lower case: schema, table, and for a column its name. None where nothing has a name.
    pub name: Vec<String>,
    /// How it is taken away.
    pub how: How,
    /// Whether all that depends on it goes with it.
    pub cascades: bool,
}

/// How something is taken away, changed or written.
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
    /// Some rows of a table go.
    SomeRows,
    /// Rows are added or changed: the columns that are set in rows that are there, none where that is not known.
    Written(Vec<String>),
    /// A table or a column gets another name, this one.
    Name(String),
    /// Something else is dropped or replaced, such as an index.
    Object(&'static str),
    /// Who may do what, and who owns it.
    Rights,
    /// Nobody here can say what happens: why.
    Unknown(&'static str),
    /// A column gets another type: whether that takes something away depends on the one that it has.
    Type {
        /// The type that it gets.
        sql_type: String,
        /// Whether an expression makes its values, and not only the type.
        is_computed: bool,
    },
}

impl Taken {
    pub(super) fn new(name: Vec<String>, how: How) -> Self {
        Self { name, how, cascades: false }
    }

    /// Whether its schema is that of temporary tables.
    pub fn is_temporary(&self) -> bool {
        self.how != How::Schema && is_temporary(&self.name)
    }
}

/// Whether a name's schema is that of temporary tables.
pub(super) fn is_temporary(name: &[String]) -> bool {
    matches!(name, [schema, _, ..] if TEMPORARY.contains(&schema.as_str()))
}

/// The parts of a name, its catalog aside.
pub(super) fn parts(name: &ObjectName) -> Vec<String> {
    let mut parts = statement::parts(name);
    // tempdb..#work
    parts.retain(|part| !part.is_empty());
    parts.drain(..parts.len().saturating_sub(2));
    parts
}

/// Whether an expression is the column itself, or no more than its cast to that type.
pub(super) fn is_cast(expression: &Expr, column: &ast::Ident, to: &ast::DataType) -> bool {
    let is_column = |one: &Expr| matches!(one, Expr::Identifier(name) if name.value.eq_ignore_ascii_case(&column.value));
    match expression {
        Expr::Nested(inner) => is_cast(inner, column, to),
        Expr::Cast { expr, data_type, .. } => data_type == to && is_column(expr),
        other => is_column(other),
    }
}

/// Whether a condition is written so that it holds for every row: `TRUE`, `1 = 1`.
pub(super) fn holds_always(condition: &Expr) -> bool {
    use ast::{BinaryOperator, Value};
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
