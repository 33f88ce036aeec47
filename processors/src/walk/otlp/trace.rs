//! Traces.

use super::Reason;
use super::Scrub::*;
use super::Type::*;
use super::common::{KEY_VALUE, RESOURCE, SCOPE};
use super::{Kind, Message, many, one};
use crate::tape::Place;

/// `trace.v1.ResourceSpans`.
pub(crate) static RESOURCE_SPANS: Message = Message::new(
    "trace.v1.ResourceSpans",
    Kind::Resourced,
    &[
        one(1, "resource", "resource", Nested(&RESOURCE), Enter),
        many(2, "scope_spans", "scopeSpans", Nested(&SCOPE_SPANS), Enter),
        one(3, "schema_url", "schemaUrl", String, Text(Place::SchemaUrl)),
    ],
);

/// `trace.v1.ScopeSpans`.
pub(crate) static SCOPE_SPANS: Message = Message::new(
    "trace.v1.ScopeSpans",
    Kind::Plain,
    &[
        one(1, "scope", "scope", Nested(&SCOPE), Enter),
        many(2, "spans", "spans", Nested(&SPAN), Enter),
        one(3, "schema_url", "schemaUrl", String, Text(Place::SchemaUrl)),
    ],
);

/// `trace.v1.Span`.
pub(crate) static SPAN: Message = Message::new(
    "trace.v1.Span",
    Kind::Record,
    &[
        one(1, "trace_id", "traceId", Hex, Id(16)),
        one(2, "span_id", "spanId", Hex, Id(8)),
        one(3, "trace_state", "traceState", String, Text(Place::TraceState)),
        one(4, "parent_span_id", "parentSpanId", Hex, Id(8)),
        one(5, "name", "name", String, Text(Place::SpanName)),
        one(6, "kind", "kind", Enum, Keep(Reason::Enumerated)),
        one(7, "start_time_unix_nano", "startTimeUnixNano", Fixed64, Keep(Reason::Time)),
        one(8, "end_time_unix_nano", "endTimeUnixNano", Fixed64, Keep(Reason::Time)),
        many(9, "attributes", "attributes", Nested(&KEY_VALUE), Attributes(Place::SpanAttribute)),
        one(10, "dropped_attributes_count", "droppedAttributesCount", Uint32, Keep(Reason::Count)),
        many(11, "events", "events", Nested(&EVENT), Enter),
        one(12, "dropped_events_count", "droppedEventsCount", Uint32, Keep(Reason::Count)),
        many(13, "links", "links", Nested(&SPAN_LINK), Enter),
        one(14, "dropped_links_count", "droppedLinksCount", Uint32, Keep(Reason::Count)),
        one(15, "status", "status", Nested(&STATUS), Enter),
        one(16, "flags", "flags", Fixed32, Keep(Reason::Enumerated)),
    ],
);

/// `trace.v1.Span.Event`.
pub(crate) static EVENT: Message = Message::new(
    "trace.v1.Span.Event",
    Kind::Plain,
    &[
        one(1, "time_unix_nano", "timeUnixNano", Fixed64, Keep(Reason::Time)),
        one(2, "name", "name", String, Text(Place::EventName)),
        many(3, "attributes", "attributes", Nested(&KEY_VALUE), Attributes(Place::EventAttribute)),
        one(4, "dropped_attributes_count", "droppedAttributesCount", Uint32, Keep(Reason::Count)),
    ],
);

/// `trace.v1.Span.Link`.
pub(crate) static SPAN_LINK: Message = Message::new(
    "trace.v1.Span.Link",
    Kind::Plain,
    &[
        one(1, "trace_id", "traceId", Hex, Id(16)),
        one(2, "span_id", "spanId", Hex, Id(8)),
        one(3, "trace_state", "traceState", String, Text(Place::TraceState)),
        many(4, "attributes", "attributes", Nested(&KEY_VALUE), Attributes(Place::LinkAttribute)),
        one(5, "dropped_attributes_count", "droppedAttributesCount", Uint32, Keep(Reason::Count)),
        one(6, "flags", "flags", Fixed32, Keep(Reason::Enumerated)),
    ],
);

/// `trace.v1.Status`.
pub(crate) static STATUS: Message = Message::new(
    "trace.v1.Status",
    Kind::Plain,
    &[
        one(2, "message", "message", String, Text(Place::StatusMessage)),
        one(3, "code", "code", Enum, Keep(Reason::Enumerated)),
    ],
);

/// `collector.trace.v1.ExportTraceServiceRequest`.
pub(crate) static TRACES_REQUEST: Message = Message::new(
    "collector.trace.v1.ExportTraceServiceRequest",
    Kind::Plain,
    &[many(1, "resource_spans", "resourceSpans", Nested(&RESOURCE_SPANS), Enter)],
);
