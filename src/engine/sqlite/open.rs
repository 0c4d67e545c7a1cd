//! Opens a database: the files that its schemas are, and what may become of them.

use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OpenFlags};
use sha1::{Digest, Sha1};
use tempfile::NamedTempFile;

use super::failure::failed;
use super::{PATIENCE, Sqlite, quoted};
use crate::diagnostic::{Diagnostic, Result};
use crate::engine::Access;
use crate::project::DatabaseFile;

/// What a connection's own database is, `main`.
enum Main {
    /// Nothing: schemas are attached.
    Memory,
    /// The file of the schema that has that very name.
    File(PathBuf),
    /// An empty file. A commit over two attached files is atomic only when `main` is a file, too, since its name is
    /// that of the journal which both are part of. (Where their journal mode is WAL, each file is atomic by itself.)
    Temporary(NamedTempFile),
}

impl Sqlite {
    /// Opens a space's database, and beside it that of the models where they have a schema of their own.
    ///
    /// # Errors
    /// When a file cannot be opened, is no database, or does not exist and must not be made.
    pub fn open(
        file: impl Into<DatabaseFile>,
        space: &str,
        models_schema: &str,
        access: Access,
    ) -> Result<Self> {
        let file = &file.into();
        let files = if space == models_schema {
            vec![(space.to_owned(), file.clone())]
        } else {
            let own = file.with_extension(&format!("{}.db", file_name_part(models_schema)));
            vec![(space.to_owned(), file.clone()), (models_schema.to_owned(), own)]
        };
        for (schema, file) in &files {
            regular(file)?;
            if schema.eq_ignore_ascii_case("temp") {
                return Err(Diagnostic::error(
                    "schema-taken",
                    format!("SQLite keeps the schema `{schema}` for itself"),
                )
                .help("rename it, or apply to another engine")
                .into());
            }
            let must_exist = matches!(access, Access::Change | Access::Read);
            if must_exist && !file.path.exists() {
                return Err(Diagnostic::error(
                    "no-database",
                    format!("there is no database {}", file.shown.display()),
                )
                .help("`idgraph apply` makes it")
                .into());
            }
        }
        let main = Main::of(&files, access)?;
        let own = match &main {
            Main::Memory => Path::new(":memory:"),
            Main::File(file) => file,
            Main::Temporary(file) => file.path(),
        };
        // Files that are attached are opened as `main` is, in memory or not.
        let flags = match access {
            Access::Read | Access::Look => {
                OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX
            }
            _ => OpenFlags::default() & !OpenFlags::SQLITE_OPEN_URI,
        };
        let connection =
            Connection::open_with_flags(own, flags).map_err(|error| failed(file, &error, ""))?;
        let mut schemas = Vec::new();
        for (schema, file) in &files {
            if !is_main(schema) {
                let path = path(file, access)?;
                let attach = format!("ATTACH DATABASE ?1 AS {}", quoted(schema));
                connection
                    .execute(&attach, [path])
                    .map_err(|error| failed(file, &error, &attach))?;
            }
            schemas.push(schema.clone());
        }
        let set_up = || -> rusqlite::Result<()> {
            connection.busy_timeout(PATIENCE)?;
            // Triggers of others do not run; the file's own views run nothing but what is harmless, and a name in double
            // quotes is a name.
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
            let flags = FunctionFlags::SQLITE_UTF8
                | FunctionFlags::SQLITE_DETERMINISTIC
                // A view of ours may call it.
                | FunctionFlags::SQLITE_INNOCUOUS;
            connection.create_scalar_function("sha1", 1, flags, |context| {
                let text: Option<String> = context.get(0)?;
                Ok(text.map(|text| hex(&Sha1::digest(text.as_bytes()))))
            })
        };
        set_up().map_err(|error| failed(file, &error, ""))?;
        let _main = match main {
            Main::Temporary(file) => Some(file),
            _ => None,
        };
        Ok(Self { connection, file: file.clone(), schemas, begun: false, _main })
    }
}

/// Refuses what never ends or answers: SQLite would wait for the writer of a pipe, be it in the place of a journal.
fn regular(file: &DatabaseFile) -> Result<()> {
    for suffix in ["", "-journal", "-wal", "-shm"] {
        let beside = |path: &Path| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        let is_there = beside(&file.path).metadata();
        if is_there.is_ok_and(|found| !found.is_file()) {
            let shown = beside(&file.shown);
            let message = format!("{} is not a regular file", shown.display());
            return Err(Diagnostic::error("file-not-regular", message)
                .note("SQLite keeps a database, and its journal beside it, in a file")
                .help("move it away, or choose another `path` for the target")
                .into());
        }
    }
    Ok(())
}

impl Main {
    fn of(files: &[(String, DatabaseFile)], access: Access) -> Result<Self> {
        if let Some((_, file)) = files.iter().find(|(schema, _)| is_main(schema)) {
            return path(file, access).map(|path| Self::File(PathBuf::from(path)));
        }
        let [(_, file), _, ..] = files else { return Ok(Self::Memory) };
        if !matches!(access, Access::Create | Access::Change) {
            return Ok(Self::Memory);
        }
        let folder = file.path.parent().filter(|folder| *folder != Path::new(""));
        let folder = folder.unwrap_or(Path::new("."));
        let made = tempfile::Builder::new().prefix(".idgraph-").tempfile_in(folder);
        made.map(Self::Temporary).map_err(|error| {
            let shown = file.shown.parent().filter(|folder| *folder != Path::new(""));
            let shown = shown.unwrap_or(Path::new(".")).display().to_string();
            let why = error.to_string().replace(&folder.display().to_string(), &shown);
            Diagnostic::error("unwritable", format!("cannot make a file in {shown}: {why}"))
                .help("check that the folder exists and that you may write to it")
                .into()
        })
    }
}

fn is_main(schema: &str) -> bool {
    schema.eq_ignore_ascii_case("main")
}

/// What SQLite is told to open.
fn path(file: &DatabaseFile, access: Access) -> Result<String> {
    if matches!(access, Access::Pretend | Access::Look) && !file.path.exists() {
        return Ok(":memory:".to_owned());
    }
    match file.path.to_str() {
        // A file of that name is not what SQLite means by it.
        Some(path) if path.starts_with(':') => Ok(format!("./{path}")),
        Some(path) => Ok(path.to_owned()),
        None => Err(Diagnostic::error(
            "file-name",
            format!("{} is not UTF-8, which SQLite needs", file.shown.display()),
        )
        .help("choose another `path` for the target")
        .into()),
    }
}

/// A schema's name as part of a file's: what could leave the folder or trouble a system becomes `_`.
fn file_name_part(schema: &str) -> String {
    schema
        .chars()
        .map(|char| if char.is_alphanumeric() || char == '_' || char == '-' { char } else { '_' })
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_files_are_committed_through_a_main_database_that_is_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("acme.db");
        let main = |models: &str, access| {
            let engine = Sqlite::open(file.as_path(), "acme", models, access).unwrap();
            engine.connection.path().is_some_and(|path| Path::new(path).exists())
        };
        assert!(main("built", Access::Create));
        assert!(!main("acme", Access::Create), "one file needs none");
        assert!(main("built", Access::Change));
        assert!(!main("built", Access::Read), "who only reads makes none");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "and it is gone");
    }
}
