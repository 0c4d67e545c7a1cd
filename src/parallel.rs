//! Work on many items at once.

use std::num::NonZero;
use std::sync::LazyLock;
use std::thread;

use crate::diagnostic::Result;

/// Fewer items than this are not worth a thread: starting one costs about as much as rendering a table.
const LEAST: usize = 16;

/// Items for each thread in a batch: what is made of them is held at once.
const BATCH: usize = 128;

/// As many threads as the machine runs at once; finding that out reads files.
static THREADS: LazyLock<usize> =
    LazyLock::new(|| thread::available_parallelism().map_or(1, NonZero::get));

/// Gives `take` what `of` makes of each item, in their order; made a batch at a time, on as many threads as the machine
/// runs at once.
///
/// # Errors
/// The first of `of`.
pub(crate) fn feed<T: Sync, R: Send>(
    items: &[T],
    of: impl Fn(&T) -> Result<R> + Sync,
    mut take: impl FnMut(R),
) -> Result<()> {
    let threads = *THREADS;
    for batch in items.chunks(threads * BATCH) {
        for made in each(batch, batch.len().div_ceil(threads).max(LEAST), &of) {
            take(made?);
        }
    }
    Ok(())
}

/// What `of` makes of each item, in their order, on a thread for each: for a few that are much work.
pub(crate) fn map<T: Sync, R: Send>(items: &[T], of: impl Fn(&T) -> R + Sync) -> Vec<R> {
    each(items, 1, of)
}

fn each<T: Sync, R: Send>(items: &[T], size: usize, of: impl Fn(&T) -> R + Sync) -> Vec<R> {
    if items.len() <= size {
        return items.iter().map(of).collect();
    }
    thread::scope(|scope| {
        let of = &of;
        let share = |items| scope.spawn(move || Vec::from_iter(<[T]>::iter(items).map(of)));
        let running: Vec<_> = items.chunks(size).map(share).collect();
        let end = |share: thread::ScopedJoinHandle<'_, Vec<R>>| {
            share.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        running.into_iter().flat_map(end).collect()
    })
}
