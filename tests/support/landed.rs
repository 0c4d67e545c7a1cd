//! What Segment does: its tables are there before idgraph is. Nothing but tests, demos and `render --landed` makes them.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::HashSet;
use std::path::Path;

use idgraph::dialect::{Dialect, Library};
use idgraph::engine;
use idgraph::project::{Known, Project};
use idgraph::render::render_landed;
use idgraph::warehouse::Warehouse;
use rusqlite::Connection;

/// What makes a landed table, or where there is none, the space.
pub struct Made {
    table: String,
    pub sql: String,
}

/// The statements that make the landed tables of a project.
pub fn of_project(project: &Project, dialect: &str) -> Vec<Made> {
    let library = Library::embedded();
    let dialect = Dialect::load(&library, dialect).expect("a dialect").of_project(project);
    let warehouse = dialect.lands(&Warehouse::of(project)).into_owned();
    let file = render_landed(&warehouse, &dialect, &library, "idgraph.yml");
    let Ok(file) = file else { return Vec::new() };
    let made = |statement: &idgraph::render::Statement| {
        let target = statement.target.as_ref().filter(|target| target.schema.is_some());
        let table = target.map(|target| target.name.clone()).unwrap_or_default();
        Made { table, sql: statement.sql.clone() }
    };
    file.statements().map(made).collect()
}

/// A column of a landed table.
pub struct Column {
    pub table: String,
    pub column: String,
    pub sql_type: String,
}

/// The columns of the landed tables of a project.
pub fn columns(project: &Project, dialect: &str) -> Vec<Column> {
    let dialect = Dialect::load(&Library::embedded(), dialect).expect("a dialect");
    let warehouse = Warehouse::of(project);
    let tables = warehouse.landed.iter().flat_map(|table| {
        table.columns.iter().map(|column| Column {
            table: table.name.clone(),
            column: dialect.landed_column(column),
            sql_type: dialect.sql_type(column.logical_type).to_owned(),
        })
    });
    tables.collect()
}

/// A text that is no project is the test's matter.
pub fn project(text: &str) -> Option<Project> {
    let library = Library::embedded();
    let known = Known { dialects: library.names(), engines: engine::known() };
    Project::parse(Path::new("idgraph.yml"), text, &known).ok()
}

/// The role that lands, on a test's Postgres: what idgraph reads there is never its own.
const SEGMENT: &str = "segment_lands";

/// Gives what was made in a schema to that role, where the user may.
fn hand_over(client: &mut postgres::Client, schema: &str, tables: &[String]) {
    let sql = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user";
    if !client.query_one(sql, &[]).expect("a role").get::<_, bool>(0) {
        return;
    }
    // Other tests make it at the same time.
    let sql = format!(
        "DO $$ BEGIN CREATE ROLE {SEGMENT};
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    );
    client.batch_execute(&sql).expect("a role");
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let schema = quoted(schema);
    let mut sql = format!("ALTER SCHEMA {schema} OWNER TO {SEGMENT};");
    for table in tables {
        sql.push_str(&format!("ALTER TABLE {schema}.{} OWNER TO {SEGMENT};", quoted(table)));
    }
    client.batch_execute(&sql).expect("an owner");
}

/// Makes the landed tables of a project that are not in a Postgres database. One that cannot be reached is the test's matter.
pub fn on_postgres(text: &str, url: &str) {
    let Some(project) = project(text) else { return };
    let Ok(mut client) = postgres::Client::connect(url, postgres::NoTls) else { return };
    let sql = "SELECT tablename::text FROM pg_tables WHERE schemaname = $1
        UNION SELECT viewname::text FROM pg_views WHERE schemaname = $1";
    let rows = client.query(sql, &[&project.space.value]).expect("tables");
    let had: HashSet<String> =
        rows.iter().map(|row| row.get::<_, String>(0).to_lowercase()).collect();
    let mut made = Vec::new();
    for one in of_project(&project, "postgres") {
        if !had.contains(&one.table) {
            client.batch_execute(&one.sql).unwrap_or_else(|error| panic!("{error}: {}", one.sql));
            made.push(one.table);
        }
    }
    // A comment on a column has its table, too.
    made.retain(|table| !table.is_empty());
    made.dedup();
    if !made.is_empty() {
        hand_over(&mut client, &project.space.value, &made);
    }
}

/// Makes the landed tables of a project that are not in an SQLite file. What is no database is the test's matter.
pub fn on_sqlite(text: &str, file: &Path) {
    let Some(project) = project(text) else { return };
    let space = &project.space.value;
    let quoted = format!("\"{}\"", space.replace('"', "\"\""));
    let connection = match space.eq_ignore_ascii_case("main") {
        true => Connection::open(file).expect("open"),
        false => {
            let connection = Connection::open_in_memory().expect("open");
            let attach = format!("ATTACH DATABASE ?1 AS {quoted}");
            if connection.execute(&attach, [file.to_str().expect("UTF-8")]).is_err() {
                return;
            }
            connection
        }
    };
    let sql = format!("SELECT lower(name) FROM {quoted}.sqlite_master");
    let Ok(mut names) = connection.prepare(&sql) else { return };
    let names = names.query_map([], |row| row.get::<_, String>(0)).expect("tables");
    let had: HashSet<String> = names.map(|name| name.expect("a name")).collect();
    for one in of_project(&project, "sqlite").iter().filter(|one| !had.contains(&one.table)) {
        // A file that cannot be written, too.
        let _ = connection.execute_batch(&one.sql);
    }
}
