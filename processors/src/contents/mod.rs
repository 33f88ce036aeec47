//! Layers inside a text: what is encoded is decoded onto the tape as a view of its own, what has a key of its own
//! becomes an alias, and what is found there is mapped back byte for byte.
//!
//! One file each. [`READERS`] lists what looks into texts, [`coding::CONTENTS`] the codings that readers open. Layers open
//! in rounds: what the first round decodes is looked at again in the second, up to [`MAX_ROUNDS`] and to a bound of bytes.
//! Beyond, the encoded part goes as a whole.

mod bare;
mod base64;
mod cells;
mod coding;
mod cri;
mod dicom;
mod dump;
mod encoded;
mod entities;
mod escapes;
mod folded;
mod hex;
mod joins;
pub(crate) mod json;
mod json_string;
mod magic;
mod message;
mod multipart;
mod near;
mod numbers;
mod packed;
pub(crate) mod percent;
mod printable;
mod resources;
mod rows;
mod sql;
mod statement;
mod utf16;

pub(crate) use bare::mark_bare;
pub(crate) use coding::{Coding, ContentId, content, locate};
pub(crate) use joins::{Run, continues};

use crate::pack::{KeyClass, Keys};
use crate::tape::{Kinds, Marks, Origin, PathId, Paths, Place, Segment, Tape, TapeFull};
use crate::walk::Walked;
use std::ops::Range;

/// How many layers may lie inside each other.
const MAX_ROUNDS: usize = 6;
/// How many bytes may be decoded in all: so many times the source, and at least this.
const MAX_GROWTH: usize = 8;
const MIN_BYTES: usize = 1 << 20;

/// Looks into texts of one form: opens their layers, and notes the parts that have keys of their own.
pub(crate) struct Reader {
    /// A text that has none of these is not looked into.
    marks: Marks,
    /// Reads one text. What it opens further in comes in the next round.
    open: fn(&mut Opener<'_>, u32, &Segment) -> Result<(), TapeFull>,
}

/// All readers. Each text is read by all whose mark it has; what two of them find is united.
const READERS: &[Reader] = &[
    sql::READER,
    statement::READER,
    message::READER,
    dicom::READER,
    multipart::READER,
    rows::READER,
    resources::READER,
    json::READER,
    percent::READER,
    encoded::READER,
    dump::READER,
    numbers::READER,
    escapes::READER,
    entities::READER,
    folded::READER,
    printable::READER,
    cri::READER,
];

/// The readers by each mark, one bit a reader.
static BY_MARK: [u32; Marks::COUNT] = {
    let mut by_mark = [0; Marks::COUNT];
    let mut at = 0;
    while at < READERS.len() {
        let mut mark = 0;
        while mark < Marks::COUNT {
            #[expect(clippy::indexing_slicing, reason = "in a constant: out of bounds does not compile")]
            {
                by_mark[mark] |= (READERS[at].marks.has(mark) as u32) << at;
            }
            mark += 1;
        }
        at += 1;
    }
    by_mark
};

/// What opening leaves beside views on the tape.
#[derive(Debug, Default)]
pub(crate) struct Opened {
    /// Segments that could not be looked into to the end: they go as a whole.
    pub(crate) unscanned: Vec<u32>,
    /// Keys that were not known, with the segment and range that hold their text.
    pub(crate) new_keys: Vec<(PathId, u32, Range<u32>)>,
    scratch: Vec<u8>,
    insert: sql::Insert,
    /// The literals of a statement. Reused from text to text.
    literals: Vec<statement::Literal>,
    heading: rows::Heading,
    /// The cells of a row. Reused from row to row.
    cells: Vec<Range<usize>>,
    /// Where the present text has been opened as one that is written otherwise than it is read.
    written: Range<usize>,
    /// The strings of the present text that have keys, in order and apart.
    parts: Vec<(Range<usize>, PathId)>,
    /// Where in the present text documents stand that are read as such.
    documents: Vec<Range<usize>>,
    /// What the beginnings of words decode to.
    words: Vec<u8>,
    /// What a document falls into. Reused from document to document.
    pieces: Vec<json::Piece>,
}

/// What a content opens with.
pub(crate) struct Opener<'o> {
    pub(crate) tape: &'o mut Tape,
    pub(crate) paths: &'o mut Paths,
    pub(crate) keys: &'o Keys,
    pub(crate) walked: &'o mut Walked,
    pub(crate) opened: &'o mut Opened,
    /// The kinds of all bytes on the tape, but for what the present round puts there.
    kinds: &'o mut Kinds,
    budget: usize,
    /// Whether what would open now is given up.
    last: bool,
}

/// Opens every layer of every segment on the tape, and reads the kinds of all its bytes.
pub(crate) fn open(
    tape: &mut Tape,
    kinds: &mut Kinds,
    paths: &mut Paths,
    keys: &Keys,
    walked: &mut Walked,
    opened: &mut Opened,
) -> Result<(), TapeFull> {
    opened.unscanned.clear();
    opened.new_keys.clear();
    let budget = (tape.bytes().len() * MAX_GROWTH).max(MIN_BYTES);
    let mut opener = Opener { tape, paths, keys, walked, opened, kinds, budget, last: false };
    opener.named();
    opener.join_runs()?;
    opener.opened.heading.forget();
    let mut first = 0;
    for round in 0..=MAX_ROUNDS {
        opener.kinds.extend(opener.tape.bytes());
        let end = opener.tape.segments().len();
        if first == end {
            break;
        }
        opener.last = round == MAX_ROUNDS;
        for number in first..end {
            opener.read(number)?;
            // What was not noted must not pass as what it stands in.
            if opener.tape.is_full() {
                return Err(TapeFull);
            }
        }
        first = end;
    }
    Ok(())
}

impl Opener<'_> {
    /// Gives texts the paths that texts beside them have for them.
    fn named(&mut self) {
        let also = std::mem::take(&mut self.walked.also);
        for (number, path) in &also {
            let len = self.tape.segment(*number).map_or(0, Segment::len);
            self.alias(*number, 0..len, *path, false, false);
        }
        self.walked.also = also;
    }

    /// Has the readers look into a text. What is a part of another one is read with it.
    #[inline]
    fn read(&mut self, number: usize) -> Result<(), TapeFull> {
        let Some(segment) = self.tape.segments().get(number).copied() else { return Ok(()) };
        if matches!(segment.origin, Origin::Alias { .. }) {
            return Ok(());
        }
        let marks = segment.marks.or(self.looks(&segment));
        let mut readers = marks.each().fold(0, |all, mark| all | BY_MARK.get(mark).copied().unwrap_or(0));
        if readers == 0 {
            return Ok(());
        }
        #[expect(clippy::cast_possible_truncation, reason = "segments of a 31-bit tape")]
        let number = number as u32;
        self.opened.documents.clear();
        self.opened.parts.clear();
        self.opened.written = 0..0;
        // Bytes that are no text have no layers of text.
        if segment.marks.meet(magic::MARKS) && magic::open(self, number, &segment)? {
            return Ok(());
        }
        while let Some(reader) = READERS.get(readers.trailing_zeros() as usize) {
            readers &= readers - 1;
            (reader.open)(self, number, &segment)?;
        }
        Ok(())
    }

    /// The marks of a text that are of no single byte.
    #[inline]
    fn looks(&self, segment: &Segment) -> Marks {
        let Range { start, end } = segment.range();
        let mark = |is: bool, mark: Marks| if is { mark } else { Marks::NONE };
        let fits = |len: usize| end - start >= len;
        mark(fits(Kinds::LONG) && self.kinds.long(start, end).is_some(), Marks::LONG)
            .or(mark(fits(Kinds::PRINTED) && self.kinds.printed(start, end).is_some(), Marks::PRINTED))
            .or(mark(self.paths.meaning(segment.path).class == KeyClass::Statement, Marks::STATEMENT))
    }

    /// The next word of a text that is long enough to be one in base64 or in hexadecimal digits.
    fn long(&self, segment: &Segment, from: usize) -> Option<Range<usize>> {
        let Range { start, end } = segment.range();
        self.kinds.long(start + from, end).map(|word| word.start - start..word.end - start)
    }

    /// The next stretch of a text that stands in printed bytes.
    fn printed(&self, segment: &Segment, from: usize) -> Option<Range<usize>> {
        let Range { start, end } = segment.range();
        self.kinds.printed(start + from, end).map(|stretch| stretch.start - start..stretch.end - start)
    }

    /// Decodes a part of a segment onto the tape. If the bound of layers or of bytes is reached, the part is given up:
    /// an alias that goes as a whole.
    pub(crate) fn view(
        &mut self,
        id: ContentId,
        parent: u32,
        range: Range<usize>,
        path: PathId,
        place: Place,
    ) -> Result<(), TapeFull> {
        let Some(segment) = self.tape.segment(parent).copied() else { return Ok(()) };
        let Some(encoded) = self.tape.text(&segment).get(range.clone()) else { return Ok(()) };
        if self.last || encoded.len() > self.budget {
            self.alias(parent, range, path, false, true);
            return Ok(());
        }
        let mut decoded = std::mem::take(&mut self.opened.scratch);
        decoded.clear();
        let fits = match content(id).map(|content| content.coding) {
            Some(Coding::Parts { decode, encode: _ }) => {
                decode(encoded, &mut |byte, _| decoded.push(byte));
                Some(())
            }
            Some(Coding::Whole { decode, encode: _ }) => decode(encoded, self.budget, &mut decoded),
            None => None,
        };
        self.budget = self.budget.saturating_sub(encoded.len().max(decoded.len()));
        if fits.is_none() {
            decoded.fill(0);
            self.opened.scratch = decoded;
            self.alias(parent, range, path, false, true);
            return Ok(());
        }
        #[expect(clippy::cast_possible_truncation, reason = "offsets in a segment of a 31-bit tape")]
        let origin = Origin::View { parent, from: range.start as u32, len: range.len() as u32, content: id };
        let pushed = self.tape.push(&decoded, path, place, origin);
        decoded.fill(0);
        self.opened.scratch = decoded;
        self.ask(pushed?, path);
        Ok(())
    }

    /// Decodes lines that are written otherwise than they are read. Of several such ways the first is decoded, and what
    /// that makes of the lines is read again: so each is decoded once and not in every order.
    pub(crate) fn lines(
        &mut self,
        id: ContentId,
        parent: u32,
        range: Range<usize>,
        segment: &Segment,
    ) -> Result<(), TapeFull> {
        let written = &mut self.opened.written;
        if written.start <= range.start && range.end <= written.end {
            return Ok(());
        }
        *written = range.clone();
        self.view(id, parent, range, segment.path, segment.place)
    }

    /// The keys that lead to a part of the text that is being read.
    pub(crate) fn part(&self, segment: &Segment, range: &Range<usize>) -> PathId {
        let parts = &self.opened.parts;
        let before = parts.partition_point(|(part, _)| part.start <= range.start);
        let part = before.checked_sub(1).and_then(|before| parts.get(before));
        part.filter(|(part, _)| range.end <= part.end).map_or(segment.path, |(_, path)| *path)
    }

    /// Notes that a part of a segment has a key of its own. `bare` is a scalar without quotes; `given_up` goes as a
    /// whole.
    pub(crate) fn alias(&mut self, parent: u32, range: Range<usize>, path: PathId, bare: bool, given_up: bool) {
        let Some(segment) = self.tape.segment(parent).copied().filter(|_| !self.tape.is_full()) else { return };
        #[expect(clippy::cast_possible_truncation, reason = "offsets in a segment of a 31-bit tape")]
        let (start, end) = (segment.start + range.start as u32, segment.start + range.end as u32);
        let origin = Origin::Alias { parent, bare };
        // What is a part is read with the whole.
        let marks = Marks::NONE;
        let number = self.tape.note(Segment { start, end, path, origin, place: segment.place, marks });
        if given_up {
            self.opened.unscanned.push(number);
        } else {
            self.ask(number, path);
        }
    }

    /// Has a segment judged by its keys, if they say anything.
    fn ask(&mut self, number: u32, path: PathId) {
        let meaning = self.paths.meaning(path);
        if !meaning.rules.is_empty() {
            self.walked.keyed.push((number, None));
        }
        if !meaning.nearby.is_empty() {
            self.walked.nearby.push(number);
        }
    }
}

#[cfg(test)]
mod tests;
