//! Checks the file's values against its JSON schema, and keeps what is sound.
//!
//! Knows the part of JSON Schema that schemars writes for [`super::file`], and that a fixture has: `$ref`, `type`, `properties`,
//! `additionalProperties`, `required`, `items`, `minItems`, `anyOf`, and `oneOf` with `const` for words.
//! Unlike reading into the types directly, it finds every mistake in one go and knows its place.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use super::found::Found;
use super::words::{list, quoted};
use super::written::Written;
use super::yaml::{Entry, Kind, Node};
use crate::diagnostic::{Diagnostic, Place, Source, nearest};

/// More keys than these are counted, not listed.
const LISTED: usize = 60;

/// The sound part of the file; mistakes go to `found`. `None` when the file is not even a mapping.
pub(crate) fn check(
    schema: &Value,
    root: Node,
    source: &Arc<Source>,
    written: &Written,
    found: &mut Found,
) -> Option<Node> {
    let spot = Spot { above: None, key: root.span.clone() };
    let unfolded = HashMap::new();
    Shape { root: schema, unfolded, source, written, found }.check(schema, root, &spot)
}

/// Where in the file the check is.
struct Spot<'a> {
    /// The key that led here, and where that one stands; `None` at the file's root.
    above: Option<(&'a Spot<'a>, &'a str)>,
    /// The place of the key whose value is checked; for a list's item, of the item.
    key: Range<usize>,
}

impl Spot<'_> {
    /// `the project file` or `` `traits.columns` ``.
    fn name(&self, written: &Written) -> String {
        let mut path = Vec::new();
        let mut spot = self;
        while let Some((above, key)) = spot.above {
            path.push(key);
            spot = above;
        }
        path.reverse();
        if path.is_empty() { format!("the {}", written.noun) } else { quoted(&path.join(".")) }
    }
}

struct Shape<'a> {
    root: &'a Value,
    /// What [`Self::candidates`] found for a schema, by its address: a file has few schemas and many values.
    unfolded: HashMap<*const Value, Rc<[&'a Value]>>,
    source: &'a Arc<Source>,
    written: &'a Written,
    found: &'a mut Found,
}

impl<'a> Shape<'a> {
    fn place(&self, span: &Range<usize>) -> Place {
        Place { source: Arc::clone(self.source), span: span.clone() }
    }

    /// The sound part of a value, `None` when nothing of it is.
    fn check(&mut self, schema: &'a Value, node: Node, spot: &Spot<'_>) -> Option<Node> {
        let kind = name_of(&node.kind)?;
        let candidates = self.candidates(schema);
        let Some(schema) = candidates.iter().copied().find(|schema| accepts(schema, kind)) else {
            self.wrong_type(&candidates, &node, kind, spot);
            return None;
        };
        let Node { span, end, kind } = node;
        let kind = match kind {
            Kind::Map(entries) => Kind::Map(Box::new(self.map(schema, *entries, spot)?)),
            Kind::List(items) => Kind::List(self.list(schema, items, &span, spot)?),
            Kind::Text(word) => {
                self.word(schema, &word, &span)?;
                Kind::Text(word)
            }
            other => other,
        };
        Some(Node { span, end, kind })
    }

    /// The schemas that a value may meet, references followed and alternatives unfolded.
    fn candidates(&mut self, schema: &'a Value) -> Rc<[&'a Value]> {
        if let Some(known) = self.unfolded.get(&std::ptr::from_ref(schema)) {
            return Rc::clone(known);
        }
        let found: Rc<[_]> = self.unfold(schema).into();
        self.unfolded.insert(schema, Rc::clone(&found));
        found
    }

    fn unfold(&self, schema: &'a Value) -> Vec<&'a Value> {
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            let target = target.strip_prefix('#').and_then(|path| self.root.pointer(path));
            return target.map(|schema| self.unfold(schema)).unwrap_or_default();
        }
        match schema.get("anyOf").and_then(Value::as_array) {
            Some(branches) => branches.iter().flat_map(|branch| self.unfold(branch)).collect(),
            None => vec![schema],
        }
    }

    fn map(
        &mut self,
        schema: &'a Value,
        entries: IndexMap<String, Entry>,
        spot: &Spot<'_>,
    ) -> Option<IndexMap<String, Entry>> {
        let none = serde_json::Map::new();
        let properties = schema.get("properties").and_then(Value::as_object);
        let others = schema.get("additionalProperties");
        let required = schema.get("required").and_then(Value::as_array);
        let required = required.into_iter().flatten().filter_map(Value::as_str);
        // A misspelt key is one mistake, not one unknown and one missing.
        let known = |key: &str| properties.is_some_and(|all| all.contains_key(key));
        let misspelt = |key: &str| {
            let mut unknown = entries.keys().filter(|other| others.is_some() && !known(other));
            unknown.any(|other| nearest(other, [key]).is_some())
        };
        let missing: Vec<&str> =
            required.filter(|key| !entries.contains_key(*key) && !misspelt(key)).collect();
        for key in &missing {
            let message = format!("{} has no `{key}`", spot.name(self.written));
            let diagnostic =
                Diagnostic::error("missing-key", message).at(&self.place(&spot.key), "");
            let says =
                properties.and_then(|all| all.get(*key)).and_then(|key| key.get("description"));
            self.found.push(match says.and_then(Value::as_str) {
                Some(says) => diagnostic.help(format!("write `{key}: …`. {}", one_line(says))),
                None => diagnostic.help(format!("write `{key}: …`")),
            });
        }
        let mut sound = IndexMap::with_capacity(entries.len());
        for (key, entry) in entries {
            let schema = match properties.and_then(|all| all.get(&key)).or(others) {
                Some(schema) if schema.is_object() => schema,
                _ => {
                    self.unknown_key(&key, &entry, properties.unwrap_or(&none), spot);
                    continue;
                }
            };
            let below = Spot { above: Some((spot, &key)), key: entry.key.clone() };
            if let Some(node) = self.check(schema, entry.node, &below) {
                sound.insert(key, Entry { key: entry.key, node });
            }
        }
        // The file's own missing keys hide nothing else; a smaller thing without its core says nothing.
        let whole = schema.get("required").and_then(Value::as_array);
        let whole = whole.into_iter().flatten().filter_map(Value::as_str);
        (spot.above.is_none() || whole.into_iter().all(|key| sound.contains_key(key)))
            .then_some(sound)
    }

    fn unknown_key(
        &mut self,
        key: &str,
        entry: &Entry,
        properties: &serde_json::Map<String, Value>,
        spot: &Spot<'_>,
    ) {
        let keys = properties.keys().map(String::as_str);
        let message = format!("{} has no key {}", spot.name(self.written), quoted(key));
        let diagnostic = Diagnostic::error("unknown-key", message);
        let label = match nearest(key, keys.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "not a key".to_owned(),
        };
        let help = match keys.clone().nth(LISTED) {
            Some(_) => format!("it has {} keys; `idgraph schema` lists them", keys.count()),
            None => format!("its keys are {}", list(keys)),
        };
        self.found.push(diagnostic.at(&self.place(&entry.key), label).help(help));
    }

    fn list(
        &mut self,
        schema: &'a Value,
        items: Vec<Node>,
        span: &Range<usize>,
        spot: &Spot<'_>,
    ) -> Option<Vec<Node>> {
        let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        if (items.len() as u64) < least {
            let message = format!("{} must name at least one", spot.name(self.written));
            self.found.push(
                Diagnostic::error("empty-list", message)
                    .at(&self.place(span), "the list is empty")
                    .help("write one or more between the brackets"),
            );
            return None;
        }
        let Some(of) = schema.get("items") else { return Some(items) };
        let mut sound = Vec::with_capacity(items.len());
        for item in items {
            let below = Spot { above: spot.above, key: item.span.clone() };
            sound.extend(self.check(of, item, &below));
        }
        Some(sound)
    }

    fn word(&mut self, schema: &Value, word: &str, span: &Range<usize>) -> Option<()> {
        let branches = schema.get("oneOf").and_then(Value::as_array);
        if branches
            .into_iter()
            .flatten()
            .any(|branch| branch.get("const").and_then(Value::as_str) == Some(word))
        {
            return Some(());
        }
        let Some(words) = words(schema) else { return Some(()) };
        let title = schema.get("title").and_then(Value::as_str).unwrap_or("value");
        let label = match nearest(word, words.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("not a {title}"),
        };
        self.found.push(
            Diagnostic::error("unknown-word", format!("there is no {title} {}", quoted(word)))
                .at(&self.place(span), label)
                .help(format!("write one of {}", list(words))),
        );
        None
    }

    fn wrong_type(&mut self, candidates: &[&Value], node: &Node, kind: &str, spot: &Spot<'_>) {
        let expected: Vec<String> =
            candidates.iter().filter_map(|schema| expected(schema)).collect();
        let expected = expected.join(", or ");
        let message = format!("{} must be {expected}", spot.name(self.written));
        let diagnostic = Diagnostic::error("wrong-type", message);
        let span = if node.kind.is_null() { &spot.key } else { &node.span };
        let diagnostic = diagnostic.at(&self.place(span), format!("this is {}", found(kind)));
        let wants_text =
            candidates.iter().any(|schema| accepts(schema, "string") && words(schema).is_none());
        let wants_list = candidates.iter().any(|schema| accepts(schema, "array"));
        let written = self.source.text.get(node.span.clone()).unwrap_or_default();
        // Too long to repeat: the line is shown anyway.
        let written = if written.len() > 60 { "" } else { written };
        self.found.push(match kind {
            "number" | "boolean"
                if wants_text && !written.is_empty() && !written.starts_with('*') =>
            {
                diagnostic.help(format!("if text is meant, put it in quotes: `\"{written}\"`"))
            }
            "null" => diagnostic.help("write a value after the key, or remove the key"),
            "string" if wants_list && !written.is_empty() => {
                diagnostic.help(format!("put it in brackets: `[{written}]`"))
            }
            _ if spot.above.is_none() => diagnostic.help(self.written.begin),
            _ => diagnostic,
        });
    }
}

impl Kind {
    fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

/// JSON Schema's name for a kind of value; `None` for one that was reported before.
fn name_of(kind: &Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Null => "null",
        Kind::Bool(_) => "boolean",
        Kind::Number(_) | Kind::NotFinite => "number",
        Kind::Text(_) => "string",
        Kind::List(_) => "array",
        Kind::Map(_) => "object",
        Kind::Broken => return None,
    })
}

/// The words that a schema allows, when it allows only words.
fn words(schema: &Value) -> Option<Vec<&str>> {
    let branches = schema.get("oneOf")?.as_array()?.iter();
    branches.map(|branch| branch.get("const").and_then(Value::as_str)).collect()
}

/// Whether a schema allows a kind of value at all.
fn accepts(schema: &Value, kind: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(only)) => is_kind(only, kind),
        Some(Value::Array(some)) => {
            some.iter().filter_map(Value::as_str).any(|one| is_kind(one, kind))
        }
        _ => kind == "string" && schema.get("oneOf").is_some(),
    }
}

fn is_kind(wanted: &str, kind: &str) -> bool {
    // Which of the two a number is, the value itself must say.
    wanted == kind || (wanted == "integer" && kind == "number")
}

/// What a schema asks for, in words; nothing for one that only allows absence.
fn expected(schema: &Value) -> Option<String> {
    if let Some(words) = words(schema) {
        let title = schema.get("title").and_then(Value::as_str).unwrap_or("word");
        return Some(format!("a {title} ({})", words.join(", ")));
    }
    let kinds = ["string", "array", "object", "number", "boolean"];
    kinds.iter().find(|kind| accepts(schema, kind)).map(|kind| found(kind).to_owned())
}

/// A kind of value in the words of YAML's users.
fn found(kind: &str) -> &'static str {
    match kind {
        "null" => "empty",
        "boolean" => "true or false",
        "number" => "a number",
        "string" => "text",
        "array" => "a list",
        _ => "a mapping (`key: value`)",
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
