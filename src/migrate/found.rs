//! What a database holds of a project, as a record: for a database that nothing recorded.

use super::schema::{Column, Kind, Object, Schema};
use crate::dialect::Dialect;
use crate::engine::{self, Catalog, Found};
use crate::project::{LogicalType, Materialization};
use crate::warehouse::state;

impl Schema {
    /// What of this record stands in a database, with the columns and types that are there, and what else idgraph made there.
    /// Nothing says what the SQL of models was, nor what comments were: they count as unchanged.
    #[must_use]
    pub fn found(&self, catalog: &Catalog, dialect: &Dialect) -> Self {
        let there = |schema: &str, name: &str| catalog.find(schema, name);
        let mut objects: Vec<Object> = Vec::new();
        for object in &self.objects {
            let Some(found) = there(self.schema_of(object), &object.name) else { continue };
            // What others made where idgraph would build is not what idgraph runs.
            if object.kind != Kind::Landed && !found.is_ours {
                continue;
            }
            let shown = object.model.as_ref().and_then(|model| model.shows.as_deref());
            let shown = shown.and_then(|name| there(&self.space, name));
            objects.push(as_found(object, found, shown, dialect));
        }
        let is_known = |schema: &str, name: &str| {
            let same = |one: &Object| self.schema_of(one) == schema && one.name == name;
            state::is_bookkeeping(name) || self.objects.iter().any(same)
        };
        for ((schema, name), found) in &catalog.objects {
            if found.is_ours && *schema == self.models_schema && !is_known(schema, name) {
                objects.push(unasked(found, dialect));
            }
        }
        let mut there = self.emptied();
        there.objects = objects;
        there
    }

    /// The record with the columns of each object in the order in which another record has them; those that it lacks stay behind
    /// the one before them.
    #[must_use]
    pub fn in_order_of(&self, other: &Self) -> Self {
        let mut ordered = self.clone();
        for object in &mut ordered.objects {
            let is_same = |one: &&Object| (one.kind, &one.name) == (object.kind, &object.name);
            let Some(like) = other.objects.iter().find(is_same) else { continue };
            let place = |name: &str| like.columns.iter().position(|column| column.name == name);
            let mut last = None;
            let mut keyed: Vec<_> = Vec::new();
            for column in std::mem::take(&mut object.columns) {
                // Behind the one before: greater than its place, less than the next.
                let own = place(&column.name);
                last = own.or(last);
                keyed.push(((last, own.is_none()), column));
            }
            keyed.sort_by_key(|(key, _)| *key);
            object.columns = keyed.into_iter().map(|(_, column)| column).collect();
        }
        ordered
    }
}

/// An object with the columns that it has; `shown` is the landed table that a view of resolved events shows.
fn as_found(object: &Object, found: &Found, shown: Option<&Found>, dialect: &Dialect) -> Object {
    let mut there = object.clone();
    // Segment adds a column with its first value; what shows the table follows.
    let is_segments = |of: &Found, name: &str| !of.is_ours && of.column(name).is_none();
    let is_late = |name: &str| match object.kind {
        Kind::Landed => is_segments(found, name),
        _ => shown.is_some_and(|shown| is_segments(shown, name)),
    };
    there.columns.retain(|column| found.column(&column.name).is_some() || is_late(&column.name));
    for column in &mut there.columns {
        let Some(had) = found.column(&column.name) else { continue };
        // What Segment landed with another type is read as the project's, where nothing of it is lost; views show what is
        // below them. SQLite has no type for what is computed.
        let logical = dialect.logical_type(&had.sql_type);
        let is_like = match object.kind {
            Kind::Landed => dialect.can_read(&had.sql_type, column.logical_type),
            _ => found.kind == engine::Kind::View && logical == Some(column.logical_type),
        };
        let is_same = had.sql_type.is_empty()
            || had.sql_type.eq_ignore_ascii_case(&column.sql)
            || is_like
            || dialect.is_same_type(&had.sql_type, &column.sql);
        if !is_same {
            column.sql.clone_from(&had.sql_type);
            column.logical_type = logical.unwrap_or(column.logical_type);
        }
    }
    if object.kind != Kind::Landed {
        let is_new = |had: &&engine::FoundColumn| object.column(&had.name).is_none();
        there.columns.extend(found.columns.iter().filter(is_new).map(|had| column(had, dialect)));
    }
    if let Some(model) = &mut there.model {
        let is_view = found.kind == engine::Kind::View;
        match (is_view, model.materialized) {
            (true, _) => model.materialized = Materialization::View,
            (false, Materialization::View) => model.materialized = Materialization::Table,
            (false, _) => {}
        }
    }
    there
}

/// What idgraph made and the project does not ask for.
fn unasked(found: &Found, dialect: &Dialect) -> Object {
    Object {
        kind: Kind::Model,
        name: found.name.clone(),
        comment: String::new(),
        model: None,
        indexes: Vec::new(),
        columns: found.columns.iter().map(|had| column(had, dialect)).collect(),
    }
}

fn column(had: &engine::FoundColumn, dialect: &Dialect) -> Column {
    Column {
        name: had.name.clone(),
        shown_as: None,
        renamed_from: Vec::new(),
        logical_type: dialect.logical_type(&had.sql_type).unwrap_or(LogicalType::Varchar),
        sql: had.sql_type.clone(),
        comment: String::new(),
        configured: true,
    }
}
