//! Telemetry repeats itself: texts that were clean need no second look.
//!
//! A bounded table of keyed 128-bit hashes of (place, key path, text). It belongs to one worker and one rule set, so
//! what it knows was found clean under the very rules that apply. It holds no text, and without the key nobody can make
//! a text that it takes for another.

use crate::tape::Place;
use siphasher::sip128::SipHasher13;

/// Buckets of four hashes: one cache line each, half a mebibyte in all.
const BUCKETS: usize = 1 << 13;
const WAYS: usize = 4;

/// Spreads a hash of 64 bits over 128: odd, so that no two become one.
const SPREAD: u128 = 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835;

/// The hash of a text in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Print(u128);

impl Print {
    /// Half of it.
    #[expect(clippy::cast_possible_truncation, reason = "the other half goes")]
    pub(crate) fn low(self) -> u64 {
        self.0 as u64
    }
}

/// Texts known to be clean.
#[derive(Debug)]
pub(crate) struct Memo {
    hasher: SipHasher13,
    buckets: Vec<[u128; WAYS]>,
}

impl Memo {
    /// An empty memo. The key must be secret, or a text could be made that passes for a clean one.
    pub(crate) fn new(key: [u8; 16]) -> Self {
        Self { hasher: SipHasher13::new_with_key(&key), buckets: vec![[0; WAYS]; BUCKETS] }
    }

    /// Hashes a text in its place; `path` stands for its keys and is a keyed hash itself, so that mixing it in is enough:
    /// the hash of a text has no relation to it that anybody could know. `utf8` says whether the format asks for text:
    /// there the same bytes may have to be mended.
    #[inline]
    pub(crate) fn print(&self, place: Place, utf8: bool, path: u64, text: &[u8]) -> Print {
        let place = u128::from(path ^ (place as u64) << 56 ^ u64::from(utf8)).wrapping_mul(SPREAD);
        // Zero marks an empty place.
        Print(u128::from(self.hasher.hash(text)) ^ place | 1)
    }

    /// Whether the text is known to be clean.
    #[inline]
    pub(crate) fn knows(&self, print: Print) -> bool {
        self.buckets.get(bucket(print)).is_some_and(|bucket| bucket.contains(&print.0))
    }

    /// Forgets everything: the day has changed, and with it what counts as long ago.
    pub(crate) fn clear(&mut self) {
        self.buckets.fill([0; WAYS]);
    }

    /// Remembers a text as clean, in the place of another if need be.
    pub(crate) fn learn(&mut self, print: Print) {
        let Some(bucket) = self.buckets.get_mut(bucket(print)) else { return };
        let free = bucket.iter().position(|slot| *slot == 0 || *slot == print.0);
        let way = free.unwrap_or(usize::from(print.0.to_le_bytes()[0] >> 1 & 3));
        if let Some(slot) = bucket.get_mut(way) {
            *slot = print.0;
        }
    }
}

fn bucket(print: Print) -> usize {
    (print.0 >> (128 - BUCKETS.ilog2())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_known_in_its_place_only() {
        let mut memo = Memo::new([7; 16]);
        let print = memo.print(Place::SpanName, true, 5, b"GET /labs");
        assert!(!memo.knows(print));
        memo.learn(print);
        assert!(memo.knows(print));
        for other in [
            memo.print(Place::EventName, true, 5, b"GET /labs"),
            memo.print(Place::SpanName, false, 5, b"GET /labs"),
            memo.print(Place::SpanName, true, 6, b"GET /labs"),
            memo.print(Place::SpanName, true, 5, b"GET /lab"),
            Memo::new([8; 16]).print(Place::SpanName, true, 5, b"GET /labs"),
        ] {
            assert!(!memo.knows(other));
        }
    }

    #[test]
    fn it_is_bounded_and_forgets() {
        let mut memo = Memo::new([7; 16]);
        let prints: Vec<Print> =
            (0u32..200_000).map(|number| memo.print(Place::Text, true, 0, &number.to_le_bytes())).collect();
        for print in &prints {
            memo.learn(*print);
        }
        let known = prints.iter().filter(|print| memo.knows(**print)).count();
        assert!((25_000..=BUCKETS * WAYS).contains(&known), "{known}");
    }
}
