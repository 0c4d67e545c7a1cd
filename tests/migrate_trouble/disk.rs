//! A disk that is full, a real one: a small tmpfs. Mounting takes root, so a plain `cargo test` lists these tests as ignored
//! and runs none. `.ci/run` runs them where it may mount, and so does
//! `IDGRAPH_TEST_POSTGRES=local cargo test --test migrate_trouble -- --ignored`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::migrations;
use crate::postgres::Trouble;
use crate::sqlite;
use crate::support::command::{command, finish};

/// A small disk. The shell that mounted it takes it away when this process ends, however it ends.
struct Disk {
    folder: PathBuf,
    keeper: Child,
}

impl Disk {
    fn new(kilobytes: u32) -> Self {
        let folder = tempfile::tempdir().expect("a folder").keep();
        let script = "mount -t tmpfs -o size=\"$2\"k tmpfs \"$1\" && echo mounted && read -r word; umount -l \"$1\" && rmdir \"$1\"";
        let mut keeper = Command::new("sh")
            .args(["-c", script, "sh"])
            .arg(&folder)
            .arg(kilobytes.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh");
        let mut said = String::new();
        let stdout = keeper.stdout.take().expect("piped");
        BufReader::new(stdout).read_line(&mut said).expect("stdout");
        assert_eq!(said, "mounted\n", "this machine does not let a test mount a disk");
        Self { folder, keeper }
    }

    /// Leaves room for so many blocks of 4096 bytes, and no more.
    fn leave(&self, blocks: u64) {
        self.make_room();
        let filler = self.folder.join("filler");
        let mut run = Command::new("dd");
        run.args(["if=/dev/zero", "bs=4096"]).arg(format!("of={}", filler.display()));
        assert!(!run.stderr(Stdio::null()).status().expect("dd").success(), "the disk is full");
        let file = fs::OpenOptions::new().write(true).open(&filler).expect("the filler");
        let length = file.metadata().expect("its length").len();
        file.set_len(length - blocks * 4096).expect("shorter");
    }

    fn make_room(&self) {
        let _ = fs::remove_file(self.folder.join("filler"));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// A server's files that belong to `postgres`, on the disk.
fn tablespace(disk: &Disk) -> PathBuf {
    let folder = disk.folder.join("tables");
    fs::create_dir(&folder).expect("a folder");
    fs::set_permissions(&disk.folder, fs::Permissions::from_mode(0o755)).expect("rights");
    let ids = |flag: &str| -> u32 {
        let output = Command::new("id").args([flag, "postgres"]).output().expect("id");
        String::from_utf8_lossy(&output.stdout).trim().parse().expect("a user `postgres`")
    };
    chown(&folder, Some(ids("-u")), Some(ids("-g"))).expect("its owner");
    folder
}

#[test]
#[ignore = "mounts a small disk, which takes root"]
fn a_full_disk_under_postgres_takes_the_running_file_back_and_the_next_finishes() {
    let trouble = Trouble::new();
    let disk = Disk::new(2048);
    let folder = tablespace(&disk);
    let name = trouble.database.name();
    let run = |sql: &str| trouble.database.client().batch_execute(sql).expect(sql);
    run(&format!("CREATE TABLESPACE {name} LOCATION '{}'", folder.display()));
    run(&format!("ALTER DATABASE {name} SET default_tablespace = {name}"));
    let mut counts = Vec::new();
    for room in (0..).step_by(2) {
        // Segment's tables are there while there is room.
        let project = trouble.project(trouble.database.url());
        disk.leave(room);
        let run = project.apply_alone(&[]);
        let when = format!("with room for {room} blocks");
        if run.code == Some(0) {
            trouble.state().is_done(&when);
            break;
        }
        let run = run.exits(2).says(&["could not extend file", "No space left on device"]);
        let done = trouble.state().holds(&when);
        if done > 0 {
            run.says(&["applied before and kept: 0001_step.sql"]);
        }
        counts.push(done);
        disk.make_room();
        trouble.finishes(&when);
    }
    counts.dedup();
    assert!(counts.len() > 4, "the disk was full at {counts:?} files only");
    trouble.clear();
    run(&format!("ALTER DATABASE {name} RESET default_tablespace"));
    run(&format!("DROP TABLESPACE {name}"));
}

/// Every file of a folder, put into another.
fn copy(from: &Path, to: &Path) {
    for file in fs::read_dir(from).expect("a folder").flatten() {
        if file.path().is_file() && file.file_name() != "filler" {
            fs::copy(file.path(), to.join(file.file_name())).expect("copy");
        }
    }
}

#[test]
#[ignore = "mounts a small disk, which takes root"]
fn a_full_disk_under_sqlite_takes_the_running_file_back_and_the_next_finishes() {
    let disk = Disk::new(2048);
    let mut counts = Vec::new();
    for room in 0.. {
        let project = sqlite::project();
        let place = disk.folder.join("project");
        fs::create_dir(&place).expect("a folder");
        copy(project.path(), &place);
        let folder = migrations::folder(&place, "sqlite");
        fs::create_dir_all(&folder).expect("a folder");
        copy(&migrations::folder(project.path(), "sqlite"), &folder);
        disk.leave(room);
        let run = finish(command(&place, &["apply", "--target", "local", "--yes"]));
        let when = format!("with room for {room} blocks");
        disk.make_room();
        let file = place.join("acme.db");
        let is_done = run.code == Some(0);
        if is_done {
            sqlite::state(&file).is_done(&when);
        } else {
            let run = run.exits(2).says(&["error[", "acme.db"]);
            let done = sqlite::state(&file).holds(&when);
            if done > 0 {
                run.says(&["was rolled back whole"]);
            }
            counts.push(done);
            finish(command(&place, &["apply", "--target", "local", "--yes"])).fine();
            sqlite::state(&file).is_done(&when);
        }
        fs::remove_dir_all(&place).expect("gone");
        if is_done {
            break;
        }
    }
    counts.dedup();
    assert!(counts.len() > 4, "the disk was full at {counts:?} files only");
}
