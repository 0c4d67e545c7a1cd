//! The SQL of `idgraph verify`: every model computed anew, and held against the tables as they stand. Each question is one
//! query, so that nothing is made, not even a temporary table, but where a query may not name tables so often.

mod gone;
mod reach;

use std::collections::BTreeMap;

use minijinja::context;
use minijinja::value::Serde;
use serde::Serialize;

use super::body::{Body, Form};
use super::context::{Shared, Table, free_name};
use super::rules::{LIMITS, RULES, Rule};
use super::statement::statements;
use super::template::Templates;
use crate::diagnostic::{Result, Source};
use crate::dialect::{Dialect, Library};
use crate::project::{Materialization, Model};
use crate::warehouse::{ModelTable, Warehouse};
pub use gone::Gone;
use reach::Reach;

/// The models that others and rules read, in the order of building.
const READ: [Model; 2] = [Model::IdGraph, Model::ExternalIdMapping];

/// Renders the questions of a check.
pub struct Checker<'a> {
    warehouse: &'a Warehouse,
    dialect: &'a Dialect,
    templates: Templates<'a>,
    /// The most keys that are listed for each finding.
    limit: Option<u64>,
    surplus: String,
}

/// How a model is held against its table.
#[derive(Debug, Clone)]
pub struct ModelCheck {
    /// Its table's name.
    pub table: String,
    /// The columns that tell one row from another.
    pub key: &'static [&'static str],
    /// Whether it has a lookback.
    pub is_incremental: bool,
    /// The questions; `None` for a view, which is computed whenever it is read.
    pub asks: Option<Asks>,
}

/// How many rows differ, and which.
#[derive(Debug, Clone)]
pub struct Asks {
    /// What is made for the questions behind the first: nothing where they compute all of it themselves.
    pub made: Vec<String>,
    /// How many there are, and are missing, extra and different.
    pub count: String,
    /// Of how many keys of these the next refresh would not compute them again; `None` where it computes all.
    pub beyond_lookback: Option<String>,
    /// How many of those keys no landed row leads to any more; `None` where every refresh computes all.
    pub gone: Option<String>,
    /// Which.
    pub list: String,
}

/// How the rules are checked.
#[derive(Debug, Clone)]
pub struct RuleChecks {
    /// How often each rule that is checked is broken, in their order, then the greatest number of entries that lead to
    /// a canonical profile.
    pub count: String,
    /// All rules.
    pub rules: Vec<RuleCheck>,
}

/// How a rule is checked.
#[derive(Debug, Clone)]
pub struct RuleCheck {
    /// The rule.
    pub rule: Rule,
    /// Asks where it is broken; `None` when it holds of itself, since it is about views.
    pub list: Option<String>,
}

/// A model as it must be, as a common table expression.
#[derive(Serialize)]
struct Recomputed {
    name: String,
    query: String,
}

impl<'a> Checker<'a> {
    /// # Errors
    /// When a template is wrong.
    pub fn new(
        warehouse: &'a Warehouse,
        dialect: &'a Dialect,
        library: &'a Library,
        limit: Option<u64>,
    ) -> Result<Self> {
        let shared = Shared::new(warehouse, dialect, false);
        Ok(Self {
            warehouse,
            dialect,
            templates: Templates::new(library, dialect, &shared, false)?,
            limit,
            surplus: dialect.identifier(&free_name(warehouse, "surplus")),
        })
    }

    /// What comes before all questions.
    ///
    /// # Errors
    /// When a template is wrong, or what it renders is not the dialect's SQL.
    pub fn before(&self) -> Result<Vec<String>> {
        before(&self.templates, self.dialect)
    }

    /// How a model is checked. Of the models that it reads those in `right` are known to be what they must be: their
    /// tables are read as they stand, by their indexes, and the others are computed again.
    ///
    /// # Errors
    /// When a template is wrong, or what it renders is not the dialect's SQL.
    pub fn model(&self, model: &ModelTable, right: &[Model]) -> Result<ModelCheck> {
        let asks = match model.materialized {
            Materialization::View => None,
            _ => Some(self.asks(model, right)?),
        };
        let is_incremental = is_refreshed(model);
        Ok(ModelCheck { table: model.name.clone(), key: model.key, is_incremental, asks })
    }

    fn asks(&self, model: &ModelTable, right: &[Model]) -> Result<Asks> {
        let of_graph = model.model == Model::IdGraph;
        let (templates, recomputed) = match of_graph {
            true => (self.templates.clone(), Vec::new()),
            false => self.computed(&[Model::IdGraph], right)?,
        };
        let reach = match is_refreshed(model) {
            true => Some(self.reach(model, right)?),
            false => None,
        };
        let values = Values {
            query: self.query(model, &templates)?,
            table: Table::model(self.warehouse, model, self.dialect),
            surplus: self.surplus.clone(),
            limit: self.limit,
            recomputed,
            reach_is_made: reach.is_some() && !self.dialect.facts.can.compute_from_views,
            reach,
        };
        let one = |template: &str| self.one(&templates, template, &values);
        Ok(Asks {
            made: match values.reach_is_made {
                true => self.all(&templates, "verify/reached.sql", &values)?,
                false => Vec::new(),
            },
            count: one("verify/count.sql")?,
            beyond_lookback: match is_refreshed(model) {
                true => Some(one("verify/beyond_lookback.sql")?),
                false => None,
            },
            gone: match has_gone(model) {
                true => Some(self.gone_query(&templates, model, &values)?),
                false => None,
            },
            list: one("verify/keys.sql")?,
        })
    }

    /// What makes a model that is wrong as it stands or a view, as it must be, for those that read it: nothing where
    /// queries compute it themselves. The tables are temporary, which takes no right to change anything.
    ///
    /// # Errors
    /// When a template is wrong, or what it renders is not the dialect's SQL.
    pub fn made(&self, model: &ModelTable, right: &[Model]) -> Result<Vec<String>> {
        if self.dialect.facts.can.compute_from_views || !READ.contains(&model.model) {
            return Ok(Vec::new());
        }
        let (templates, _) = match model.model {
            Model::IdGraph => (self.templates.clone(), Vec::new()),
            _ => self.computed(&[Model::IdGraph], right)?,
        };
        let table = Table::model(self.warehouse, model, self.dialect);
        let values = context! {
            name => self.recomputed(model.model),
            query => self.query(model, &templates)?,
            table => Serde(&table),
        };
        self.all(&templates, "recomputed.sql", values)
    }

    /// How the rules are checked, where the models in `right` are known to be what they must be.
    ///
    /// # Errors
    /// When a template is wrong, or what it renders is not the dialect's SQL.
    pub fn rules(&self, right: &[Model]) -> Result<RuleChecks> {
        let (templates, recomputed) = self.computed(&READ, right)?;
        let depths = self.name(Model::IdGraph.name(), "depths");
        let shared = context! { recomputed => Serde(&recomputed), depths, limit => self.limit };
        let mut checks = RuleChecks { count: String::new(), rules: Vec::new() };
        let mut checked = Vec::new();
        for rule in RULES {
            if !self.is_checked(rule) {
                checks.rules.push(RuleCheck { rule, list: None });
                continue;
            }
            let query = self.rule_query(rule, &templates)?;
            let values =
                context! { query => &query, columns => Serde(rule.columns), ..shared.clone() };
            let list = Some(self.one(&templates, "verify/rule.sql", values)?);
            checks.rules.push(RuleCheck { rule, list });
            checked.push(context! { name => rule.name, query => &query });
        }
        let values = context! { rules => checked, ..shared };
        checks.count = self.one(&templates, "verify/rules.sql", values)?;
        Ok(checks)
    }

    fn is_checked(&self, rule: Rule) -> bool {
        let stands_by_itself = |wanted: &Model| {
            let mut tables = self.warehouse.models.iter();
            tables
                .any(|table| table.model == *wanted && table.materialized != Materialization::View)
        };
        rule.about.is_empty() || rule.about.iter().any(stands_by_itself)
    }

    fn rule_query(&self, rule: Rule, templates: &Templates<'_>) -> Result<String> {
        let stands: BTreeMap<&str, String> = rule
            .about
            .iter()
            .map(|model| {
                let name = model.name();
                let table = self.warehouse.table_of(*model);
                (name, self.dialect.qualified(&self.warehouse.models_schema, table))
            })
            .collect();
        let depths = self.name(Model::IdGraph.name(), "depths");
        let values = context! { stands => Serde(stands), depths, bounds => Serde(LIMITS) };
        templates.render(&format!("verify/rules/{}.sql", rule.name), values)
    }

    /// Templates in sight of which some models are what they must be, and the common table expressions for that.
    fn computed(
        &self,
        models: &[Model],
        right: &[Model],
    ) -> Result<(Templates<'a>, Vec<Recomputed>)> {
        let (mut seen, mut recomputed) = (Vec::new(), Vec::new());
        for model in &self.warehouse.models {
            if models.contains(&model.model) && !right.contains(&model.model) {
                let name = self.recomputed(model.model);
                // Else it was made before.
                if self.dialect.facts.can.compute_from_views {
                    let query = self.query(model, &self.seeing(&seen))?;
                    recomputed.push(Recomputed { name: name.clone(), query });
                }
                seen.push((model.model, name));
            }
        }
        Ok((self.seeing(&seen), recomputed))
    }

    /// The templates, with other names in some models' places.
    fn seeing(&self, names: &[(Model, String)]) -> Templates<'a> {
        let shared = Shared::new(self.warehouse, self.dialect, false);
        let put = |shared: Shared, (model, name): &(Model, String)| {
            shared.with_model(model.name(), name.clone())
        };
        self.templates.clone().sharing(&names.iter().fold(shared, put))
    }

    fn query(&self, model: &ModelTable, templates: &Templates<'_>) -> Result<String> {
        let table = Table::model(self.warehouse, model, self.dialect);
        let what = (model, &table, self.warehouse.read_by(model));
        let body = Body::new(self.warehouse, self.dialect, templates, what, None, Form::Query)?;
        Ok(body.query)
    }

    fn recomputed(&self, model: Model) -> String {
        self.name(model.name(), "recomputed")
    }

    fn name(&self, table: &str, what: &str) -> String {
        self.dialect.identifier(&self.dialect.derived_name(&[table, what]))
    }

    /// A template's one statement.
    fn one(
        &self,
        templates: &Templates<'_>,
        template: &str,
        values: impl Serialize,
    ) -> Result<String> {
        let all = self.all(templates, template, values)?;
        Ok(all.into_iter().next().unwrap_or_default())
    }

    fn all(
        &self,
        templates: &Templates<'_>,
        template: &str,
        values: impl Serialize,
    ) -> Result<Vec<String>> {
        let text = templates.render(template, values)?;
        let read = statements(&Source::new(template, text), self.dialect)?;
        Ok(read.into_iter().map(|statement| statement.sql).collect())
    }
}

#[derive(Serialize)]
struct Values {
    table: Table,
    query: String,
    surplus: String,
    limit: Option<u64>,
    recomputed: Vec<Recomputed>,
    /// Whether `reach` is made as tables, and no part of the questions.
    reach_is_made: bool,
    reach: Option<Reach>,
}

/// What comes before queries that read whole tables.
pub(super) fn before(templates: &Templates<'_>, dialect: &Dialect) -> Result<Vec<String>> {
    const TEMPLATE: &str = "read_whole.sql";
    if !templates.has(TEMPLATE) {
        return Ok(Vec::new());
    }
    let text = templates.render(TEMPLATE, ())?;
    let read = statements(&Source::new(TEMPLATE, text), dialect)?;
    Ok(read.into_iter().map(|statement| statement.sql).collect())
}

/// Whether rows of a model can outlive the landed rows that they are of.
fn has_gone(model: &ModelTable) -> bool {
    is_refreshed(model) && model.model != Model::ResolvedEvents
}

fn is_refreshed(model: &ModelTable) -> bool {
    model.materialized == Materialization::Incremental
}
