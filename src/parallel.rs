//! Work on many items at once.

use std::num::NonZero;
use std::thread;

/// Fewer items than this are not worth a thread: starting one costs about as much as rendering a table.
const LEAST: usize = 16;

/// What `of` makes of each item, in their order; on as many threads as the machine runs at once.
pub(crate) fn map<T: Sync, R: Send>(items: &[T], of: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    each(items, items.len().div_ceil(threads).max(LEAST), of)
}

/// As [`map`], with a thread for each item: for a few that are much work.
pub(crate) fn map_each<T: Sync, R: Send>(items: &[T], of: impl Fn(&T) -> R + Sync) -> Vec<R> {
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
