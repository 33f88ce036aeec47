//! Messages of health care in texts: HL7 v2, X12, NCPDP. What a field holds is told by its segment and position alone, so
//! each field that may identify a person becomes an alias below a key that says so: `PID-5 patient name`.
//!
//! Nothing is decoded. Segments are found one by one, so that a line of a message, a message cut off at either end, and
//! one inside a sentence are read alike. What separates fields is rare in other texts; where it stands behind no
//! segment's name, reading on costs a comparison.

mod hl7;
mod hl7_fields;
mod ncpdp;
mod x12;

use super::{Opener, Reader};
use crate::tape::{Marks, ROOT, Segment, TapeFull};
use std::ops::Range;

/// The most bytes of one segment: beyond, it is read as cut off.
const MAX_SEGMENT: usize = 64 << 10;

/// What a field's components are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A person: family name, given name, further names.
    Name,
    /// A number and a person: what practitioners are written as.
    Person,
    /// Street, city, state, ZIP code, county.
    Address,
    /// A number, who assigned it, and of what type it is.
    Id,
    /// A phone number, an e-mail address, or a number in parts.
    Phone,
    /// A time or two.
    Date,
    /// The first component says it.
    First,
}

/// Reads segments of messages, by what separates their fields.
pub(super) const READER: Reader = Reader { marks: Marks::PIPE.or(Marks::STAR).or(Marks::CONTROL), open };

fn open(opener: &mut Opener<'_>, number: u32, segment: &Segment) -> Result<(), TapeFull> {
    let (mut hl7, mut x12) = (hl7::Delimiters::USUAL, x12::Loop::default());
    let mut at = 0;
    loop {
        let text = opener.tape.text(segment);
        let hit = text.get(at..).and_then(|rest| memchr::memchr3(b'|', b'*', ncpdp::FIELD, rest));
        let Some(hit) = hit.map(|offset| at + offset) else { return Ok(()) };
        at = hit + 1;
        let Some((kind, start)) = begins(text, hit) else { continue };
        let mut fields = Fields { opener, number, segment: *segment, end: start };
        match kind {
            Message::Hl7 => hl7::read(&mut fields, start, &mut hl7),
            Message::X12 => x12::read(&mut fields, start, &mut x12),
            Message::Ncpdp => ncpdp::read(&mut fields, start),
        }
        at = at.max(fields.end);
    }
}

/// Whether a line that begins with `name` is a segment of a message, which is read by position.
pub(super) fn is_segment(name: &[u8]) -> bool {
    hl7::is_segment(name) || x12::is_segment(name)
}

enum Message {
    Hl7,
    X12,
    Ncpdp,
}

/// Which message has a segment whose name ends at `hit`, and where the segment begins.
fn begins(text: &[u8], hit: usize) -> Option<(Message, usize)> {
    let separator = *text.get(hit)?;
    if separator == ncpdp::FIELD {
        return Some((Message::Ncpdp, hit));
    }
    for len in [3, 2] {
        let Some(start) = hit.checked_sub(len) else { continue };
        let Some(name) = text.get(start..hit) else { continue };
        if !name.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) || !stands_alone(text, start) {
            continue;
        }
        if separator == b'|' && hl7::is_segment(name) {
            return Some((Message::Hl7, start));
        }
        if x12::is_segment(name) {
            return Some((Message::X12, start));
        }
    }
    None
}

/// Whether a name that begins at `start` begins there: behind no letter or digit but one of an escape, `\n`, `\x0b`.
fn stands_alone(text: &[u8], start: usize) -> bool {
    let before = text.get(start.saturating_sub(6)..start).unwrap_or(&[]);
    let Some(last) = before.last() else { return true };
    if !last.is_ascii_alphanumeric() && *last != b'_' {
        return true;
    }
    [&br"\n"[..], br"\r", br"\x0b", br"\x0d", br"\x0a", br"\u000b", br"\u000d", br"\u000a", br"\013"].iter().any(
        |escape| {
            before.len() >= escape.len()
                && before.iter().rev().zip(escape.iter().rev()).all(|(a, b)| a.eq_ignore_ascii_case(b))
        },
    )
}

/// Takes the fields of one text.
struct Fields<'f, 'o> {
    opener: &'f mut Opener<'o>,
    number: u32,
    segment: Segment,
    /// How far the text was read.
    end: usize,
}

impl Fields<'_, '_> {
    fn text(&self) -> &[u8] {
        self.opener.tape.text(&self.segment)
    }

    /// Notes that the text has been read up to `end`.
    fn read_to(&mut self, end: usize) {
        self.end = end;
    }

    /// Has what lies in `range` judged as what `key` says; `segment` and `field` are for those who ask why.
    fn add(&mut self, range: Range<usize>, segment: &[u8], field: usize, key: &str) {
        if range.is_empty() {
            return;
        }
        let mut path = std::mem::take(&mut self.opener.opened.scratch);
        path.clear();
        path.extend_from_slice(segment);
        path.extend_from_slice(b" ");
        if let Ok(field) = u8::try_from(field) {
            path.extend(field.to_string().bytes());
        }
        path.extend_from_slice(b" ");
        path.extend_from_slice(key.as_bytes());
        // Below no key of the text's own: that may be forgotten, and what such a field means does not depend on it.
        let (path_id, _) = self.opener.paths.child(ROOT, &path, self.opener.keys);
        self.opener.opened.scratch = path;
        self.opener.alias(self.number, range, path_id, false, false);
    }
}

/// The parts of `range` between `separator`, and the first `most` of them only.
fn parts(text: &[u8], range: Range<usize>, separator: u8, most: usize) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = range.start;
    for at in memchr::memchr_iter(separator, text.get(range.clone()).unwrap_or(&[])) {
        if parts.len() + 1 >= most {
            break;
        }
        parts.push(start..range.start + at);
        start = range.start + at + 1;
    }
    parts.push(start..range.end);
    parts
}

/// Where a segment ends that begins at `at`: before a line break, an escaped one, a control character, a quote that closes
/// what holds it, or `terminator`. A pair `key=value` of the line around it, behind the last `separator`, is not its own.
fn segment_end(text: &[u8], at: usize, separator: u8, terminator: Option<u8>) -> usize {
    let rest = text.get(at..).unwrap_or(&[]);
    let rest = rest.get(..MAX_SEGMENT).unwrap_or(rest);
    let mut end = rest.len();
    let mut doubled = false;
    for (index, byte) in rest.iter().enumerate() {
        let next = rest.get(index + 1..).unwrap_or(&[]);
        let ends = match byte {
            b'\n' | b'\r' | 0x0b | 0x1c => true,
            b'\\' => matches!(next, [b'r' | b'n' | b'"', ..] | [b'x' | b'X', b'0' | b'1', ..] | [b'u', b'0', b'0', ..]),
            // Two of them say that a field is to be emptied.
            b'"' => !doubled && next.first() != Some(&b'"'),
            byte => Some(*byte) == terminator,
        };
        if ends {
            end = index;
            break;
        }
        doubled = *byte == b'"' && !doubled;
    }
    let rest = rest.get(..end).unwrap_or(rest);
    let last = memchr::memrchr(separator, rest).map_or(0, |at| at + 1);
    at + pair(rest, last).unwrap_or(end)
}

/// Where a pair `key=value` begins behind a blank, from `from` on.
fn pair(text: &[u8], from: usize) -> Option<usize> {
    let sign = from + memchr::memchr(b'=', text.get(from..)?)?;
    let blank = memchr::memrchr(b' ', text.get(from..sign)?)? + from;
    let key = text.get(blank + 1..sign)?;
    let wordy = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    (!key.is_empty() && key.iter().all(wordy)).then_some(blank)
}

#[cfg(test)]
mod tests;
