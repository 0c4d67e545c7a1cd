//! The names of schemas: the space, the models' schema, the sources.
//!
//! They are used as written, quoted by each dialect: nothing printable is refused here.

use std::collections::BTreeMap;

use super::Check;
use crate::diagnostic::{Diagnostic, Place};
use crate::project::Placed;
use crate::project::file::Extensions;
use crate::project::words::quoted;
use crate::project::yaml::{Kind, Node};

impl Check<'_> {
    /// The schema name of a key, `None` when there is none that can be used.
    pub(super) fn schema_name(&mut self, key: &str, name: Option<&str>) -> Option<Placed<String>> {
        let node = self.node(&[key])?;
        let name = Placed { value: name?.to_owned(), place: self.place(&node.span) };
        self.is_schema_name(key, &name.value, &name.place).then_some(name)
    }

    pub(super) fn is_schema_name(&mut self, key: &str, name: &str, place: &Place) -> bool {
        if name.trim().is_empty() {
            self.found.push(
                Diagnostic::error("schema-name-empty", format!("a schema in `{key}` has no name"))
                    .at(place, "this is empty")
                    .help("write the schema's name as the warehouse shows it"),
            );
            return false;
        }
        self.printable(&format!("the schema's name in `{key}`"), name, false, place)
    }

    /// In which schemas extensions are.
    pub(super) fn extensions(
        &mut self,
        written: &Extensions,
    ) -> BTreeMap<&'static str, Option<String>> {
        let mut all = BTreeMap::new();
        if let Some(schema) = &written.pgcrypto {
            let node = self.node(&["extensions", "pgcrypto"]);
            let place = self.place(&node.map_or(0..0, |node| node.span.clone()));
            if self.is_schema_name("extensions", schema, &place) {
                all.insert("pgcrypto", (schema != "none").then(|| schema.clone()));
            }
        }
        all
    }

    /// Checks that a target's space is none of the sources.
    pub(super) fn is_no_source(&mut self, space: &Placed<String>) {
        let sources = self.node(&["sources"]).map(Node::items).unwrap_or_default();
        for source in sources {
            if let Kind::Text(name) = &source.kind {
                let source = Placed { value: name.clone(), place: self.place(&source.span) };
                self.is_not(&source, space);
            }
        }
    }

    /// Checks that a source is not the space.
    fn is_not(&mut self, source: &Placed<String>, space: &Placed<String>) {
        // Most warehouses fold the case of a schema that Segment makes.
        if !space.value.eq_ignore_ascii_case(&source.value) {
            return;
        }
        let message =
            format!("the space and a source are both the schema {}", quoted(&source.value));
        self.found.push(
            Diagnostic::error("space-is-source", message)
                .at(&source.place, "this source")
                .and_at(&space.place, "the space")
                .note("Segment lands both in tables of the same names: in one schema they overwrite each other")
                .help("give the space another schema in Segment's Profiles Sync settings, and write that one here"),
        );
    }

    /// Checks the sources, and that none is the space.
    pub(super) fn sources(
        &mut self,
        written: Option<&Vec<String>>,
        space: Option<&Placed<String>>,
    ) {
        let sources = self.texts("sources", written);
        for source in &sources {
            if !self.is_schema_name("sources", &source.value, &source.place) {
                continue;
            }
            if let Some(space) = space {
                self.is_not(source, space);
            }
        }
        self.twice("sources", &sources, str::to_ascii_lowercase);
    }
}
