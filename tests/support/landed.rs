//! What Segment does: its tables are there before idgraph is. Nothing but tests, demos and `render --landed` makes them.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::Path;

use idgraph::dialect::{Dialect, Library};
use idgraph::engine;
use idgraph::project::{Known, Project};
use idgraph::render::render_landed;
use idgraph::warehouse::Warehouse;
use rusqlite::Connection;

/// The statements that make the landed tables of a project where they are not there; none of a text that is no project.
pub fn statements(text: &str, dialect: &str) -> Vec<String> {
    let library = Library::embedded();
    let known = Known { dialects: library.names(), engines: engine::known() };
    let Ok(project) = Project::parse(Path::new("idgraph.yml"), text, &known) else {
        return Vec::new();
    };
    of_project(&project, dialect)
}

/// The same of a project that was read.
pub fn of_project(project: &Project, dialect: &str) -> Vec<String> {
    let library = Library::embedded();
    let dialect = Dialect::load(&library, dialect).expect("a dialect").of_project(project);
    let file = render_landed(&Warehouse::of(project), &dialect, &library, "idgraph.yml");
    let sql = |file: idgraph::render::File| file.statements().map(|one| one.sql.clone()).collect();
    file.map(sql).unwrap_or_default()
}

/// Lands the tables of a project in a Postgres database. One that cannot be reached is the test's matter.
pub fn on_postgres(text: &str, url: &str) {
    let sql = statements(text, "postgres");
    if let Ok(mut client) = postgres::Client::connect(url, postgres::NoTls) {
        for one in sql {
            client.batch_execute(&one).unwrap_or_else(|error| panic!("{error}: {one}"));
        }
    }
}

/// Lands the tables of a project in an SQLite file.
pub fn on_sqlite(text: &str, file: &Path) {
    let sql = statements(text, "sqlite");
    let Some(space) = space(text) else { return };
    let connection = Connection::open_in_memory().expect("open");
    let attach = format!("ATTACH DATABASE ?1 AS \"{space}\"");
    let attached = connection.execute(&attach, [file.to_str().expect("UTF-8")]);
    if attached.is_ok() {
        for one in sql {
            // What is no database, or another's, is the test's matter.
            let _ = connection.execute_batch(&one);
        }
    }
}

fn space(text: &str) -> Option<String> {
    let line = text.lines().find_map(|line| line.strip_prefix("space:"))?;
    let name = line.split('#').next().unwrap_or_default().trim();
    Some(name.trim_matches(['"', '\'']).to_owned())
}
