//! Backslash escapes as C, Java, JavaScript, Python, Go and shells write them: `\n`, `\"`, `\x2d`, `\u0047`, `\u{47}`,
//! `\303\261`, `\e`. What a logger quotes is escaped once more than it was, and a document inside it opens as soon as its
//! quotes are plain.

use super::coding::{Sink, by_letter, lines_around};
use super::{ContentId, Opener, Reader};
use crate::tape::{Marks, Segment, TapeFull};

/// Opens texts with escapes.
pub(super) const READER: Reader = Reader { marks: Marks::BACKSLASH, open };

fn open(opener: &mut Opener<'_>, number: u32, segment: &Segment) -> Result<(), TapeFull> {
    let text = opener.tape.text(segment);
    // What stands in a document opens with it, string by string.
    let documents = &opener.opened.documents;
    let outside = |at: &usize| {
        let before = documents.partition_point(|document| document.start <= *at);
        before.checked_sub(1).and_then(|before| documents.get(before)).is_none_or(|document| document.end <= *at)
    };
    let mut escapes = memchr::memchr_iter(b'\\', text).filter(outside).filter(|at| read(text, *at).is_some());
    let Some(first) = escapes.next() else { return Ok(()) };
    let last = escapes.next_back().unwrap_or(first);
    let range = lines_around(text, first, last);
    opener.lines(ContentId::Escapes, number, range, segment)
}

/// The character that the escape at `at` stands for, and its length in bytes. Bytes in octal and hexadecimal digits stand
/// for characters of one byte, or for those of several that they make up.
fn read(text: &[u8], at: usize) -> Option<(Option<char>, usize)> {
    let &[b'\\', kind] = text.get(at..)?.first_chunk::<2>()? else { return None };
    let plain = |letter: char| Some((Some(letter), 2));
    match kind {
        b'n' => plain('\n'),
        b'r' => plain('\r'),
        b't' => plain('\t'),
        b'v' => plain('\u{b}'),
        b'e' => plain('\u{1b}'),
        b'"' | b'\'' | b'/' | b'\\' | b'`' | b'$' => plain(char::from(kind)),
        b'u' if text.get(at + 2) == Some(&b'{') => {
            let digits = text.get(at + 3..)?.iter().take(7).position(|byte| *byte == b'}')?;
            let code = number(text, at + 3, digits, 16)?;
            Some((Some(char::from_u32(code)?), digits + 4))
        }
        b'u' => unit(text, at),
        b'U' => Some((Some(char::from_u32(number(text, at + 2, 8, 16)?)?), 10)),
        b'x' | b'0'..=b'3' => bytes(text, at),
        _ => None,
    }
}

/// Reads `\u0047`, or a pair of surrogates.
fn unit(text: &[u8], at: usize) -> Option<(Option<char>, usize)> {
    let first = number(text, at + 2, 4, 16)?;
    if (0xd800..0xdc00).contains(&first) && text.get(at + 6..at + 8) == Some(b"\\u") {
        let second = number(text, at + 8, 4, 16).filter(|second| (0xdc00..0xe000).contains(second))?;
        return Some((char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)), 12));
    }
    Some((Some(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER)), 6))
}

/// Reads `\x2d` or `\055`, and as many as make up one character.
fn bytes(text: &[u8], at: usize) -> Option<(Option<char>, usize)> {
    let (first, len) = byte(text, at)?;
    let count = match first {
        0..0x80 => return Some((Some(char::from(first)), len)),
        0xc2..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0..0xf5 => 4,
        _ => return Some((Some(char::from(first)), len)),
    };
    let (mut utf8, mut end) = ([first, 0, 0, 0], at + len);
    for slot in utf8.iter_mut().take(count).skip(1) {
        let Some((next, len)) = byte(text, end) else { return Some((Some(char::from(first)), len)) };
        *slot = next;
        end += len;
    }
    let letter = std::str::from_utf8(utf8.get(..count)?).ok().and_then(|letter| letter.chars().next());
    Some(letter.map_or((Some(char::from(first)), len), |letter| (Some(letter), end - at)))
}

/// The byte that `\x2d` or `\055` stands for, and the length of that.
fn byte(text: &[u8], at: usize) -> Option<(u8, usize)> {
    let &[b'\\', kind] = text.get(at..)?.first_chunk::<2>()? else { return None };
    let (value, len) = match kind {
        b'x' => (number(text, at + 2, 2, 16)?, 4),
        b'0'..=b'3' => (number(text, at + 1, 3, 8)?, 4),
        _ => return None,
    };
    Some((u8::try_from(value).ok()?, len))
}

/// The number that so many digits at `at` stand for.
fn number(text: &[u8], at: usize, digits: usize, radix: u32) -> Option<u32> {
    let digits = text.get(at..at + digits)?;
    let value = digits.iter().try_fold(0u32, |sum, digit| Some(sum * radix + char::from(*digit).to_digit(radix)?));
    value.filter(|_| !digits.is_empty())
}

/// Decodes escapes; what is none stays.
pub(super) fn decode(encoded: &[u8], sink: &mut Sink<'_>) {
    by_letter(encoded, |byte| byte == b'\\', read, sink);
}

/// Escapes quotes and backslashes.
pub(super) fn encode(text: &str, out: &mut String) {
    for letter in text.chars() {
        if matches!(letter, '"' | '\\') {
            out.push('\\');
        }
        out.push(letter);
    }
}
