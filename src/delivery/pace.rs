//! How many batches an exporter sends at once: as many as the backend bears, between one and what the configuration allows.
//!
//! One more with every round that all places were used in and that went well, half as many when the backend says that it is
//! too much, or says nothing (additive increase, multiplicative decrease). Without this, every consumer would knock at the door of a
//! backend that is about to fall.

use crate::telemetry::{Component, Metrics};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Failures that come together are one sign: it is not halved again before so long.
const ONE_SIGN: Duration = Duration::from_secs(1);

/// The pace of one exporter. All clones are one.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    exporter: Component,
    most: f64,
    state: Mutex<State>,
    bell: Notify,
}

#[derive(Debug)]
struct State {
    limit: f64,
    running: usize,
    halved: Option<Instant>,
}

/// Leave to send one batch once; given back when dropped.
#[derive(Debug)]
pub(super) struct Leave {
    pace: Pace,
    /// Whether all places were taken when this one was.
    full: bool,
}

impl Pace {
    /// As fast as the configuration allows, to begin with.
    pub(super) fn new(exporter: Component, most: usize) -> Self {
        let limit = most.max(1) as f64;
        Metrics::concurrency(&exporter, limit);
        let state = Mutex::new(State { limit, running: 0, halved: None });
        Self { shared: Arc::new(Shared { exporter, most: limit, state, bell: Notify::new() }) }
    }

    /// Waits for a place.
    pub(super) async fn enter(&self) -> Leave {
        loop {
            let rung = self.shared.bell.notified();
            {
                let mut state = self.lock();
                // Whole places only.
                if (state.running + 1) as f64 <= state.limit.max(1.0) {
                    state.running += 1;
                    let full = (state.running + 1) as f64 > state.limit;
                    return Leave { pace: self.clone(), full };
                }
            }
            rung.await;
        }
    }

    /// How many batches may be sent at once now.
    pub(super) fn limit(&self) -> usize {
        let limit = self.lock().limit.max(1.0);
        // Between one and a thousand.
        (1..=1000)
            .rev()
            .find(|whole| f64::from(*whole) <= limit)
            .and_then(|whole| usize::try_from(whole).ok())
            .unwrap_or(1)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, how: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        how(&mut state);
        state.limit = state.limit.clamp(1.0, self.shared.most);
        Metrics::concurrency(&self.shared.exporter, state.limit.floor());
    }
}

impl Leave {
    /// The backend answered, whatever it said of the batch.
    pub(super) fn went_well(self) {
        if self.full {
            self.pace.change(|state| state.limit += 1.0 / state.limit);
        }
    }

    /// The backend said that it is too much for it now, or nothing.
    pub(super) fn was_too_much(self) {
        self.pace.change(|state| {
            let now = Instant::now();
            if state.halved.is_none_or(|halved| now.duration_since(halved) >= ONE_SIGN) {
                state.limit /= 2.0;
                state.halved = Some(now);
            }
        });
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        let mut state = self.pace.lock();
        state.running = state.running.saturating_sub(1);
        drop(state);
        // Whoever waits; the limit may have grown by one as well.
        self.pace.shared.bell.notify_one();
        self.pace.shared.bell.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace() -> Pace {
        Pace::new(Component::new("otlp_http"), 8)
    }

    /// One round at full pace.
    async fn round(pace: &Pace, well: bool) {
        let mut leaves = Vec::new();
        for _ in 0..pace.limit() {
            leaves.push(pace.enter().await);
        }
        for leave in leaves {
            if well { leave.went_well() } else { leave.was_too_much() }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_halves_when_it_is_too_much_and_comes_back_one_by_one() {
        let pace = pace();
        assert_eq!(pace.limit(), 8);
        let mut seen = Vec::new();
        for _ in 0..4 {
            round(&pace, false).await;
            seen.push(pace.limit());
            tokio::time::advance(ONE_SIGN).await;
        }
        assert_eq!(seen, [4, 2, 1, 1], "failures that come together are one sign");
        let mut rounds = 0;
        while pace.limit() < 8 {
            round(&pace, true).await;
            rounds += 1;
        }
        // Only the last place of a round says that more would have been used.
        assert!((7..=60).contains(&rounds), "{rounds}");
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_enters_beyond_the_limit_and_who_waits_is_let_in() {
        let pace = Pace::new(Component::new("otlp_http"), 2);
        let (first, second) = (pace.enter().await, pace.enter().await);
        assert!(tokio::time::timeout(Duration::from_secs(9), pace.enter()).await.is_err());
        let waiting = tokio::spawn({
            let pace = pace.clone();
            async move { drop(pace.enter().await) }
        });
        tokio::task::yield_now().await;
        first.was_too_much();
        assert!(tokio::time::timeout(Duration::from_secs(9), pace.enter()).await.is_err(), "there is one place now");
        drop(second);
        tokio::time::timeout(Duration::from_secs(9), waiting).await.unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_used_does_not_grow() {
        let pace = pace();
        round(&pace, false).await;
        for _ in 0..1000 {
            pace.enter().await.went_well();
        }
        assert_eq!(pace.limit(), 4);
    }
}
