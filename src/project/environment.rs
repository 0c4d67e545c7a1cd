//! `${NAME}` in a target's `url` or `path`: read from the environment, and only when the target is used.
//!
//! `${NAME}` is the one form; a `$` without `{` is itself, and `$${` writes `${`. What a variable holds is never
//! part of a message.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use super::{Placed, Target};
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Result};

/// Where a target's database is, its variables filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A connection URL.
    Url(Url),
    /// A database file.
    Path(DatabaseFile),
}

/// A connection URL. It may hold a secret: never print it.
#[derive(Clone, PartialEq, Eq)]
pub struct Url {
    /// As the server is reached.
    pub value: String,
    /// With [`MARK`] and the name in the place of each variable; nothing where all of it is one variable or none, so that its
    /// parts may be named.
    pub marked: Option<String>,
}

/// Stands before and behind a variable's name in [`Url::marked`]: a character that no address holds.
pub const MARK: char = '\u{fdd0}';

impl From<&str> for Url {
    fn from(value: &str) -> Self {
        Self { value: value.to_owned(), marked: None }
    }
}

impl From<&String> for Url {
    fn from(value: &String) -> Self {
        Self::from(value.as_str())
    }
}

impl From<&Self> for Url {
    fn from(url: &Self) -> Self {
        url.clone()
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Url(…)")
    }
}

/// A database that is a file.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseFile {
    /// Where it is. What variables hold is part of it: never print it.
    pub path: PathBuf,
    /// The same with variables as written, for messages.
    pub shown: PathBuf,
}

impl DatabaseFile {
    /// The file beside it with another ending.
    #[must_use]
    pub fn with_extension(&self, extension: &str) -> Self {
        Self {
            path: self.path.with_extension(extension),
            shown: self.shown.with_extension(extension),
        }
    }
}

impl From<&Path> for DatabaseFile {
    fn from(path: &Path) -> Self {
        Self { path: path.to_owned(), shown: path.to_owned() }
    }
}

impl fmt::Debug for DatabaseFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("DatabaseFile").field(&self.shown).finish()
    }
}

impl Target {
    /// Fills in the environment's variables. A relative path is taken from `folder`, the project file's.
    pub fn resolve(&self, folder: &Path) -> Result<Address> {
        self.resolve_with(folder, |name| std::env::var_os(name))
    }

    /// As [`Target::resolve`], with variables from `lookup`.
    pub fn resolve_with(
        &self,
        folder: &Path,
        lookup: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Address> {
        match (&self.url, &self.path) {
            (Some(url), _) => Ok(Address::Url(Url {
                value: filled(url, "url", lookup)?,
                marked: marked(&url.value, &url.place)?,
            })),
            (None, Some(path)) => Ok(Address::Path(DatabaseFile {
                path: folder.join(filled(path, "path", lookup)?),
                shown: folder.join(&path.value),
            })),
            (None, None) => {
                Err(Diagnostic::error("target-address", "this target has neither `url` nor `path`")
                    .at(&self.place, "")
                    .help("say where its database is")
                    .into())
            }
        }
    }
}

fn filled(
    value: &Placed<String>,
    key: &str,
    lookup: impl Fn(&str) -> Option<OsString>,
) -> Result<String> {
    let mut found = Vec::new();
    let mut out = String::new();
    for part in parts(&value.value, &value.place)? {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Variable(name) => match lookup(name).map(OsString::into_string) {
                Some(Ok(value)) => out.push_str(&value),
                Some(Err(_)) => found.push(
                    Diagnostic::error(
                        "variable-not-text",
                        format!("the environment variable `{name}` is not UTF-8 text"),
                    )
                    .at(&value.place, "needed here")
                    .help("set it to text"),
                ),
                None => found.push(
                    Diagnostic::error(
                        "variable-missing",
                        format!("the environment variable `{name}` is not set"),
                    )
                    .at(&value.place, "needed here")
                    .help(format!("set it before running the command: `export {name}=…`")),
                ),
            },
        }
    }
    Diagnostics::check(found)?;
    if out.is_empty() {
        return Err(Diagnostic::error(
            "variable-missing",
            format!("`{key}` is empty once its variables are filled in"),
        )
        .at(&value.place, "")
        .help("set the environment variables that it names to something")
        .into());
    }
    Ok(out)
}

/// The value with marks for its variables, where it holds something beside one.
fn marked(value: &str, place: &Place) -> Result<Option<String>> {
    let parts = parts(value.trim(), place)?;
    let mut variables = 0;
    let mut out = String::new();
    for part in &parts {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Variable(name) => {
                variables += 1;
                out.push_str(&format!("{MARK}{name}{MARK}"));
            }
        }
    }
    let others = parts.iter().any(|part| matches!(part, Part::Text(text) if !text.is_empty()));
    Ok((variables > 1 || variables == 1 && others).then_some(out))
}

enum Part<'a> {
    Text(&'a str),
    Variable(&'a str),
}

/// Splits at variables; an ill-written one is an error.
fn parts<'a>(value: &'a str, place: &Place) -> std::result::Result<Vec<Part<'a>>, Diagnostic> {
    let mut parts = Vec::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('$') {
            parts.extend([Part::Text(before), Part::Text("${")]);
            rest = after;
            continue;
        }
        parts.push(Part::Text(before));
        let ill = |what: &str| {
            Diagnostic::error("variable-syntax", what).at(place, "").help(
                "write `${NAME}` with letters, digits and `_`; for a literal `${` write `$${`",
            )
        };
        let Some((name, after)) = after.split_once('}') else {
            return Err(ill("a `${` is not closed by `}`"));
        };
        let letters = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty()
            || !name.chars().all(letters)
            || name.starts_with(|c: char| c.is_ascii_digit())
        {
            return Err(ill("what stands between `${` and `}` is no variable's name"));
        }
        parts.push(Part::Variable(name));
        rest = after;
    }
    parts.push(Part::Text(rest));
    Ok(parts)
}

/// What is ill-written in a value with variables, found without reading the environment.
pub(super) fn check(value: &str, place: &Place) -> Option<Diagnostic> {
    parts(value, place).err()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Source;

    fn placed(value: &str) -> Placed<String> {
        let source = Source::new("idgraph.yml", format!("url: {value}\n"));
        Placed { value: value.to_owned(), place: Place { source, span: 5..5 + value.len() } }
    }

    fn fill(value: &str) -> Result<String> {
        filled(&placed(value), "url", |name| match name {
            "USER" => Some("ada".into()),
            "SECRET" => Some("hunter2".into()),
            "EMPTY" => Some("".into()),
            _ => None,
        })
    }

    #[test]
    fn variables_are_filled_in() {
        assert_eq!(fill("x://${USER}:${SECRET}@h/d").unwrap(), "x://ada:hunter2@h/d");
        assert_eq!(fill("pa$$word$ $5").unwrap(), "pa$$word$ $5");
        assert_eq!(fill("a$${USER}").unwrap(), "a${USER}");
    }

    #[test]
    fn a_missing_variable_is_named_and_no_value_is_shown() {
        let error = fill("${SECRET}${NOPE}").unwrap_err().to_string();
        assert_eq!(
            error,
            "error[variable-missing]: the environment variable `NOPE` is not set\n \
             --> idgraph.yml:1:6\n  |\n1 | url: ${SECRET}${NOPE}\n  |      ^^^^^^^^^^^^^^^^ needed here\n  |\n  \
             = help: set it before running the command: `export NOPE=…`"
        );
        assert!(!error.contains("hunter2"));
    }

    #[test]
    fn all_missing_variables_are_named_in_one_run() {
        assert_eq!(fill("${A}${B}").unwrap_err().iter().count(), 2);
    }

    #[test]
    fn an_empty_address_is_refused() {
        assert!(fill("${EMPTY}").unwrap_err().to_string().contains("is empty once"));
    }

    #[test]
    fn ill_written_variables_are_refused() {
        for value in ["${", "${}", "${A", "${A B}", "${1}", "${${A}}"] {
            assert_eq!(
                fill(value).unwrap_err().iter().next().unwrap().code(),
                "variable-syntax",
                "{value}"
            );
        }
    }

    #[test]
    fn a_url_is_not_shown_for_debugging() {
        assert_eq!(format!("{:?}", Address::Url("secret".into())), "Url(Url(…))");
    }

    #[test]
    fn variables_are_marked_where_they_are_a_part() {
        let marked = |value| {
            let placed = placed(value);
            marked(&placed.value, &placed.place).unwrap().map(|text| text.replace(MARK, "|"))
        };
        assert_eq!(marked("x://${USER}@h").as_deref(), Some("x://|USER|@h"));
        assert_eq!(marked("${A}${B}").as_deref(), Some("|A||B|"));
        assert_eq!(marked("${A}"), None);
        assert_eq!(marked("$${A}"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_not_text_is_refused() {
        use std::os::unix::ffi::OsStringExt;
        let lookup = |_: &str| Some(OsString::from_vec(vec![0xff]));
        let error = filled(&placed("${A}"), "url", lookup).unwrap_err();
        assert_eq!(error.iter().next().unwrap().code(), "variable-not-text");
    }
}
