//! Cuts a text into words, numbers and codes, one pass over its bytes.
//!
//! What an encoding wrote for a blank (`%20`, `\n`, `\x1b[0m`) stands between words; letters lose case and accents in
//! the hash only. Markers and tokens of an earlier scrub are one token that stands for what they replaced.

use super::fold::{Folded, fold};
use super::words::{Class, Flags, Recent, WordHash, Words};
use std::ops::Range;

/// What a token looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Shape {
    /// `maria`.
    Lower,
    /// `Maria`.
    Title,
    /// `MARIA`.
    Upper,
    /// `M`.
    Initial,
    /// `McDonald`: capitals within, as names have them.
    Inner,
    /// `nullPointer`: capitals within, as programs have them.
    Mixed,
    /// Letters of another alphabet than the Latin one.
    Foreign,
    /// `1234`.
    Number,
    /// `a1b2`.
    Code,
    /// What an earlier scrub put where a name stood.
    NameMarker,
    /// The same for a place.
    PlaceMarker,
    /// The same for anything else.
    Marker,
}

/// A word, a number or a code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// The hash of its letters; of how many digits it has if it is a number.
    pub(crate) id: u32,
    pub(crate) flags: Flags,
    pub(crate) shape: Shape,
    /// How many tokens up to here speak of persons, of software, are capitalised, are small: counts of a stretch are
    /// differences.
    pub(crate) persons: u16,
    pub(crate) software: u16,
    pub(crate) capitals: u16,
    pub(crate) smalls: u16,
}

impl Token {
    pub(crate) fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The longest word that is looked up, in bytes; longer ones are codes.
const MAX_WORD: usize = 28;

/// What a byte is, by value: 0 separates.
const LOWER: u8 = 1;
const UPPER: u8 = 2;
const DIGIT: u8 = 3;
const HIGH: u8 = 4;

#[inline]
fn kind(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => LOWER,
        b'A'..=b'Z' => UPPER,
        b'0'..=b'9' => DIGIT,
        0x80.. => HIGH,
        _ => 0,
    }
}

/// Appends the tokens of `text` from `at` on to `tokens`, at most `most`; returns where it stopped.
pub(crate) fn tokenise(
    words: &Words<'_>,
    recent: &mut Recent,
    text: &[u8],
    at: usize,
    most: usize,
    tokens: &mut Vec<Token>,
) -> usize {
    cut(text, at, most, |hash| recent.flags(words, hash), tokens)
}

/// The same; `flags` says what is known of the word with a hash.
#[inline]
pub(crate) fn cut(
    text: &[u8],
    mut at: usize,
    most: usize,
    mut flags: impl FnMut(u64) -> Flags,
    tokens: &mut Vec<Token>,
) -> usize {
    let mut counts = Counts::default();
    while tokens.len() < most {
        at = skip(text, at);
        if at >= text.len() {
            break;
        }
        let mut run = Run::read(text, at);
        if run.end == at {
            at += 1;
            continue;
        }
        if let Some((end, shape)) = marker(text, at, run.end) {
            run = Run { end, shape, ..run };
        }
        let flags = if run.shape.is_word() { flags(run.hash) } else { Flags::default() };
        counts.add(flags, run.shape);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "offsets in a text of a 31-bit tape; the lower half of a hash"
        )]
        let (start, end, id) = (at as u32, run.end as u32, (run.hash >> 16) as u32);
        let Counts { persons, software, capitals, smalls } = counts;
        tokens.push(Token { start, end, id, flags, shape: run.shape, persons, software, capitals, smalls });
        at = run.end;
    }
    at
}

#[derive(Clone, Copy, Default)]
struct Counts {
    persons: u16,
    software: u16,
    capitals: u16,
    smalls: u16,
}

impl Counts {
    #[inline]
    fn add(&mut self, flags: Flags, shape: Shape) {
        const PERSONS: u16 = 1 << Class::Title as u16
            | 1 << Class::Patient as u16
            | 1 << Class::Kin as u16
            | 1 << Class::Intro as u16
            | 1 << Class::Greet as u16
            | 1 << Class::Staff as u16
            | 1 << Class::Credential as u16
            | 1 << Class::Clinical as u16
            | 1 << Class::Person as u16;
        self.persons = self.persons.wrapping_add(PERSONS >> flags.class() & 1);
        self.software = self.software.wrapping_add(u16::from(flags.is(Class::Software) || shape == Shape::Mixed));
        self.capitals = self.capitals.wrapping_add(u16::from(shape == Shape::Upper));
        self.smalls = self.smalls.wrapping_add(u16::from(shape == Shape::Lower));
    }
}

impl Shape {
    /// Whether it is of letters.
    pub(crate) fn is_word(self) -> bool {
        match self {
            Self::Lower | Self::Title | Self::Upper | Self::Initial | Self::Inner | Self::Mixed | Self::Foreign => true,
            Self::Number | Self::Code | Self::NameMarker | Self::PlaceMarker | Self::Marker => false,
        }
    }

    /// Whether an earlier scrub wrote it.
    pub(crate) fn is_marker(self) -> bool {
        match self {
            Self::NameMarker | Self::PlaceMarker | Self::Marker => true,
            Self::Lower | Self::Title | Self::Upper | Self::Initial | Self::Inner | Self::Mixed | Self::Foreign => {
                false
            }
            Self::Number | Self::Code => false,
        }
    }
}

/// The next byte from `at` on that a token begins with.
#[inline]
fn skip(text: &[u8], mut at: usize) -> usize {
    while let Some(byte) = text.get(at) {
        match (kind(*byte), *byte) {
            (LOWER | UPPER | DIGIT, _) => return at,
            (HIGH, _) => match fold(text.get(at..).unwrap_or(&[])) {
                (Folded::Other | Folded::Mark, len) => at += len,
                (Folded::Latin(..) | Folded::Letter, _) => return at,
            },
            (_, b'\\') => {
                // `\n`, `\\n`, `\u00a0`: the letters are no word's.
                at += text.iter().skip(at).take_while(|byte| **byte == b'\\').count();
                match text.get(at) {
                    Some(b'n' | b't' | b'r') => at += 1,
                    Some(b'u') if hex(text, at + 1, 4) => at += 5,
                    Some(b'x') if hex(text, at + 1, 2) => at += 3,
                    _ => {}
                }
            }
            (_, b'%') if hex(text, at + 1, 2) => at += 3,
            (_, 0x1B) if text.get(at + 1) == Some(&b'[') => {
                at += 2;
                at += text.iter().skip(at).take_while(|byte| matches!(byte, b'0'..=b'9' | b';')).count();
                at += usize::from(text.get(at).is_some_and(u8::is_ascii_alphabetic));
            }
            _ => at += 1,
        }
    }
    text.len()
}

fn hex(text: &[u8], at: usize, count: usize) -> bool {
    text.get(at..at + count).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

/// A run of letters and digits.
#[derive(Clone, Copy)]
struct Run {
    end: usize,
    hash: u64,
    shape: Shape,
}

impl Run {
    #[inline]
    fn read(text: &[u8], at: usize) -> Self {
        let mut letters = Letters::default();
        let mut end = at;
        let mut high = false;
        for byte in text.get(at..).unwrap_or(&[]) {
            match kind(*byte) {
                LOWER => letters.hash = letters.hash.byte(*byte),
                UPPER => letters.capital(*byte | 0x20, end - at),
                DIGIT => letters.digit(end - at),
                HIGH => {
                    high = true;
                    break;
                }
                _ => break,
            }
            end += 1;
        }
        if high {
            end = letters.high(text, at, end);
        }
        let (hash, shape) = letters.finish(text, at, end);
        Self { end, hash: hash.finish(), shape }
    }
}

/// What has been read of a run.
struct Letters {
    hash: WordHash,
    uppers: u32,
    digits: u32,
    /// Where the last digit stands.
    digit: usize,
    /// Whether it begins with a capital, and where the next one stands.
    first_upper: bool,
    inner: usize,
    /// How many letters of another alphabet there are.
    foreign: bool,
}

impl Default for Letters {
    fn default() -> Self {
        let hash = WordHash::START;
        Self { hash, uppers: 0, digits: 0, digit: usize::MAX, first_upper: false, inner: 0, foreign: false }
    }
}

impl Letters {
    /// A capital, in small, `at` bytes behind the beginning.
    #[inline]
    fn capital(&mut self, small: u8, at: usize) {
        self.hash = self.hash.byte(small);
        self.uppers += 1;
        if at == 0 {
            self.first_upper = true;
        } else if self.inner == 0 {
            self.inner = at;
        }
    }

    /// A digit. All numbers of as many digits are one word: `0yo`.
    #[inline]
    fn digit(&mut self, at: usize) {
        if self.digit.wrapping_add(1) != at || self.digits == 0 {
            self.hash = self.hash.byte(b'0');
        }
        self.digits += 1;
        self.digit = at;
    }

    /// Reads on from `end`, where a byte beyond ASCII stands; returns where the run ends.
    #[cold]
    fn high(&mut self, text: &[u8], at: usize, mut end: usize) -> usize {
        while let Some(byte) = text.get(end) {
            match kind(*byte) {
                LOWER => self.hash = self.hash.byte(*byte),
                UPPER => self.capital(*byte | 0x20, end - at),
                DIGIT => self.digit(end - at),
                HIGH => {
                    let (folded, len) = fold(text.get(end..).unwrap_or(&[]));
                    match folded {
                        Folded::Latin(first, second, capital) => {
                            if capital {
                                self.capital(first, end - at);
                            } else {
                                self.hash = self.hash.byte(first);
                            }
                            if second != 0 {
                                self.hash = self.hash.byte(second);
                            }
                        }
                        Folded::Letter => {
                            self.hash = text.iter().skip(end).take(len).fold(self.hash, |hash, byte| hash.byte(*byte));
                            self.foreign = true;
                        }
                        Folded::Mark => {}
                        Folded::Other => break,
                    }
                    end += len;
                    continue;
                }
                _ => break,
            }
            end += 1;
        }
        end.min(text.len())
    }

    /// What the run is.
    #[inline]
    fn finish(self, text: &[u8], at: usize, end: usize) -> (WordHash, Shape) {
        let Self { hash, uppers, digits, digit: _, first_upper, inner, foreign } = self;
        let len = end - at;
        let shape = if digits > 0 {
            if digits as usize == len {
                return (number(digits, text.get(at).copied()), Shape::Number);
            }
            Shape::Code
        } else if len > MAX_WORD {
            Shape::Code
        } else if foreign {
            Shape::Foreign
        } else if uppers == 0 {
            Shape::Lower
        } else if len <= 2
            && uppers == 1
            && first_upper
            && (len == 1 || text.get(at).is_some_and(|byte| !byte.is_ascii()))
        {
            Shape::Initial
        } else if first_upper && uppers == 1 {
            Shape::Title
        } else if uppers as usize == len
            || uppers > 1 && !text.get(at..end).is_some_and(|word| word.iter().any(u8::is_ascii_lowercase))
        {
            Shape::Upper
        } else if first_upper && uppers == 2 && inner_name(text, at, inner) {
            Shape::Inner
        } else {
            Shape::Mixed
        };
        (hash, shape)
    }
}

/// The hash of a number: how many digits, and of four, whether it may be a year.
fn number(digits: u32, first: Option<u8>) -> WordHash {
    let hash = WordHash::START.byte(b'#').byte(digits.min(12) as u8);
    if digits == 4 && matches!(first, Some(b'1' | b'2')) { hash.byte(b'y') } else { hash }
}

/// Whether the letters before the second capital begin a name: `McDonald`, `DeLuca`, `VanHorn`.
fn inner_name(text: &[u8], at: usize, letters: usize) -> bool {
    const BEGINNINGS: [&[u8]; 14] =
        [b"mc", b"mac", b"de", b"del", b"di", b"da", b"du", b"la", b"le", b"van", b"von", b"fitz", b"st", b"o"];
    let word = text.get(at..at + letters).unwrap_or(&[]);
    BEGINNINGS.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// The marker or token of an earlier scrub whose first letters stand at `at..end`: where it ends, and what it stands
/// for. Its brackets and its colon may be percent-encoded.
fn marker(text: &[u8], at: usize, end: usize) -> Option<(usize, Shape)> {
    let rest = text.get(end..)?;
    let (from, len) = match text.get(at..end)? {
        b"REDACTED" => {
            let colon = [&b":"[..], b"%3A", b"%253A"].into_iter().find(|colon| rest.starts_with(colon))?.len();
            let label = rest.get(colon..)?;
            (colon, label.iter().take_while(|byte| byte.is_ascii_lowercase() || **byte == b'_').count())
        }
        b"redacted" if rest.first() == Some(&b'_') => {
            (1, rest.iter().skip(1).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count())
        }
        b"UNSCANNED" => (0, 0),
        _ => return None,
    };
    let label = rest.get(from..from + len)?;
    let shape = if label.starts_with(b"name") {
        Shape::NameMarker
    } else if [&b"address"[..], b"place", b"location"].into_iter().any(|place| label.starts_with(place)) {
        Shape::PlaceMarker
    } else {
        Shape::Marker
    };
    Some((end + from + len, shape))
}
