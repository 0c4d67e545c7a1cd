//! A column that is added if it is not there, where sqlparser does not read the condition.

use sqlparser::ast;
use sqlparser::keywords::Keyword;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer};

use crate::dialect::Dialect;

/// The statement without its `IF NOT EXISTS`; `None` where it does not add a column so.
pub(super) fn unconditional(sql: &str, dialect: &Dialect) -> Option<ast::Statement> {
    use Keyword::{ADD, COLUMN, EXISTS, IF, NOT};
    let words = [ADD, COLUMN, IF, NOT, EXISTS];
    let parser = dialect.parser();
    let mut tokens = Tokenizer::new(parser.as_ref(), sql).tokenize().ok()?;
    tokens.retain(|token| !matches!(token, Token::Whitespace(_)));
    let at = tokens
        .windows(words.len())
        .position(|some| some.iter().zip(words).all(|(token, word)| is(token, word)))?;
    tokens.drain(at + 2..at + words.len());
    let mut parser = Parser::new(parser.as_ref()).with_tokens(tokens);
    let parsed = parser.parse_statement().ok()?;
    parser.expect_token(&Token::EOF).ok().map(|_| parsed)
}

fn is(token: &Token, keyword: Keyword) -> bool {
    matches!(token, Token::Word(word) if word.keyword == keyword)
}
