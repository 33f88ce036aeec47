//! A memory for payloads that the engine failed on, without the payloads.

use std::collections::VecDeque;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};

/// How often the engine may fail on one payload.
pub(super) const GIVE_UP_AFTER: u32 = 3;
/// How many payloads are remembered; the oldest is forgotten.
const REMEMBERED: usize = 1024;

/// Counts failures by a keyed hash of the payload. The key is this process's own, so a hash tells nothing to anyone.
#[derive(Debug, Default)]
pub(super) struct Failures {
    keys: (RandomState, RandomState),
    seen: Mutex<VecDeque<(u64, u64, u32)>>,
}

impl Failures {
    /// Notes a failure and says how many there have been.
    pub(super) fn note(&self, payload: &[u8]) -> u32 {
        let (first, second) = (self.keys.0.hash_one(payload), self.keys.1.hash_one(payload));
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((.., failures)) = seen.iter_mut().find(|entry| (entry.0, entry.1) == (first, second)) {
            *failures = failures.saturating_add(1);
            return *failures;
        }
        if seen.len() == REMEMBERED {
            seen.pop_front();
        }
        seen.push_back((first, second, 1));
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_counted_by_payload_and_forgotten_in_order() {
        let failures = Failures::default();
        assert_eq!([failures.note(b"a"), failures.note(b"b"), failures.note(b"a"), failures.note(b"a")], [1, 1, 2, 3]);
        for other in 0..REMEMBERED {
            failures.note(&other.to_le_bytes());
        }
        assert_eq!(failures.note(b"a"), 1);
    }
}
