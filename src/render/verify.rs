//! The SQL of `idgraph verify`: every model computed anew, and held against the tables as they stand.

use std::collections::BTreeMap;

use minijinja::context;
use minijinja::value::Serde;
use serde::Serialize;

use super::body::{Body, Stage};
use super::context::{Shared, Table, free_name};
use super::incremental::Refresh;
use super::rules::{LIMITS, RULES, Rule};
use super::statement::statements;
use super::template::Templates;
use crate::diagnostic::{Result, Source};
use crate::dialect::{Dialect, Library};
use crate::project::{Materialization, Model};
use crate::warehouse::{ModelTable, Warehouse};

/// Everything that a check runs, in order.
#[derive(Debug, Clone)]
pub struct Verification {
    /// Makes temporary tables, empty.
    pub make: Vec<String>,
    /// Computes the models into them; from here on the transaction may be read-only.
    pub fill: Vec<Fill>,
    /// The models, in the order of building.
    pub models: Vec<ModelCheck>,
    /// The rules.
    pub rules: Vec<RuleCheck>,
    /// Asks for the greatest number of entries that lead to a canonical profile.
    pub deepest: String,
}

/// The computation of one model.
#[derive(Debug, Clone)]
pub struct Fill {
    /// Its table's name.
    pub table: String,
    /// The statements.
    pub statements: Vec<String>,
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
    /// The two questions; `None` for a view, which is computed whenever it is read.
    pub asks: Option<Asks>,
}

/// How a rule is checked.
#[derive(Debug, Clone)]
pub struct RuleCheck {
    /// The rule.
    pub rule: Rule,
    /// The two questions; `None` when it holds of itself, since it is about views.
    pub asks: Option<Asks>,
}

/// How many, and which.
#[derive(Debug, Clone)]
pub struct Asks {
    /// How many.
    pub count: String,
    /// Which.
    pub list: String,
}

/// The SQL of a check; `limit` is the most keys that are listed for each finding.
///
/// # Errors
/// When a template is wrong, or what it renders is not the dialect's SQL.
pub fn verify(
    warehouse: &Warehouse,
    dialect: &Dialect,
    library: &Library,
    limit: Option<u64>,
) -> Result<Verification> {
    let checker = Checker::new(warehouse, dialect, library, limit)?;
    let mut verification = Verification {
        make: Vec::new(),
        fill: Vec::new(),
        models: Vec::new(),
        rules: Vec::new(),
        deepest: checker.deepest()?,
    };
    for model in &warehouse.models {
        checker.model(model, &mut verification)?;
    }
    for rule in RULES {
        verification.rules.push(checker.rule(rule)?);
    }
    Ok(verification)
}

struct Checker<'a> {
    warehouse: &'a Warehouse,
    dialect: &'a Dialect,
    /// In sight of these, a model is what it must be.
    recomputed: Templates<'a>,
    /// In sight of these, a model is what it is.
    standing: Templates<'a>,
    /// In sight of these, a model is what it is, and the graph what the next refresh would make of it.
    refreshed: Templates<'a>,
    limit: Option<u64>,
    surplus: String,
}

impl<'a> Checker<'a> {
    fn new(
        warehouse: &'a Warehouse,
        dialect: &'a Dialect,
        library: &'a Library,
        limit: Option<u64>,
    ) -> Result<Self> {
        let shared = || Shared::new(warehouse, dialect, false);
        let work = |table: &str, what: &str| work_table(dialect, table, what);
        let recomputed = warehouse.models.iter().fold(shared(), |shared, model| {
            shared.with_model(&model.name, work(&model.name, "recomputed"))
        });
        let refreshed = warehouse
            .models
            .iter()
            .filter(|model| is_refreshed(model) && model.model == Model::IdGraph)
            .fold(shared(), |shared, model| {
                shared.with_model(&model.name, work(&model.name, "refreshed"))
            });
        let templates = Templates::new(library, dialect, &recomputed, false)?;
        Ok(Self {
            warehouse,
            dialect,
            standing: templates.clone().sharing(&shared()),
            refreshed: templates.clone().sharing(&refreshed),
            recomputed: templates,
            limit,
            surplus: dialect.identifier(&free_name(warehouse, "surplus")),
        })
    }

    fn work(&self, model: &ModelTable, what: &str) -> String {
        work_table(self.dialect, &model.name, what)
    }

    fn depths(&self) -> String {
        work_table(self.dialect, Model::IdGraph.name(), "depths")
    }

    /// Adds the statements of one model.
    fn model(&self, model: &ModelTable, to: &mut Verification) -> Result<()> {
        let compared = model.materialized != Materialization::View;
        // The other models and some rules read these two, whatever they are kept as.
        let is_read = matches!(model.model, Model::IdGraph | Model::ExternalIdMapping);
        let mut asks = None;
        if compared || is_read {
            to.make.extend(self.script("verify/make.sql", model, Stage::Make)?);
            let statements = self.script("verify/fill.sql", model, Stage::Fill)?;
            to.fill.push(Fill { table: model.name.clone(), statements });
        }
        if compared {
            let values = self.values(model, Stage::Fill)?;
            asks = Some(Asks {
                count: self.one("verify/count.sql", &values)?,
                list: self.one("verify/keys.sql", &values)?,
            });
        }
        to.models.push(ModelCheck {
            table: model.name.clone(),
            key: model.key,
            is_incremental: is_refreshed(model),
            asks,
        });
        Ok(())
    }

    fn script(&self, template: &str, model: &ModelTable, stage: Stage) -> Result<Vec<String>> {
        self.read(template, self.recomputed.render(template, self.values(model, stage)?)?)
    }

    fn values(&self, model: &ModelTable, stage: Stage) -> Result<Values> {
        let table = Table::model(self.warehouse, model, self.dialect);
        let what = (model, &table, self.warehouse.read_by(model));
        let body = Body::new(self.warehouse, self.dialect, &self.recomputed, what, None, stage)?;
        let refresh = is_refreshed(model).then(|| {
            let mut refresh = Refresh::new(self.warehouse, model, self.dialect);
            refresh.window = self.work(model, "next_window");
            refresh.affected = self.work(model, "next_affected");
            refresh
        });
        let (mut window_query, mut affected_rows) = (String::new(), String::new());
        if let Some(refresh) = &refresh {
            let values = Reading { table: &table, full: false, refresh };
            let is_graph = model.model == Model::IdGraph;
            let templates = if is_graph { &self.standing } else { &self.refreshed };
            let render = |template: &str| -> Result<String> {
                let text = templates.render(template, &values)?;
                Ok(text.trim_end().trim_end_matches(';').to_owned())
            };
            window_query = render("window.sql")?;
            affected_rows = render(&refresh.affected_query)?;
        }
        Ok(Values {
            counts_depth: model.model == Model::IdGraph,
            is_incremental: is_refreshed(model),
            compared: model.materialized != Materialization::View,
            recomputed: self.work(model, "recomputed"),
            refreshed: self.work(model, "refreshed"),
            differing: self.work(model, "differing"),
            depths: self.depths(),
            surplus: self.surplus.clone(),
            limit: self.limit,
            table,
            query: body.query,
            steps: body.steps,
            stepped: body.stepped,
            window_query,
            affected_rows,
            refresh,
        })
    }

    fn rule(&self, rule: Rule) -> Result<RuleCheck> {
        let stands_by_itself = |wanted: &Model| {
            let mut tables = self.warehouse.models.iter();
            tables
                .any(|table| table.model == *wanted && table.materialized != Materialization::View)
        };
        if !rule.about.is_empty() && !rule.about.iter().any(stands_by_itself) {
            return Ok(RuleCheck { rule, asks: None });
        }
        let stands: BTreeMap<&str, String> = rule
            .about
            .iter()
            .map(|model| {
                let name = model.name();
                (name, self.dialect.qualified(&self.warehouse.models_schema, name))
            })
            .collect();
        let values =
            context! { stands => Serde(stands), depths => self.depths(), bounds => Serde(LIMITS) };
        let text = self.recomputed.render(&format!("verify/rules/{}.sql", rule.name), values)?;
        let ask = |counting: bool| {
            let values = context! { rule => &text, counting, columns => Serde(rule.columns), limit => self.limit };
            self.one("verify/rule.sql", values)
        };
        Ok(RuleCheck { rule, asks: Some(Asks { count: ask(true)?, list: ask(false)? }) })
    }

    fn deepest(&self) -> Result<String> {
        self.one("verify/deepest.sql", context! { depths => self.depths() })
    }

    fn one(&self, template: &str, values: impl Serialize) -> Result<String> {
        let statements = self.read(template, self.recomputed.render(template, values)?)?;
        Ok(statements.into_iter().next().unwrap_or_default())
    }

    fn read(&self, template: &str, text: String) -> Result<Vec<String>> {
        let read = statements(&Source::new(template, text), self.dialect)?;
        Ok(read.into_iter().map(|statement| statement.sql).collect())
    }
}

#[derive(Serialize)]
struct Values {
    counts_depth: bool,
    is_incremental: bool,
    compared: bool,
    recomputed: String,
    refreshed: String,
    differing: String,
    depths: String,
    surplus: String,
    limit: Option<u64>,
    table: Table,
    query: String,
    steps: String,
    stepped: Option<BTreeMap<String, String>>,
    window_query: String,
    affected_rows: String,
    #[serde(flatten)]
    refresh: Option<Refresh>,
}

/// What the templates of a refresh see.
#[derive(Serialize)]
struct Reading<'a> {
    table: &'a Table,
    /// It looks at a refresh, not at building anew.
    full: bool,
    #[serde(flatten)]
    refresh: &'a Refresh,
}

fn is_refreshed(model: &ModelTable) -> bool {
    model.materialized == Materialization::Incremental
}

fn work_table(dialect: &Dialect, table: &str, what: &str) -> String {
    dialect.identifier(&dialect.derived_name(&[table, what]))
}
