//! Views that show NULL or no rows for what has landed since they were put in place.

use std::collections::BTreeSet;

use sqlparser::tokenizer::{Token, Tokenizer};

use crate::dialect::Dialect;
use crate::project::words::has_word;

/// What a view does not show, though the `sql` that would put it in place today does: columns that are NULL in its
/// `definition`, by their names, or those of the `landed` tables that it does not read.
pub(super) fn unshown(
    definition: &str,
    sql: &str,
    landed: &[String],
    dialect: &Dialect,
) -> BTreeSet<String> {
    let (was, is) = (definition.to_lowercase(), sql.to_lowercase());
    let tables = landed.iter().filter(|table| has_word(&is, table) && !has_word(&was, table));
    let tables: BTreeSet<String> = tables.cloned().collect();
    if !tables.is_empty() {
        return tables;
    }
    let was = nulls(definition, dialect);
    was.difference(&nulls(sql, dialect)).cloned().collect()
}

/// The columns that are NULL and nothing else. A catalog's own way to write a query is not always one that can be parsed, so
/// this goes by its words: `NULL::text AS plan`, `CAST(NULL AS text) AS plan`.
fn nulls(sql: &str, dialect: &Dialect) -> BTreeSet<String> {
    let parser = dialect.parser();
    let Ok(tokens) = Tokenizer::new(parser.as_ref(), sql).tokenize() else {
        return BTreeSet::new();
    };
    let tokens: Vec<Token> =
        tokens.into_iter().filter(|token| !matches!(token, Token::Whitespace(_))).collect();
    let all = 0..tokens.len();
    all.filter(|at| is_word(&tokens, *at, "null")).filter_map(|at| called(&tokens, at)).collect()
}

/// What the NULL at a place is called.
fn called(tokens: &[Token], at: usize) -> Option<String> {
    let is_cast = at >= 2 && is_word(tokens, at - 2, "cast") && tokens[at - 1] == Token::LParen;
    let typed = is_cast || tokens.get(at + 1) == Some(&Token::DoubleColon);
    let mut behind = at + 1;
    if typed {
        let mut depth = usize::from(is_cast);
        behind += 1;
        while depth > 0 || !is_word(tokens, behind, "as") {
            match tokens.get(behind)? {
                Token::LParen => depth += 1,
                // Behind a type there are no more of them.
                Token::RParen if depth == 0 => return None,
                Token::RParen => depth -= 1,
                Token::Comma if depth == 0 => return None,
                _ => {}
            }
            behind += 1;
        }
    }
    match tokens.get(behind + 1)? {
        Token::Word(word) if is_word(tokens, behind, "as") => Some(word.value.clone()),
        _ => None,
    }
}

fn is_word(tokens: &[Token], at: usize, wanted: &str) -> bool {
    matches!(tokens.get(at), Some(Token::Word(word)) if word.value.eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Library;

    #[test]
    fn what_is_null_is_known_in_the_words_of_each_catalog() {
        let dialect = Dialect::load(&Library::embedded(), "postgres").expect("a dialect");
        for (sql, names) in [
            ("SELECT e.a, NULL::text AS plan, e.b AS c", "plan"),
            ("SELECT NULL::timestamp(6) with time zone AS \"order\", 1 AS x", "order"),
            ("SELECT CAST(NULL AS text) AS plan, CAST(e.x AS text) AS y", "plan"),
            (
                "SELECT NULL AS plan FROM ((SELECT NULL::numeric(10, 2) AS total) e JOIN t)",
                "plan total",
            ),
            ("SELECT coalesce(e.x, NULL::text) AS x, CASE WHEN a IS NULL THEN b END AS y", ""),
        ] {
            let found = nulls(sql, &dialect);
            assert_eq!(found.into_iter().collect::<Vec<_>>().join(" "), names, "{sql}");
        }
    }
}
