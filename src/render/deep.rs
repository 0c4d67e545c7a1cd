//! Room on the stack for statements that go on and on: `a || b || c …`, `SELECT … UNION ALL SELECT …`. Their tree is as deep
//! as they are long, and the parser, and what walks and drops its tree, goes down all of it.

use std::thread;

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan};

/// As many levels fit on any thread's stack.
const FEW: usize = 200;

/// The most levels that a statement may have.
pub(super) const MOST: usize = 400_000;

/// What a level takes of the stack, at the most. Of what is never used no memory is taken.
const LEVEL: usize = 4 << 10;

/// How many levels a statement's tree can have: each is begun by an operator or a word of SQL, and none by a name, a value, a
/// comma or a bracket, which the parser counts itself.
pub(super) fn levels(tokens: &[TokenWithSpan]) -> usize {
    let is_level = |one: &&TokenWithSpan| match &one.token {
        Token::Word(word) => word.keyword != Keyword::NoKeyword,
        Token::Whitespace(_)
        | Token::Number(..)
        | Token::SingleQuotedString(_)
        | Token::Comma
        | Token::LParen
        | Token::RParen => false,
        _ => true,
    };
    tokens.iter().filter(is_level).count()
}

/// What `run` returns, with room for so many levels; `None` when no stack is large enough.
pub(super) fn with_room<R: Send>(levels: usize, run: impl FnOnce() -> R + Send) -> Option<R> {
    if levels <= FEW {
        return Some(run());
    }
    if levels > MOST {
        return None;
    }
    thread::scope(|scope| {
        let size = (levels * LEVEL).next_multiple_of(1 << 16) + (4 << 20);
        let thread = thread::Builder::new().stack_size(size).spawn_scoped(scope, run).ok()?;
        Some(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}
