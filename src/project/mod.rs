//! The project: what the user wrote in `idgraph.yml`, checked, every value with its place in the file.

mod check;
mod comments;
mod edit;
mod environment;
mod file;
pub(crate) mod found;
mod ignored;
mod landed;
pub(crate) mod mask;
mod model;
mod names;
pub(crate) mod own;
mod places;
pub(crate) mod read;
mod schedule;
pub(crate) mod shape;
mod typed;
pub(crate) mod words;
pub(crate) mod written;
pub(crate) mod yaml;
mod yaml_error;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnostic::{Place, Result, Source};

pub use comments::Comment;
pub use edit::{Addition, with_additions};
pub use environment::{Address, DatabaseFile, MARK, Url};
pub use file::json_schema;
pub use ignored::Ignored;
pub use landed::{LANDED_FILE, Landed, LandedColumns, LandedTables};
pub use model::{DynamicTables, Materialization, Model, ModelChoice, RefreshMode, shown_as};
pub use names::{is_landed as is_landed_name, snake_case};
pub use schedule::{Every, Schedule};

/// The tables that Segment lands whatever the events are.
pub const LANDED_TABLES: &[&str] = check::LANDED;

/// Those of them whose rows are events, of all of a kind.
pub const EVENT_TABLES: &[&str] = check::OF_EVENTS;

/// Those of them that hold the calls of one kind, whose properties a project may list under `events`.
pub const CALL_TABLES: &[&str] = check::CALLS;

/// The tables that Segment itself may build in the space.
pub const BUILT_BY_SEGMENT: &[&str] = &check::BUILT_BY_SEGMENT;

/// A value and where it stands in the project file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it was written; for a default, the place that it follows from.
    pub place: Place,
}

/// A checked project file.
#[derive(Debug, Clone)]
pub struct Project {
    /// The file it was read from.
    pub path: PathBuf,
    /// Its text, for diagnostics found later (limits of a dialect, say); passwords in it are masked.
    pub source: Arc<Source>,
    /// The schema that landed tables live in.
    pub space: Placed<String>,
    /// The schema that materialized tables live in.
    pub models_schema: Placed<String>,
    /// The catalog that both are in, where names have three parts; `None` for the session's.
    pub catalog: Option<Placed<String>>,
    /// The dialects to render, in the order of the file.
    pub dialects: Vec<Placed<String>>,
    /// What lands and is not wanted.
    pub ignored: Vec<Ignored>,
    /// Context keys, each a column of every event table.
    pub context: Vec<Column>,
    /// Where traits come from.
    pub traits_from: TraitSource,
    /// The traits, each a column of `profile_traits`.
    pub traits: Vec<Column>,
    /// The track events, each a landed table.
    pub events: Vec<Event>,
    /// The models that are on, in [`Model`]'s order.
    pub models: Vec<ModelChoice>,
    /// What NULL in a landed row means for a trait.
    pub null_means: NullMeans,
    /// Whether landed external ids say when one was taken away from its profile.
    pub removals: bool,
    /// The schemas of extensions by name, where the project says; `None` for one that is not there.
    pub extensions: BTreeMap<&'static str, Option<String>>,
    /// The column that says when a row was loaded.
    pub load_time: LoadTime,
    /// How far behind the newest row already read a row may still land, in seconds.
    pub lookback: Placed<u64>,
    /// How often Segment lands new rows, in seconds.
    pub sync_every: Placed<u64>,
    /// How dynamic tables are refreshed; `None` when no model is one.
    pub dynamic_tables: Option<Placed<DynamicTables>>,
    /// When the refresh runs by itself; `None` when the project does not say.
    pub schedule: Option<Placed<Schedule>>,
    /// The databases that `apply` knows, by name.
    pub targets: IndexMap<String, Target>,
    /// What has landed, as the record beside the project file says.
    pub landed: Landed,
    /// The target of commands that name none.
    pub default_target: Option<Placed<String>>,
}

/// What a project may name that is defined elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The dialects that can be rendered.
    pub dialects: Vec<String>,
    /// The engines that a target can have.
    pub engines: Vec<EngineNeeds>,
}

/// An engine, and how a target says where its database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineNeeds {
    /// Its name in the project file.
    pub name: String,
    /// The key that it needs.
    pub needs: Needs,
}

/// The key that says where a database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// `url`: a server.
    Url,
    /// `path`: a file.
    Path,
}

impl Project {
    /// Reads and checks a project file, and the record of what has landed beside it. The error holds every mistake of the
    /// project file, not just the first.
    pub fn read(path: &Path, known: &Known) -> Result<Self> {
        let project = Self::parse(path, &read::text(path, &written::PROJECT)?, known)?;
        Ok(Self { landed: Landed::beside(path)?, ..project })
    }

    /// As [`Project::read`], of a text already read; `path` is what messages call it.
    pub fn parse(path: &Path, text: &str, known: &Known) -> Result<Self> {
        let source = Source::new(path.display().to_string(), mask::secrets(text));
        let mut found = found::Found::new(text.len());
        let root = yaml::read(text, &source, &written::PROJECT, &mut found)?;
        let schema = json_schema();
        let sound = shape::check(&schema, root, &source, &written::PROJECT, &mut found);
        let project = check::project(path, &source, sound, known, &mut found);
        found.finish()?;
        // Without a mistake there is a project.
        project.ok_or_else(|| check::no_project(&source).into())
    }

    /// The text of a project file as it is on disk, passwords included; a byte order mark aside.
    ///
    /// # Errors
    /// When it cannot be read, or is no text.
    pub fn text(path: &Path) -> Result<String> {
        Ok(read::text(path, &written::PROJECT)?)
    }

    /// A text of a project file as it may be shown.
    pub fn masked(text: &str) -> String {
        mask::secrets(text)
    }

    /// The project as it is for a target, which may have schemas of its own.
    #[must_use]
    pub fn on(&self, target: &str) -> Self {
        let mut project = self.clone();
        let Some(own) = self.targets.get(target) else { return project };
        let follows = self.models_schema == self.space;
        if let Some(space) = &own.space {
            project.space.clone_from(space);
        }
        match &own.models_schema {
            Some(schema) => project.models_schema.clone_from(schema),
            None if follows => project.models_schema.clone_from(&project.space),
            None => {}
        }
        project
    }

    /// The comments of the project file.
    pub fn comments(&self) -> Vec<Comment> {
        comments::of(&self.source)
    }

    /// The folder of the project file: relative paths start there.
    pub fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }
}

/// A column that the user configures: a trait, a context key or a property of an event.
#[derive(Debug, Clone)]
pub struct Column {
    /// As written: `lifetimeValue`.
    pub key: String,
    /// In snake case: `lifetime_value`, for a context key `context_url`. So the models call it.
    pub name: String,
    /// The landed column, where the project names it or a rule does: else it has the same name.
    pub landed: Option<String>,
    /// Its logical type.
    pub logical_type: LogicalType,
    /// For a trait: who computes it.
    pub kind: TraitKind,
    /// The user's own words on it.
    pub description: Option<String>,
    /// For a trait: the columns that it landed in before, the newest first.
    pub renamed_from: Vec<Former>,
    /// Whether it is personal data, when the user says so.
    pub pii: Option<Pii>,
    /// Where it was written.
    pub place: Place,
}

impl Column {
    /// The name that it lands under.
    pub fn landed_name(&self) -> &str {
        self.landed.as_deref().unwrap_or(&self.name)
    }
}

/// What a trait was called before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Former {
    /// As the project writes it.
    pub key: String,
    /// In snake case: so the models called it.
    pub name: String,
    /// The landed column, where that has another name.
    pub landed: Option<String>,
}

/// A track event.
#[derive(Debug, Clone)]
pub struct Event {
    /// As written: `Order Completed`.
    pub name: String,
    /// The landed table: `order_completed`, or the one that the project names.
    pub table: String,
    /// Whether the project names the landed table.
    pub names_table: bool,
    /// Its properties.
    pub properties: Vec<Column>,
    /// Where it was written.
    pub place: Place,
}

/// A type every warehouse has, under some name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(title = "type")]
pub enum LogicalType {
    /// Text of any length.
    Varchar,
    /// A point in time, UTC.
    Timestamp,
    /// A whole number of 64 bits.
    Integer,
    /// A number of 64 bits with a fraction.
    Float,
    /// True or false.
    Boolean,
}

impl LogicalType {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Varchar, Self::Timestamp, Self::Integer, Self::Float, Self::Boolean];

    /// As the project file has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Varchar => "varchar",
            Self::Timestamp => "timestamp",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Boolean => "boolean",
        }
    }
}

/// Who computes a trait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(title = "kind")]
pub enum TraitKind {
    /// Sent by the customer's own code.
    #[default]
    Custom,
    /// Computed by Segment from events.
    Computed,
    /// Read by Segment from a warehouse with SQL.
    Sql,
    /// Membership of an audience.
    Audience,
    /// A step of a journey.
    Journey,
    /// Predicted by Segment.
    Prediction,
}

/// Whether a column is personal data.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Pii {
    /// It is, or it was looked at and is not.
    Is(bool),
    /// It is, of a category that the user names.
    Category(String),
}

impl Pii {
    /// The category, `yes` for personal data without one; `None` for what is no personal data.
    pub fn category(&self) -> Option<&str> {
        match self {
            Self::Is(is) => is.then_some("yes"),
            Self::Category(category) => Some(category),
        }
    }
}

/// The landed table that traits are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(title = "source of traits")]
pub enum TraitSource {
    /// Identify calls, as the Profiles Sync page describes.
    #[default]
    Identifies,
    /// The trait updates that Segment lands today.
    ProfileTraitsUpdates,
}

impl TraitSource {
    /// What NULL means in its rows, where the project does not say: a call carries what it carries, while Segment writes the whole
    /// profile into a trait update, and NULL when a trait is cleared
    /// (<https://www.twilio.com/en-us/changelog/profile-sync-deletions-null-trait-propagation>).
    pub fn null_means(self) -> NullMeans {
        match self {
            Self::Identifies => NullMeans::Unknown,
            Self::ProfileTraitsUpdates => NullMeans::Unset,
        }
    }
}

/// What NULL in a landed row means for a trait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NullMeans {
    /// The row does not say: the last value stays.
    Unknown,
    /// The trait was unset: each row is a snapshot.
    Unset,
}

/// The column that says when a row was loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoadTime {
    /// When Segment's connector last processed the row.
    #[default]
    UuidTs,
    /// When Segment received the event.
    ReceivedAt,
}

/// A database that the project can be applied to. Values may hold `${NAME}`: [`Target`] keeps them as written.
#[derive(Clone)]
pub struct Target {
    /// The engine: `postgres` or `sqlite`.
    pub engine: Placed<String>,
    /// For a server: the connection URL, as written (it may hold a secret: never print it).
    pub url: Option<Placed<String>>,
    /// For an embedded engine: the database file, relative to the project file's folder.
    pub path: Option<Placed<String>>,
    /// The schema that landed tables live in there, where it is another one.
    pub space: Option<Placed<String>>,
    /// The schema that materialized tables live in there, where it is another one.
    pub models_schema: Option<Placed<String>>,
    /// Where the target was written.
    pub place: Place,
}

impl fmt::Debug for Target {
    /// Without the URL, which may hold a secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.as_ref().map(|path| &path.value);
        formatter
            .debug_struct("Target")
            .field("engine", &self.engine.value)
            .field("path", &path)
            .finish_non_exhaustive()
    }
}
