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
    /// Datadog traces v0.7 in MessagePack.
    DatadogTracePayload,
    /// Datadog logs in JSON.
    DatadogLogs,
    /// Datadog series v1 in JSON.
    DatadogSeries,
    /// Sentry envelopes.
    SentryEnvelope,
}

impl From<NativeName> for Format {
    fn from(name: NativeName) -> Self {
        match name {
            NativeName::DatadogTraces => Self::Msgpack(Schema::DatadogTraces),
            NativeName::DatadogTraceTable => Self::Msgpack(Schema::DatadogTraceTable),
            NativeName::DatadogTracePayload => Self::Msgpack(Schema::DatadogTracePayload),
            NativeName::DatadogLogs => Self::Json(Schema::DatadogLogs),
            NativeName::DatadogSeries => Self::Json(Schema::DatadogSeries),
            NativeName::SentryEnvelope => Self::Envelope,
        }
    }
}
