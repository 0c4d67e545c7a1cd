//! Ctrl-C: the running statement is ended, the transaction rolled back, and the user told so.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::diagnostic::{Diagnostic, Result};

/// After how long the running statement is ended again.
const AGAIN: Duration = Duration::from_secs(1);

type End = Box<dyn Fn() + Send>;

/// Whether the user wants to stop, and how to end what is running.
#[derive(Clone, Default)]
pub struct Interrupt {
    wanted: Arc<AtomicBool>,
    end: Arc<Mutex<Option<End>>>,
}

impl Interrupt {
    /// The interrupt of this process: the first Ctrl-C asks to stop, the second stops at once.
    pub fn of_process() -> Self {
        let interrupt = Self::default();
        let asked = interrupt.clone();
        // Without a handler, Ctrl-C ends the process and the database rolls back by itself.
        let _ = ctrlc::set_handler(move || {
            if asked.wanted.swap(true, Ordering::SeqCst) {
                std::process::exit(130);
            }
            asked.end_running();
            // A request that comes between two statements ends none: it is made again until the process is over.
            let again = asked.clone();
            std::thread::spawn(move || {
                loop {
                    std::thread::sleep(AGAIN);
                    again.end_running();
                }
            });
        });
        interrupt
    }

    /// What ends the running statement from now on.
    pub fn ends(&self, end: End) {
        if let Ok(mut slot) = self.end.lock() {
            *slot = Some(end);
        }
    }

    /// Asks to stop, as Ctrl-C does.
    pub fn ask(&self) {
        self.wanted.store(true, Ordering::SeqCst);
        self.end_running();
    }

    /// Whether the user wants to stop.
    pub fn is_wanted(&self) -> bool {
        self.wanted.load(Ordering::SeqCst)
    }

    /// An error when the user wants to stop.
    ///
    /// # Errors
    /// Exactly then.
    pub fn check(&self) -> Result<()> {
        if self.is_wanted() { Err(Self::stopped().into()) } else { Ok(()) }
    }

    /// What to say instead of the error that ending a statement causes.
    pub fn stopped() -> Diagnostic {
        Diagnostic::error("interrupted", "stopped by Ctrl-C; everything was rolled back")
            .note("the database is as it was before")
            .help("run the command again when you like")
    }

    fn end_running(&self) {
        if let Ok(slot) = self.end.lock()
            && let Some(end) = slot.as_ref()
        {
            end();
        }
    }
}
