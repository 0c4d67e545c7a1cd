//! What was found, each once, saved with all that it takes to see it again.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::job::Finding;
use crate::kinds::{Command, Input, Kind};
use crate::shrink;

pub struct Found {
    folder: PathBuf,
    seen: Mutex<BTreeMap<String, String>>,
}

impl Found {
    pub fn new(seed: u64) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz").join(seed.to_string());
        Self { folder, seen: Mutex::default() }
    }

    /// Saves a finding, unless another of its sort was at the same place.
    pub fn add(&self, kind: Kind, input: &Input, command: &Command, finding: &Finding, said: &str) {
        let instead = input.instead.map_or_else(String::new, |instead| format!(" {instead:?}"));
        let key = format!("{} {}{instead} {}", finding.sort.name(), kind.name(), finding.place);
        let number = {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            if seen.contains_key(&key) {
                return;
            }
            seen.insert(key.clone(), String::new());
            seen.len()
        };
        let small = shrink::smallest(kind, input, command, finding);
        let name = format!("{}-{}-{number}", finding.sort.name(), kind.name());
        let folder = self.folder.join(&name);
        let place = format!(
            "{key}: {}, idgraph {} in {}",
            match small.instead {
                Some(instead) => format!("{} is a {instead:?}", small.path),
                None => format!("{} of {} bytes", small.path, small.bytes.len()),
            },
            command.arguments.join(" ").replace("DIALECT", &small.dialect),
            folder.display()
        );
        save(&folder, kind, &small, &format!("{place}\nbefore it: {:?}\n{said}", command.before));
        eprintln!("FOUND {place}");
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(key, place);
    }

    /// One line for each.
    pub fn all(&self) -> Vec<String> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}

/// The project as a folder, and beside it what was seen.
fn save(folder: &Path, kind: Kind, input: &Input, seen: &str) {
    let mut files = kind.around(input);
    files.push((input.path.clone(), input.bytes.clone()));
    for (path, bytes) in files {
        let path = folder.join("project").join(path);
        let _ = path.parent().map(fs::create_dir_all);
        let _ = fs::write(path, bytes);
    }
    let _ = fs::write(folder.join("seen.txt"), seen);
}
