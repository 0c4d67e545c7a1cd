//! `-- idgraph: …` in front of a statement: what idgraph has to know to run it safely.

use crate::diagnostic::{Diagnostic, Place, nearest};
use crate::dialect::Dialect;
use crate::project::LogicalType;
use crate::render::Comment;

const SIGN: &str = "idgraph:";
const WORDS: [&str; 4] = ["no-transaction", "destructive", "needs", "allow"];

/// What the directives in front of a statement say.
#[derive(Debug, Clone, Default)]
pub struct Directives {
    /// The place of `no-transaction`: the file's statements run each by itself.
    pub no_transaction: Option<Place>,
    /// What the statement takes away, as `--allow-destructive` has to name it.
    pub destructive: Vec<String>,
    /// Landed columns that must be there.
    pub needs: Vec<Need>,
    /// What `idgraph lint` need not say of the statement: the whole text, and where it is.
    pub allows: Vec<(String, Place)>,
    /// Where they begin, when there are any that are about a statement.
    place: Option<Place>,
}

/// A landed column that a statement cannot do without.
#[derive(Debug, Clone)]
pub struct Need {
    /// The schema.
    pub schema: String,
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// What it holds. In a table that idgraph made, apply adds the column; a table of Segment's gets it from Segment.
    pub logical_type: Option<LogicalType>,
    /// Where that is asked.
    pub place: Place,
}

impl Need {
    /// The column as people write it.
    pub fn name(&self) -> String {
        dotted(&[&self.schema, &self.table, &self.column])
    }
}

impl Directives {
    /// Reads those among a statement's comments.
    pub(super) fn read(comments: &[Comment], problems: &mut Vec<Diagnostic>) -> Self {
        let mut directives = Self::default();
        for comment in comments {
            // A sign misspelt by a blank or a capital would be passed over in silence.
            let (sign, rest) = comment.text.split_at_checked(SIGN.len()).unwrap_or_default();
            if sign.eq_ignore_ascii_case(SIGN) {
                let read = directives.take(rest.trim(), comment);
                problems.extend(read.err().map(|one| one.at(&comment.place, "")));
            }
        }
        directives
    }

    /// What is wrong when no statement follows.
    pub(super) fn stray(&self) -> Option<Diagnostic> {
        let place = self.place.as_ref()?;
        Some(broken("no statement follows this directive").at(place, ""))
    }

    fn take(&mut self, text: &str, comment: &Comment) -> Result<(), Diagnostic> {
        let (word, argument) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let argument = argument.trim();
        if !comment.is_in_front {
            return Err(broken("a directive stands on a line of its own, in front of a statement"));
        }
        if word != "no-transaction" {
            self.place.get_or_insert_with(|| comment.place.clone());
        }
        match word {
            "no-transaction" if argument.is_empty() => {
                self.no_transaction = Some(comment.place.clone());
            }
            "no-transaction" => return Err(broken("`no-transaction` takes nothing behind it")),
            "destructive" => {
                let parts = undotted(argument).filter(|parts| (1..=4).contains(&parts.len()));
                if parts.is_none() {
                    return Err(broken("`destructive` takes SCHEMA.TABLE or SCHEMA.TABLE.COLUMN, or what else the message names")
                        .help("for example: -- idgraph: destructive acme.profile_traits.fax"));
                }
                self.destructive.push(argument.to_owned());
            }
            "needs" => self.needs.push(need(argument, &comment.place)?),
            // The rule and the reason are for `idgraph lint` to read.
            "allow" => self.allows.push((format!("{SIGN} {text}"), comment.place.clone())),
            _ => {
                let unknown = broken(format!("there is no directive `{word}`"));
                return Err(match nearest(word, WORDS) {
                    Some(near) => unknown.help(format!("did you mean `{near}`?")),
                    None => unknown.help(format!("there are: {}", WORDS.join(", "))),
                });
            }
        }
        Ok(())
    }
}

fn need(argument: &str, place: &Place) -> Result<Need, Diagnostic> {
    let by_type = argument.rsplit_once(char::is_whitespace).and_then(|(name, word)| {
        let known = LogicalType::ALL.into_iter().find(|one| one.name() == word)?;
        Some((name.trim_end(), Some(known)))
    });
    let (name, logical_type) = by_type.unwrap_or((argument, None));
    let parts = undotted(name).and_then(|parts| <[String; 3]>::try_from(parts).ok());
    let Some([schema, table, column]) = parts else {
        return Err(broken("`needs` takes SCHEMA.TABLE.COLUMN, and behind it a type where idgraph may add the column")
            .help("for example: -- idgraph: needs acme.identifies.plan varchar"));
    };
    Ok(Need { schema, table, column, logical_type, place: place.clone() })
}

fn broken(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("directive", message)
}

/// A name of several parts as directives have it: `acme.id_graph`, with quotes around a part that needs them.
pub fn dotted(parts: &[&str]) -> String {
    let is_plain = |part: &str| {
        !part.is_empty()
            && part.chars().all(|char| !matches!(char, '.' | '"') && !char.is_whitespace())
    };
    let parts: Vec<String> = parts
        .iter()
        .map(|part| match is_plain(part) {
            true => (*part).to_owned(),
            false => format!("\"{}\"", part.replace('"', "\"\"")),
        })
        .collect();
    parts.join(".")
}

/// The parts of a name as [`dotted`] writes it; `None` when it is none.
pub fn undotted(text: &str) -> Option<Vec<String>> {
    Some(parts(text)?.into_iter().map(|(part, _)| part).collect())
}

/// The parts of a name that a directive or `--allow-destructive` names, as the warehouse tells names apart.
pub(super) fn unquoted(text: &str, dialect: &Dialect) -> Option<Vec<String>> {
    let parts = parts(text)?.into_iter();
    Some(parts.map(|(part, is_quoted)| dialect.folded(&part, is_quoted)).collect())
}

/// The parts of a name, and whether each stands in quotes.
fn parts(text: &str) -> Option<Vec<(String, bool)>> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let mut part = String::new();
        let is_quoted = rest.starts_with('"');
        if let Some(mut inside) = rest.strip_prefix('"') {
            loop {
                let (before, after) = inside.split_once('"')?;
                part.push_str(before);
                match after.strip_prefix('"') {
                    Some(after) => {
                        part.push('"');
                        inside = after;
                    }
                    None => {
                        rest = after;
                        break;
                    }
                }
            }
        } else {
            let end = rest.find('.').unwrap_or(rest.len());
            let (bare, after) = rest.split_at_checked(end)?;
            if bare.contains(|char: char| char == '"' || char.is_whitespace()) {
                return None;
            }
            part.push_str(bare);
            rest = after;
        }
        if part.is_empty() {
            return None;
        }
        parts.push((part, is_quoted));
        if rest.is_empty() {
            return Some(parts);
        }
        rest = rest.strip_prefix('.')?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_several_parts_survive() {
        for parts in [&["acme", "id_graph"][..], &["a.b", "c d", "e\"f"], &["ü", "\"", "."]] {
            assert_eq!(undotted(&dotted(parts)).unwrap(), parts);
        }
        assert_eq!(dotted(&["acme", "id_graph"]), "acme.id_graph");
        for text in ["", ".", "a.", ".a", "a b.c", "\"a", "\"a\"b.c", "a\"b\"", "\"\".a"] {
            assert_eq!(undotted(text), None, "{text}");
        }
    }
}
