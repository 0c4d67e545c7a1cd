//! The SQL of `idgraph explain`: what a profile is, and which landed rows say so.

use std::collections::BTreeMap;

use minijinja::context;
use minijinja::value::Serde;
use serde::Serialize;

use super::body::{Body, Stage};
use super::context::{Shared, Table};
use super::statement::statements;
use super::template::Templates;
use crate::diagnostic::{Result, Source};
use crate::dialect::{Dialect, Library};
use crate::project::Model;
use crate::warehouse::Warehouse;

/// Everything that an explanation runs and asks.
#[derive(Debug, Clone)]
pub struct Questions {
    /// Makes temporary tables, empty.
    pub make: Vec<String>,
    /// Takes down the profile's id, the one value of the statement.
    pub wanted: String,
    /// Fills the other tables.
    pub fill: Vec<String>,
    /// How often it was seen: in the graph, with external ids, with traits.
    pub seen: String,
    /// The segments of the profile: their id, the canonical one, the time.
    pub members: String,
    /// The latest entry of each: the segment, where it points, the row's id, time and `seq`.
    pub entries: String,
    /// The external ids that it holds: type and value, then of the row that decided the id, segment, time and `seq`.
    pub external_ids: String,
    /// The landed rows with traits, latest first: id, segment, time and `seq`, then each trait as text.
    pub traits: String,
    /// What the tables say: the canonical profile,
    pub standing_graph: String,
    /// what the profile was merged to,
    pub standing_merged: String,
    /// its canonical one's traits as text, behind its id,
    pub standing_traits: String,
    /// and its external ids.
    pub standing_external_ids: String,
}

#[derive(Serialize)]
struct Values {
    wanted: String,
    members: String,
    known: String,
    recomputed: String,
    stands: BTreeMap<&'static str, String>,
    table: Table,
    query: String,
    steps: String,
}

/// The SQL of an explanation.
///
/// # Errors
/// When a template is wrong, or what it renders is not the dialect's SQL.
pub fn questions(warehouse: &Warehouse, dialect: &Dialect, library: &Library) -> Result<Questions> {
    let work = |what: &str| dialect.identifier(&dialect.derived_name(&["explained", what]));
    let recomputed = work("graph");
    let shared = Shared::new(warehouse, dialect, false)
        .with_model(Model::IdGraph.name(), recomputed.clone());
    let templates = Templates::new(library, dialect, &shared, false)?;
    let values = |stage: Stage| -> Result<Option<Values>> {
        let Some(model) = warehouse.models.iter().find(|table| table.model == Model::IdGraph)
        else {
            return Ok(None);
        };
        let table = Table::model(warehouse, model, dialect);
        let what = (model, &table, warehouse.read_by(model));
        let body = Body::new(warehouse, dialect, &templates, what, None, stage)?;
        let stands = [Model::IdGraph, Model::ExternalIdMapping, Model::ProfileTraits];
        Ok(Some(Values {
            wanted: work("profile"),
            members: work("segments"),
            known: work("external_ids"),
            recomputed: recomputed.clone(),
            stands: stands
                .iter()
                .map(|model| {
                    let name = model.name();
                    (name, dialect.qualified(&warehouse.models_schema, name))
                })
                .collect(),
            table,
            query: body.query,
            steps: body.steps,
        }))
    };
    let script = |name: &str, stage: Stage| -> Result<Vec<String>> {
        let values = context! { affected => (), ..minijinja::Value::from(Serde(values(stage)?)) };
        let template = format!("explain/{name}.sql");
        let text = templates.render(&template, values)?;
        let read = statements(&Source::new(template, text), dialect)?;
        Ok(read.into_iter().map(|statement| statement.sql).collect())
    };
    let one = |name: &str| -> Result<String> {
        Ok(script(name, Stage::Fill)?.into_iter().next().unwrap_or_default())
    };
    Ok(Questions {
        make: script("make", Stage::Make)?,
        wanted: one("wanted")?,
        fill: script("fill", Stage::Fill)?,
        seen: one("seen")?,
        members: one("members")?,
        entries: one("entries")?,
        external_ids: one("external_ids")?,
        traits: one("traits")?,
        standing_graph: one("standing_graph")?,
        standing_merged: one("standing_merged")?,
        standing_traits: one("standing_traits")?,
        standing_external_ids: one("standing_external_ids")?,
    })
}
