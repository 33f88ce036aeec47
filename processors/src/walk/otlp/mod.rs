//! The OTLP messages: every field of every one, what it is on the wire and what the scrub does with it.
//!
//! The table is the whole of what is known about OTLP: the walk reads wire bytes by it, and the collector's JSON codec
//! reads and writes by it. A field that is not in the table is dropped and counted. A test holds the table against
//! the descriptors of `opentelemetry-proto`, so a new field fails the build until somebody decides about it.
//! The tables of Datadog's messages (`walk/datadog/`) are written in the same words and read by the same loop.

pub(crate) mod common;
pub(crate) mod logs;
pub(crate) mod metrics;
pub(crate) mod profiles;
mod read;
pub(crate) mod trace;

pub(crate) use read::walk;
pub(super) use read::{is_numbers, is_trace_id, walk_message};

use super::wire::WireType;
use crate::tape::Place;

/// What a request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Signal {
    /// Spans.
    Traces,
    /// Log records.
    Logs,
    /// Data points.
    Metrics,
    /// Profiles, in the development version of the protocol.
    Profiles,
}

impl Signal {
    /// All signals.
    pub const ALL: [Self; 4] = [Self::Traces, Self::Logs, Self::Metrics, Self::Profiles];

    /// The name as configurations write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Logs => "logs",
            Self::Metrics => "metrics",
            Self::Profiles => "profiles",
        }
    }

    /// The export request message of the signal.
    #[must_use]
    pub fn request(self) -> &'static Message {
        match self {
            Self::Traces => &trace::TRACES_REQUEST,
            Self::Logs => &logs::LOGS_REQUEST,
            Self::Metrics => &metrics::METRICS_REQUEST,
            Self::Profiles => &profiles::PROFILES_REQUEST,
        }
    }
}

/// One message type.
#[derive(Debug)]
pub struct Message {
    /// The full name below `opentelemetry.proto`.
    pub name: &'static str,
    /// How the walk treats it.
    pub(crate) kind: Kind,
    /// Its fields, by number.
    pub fields: &'static [Field],
    /// The numbers of fields of which only the last on the wire counts.
    pub oneof: &'static [u32],
    /// Position in `fields` plus one, by field number.
    index: [u8; 17],
}

/// How the walk treats a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Field by field.
    Plain,
    /// Field by field; all of it comes from the resource that its first field describes.
    Resourced,
    /// Field by field, and it counts as one record.
    Record,
    /// A value of any type, under a key.
    AnyValue,
    /// A list of values.
    ArrayValue,
    /// A map of values.
    KeyValueList,
    /// A key and its value.
    KeyValue,
    /// A profile attribute: the key is an index into the string table.
    KeyValueAndUnit,
    /// A profile's tables.
    Dictionary,
    /// Field by field; it counts as one record, and its tags are a list.
    Tagged,
    /// Field by field, with a table of strings of its own in its first field.
    Tabled,
    /// An entry of a map: a key, and a value.
    Entry,
}

/// One field of a message.
#[derive(Debug)]
pub struct Field {
    /// The field number.
    pub number: u32,
    /// The name in the `.proto` file.
    pub name: &'static str,
    /// The name in OTLP/JSON.
    pub json: &'static str,
    /// The type of one value.
    pub kind: Type,
    /// Whether there may be many values.
    pub repeated: bool,
    /// What the scrub does with it.
    pub scrub: Scrub,
}

/// The type of a field's value.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// Another message.
    Nested(&'static Message),
    /// UTF-8 text.
    String,
    /// Bytes; base64 in JSON.
    Bytes,
    /// A trace or span id; hexadecimal in OTLP/JSON.
    Hex,
    /// `bool`.
    Bool,
    /// An enumeration; a number in OTLP/JSON.
    Enum,
    /// `int32`.
    Int32,
    /// `uint32`.
    Uint32,
    /// `sint32`.
    Sint32,
    /// `fixed32`.
    Fixed32,
    /// `int64`.
    Int64,
    /// `uint64`.
    Uint64,
    /// `fixed64`.
    Fixed64,
    /// `sfixed64`.
    Sfixed64,
    /// `double`.
    Double,
}

impl Type {
    /// The message that a value is, if it is one.
    #[must_use]
    pub fn nested(self) -> Option<&'static Message> {
        match self {
            Self::Nested(message) => Some(message),
            Self::String
            | Self::Bytes
            | Self::Hex
            | Self::Bool
            | Self::Enum
            | Self::Int32
            | Self::Uint32
            | Self::Sint32
            | Self::Fixed32
            | Self::Int64
            | Self::Uint64
            | Self::Fixed64
            | Self::Sfixed64
            | Self::Double => None,
        }
    }

    /// How one value is encoded.
    pub(crate) fn wire(self) -> WireType {
        match self {
            Self::Nested(_) | Self::String | Self::Bytes | Self::Hex => WireType::Len,
            Self::Bool | Self::Enum | Self::Int32 | Self::Uint32 | Self::Sint32 | Self::Int64 | Self::Uint64 => {
                WireType::Varint
            }
            Self::Fixed32 => WireType::Fixed32,
            Self::Fixed64 | Self::Sfixed64 | Self::Double => WireType::Fixed64,
        }
    }
}

/// What the scrub does with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scrub {
    /// Walks into the message.
    Enter,
    /// Walks into a key and its value; the values lie in this place.
    Attributes(Place),
    /// Walks into a value without a key of its own.
    Value(Place),
    /// Puts the text on the tape.
    Text(Place),
    /// Puts the text on the tape, under this key.
    Under(&'static str, Place),
    /// Puts what was done on the tape: a statement for a database under the key of statements, any other without one.
    Statement(Place),
    /// Puts the texts of a list on the tape, under the key of tags.
    Tags(Place),
    /// Walks into an entry of a map; the values lie in this place.
    Entries(Place),
    /// Walks into an entry of a map whose texts are positions in a table of strings.
    Indexed(Place),
    /// The position of what was done in a table of strings.
    IndexedStatement,
    /// Keeps an identifier of exactly this many bytes, blanks any other.
    Id(usize),
    /// Blanks a foreign document that no walker reads, or a secret.
    Payload,
    /// The walk of the message decides: a key, a number or a text under a key.
    Inline,
    /// Passes unread, for a reason.
    Keep(Reason),
}

/// Why a field passes unread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A point or span of time: traces are useless without. A policy may coarsen it later.
    Time,
    /// A measured value: the purpose of a metric.
    Measurement,
    /// How many of something there were.
    Count,
    /// A position in a table whose entries are walked.
    Index,
    /// One of a closed set of numbers.
    Enumerated,
    /// The number of a trace or span: without them there are no traces.
    Identity,
}

impl Message {
    pub(in crate::walk) const fn new(name: &'static str, kind: Kind, fields: &'static [Field]) -> Self {
        let mut index = [0u8; 17];
        let mut at = 0;
        #[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "runs at compile time only")]
        while at < fields.len() {
            index[fields[at].number as usize] = at as u8 + 1;
            at += 1;
        }
        Self { name, kind, fields, oneof: &[], index }
    }

    const fn with_oneof(mut self, numbers: &'static [u32]) -> Self {
        self.oneof = numbers;
        self
    }

    /// The field with this number.
    #[inline]
    #[must_use]
    pub fn field(&self, number: u32) -> Option<&'static Field> {
        let position = *self.index.get(usize::try_from(number).ok()?)?;
        self.fields.get(usize::from(position).checked_sub(1)?)
    }
}

const fn one(number: u32, name: &'static str, json: &'static str, kind: Type, scrub: Scrub) -> Field {
    Field { number, name, json, kind, repeated: false, scrub }
}

const fn many(number: u32, name: &'static str, json: &'static str, kind: Type, scrub: Scrub) -> Field {
    Field { number, name, json, kind, repeated: true, scrub }
}

#[cfg(test)]
mod tests;
