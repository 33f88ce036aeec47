//! Texts that lie apart and are read as one: the items of a list, a line that goes on in the next record.

use super::{MAX_TAPE, Marks, Segment};
use super::{Origin, PathId, Place, SEPARATOR, Tape, TapeFull};
use std::ops::Range;

/// A part of a joined text, and where it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// The segment it came from.
    pub(crate) segment: u32,
    /// Where in that segment's text it begins.
    pub(crate) from: u32,
    /// Where in the joined text it begins.
    pub(crate) at: u32,
    /// How long it is.
    pub(crate) len: u32,
}

impl Part {
    /// What of the part's own segment a range of the joined text covers.
    pub(crate) fn covered(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let (at, len, from) = (self.at as usize, self.len as usize, self.from as usize);
        let (start, end) = (range.start.max(at), range.end.min(at + len));
        (start < end).then(|| from + start - at..from + end - at)
    }
}

impl Tape {
    /// Appends the join of parts of texts that are on the tape already, `separator` between them.
    pub(crate) fn join(
        &mut self,
        parts: &[(u32, Range<usize>)],
        separator: &[u8],
        path: PathId,
        place: Place,
    ) -> Result<u32, TapeFull> {
        if self.is_full() {
            return Err(TapeFull);
        }
        let start = self.bytes.len();
        let first = self.parts.len();
        for (index, (number, range)) in parts.iter().enumerate() {
            let Some(segment) = self.segments.get(*number as usize) else { continue };
            let (from, to) = (segment.start as usize + range.start, segment.start as usize + range.end);
            if from > to || to > segment.end as usize || self.bytes.len() + range.len() + separator.len() >= MAX_TAPE {
                return Err(TapeFull);
            }
            if index > 0 {
                self.bytes.extend_from_slice(separator);
            }
            #[expect(clippy::cast_possible_truncation, reason = "offsets on a 31-bit tape")]
            self.parts.push(Part {
                segment: *number,
                from: range.start as u32,
                at: (self.bytes.len() - start) as u32,
                len: range.len() as u32,
            });
            self.bytes.extend_from_within(from..to);
        }
        let end = self.bytes.len();
        self.bytes.push(SEPARATOR);
        let marks = Marks::of(self.bytes.get(start..end).unwrap_or(&[]));
        #[expect(clippy::cast_possible_truncation, reason = "below MAX_TAPE, and a part has a segment of its own")]
        let origin = Origin::Joined { first: first as u32, count: (self.parts.len() - first) as u32 };
        #[expect(clippy::cast_possible_truncation, reason = "below MAX_TAPE")]
        let segment = Segment { start: start as u32, end: end as u32, path, origin, place, marks };
        Ok(self.note(segment))
    }

    /// The parts of a joined text.
    pub(crate) fn parts(&self, first: u32, count: u32) -> &[Part] {
        self.parts.get(first as usize..(first + count) as usize).unwrap_or(&[])
    }

    /// Calls `owner` with every segment that a segment is a part or a view of.
    pub(crate) fn owners(&self, segment: &Segment, mut owner: impl FnMut(u32)) {
        match segment.origin {
            Origin::Source { .. } => {}
            Origin::Alias { parent, bare: _ } | Origin::View { parent, from: _, len: _, content: _ } => owner(parent),
            Origin::Joined { first, count } => self.parts(first, count).iter().for_each(|part| owner(part.segment)),
        }
    }

    /// Whether a finding in a joined text needs the join: it crosses from one part to the next, or begins where one does.
    /// What lies within a part is found there, or was cut out of what made it nothing.
    pub(crate) fn needs_join(&self, segment: &Segment, start: usize, end: usize) -> bool {
        let Origin::Joined { first, count } = segment.origin else { return true };
        self.parts(first, count).iter().skip(1).any(|part| {
            let at = part.at as usize;
            start < at && at < end || start == at || start == at + 1
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::ROOT;
    use super::*;

    #[test]
    fn a_join_knows_what_lies_where() {
        let mut tape = Tape::default();
        let source = |at: u32, len: u32| Origin::Source { at, len, utf8: true };
        let one = tape.push(b"ssn 536-2", ROOT, Place::LogBody, source(0, 9)).unwrap();
        let two = tape.push(b"2-8147 ok", ROOT, Place::LogBody, source(9, 9)).unwrap();
        let joined = tape.join(&[(one, 4..9), (two, 0..9)], b"", ROOT, Place::LogBody).unwrap();
        let segment = *tape.segment(joined).unwrap();
        assert_eq!(tape.text(&segment), b"536-22-8147 ok");
        let Origin::Joined { first, count } = segment.origin else { panic!("no join") };
        let covered: Vec<_> = tape.parts(first, count).iter().map(|part| part.covered(&(0..11))).collect();
        assert_eq!(covered, [Some(4..9), Some(0..6)]);
        assert!(
            tape.needs_join(&segment, 0, 11) && !tape.needs_join(&segment, 0, 3) && tape.needs_join(&segment, 5, 8)
        );
        tape.clear(0);
        assert!(tape.parts(0, 2).is_empty());
    }
}
