//! What kind of byte stands where on the tape, one bit a byte.
//!
//! Each byte is read once, sixteen at a time, as soon as its text is on the tape. Where words begin, whether a stretch holds
//! nine digits in a row, which signs a key may stand before, where a word is long enough to hold something in base64: each
//! is then a few operations on 64 places at once.

// The example that trains the tagger has this file as a module of its own.
#[path = "rows.rs"]
mod rows;

use rows::{row, rows_of_14, rows_of_16};
use std::ops::Range;
use wide::u8x16;

/// Places that one word of bits stands for.
pub(crate) const BLOCK: usize = u64::BITS as usize;

/// What a byte is, as far as one bit a byte tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Digit,
    /// A capital of ASCII.
    Upper,
    /// A letter of ASCII.
    Letter,
    /// A letter or a digit.
    Word,
    /// Neither.
    Mark,
    Any,
}

/// A byte of a certain kind, which may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) kind: Kind,
    pub(crate) optional: bool,
}

/// Kinds of bytes, one after another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outline(Vec<Step>);

impl Outline {
    /// The most steps: so many bytes behind each place are looked at.
    pub(crate) const MAX: usize = 24;

    /// An outline of at most [`Outline::MAX`] steps.
    pub(crate) fn new(mut steps: Vec<Step>) -> Self {
        steps.truncate(Self::MAX);
        Self(steps)
    }
}

/// What 64 bytes are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Block {
    /// Letters and digits of ASCII.
    word: u64,
    digit: u64,
    upper: u64,
    /// What may follow a key: see [`Kinds::signs`].
    sign: u64,
    /// What may follow a key behind a space only.
    quote: u64,
    space: u64,
    /// Letters of base64, of either alphabet.
    coded: u64,
    /// What stands in bytes that are printed in hexadecimal digits.
    printed: u64,
}

/// The kinds of all bytes on a tape. Reused from batch to batch.
#[derive(Debug, Default)]
pub(crate) struct Kinds {
    word: Vec<u64>,
    digit: Vec<u64>,
    upper: Vec<u64>,
    sign: Vec<u64>,
    /// Where [`Kinds::LONG`] letters of base64 in a row end.
    long: Vec<u64>,
    /// Where [`Kinds::PRINTED`] bytes in a row end that stand in printed ones.
    printed: Vec<u64>,
    /// How many whole blocks have been read, and the last of them.
    whole: usize,
    last: Block,
}

impl Kinds {
    /// The shortest word that may be one in base64 or in hexadecimal digits, and the shortest line of printed bytes.
    pub(crate) const LONG: usize = 16;
    pub(crate) const PRINTED: usize = 14;

    /// Reads a tape, in the place of the last one.
    pub(crate) fn read(&mut self, tape: &[u8]) {
        self.clear();
        self.extend(tape);
    }

    /// Reads what the tape holds more than when it was read last.
    pub(crate) fn extend(&mut self, tape: &[u8]) {
        let (whole, rest) = tape.get(self.whole * BLOCK..).unwrap_or(&[]).as_chunks::<BLOCK>();
        let known = self.whole;
        for list in self.lists() {
            // What was no whole block then is read again.
            list.truncate(known);
            list.reserve(whole.len() + 1);
        }
        for bytes in whole {
            self.last = self.push(block(bytes));
        }
        self.whole += whole.len();
        if !rest.is_empty() {
            let mut padded = [0; BLOCK];
            padded.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            self.push(block(&padded));
        }
    }

    /// Forgets the tape.
    pub(crate) fn clear(&mut self) {
        self.lists().into_iter().for_each(Vec::clear);
        (self.whole, self.last) = (0, Block::default());
    }

    fn lists(&mut self) -> [&mut Vec<u64>; 6] {
        let Self { word, digit, upper, sign, long, printed, whole: _, last: _ } = self;
        [word, digit, upper, sign, long, printed]
    }

    /// Takes the block behind the last one; hands it back.
    fn push(&mut self, block: Block) -> Block {
        let space = self.last.space >> (BLOCK - 1);
        self.word.push(block.word);
        self.digit.push(block.digit);
        self.upper.push(block.upper);
        self.sign.push(block.sign | block.quote & (block.space << 1 | space));
        self.long.push(rows_of_16(self.last.coded, block.coded));
        self.printed.push(rows_of_14(self.last.printed, block.printed));
        block
    }

    /// Letters and digits of ASCII, by blocks.
    pub(crate) fn word(&self) -> &[u64] {
        &self.word
    }

    /// Digits, by blocks.
    pub(crate) fn digit(&self) -> &[u64] {
        &self.digit
    }

    /// Capitals of ASCII, by blocks.
    pub(crate) fn upper(&self) -> &[u64] {
        &self.upper
    }

    /// Places where what stands before may be a key, by blocks: `=`, `:`, `>`, a quote behind a space, `<`.
    pub(crate) fn signs(&self) -> &[u64] {
        &self.sign
    }

    /// The first word between two places that has [`Kinds::LONG`] letters of base64 or more.
    pub(crate) fn long(&self, from: usize, end: usize) -> Option<Range<usize>> {
        row(&self.long, Self::LONG, from, end)
    }

    /// The first stretch between two places of [`Kinds::PRINTED`] bytes or more that stand in printed ones: hexadecimal
    /// digits, blanks and what else separates pairs of them.
    pub(crate) fn printed(&self, from: usize, end: usize) -> Option<Range<usize>> {
        row(&self.printed, Self::PRINTED, from, end)
    }

    /// Tells the runs of letters and digits of ASCII in `range`, from left to right, as long as `tell` asks for more.
    #[inline]
    pub(crate) fn runs(&self, range: Range<usize>, mut tell: impl FnMut(Run) -> bool) {
        let blocks = range.start / BLOCK..range.end.div_ceil(BLOCK).min(self.word.len());
        let (words, digits, uppers) =
            (part(&self.word, &blocks), part(&self.digit, &blocks), part(&self.upper, &blocks));
        // Whether a run goes on from the block before: it was told as a whole.
        let mut open = 0;
        for (block, ((word, digit), upper)) in (blocks.start..).zip(words.iter().zip(digits).zip(uppers)) {
            let word = word & within(block, &range);
            let mut starts = word & !(word << 1 | open);
            open = word >> (BLOCK - 1);
            while starts != 0 {
                let offset = starts.trailing_zeros();
                starts &= starts - 1;
                let len = (word >> offset).trailing_ones();
                let start = block * BLOCK + offset as usize;
                let run = if offset + len < u64::BITS {
                    let first = (1 << len) - 1;
                    let bits = |bits: &u64| bits >> offset & first;
                    Run { start, end: start + len as usize, digits: bits(digit), uppers: bits(upper) }
                } else {
                    self.across(start, self.word_end(start..range.end))
                };
                if !tell(run) {
                    return;
                }
            }
        }
    }

    /// A run that may reach from one block into others.
    #[inline]
    pub(crate) fn across(&self, start: usize, end: usize) -> Run {
        let first = u64::MAX >> (BLOCK - (end - start).clamp(1, BLOCK));
        let (digits, uppers) = (from(&self.digit, start) & first, from(&self.upper, start) & first);
        Run { start, end, digits, uppers }
    }

    /// Where the letters and digits of ASCII end that stand from `range.start` on, at its end at most.
    #[inline]
    pub(crate) fn word_end(&self, range: Range<usize>) -> usize {
        let mut at = range.start;
        loop {
            let count = from(&self.word, at).trailing_ones() as usize;
            at += count;
            if count < BLOCK || at >= range.end {
                return at.min(range.end);
            }
        }
    }

    /// How many digits stand in `range`; none if nowhere as many as `run` in a row.
    pub(crate) fn digits(&self, range: Range<usize>, run: usize) -> usize {
        let (first, last) = (range.start / BLOCK, range.end.div_ceil(BLOCK));
        let (mut count, mut row, mut longest) = (0, 0, 0);
        for (number, bits) in (first..last).zip(self.digit.get(first..last).unwrap_or(&[])) {
            let bits = bits & within(number, &range);
            count += bits.count_ones() as usize;
            if bits == u64::MAX {
                row += BLOCK;
                longest = longest.max(row);
                continue;
            }
            // A row that reaches into this block, the longest inside, and one that may reach into the next.
            longest = longest.max(row + bits.trailing_ones() as usize).max(longest_run(bits));
            row = bits.leading_ones() as usize;
        }
        if longest >= run { count } else { 0 }
    }

    /// Whether what an outline says may begin somewhere in `range`.
    pub(crate) fn outlines(&self, range: Range<usize>, outline: &Outline) -> bool {
        // So many places are looked at together that the last step of each lies within a block.
        let together = BLOCK - outline.0.len();
        let mut at = range.start;
        while at < range.end {
            let count = together.min(range.end - at);
            if self.outlined(at, count, outline) {
                return true;
            }
            at += count;
        }
        false
    }

    /// Whether it may begin at one of `count` places from `at` on.
    fn outlined(&self, at: usize, count: usize, outline: &Outline) -> bool {
        let (word, digit, upper) = (from(&self.word, at), from(&self.digit, at), from(&self.upper, at));
        // Where the next step has to be made.
        let mut next = (1 << count) - 1;
        for step in &outline.0 {
            let fits = match step.kind {
                Kind::Digit => digit,
                Kind::Upper => upper,
                Kind::Letter => word & !digit,
                Kind::Word => word,
                Kind::Mark => !word,
                Kind::Any => u64::MAX,
            };
            next = (next & fits) << 1 | if step.optional { next } else { 0 };
            if next == 0 {
                return false;
            }
        }
        true
    }
}

/// Letters and digits of ASCII in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Which of the first 64 are digits, and which are capitals.
    pub(crate) digits: u64,
    pub(crate) uppers: u64,
}

/// Some blocks of a list.
#[inline]
fn part<'l>(list: &'l [u64], blocks: &Range<usize>) -> &'l [u64] {
    list.get(blocks.clone()).unwrap_or(&[])
}

/// The bits of 64 places from `at` on.
#[inline]
fn from(list: &[u64], at: usize) -> u64 {
    let (block, offset) = (at / BLOCK, at % BLOCK);
    let bits = |block: usize| list.get(block).copied().unwrap_or(0);
    bits(block) >> offset | (bits(block + 1) << 1) << (BLOCK - 1 - offset)
}

/// The places of block `number` that lie in `range`.
fn within(number: usize, range: &Range<usize>) -> u64 {
    let base = number * BLOCK;
    let from = range.start.saturating_sub(base).min(BLOCK);
    let to = range.end.saturating_sub(base).min(BLOCK);
    let below = |count: usize| if count >= BLOCK { u64::MAX } else { (1 << count) - 1 };
    below(to) & !below(from)
}

/// The most bits in a row that are set.
fn longest_run(bits: u64) -> usize {
    let (mut bits, mut count) = (bits, 0);
    while bits != 0 {
        bits &= bits << 1;
        count += 1;
    }
    count
}

/// The kinds of 64 bytes, sixteen at a time.
#[inline]
fn block(bytes: &[u8; BLOCK]) -> Block {
    let mut all = Block::default();
    for (part, shift) in bytes.as_chunks::<16>().0.iter().zip([0, 16, 32, 48]) {
        let lane = u8x16::new(*part);
        let lower = lane | u8x16::splat(0x20);
        let is = |byte: u8| lane.simd_eq(u8x16::splat(byte));
        // Two bytes that differ in one bit.
        let either = |byte: u8, bit: u8| (lane | u8x16::splat(bit)).simd_eq(u8x16::splat(byte | bit));
        let bits = |lane: u8x16| u64::from(lane.to_bitmask()) << shift;
        let (digit, letter, hex) = (among(lane, b'0', 10), among(lower, b'a', 26), among(lower, b'a', 6));
        let (word, space, colon) = (digit | letter, is(b' '), is(b':'));
        all.word |= bits(word);
        all.digit |= bits(digit);
        all.upper |= bits(among(lane, b'A', 26));
        // `<`, `=` and `>` stand in a row.
        all.sign |= bits(among(lane, b'<', 3) | colon);
        all.quote |= bits(is(b'"') | is(b'\''));
        all.space |= bits(space);
        all.coded |= bits(word | either(b'+', b'+' ^ b'/') | is(b'-') | is(b'_'));
        all.printed |= bits(digit | hex | space | colon | either(b',', b',' ^ b'-') | is(b'\t') | is(b'x'));
    }
    all
}

/// Where one of the `count` bytes from `low` on stands.
#[inline]
fn among(lane: u8x16, low: u8, count: u8) -> u8x16 {
    let offset = lane - u8x16::splat(low);
    offset.min(u8x16::splat(count - 1)).simd_eq(offset)
}

/// Where `byte` stands.
#[inline]
pub(crate) fn places(bytes: &[u8; BLOCK], byte: u8) -> u64 {
    let wanted = u8x16::splat(byte);
    let parts = bytes.as_chunks::<16>().0.iter().map(|part| u64::from(u8x16::new(*part).simd_eq(wanted).to_bitmask()));
    parts.zip([0, 16, 32, 48]).fold(0, |all, (part, shift)| all | part << shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block_by_bytes(bytes: &[u8; BLOCK]) -> Block {
        let mut all = Block::default();
        for (at, byte) in bytes.iter().enumerate() {
            all.word |= u64::from(byte.is_ascii_alphanumeric()) << at;
            all.digit |= u64::from(byte.is_ascii_digit()) << at;
            all.upper |= u64::from(byte.is_ascii_uppercase()) << at;
            all.sign |= u64::from(matches!(byte, b'=' | b':' | b'>' | b'<')) << at;
            all.quote |= u64::from(matches!(byte, b'"' | b'\'')) << at;
            all.space |= u64::from(*byte == b' ') << at;
            all.coded |= u64::from(byte.is_ascii_alphanumeric() || b"+/-_".contains(byte)) << at;
            all.printed |= u64::from(byte.is_ascii_hexdigit() || b" \t:,-x".contains(byte)) << at;
        }
        all
    }

    #[test]
    fn sixteen_bytes_at_a_time_are_told_like_one() {
        for first in 0..=u8::MAX {
            let bytes: [u8; BLOCK] = std::array::from_fn(|at| first.wrapping_add(u8::try_from(at * 37 % 256).unwrap()));
            assert_eq!(block(&bytes), block_by_bytes(&bytes), "{bytes:?}");
        }
    }

    #[test]
    fn long_rows_are_found_wherever_they_stand() {
        let mut kinds = Kinds::default();
        for len in [1, 13, 14, 15, 16, 17, 40, 63, 64, 65, 130, 200] {
            for lead in 0..140 {
                let text = format!("{}{}.{}!", ".".repeat(lead), "a".repeat(len), "b".repeat(16));
                // As the tape grows.
                kinds.clear();
                for end in [0, lead / 2, lead + len / 2, text.len()] {
                    kinds.extend(&text.as_bytes()[..end]);
                }
                let word = lead..lead + len;
                let next = word.end + 1..word.end + 17;
                let found = |kinds: &Kinds, from: usize| kinds.long(from, text.len());
                assert_eq!(found(&kinds, 0), Some(if len < 16 { next.clone() } else { word.clone() }), "{lead} {len}");
                let rest = if len > 20 { word.start + 5..word.end } else { next.clone() };
                assert_eq!(found(&kinds, word.end.min(lead + 5)), Some(rest), "{lead} {len}");
                assert_eq!(found(&kinds, word.end - 1), Some(next.clone()), "{lead} {len}");
                assert_eq!(found(&kinds, next.start + 1), None, "{lead} {len}");
                assert_eq!(kinds.long(word.end, next.end - 1), None, "{lead} {len}");
                let printed = if len < 14 { next } else { word };
                assert_eq!(kinds.printed(0, text.len()), Some(printed), "{lead} {len}");
            }
        }
    }

    #[test]
    fn runs_are_told_from_anywhere() {
        let text = format!("{} ab{} 12, {} x", "long".repeat(40), " ".repeat(90), "y".repeat(64));
        let mut kinds = Kinds::default();
        kinds.read(text.as_bytes());
        for start in 0..text.len() {
            for end in start..text.len() {
                let range = &text.as_bytes()[start..end];
                let mut expected = Vec::new();
                let mut at = start;
                for part in range.chunk_by(|a, b| a.is_ascii_alphanumeric() == b.is_ascii_alphanumeric()) {
                    if part[0].is_ascii_alphanumeric() {
                        expected.push((at, at + part.len()));
                    }
                    at += part.len();
                }
                let mut runs = Vec::new();
                kinds.runs(start..end, |run| {
                    assert_eq!(run, kinds.across(run.start, run.end));
                    runs.push((run.start, run.end));
                    true
                });
                assert_eq!(runs, expected, "{start}..{end}");
            }
        }
    }

    #[test]
    fn digits_are_counted_in_ranges() {
        let mut text = "x12 3456 ".repeat(20);
        text.push_str(&"7".repeat(150));
        text.push_str(" 8");
        let mut kinds = Kinds::default();
        kinds.read(text.as_bytes());
        for (start, end) in [(0, 9), (0, text.len()), (60, 130), (63, 65), (64, 64), (100, 332), (200, 300), (5, 6)] {
            let range = text.as_bytes().get(start..end).unwrap();
            let count = range.iter().filter(|byte| byte.is_ascii_digit()).count();
            let longest = range.split(|byte| !byte.is_ascii_digit()).map(<[u8]>::len).max().unwrap_or(0);
            for run in [0, 1, 2, 3, 4, 5, 64, 65, 100, 149, 150, 151] {
                let expected = if longest >= run { count } else { 0 };
                assert_eq!(kinds.digits(start..end, run), expected, "{start}..{end} {run}");
            }
        }
    }
}
