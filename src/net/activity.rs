//! When a connection was last of use.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How many requests of a connection are being answered, and when that was last so. All clones are one.
#[derive(Clone, Debug)]
pub(super) struct Activity {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    running: usize,
    last: Instant,
}

/// A request that is being answered.
#[derive(Debug)]
pub(super) struct Running {
    activity: Activity,
}

impl Activity {
    /// A connection that has just been opened.
    pub(super) fn new() -> Self {
        Self { state: Arc::new(Mutex::new(State { running: 0, last: Instant::now() })) }
    }

    /// A request begins; it ends when what is returned is dropped.
    pub(super) fn begin(&self) -> Running {
        self.change(|state| state.running += 1);
        Running { activity: self.clone() }
    }

    /// For how long no request has been answered.
    pub(super) fn idle(&self) -> Duration {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.running > 0 { Duration::ZERO } else { state.last.elapsed() }
    }

    fn change(&self, how: impl FnOnce(&mut State)) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        how(&mut state);
        state.last = Instant::now();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.activity.change(|state| state.running = state.running.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn idle_is_what_answers_nothing() {
        let activity = Activity::new();
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(activity.idle(), Duration::from_secs(3));
        let (first, second) = (activity.begin(), activity.begin());
        tokio::time::advance(Duration::from_secs(3)).await;
        drop(first);
        assert_eq!(activity.idle(), Duration::ZERO);
        drop(second);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(activity.idle(), Duration::from_secs(2));
    }
}
