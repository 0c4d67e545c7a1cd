//! What the shape of the file cannot say: names that collide, words reserved, things that do not fit together.
//!
//! Works on the sound part of the file, so that a mistake in one section hides nothing in another.

mod columns;
mod events;
mod ignore;
mod models;
mod refresh;
mod renamed;
mod schemas;
mod targets;
mod text;

pub(super) use self::events::{CALLS, LANDED, OF_EVENTS};
pub(super) use self::models::BUILT_BY_SEGMENT;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;
use serde::Deserialize;

use super::file::File;
use super::found::Found;
use super::words::{list, quoted};
use super::yaml::Node;
use super::{Known, Landed, Materialization, Model, ModelChoice, Placed, Project};
use crate::diagnostic::{Diagnostic, Place, Source, nearest};

/// The project of a file's sound part; `None` when its core is missing, which was reported before.
pub(super) fn project(
    path: &Path,
    source: &Arc<Source>,
    sound: Option<Node>,
    known: &Known,
    found: &mut Found,
) -> Option<Project> {
    let root = sound?;
    let file = match File::deserialize(&root) {
        Ok(file) => file,
        Err(error) => {
            // The check before this one lets nothing through that the types refuse; should it, say so.
            found.push(Diagnostic::error(
                "not-a-project",
                format!("this is no project file: {error}"),
            ));
            return None;
        }
    };
    let mut check = Check { source, root: &root, found };

    let space = check.schema_name("space", file.space.as_deref());
    let models_schema = match &file.models_schema {
        Some(name) => check.schema_name("models_schema", Some(name)),
        None => space.clone(),
    };
    let catalog = check.schema_name("catalog", file.catalog.as_deref());
    check.sources(file.sources.as_ref(), space.as_ref());
    let dialects = check.dialects(file.dialects.as_ref(), known);
    let context = check.context(file.context.as_ref());
    let traits = file.traits.unwrap_or_default();
    let traits_from = traits.from.unwrap_or_default();
    let null_means = traits.null_means.unwrap_or(traits_from.null_means());
    let traits = check.traits(&traits.columns.unwrap_or_default(), traits_from, &context);
    let events = check.events(file.events.unwrap_or_default(), &context);
    let asked = ignore::Asked { traits_from, traits: &traits, events: &events, context: &context };
    let ignored = check.ignored(file.ignore.as_ref(), &asked);
    let models = check.models(&file.models.unwrap_or_default());
    if let (Some(space), Some(models_schema)) = (&space, &models_schema) {
        check.tables(&models, &events, (space, models_schema));
    }
    let dynamic_tables = check.dynamic_tables(&file.dynamic_tables.unwrap_or_default(), &models);
    let schedule = check.schedule(file.schedule.as_ref());
    let incremental = file.incremental.unwrap_or_default();
    let lookback = ["incremental", "lookback"];
    let lookback = check.length(lookback, incremental.lookback.as_deref(), refresh::LOOKBACK);
    let sync_every = ["incremental", "sync_every"];
    let sync_every =
        check.length(sync_every, incremental.sync_every.as_deref(), refresh::SYNC_EVERY);
    let extensions = check.extensions(&file.extensions.unwrap_or_default());
    let targets = check.targets(&file.targets.unwrap_or_default(), known);
    let default_target = check.default_target(file.default_target.as_ref(), &targets);

    Some(Project {
        path: path.to_owned(),
        source: Arc::clone(source),
        space: space?,
        models_schema: models_schema?,
        catalog,
        dialects,
        ignored,
        context,
        traits_from,
        traits,
        events,
        models,
        null_means,
        removals: file.external_ids.unwrap_or_default().removals.unwrap_or_default(),
        extensions,
        load_time: incremental.load_time.unwrap_or_default(),
        lookback,
        sync_every,
        dynamic_tables,
        schedule,
        targets,
        landed: Landed::default(),
        default_target,
    })
}

/// The message for a file without its core, should none have been found before.
pub(super) fn no_project(source: &Arc<Source>) -> Diagnostic {
    Diagnostic::error("not-a-project", format!("`{}` is no project file", source.name))
        .help("`idgraph init` writes one to start from")
}

struct Check<'a> {
    source: &'a Arc<Source>,
    root: &'a Node,
    found: &'a mut Found,
}

impl<'a> Check<'a> {
    fn place(&self, span: &Range<usize>) -> Place {
        Place { source: Arc::clone(self.source), span: span.clone() }
    }

    /// The value at a path of keys.
    fn node(&self, path: &[&str]) -> Option<&'a Node> {
        path.iter().try_fold(self.root, |node, key| Some(&node.get(key)?.node))
    }

    /// Where a key of a mapping stands; the file's start for one that is not there.
    fn key(&self, map: Option<&Node>, key: &str) -> Place {
        self.place(&map.and_then(|map| map.get(key)).map_or(0..0, |entry| entry.key.clone()))
    }

    /// The texts of a list with their places.
    fn texts(&self, key: &str, texts: Option<&Vec<String>>) -> Vec<Placed<String>> {
        let items = self.node(&[key]).map(Node::items).unwrap_or_default();
        let texts = texts.into_iter().flatten().zip(items);
        let placed =
            texts.map(|(text, item)| Placed { value: text.clone(), place: self.place(&item.span) });
        placed.collect()
    }

    fn dialects(&mut self, written: Option<&Vec<String>>, known: &Known) -> Vec<Placed<String>> {
        let dialects = self.texts("dialects", written);
        self.twice("dialects", &dialects, |name| name.to_owned());
        for dialect in &dialects {
            self.known_word("unknown-dialect", "dialect", dialect, &known.dialects);
        }
        dialects
    }

    /// Reports a name that is none of those known.
    fn known_word(
        &mut self,
        code: &'static str,
        what: &str,
        name: &Placed<String>,
        known: &[String],
    ) -> bool {
        if known.contains(&name.value) {
            return true;
        }
        let known = || known.iter().map(String::as_str);
        let label = match nearest(&name.value, known()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("not a known {what}"),
        };
        self.found.push(
            Diagnostic::error(code, format!("there is no {what} {}", quoted(&name.value)))
                .at(&name.place, label)
                .help(format!("write one of {}", list(known()))),
        );
        false
    }

    /// Reports items of a list that are the same.
    fn twice(&mut self, key: &str, items: &[Placed<String>], same: impl Fn(&str) -> String) {
        let mut first: IndexMap<String, &Place> = IndexMap::new();
        for item in items {
            if let Some(place) = first.get(&same(&item.value)) {
                let message = format!("`{key}` names {} twice", quoted(&item.value));
                self.found.push(
                    Diagnostic::error("listed-twice", message)
                        .at(&item.place, "again here")
                        .and_at(place, "first named here")
                        .help("remove one of the two"),
                );
            } else {
                first.insert(same(&item.value), &item.place);
            }
        }
    }

    fn models(&mut self, models: &super::file::Models) -> Vec<ModelChoice> {
        let written = self.node(&["models"]);
        let choices = Model::ALL.into_iter().filter_map(|model| {
            let named = written.is_some_and(|models| models.get(model.name()).is_some());
            let always =
                matches!(model, Model::IdGraph | Model::ExternalIdMapping | Model::ProfileTraits);
            let usual = match model {
                Model::ResolvedEvents => Materialization::View,
                _ => Materialization::Table,
            };
            let materialized = models.get(model).and_then(|details| details.materialized);
            let name = models.get(model).and_then(|details| details.name.clone());
            (named || always).then(|| ModelChoice {
                model,
                materialized: materialized.unwrap_or(usual),
                name: name.unwrap_or_else(|| model.usual_table().to_owned()),
                place: self.key(written, model.name()),
            })
        });
        let choices: Vec<_> = choices.collect();
        self.incremental(&choices);
        choices
    }
}
