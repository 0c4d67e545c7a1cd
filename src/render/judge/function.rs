//! Functions that are called: those that are listed read their arguments, any other can do anything.

use std::collections::HashSet;
use std::sync::LazyLock;

use sqlparser::ast::{Expr, FunctionArg, FunctionArgExpr, FunctionArguments, ObjectName, Value};

use super::super::taken::exact;
use super::Judge;

/// Functions that read their arguments and nothing else in every warehouse that has them, a line for each kind.
static LIST: &str = include_str!("functions.txt");

pub(super) static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let lines = LIST.lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace).collect()
});

impl Judge<'_> {
    pub(super) fn function(&mut self, name: &ObjectName, arguments: &FunctionArguments) {
        if self.all_parts(name).last().is_some_and(|name| name.eq_ignore_ascii_case("set_config")) {
            let setting = match arguments {
                FunctionArguments::List(list) => list.args.first().and_then(text),
                _ => None,
            };
            self.refuse(format!("set_config({})", setting.unwrap_or("…")));
            return;
        }
        self.named_function(name);
    }

    /// A function that is not known to read its arguments and nothing else does what nobody here can see.
    pub(super) fn named_function(&mut self, name: &ObjectName) {
        let name = self.all_parts(name);
        let [schema @ .., function] = name.as_slice() else { return };
        let known = &self.dialect.facts.reads_only;
        let lower = function.to_lowercase();
        let is_listed = self.dialect.is_named(function, &lower)
            && (COMMON.contains(lower.as_str()) || known.functions.contains(&lower));
        let is_own = match schema {
            [] => is_listed,
            [.., schema] => {
                (is_listed && self.dialect.keeps(schema))
                    || self.is_of_expressions(schema, function)
            }
        };
        if !is_own {
            self.unknown(name, "a function");
        }
    }

    pub(super) fn all_parts(&self, name: &ObjectName) -> Vec<String> {
        exact(name, self.dialect)
    }

    /// Whether it is a function of an extension that the dialect's own expressions call.
    fn is_of_expressions(&self, schema: &String, function: &str) -> bool {
        let facts = &self.dialect.facts;
        let call = format!(".{function}(");
        facts.extensions.values().any(|of| of == schema)
            && facts.expressions.values().any(|expression| expression.contains(&call))
    }
}

fn text(argument: &FunctionArg) -> Option<&str> {
    match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Value(value))) => match &value.value {
            Value::SingleQuotedString(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}
