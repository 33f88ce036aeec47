//! All texts of one batch in one buffer.
//!
//! A walker copies each text it cannot vouch for onto the tape, a separator behind it, and remembers where it came
//! from as a [`Segment`]. Contents append decoded views of segments as further segments. One scan then covers all.

mod joins;
mod kinds;
mod marks;
mod naming;
mod paths;
mod place;
mod utf8;
mod words;

pub(crate) use kinds::{BLOCK, Kind, Kinds, Outline, Run, Step, places};
pub(crate) use marks::Marks;
pub(crate) use naming::{Role, is_key, option};
pub(crate) use paths::{PathId, Paths, ROOT, normalise};
pub use place::Place;
pub(crate) use words::WordsBack;

use crate::contents::ContentId;
use std::ops::Range;

/// Stands between two texts. No rule may match across texts, and confirming never leaves a segment; a byte that
/// telemetry text rarely holds keeps triggers from firing across them for nothing.
pub(crate) const SEPARATOR: u8 = 0;

/// The most bytes a tape may hold: offsets are 32 bits wide.
pub(crate) const MAX_TAPE: usize = 1 << 31;

/// One text on the tape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    /// Where on the tape it begins.
    pub(crate) start: u32,
    /// Where on the tape it ends.
    pub(crate) end: u32,
    /// The keys that lead to it.
    pub(crate) path: PathId,
    /// Where it came from.
    pub(crate) origin: Origin,
    /// What kind of place it came from.
    pub(crate) place: Place,
    /// What it may hold.
    pub(crate) marks: Marks,
}

/// Where a segment came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// These bytes of the source.
    Source {
        /// The first byte.
        at: u32,
        /// How many: others than on the tape if the text is written otherwise than it is read, or was mended.
        len: u32,
        /// Whether the format asks for UTF-8 here.
        utf8: bool,
    },
    /// A part of its parent that has a key of its own: it shares the parent's bytes.
    Alias {
        /// The segment whose bytes these are.
        parent: u32,
        /// Whether it is a JSON scalar without quotes, which only another such scalar can replace.
        bare: bool,
    },
    /// Parts of other texts, read as one.
    Joined {
        /// The first of its parts among the tape's.
        first: u32,
        /// How many there are.
        count: u32,
    },
    /// What a content decoded from a part of its parent.
    View {
        /// The segment it was decoded from.
        parent: u32,
        /// Where in the parent the encoded form begins.
        from: u32,
        /// How long the encoded form is.
        len: u32,
        /// What decoded it.
        content: ContentId,
    },
}

impl Segment {
    /// The segment's bytes on the tape.
    pub(crate) fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether the text was no valid UTF-8 and stands on the tape otherwise than in the source.
    pub(crate) fn is_mended(&self) -> bool {
        self.marks.meet(Marks::MENDED)
    }

    /// How many bytes the segment holds on the tape.
    pub(crate) fn len(&self) -> usize {
        (self.end - self.start) as usize
    }
}

/// The texts of one batch. Reused from batch to batch.
#[derive(Debug)]
pub(crate) struct Tape {
    bytes: Vec<u8>,
    segments: Vec<Segment>,
    parts: Vec<joins::Part>,
    /// The most segments it may hold: what a text costs beside its bytes is bounded by their number only.
    most: usize,
}

impl Default for Tape {
    fn default() -> Self {
        Self { bytes: Vec::new(), segments: Vec::new(), parts: Vec::new(), most: MAX_TAPE }
    }
}

/// The batch holds more text than offsets can address, or more texts than there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TapeFull;

impl Tape {
    /// Takes at most so many segments from now on.
    pub(crate) fn limit(&mut self, most: usize) {
        self.most = most.min(MAX_TAPE);
    }

    /// Whether there is no room for a further segment.
    pub(crate) fn is_full(&self) -> bool {
        self.segments.len() >= self.most
    }

    /// Forgets the batch, keeps the memory up to `keep` bytes.
    pub(crate) fn clear(&mut self, keep: usize) {
        // Residue of one batch must never show up in the next, even through a slip: overwrite, then truncate.
        self.bytes.fill(SEPARATOR);
        self.bytes.clear();
        self.segments.clear();
        self.parts.clear();
        if self.bytes.capacity() > keep {
            self.bytes.shrink_to(keep);
            self.segments.shrink_to(keep / size_of::<Segment>());
        }
    }

    /// Appends a text; returns the number of its segment.
    #[inline]
    pub(crate) fn push(&mut self, text: &[u8], path: PathId, place: Place, origin: Origin) -> Result<u32, TapeFull> {
        let start = self.bytes.len();
        let end = start + text.len();
        if end >= MAX_TAPE || self.is_full() {
            return Err(TapeFull);
        }
        self.bytes.extend_from_slice(text);
        self.bytes.push(SEPARATOR);
        #[expect(clippy::cast_possible_truncation, reason = "below MAX_TAPE")]
        let segment = Segment { start: start as u32, end: end as u32, path, origin, place, marks: Marks::of(text) };
        Ok(self.note(segment))
    }

    /// Adds a segment over bytes that are on the tape already; returns its number.
    pub(crate) fn note(&mut self, segment: Segment) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "a segment has at least one byte of a 31-bit tape")]
        let number = self.segments.len() as u32;
        self.segments.push(segment);
        number
    }

    /// Makes every text valid UTF-8 whose format asks for it; returns how many were not. Bytes that encode nothing
    /// go; overlong forms of ASCII become what they stand for, so that nothing hides in them.
    pub(crate) fn mend(&mut self) -> u64 {
        if self.bytes.is_ascii() {
            return 0;
        }
        let mut mended = 0;
        for segment in &mut self.segments {
            // What a walker could not read as it stands is mended by now: with a character that stands for what was none.
            mended += u64::from(segment.is_mended());
            let Some(text) = self.bytes.get_mut(segment.start as usize..segment.end as usize) else { continue };
            if matches!(segment.origin, Origin::Source { utf8: true, .. }) && simdutf8::basic::from_utf8(text).is_err()
            {
                #[expect(clippy::cast_possible_truncation, reason = "not longer than the text was")]
                let kept = utf8::mend(text) as u32;
                segment.end = segment.start + kept;
                // What was overlong is plain now.
                segment.marks = Marks::of(text).or(Marks::MENDED);
                mended += 1;
            }
        }
        mended
    }

    /// Notes something of a text that its bytes do not say.
    pub(crate) fn mark(&mut self, number: u32, marks: Marks) {
        if let Some(segment) = self.segments.get_mut(number as usize) {
            segment.marks = segment.marks.or(marks);
        }
    }

    /// Everything, separators included.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The segments in the order they were added: views and aliases behind their parents.
    pub(crate) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The segment with this number.
    pub(crate) fn segment(&self, number: u32) -> Option<&Segment> {
        self.segments.get(number as usize)
    }

    /// The text of a segment.
    pub(crate) fn text(&self, segment: &Segment) -> &[u8] {
        self.bytes.get(segment.range()).unwrap_or(&[])
    }
}
