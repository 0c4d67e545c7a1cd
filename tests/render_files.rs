//! `idgraph init` and `idgraph render` on disk: all or nothing, and only files that are ours.

#[path = "support/command.rs"]
mod command;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use command::{Run, finish, idgraph};
use tempfile::TempDir;

const PROJECT: &str = "space: acme
dialects: [postgres, sqlite]
traits: { columns: { email: varchar } }
models: { resolved_events: {} }
";

fn project() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("idgraph.yml"), PROJECT).expect("write");
    folder
}

fn rendered() -> TempDir {
    let folder = project();
    idgraph(folder.path(), &["render"]).fine();
    folder
}

/// Another trait: `profile_traits` and `resolved_events` change.
fn change(folder: &TempDir) {
    let text = PROJECT.replace("email: varchar", "email: varchar, plan: varchar");
    fs::write(folder.path().join("idgraph.yml"), text).expect("write");
}

/// Every file below a folder, hidden ones too, with its text.
fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), fs::read_to_string(&path).expect("text"));
        }
    }
    found
}

/// Runs as a user whom file modes bind, even where the tests run as root.
fn without_privileges(folder: &Path, arguments: &[&str]) -> Run {
    if fs::metadata("/proc/self").expect("a process").uid() != 0 {
        return idgraph(folder, arguments);
    }
    let mut command = Command::new("setpriv");
    command.args(["--bounding-set", "-dac_override,-dac_read_search", "--"]);
    command.arg(env!("CARGO_BIN_EXE_idgraph")).args(arguments).current_dir(folder);
    finish(command)
}

/// Runs where no file can grow beyond this many blocks of 512 bytes, as on a full disk.
fn on_a_full_disk(folder: &Path, blocks: u32, arguments: &[&str]) -> Run {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_idgraph")]).args(arguments);
    command.current_dir(folder);
    finish(command)
}

#[test]
fn init_writes_a_project_that_works() {
    let folder = tempfile::tempdir().unwrap();
    let run = idgraph(folder.path(), &["init", "new/warehouse"]).fine();
    assert_eq!(run.stdout, "");
    run.says(&["wrote new/warehouse/idgraph.yml", "idgraph render"]);
    let project = folder.path().join("new/warehouse");
    idgraph(&project, &["render"]).fine();
    idgraph(&project, &["apply", "--yes", "--target", "local"]).fine();
    let text = fs::read_to_string(project.join("idgraph.yml")).unwrap();
    // What is commented out works, too.
    let all: String = text
        .lines()
        .map(|line| {
            let code = line.trim_start().strip_prefix("# ");
            let is_code = code.is_some_and(|code| {
                code.starts_with(|char: char| char.is_lowercase() || char == ' ')
                    && code.contains(':')
                    || code.starts_with("  ")
            });
            if is_code { line.replacen("# ", "", 1) + "\n" } else { format!("{line}\n") }
        })
        .collect();
    assert!(all.contains("\n  resolved_events: {") && all.contains("\nsources:"), "{all}");
    // Save that a view of SQLite cannot leave its schema.
    let all = all.replace("\nmodels_schema:", "\n# models_schema:");
    fs::write(project.join("idgraph.yml"), all).unwrap();
    idgraph(&project, &["render"]).fine();
}

#[test]
fn init_never_overwrites() {
    let folder = project();
    let run = idgraph(folder.path(), &["init"]).exits(2);
    assert_eq!(
        run.stderr.trim_end(),
        "error[exists]: ./idgraph.yml exists already\n |\n = note: idgraph never overwrites it\n \
         = help: move it away, or name another folder"
    );
    assert_eq!(files(folder.path()).into_values().collect::<Vec<_>>(), [PROJECT]);
}

#[test]
fn render_writes_a_folder_for_each_dialect_beside_the_project() {
    let folder = project();
    let run = idgraph(folder.path(), &["render"]).fine();
    assert_eq!(run.stdout, "");
    run.says(&["sql: 9 files written, 0 removed, 0 unchanged"]);
    for path in ["sql/postgres/20_id_graph.sql", "sql/sqlite/20_id_graph.sql"] {
        let mode = fs::metadata(folder.path().join(path)).unwrap().permissions().mode();
        assert_eq!(mode & 0o444, 0o444, "{path} can be read by everyone");
    }
    // No temporary file is left; what was written is noted.
    let files = files(&folder.path().join("sql"));
    assert_eq!(files.len(), 9 + 1);
    assert!(files[&folder.path().join("sql/idgraph.sum")].contains("\nsqlite/20_id_graph.sql "));
}

#[test]
fn render_leaves_files_that_are_as_they_should_be_untouched() {
    let folder = rendered();
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    for path in files(&folder.path().join("sql")).keys() {
        fs::File::options().write(true).open(path).unwrap().set_modified(long_ago).unwrap();
    }
    change(&folder);
    idgraph(folder.path(), &["render"])
        .fine()
        .says(&["sql: 4 files written, 0 removed, 5 unchanged"]);
    let is_old = |path: &str| {
        let modified = fs::metadata(folder.path().join(path)).unwrap().modified().unwrap();
        modified == long_ago
    };
    assert!(is_old("sql/postgres/20_id_graph.sql"));
    assert!(!is_old("sql/postgres/30_profile_traits.sql"));
}

#[test]
fn render_removes_leftovers_of_its_own_and_nothing_else() {
    let folder = rendered();
    let sql = folder.path().join("sql");
    let mine = "-- my own\nSELECT 1;\n";
    for path in ["postgres/99_mine.sql", "postgres/notes.txt", "mine/other.sql", "README.sql"] {
        fs::create_dir_all(sql.join(path).parent().unwrap()).unwrap();
        fs::write(sql.join(path), mine).unwrap();
    }
    // It says who made it, but not where idgraph says so.
    let quote = "SELECT 1;\n\n-- Rendered by idgraph from idgraph.yml\n";
    fs::write(sql.join("postgres/98_quote.sql"), quote).unwrap();
    let text = PROJECT.replace("dialects: [postgres, sqlite]", "dialects: [postgres]");
    let text = text.replace("models: { resolved_events: {} }", "");
    fs::write(folder.path().join("idgraph.yml"), text).unwrap();

    let check = idgraph(folder.path(), &["render", "--check"]).exits(1);
    let leftovers: Vec<&str> =
        check.stdout.lines().filter(|line| line.starts_with("leftover")).collect();
    assert_eq!(leftovers.len(), 5, "{}", check.stdout);
    assert!(leftovers.contains(&"leftover  sql/postgres/30_resolved_events.sql"));

    idgraph(folder.path(), &["render"]).fine();
    assert!(!sql.join("postgres/30_resolved_events.sql").exists());
    assert!(!sql.join("sqlite").exists(), "its folder is empty and goes, too");
    for path in ["postgres/99_mine.sql", "postgres/notes.txt", "mine/other.sql", "README.sql"] {
        assert_eq!(fs::read_to_string(sql.join(path)).unwrap(), mine, "{path}");
    }
    assert!(sql.join("postgres/98_quote.sql").exists());
    idgraph(folder.path(), &["render", "--check"]).fine();
}

#[test]
fn render_refuses_to_write_over_a_file_that_it_did_not_make() {
    let folder = project();
    let path = folder.path().join("sql/postgres/20_id_graph.sql");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, "-- mine\n").unwrap();
    for arguments in [&["render"][..], &["render", "--check"]] {
        let run = idgraph(folder.path(), arguments).exits(2);
        assert_eq!(
            run.stderr.trim_end(),
            "error[not-ours]: sql/postgres/20_id_graph.sql exists, and idgraph did not write it\n |\n \
             = note: its first lines do not say \"Rendered by idgraph\"\n \
             = help: move it away, or render into another folder with --out DIR"
        );
    }
    assert_eq!(files(&folder.path().join("sql")).len(), 1, "nothing else was written");
    assert_eq!(fs::read_to_string(&path).unwrap(), "-- mine\n");
}

#[test]
fn check_lists_what_is_stale_missing_or_left_over_and_writes_nothing() {
    let folder = rendered();
    let run = idgraph(folder.path(), &["render", "--check"]).fine();
    assert_eq!(run.stdout, "");
    run.says(&["9 files in sql are as they should be"]);

    change(&folder);
    let sql = folder.path().join("sql");
    fs::remove_file(sql.join("postgres/20_id_graph.sql")).unwrap();
    fs::copy(sql.join("sqlite/20_id_graph.sql"), sql.join("sqlite/05_old.sql")).unwrap();
    let before = files(folder.path());
    let run = idgraph(folder.path(), &["render", "--check"]).exits(1);
    assert_eq!(
        run.stdout,
        "missing   sql/postgres/20_id_graph.sql
stale     sql/postgres/30_profile_traits.sql
stale     sql/postgres/30_resolved_events.sql
edited    sql/sqlite/05_old.sql
stale     sql/sqlite/30_profile_traits.sql
stale     sql/sqlite/30_resolved_events.sql
"
    );
    run.says(&["run `idgraph render` and commit what it writes"]);
    assert_eq!(files(folder.path()), before);
}

#[test]
fn check_of_a_project_never_rendered_finds_all_of_it_missing() {
    let folder = project();
    let run = idgraph(folder.path(), &["render", "--check"]).exits(1);
    assert_eq!(run.stdout.lines().filter(|line| line.starts_with("missing ")).count(), 9);
    assert!(!folder.path().join("sql").exists());
}

#[test]
fn dialect_and_select_narrow_what_is_rendered() {
    let folder = project();
    let both = ["--select", "id_graph", "--select", "profile_traits"];
    let narrow = [&["render", "--dialect", "sqlite"][..], &both].concat();
    idgraph(folder.path(), &narrow).fine();
    let mut names: Vec<_> = files(&folder.path().join("sql")).into_keys().collect();
    names.retain(|name| !name.ends_with("idgraph.sum"));
    let below = |name: &str| folder.path().join("sql/sqlite").join(name);
    assert_eq!(names, [below("20_id_graph.sql"), below("30_profile_traits.sql")]);
    // What is not asked for is no leftover.
    idgraph(folder.path(), &["render"]).fine();
    idgraph(folder.path(), &narrow).fine().says(&["0 files written, 0 removed, 2 unchanged"]);
    assert_eq!(files(&folder.path().join("sql")).len(), 9 + 1);

    // Not every dialect has a file about it.
    idgraph(folder.path(), &["render", "--select", "schema"])
        .fine()
        .says(&["0 files written, 0 removed, 1 unchanged"]);

    let run = idgraph(folder.path(), &["render", "--dialect", "snowflake"]).exits(2);
    run.says(&["the project does not list dialect `snowflake`", "listed are: postgres, sqlite"]);
    let run = idgraph(folder.path(), &["render", "--select", "id_grap"]).exits(2);
    run.says(&["there is nothing called `id_grap` to render", "did you mean `id_graph`?"]);
    // Landed tables are Segment's to make: `--landed` writes them for a sandbox.
    let run = idgraph(folder.path(), &["render", "--select", "landed_tables"]).exits(2);
    run.says(&["there is nothing called `landed_tables` to render"]);
    let run = idgraph(folder.path(), &["render", "--select", "user_traits"]).exits(2);
    run.says(&["that model is off: name it under `models` to have it"]);
}

#[test]
fn stdout_prints_what_would_be_written_and_writes_nothing() {
    let folder = project();
    let one = ["render", "--stdout", "--dialect", "postgres", "--select", "id_graph"];
    let printed = idgraph(folder.path(), &one).fine().stdout;
    assert!(!folder.path().join("sql").exists());
    idgraph(folder.path(), &["render"]).fine();
    let written = folder.path().join("sql/postgres/20_id_graph.sql");
    assert_eq!(printed, fs::read_to_string(written).unwrap());
}

#[test]
fn out_and_project_may_be_anywhere() {
    let folder = project();
    let elsewhere = tempfile::tempdir().unwrap();
    let path = folder.path().join("idgraph.yml");
    let project = path.to_str().unwrap();
    idgraph(elsewhere.path(), &["--project", project, "render"]).fine();
    assert_eq!(files(&folder.path().join("sql")).len(), 9 + 1, "beside the project");
    idgraph(elsewhere.path(), &["render", "--project", project, "--out", "a/b"]).fine();
    assert_eq!(files(&elsewhere.path().join("a/b")).len(), 9 + 1);
    // The same bytes, wherever they are rendered.
    let texts = |folder: &Path| files(folder).into_values().collect::<Vec<_>>();
    assert_eq!(texts(&elsewhere.path().join("a/b")), texts(&folder.path().join("sql")));
}

#[test]
fn a_mistake_in_the_project_writes_nothing() {
    let folder = rendered();
    let before = files(&folder.path().join("sql"));
    let text = PROJECT.replace("email: varchar", "email: varchr, other: varchar");
    fs::write(folder.path().join("idgraph.yml"), text).unwrap();
    idgraph(folder.path(), &["render"]).exits(2).says(&["did you mean `varchar`?"]);
    assert_eq!(files(&folder.path().join("sql")), before);
}

#[test]
fn a_folder_that_cannot_be_written_is_explained_and_left_as_it_is() {
    let folder = rendered();
    change(&folder);
    let before = files(&folder.path().join("sql"));
    let sqlite = folder.path().join("sql/sqlite");
    fs::set_permissions(&sqlite, fs::Permissions::from_mode(0o555)).unwrap();
    let run = without_privileges(folder.path(), &["render"]).exits(2);
    fs::set_permissions(&sqlite, fs::Permissions::from_mode(0o755)).unwrap();
    run.says(&[
        "error[unwritable]: cannot write sql/sqlite/30_profile_traits.sql: Permission denied",
        "no file was changed halfway",
    ]);
    assert_eq!(files(&folder.path().join("sql")), before, "not even the other dialect's");
}

#[test]
fn a_full_disk_changes_nothing() {
    let folder = rendered();
    change(&folder);
    let before = files(&folder.path().join("sql"));
    // The first file fits, a later one does not.
    let run = on_a_full_disk(folder.path(), 40, &["render"]).exits(2);
    run.says(&[
        "error[unwritable]: cannot write sql/postgres/30_resolved_events.sql",
        "check the disk's free room",
    ]);
    assert_eq!(files(&folder.path().join("sql")), before);
}

#[test]
fn a_full_disk_leaves_no_half_of_a_project() {
    let folder = tempfile::tempdir().unwrap();
    on_a_full_disk(folder.path(), 1, &["init"]).exits(2).says(&["cannot write ./idgraph.yml"]);
    assert_eq!(files(folder.path()).len(), 0);
}

#[test]
fn a_folder_in_the_place_of_a_file_is_explained() {
    let folder = project();
    fs::create_dir_all(folder.path().join("sql/postgres/20_id_graph.sql")).unwrap();
    let run = idgraph(folder.path(), &["render"]).exits(2);
    run.says(&["cannot read sql/postgres/20_id_graph.sql: Is a directory"]);
    let folder = project();
    fs::write(folder.path().join("sql"), "").unwrap();
    let run = idgraph(folder.path(), &["render"]).exits(2);
    run.says(&["cannot read sql"]);
}

#[test]
fn output_that_nobody_reads_is_no_error_and_output_that_is_lost_is_one() {
    let folder = project();
    for (stdout, stderr) in [(true, false), (false, true)] {
        let mut command = command::command(folder.path(), &["render", "--stdout"]);
        if stderr {
            command = command::command(folder.path(), &["render"]);
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (kept_out, kept_err) = (child.stdout.take(), child.stderr.take());
        // Nobody reads any more, as after `| head -1`.
        let kept = (kept_out.filter(|_| !stdout), kept_err.filter(|_| !stderr));
        assert_eq!(child.wait().unwrap().code(), Some(0));
        drop(kept);
    }
    let mut full = command::command(folder.path(), &["render", "--stdout"]);
    full.stdout(fs::File::options().write(true).open("/dev/full").unwrap());
    let output = full.stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("error[unwritable]: cannot write to stdout"), "{message}");
}
