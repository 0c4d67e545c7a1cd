//! The migrations that a change adds, and what to mind about them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::side::{Rendered, Side};
use crate::engine::{Catalog, Sizes};
use crate::migrate::{Migration, MigrationFile, standing};
use crate::preview::{Judge, Pending, Risk, risks};

/// A migration that was not there before.
#[derive(Debug, Clone, Serialize)]
pub struct MigrationAdded {
    /// Its file, below the folder of the project file.
    pub file: String,
    /// The dialect.
    pub dialect: String,
    /// How many statements it runs.
    pub statements: usize,
    /// What it takes away: tables and columns.
    pub destructive: Vec<String>,
    /// Whether it runs as one transaction.
    pub in_transaction: bool,
    /// Whether there is a way back.
    pub has_way_back: bool,
    /// What to mind, what it takes away first: who waits for which lock, which table is written anew as a whole. By the
    /// dialect's facts; a dialect that has none about locks says nothing.
    pub risks: Vec<Risk>,
}

/// What stands in a target, and how large it is.
#[derive(Debug, Clone)]
pub struct Live {
    /// What stands there.
    pub catalog: Catalog,
    /// The rows of its tables.
    pub sizes: Sizes,
}

/// What was added, in the order of the dialects and of running. Without a target, what the migrations before leave is there,
/// and nobody knows how large.
pub(super) fn added(old: Option<&Side>, new: &Side, live: Option<&Live>) -> Vec<MigrationAdded> {
    let of_dialect = |rendered: &Rendered| {
        let before = old.and_then(|old| old.rendered(&rendered.dialect.name));
        let before = before.map(|one| one.migrations.migrations.as_slice()).unwrap_or_default();
        let is_known = |one: &Migration| before.iter().any(|known| known.up.name == one.up.name);
        let all = &rendered.migrations.migrations;
        let (known, new): (Vec<_>, Vec<_>) = all.iter().partition(|one| is_known(one));
        if new.is_empty() {
            return Vec::new();
        }
        // What cannot be read, `idgraph migrate check` tells.
        let read = |one: &Migration| one.up.read(&rendered.dialect).ok();
        let there = match live {
            Some(live) => live.clone(),
            None => {
                let known: Vec<_> = known.into_iter().filter_map(read).collect();
                Live { catalog: standing(&known), sizes: Sizes::default() }
            }
        };
        let judge =
            Judge { dialect: &rendered.dialect, catalog: &there.catalog, sizes: &there.sizes };
        let added = |one: &Migration| {
            let file = read(one)?;
            let pending = pending(&file, judge);
            Some(of(&file, one.down.is_some(), &rendered.dialect.name, pending))
        };
        new.into_iter().filter_map(added).collect::<Vec<_>>()
    };
    new.dialects.iter().flat_map(of_dialect).collect()
}

fn of(file: &MigrationFile, has_way_back: bool, dialect: &str, pending: Pending) -> MigrationAdded {
    MigrationAdded {
        file: format!("{}/{dialect}/{}", crate::migrate::FOLDER, file.name),
        dialect: dialect.to_owned(),
        statements: file.statements.len(),
        destructive: pending.destructive.clone(),
        in_transaction: file.in_transaction,
        has_way_back,
        risks: risks(&[pending], &BTreeMap::new(), false),
    }
}

/// A migration as an apply would run it.
fn pending(file: &MigrationFile, judge: Judge<'_>) -> Pending {
    Pending {
        file: file.name.to_string(),
        in_transaction: file.in_transaction,
        done: 0,
        destructive: file.destructive().into_iter().map(str::to_owned).collect(),
        left_alone: Vec::new(),
        put_back: Vec::new(),
        statements: file.statements.iter().map(|one| judge.doing(&one.statement)).collect(),
    }
}
