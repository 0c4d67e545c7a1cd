//! How models are refreshed: what can be incremental, how far back a refresh looks, and what the warehouse refreshes.

use super::Check;
use crate::diagnostic::Diagnostic;
use crate::project::file;
use crate::project::{
    DynamicTables, Materialization, Model, ModelChoice, Placed, RefreshMode, Schedule,
};

/// A day: long enough for the delays of a warehouse sync.
pub(super) const LOOKBACK: u64 = 24 * 60 * 60;

/// Profiles Sync lands what is new every hour.
pub(super) const SYNC_EVERY: u64 = 60 * 60;

/// How far dynamic tables are behind unless the project says: as often as Profiles Sync lands rows.
const TARGET_LAG: u64 = SYNC_EVERY;

/// The shortest that warehouses take.
const SHORTEST_LAG: u64 = 60;

impl Check<'_> {
    /// Seconds, from the `90m`, `3h` or `2d` of a key.
    pub(super) fn length(
        &mut self,
        path: [&str; 2],
        written: Option<&str>,
        usual: u64,
    ) -> Placed<u64> {
        let node = self.node(&path);
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

    /// How the warehouse refreshes the models that are dynamic tables; `None` when none is.
    pub(super) fn dynamic_tables(
        &mut self,
        written: &file::DynamicTables,
        choices: &[ModelChoice],
    ) -> Option<Placed<DynamicTables>> {
        let is_dynamic =
            |choice: &&ModelChoice| choice.materialized == Materialization::DynamicTable;
        let first = choices.iter().find(is_dynamic)?;
        let path = ["dynamic_tables", "target_lag"];
        let lag = self.length(path, written.target_lag.as_deref(), TARGET_LAG);
        if lag.value < SHORTEST_LAG {
            self.found.push(
                Diagnostic::error("bad-target-lag", "a dynamic table is at least a minute behind")
                    .at(&lag.place, "no time at all")
                    .help("write for example 15m or 1h; a view is never behind"),
            );
        }
        let refresh_mode = written.refresh_mode.unwrap_or_default();
        let graph = choices.iter().filter(is_dynamic).find(|one| one.model == Model::IdGraph);
        if let Some(graph) = graph.filter(|_| refresh_mode == RefreshMode::Incremental) {
            let mode = self
                .node(&["dynamic_tables", "refresh_mode"])
                .map_or(0..0, |node| node.span.clone());
            self.found.push(
                Diagnostic::error(
                    "graph-refreshed-in-full",
                    "`id_graph` as a dynamic table cannot be refreshed incrementally",
                )
                .at(&self.place(&mode), "what is asked for")
                .and_at(&graph.place, "a dynamic table")
                .note("it follows merges by recursion, and a recursion is computed in full; so is what reads it")
                .help("write `refresh_mode: auto`, or make `id_graph` a table or incremental"),
            );
        }
        let node = self.node(&["dynamic_tables", "warehouse"]);
        let Some(warehouse) = written.warehouse.as_deref().filter(|name| !name.trim().is_empty())
        else {
            let named = format!("`{}` is a dynamic table", first.model.name());
            self.found.push(
                Diagnostic::error(
                    "no-warehouse",
                    "no warehouse is named to refresh dynamic tables",
                )
                .at(&first.place, named)
                .help("name one: dynamic_tables: { warehouse: transforming, target_lag: 1h }"),
            );
            return None;
        };
        let place = self.place(&node.map_or(0..0, |node| node.span.clone()));
        let is_fine = self.printable("the warehouse's name", warehouse, false, &place);
        let value = DynamicTables {
            target_lag: lag.value / 60,
            warehouse: warehouse.to_owned(),
            refresh_mode,
        };
        is_fine.then_some(Placed { value, place })
    }

    /// When the warehouse runs the refresh.
    pub(super) fn schedule(
        &mut self,
        written: Option<&file::Schedule>,
    ) -> Option<Placed<Schedule>> {
        let written = written?;
        let place = |check: &Self, key| {
            check.place(&check.node(&["schedule", key]).map_or(0..0, |node| node.span.clone()))
        };
        let cron = written.cron.as_deref()?;
        let at = place(self, "cron");
        let mut is_fine = true;
        if let Some(mistake) = Schedule::mistake(cron) {
            is_fine = false;
            self.found.push(
                Diagnostic::error("bad-cron", "this is no cron expression")
                    .at(&at, mistake)
                    .help("write minute, hour, day of the month, month and day of the week: `15 * * * *` is a quarter past each hour"),
            );
        }
        let time_zone = written.time_zone.as_deref().unwrap_or("UTC");
        let is_name = |char: char| char.is_ascii_alphanumeric() || "/_+-".contains(char);
        if time_zone.is_empty() || !time_zone.chars().all(is_name) {
            is_fine = false;
            self.found.push(
                Diagnostic::error("bad-time-zone", "this is no time zone")
                    .at(&place(self, "time_zone"), "expected a name of the IANA's database")
                    .help("write for example UTC or Europe/Berlin"),
            );
        }
        let warehouse = written.warehouse.clone();
        if let Some(name) = &warehouse {
            let at = place(self, "warehouse");
            is_fine &= self.printable("the warehouse's name", name, false, &at);
        }
        let value = Schedule {
            cron: cron.split_whitespace().collect::<Vec<_>>().join(" "),
            time_zone: time_zone.to_owned(),
            warehouse,
            every: Schedule::every(cron),
        };
        is_fine.then_some(Placed { value, place: at })
    }
}
