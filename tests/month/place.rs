//! Where a month passes: a database in which one role lands and another builds, or a file, and the project beside it.

use std::fs;

use rusqlite::Connection;

use crate::built::Built;
use crate::support::command::{Run, command, finish};
use crate::support::postgres::Database;

/// What the engineer writes on the first day; `introspect` adds the rest.
const PROJECT: &str = "space: acme
models:
  id_graph: { materialized: incremental }
  external_id_mapping: { materialized: incremental }
  profile_traits: { materialized: incremental }
  resolved_events: {}
incremental: { load_time: uuid_ts, lookback: 3h }
";

/// A database and a folder with the project.
pub struct Place {
    pub folder: tempfile::TempDir,
    kind: Kind,
}

enum Kind {
    Postgres(Box<Shop>),
    Sqlite,
}

/// One role lands, and the other may read that and build in a schema of its own.
struct Shop {
    database: Database<'static>,
    segment: String,
    builder: String,
}

impl Place {
    /// Postgres, where the role that builds has the rights of docs/rights.md and no more.
    pub fn postgres() -> Self {
        let database = Database::sorting_by_language();
        let name = database.name();
        let (segment, builder) = (format!("{name}_segment"), format!("{name}_builder"));
        let sql = format!(
            "CREATE ROLE {segment}; CREATE ROLE {builder}; GRANT {segment}, {builder} TO CURRENT_USER;
             GRANT CREATE ON DATABASE {name} TO {segment}; REVOKE ALL ON DATABASE {name} FROM PUBLIC;
             GRANT CONNECT, TEMPORARY ON DATABASE {name} TO {builder};
             CREATE SCHEMA acme AUTHORIZATION {segment}; CREATE SCHEMA acme_models AUTHORIZATION {builder};
             GRANT USAGE ON SCHEMA acme TO {builder};
             ALTER DEFAULT PRIVILEGES FOR ROLE {segment} IN SCHEMA acme GRANT SELECT ON TABLES TO {builder};"
        );
        database.client().batch_execute(&sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
        let place = Self::new(Kind::Postgres(Box::new(Shop { database, segment, builder })));
        place.write(&format!(
            "{PROJECT}models_schema: acme_models\ndialects: [postgres]\n\
             targets:\n  it: {{ engine: postgres, url: \"${{DATABASE_URL}}\" }}\n"
        ));
        place
    }

    /// SQLite, which knows no rights: all is in one file.
    pub fn sqlite() -> Self {
        let place = Self::new(Kind::Sqlite);
        place.write(&format!(
            "{PROJECT}dialects: [sqlite]\ntargets:\n  it: {{ engine: sqlite, path: acme.db }}\n"
        ));
        place
    }

    fn new(kind: Kind) -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), kind }
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self.kind, Kind::Postgres(_))
    }

    /// The schema of the models.
    pub fn models(&self) -> &'static str {
        if self.is_postgres() { "acme_models" } else { "acme" }
    }

    /// The project file.
    pub fn project(&self) -> String {
        fs::read_to_string(self.folder.path().join("idgraph.yml")).expect("the project")
    }

    pub fn write(&self, project: &str) {
        fs::write(self.folder.path().join("idgraph.yml"), project).expect("write");
    }

    /// Segment's SQL, as its role.
    pub fn lands(&self, sql: &str) {
        match &self.kind {
            Kind::Postgres(shop) => shop.runs(&shop.segment, sql),
            Kind::Sqlite => self.runs_in_file(sql),
        }
    }

    /// SQL of the engineer, as the role that builds.
    pub fn runs(&self, sql: &str) {
        match &self.kind {
            Kind::Postgres(shop) => shop.runs(&shop.builder, sql),
            Kind::Sqlite => self.runs_in_file(sql),
        }
    }

    fn runs_in_file(&self, sql: &str) {
        let file = self.folder.path().join("acme.db");
        let session = Connection::open_in_memory().expect("open");
        session
            .execute("ATTACH DATABASE ?1 AS acme", [file.to_str().expect("UTF-8")])
            .expect("attach");
        session.execute_batch(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    }

    /// A command, as the role that builds.
    pub fn idgraph(&self, arguments: &[&str]) -> Run {
        let mut command = command(self.folder.path(), arguments);
        if let Kind::Postgres(shop) = &self.kind {
            command.env("DATABASE_URL", shop.database.url());
            command.env("PGOPTIONS", format!("-c role={}", shop.builder));
        }
        finish(command)
    }

    /// The project as it is now, to read what its tables hold.
    pub fn built(&self) -> Built {
        let text = self.project();
        Built::by_others(&match &self.kind {
            Kind::Postgres(shop) => text.replace("${DATABASE_URL}", &shop.database.url()),
            Kind::Sqlite => {
                let file = self.folder.path().join("acme.db");
                text.replace("acme.db", file.to_str().expect("UTF-8"))
            }
        })
    }
}

impl Shop {
    fn runs(&self, role: &str, sql: &str) {
        let sql = format!("SET TIME ZONE 'UTC'; SET ROLE {role}; {sql}");
        let run = self.database.client().batch_execute(&sql);
        run.unwrap_or_else(|error| panic!("{error:?}: {sql}"));
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        for role in [&self.segment, &self.builder] {
            let sql = format!("DROP OWNED BY {role} CASCADE; DROP ROLE {role}");
            let _ = self.database.client().batch_execute(&sql);
        }
    }
}
