//! A run that is killed between any two of its operations.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::*;

type Tree = BTreeMap<PathBuf, String>;

/// Every file and folder.
fn tree(folder: &Path) -> Tree {
    let mut found = Tree::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(tree(&path));
            found.insert(path, "a folder".to_owned());
        } else {
            found.insert(path.clone(), fs::read_to_string(&path).unwrap());
        }
    }
    found
}

fn old() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in [("one/a.sql", "old a"), ("two/b.sql", "old b"), ("three/c.sql", "old c")] {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn put<'a>(path: &str, text: &'a str) -> Change<'a> {
    let fill = Box::new(move |file: &mut File| file.write_all(text.as_bytes()));
    Change { path: path.into(), fill: Some(fill), sum: None, is_new: false }
}

fn changes() -> Vec<Change<'static>> {
    let gone = Change { path: "three/c.sql".into(), fill: None, sum: None, is_new: false };
    vec![
        put("one/a.sql", "new a"),
        put("two/b.sql", "new b"),
        put("new/deep/d.sql", "new d"),
        put("one/e.sql", "new e"),
        gone,
    ]
}

/// The tree below a folder, by paths below it.
fn below(folder: &tempfile::TempDir) -> Tree {
    let strip = |path: PathBuf| path.strip_prefix(folder.path()).unwrap().to_owned();
    tree(folder.path()).into_iter().map(|(path, text)| (strip(path), text)).collect()
}

#[test]
fn a_run_that_is_killed_anywhere_leaves_old_or_new_for_the_next() {
    let before = below(&old());
    let folder = old();
    commit(&Disk::default(), folder.path(), &changes()).unwrap();
    let after = below(&folder);
    assert!(
        after.contains_key(Path::new("new/deep/d.sql")) && !after.contains_key(Path::new("three"))
    );
    let (mut olds, mut news) = (0, 0);
    for operations in 0.. {
        let folder = old();
        let disk = Disk::dies_after(operations);
        let done = commit(&disk, folder.path(), &changes());
        if !disk.is_dead() {
            assert!(done.is_ok() && below(&folder) == after);
            break;
        }
        // The next one may be killed, too.
        for more in 0.. {
            let folder = old();
            let _ = commit(&Disk::dies_after(operations), folder.path(), &changes());
            let disk = Disk::dies_after(more);
            let _ = recover_locked(&disk, folder.path());
            recover(folder.path()).unwrap();
            let found = below(&folder);
            assert!(found == before || found == after, "{operations}, {more}: {found:#?}");
            if !disk.is_dead() {
                if found == before {
                    olds += 1
                } else {
                    news += 1
                }
                break;
            }
        }
    }
    assert!(olds > 5 && news > 5, "{olds} {news}");
}

#[test]
fn what_somebody_writes_before_the_next_run_is_not_written_over() {
    let mut refused = 0;
    for operations in 0.. {
        let folder = old();
        let disk = Disk::dies_after(operations);
        let _ = commit(&disk, folder.path(), &changes());
        if !disk.is_dead() {
            break;
        }
        fs::write(folder.path().join("two/b.sql"), "my own").unwrap();
        if let Err(error) = recover(folder.path()) {
            assert_eq!(error.iter().next().unwrap().code(), "changed");
            refused += 1;
        }
        assert_eq!(fs::read_to_string(folder.path().join("two/b.sql")).unwrap(), "my own");
        recover(folder.path()).unwrap();
        assert!(!folder.path().join(WORK).exists());
    }
    assert!(refused > 0);
}

#[test]
fn a_record_that_was_not_made_here_is_not_acted_on() {
    let folder = old();
    let work = folder.path().join(WORK);
    fs::create_dir(&work).unwrap();
    fs::write(work.join("new-0"), "evil").unwrap();
    let number = number_of(&work);
    for (folder_number, path) in [(number + 1, "one/a.sql"), (number, "../evil"), (number, "/evil")]
    {
        let steps = vec![Step { path: path.into(), new: Some(String::new()), was: None }];
        let record = Record { folder: folder_number, steps, folders: Vec::new() };
        fs::write(work.join(RECORD), serde_json::to_string(&record).unwrap()).unwrap();
        let error = recover(folder.path()).unwrap_err();
        assert_eq!(error.iter().next().unwrap().code(), "unfinished", "{path}");
    }
    fs::write(work.join(RECORD), "{").unwrap();
    assert!(recover(folder.path()).is_err());
    assert_eq!(fs::read_to_string(folder.path().join("one/a.sql")).unwrap(), "old a");
    // What is not ours in there stays.
    fs::remove_file(work.join(RECORD)).unwrap();
    fs::write(work.join("mine.txt"), "mine").unwrap();
    recover(folder.path()).unwrap();
    assert_eq!(fs::read_dir(&work).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_out_is_not_written_through() {
    let (folder, outside) = (old(), old());
    std::os::unix::fs::symlink(outside.path(), folder.path().join("out")).unwrap();
    let error = commit(&Disk::default(), folder.path(), &[put("out/one/a.sql", "evil")]);
    assert_eq!(error.unwrap_err().iter().next().unwrap().code(), "outside");
    let error = commit(&Disk::default(), folder.path(), &[put("../evil.sql", "evil")]);
    assert_eq!(error.unwrap_err().iter().next().unwrap().code(), "outside");
    assert_eq!(fs::read_to_string(outside.path().join("one/a.sql")).unwrap(), "old a");
}
