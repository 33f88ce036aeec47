//! How much somebody may do in a second.

use std::sync::{Mutex, PoisonError};
use tokio::time::Instant;

/// A store that fills with time, up to what comes in a second, and may be overdrawn once.
#[derive(Debug)]
pub(super) struct Bucket {
    per_second: f64,
    state: Mutex<(f64, Instant)>,
}

impl Bucket {
    /// A full one.
    pub(super) fn new(per_second: f64) -> Self {
        Self { per_second, state: Mutex::new((per_second, Instant::now())) }
    }

    /// Whether both fill as fast.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.per_second.to_bits() == other.per_second.to_bits()
    }

    /// Whether something is left.
    pub(super) fn is_open(&self) -> bool {
        self.change(|left| *left > 0.0)
    }

    /// Takes so much, also what is not there: what was taken is paid for by waiting.
    pub(super) fn spend(&self, much: f64) {
        self.change(|left| *left -= much);
    }

    /// Takes one, if something is left.
    pub(super) fn take(&self) -> bool {
        self.change(|left| {
            let open = *left > 0.0;
            if open {
                *left -= 1.0;
            }
            open
        })
    }

    fn change<T>(&self, how: impl FnOnce(&mut f64) -> T) -> T {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let (left, filled) = *state;
        let mut left = (left + now.duration_since(filled).as_secs_f64() * self.per_second).min(self.per_second);
        let out = how(&mut left);
        *state = (left, now);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn what_is_overdrawn_is_waited_for() {
        let bucket = Bucket::new(10.0);
        assert!((0..10).all(|_| bucket.take()) && !bucket.take());
        tokio::time::advance(Duration::from_secs(1)).await;
        bucket.spend(25.0);
        assert!(!bucket.is_open());
        tokio::time::advance(Duration::from_millis(1400)).await;
        assert!(!bucket.is_open());
        tokio::time::advance(Duration::from_millis(200)).await;
        assert!(bucket.is_open());
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert!((0..10).all(|_| bucket.take()) && !bucket.take(), "an hour stores no more than a second");
    }
}
