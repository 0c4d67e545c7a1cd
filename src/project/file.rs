//! The shape of `idgraph.yml` as the user writes it.
//!
//! These types are the file's one definition: the JSON schema is generated from them, the file is checked
//! against that schema, and what passes is read into them. Their doc comments are what editors show.

use indexmap::IndexMap;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Deserialize;

use super::{
    LoadTime, LogicalType, Materialization, Model, NullMeans, Pii, RefreshMode, TraitKind,
    TraitSource,
};

/// The JSON schema of the project file, for editors and for the check of the file itself.
pub fn json_schema() -> serde_json::Value {
    let mut schema: Schema =
        SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<File>();
    // First, where a reader looks for it.
    if let Some(schema) = schema.as_object_mut()
        && let Some(uri) = schema.remove("$schema")
    {
        schema.shift_insert(0, "$schema".to_owned(), uri);
    }
    schema.into()
}

/// The keys of the file, and those of a target.
pub(super) fn keys() -> (Vec<String>, Vec<String>) {
    let schema = json_schema();
    let keys = |at: &str| {
        let properties = schema.pointer(at).and_then(serde_json::Value::as_object);
        properties.into_iter().flat_map(|all| all.keys().cloned()).collect()
    };
    (keys("/properties"), keys("/$defs/Target/properties"))
}

/// An idgraph project: one customer-profile warehouse (Twilio Segment Profiles Sync) and the tables built on it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "idgraph.yml")]
pub(super) struct File {
    /// The Segment space: the schema that Profiles Sync lands its tables in, `<space>.<table>`.
    #[schemars(required, example = &"acme")]
    pub space: Option<String>,
    /// The schema that the built tables go to. Default: the space.
    #[schemars(example = &"acme_models")]
    pub models_schema: Option<String>,
    /// The catalog that the schemas are in, where a warehouse's names have three parts. Default: the session's.
    #[schemars(example = &"main")]
    pub catalog: Option<String>,
    /// The SQL dialects to write, one folder each: `[postgres, snowflake]`. `idgraph dialect list` names them all.
    #[schemars(required, length(min = 1))]
    pub dialects: Option<Vec<String>>,
    /// The schemas of the connections (sources) in the same warehouse. None may have the space's name.
    #[schemars(example = ["website", "ios_app"])]
    pub sources: Option<Vec<String>>,
    /// What lands in the space and is not wanted: a table of an event (`debug_ping`), a column (`identifies.fax`), or a
    /// column of every table (`*.context_locale`). `plan` and `introspect` pass over it.
    #[schemars(example = ["debug_ping", "identifies.fax"])]
    pub ignore: Option<Vec<String>>,
    /// Context fields that events carry. Each becomes a column `context_<field>` of the event tables.
    #[schemars(example = ["url", "page_title"])]
    pub context: Option<Vec<Context>>,
    /// The traits of a profile, and where they are read from.
    pub traits: Option<Traits>,
    /// The track events, by the name they are sent with, each a landed table of its own; and `pages`, `screens`, `groups` and
    /// `aliases` where their calls carry properties of the customer's.
    #[schemars(example = serde_json::json!({"Order Completed": {"properties": {"total": "float"}}}))]
    pub events: Option<IndexMap<String, Option<Event>>>,
    /// The tables to build. `id_graph`, `external_id_mapping` and `profile_traits` are always built.
    pub models: Option<Models>,
    /// What the external ids are read from.
    pub external_ids: Option<ExternalIds>,
    /// In which schema an extension is that the SQL calls functions of, where the warehouse has extensions.
    pub extensions: Option<Extensions>,
    /// How incremental models read what landed since the last refresh.
    pub incremental: Option<Incremental>,
    /// How models that are dynamic tables are refreshed by the warehouse itself.
    pub dynamic_tables: Option<DynamicTables>,
    /// When the warehouse itself runs the refresh, where it has schedules.
    pub schedule: Option<Schedule>,
    /// The databases that `idgraph apply` and `idgraph show` can work on, by a name of your choice:
    /// `local: { engine: sqlite, path: acme.db }`.
    pub targets: Option<IndexMap<String, Target>>,
    /// The target that commands work on without `--target`. Default: the only one, where there is one.
    #[schemars(example = &"warehouse")]
    pub default_target: Option<String>,
}

/// The traits of a profile.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Traits {
    /// The landed table that traits are read from. Default: identifies.
    pub from: Option<TraitSource>,
    /// What NULL in a landed row means for a trait: that the row does not say, or that the trait was unset. Default: unknown for
    /// `identifies`, whose rows are what a call carried; unset for `profile_traits_updates`, whose rows are whole profiles.
    pub null_means: Option<NullMeans>,
    /// The traits, by the name they are sent with. Each becomes a column of `profile_traits`.
    #[schemars(example = serde_json::json!({"email": "varchar", "lifetimeValue": {"type": "float", "kind": "computed"}}))]
    pub columns: Option<IndexMap<String, Trait>>,
}

/// What the external ids are read from.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExternalIds {
    /// Whether `external_id_mapping_updates` has the column `__operation`, in which REMOVED takes an identifier away from
    /// its profile. Default: false.
    pub removals: Option<bool>,
}

/// Where extensions are.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Extensions {
    /// The schema of Postgres's pgcrypto, which computes `external_id_hash` where none landed; `none` for a database without it:
    /// then the hash is what landed. Default: public. Commands with a connection find it themselves.
    #[schemars(example = &"none")]
    pub pgcrypto: Option<String>,
}

/// How incremental models read what landed since the last refresh.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Incremental {
    /// The column that says when a row was loaded. Default: uuid_ts.
    pub load_time: Option<LoadTime>,
    /// How far behind the newest row already read a row may still land: minutes, hours or days. Default: 1d.
    #[schemars(example = &"3h", regex(pattern = r"^[0-9]{1,6}[mhd]$"))]
    pub lookback: Option<String>,
    /// How often Segment lands new rows. `idgraph lint` holds the lookback against it. Default: 1h.
    #[schemars(example = &"1h", regex(pattern = r"^[0-9]{1,6}[mhd]$"))]
    pub sync_every: Option<String>,
}

/// How models that are dynamic tables are refreshed by the warehouse itself.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DynamicTables {
    /// The virtual warehouse that computes them, by name. Needed when a model is a dynamic table.
    #[schemars(example = &"transforming")]
    pub warehouse: Option<String>,
    /// How far they may be behind what has landed: minutes, hours or days. Default: 1h.
    #[schemars(example = &"15m", regex(pattern = r"^[0-9]{1,6}[mhd]$"))]
    pub target_lag: Option<String>,
    /// What a refresh computes. Default: auto, which the warehouse decides when the table is made.
    pub refresh_mode: Option<RefreshMode>,
}

/// When the warehouse itself runs the refresh, where it has schedules.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Schedule {
    /// Minute, hour, day of the month, month, day of the week: `15 * * * *` is a quarter past each hour.
    #[schemars(required, example = &"15 * * * *")]
    pub cron: Option<String>,
    /// The time zone of the hours, by its name in the IANA's database. Default: UTC.
    #[schemars(example = &"Europe/Berlin")]
    pub time_zone: Option<String>,
    /// The virtual warehouse that runs it. Default: what the warehouse chooses.
    #[schemars(example = &"transforming")]
    pub warehouse: Option<String>,
}

/// A context field: its name, or a mapping that says more.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Context {
    /// Just the name.
    Name(String),
    /// The name and more.
    Details(ContextDetails),
}

/// A context field, at length.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ContextDetails {
    /// The field's name in the events' context.
    pub name: String,
    /// The column that it lands in, where that is not `context_` and its name in snake case.
    #[schemars(example = &"context_page_url")]
    pub column: Option<String>,
    /// Whether it is personal data: true, false, or a category of your own such as `network`.
    pub pii: Option<Pii>,
}

/// A trait: its type, or a mapping that says more.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Trait {
    /// Just the type.
    Type(LogicalType),
    /// The type and more.
    Details(TraitDetails),
}

/// A trait, at length.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TraitDetails {
    /// The type of its values.
    pub r#type: LogicalType,
    /// Who computes it. Default: custom.
    pub kind: Option<TraitKind>,
    /// What it means, in your own words: it becomes the column's comment.
    pub description: Option<String>,
    /// The name that the trait was sent with before, or several, the newest first. What landed under them is read where the
    /// new column has no value, and `idgraph migrate new` keeps the column of `profile_traits`, under the new name.
    #[schemars(example = &"tier", example = serde_json::json!(["tier", "plan"]))]
    pub renamed_from: Option<Names>,
    /// The column that it lands in, where that is not its name in snake case.
    #[schemars(example = &"_order")]
    pub column: Option<String>,
    /// Whether it is personal data: true, false, or a category of your own such as `contact`.
    pub pii: Option<Pii>,
}

/// A name, or several.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Names {
    /// Just one.
    One(String),
    /// A list.
    Many(Vec<String>),
}

impl Names {
    /// All of them.
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Many(names) => names,
        }
    }
}

/// A track event.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Event {
    /// The properties, by the name they are sent with. Each becomes a column of the event's table.
    #[schemars(example = serde_json::json!({"total": "float", "orderId": "varchar"}))]
    pub properties: Option<IndexMap<String, Property>>,
    /// The table that it lands in, where that is not its name in snake case.
    #[schemars(example = &"_open")]
    pub table: Option<String>,
}

/// A property of an event: its type, or a mapping that says more.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Property {
    /// Just the type.
    Type(LogicalType),
    /// The type and more.
    Details(PropertyDetails),
}

/// A property of an event, at length.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PropertyDetails {
    /// The type of its values.
    pub r#type: LogicalType,
    /// What it means, in your own words: it becomes the column's comment.
    pub description: Option<String>,
    /// The column that it lands in, where that is not its name in snake case.
    #[schemars(example = &"_order")]
    pub column: Option<String>,
    /// Whether it is personal data: true, false, or a category of your own such as `contact`.
    pub pii: Option<Pii>,
}

/// The tables to build. One that is not named is not built, save the first three.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Models {
    /// Where every profile id points now. Always built.
    pub id_graph: Option<ModelDetails>,
    /// Which profile holds each external id. Always built.
    pub external_id_mapping: Option<ModelDetails>,
    /// The last value of every trait of every profile. Always built.
    pub profile_traits: Option<ModelDetails>,
    /// `profile_traits` in long form: a row for each profile and trait.
    pub user_traits: Option<ModelDetails>,
    /// `external_id_mapping` in Segment's fixed form.
    pub user_identifiers: Option<ModelDetails>,
    /// `id_graph` in Segment's fixed form.
    pub profile_merges: Option<ModelDetails>,
    /// A view for each event table, with the canonical profile in front. Default: view.
    pub resolved_events: Option<ModelDetails>,
}

impl Models {
    /// What the file says of a model, if anything.
    pub fn get(&self, model: Model) -> Option<&ModelDetails> {
        match model {
            Model::IdGraph => &self.id_graph,
            Model::ExternalIdMapping => &self.external_id_mapping,
            Model::ProfileTraits => &self.profile_traits,
            Model::UserTraits => &self.user_traits,
            Model::UserIdentifiers => &self.user_identifiers,
            Model::ProfileMerges => &self.profile_merges,
            Model::ResolvedEvents => &self.resolved_events,
        }
        .as_ref()
    }
}

/// How one model is built.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelDetails {
    /// How it is kept in the warehouse. Default: table.
    pub materialized: Option<Materialization>,
    /// What its table is called: letters in lower case, digits and `_`. For `resolved_events`, with `*` for the event table.
    /// Default: the model's own name; for `resolved_events`, `*_resolved`.
    #[schemars(example = &"profile_history")]
    pub name: Option<String>,
}

/// A database to apply the project to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Target {
    /// The database engine: `postgres` or `sqlite`.
    pub engine: String,
    /// For a server: the connection URL. `${NAME}` is read from the environment when the target is used.
    #[schemars(example = &"${DATABASE_URL}")]
    pub url: Option<String>,
    /// For an engine in a file: the database file, relative to this file's folder. `${NAME}` works as in `url`.
    #[schemars(example = &"acme.db")]
    pub path: Option<String>,
    /// The Segment space of this target, where it is another than the project's.
    #[schemars(example = &"acme_dev")]
    pub space: Option<String>,
    /// The schema that the built tables go to in this target. Default: the project's; where that is the space, this target's space.
    #[schemars(example = &"acme_dev_models")]
    pub models_schema: Option<String>,
}
