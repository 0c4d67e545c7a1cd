//! Migrations: numbered SQL files beside the project, read and checked.

mod directive;
mod file;
mod folder;
mod name;
mod sum;

pub use directive::{Directives, dotted, undotted};
pub use file::{MigrationFile, MigrationStatement};
pub use folder::{FOLDER, Folder, Migration, SCHEMA_FILE, folder_of};
pub use name::FileName;
pub use sum::{ALGORITHM, SUM_FILE, SumFile, checksum};
