//! Texts beside each other that only together say what they are: `["536", "22", "8147"]`, the tokens of a model's answer, a line
//! that goes on in the next record. They are joined and read once more; what is found across a joint goes in every part.
//!
//! Most lists and neighbours join nothing: a look at the bytes on both sides of a joint tells.

use super::Opener;
use crate::tape::{PathId, Place, TapeFull};
use std::ops::Range;

/// How much of a text on either side of a joint is joined, and how many texts at most.
const MAX_SIDE: usize = 96;
const MAX_PARTS: usize = 64;
/// The longest item of a list that is a piece of something rather than a whole.
const MAX_ITEM: usize = 24;
/// Lengths at which loggers cut lines: 16 and 256 kB.
const CUTS: [usize; 2] = [16 << 10, 256 << 10];

/// Texts that may be pieces of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// Which of the collected segments.
    pub(crate) texts: Range<usize>,
    /// Whether they are the items of a list, or follow each other in records.
    pub(crate) list: bool,
}

/// Whether a text goes on in the next one: a group of digits does, what a label promises comes, or a logger cut it.
pub(crate) fn continues(text: &[u8], next: &[u8]) -> bool {
    let (_, line, partial) = payload(text);
    let (_, next, _) = payload(next);
    if partial || CUTS.contains(&text.len()) {
        return true;
    }
    let digits = |bytes: &mut dyn Iterator<Item = &u8>| bytes.take(3).any(u8::is_ascii_digit);
    match (line.last(), next.first()) {
        (Some(b'0'..=b'9' | b'-'), Some(b'0'..=b'9' | b'-')) => {
            digits(&mut line.iter().rev()) && digits(&mut next.iter()) && !is_time(next)
        }
        (Some(b':' | b'='), Some(first)) => first.is_ascii_alphanumeric() && line.len() <= MAX_SIDE && !is_time(next),
        _ => false,
    }
}

/// Whether a line begins with the time it was written, as most do.
fn is_time(line: &[u8]) -> bool {
    let digits = line.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let sign = line.get(digits).copied();
    let next = line.get(digits + 1).is_some_and(u8::is_ascii_digit);
    matches!((digits, sign), (4, Some(b'-' | b'/')) | (2, Some(b':' | b'/')) | (8, Some(b' ' | b'T')) | (10.., _))
        && (next || digits >= 8)
}

/// What a container runtime writes before a line: its time, its stream, and whether the line goes on. The line, where it begins,
/// and whether it does.
pub(super) fn payload(text: &[u8]) -> (usize, &[u8], bool) {
    let head = text.get(..64).unwrap_or(text);
    let from = [&b" stdout P "[..], b" stderr P ", b" stdout F ", b" stderr F "]
        .into_iter()
        .find_map(|mark| memchr::memmem::find(head, mark).map(|at| (at + mark.len(), mark.ends_with(b"P "))));
    match from {
        Some((from, partial)) if text.first().is_some_and(u8::is_ascii_digit) => {
            (from, text.get(from..).unwrap_or(&[]), partial)
        }
        Some(_) | None => (0, text, false),
    }
}

/// What stands between the items of a list when they are read as one, if they are pieces of something. LLM's tokens bring their
/// blanks along; groups of digits leave out what separates them.
pub(super) fn separator<'t>(items: impl Iterator<Item = &'t [u8]> + Clone) -> Option<&'static [u8]> {
    let (mut count, mut digits, mut blanks, mut joints, mut groups) = (0usize, 0usize, 0usize, 0usize, true);
    let mut last: &[u8] = &[];
    let mut lens = [0u8; 3];
    for item in items {
        if item.len() > MAX_ITEM || count >= MAX_PARTS {
            return None;
        }
        let figures = item.iter().filter(|byte| byte.is_ascii_digit()).count();
        digits += figures;
        groups &= figures == item.len() && figures > 0;
        blanks += usize::from(matches!(item.first(), Some(b' ')));
        let open = |byte: Option<&u8>| {
            byte.is_some_and(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'(' | b')' | b'/'))
        };
        joints += usize::from(count > 0 && open(last.last()) && open(item.first()));
        if let Some(len) = lens.get_mut(count) {
            *len = u8::try_from(item.len()).unwrap_or(u8::MAX);
        }
        last = item;
        count += 1;
    }
    if groups {
        return (count == 3 && matches!(lens, [3, 2 | 3, 4])).then_some(b"-");
    }
    let pieces = joints > 0 && digits >= 6;
    let tokens = count >= 4 && blanks * 4 >= count;
    (pieces || tokens).then_some(b"")
}

impl Opener<'_> {
    /// Joins the texts that the walk took for pieces.
    pub(super) fn join_runs(&mut self) -> Result<(), TapeFull> {
        let runs = std::mem::take(&mut self.walked.runs);
        let pieces = std::mem::take(&mut self.walked.pieces);
        let mut outcome = Ok(());
        for run in &runs {
            let texts = pieces.get(run.texts.clone()).unwrap_or(&[]);
            outcome = outcome.and_then(|()| if run.list { self.join_list(texts) } else { self.join_lines(texts) });
        }
        self.walked.runs = runs;
        self.walked.pieces = pieces;
        outcome
    }

    /// Joins the items of a list, if they are pieces of something.
    fn join_list(&mut self, items: &[u32]) -> Result<(), TapeFull> {
        let Some(first) = items.first().and_then(|number| self.tape.segment(*number)).copied() else { return Ok(()) };
        let tape = &*self.tape;
        let texts = items.iter().filter_map(|number| tape.segment(*number)).map(|segment| tape.text(segment));
        let Some(separator) = separator(texts) else { return Ok(()) };
        let whole = |number: &u32| (*number, 0..tape.segment(*number).map_or(0, crate::tape::Segment::len));
        let parts: Vec<(u32, Range<usize>)> = items.iter().map(whole).collect();
        self.join(&parts, separator, first.path, first.place)
    }

    /// Joins the end of each text with the beginning of the next one, short ones whole.
    fn join_lines(&mut self, texts: &[u32]) -> Result<(), TapeFull> {
        let Some(first) = texts.first().and_then(|number| self.tape.segment(*number)).copied() else { return Ok(()) };
        let mut parts: Vec<(u32, Range<usize>)> = Vec::new();
        for (index, number) in texts.iter().enumerate() {
            let Some(segment) = self.tape.segment(*number) else { continue };
            let text = self.tape.text(segment);
            let (from, ..) = payload(text);
            let (head, tail) = (index == 0, index + 1 == texts.len() || parts.len() + 1 >= MAX_PARTS);
            if text.len() - from <= MAX_SIDE {
                parts.push((*number, from..text.len()));
            } else if head {
                parts.push((*number, boundary(text, text.len() - MAX_SIDE)..text.len()));
            } else {
                parts.push((*number, from..boundary(text, from + MAX_SIDE)));
                self.join(&parts, b"", first.path, first.place)?;
                parts.clear();
                if !tail {
                    let text = self.tape.segment(*number).map(|segment| self.tape.text(segment)).unwrap_or(&[]);
                    parts.push((*number, boundary(text, text.len().saturating_sub(MAX_SIDE))..text.len()));
                }
            }
            if parts.len() >= MAX_PARTS {
                break;
            }
        }
        if parts.len() > 1 { self.join(&parts, b"", first.path, first.place) } else { Ok(()) }
    }

    /// Puts a join on the tape and has it searched.
    pub(super) fn join(
        &mut self,
        parts: &[(u32, Range<usize>)],
        separator: &[u8],
        path: PathId,
        place: Place,
    ) -> Result<(), TapeFull> {
        let len: usize = parts.iter().map(|(_, range)| range.len() + separator.len()).sum();
        if len > self.budget {
            return Ok(());
        }
        self.budget -= len;
        let number = self.tape.join(parts, separator, path, place)?;
        if !self.paths.meaning(path).nearby.is_empty() {
            self.walked.nearby.push(number);
        }
        Ok(())
    }
}

/// The first boundary of characters from `at` on.
fn boundary(text: &[u8], at: usize) -> usize {
    at + text.get(at..).unwrap_or(&[]).iter().take_while(|byte| **byte & 0xC0 == 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_goes_on_is_told_by_its_ends() {
        for (text, next) in [
            ("Your SSN is 536-2", "2-8147, correct?"),
            ("Gonzalez SSN: 536-22-", "8147 checked in"),
            ("ssn:", "536228147"),
            ("2026-01-01T00:00:00Z stdout P ssn 536-22", "2026-01-01T00:00:00Z stdout F -8147 ok"),
        ] {
            assert!(continues(text.as_bytes(), next.as_bytes()), "{text} | {next}");
        }
        for (text, next) in [
            ("took 35", "2026-01-01 12:00:00 started"),
            ("took 35", "12:00:01 started"),
            ("took 35", "done"),
            ("done.", "8147 rows"),
            ("status=", ""),
            ("", "5"),
        ] {
            assert!(!continues(text.as_bytes(), next.as_bytes()), "{text} | {next}");
        }
    }

    #[test]
    fn pieces_are_told_from_items() {
        let separator = |items: &[&str]| separator(items.iter().map(|item| item.as_bytes()));
        assert_eq!(separator(&["536", "22", "8147"]), Some(&b"-"[..]));
        assert_eq!(separator(&["512", "555", "0142"]), Some(&b"-"[..]));
        assert_eq!(separator(&["SSN", " ", "536", "-22", "-", "8147"]), Some(&b""[..]));
        assert_eq!(separator(&["My", " name", " is", " Maria"]), Some(&b""[..]));
        for items in
            [&["80", "443", "8080"][..], &["a", "b"], &["--port", "8080"], &["stop"], &[], &["1", "2", "3", "4"]]
        {
            assert_eq!(separator(items), None, "{items:?}");
        }
    }
}
