//! Code in statements: bodies of functions and procedures, and texts that are run as SQL.

use sqlparser::ast::{
    self, CopySource, CopyTarget, CreateFunctionBody, Expr, FunctionSecurity, ObjectName,
    Statement as S, Value,
};
use sqlparser::parser::Parser;

use super::super::taken::How;
use super::{DEPTH, Judge, Refused, judge_at};

impl Judge<'_> {
    pub(super) fn makes_code(&mut self, statement: &S) {
        match statement {
            S::CreateFunction(create) => {
                let name = self.makes(&create.name, create.temporary);
                if matches!(create.security, Some(FunctionSecurity::Definer)) {
                    self.take(name.clone(), How::Rights);
                }
                if create.or_replace || create.or_alter {
                    self.take(name.clone(), How::Object("function"));
                }
                let is_sql = create
                    .language
                    .as_ref()
                    .is_none_or(|language| language.value.eq_ignore_ascii_case("sql"));
                match &create.function_body {
                    Some(
                        CreateFunctionBody::AsBeforeOptions { body, .. }
                        | CreateFunctionBody::AsAfterOptions(body),
                    ) => match text(body) {
                        Some(text) if is_sql => self.text(text, name, "the body of a function"),
                        Some(_) => self.unknown(name, "the body of a function"),
                        // An expression is visited by itself.
                        None => {}
                    },
                    // Visited by itself.
                    Some(_) if is_sql => {}
                    _ => self.unknown(name, "the body of a function"),
                }
            }
            S::CreateProcedure { name, or_alter, .. } => {
                let name = self.names(name);
                if *or_alter {
                    self.take(name, How::Object("procedure"));
                }
            }
            S::CreateTrigger(create) => {
                let table = self.names(&create.table_name);
                self.unknown(table, "what a trigger does");
            }
            _ => {}
        }
    }

    pub(super) fn runs_code(&mut self, statement: &S) {
        match statement {
            S::Call(function) => self.unknown(self.parts(&function.name), "a procedure"),
            S::Execute { name, parameters, immediate, .. } => {
                let mut texts = parameters.iter().map(text);
                match (name, texts.next().flatten(), texts.next()) {
                    // EXEC sp_rename 'acme.a.x', 'y', 'COLUMN'
                    (Some(name), Some(was), Some(Some(to))) if self.is_rename(name) => {
                        let was = was.split('.').map(|part| part.trim_matches(['[', ']']));
                        let was = self.qualified(was.map(str::to_owned).collect());
                        self.renamed(&was, to);
                        self.take(was, How::Name(to.to_owned()));
                    }
                    // EXEC ('…')
                    (None, Some(text), None) => self.text(text, Vec::new(), "a text that is run"),
                    (Some(name), _, _) if !immediate => {
                        self.unknown(self.parts(name), "what is executed")
                    }
                    _ => self.unknown(Vec::new(), "a text that is run"),
                }
            }
            _ => {}
        }
    }

    /// Whether it is the procedure of the warehouse's own that renames.
    fn is_rename(&self, name: &ObjectName) -> bool {
        let own = &self.dialect.facts.reads_only.schemas;
        let has_it = own.iter().any(|schema| schema == "sys");
        let parts: Vec<String> =
            self.all_parts(name).iter().map(|part| part.to_lowercase()).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        has_it && matches!(parts.as_slice(), ["sp_rename"] | ["sys", "sp_rename"])
    }

    pub(super) fn copy(&mut self, source: &CopySource, to: bool, target: &CopyTarget) {
        let name = match source {
            CopySource::Table { table_name, .. } => self.names(table_name),
            CopySource::Query(_) => Vec::new(),
        };
        match (to, target) {
            // The rows would come from whoever runs it, or go to them.
            (false, CopyTarget::Stdin) | (true, CopyTarget::Stdout) => {
                self.found.refused.push(Refused::Copy);
            }
            _ => self.unknown(name, "a program or a file of the server"),
        }
    }

    /// SQL in a text: judged as if it stood there, or not at all.
    fn text(&mut self, sql: &str, name: Vec<String>, why: &'static str) {
        let parser = self.dialect.parser();
        let parsed = Parser::new(parser.as_ref()).try_with_sql(sql);
        let parsed = parsed.and_then(|mut parser| parser.parse_statements());
        match parsed {
            Ok(statements) if self.depth < DEPTH => {
                for one in &statements {
                    let found = judge_at(one, self.dialect, self.depth + 1, &mut |_| {});
                    self.found.add(found);
                }
            }
            _ => self.unknown(name, why),
        }
    }
}

fn text(expression: &Expr) -> Option<&str> {
    let Expr::Value(value) = expression else {
        return match expression {
            Expr::Nested(inner) => text(inner),
            _ => None,
        };
    };
    match &value.value {
        Value::SingleQuotedString(text)
        | Value::EscapedStringLiteral(text)
        | Value::NationalStringLiteral(text)
        | Value::DoubleQuotedString(text)
        | Value::TripleDoubleQuotedString(text)
        | Value::TripleSingleQuotedString(text) => Some(text),
        Value::DollarQuotedString(ast::DollarQuotedString { value, .. }) => Some(value),
        _ => None,
    }
}
