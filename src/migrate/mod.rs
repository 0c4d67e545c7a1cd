//! Migrations: numbered SQL files beside the project, written, read, checked and run.

pub mod baseline;
mod check;
mod difference;
mod directive;
mod drift;
mod file;
mod folder;
mod found;
mod generate;
mod ledger;
mod name;
mod new;
mod pending;
mod record;
mod runner;
mod schema;
mod script;
mod sum;
mod summary;
mod trouble;
mod unmarked;

pub use check::{Checked, allowing, check, inspect, schemas, shell_word};
pub use difference::{ObjectChange, Rename, difference};
pub use directive::{Directives, dotted, undotted};
pub use drift::{Difference, Doing, Drift, Expected, drift};
pub use file::{MigrationFile, MigrationStatement, MigrationText};
pub use folder::{FOLDER, Folder, Migration, SCHEMA_FILE, folder_of};
pub use ledger::{Entry, Ledger};
pub use name::{FileName, check_words};
pub use new::{Draft, Work};
pub use pending::{Run, pending};
pub use record::{Recorded, record, same_code, warehouse as recorded_warehouse};
pub use runner::{Event, Runner};
pub use schema::{Column, Index, Kind, ModelRecord, Object, Schema, Settings};
pub use sum::{ALGORITHM, SUM_FILE, SumFile, SumLine, checksum};
