//! Templates of pages: minijinja as it comes, with every value escaped.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior};
use serde::Serialize;

use super::highlight;
use crate::diagnostic::{Diagnostic, Diagnostics, Result};
use crate::dialect::Library;
use crate::project::words::count;
use crate::render::{FUEL, innermost, place_in_template};
use crate::visible;

/// The folder of the templates.
const FOLDER: &str = "docs/";

/// Renders the templates under `templates/docs/`.
pub(super) struct Pages<'a> {
    environment: Environment<'static>,
    library: &'a Library,
}

impl<'a> Pages<'a> {
    /// The templates, `shared` in sight of all of them.
    pub(super) fn new(library: &'a Library, shared: &impl Serialize) -> Result<Self> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let syntax = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .keep_trailing_newline(true)
            .build()
            .map_err(|error| Diagnostic::error("template-failed", error.to_string()))?;
        environment.set_syntax(syntax);
        environment.set_auto_escape_callback(|name| {
            if name.ends_with(".html") { AutoEscape::Html } else { AutoEscape::None }
        });
        environment.set_formatter(write);
        if library.has_own(&[]) {
            environment.set_fuel(Some(FUEL));
        }
        let own = library.clone();
        environment.set_loader(move |name| match own.template(&[], &format!("{FOLDER}{name}")) {
            Ok(found) => Ok(found.map(|source| source.text.clone())),
            Err(error) => Err(Error::new(ErrorKind::InvalidOperation, error.to_string())),
        });
        environment
            .add_filter("sql", |text: String| Value::from_safe_string(highlight::sql(&text)));
        // A long name may go on in the next line behind its dot.
        environment.add_filter("parted", |name: String| {
            Value::from_safe_string(escape(&name).replace('.', ".<wbr>"))
        });
        environment.add_filter("thousands", count);
        if let Some(shared) = serde_json::to_value(shared).unwrap_or_default().as_object() {
            for (name, value) in shared {
                environment.add_global(name.clone(), Value::from(Serde(value)));
            }
        }
        Ok(Self { environment, library })
    }

    /// A page.
    ///
    /// # Errors
    /// When there is no such template, or it is wrong: the message shows its line.
    pub(super) fn render(&self, name: &str, values: impl Serialize) -> Result<String> {
        let rendered = self.environment.get_template(name).and_then(|template| {
            let text = template.render(Serde(values))?;
            Ok(text)
        });
        rendered.map_err(|error| self.explain(name, &error))
    }

    fn explain(&self, name: &str, error: &Error) -> Diagnostics {
        let innermost = innermost(error);
        let name = format!("{FOLDER}{}", innermost.name().unwrap_or(name));
        let what = innermost.detail().map_or_else(|| innermost.kind().to_string(), str::to_owned);
        let diagnostic = Diagnostic::error("template-failed", format!("template {name}: {what}"));
        let diagnostic = match self.library.template(&[], &name) {
            Ok(Some(source)) => diagnostic.at(&place_in_template(innermost, source), ""),
            Ok(None) => diagnostic,
            Err(unreadable) => return unreadable,
        };
        diagnostic
            .help("a project's own templates/docs/ is looked up before the built-in pages")
            .into()
    }
}

/// Writes a value as text of a page, whatever is in it.
fn write(
    out: &mut Output<'_>,
    state: &mut State<'_, '_>,
    value: &Value,
) -> std::result::Result<(), Error> {
    match value.as_str() {
        Some(text) if *state.auto_escape() == AutoEscape::Html && !value.is_safe() => {
            out.write_str(&escape(text)).map_err(Error::from)
        }
        _ => minijinja::escape_formatter(out, state, value),
    }
}

/// Text as it stands in HTML, between tags and in attributes.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(char),
            // HTML has no way to write some of them, and others turn the text around.
            char if visible::steers(char) => escaped.extend(char.escape_default()),
            char => escaped.push(char),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_a_page_is_text() {
        assert_eq!(escape("<a b='c'>&\"\n"), "&lt;a b=&#39;c&#39;&gt;&amp;&quot;\n");
        assert_eq!(escape("It \u{7} rings"), "It \\u{7} rings");
    }
}
