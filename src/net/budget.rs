//! A bound on the bytes of requests that are in memory before they are scrubbed.

use crate::telemetry::Metrics;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// So many bytes, and no more. Cheap to clone; all clones share the bytes.
#[derive(Clone, Debug)]
pub struct Budget {
    used: Arc<AtomicUsize>,
    capacity: usize,
}

/// Bytes taken out of a budget; given back when dropped.
#[derive(Debug)]
pub struct Reserved {
    budget: Budget,
    bytes: usize,
}

impl Budget {
    /// A budget of so many bytes.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { used: Arc::default(), capacity }
    }

    /// Takes nothing yet.
    #[must_use]
    pub fn open(&self) -> Reserved {
        Reserved { budget: self.clone(), bytes: 0 }
    }

    /// How many bytes are taken.
    #[must_use]
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    fn take(&self, bytes: usize) -> bool {
        let room = |used: usize| used.checked_add(bytes).filter(|sum| *sum <= self.capacity);
        let taken = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, room).is_ok();
        if taken {
            Metrics::raw_bytes_taken(bytes);
        }
        taken
    }
}

impl Reserved {
    /// Makes sure that at least `bytes` are taken; says whether there was room for them.
    #[must_use]
    pub fn grow_to(&mut self, bytes: usize) -> bool {
        let more = bytes.saturating_sub(self.bytes);
        let fits = more == 0 || self.budget.take(more);
        if fits {
            self.bytes += more;
        }
        fits
    }

    /// How many bytes are taken.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.budget.used.fetch_sub(self.bytes, Ordering::Relaxed);
        Metrics::raw_bytes_returned(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_comes_back() {
        let budget = Budget::new(100);
        let mut first = budget.open();
        assert!(first.grow_to(60) && first.grow_to(10) && first.bytes() == 60);
        let mut second = budget.open();
        assert!(!second.grow_to(41) && second.grow_to(40));
        assert!(!first.grow_to(usize::MAX));
        drop(first);
        assert_eq!(budget.used(), 40);
        assert!(second.grow_to(100));
        drop(second);
        assert_eq!(budget.used(), 0);
    }
}
