//! What a warehouse cannot hold, found before anything is rendered.

use std::collections::HashMap;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Place, Source};
use crate::dialect::{Characters, Dialect};
use crate::project::{Every, Materialization, Model, Project};
use crate::warehouse::{LandedTable, ModelTable, TableColumn, Warehouse};

/// What messages call a column.
const COLUMN: &str = "a column";

/// Every name that is too long or has characters that the dialect does not take, every table with too many
/// columns, every view that cannot be.
pub fn check(project: &Project, warehouse: &Warehouse, dialect: &Dialect) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let facts = &dialect.facts;
    let title = &facts.title;
    let start = Place { source: project.source.clone(), span: 0..0 };
    let mut name = |kind: &str, name: &str, place: &Place| {
        if let Some((length, limit, unit)) = dialect.too_long(name) {
            found.push(
                Diagnostic::error(
                    "name-too-long",
                    format!("{kind} `{name}` is too long for {title}"),
                )
                .at(place, format!("{length} {unit}; {title} takes {limit}"))
                .see(&facts.identifiers.length_source)
                .help(format!("shorten it, or take {} out of `dialects`", dialect.name)),
            );
        }
        if kind == COLUMN && dialect.is_impossible(name) {
            found.push(
                Diagnostic::error(
                    "name-impossible",
                    format!("{title} cannot have a column named `{name}`"),
                )
                .at(place, format!("{title} reads the word as a value, quotes or not"))
                .see(&facts.identifiers.impossible_source)
                .help(format!("leave it out, or take {} out of `dialects`", dialect.name)),
            );
        }
        if !dialect.can_name(name) {
            let allowed = match facts.identifiers.characters {
                Characters::Any => "any character but NUL",
                Characters::Word => "only letters, digits and _",
            };
            found.push(
                Diagnostic::error(
                    "name-characters",
                    format!("{title} cannot have {kind} named `{}`", name.escape_debug()),
                )
                .at(place, format!("a name there has {allowed}"))
                .see(&facts.identifiers.length_source)
                .help(format!("rename it, or take {} out of `dialects`", dialect.name)),
            );
        }
    };
    if let Some(catalog) = project.catalog.as_ref().filter(|_| facts.can.catalogs) {
        name("a catalog", &catalog.value, &catalog.place);
    }
    if let Some(tables) = &project.dynamic_tables {
        name("a warehouse", &tables.value.warehouse, &tables.place);
    }
    let runs = project.schedule.as_ref();
    if let Some((schedule, warehouse)) =
        runs.and_then(|one| one.value.warehouse.as_ref().map(|name| (one, name)))
    {
        name("a warehouse", warehouse, &schedule.place);
    }
    name("a schema", &warehouse.space, &project.space.place);
    if warehouse.models_schema != warehouse.space {
        name("a schema", &warehouse.models_schema, &project.models_schema.place);
    }
    for table in &warehouse.landed {
        let place = table.place.as_ref().unwrap_or(&start);
        name("a table", &dialect.landed_table(table), place);
        for column in &table.columns {
            name(COLUMN, &dialect.landed_column(column), column.place.as_ref().unwrap_or(place));
        }
    }
    for table in warehouse.models.iter().filter(|table| table.reads.is_none()) {
        name("a table", &table.name, &table.place);
    }
    let by_name = warehouse.landed_by_name();
    for table in warehouse.models.iter().filter(|table| table.reads.is_some()) {
        let landed = table.reads.as_deref().and_then(|name| by_name.get(name));
        let place = landed.and_then(|landed| landed.place.as_ref()).unwrap_or(&table.place);
        // Reported for the landed table already when that is too long itself.
        let is_landed =
            |landed: &&LandedTable| dialect.too_long(&dialect.landed_table(landed)).is_none();
        if landed.is_some_and(is_landed) {
            name("a view", &table.name, place);
        }
    }
    let all =
        warehouse.landed.iter().map(|table| (&table.name, &table.columns, &table.place, None));
    let models = warehouse
        .models
        .iter()
        .map(|table| (&table.name, &table.columns, &None, Some(&table.place)));
    for (table, columns, place, model_place) in all.chain(models) {
        let limit = facts.tables.max_columns;
        if columns.len() > limit {
            let place =
                first_over(columns, limit).or(place.as_ref()).or(model_place).unwrap_or(&start);
            found.push(
                Diagnostic::error(
                    "too-many-columns",
                    format!("table `{table}` has more columns than {title} allows"),
                )
                .at(place, format!("{} columns; {title} takes {limit}", columns.len()))
                .see(&facts.tables.source)
                .help("leave out what you do not use: `user_traits` holds any number of traits, a row each"),
            );
        }
    }
    if !facts.can.views_across_schemas && warehouse.models_schema != warehouse.space {
        let is_view = |table: &&ModelTable| table.materialized == Materialization::View;
        if let Some(table) = warehouse.models.iter().find(is_view) {
            found.push(
                Diagnostic::error(
                    "view-across-schemas",
                    format!("a view of {title} cannot read tables of another schema"),
                )
                .at(
                    &table.place,
                    format!("`{}` would be a view in `{}`", table.name, warehouse.models_schema),
                )
                .and_at(&project.models_schema.place, "the schema of the models")
                .help("materialize it as a table, or leave `models_schema` out"),
            );
        }
    }
    if let Some(schedule) = &project.schedule
        && facts.can.schedule
        && !facts.can.cron
    {
        let (value, place) = (&schedule.value, &schedule.place);
        let is_simple = match value.every {
            Some(Every::Minutes { .. } | Every::Hours { .. }) => true,
            Some(Every::Day { .. }) => value.time_zone == "UTC",
            None => false,
        };
        if !is_simple {
            found.push(
                Diagnostic::error(
                    "schedule-not-simple",
                    format!("{title} has no schedule by cron, and none in a time zone"),
                )
                .at(place, format!("in {}", value.time_zone))
                .help("write one of `*/15 * * * *`, `0 */4 * * *`, `0 * * * *` and, in UTC, `30 4 * * *`")
                .help(format!("or take {} out of `dialects`", dialect.name)),
            );
        }
    }
    if !facts.can.dynamic_tables {
        let is_dynamic = |table: &&ModelTable| table.materialized == Materialization::DynamicTable;
        if let Some(table) = warehouse.models.iter().find(is_dynamic) {
            found.push(
                Diagnostic::error(
                    "no-dynamic-tables",
                    format!("idgraph makes no dynamic tables on {title}"),
                )
                .at(&table.place, format!("`{}` would be one", table.model.name()))
                .help("materialize it as a table or incremental, and refresh it by a schedule")
                .help(format!("or take {} out of `dialects`", dialect.name)),
            );
        }
    }
    if !facts.can.recurse_in_views {
        let is_view =
            |table: &&ModelTable| table.model == Model::IdGraph && table.materialized.is_query();
        if let Some(table) = warehouse.models.iter().find(is_view) {
            found.push(
                Diagnostic::error(
                    "view-recursive",
                    format!("a view of {title} cannot follow merges from profile to profile"),
                )
                .at(&table.place, format!("`{}` would be a view", table.name))
                .note(format!("{title} has no recursive query, and a view is one query"))
                .help(format!(
                    "materialize it as a table, or take {} out of `dialects`",
                    dialect.name
                )),
            );
        }
    }
    found.extend(too_deep(warehouse, dialect));
    found.extend(landed_twice(warehouse, dialect));
    dedup(found)
}

/// Events whose tables the warehouse calls the same.
fn landed_twice(warehouse: &Warehouse, dialect: &Dialect) -> Vec<Diagnostic> {
    let mut first: HashMap<String, &LandedTable> = HashMap::with_capacity(warehouse.landed.len());
    let mut found = Vec::new();
    for table in &warehouse.landed {
        let name = dialect.landed_table(table);
        let Some(other) = first.get(&name.to_lowercase()) else {
            first.insert(name.to_lowercase(), table);
            continue;
        };
        let title = &dialect.facts.title;
        let message =
            format!("`{}` and `{}` are the same table `{name}` on {title}", other.name, table.name);
        let mut diagnostic = Diagnostic::error("name-collision", message);
        if let Some(place) = &table.place {
            diagnostic = diagnostic.at(place, format!("this event becomes `{name}`"));
        }
        if let Some(place) = &other.place {
            diagnostic = diagnostic.and_at(place, "so does this");
        }
        found.push(
            diagnostic
                .see(&dialect.facts.identifiers.length_source)
                .help("where one of the two has landed in another table, say so with `table`"),
        );
    }
    found
}

/// A table that would be computed from a view, where the warehouse does not get through what both hold.
fn too_deep(warehouse: &Warehouse, dialect: &Dialect) -> Option<Diagnostic> {
    let (can, title) = (&dialect.facts.can, &dialect.facts.title);
    let find = |model| warehouse.models.iter().find(|table| table.model == model);
    let (graph, traits) = (find(Model::IdGraph)?, find(Model::ProfileTraits)?);
    let is_deep = graph.materialized.is_query() && !traits.materialized.is_query();
    if can.compute_from_views || !can.recurse_in_views || !is_deep {
        return None;
    }
    let message = format!(
        "{title} cannot compute the table `{}` from `{}` as a view",
        traits.name, graph.name
    );
    Some(
        Diagnostic::error("view-too-deep", message)
            .at(&graph.place, format!("`{}` would be a view", graph.name))
            .note(format!("{title} stops at a statement that nests so much"))
            .help("materialize both as tables, or both as views")
            .help(format!("or take {} out of `dialects`", dialect.name)),
    )
}

/// Whether a statement of a text may be longer than the warehouse reads.
pub(super) fn may_be_too_long(text: &str, dialect: &Dialect) -> bool {
    let limit = dialect.facts.statements.max_bytes;
    limit > 0 && text.len() > limit
}

/// A statement of a text that is longer than the warehouse reads.
pub(super) fn too_long<'a>(
    source: &Arc<Source>,
    mut statements: impl Iterator<Item = &'a str>,
    dialect: &Dialect,
) -> Option<Diagnostic> {
    let facts = &dialect.facts;
    let (limit, title) = (facts.statements.max_bytes, &facts.title);
    let long = statements.find(|one| limit > 0 && one.len() > limit)?;
    let start = source.text.find(long).unwrap_or_default();
    let first = long.lines().next().unwrap_or_default();
    let place = Place { source: source.clone(), span: start..start + first.len() };
    Some(
        Diagnostic::error(
            "statement-too-long",
            format!("a statement of {} is longer than {title} reads", source.name),
        )
        .at(&place, format!("{} bytes; {title} takes {limit}", long.len()))
        .see(&facts.statements.source)
        .help("list fewer traits, events or properties: those that are read")
        .help(format!("or take {} out of `dialects`", dialect.name)),
    )
}

/// The first column of the project's that no longer fits, or else its last: behind that only fixed ones stand.
fn first_over(columns: &[TableColumn], limit: usize) -> Option<&Place> {
    let over = columns.get(limit..)?.iter().find_map(|column| column.place.as_ref());
    over.or_else(|| columns.iter().rev().find_map(|column| column.place.as_ref()))
}

/// A trait or context key stands in several tables: one message is enough.
fn dedup(found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut kept: Vec<Diagnostic> = Vec::new();
    for diagnostic in found {
        if !kept.contains(&diagnostic) {
            kept.push(diagnostic);
        }
    }
    kept
}
