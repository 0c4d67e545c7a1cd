//! The databases that the project can be applied to.

use indexmap::IndexMap;

use super::Check;
use crate::diagnostic::{Diagnostic, Place};
use crate::project::words::quoted;
use crate::project::{Known, Needs, Placed, Target, environment, file};

impl Check<'_> {
    /// The targets, each with the address that its engine needs.
    pub(super) fn targets(
        &mut self,
        targets: &IndexMap<String, file::Target>,
        known: &Known,
    ) -> IndexMap<String, Target> {
        let mut checked = IndexMap::with_capacity(targets.len());
        for (name, written) in targets {
            let map = self.node(&["targets", name]);
            let value = |key: &str, value: &Option<String>| {
                let span = &map?.get(key)?.node.span;
                Some(Placed { value: value.clone()?, place: self.place(span) })
            };
            let place = self.key(self.node(&["targets"]), name);
            let Some(engine) = value("engine", &Some(written.engine.clone())) else { continue };
            let target = Target {
                engine,
                url: value("url", &written.url),
                path: value("path", &written.path),
                space: value("space", &written.space),
                models_schema: value("models_schema", &written.models_schema),
                place,
            };
            self.target(name, &target, known);
            checked.insert(name.clone(), target);
        }
        checked
    }

    /// The target of commands that name none.
    pub(super) fn default_target(
        &mut self,
        written: Option<&String>,
        targets: &IndexMap<String, Target>,
    ) -> Option<Placed<String>> {
        let place = self.place(&self.node(&["default_target"])?.span);
        let name = Placed { value: written?.clone(), place };
        let names: Vec<String> = targets.keys().cloned().collect();
        self.known_word("unknown-target", "target", &name, &names).then_some(name)
    }

    fn target(&mut self, name: &str, target: &Target, known: &Known) {
        self.printable("this target's name", name, false, &target.place);
        if name.contains("://") {
            self.found.push(
                Diagnostic::error("target-name", "this target's name looks like an address")
                    .at(&target.place, "")
                    .note("a name is shown in messages and reports, and must hold no secret")
                    .help("give it a short name, such as `warehouse`, and the address under `url`"),
            );
        }
        if let Some(path) = target.path.as_ref().filter(|path| path.value.contains("://")) {
            self.address("a file's path is no URL".to_owned(), &path.place, "path");
        } else if let Some(path) = target.path.as_ref().filter(|path| path.value.contains('?')) {
            self.found.push(
                Diagnostic::error("target-address", "a file's path has no parameters")
                    .at(&path.place, "what stands behind `?` is not shown")
                    .help("take `?` and what follows it out: it would be part of the file's name"),
            );
        }
        for (key, value) in [("space", &target.space), ("models_schema", &target.models_schema)] {
            if let Some(value) = value {
                self.is_schema_name(key, &value.value, &value.place);
            }
        }
        if let Some(space) = &target.space {
            self.is_no_source(space);
        }
        for (key, value) in [("url", &target.url), ("path", &target.path)] {
            let Some(value) = value else { continue };
            if value.value.trim().is_empty() {
                self.address(
                    format!("the {key} of the target {} is empty", quoted(name)),
                    &value.place,
                    key,
                );
            } else if self.sound(&format!("this {key}"), &value.value, false, &value.place)
                && let Some(diagnostic) = environment::check(&value.value, &value.place)
            {
                self.found.push(diagnostic);
            }
        }
        let names: Vec<String> = known.engines.iter().map(|engine| engine.name.clone()).collect();
        if !self.known_word("unknown-engine", "engine", &target.engine, &names) {
            return;
        }
        let engine = known.engines.iter().find(|engine| engine.name == target.engine.value);
        let Some(engine) = engine else { return };
        let (wanted, key, other, other_key) = match engine.needs {
            Needs::Url => (&target.url, "url", &target.path, "path"),
            Needs::Path => (&target.path, "path", &target.url, "url"),
        };
        if let Some(other) = other {
            let message = format!("a target of engine `{}` has no `{other_key}`", engine.name);
            self.address(message, &other.place, key);
        } else if wanted.is_none() {
            let message = format!("the target {} has no `{key}`", quoted(name));
            self.address(message, &target.place, key);
        }
    }

    fn address(&mut self, message: String, place: &Place, key: &str) {
        let help = match key {
            "url" => {
                "write the server's URL, best from the environment: `url: \"${DATABASE_URL}\"`"
            }
            _ => "write the database's file, relative to this file's folder: `path: acme.db`",
        };
        self.found.push(Diagnostic::error("target-address", message).at(place, "").help(help));
    }
}
