//! What the templates of an incremental model see besides: what it reads since when, and which keys that touches.

use serde::Serialize;

use super::relation::loads;
use crate::dialect::Dialect;
use crate::project::Model;
use crate::warehouse::{ModelTable, Warehouse};

/// How an incremental model finds out what changed, and notes how far it has read.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Refresh {
    /// The model's name as a literal.
    model: String,
    is_graph: bool,
    /// Whether it reads traits, which projects gain and lose.
    reads_traits: bool,
    /// Whether a trait is a row of it, and no column.
    is_long: bool,
    /// The landed tables that it reads.
    sources: Vec<ReadSource>,
    /// Names of its work tables.
    pub(super) window: String,
    pub(super) affected: String,
    /// The graph's: which profiles landed rows tell of.
    told: String,
    /// The template of the query that fills `affected`.
    pub(super) affected_query: String,
    /// Pairs of a column of the model and the column of `affected` that it is compared with.
    affected_on: Vec<[String; 2]>,
}

#[derive(Debug, Clone, Serialize)]
struct ReadSource {
    /// `graph` or `own`.
    role: &'static str,
    name: String,
    literal: String,
}

impl Refresh {
    pub(super) fn new(warehouse: &Warehouse, table: &ModelTable, dialect: &Dialect) -> Self {
        let source = |role, landed: &str| ReadSource {
            role,
            name: warehouse.landed_table(landed).map_or_else(
                || dialect.qualified(&warehouse.space, landed),
                |table| loads(warehouse, table, dialect),
            ),
            literal: dialect.literal(landed),
        };
        let graph = source("graph", "id_graph_updates");
        let (own, on): (Option<&str>, &[(&str, &str)]) = match table.model {
            Model::IdGraph | Model::ProfileMerges | Model::ResolvedEvents => {
                (None, &[("segment_id", "segment_id")])
            }
            Model::ProfileTraits | Model::UserTraits => {
                (Some(warehouse.traits_from), &[("canonical_segment_id", "segment_id")])
            }
            Model::ExternalIdMapping => (
                Some("external_id_mapping_updates"),
                &[
                    ("external_id_value", "external_id_value"),
                    ("external_id_type", "external_id_type"),
                ],
            ),
            Model::UserIdentifiers => (
                Some("external_id_mapping_updates"),
                &[("value", "external_id_value"), ("type", "external_id_type")],
            ),
        };
        let work = |what| dialect.work_table(&warehouse.models_schema, &table.name, what);
        Self {
            model: dialect.literal(&table.name),
            is_graph: table.model == Model::IdGraph,
            reads_traits: matches!(table.model, Model::ProfileTraits | Model::UserTraits),
            is_long: table.model == Model::UserTraits,
            sources: [graph].into_iter().chain(own.map(|own| source("own", own))).collect(),
            window: work("window"),
            affected: work("affected"),
            told: work("told"),
            affected_query: match table.model {
                Model::ExternalIdMapping | Model::UserIdentifiers => {
                    "affected/external_ids.sql".to_owned()
                }
                _ => format!("affected/{}.sql", table.model.name()),
            },
            affected_on: on
                .iter()
                .map(|(column, other)| [dialect.identifier(column), dialect.identifier(other)])
                .collect(),
        }
    }
}
