//! The statements that change what a warehouse holds already: one template each, under `templates/migrate/`.

use minijinja::context;
use minijinja::value::Serde;

use super::context::{Column, Shared, Table};
use super::template::Templates;
use crate::diagnostic::Result;
use crate::dialect::{Dialect, Library};
use crate::project::{DynamicTables, Materialization, Model};
use crate::warehouse::{TableColumn, Warehouse};

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
        let name = model;
        let mut models = self.warehouse.models.iter();
        let is_long = models.any(|table| table.name == name && table.model == Model::UserTraits);
        let (model, traits) = (self.dialect.literal(model), self.columns(traits));
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
