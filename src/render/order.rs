//! In which order rendered files run.

use std::collections::HashMap;

use super::draft::Draft;
use super::file::Subject;
use super::statement::ObjectRef;

/// The files in the order of running.
pub(super) fn in_order_of_running(mut files: Vec<Draft>) -> Vec<Draft> {
    number(&mut files);
    files.sort_by(|one, other| one.name.cmp(&other.name));
    files
}

/// Puts a number before each file's name: ten more than the highest among the files it reads from.
fn number(files: &mut [Draft]) {
    let makers: HashMap<ObjectRef, usize> = files
        .iter()
        .enumerate()
        .flat_map(|(index, file)| file.units.iter().map(move |unit| (unit.object(), index)))
        .collect();
    let needs: Vec<Vec<usize>> = files
        .iter()
        .enumerate()
        .map(|(index, file)| {
            let reads = file.statements().flat_map(|statement| &statement.reads);
            let mut needs: Vec<usize> = reads
                .filter_map(|read| makers.get(read).copied())
                .filter(|need| *need != index)
                .collect();
            needs.sort_unstable();
            needs.dedup();
            needs
        })
        .collect();
    // Every table needs its schema, whatever its statements say, and a model keeps its number when it becomes incremental.
    let mut levels: Vec<usize> = files.iter().map(|file| lowest(file.subject)).collect();
    // Templates cannot read in circles for longer than there are files.
    for _ in 0..files.len() {
        for (index, needs) in needs.iter().enumerate() {
            let above = needs.iter().filter_map(|need| levels.get(*need)).max();
            if let (Some(above), Some(level)) = (above.copied(), levels.get_mut(index)) {
                *level = (*level).max(above + 1);
            }
        }
    }
    // What runs by the clock runs what all the others do.
    let last = levels.iter().max().copied().unwrap_or_default() + 1;
    for (file, level) in files.iter_mut().zip(levels) {
        let level = if file.subject == Subject::Schedule { last } else { level };
        file.name = format!("{level}0_{}.sql", file.name);
    }
}

/// The least that the tens of a file's number are.
fn lowest(subject: Subject) -> usize {
    match subject {
        Subject::Schema => 0,
        Subject::State => 1,
        _ => 2,
    }
}
