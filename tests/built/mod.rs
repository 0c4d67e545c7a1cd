//! A project applied to a real database, by the library's own render, plan and apply: rows go in, tables come out.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod compare;
mod watched;

use std::path::Path;

use idgraph::dialect::{Dialect, Library};
use idgraph::engine::{self, Access, Catalog, Cell, Engine, Interrupt, Plan, Step, StepReport};
use idgraph::introspect::landed_in;
use idgraph::project::{Known, LogicalType, NullMeans, Project};
use idgraph::render;
use idgraph::warehouse::{ModelTable, Warehouse};

use crate::model::{Landed, Row, Settings, Tables, Value};
use crate::support::landed;
use crate::support::postgres::{Database, Server};

/// A project's database.
pub struct Built {
    pub engine: Box<dyn Engine>,
    pub project: Project,
    pub warehouse: Warehouse,
    pub dialect: Dialect,
    library: Library,
    files: Vec<render::File>,
    catalog: Catalog,
    /// What to run from the second apply on.
    plan: Option<Plan>,
    place: Place,
}

/// What goes with the end of the test.
enum Place {
    Postgres(Database<'static>),
    Folder(tempfile::TempDir),
    Elsewhere,
}

/// One apply.
#[derive(Debug, Clone)]
pub struct Report {
    pub steps: Vec<(String, StepReport)>,
}

impl Report {
    /// Rows written or removed, by object.
    pub fn written(&self) -> Vec<(&str, u64)> {
        let steps = self.steps.iter();
        let rows = steps.map(|(object, step)| (object.as_str(), step.inserted + step.deleted));
        rows.filter(|(_, rows)| *rows > 0).collect()
    }
}

impl Built {
    /// The project on each engine, applied once: all tables are there, and empty.
    pub fn on_all(yaml: &str) -> Vec<Self> {
        vec![Self::on_postgres(yaml), Self::on_sqlite(yaml)]
    }

    /// On Postgres, in a database that sorts text by language: what must compare by bytes has to say so.
    pub fn on_postgres(yaml: &str) -> Self {
        let database = Database::sorting_by_language();
        let target = format!("{{ engine: postgres, url: \"{}\" }}", database.url());
        let mut built = Self::new(yaml, &target, Place::Postgres(database));
        // What is at stake is content, not what survives a crash.
        built.run("SET synchronous_commit = off");
        // SQL that does not end is a failure like any other.
        built.run("SET statement_timeout = '60s'");
        built
    }

    /// On a server of the test's own.
    pub fn on_server(yaml: &str, server: &'static Server) -> Self {
        let database = Database::on(server);
        let target = format!("{{ engine: postgres, url: \"{}\" }}", database.url());
        Self::new(yaml, &target, Place::Postgres(database))
    }

    /// On SQLite.
    pub fn on_sqlite(yaml: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the database");
        let file = folder.path().join("acme.db");
        let target = format!("{{ engine: sqlite, path: \"{}\" }}", file.display());
        let mut built = Self::new(yaml, &target, Place::Folder(folder));
        for schema in [built.warehouse.space.clone(), built.warehouse.models_schema.clone()] {
            built.run(&format!("PRAGMA {schema}.synchronous = OFF"));
        }
        built
    }

    /// A project whose database others fill and build, by its target `it`: what its tables hold is read.
    pub fn by_others(yaml: &str) -> Self {
        let mut built = Self::connected(yaml, Access::Read, Place::Elsewhere);
        built.follow();
        built
    }

    fn new(yaml: &str, target: &str, place: Place) -> Self {
        let yaml = format!("{yaml}\ntargets:\n  it: {target}\n");
        let mut built = Self::connected(&yaml, Access::Create, place);
        built.land_tables();
        built.apply();
        built
    }

    fn connected(yaml: &str, access: Access, place: Place) -> Self {
        let project = parse(yaml);
        let engine = engine::connect(&project, "it", access).expect("connect");
        let library = Library::embedded();
        let dialect = Dialect::load(&library, engine.dialect()).expect("the engine's dialect");
        let warehouse = Warehouse::of(&project);
        let files = render::render(&warehouse, &dialect, &library, "idgraph.yml").expect("render");
        let catalog = Catalog::default();
        let plan = None;
        Self { engine, project, warehouse, dialect, library, files, catalog, plan, place }
    }

    /// Connects anew, after the connection broke or the file was replaced.
    pub fn reconnect(&mut self) {
        self.engine = engine::connect(&self.project, "it", Access::Create).expect("connect");
    }

    /// Lets a test look on: it is called before each statement with how many have been run.
    pub fn watch(&mut self, before: impl FnMut(usize) + 'static) {
        let nothing = engine::connect(&self.project, "it", Access::Create).expect("connect");
        let inner = std::mem::replace(&mut self.engine, nothing);
        self.engine = Box::new(watched::Watched::new(inner, before));
    }

    /// The database's URL on Postgres.
    pub fn url(&self) -> String {
        match &self.place {
            Place::Postgres(database) => database.url(),
            Place::Folder(_) | Place::Elsewhere => panic!("an SQLite file has no URL"),
        }
    }

    /// The folder of the file on SQLite.
    pub fn folder(&self) -> &Path {
        match &self.place {
            Place::Folder(folder) => folder.path(),
            Place::Postgres(_) | Place::Elsewhere => panic!("a Postgres database has no folder"),
        }
    }

    /// The engine's name, for messages.
    pub fn name(&self) -> &'static str {
        self.engine.dialect()
    }

    /// Another project in the same database, as after an edit of the project file.
    pub fn edit(&mut self, yaml: &str) {
        self.project = parse(yaml);
        self.warehouse = Warehouse::of(&self.project);
        self.files = render::render(&self.warehouse, &self.dialect, &self.library, "idgraph.yml")
            .expect("render");
        self.plan = None;
        self.land_tables();
    }

    /// Makes the landed tables that are not there, as Segment does.
    pub fn land_tables(&mut self) {
        for made in landed::of_project(&self.project, self.dialect.name.as_str()) {
            self.run(&made.sql);
        }
    }

    /// Looks at the database anew before the next apply: other hands have changed it.
    pub fn forget(&mut self) {
        self.plan = None;
    }

    /// Looks at the landed tables, too: the next apply reads the columns that are there, as `idgraph apply` does.
    pub fn follow(&mut self) {
        self.look();
        let warehouse = Warehouse::of(&self.project);
        let landed = landed_in(&self.catalog, &warehouse.space);
        self.warehouse = self.dialect.lands(&warehouse).as_landed(&landed);
        self.files = render::render(&self.warehouse, &self.dialect, &self.library, "idgraph.yml")
            .expect("render");
        self.plan = None;
    }

    /// Applies the project.
    pub fn apply(&mut self) -> Report {
        self.try_apply().unwrap_or_else(|error| panic!("{}: {error}", self.name()))
    }

    /// Applies the project, which may fail.
    pub fn try_apply(&mut self) -> idgraph::diagnostic::Result<Report> {
        let is_first = self.plan.is_none();
        if is_first {
            self.look();
        }
        let plan = match self.plan.take() {
            Some(plan) => plan,
            None => engine::plan(
                &self.project,
                &self.warehouse,
                &self.dialect,
                &self.library,
                &self.files,
                &self.catalog,
            )?,
        };
        let report = self.carry_out(&plan)?;
        let makes_nothing = plan.steps.iter().all(|step| step.outcome != engine::Outcome::Created);
        if makes_nothing {
            self.plan = Some(plan);
        }
        if is_first {
            self.look();
        }
        Ok(report)
    }

    /// Refreshes some models, all when none is named; `full`, from all landed rows.
    pub fn refresh(&mut self, full: bool, models: &[&str]) -> Report {
        let render = if full { render::render_full } else { render::render };
        let files = render(&self.warehouse, &self.dialect, &self.library, "idgraph.yml");
        let files = files.expect("render");
        let mut plan = engine::plan(
            &self.project,
            &self.warehouse,
            &self.dialect,
            &self.library,
            &files,
            &self.catalog,
        )
        .expect("plan");
        plan.steps.retain(|step| {
            matches!(step.subject, render::Subject::Model(model)
                if models.is_empty() || models.contains(&model.name()))
        });
        self.carry_out(&plan).unwrap_or_else(|error| panic!("{}: {error}", self.name()))
    }

    fn carry_out(&mut self, plan: &Plan) -> idgraph::diagnostic::Result<Report> {
        let mut steps = Vec::new();
        let mut progress =
            |step: &Step, report: &StepReport| steps.push((step.object.clone(), report.clone()));
        engine::apply(self.engine.as_mut(), plan, &Interrupt::default(), &mut progress)?;
        Ok(Report { steps })
    }

    fn look(&mut self) {
        let schemas = [self.warehouse.space.as_str(), self.warehouse.models_schema.as_str()];
        self.catalog = self.engine.catalog(&schemas).expect("the catalog");
    }

    /// Runs SQL of the test's own.
    pub fn run(&mut self, sql: &str) {
        if let Err(error) = self.engine.execute(sql) {
            let start: String = sql.chars().take(2000).collect();
            panic!("{}: {error}\nin {start}", self.name());
        }
    }

    /// Takes every landed row out again.
    pub fn clear(&mut self) {
        let space = self.warehouse.space.clone();
        let names: Vec<_> = self.warehouse.landed.iter().map(|table| table.name.clone()).collect();
        for name in names {
            let table = self.dialect.qualified(&space, &name);
            self.run(&format!("DELETE FROM {table}"));
        }
    }

    /// Lands rows.
    pub fn land(&mut self, landed: &Landed) {
        for (table, rows) in &landed.0 {
            let wanted = self.warehouse.landed_table(table);
            let wanted = wanted.unwrap_or_else(|| panic!("the project has no table {table}"));
            let columns: Vec<_> = wanted.columns.iter().map(|column| column.name.clone()).collect();
            for row in rows {
                let unknown = row.0.keys().find(|column| !columns.contains(column));
                assert!(unknown.is_none(), "{table} has no column {unknown:?}: {row}");
            }
            // Only the columns that some row has a value for keep the statement short.
            let used = |column: &&String| rows.iter().any(|row| !row.get(column).is_null());
            let columns: Vec<_> = columns.iter().filter(used).cloned().collect();
            // A row of NULLs alone needs one column to be written.
            let columns = if columns.is_empty() { vec!["id".to_owned()] } else { columns };
            let names: Vec<_> = columns.iter().map(|name| self.dialect.identifier(name)).collect();
            let into = self.dialect.qualified(&self.warehouse.space, table);
            for rows in rows.chunks(500) {
                let tuple = |row: &Row| {
                    let values = columns.iter().map(|column| Self::literal(row.get(column)));
                    format!("({})", values.collect::<Vec<_>>().join(", "))
                };
                let tuples: Vec<_> = rows.iter().map(tuple).collect();
                let sql = format!(
                    "INSERT INTO {into} ({}) VALUES\n{}",
                    names.join(", "),
                    tuples.join(",\n")
                );
                self.run(&sql);
            }
        }
    }

    fn literal(value: &Value) -> String {
        match value {
            Value::Null => "NULL".to_owned(),
            Value::Boolean(truth) => truth.to_string().to_uppercase(),
            Value::Integer(number) => number.to_string(),
            Value::Float(number) => format!("{number:?}"),
            // Not the dialect's own literals, which are for names and comments and keep to one line.
            Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        }
    }

    /// Instead of what landed before: these rows, and the models built from them.
    pub fn build(&mut self, landed: &Landed) -> Tables {
        self.clear();
        self.land(landed);
        self.apply();
        self.tables()
    }

    /// The models' rows by table.
    pub fn tables(&mut self) -> Tables {
        let names: Vec<_> = self.warehouse.models.iter().map(called).collect();
        names.into_iter().map(|name| (name.clone(), self.rows(&name))).collect()
    }

    /// The rows of one model, by the name that the model has in the project file.
    pub fn rows(&mut self, name: &str) -> Vec<Row> {
        let model = self.warehouse.models.iter().find(|table| called(table) == name).expect(name);
        let schema = self.warehouse.models_schema.clone();
        let found = self.catalog.find(&schema, &model.name);
        let found = found.unwrap_or_else(|| panic!("no {name}")).clone();
        let types: Vec<Option<LogicalType>> = found
            .columns
            .iter()
            .map(|had| model.columns.iter().find(|column| column.name == had.name))
            .map(|column| column.map(|column| column.logical_type))
            .collect();
        let rows = self.engine.rows(&schema, &found, &Vec::new(), None).expect("rows");
        // A column added later stands behind the others.
        let sorted = |mut names: Vec<String>| {
            names.sort();
            names
        };
        assert_eq!(
            sorted(rows.columns.clone()),
            sorted(model.columns.iter().map(|column| column.name.clone()).collect()),
            "{}: columns of {name}",
            self.engine.dialect()
        );
        let row = |cells: Vec<Cell>| {
            let values = cells.into_iter().zip(&types).map(|(cell, kind)| value(cell, *kind));
            Row(rows.columns.iter().cloned().zip(values).collect())
        };
        rows.rows.into_iter().map(row).collect()
    }

    /// What the reference model must know of the project.
    pub fn settings(&self) -> Settings {
        let names = |columns: &[idgraph::warehouse::TableColumn]| {
            columns.iter().map(|column| column.name.clone()).collect()
        };
        let resolved = self.warehouse.models.iter().filter_map(|table| table.reads.clone());
        Settings {
            traits_from: self.warehouse.traits_from.to_owned(),
            traits: names(self.warehouse.traits()),
            renamed_from: self
                .warehouse
                .traits()
                .iter()
                .map(|column| (column.name.clone(), column.renamed_from.clone()))
                .collect(),
            events: resolved.collect(),
            null_means_unset: self.warehouse.null_means == NullMeans::Unset,
            has_operation: self.warehouse.removals,
        }
    }
}

/// What test projects call the tables of models whose own name Segment has in the space.
const TABLES: [(&str, &str); 3] = [
    ("user_traits", "long_traits"),
    ("user_identifiers", "identifiers"),
    ("profile_merges", "merges"),
];

/// The table of a model.
pub fn table_of(model: &str) -> &str {
    TABLES.iter().find(|(one, _)| *one == model).map_or(model, |(_, table)| table)
}

/// The model of a table.
pub fn model_of(table: &str) -> &str {
    TABLES.iter().find(|(_, one)| *one == table).map_or(table, |(model, _)| model)
}

/// What tests call a table, whatever the project calls it.
pub fn called(table: &ModelTable) -> String {
    match &table.reads {
        Some(_) => table.name.clone(),
        None => table.model.name().to_owned(),
    }
}

fn parse(yaml: &str) -> Project {
    let library = Library::embedded();
    let known = Known { dialects: library.names(), engines: engine::known() };
    Project::parse(Path::new("idgraph.yml"), yaml, &known)
        .unwrap_or_else(|error| panic!("{error}\n{yaml}"))
}

/// A cell as what its column's logical type says: SQLite has no booleans of its own.
fn value(cell: Cell, kind: Option<LogicalType>) -> Value {
    match (cell, kind) {
        (Cell::Null, _) => Value::Null,
        (Cell::Text(text), _) => Value::Text(text),
        (Cell::Integer(number), Some(LogicalType::Boolean)) => Value::Boolean(number != 0),
        (Cell::Integer(number), _) => Value::Integer(number),
        (Cell::Float(number), _) => Value::Float(number),
        (Cell::Boolean(truth), _) => Value::Boolean(truth),
    }
}
