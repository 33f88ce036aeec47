//! Traces as Agents send them on whose tracers write one text but once: a table of strings for each tracer, and positions
//! in it.

use super::{many, one};
use crate::tape::Place;
use crate::walk::otlp::Scrub::*;
use crate::walk::otlp::Type::*;
use crate::walk::otlp::{Kind, Message, Reason};

/// `datadog.trace.idx.TracerPayload`.
pub(super) static TRACER_PAYLOAD: Message = Message::new(
    "idx.TracerPayload",
    Kind::Tabled,
    &[
        many(1, "strings", String, Text(Place::StringTable)),
        one(2, "containerIDRef", Uint32, Keep(Reason::Index)),
        one(3, "languageNameRef", Uint32, Keep(Reason::Index)),
        one(4, "languageVersionRef", Uint32, Keep(Reason::Index)),
        one(5, "tracerVersionRef", Uint32, Keep(Reason::Index)),
        one(6, "runtimeIDRef", Uint32, Keep(Reason::Index)),
        one(7, "envRef", Uint32, Keep(Reason::Index)),
        one(8, "hostnameRef", Uint32, Keep(Reason::Index)),
        one(9, "appVersionRef", Uint32, Keep(Reason::Index)),
        many(10, "attributes", Nested(&KEY_VALUE), Indexed(Place::ResourceAttribute)),
        many(11, "chunks", Nested(&TRACE_CHUNK), Enter),
    ],
);

static TRACE_CHUNK: Message = Message::new(
    "idx.TraceChunk",
    Kind::Plain,
    &[
        one(1, "priority", Int32, Keep(Reason::Enumerated)),
        one(2, "originRef", Uint32, Keep(Reason::Index)),
        many(3, "attributes", Nested(&KEY_VALUE), Indexed(Place::SpanAttribute)),
        many(4, "spans", Nested(&SPAN), Enter),
        one(5, "droppedTrace", Bool, Keep(Reason::Enumerated)),
        one(6, "traceID", Bytes, Id(16)),
        one(7, "samplingMechanism", Uint32, Keep(Reason::Enumerated)),
    ],
);

static SPAN: Message = Message::new(
    "idx.Span",
    Kind::Record,
    &[
        one(1, "serviceRef", Uint32, Keep(Reason::Index)),
        one(2, "nameRef", Uint32, Keep(Reason::Index)),
        one(3, "resourceRef", Uint32, IndexedStatement),
        one(4, "spanID", Fixed64, Keep(Reason::Identity)),
        one(5, "parentID", Uint64, Keep(Reason::Identity)),
        one(6, "start", Fixed64, Keep(Reason::Time)),
        one(7, "duration", Uint64, Keep(Reason::Time)),
        one(8, "error", Bool, Keep(Reason::Enumerated)),
        many(9, "attributes", Nested(&KEY_VALUE), Indexed(Place::SpanAttribute)),
        one(10, "typeRef", Uint32, Keep(Reason::Index)),
        many(11, "links", Nested(&SPAN_LINK), Enter),
        many(12, "events", Nested(&SPAN_EVENT), Enter),
        one(13, "envRef", Uint32, Keep(Reason::Index)),
        one(14, "versionRef", Uint32, Keep(Reason::Index)),
        one(15, "componentRef", Uint32, Keep(Reason::Index)),
        one(16, "kind", Enum, Keep(Reason::Enumerated)),
    ],
);

static SPAN_LINK: Message = Message::new(
    "idx.SpanLink",
    Kind::Plain,
    &[
        one(1, "traceID", Bytes, Id(16)),
        one(2, "spanID", Fixed64, Keep(Reason::Identity)),
        many(3, "attributes", Nested(&KEY_VALUE), Indexed(Place::LinkAttribute)),
        one(4, "tracestateRef", Uint32, Keep(Reason::Index)),
        one(5, "flags", Uint32, Keep(Reason::Enumerated)),
    ],
);

static SPAN_EVENT: Message = Message::new(
    "idx.SpanEvent",
    Kind::Plain,
    &[
        one(1, "time", Fixed64, Keep(Reason::Time)),
        one(2, "nameRef", Uint32, Keep(Reason::Index)),
        many(3, "attributes", Nested(&KEY_VALUE), Indexed(Place::EventAttribute)),
    ],
);

/// An entry of a map, or a pair of a list: both are written so.
pub(in crate::walk) static KEY_VALUE: Message = Message::new(
    "idx.KeyValue",
    Kind::Entry,
    &[one(1, "key", Uint32, Keep(Reason::Index)), one(2, "value", Nested(&ANY_VALUE), Enter)],
);

/// A value that says its type.
pub(in crate::walk) static ANY_VALUE: Message = Message::new(
    "idx.AnyValue",
    Kind::Entry,
    &[
        one(1, "stringValueRef", Uint32, Keep(Reason::Index)),
        one(2, "boolValue", Bool, Keep(Reason::Enumerated)),
        one(3, "doubleValue", Double, Inline),
        one(4, "intValue", Int64, Inline),
        one(5, "bytesValue", Bytes, Inline),
        one(6, "arrayValue", Nested(&ARRAY_VALUE), Enter),
        one(7, "keyValueList", Nested(&KEY_VALUES), Enter),
    ],
);

/// A list of values.
pub(in crate::walk) static ARRAY_VALUE: Message =
    Message::new("idx.ArrayValue", Kind::Entry, &[many(1, "values", Nested(&ANY_VALUE), Enter)]);

/// A list of keys and values.
pub(in crate::walk) static KEY_VALUES: Message =
    Message::new("idx.KeyValueList", Kind::Entry, &[many(1, "keyValues", Nested(&KEY_VALUE), Enter)]);
