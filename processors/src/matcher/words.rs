//! Triggers that stand alone: words, and texts that begin with one.
//!
//! Most of what makes other text an identifier is a word: `patient`, `dob`, `date of birth`. As a row of letters such a
//! text is everywhere (`he` in `the`, `date` in `update`), as a word it is rare. So words are looked up, not searched
//! for: where one begins and how long it is says [`Kinds`], eight bytes of it say whether any trigger begins so. That
//! costs the same for ten words and for ten thousand.

use super::{Event, literals};
use crate::matcher::expression;
use crate::tape::{BLOCK, Kinds};
use regex_syntax::hir::Hir;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// The most texts that one trigger may stand for.
pub(crate) const MANY: usize = 4096;

/// The most bytes that the first word of a text may have.
const MAX_WORD: usize = 60;

/// Words of bits that say whether a word may begin a trigger, by a part of its hash.
const FILTER: usize = 1 << 10;

/// A text that stands alone.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Text {
    bytes: Vec<u8>,
    /// Whether upper and lower case are the same.
    caseless: bool,
    /// How many bytes of it stand before its first word.
    before: usize,
    trigger: u32,
}

/// Texts that stand alone, by their first words. Shared by all workers.
#[derive(Debug)]
pub(crate) struct Words {
    filter: Box<[u64; FILTER]>,
    /// Which lengths first words have.
    lengths: u64,
    /// Whether one begins with a digit.
    numbers: bool,
    /// By key.
    groups: HashMap<u64, Vec<Group>, BuildHasherDefault<Hashed>>,
}

/// Texts whose first words have one key, and what stands around that word in all of them: many begin alike.
#[derive(Debug)]
struct Group {
    /// The byte before the word, if the texts begin before it.
    left: Option<u8>,
    /// The byte behind it, if they go on.
    right: Option<u8>,
    texts: Vec<Text>,
}

/// Keys are hashes already.
#[derive(Clone, Copy, Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash << 8 | u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        // Of a product, the upper half is the mixed one.
        self.0 = hash.rotate_left(32);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Words {
    pub(crate) fn new() -> Self {
        Self { filter: Box::new([0; FILTER]), lengths: 0, numbers: false, groups: HashMap::default() }
    }

    /// Has `trigger` reported wherever a text that `hir` matches stands alone. False if `hir` is no trigger of this
    /// kind: it matches too many texts, or one without a letter or a digit.
    pub(super) fn add(&mut self, hir: &Hir, trigger: u32) -> bool {
        let caseless = expression::folds(hir);
        let Some(texts) = literals::spell(hir, caseless, MANY) else { return false };
        if !texts.iter().all(|text| first_word(text).is_some()) {
            return false;
        }
        texts.into_iter().all(|bytes| self.add_text(bytes, caseless, trigger))
    }

    /// Has `trigger` reported wherever this text stands alone, in small letters if `caseless`. False, and nothing of it is
    /// looked for, if it has no letter and no digit of ASCII, or too many in a row.
    pub(crate) fn add_text(&mut self, bytes: Vec<u8>, caseless: bool, trigger: u32) -> bool {
        let Some((before, word)) = first_word(&bytes) else { return false };
        let key = key(bytes.get(before..).unwrap_or(&[]), word);
        let (slot, bit) = place(key);
        if let Some(bits) = self.filter.get_mut(slot) {
            *bits |= bit;
        }
        self.lengths |= 1 << word;
        self.numbers |= bytes.get(before).is_some_and(u8::is_ascii_digit);
        let left = before.checked_sub(1).and_then(|at| bytes.get(at)).copied();
        let right = bytes.get(before + word).copied();
        let text = Text { bytes, caseless, before, trigger };
        let groups = self.groups.entry(key).or_default();
        match groups.iter_mut().find(|group| (group.left, group.right) == (left, right)) {
            Some(group) => group.texts.push(text),
            None => groups.push(Group { left, right, texts: vec![text] }),
        }
        true
    }

    pub(crate) fn scan(&self, tape: &[u8], kinds: &Kinds, events: &mut Vec<Event>) {
        if self.groups.is_empty() {
            return;
        }
        // The last bit of the block before: a word goes on over it.
        let mut carry = 0;
        let mut blocks = kinds.word().iter().copied().zip(kinds.digit().iter().copied()).peekable();
        let mut base = 0;
        while let Some((bits, digits)) = blocks.next() {
            let next = blocks.peek().map_or(0, |(next, _)| *next);
            let mut starts = bits & !(bits << 1 | carry);
            if !self.numbers {
                starts &= !digits;
            }
            carry = bits >> (BLOCK - 1);
            while starts != 0 {
                let offset = starts.trailing_zeros();
                starts &= starts - 1;
                // This bit and the 63 behind it.
                let from_here = bits >> offset | (next << 1) << (63 - offset);
                let len = from_here.trailing_ones() as usize;
                if len <= MAX_WORD && self.lengths >> len & 1 == 1 {
                    self.word(tape, base + offset as usize, len, events);
                }
            }
            base += BLOCK;
        }
    }

    /// Looks up the word at `at`.
    #[inline]
    fn word(&self, tape: &[u8], at: usize, len: usize, events: &mut Vec<Event>) {
        let Some(rest) = tape.get(at..) else { return };
        let key = key(rest, len);
        let (slot, bit) = place(key);
        if self.filter.get(slot).is_some_and(|bits| bits & bit != 0) {
            self.report(tape, at, len, key, events);
        }
    }

    #[inline(never)]
    fn report(&self, tape: &[u8], at: usize, len: usize, key: u64, events: &mut Vec<Event>) {
        let (left, right) = (at.checked_sub(1).and_then(|at| tape.get(at)), tape.get(at + len));
        let may = |group: &&Group| {
            group.left.is_none_or(|byte| left == Some(&byte)) && group.right.is_none_or(|byte| right == Some(&byte))
        };
        let groups = self.groups.get(&key).map_or(&[][..], Vec::as_slice);
        for text in groups.iter().filter(may).flat_map(|group| &group.texts) {
            let Some(start) = at.checked_sub(text.before) else { continue };
            let end = start + text.bytes.len();
            let Some(found) = tape.get(start..end) else { continue };
            let same = if text.caseless { found.eq_ignore_ascii_case(&text.bytes) } else { found == text.bytes };
            if same && crate::pack::is_word(tape, start..end) {
                #[expect(clippy::cast_possible_truncation, reason = "bounded by the tape's length")]
                add(events, Event { end: end as u32, trigger: text.trigger });
            }
        }
    }
}

/// Adds an event in the order of ends. Texts of several words end behind some that begin later: a few at most.
#[inline]
fn add(events: &mut Vec<Event>, event: Event) {
    let behind = events.iter().rev().take_while(|other| other.end > event.end).count();
    events.insert(events.len() - behind, event);
}

/// How many bytes stand before the first word of a text, and how long that is; `None` if it has none, or a longer one than
/// is looked up.
fn first_word(text: &[u8]) -> Option<(usize, usize)> {
    let before = text.iter().take_while(|byte| !byte.is_ascii_alphanumeric()).count();
    let word = text.iter().skip(before).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    (1..=MAX_WORD).contains(&word).then_some((before, word))
}

/// What a word of `len` bytes, with which `text` begins, is looked up by: its first eight bytes without regard to case,
/// and its length.
#[inline]
fn key(text: &[u8], len: usize) -> u64 {
    let bytes = match text.first_chunk::<8>() {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => text.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    let kept = if len >= 8 { u64::MAX } else { (1 << (len * 8)) - 1 };
    // Of letters and digits, the bit that tells cases apart is set in digits and in small letters.
    let folded = (bytes | 0x2020_2020_2020_2020) & kept;
    (folded ^ (len as u64) << 58).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// The place of a key in the filter.
#[inline]
fn place(key: u64) -> (usize, u64) {
    let hash = usize::from((key >> 48) as u16);
    (hash >> 6, 1 << (hash & 63))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::dialect::parse;

    fn scan(patterns: &[&str], tape: &str) -> Vec<(u32, u32)> {
        let mut words = Words::new();
        for (pattern, trigger) in patterns.iter().zip(0..) {
            assert!(words.add(&parse(pattern).unwrap().hir, trigger), "{pattern}");
        }
        let mut kinds = Kinds::default();
        kinds.read(tape.as_bytes());
        let mut events = Vec::new();
        words.scan(tape.as_bytes(), &kinds, &mut events);
        events.iter().map(|event| (event.end, event.trigger)).collect()
    }

    #[test]
    fn what_stands_alone_is_reported_where_it_ends() {
        let patterns =
            ["(?i)he", "(?i)date of birth", "(?i)mr#", "MRN", "(?i:anna|charlotte)", "(?i)#pt", "(?i)fianc\u{e9}"];
        assert_eq!(scan(&patterns, "he the He_x HE"), [(2, 0), (9, 0), (14, 0)]);
        assert_eq!(scan(&patterns, "Date of Birth: date of births"), [(13, 1)]);
        assert_eq!(scan(&patterns, "mr#5 mr MRN mrn xMRN"), [(3, 2), (11, 3)]);
        assert_eq!(scan(&patterns, "Charlotte charlottes Anna"), [(9, 4), (25, 4)]);
        assert_eq!(scan(&patterns, "a#pt #PTs #pt"), [(4, 5), (13, 5)]);
        assert_eq!(scan(&patterns, "fianc\u{e9}x"), [(7, 6)]);
        assert_eq!(scan(&patterns, ""), []);
    }

    #[test]
    fn words_go_on_over_blocks() {
        for (lead, end) in (0..130).zip(10u32..) {
            let text = format!("{} charlotte", "x".repeat(lead));
            assert_eq!(scan(&["charlotte"], &text), [(end, 0)]);
            assert_eq!(scan(&["charlotte"], &format!("{}charlotte", "x".repeat(lead + 1))), []);
        }
        let long = "y".repeat(MAX_WORD);
        assert_eq!(scan(&[&long], &format!("{long}y {long}{long} {long}")), [(243, 0)]);
        assert!(!Words::new().add(&parse(&format!("{long}y")).unwrap().hir, 0));
    }
}
