//! Requests with given texts in given places, and what stands in them.

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, KeyValueList};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, span};
use prost::Message as _;

pub fn string(text: &str) -> AnyValue {
    AnyValue { value: Some(Value::StringValue(text.into())) }
}

pub fn int(number: i64) -> AnyValue {
    AnyValue { value: Some(Value::IntValue(number)) }
}

pub fn map(entries: &[(&str, &str)]) -> AnyValue {
    let values = entries.iter().map(|(key, text)| pair(key, string(text))).collect();
    AnyValue { value: Some(Value::KvlistValue(KeyValueList { values })) }
}

pub fn pair(key: &str, value: AnyValue) -> KeyValue {
    KeyValue { key: key.into(), value: Some(value), ..KeyValue::default() }
}

/// A request for traces with one span for each list of attributes.
pub fn spans(spans: Vec<Vec<KeyValue>>) -> Bytes {
    let spans = spans.into_iter().map(|attributes| Span { name: "demo".into(), attributes, ..Span::default() });
    traces(ScopeSpans { spans: spans.collect(), ..ScopeSpans::default() })
}

/// A request for traces with one span that has an event, below a scope, each with these attributes.
pub fn event_and_scope(event: KeyValue, scope: KeyValue) -> Bytes {
    let events = vec![span::Event { name: "exception".into(), attributes: vec![event], ..Default::default() }];
    let scope = InstrumentationScope { attributes: vec![scope], ..InstrumentationScope::default() };
    traces(ScopeSpans { scope: Some(scope), spans: vec![Span { events, ..Span::default() }], ..ScopeSpans::default() })
}

fn traces(scope: ScopeSpans) -> Bytes {
    let resource_spans = vec![ResourceSpans { scope_spans: vec![scope], ..ResourceSpans::default() }];
    ExportTraceServiceRequest { resource_spans }.encode_to_vec().into()
}

/// A request for logs with one record for each body.
pub fn logs(bodies: Vec<AnyValue>) -> Bytes {
    let log_records = bodies.into_iter().map(|body| LogRecord { body: Some(body), ..LogRecord::default() }).collect();
    let scope_logs = vec![ScopeLogs { log_records, ..ScopeLogs::default() }];
    ExportLogsServiceRequest { resource_logs: vec![ResourceLogs { scope_logs, ..ResourceLogs::default() }] }
        .encode_to_vec()
        .into()
}
