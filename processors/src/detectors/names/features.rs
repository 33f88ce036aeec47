//! What the tagger sees of a token: hashed features of the word, of its neighbours, and of what it took these for.

use super::tokenise::{Shape, Token, numeric_id};
use super::words::{Class, Flags};

/// How many features a token has.
pub(crate) const FEATURES: usize = 42;
/// How many different features there are: a hash of so many bits.
pub(crate) const FEATURE_BITS: u32 = 18;

/// What a token is taken for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Tag {
    /// Neither.
    #[default]
    Other,
    /// A part of a name.
    Name,
    /// A part of a place.
    Place,
}

/// A token as its neighbours see it. The trainer hides things in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) id: u32,
    pub(crate) flags: Flags,
    pub(crate) shape: Shape,
}

impl Seen {
    /// What stands before the first token and behind the last.
    const NONE: Self = Self { id: 0, flags: Flags(0), shape: Shape::Marker };
    /// A token of which only the look is known.
    #[allow(dead_code, reason = "the trainer, which reads this file too, needs it")]
    pub(crate) const HIDDEN: u32 = 0x5EED;

    fn of(text: &[u8], token: &Token) -> Self {
        let id = match token.shape {
            Shape::Number | Shape::Code => numeric_id(text, token),
            Shape::Lower | Shape::Title | Shape::Upper | Shape::Initial | Shape::Inner | Shape::Mixed => token.id,
            Shape::Foreign | Shape::NameMarker | Shape::PlaceMarker | Shape::Marker => token.id,
        };
        Self { id, flags: token.flags, shape: token.shape }
    }

    /// All of it as one number.
    fn whole(self) -> u64 {
        u64::from(self.id) << 32 | self.look()
    }

    /// Flags and shape as one number.
    fn look(self) -> u64 {
        u64::from(self.flags.0) << 4 | self.shape as u64
    }

    /// The same, coarse: whether the lists know it as a name, as a word, as a place.
    fn coarse(self) -> u64 {
        let flags = self.flags;
        let bits = u64::from(flags.given() > 0)
            | u64::from(flags.given() == 3) << 1
            | u64::from(flags.family() > 0) << 2
            | u64::from(flags.family() > 1) << 3
            | u64::from(flags.safe() > 0) << 4
            | u64::from(flags.place() > 1) << 5;
        bits << 4 | self.shape as u64
    }
}

/// A token and what is around it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    pub(crate) here: Seen,
    /// The last three before it, nearest first.
    pub(crate) left: [Seen; 3],
    /// The next two behind it.
    pub(crate) right: [Seen; 2],
    /// What stands between it and its neighbours, hashed.
    pub(crate) gaps: [u32; 2],
    /// The first and last letters of the word: two, three and four.
    pub(crate) ends: [u32; 4],
    pub(crate) length: u32,
    /// How much around it speaks of persons, and of software; how the letters around it are cased.
    pub(crate) domain: u64,
    pub(crate) casing: u64,
    /// Whether something else was found in the text.
    pub(crate) found: bool,
}

/// How far around a token counts, in tokens.
const BACK: usize = 14;
const AHEAD: usize = 9;

impl View {
    /// Looks at `tokens[at]`.
    pub(crate) fn new(text: &[u8], tokens: &[Token], at: usize, found: bool) -> Option<Self> {
        let token = tokens.get(at)?;
        let seen = |index: Option<usize>| {
            index.and_then(|index| tokens.get(index)).map_or(Seen::NONE, |token| Seen::of(text, token))
        };
        let before = at.checked_sub(1).and_then(|index| tokens.get(index));
        let after = tokens.get(at + 1);
        let around = tokens.get(at.saturating_sub(BACK) + 1..tokens.len().min(at + AHEAD + 1)).unwrap_or(&[]);
        let Counts { persons, software, capitals, smalls } = Counts::of(around);
        let (persons, software) = (persons.min(4), software.min(6) / 2);
        let (capitals, smalls) = (capitals.min(15), smalls.min(15));
        let start = before.map_or(0, |token| token.end as usize);
        let end = after.map_or(text.len(), |token| token.start as usize);
        Some(Self {
            here: Seen::of(text, token),
            left: [seen(at.checked_sub(1)), seen(at.checked_sub(2)), seen(at.checked_sub(3))],
            right: [seen(Some(at + 1)), seen(Some(at + 2))],
            gaps: [gap(text, start, token.start as usize), gap(text, token.end as usize, end)],
            ends: ends(text, token),
            length: token.end - token.start,
            domain: u64::from(persons) << 2 | u64::from(software),
            casing: u64::from(capitals > 2 * smalls) << 1 | u64::from(smalls > 8),
            found,
        })
    }

    /// Hashes of what [`NEAR`] features are made of and of what all are: where it is the same, they are.
    pub(crate) fn prints(&self, tags: [Tag; 2]) -> [u64; 2] {
        let Self { here, left: [l1, l2, l3], right: [r1, r2], gaps, ends, length, domain, casing, found } = self;
        let wide = |first: u32, second: u32| u64::from(first) << 32 | u64::from(second);
        let [first, second, third, fourth] = *ends;
        let tags = (tags[0] as u64) << 2 | tags[1] as u64;
        // The domain has five bits, the casing two.
        let around = domain << 3 | casing << 1 | u64::from(*found);
        let mix = |hash: u64, a: u64, b: u64| {
            let hash = hash.rotate_left(23) ^ a ^ 0x9E37_79B9_7F4A_7C15;
            let product = u128::from(hash) * u128::from(b ^ 0xD6E8_FEB8_6659_FD93);
            #[expect(clippy::cast_possible_truncation, reason = "the halves are asked for")]
            let folded = product as u64 ^ (product >> 64) as u64;
            folded
        };
        let near = mix(tags, here.whole(), l1.whole());
        let near = mix(near, wide(first, second), wide(third, fourth));
        let near = mix(near, wide(*length, gaps[0]), 0);
        let all = mix(near, l2.whole(), l3.whole());
        let all = mix(all, r1.whole(), r2.whole());
        [near, mix(all, around, u64::from(gaps[1]))]
    }
}

/// How many of some tokens speak of persons and of software, are capitalised, are small.
#[derive(Clone, Copy, Default)]
struct Counts {
    persons: u32,
    software: u32,
    capitals: u32,
    smalls: u32,
}

impl Counts {
    /// Of at most 127 tokens: four counts in the bytes of one number.
    #[inline]
    fn of(tokens: &[Token]) -> Self {
        let sum: u32 = tokens.iter().map(|token| by_class(token.flags.class()) + by_shape(token.shape)).sum();
        Self { persons: sum & 0xFF, software: sum >> 8 & 0xFF, capitals: sum >> 16 & 0xFF, smalls: sum >> 24 }
    }
}

const PERSON: u32 = 1;
const SOFTWARE: u32 = 1 << 8;
const CAPITAL: u32 = 1 << 16;
const SMALL: u32 = 1 << 24;

/// What a word counts as by its class.
#[inline]
fn by_class(class: u16) -> u32 {
    const BY_CLASS: [u32; 16] = {
        const PERSONS: [Class; 9] = [
            Class::Title,
            Class::Patient,
            Class::Kin,
            Class::Intro,
            Class::Greet,
            Class::Staff,
            Class::Credential,
            Class::Clinical,
            Class::Person,
        ];
        let mut table = [0; 16];
        let mut at = 0;
        #[expect(clippy::indexing_slicing, reason = "in a constant: out of bounds does not compile")]
        {
            while at < PERSONS.len() {
                table[PERSONS[at] as usize] = PERSON;
                at += 1;
            }
            table[Class::Software as usize] = SOFTWARE;
        }
        table
    };
    BY_CLASS.get(usize::from(class)).copied().unwrap_or(0)
}

/// What a token counts as by its shape.
#[inline]
fn by_shape(shape: Shape) -> u32 {
    match shape {
        Shape::Lower => SMALL,
        Shape::Upper => CAPITAL,
        Shape::Mixed => SOFTWARE,
        Shape::Title | Shape::Initial | Shape::Inner | Shape::Foreign | Shape::Number | Shape::Code => 0,
        Shape::NameMarker | Shape::PlaceMarker | Shape::Marker => 0,
    }
}

/// Hashes what stands between two tokens: all of it if it is short, else its ends.
pub(crate) fn gap(text: &[u8], start: usize, end: usize) -> u32 {
    let bytes = text.get(start..end).unwrap_or(&[]);
    let hash = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    if bytes.len() <= 4 {
        return bytes.iter().fold(0x811C_9DC5, hash);
    }
    let tail = bytes.get(bytes.len() - 2..).unwrap_or(&[]);
    bytes.iter().take(2).chain(tail).fold(0x811C_9DC6, hash)
}

/// The first two and three, the last two and three letters of a word, in small letters.
fn ends(text: &[u8], token: &Token) -> [u32; 4] {
    let word = text.get(token.range()).unwrap_or(&[]);
    let pack = |bytes: &[u8]| bytes.iter().fold(0u32, |packed, byte| packed << 8 | u32::from(byte | 0x20));
    let first = |count: usize| pack(word.get(..count).unwrap_or(word));
    let last = |count: usize| pack(word.get(word.len().saturating_sub(count)..).unwrap_or(word));
    [first(2), first(3), last(2), last(3)]
}

/// The class of the nearest word before a token that says what stands beside it, and how far away it is.
fn said(left: &[Seen; 3]) -> u64 {
    let says = |class: u16| class != 0 && class != Class::Particle as u16 && class != Class::Software as u16;
    let nearest = (0u64..).zip(left).find(|(_, seen)| says(seen.flags.class()));
    nearest.map_or(0, |(far, seen)| u64::from(seen.flags.class()) << 2 | far)
}

/// Writes the features of a token that follows tokens taken for `tags`, the nearest first.
#[allow(dead_code, reason = "the trainer, which reads this file too, needs it")]
pub(crate) fn features(view: &View, tags: [Tag; 2], out: &mut [u32; FEATURES]) {
    let mut slots = out.iter_mut();
    tell_features(view, tags, |_, index| {
        if let Some(slot) = slots.next() {
            *slot = index;
        }
    });
}

/// The numbers of features that only a token, the one before it, the gap between and the tags make, a bit each.
pub(crate) const NEAR: u64 = {
    const NUMBERS: [u32; 19] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 17, 21, 24, 27, 29, 30, 31, 32, 36, 38];
    let (mut set, mut at) = (0, 0);
    while at < NUMBERS.len() {
        #[expect(clippy::indexing_slicing, reason = "in a constant: out of bounds does not compile")]
        {
            set |= 1 << NUMBERS[at];
        }
        at += 1;
    }
    set
};

/// Tells the features of a token with their numbers from 1 on, as [`features`] writes them.
#[inline(always)]
pub(crate) fn tell_features(view: &View, tags: [Tag; 2], mut tell: impl FnMut(u64, u32)) {
    let View { here, left, right, gaps, ends, length, domain, casing, found } = view;
    let [l1, l2, l3] = left;
    let [r1, r2] = right;
    let wide = |gap: u32| u64::from(gap);
    let id = |seen: &Seen| u64::from(seen.id);
    let (look, coarse) = (here.look(), here.coarse());
    let shape = here.shape as u64;
    let (t1, t2) = (tags[0] as u64, tags[1] as u64);
    let class = |seen: &Seen| u64::from(seen.flags.class());
    let (g1, g2) = (wide(gaps[0]), wide(gaps[1]));
    let mut number = 0u64;
    let mut put = |a: u64, b: u64, c: u64| {
        number += 1;
        // Two rounds of multiplying: what is 0 for all tokens is none after inlining.
        let mut hash = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ a.wrapping_mul(0xD6E8_FEB8_6659_FD93);
        if b != 0 || c != 0 {
            hash = (hash ^ hash >> 31).wrapping_add(b ^ c.rotate_left(32)).wrapping_mul(0xA24B_AED4_963E_E407);
        }
        hash = (hash ^ hash >> 29).wrapping_mul(0x9FB2_1C65_1E98_DF25);
        let index = (hash >> (64 - FEATURE_BITS)) as u32;
        tell(number, index);
    };
    put(0, 0, 0);
    put(id(here), 0, 0);
    put(look, 0, 0);
    put(coarse, u64::from((*length).min(10)), 0);
    put(u64::from(ends[0]), shape, 0);
    put(u64::from(ends[1]), 0, 0);
    put(u64::from(ends[2]), shape, 0);
    put(u64::from(ends[3]), 0, 0);
    put(id(l1), 0, 0);
    put(id(l2), 0, 0);
    put(id(l3), 0, 0);
    put(id(r1), 0, 0);
    put(id(r2), 0, 0);
    put(id(l1), id(l2), 0);
    put(id(r1), id(r2), 0);
    put(id(l1), id(r1), 0);
    put(l1.look(), 0, 0);
    put(r1.look(), 0, 0);
    put(l2.look(), 0, 0);
    put(r2.look(), 0, 0);
    put(l1.coarse(), coarse, 0);
    put(coarse, r1.coarse(), 0);
    put(l1.coarse(), coarse, r1.coarse());
    put(g1, coarse, 0);
    put(g2, coarse, 0);
    put(g1, g2, shape);
    put(g1, id(l1), 0);
    put(g2, id(r1), 0);
    put(t1, g1, 0);
    put(t1, t2, coarse);
    put(t1, look, 0);
    put(t1, g1, coarse);
    put(*domain, coarse, 0);
    put(*casing, coarse, t1);
    put(u64::from(*found), coarse, t1);
    put(id(l1), coarse, 0);
    put(id(r1), coarse, 0);
    put(class(l1), coarse, g1);
    put(said(left), coarse, 0);
    put(said(left), *domain, 0);
    put(class(r1), coarse, g2);
    put(*domain, *casing, shape);
}
