//! Text as a list of the numbers of its bytes: `[53, 51, 54, 45]`, as programs print and serialise buffers.

use super::{ContentId, Opener, Reader, magic, near};
use crate::tape::{Marks, ROOT, Segment, TapeFull};
use std::ops::Range;

/// The fewest bytes that are looked into.
const MIN_BYTES: usize = 8;

/// Opens lists of numbers.
pub(super) const READER: Reader = Reader { marks: Marks::BRACKET.or(Marks::PARENTHESIS).or(Marks::BRACE), open };

fn open(opener: &mut Opener<'_>, number: u32, segment: &Segment) -> Result<(), TapeFull> {
    let mut at = 0;
    loop {
        let text = opener.tape.text(segment);
        let Some(hit) = near::next(text, at, [b'[', b'(', b'{']) else { return Ok(()) };
        at = hit + 1;
        if let Some((range, what)) = list(text, hit + 1) {
            at = range.end;
            match what {
                // A marker between brackets is no list any more.
                magic::Kind::Medium(key) => {
                    let (path, _) = opener.paths.child(ROOT, key, opener.keys);
                    opener.alias(number, range, path, true, false);
                }
                magic::Kind::Text | magic::Kind::Message | magic::Kind::Layer(_) => {
                    let path = opener.part(segment, &range);
                    opener.view(ContentId::Numbers, number, range, path, segment.place)?;
                }
            }
        }
    }
}

/// The list of bytes that begins at `at`, and what they are.
fn list(text: &[u8], at: usize) -> Option<(Range<usize>, magic::Kind)> {
    let start = at + text.get(at..)?.iter().take(64).take_while(|byte| byte.is_ascii_whitespace()).count();
    let (mut head, mut count) = ([0; magic::HEAD], 0);
    let mut end = start;
    // The first few tell, and most lists are none of bytes.
    for (byte, number) in (Numbers { text, at: start }) {
        if let Some(slot) = head.get_mut(count) {
            *slot = byte;
        }
        count += 1;
        end = number.end;
    }
    if count < MIN_BYTES {
        return None;
    }
    let kind = magic::kind(head.get(..count).unwrap_or(&head))?;
    if kind == magic::Kind::Text {
        let mut bytes = Vec::new();
        decode(text.get(start..end)?, usize::MAX, &mut bytes)?;
        if !magic::reads_as_text(&bytes, true) {
            return None;
        }
    }
    Some((start..end, kind))
}

/// Reads numbers of bytes, a comma between them. Those of a language whose bytes have a sign are negative.
struct Numbers<'t> {
    text: &'t [u8],
    at: usize,
}

impl Iterator for Numbers<'_> {
    type Item = (u8, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.text.get(self.at..)?;
        let minus = usize::from(rest.first() == Some(&b'-'));
        let digits = rest.get(minus..)?;
        let len = digits.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
        let digits = digits.get(..len).filter(|digits| digits.len() < 4 && !digits.is_empty())?;
        let value = digits.iter().fold(0u16, |sum, digit| sum * 10 + u16::from(digit - b'0'));
        let byte = if minus == 0 { value } else { 256u16.checked_sub(value).filter(|byte| *byte >= 128)? };
        let number = self.at..self.at + minus + len;
        let behind = self.text.get(number.end..).unwrap_or(&[]);
        let gap = match behind {
            [b',', b' ', ..] => 2,
            [b',', b'\n', rest @ ..] => 2 + rest.iter().take(64).take_while(|byte| byte.is_ascii_whitespace()).count(),
            [b',', ..] => 1,
            _ => 0,
        };
        self.at = if gap > 0 { number.end + gap } else { self.text.len() };
        Some((u8::try_from(byte).ok()?, number))
    }
}

/// Decodes a list up to `limit` bytes.
pub(super) fn decode(encoded: &[u8], limit: usize, out: &mut Vec<u8>) -> Option<()> {
    for (byte, _) in (Numbers { text: encoded, at: 0 }) {
        if out.len() >= limit {
            return None;
        }
        out.push(byte);
    }
    Some(())
}

/// Writes a list with the same between its numbers, and signs where there were any.
pub(super) fn encode(old: &[u8], text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let signed = old.contains(&b'-');
    let mut numbers = Numbers { text: old, at: 0 };
    let (_, first) = numbers.next()?;
    let (_, second) = numbers.next()?;
    let between = old.get(first.end..second.start)?;
    for (index, byte) in text.iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(between);
        }
        let number = if signed { byte.cast_signed().to_string() } else { byte.to_string() };
        out.extend_from_slice(number.as_bytes());
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_bytes_are_read_and_written() {
        for (encoded, text, other) in [
            ("53,51,54,45", &b"536-"[..], "65,66"),
            ("53, 51, 54, 45", b"536-", "65, 66"),
            ("76, 101, -61, -79, 97", "Le\u{f1}a".as_bytes(), "65, 66"),
        ] {
            let mut out = Vec::new();
            decode(encoded.as_bytes(), 100, &mut out).unwrap();
            assert_eq!(out, text, "{encoded}");
            let mut out = Vec::new();
            encode(encoded.as_bytes(), b"AB", &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), other);
        }
        let list = |text: &str| list(text.as_bytes(), 1).map(|(range, _)| text[range].to_owned());
        assert_eq!(list("[53,51,54,45,50,50,45,56]").as_deref(), Some("53,51,54,45,50,50,45,56"));
        for text in ["[1, 2, 3, 4, 5, 6, 7, 8, 9]", "[53,51]", "[2026,1,2]", "[99.5, 1]", "[300,400,500,1,1,1,1,1,1]"] {
            assert_eq!(list(text), None, "{text}");
        }
    }
}
