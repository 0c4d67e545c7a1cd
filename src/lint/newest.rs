//! What the newest migration of each dialect does to tables that are there: earlier ones have run, and cannot be changed.

use std::collections::BTreeSet;

use super::{Migrations, Subject};
use crate::engine::Sizes;
use crate::migrate::{MigrationStatement, standing};
use crate::preview::{Doing, Judge};
use crate::project::Materialization;
use crate::warehouse::Warehouse;

/// A migration that has yet to run, with what each of its statements does.
pub(super) struct Newest<'a> {
    /// Whether it runs as one transaction.
    pub(super) in_transaction: bool,
    /// Its statements in order.
    pub(super) statements: Vec<Does<'a>>,
}

/// A statement, and what it does.
pub(super) struct Does<'a> {
    /// The statement.
    pub(super) statement: &'a MigrationStatement,
    /// What it does to what the migrations before leave.
    pub(super) doing: Doing,
    /// Whether Segment loads rows into its table.
    pub(super) is_landed: bool,
    /// Whether its table grows with what lands.
    pub(super) is_large: bool,
}

/// The newest migrations, of the dialects that say what statements lock. Statements that run only where idgraph made a table
/// that Segment lands are left out: where Segment loads, Segment has made it.
pub(super) fn newest<'a>(subject: &Subject<'a>) -> Vec<Newest<'a>> {
    let warehouse = Warehouse::of(subject.project);
    let names = |schema: &str, name: &str| (schema.to_lowercase(), name.to_lowercase());
    let landed: BTreeSet<(String, String)> =
        warehouse.landed.iter().map(|one| names(&warehouse.space, &one.name)).collect();
    let models = warehouse.models.iter().filter(|one| one.materialized != Materialization::View);
    let models: BTreeSet<(String, String)> =
        models.map(|one| names(&warehouse.models_schema, &one.name)).collect();
    let of = |one: &'a Migrations<'a>| {
        let (newest, earlier) = one.files.split_last()?;
        let catalog = standing(earlier);
        let judge = Judge { dialect: one.dialect, catalog: &catalog, sizes: &Sizes::default() };
        let statements = newest.statements.iter();
        let does = |statement: &'a MigrationStatement| {
            let target = statement.statement.target.as_ref();
            let object = target.and_then(|one| Some((one.schema.clone()?, one.name.clone())));
            let is_in = |all: &BTreeSet<_>| object.as_ref().is_some_and(|one| all.contains(one));
            let is_landed = is_in(&landed);
            let is_large = is_landed || is_in(&models);
            Does { statement, doing: judge.doing(&statement.statement), is_landed, is_large }
        };
        let statements = statements.map(does).collect();
        Some(Newest { in_transaction: newest.in_transaction, statements })
    };
    subject.migrations.iter().filter_map(of).collect()
}
