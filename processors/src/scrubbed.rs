//! The promise that a batch has been scrubbed, as a type.

use crate::report::Report;
use crate::walk::otlp::Signal;
use bytes::Bytes;

/// What bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// An OTLP export request in protobuf.
    Otlp(Signal),
    /// Plain text, looked at as a whole: an identifier may reach over lines.
    Text,
    /// Plain text, each line a record of its own.
    Lines,
    /// A document in JSON, scrubbed in place: what needs no edit leaves byte for byte.
    Json(Schema),
    /// A document in MessagePack, likewise.
    Msgpack(Schema),
    /// A message in protobuf that is no OTLP, likewise. What its table does not name goes, as in OTLP.
    Protobuf(Schema),
    /// A Sentry envelope: lines of JSON, and items that they announce.
    Envelope,
}

/// What is known of a document in JSON, MessagePack or protobuf. What is not known of one in JSON or MessagePack is looked
/// at under its keys, and stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Schema {
    /// Any document.
    Any,
    /// Datadog traces v0.3 and v0.4: lists of lists of spans.
    DatadogTraces,
    /// Datadog traces v0.5: a table of strings and spans that refer to it. MessagePack only.
    DatadogTraceTable,
    /// Datadog traces v1.0: texts are written where they are used first, and are positions from then on. MessagePack only.
    DatadogTraceStream,
    /// Datadog traces v0.7: chunks of spans.
    DatadogTracePayload,
    /// What Datadog's LLM Observability is told: a list of events with spans, or one. JSON only.
    DatadogLlmEvents,
    /// What is said of answers to Datadog's LLM Observability. JSON only.
    DatadogLlmEvaluations,
    /// Datadog log records, a list or a single one.
    DatadogLogs,
    /// Datadog series v1.
    DatadogSeries,
    /// Datadog series v2, in protobuf or JSON.
    DatadogMetrics,
    /// Distributions as Datadog's Agents send them. Protobuf only.
    DatadogSketches,
    /// Traces as Datadog's Agents send them on. Protobuf only.
    DatadogAgentTraces,
    /// What Datadog's tracers have counted of their spans. MessagePack only.
    DatadogClientStats,
    /// What Datadog's Agents have counted of the spans they took. MessagePack only.
    DatadogStats,
    /// What Datadog's tracers have counted of messages in queues. MessagePack only.
    DatadogPipelineStats,
    /// A Sentry event without an envelope.
    SentryEvent,
}

impl Format {
    /// What the bytes carry; `None` if that is not said.
    #[must_use]
    pub fn signal(self) -> Option<Signal> {
        match self {
            Self::Otlp(signal) => Some(signal),
            Self::Text | Self::Lines => None,
            Self::Json(schema) | Self::Msgpack(schema) | Self::Protobuf(schema) => schema.signal(),
            Self::Envelope => Some(Signal::Logs),
        }
    }
}

impl Schema {
    fn signal(self) -> Option<Signal> {
        match self {
            Self::Any => None,
            // What is counted of spans belongs to them, and goes where they go.
            Self::DatadogTraces
            | Self::DatadogTraceTable
            | Self::DatadogTraceStream
            | Self::DatadogTracePayload
            | Self::DatadogLlmEvents
            | Self::DatadogLlmEvaluations
            | Self::DatadogPipelineStats
            | Self::DatadogAgentTraces
            | Self::DatadogClientStats
            | Self::DatadogStats => Some(Signal::Traces),
            Self::DatadogSeries | Self::DatadogMetrics | Self::DatadogSketches => Some(Signal::Metrics),
            // Errors are reported where logs go.
            Self::DatadogLogs | Self::SentryEvent => Some(Signal::Logs),
        }
    }
}

/// A batch that holds nothing but what the engine let through.
///
/// Only [`Scrubber::scrub`](crate::Scrubber::scrub) makes one. What is queued, stored or sent is made of these, so that
/// forgetting to scrub does not compile:
///
/// ```compile_fail
/// # use bytes::Bytes;
/// let raw = Bytes::from_static(b"ssn 536-22-8147");
/// let scrubbed = processors::Scrubbed { bytes: raw };
/// ```
///
/// ```compile_fail
/// # use bytes::Bytes;
/// let raw = Bytes::from_static(b"ssn 536-22-8147");
/// let scrubbed: processors::Scrubbed = raw.into();
/// ```
#[derive(Clone)]
pub struct Scrubbed {
    bytes: Bytes,
    format: Format,
    rule_set: [u8; 32],
    report: Report,
}

impl Scrubbed {
    /// To be called by the scrub alone, which is why nothing outside the engine can.
    pub(crate) fn new(bytes: Bytes, format: Format, rule_set: [u8; 32], report: Report) -> Self {
        Self { bytes, format, rule_set, report }
    }

    /// The scrubbed bytes.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// What they are.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The hash of the rule set that let them through.
    #[must_use]
    pub fn rule_set(&self) -> [u8; 32] {
        self.rule_set
    }

    /// What was done to them.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }
}

impl std::fmt::Debug for Scrubbed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scrubbed").field("format", &self.format).field("len", &self.bytes.len()).finish_non_exhaustive()
    }
}
