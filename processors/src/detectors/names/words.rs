//! What the word lists say of a word: a table of fingerprints, read where it lies.
//!
//! A bucket is half a cache line: eight slots, each a fingerprint of 24 bits over a number of what the lists say. A word
//! lies in one of two buckets. One word in a million is taken for another.

use std::ops::Range;

/// The table of the built-in lists, written by `make model`.
pub(crate) const BUILT_IN: &[u8] = include_bytes!("model/words.bin");

/// What a table begins with.
pub(crate) const MAGIC: &[u8; 4] = b"SJW2";
/// How many different things the lists say of words.
pub(crate) const KINDS: usize = 256;
/// Bytes before the first bucket.
pub(crate) const HEAD: usize = MAGIC.len() + 2 * KINDS;
/// Bytes of a bucket: four a slot.
pub(crate) const BUCKET: usize = 32;

/// What the lists say of a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Flags(pub(crate) u16);

/// Words that say what stands beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Class {
    /// `Mr`, `Dr`.
    Title = 1,
    /// `patient`, `member`.
    Patient,
    /// `daughter`, `husband`.
    Kin,
    /// `named`, `apellido`.
    Intro,
    /// `dear`, `hola`.
    Greet,
    /// `nurse`, `signed`.
    Staff,
    /// `MD`, `Jr`.
    Credential,
    /// `DOB`, `admitted`.
    Clinical,
    /// `for`, `with`.
    Weak,
    /// `Avenue`, `rue`.
    Street,
    /// `lives`, `address`.
    #[allow(dead_code, reason = "the trainer, which reads this file too, needs it")]
    Geo,
    /// `May`, `Friday`.
    Month,
    /// `she`, `called`.
    Person,
    /// `van`, `de`.
    Particle,
    /// `timeout`, `INFO`.
    Software,
}

impl Class {
    /// All classes, as the lists call them.
    #[allow(dead_code, reason = "the trainer, which reads this file too, needs it")]
    pub(crate) const ALL: [(&'static str, Self); 15] = [
        ("title", Self::Title),
        ("patient", Self::Patient),
        ("kin", Self::Kin),
        ("intro", Self::Intro),
        ("greet", Self::Greet),
        ("staff", Self::Staff),
        ("credential", Self::Credential),
        ("clinical", Self::Clinical),
        ("weak", Self::Weak),
        ("street", Self::Street),
        ("geo", Self::Geo),
        ("month", Self::Month),
        ("person", Self::Person),
        ("particle", Self::Particle),
        ("software", Self::Software),
    ];
}

impl Flags {
    /// Puts together what the lists say: levels from 0 (not listed) to 3.
    pub(crate) fn new(given: u16, family: u16, safe: u16, place: u16, street: bool, class: u16) -> Self {
        Self(given | family << 2 | safe << 4 | place << 6 | u16::from(street) << 8 | class << 9)
    }

    /// How frequent it is as a given name.
    pub(crate) fn given(self) -> u16 {
        self.0 & 3
    }

    /// How frequent it is as a family name.
    pub(crate) fn family(self) -> u16 {
        self.0 >> 2 & 3
    }

    /// Whether it is a word: 1 for any, 2 for a common one, 3 for a proper noun that names no person.
    pub(crate) fn safe(self) -> u16 {
        self.0 >> 4 & 3
    }

    /// Whether it is a town's name (2), or a part of one (1).
    pub(crate) fn place(self) -> u16 {
        self.0 >> 6 & 3
    }

    /// Whether streets are called so.
    pub(crate) fn street(self) -> bool {
        self.0 >> 8 & 1 == 1
    }

    /// The number of its class; 0 if it has none.
    pub(crate) fn class(self) -> u16 {
        self.0 >> 9
    }

    /// Whether it is of this class.
    pub(crate) fn is(self, class: Class) -> bool {
        self.class() == class as u16
    }

    /// Whether it may be a name or a place.
    pub(crate) fn is_name(self) -> bool {
        self.0 & 0b1_1100_1111 != 0
    }
}

/// The hash of a word, eight letters at a time. The trainer and the collector must agree on it.
pub(crate) struct WordHash;

impl WordHash {
    const LENGTH: u64 = 0x9E37_79B9_7F4A_7C15;
    const PAIR: u64 = 0xD6E8_FEB8_6659_FD93;
    const LAST: u64 = 0xBF58_476D_1CE4_E5B9;
    /// What makes capitals of ASCII small, and leaves small letters and digits as they are.
    const SMALL: u64 = 0x2020_2020_2020_2020;
    const ONES: u64 = 0x0101_0101_0101_0101;
    const ZEROS: u64 = 0x3030_3030_3030_3030;

    /// The hash of a folded word.
    pub(crate) fn of(word: &[u8]) -> u64 {
        let mut hash = Self::seed(word.len());
        for pair in word.chunks(16) {
            let (first, second) = pair.split_at(pair.len().min(8));
            hash = Self::pair(hash, load(first), load(second));
        }
        hash
    }

    /// The hash of one to 64 letters and digits of ASCII that stand in `range` of `text`, in small letters.
    #[inline(always)]
    pub(crate) fn small(text: &[u8], range: Range<usize>) -> u64 {
        let len = range.len();
        let rest = text.get(range.start..).unwrap_or(&[]);
        let Some([first, second]) = rest.first_chunk::<16>().map(|pair| [0, 8].map(|at| part(pair, at))) else {
            return Self::of_capitals(rest.get(..len).unwrap_or(rest));
        };
        let keep = |part: u64, len: usize| (part | Self::SMALL) & u64::MAX >> (64 - 8 * len);
        match len {
            1..=8 => Self::pair(Self::seed(len), keep(first, len), 0),
            9..=16 => Self::pair(Self::seed(len), first | Self::SMALL, keep(second, len - 8)),
            _ => Self::of_capitals(rest.get(..len).unwrap_or(rest)),
        }
    }

    /// The hash of a word that may have capitals.
    #[cold]
    fn of_capitals(word: &[u8]) -> u64 {
        let mut small = [0; 64];
        small.iter_mut().zip(word).for_each(|(to, from)| *to = from.to_ascii_lowercase());
        Self::of(small.get(..word.len()).unwrap_or(&small))
    }

    /// The hash of all codes that read like this one but for what their digits are: `7yo` is `5yo`. Of a long one all
    /// that counts is its length.
    pub(crate) fn code(code: &[u8]) -> u64 {
        if code.len() > 8 {
            return Self::pair(Self::seed(code.len().min(40)), Self::ONES, 0);
        }
        let letters = load(code);
        // Letters have this bit, and digits have not.
        let letter = (letters >> 6 & Self::ONES) * 0xFF;
        let like = (letters | Self::SMALL) & letter | Self::ZEROS & !letter;
        Self::pair(Self::seed(code.len()), like, 0)
    }

    /// The hash of all numbers of so many digits; `year` of those that may be one.
    #[inline]
    pub(crate) fn number(digits: usize, year: bool) -> u64 {
        Self::pair(digits as u64, Self::LENGTH, u64::from(year))
    }

    #[inline]
    fn seed(len: usize) -> u64 {
        (len as u64).wrapping_mul(Self::LENGTH)
    }

    /// Both halves of a product, one over the other.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the halves are asked for")]
    fn pair(hash: u64, first: u64, second: u64) -> u64 {
        let product = u128::from(hash ^ first ^ Self::LAST) * u128::from(second ^ Self::PAIR);
        product as u64 ^ (product >> 64) as u64
    }
}

/// Eight of sixteen bytes.
#[inline]
fn part(pair: &[u8; 16], at: usize) -> u64 {
    pair.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |part| u64::from_le_bytes(*part))
}

/// Up to eight bytes.
fn load(bytes: &[u8]) -> u64 {
    let mut padded = [0; 8];
    padded.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    u64::from_le_bytes(padded)
}

/// The fingerprint of a word; never 0, which stands for an empty slot.
pub(crate) fn fingerprint(hash: u64) -> u32 {
    let print = (hash >> 40) as u32;
    print.max(1)
}

/// The two buckets a word may lie in, of `count`, a power of two.
pub(crate) fn buckets(hash: u64, count: usize) -> (usize, usize) {
    #[expect(clippy::cast_possible_truncation, reason = "the lower bits are asked for")]
    let first = hash as usize & (count - 1);
    let second = (first ^ (fingerprint(hash) as usize).wrapping_mul(0x5BD1)) & (count - 1);
    (first, second)
}

/// A table of words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words<'t> {
    kinds: [Flags; KINDS],
    buckets: &'t [u8],
    count: usize,
}

impl<'t> Words<'t> {
    /// Reads a table; `None` if it is none.
    pub(crate) fn read(table: &'t [u8]) -> Option<Self> {
        let kinds = table.strip_prefix(MAGIC)?.get(..2 * KINDS)?;
        let buckets = table.get(HEAD..)?;
        let count = buckets.len() / BUCKET;
        if !count.is_power_of_two() || !buckets.len().is_multiple_of(BUCKET) {
            return None;
        }
        let mut flags = [Flags::default(); KINDS];
        for (flag, pair) in flags.iter_mut().zip(kinds.as_chunks::<2>().0) {
            *flag = Flags(u16::from_le_bytes(*pair));
        }
        Some(Self { kinds: flags, buckets, count })
    }

    /// What the lists say of the word with this hash.
    #[inline(always)]
    pub(crate) fn flags(&self, hash: u64) -> Flags {
        let (first, second) = buckets(hash, self.count);
        let print = fingerprint(hash);
        let find = |bucket: usize| find(self.bucket(bucket)?, print);
        find(first).or_else(|| find(second)).map_or(Flags::default(), |number| self.kind(number))
    }

    #[inline]
    fn bucket(&self, number: usize) -> Option<&'t [u8; BUCKET]> {
        self.buckets.get(number * BUCKET..)?.first_chunk()
    }

    fn kind(&self, number: u8) -> Flags {
        self.kinds.get(usize::from(number)).copied().unwrap_or_default()
    }
}

/// What was looked up lately: texts repeat their words, and this fits the nearest cache where the table does not.
#[derive(Clone, Debug)]
pub(crate) struct Recent {
    /// The upper bits of a word's hash over its flags; a slot that was never filled is taken for the hash 0.
    slots: Box<[u64; RECENT]>,
}

/// Words of a [`Recent`].
const RECENT: usize = 1024;
/// The bits of a slot that hold flags.
const FLAGS: u64 = 0xFFFF;

impl Default for Recent {
    fn default() -> Self {
        Self { slots: Box::new([0; RECENT]) }
    }
}

impl Recent {
    /// As [`Words::flags`].
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "the lower bits are asked for")]
    pub(crate) fn flags(&mut self, words: &Words<'_>, hash: u64) -> Flags {
        let Some(slot) = self.slots.get_mut(hash as usize % RECENT) else { return Flags::default() };
        if (*slot ^ hash) & !FLAGS == 0 {
            return Flags((*slot & FLAGS) as u16);
        }
        Self::look_up(slot, words, hash)
    }

    /// The same for a word that is not in its slot. By itself, so that the loop over words stays short.
    #[inline(never)]
    fn look_up(slot: &mut u64, words: &Words<'_>, hash: u64) -> Flags {
        let flags = words.flags(hash);
        *slot = hash & !FLAGS | u64::from(flags.0);
        flags
    }
}

#[inline]
fn find(bucket: &[u8; BUCKET], print: u32) -> Option<u8> {
    let (slots, _) = bucket.as_chunks::<4>();
    // Without a branch for each slot: all eight are compared at once.
    let mut hits = 0u32;
    for (number, slot) in slots.iter().enumerate() {
        hits |= u32::from(u32::from_le_bytes(*slot) >> 8 == print) << number;
    }
    if hits == 0 { None } else { slots.get(hits.trailing_zeros() as usize).and_then(|slot| slot.first()).copied() }
}
