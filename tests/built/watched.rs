//! An engine that a test looks on at.

use std::time::Duration;

use idgraph::diagnostic::Result;
use idgraph::engine::{Catalog, Engine, Found, Interrupt, Passing, Rows, Sizes, Sort};

/// Runs what it is told to on another engine, and says so before each statement.
pub struct Watched {
    inner: Box<dyn Engine>,
    before: Box<dyn FnMut(usize)>,
    run: usize,
}

impl Watched {
    pub fn new(inner: Box<dyn Engine>, before: impl FnMut(usize) + 'static) -> Self {
        Self { inner, before: Box::new(before), run: 0 }
    }
}

impl Engine for Watched {
    fn dialect(&self) -> &'static str {
        self.inner.dialect()
    }

    fn catalog(&mut self, schemas: &[&str]) -> Result<Catalog> {
        self.inner.catalog(schemas)
    }

    fn sizes(&mut self, tables: &[(String, String)]) -> Result<Sizes> {
        self.inner.sizes(tables)
    }

    fn lock(&mut self, schema: &str, patience: Duration, interrupt: &Interrupt) -> Result<()> {
        self.inner.lock(schema, patience, interrupt)
    }

    fn passing(&self) -> Passing {
        self.inner.passing()
    }

    fn begin_sql(&self) -> &'static str {
        self.inner.begin_sql()
    }

    fn begin_reading_sql(&self) -> &'static str {
        self.inner.begin_reading_sql()
    }

    fn execute(&mut self, sql: &str) -> Result<u64> {
        (self.before)(self.run);
        self.run += 1;
        self.inner.execute(sql)
    }

    fn execute_with(&mut self, sql: &str, values: &[&str]) -> Result<u64> {
        self.inner.execute_with(sql, values)
    }

    fn query(&mut self, sql: &str) -> Result<Rows> {
        self.inner.query(sql)
    }

    fn query_with(&mut self, sql: &str, values: &[&str]) -> Result<Rows> {
        self.inner.query_with(sql, values)
    }

    fn rows(
        &mut self,
        schema: &str,
        table: &Found,
        sort: &Sort,
        limit: Option<u64>,
    ) -> Result<Rows> {
        self.inner.rows(schema, table, sort, limit)
    }

    fn view(&mut self, schema: &str, view: &str) -> Result<Option<String>> {
        self.inner.view(schema, view)
    }

    fn interrupter(&self) -> Box<dyn Fn() + Send> {
        self.inner.interrupter()
    }
}
