//! The migrations that a change adds.

use serde::Serialize;

use super::side::Side;

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
}

/// What was added, in the order of the dialects and of running.
pub(super) fn added(old: Option<&Side>, new: &Side) -> Vec<MigrationAdded> {
    let mut all = Vec::new();
    for rendered in &new.dialects {
        let dialect = &rendered.dialect.name;
        let before = old.and_then(|old| old.rendered(dialect));
        let before = before.map(|one| one.migrations.migrations.as_slice()).unwrap_or_default();
        for migration in &rendered.migrations.migrations {
            if before.iter().any(|one| one.up.name == migration.up.name) {
                continue;
            }
            let Ok(file) = migration.up.read(&rendered.dialect) else { continue };
            all.push(MigrationAdded {
                file: format!("{}/{dialect}/{}", crate::migrate::FOLDER, file.name),
                dialect: dialect.clone(),
                statements: file.statements.len(),
                destructive: file.destructive().into_iter().map(str::to_owned).collect(),
                in_transaction: file.in_transaction,
                has_way_back: migration.down.is_some(),
            });
        }
    }
    all
}
