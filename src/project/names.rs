//! Names as Segment's warehouses write them.
//!
//! Segment documents that "all schemas convert collection and property names from `CamelCase` to `snake_case`"
//! with its package [go-snakecase](https://github.com/segmentio/go-snakecase), and the landed names must be exactly
//! those that the connector made. So the rules are that package's, its corners included:
//!
//! - Letters and digits of ASCII are kept, in lower case. Everything else, letters such as `é` or `日` too, only
//!   separates words; words are joined by one `_`. `address.street` is `address_street`, `café au lait` is `caf_au_lait`.
//! - A word is a run of capitals and digits followed by a run of small letters and digits. So `orderId` is `order_id`
//!   and `userID` is `user_id`, but `HTTPStatus` is `httpstatus`: the package does not see where an acronym ends.
//! - Underscores at the start and the end are dropped, and several in a row become one.
//!
//! Two things come on top, which the warehouses ask for rather than the package: a name that would start with a digit
//! gets a `_` in front, and a name in which nothing is left is refused.
//!
//! What comes out has only `a-z`, `0-9` and `_`, so no name, however hostile, can end a quoted identifier.

/// The name in snake case, or `None` when no letter or digit of ASCII is in it.
pub fn snake_case(name: &str) -> Option<String> {
    words(name).map(|name| {
        if name.starts_with(|c: char| c.is_ascii_digit()) { format!("_{name}") } else { name }
    })
}

/// The longest name that any of the warehouses takes: BigQuery's.
const LONGEST: usize = 300;

/// Whether a landed table or column can have that name: what a connector has made of any other has these characters, too.
pub fn is_landed(name: &str) -> bool {
    let is_word = |char: char| char.is_ascii_alphanumeric() || char == '_';
    !name.is_empty()
        && name.len() <= LONGEST
        && name.chars().all(is_word)
        && !name.starts_with(|char: char| char.is_ascii_digit())
}

/// As [`snake_case`], for a name that gets a prefix and so may start with a digit.
pub(super) fn words(name: &str) -> Option<String> {
    let small = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let capital = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let mut out = String::with_capacity(name.len());
    let mut rest = name.as_bytes().iter().peekable();
    while let Some(byte) = rest.peek() {
        if !byte.is_ascii_alphanumeric() {
            rest.next();
            continue;
        }
        if !out.is_empty() {
            out.push('_');
        }
        while let Some(byte) = rest.next_if(|byte| capital(byte)) {
            out.push(char::from(byte.to_ascii_lowercase()));
        }
        while let Some(byte) = rest.next_if(|byte| small(byte)) {
            out.push(char::from(*byte));
        }
    }
    (!out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cases(cases: &[(&str, &str)]) {
        for (name, expected) in cases {
            assert_eq!(snake_case(name).as_deref(), Some(*expected), "{name}");
        }
    }

    #[test]
    fn names_become_snake_case() {
        cases(&[
            ("email", "email"),
            ("Order Completed", "order_completed"),
            ("accountType", "account_type"),
            ("lifetimeValue", "lifetime_value"),
            ("orderId", "order_id"),
            ("userID", "user_id"),
            ("order", "order"),
            ("first-name", "first_name"),
            ("address.street", "address_street"),
            ("already_snake_case", "already_snake_case"),
            ("sample___text", "sample_text"),
            ("  Padded  ", "padded"),
            ("SHOUTED NAME", "shouted_name"),
        ]);
    }

    #[test]
    fn the_corners_are_those_of_the_package_that_segment_uses() {
        cases(&[
            ("HTTPStatus", "httpstatus"),
            ("sample 2 Text", "sample_2_text"),
            ("___$$Base64Encode", "base64_encode"),
            ("FOO:BAR$BAZ", "foo_bar_baz"),
            ("_private", "private"),
            ("step2Done", "step2_done"),
            ("2Fast", "_2fast"),
            ("a_1B2c", "a_1b2c"),
            ("utm_source2", "utm_source2"),
            ("trailing_", "trailing"),
        ]);
    }

    #[test]
    fn letters_outside_ascii_separate_words() {
        cases(&[("café au lait", "caf_au_lait"), ("naïve", "na_ve"), ("•¶§ƒ˚foo˙∆˚¬", "foo")]);
        assert_eq!(snake_case("日本"), None);
    }

    #[test]
    fn a_leading_digit_gets_an_underscore() {
        cases(&[("2nd Visit", "_2nd_visit"), ("360View", "_360view"), ("1", "_1")]);
    }

    #[test]
    fn hostile_names_become_harmless() {
        cases(&[
            ("x\"; drop table y; --", "x_drop_table_y"),
            ("`; DROP SCHEMA a CASCADE", "drop_schema_a_cascade"),
            ("a\0b\nc", "a_b_c"),
        ]);
        for nothing in ["", "_", "___", " ", "\"; --", "\0"] {
            assert_eq!(snake_case(nothing), None, "{nothing:?}");
        }
    }
}
