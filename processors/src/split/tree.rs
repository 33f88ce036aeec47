//! Counting and halving documents that hold lists of records, at their root or below keys.

use crate::report::Report;
use crate::scrubbed::{Format, Schema, Scrubbed};
use crate::splice::{self, Edit, Scope};
use crate::walk::tree::{json_entry, json_items, msgpack_entry, msgpack_items, stream};
use std::ops::Range;

/// A step from a value to a list in it.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// It is the list.
    List,
    /// It is a list of two, of which this is the second: behind a table of strings.
    Behind,
    /// It is a map, and this is below the key.
    Key(&'static str),
}

/// The steps to what a document may be divided by, list by list, and from there to its records.
type Steps = (&'static [Step], &'static [Step]);

/// How a document is divided, if it holds a list of records.
fn steps(format: Format) -> Option<Steps> {
    use Step::{Behind, Key, List};
    let schema = match format {
        Format::Json(schema) | Format::Msgpack(schema) => schema,
        Format::Otlp(_) | Format::Text | Format::Lines | Format::Protobuf(_) | Format::Envelope => return None,
    };
    match schema {
        Schema::DatadogTraces => Some((&[List], &[List])),
        Schema::DatadogTraceTable => Some((&[Behind], &[List])),
        Schema::DatadogTracePayload => Some((&[Key("chunks")], &[Key("spans")])),
        Schema::DatadogLlmEvents => Some((&[List], &[Key("spans")])),
        Schema::DatadogLogs => Some((&[List], &[])),
        Schema::DatadogSeries | Schema::DatadogMetrics => Some((&[Key("series")], &[])),
        // Buckets, and the groups in them; an Agent's are those of tracers.
        Schema::DatadogClientStats => Some((&[Key("Stats"), Key("Stats")], &[])),
        Schema::DatadogStats => Some((&[Key("Stats"), Key("Stats"), Key("Stats")], &[])),
        // At the buckets: what is said of whole queues stands beside what is divided below.
        Schema::DatadogPipelineStats => Some((&[Key("Stats")], &[Key("Stats")])),
        // Has a way of its own.
        Schema::DatadogTraceStream => None,
        Schema::Any
        | Schema::DatadogLlmEvaluations
        | Schema::DatadogSketches
        | Schema::DatadogAgentTraces
        | Schema::SentryEvent => None,
    }
}

/// How many traces a document holds, if it holds those of a Datadog tracer.
pub(super) fn traces(format: Format, bytes: &[u8]) -> Option<u64> {
    let schema = match format {
        Format::Json(schema) | Format::Msgpack(schema) => schema,
        Format::Otlp(_) | Format::Text | Format::Lines | Format::Protobuf(_) | Format::Envelope => return None,
    };
    match schema {
        Schema::DatadogTraces | Schema::DatadogTraceTable | Schema::DatadogTracePayload => {
            let document = Document { bytes, packed: is_packed(format) };
            let (step, _) = steps(format)?.0.split_first()?;
            Some(document.list(0..bytes.len(), *step)?.1.len() as u64)
        }
        Schema::DatadogTraceStream => Some(msgpack_items(bytes, stream::chunks(bytes)?)?.len() as u64),
        Schema::Any
        | Schema::DatadogLlmEvents
        | Schema::DatadogLlmEvaluations
        | Schema::DatadogPipelineStats
        | Schema::DatadogLogs
        | Schema::DatadogSeries
        | Schema::DatadogMetrics
        | Schema::DatadogSketches
        | Schema::DatadogAgentTraces
        | Schema::DatadogClientStats
        | Schema::DatadogStats
        | Schema::SentryEvent => None,
    }
}

/// Two documents that together hold the records of this one, in their order, about half of its bytes each; what stands above
/// is in both. `None` if it is no list of records, or holds a single one.
pub(super) fn halve(scrubbed: &Scrubbed) -> Option<(Scrubbed, Scrubbed)> {
    let (format, bytes) = (scrubbed.format(), scrubbed.bytes());
    if format == Format::Msgpack(Schema::DatadogTraceStream) {
        return halve_stream(scrubbed);
    }
    let (mut above, below) = steps(format)?;
    let document = Document { bytes, packed: is_packed(format) };
    let mut value = 0..bytes.len();
    let (list, items) = loop {
        let (step, rest) = above.split_first()?;
        above = rest;
        let (list, items) = document.list(value, *step)?;
        match items.as_slice() {
            [only] => value = only.clone(),
            [] => return None,
            _ => break (list, items),
        }
    };
    let (first, second) = cut(&items)?;
    let half = |items: &[Range<usize>]| {
        let out = document.with(&list, items)?;
        let records = items.iter().map(|item| document.records(item.clone(), above, below)).sum();
        let report = Report { records, ..Report::default() };
        Some(Scrubbed::new(out.into(), format, scrubbed.rule_set(), report))
    };
    Some((half(first)?, half(second)?))
}

/// The items of a list on both sides of a cut.
type Cut<'i> = (&'i [Range<usize>], &'i [Range<usize>]);

/// Parts a list where about half of its bytes are.
fn cut(items: &[Range<usize>]) -> Option<Cut<'_>> {
    let total: usize = items.iter().map(Range::len).sum();
    let mut taken = 0;
    let first = items.iter().take_while(|item| {
        taken += item.len();
        taken <= total / 2
    });
    let (first, second) = items.split_at_checked(first.count().max(1))?;
    (!second.is_empty()).then_some((first, second))
}

fn is_packed(format: Format) -> bool {
    match format {
        Format::Msgpack(_) => true,
        Format::Json(_) | Format::Otlp(_) | Format::Text | Format::Lines | Format::Protobuf(_) | Format::Envelope => {
            false
        }
    }
}

/// A document in MessagePack or JSON.
struct Document<'d> {
    bytes: &'d [u8],
    packed: bool,
}

impl Document<'_> {
    fn items(&self, list: Range<usize>) -> Option<Vec<Range<usize>>> {
        if self.packed { msgpack_items(self.bytes, list.start) } else { json_items(self.bytes, list) }
    }

    /// The list that a step leads to from a value, and its items.
    fn list(&self, value: Range<usize>, step: Step) -> Option<(Range<usize>, Vec<Range<usize>>)> {
        let list = match step {
            Step::List => value,
            Step::Behind => self.items(value)?.get(1)?.clone(),
            Step::Key(key) if self.packed => msgpack_entry(self.bytes, value.start, key.as_bytes())?,
            Step::Key(key) => json_entry(self.bytes, value, key.as_bytes())?,
        };
        let items = self.items(list.clone())?;
        Some((list, items))
    }

    /// How many records an item holds.
    fn records(&self, item: Range<usize>, above: &[Step], below: &[Step]) -> u64 {
        let (step, above, below) = match (above.split_first(), below.split_first()) {
            (Some((step, above)), _) => (step, above, below),
            (None, Some((step, below))) => (step, above, below),
            (None, None) => return 1,
        };
        let items = self.list(item, *step).map(|(_, items)| items).unwrap_or_default();
        items.into_iter().map(|item| self.records(item, above, below)).sum()
    }

    /// The document with some of the items of one of its lists. No length above it counts bytes.
    fn with(&self, list: &Range<usize>, items: &[Range<usize>]) -> Option<Vec<u8>> {
        let all: usize = items.iter().map(|item| item.len() + 1).sum();
        let mut out = Vec::with_capacity(self.bytes.len() - list.len() + all + 5);
        // The last item ends where the list does in MessagePack.
        let end = if self.packed { self.items(list.clone())?.last()?.end } else { list.end };
        out.extend_from_slice(self.bytes.get(..list.start)?);
        if self.packed {
            out.push(0xDD);
            out.extend_from_slice(&u32::try_from(items.len()).ok()?.to_be_bytes());
        } else {
            out.push(b'[');
        }
        for (number, item) in items.iter().enumerate() {
            if !self.packed && number > 0 {
                out.push(b',');
            }
            out.extend_from_slice(self.bytes.get(item.clone())?);
        }
        if !self.packed {
            out.push(b']');
        }
        out.extend_from_slice(self.bytes.get(end..)?);
        Some(out)
    }
}

/// Traces v1.0: what is written in the chunks that go may be used in those that stay, so each half is written anew.
fn halve_stream(scrubbed: &Scrubbed) -> Option<(Scrubbed, Scrubbed)> {
    let bytes = scrubbed.bytes();
    let chunks = msgpack_items(bytes, stream::chunks(bytes)?)?;
    let (first, second) = cut(&chunks)?;
    let half = |stay: &[Range<usize>], go: &[Range<usize>]| {
        let edit = |chunk: &Range<usize>| Edit { at: chunk.clone(), with: 0..0, scope: Scope::Field };
        let mut edits: Vec<Edit> = go.iter().map(edit).collect();
        let mut out = Vec::with_capacity(bytes.len() / 2);
        splice::stream(bytes, &mut edits, &[], &mut out).ok()?;
        let spans = |chunk: &Range<usize>| Some(msgpack_items(bytes, stream::spans(bytes, chunk.start)?)?.len() as u64);
        let records = stay.iter().filter_map(spans).sum();
        let report = Report { records, ..Report::default() };
        Some(Scrubbed::new(out.into(), scrubbed.format(), scrubbed.rule_set(), report))
    };
    Some((half(first, second)?, half(second, first)?))
}
