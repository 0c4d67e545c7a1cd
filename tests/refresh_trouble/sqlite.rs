//! On SQLite: what a kill leaves on the disk, at every statement; two at once.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::rc::Rc;

use crate::built::Built;
use crate::landings::{Landings, PROJECT};
use crate::support::command::{Running, command, finish};

/// Every file of a folder. Who is killed leaves the files as they are at that moment, a journal included.
type Files = BTreeMap<String, Vec<u8>>;

fn files(folder: &Path) -> Files {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    let name = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    entries.map(|entry| (name(&entry), fs::read(entry.path()).expect("read"))).collect()
}

/// In place of the files that are there, and not into them: an open connection has those still.
fn put_back(folder: &Path, files: &Files) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        fs::remove_file(entry.path()).expect("remove");
    }
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).expect("write");
    }
}

#[test]
fn killed_at_any_statement_it_leaves_the_old_state_and_the_next_heals() {
    let mut landings = Landings::new(Built::on_sqlite(PROJECT));
    let folder = landings.built.folder().to_owned();
    let (before, after) = landings.land();
    let moments = Rc::new(RefCell::new(Vec::<Files>::new()));
    let (seen, place) = (Rc::clone(&moments), folder.clone());
    landings.built.watch(move |_| seen.borrow_mut().push(files(&place)));
    // Too small to keep what a transaction writes: it goes to the file before COMMIT, as with many rows.
    landings.built.run("PRAGMA acme.cache_size = 1");
    moments.borrow_mut().clear();
    landings.built.apply();
    landings.hold("after it has ended", &after);
    let moments = moments.take();
    assert!(moments.len() > 60, "six models have more than {} statements", moments.len());
    assert!(
        moments.iter().any(|files| files["acme.db"] != moments[0]["acme.db"]),
        "nothing is in the file before COMMIT"
    );
    for (at, files) in moments.iter().enumerate() {
        put_back(&folder, files);
        landings.built.reconnect();
        landings.hold(&format!("killed at statement {at}"), &before);
        if at % 16 == 0 {
            landings.built.apply();
            landings.hold("healed", &after);
        }
    }
}

#[test]
fn a_second_refresh_waits_or_says_so_and_both_end_well() {
    let mut landings = Landings::new(Built::on_sqlite(PROJECT));
    let folder = landings.built.folder().to_owned();
    let project = format!("{PROJECT}targets:\n  local: {{ engine: sqlite, path: acme.db }}\n");
    fs::write(folder.join("idgraph.yml"), project).expect("write");
    let (_, after) = landings.land();
    let waiting = Rc::new(RefCell::new(None));
    let started = Rc::clone(&waiting);
    landings.built.watch(move |statement| {
        // In the midst of the first.
        if statement != 30 {
            return;
        }
        let refresh = |seconds: &str| {
            command(&folder, &["refresh", "--target", "local", "--lock-timeout", seconds])
        };
        finish(refresh("1")).exits(2).says(&[
            "error[locked]: another process is writing to ./acme.db; waited 1 s for it",
            "give it longer with --lock-timeout SECONDS",
        ]);
        let mut second = Running::start(refresh("60"));
        std::thread::sleep(std::time::Duration::from_millis(500));
        assert!(second.is_running());
        *started.borrow_mut() = Some(second);
    });
    landings.built.apply();
    let second = waiting.take().expect("the first has more statements than that");
    second.finish().fine().says(&["refreshed"]);
    landings.hold("after two at once", &after);
}
