//! Traces as Agents send them on, with texts where they belong. Those of a later version refer to a table: `indexed.rs`.

use super::indexed::TRACER_PAYLOAD as INDEXED_PAYLOAD;
use super::{many, one};
use crate::tape::Place;
use crate::walk::otlp::Scrub::*;
use crate::walk::otlp::Type::*;
use crate::walk::otlp::{Kind, Message, Reason};

/// `datadog.trace.AgentPayload`.
pub(super) static AGENT_PAYLOAD: Message = Message::new(
    "AgentPayload",
    Kind::Plain,
    &[
        one(1, "hostName", String, Under("hostname", Place::ResourceAttribute)),
        one(2, "env", String, Under("env", Place::ResourceAttribute)),
        many(5, "tracerPayloads", Nested(&TRACER_PAYLOAD), Enter),
        many(6, "tags", Nested(&TEXT_ENTRY), Entries(Place::ResourceAttribute)),
        one(7, "agentVersion", String, Text(Place::ResourceAttribute)),
        one(8, "targetTPS", Double, Keep(Reason::Measurement)),
        one(9, "errorTPS", Double, Keep(Reason::Measurement)),
        one(10, "rareSamplerEnabled", Bool, Keep(Reason::Enumerated)),
        many(11, "idxTracerPayloads", Nested(&INDEXED_PAYLOAD), Enter),
        one(12, "APMMode", String, Text(Place::ResourceAttribute)),
    ],
);

static TRACER_PAYLOAD: Message = Message::new(
    "TracerPayload",
    Kind::Plain,
    &[
        one(1, "containerID", String, Under("container_id", Place::ResourceAttribute)),
        one(2, "languageName", String, Under("language_name", Place::ResourceAttribute)),
        one(3, "languageVersion", String, Under("language_version", Place::ResourceAttribute)),
        one(4, "tracerVersion", String, Under("tracer_version", Place::ResourceAttribute)),
        one(5, "runtimeID", String, Under("runtime_id", Place::ResourceAttribute)),
        many(6, "chunks", Nested(&TRACE_CHUNK), Enter),
        many(7, "tags", Nested(&TEXT_ENTRY), Entries(Place::ResourceAttribute)),
        one(8, "env", String, Under("env", Place::ResourceAttribute)),
        one(9, "hostname", String, Under("hostname", Place::ResourceAttribute)),
        one(10, "appVersion", String, Under("app_version", Place::ResourceAttribute)),
    ],
);

static TRACE_CHUNK: Message = Message::new(
    "TraceChunk",
    Kind::Plain,
    &[
        one(1, "priority", Int32, Keep(Reason::Enumerated)),
        one(2, "origin", String, Under("origin", Place::SpanAttribute)),
        many(3, "spans", Nested(&SPAN), Enter),
        many(4, "tags", Nested(&TEXT_ENTRY), Entries(Place::SpanAttribute)),
        one(5, "droppedTrace", Bool, Keep(Reason::Enumerated)),
    ],
);

/// `datadog.trace.Span`.
pub(in crate::walk) static SPAN: Message = Message::new(
    "Span",
    Kind::Record,
    &[
        one(1, "service", String, Under("service", Place::ResourceAttribute)),
        one(2, "name", String, Text(Place::SpanName)),
        one(3, "resource", String, Statement(Place::SpanName)),
        one(4, "traceID", Uint64, Keep(Reason::Identity)),
        one(5, "spanID", Uint64, Keep(Reason::Identity)),
        one(6, "parentID", Uint64, Keep(Reason::Identity)),
        one(7, "start", Int64, Keep(Reason::Time)),
        one(8, "duration", Int64, Keep(Reason::Time)),
        one(9, "error", Int32, Keep(Reason::Enumerated)),
        many(10, "meta", Nested(&TEXT_ENTRY), Entries(Place::SpanAttribute)),
        many(11, "metrics", Nested(&NUMBER_ENTRY), Entries(Place::SpanAttribute)),
        one(12, "type", String, Under("type", Place::SpanAttribute)),
        many(13, "meta_struct", Nested(&PACKED_ENTRY), Entries(Place::SpanAttribute)),
        many(14, "spanLinks", Nested(&SPAN_LINK), Enter),
        many(15, "spanEvents", Nested(&SPAN_EVENT), Enter),
    ],
);

static SPAN_LINK: Message = Message::new(
    "SpanLink",
    Kind::Plain,
    &[
        one(1, "traceID", Uint64, Keep(Reason::Identity)),
        one(2, "traceID_high", Uint64, Keep(Reason::Identity)),
        one(3, "spanID", Uint64, Keep(Reason::Identity)),
        many(4, "attributes", Nested(&TEXT_ENTRY), Entries(Place::LinkAttribute)),
        one(5, "tracestate", String, Under("tracestate", Place::TraceState)),
        one(6, "flags", Uint32, Keep(Reason::Enumerated)),
    ],
);

static SPAN_EVENT: Message = Message::new(
    "SpanEvent",
    Kind::Plain,
    &[
        one(1, "time_unix_nano", Fixed64, Keep(Reason::Time)),
        one(2, "name", String, Text(Place::EventName)),
        many(3, "attributes", Nested(&TYPED_ENTRY), Entries(Place::EventAttribute)),
    ],
);

static TEXT_ENTRY: Message =
    Message::new("map<string, string>", Kind::Entry, &[one(1, "key", String, Inline), one(2, "value", String, Inline)]);

static NUMBER_ENTRY: Message =
    Message::new("map<string, double>", Kind::Entry, &[one(1, "key", String, Inline), one(2, "value", Double, Inline)]);

/// Documents in MessagePack below keys.
static PACKED_ENTRY: Message =
    Message::new("map<string, bytes>", Kind::Entry, &[one(1, "key", String, Inline), one(2, "value", Bytes, Inline)]);

static TYPED_ENTRY: Message = Message::new(
    "map<string, AttributeAnyValue>",
    Kind::Entry,
    &[one(1, "key", String, Inline), one(2, "value", Nested(&TYPED), Enter)],
);

static TYPED: Message = Message::new(
    "AttributeAnyValue",
    Kind::Entry,
    &[
        one(1, "type", Enum, Keep(Reason::Enumerated)),
        one(2, "string_value", String, Inline),
        one(3, "bool_value", Bool, Keep(Reason::Enumerated)),
        one(4, "int_value", Int64, Inline),
        one(5, "double_value", Double, Inline),
        one(6, "array_value", Nested(&TYPED_LIST), Enter),
    ],
);

static TYPED_LIST: Message =
    Message::new("AttributeArray", Kind::Entry, &[many(1, "values", Nested(&TYPED_ITEM), Enter)]);

static TYPED_ITEM: Message = Message::new(
    "AttributeArrayValue",
    Kind::Entry,
    &[
        one(1, "type", Enum, Keep(Reason::Enumerated)),
        one(2, "string_value", String, Inline),
        one(3, "bool_value", Bool, Keep(Reason::Enumerated)),
        one(4, "int_value", Int64, Inline),
        one(5, "double_value", Double, Inline),
    ],
);
