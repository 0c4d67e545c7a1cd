//! `idgraph plan`: what an apply would do to a target, and what to mind, without doing any of it.

mod markdown;
mod text;

use std::collections::{BTreeMap, HashSet};

use super::build::{look_at_views, planned_anyway};
use super::{Opened, Verdict, migrated, output};
use crate::diagnostic::{Diagnostic, Result};
use crate::dialect::Dialect;
use crate::engine::{self, Access, Catalog, Engine, Interrupt, Step};
use crate::introspect::{of_catalog, recorded, stale, unlisted};
use crate::migrate::{
    Checked, Difference, Doing, Drift, Expected, Folder, Schema, Waiting, drift, granted, inspect,
    late_by_table, rounded, shell_word, waiting,
};
use crate::preview::{
    Differing, Effect, Happens, Judge, Obstacle, Pending, Preview, effects, risks, tables,
};
use crate::render::{Changes, Statement, Subject};
use crate::warehouse::Warehouse;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The target, one of the project's `targets` [default: its `default_target`, or the only one]
    #[arg(long, value_name = "NAME")]
    pub(super) target: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Print the SQL, too, and what only has its rows brought up to date
    #[arg(long, short)]
    verbose: bool,
}

/// How a plan is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    #[default]
    Text,
    /// For a comment on a pull request
    Markdown,
    /// The very SQL alone, as apply runs it
    Sql,
    /// One object, for programs
    Json,
}

pub(super) fn run(opened: &Opened, arguments: &Arguments) -> Result<Verdict> {
    let target = &opened.target;
    let migrations = migrated::folder(opened, target)?;
    let interrupt = Interrupt::of_process();
    let mut engine = engine::connect(&opened.project, target, Access::Look)?;
    let preview = engine::read(engine.as_mut(), &interrupt, |engine| match &migrations {
        Some((folder, dialect)) => of_migrations(opened, target, engine, folder, dialect),
        None => of_project(opened, target, engine),
    })?;
    match arguments.format {
        Format::Text => output::text(&text::text(&preview, arguments.verbose))?,
        Format::Sql => output::text(&text::sql(&preview))?,
        Format::Markdown => output::text(&markdown::markdown(&preview))?,
        Format::Json => output::text(&output::pretty(&preview)?)?,
    }
    Ok(if preview.to_do { Verdict::Found } else { Verdict::Fine })
}

/// Where there are migrations: those that are pending, walked as apply walks them.
fn of_migrations(
    opened: &Opened,
    target: &str,
    engine: &mut dyn Engine,
    folder: &Folder,
    dialect: &Dialect,
) -> Result<Preview> {
    let warehouse = dialect.whole_warehouse(&opened.project);
    let path = crate::migrate::folder_of(&opened.project.path, &dialect.name);
    let recorded = Schema::read(&path)?;
    let unwritten = migrated::unwritten_in(opened, dialect, folder, recorded.as_ref())?;
    let expected = match &recorded {
        Some(schema) => Expected::recorded(&opened.project, schema),
        None => Expected::of_project(&opened.project, warehouse.clone()),
    };
    let recorded_in = &expected.warehouse;
    let about = [
        warehouse.models_schema.as_str(),
        &warehouse.space,
        &recorded_in.space,
        &recorded_in.models_schema,
    ];
    let Waiting { ledger, runs, catalog } = waiting(engine, &about, (folder, dialect), None)?;
    let values = rounded(engine, &runs, &catalog, dialect)?;
    let changes = Changes::new(&warehouse, dialect, &opened.library)?;
    let (checked, obstacles) = inspect(runs, &catalog, (dialect, &changes))?;
    let statements: Vec<&Statement> = checked.iter().flat_map(|one| one.todo()).collect();
    let sizes = engine.sizes(&tables(statements.iter().copied(), dialect))?;
    let judge = Judge { dialect, catalog: &catalog, sizes: &sizes };
    let file = |one: &Checked| {
        let file = &one.run.file;
        let away = file.statements.iter().skip(one.run.done);
        let mut told = HashSet::new();
        let away = away.flat_map(|one| &one.directives.destructive);
        let destructive = away.filter(|object| told.insert(*object)).cloned().collect();
        Pending {
            file: file.name.to_string(),
            in_transaction: file.in_transaction,
            done: one.run.done,
            destructive,
            left_alone: one.left_alone().into_iter().map(str::to_owned).collect(),
            put_back: Vec::new(),
            statements: one.todo().map(|one| judge.doing(one)).collect(),
        }
    };
    let mut pending: Vec<Pending> = checked.iter().map(file).collect();
    for (one, pending) in checked.iter().zip(&mut pending) {
        pending.put_back = granted(engine, one)?.into_values().flatten().collect();
    }
    let at = ledger.newest().map(|entry| format!("{:04}_{}", entry.number, entry.name));
    let differing = drift(&expected, dialect, &catalog);
    let landed = of_catalog(&catalog, &warehouse.space);
    Ok(Finding {
        unlisted: unlisted(&opened.project, dialect, &landed),
        at,
        has_migrations: true,
        to_do: !pending.is_empty(),
        unwritten,
        objects: effects(statements.iter().copied(), &catalog, &sizes),
        doing: Doing::new(statements),
        pending,
        rows_from: sizes.source,
        obstacles,
        differing,
        stale: stale_record(opened, dialect, &catalog),
        values,
    }
    .preview(opened, target))
}

/// Where there are none: what apply would build.
fn of_project(opened: &Opened, target: &str, engine: &mut dyn Engine) -> Result<Preview> {
    let found = look_at_views(opened, &Warehouse::of(&opened.project), engine)?;
    found.say_what_lacks();
    let (plan, obstacles) = planned_anyway(opened, &found, false)?;
    let (dialect, catalog) = (&found.dialect, &found.catalog);
    let steps: Vec<&Step> = plan.steps.iter().filter(|step| step.todo().next().is_some()).collect();
    let statements: Vec<&Statement> = steps.iter().flat_map(|step| step.todo()).collect();
    let sizes = engine.sizes(&tables(statements.iter().copied(), dialect))?;
    let judge = Judge { dialect, catalog, sizes: &sizes };
    let mut pending: Vec<Pending> = Vec::new();
    let mut objects = Vec::new();
    let mut to_do = false;
    for step in steps {
        let doing = step.todo().map(|one| judge.doing(one));
        match pending.last_mut().filter(|last| last.file == step.file) {
            Some(last) => last.statements.extend(doing),
            None => pending.push(Pending {
                file: step.file.clone(),
                in_transaction: true,
                done: 0,
                destructive: Vec::new(),
                left_alone: Vec::new(),
                put_back: Vec::new(),
                statements: doing.collect(),
            }),
        }
        let Some(happens) = Happens::of(step.outcome) else { continue };
        let is_altered =
            step.outcome != engine::Outcome::Created && step.todo().any(|one| alters(one, step));
        let happens = if is_altered { Happens::Altered } else { happens };
        to_do |= !happens.is_only_rows();
        let schema = step.target.schema.as_deref().unwrap_or_default();
        let rows = sizes.of(schema, &step.target.name);
        objects.push(Effect { object: step.object.clone(), happens, rows });
    }
    let expected = Expected::of_project(&opened.project, found.warehouse.clone());
    let mut differing = drift(&expected, dialect, catalog);
    // A view that is the very one that would be put in place has the types of what it reads, and differs in nothing.
    let is_left = |one: &Drift| {
        plan.steps.iter().any(|step| {
            matches!(step.subject, Subject::Model(_))
                && step.outcome == engine::Outcome::LeftAlone
                && step.target.name.eq_ignore_ascii_case(&one.table)
                && step.target.schema.as_deref() == Some(one.schema.to_lowercase().as_str())
        })
    };
    differing.retain(|one| !is_left(one));
    let landed = of_catalog(catalog, &found.warehouse.space);
    Ok(Finding {
        unlisted: unlisted(&opened.project, dialect, &landed),
        at: None,
        has_migrations: false,
        to_do,
        unwritten: Vec::new(),
        objects,
        doing: Doing::new(statements),
        pending,
        rows_from: sizes.source,
        obstacles,
        differing,
        stale: stale_record(opened, dialect, catalog),
        values: BTreeMap::new(),
    }
    .preview(opened, target))
}

/// Whether a statement changes the columns of a step's own table.
fn alters(statement: &Statement, step: &Step) -> bool {
    statement.target.as_ref() == Some(&step.target) && statement.code().starts_with("alter ")
}

/// What was found, before it is told.
struct Finding<'a> {
    at: Option<String>,
    has_migrations: bool,
    to_do: bool,
    unwritten: Vec<String>,
    pending: Vec<Pending>,
    objects: Vec<Effect>,
    doing: Doing<'a>,
    rows_from: &'static str,
    obstacles: Vec<Diagnostic>,
    differing: Vec<Drift>,
    /// In what the record of what has landed is behind.
    stale: Vec<String>,
    /// Event tables that the project does not list.
    unlisted: Vec<String>,
    /// What is known of what is taken away.
    values: BTreeMap<String, String>,
}

impl Finding<'_> {
    fn preview(self, opened: &Opened, target: &str) -> Preview {
        let open = self.differing.iter().filter(|one| !one.is_settled_by(&self.doing));
        let (late, drift): (Vec<&Drift>, Vec<&Drift>) =
            open.partition(|one| one.difference == Difference::NotLanded);
        let risks = risks(&self.pending, &self.values, !self.has_migrations);
        let in_the_way: Vec<Obstacle> = self.obstacles.iter().map(Obstacle::from).collect();
        let to_do =
            self.to_do || !self.unwritten.is_empty() || !drift.is_empty() || !in_the_way.is_empty();
        let command = (!self.pending.is_empty() && in_the_way.is_empty())
            .then(|| command(opened, target, &self.pending));
        Preview {
            target: target.to_owned(),
            at: self.at,
            migrations: self.has_migrations,
            to_do,
            unwritten: self.unwritten,
            objects: self.objects,
            risks,
            rows_from: self.rows_from.to_owned(),
            drift: drift.into_iter().map(|one| Differing::of(one, self.has_migrations)).collect(),
            not_landed_by_table: late_by_table(&late),
            not_landed: late.into_iter().map(Drift::name).collect(),
            stale_record: self.stale,
            unlisted: self.unlisted,
            in_the_way,
            command,
            pending: self.pending,
        }
    }
}

/// In what the record beside the project file is behind what has landed; nothing where there is none of that dialect.
fn stale_record(opened: &Opened, dialect: &Dialect, catalog: &Catalog) -> Vec<String> {
    let project = &opened.project;
    let Some(record) = project.landed.of(&dialect.name) else { return Vec::new() };
    let landed = of_catalog(catalog, &project.space.value);
    stale(record, &recorded(project, dialect, &landed))
}

/// The command that runs what is pending.
fn command(opened: &Opened, target: &str, pending: &[Pending]) -> String {
    let mut words = vec!["idgraph apply".to_owned()];
    let project = opened.project.path.to_string_lossy();
    if project != "idgraph.yml" {
        words.push(format!("--project {}", shell_word(&project)));
    }
    words.push(format!("--target {}", shell_word(target)));
    let mut allowed: Vec<String> = Vec::new();
    for object in pending.iter().flat_map(|one| &one.destructive) {
        let option = crate::migrate::allowing(object);
        if !allowed.contains(&option) {
            allowed.push(option);
        }
    }
    words.extend(allowed);
    words.join(" ")
}
