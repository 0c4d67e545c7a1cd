//! The statements that change what a warehouse holds already: one template each, under `templates/migrate/`.

use minijinja::context;
use minijinja::value::Serde;

use super::context::{Column, Shared, Table};
use super::marks::Mark;
use super::relation::{as_it_is, readable};
use super::statement::{Statement, statements};
use super::template::Templates;
use crate::diagnostic::{Result, Source};
use crate::dialect::{Dialect, Library};
use crate::project::words::has_word;
use crate::project::{DynamicTables, Materialization, Model};
use crate::warehouse::{LandedTable, TableColumn, Warehouse};

/// Renders changes to the objects of one warehouse.
pub struct Changes<'a> {
    warehouse: &'a Warehouse,
    dialect: &'a Dialect,
    templates: Templates<'a>,
}

impl<'a> Changes<'a> {
    /// For the objects of this warehouse.
    ///
    /// # Errors
    /// When an expression of the dialect is wrong.
    pub fn new(
        warehouse: &'a Warehouse,
        dialect: &'a Dialect,
        library: &'a Library,
    ) -> Result<Self> {
        let shared = Shared::new(warehouse, dialect, false);
        Ok(Self {
            warehouse,
            dialect,
            templates: Templates::new(library, dialect, &shared, false)?,
        })
    }

    /// Fills in a template about a whole object: `drop_table`, `drop_view`, `drop_dynamic_table`, `comment_table`.
    ///
    /// # Errors
    /// When the template is wrong.
    pub fn object(&self, template: &str, name: &str) -> Result<String> {
        let table = Serde(self.table(name));
        let (is_view, is_dynamic) = self.kept(name);
        self.render(template, context! { table, is_view, is_dynamic })
    }

    /// Fills in a template about a column: `add_column`, `drop_column`, `comment_column`, `rename_column`,
    /// `change_type`. `old` is the column before.
    ///
    /// # Errors
    /// When the template is wrong.
    pub fn column(
        &self,
        template: &str,
        name: &str,
        column: &TableColumn,
        old: &TableColumn,
    ) -> Result<String> {
        let (is_view, is_dynamic) = self.kept(name);
        let aside = self.dialect.identifier(&self.dialect.derived_name(&[&old.name, "before"]));
        let values = context! {
            table => Serde(self.table(name)),
            column => Column::value(column, self.dialect),
            old => Column::value(old, self.dialect),
            is_view,
            is_dynamic,
            aside,
        };
        self.render(template, values)
    }

    /// Another lag or other compute of a dynamic table that stays: the settings before and after.
    ///
    /// # Errors
    /// When the template is wrong.
    pub fn refreshed(
        &self,
        name: &str,
        (was, is): (&DynamicTables, &DynamicTables),
    ) -> Result<String> {
        let table = Serde(self.table(name));
        let has_other_lag = was.target_lag != is.target_lag;
        let has_other_warehouse = was.warehouse != is.warehouse;
        self.render("alter_dynamic_table", context! { table, has_other_lag, has_other_warehouse })
    }

    /// Drops an index of a schema; `index` is its name as SQL has it.
    ///
    /// # Errors
    /// When the template is wrong.
    pub fn drop_index(&self, schema: &str, index: &str) -> Result<String> {
        self.render("drop_index", context! { schema => self.dialect.schema(schema), index })
    }

    /// The landed table of the warehouse that a statement names in lower case.
    pub fn landed_table(&self, schema: &str, name: &str) -> Option<&LandedTable> {
        let is_here = self.warehouse.space.to_lowercase() == schema;
        let mut landed = self.warehouse.landed.iter();
        landed.find(|table| is_here && table.name.to_lowercase() == name)
    }

    /// The landed table that traits are read from.
    pub fn traits_from(&self) -> &str {
        self.warehouse.traits_from
    }

    /// The name of the table of watermarks; empty where no model is incremental.
    pub fn watermarks_table(&self) -> &str {
        self.warehouse.watermarks.as_ref().map_or("", |table| table.name.as_str())
    }

    /// What the models call a landed column.
    pub fn shown_name(&self, table: &str, column: &str) -> String {
        let table = self.warehouse.landed_table(table);
        let mut columns = table.into_iter().flat_map(|table| &table.columns);
        let landed = columns.find(|one| self.dialect.landed_column(one) == column);
        landed.map_or(column, |one| one.shown_name()).to_owned()
    }

    /// A statement that reads a landed table, with NULL for its columns that have not landed, without rows where the table has
    /// not. The table is found where it has an alias, as in all that idgraph writes.
    pub fn reading(
        &self,
        sql: &str,
        (schema, table): (&str, &LandedTable),
        in_view: bool,
    ) -> String {
        // The schema as the warehouse has it, where it is its own.
        let is_own = self.warehouse.space.to_lowercase() == *schema;
        let schema = if is_own { self.warehouse.space.as_str() } else { schema };
        let name = format!("{} AS ", readable(self.dialect, schema, &table.name, in_view));
        let lower = sql.to_lowercase();
        let relation = |given: &str| {
            let is_read = |column: &TableColumn| {
                let shown = format!(" AS {}", self.dialect.identifier(&column.name));
                has_word(&lower, &column.name) && !given.contains(&shown)
            };
            let mut relation = as_it_is(schema, table, (self.dialect, in_view), is_read);
            for address in self.dialect.row_address() {
                if !relation.starts_with('(') || !sql.contains(&format!(".{address}")) {
                    continue;
                }
                let here = format!("SELECT landed.{address} AS {address}, ");
                let nowhere = format!("SELECT NULL AS {address}, ");
                let first = if table.is_missing { nowhere } else { here };
                relation = relation.replacen("SELECT ", &first, 1);
            }
            relation
        };
        let mut text = String::with_capacity(sql.len());
        let mut rest = sql;
        while let Some(at) = rest.find(&name) {
            let (before, after) = rest.split_at(at);
            text.push_str(before);
            rest = after.get(name.len()..).unwrap_or_default();
            // By the record that it was written by, some of it had not landed: that is NULL already.
            let by_record = text.rfind("landed.*").filter(|_| rest.starts_with("landed"));
            let given = by_record.and_then(|from| text.get(from..)).unwrap_or_default();
            let given =
                if given.matches("FROM ").count() == 1 { given.to_owned() } else { String::new() };
            let begins = before.ends_with(|char: char| char.is_whitespace() || char == '(');
            match begins {
                true => text.push_str(&relation(&given)),
                false => text.push_str(name.trim_end_matches(" AS ")),
            }
            text.push_str(" AS ");
        }
        text + rest
    }

    /// Notes of an incremental model that it has not read some traits.
    ///
    /// # Errors
    /// When the template is wrong, or what it renders is not the dialect's SQL.
    pub fn forget(&self, model: Model, traits: &[TableColumn]) -> Result<Vec<Statement>> {
        let mut marks = self.marks(traits);
        let is_absent = |mark: &Mark| traits.iter().any(|one| one.name == mark.read_from);
        let before = self.marks(self.warehouse.traits()).into_iter();
        marks.extend(before.filter(|mark| mark.is_former && is_absent(mark)));
        let text = self.noted("forget_traits", self.warehouse.table_of(model), marks)?;
        let why = "-- They have not landed yet, so they have not been read.";
        statements(&Source::new("forget_traits", format!("{why}\n{text}")), self.dialect)
    }

    /// The values of some traits, in `profile_traits`: `is_empty` when their columns hold none yet. The warehouse has
    /// these traits alone.
    ///
    /// # Errors
    /// When a template is wrong.
    pub fn backfill(&self, table: &str, traits: &[TableColumn], is_empty: bool) -> Result<String> {
        let query = self.query("query/profile_traits.sql")?;
        let (traits, built) = (self.columns(traits), self.built(table));
        let table = Serde(self.table(table));
        self.render("backfill", context! { table, query, traits, is_empty, built })
    }

    /// The rows of some traits, into `user_traits`. The warehouse has these traits alone.
    ///
    /// # Errors
    /// When a template is wrong.
    pub fn add_trait_rows(&self, table: &str) -> Result<String> {
        let query = self.query("query/user_traits.sql")?;
        let built = self.built(table);
        let table = Serde(self.table(table));
        self.render("add_trait_rows", context! { table, query, built })
    }

    /// Takes the rows of some traits out of `user_traits`.
    ///
    /// # Errors
    /// When a template is wrong.
    pub fn drop_trait_rows(&self, table: &str, traits: &[String]) -> Result<String> {
        let literals: Vec<_> = traits.iter().map(|name| self.dialect.literal(name)).collect();
        let table = Serde(self.table(table));
        self.render("drop_trait_rows", context! { table, literals })
    }

    /// Notes of an incremental model (`forget`), of traits that it has read (`note_traits`, `forget_traits`).
    ///
    /// # Errors
    /// When the template is wrong.
    pub fn watermarks(
        &self,
        template: &str,
        model: &str,
        traits: &[TableColumn],
    ) -> Result<String> {
        // What has not landed is not read.
        let is_noted = |mark: &Mark| template != "note_traits" || mark.is_read;
        let marks = self.marks(traits).into_iter().filter(is_noted).collect();
        self.noted(template, model, marks)
    }

    fn marks(&self, traits: &[TableColumn]) -> Vec<Mark> {
        let source = self.warehouse.landed_table(self.warehouse.traits_from);
        traits.iter().flat_map(|column| Mark::all(column, source, self.dialect)).collect()
    }

    fn noted(&self, template: &str, model: &str, marks: Vec<Mark>) -> Result<String> {
        let name = model;
        let mut models = self.warehouse.models.iter();
        let is_long = models.any(|table| table.name == name && table.model == Model::UserTraits);
        let model = self.dialect.literal(model);
        let traits: Vec<_> = marks.into_iter().map(Mark::value).collect();
        let table = Serde(self.table(name));
        self.render(template, context! { model, traits, table, is_long })
    }

    /// The work table for what is built of a model.
    fn built(&self, model: &str) -> String {
        self.dialect.work_table(&self.warehouse.models_schema, model, "built")
    }

    fn query(&self, name: &str) -> Result<String> {
        let none: Option<String> = None;
        let values =
            context! { reads => &none, affected => &none, stepped => &none, in_view => false };
        Ok(self.templates.render(name, values)?.trim_end().to_owned())
    }

    fn columns(&self, columns: &[TableColumn]) -> Vec<minijinja::Value> {
        columns.iter().map(|column| Column::value(column, self.dialect)).collect()
    }

    fn render(&self, template: &str, values: minijinja::Value) -> Result<String> {
        self.templates.render(&format!("migrate/{template}.sql"), values)
    }

    /// Whether it is a view, and whether a dynamic table.
    fn kept(&self, name: &str) -> (bool, bool) {
        let model = self.warehouse.models.iter().find(|table| table.name == name);
        let kept = model.map(|table| table.materialized);
        (kept == Some(Materialization::View), kept == Some(Materialization::DynamicTable))
    }

    fn table(&self, name: &str) -> Option<Table> {
        let (warehouse, dialect) = (self.warehouse, self.dialect);
        let model = warehouse.models.iter().find(|table| table.name == name);
        let model = model.map(|table| Table::model(warehouse, table, dialect));
        let state = warehouse.watermarks.as_ref().filter(|table| table.name == name);
        model.or_else(|| state.map(|table| Table::state(warehouse, table, dialect)))
    }
}
