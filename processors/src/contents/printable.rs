//! Quoted-printable (RFC 2045 section 6.7) and the encoded words of mail headers (RFC 2047).

use super::coding::{Sink, lines_around};
use super::{ContentId, Opener, Reader, base64, hex, near};
use crate::tape::{Marks, Segment, TapeFull};
use std::ops::Range;

/// The longest encoded word, in bytes. The standard has 75; programs write longer ones.
const MAX_WORD: usize = 1024;
/// The longest line by the standard, with the sign that breaks it.
const MAX_LINE: usize = 76;
/// The shortest word of base64 whose padding is told from a sign that breaks a line.
const MIN_PADDED: usize = 19;

/// Opens what mail is written in. An equals sign stands in most log lines, so more than an escape is asked for.
pub(super) const READER: Reader = Reader { marks: Marks::EQUALS, open };

fn open(opener: &mut Opener<'_>, number: u32, segment: &Segment) -> Result<(), TapeFull> {
    let (mut at, mut first, mut last) = (0, None, 0);
    let mut declared = None;
    let mut declares = |text: &[u8]| *declared.get_or_insert_with(|| self::declares(text));
    loop {
        let text = opener.tape.text(segment);
        let Some(hit) = near::next(text, at, [b'=']) else { break };
        at = hit + 1;
        // Most signs stand before a value.
        if !text.get(at).is_some_and(|next| follows(*next)) {
            continue;
        }
        if text.get(hit + 1) == Some(&b'?')
            && let Some(inside) = word(text, hit)
        {
            at = inside.end;
            let path = opener.part(segment, &inside);
            opener.view(ContentId::HeaderWord, number, inside, path, segment.place)?;
        } else {
            let escape = escape(text, hit);
            if tells(text, hit, escape) || escape.is_some() && declares(text) {
                first = first.or(Some(hit));
                last = hit;
            }
        }
    }
    let Some(first) = first else { return Ok(()) };
    // A value that was broken goes on in the next line.
    let text = opener.tape.text(segment);
    let next = last + memchr::memchr(b'\n', text.get(last..).unwrap_or(&[])).map_or(0, |len| len + 1);
    let range = lines_around(text, first, next.min(text.len()));
    opener.lines(ContentId::Printable, number, range, segment)
}

/// Whether an escape, a soft break or an encoded word may go on so.
#[inline]
fn follows(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'A'..=b'F' | b'?' | b'\n' | b'\r')
}

/// Whether a text says that it is quoted-printable. Few texts hold more than one of the first letter.
fn declares(text: &[u8]) -> bool {
    memchr::memchr_iter(b'q', text).any(|at| text.get(at..).is_some_and(|rest| rest.starts_with(b"quoted-printable")))
}

/// Whether the escape at `at`, or what is none, is nothing that an assignment looks like: `size=40`, `id=2D` are no escapes.
fn tells(text: &[u8], at: usize, escaped: Option<(u8, usize)>) -> bool {
    let before = at.checked_sub(1).and_then(|before| text.get(before)).copied().unwrap_or(b' ');
    let Some((byte, _)) = escaped else {
        return soft_break(text, at).is_some();
    };
    let next = text.get(at + 3).copied().unwrap_or(b' ');
    // Programs that escape all they write: no assignment has a second sign behind two digits, and a third.
    if next == b'=' && [3, 6].iter().all(|further| escape(text, at + further).is_some()) {
        return true;
    }
    match byte {
        // A character of several bytes.
        0xc2..=0xf4 => escape(text, at + 3).is_some_and(|(second, _)| (0x80..0xc0).contains(&second)),
        b'=' => true,
        b' ' | b'@' => next.is_ascii_alphabetic() && before.is_ascii_alphanumeric(),
        0x21..=0x7e => before.is_ascii_digit() && next.is_ascii_alphanumeric(),
        _ => false,
    }
}

/// The byte that the escape at `at` stands for, and its length.
fn escape(text: &[u8], at: usize) -> Option<(u8, usize)> {
    let &[b'=', high, low] = text.get(at..)?.first_chunk::<3>()? else { return None };
    // Digits come before capitals, and those before small letters.
    if high >= b'a' || low >= b'a' {
        return None;
    }
    hex::pair(text, at + 1).map(|byte| (byte, 3))
}

/// How long the soft break is that stands at `at`, if one does: a line that ends in padding of base64 is whole.
fn soft_break(text: &[u8], at: usize) -> Option<usize> {
    let len = match text.get(at..)? {
        [b'=', b'\n', ..] => 2,
        [b'=', b'\r', b'\n', ..] => 3,
        _ => return None,
    };
    let before = text.get(..at)?;
    if before.ends_with(b"=") {
        return None;
    }
    let word = before.iter().rev().take(MAX_LINE + 1).take_while(|byte| base64::is_letter(**byte)).count();
    let padded = word >= MIN_PADDED && (word + 1).is_multiple_of(4);
    // Whoever breaks lines softly fills them first, or escapes what else stands in them.
    let line = before.iter().rev().take(MAX_WORD).take_while(|byte| **byte != b'\n').count();
    let filled = (MAX_LINE - 8..MAX_LINE).contains(&line);
    let written = || {
        memchr::memchr_iter(b'=', before.get(at - line..).unwrap_or(&[])).any(|offset| {
            let sign = at - line + offset;
            let escape = escape(text, sign);
            escape.is_some() && tells(text, sign, escape)
        })
    };
    (!padded || filled || written()).then_some(len)
}

/// Decodes quoted-printable; what is no escape stays.
pub(super) fn decode(encoded: &[u8], sink: &mut Sink<'_>) {
    let mut at = 0;
    while let Some(byte) = encoded.get(at) {
        if let Some((byte, len)) = escape(encoded, at) {
            sink(byte, at..at + len);
            at += len;
            continue;
        }
        if let Some(len) = soft_break(encoded, at) {
            at += len;
        } else {
            sink(*byte, at..at + 1);
            at += 1;
        }
    }
}

/// Escapes the sign of escapes.
pub(super) fn encode(text: &str, out: &mut String) {
    text.chars().for_each(|letter| if letter == '=' { out.push_str("=3D") } else { out.push(letter) });
}

/// The inside of an encoded word in the coding of letters that begins at `at`.
fn word(text: &[u8], at: usize) -> Option<Range<usize>> {
    let rest = text.get(at..)?;
    let rest = rest.get(..MAX_WORD).unwrap_or(rest);
    let charset = rest.get(2..)?.iter().take(40).position(|byte| *byte == b'?')? + 3;
    let [b'q' | b'Q', b'?', inside @ ..] = rest.get(charset..)? else { return None };
    let len = inside.windows(2).position(|end| end == b"?=")?;
    Some(at + charset + 2..at + charset + 2 + len)
}

/// Decodes the inside of an encoded word: `_` is a space.
pub(super) fn decode_word(encoded: &[u8], sink: &mut Sink<'_>) {
    let mut at = 0;
    while let Some(byte) = encoded.get(at) {
        let (byte, len) = escape(encoded, at).unwrap_or((if *byte == b'_' { b' ' } else { *byte }, 1));
        sink(byte, at..at + len);
        at += len;
    }
}

/// Escapes what may not stand in an encoded word.
pub(super) fn encode_word(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('_'),
            byte if byte.is_ascii_graphic() && !matches!(byte, b'=' | b'?' | b'_') => {
                out.push(char::from(byte));
            }
            byte => {
                out.push('=');
                for digit in [byte >> 4, byte & 15] {
                    out.extend(char::from_digit(u32::from(digit), 16).map(|digit| digit.to_ascii_uppercase()));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_is_told_from_a_value() {
        for (text, is) in [
            ("=35=33=36=2D", true),
            ("size=40", false),
            ("a=12=34", false),
            ("x=20y", true),
            ("536=2D22", true),
            ("id=2D", false),
        ] {
            let at = text.find('=').unwrap();
            assert_eq!(tells(text.as_bytes(), at, escape(text.as_bytes(), at)), is, "{text}");
        }
    }
}
