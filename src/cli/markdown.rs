//! Text in Markdown: what is code, what is meant as it stands.

/// A name between backticks, more of them than it holds itself.
pub(super) fn code(name: &str) -> String {
    match longest_run(name) {
        0 => format!("`{name}`"),
        most => {
            let fence = "`".repeat(most + 1);
            format!("{fence} {name} {fence}")
        }
    }
}

/// Code in a cell of a table.
pub(super) fn in_cell(code: &str) -> String {
    code.replace('|', "\\|")
}

/// A fence that nothing in a text ends.
pub(super) fn fence(text: &str) -> String {
    "`".repeat(longest_run(text).max(2) + 1)
}

/// The most backticks that stand side by side.
fn longest_run(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for char in text.chars() {
        run = if char == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// Text in which only backticks mean something: sentences of ours hold code between them, names of the database do not
/// become links, mentions or tags.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    let mut is_code = false;
    for char in text.chars() {
        if char == '`' {
            is_code = !is_code;
        }
        if !is_code && matches!(char, '<' | '>' | '@' | '*' | '_' | '[' | ']' | '#' | '|' | '\\') {
            out.push('\\');
        }
        out.push(char);
    }
    out
}

/// Text in an element of HTML.
pub(super) fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
