//! A file's YAML as a tree of values, each with its place.
//!
//! `serde_yaml` is the authority on what the text means, but it keeps no places; [`super::places`] knows the
//! places and nothing else. The two are laid over each other here. Where they disagree the value stays, with the
//! place of what surrounds it.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::thread;

use indexmap::IndexMap;
use indexmap::map::Entry as MapEntry;
use serde::de::{self, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde_json::Number;

use super::found::Found;
use super::places::{self, Parts, Spanned};
use super::words::quoted;
use super::written::Written;
use super::yaml_error;
use crate::diagnostic::{Diagnostic, Place, Source};

/// A value of the file.
#[derive(Debug)]
pub(crate) struct Node {
    /// Where it stands: bytes of the source, never past the end of its first line.
    pub span: Range<usize>,
    /// The byte behind its end, on whatever line.
    pub end: usize,
    /// What it is.
    pub kind: Kind,
}

/// What a value is.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// An infinity, or what is no number.
    NotFinite,
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping; of keys written twice, the first.
    Map(Box<IndexMap<String, Entry>>),
    /// Something that has been reported as a mistake already.
    Broken,
}

/// A key's value, and where the key stands.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Where the key stands: bytes of the source.
    pub key: Range<usize>,
    /// The value.
    pub node: Node,
}

impl Node {
    /// The entries, when it is a mapping.
    pub fn entries(&self) -> Option<&IndexMap<String, Entry>> {
        match &self.kind {
            Kind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The entry of a key, when it is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries()?.get(key)
    }

    /// The items, none when it is not a list.
    pub fn items(&self) -> &[Node] {
        match &self.kind {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    /// The same without places.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value;
        match &self.kind {
            Kind::Null | Kind::Broken => Value::Null,
            Kind::NotFinite => Value::Number(0.into()),
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(value) => Value::Number(value.clone()),
            Kind::Text(value) => Value::String(value.clone()),
            Kind::List(items) => Value::Array(items.iter().map(Node::to_json).collect()),
            Kind::Map(entries) => Value::Object(
                entries.iter().map(|(key, entry)| (key.clone(), entry.node.to_json())).collect(),
            ),
        }
    }
}

/// Reads a text. What cannot be read at all is an error; mistakes that leave the rest readable go to `found`.
///
/// `text` is what to read; `source` is the same for showing, with secrets masked.
pub(crate) fn read(
    text: &str,
    source: &Arc<Source>,
    written: &Written,
    found: &mut Found,
) -> Result<Node, Diagnostic> {
    places::refuse_deep_brackets(text, source, written)?;
    // Without aliases a text holds fewer values than bytes. The room above that is for honest aliases.
    let budget = Cell::new(text.len().saturating_add(100_000));
    // The two parsers know nothing of each other.
    let (value, spans) = thread::scope(|scope| {
        let spans = scope.spawn(|| places::of(text));
        let document = serde_yaml::Deserializer::from_str(text);
        let value = de::DeserializeSeed::deserialize(Seed(&budget), document);
        (value, spans.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    let value = value
        .map_err(|error| yaml_error::explain(&error, budget.get() == 0, text, source, written))?;
    if matches!(value, Loose::Null) {
        return Err(yaml_error::empty(source, written));
    }
    let mut join = Join { text, source, found };
    Ok(join.node(value, spans.as_ref(), &(0..0)))
}

/// A value as `serde_yaml` reads it, keys of any kind and keys written twice included. A text
/// is the file's own part where nothing in it is escaped or folded.
enum Loose<'a> {
    Null,
    Bool(bool),
    Number(Number),
    NotFinite,
    Text(Cow<'a, str>),
    List(Vec<Loose<'a>>),
    Map(Vec<(Loose<'a>, Loose<'a>)>),
    Tagged(String),
}

/// Reads a [`Loose`], and stops when more values came than the budget allows.
#[derive(Clone, Copy)]
struct Seed<'a>(&'a Cell<usize>);

impl<'de> de::DeserializeSeed<'de> for Seed<'_> {
    type Value = Loose<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Loose<'de>, D::Error> {
        match self.0.get().checked_sub(1) {
            Some(left) => self.0.set(left),
            None => return Err(de::Error::custom("too many values")),
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Loose<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Loose<'de>, E> {
        Ok(Loose::Null)
    }

    fn visit_none<E>(self) -> Result<Loose<'de>, E> {
        Ok(Loose::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Loose<'de>, E> {
        Ok(Loose::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Loose<'de>, E> {
        Ok(Loose::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Loose<'de>, E> {
        Ok(Loose::Number(value.into()))
    }

    fn visit_i128<E: de::Error>(self, value: i128) -> Result<Loose<'de>, E> {
        self.visit_f64(value as f64)
    }

    fn visit_u128<E: de::Error>(self, value: u128) -> Result<Loose<'de>, E> {
        self.visit_f64(value as f64)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Loose<'de>, E> {
        Ok(Number::from_f64(value).map_or(Loose::NotFinite, Loose::Number))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Loose<'de>, E> {
        Ok(Loose::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Loose<'de>, E> {
        Ok(Loose::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_string<E>(self, value: String) -> Result<Loose<'de>, E> {
        Ok(Loose::Text(Cow::Owned(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Loose<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Loose::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Loose<'de>, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry_seed(self, self)? {
            map.push(entry);
        }
        Ok(Loose::Map(map))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Loose<'de>, A::Error> {
        let (tag, content) = data.variant::<String>()?;
        content.newtype_variant_seed(self)?;
        Ok(Loose::Tagged(tag))
    }
}

/// Lays values and places over each other.
struct Join<'a> {
    text: &'a str,
    source: &'a Arc<Source>,
    found: &'a mut Found,
}

impl Join<'_> {
    fn place(&self, span: &Range<usize>) -> Place {
        Place { source: Arc::clone(self.source), span: span.clone() }
    }

    /// `around` is the place to fall back on: where an alias expands, its parts have none of their own.
    fn node(&mut self, value: Loose<'_>, spanned: Option<&Spanned>, around: &Range<usize>) -> Node {
        let span = spanned.map_or(around, |spanned| &spanned.span).clone();
        let end = spanned.map_or(span.end, |spanned| spanned.end);
        let kind = match value {
            Loose::Null => Kind::Null,
            Loose::Bool(value) => Kind::Bool(value),
            Loose::Number(value) => Kind::Number(value),
            Loose::NotFinite => Kind::NotFinite,
            Loose::Text(value) => Kind::Text(value.into_owned()),
            Loose::List(items) => self.list(items, spanned, &span),
            Loose::Map(entries) => self.map(entries, spanned, &span),
            Loose::Tagged(tag) => {
                // It may be a part of what is masked.
                let tag = match self.source.text.contains(&tag) {
                    true => format!("the tag {}", quoted(&tag)),
                    false => "a tag".to_owned(),
                };
                self.found.push(
                    Diagnostic::error("tag", format!("{tag} has no meaning in this file"))
                    .at(&self.place(&span), "")
                    .help("remove the tag; to write a text that starts with `!`, put it in quotes"),
                );
                Kind::Broken
            }
        };
        Node { span, end, kind }
    }

    fn list(
        &mut self,
        items: Vec<Loose<'_>>,
        spanned: Option<&Spanned>,
        span: &Range<usize>,
    ) -> Kind {
        let parts = match spanned.map(|spanned| &spanned.parts) {
            Some(Parts::List(parts)) if parts.len() == items.len() => Some(parts),
            _ => None,
        };
        let nodes = items
            .into_iter()
            .enumerate()
            .map(|(index, item)| self.node(item, parts.and_then(|parts| parts.get(index)), span));
        Kind::List(nodes.collect())
    }

    fn map(
        &mut self,
        entries: Vec<(Loose<'_>, Loose<'_>)>,
        spanned: Option<&Spanned>,
        span: &Range<usize>,
    ) -> Kind {
        let parts = match spanned.map(|spanned| &spanned.parts) {
            Some(Parts::Map(parts)) if parts.len() == entries.len() => Some(parts),
            _ => None,
        };
        let mut map: IndexMap<String, Entry> = IndexMap::with_capacity(entries.len());
        for (index, (key, value)) in entries.into_iter().enumerate() {
            let part = parts.and_then(|parts| parts.get(index));
            let key_span = part.map_or(span, |(key, _)| &key.span).clone();
            let node = self.node(value, part.map(|(_, value)| value), &key_span);
            let Some(key) = self.key(key, &key_span) else { continue };
            match map.entry(key) {
                MapEntry::Vacant(vacant) => {
                    vacant.insert(Entry { key: key_span, node });
                }
                MapEntry::Occupied(first) => self.found.push(
                    Diagnostic::error(
                        "duplicate-key",
                        format!("{} is written twice", quoted(first.key())),
                    )
                    .at(&self.place(&key_span), "again here")
                    .and_at(&self.place(&first.get().key), "first written here")
                    .help("keep one of the two"),
                ),
            }
        }
        Kind::Map(Box::new(map))
    }

    fn key(&mut self, key: Loose<'_>, span: &Range<usize>) -> Option<String> {
        let written = self.text.get(span.clone()).unwrap_or_default();
        let what = match key {
            Loose::Text(key) if key == "<<" && written == "<<" => {
                self.found.push(
                    Diagnostic::error("merge-key", "merge keys (`<<`) are not supported")
                        .at(&self.place(span), "")
                        .help("write the keys out where they are used"),
                );
                return None;
            }
            Loose::Text(key) => return Some(key.into_owned()),
            Loose::Null => "nothing",
            Loose::Bool(_) => "true or false",
            Loose::Number(_) | Loose::NotFinite => "a number",
            Loose::List(_) => "a list",
            Loose::Map(_) => "a mapping",
            Loose::Tagged(_) => "a tagged value",
        };
        let diagnostic = Diagnostic::error("key-not-text", "a key of this file must be text")
            .at(&self.place(span), format!("YAML reads this as {what}"));
        let simple = (1..60).contains(&written.len())
            && !written.contains(['"', '\\', '\n', '{', '[', '&', '*']);
        self.found.push(if simple {
            diagnostic.help(format!("put it in quotes: `\"{written}\":`"))
        } else {
            diagnostic.help("write a name, in quotes if need be")
        });
        None
    }
}
