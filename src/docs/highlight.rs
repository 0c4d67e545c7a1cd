//! SQL as HTML: comments and keywords stand out, everything is escaped.

use super::html::escape;

/// The text with its comments in `<i>` and its keywords, which are in capitals, in `<b>`.
pub(super) fn sql(text: &str) -> String {
    let mut html = String::with_capacity(text.len() * 5 / 4);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, tag) = piece(first, rest);
        let (piece, after) = rest.split_at(length);
        match tag {
            Some(tag) => html.push_str(&format!("<{tag}>{}</{tag}>", escape(piece))),
            None => html.push_str(&escape(piece)),
        }
        rest = after;
    }
    html
}

/// The length of what a text begins with in bytes, and the element that it is in.
fn piece(first: char, text: &str) -> (usize, Option<&'static str>) {
    let until = |end: Option<usize>| end.unwrap_or(text.len());
    if text.starts_with("--") {
        return (until(text.find('\n')), Some("i"));
    }
    if text.starts_with("/*") {
        return (until(text.find("*/").map(|at| at + 2)), Some("i"));
    }
    // A doubled quote inside begins the next piece, which comes to the same.
    if matches!(first, '\'' | '"' | '`') {
        let end = text.get(1..).and_then(|rest| rest.find(first));
        return (until(end.map(|at| at + 2)), None);
    }
    let is_word = |char: char| char.is_alphanumeric() || char == '_';
    if !is_word(first) {
        return (first.len_utf8(), None);
    }
    let length = until(text.find(|char: char| !is_word(char)));
    let word = text.get(..length).unwrap_or_default();
    let is_keyword = length > 1 && word.chars().all(|char| char.is_ascii_uppercase());
    (length, is_keyword.then_some("b"))
}

#[cfg(test)]
mod tests {
    use super::sql;

    #[test]
    fn comments_and_keywords_stand_out() {
        assert_eq!(
            sql("SELECT x -- SELECT\nFROM y"),
            "<b>SELECT</b> x <i>-- SELECT</i>\n<b>FROM</b> y"
        );
        assert_eq!(sql("/* AS */ a AS b"), "<i>/* AS */</i> a <b>AS</b> b");
        assert_eq!(
            sql("'IS -- IT''S' \"AS\" `AS`"),
            "&#39;IS -- IT&#39;&#39;S&#39; &quot;AS&quot; `AS`"
        );
        assert_eq!(sql("A.id = Ab.ID_X"), "A.id = Ab.ID_X");
    }

    #[test]
    fn everything_is_escaped_and_nothing_lost() {
        assert_eq!(
            sql("a < '<b>' --<i>\n\u{7}é"),
            "a &lt; &#39;&lt;b&gt;&#39; <i>--&lt;i&gt;</i>\n\\u{7}é"
        );
        for open in ["'x", "--", "/* x", "`"] {
            let text = sql(open).replace("&#39;", "'").replace("<i>", "").replace("</i>", "");
            assert_eq!(text, open);
        }
    }
}
