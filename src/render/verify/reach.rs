//! The keys that the next refresh would compute again, by its own templates.

use serde::Serialize;

use super::{Checker, is_refreshed};
use crate::diagnostic::Result;
use crate::project::Model;
use crate::render::context::Table;
use crate::render::incremental::Refresh;
use crate::render::template::Templates;
use crate::warehouse::ModelTable;

/// The keys that the next refresh would compute again.
#[derive(Serialize)]
pub(super) struct Reach {
    /// The graph that it would leave, where that is neither the one that stands nor the right one.
    graph: Option<GraphLeft>,
    #[serde(flatten)]
    keys: Affected,
}

#[derive(Serialize)]
struct GraphLeft {
    recomputed: String,
    refreshed: String,
    table: Table,
    #[serde(flatten)]
    keys: Affected,
}

#[derive(Serialize)]
struct Affected {
    window_query: String,
    affected_rows: String,
    #[serde(flatten)]
    refresh: Refresh,
}

/// What the templates of a refresh see.
#[derive(Serialize)]
struct Reading<'a> {
    table: &'a Table,
    /// It looks at a refresh, not at building anew.
    full: bool,
    #[serde(flatten)]
    refresh: &'a Refresh,
}

impl Checker<'_> {
    /// What the next refresh of a model would compute again.
    pub(super) fn reach(&self, model: &ModelTable, right: &[Model]) -> Result<Reach> {
        let (name, of_graph) = (self.recomputed(Model::IdGraph), model.model == Model::IdGraph);
        let graph = self.warehouse.models.iter().find(|one| one.model == Model::IdGraph);
        let wrong = graph.filter(|_| !of_graph && !right.contains(&Model::IdGraph));
        let (graph, read) = match wrong {
            None => (None, None),
            // A refresh computes all of it.
            Some(graph) if !is_refreshed(graph) => (None, Some(name)),
            Some(graph) => {
                let refreshed = self.name(&graph.name, "refreshed");
                let left = GraphLeft {
                    recomputed: name,
                    refreshed: refreshed.clone(),
                    table: Table::model(self.warehouse, graph, self.dialect),
                    keys: self.affected(graph, &self.templates)?,
                };
                (Some(left), Some(refreshed))
            }
        };
        let templates = match read {
            Some(name) => self.seeing(&[(Model::IdGraph, name)]),
            None => self.templates.clone(),
        };
        Ok(Reach { graph, keys: self.affected(model, &templates)? })
    }

    fn affected(&self, model: &ModelTable, templates: &Templates<'_>) -> Result<Affected> {
        let mut refresh = Refresh::new(self.warehouse, model, self.dialect);
        refresh.window = self.name(&model.name, "next_window");
        refresh.affected = self.name(&model.name, "next_affected");
        let table = Table::model(self.warehouse, model, self.dialect);
        let values = Reading { table: &table, full: false, refresh: &refresh };
        let render = |template: &str| -> Result<String> {
            let text = templates.render(template, &values)?;
            Ok(text.trim_end().trim_end_matches(';').to_owned())
        };
        Ok(Affected {
            window_query: render("window.sql")?,
            affected_rows: render(&refresh.affected_query)?,
            refresh,
        })
    }
}
