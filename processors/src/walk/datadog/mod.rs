//! The messages in protobuf that Datadog's Agents send: every field of every one, and what the scrub does with it.
//!
//! They are written in the words of the tables of OTLP and read by the same loop. A field that is not in a table goes and is
//! counted, as there: so does what says how an Agent found out about a container, which nobody reads but its makers.

mod indexed;
mod metrics;
mod sketch;
mod traces;

pub(super) use indexed::{ANY_VALUE, ARRAY_VALUE, KEY_VALUE, KEY_VALUES};
pub(crate) use sketch::is_sketch;
pub(super) use traces::SPAN;

use super::otlp::{Field, Message, Scrub, Type};
use super::{Malformed, Out, WalkError, otlp};
use crate::scrubbed::Schema;

/// What stands at the root of a message, if it is one.
pub(crate) fn root(schema: Schema) -> Option<&'static Message> {
    match schema {
        Schema::DatadogMetrics => Some(&metrics::METRIC_PAYLOAD),
        Schema::DatadogSketches => Some(&metrics::SKETCH_PAYLOAD),
        Schema::DatadogAgentTraces => Some(&traces::AGENT_PAYLOAD),
        Schema::Any
        | Schema::DatadogTraces
        | Schema::DatadogTraceTable
        | Schema::DatadogTraceStream
        | Schema::DatadogTracePayload
        | Schema::DatadogLlmEvents
        | Schema::DatadogLlmEvaluations
        | Schema::DatadogPipelineStats
        | Schema::DatadogClientStats
        | Schema::DatadogStats
        | Schema::DatadogLogs
        | Schema::DatadogSeries
        | Schema::SentryEvent => None,
    }
}

/// The fields that lead from the root of a message to what it can be divided by, level by level.
pub(crate) fn to_records(schema: Schema) -> &'static [&'static [u32]] {
    match schema {
        Schema::DatadogMetrics | Schema::DatadogSketches => &[&[1]],
        // Payloads of tracers, and their chunks.
        Schema::DatadogAgentTraces => &[&[5, 11], &[6, 11]],
        Schema::Any
        | Schema::DatadogTraces
        | Schema::DatadogTraceTable
        | Schema::DatadogTraceStream
        | Schema::DatadogTracePayload
        | Schema::DatadogLlmEvents
        | Schema::DatadogLlmEvaluations
        | Schema::DatadogPipelineStats
        | Schema::DatadogClientStats
        | Schema::DatadogStats
        | Schema::DatadogLogs
        | Schema::DatadogSeries
        | Schema::SentryEvent => &[],
    }
}

/// Walks a message of Datadog's.
pub(crate) fn walk(schema: Schema, source: &[u8], out: &mut Out<'_>) -> Result<(), WalkError> {
    let message = root(schema).ok_or(Malformed { offset: 0 })?;
    otlp::walk_message(message, source, out)
}

const fn one(number: u32, name: &'static str, kind: Type, scrub: Scrub) -> Field {
    Field { number, name, json: name, kind, repeated: false, scrub }
}

const fn many(number: u32, name: &'static str, kind: Type, scrub: Scrub) -> Field {
    Field { number, name, json: name, kind, repeated: true, scrub }
}

#[cfg(test)]
mod tests;
