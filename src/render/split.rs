//! Where one statement of a text ends and the next begins.

use std::sync::Arc;

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Whitespace, Word};

use super::statement::invalid;
use crate::diagnostic::{Place, Result, Source};
use crate::dialect::Dialect;

/// What stands between two semicolons, or the words that end a batch.
pub(super) struct Part {
    /// Its bytes in the text.
    pub(super) span: std::ops::Range<usize>,
    /// Its tokens, located in the whole text: tokenizing costs more than parsing, so it is done once.
    pub(super) tokens: Vec<TokenWithSpan>,
}

impl Part {
    pub(super) fn has_code(&self) -> bool {
        !self.tokens.iter().all(is_space)
    }
}

/// Blanks, and comments, which are as good as one.
fn is_space(token: &TokenWithSpan) -> bool {
    matches!(token.token, Token::Whitespace(_))
}

fn is_blank(token: &TokenWithSpan) -> bool {
    use Whitespace::{Newline, Space, Tab};
    matches!(token.token, Token::Whitespace(Space | Newline | Tab))
}

/// The parts between the semicolons, and what comes after the last one.
pub(super) fn split(source: &Arc<Source>, dialect: &Dialect) -> Result<Vec<Part>> {
    let parser = dialect.parser();
    let tokens = Tokenizer::new(parser.as_ref(), &source.text).tokenize_with_location().map_err(
        |error| {
            let place = Place { source: source.clone(), span: at(&source.text, error.location) };
            invalid(dialect, &error.message).at(&place, "")
        },
    )?;
    let mut parts = Vec::new();
    let mut offsets = Offsets::new(&source.text);
    let mut start = 0;
    let mut inside = Vec::new();
    let mut block = Block::default();
    for token in tokens {
        block.read(&token.token);
        let length = match &token.token {
            Token::SemiColon if !block.is_open() => Some(1),
            Token::Word(word) if is_batch(&source.text, word, &token, dialect, &mut offsets) => {
                Some(word.value.len())
            }
            _ => None,
        };
        if let Some(length) = length {
            let end = offsets.of(token.span.start);
            parts.push(Part { span: start..end, tokens: std::mem::take(&mut inside) });
            start = end + length;
            block = Block::default();
            continue;
        }
        // Where names may hold a minus, a blank tells a name from a subtraction. One is enough: each blank of an indented
        // line is a token of its own.
        if token.token != Token::EOF && !(is_blank(&token) && inside.last().is_some_and(is_space)) {
            inside.push(token);
        }
    }
    parts.push(Part { span: start..source.text.len(), tokens: inside });
    Ok(parts)
}

/// The body of a procedure, or a block with variables of its own, whose semicolons end no statement of the text.
#[derive(Default)]
struct Block {
    /// Whether the statement begins with CREATE.
    creates: bool,
    /// Whether the statement has such a body.
    has_body: bool,
    /// How many BEGIN and CASE have no END yet.
    depth: usize,
    /// Whether the body is closed.
    is_closed: bool,
    /// The BEGIN before this token, which may turn out to begin a transaction.
    begun: bool,
    /// The END before this token, which may turn out to end an IF or a loop.
    ended: bool,
    /// How many words the statement has so far.
    words: usize,
}

/// What has an END with its own name behind it.
const CONTROLS: [&str; 5] = ["IF", "LOOP", "WHILE", "FOR", "REPEAT"];

impl Block {
    fn is_open(&self) -> bool {
        self.has_body && !self.is_closed
    }

    fn read(&mut self, token: &Token) {
        let Token::Word(word) = token else {
            let is_space = matches!(token, Token::Whitespace(_));
            self.begun &= is_space;
            self.ended &= is_space;
            // $$ … $$
            self.is_closed |= matches!(token, Token::DollarQuotedString(_));
            return;
        };
        self.words += 1;
        self.creates |= self.words == 1 && word.keyword == Keyword::CREATE;
        match word.keyword {
            // END IF ends what began without a BEGIN.
            _ if self.ended && CONTROLS.iter().any(|one| word.value.eq_ignore_ascii_case(one)) => {
                self.depth += 1;
                self.is_closed = false;
            }
            // CREATE OR REPLACE PROCEDURE
            Keyword::PROCEDURE if self.creates && self.words <= 4 => self.has_body = true,
            // BEGIN DECLARE
            Keyword::DECLARE if self.begun && self.words == 2 => self.has_body = true,
            Keyword::TRANSACTION if self.begun => self.depth = self.depth.saturating_sub(1),
            Keyword::BEGIN | Keyword::CASE => self.depth += 1,
            Keyword::END => {
                self.depth = self.depth.saturating_sub(1);
                self.is_closed = self.depth == 0;
            }
            _ => {}
        }
        self.begun = word.keyword == Keyword::BEGIN;
        self.ended = word.keyword == Keyword::END;
    }
}

/// Whether a word ends a batch: alone on its line.
fn is_batch(
    text: &str,
    word: &Word,
    token: &TokenWithSpan,
    dialect: &Dialect,
    offsets: &mut Offsets<'_>,
) -> bool {
    if word.quote_style.is_some() || word.value != dialect.facts.batch {
        return false;
    }
    let start = offsets.of(token.span.start);
    let before = text.get(..start).unwrap_or_default();
    let behind = text.get(start + word.value.len()..).unwrap_or_default();
    let before = before.rsplit('\n').next().unwrap_or_default();
    let behind = behind.lines().next().unwrap_or_default();
    before.trim().is_empty() && behind.trim().is_empty()
}

/// sqlparser counts lines and characters; texts are sliced by bytes.
pub(super) struct Offsets<'a> {
    starts: Vec<usize>,
    text: &'a str,
}

impl<'a> Offsets<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self { starts: std::iter::once(0).chain(ends.map(|(index, _)| index + 1)).collect(), text }
    }

    pub(super) fn of(&mut self, location: Location) -> usize {
        let line = usize::try_from(location.line).unwrap_or(1).saturating_sub(1);
        let column = usize::try_from(location.column).unwrap_or(1).saturating_sub(1);
        let Some(start) = self.starts.get(line).copied() else { return self.text.len() };
        let rest = self.text.get(start..).unwrap_or_default();
        start + rest.char_indices().nth(column).map_or(rest.len(), |(index, _)| index)
    }
}

/// The one character at a location.
pub(super) fn at(text: &str, location: Location) -> std::ops::Range<usize> {
    let start = Offsets::new(text).of(location);
    let width = text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    start..start + width
}

/// sqlparser says where only in words: `… at Line: 3, Column: 7`.
pub(super) fn location_in(message: &str) -> Option<Location> {
    let (_, rest) = message.rsplit_once("Line: ")?;
    let (line, rest) = rest.split_once(", Column: ")?;
    let column: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some(Location { line: line.parse().ok()?, column: column.parse().ok()? })
}
