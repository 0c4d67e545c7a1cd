//! Statements that sqlparser refuses and the dialect lists as gaps, judged by their words.

use sqlparser::tokenizer::{Token, Tokenizer, Whitespace};

use super::super::statement::{Action, Statement};
use super::super::taken::{How, Taken};
use super::Judged;
use crate::dialect::{Dialect, Gap, GapKind};

/// Words that take something away or run something, wherever they stand.
const ACTING: [&str; 24] = [
    "alter",
    "attach",
    "begin",
    "call",
    "cascade",
    "copy",
    "create",
    "delete",
    "detach",
    "drop",
    "exec",
    "execute",
    "expiration_timestamp",
    "grant",
    "insert",
    "merge",
    "overwrite",
    "owner",
    "partition_expiration_days",
    "rename",
    "replace",
    "revoke",
    "truncate",
    "update",
];

/// What stands in front of the name of an object that gets another, a condition included.
const AROUND: [&str; 8] = ["and", "if", "is", "not", "null", "object", "object_id", "rename"];

/// What a name stands behind, and what may stand between.
const LEADS: [&str; 4] = ["table", "view", "column", "object"];
const BETWEEN: [&str; 3] = ["if", "not", "exists"];

/// What a statement of a gap can do.
pub(in super::super) fn judge_words(sql: &str, gap: &Gap, dialect: &Dialect) -> Judged {
    let mut found = Judged::default();
    let words = words(sql, dialect);
    let starts = |word: &str| words.first().is_some_and(|first| first == word);
    match (gap.does, name(&words)) {
        (GapKind::Drops, Some((_, name))) if starts("drop") => found.take(name, How::View),
        (GapKind::Renames, Some((at, name))) => {
            let mut rest = words.iter().skip(at).skip_while(|word| *word != "to").skip(1);
            let to = rest.next().cloned().unwrap_or_default();
            // Without `;` between them, what stands around it may be statements.
            let is_more = rest.next().is_some();
            let before = words.iter().take(at);
            let is_other = |word: &String| !AROUND.contains(&word.as_str());
            if is_more || before.clone().any(is_other) {
                found.unknown();
            }
            if let [.., schema, _] = name.as_slice() {
                found.touches.insert(vec![schema.clone(), to.clone()]);
            }
            found.take(name, How::Name(to));
        }
        (GapKind::Describes, Some((_, mut name))) if !acts(&words, &gap.begins) => {
            if starts("comment") && words.get(2).is_some_and(|word| word == "column") {
                name.pop();
            }
            name.drain(..name.len().saturating_sub(2));
            found.names(&name);
        }
        _ => found.unknown(),
    }
    found
}

/// What the tree of a statement does not show: the text of one that is read otherwise than the warehouse reads it.
pub(in super::super) fn hidden(statement: &Statement, dialect: &Dialect) -> Judged {
    let mut found = Judged::default();
    if has_other_texts(&statement.sql, dialect) {
        found.unknown();
    }
    // What it has and the new one does not list goes.
    if statement.action == Action::CreateTable
        && statement.sql.to_ascii_lowercase().contains("alter")
        && words(&statement.sql, dialect).starts_with(&["create", "or", "alter"].map(str::to_owned))
        && let Some(target) = statement.exact_target()
    {
        found.take(target, How::Table);
    }
    found
}

/// Whether some warehouse ends a text, a name or a comment elsewhere than it is read here.
fn has_other_texts(sql: &str, dialect: &Dialect) -> bool {
    // Without these all agree.
    if !sql.contains('\\') && sql.matches("/*").count() < 2 {
        return false;
    }
    let parser = dialect.parser();
    let tokens = Tokenizer::new(parser.as_ref(), sql).tokenize().unwrap_or_default();
    // r'…', E'…' where that is a name and a text.
    let is_prefixed = |pair: &[Token]| match pair {
        [Token::Word(word), Token::SingleQuotedString(_) | Token::DoubleQuotedString(_)] => {
            word.quote_style.is_none() && word.value.len() <= 2
        }
        _ => false,
    };
    // E'…' goes on in the next line.
    let code = tokens.iter().filter(|token| !matches!(token, Token::Whitespace(_)));
    let goes_on = code.clone().zip(code.skip(1)).any(|(one, next)| {
        matches!((one, next), (Token::EscapedStringLiteral(_), Token::SingleQuotedString(_)))
    });
    goes_on || tokens.windows(2).any(is_prefixed) || tokens.iter().any(ends_elsewhere)
}

fn ends_elsewhere(token: &Token) -> bool {
    match token {
        Token::SingleQuotedRawStringLiteral(text)
        | Token::DoubleQuotedRawStringLiteral(text)
        | Token::SingleQuotedByteStringLiteral(text)
        | Token::DoubleQuotedByteStringLiteral(text) => text.ends_with('\\'),
        Token::Word(word) => word.quote_style == Some('`') && word.value.contains('\\'),
        // Comments within comments.
        Token::Whitespace(Whitespace::MultiLineComment(text)) => text.contains("/*"),
        _ => false,
    }
}

/// What the part of a statement can do that sqlparser refuses, where it reads the part before it.
pub(in super::super) fn judge_rest(rest: &str, dialect: &Dialect) -> Judged {
    let mut found = Judged::default();
    if acts(&words(rest, dialect), "") {
        found.unknown();
    }
    found
}

impl Judged {
    fn names(&mut self, name: &[String]) {
        match name {
            [bare] => drop(self.bare.insert(bare.clone())),
            _ => drop(self.touches.insert(name.to_vec())),
        }
    }

    fn take(&mut self, mut name: Vec<String>, how: How) {
        name.drain(..name.len().saturating_sub(2));
        self.names(&name);
        self.takes.push(Taken::new(name, how));
    }

    fn unknown(&mut self) {
        self.takes.push(Taken::new(Vec::new(), How::Unknown("what sqlparser cannot read")));
    }
}

/// Whether a word takes something away or runs something, those aside that the pattern has and those that are names.
fn acts(words: &[String], pattern: &str) -> bool {
    let pattern = pattern.to_lowercase();
    let mut known: Vec<&str> = pattern.split_whitespace().collect();
    let mut before = "";
    words.iter().any(|word| {
        let is_name = before == "." || LEADS.contains(&before) || BETWEEN.contains(&before);
        before = word;
        if let Some(at) = known.iter().position(|one| one == word) {
            known.remove(at);
            return false;
        }
        !is_name && ACTING.contains(&word.as_str())
    })
}

/// Words, names without quotes, and dots, in lower case; texts and comments are none.
fn words(sql: &str, dialect: &Dialect) -> Vec<String> {
    let parser = dialect.parser();
    // What cannot be read acts.
    let tokens = Tokenizer::new(parser.as_ref(), sql).tokenize();
    let tokens = tokens.unwrap_or_else(|_| vec![Token::make_keyword("EXECUTE")]);
    let word = |token: Token| match token {
        Token::Word(word) => Some(word.value.to_lowercase()),
        Token::Period => Some(".".to_owned()),
        _ => None,
    };
    tokens.into_iter().filter_map(word).collect()
}

/// The first name behind a word that leads to one, and where it begins.
fn name(words: &[String]) -> Option<(usize, Vec<String>)> {
    let is = |among: &[&str], word: &String| among.contains(&word.as_str());
    let lead = words.iter().position(|word| is(&LEADS, word))?;
    let between = |word: &String| is(&LEADS, word) || is(&BETWEEN, word);
    let at = lead + words.iter().skip(lead).position(|word| !between(word))?;
    let mut rest = words.iter().skip(at);
    let mut name = vec![rest.next()?.clone()];
    while rest.next().is_some_and(|word| word == ".") {
        name.push(rest.next()?.clone());
    }
    Some((at, name))
}
