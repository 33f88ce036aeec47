//! What the scan looks for on behalf of a rule, and what stands at fixed distances around it, if it is a match.
//!
//! A [`Core`] is a short stretch of a pattern. Where the pattern goes on with bytes of known sets,
//! looking at those first costs some nanoseconds and spares most searches: `1-2` is everywhere, `ddd-dd-dddd` is not.

use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, Hir, HirKind};

/// The most positions on either side that a guard looks at.
const MAX_POSITIONS: usize = 24;

/// The most parts of patterns that are looked at for that, each as often as it is repeated.
const MAX_ADDED: u32 = 1 << 14;

/// The most bytes a match may hold before the end of its core.
pub(crate) const MAX_BACK: u32 = 1024;

/// What the scan looks for on behalf of a rule, and how far the rule's match may reach around its end.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Core {
    /// The stretch itself: no captures, one end per occurrence.
    pub(crate) hir: Hir,
    /// Whether in every match it stands alone: where an end is a letter or a digit, no other touches it.
    pub(crate) alone: bool,
    /// The most bytes from the start of a match to the end of its core.
    pub(crate) back: usize,
    /// The most bytes from the end of a core to the end of its match; `None` is unbounded.
    pub(crate) fwd: Option<usize>,
    /// What else stands around an occurrence that is part of a match.
    pub(crate) guard: Guard,
}

/// A set of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ByteSet([u64; 4]);

impl ByteSet {
    /// The bytes of a class; `None` if some are not ASCII and so no single bytes.
    pub(crate) fn of(class: &Class) -> Option<Self> {
        let mut set = Self::default();
        match class {
            Class::Bytes(class) => {
                class.ranges().iter().flat_map(|range| range.start()..=range.end()).for_each(|byte| set.insert(byte));
            }
            Class::Unicode(class) => {
                for range in class.ranges() {
                    let (start, end) = (u8::try_from(range.start()).ok()?, u8::try_from(range.end()).ok()?);
                    if !end.is_ascii() {
                        return None;
                    }
                    (start..=end).for_each(|byte| set.insert(byte));
                }
            }
        }
        Some(set)
    }

    fn insert(&mut self, byte: u8) {
        if let Some(word) = self.0.get_mut(usize::from(byte >> 6)) {
            *word |= 1 << (byte & 63);
        }
    }

    #[inline]
    pub(crate) fn contains(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte >> 6)).is_some_and(|word| word >> (byte & 63) & 1 == 1)
    }

    fn union(&mut self, other: &Self) {
        for (word, more) in self.0.iter_mut().zip(other.0) {
            *word |= more;
        }
    }

    /// How many bytes are in it.
    fn len(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// The bytes in it.
    pub(crate) fn bytes(&self) -> impl Iterator<Item = u8> {
        (0..=u8::MAX).filter(|byte| self.contains(*byte))
    }

    /// The class that matches one of them.
    pub(crate) fn class(&self) -> Class {
        Class::Bytes(ClassBytes::new(self.bytes().map(|byte| ClassBytesRange::new(byte, byte))))
    }

    /// The same as a pattern.
    pub(crate) fn hir(&self) -> Hir {
        Hir::class(self.class())
    }
}

/// The bytes next to some place, nearest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Positions {
    pub(crate) sets: Vec<ByteSet>,
    /// How many parts of patterns have been added.
    added: u32,
}

/// Distances, one bit each: where something may begin or end. The highest stands for all from there on.
type Distances = u32;

impl Positions {
    /// What `items` begin with: as far as the shortest of them reaches, what any of them may have at each place.
    pub(crate) fn forward(items: &[Hir]) -> Self {
        Self::of(items.iter(), false)
    }

    /// What `items` end with, the last byte first.
    pub(crate) fn backward(items: &[Hir]) -> Self {
        Self::of(items.iter().rev(), true)
    }

    fn of<'h>(items: impl Iterator<Item = &'h Hir>, back: bool) -> Self {
        let mut positions = Self { sets: vec![ByteSet::default(); MAX_POSITIONS], added: 0 };
        let ends = items.fold(1, |from, item| positions.add(item, back, from));
        positions.sets.truncate(ends.trailing_zeros() as usize);
        // What is hardly ever missing says nothing.
        while positions.sets.last().is_some_and(|set| set.len() > MANY) {
            positions.sets.pop();
        }
        positions
    }

    /// Adds what may stand where a text of `hir` begins at one of these distances; returns where it may end.
    fn add(&mut self, hir: &Hir, back: bool, from: Distances) -> Distances {
        if from == BEYOND {
            return BEYOND;
        }
        // Repetitions in repetitions double the work with each: what is left may be anything.
        self.added += 1;
        if self.added > MAX_ADDED {
            return self.anything(from, 0);
        }
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => from,
            HirKind::Literal(literal) => {
                let add = |from, byte: &u8| self.step(from, |set| set.insert(*byte));
                if back { literal.0.iter().rev().fold(from, add) } else { literal.0.iter().fold(from, add) }
            }
            HirKind::Class(class) => match ByteSet::of(class) {
                Some(class) => self.step(from, |set| set.union(&class)),
                // Of some bytes each: anything may stand from there on.
                None => self.anything(from, 1),
            },
            HirKind::Repetition(repetition) => {
                let most = repetition.max.unwrap_or(u32::MAX);
                let mut ends =
                    (0..repetition.min.min(COUNTED)).fold(from, |from, _| self.add(&repetition.sub, back, from));
                let mut all = ends;
                for _ in repetition.min.min(COUNTED)..most {
                    ends = self.add(&repetition.sub, back, ends);
                    if all | ends == all {
                        break;
                    }
                    all |= ends;
                }
                all
            }
            HirKind::Capture(capture) => self.add(&capture.sub, back, from),
            HirKind::Concat(parts) if back => parts.iter().rev().fold(from, |from, part| self.add(part, back, from)),
            HirKind::Concat(parts) => parts.iter().fold(from, |from, part| self.add(part, back, from)),
            HirKind::Alternation(parts) => parts.iter().fold(0, |ends, part| ends | self.add(part, back, from)),
        }
    }

    /// At least so many bytes of any kind from the first of these distances on.
    fn anything(&mut self, from: Distances, least: usize) -> Distances {
        let first = from.trailing_zeros() as usize;
        self.sets.iter_mut().skip(first).for_each(|set| *set = ByteSet([u64::MAX; 4]));
        !0 << (first + least).min(MAX_POSITIONS) & ALL
    }

    /// A byte at each of these distances.
    fn step(&mut self, from: Distances, mut put: impl FnMut(&mut ByteSet)) -> Distances {
        let mut left = from & !BEYOND;
        while left != 0 {
            if let Some(set) = self.sets.get_mut(left.trailing_zeros() as usize) {
                put(set);
            }
            left &= left - 1;
        }
        (from << 1 | from & BEYOND) & ALL
    }
}

/// The distance that stands for all that are not looked at.
const BEYOND: Distances = 1 << MAX_POSITIONS;
const ALL: Distances = (BEYOND << 1) - 1;
/// So many rounds of a repetition reach beyond, if one takes a byte at all.
const COUNTED: u32 = Distances::BITS;
/// More bytes than this are most of those that texts are made of.
const MANY: u32 = 200;

/// What to look at before a rule is confirmed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Guard {
    /// Sets of bytes and where they stand, from the end of the occurrence on; the rarest first.
    sets: Vec<(i32, ByteSet)>,
}

impl Guard {
    /// Looks at `before` and `after` an occurrence of `len` bytes.
    pub(crate) fn new(len: usize, before: &[ByteSet], after: &[ByteSet]) -> Self {
        let len = i32::try_from(len).unwrap_or(0);
        let before = (1i32..).zip(before).map(|(distance, set)| (-len - distance, *set));
        let after = (0i32..).zip(after).map(|(distance, set)| (distance, *set));
        let mut sets: Vec<(i32, ByteSet)> = before.chain(after).collect();
        sets.sort_by_key(|(_, set)| set.len());
        Self { sets }
    }

    /// Whether a match may lie around the occurrence that ends at `end` of `tape`. A match lies on the tape, so bytes
    /// beyond its ends say no.
    #[inline]
    pub(crate) fn allows(&self, tape: &[u8], end: u32) -> bool {
        self.sets.iter().all(|(offset, set)| {
            let at = end.checked_add_signed(*offset);
            at.and_then(|at| tape.get(at as usize)).is_some_and(|byte| set.contains(*byte))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::dialect::parse;

    fn positions(pattern: &str) -> (Vec<String>, Vec<String>) {
        let items = [parse(pattern).unwrap().hir];
        let write = |positions: Positions| {
            positions.sets.iter().map(|set| String::from_utf8(set.bytes().collect()).unwrap()).collect()
        };
        (write(Positions::forward(&items)), write(Positions::backward(&items)))
    }

    #[test]
    fn positions_reach_as_far_as_the_shortest_match() {
        let lists = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(positions("ab[cd]{2}"), (lists(&["a", "b", "cd", "cd"]), lists(&["cd", "cd", "b", "a"])));
        assert_eq!(positions("ab{1,2}c"), (lists(&["a", "b", "bc"]), lists(&["c", "b", "ab"])));
        assert_eq!(positions("(?:x|yz)?a*b"), (lists(&["abxy"]), lists(&["b"])));
        assert_eq!(positions("a(?:bc)+d"), (lists(&["a", "b", "c", "bd"]), lists(&["d", "c", "b", "ac"])));
        assert_eq!(positions("a{30}b").0.len(), MAX_POSITIONS);
        assert_eq!(positions("(?:ab|cd)x"), (lists(&["ac", "bd", "x"]), lists(&["x", "bd", "ac"])));
        assert_eq!(positions("(?:ab|c)x"), (lists(&["ac", "bx"]), lists(&["x", "bc"])));
        assert_eq!(positions("a?b"), (lists(&["ab"]), lists(&["b"])));
        assert_eq!(positions("a[x\u{2013}]b"), (lists(&["a"]), lists(&["b"])));
        // What doubles with each repetition is given up, not waited for.
        let deep = format!("ab[cd]{}", "+".repeat(26));
        assert_eq!(positions(&deep).0, lists(&["a", "b", "cd"]));
    }

    #[test]
    fn a_guard_looks_around_an_occurrence() {
        let digit = Positions::forward(&[parse("\\d\\d").unwrap().hir]).sets;
        let guard = Guard::new(3, &digit, &digit);
        assert!(guard.allows(b"x123-456y", 6));
        assert!(!guard.allows(b"xx23-456y", 6));
        assert!(!guard.allows(b"x123-45y", 6));
        assert!(!guard.allows(b"x123-45", 6));
        assert!(!guard.allows(b"23-456", 4));
        assert!(!guard.allows(b"2", 9));
    }
}
