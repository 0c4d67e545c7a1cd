//! Functions that an expression calls: those of the warehouse read, others can do anything.

use sqlparser::ast::{Expr, FunctionArg, FunctionArgExpr, FunctionArguments, ObjectName, Value};

use super::super::statement;
use super::Judge;

/// What a qualified function of the warehouse's own stands in.
const OWN: [&str; 8] =
    ["pg_catalog", "information_schema", "sys", "safe", "net", "keys", "hll_count", "aead"];

/// Functions of a warehouse that do more than to read, by what their names begin with.
const ACTING: [&str; 26] = [
    "dblink",
    "lo_",
    "pg_cancel_backend",
    "pg_create",
    "pg_drop_",
    "pg_logical_",
    "pg_ls_",
    "pg_promote",
    "pg_read_",
    "pg_reload_conf",
    "pg_replication_",
    "pg_rotate_",
    "pg_stat_reset",
    "pg_switch_wal",
    "pg_terminate_backend",
    "query_to_xml",
    "cursor_to_xml",
    "database_to_xml",
    "schema_to_xml",
    "setval",
    "load_extension",
    "readfile",
    "writefile",
    "openrowset",
    "openquery",
    "external_query",
];

impl Judge<'_> {
    pub(super) fn function(&mut self, name: &ObjectName, arguments: &FunctionArguments) {
        if statement::parts(name).last().is_some_and(|name| name == "set_config") {
            let setting = match arguments {
                FunctionArguments::List(list) => list.args.first().and_then(text),
                _ => None,
            };
            self.refuse(format!("set_config({})", setting.unwrap_or("…")));
            return;
        }
        self.named_function(name);
    }

    /// A function of another schema, or one that acts, does what nobody here can see.
    pub(super) fn named_function(&mut self, name: &ObjectName) {
        let name = statement::parts(name);
        let [schema @ .., function] = name.as_slice() else { return };
        let is_own = schema.last().is_none_or(|schema| {
            OWN.contains(&schema.as_str()) || self.is_of_expressions(schema, function)
        });
        let acts = ACTING.iter().any(|begin| function.starts_with(begin));
        if !is_own || acts {
            self.unknown(name.clone(), "a function");
        }
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
