//! Documents of maps and lists, in JSON or MessagePack, scrubbed in place: what needs no edit leaves byte for byte.
//!
//! One walk for both. A [`Syntax`] reads tokens and says where in the source they stand; [`shape`] says what is known of
//! a document; the rest is looked at under the keys that lead to it, as attributes are.

mod datadog;
pub(crate) mod envelope;
mod items;
mod json;
mod msgpack;
mod read;
mod sentry;
mod shape;
mod stats;
pub(crate) mod stream;
mod table;

pub(crate) use items::{json_entry, json_items, msgpack_entry, msgpack_items};
pub(crate) use json::escape;
pub(crate) use msgpack::{Head, head, skip_value};

use super::{Malformed, Out, Value, WalkError};
use crate::scrubbed::Schema;
use crate::tape::{PathId, Place, ROOT};
use json::Json;
use msgpack::Msgpack;
use read::{Spot, Tree};
use shape::Node;
use std::ops::Range;

/// How deep values may nest: one below becomes `[UNSCANNED]`.
const MAX_VALUES: u32 = 40;
/// How deep what is passed over may nest before it counts as broken.
const MAX_SKIPPED: usize = 1024;

/// Walks a document in JSON.
pub(crate) fn walk_json(schema: Schema, source: &[u8], out: &mut Out<'_>) -> Result<(), WalkError> {
    Tree::new(Json::new(source, 0..source.len()), out).document(root(schema))
}

/// Walks a document in MessagePack.
pub(crate) fn walk_msgpack(schema: Schema, source: &[u8], out: &mut Out<'_>) -> Result<(), WalkError> {
    match schema {
        Schema::DatadogTraceTable => table::walk(source, out),
        Schema::DatadogTraceStream => stream::walk(source, out),
        Schema::Any
        | Schema::DatadogTraces
        | Schema::DatadogTracePayload
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
        | Schema::SentryEvent => Tree::new(Msgpack::new(source, 0..source.len()), out).document(root(schema)),
    }
}

/// Walks a document in MessagePack that stands within another format, below a key. `false` if it is none.
pub(crate) fn walk_packed(
    source: &[u8],
    content: &Range<usize>,
    (path, place): (PathId, Place),
    out: &mut Out<'_>,
) -> Result<bool, WalkError> {
    let Some(syntax) = Msgpack::new(source, 0..source.len()).within(content) else { return Ok(false) };
    Tree::new(syntax, out).value(&Node::Any, &Spot { path, depth: 1, ..Spot::root(place) })?;
    Ok(true)
}

/// What stands at the root of a document, and in which place.
fn root(schema: Schema) -> (&'static Node, Place) {
    match schema {
        Schema::Any
        | Schema::DatadogTraceTable
        | Schema::DatadogTraceStream
        | Schema::DatadogSketches
        | Schema::DatadogAgentTraces => (&Node::Any, Place::Text),
        Schema::DatadogTraces => (&datadog::TRACES, Place::SpanAttribute),
        Schema::DatadogTracePayload => (&datadog::TRACE_PAYLOAD, Place::ResourceAttribute),
        Schema::DatadogLlmEvents => (&datadog::LLM_EVENTS, Place::SpanAttribute),
        Schema::DatadogLlmEvaluations => (&datadog::LLM_EVALUATIONS, Place::SpanAttribute),
        Schema::DatadogLogs => (&datadog::LOGS, Place::LogAttribute),
        Schema::DatadogSeries => (&datadog::SERIES, Place::MetricLabel),
        Schema::DatadogMetrics => (&datadog::METRICS, Place::MetricLabel),
        Schema::DatadogClientStats => (&stats::CLIENT_STATS, Place::SpanAttribute),
        Schema::DatadogStats => (&stats::STATS, Place::SpanAttribute),
        Schema::DatadogPipelineStats => (&stats::PIPELINE_STATS, Place::SpanAttribute),
        Schema::SentryEvent => (&sentry::EVENT, Place::EventAttribute),
    }
}

impl Spot {
    /// Where a document begins.
    fn root(place: Place) -> Self {
        Self { path: ROOT, place, depth: 0, entry: None, in_list: false, also: None }
    }
}

/// What stands at the cursor of a [`Syntax`].
#[derive(Debug)]
enum Token {
    Map(Open),
    List(Open),
    Text(Text),
    /// Bytes that need not be text: their content.
    Bytes(Range<usize>),
    Number(Value, Range<usize>),
    /// Nothing, true, false, a point in time: nobody's.
    Plain,
}

/// A text in the source.
#[derive(Clone, Debug)]
struct Text {
    /// Its content, as it is written.
    range: Range<usize>,
    /// Whether it is written otherwise than it is read.
    escaped: bool,
    /// Whether it holds what no text may hold, and is to be written anew.
    broken: bool,
}

/// A map or list that is being read.
#[derive(Clone, Debug)]
struct Open {
    /// How many entries are to come, where that is said in advance.
    left: usize,
    /// Whether an entry has been read.
    begun: bool,
}

/// How a document is written. Reads on from a cursor and never beyond its end.
trait Syntax {
    /// What stands for a value that went and whose position must hold.
    const NOTHING: &'static [u8];
    /// The text `[UNSCANNED]`.
    const UNSCANNED: &'static [u8];
    /// Whether an entry of a map may go as a whole.
    const ENTRIES_GO: bool;

    /// What is read.
    fn source(&self) -> &[u8];
    /// Where the cursor is: at the beginning of a value, of an entry, or behind the last.
    fn at(&self) -> usize;
    /// Moves the cursor back to where it has been, or on to where it is known to be right.
    fn seek(&mut self, at: usize);
    /// Reads the value at the cursor; of a map or list, the beginning.
    fn token(&mut self) -> Result<Token, Malformed>;
    /// Moves to the next entry of a map or list. `false` if there is none: the cursor is behind it then.
    fn next(&mut self, open: &mut Open, of_map: bool) -> Result<bool, Malformed>;
    /// Reads the key of an entry; the cursor is at its value then.
    fn key(&mut self) -> Result<Token, Malformed>;
    /// Moves behind the value at the cursor, however deep it is.
    fn skip(&mut self) -> Result<(), Malformed>;
    /// The text as it is read.
    fn words(&mut self, text: &Text) -> &[u8];
    /// Whether nothing is left. Moves over what means nothing.
    fn ended(&mut self) -> bool;
    /// Walks into a document within this one; `None` if the content is no document.
    fn within(&self, content: &Range<usize>) -> Option<Self>
    where
        Self: Sized;
}

/// Whether a key among the attributes of Datadog's spans holds an id by its format, and the text has the shape of one.
pub(super) fn is_id_below(key: &[u8], text: &[u8]) -> bool {
    datadog::is_id_key(key) && is_id(text)
}

/// Whether a text has the exact shape of an id of traces, spans, events: hexadecimal digits, with hyphens where a UUID
/// has them, or the decimal digits that Datadog writes.
fn is_id(text: &[u8]) -> bool {
    let uuid = |(at, byte): (usize, &u8)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    // Where its format has an id, one may be all digits.
    let hexadecimal = text.len() == 16 && text.iter().all(u8::is_ascii_hexdigit);
    super::otlp::is_trace_id(text) || hexadecimal || text.len() == 36 && text.iter().enumerate().all(uuid)
}

/// Whether a text is a point in time as machines write it: `2026-11-25T07:00:00.000Z`.
fn is_time(text: &[u8]) -> bool {
    let date = |(at, byte): (usize, &u8)| match at {
        4 | 7 => *byte == b'-',
        10 => matches!(byte, b'T' | b' '),
        13 | 16 => *byte == b':',
        0..=18 => byte.is_ascii_digit(),
        _ => byte.is_ascii_digit() || matches!(byte, b'.' | b'Z' | b'+' | b':' | b'-'),
    };
    (19..=35).contains(&text.len()) && text.iter().enumerate().all(date)
}

/// Whether a text reads as a statement for a database: what names a span may be one, or the path of a request.
pub(super) fn is_statement(text: &[u8]) -> bool {
    const BEGINNINGS: [&[u8]; 14] = [
        b"select ",
        b"insert into ",
        b"update ",
        b"delete from ",
        b"with ",
        b"merge ",
        b"exec ",
        b"call ",
        b"replace into ",
        b"create ",
        b"alter ",
        b"set ",
        b"copy ",
        b"values ",
    ];
    let text = text.trim_ascii_start();
    let begins = |word: &&[u8]| {
        text.get(..word.len()).is_some_and(|head| {
            head.iter().zip(*word).all(|(byte, letter)| {
                byte.eq_ignore_ascii_case(letter) || *letter == b' ' && byte.is_ascii_whitespace()
            })
        })
    };
    BEGINNINGS.iter().any(begins)
}
