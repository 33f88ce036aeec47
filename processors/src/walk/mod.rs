//! Walkers: where the texts of a wire format are, and how they are put back. The tables and primitives they read by are
//! public: whoever converts to and from these formats reads by the same.

pub(crate) mod datadog;
pub mod otlp;
pub(crate) mod text;
mod trail;
pub(crate) mod tree;
pub mod wire;

use crate::contents::Run;
use crate::mark::Vocabulary;
use crate::memo::{Memo, Print};
use crate::pack::Keys;
use crate::tape::{PathId, Paths, Tape, TapeFull};
use std::ops::Range;

use trail::{Trails, leads_on};
pub use wire::Malformed;

/// What a walk leaves beside the texts on the tape. Reused from batch to batch.
#[derive(Debug, Default)]
pub(crate) struct Walked {
    /// Keys that were not known, with the segment that holds their text.
    pub(crate) new_keys: Vec<(PathId, u32)>,
    /// Keys that were not known and whose text is an entry of a table: not to be remembered.
    pub(crate) table_keys: Vec<PathId>,
    /// Segments whose path some rule asks for, and what of the source stands for such a value as a whole.
    pub(crate) keyed: Vec<(u32, Option<Change>)>,
    /// Segments whose path gives some rule its context.
    pub(crate) nearby: Vec<u32>,
    /// Segments that a text beside them gives another path.
    pub(crate) also: Vec<(u32, PathId)>,
    /// Segments that may be pieces of one text, and which of them belong together.
    pub(crate) pieces: Vec<u32>,
    pub(crate) runs: Vec<Run>,
    /// Segments that are to be remembered if nothing is found in them.
    pub(crate) unknown: Vec<(u32, Print)>,
    /// Numbers whose path some rule asks for.
    pub(crate) numbers: Vec<Number>,
    /// What was passed over.
    pub(crate) passed: Passed,
    /// Changes that need no finding.
    pub(crate) changes: Vec<Change>,
    /// Spans, log records, data points, profiles.
    pub(crate) records: u64,
    /// Fields that are not in the table.
    pub(crate) unknown_fields: u64,
    /// Values that nest too deep.
    pub(crate) too_deep: u64,
}

impl Walked {
    /// Notes that the text of one segment goes on in that of another.
    pub(crate) fn link(&mut self, before: u32, segment: u32) {
        let end = self.pieces.len();
        match self.runs.last_mut() {
            Some(run) if !run.list && run.texts.end == end && self.pieces.last() == Some(&before) => {
                self.pieces.push(segment);
                run.texts.end = end + 1;
            }
            _ => {
                self.pieces.extend([before, segment]);
                self.runs.push(Run { texts: end..end + 2, list: false });
            }
        }
    }

    pub(crate) fn clear(&mut self) {
        let Self {
            new_keys,
            table_keys,
            keyed,
            nearby,
            also,
            pieces,
            runs,
            unknown,
            numbers,
            passed,
            changes,
            records,
            unknown_fields,
            too_deep,
        } = self;
        new_keys.clear();
        table_keys.clear();
        keyed.clear();
        nearby.clear();
        also.clear();
        pieces.clear();
        runs.clear();
        unknown.clear();
        numbers.clear();
        passed.clear();
        changes.clear();
        *records = 0;
        *unknown_fields = 0;
        *too_deep = 0;
    }
}

/// The path of the attribute that names a service.
pub(crate) const SERVICE_PATH: &str = "service name";

/// Where in the source texts stand, noted if the rules ask for it. Holds for all looks at what a walk found.
#[derive(Debug, Default)]
pub(crate) struct Noted {
    /// Whether to note what each service sends.
    pub(crate) services: bool,
    /// Whether to note records that may be marked.
    pub(crate) records: bool,
    /// What comes from one resource, in order and apart.
    pub(crate) blocks: Vec<Block>,
    /// Spans and log records, in order and apart.
    pub(crate) marked: Vec<Record>,
    /// Documents in MessagePack within a message in protobuf. Noted whatever the rules ask for.
    pub(crate) packed: Vec<Range<usize>>,
}

/// What comes from one resource.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) range: Range<usize>,
    /// The name of the service; `None` if there is none, or more than one.
    pub(crate) service: Option<Range<usize>>,
}

/// A record that may be marked.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// Its content.
    pub(crate) range: Range<usize>,
    /// The number of the field that holds its attributes.
    pub(crate) attributes: u32,
}

impl Noted {
    pub(crate) fn clear(&mut self) {
        let Self { services: _, records: _, blocks, marked, packed } = self;
        blocks.clear();
        marked.clear();
        packed.clear();
    }

    /// The name of the service that what stands at `at` comes from, as far as it is known.
    pub(crate) fn service<'s>(&self, source: &'s [u8], at: usize) -> Option<&'s [u8]> {
        let before = self.blocks.partition_point(|block| block.range.start <= at);
        let block = self.blocks.get(before.checked_sub(1)?)?;
        source.get(block.service.clone().filter(|_| at < block.range.end)?)
    }

    /// The record that what stands at `at` is a part of.
    pub(crate) fn record(&self, at: usize) -> Option<usize> {
        let before = self.marked.partition_point(|record| record.range.start <= at);
        let number = before.checked_sub(1)?;
        self.marked.get(number).filter(|record| at < record.range.end).map(|_| number)
    }
}

/// A number below a key that some rule asks for.
#[derive(Clone, Debug)]
pub(crate) struct Number {
    pub(crate) path: PathId,
    pub(crate) value: Value,
    pub(crate) place: crate::tape::Place,
    /// What goes if it goes.
    pub(crate) change: Change,
}

/// A number as it was on the wire.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value {
    Int(i64),
    /// Larger than `Int` takes.
    Natural(u64),
    Double(f64),
}

impl Value {
    /// The number as it is read.
    pub(crate) fn decimal(self) -> String {
        match self {
            Self::Int(value) => value.to_string(),
            Self::Natural(value) => value.to_string(),
            Self::Double(value) => value.to_string(),
        }
    }

    /// Whether it is a whole number of at least so much.
    fn is_at_least(self, least: u64) -> bool {
        match self {
            Self::Int(value) => u64::try_from(value).is_ok_and(|value| value >= least),
            Self::Natural(value) => value >= least,
            #[expect(clippy::cast_precision_loss, reason = "only the size is asked for")]
            Self::Double(value) => value.fract() == 0.0 && value >= least as f64,
        }
    }
}

/// A change of the source that is not a replaced text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// The field goes, tag and all. The range begins at the tag.
    Remove(Range<usize>),
    /// The field's content becomes this. The range is the content.
    Content(Range<usize>, Fill),
    /// The value becomes this, as it is written. The range is the value as it is written.
    Written(Range<usize>, &'static [u8]),
}

impl Change {
    /// Where in the source it begins.
    pub(crate) fn start(&self) -> usize {
        match self {
            Self::Remove(range)
            | Self::Content(range, Fill::Empty | Fill::UnscannedValue)
            | Self::Written(range, _) => range.start,
        }
    }
}

/// What a field's content becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fill {
    /// Nothing: an empty text, an `AnyValue` without a value.
    Empty,
    /// An `AnyValue` that holds the text `[UNSCANNED]`.
    UnscannedValue,
}

/// An `AnyValue` that holds the text `[UNSCANNED]`, on the wire.
pub(crate) const UNSCANNED_VALUE: &[u8] = b"\x0A\x0B[UNSCANNED]";

/// The smallest number that is looked for again where no key asks for it: smaller ones are counts and durations.
pub(crate) const SMALLEST: u64 = 10_000_000;

/// Which texts a walk puts on the tape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Share {
    /// Those that are not known to be clean.
    #[default]
    Unknown,
    /// The others: what a walk with the same memory passes over. Numbers that no rule asks for are among them.
    PassedOver,
}

/// What a walk passed over, equal texts and keys but once: what was found elsewhere is looked for in it.
#[derive(Debug, Default)]
pub(crate) struct Passed {
    pub(crate) texts: Vec<PassedText>,
    /// Numbers that no rule asks for and that are no counts.
    pub(crate) numbers: Vec<Value>,
    /// Whether there is more, which only another walk finds.
    pub(crate) more: bool,
}

impl Passed {
    fn clear(&mut self) {
        let Self { texts, numbers, more } = self;
        texts.clear();
        numbers.clear();
        *more = false;
    }
}

/// A text or a key that was passed over, and stands in the source as it is read.
#[derive(Clone, Debug)]
pub(crate) struct PassedText {
    pub(crate) range: Range<usize>,
    pub(crate) path: PathId,
    pub(crate) place: crate::tape::Place,
    pub(crate) utf8: bool,
}

/// Which texts a walk has met: a bounded table of keyed hashes. What it has forgotten is met for the first time once more.
#[derive(Debug)]
pub(crate) struct Once {
    /// Hashes, with the walk that met them.
    met: Box<[(u64, u64); Self::SLOTS]>,
    walk: u64,
}

impl Once {
    const SLOTS: usize = 1 << 12;

    /// Begins another walk.
    pub(crate) fn begin(&mut self) {
        self.walk += 1;
    }

    /// Whether this is the first text of this hash, as far as is known.
    #[inline]
    fn is_first(&mut self, hash: u64) -> bool {
        let met = (hash, self.walk);
        self.met.get_mut((hash >> 32) as usize % Self::SLOTS).is_none_or(|slot| std::mem::replace(slot, met) != met)
    }
}

impl Default for Once {
    fn default() -> Self {
        Self { met: Box::new([(0, 0); Self::SLOTS]), walk: 0 }
    }
}

/// What a walker writes to.
pub(crate) struct Out<'w> {
    pub(crate) tape: &'w mut Tape,
    pub(crate) paths: &'w mut Paths,
    pub(crate) keys: &'w Keys,
    pub(crate) walked: &'w mut Walked,
    pub(crate) noted: &'w mut Noted,
    pub(crate) vocabulary: &'w Vocabulary,
    pub(crate) memo: Option<&'w Memo>,
    pub(crate) share: Share,
    /// Has equal texts and keys that are known be met but once.
    pub(crate) once: Option<&'w mut Once>,
}

impl Out<'_> {
    /// Whether this walk puts a text on the tape, by what the memo says of it. If it passes over it, `passed` is noted.
    #[inline]
    pub(crate) fn takes(
        &mut self,
        known: bool,
        print: Option<Print>,
        passed: impl FnOnce() -> Option<PassedText>,
    ) -> bool {
        let Some(print) = print.filter(|_| known) else { return self.share == Share::Unknown };
        self.meets(print.low(), passed)
    }

    /// Whether this walk puts the text of a key on the tape. If it passes over it, `passed` is noted.
    #[inline]
    pub(crate) fn takes_key(&mut self, new: bool, path: PathId, passed: impl FnOnce() -> Option<PassedText>) -> bool {
        if new {
            return self.share == Share::Unknown;
        }
        // Of the path's number and not of its text: that is one for keys in other spellings.
        self.meets(path.hash(), passed)
    }

    /// Whether this walk puts on the tape what is known to be clean.
    #[inline]
    fn meets(&mut self, hash: u64, passed: impl FnOnce() -> Option<PassedText>) -> bool {
        let first = self.once.as_mut().is_none_or(|once| once.is_first(hash));
        if first && self.share == Share::Unknown {
            match passed() {
                Some(text) => self.walked.passed.texts.push(text),
                None => self.walked.passed.more = true,
            }
        }
        first && self.share == Share::PassedOver
    }

    /// Notes a number that no rule asks for, if it is no count.
    #[inline]
    pub(crate) fn pass_number(&mut self, value: Value) {
        if self.share == Share::Unknown && value.is_at_least(SMALLEST) {
            self.walked.passed.numbers.push(value);
        }
    }
}

/// Why a walk ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WalkError {
    Malformed(Malformed),
    TapeFull,
}

impl From<Malformed> for WalkError {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

impl From<TapeFull> for WalkError {
    fn from(_: TapeFull) -> Self {
        Self::TapeFull
    }
}
