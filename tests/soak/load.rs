//! One run: what all threads of a round share.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::dice::Dice;
use crate::figures::Figures;
use crate::journal::Journal;
use crate::session::{Session, Trouble};
use crate::space::Space;
use crate::switches::Switches;

pub struct Load {
    pub switches: Switches,
    pub figures: Figures,
    pub journal: Journal,
    begin: Instant,
    stop: AtomicBool,
    /// Milliseconds until which a restart excuses what fails.
    excused_until: AtomicU64,
    /// Whether the server is just being restarted.
    restarting: AtomicBool,
}

/// What a restart takes to be over for everyone, PgBouncer included.
const GRACE: Duration = Duration::from_secs(3);

impl Load {
    pub fn new(switches: Switches, engine: &str) -> Self {
        let journal = Journal::new(engine, switches.seed);
        Self {
            switches,
            figures: Figures::default(),
            journal,
            begin: Instant::now(),
            stop: AtomicBool::new(false),
            excused_until: AtomicU64::new(0),
            restarting: AtomicBool::new(false),
        }
    }

    pub fn elapsed(&self) -> Duration {
        self.begin.elapsed()
    }

    pub fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }

    pub fn stop(&self, stops: bool) {
        self.stop.store(stops, Ordering::Relaxed);
    }

    /// Waits, but no longer than the round.
    pub fn sleep(&self, milliseconds: usize) {
        let until = Instant::now() + Duration::from_millis(milliseconds as u64);
        while self.goes_on() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(10).min(until - Instant::now()));
        }
    }

    /// While a restart is under way, and for a while after it, connections break.
    pub fn restarting(&self, is_so: bool) {
        let until = (self.elapsed() + GRACE).as_millis() as u64;
        self.excused_until.store(until, Ordering::Relaxed);
        self.restarting.store(is_so, Ordering::Relaxed);
    }

    /// Whether a restart explains what failed since then.
    pub fn is_excused(&self, since: Duration) -> bool {
        self.restarting.load(Ordering::Relaxed)
            || self.excused_until.load(Ordering::Relaxed) >= since.as_millis() as u64
    }

    /// Sessions that come back after a restart: hands each to `work` until it breaks or the round ends.
    pub fn with_sessions(
        &self,
        space: &Space<'_>,
        who: &str,
        mut work: impl FnMut(&mut dyn Session) -> Result<(), Trouble>,
    ) {
        while self.goes_on() {
            let since = self.elapsed();
            let outcome = space.session().and_then(|mut session| {
                while self.goes_on() {
                    work(session.as_mut())?;
                }
                Ok(())
            });
            match outcome {
                Ok(()) => {}
                Err(Trouble::Deadlock) => self.figures.deadlocks.one(),
                Err(Trouble::Busy) => self.journal.note(format!("{who}: busy")),
                Err(_) if self.is_excused(since) => self.sleep(200),
                Err(error) => {
                    self.problem(&format!("{who}: {error:?}"), "");
                    self.sleep(1000);
                }
            }
        }
    }

    pub fn problem(&self, what: &str, state: &str) {
        self.figures.problems.one();
        self.journal.problem(what, state);
    }

    pub fn dice(&self) -> Dice {
        Dice::new(self.switches.seed)
    }
}
