//! Types and operators: those of the warehouse have no code of others behind them.

use sqlparser::ast::{
    ArrayElemTypeDef, BinaryOperator, ColumnDef, DataType, Expr, ObjectName, TypedString,
};

use super::Judge;
use super::function::COMMON;

impl Judge<'_> {
    /// The type that an expression turns a value into: its input function, its checks and its casts run.
    pub(super) fn types_of(&mut self, expr: &Expr) {
        match expr {
            Expr::Cast { data_type, .. }
            | Expr::TypedString(TypedString { data_type, .. })
            | Expr::Convert { data_type: Some(data_type), .. } => self.sql_type(data_type),
            _ => {}
        }
    }

    /// A column that a table gets.
    pub(super) fn column(&mut self, table: &[String], column: &ColumnDef) {
        self.sql_type(&column.data_type);
        self.column_options(table, &column.options);
    }

    pub(super) fn sql_type(&mut self, data_type: &DataType) {
        match data_type {
            DataType::Custom(name, _) => self.named_type(name),
            DataType::Array(
                ArrayElemTypeDef::AngleBracket(of)
                | ArrayElemTypeDef::SquareBracket(of, _)
                | ArrayElemTypeDef::Parenthesis(of),
            ) => self.sql_type(of),
            _ => {}
        }
    }

    fn named_type(&mut self, name: &ObjectName) {
        let facts = &self.dialect.facts;
        let parts = self.all_parts(name);
        let is_known = match parts.as_slice() {
            [one] => {
                let known = facts.types.values().chain(facts.reads.values().flatten());
                let mut known = known.chain(facts.bits.keys()).chain(&facts.reads_only.types);
                let bare = |known: &String| {
                    let word = known.split('(').next().unwrap_or_default().trim();
                    word.eq_ignore_ascii_case(one)
                };
                self.dialect.is_named(one, &one.to_lowercase())
                    && (known.any(bare) || COMMON.contains(one.as_str()))
            }
            [schema, _] => self.dialect.keeps(schema),
            _ => false,
        };
        if !is_known {
            self.unknown(parts, "a type");
        }
    }

    /// An operator of another schema, or one that is no standard one, is a function of others.
    pub(super) fn operator(&mut self, operator: &BinaryOperator) {
        match operator {
            BinaryOperator::PGCustomBinaryOperator(name) => {
                let schema = name.first().filter(|_| name.len() > 1);
                let own = &self.dialect.facts.reads_only.schemas;
                if !schema.is_some_and(|schema| own.contains(schema)) {
                    self.unknown(Vec::new(), "an operator");
                }
            }
            BinaryOperator::Custom(_) => self.unknown(Vec::new(), "an operator"),
            // Elsewhere what is behind it may be another statement.
            BinaryOperator::Arrow | BinaryOperator::LongArrow
                if !self.dialect.facts.reads_only.operators.contains(&operator.to_string()) =>
            {
                self.unknown(Vec::new(), "an operator");
            }
            _ => {}
        }
    }
}
