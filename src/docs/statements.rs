//! The rendered SQL by subject: what each dialect says, texts that are the same only once.

use std::collections::HashMap;
use std::ops::Range;

use serde::Serialize;

use crate::render::{File, Subject};

/// With more tables than this a file is not shown as a whole: each table's part is on the table's page.
const MOST_PARTS: usize = 24;

/// What one dialect's files hold, without the statements.
pub(super) struct Rendered {
    files: Vec<Text>,
}

struct Text {
    subject: Subject,
    name: String,
    text: String,
    parts: HashMap<(String, String), Range<usize>>,
}

/// The SQL of a subject in all dialects.
pub(super) struct Sheet {
    pub(super) subject: Subject,
    /// `id_graph`: what the file names of all dialects have in common.
    pub(super) name: String,
    /// The file's name in each dialect that has one.
    pub(super) files: Vec<Option<String>>,
    /// The tables that it is about, with their schemas.
    pub(super) tables: Vec<(String, String)>,
    /// Whether it is shown as a whole.
    pub(super) is_whole: bool,
    /// Whether it is about more than one table, so that a table has a part of its own.
    pub(super) has_parts: bool,
}

/// A text, and the dialects that it is the text of, by number.
#[derive(Debug, Serialize)]
pub(super) struct Variant {
    pub(super) dialects: Vec<usize>,
    pub(super) text: String,
}

impl Rendered {
    pub(super) fn new(files: Vec<File>) -> Self {
        let text = |file: File| Text {
            subject: file.subject,
            name: file.name,
            parts: file
                .units
                .into_iter()
                .map(|unit| ((unit.schema, unit.name), unit.text))
                .collect(),
            text: file.text,
        };
        Self { files: files.into_iter().map(text).collect() }
    }

    fn file(&self, subject: Subject) -> Option<&Text> {
        self.files.iter().find(|file| file.subject == subject)
    }
}

/// The subjects of all files, in the order of the first dialect.
pub(super) fn sheets(rendered: &[Rendered]) -> Vec<Sheet> {
    let first = rendered.first().map_or(&[][..], |first| first.files.as_slice());
    let sheet = |file: &Text| {
        let name = file.name.split_once('_').map_or(file.name.as_str(), |(_, name)| name);
        let name = name.trim_end_matches(".sql").to_owned();
        let files = rendered.iter().map(|one| one.file(file.subject).map(|file| file.name.clone()));
        let has_parts = !matches!(file.subject, Subject::Schema) && file.parts.len() > 1;
        Sheet {
            subject: file.subject,
            name,
            files: files.collect(),
            tables: file.parts.keys().cloned().collect(),
            is_whole: file.parts.len() <= MOST_PARTS,
            has_parts,
        }
    };
    first.iter().map(sheet).collect()
}

/// A whole file in each dialect.
pub(super) fn whole(rendered: &[Rendered], subject: Subject) -> Vec<Variant> {
    let texts = rendered.iter().map(|one| one.file(subject).map(|file| file.text.as_str()));
    grouped(texts)
}

/// A table's part of a file in each dialect.
pub(super) fn part(
    rendered: &[Rendered],
    subject: Subject,
    table: &(String, String),
) -> Vec<Variant> {
    let texts = rendered.iter().map(|one| {
        let file = one.file(subject)?;
        file.text.get(file.parts.get(table)?.clone())
    });
    grouped(texts)
}

/// Texts that are the same, once, in the order of the first dialect that has each.
fn grouped<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> Vec<Variant> {
    let mut variants: Vec<Variant> = Vec::new();
    for (dialect, text) in texts.enumerate() {
        let Some(text) = text.map(str::trim_end) else { continue };
        match variants.iter_mut().find(|variant| variant.text == text) {
            Some(variant) => variant.dialects.push(dialect),
            None => variants.push(Variant { dialects: vec![dialect], text: text.to_owned() }),
        }
    }
    variants
}
