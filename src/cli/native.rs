//! The formats of Datadog's and Sentry's senders, as arguments name them.

use clap::ValueEnum;
use processors::{Format, Schema};

/// What a file of requests holds that is no OTLP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum NativeName {
    /// Datadog traces v0.3 and v0.4 in MessagePack.
    DatadogTraces,
    /// Datadog traces v0.5 in MessagePack.
    DatadogTraceTable,
    /// Datadog traces v1.0 in MessagePack.
    DatadogTraceStream,
    /// Datadog traces v0.7 in MessagePack.
    DatadogTracePayload,
    /// Events of Datadog's LLM Observability in JSON.
    DatadogLlmEvents,
    /// What is said of answers to Datadog's LLM Observability, in JSON.
    DatadogLlmEvaluations,
    /// Datadog logs in JSON.
    DatadogLogs,
    /// Datadog series v1 in JSON.
    DatadogSeries,
    /// Datadog series v2 in protobuf.
    DatadogMetrics,
    /// Distributions of Datadog's Agents in protobuf.
    DatadogSketches,
    /// Traces of Datadog's Agents in protobuf.
    DatadogAgentTraces,
    /// What Datadog's tracers have counted of spans, in MessagePack.
    DatadogClientStats,
    /// What Datadog's Agents have counted of spans, in MessagePack.
    DatadogStats,
    /// What Datadog's tracers have counted of messages in queues, in MessagePack.
    DatadogPipelineStats,
    /// Sentry envelopes.
    SentryEnvelope,
}

impl From<NativeName> for Format {
    fn from(name: NativeName) -> Self {
        match name {
            NativeName::DatadogTraces => Self::Msgpack(Schema::DatadogTraces),
            NativeName::DatadogTraceStream => Self::Msgpack(Schema::DatadogTraceStream),
            NativeName::DatadogTraceTable => Self::Msgpack(Schema::DatadogTraceTable),
            NativeName::DatadogTracePayload => Self::Msgpack(Schema::DatadogTracePayload),
            NativeName::DatadogLlmEvents => Self::Json(Schema::DatadogLlmEvents),
            NativeName::DatadogLlmEvaluations => Self::Json(Schema::DatadogLlmEvaluations),
            NativeName::DatadogPipelineStats => Self::Msgpack(Schema::DatadogPipelineStats),
            NativeName::DatadogLogs => Self::Json(Schema::DatadogLogs),
            NativeName::DatadogSeries => Self::Json(Schema::DatadogSeries),
            NativeName::DatadogMetrics => Self::Protobuf(Schema::DatadogMetrics),
            NativeName::DatadogSketches => Self::Protobuf(Schema::DatadogSketches),
            NativeName::DatadogAgentTraces => Self::Protobuf(Schema::DatadogAgentTraces),
            NativeName::DatadogClientStats => Self::Msgpack(Schema::DatadogClientStats),
            NativeName::DatadogStats => Self::Msgpack(Schema::DatadogStats),
            NativeName::SentryEnvelope => Self::Envelope,
        }
    }
}
