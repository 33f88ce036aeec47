//! Letters that look like others, or like nothing: full-width digits, hyphens and spaces that are none of ASCII's, marks
//! of direction, spaces of no width, accents written apart, digits of other scripts; colours of terminals and empty bytes
//! between letters. What a person reads as a number is one.

use super::coding::{Sink, by_letter, lines_around};
use super::{ContentId, Opener, Reader};
use crate::tape::{Marks, Segment, TapeFull};

/// Where the decimal digits of other scripts begin, from zero to nine each (Unicode, category Nd).
const ZEROS: [u32; 65] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0, 0xf20,
    0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0,
    0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0,
    0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0,
    0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];

/// Digits in circles and brackets, raised and lowered: the first code, the digit it stands for, how many follow.
const ENCLOSED: [(u32, u8, u32); 15] = [
    (0x2070, b'0', 1),
    (0x2074, b'4', 6),
    (0x2080, b'0', 10),
    (0x2460, b'1', 9),
    (0x2474, b'1', 9),
    (0x2488, b'1', 9),
    (0x24b6, b'A', 26),
    (0x24d0, b'a', 26),
    (0x24ea, b'0', 1),
    (0x24f5, b'1', 9),
    (0x2776, b'1', 9),
    (0x2780, b'1', 9),
    (0x278a, b'1', 9),
    (0x1f130, b'A', 26),
    (0x1f150, b'A', 26),
];

/// Letters of other alphabets that look like Latin ones, sorted.
const LOOK_ALIKES: [(u32, u8); 64] = [
    (0x131, b'i'),
    (0x251, b'a'),
    (0x261, b'g'),
    (0x391, b'A'),
    (0x392, b'B'),
    (0x395, b'E'),
    (0x396, b'Z'),
    (0x397, b'H'),
    (0x399, b'I'),
    (0x39a, b'K'),
    (0x39c, b'M'),
    (0x39d, b'N'),
    (0x39f, b'O'),
    (0x3a1, b'P'),
    (0x3a4, b'T'),
    (0x3a5, b'Y'),
    (0x3a7, b'X'),
    (0x3b1, b'a'),
    (0x3b9, b'i'),
    (0x3bd, b'v'),
    (0x3bf, b'o'),
    (0x3c1, b'p'),
    (0x3c5, b'u'),
    (0x3f2, b'c'),
    (0x405, b'S'),
    (0x406, b'I'),
    (0x408, b'J'),
    (0x410, b'A'),
    (0x412, b'B'),
    (0x415, b'E'),
    (0x41a, b'K'),
    (0x41c, b'M'),
    (0x41d, b'H'),
    (0x41e, b'O'),
    (0x420, b'P'),
    (0x421, b'C'),
    (0x422, b'T'),
    (0x423, b'Y'),
    (0x425, b'X'),
    (0x430, b'a'),
    (0x435, b'e'),
    (0x43e, b'o'),
    (0x440, b'p'),
    (0x441, b'c'),
    (0x443, b'y'),
    (0x445, b'x'),
    (0x455, b's'),
    (0x456, b'i'),
    (0x458, b'j'),
    (0x4ae, b'Y'),
    (0x4af, b'y'),
    (0x4bb, b'h'),
    (0x4c0, b'I'),
    (0x4cf, b'l'),
    (0x501, b'd'),
    (0x51b, b'q'),
    (0x51d, b'w'),
    (0x555, b'O'),
    (0x561, b'w'),
    (0x570, b'h'),
    (0x578, b'n'),
    (0x57d, b'u'),
    (0x581, b'g'),
    (0x585, b'o'),
];

/// The longest run of a terminal's control sequence, in bytes.
const MAX_SEQUENCE: usize = 64;
const MAX_LINK: usize = 2048;

/// Opens texts with such letters.
pub(super) const READER: Reader = Reader { marks: Marks::WIDE.or(Marks::CONTROL), open };

fn open(opener: &mut Opener<'_>, number: u32, segment: &Segment) -> Result<(), TapeFull> {
    let text = opener.tape.text(segment);
    let (mut at, mut first, mut last) = (0, None, 0);
    while let Some(offset) = text.get(at..).and_then(|rest| rest.iter().position(|byte| leads(*byte))) {
        let hit = at + offset;
        at = hit + 1;
        if let Some((letter, len)) = read(text, hit) {
            if hides(text, hit, letter, len) {
                first = first.or(Some(hit));
                last = hit;
            }
            at = hit + len;
        }
    }
    let Some(first) = first else { return Ok(()) };
    let range = lines_around(text, first, last);
    opener.lines(ContentId::Folded, number, range, segment)
}

/// Whether a letter that folds may hide something. Prose is full of dashes and quotes: they do beside a digit, or
/// between letters as in `O'Brien`.
fn hides(text: &[u8], at: usize, letter: Option<char>, len: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| text.get(before)).copied().unwrap_or(0);
    let behind = text.get(at + len).copied().unwrap_or(0);
    match letter {
        Some('-') => before.is_ascii_digit() || behind.is_ascii_digit(),
        Some('\'') => before.is_ascii_alphabetic() && behind.is_ascii_uppercase(),
        Some('"') => false,
        Some(_) => true,
        // Pictures of people are joined by them.
        None => text.get(at) != Some(&0xe2) || before < 0x80 || behind < 0x80,
    }
}

/// Whether something that folds may begin with a byte.
fn leads(byte: u8) -> bool {
    matches!(byte, 0 | 0x1b | 0x7f | 0xc2..=0xf4)
}

/// What the letter at `at` folds to, `None` inside for nothing at all, and its length in bytes.
fn read(text: &[u8], at: usize) -> Option<(Option<char>, usize)> {
    match *text.get(at)? {
        0 | 0x7f => return Some((None, 1)),
        0x1b => return sequence(text.get(at..)?).map(|len| (None, len)),
        _ => {}
    }
    let (code, len) = scalar(text.get(at..)?)?;
    let before = at.checked_sub(1).and_then(|before| text.get(before)).copied().unwrap_or(0);
    let behind = text.get(at + len).copied().unwrap_or(0);
    fold(code, before, behind).map(|letter| (letter, len))
}

/// The character at the beginning of `text`, of more than one byte.
fn scalar(text: &[u8]) -> Option<(u32, usize)> {
    let tail = |index: usize| text.get(index).filter(|byte| **byte & 0xc0 == 0x80).map(|byte| u32::from(byte & 0x3f));
    let first = *text.first()?;
    match first {
        0xc2..=0xdf => Some((u32::from(first & 0x1f) << 6 | tail(1)?, 2)),
        0xe0..=0xef => Some((u32::from(first & 0x0f) << 12 | tail(1)? << 6 | tail(2)?, 3)),
        0xf0..=0xf4 => Some((u32::from(first & 7) << 18 | tail(1)? << 12 | tail(2)? << 6 | tail(3)?, 4)),
        _ => None,
    }
}

/// The length of a terminal's control sequence: colours, movements, links.
fn sequence(text: &[u8]) -> Option<usize> {
    let rest = text.get(2..)?;
    match text.get(1)? {
        b'[' => {
            let last = rest.iter().take(MAX_SEQUENCE).position(|byte| !(0x20..0x40).contains(byte))?;
            matches!(rest.get(last), Some(0x40..=0x7e)).then_some(last + 3)
        }
        b']' => {
            let end = rest.iter().take(MAX_LINK).position(|byte| matches!(byte, 7 | 0x1b))?;
            Some(end + if rest.get(end) == Some(&7) { 3 } else { 4 })
        }
        b'(' | b')' => Some(3),
        0x40..=0x5f | b'7' | b'8' | b'=' | b'>' => Some(2),
        _ => None,
    }
}

/// What a character folds to, between two bytes.
fn fold(code: u32, before: u8, behind: u8) -> Option<Option<char>> {
    let beside = before.is_ascii_alphanumeric() || behind.is_ascii_alphanumeric();
    match code {
        0x85 | 0x2028 | 0x2029 => Some(Some('\n')),
        0xa0 | 0x1680 | 0x2000..=0x200a | 0x202f | 0x205f | 0x3000 => Some(Some(' ')),
        0xad | 0x34f | 0x61c | 0x115f | 0x1160 | 0x180b..=0x180e | 0x200b..=0x200f | 0x202a..=0x202e => Some(None),
        0x2060..=0x206f | 0x20d0..=0x20ff | 0x3164 | 0xfeff | 0xffa0 | 0xe0001 | 0xe007f => Some(None),
        0x300..=0x36f | 0x1ab0..=0x1aff | 0x1dc0..=0x1dff | 0xfe00..=0xfe0f | 0xfe20..=0xfe2f if beside => Some(None),
        0xb2 | 0xb3 => Some(char::from_u32(code - 0xb2 + 0x32)),
        0xb9 => Some(Some('1')),
        0x2010..=0x2015 | 0x2043 | 0x2212 | 0x2e3a | 0x2e3b | 0xfe58 | 0xfe63 => Some(Some('-')),
        0x2018 | 0x2019 | 0x201b | 0x2bc | 0x2032 => Some(Some('\'')),
        0x201c..=0x201f | 0xab | 0xbb | 0x2033 => Some(Some('"')),
        0x2024 | 0xfe52 | 0x3002 | 0xff61 => Some(Some('.')),
        0x2044 | 0x2215 => Some(Some('/')),
        0x2236 | 0xfe55 => Some(Some(':')),
        0xfe6b => Some(Some('@')),
        0xff01..=0xff5e => Some(char::from_u32(code - 0xff01 + 0x21)),
        0x1d400..=0x1d6a3 => {
            let letter = (code - 0x1d400) % 52;
            Some(char::from_u32(if letter < 26 { letter + 0x41 } else { letter - 26 + 0x61 }))
        }
        0xe0020..=0xe007e => Some(char::from_u32(code - 0xe0000)),
        _ => digit(code).or_else(|| look_alike(code).filter(|_| beside)).map(|byte| Some(char::from(byte))),
    }
}

/// The digit or letter that is written in another script, or enclosed.
fn digit(code: u32) -> Option<u8> {
    if let Some((first, value, _)) = ENCLOSED.iter().find(|(first, _, count)| (*first..first + count).contains(&code)) {
        return u8::try_from(code - first).ok().map(|offset| value + offset);
    }
    let zero = ZEROS.get(ZEROS.partition_point(|zero| *zero <= code).checked_sub(1)?)?;
    u8::try_from(code - zero).ok().filter(|value| *value < 10).map(|value| b'0' + value)
}

fn look_alike(code: u32) -> Option<u8> {
    let at = LOOK_ALIKES.binary_search_by_key(&code, |(code, _)| *code).ok()?;
    LOOK_ALIKES.get(at).map(|(_, letter)| *letter)
}

/// Folds; what folds to itself stays.
pub(super) fn decode(encoded: &[u8], sink: &mut Sink<'_>) {
    by_letter(encoded, leads, read, sink);
}

/// Nothing has to be escaped.
pub(super) fn encode(text: &str, out: &mut String) {
    out.push_str(text);
}

#[cfg(test)]
mod tests {
    use super::{ENCLOSED, LOOK_ALIKES, ZEROS};

    #[test]
    fn tables_are_sorted_so_that_letters_are_found() {
        assert!(ZEROS.is_sorted() && ENCLOSED.is_sorted() && LOOK_ALIKES.is_sorted_by(|(a, _), (b, _)| a < b));
    }
}
