//! The SQL of `idgraph explain`: what a profile is, and which landed rows say so. Each question is one query, so that
//! nothing is made: not even a temporary table.

use std::collections::BTreeMap;

use minijinja::context;
use minijinja::value::Serde;

use super::body::{Body, Form};
use super::context::{Shared, Table};
use super::statement::statements;
use super::template::Templates;
use super::verify::before;
use crate::diagnostic::{Result, Source};
use crate::dialect::{Dialect, Library};
use crate::project::Model;
use crate::warehouse::Warehouse;

/// Everything that an explanation asks.
#[derive(Debug, Clone)]
pub struct Questions {
    /// What comes before all questions. Where queries cannot compute the graph themselves, it makes it as it must be, as a
    /// temporary table.
    pub before: Vec<String>,
    /// With the type and the value of an external id: the canonical profile that holds it.
    pub holder: String,
    /// With the segment: the segments of its profile, each with the canonical one and when the last was merged.
    pub members: String,
    /// With the segment: how often it was seen with external ids and with traits.
    pub seen: String,
    /// With the segment: the canonical profile as it stands, and what the profile was merged to.
    pub standing_profile: String,
    /// With the canonical profile, the segments and when the last was merged, as all that follow: the latest entry of each
    /// segment, where it points, the row's id, time and `seq`.
    pub entries: String,
    /// The external ids that it holds: type and value, then of the row that decided the id, segment, time and `seq`.
    pub external_ids: String,
    /// The landed rows with traits, latest first: id, segment, time and `seq`, then each trait as text.
    pub traits: String,
    /// Behind a number that says nothing, for each trait 1 where it differs from what it must be.
    pub differing_traits: String,
    /// With the canonical profile: its traits as they stand as text, behind its id,
    pub standing_traits: String,
    /// and its external ids.
    pub standing_external_ids: String,
}

/// The SQL of an explanation.
///
/// # Errors
/// When a template is wrong, or what it renders is not the dialect's SQL.
pub fn questions(warehouse: &Warehouse, dialect: &Dialect, library: &Library) -> Result<Questions> {
    let name = |what: &str| dialect.identifier(&dialect.derived_name(&["explained", what]));
    let (segments, recomputed) = (name("segments"), name("graph"));
    let seeing = |graph: &str| {
        Shared::new(warehouse, dialect, false).with_model(Model::IdGraph.name(), graph.to_owned())
    };
    // In sight of these, the graph is that of all profiles; of the others, that of the profile's segments.
    let whole = Templates::new(library, dialect, &seeing(&recomputed), false)?;
    let own = whole.clone().sharing(&seeing(&segments));
    let query = |model: Model, affected: Option<&str>, templates: &Templates<'_>| {
        let Some(model) = warehouse.models.iter().find(|table| table.model == model) else {
            return Ok(String::new());
        };
        let table = Table::model(warehouse, model, dialect);
        let what = (model, &table, warehouse.read_by(model));
        let body = Body::new(warehouse, dialect, templates, what, affected, Form::Query)?;
        Ok::<_, crate::diagnostic::Diagnostics>(body.query)
    };
    let stands = [Model::IdGraph, Model::ExternalIdMapping, Model::ProfileTraits];
    let stands: BTreeMap<&str, String> = stands
        .iter()
        .map(|model| {
            (model.name(), dialect.qualified(&warehouse.models_schema, warehouse.table_of(*model)))
        })
        .collect();
    let graph = query(Model::IdGraph, None, &whole)?;
    let (graph, made) = match dialect.facts.can.compute_from_views {
        true => (Some(graph), Vec::new()),
        false => (None, made(warehouse, dialect, &whole, (&recomputed, &graph))?),
    };
    let values = context! {
        graph,
        profile => query(Model::ProfileTraits, Some(&segments), &own)?,
        affected => (),
        known => name("external_ids"),
        must_be => name("traits"),
        stands => Serde(stands),
        recomputed,
        segments,
    };
    let one = |templates: &Templates<'_>, name: &str| -> Result<String> {
        let template = format!("explain/{name}.sql");
        let text = templates.render(&template, &values)?;
        Ok(read(&template, text, dialect)?.into_iter().next().unwrap_or_default())
    };
    let for_external_ids = if warehouse.removals { &whole } else { &own };
    Ok(Questions {
        before: [before(&whole, dialect)?, made].concat(),
        holder: one(&whole, "holder")?,
        members: one(&whole, "members")?,
        seen: one(&own, "seen")?,
        standing_profile: one(&own, "standing_profile")?,
        entries: one(&own, "entries")?,
        external_ids: one(for_external_ids, "external_ids")?,
        traits: one(&own, "traits")?,
        differing_traits: one(&own, "differing_traits")?,
        standing_traits: one(&own, "standing_traits")?,
        standing_external_ids: one(&own, "standing_external_ids")?,
    })
}

/// What makes the graph, for a dialect that cannot compute it in each query.
fn made(
    warehouse: &Warehouse,
    dialect: &Dialect,
    templates: &Templates<'_>,
    (name, query): (&str, &str),
) -> Result<Vec<String>> {
    let Some(model) = warehouse.models.iter().find(|table| table.model == Model::IdGraph) else {
        return Ok(Vec::new());
    };
    let table = Table::model(warehouse, model, dialect);
    let text =
        templates.render("recomputed.sql", context! { name, query, table => Serde(&table) })?;
    read("recomputed.sql", text, dialect)
}

fn read(template: &str, text: String, dialect: &Dialect) -> Result<Vec<String>> {
    let read = statements(&Source::new(template, text), dialect)?;
    Ok(read.into_iter().map(|statement| statement.sql).collect())
}
