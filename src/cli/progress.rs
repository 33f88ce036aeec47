//! What a command is busy with, for who watches: one line on stderr that is wiped at the end. Only where stderr is a
//! terminal; scripts and logs see nothing of it.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// How often the line changes at most.
const PACE: Duration = Duration::from_millis(150);

/// The line. Wiped when dropped.
#[derive(Debug)]
pub(super) struct Progress {
    watched: bool,
    told: Option<Instant>,
}

impl Progress {
    /// A line that is not there yet.
    pub(super) fn new() -> Self {
        Self { watched: std::io::stderr().is_terminal(), told: None }
    }

    /// Shows what is going on, unless something was shown just now. Costs a look at the clock.
    pub(super) fn tell(&mut self, what: impl FnOnce() -> String) {
        if !self.watched || self.told.is_some_and(|told| told.elapsed() < PACE) {
            return;
        }
        self.told = Some(Instant::now());
        let mut stderr = std::io::stderr().lock();
        let _unread = write!(stderr, "\r\x1b[2K{}", what());
        let _unread = stderr.flush();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.told.is_some() {
            let _unread = write!(std::io::stderr().lock(), "\r\x1b[2K");
        }
    }
}
