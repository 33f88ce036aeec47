//! A bound on the bytes of requests that are in memory before they are scrubbed.

use crate::telemetry::Metrics;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

/// So many bytes, and no more. Cheap to clone; all clones share the bytes.
#[derive(Clone, Debug)]
pub struct Budget {
    used: Arc<AtomicUsize>,
    capacity: usize,
    pressure: Arc<AtomicU8>,
}

/// How much of the process's memory is taken, whatever the books say: they do not know what the allocator keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pressure {
    /// There is enough.
    #[default]
    None,
    /// Nearly all of it: a quarter of the budget is given out.
    High,
    /// All but a little: a sixteenth of the budget is given out. Not nothing: what the allocator keeps it can give again, and
    /// who took nothing any more would never see that.
    Full,
}

impl Pressure {
    /// The pressure at so many resident bytes.
    #[must_use]
    pub fn at(resident: usize, limit: usize) -> Self {
        match resident.saturating_mul(100) / limit.max(1) {
            95.. => Self::Full,
            85.. => Self::High,
            _ => Self::None,
        }
    }

    /// In a word.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::High => "high",
            Self::Full => "full",
        }
    }

    fn of(number: u8) -> Self {
        match number {
            0 => Self::None,
            1 => Self::High,
            _ => Self::Full,
        }
    }

    fn part_of(self, capacity: usize) -> usize {
        match self {
            Self::None => capacity,
            Self::High => capacity / 4,
            Self::Full => capacity / 16,
        }
    }
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
        Self { used: Arc::default(), capacity, pressure: Arc::default() }
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

    /// How many there are.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Says how much of the process's memory is taken; gives back what was said last.
    #[must_use]
    pub fn press(&self, pressure: Pressure) -> Pressure {
        Pressure::of(self.pressure.swap(pressure as u8, Ordering::Relaxed))
    }

    /// What was said last.
    #[must_use]
    pub fn pressure(&self) -> Pressure {
        Pressure::of(self.pressure.load(Ordering::Relaxed))
    }

    fn take(&self, bytes: usize) -> bool {
        let capacity = self.pressure().part_of(self.capacity);
        let room = |used: usize| used.checked_add(bytes).filter(|sum| *sum <= capacity);
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

    #[test]
    fn under_pressure_less_is_given_out() {
        let budget = Budget::new(160);
        assert_eq!(
            [84, 85, 94, 95, 200].map(|part| Pressure::at(part, 100).label()),
            ["none", "high", "high", "full", "full"]
        );
        for (pressure, most) in
            [(Pressure::None, 160), (Pressure::High, 40), (Pressure::Full, 10), (Pressure::None, 160)]
        {
            let _before = budget.press(pressure);
            assert!(!budget.open().grow_to(most + 1) && budget.open().grow_to(most), "{pressure:?}");
        }
    }
}
