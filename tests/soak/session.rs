//! A session with a space's database, on either engine. Both take the same SQL for what is done here.

use crate::model::{Row, Value};
use crate::shape::{Built, Shape};

/// Why a statement came to nothing.
#[derive(Debug)]
pub enum Trouble {
    /// The connection is gone.
    Lost,
    Deadlock,
    /// Someone else has it locked.
    Busy,
    Other(String),
}

pub type Outcome<T> = Result<T, Trouble>;

/// A session.
pub trait Session {
    /// Runs statements; returns the rows that the last one wrote.
    fn run(&mut self, sql: &str) -> Outcome<u64>;

    /// The one number of a query.
    fn number(&mut self, sql: &str) -> Outcome<i64>;

    /// Columns of a table with its schema, all rows.
    fn rows(&mut self, table: &str, columns: &[&str]) -> Outcome<Vec<Row>>;
}

pub fn insert(shape: &Shape, table: &str, rows: &[Row]) -> String {
    let columns = shape.columns(table);
    let tuple = |row: &Row| {
        let values: Vec<_> = columns.iter().map(|column| literal(row.get(column))).collect();
        format!("({})", values.join(", "))
    };
    let tuples: Vec<_> = rows.iter().map(tuple).collect();
    format!("INSERT INTO acme.{table} ({}) VALUES\n{}", columns.join(", "), tuples.join(",\n"))
}

/// Writes all of a row over what has its id.
pub fn update(shape: &Shape, table: &str, row: &Row) -> String {
    let set: Vec<_> = shape
        .columns(table)
        .into_iter()
        .map(|column| format!("{column} = {}", literal(row.get(column))))
        .collect();
    format!("UPDATE acme.{table} SET {} WHERE id = {}", set.join(", "), literal(row.get("id")))
}

/// How many keys of a table are there more than once.
pub fn doubled(shape: &Shape, built: &Built) -> String {
    let key = built.key.join(", ");
    format!(
        "SELECT count(*) FROM (SELECT {key} FROM {}.{} GROUP BY {key} HAVING count(*) > 1) AS k",
        shape.models_schema, built.table
    )
}

/// What is asked of the tables in the schema `models`, where they stand in this space.
pub fn question(shape: &Shape, sql: &str) -> String {
    sql.replace("models.", &format!("{}.", shape.models_schema))
}

/// Merged profiles with traits: in no state of the tables, however the files are run, is there one.
pub const MERGED_WITH_TRAITS: &str = "SELECT count(*) FROM models.profile_traits
    WHERE merged_to IS NOT NULL AND (email IS NOT NULL OR visits IS NOT NULL OR is_vip IS NOT NULL OR score IS NOT NULL)";

/// What can only be seen of a refresh that is half written: the tables do not fit together. Rendered files commit one by
/// one, and may show it in between.
pub const HALF_WRITTEN: [(&str, &str); 4] = [
    (
        "profiles of id_graph that profile_traits has not, or elsewhere",
        "SELECT count(*) FROM models.id_graph AS g
     LEFT JOIN models.profile_traits AS p ON p.canonical_segment_id = g.segment_id
     WHERE p.canonical_segment_id IS NULL OR coalesce(p.merged_to, g.segment_id) <> g.canonical_segment_id",
    ),
    (
        "profiles of id_graph that profile_merges has not, or elsewhere",
        "SELECT count(*) FROM models.id_graph AS g
     LEFT JOIN models.merges AS m ON m.segment_id = g.segment_id
     WHERE m.segment_id IS NULL OR m.canonical_segment_id <> g.canonical_segment_id",
    ),
    (
        "external ids that user_identifiers has not, or elsewhere",
        "SELECT count(*) FROM models.external_id_mapping AS e
     LEFT JOIN models.identifiers AS u ON u.type = e.external_id_type AND u.value = e.external_id_value
     WHERE u.type IS NULL OR u.canonical_segment_id <> e.canonical_segment_id",
    ),
    (
        "e-mails that only one of profile_traits and user_traits has",
        "SELECT count(*) FROM models.profile_traits AS p
     LEFT JOIN models.long_traits AS u ON u.canonical_segment_id = p.canonical_segment_id AND u.name = 'email'
     WHERE (p.email IS NULL) <> (u.value IS NULL) OR p.email <> u.value",
    ),
];

/// As SQL; NUL-free text needs no more than its quotes doubled.
fn literal(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Boolean(truth) => truth.to_string().to_uppercase(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => format!("{number:?}"),
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
    }
}
