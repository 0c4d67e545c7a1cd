//! How a dialect writes a name: bare where that means the same, quoted where it must be.

use std::borrow::Cow;

use super::{Characters, Dialect, Escape, Fold, LengthUnit};
use crate::project::snake_case;

/// The tables that may stand beside a model's for a while: one that takes its place, one that made room.
pub const BESIDE: [&str; 2] = ["next", "old"];

impl Dialect {
    /// A name as SQL: quoted when it is a reserved word or would not survive without quotes.
    ///
    /// Landed names are folded by the warehouse (`order` is landed as `"ORDER"` where names fold to upper
    /// case), so a simple name is folded before it is quoted; any other is kept as it is.
    pub fn identifier(&self, name: &str) -> String {
        self.written(name).into_owned()
    }

    /// Whether a name is a reserved word.
    pub fn is_reserved(&self, name: &str) -> bool {
        self.reserved.contains(name)
    }

    /// As [`Self::identifier`]; itself where it is written as it is.
    pub fn written<'a>(&self, name: &'a str) -> Cow<'a, str> {
        let rules = &self.facts.identifiers;
        if is_simple(name) && !self.reserved.contains(name) {
            return Cow::Borrowed(name);
        }
        let folded = self.in_catalog(name);
        let open = rules.quote.as_str();
        let close = if open == "[" { "]" } else { open };
        let escaped = match rules.escape {
            Escape::Doubled | Escape::Both => folded.replace(close, &close.repeat(2)),
            Escape::Backslash => folded.replace('\\', "\\\\").replace(close, &format!("\\{close}")),
        };
        Cow::Owned(format!("{open}{escaped}{close}"))
    }

    /// A landed name as the warehouse's catalog has it.
    pub fn in_catalog(&self, name: &str) -> String {
        match self.facts.identifiers.fold {
            Fold::Upper if is_simple(name) => name.to_uppercase(),
            _ => name.to_owned(),
        }
    }

    /// A name of the warehouse's catalog as it is in a project; `None` for one that no project can say, since landed
    /// names are in snake case.
    pub fn in_project(&self, name: &str) -> Option<String> {
        let folded = match self.facts.identifiers.fold {
            // There, another case is another name.
            Fold::Lower => name.to_owned(),
            Fold::Upper | Fold::Keep => name.to_lowercase(),
        };
        (snake_case(&folded).as_deref() == Some(&folded)).then_some(folded)
    }

    /// A name in SQL so that two are the same where the warehouse takes them for the same, and `acme` for what is written
    /// `acme`. Where names fold to upper case, those in quotes have their case turned round.
    pub fn folded(&self, name: &str, is_quoted: bool) -> String {
        match (self.facts.identifiers.fold, is_quoted) {
            (Fold::Lower | Fold::Upper, false) => name.to_lowercase(),
            (Fold::Upper, true) => turned(name),
            (Fold::Lower, true) | (Fold::Keep, _) => name.to_owned(),
        }
    }

    /// Whether a name, as [`Self::folded`] has it, is that of the warehouse's own which is written so in lower case.
    pub fn is_named(&self, folded: &str, own: &str) -> bool {
        match self.facts.identifiers.fold {
            // There case makes no other name of it.
            Fold::Keep => folded.eq_ignore_ascii_case(own),
            Fold::Lower | Fold::Upper => folded == own,
        }
    }

    /// Whether the warehouse keeps a schema for itself; `folded` as [`Self::folded`] has it.
    pub fn keeps(&self, folded: &str) -> bool {
        self.facts.reads_only.schemas.iter().any(|own| self.is_named(folded, own))
    }

    /// A name of a project as [`Self::folded`] has it.
    pub fn named(&self, name: &str) -> String {
        match self.facts.identifiers.fold {
            Fold::Upper if !is_simple(name) => turned(name),
            _ => name.to_owned(),
        }
    }

    /// A name of several parts, each as [`Self::folded`] has it, as directives and `--allow-destructive` say it: with quotes
    /// around a part that would be another name without.
    pub fn dotted(&self, parts: &[String]) -> String {
        let fold = self.facts.identifiers.fold;
        let is_plain = |part: &str| {
            !part.is_empty()
                && part.chars().all(|char| !matches!(char, '.' | '"') && !char.is_whitespace())
                && (fold == Fold::Keep || part.to_lowercase() == part)
        };
        let quoted = |part: &str| {
            let part = if fold == Fold::Upper { turned(part) } else { part.to_owned() };
            format!("\"{}\"", part.replace('"', "\"\""))
        };
        let shown = |part: &String| if is_plain(part) { part.clone() } else { quoted(part) };
        parts.iter().map(shown).collect::<Vec<_>>().join(".")
    }

    /// A table of a schema as SQL.
    pub fn qualified(&self, schema: &str, table: &str) -> String {
        format!("{}.{}", self.schema(schema), self.identifier(table))
    }

    /// A schema as SQL, in its catalog where names have three parts.
    pub fn schema(&self, name: &str) -> String {
        match &self.catalog {
            Some(catalog) => format!("{}.{}", self.identifier(catalog), self.identifier(name)),
            None => self.identifier(name),
        }
    }

    /// How much longer a name is than the warehouse allows, in its own unit: (length, limit, unit).
    pub fn too_long(&self, name: &str) -> Option<(usize, usize, &'static str)> {
        let limit = self.facts.identifiers.max_length;
        let (length, unit) = self.length(name);
        (length > limit).then_some((length, limit, unit))
    }

    /// The length of a name as the warehouse counts it, and in what.
    fn length(&self, name: &str) -> (usize, &'static str) {
        match self.facts.identifiers.length_unit {
            LengthUnit::Bytes => (name.len(), "bytes"),
            LengthUnit::Characters => (name.chars().count(), "characters"),
        }
    }

    /// Whether the warehouse can hold such a name at all, quotes or not.
    pub fn can_name(&self, name: &str) -> bool {
        match self.facts.identifiers.characters {
            Characters::Any => !name.contains('\0'),
            Characters::Word => {
                name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
            }
        }
    }

    /// Whether the warehouse cannot have a column of that name, not even in quotes.
    pub fn is_impossible(&self, name: &str) -> bool {
        self.facts.identifiers.impossible.iter().any(|word| word.eq_ignore_ascii_case(name))
    }

    /// A name of ours made of parts, cut to the warehouse's limit with a hash so that two stay two.
    pub fn derived_name(&self, parts: &[&str]) -> String {
        self.cut(parts.join("_"), self.facts.identifiers.max_length)
    }

    fn cut(&self, name: String, limit: usize) -> String {
        use sha1::{Digest, Sha1};

        let fits = |name: &str| self.length(name).0 <= limit;
        if fits(&name) {
            return name;
        }
        let hash = Sha1::digest(name.as_bytes());
        let suffix: String = hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let mut kept = String::new();
        for char in name.chars() {
            if !fits(&format!("{kept}{char}_{suffix}")) {
                break;
            }
            kept.push(char);
        }
        format!("{kept}_{suffix}")
    }

    /// A work table for what is built of a model, as SQL.
    pub fn work_table(&self, schema: &str, model: &str, what: &str) -> String {
        let rules = &self.facts.work_tables;
        let longest = self.facts.identifiers.max_length;
        let limit = if rules.max_length == 0 { longest } else { rules.max_length };
        let name = self.cut(format!("{}{model}_{what}", rules.prefix), limit);
        if rules.in_schema {
            return self.qualified(schema, &name);
        }
        // The prefix may be a sign that only temporary tables have.
        match name.strip_prefix(&rules.prefix) {
            Some(rest) if is_simple(rest) => name,
            _ => self.identifier(&name),
        }
    }

    /// The name of a table that stands beside a model's for a while, one of [`BESIDE`].
    pub fn beside(&self, model: &str, which: &str) -> String {
        self.derived_name(&["idgraph", which, model])
    }

    /// Whether a name is one that [`Self::beside`] gives.
    pub fn is_beside(&self, name: &str) -> bool {
        BESIDE.iter().any(|which| name.starts_with(&format!("idgraph_{which}_")))
    }
}

/// A name with upper case as lower and lower case as upper, where each has one character.
fn turned(name: &str) -> String {
    let turn = |char: char| {
        let other: String = match char.is_uppercase() {
            true => char.to_lowercase().collect(),
            false => char.to_uppercase().collect(),
        };
        let mut chars = other.chars();
        match (chars.next(), chars.next()) {
            (Some(one), None) => one,
            _ => char,
        }
    };
    name.chars().map(turn).collect()
}

/// Lower case, digits and `_`: a name that every warehouse reads the same with and without quotes, once folded.
fn is_simple(name: &str) -> bool {
    !name.starts_with(|char: char| char.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}
