//! What a statement takes away: tables, views, columns, rows, rights, and what values a narrower type does not hold.

use sqlparser::ast::{self, Expr, ObjectName};

use crate::dialect::Dialect;

/// Something that a statement takes away, changes or writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The parts of its name, in lower case: schema, table, and for a column its name. None where nothing has a name.
    pub name: Vec<String>,
    /// The same as the warehouse tells names apart.
    pub exact: Vec<String>,
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
    /// Rows are added, and those that are there stay as they are.
    Added,
    /// Rows that are there may get other values: the column that is set, none where that is not known.
    Changed(Vec<String>),
    /// Another view is put in the place of one that may be there.
    Replaced,
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
    /// Of a name as the warehouse tells names apart.
    pub(crate) fn new(exact: Vec<String>, how: How) -> Self {
        let name = exact.iter().map(|part| part.to_lowercase()).collect();
        Self { name, exact, how, cascades: false }
    }

    /// Whether it is about a table, its rows or its indexes: code and rights are another matter wherever they are.
    pub(crate) fn is_of_table(&self) -> bool {
        match self.how {
            How::Schema | How::Rights | How::Unknown(_) => false,
            How::Object(kind) => kind == "index",
            _ => true,
        }
    }
}

/// Whether a name's schema is that of temporary tables.
pub(crate) fn is_temporary(exact: &[String], dialect: &Dialect) -> bool {
    let schemas = &dialect.facts.work_tables.schemas;
    matches!(exact, [schema, _, ..] if schemas.iter().any(|one| dialect.is_named(schema, one)))
}

/// The parts of a name, its catalog aside, as the warehouse tells names apart.
pub(super) fn parts(name: &ObjectName, dialect: &Dialect) -> Vec<String> {
    let mut parts = exact(name, dialect);
    parts.drain(..parts.len().saturating_sub(2));
    parts
}

/// All parts of a name, as the warehouse tells names apart.
pub(super) fn exact(name: &ObjectName, dialect: &Dialect) -> Vec<String> {
    let idents = name.0.iter().filter_map(|part| part.as_ident());
    // tempdb..#work
    idents.map(|ident| one(ident, dialect)).filter(|part| !part.is_empty()).collect()
}

/// A name as the warehouse tells names apart.
pub(super) fn one(name: &ast::Ident, dialect: &Dialect) -> String {
    dialect.folded(&name.value, name.quote_style.is_some())
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
