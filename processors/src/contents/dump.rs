//! Bytes printed in pairs of hexadecimal digits: `35 33 36`, `35:33:36`, `0x35, 0x33`, and what `xxd` and `hexdump -C`
//! print, line by line, with offsets before and letters behind.

use super::magic::{self, HEAD, Kind};
use super::{ContentId, Opener, Reader, hex, near};
use crate::tape::{Kinds, Marks, Segment, TapeFull};
use std::ops::Range;

/// The fewest bytes that are looked into.
const MIN_BYTES: usize = 8;
/// The most blanks between the columns of a dump.
const MAX_BLANKS: usize = 32;
/// In a stretch that is no dump from its beginning on, another look is taken so far on.
const STRIDE: usize = 256;

/// Opens dumps.
pub(super) const READER: Reader = Reader { marks: Marks::PRINTED, open };

fn open(opener: &mut Opener<'_>, number: u32, segment: &Segment) -> Result<(), TapeFull> {
    let mut scratch = std::mem::take(&mut opener.opened.words);
    let mut at = 0;
    let mut outcome = Ok(());
    let mut stretch = 0..0;
    while outcome.is_ok() {
        // The end of a long stretch is not looked for again at each stride.
        stretch.start = at;
        if at + Kinds::PRINTED > stretch.end {
            let Some(next) = opener.printed(segment, at) else { break };
            stretch = next;
        }
        at = stretch.end.min(stretch.start + STRIDE);
        let Some((range, what)) = dump(opener.tape.text(segment), stretch.clone(), &mut scratch) else { continue };
        // What turned out to be no text is not read again from further in.
        at = range.end;
        outcome = match what {
            What::Nothing => Ok(()),
            What::Medium(key) => {
                magic::as_key(opener, number, range, key);
                Ok(())
            }
            What::View(id) => {
                let path = opener.part(segment, &range);
                opener.view(id, number, range, path, segment.place)
            }
        };
    }
    scratch.fill(0);
    opener.opened.words = scratch;
    outcome
}

enum What {
    Nothing,
    View(ContentId),
    Medium(&'static [u8]),
}

/// The dump at the beginning of a stretch of what stands in printed bytes.
fn dump(text: &[u8], stretch: Range<usize>, scratch: &mut Vec<u8>) -> Option<(Range<usize>, What)> {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b':');
    // Most stretches are a date, an id or a short word in brackets of blanks. The last letters of a word before may be digits:
    // then a dump begins behind them.
    let start = stretch.start;
    let is_long = |line: &Line, behind: usize| behind - line.all.start > STRIDE;
    let useful = |line: &Line| match line.numbers {
        Some(behind) => is_long(line, behind),
        None => line.numbered || line.count >= MIN_BYTES,
    };
    let line = Line::look(text, start).filter(useful).or_else(|| {
        let rest = text.get(stretch)?;
        let rest = rest.get(..STRIDE).unwrap_or(rest);
        let skip = rest.iter().position(blank)?;
        let blanks = rest.get(skip..)?.iter().take_while(|byte| blank(byte)).count();
        // A line passes over the blanks before it: this one was read.
        if skip == 0 && blanks <= MAX_BLANKS && rest.get(..blanks)?.iter().all(|byte| *byte == b' ') {
            return None;
        }
        Line::look(text, start + skip + blanks)
    })?;
    // A long list of numbers is read once, and not again from each stride on.
    if let Some(behind) = line.numbers {
        return is_long(&line, behind).then_some((line.all.start..behind, What::Nothing));
    }
    let (mut end, mut count) = (line.all.end, line.count);
    while let Some(next) = next(text, end).filter(|next| line.numbered && next.numbered) {
        end = next.all.end;
        count += next.count;
    }
    if count < MIN_BYTES {
        return None;
    }
    let all = line.all.start..end;
    let id = if line.numbered { ContentId::Dump } else { ContentId::Hex };
    // A short word beside the pairs may be written in digits only: `.. 34 37 be`.
    let digits = text.get(line.digits.clone()).filter(|_| !line.numbered).unwrap_or(&[]);
    let is_between = |byte: &u8| !hex::is_digit(*byte);
    let last = digits.iter().rposition(is_between).map_or(end, |at| line.digits.start + at);
    let first = digits.iter().position(is_between).map_or(all.start, |at| line.digits.start + at + 1);
    let printed = |part: Range<usize>| text.get(if line.numbered { line.digits.clone() } else { part });
    // The first two parts begin alike.
    let begins_so = begins(printed(all.clone())?);
    for (part, begins_so) in [
        (all.clone(), begins_so),
        (all.start..last, begins_so),
        (first..all.end, line.numbered && begins_so || !line.numbered && begins(printed(first..all.end)?)),
    ] {
        if !begins_so {
            continue;
        }
        scratch.clear();
        // The head tells of most that they are nothing.
        let whole = if line.numbered || part != all {
            decode(text.get(part.clone())?, HEAD, scratch).is_some()
        } else {
            hex::decode(text.get(line.digits.clone())?, HEAD, scratch).is_some()
        };
        let kind = magic::kind(scratch);
        if kind == Some(Kind::Text) && !whole {
            scratch.clear();
            decode(text.get(part.clone())?, usize::MAX, scratch)?;
        }
        match kind {
            Some(Kind::Medium(key)) => return Some((part, What::Medium(key))),
            Some(Kind::Layer(_)) => return Some((part, What::View(id))),
            Some(Kind::Text) if magic::reads_as_text(scratch, true) => return Some((part, What::View(id))),
            Some(Kind::Message | Kind::Text) | None => {}
        }
    }
    Some((all, What::Nothing))
}

/// Whether the first two printed bytes may begin something that is looked for. Most do not.
fn begins(printed: &[u8]) -> bool {
    let mut at = 0;
    let mut first = None;
    while at < printed.len() {
        let Some(byte) = hex::pair(printed, at) else {
            at += 1;
            continue;
        };
        if let Some(first) = first.replace(byte) {
            return magic::may_begin(first, byte);
        }
        at += 2;
    }
    true
}

/// The line behind one that ends at `end`.
fn next(text: &[u8], end: usize) -> Option<Line> {
    let gap = match text.get(end..)? {
        [b'\r', b'\n', ..] => 2,
        [b'\n', ..] => 1,
        _ => return None,
    };
    Line::read(text, end + gap)
}

/// A line of printed bytes.
struct Line {
    /// All of it that is a dump.
    all: Range<usize>,
    /// The digits and what stands between them.
    digits: Range<usize>,
    /// How many bytes they are.
    count: usize,
    /// Whether an offset stands before the bytes.
    numbered: bool,
    /// Behind the last comma, if these are numbers and no bytes.
    numbers: Option<usize>,
}

impl Line {
    fn read(text: &[u8], start: usize) -> Option<Self> {
        Self::look(text, start).filter(|line| line.numbers.is_none())
    }

    /// Reads a line, also of numbers.
    fn look(text: &[u8], start: usize) -> Option<Self> {
        let run = |at: usize| near::digits(text, at);
        let blanks =
            |at: usize| text.get(at..).unwrap_or(&[]).iter().take(MAX_BLANKS).take_while(|byte| **byte == b' ').count();
        let start = start + blanks(start);
        // An offset: digits, and a colon or more room than between pairs.
        let offset = run(start);
        // Most runs are an id, longer than an offset and than a group.
        if offset == near::MAX_DIGITS {
            return None;
        }
        let colon = usize::from(text.get(start + offset) == Some(&b':'));
        let room = blanks(start + offset + colon);
        let numbered = (4..=16).contains(&offset) && (colon + room >= 2 || text.get(start + offset) == Some(&b'\t'));
        let first = if numbered { start + offset + colon + room.max(1) } else { start };
        let (mut at, mut end, mut count) = (first, first, 0);
        let mut alike = None;
        loop {
            let prefix = usize::from(text.get(at..at + 2) == Some(b"0x")) * 2;
            let len = if prefix == 0 && at == start { offset } else { run(at + prefix) };
            let behind = text.get(at + prefix + len).copied().unwrap_or(b'\n');
            // The last of a line may be shorter.
            let fits = *alike.get_or_insert(len) >= len && matches!(len, 2 | 4 | 8) && (prefix == 0 || len == 2);
            if !fits || behind.is_ascii_alphanumeric() {
                break;
            }
            end = at + prefix + len;
            count += len / 2;
            at = match text.get(end..end + 2) {
                Some([b':' | b'-' | b',', b' ']) => end + 2,
                Some(b"  ") if numbered => end + 2,
                Some([b' ' | b':' | b'-' | b',', _]) => end + 1,
                _ => break,
            };
        }
        // Numbers with commas between them are numbers, unless a digit of theirs is a letter.
        let pairs = text.get(first..end).unwrap_or(&[]);
        if count == 0 {
            return None;
        }
        let comma = memchr::memrchr(b',', pairs).filter(|_| pairs.iter().all(|byte| !byte.is_ascii_alphabetic()));
        let numbers = comma.map(|comma| first + comma + 1);
        let mut all = start..end;
        if numbered {
            let rest = text.get(end..).unwrap_or(&[]);
            all.end += memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        }
        Some(Self { all, digits: first..end, count, numbered, numbers })
    }
}

/// Decodes a dump up to `limit` bytes, line by line.
pub(super) fn decode(encoded: &[u8], limit: usize, out: &mut Vec<u8>) -> Option<()> {
    let mut line = Line::read(encoded, 0);
    while let Some(Line { all, digits, count: _, numbered: _, numbers: _ }) = line {
        hex::decode(encoded.get(digits)?, limit, out)?;
        line = next(encoded, all.end);
    }
    Some(())
}

/// Offsets and letters beside the bytes would have to change along: only a marker can stand in the place of a dump.
pub(super) fn encode(_old: &[u8], _text: &[u8], _out: &mut Vec<u8>) -> Option<()> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_of_numbers_is_passed_over_at_once() {
        for text in ["35 33 36, ".repeat(200), format!("5 {}", "33 36, 35 ".repeat(200))] {
            let (range, what) = dump(text.as_bytes(), 0..text.len(), &mut Vec::new()).unwrap();
            assert!(matches!(what, What::Nothing) && range.end + 16 > text.len(), "{range:?} of {}", text.len());
        }
        // What comes behind its last comma may be printed bytes.
        let text = format!("{}73 73 35 33 36 32 34 35", "35 33 36, ".repeat(40));
        let (range, _) = dump(text.as_bytes(), 0..text.len(), &mut Vec::new()).unwrap();
        assert!(range.end <= 400, "{range:?}");
    }
}
