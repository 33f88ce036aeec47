//! Words in base64 and in hexadecimal digits, wherever they stand: values, parts of paths, claims of tokens, lines of
//! mails.
//!
//! Most long words are neither: paths, names of classes, ids of traces. The first few letters tell.

use super::base64::{self, is_letter};
use super::magic::{self, DICOM, DICOM_AT, HEAD, Kind};
use super::{ContentId, Opener, Reader, hex, near};
use crate::tape::{Kinds, Marks, Segment, TapeFull};
use std::ops::Range;

/// The shortest word that is looked into, in bytes. Half of it is what the shortest identifier takes in hexadecimal digits.
const MIN_LEN: usize = Kinds::LONG;
/// How many letters make up the head of what is encoded.
const HEAD_LETTERS: usize = HEAD.div_ceil(3) * 4;
/// The shortest part of a word that is taken for text though what follows is none.
const MIN_PART: usize = 24;
/// How many letters are decoded at a time.
const MAX_STEP: usize = 4096;
/// The shortest line that base64 is broken into.
const MIN_LINE: usize = 32;

/// Opens long words.
pub(super) const READER: Reader = Reader { marks: Marks::LONG, open };

fn open(opener: &mut Opener<'_>, number: u32, segment: &Segment) -> Result<(), TapeFull> {
    let mut at = 0;
    while let Some(word) = opener.long(segment, at) {
        at = long_word(opener, number, segment, word)?;
    }
    Ok(())
}

/// A layer or a medium within a word.
struct Found {
    at: Range<usize>,
    what: What,
}

enum What {
    View(ContentId),
    Medium(&'static [u8]),
}

/// Opens what is encoded in a word; returns how far it was read, which may be in lines that follow.
fn long_word(opener: &mut Opener<'_>, number: u32, segment: &Segment, word: Range<usize>) -> Result<usize, TapeFull> {
    let mut scratch = std::mem::take(&mut opener.opened.words);
    let mut at = word.start;
    while let Some(found) = within(opener.tape.text(segment), at..word.end, &mut scratch) {
        at = found.at.end;
        match found.what {
            What::View(id) => {
                let path = opener.part(segment, &found.at);
                opener.view(id, number, found.at, path, segment.place)?;
            }
            What::Medium(key) => magic::as_key(opener, number, found.at, key),
        }
    }
    scratch.fill(0);
    opener.opened.words = scratch;
    Ok(at.max(word.end))
}

/// The first thing that is encoded in a word: from its beginning on, or from behind a sign that parts a path or a name.
fn within(text: &[u8], word: Range<usize>, scratch: &mut Vec<u8>) -> Option<Found> {
    let mut start = word.start;
    loop {
        let rest = text.get(start..word.end)?;
        if rest.len() < MIN_LEN {
            return None;
        }
        let found = in_digits(text, start..word.end, scratch).or_else(|| in_letters(text, start..word.end, scratch));
        if found.is_some() {
            return found;
        }
        start = Some(near::word_end(text, start)).filter(|end| *end < word.end)? + 1;
    }
}

/// What is encoded in base64 from the beginning of a word on.
fn in_letters(text: &[u8], word: Range<usize>, scratch: &mut Vec<u8>) -> Option<Found> {
    let letters = text.get(word.clone())?;
    let [a, b, c] = base64::group(letters)?;
    // Most words are refused here: they stand for bytes that begin nothing.
    if !magic::may_begin(a, b) || !magic::may_go_on([a, b, c]) {
        return None;
    }
    let [d, e, f] = base64::group(letters.get(4..)?)?;
    let early = magic::kind(&[a, b, c, d, e, f]);
    let later = magic::tells_later([a, b, c]);
    if early.is_none() && !later || is_cut(text, &word) {
        return None;
    }
    scratch.clear();
    base64::decode(letters.get(..HEAD_LETTERS).unwrap_or(letters), HEAD, scratch);
    let kind = magic::kind(scratch).or_else(|| dicom(letters))?;
    let one = word.start..padded(text, word.end);
    let (at, what) = match kind {
        Kind::Medium(key) => (lines(text, one), What::Medium(key)),
        Kind::Layer(_) => (lines(text, one), What::View(ContentId::Base64)),
        Kind::Message => {
            scratch.clear();
            base64::decode(letters.get(..MAX_STEP).unwrap_or(letters), usize::MAX, scratch);
            (Some(one).filter(|_| magic::reads_as_message(scratch))?, What::View(ContentId::Base64Bytes))
        }
        Kind::Text => (readable(text, one, scratch)?, What::View(ContentId::Base64)),
    };
    Some(Found { at, what })
}

/// How far base64 reads as text, from its first line on.
fn readable(text: &[u8], first: Range<usize>, scratch: &mut Vec<u8>) -> Option<Range<usize>> {
    let mut reading = Reading { scratch, odd: 0, count: 0 };
    reading.scratch.clear();
    let mut line = first.clone();
    loop {
        let read = reading.line(text.get(line.clone())?);
        if read < line.len() {
            return end_of(text, first.start..line.start + read);
        }
        match following(text, &line, first.len()) {
            // What only looks like a line more does not begin like one.
            Some(next) if reading.begins(text.get(next.clone())?) => line = next,
            Some(_) | None => return Some(first.start..line.end),
        }
    }
}

/// What of a text in base64 has been read.
struct Reading<'s> {
    /// What the present step decodes to, behind the beginning of a letter that goes on in it.
    scratch: &'s mut Vec<u8>,
    odd: usize,
    count: usize,
}

impl Reading<'_> {
    /// Reads a line; returns how much of it is text.
    fn line(&mut self, encoded: &[u8]) -> usize {
        let mut read = 0;
        // A word that only begins like text must not cost all of its length.
        let mut step = HEAD_LETTERS;
        while read < encoded.len() {
            let part = encoded.get(read..).unwrap_or(&[]);
            let part = part.get(..step).unwrap_or(part);
            let held = self.scratch.len();
            base64::decode(part, usize::MAX, self.scratch);
            self.odd += self.scratch.iter().skip(held).filter(|byte| magic::is_odd(**byte)).count();
            self.count += self.scratch.len() - held;
            if self.odd > self.count / 20 {
                return read;
            }
            let valid = match std::str::from_utf8(self.scratch) {
                Ok(_) => self.scratch.len(),
                // A letter that goes on in the next step.
                Err(error) if error.error_len().is_none() => error.valid_up_to(),
                Err(error) => return read + error.valid_up_to().saturating_sub(held) / 3 * 4,
            };
            self.scratch.drain(..valid);
            read += part.len();
            step = MAX_STEP;
        }
        read
    }

    /// Whether a line begins like text that goes on.
    fn begins(&self, encoded: &[u8]) -> bool {
        let head = encoded.get(..HEAD_LETTERS).unwrap_or(encoded);
        let mut bytes = [0; HEAD + 4];
        let mut len = 0;
        let groups = head.chunks(4).map_while(base64::group).flatten();
        for (slot, byte) in bytes.iter_mut().zip(self.scratch.iter().copied().chain(groups)) {
            *slot = byte;
            len += 1;
        }
        // Less than a group is the rest of one.
        len <= self.scratch.len() || magic::reads_as_text(bytes.get(..len).unwrap_or(&[]), false)
    }
}

/// Where the text ends of which so much is readable: before the slash behind which it is not.
fn end_of(text: &[u8], readable: Range<usize>) -> Option<Range<usize>> {
    let letters = text.get(readable.clone())?;
    let tail = letters.len().saturating_sub(8);
    let slash = letters.get(tail..)?.iter().rposition(|byte| *byte == b'/').map(|at| tail + at);
    let len = slash.or_else(|| {
        text.get(readable.end..)?.iter().take(8).position(|byte| *byte == b'/').map(|at| letters.len() + at)
    });
    let len = len.unwrap_or(letters.len());
    (len >= MIN_PART || len >= MIN_LEN && len != letters.len()).then_some(readable.start..readable.start + len)
}

/// Text in hexadecimal digits.
fn in_digits(text: &[u8], word: Range<usize>, scratch: &mut Vec<u8>) -> Option<Found> {
    let letters = text.get(word.clone())?;
    let prefix = match letters {
        [b'0', b'x' | b'X', ..] => 2,
        // `\x3533..`, as databases write bytes.
        [b'x', ..] if text.get(..word.start).is_some_and(|before| before.ends_with(b"\\")) => 1,
        _ => 0,
    };
    let digits = letters.get(prefix..)?;
    let mut head = [0; MIN_LEN / 2];
    for (index, byte) in head.iter_mut().enumerate() {
        *byte = hex::pair(digits, index * 2)?;
        // Two bytes refuse most: ids, hashes, numbers.
        if index == 1 && !magic::may_begin(hex::pair(digits, 0)?, *byte) {
            return None;
        }
    }
    magic::kind(&head)?;
    let count = digits.iter().take_while(|byte| hex::digit(**byte).is_some()).count();
    // Where a letter follows the digits are a part of something else.
    let apart = digits.get(count).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    if count < MIN_LEN || !apart {
        return None;
    }
    let at = word.start + prefix..word.start + prefix + count / 2 * 2;
    scratch.clear();
    hex::decode(digits.get(..count)?, usize::MAX, scratch);
    let what = match magic::kind(scratch.get(..HEAD).unwrap_or(scratch))? {
        Kind::Medium(key) => What::Medium(key),
        Kind::Layer(_) => What::View(ContentId::Hex),
        Kind::Message => return None,
        Kind::Text => magic::reads_as_text(scratch, true).then_some(What::View(ContentId::Hex))?,
    };
    Some(Found { at, what })
}

/// A DICOM file says what it is behind its first bytes.
fn dicom(letters: &[u8]) -> Option<Kind> {
    let from = DICOM_AT / 3;
    let (first, second) = (base64::group(letters.get(from * 4..)?)?, base64::group(letters.get(from * 4 + 4..)?)?);
    let bytes = first.into_iter().chain(second).skip(DICOM_AT - from * 3);
    bytes.take(DICOM.len()).eq(DICOM.iter().copied()).then_some(Kind::Medium(magic::PHOTO))
}

/// Whether a word goes on with an escape, of a letter or a line break: then it is read where that is none any more.
fn is_cut(text: &[u8], word: &Range<usize>) -> bool {
    match text.get(word.end..).unwrap_or(&[]) {
        [b'%', high, low, ..] => hex::digit(*high).is_some() && hex::digit(*low).is_some(),
        [b'&', b'#', ..] | [b'\\', b'n' | b'r' | b'u' | b'x' | b'/' | b'0'..=b'3', ..] => true,
        [b'=', b'3', b'D', ..] | [b'=', b'2', b'B' | b'F', ..] => true,
        _ => false,
    }
}

/// Where a word ends with its padding.
fn padded(text: &[u8], end: usize) -> usize {
    end + text.get(end..).unwrap_or(&[]).iter().take(2).take_while(|byte| **byte == b'=').count()
}

/// A word with the lines of the same length that follow it, and the shorter one behind them.
fn lines(text: &[u8], first: Range<usize>) -> Range<usize> {
    let mut last = first.clone();
    while let Some(next) = following(text, &last, first.len()) {
        last = next;
    }
    first.start..last.end
}

/// The line of base64 behind another one: as long as the first, or the last and shorter.
fn following(text: &[u8], line: &Range<usize>, width: usize) -> Option<Range<usize>> {
    if width < MIN_LINE || !width.is_multiple_of(4) || line.len() < width {
        return None;
    }
    let rest = text.get(line.end..)?;
    let gap = match rest {
        [b'\r', b'\n', ..] => 2,
        [b'\n', ..] => 1,
        _ => return None,
    };
    let blanks = rest.get(gap..)?.iter().take(16).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let start = line.end + gap + blanks;
    let len = text.get(start..)?.iter().take(width + 1).take_while(|byte| is_letter(**byte)).count();
    let end = padded(text, start + len);
    let closed = text.get(end).is_none_or(|byte| matches!(byte, b'\n' | b'\r' | b'"' | b'\'' | b'<' | b')' | b'`'));
    (len > 0 && end - start <= width && closed).then_some(start..end)
}
