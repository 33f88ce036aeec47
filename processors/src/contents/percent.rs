//! Percent-encoding: URLs, queries, forms, cookies (RFC 3986 section 2.1, WHATWG URL for `+`).

use super::coding::Sink;
use super::{ContentId, Opener, Reader, hex};
use crate::tape::{Marks, Origin, Segment, TapeFull};
use std::ops::Range;

/// How far before a plus its key may stand, in bytes.
const MAX_BEFORE: usize = 512;
/// The longest word, in bytes.
const MAX_WORD: usize = 32;

/// Opens words in which a byte is encoded.
pub(super) const READER: Reader = Reader { marks: Marks::PERCENT.or(Marks::PLUS), open };

fn open(opener: &mut Opener<'_>, number: u32, segment: &Segment) -> Result<(), TapeFull> {
    let mut at = 0;
    let mut pluses = Pluses::default();
    loop {
        let text = opener.tape.text(segment);
        let Some(hit) = text.get(at..).and_then(|rest| memchr::memchr2(b'%', b'+', rest)).map(|offset| at + offset)
        else {
            return Ok(());
        };
        let opens = if text.get(hit) == Some(&b'+') { pluses.is_space(text, hit) } else { escape(text, hit).is_some() };
        at = if opens { word(opener, number, segment, hit)? } else { hit + 1 };
    }
}

/// What is known of a text that is asked for its pluses from left to right: of many beside each other, what stands around
/// all of them is looked at once.
#[derive(Debug, Default)]
struct Pluses {
    /// So far it has been looked for equals signs.
    seen: usize,
    /// Behind the last one, if nothing since then ends a pair.
    equals: Option<usize>,
    /// Where a row may be, and whether there is one.
    row: (Range<usize>, bool),
}

impl Pluses {
    /// Whether a plus at `at` is a space: in a pair, between words. `+00:00` is none, nor is a letter of base64.
    fn is_space(&mut self, text: &[u8], at: usize) -> bool {
        let new = text.get(self.seen..at).unwrap_or(&[]);
        if let Some(last) = new.iter().rposition(|byte| *byte == b'=' || !inside(*byte)) {
            self.equals = Some(self.seen + last + 1).filter(|_| new.get(last) == Some(&b'='));
        }
        self.seen = self.seen.max(at);
        self.equals.is_some_and(|equals| at - equals < MAX_BEFORE)
            && (stands_between_words(text, at) || self.is_in_row(text, at))
    }

    /// Whether pluses part several short words and numbers: `1EG4+TE5+MK73`. What is packed has a plus in sixty letters.
    fn is_in_row(&mut self, text: &[u8], at: usize) -> bool {
        const SHORT: usize = 12;
        if self.row.0.contains(&at) {
            return self.row.1;
        }
        let value = |byte: &&u8| inside(**byte) && !matches!(**byte, b'=' | b'&' | b'?' | b';');
        let (head, tail) = (text.get(..at).unwrap_or(&[]), text.get(at + 1..).unwrap_or(&[]));
        let from = at - head.iter().rev().take(MAX_BEFORE).take_while(value).count();
        let until = at + 1 + tail.iter().take(MAX_BEFORE).take_while(value).count();
        let mut count = 0;
        let short = text.get(from..until).unwrap_or(&[]).split(|byte| *byte == b'+').all(|part| {
            count += usize::from(!part.is_empty());
            part.len() <= SHORT
                && part.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b',' | b'-'))
        });
        self.row = (from..until, short && count >= 3);
        self.row.1
    }
}

/// Whether a plus at `at` stands between words, or a word and a code.
fn stands_between_words(text: &[u8], at: usize) -> bool {
    let head = text.get(at.saturating_sub(MAX_BEFORE)..at).unwrap_or(&[]);
    let tail = text.get(at + 1..).unwrap_or(&[]);
    let before = head.iter().rev().take(MAX_WORD).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let (ahead, before) = head.split_at_checked(head.len() - before).unwrap_or((head, &[]));
    // `%2Eorg`: the digits of an escape are no part of the word behind it.
    let before = if ahead.last() == Some(&b'%') && before.len() > 2 { before.get(2..).unwrap_or(&[]) } else { before };
    let behind = tail.iter().take(MAX_WORD).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let behind = tail.get(..behind).unwrap_or(&[]);
    let letters = before.iter().chain(behind).any(u8::is_ascii_alphabetic);
    // What is packed goes on for long.
    let coded =
        |word: &[u8], code: &[u8]| is_plain(word) && (code.len() == MAX_WORD || word.len() > 4 && is_code(code));
    // Single letters on both sides stand in codes too.
    letters
        && (is_word(before) && is_word(behind) && before.len() + behind.len() > 2 && !packed(tail.get(behind.len()..))
            || coded(before, behind)
            || coded(behind, before))
}

/// Whether a hyphen or a line joins a piece of base64 to a word: `Qt-TF0r3`. The alphabet of URLs has both signs.
fn packed(rest: Option<&[u8]>) -> bool {
    let Some([b'-' | b'_', next @ ..]) = rest else { return false };
    let len = next.iter().take(MAX_WORD).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let part = next.get(..len).unwrap_or(&[]);
    let any = |class: fn(&u8) -> bool| part.iter().any(class);
    any(u8::is_ascii_lowercase) && any(u8::is_ascii_uppercase) && any(u8::is_ascii_digit)
}

/// Whether something is a number, or a word in one case or with a capital.
fn is_word(part: &[u8]) -> bool {
    let lower = |part: &[u8]| part.iter().all(u8::is_ascii_lowercase);
    let rest = part.get(1..).unwrap_or(&[]);
    let word = lower(rest) || part.iter().all(u8::is_ascii_uppercase) || part.iter().all(u8::is_ascii_digit);
    !part.is_empty() && part.len() < MAX_WORD && (word || part.iter().all(|byte| hex::digit(*byte).is_some()))
}

/// Whether something is a word that is hardly a piece of base64.
fn is_plain(part: &[u8]) -> bool {
    (4..MAX_WORD).contains(&part.len()) && part.iter().all(u8::is_ascii_lowercase)
}

/// Whether something is a code: capitals and digits.
fn is_code(part: &[u8]) -> bool {
    (2..MAX_WORD).contains(&part.len()) && part.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// Opens the word around `at` as one view; returns where the next may begin.
fn word(opener: &mut Opener<'_>, number: u32, segment: &Segment, at: usize) -> Result<usize, TapeFull> {
    let text = opener.tape.text(segment);
    let before = text.get(..at).unwrap_or(&[]);
    let behind = text.get(at..).unwrap_or(&[]);
    let start = before.iter().rposition(|byte| !inside(*byte)).map_or(0, |last| last + 1);
    let end = behind.iter().position(|byte| !inside(*byte)).map_or(text.len(), |len| at + len);
    let word = text.get(start..end).unwrap_or(&[]);
    // A plus is a space only where there are pairs: `q=maria+gonzalez`.
    let spaced = word.contains(&b'=') && word.contains(&b'+');
    // In what was decoded before, a plus may have been one all along: `%40%2B4420`. It was not if one is a space.
    let blanks = spaced && (!was_encoded(segment) || has_space(text, start..end));
    let id = if blanks { ContentId::Form } else { ContentId::Percent };
    let path = opener.part(segment, &(start..end));
    opener.view(id, number, start..end, path, segment.place)?;
    Ok(end)
}

/// Whether one of the pluses in a word is a space.
fn has_space(text: &[u8], word: Range<usize>) -> bool {
    let mut pluses = Pluses { seen: word.start, ..Pluses::default() };
    let signs = memchr::memchr_iter(b'+', text.get(word.clone()).unwrap_or(&[]));
    signs.map(|offset| word.start + offset).any(|at| pluses.is_space(text, at))
}

/// Whether a text is what an encoded word was decoded to.
fn was_encoded(segment: &Segment) -> bool {
    match segment.origin {
        Origin::View { parent: _, from: _, len: _, content } => {
            matches!(content, ContentId::Percent | ContentId::Form)
        }
        Origin::Source { at: _, len: _, utf8: _ }
        | Origin::Alias { parent: _, bare: _ }
        | Origin::Joined { first: _, count: _ } => false,
    }
}

/// What may stand in an encoded word.
fn inside(byte: u8) -> bool {
    !matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'<' | b'>' | b'`' | b'{' | b'}' | b'\\' | 0)
}

/// The byte that the escape at `at` stands for.
fn escape(text: &[u8], at: usize) -> Option<u8> {
    let [b'%', high, low] = text.get(at..at + 3)? else { return None };
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

/// Decodes `%41`.
pub(super) fn decode(encoded: &[u8], sink: &mut Sink<'_>) {
    decode_with(encoded, false, sink);
}

/// Decodes `%41`, and `+` as a space.
pub(super) fn decode_form(encoded: &[u8], sink: &mut Sink<'_>) {
    decode_with(encoded, true, sink);
}

fn decode_with(encoded: &[u8], plus: bool, sink: &mut Sink<'_>) {
    let mut at = 0;
    while let Some(byte) = encoded.get(at) {
        if let Some(decoded) = escape(encoded, at) {
            sink(decoded, at..at + 3);
            at += 3;
        } else {
            sink(if plus && *byte == b'+' { b' ' } else { *byte }, at..at + 1);
            at += 1;
        }
    }
}

/// Escapes what may not stand plainly in a path or query.
pub(super) fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'*') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(hex(byte >> 4));
            out.push(hex(byte & 15));
        }
    }
}

fn hex(digit: u8) -> char {
    char::from_digit(u32::from(digit), 16).unwrap_or('0').to_ascii_uppercase()
}
