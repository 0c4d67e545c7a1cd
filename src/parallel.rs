//! Work on many items at once.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;

use crate::diagnostic::Result;

/// Fewer items than this are not worth a thread: starting one costs about as much as rendering a table.
const LEAST: usize = 16;

/// As many threads as the machine runs at once; finding that out reads files.
static THREADS: LazyLock<usize> =
    LazyLock::new(|| thread::available_parallelism().map_or(1, NonZero::get));

/// How many threads run beside the first. More than the machine runs at once would take as long, and each has memory of
/// its own.
static BESIDE: AtomicUsize = AtomicUsize::new(0);

/// Gives `take` what `of` makes of each item, in their order, as it is made.
///
/// # Errors
/// The first of `of`.
pub(crate) fn feed<T: Sync, R: Send>(
    items: &[T],
    of: impl Fn(&T) -> Result<R> + Sync,
    mut take: impl FnMut(R) + Send,
) -> Result<()> {
    let mut end = Ok(());
    let take = |made| match made {
        Ok(made) => {
            take(made);
            true
        }
        Err(error) => {
            end = Err(error);
            false
        }
    };
    each(items, LEAST, of, take);
    end
}

/// What `of` makes of each item, in their order: for a few that are much work.
pub(crate) fn map<T: Sync, R: Send>(items: &[T], of: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let mut all = Vec::with_capacity(items.len());
    let take = |made| {
        all.push(made);
        true
    };
    each(items, 1, of, take);
    all
}

/// Takes what is made in the order of the items, whoever made it first.
struct InOrder<R, F> {
    next: usize,
    early: BTreeMap<usize, Vec<R>>,
    /// Whether to go on.
    take: F,
}

impl<R, F: FnMut(R) -> bool> InOrder<R, F> {
    fn add(&mut self, at: usize, made: Vec<R>) -> bool {
        self.early.insert(at, made);
        while let Some(made) = self.early.remove(&self.next) {
            self.next += 1;
            if !made.into_iter().all(&mut self.take) {
                // Nothing is next any more.
                self.next = usize::MAX;
                return false;
            }
        }
        true
    }
}

/// On this thread and on those that the machine has free, `least` items at a time.
fn each<T: Sync, R: Send>(
    items: &[T],
    least: usize,
    of: impl Fn(&T) -> R + Sync,
    take: impl FnMut(R) -> bool + Send,
) {
    let shares: Vec<&[T]> = items.chunks(least).collect();
    let next = AtomicUsize::new(0);
    let in_order = Mutex::new(InOrder { next: 0, early: BTreeMap::new(), take });
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(share) = shares.get(at) else { return };
            let made = share.iter().map(&of).collect();
            let goes_on = in_order.lock().unwrap_or_else(PoisonError::into_inner).add(at, made);
            if !goes_on {
                next.store(shares.len(), Ordering::Relaxed);
            }
        }
    };
    thread::scope(|scope| {
        for free in (1..shares.len()).map_while(|_| Free::take()) {
            scope.spawn(|| {
                let _free = free;
                work();
            });
        }
        work();
    });
}

/// The right to one more thread, given back when that ends.
struct Free;

impl Free {
    fn take() -> Option<Self> {
        let more = |beside| (beside + 1 < *THREADS).then_some(beside + 1);
        BESIDE.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok().map(|_| Self)
    }
}

impl Drop for Free {
    fn drop(&mut self) {
        BESIDE.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostic;

    #[test]
    fn what_is_made_is_taken_in_order() {
        let items: Vec<usize> = (0..5_000).collect();
        // The first of each share takes the longest, so that others are early.
        let of = |item: &usize| {
            if item.is_multiple_of(LEAST * 2) {
                thread::yield_now();
            }
            Ok(*item)
        };
        let mut taken = Vec::new();
        assert!(feed(&items, of, |item| taken.push(item)).is_ok());
        assert!(taken == items);
        assert_eq!(map(&items[..100], |item| item + 1), (1..=100).collect::<Vec<_>>());
    }

    #[test]
    fn the_first_mistake_is_told_and_nothing_behind_it_is_taken() {
        let items: Vec<usize> = (0..5_000).collect();
        let of = |item: &usize| match *item {
            at if at >= 777 => Err(Diagnostic::error("wrong", at.to_string()).into()),
            at => Ok(at),
        };
        let mut taken = 0;
        let end = feed(&items, of, |_| taken += 1);
        assert_eq!(end.unwrap_err().to_string().lines().next(), Some("error[wrong]: 777"));
        assert_eq!(taken, 777);
    }
}
