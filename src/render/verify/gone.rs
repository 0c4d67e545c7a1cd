//! Rows of an incremental model that no landed row leads to any more: Segment deletes a profile's rows where it lands them.

use minijinja::context;
use minijinja::value::Serde;
use serde::Serialize;

use super::{Checker, Recomputed, has_gone};
use crate::diagnostic::Result;
use crate::project::Model;
use crate::render::context::Table;
use crate::render::incremental::Refresh;
use crate::render::template::Templates;
use crate::warehouse::ModelTable;

/// How those rows of a model are counted.
#[derive(Debug, Clone)]
pub struct Gone {
    /// Counts all. Where there is none, the rest need not be asked.
    pub count: String,
    /// What is made for the last question: nothing where it computes all of it itself.
    pub made: Vec<String>,
    /// Counts those that the next refresh would not compute again: it may take in what was changed in place.
    pub beyond: String,
}

impl Checker<'_> {
    /// How the rows of a model are counted that no landed row leads to any more; `None` for one of which every refresh computes all.
    ///
    /// # Errors
    /// When a template is wrong, or what it renders is not the dialect's SQL.
    pub fn gone(&self, model: &ModelTable) -> Result<Option<Gone>> {
        if !has_gone(model) {
            return Ok(None);
        }
        let templates = &self.templates;
        let reach_is_made = !self.dialect.facts.can.compute_from_views;
        // The graph as it stands: what it lacks it takes in with the next refresh, and so do the others.
        let values = Questions {
            recomputed: Vec::new(),
            reach_is_made,
            reach: Some(self.reach(model, &[Model::IdGraph])?),
        };
        let all = Questions { recomputed: Vec::new(), reach_is_made, reach: None };
        Ok(Some(Gone {
            count: self.gone_query(templates, model, &all)?,
            made: match reach_is_made {
                true => self.all(templates, "verify/reached.sql", &values)?,
                false => Vec::new(),
            },
            beyond: self.gone_query(templates, model, &values)?,
        }))
    }

    /// Counts them, those that the next refresh would compute again aside where `values` have its reach.
    pub(super) fn gone_query(
        &self,
        templates: &Templates<'_>,
        model: &ModelTable,
        values: &impl Serialize,
    ) -> Result<String> {
        let table = Table::model(self.warehouse, model, self.dialect);
        let refresh = Refresh::new(self.warehouse, model, self.dialect);
        let query = match model.model {
            Model::IdGraph | Model::ProfileMerges => "id_graph",
            Model::ExternalIdMapping | Model::UserIdentifiers => "external_ids",
            other => other.name(),
        };
        let seen = context! { table => Serde(&table), affected_on => Serde(&refresh.affected_on) };
        let gone = templates.render(&format!("verify/gone/{query}.sql"), seen)?;
        self.one(templates, "verify/gone.sql", Counted { gone: gone.trim_end(), values })
    }

    /// Asks of each incremental model for a number that changes when rows of the landed tables that it reads are deleted; `None`
    /// where the database counts nothing of the kind.
    ///
    /// # Errors
    /// When a template is wrong, or what it renders is not the dialect's SQL.
    pub fn deletions(&self) -> Result<Option<String>> {
        let models = self.warehouse.models.iter().filter(|model| has_gone(model));
        let read: Vec<_> = models
            .map(|model| {
                let refresh = Refresh::new(self.warehouse, model, self.dialect);
                context! { model => &refresh.model, sources => Serde(&refresh.sources) }
            })
            .collect();
        if read.is_empty() || !self.dialect.facts.can.count_deletions {
            return Ok(None);
        }
        self.one(&self.templates, "verify/deletions.sql", context! { read }).map(Some)
    }
}

#[derive(Serialize)]
struct Counted<'a, T> {
    gone: &'a str,
    #[serde(flatten)]
    values: &'a T,
}

#[derive(Serialize)]
struct Questions {
    recomputed: Vec<Recomputed>,
    reach_is_made: bool,
    reach: Option<super::Reach>,
}
