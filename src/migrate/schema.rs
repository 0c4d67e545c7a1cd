//! The recorded schema: what the warehouse holds once all migrations have run. A line a column, so that git merges it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::folder::SCHEMA_FILE;
use crate::diagnostic::{Diagnostic, Place, Result, Source};
use crate::project::{DynamicTables, LogicalType, Materialization, Model};

/// The version of the record's form.
const VERSION: u32 = 1;

/// What the warehouse holds, as the migrations leave it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    version: u32,
    /// The catalog that both schemas are in, where names have three parts; `None` for the session's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalog: Option<String>,
    /// The schema that landed tables live in.
    pub space: String,
    /// The schema that models live in.
    pub models_schema: String,
    /// What else decides about the models' SQL.
    pub settings: Settings,
    /// Every table and view, in the order of building.
    pub objects: Vec<Object>,
    /// What earlier migrations are about and no object is any more.
    #[serde(default, skip_serializing_if = "Gone::is_empty")]
    pub gone: Gone,
}

/// Names that objects had, for who reads the migrations of that time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gone {
    /// Landed tables that models read.
    pub landed: BTreeSet<String>,
    /// Tables and views that idgraph built.
    pub built: BTreeSet<String>,
}

impl Gone {
    fn is_empty(&self) -> bool {
        self.landed.is_empty() && self.built.is_empty()
    }
}

/// The project's settings that models depend on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The landed table that traits are read from.
    pub traits_from: String,
    /// What NULL in a landed row means for a trait.
    pub null_means: String,
    /// Whether landed external ids say when one was taken away.
    pub removals: bool,
    /// The column that says when a row was loaded.
    pub load_time: String,
    /// How dynamic tables are refreshed; none when no model is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dynamic_tables: Option<DynamicTables>,
}

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A table that Segment lands, as models read it: no migration makes or changes it.
    Landed,
    /// What idgraph remembers between refreshes.
    State,
    /// A table or view that idgraph builds.
    Model,
}

/// A table or view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Object {
    /// What it is.
    pub kind: Kind,
    /// Its name, not quoted.
    pub name: String,
    /// What its rows are.
    pub comment: String,
    /// What only a model has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelRecord>,
    /// Its indexes.
    #[serde(default)]
    pub indexes: Vec<Index>,
    /// Its columns, in the order in which the warehouse has them.
    pub columns: Vec<Column>,
}

/// What only a model has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelRecord {
    /// Which one.
    pub name: Model,
    /// How it is kept.
    pub materialized: Materialization,
    /// For resolved events: the landed table that it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shows: Option<String>,
    /// For resolved events: the columns of that table that had not landed when this was written, so that it shows NULL; all of them
    /// where the table had not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_landed: Vec<String>,
    /// The hash of its SQL, comments, blanks and configured columns left out: when it changes, the rows change.
    pub meaning: String,
    /// The hash of its comments, those of configured columns left out: when it changes, nothing is rebuilt.
    pub description: String,
    /// The tables and views that it reads, `schema.table`.
    pub reads: Vec<String>,
}

/// An index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// Its name, as SQL writes it.
    pub name: String,
    /// What makes it, on one line.
    pub sql: String,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name, not quoted.
    pub name: String,
    /// In a landed table: what models call it, where that is another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_as: Option<String>,
    /// Of a trait: the columns that it landed in before, the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub renamed_from: Vec<String>,
    /// Its logical type.
    #[serde(rename = "type")]
    pub logical_type: LogicalType,
    /// Its type in the warehouse.
    pub sql: String,
    /// Its meaning.
    pub comment: String,
    /// Whether the project configures it: a trait, a property, a context field.
    #[serde(default, skip_serializing_if = "is_false")]
    pub configured: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(truth: &bool) -> bool {
    !truth
}

impl Schema {
    /// A record of these objects.
    pub fn new(
        (space, models_schema): (&str, &str),
        settings: Settings,
        objects: Vec<Object>,
    ) -> Self {
        let (space, models_schema) = (space.to_owned(), models_schema.to_owned());
        let gone = Gone::default();
        Self { version: VERSION, catalog: None, space, models_schema, settings, objects, gone }
    }

    /// A record of nothing, in the same schemas.
    #[must_use]
    pub fn emptied(&self) -> Self {
        Self { objects: Vec::new(), ..self.clone() }
    }

    /// The recorded schema of a folder, if there is one.
    ///
    /// # Errors
    /// When it cannot be read or is none.
    pub fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(SCHEMA_FILE);
        match crate::files::text(&path) {
            Ok(text) => Self::parse(&Source::new(path.to_string_lossy(), text)).map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Diagnostic::error(
                "unreadable",
                format!("cannot read {}: {error}", path.display()),
            )
            .help("check that it is a file and that you may read it")
            .into()),
        }
    }

    /// Reads the record's text.
    ///
    /// # Errors
    /// When it is none, or one of another version.
    pub fn parse(source: &Arc<Source>) -> Result<Self> {
        serde_json::from_str::<Self>(&source.text)
            .map_err(|error| {
                let line = source.line(error.line());
                (line, error.to_string())
            })
            .and_then(|schema| match schema.version {
                VERSION => Ok(schema),
                other => Err((source.line(2), format!("version {other}; this idgraph knows {VERSION}"))),
            })
            .map_err(|(span, why)| {
                Diagnostic::error("recorded-schema", format!("{} is no recorded schema", source.name))
                    .at(&Place { source: source.clone(), span }, why)
                    .note("`idgraph migrate new` writes it together with each migration")
                    .help("take the file from the last commit; after a merge, keep the lines of both branches")
                    .into()
            })
    }

    /// The record as text: a line for each column, so that two branches which add one each merge.
    pub fn text(&self) -> String {
        let catalog = self.catalog.as_ref();
        let catalog = catalog.map(|name| format!("  \"catalog\": {},\n", json(name)));
        let catalog = catalog.unwrap_or_default();
        let mut text = format!(
            "{{\n  \"version\": {},\n{catalog}  \"space\": {},\n  \"models_schema\": {},\n  \"settings\": {},\n  \"objects\": [",
            self.version,
            json(&self.space),
            json(&self.models_schema),
            json(&self.settings)
        );
        for (index, object) in self.objects.iter().enumerate() {
            text.push_str(if index == 0 { "\n    {\n" } else { ",\n    {\n" });
            let mut fields = vec![
                format!("\"kind\": {}", json(&object.kind)),
                format!("\"name\": {}", json(&object.name)),
                format!("\"comment\": {}", json(&object.comment)),
            ];
            fields.extend(object.model.iter().map(|model| format!("\"model\": {}", json(model))));
            let indexes: Vec<_> = object.indexes.iter().map(json).collect();
            fields.push(format!("\"indexes\": {}", lines(&indexes)));
            let columns: Vec<_> = object.columns.iter().map(json).collect();
            fields.push(format!("\"columns\": {}", lines(&columns)));
            text.push_str(&format!("      {}\n    }}", fields.join(",\n      ")));
        }
        text.push_str(if self.objects.is_empty() { "]" } else { "\n  ]" });
        if !self.gone.is_empty() {
            text.push_str(&format!(",\n  \"gone\": {}", json(&self.gone)));
        }
        text.push_str("\n}\n");
        text
    }

    /// The schema that an object is in.
    pub fn schema_of(&self, object: &Object) -> &str {
        if object.kind == Kind::Landed { &self.space } else { &self.models_schema }
    }

    /// Whether an object of a kind has or had this name.
    pub fn knows(&self, is_landed: bool, is_it: impl Fn(&str) -> bool) -> bool {
        let of_kind = |one: &&Object| (one.kind == Kind::Landed) == is_landed;
        let gone = if is_landed { &self.gone.landed } else { &self.gone.built };
        let now = self.objects.iter().filter(of_kind).map(|one| &one.name);
        now.chain(gone).any(|name| is_it(name))
    }

    /// A table that Segment lands.
    pub fn landed(&self, name: &str) -> Option<&Object> {
        self.objects.iter().find(|object| object.kind == Kind::Landed && object.name == name)
    }

    /// A table or view of idgraph's own.
    pub fn built(&self, name: &str) -> Option<&Object> {
        self.objects.iter().find(|object| object.kind != Kind::Landed && object.name == name)
    }

    /// The model of that name.
    pub fn model(&self, model: Model) -> Option<&Object> {
        self.objects
            .iter()
            .find(|object| object.model.as_ref().is_some_and(|one| one.name == model))
    }
}

impl Object {
    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// What tells it from the others: landed tables have names of their own.
    pub(super) fn id(&self) -> (bool, &str) {
        (self.kind == Kind::Landed, &self.name)
    }

    /// Whether it is made by its query alone: a view or a dynamic table.
    pub fn is_query(&self) -> bool {
        self.model.as_ref().is_some_and(|model| model.materialized.is_query())
    }

    /// What the warehouse calls it: a table, a view, a dynamic table.
    pub fn object(&self) -> &'static str {
        self.model.as_ref().map_or("table", |model| model.materialized.object())
    }

    /// Whether it is an incremental model.
    pub fn is_incremental(&self) -> bool {
        self.is(Materialization::Incremental)
    }

    /// Whether the warehouse keeps it up to date by itself.
    pub fn is_dynamic(&self) -> bool {
        self.is(Materialization::DynamicTable)
    }

    fn is(&self, kept: Materialization) -> bool {
        self.model.as_ref().is_some_and(|model| model.materialized == kept)
    }

    /// Which model it is.
    pub fn is_model(&self, model: Model) -> bool {
        self.model.as_ref().is_some_and(|one| one.name == model)
    }
}

fn lines(items: &[String]) -> String {
    if items.is_empty() {
        return "[]".to_owned();
    }
    format!("[\n        {}\n      ]", items.join(",\n        "))
}

/// A value as JSON on one line: nothing here that JSON cannot hold.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
