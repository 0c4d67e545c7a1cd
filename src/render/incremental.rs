//! What the templates of an incremental model see besides: what it reads since when, and which keys that touches.

use serde::Serialize;

use super::context::Table;
use super::relation::{is_own_read, loads};
use crate::dialect::Dialect;
use crate::project::Model;
use crate::warehouse::{GRAPH_UPDATES, ModelTable, Warehouse};

/// How an incremental model finds out what changed, and notes how far it has read.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Refresh {
    /// The model's name as a literal.
    pub(super) model: String,
    is_graph: bool,
    /// Whether it reads traits, which projects gain and lose.
    pub(super) reads_traits: bool,
    /// Whether a trait is a row of it, and no column.
    pub(super) is_long: bool,
    /// The landed tables that it reads.
    pub(super) sources: Vec<ReadSource>,
    /// The columns of its table that are no traits, as texts.
    pub(super) fixed: Vec<String>,
    /// Names of its work tables.
    pub(super) window: String,
    pub(super) affected: String,
    /// The graph's: which profiles landed rows tell of.
    told: String,
    /// The template of the query that fills `affected`.
    pub(super) affected_query: String,
    /// Pairs of a column of the model and the column of `affected` that it is compared with.
    pub(super) affected_on: Vec<[String; 2]>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct ReadSource {
    /// `graph` or `own`.
    role: &'static str,
    #[serde(skip)]
    pub(super) landed: String,
    name: String,
    /// Schema and name as a text: the same table of another space is another one.
    literal: String,
    /// For questions to the catalog.
    table: Table,
    /// The columns that every model of it reads, as texts.
    columns: Vec<String>,
}

impl ReadSource {
    fn new(warehouse: &Warehouse, dialect: &Dialect, (role, landed): (&'static str, &str)) -> Self {
        let table = warehouse.landed_table(landed);
        let is_called =
            table.map_or_else(|| landed.to_owned(), |table| dialect.landed_table(table));
        let all = table.map(|table| table.columns.iter().chain(&table.absent));
        let read = all
            .into_iter()
            .flatten()
            .filter(|column| column.place.is_none() && is_own_read(column));
        Self {
            role,
            table: Table::named(dialect, &warehouse.space, &is_called),
            landed: is_called,
            name: table.map_or_else(
                || dialect.qualified(&warehouse.space, landed),
                |table| loads(warehouse, table, dialect),
            ),
            literal: dialect.literal(&format!("{}.{landed}", warehouse.space)),
            columns: read.map(|column| dialect.literal(&dialect.landed_column(column))).collect(),
        }
    }
}

/// The names of the columns of a model that are no traits, as texts.
fn fixed(table: &ModelTable, dialect: &Dialect) -> Vec<String> {
    let fixed = table.columns.iter().filter(|column| column.place.is_none());
    fixed.map(|column| dialect.literal(&column.name)).collect()
}

impl Refresh {
    pub(super) fn new(warehouse: &Warehouse, table: &ModelTable, dialect: &Dialect) -> Self {
        let source = |role, landed: &str| ReadSource::new(warehouse, dialect, (role, landed));
        let graph = source("graph", GRAPH_UPDATES);
        let on: &[(&str, &str)] = match table.model {
            Model::IdGraph | Model::ProfileMerges | Model::ResolvedEvents => {
                &[("segment_id", "segment_id")]
            }
            Model::ProfileTraits | Model::UserTraits => &[("canonical_segment_id", "segment_id")],
            Model::ExternalIdMapping => &[
                ("external_id_value", "external_id_value"),
                ("external_id_type", "external_id_type"),
            ],
            Model::UserIdentifiers => {
                &[("value", "external_id_value"), ("type", "external_id_type")]
            }
        };
        let own = table.own_source(warehouse);
        let work = |what| dialect.work_table(&warehouse.models_schema, &table.name, what);
        Self {
            model: dialect.literal(&table.name),
            is_graph: table.model == Model::IdGraph,
            reads_traits: matches!(table.model, Model::ProfileTraits | Model::UserTraits),
            is_long: table.model == Model::UserTraits,
            sources: [graph].into_iter().chain(own.map(|own| source("own", own))).collect(),
            fixed: fixed(table, dialect),
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
