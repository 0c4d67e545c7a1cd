//! Where one statement of a text ends and the next begins.

use std::ops::Range;
use std::sync::Arc;

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{
    Location, Token, TokenWithSpan, Tokenizer, TokenizerError, Whitespace, Word,
};

use super::statement::invalid;
use crate::diagnostic::{Place, Result, Source};
use crate::dialect::Dialect;

/// As many bytes are tokenized at a time, and on to the end of a line: tokens take many times what their text does.
const PIECE: usize = 1 << 16;

/// What stands between two semicolons, or the words that end a batch.
pub(super) struct Part {
    /// Its bytes in the text.
    pub(super) span: Range<usize>,
    /// Its tokens, located in the whole text: tokenizing costs more than parsing, so it is done once.
    pub(super) tokens: Vec<TokenWithSpan>,
    /// Whether there is more in it than blanks and comments.
    pub(super) has_code: bool,
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
    parts(source, dialect, true)
}

/// The statements' texts, without blanks around them: what one knows of them without holding their tokens.
pub(super) fn texts<'a>(source: &'a Arc<Source>, dialect: &Dialect) -> Result<Vec<&'a str>> {
    let parts = parts(source, dialect, false)?.into_iter().filter(|part| part.has_code);
    Ok(parts.map(|part| source.text.get(part.span).unwrap_or_default().trim()).collect())
}

fn parts(source: &Arc<Source>, dialect: &Dialect, keeps_tokens: bool) -> Result<Vec<Part>> {
    let text = source.text.as_str();
    // Hardly a token that idgraph renders goes on over a line's end: the text of a procedure does. Cut in two it is no SQL, and
    // the whole is read at once.
    let found = read(pieces(text), dialect, keeps_tokens)
        .or_else(|_| read(std::iter::once(text), dialect, keeps_tokens));
    found.map_err(|error| {
        let place = Place { source: source.clone(), span: at(text, error.location) };
        invalid(dialect, &error.message).at(&place, "").into()
    })
}

/// A text in pieces that end where a line does.
fn pieces(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let rest = text.as_bytes().get(PIECE..).unwrap_or_default();
        let line = rest.iter().position(|byte| *byte == b'\n');
        let (piece, behind) =
            text.split_at_checked(line.map_or(text.len(), |at| PIECE + at + 1))?;
        text = behind;
        (!piece.is_empty()).then_some(piece)
    })
}

fn read<'a>(
    pieces: impl Iterator<Item = &'a str>,
    dialect: &Dialect,
    keeps_tokens: bool,
) -> std::result::Result<Vec<Part>, TokenizerError> {
    let parser = dialect.parser();
    let mut parts = Vec::new();
    let mut start = 0;
    let (mut inside, mut has_code) = (Vec::new(), false);
    let mut block = Block::default();
    // Where the piece begins in the text.
    let (mut byte, mut line) = (0, 0);
    for piece in pieces {
        let mut offsets = Offsets::new(piece);
        for mut token in Tokenizer::new(parser.as_ref(), piece).tokenize_with_location()? {
            block.read(&token.token);
            let length = match &token.token {
                Token::SemiColon if !block.is_open() => Some(1),
                Token::Word(word) if is_batch(piece, word, &token, dialect, &mut offsets) => {
                    Some(word.value.len())
                }
                _ => None,
            };
            if let Some(length) = length {
                let end = byte + offsets.of(token.span.start);
                let tokens = std::mem::take(&mut inside);
                parts.push(Part { span: start..end, tokens, has_code });
                start = end + length;
                has_code = false;
                block = Block::default();
                continue;
            }
            if token.token == Token::EOF {
                continue;
            }
            has_code |= !is_space(&token);
            // Where names may hold a minus, a blank tells a name from a subtraction. One is enough: each blank of an
            // indented line is a token of its own.
            if keeps_tokens && !(is_blank(&token) && inside.last().is_some_and(is_space)) {
                token.span.start.line += line;
                token.span.end.line += line;
                inside.push(token);
            }
        }
        byte += piece.len();
        line += offsets.lines();
    }
    parts.push(Part { span: start..byte, tokens: inside, has_code });
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
    /// The last answer: line, column, byte. The next one goes on from there, however long a line is.
    last: (usize, usize, usize),
}

impl<'a> Offsets<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(ends.map(|(index, _)| index + 1)).collect();
        Self { starts, text, last: (0, 0, 0) }
    }

    /// How many lines end in it.
    fn lines(&self) -> u64 {
        self.starts.len() as u64 - 1
    }

    pub(super) fn of(&mut self, location: Location) -> usize {
        let line = usize::try_from(location.line).unwrap_or(1).saturating_sub(1);
        let column = usize::try_from(location.column).unwrap_or(1).saturating_sub(1);
        let Some(start) = self.starts.get(line).copied() else { return self.text.len() };
        let (from, byte) = match self.last {
            (at, passed, byte) if at == line && passed <= column => (passed, byte.max(start)),
            _ => (0, start),
        };
        let rest = self.text.get(byte..).unwrap_or_default();
        let more = rest.char_indices().nth(column - from).map_or(rest.len(), |(index, _)| index);
        self.last = (line, column, byte + more);
        byte + more
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Library;

    /// The statements of a text, and their tokens' words with the lines that they stand on.
    fn statements(text: &str) -> Vec<(String, Vec<(String, u64)>)> {
        let dialect = Dialect::load(&Library::embedded(), "postgres").unwrap();
        let source = Source::new("text", text);
        let Ok(parts) = split(&source, &dialect) else { panic!("it is SQL") };
        let parts: Vec<_> = parts.into_iter().filter(|part| part.has_code).collect();
        let texts: Vec<&str> =
            parts.iter().map(|part| source.text[part.span.clone()].trim()).collect();
        assert_eq!(super::texts(&source, &dialect).unwrap(), texts);
        let words = |part: &Part| {
            let code = part.tokens.iter().filter(|token| !is_space(token));
            code.map(|token| (token.token.to_string(), token.span.start.line)).collect()
        };
        parts.iter().zip(texts).map(|(part, text)| (text.to_owned(), words(part))).collect()
    }

    #[test]
    fn a_long_text_is_split_as_a_short_one() {
        let lines = |from: u64| (from..from + 9_000).map(|at| format!("    column_{at},\n"));
        let text: String = ["SELECT\n".to_owned()]
            .into_iter()
            .chain(lines(0))
            .chain(["    'é'; -- é\nSELECT 1;\nCREATE PROCEDURE p() BEGIN SELECT\n".to_owned()])
            .chain(lines(9_000))
            .chain(["1; END;\n".to_owned()])
            .collect();
        assert!(text.len() > 3 * PIECE);
        let found = statements(&text);
        assert_eq!(found.len(), 3);
        assert_eq!(found[0].1.last().unwrap(), &("'é'".to_owned(), 9_002));
        assert_eq!(found[1].0, "-- é\nSELECT 1");
        assert_eq!(found[1].1, [("SELECT".to_owned(), 9_003), ("1".to_owned(), 9_003)]);
        assert!(found[2].0.starts_with("CREATE PROCEDURE") && found[2].0.ends_with("1; END"));
        assert_eq!(found[2].1.last().unwrap().1, 18_005);
    }

    #[test]
    fn what_goes_on_over_lines_is_not_cut() {
        let long = "x;\n".repeat(PIECE);
        let found =
            statements(&format!("SELECT '{long}', $$ {long} $$ /* {long} */;\nSELECT 2;\n"));
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].1[0], ("SELECT".to_owned(), 2 + 3 * PIECE as u64));
    }
}
