//! Bytes printed in pairs of hexadecimal digits: `35 33 36`, `35:33:36`, `0x35, 0x33`, and what `xxd` and `hexdump -C`
//! print, line by line, with offsets before and letters behind.

use super::hex::{self, digit};
use super::magic::{self, HEAD, Kind};
use super::{ContentId, Opener, Reader};
use crate::tape::{Marks, Segment, TapeFull};
use std::ops::Range;

/// The fewest bytes that are looked into.
const MIN_BYTES: usize = 8;
/// How far apart looks for pairs are. So many bytes of a text hold no eight pairs.
const STRIDE: usize = 16;
/// How many bytes such a look takes.
const LOOK: usize = 6;
/// The most blanks between the columns of a dump.
const MAX_BLANKS: usize = 32;
/// How far before a look its line may begin.
const MAX_BEFORE: usize = 256;
/// The shortest line of a dump: an offset, a sign or two, and a group of digits.
const MIN_LINE: usize = 14;

/// Opens dumps.
pub(super) const READER: Reader = Reader { marks: Marks::BLANK.or(Marks::COLON).or(Marks::COMMA), open };

fn open(opener: &mut Opener<'_>, number: u32, segment: &Segment) -> Result<(), TapeFull> {
    let mut scratch = std::mem::take(&mut opener.opened.words);
    let (mut at, mut done) = (0, 0);
    let mut outcome = Ok(());
    while let Some(look) = opener.tape.text(segment).get(at..at + LOOK).filter(|_| outcome.is_ok()) {
        let looks = look.iter().all(|byte| inside(*byte));
        let found = if looks { dump(opener.tape.text(segment), done, at, &mut scratch) } else { None };
        at += STRIDE;
        let Some((range, what)) = found else { continue };
        // What turned out to be no text is not read again from further in.
        done = range.end;
        at = at.max(done);
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

/// What stands in printed bytes.
#[inline]
fn inside(byte: u8) -> bool {
    const INSIDE: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0;
        while byte < 256 {
            #[expect(clippy::cast_possible_truncation, reason = "below 256")]
            let is = matches!(byte as u8, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F' | b' ' | b'\t' | b':' | b',' | b'-' | b'x');
            #[expect(clippy::indexing_slicing, reason = "in a constant: out of bounds does not compile")]
            {
                table[byte] = is;
            }
            byte += 1;
        }
        table
    };
    INSIDE.get(usize::from(byte)).copied().unwrap_or(false)
}

/// The dump around a byte that may belong to one, behind what was read.
fn dump(text: &[u8], done: usize, at: usize, scratch: &mut Vec<u8>) -> Option<(Range<usize>, What)> {
    let from = done.max(at.saturating_sub(MAX_BEFORE));
    let before = text.get(from..at)?;
    let lead = before.iter().rev().take_while(|byte| inside(**byte)).count();
    let start = at - lead;
    // Most looks meet a date, a number or a short word in brackets of blanks.
    let behind = text.get(at..)?.iter().take(MIN_LINE).take_while(|byte| inside(**byte)).count();
    if lead + behind < MIN_LINE {
        return None;
    }
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b':');
    // The last letters of a word before may be digits: then it begins behind them.
    let line = Line::read(text, start).filter(|line| line.numbered || line.count >= MIN_BYTES).or_else(|| {
        let skip = text.get(start..at)?.iter().position(blank)?;
        let blanks = text.get(start + skip..at)?.iter().take_while(|byte| blank(byte)).count();
        Line::read(text, start + skip + blanks)
    })?;
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
    let is_between = |byte: &u8| digit(*byte).is_none();
    let last = digits.iter().rposition(is_between).map_or(end, |at| line.digits.start + at);
    let first = digits.iter().position(is_between).map_or(all.start, |at| line.digits.start + at + 1);
    for part in [all.clone(), all.start..last, first..all.end] {
        scratch.clear();
        decode(text.get(part.clone())?, usize::MAX, scratch)?;
        match magic::kind(scratch.get(..HEAD).unwrap_or(scratch)) {
            Some(Kind::Medium(key)) => return Some((part, What::Medium(key))),
            Some(Kind::Layer(_)) => return Some((part, What::View(id))),
            Some(Kind::Text) if magic::reads_as_text(scratch, true) => return Some((part, What::View(id))),
            Some(Kind::Message | Kind::Text) | None => {}
        }
    }
    Some((all, What::Nothing))
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
}

impl Line {
    fn read(text: &[u8], start: usize) -> Option<Self> {
        let run = |at: usize| {
            text.get(at..).unwrap_or(&[]).iter().take(17).take_while(|byte| digit(**byte).is_some()).count()
        };
        let blanks =
            |at: usize| text.get(at..).unwrap_or(&[]).iter().take(MAX_BLANKS).take_while(|byte| **byte == b' ').count();
        let start = start + blanks(start);
        // An offset: digits, and a colon or more room than between pairs.
        let offset = run(start);
        let colon = usize::from(text.get(start + offset) == Some(&b':'));
        let room = blanks(start + offset + colon);
        let numbered = (4..=16).contains(&offset) && (colon + room >= 2 || text.get(start + offset) == Some(&b'\t'));
        let first = if numbered { start + offset + colon + room.max(1) } else { start };
        let (mut at, mut end, mut count) = (first, first, 0);
        let mut alike = None;
        loop {
            let prefix = usize::from(text.get(at..at + 2) == Some(b"0x")) * 2;
            let len = run(at + prefix);
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
        if count == 0 || pairs.contains(&b',') && pairs.iter().all(|byte| !byte.is_ascii_alphabetic()) {
            return None;
        }
        let mut all = start..end;
        if numbered {
            let rest = text.get(end..).unwrap_or(&[]);
            all.end += memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        }
        Some(Self { all, digits: first..end, count, numbered })
    }
}

/// Decodes a dump up to `limit` bytes, line by line.
pub(super) fn decode(encoded: &[u8], limit: usize, out: &mut Vec<u8>) -> Option<()> {
    let mut line = Line::read(encoded, 0);
    while let Some(Line { all, digits, count: _, numbered: _ }) = line {
        hex::decode(encoded.get(digits)?, limit, out)?;
        line = next(encoded, all.end);
    }
    Some(())
}

/// Offsets and letters beside the bytes would have to change along: only a marker can stand in the place of a dump.
pub(super) fn encode(_old: &[u8], _text: &[u8], _out: &mut Vec<u8>) -> Option<()> {
    None
}
