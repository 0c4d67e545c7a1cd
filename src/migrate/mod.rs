//! Migrations: numbered SQL files beside the project, read, checked and run.

pub mod baseline;
mod check;
mod directive;
mod file;
mod folder;
mod ledger;
mod name;
mod pending;
mod runner;
mod sum;

pub use check::{Checked, check, schemas};
pub use directive::{Directives, dotted, undotted};
pub use file::{MigrationFile, MigrationStatement};
pub use folder::{FOLDER, Folder, Migration, SCHEMA_FILE, folder_of};
pub use ledger::{Entry, Ledger};
pub use name::FileName;
pub use pending::{Run, pending};
pub use runner::{Event, Runner};
pub use sum::{ALGORITHM, SUM_FILE, SumFile, SumLine, checksum};
