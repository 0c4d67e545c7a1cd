//! Migrations: numbered SQL files beside the project, read and checked.

mod difference;
mod directive;
mod file;
mod folder;
mod generate;
mod name;
mod new;
mod record;
mod schema;
mod script;
mod sum;
mod summary;
mod trouble;

pub use directive::{Directives, dotted, undotted};
pub use file::{MigrationFile, MigrationStatement};
pub use folder::{FOLDER, Folder, Migration, SCHEMA_FILE, folder_of};
pub use name::{FileName, check_words};
pub use new::{Draft, Work};
pub use schema::Schema;
pub use sum::{ALGORITHM, SUM_FILE, SumFile, checksum};
