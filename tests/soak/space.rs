//! A space: a database in which rows land, with a project beside it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::AtomicU64;

use tempfile::TempDir;

use crate::bouncer::Bouncer;
use crate::clock::Clock;
use crate::figures::Count;
use crate::model::Landed;
use crate::on_postgres::{self, OnPostgres};
use crate::on_sqlite::{self, OnSqlite};
use crate::session::{Outcome, Session};
use crate::shape::Shape;
use crate::support::command::{command, finish};
use crate::support::postgres::{Database, Server};

/// Where spaces are made.
pub enum Place<'a> {
    Postgres { server: &'a Server, bouncer: Option<&'a Bouncer> },
    Sqlite,
}

/// A space.
pub struct Space<'a> {
    pub shape: Shape,
    pub clock: Clock,
    /// How many rows were made up so far; each has a number of its own.
    pub made: AtomicU64,
    /// Rows by landed table that are there for certain, and those whose COMMIT may have been lost with the connection.
    pub landed: [(Count, Count); 3],
    /// Rows that were deleted again.
    pub deleted: Count,
    folder: TempDir,
    database: Option<Database<'a>>,
    bouncer: Option<&'a Bouncer>,
}

impl<'a> Space<'a> {
    /// One in which nothing has landed, all tables built.
    pub fn new(shape: Shape, place: &Place<'a>) -> Result<Self, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let (database, bouncer) = match place {
            Place::Postgres { server, bouncer } => (Some(Database::on(server)), *bouncer),
            Place::Sqlite => (None, None),
        };
        let target = match database {
            Some(_) => "engine: postgres, url: \"${DATABASE_URL}\"",
            None => "engine: sqlite, path: acme.db",
        };
        let project = format!("{}targets:\n  it: {{ {target} }}\n", shape.project());
        fs::write(folder.path().join("idgraph.yml"), project).expect("write");
        let space = Self {
            clock: Clock::new(shape.lookback),
            shape,
            made: AtomicU64::new(0),
            landed: Default::default(),
            deleted: Count::default(),
            folder,
            database,
            bouncer,
        };
        space.build()?;
        Ok(space)
    }

    fn build(&self) -> Result<(), String> {
        let mut session = self.session().expect("a session");
        let types = if self.is_postgres() {
            session.run("CREATE SCHEMA acme").expect("a schema");
            on_postgres::TYPES
        } else {
            on_sqlite::TYPES
        };
        for sql in self.shape.create(types) {
            session.run(&sql).unwrap_or_else(|error| panic!("{error:?}: {sql}"));
        }
        for arguments in
            [&["render"][..], &["apply", "--target", "it", "--yes"], &["refresh", "--target", "it"]]
        {
            let run = finish(self.idgraph(arguments, false));
            if run.code != Some(0) {
                return Err(format!(
                    "idgraph {} on a new space: {}",
                    arguments.join(" "),
                    run.stderr
                ));
            }
        }
        Ok(())
    }

    pub fn is_postgres(&self) -> bool {
        self.database.is_some()
    }

    /// The engine's name.
    pub fn engine(&self) -> &'static str {
        if self.is_postgres() { "postgres" } else { "sqlite" }
    }

    pub fn session(&self) -> Outcome<Box<dyn Session>> {
        Ok(match &self.database {
            Some(database) => Box::new(OnPostgres::open(&database.url())?),
            None => Box::new(OnSqlite::open(self.folder.path(), self.shape.models_schema)?),
        })
    }

    pub fn has_bouncer(&self) -> bool {
        self.bouncer.is_some()
    }

    /// `idgraph` with arguments; through PgBouncer where there is one.
    pub fn idgraph(&self, arguments: &[&str], through: bool) -> Command {
        let mut command = command(self.folder.path(), arguments);
        command.env("DATABASE_URL", self.url(through));
        command
    }

    fn url(&self, through: bool) -> String {
        let Some(database) = &self.database else { return String::new() };
        match self.bouncer.filter(|_| through) {
            Some(bouncer) => bouncer.url(database.name()),
            None => database.url(),
        }
    }

    /// The rendered files in their order.
    pub fn rendered(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder.path().join("sql").join(self.engine()));
        let mut files: Vec<_> =
            entries.expect("rendered").flatten().map(|entry| entry.path()).collect();
        files.sort();
        files
    }

    /// `psql` with a rendered file.
    pub fn psql(&self, file: &std::path::Path, through: bool) -> Command {
        on_postgres::psql(&self.url(through), file)
    }

    /// All rows that are in the landed tables now.
    pub fn all_landed(&self, session: &mut dyn Session) -> Outcome<Landed> {
        let mut landed = Landed::default();
        for table in self.shape.landed() {
            landed.add(table, session.rows(&format!("acme.{table}"), &self.shape.columns(table))?);
        }
        Ok(landed)
    }
}
