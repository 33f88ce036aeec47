//! Logs.

use super::Reason;
use super::Scrub::*;
use super::Type::*;
use super::common::{ANY_VALUE, KEY_VALUE, RESOURCE, SCOPE};
use super::{Kind, Message, many, one};
use crate::tape::Place;

/// `logs.v1.ResourceLogs`.
pub(crate) static RESOURCE_LOGS: Message = Message::new(
    "logs.v1.ResourceLogs",
    Kind::Resourced,
    &[
        one(1, "resource", "resource", Nested(&RESOURCE), Enter),
        many(2, "scope_logs", "scopeLogs", Nested(&SCOPE_LOGS), Enter),
        one(3, "schema_url", "schemaUrl", String, Text(Place::SchemaUrl)),
    ],
);

/// `logs.v1.ScopeLogs`.
pub(crate) static SCOPE_LOGS: Message = Message::new(
    "logs.v1.ScopeLogs",
    Kind::Plain,
    &[
        one(1, "scope", "scope", Nested(&SCOPE), Enter),
        many(2, "log_records", "logRecords", Nested(&LOG_RECORD), Enter),
        one(3, "schema_url", "schemaUrl", String, Text(Place::SchemaUrl)),
    ],
);

/// `logs.v1.LogRecord`.
pub(crate) static LOG_RECORD: Message = Message::new(
    "logs.v1.LogRecord",
    Kind::Record,
    &[
        one(1, "time_unix_nano", "timeUnixNano", Fixed64, Keep(Reason::Time)),
        one(2, "severity_number", "severityNumber", Enum, Keep(Reason::Enumerated)),
        one(3, "severity_text", "severityText", String, Text(Place::SeverityText)),
        one(5, "body", "body", Nested(&ANY_VALUE), Value(Place::LogBody)),
        many(6, "attributes", "attributes", Nested(&KEY_VALUE), Attributes(Place::LogAttribute)),
        one(7, "dropped_attributes_count", "droppedAttributesCount", Uint32, Keep(Reason::Count)),
        one(8, "flags", "flags", Fixed32, Keep(Reason::Enumerated)),
        one(9, "trace_id", "traceId", Hex, Id(16)),
        one(10, "span_id", "spanId", Hex, Id(8)),
        one(11, "observed_time_unix_nano", "observedTimeUnixNano", Fixed64, Keep(Reason::Time)),
        one(12, "event_name", "eventName", String, Text(Place::EventName)),
    ],
);

/// `collector.logs.v1.ExportLogsServiceRequest`.
pub(crate) static LOGS_REQUEST: Message = Message::new(
    "collector.logs.v1.ExportLogsServiceRequest",
    Kind::Plain,
    &[many(1, "resource_logs", "resourceLogs", Nested(&RESOURCE_LOGS), Enter)],
);
