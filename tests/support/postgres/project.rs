//! A project whose target is a Postgres database, and what that database holds.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use super::Database;
use crate::support::command::{Run, Running, command, finish};
use crate::support::landed;

/// What a project says besides its target.
pub const SMALL: &str = "space: acme
dialects: [postgres]
traits:
  columns:
    email: varchar
";

/// A project in a folder of its own, with the target `warehouse`.
pub struct Project {
    folder: TempDir,
    url: String,
}

impl Project {
    pub fn new(text: &str, url: String) -> Self {
        let project = Self { folder: tempfile::tempdir().expect("a folder"), url };
        project.change(text);
        project
    }

    /// The same project on another server.
    pub fn on(mut self, url: String) -> Self {
        self.url = url;
        self
    }

    /// Where it is.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Writes another text.
    pub fn change(&self, text: &str) {
        let target = "targets:\n  warehouse: { engine: postgres, url: \"${DATABASE_URL}\" }\n";
        fs::write(self.folder.path().join("idgraph.yml"), format!("{text}{target}"))
            .expect("write");
    }

    /// A command of `idgraph` on the target.
    pub fn command(&self, name: &str, further: &[&str]) -> Command {
        let yes: &[&str] = if name == "apply" { &["--yes"] } else { &[] };
        let arguments = [&[name, "--target", "warehouse"], yes, further].concat();
        let mut command = command(self.folder.path(), &arguments);
        command.env("DATABASE_URL", &self.url);
        command
    }

    /// Makes the landed tables that are not there, as Segment does.
    pub fn land_tables(&self) {
        let text = fs::read_to_string(self.folder.path().join("idgraph.yml")).unwrap_or_default();
        landed::on_postgres(&text, &self.url);
    }

    /// Applies, once Segment has made its tables.
    pub fn apply(&self, further: &[&str]) -> Run {
        self.land_tables();
        self.apply_alone(further)
    }

    /// Applies to what is there.
    pub fn apply_alone(&self, further: &[&str]) -> Run {
        finish(self.command("apply", further))
    }

    pub fn refresh(&self, further: &[&str]) -> Run {
        finish(self.command("refresh", further))
    }

    pub fn applying(&self, further: &[&str]) -> Running {
        self.land_tables();
        self.applying_alone(further)
    }

    /// Begins to apply to what is there, with the one connection that idgraph asks for.
    pub fn applying_alone(&self, further: &[&str]) -> Running {
        Running::start(self.command("apply", further))
    }
}

/// Times of refreshes aside: every object with its owner, grants, columns, comments, indexes and text, and every row.
pub fn dump(database: &Database<'_>) -> Vec<String> {
    let mut client = database.client();
    let catalog = "
        SELECT concat_ws(' | ', n.nspname, c.relname, c.relkind, c.relowner::regrole, c.relacl::text,
            obj_description(c.oid, 'pg_class'), pg_get_viewdef(c.oid), pg_get_indexdef(c.oid),
            (SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attacl::text,
                        col_description(c.oid, a.attnum)), ', ' ORDER BY a.attnum)
             FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0))
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relname <> 'idgraph_refreshes'
        ORDER BY n.nspname, c.relname";
    let mut found: Vec<String> =
        client.query(catalog, &[]).expect("catalog").iter().map(|row| row.get(0)).collect();
    let tables = "SELECT format('%I.%I', n.nspname, c.relname)
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'v') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
            AND c.relname <> 'idgraph_refreshes'
        ORDER BY 1";
    for table in client.query(tables, &[]).expect("tables") {
        let table: String = table.get(0);
        let sql = format!("SELECT t::text FROM {table} AS t ORDER BY t::text COLLATE \"C\"");
        for row in client.query(&sql, &[]).expect("rows") {
            found.push(format!("{table}: {}", row.get::<_, Option<String>>(0).unwrap_or_default()));
        }
    }
    found
}

/// Lands profiles 1 to `count`, each with an e-mail address that ends in `mark`.
pub fn land(database: &Database<'_>, count: u32, mark: &str) {
    let sql = format!(
        "BEGIN; DELETE FROM acme.id_graph_updates; DELETE FROM acme.identifies;
         INSERT INTO acme.id_graph_updates (id, segment_id, canonical_segment_id, timestamp)
         SELECT 'g' || i, 'p' || i, 'p' || i, '2024-01-01' FROM generate_series(1, {count}) AS i;
         INSERT INTO acme.identifies (id, segment_id, timestamp, email)
         SELECT 'i' || id, segment_id, timestamp, segment_id || '{mark}' FROM acme.id_graph_updates;
         COMMIT;"
    );
    database.client().batch_execute(&sql).expect("land");
}

/// How many rows there are.
pub fn count(database: &Database<'_>, from: &str) -> i64 {
    database.client().query_one(&format!("SELECT count(*) FROM {from}"), &[]).expect(from).get(0)
}

/// What psql sends of a file, one statement at a time.
pub fn statements(file: &str) -> Vec<String> {
    let dialect = sqlparser::dialect::PostgreSqlDialect {};
    let mut tokenizer = sqlparser::tokenizer::Tokenizer::new(&dialect, file).with_unescape(false);
    let tokens = tokenizer.tokenize().expect("tokens");
    let parts = tokens.split(|token| *token == sqlparser::tokenizer::Token::SemiColon);
    let texts = parts.map(|part| part.iter().map(ToString::to_string).collect::<String>());
    texts
        .filter(|text| text.lines().any(|line| !line.starts_with("--") && !line.is_empty()))
        .collect()
}
