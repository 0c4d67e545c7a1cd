//! What is made only if it is not there, where sqlparser does not read the condition: a column, or what a block makes.

use sqlparser::ast;
use sqlparser::keywords::Keyword;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer};

use crate::dialect::Dialect;

/// The statement without its condition; `None` where it is none of these.
pub(super) fn unconditional(sql: &str, dialect: &Dialect) -> Option<ast::Statement> {
    block(sql, dialect).or_else(|| column(sql, dialect))
}

/// What stands in `DO $$ BEGIN IF …; END IF; END $$`, and nothing else: the IF.
fn block(sql: &str, dialect: &Dialect) -> Option<ast::Statement> {
    use Keyword::{BEGIN, DO, END};
    let parser = dialect.parser();
    let [word, body] = code(sql, dialect)?.try_into().ok()?;
    let Token::DollarQuotedString(body) = body else { return None };
    let mut inside = code(&body.value, dialect)?;
    inside.pop_if(|last| *last == Token::SemiColon);
    let [begin, .., end] = inside.as_slice() else { return None };
    if !is(&word, DO) || !is(begin, BEGIN) || !is(end, END) {
        return None;
    }
    let inside = inside.get(1..inside.len() - 1)?.to_vec();
    let mut parser = Parser::new(parser.as_ref()).with_tokens(inside);
    let parsed = parser.parse_statement().ok()?;
    let _ = parser.consume_token(&Token::SemiColon);
    parser.expect_token(&Token::EOF).ok()?;
    matches!(parsed, ast::Statement::If(_)).then_some(parsed)
}

fn code(sql: &str, dialect: &Dialect) -> Option<Vec<Token>> {
    let mut tokens = Tokenizer::new(dialect.parser().as_ref(), sql).tokenize().ok()?;
    tokens.retain(|token| !matches!(token, Token::Whitespace(_)));
    Some(tokens)
}

/// A column that is added `IF NOT EXISTS`.
fn column(sql: &str, dialect: &Dialect) -> Option<ast::Statement> {
    use Keyword::{ADD, COLUMN, EXISTS, IF, NOT};
    let words = [ADD, COLUMN, IF, NOT, EXISTS];
    let parser = dialect.parser();
    let mut tokens = code(sql, dialect)?;
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
