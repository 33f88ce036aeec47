//! Triggers around one byte: `3-4` of `ddd-dd-dddd`, `x@y`, the capital behind a space.
//!
//! Two or three bytes tell a scanner that hashes next to nothing: it would stop at every other place. Where such a byte
//! stands between the kinds of bytes it has to stand between is found out for 64 places at once.

use super::Event;
use crate::pack::ByteSet;
use crate::tape::{BLOCK, Kinds};
use regex_syntax::hir::{Hir, HirKind};

/// What must stand around a byte.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Around {
    left: Option<ByteSet>,
    right: Option<ByteSet>,
    trigger: u32,
}

/// All triggers around bytes, shared by all workers.
#[derive(Debug)]
pub(super) struct Separators {
    /// By byte, the list of those that have a digit on one side or a capital behind them; zero for no list.
    beside: Box<[u8; 256]>,
    /// The bytes that have any other, with their lists.
    others: Vec<(u8, usize)>,
    lists: Vec<Vec<Around>>,
}

impl Separators {
    pub(super) fn new() -> Self {
        Self { beside: Box::new([0; 256]), others: Vec::new(), lists: vec![Vec::new()] }
    }

    /// Has `trigger` reported wherever a text that `hir` matches stands. False if `hir` is no trigger of this kind: one
    /// byte that is no letter and no digit, with one byte of a set before it, behind it, or both.
    pub(super) fn add(&mut self, hir: &Hir, trigger: u32) -> bool {
        let Some((left, byte, right)) = read(hir) else { return false };
        let all = |set: &Option<ByteSet>, kind: fn(&u8) -> bool| {
            set.as_ref().is_some_and(|set| set.bytes().all(|byte| kind(&byte)))
        };
        let beside =
            all(&left, u8::is_ascii_digit) || all(&right, u8::is_ascii_digit) || all(&right, u8::is_ascii_uppercase);
        let Some(list) = self.list(byte, beside) else { return false };
        list.push(Around { left, right, trigger });
        true
    }

    /// The list of a byte, made if there is none.
    fn list(&mut self, byte: u8, beside: bool) -> Option<&mut Vec<Around>> {
        let next = self.lists.len();
        let slot = self.beside.get_mut(usize::from(byte))?;
        let other = self.others.iter().find(|(other, _)| *other == byte).map(|(_, number)| *number);
        let number = match (beside, *slot, other) {
            (true, number @ 1.., _) => usize::from(number),
            (false, _, Some(number)) => number,
            (true, 0, _) => {
                *slot = u8::try_from(next).ok()?;
                next
            }
            (false, _, None) => {
                self.others.push((byte, next));
                next
            }
        };
        if number == next {
            self.lists.push(Vec::new());
        }
        self.lists.get_mut(number)
    }

    pub(super) fn scan(&self, tape: &[u8], kinds: &Kinds, events: &mut Vec<Event>) {
        if self.lists.len() == 1 {
            return;
        }
        let (whole, rest) = tape.as_chunks::<BLOCK>();
        for (block, bytes) in whole.iter().enumerate() {
            self.block(tape, kinds, block, bytes, events);
        }
        if !rest.is_empty() {
            let mut padded = [0; BLOCK];
            padded.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            self.block(tape, kinds, whole.len(), &padded, events);
        }
    }

    #[inline]
    fn block(&self, tape: &[u8], kinds: &Kinds, block: usize, bytes: &[u8; BLOCK], events: &mut Vec<Event>) {
        let first = events.len();
        let bits = |list: &[u64], block: usize| list.get(block).copied().unwrap_or(0);
        let digit = bits(kinds.digit(), block);
        let before = block.checked_sub(1).map_or(0, |before| bits(kinds.digit(), before)) >> (BLOCK - 1);
        let behind = (bits(kinds.digit(), block + 1) | bits(kinds.upper(), block + 1)) << (BLOCK - 1);
        let beside = digit << 1 | before | (digit | bits(kinds.upper(), block)) >> 1 | behind;
        let mut places = beside & !bits(kinds.word(), block);
        while places != 0 {
            let at = places.trailing_zeros() as usize;
            places &= places - 1;
            let byte = bytes.get(at).copied().unwrap_or(0);
            let list = self.beside.get(usize::from(byte)).copied().unwrap_or(0);
            if list != 0 {
                self.report(tape, block * BLOCK + at, usize::from(list), events);
            }
        }
        for (byte, list) in &self.others {
            let mut places = crate::tape::places(bytes, *byte);
            while places != 0 {
                let at = block * BLOCK + places.trailing_zeros() as usize;
                places &= places - 1;
                self.report(tape, at, *list, events);
            }
        }
        // Each list's are in order.
        if let Some(new) = events.get_mut(first..)
            && !new.is_sorted_by_key(|event| event.end)
        {
            new.sort_unstable();
        }
    }

    #[inline]
    fn report(&self, tape: &[u8], at: usize, list: usize, events: &mut Vec<Event>) {
        let left = at.checked_sub(1).and_then(|before| tape.get(before)).copied();
        let right = tape.get(at + 1).copied();
        let fits = |set: &Option<ByteSet>, byte: Option<u8>| {
            set.as_ref().is_none_or(|set| byte.is_some_and(|byte| set.contains(byte)))
        };
        for around in self.lists.get(list).map_or(&[][..], Vec::as_slice) {
            if fits(&around.left, left) && fits(&around.right, right) {
                let end = at + 1 + usize::from(around.right.is_some());
                #[expect(clippy::cast_possible_truncation, reason = "bounded by the tape's length")]
                events.push(Event { end: end as u32, trigger: around.trigger });
            }
        }
    }
}

/// What stands before, at, and behind the one byte.
fn read(hir: &Hir) -> Option<(Option<ByteSet>, u8, Option<ByteSet>)> {
    let HirKind::Concat(parts) = hir.kind() else { return None };
    let set = |part: &Hir| {
        let HirKind::Class(class) = part.kind() else { return None };
        ByteSet::of(class)
    };
    let byte = |part: &Hir| {
        let HirKind::Literal(literal) = part.kind() else { return None };
        let [byte] = *literal.0 else { return None };
        (byte.is_ascii() && !byte.is_ascii_alphanumeric()).then_some(byte)
    };
    match &parts[..] {
        [left, middle, right] => Some((Some(set(left)?), byte(middle)?, Some(set(right)?))),
        [one, other] => match byte(one) {
            Some(middle) => Some((None, middle, Some(set(other)?))),
            None => Some((Some(set(one)?), byte(other)?, None)),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::dialect::parse;

    fn hirs(patterns: &[&str]) -> Vec<Hir> {
        patterns.iter().map(|pattern| parse(pattern).unwrap().hir).collect()
    }

    #[test]
    fn separators_are_found_at_every_place_of_a_block() {
        let patterns = ["[0-9]-[0-9]", "[0-9]-[5-9]", "\\([0-9]", "[a-z]@[a-z]", " [A-Z]", "[a-f]-[A-F]", "[0-9],"];
        let mut separators = Separators::new();
        for (hir, trigger) in hirs(&patterns).iter().zip(0..) {
            assert!(separators.add(hir, trigger));
        }
        let regexes: Vec<_> =
            patterns.iter().map(|pattern| regex_automata::meta::Regex::new(pattern).unwrap()).collect();
        for lead in 0..140 {
            let text = format!("{}1-2 3-7 (4) a@b@c Xx 5,6,, b-B-1-A {}", ".".repeat(lead), "9".repeat(lead % 7));
            let mut kinds = Kinds::default();
            kinds.read(text.as_bytes());
            let mut events = Vec::new();
            separators.scan(text.as_bytes(), &kinds, &mut events);
            assert!(events.is_sorted_by_key(|event| event.end));
            events.sort_unstable();
            let mut expected = Vec::new();
            for (regex, trigger) in regexes.iter().zip(0..) {
                let mut at = 0;
                while let Some(found) = regex.find(regex_automata::Input::new(&text).range(at..)) {
                    expected.push(Event { end: u32::try_from(found.end()).unwrap(), trigger });
                    at = found.start() + 1;
                }
            }
            expected.sort_unstable();
            assert_eq!(events, expected, "{text}");
        }
    }

    #[test]
    fn other_patterns_are_left_to_others() {
        for hir in hirs(&["[0-9]-[0-9]{2}", "[0-9]a[0-9]", "[0-9]\u{2013}[0-9]", "--", "-", "[a\u{e9}]-[0-9]"]) {
            assert!(!Separators::new().add(&hir, 0), "{hir}");
        }
    }
}
