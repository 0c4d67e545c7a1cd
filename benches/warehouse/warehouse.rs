//! A database with landed rows, and idgraph at work on it: the release binary, as a user runs it.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use postgres::Client;

use crate::data::Sizes;
use crate::memory;
use crate::support::postgres::{Database, Server};

/// What a measurement may come to.
pub type Outcome<T> = Result<T, Box<dyn Error>>;

/// No statement of either side may take longer.
const LIMIT: &str = "45min";

/// The models, in the order of building.
pub const MODELS: [&str; 3] = ["id_graph", "external_id_mapping", "profile_traits"];

/// A database with its project.
pub struct Warehouse<'a> {
    pub sizes: Sizes,
    database: Database<'a>,
    folder: tempfile::TempDir,
    client: Client,
}

/// A run of idgraph.
pub struct Run {
    /// Seconds for each model.
    pub models: BTreeMap<String, f64>,
    /// KiB that the process held at most.
    pub memory: Option<u64>,
}

/// A table that was made in the schema `plain`.
pub struct Made {
    /// Seconds for the table.
    pub table: f64,
    /// Seconds for its indexes.
    pub indexes: f64,
    pub rows: i64,
}

impl<'a> Warehouse<'a> {
    /// A database whose landed tables are made by idgraph and filled by these statements.
    pub fn new(server: &'a Server, sizes: Sizes, rows: &[String]) -> Outcome<Self> {
        let database = Database::on(server);
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("idgraph.yml"), sizes.project())?;
        let mut client = database.client();
        client.batch_execute(&format!("SET statement_timeout = '{LIMIT}'; CREATE SCHEMA plain"))?;
        let mut warehouse = Self { sizes, database, folder, client };
        warehouse.idgraph(&["apply", "--yes"])?;
        warehouse.drop_models()?;
        // Filling tables first and indexing them then is the faster way to the same.
        let indexes = "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
                       FROM pg_index WHERE indrelid::regclass::text LIKE 'acme.%'";
        let indexes = warehouse.client.query(indexes, &[])?;
        for index in &indexes {
            warehouse.run(&format!("DROP INDEX {}", index.get::<_, String>(0)))?;
        }
        for sql in rows {
            warehouse.run(sql)?;
        }
        for index in &indexes {
            warehouse.run(index.get(1))?;
        }
        // Not VACUUM (ANALYZE) of the whole database: its catalog is new.
        warehouse.run("VACUUM ANALYZE")?;
        warehouse.run("CHECKPOINT")?;
        Ok(warehouse)
    }

    /// Runs SQL in a session like that of any client.
    pub fn run(&mut self, sql: &str) -> Outcome<()> {
        self.client.batch_execute(sql).map_err(|error| format!("{error:?}\n{sql}").into())
    }

    /// Makes a table in the schema `plain`, then the indexes that idgraph gives the model.
    pub fn make(&mut self, name: &str, sql: &str, model: &str) -> Outcome<Made> {
        let table = self.time(sql)?;
        let rows = self.count(&format!("plain.{name}"))?;
        let indexes = self.indexes(model)?;
        let on_plain = |index: &String| {
            index.replace(&format!(" ON acme.{model} "), &format!(" ON plain.{name} "))
        };
        let indexes = self.time(&indexes.iter().map(on_plain).collect::<Vec<_>>().join(";"))?;
        self.run(&format!("DROP TABLE plain.{name}"))?;
        Ok(Made { table, indexes, rows })
    }

    /// Makes the indexes of a model again and says how long that took, in seconds.
    pub fn index_again(&mut self, model: &str) -> Outcome<f64> {
        let indexes = self.indexes(model)?;
        let names = "SELECT indexrelid::regclass::text FROM pg_index
                     WHERE indrelid = ('acme.' || $1)::regclass";
        for index in self.client.query(names, &[&model])? {
            self.run(&format!("DROP INDEX {}", index.get::<_, String>(0)))?;
        }
        self.time(&indexes.join(";"))
    }

    /// What makes the indexes of a model.
    fn indexes(&mut self, model: &str) -> Outcome<Vec<String>> {
        let made = "SELECT pg_get_indexdef(indexrelid) FROM pg_index
                    WHERE indrelid = ('acme.' || $1)::regclass ORDER BY 1";
        Ok(self.client.query(made, &[&model])?.iter().map(|index| index.get(0)).collect())
    }

    fn time(&mut self, sql: &str) -> Outcome<f64> {
        let start = Instant::now();
        self.run(sql)?;
        Ok(start.elapsed().as_secs_f64())
    }

    /// How many rows a table has.
    pub fn count(&mut self, table: &str) -> Outcome<i64> {
        Ok(self.client.query_one(&format!("SELECT count(*) FROM {table}"), &[])?.get(0))
    }

    /// Takes the database back to where nothing was built.
    pub fn drop_models(&mut self) -> Outcome<()> {
        let tables = MODELS.map(|model| format!("acme.{model}"));
        self.run(&format!("DROP TABLE IF EXISTS {}, acme.idgraph_watermarks", tables.join(", ")))
    }

    /// Runs `idgraph … --target bench` and reads the time of each model from what it says.
    pub fn idgraph(&self, arguments: &[&str]) -> Outcome<Run> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_idgraph"))
            .current_dir(&self.folder)
            .args(arguments)
            .args(["--target", "bench"])
            .env("IDGRAPH_BENCH_URL", self.database.url())
            .env("PGOPTIONS", format!("-c statement_timeout={LIMIT}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let process = child.id();
        let (done, is_done) = mpsc::channel::<()>();
        let watch = thread::spawn(move || {
            let mut peak = None;
            while is_done.recv_timeout(Duration::from_millis(2))
                == Err(mpsc::RecvTimeoutError::Timeout)
            {
                peak = peak.max(memory::peak(process));
            }
            peak
        });
        let (mut models, mut said) = (BTreeMap::new(), String::new());
        for line in BufReader::new(child.stderr.take().ok_or("no stderr")?).lines() {
            let line = line?;
            if let Some((name, time)) = model_time(&line) {
                models.insert(name, time);
            }
            said += &line;
            said.push('\n');
        }
        let status = child.wait()?;
        drop(done);
        let memory = watch.join().map_err(|_| "the watch over memory ended")?;
        if !status.success() {
            return Err(format!("idgraph {arguments:?}: {status}\n{said}").into());
        }
        Ok(Run { models, memory })
    }
}

/// `  acme.id_graph   refreshed, 3 rows written, 1 removed in 0.012 s`: the model and its seconds.
fn model_time(line: &str) -> Option<(String, f64)> {
    let name = line.trim_start().strip_prefix("acme.")?.split_whitespace().next()?;
    let time = line.strip_suffix(" s")?.rsplit(' ').next()?.parse().ok()?;
    Some((name.to_owned(), time))
}
