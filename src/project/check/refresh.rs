//! How models are refreshed: what can be incremental, and how far back a refresh looks.

use super::Check;
use crate::diagnostic::Diagnostic;
use crate::project::{Materialization, Model, ModelChoice, Placed};

/// A day: long enough for the delays of a warehouse sync.
pub(super) const LOOKBACK: u64 = 24 * 60 * 60;

/// Profiles Sync lands what is new every hour.
pub(super) const SYNC_EVERY: u64 = 60 * 60;

impl Check<'_> {
    /// Seconds, from the `90m`, `3h` or `2d` of a key under `incremental`.
    pub(super) fn length(&mut self, key: &str, written: Option<&str>, usual: u64) -> Placed<u64> {
        let node = self.node(&["incremental", key]);
        let place = self.place(&node.map_or(0..0, |node| node.span.clone()));
        let Some(written) = written else { return Placed { value: usual, place } };
        let unit = match written.chars().last() {
            Some('m') => 60,
            Some('h') => 60 * 60,
            Some('d') => 24 * 60 * 60,
            _ => 0,
        };
        let number = written.get(..written.len().saturating_sub(1)).unwrap_or_default();
        let is_number = !number.is_empty()
            && number.len() <= 6
            && number.chars().all(|char| char.is_ascii_digit());
        let value = match number.parse::<u64>() {
            Ok(count) if unit > 0 && is_number => count * unit,
            _ => {
                self.found.push(
                    Diagnostic::error("bad-lookback", "this is no length of time")
                        .at(&place, "expected a number of minutes, hours or days")
                        .help("write for example 90m, 3h or 2d"),
                );
                usual
            }
        };
        Placed { value, place }
    }

    /// What an incremental model needs: rows that change one by one, and a graph that says what changed.
    pub(super) fn incremental(&mut self, choices: &[ModelChoice]) {
        let graph = choices.iter().find(|choice| choice.model == Model::IdGraph);
        let graph_is =
            graph.is_some_and(|graph| graph.materialized == Materialization::Incremental);
        for choice in
            choices.iter().filter(|choice| choice.materialized == Materialization::Incremental)
        {
            let name = choice.model.name();
            if choice.model == Model::ResolvedEvents {
                self.found.push(
                    Diagnostic::error("not-incremental", format!("`{name}` cannot be incremental"))
                        .at(&choice.place, "")
                        .note("a merge changes the profile of any number of events")
                        .help("make it a view, which is always up to date, or a table"),
                );
            } else if !graph_is {
                let diagnostic = Diagnostic::error(
                    "not-incremental",
                    format!("`{name}` cannot be incremental while `id_graph` is not"),
                )
                .at(&choice.place, "")
                .note("its refresh asks how far the graph has read what landed")
                .help("make `id_graph` incremental too: id_graph: { materialized: incremental }");
                self.found.push(diagnostic);
            }
        }
    }
}
