//! What apply will do to one database: the rendered statements, less what must be left alone.

use super::catalog::{Catalog, Found, Kind, no_space};
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Result};
use crate::dialect::{Dialect, Library};
use crate::project::{Materialization, Project};
use crate::render::{
    Action, File, ObjectRef, Statement, Subject, Unit, add_columns, unreadable_in,
};
use crate::warehouse::{LandedTable, ModelTable, TableColumn, Warehouse};

/// Everything that apply will run, in order.
#[derive(Debug, Clone)]
pub struct Plan {
    /// One step for each object.
    pub steps: Vec<Step>,
}

/// What happens to one object.
#[derive(Debug, Clone)]
pub struct Step {
    /// The rendered file that it comes from.
    pub file: String,
    /// What that file is about.
    pub subject: Subject,
    /// The object, as people write it.
    pub object: String,
    /// The object, as statements name it.
    pub target: ObjectRef,
    /// What happens.
    pub outcome: Outcome,
    /// Columns that the project asks for and Segment has not landed yet: NULL until then.
    pub absent: Vec<String>,
    /// The very statements.
    pub statements: Vec<Statement>,
    /// What stands in the way of it.
    pub in_the_way: Vec<Diagnostic>,
}

impl Plan {
    /// What stands in the way of its steps.
    pub fn in_the_way(&self) -> Vec<Diagnostic> {
        self.steps.iter().flat_map(|step| step.in_the_way.iter().cloned()).collect()
    }
}

/// What happens to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is there already and not ours to change.
    LeftAlone,
    /// Segment has not landed the table: it is read as one without rows.
    NotLanded,
    /// It is made, and filled if it is a model.
    Created,
    /// The table is there, and its rows brought up to date.
    Rebuilt,
    /// The table is there, and the rows that what landed since can have changed are computed again.
    Refreshed,
    /// The view is there, and put in place anew.
    Replaced,
}

/// Plans an apply: what of ours is missing is made, what Segment landed is left alone, models are built.
///
/// # Errors
/// With everything that stands in the way, such as a table of a model's name that idgraph did not make.
pub fn plan(
    project: &Project,
    warehouse: &Warehouse,
    dialect: &Dialect,
    library: &Library,
    files: &[File],
    catalog: &Catalog,
) -> Result<Plan> {
    let (plan, mut in_the_way) = plan_anyway(project, warehouse, dialect, library, files, catalog)?;
    in_the_way.extend(plan.in_the_way());
    Diagnostics::check(in_the_way)?;
    Ok(plan)
}

/// As [`plan`], with what stands in the way of it as a whole beside it, and of a step in that: a plan to look at.
///
/// # Errors
/// When a statement cannot be rendered.
pub fn plan_anyway(
    project: &Project,
    warehouse: &Warehouse,
    dialect: &Dialect,
    library: &Library,
    files: &[File],
    catalog: &Catalog,
) -> Result<(Plan, Vec<Diagnostic>)> {
    let mut planner =
        Planner { project, warehouse, dialect, library, catalog, problems: Vec::new() };
    let mut steps = planner.landed_steps();
    for file in files {
        for unit in &file.units {
            let before = planner.problems.len();
            let (outcome, statements) = planner.unit(file.subject, unit)?;
            if unit.statements.is_empty() {
                continue;
            }
            let object = match (unit.schema.as_str(), unit.name.as_str()) {
                (schema, "") => schema.to_owned(),
                ("", name) => name.to_owned(),
                (schema, name) => format!("{schema}.{name}"),
            };
            steps.push(Step {
                file: file.name.clone(),
                subject: file.subject,
                object,
                target: target(&unit.schema, &unit.name),
                outcome,
                absent: Vec::new(),
                statements,
                in_the_way: planner.problems.split_off(before),
            });
        }
    }
    Ok((Plan { steps }, planner.problems))
}

fn target(schema: &str, name: &str) -> ObjectRef {
    ObjectRef { schema: Some(schema.to_lowercase()), name: name.to_lowercase() }
}

struct Planner<'a> {
    project: &'a Project,
    warehouse: &'a Warehouse,
    dialect: &'a Dialect,
    library: &'a Library,
    catalog: &'a Catalog,
    problems: Vec<Diagnostic>,
}

impl<'a> Planner<'a> {
    fn unit(&mut self, subject: Subject, unit: &Unit) -> Result<(Outcome, Vec<Statement>)> {
        let all = || unit.statements.clone();
        let found = self.catalog.find(&unit.schema, &unit.name);
        let found = match (subject, found) {
            (Subject::Schema, _) => return Ok(self.schema(unit)),
            (_, None) => return Ok((Outcome::Created, all())),
            (_, Some(found)) => found,
        };
        match subject {
            Subject::State => {
                if !found.is_ours {
                    self.not_ours(found, &unit.schema, &unit.name);
                }
                Ok((Outcome::LeftAlone, Vec::new()))
            }
            _ => {
                let Some(table) =
                    self.warehouse.models.iter().find(|table| table.name == unit.name)
                else {
                    return Ok((Outcome::Created, all()));
                };
                let mut statements = self.model(table, found)?;
                // Making a table that exists, and noting that, asks for more rights than filling it.
                let makes = |one: &Statement| one.makes_table(&unit.name) || one.notes_made();
                statements.extend(all().into_iter().filter(|one| !makes(one)));
                let outcome = match table.materialized {
                    Materialization::View | Materialization::DynamicTable => Outcome::Replaced,
                    Materialization::Table => Outcome::Rebuilt,
                    Materialization::Incremental => Outcome::Refreshed,
                };
                Ok((outcome, statements))
            }
        }
    }

    fn schema(&self, unit: &Unit) -> (Outcome, Vec<Statement>) {
        if unit.schema.is_empty() {
            // Extensions: what is there is used where it is, and nothing is made.
            return (Outcome::LeftAlone, Vec::new());
        }
        if !unit.name.is_empty() {
            return match self.catalog.find(&unit.schema, &unit.name) {
                Some(_) => (Outcome::LeftAlone, Vec::new()),
                None => (Outcome::Created, unit.statements.clone()),
            };
        }
        let exists = self.catalog.schemas.contains(&unit.schema);
        let needed = |statement: &&Statement| !(exists && statement.action == Action::CreateSchema);
        let statements: Vec<_> = unit.statements.iter().filter(needed).cloned().collect();
        let outcome = if exists { Outcome::LeftAlone } else { Outcome::Created };
        (outcome, statements)
    }

    /// Landed tables are Segment's: they are read, and nothing is done to them.
    fn landed_steps(&mut self) -> Vec<Step> {
        let (warehouse, catalog) = (self.warehouse, self.catalog);
        let space = &warehouse.space;
        if !catalog.schemas.contains(space) {
            let place = &self.project.space.place;
            self.problems.push(no_space(space).at(place, "Profiles Sync would land here"));
        }
        let step = |table: &LandedTable| {
            let before = self.problems.len();
            let outcome = match catalog.find(space, &table.name) {
                Some(found) => {
                    self.landed(table, found);
                    Outcome::LeftAlone
                }
                None => Outcome::NotLanded,
            };
            let (project, dialect) = (self.project, self.dialect);
            self.problems.extend(unreadable_in(table, project, (warehouse, dialect)));
            let asked = table.absent.iter().filter(|column| column.place.is_some());
            Step {
                file: "landed by Segment".to_owned(),
                subject: Subject::Landed,
                object: format!("{space}.{}", table.name),
                target: target(space, &table.name),
                outcome,
                absent: asked.map(|column| column.name.clone()).collect(),
                statements: Vec::new(),
                in_the_way: self.problems.split_off(before),
            }
        };
        warehouse.landed.iter().map(step).collect()
    }

    /// What the models cannot do without.
    fn landed(&mut self, table: &LandedTable, found: &Found) {
        let lacks = |column: &&TableColumn| {
            table.has_landed(column) && found.column(&column.name).is_none()
        };
        let missing: Vec<_> = table.columns.iter().filter(lacks).collect();
        if missing.is_empty() {
            return;
        }
        let name = format!("{}.{}", self.warehouse.space, table.name);
        let names: Vec<_> = missing.iter().map(|column| format!("`{}`", column.name)).collect();
        self.problems.push(
            Diagnostic::error("not-landed", format!("{name} has no column {}", names.join(", ")))
                .at(&self.project.space.place, "the schema that was looked in")
                .note("nothing can be built without it")
                .help("check `space`: is it the schema that Profiles Sync lands in?"),
        );
    }

    /// Checks that a model's table or view is ours and fits; returns what makes it fit.
    fn model(&mut self, table: &ModelTable, found: &Found) -> Result<Vec<Statement>> {
        let name = format!("{}.{}", self.warehouse.models_schema, table.name);
        let place = &table.place;
        let wanted = match table.materialized {
            Materialization::View => Kind::View,
            _ => Kind::Table,
        };
        if !found.is_ours {
            let problem = found.not_ours(&name).at(place, "this model would be built there");
            let problem = problem.help(self.elsewhere());
            self.problems.push(self.with_adoption(problem, &name, found));
            return Ok(Vec::new());
        }
        if found.kind != wanted {
            self.problems.push(
                Diagnostic::error(
                    "materialization-changed",
                    format!("{name} is {}, and the project wants {}", found.kind.noun(), wanted.noun()),
                )
                .at(place, "")
                .note("putting one in place of the other would drop it, with its grants and the views on it")
                .help(format!("drop {name} yourself, then apply again")),
            );
            return Ok(Vec::new());
        }
        match wanted {
            Kind::Table => self.table_columns(table, found, &name),
            _ => {
                self.view_columns(table, found, &name);
                Ok(Vec::new())
            }
        }
    }

    fn not_ours(&mut self, found: &Found, schema: &str, name: &str) {
        let name = format!("{schema}.{name}");
        let place = &self.project.models_schema.place;
        let problem = found.not_ours(&name).at(place, "idgraph would build there");
        self.problems.push(problem.help(self.elsewhere()));
    }

    /// Says how a table is handed over, where that can be.
    fn with_adoption(&self, problem: Diagnostic, name: &str, found: &Found) -> Diagnostic {
        if found.was_ours || !self.dialect.facts.can.record_objects {
            return problem;
        }
        problem.help(format!(
            "if it is yours to hand over: idgraph apply --target NAME --adopt {name}"
        ))
    }

    fn table_columns(
        &mut self,
        table: &ModelTable,
        found: &Found,
        name: &str,
    ) -> Result<Vec<Statement>> {
        let mut missing = Vec::new();
        for column in &table.columns {
            let wanted = self.dialect.sql_type(column.logical_type);
            let place = column.place.as_ref().unwrap_or(&table.place);
            match found.column(&column.name) {
                None => missing.push(column),
                Some(had)
                    if !had.sql_type.eq_ignore_ascii_case(wanted)
                        && !self.dialect.is_same_type(&had.sql_type, wanted) =>
                {
                    self.type_changed(
                        place,
                        &format!("{name}.{}", column.name),
                        &had.sql_type,
                        wanted,
                    );
                }
                Some(_) => {}
            }
        }
        add_columns(self.warehouse, self.dialect, self.library, (table, &missing))
    }

    fn type_changed(&mut self, place: &Place, column: &str, had: &str, wanted: &str) {
        self.problems.push(
            Diagnostic::error(
                "type-changed",
                format!("{column} is {had}, and the project wants {wanted}"),
            )
            .at(place, "")
            .help(
                "drop that column or the whole table yourself, then apply again: it is built anew",
            ),
        );
    }

    /// A view can be put in place of an older one when that one's columns are its first ones.
    fn view_columns(&mut self, table: &ModelTable, found: &Found, name: &str) {
        let wanted = table.columns_in_order();
        let same = |(had, wanted): (&super::FoundColumn, &&TableColumn)| {
            had.name.eq_ignore_ascii_case(&wanted.name)
        };
        let fits =
            found.columns.len() <= wanted.len() && found.columns.iter().zip(&wanted).all(same);
        if !fits && !self.dialect.facts.can.views_change_columns {
            self.problems.push(
                Diagnostic::error("view-columns-changed", format!("the columns of view {name} changed"))
                    .at(&table.place, "")
                    .note("the database only replaces a view by one with the same columns and more behind them")
                    .help(format!("drop view {name} yourself, then apply again; grant again what was granted on it")),
            );
        }
    }

    fn elsewhere(&self) -> String {
        if self.project.models_schema.value == self.project.space.value {
            "build the models elsewhere with `models_schema: …`, or move that object away"
                .to_owned()
        } else {
            "choose another `models_schema`, or move that object away".to_owned()
        }
    }
}
