//! Templates: minijinja set up so that they read as SQL, over a dialect's chain of folders.

use std::cell::Cell;
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Object, Serde, Value};
use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior, context};
use serde::Serialize;

use super::landed::{BREAK, lay_out};
use super::trace;
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Result, Source};
use crate::dialect::{Dialect, Library, is_name};
use crate::project::words::quoted;

/// Renders one dialect's templates.
#[derive(Clone)]
pub(super) struct Templates<'a> {
    environment: Environment<'a>,
    library: &'a Library,
    dialect: &'a Dialect,
    traced: bool,
}

impl<'a> Templates<'a> {
    /// The templates of a dialect, `shared` in sight of all of them. `traced`: with a mark on every line.
    pub(super) fn new(
        library: &'a Library,
        dialect: &'a Dialect,
        shared: &impl Serialize,
        traced: bool,
    ) -> Result<Self> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_debug(true);
        let syntax = SyntaxConfig::builder()
            .line_statement_prefix("--%")
            .line_comment_prefix("--#")
            .keep_trailing_newline(true)
            .build()
            .map_err(|error| Diagnostic::error("template-failed", error.to_string()))?;
        environment.set_syntax(syntax);
        // Nothing is escaped in SQL, so a text is written as it is.
        environment.set_formatter(|out, state, value| match value.as_str() {
            Some(text) => Ok(out.write_str(text)?),
            None => minijinja::escape_formatter(out, state, value),
        });
        for (name, text) in &dialect.facts.expressions {
            environment
                .add_template_owned(format!("{EXPRESSION}{name}"), text.clone())
                .map_err(|error| in_expression(dialect, name, &error))?;
        }
        // The templates in the binary come to their ends; each of a project's own has a budget.
        if library.has_own(&dialect.chain) {
            environment.set_fuel(Some(FUEL));
        }
        let (own_library, chain) = (library.clone(), dialect.chain.clone());
        environment.set_loader(move |name| match find(&own_library, &chain, name) {
            Ok(found) => {
                Ok(found
                    .map(|source| if traced { trace::mark(&source) } else { source.text.clone() }))
            }
            Err(error) => {
                let said: Vec<&str> = error.iter().map(Diagnostic::message).collect();
                Err(Error::new(ErrorKind::InvalidOperation, said.join("; ")))
            }
        });
        environment.add_global("sql", Value::from_object(Expressions));
        for (extension, schema) in &dialect.facts.extensions {
            environment.add_global(extension.clone(), Value::from(dialect.identifier(schema)));
        }
        environment.add_filter("pad", pad);
        environment.add_filter("prefix", |text: String, prefix: String| format!("{prefix}{text}"));
        environment.add_filter("suffix", |text: String, suffix: String| format!("{text}{suffix}"));
        environment.add_filter("same", |column: String, other: Option<String>| {
            let other = other.unwrap_or("new".to_owned());
            format!("{other}.{column} = old.{column}")
        });
        environment.add_filter("is_set", |column: Value, table: String| {
            Ok::<_, Error>(format!("{table}.{} IS NOT NULL", column.get_attr("name")?))
        });
        let own_dialect = dialect.clone();
        environment.add_filter("text", move |text: String| own_dialect.literal(&text));
        // What the watermarks call a trait.
        environment.add_filter("mark", |column: Value| {
            let literal = column.get_attr("literal")?.to_string();
            Ok::<_, Error>(literal.replacen('\'', "'trait ", 1))
        });
        environment.add_filter(
            "as_pair",
            |state: &mut State<'_, '_>, column: String, compared: Option<Vec<String>>| {
                let read = format!("u.{column}");
                let is_compared = compared.is_some_and(|names| names.contains(&column));
                Ok::<_, Error>(vec![if is_compared { exact(state, read)? } else { read }, column])
            },
        );
        environment.add_filter("exact", exact);
        // As a column of a query, which goes on under its name.
        environment.add_filter("exact_column", |state: &mut State<'_, '_>, column: String| {
            let read = exact(state, column.clone())?;
            let name = column.rsplit('.').next().unwrap_or_default();
            Ok::<_, Error>(if read == column { read } else { format!("{read} AS {name}") })
        });
        environment.add_filter("on_affected", |pair: Vec<String>, table: String| {
            match pair.as_slice() {
                [column, other] => format!("a.{other} = {table}.{column}"),
                _ => String::new(),
            }
        });
        environment.add_filter("by_bytes", |state: &mut State<'_, '_>, text: String| {
            expression(state, "by_bytes", &context! { x => text })
        });
        Ok(Self { environment, library, dialect, traced }.sharing(shared))
    }

    /// The same templates with something else in sight of all of them.
    pub(super) fn sharing(mut self, shared: &impl Serialize) -> Self {
        let shared = Value::from(Serde(shared));
        for name in shared.try_iter().into_iter().flatten() {
            if let (Some(name), Ok(value)) = (name.as_str(), shared.get_item(&name)) {
                self.environment.add_global(name.to_owned(), value);
            }
        }
        self
    }

    /// A template filled in, lines without trailing blanks, one line end at the end.
    ///
    /// # Errors
    /// When there is no such template, or it is wrong: the message shows its line.
    pub(super) fn render(&self, name: &str, values: impl Serialize) -> Result<String> {
        let template =
            self.environment.get_template(name).map_err(|error| self.explain(name, &error))?;
        let text = template.render(Serde(values)).map_err(|error| self.explain(name, &error))?;
        Ok(tidy(&text, self.traced))
    }

    /// Whether the dialect, or the base, has such a template.
    pub(super) fn has(&self, name: &str) -> bool {
        matches!(find(self.library, &self.dialect.chain, name), Ok(Some(_)))
    }

    fn explain(&self, name: &str, error: &Error) -> Diagnostics {
        let innermost = innermost(error);
        let is_spent = innermost.kind() == ErrorKind::OutOfFuel;
        let name = innermost.name().unwrap_or(name);
        if let Some(expression) = name.strip_prefix(EXPRESSION) {
            return in_expression(self.dialect, expression, innermost).into();
        }
        let what = innermost.detail().map_or_else(|| innermost.kind().to_string(), str::to_owned);
        let what = if is_spent {
            "it does not come to an end, or makes too much text".to_owned()
        } else {
            what
        };
        let diagnostic = Diagnostic::error("template-failed", format!("template {name}: {what}"));
        let source = match find(self.library, &self.dialect.chain, name) {
            Ok(Some(source)) => source,
            Err(unreadable) => return unreadable,
            Ok(None) => {
                return diagnostic
                    .help("`idgraph dialect show` lists the templates that a dialect has")
                    .into();
            }
        };
        let help =
            "templates are minijinja with line statements (`--% for …`); see CONTRIBUTING.md";
        diagnostic.at(&place(innermost, source), "").help(help).into()
    }
}

/// The innermost error, which knows the line; those around it only say that an include failed.
pub(crate) fn innermost(error: &Error) -> &Error {
    let mut innermost = error;
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        if let Some(cause) = cause.downcast_ref::<Error>()
            && cause.line().is_some()
        {
            innermost = cause;
        }
        next = cause.source();
    }
    innermost
}

/// Where in a template an error is.
pub(crate) fn place(error: &Error, source: Arc<Source>) -> Place {
    let span = match (error.range(), error.line()) {
        (Some(range), _) if source.text.get(range.clone()).is_some() => range,
        (_, Some(line)) => source.line(line),
        _ => 0..0,
    };
    Place { source, span }
}

/// What one rendering with a project's own templates may cost: about an instruction, or 64 bytes of text, each.
pub(crate) const FUEL: u64 = 10_000_000;

/// How deep expressions may ask for each other.
const DEEPEST: usize = 16;

/// The most that a text is padded to.
const WIDEST: usize = 10_000;

/// An expression is a template, too, under this and its name.
const EXPRESSION: &str = "expression ";

/// What is wrong with an expression, at its line in `dialect.yml`.
fn in_expression(dialect: &Dialect, name: &str, error: &Error) -> Diagnostic {
    let what = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    let diagnostic = Diagnostic::error(
        "template-failed",
        format!("expression `{name}` of dialect `{}`: {what}", dialect.name),
    );
    match dialect.expression(name) {
        Some(place) => diagnostic.at(&place, ""),
        None => diagnostic,
    }
    .help("an expression is minijinja over the arguments that templates give it, such as `{{ x }}`")
}

/// `templates/…` names the base's own file, so that a dialect's file of the same name can include it.
fn find(library: &Library, chain: &[String], name: &str) -> Result<Option<Arc<Source>>> {
    if !is_name(name) {
        let message = format!("{} is no template's name", quoted(name));
        return Err(Diagnostic::error("outside", message)
            .note("a template's name goes down from the folder of templates: no `..`, no root, no `\\`")
            .into());
    }
    match name.strip_prefix("templates/") {
        Some(base) => library.template(&[], base),
        None => library.template(chain, name),
    }
}

/// `sql.greatest(of=…)`: the dialect's own spelling of an expression.
#[derive(Debug)]
struct Expressions;

impl Object for Expressions {
    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> std::result::Result<Value, Error> {
        let _: (Kwargs,) = minijinja::value::from_args(args)?;
        // They are a map of values by name, as a template wants them.
        let values = args.first().cloned().unwrap_or_else(|| context! {});
        expression(state, method, &values).map(Value::from)
    }
}

/// A text with blanks behind it, to a width in characters.
fn pad(text: &str, width: usize) -> std::result::Result<String, Error> {
    if width > WIDEST {
        let what = format!("pad({width}): {WIDEST} is the most");
        return Err(Error::new(ErrorKind::InvalidOperation, what));
    }
    const BLANKS: &str = "                                                                ";
    let mut blanks = width.saturating_sub(text.chars().count());
    let mut padded = String::with_capacity(text.len() + blanks);
    padded.push_str(text);
    while blanks > 0 {
        let some = BLANKS.get(..blanks).unwrap_or(BLANKS);
        padded.push_str(some);
        blanks -= some.len();
    }
    Ok(padded)
}

/// A landed text, told apart by its bytes.
fn exact(state: &mut State<'_, '_>, text: String) -> std::result::Result<String, Error> {
    expression(state, "exact", &context! { x => text })
}

fn expression(
    state: &mut State<'_, '_>,
    name: &str,
    values: &Value,
) -> std::result::Result<String, Error> {
    let template = state.env().get_template(&format!("{EXPRESSION}{name}")).map_err(|_| {
        let what =
            format!("the dialect has no expression `{name}` (`expressions` in its dialect.yml)");
        Error::new(ErrorKind::UnknownFunction, what)
    })?;
    if state.env().fuel().is_none() {
        return nested(|| template.render(values.clone()));
    }
    let done = nested(|| template.render_captured(values.clone()))?;
    // What it cost is paid by whoever asked.
    if let Some((spent, _)) = done.state().fuel_levels() {
        state.consume_fuel(spent)?;
    }
    Ok(done.into_output())
}

thread_local! {
    /// How many expressions are being filled in within each other.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Expressions may ask for each other, but not without end.
fn nested<T>(of: impl FnOnce() -> std::result::Result<T, Error>) -> std::result::Result<T, Error> {
    let depth = DEPTH.get();
    if depth >= DEEPEST {
        let what = format!("expressions ask for each other more than {DEEPEST} deep");
        return Err(Error::new(ErrorKind::InvalidOperation, what));
    }
    DEPTH.set(depth + 1);
    let done = of();
    DEPTH.set(depth);
    done
}

fn tidy(text: &str, traced: bool) -> String {
    let mut tidy = String::with_capacity(text.len());
    for line in text.trim_matches('\n').lines() {
        let is_blank = traced && trace::unmarked(line).trim().is_empty();
        let line = if is_blank { "" } else { line.trim_end() };
        // A loop over nothing leaves its blank lines behind: one is enough.
        if line.is_empty() && tidy.ends_with("\n\n") {
            continue;
        }
        match line.contains(BREAK) {
            true => tidy.push_str(&lay_out(line)),
            false => tidy.push_str(line),
        }
        tidy.push('\n');
    }
    tidy.truncate(tidy.trim_end().len());
    tidy.push('\n');
    tidy
}
