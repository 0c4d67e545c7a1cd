//! HTML read strictly: every element that is opened is closed, every attribute is quoted.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

/// Elements that hold nothing and are not closed.
const VOID: [&str; 4] = ["meta", "link", "input", "wbr"];

/// An element of a page.
#[derive(Debug)]
pub struct Element {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    inner: Range<usize>,
}

impl Element {
    /// What is between its tags.
    pub fn inner<'a>(&self, html: &'a str) -> &'a str {
        &html[self.inner.clone()]
    }
}

/// All elements of a page, in the order in which they begin.
#[track_caller]
pub fn elements(html: &str) -> Vec<Element> {
    let mut found: Vec<Element> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(next) = html[at..].find('<') {
        let text = &html[at..at + next];
        assert!(!text.contains('>'), "a > that is not escaped in {text:?}");
        check_entities(text);
        at += next;
        let rest = &html[at..];
        if rest.starts_with("<!--") {
            at += rest.find("-->").expect("the end of a comment") + 3;
        } else if rest.starts_with("<!doctype html>") {
            assert_eq!(at, 0, "the doctype comes first");
            at += "<!doctype html>".len();
        } else if let Some(name) = rest.strip_prefix("</") {
            let end = name.find('>').expect("the end of a tag");
            let number = open.pop().unwrap_or_else(|| panic!("</{}> closes nothing", &name[..end]));
            assert_eq!(found[number].name, name[..end], "closes the element that was opened last");
            found[number].inner.end = at;
            at += end + 3;
        } else {
            let (element, length, closed) = tag(rest);
            at += length;
            if !closed && !VOID.contains(&element.name.as_str()) {
                open.push(found.len());
            }
            found.push(Element { inner: at..at, ..element });
        }
    }
    assert!(
        open.is_empty(),
        "not closed: {:?}",
        open.iter().map(|one| &found[*one].name).collect::<Vec<_>>()
    );
    found
}

/// The tag that a text begins with, its length, and whether it closes itself.
fn tag(text: &str) -> (Element, usize, bool) {
    let name: String = text[1..].chars().take_while(char::is_ascii_alphanumeric).collect();
    assert!(!name.is_empty(), "a < that is not escaped: {:.40}", text);
    let mut at = 1 + name.len();
    let mut attributes = BTreeMap::new();
    loop {
        let rest = &text[at..];
        let trimmed = rest.trim_start();
        let space = rest.len() - trimmed.len();
        if trimmed.starts_with("/>") || trimmed.starts_with('>') {
            let closed = trimmed.starts_with('/');
            let element = Element { name, attributes, inner: 0..0 };
            return (element, at + space + if closed { 2 } else { 1 }, closed);
        }
        assert!(space > 0, "no space before an attribute: {:.60}", text);
        let key: String = trimmed
            .chars()
            .take_while(|char| char.is_ascii_alphanumeric() || *char == '-')
            .collect();
        assert!(!key.is_empty(), "no attribute: {:.60}", trimmed);
        at += space + key.len();
        let mut value = String::new();
        if let Some(quoted) = text[at..].strip_prefix("=\"") {
            let end = quoted.find('"').expect("the end of a value");
            assert!(!quoted[..end].contains('<'), "a < in a value: {}", &quoted[..end]);
            check_entities(&quoted[..end]);
            value = unescaped(&quoted[..end]);
            at += end + 3;
        }
        assert!(
            attributes.insert(key.clone(), value).is_none(),
            "{key} is there twice: {:.80}",
            text
        );
    }
}

const ENTITIES: [(&str, &str); 5] =
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];

fn check_entities(text: &str) {
    for (at, _) in text.match_indices('&') {
        let rest = &text[at..];
        assert!(
            ENTITIES.iter().any(|(entity, _)| rest.starts_with(entity)),
            "a & that is not escaped: {:.30}",
            rest
        );
    }
}

fn unescaped(text: &str) -> String {
    ENTITIES.iter().fold(text.to_owned(), |text, (entity, char)| text.replace(entity, char))
}

/// What a reader sees, to the blank.
pub fn text_of(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        rest = if let Some(comment) = tag.strip_prefix("!--") {
            comment.split_once("-->").map_or("", |(_, after)| after)
        } else {
            tag.split_once('>').map_or("", |(_, after)| after)
        };
    }
    unescaped(&(text + rest))
}

/// All ids of a page.
#[track_caller]
pub fn ids(html: &str) -> Vec<String> {
    elements(html).into_iter().filter_map(|one| one.attributes.get("id").cloned()).collect()
}

/// The file that a link on a page leads to.
pub fn resolved(page: &Path, link: &str) -> PathBuf {
    let mut path = page.parent().expect("a folder").to_owned();
    for part in Path::new(link).components() {
        match part {
            Component::ParentDir => assert!(path.pop(), "{link} leaves the site"),
            part => path.push(part),
        }
    }
    path
}
