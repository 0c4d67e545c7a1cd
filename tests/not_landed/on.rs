//! A space on Postgres and on SQLite, built by one of three ways.

use std::fs;
use std::path::Path;

use rusqlite::types::Value;

use super::support::command::{Run, finish, idgraph};
use super::support::postgres::Database;
use super::support::postgres::project::Project as OnPostgres;
use super::support::sqlite::{Project as OnSqlite, add_sha1};

/// How models are built and brought up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// `apply`, then `refresh`, then `apply` for the views.
    Apply,
    /// `introspect`, `render`, and whoever runs the files.
    Files,
    /// `migrate new` without a record, `apply`; when more has landed, `refresh`, and `apply` for the views.
    Migrations,
}

/// A space, and a project beside it.
pub trait Place {
    /// Runs SQL in which types are `TEXT`, `TIME` and `FLOAT`.
    fn run(&self, sql: &str);
    /// The rows of a query, each as text, NULL as `-`.
    fn rows(&self, query: &str) -> Vec<String>;
    fn idgraph(&self, command: &str, further: &[&str]) -> Run;
    fn folder(&self) -> &Path;
    /// Runs a rendered file.
    fn file(&self, text: &str);

    fn begin(&self, way: Way) {
        match way {
            Way::Apply => drop(self.idgraph("apply", &[]).fine()),
            Way::Files => self.files(),
            Way::Migrations => {
                idgraph(self.folder(), &["migrate", "new"]).fine();
                self.idgraph("apply", &[]).fine();
            }
        }
    }

    fn again(&self, way: Way) {
        match way {
            Way::Apply => {
                self.idgraph("refresh", &[]).fine();
                self.idgraph("apply", &[]).fine();
            }
            Way::Files => self.files(),
            Way::Migrations => {
                self.idgraph("refresh", &[]).fine();
                self.idgraph("apply", &[]).fine();
                self.idgraph("verify", &[]).fine();
                let again = self.idgraph("apply", &[]).fine();
                assert!(!again.stderr.contains("replaced"), "{}", again.stderr);
            }
        }
    }

    /// Views are as the migration made them: that is said, until an apply puts them in place anew.
    fn views_are_behind(&self) {
        let shows = "acme.order_completed_resolved shows nothing of context_url, coupon, which have landed since";
        self.idgraph("refresh", &[]).fine().says(&[shows]);
        let verified = self.idgraph("verify", &[]).exits(1).stdout;
        assert!(verified.contains(shows), "{verified}");
    }

    fn files(&self) {
        self.idgraph("introspect", &[]).fine();
        idgraph(self.folder(), &["render"]).fine();
        idgraph(self.folder(), &["render", "--check"]).fine();
        let folder = fs::read_dir(self.folder().join("sql")).unwrap().flatten();
        let folder = folder.map(|one| one.path()).find(|path| path.is_dir()).unwrap();
        let mut files: Vec<_> =
            fs::read_dir(folder).unwrap().flatten().map(|one| one.path()).collect();
        files.sort();
        for path in files {
            self.file(&fs::read_to_string(path).unwrap());
        }
    }
}

pub struct Postgres {
    database: Database<'static>,
    project: OnPostgres,
}

impl Postgres {
    pub fn new(yaml: &str) -> Self {
        let database = Database::new();
        database.client().batch_execute("CREATE SCHEMA acme").unwrap();
        let project = OnPostgres::new(yaml, database.url());
        Self { database, project }
    }
}

impl Place for Postgres {
    fn run(&self, sql: &str) {
        let types =
            [(" TEXT", " varchar"), (" TIME", " timestamptz"), (" FLOAT", " double precision")];
        let sql = types.iter().fold(sql.to_owned(), |sql, (one, other)| sql.replace(one, other));
        self.database.client().batch_execute(&sql).unwrap_or_else(|error| panic!("{error:?}"));
    }

    fn rows(&self, query: &str) -> Vec<String> {
        let rows = self.database.client().simple_query(query).unwrap();
        let rows = rows.into_iter().filter_map(|one| match one {
            postgres::SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let text = |row: postgres::SimpleQueryRow| {
            (0..row.len())
                .map(|at| row.get(at).unwrap_or("-").to_owned())
                .collect::<Vec<_>>()
                .join("|")
        };
        rows.map(text).collect()
    }

    fn idgraph(&self, command: &str, further: &[&str]) -> Run {
        finish(self.project.command(command, further))
    }

    fn folder(&self) -> &Path {
        self.project.folder()
    }

    fn file(&self, text: &str) {
        self.database
            .client()
            .batch_execute(text)
            .unwrap_or_else(|error| panic!("{error:?}: {text}"));
    }
}

pub struct Sqlite(OnSqlite);

impl Sqlite {
    pub fn new(yaml: &str) -> Self {
        Self(OnSqlite::new(yaml))
    }

    fn open(&self) -> rusqlite::Connection {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        add_sha1(&connection);
        connection.execute("ATTACH ?1 AS acme", [self.0.file().to_str().unwrap()]).unwrap();
        connection
    }
}

impl Place for Sqlite {
    fn run(&self, sql: &str) {
        let sql = sql.replace(" TIME", " text").replace(" FLOAT", " real");
        self.open().execute_batch(&sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    }

    fn rows(&self, query: &str) -> Vec<String> {
        let connection = self.open();
        let mut statement = connection.prepare(query).unwrap();
        let width = statement.column_count();
        let text = |value: Value| match value {
            Value::Null => "-".to_owned(),
            Value::Text(text) => text,
            other => format!("{other:?}"),
        };
        let rows = statement.query_map([], |row| {
            let values: Result<Vec<String>, _> =
                (0..width).map(|at| row.get(at).map(text)).collect();
            Ok(values?.join("|"))
        });
        rows.unwrap().map(Result::unwrap).collect()
    }

    fn idgraph(&self, command: &str, further: &[&str]) -> Run {
        let further =
            if command == "apply" { [&["--yes"], further].concat() } else { further.to_vec() };
        finish(self.0.command(command, &further))
    }

    fn folder(&self) -> &Path {
        self.0.folder()
    }

    fn file(&self, text: &str) {
        self.open().execute_batch(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    }
}
