//! Log records as Datadog's intake for logs takes them: a JSON array of flat objects. The mapping is that of
//! `opentelemetry-mapping-go` (`pkg/otlp/logs/transform.go`), which Datadog's own exporter and Agent use.

use super::super::SendError;
use super::tags::{self, host, text};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value as Any};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use prost::Message as _;
use serde_json::{Map, Value};
use std::fmt::Write as _;
use std::time::{Duration, UNIX_EPOCH};

/// The most logs and bytes of one request.
const MAX_LOGS: usize = 1000;
const MAX_BYTES: usize = 5_000_000;
/// How deep maps are flattened.
const DEPTH: usize = 10;

/// Writes a request's logs.
///
/// # Errors
/// If they are more than one request may carry: then the request is to be halved.
pub(super) fn write(body: Bytes) -> Result<Bytes, SendError> {
    let request = ExportLogsServiceRequest::decode(body).map_err(|_| SendError::Unsendable)?;
    let records =
        request.resource_logs.iter().flat_map(|resource| &resource.scope_logs).map(|scope| scope.log_records.len());
    if records.sum::<usize>() > MAX_LOGS {
        return Err(super::TOO_LARGE);
    }
    let mut logs = Vec::new();
    for resource in &request.resource_logs {
        let attributes = resource.resource.as_ref().map_or(&[][..], |resource| &resource.attributes);
        let tags = tags::tags(attributes);
        for scope in &resource.scope_logs {
            let of_scope = scope.scope.as_ref().map_or(&[][..], |scope| &scope.attributes);
            logs.extend(scope.log_records.iter().map(|record| log(record, attributes, of_scope, &tags)));
        }
    }
    let written = serde_json::to_vec(&logs).map_err(|_| SendError::Unsendable)?;
    if written.len() > MAX_BYTES { Err(super::TOO_LARGE) } else { Ok(written.into()) }
}

fn log(record: &LogRecord, resource: &[KeyValue], scope: &[KeyValue], resource_tags: &str) -> Value {
    let mut out = Map::new();
    let mut known = Known::default();
    for attribute in &record.attributes {
        let Some(value) = &attribute.value else { continue };
        known.take(&attribute.key, value, &mut out);
    }
    for attribute in resource {
        // Both names mean something else at the top of a log.
        let reserved = matches!(attribute.key.as_str(), "hostname" | "service");
        let key = if reserved { format!("otel.{}", attribute.key) } else { attribute.key.clone() };
        put(&mut out, key, said(attribute.value.as_ref()));
    }
    for attribute in scope {
        put(&mut out, attribute.key.clone(), said(attribute.value.as_ref()));
    }
    ids(record, &mut out);
    put(&mut out, "status".into(), status(record, known.status));
    if !record.severity_text.is_empty() {
        put(&mut out, "otel.severity_text".into(), record.severity_text.clone());
    }
    if record.severity_number != 0 {
        put(&mut out, "otel.severity_number".into(), record.severity_number.to_string());
    }
    if record.time_unix_nano != 0 {
        put(&mut out, "otel.timestamp".into(), record.time_unix_nano.to_string());
        let time = UNIX_EPOCH + Duration::from_nanos(record.time_unix_nano);
        put(&mut out, "@timestamp".into(), humantime::format_rfc3339_millis(time).to_string());
    }
    let message = known.message.filter(|message| !message.is_empty());
    put(&mut out, "message".into(), message.unwrap_or_else(|| said(record.body.as_ref())));
    let own = known.tags.unwrap_or_default();
    let tags = [resource_tags, &own].into_iter().filter(|tags| !tags.is_empty()).collect::<Vec<_>>().join(",");
    put(&mut out, "ddtags".into(), tags);
    if let Some(host) = host(resource).or_else(|| host(&record.attributes)) {
        put(&mut out, "hostname".into(), host);
    }
    if let Some(service) = text(resource, "service.name").or_else(|| text(&record.attributes, "service.name")) {
        put(&mut out, "service".into(), service.to_owned());
    }
    Value::Object(out)
}

/// Attributes that mean something to Datadog.
#[derive(Default)]
struct Known {
    message: Option<String>,
    status: Option<String>,
    tags: Option<String>,
}

impl Known {
    fn take(&mut self, key: &str, value: &AnyValue, out: &mut Map<String, Value>) {
        match key.to_lowercase().as_str() {
            "msg" | "message" | "log" => self.message = Some(said(Some(value))),
            "status" | "severity" | "level" | "syslog.severity" => self.status = Some(said(Some(value))),
            "traceid" | "trace_id" | "contextmap.traceid" | "oteltraceid" => {
                id(&said(Some(value)), 32, "dd.trace_id", "otel.trace_id", out);
            }
            "spanid" | "span_id" | "contextmap.spanid" | "otelspanid" => {
                id(&said(Some(value)), 16, "dd.span_id", "otel.span_id", out);
            }
            "ddtags" => self.tags = Some(said(Some(value))),
            _ => flatten(key, value, 1, out),
        }
    }
}

/// An id that a program logged as text: in hexadecimal, and its lower half in decimal.
fn id(hex: &str, digits: usize, decimal: &str, whole: &str, out: &mut Map<String, Value>) {
    let lower = hex.len().checked_sub(16).and_then(|at| hex.get(at..));
    if hex.len() == digits
        && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
        && let Some(lower) = lower.and_then(|lower| u64::from_str_radix(lower, 16).ok())
        && !out.contains_key(decimal)
    {
        put(out, decimal.into(), lower.to_string());
        put(out, whole.into(), hex.to_owned());
    }
}

/// The ids of the record itself win over those that were logged.
fn ids(record: &LogRecord, out: &mut Map<String, Value>) {
    for (bytes, decimal, whole) in
        [(&record.trace_id, "dd.trace_id", "otel.trace_id"), (&record.span_id, "dd.span_id", "otel.span_id")]
    {
        let Some(lower) = bytes.last_chunk::<8>().filter(|_| bytes.iter().any(|byte| *byte != 0)) else { continue };
        put(out, decimal.into(), u64::from_be_bytes(*lower).to_string());
        let hex = bytes.iter().fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        put(out, whole.into(), hex);
    }
}

/// What the attributes say, what the record says, or what its number means.
fn status(record: &LogRecord, said: Option<String>) -> String {
    let said = said.filter(|status| !status.is_empty());
    let text = Some(&record.severity_text).filter(|text| !text.is_empty());
    said.or_else(|| text.cloned()).unwrap_or_else(|| {
        let level = match record.severity_number {
            0 => "",
            1..=4 => "trace",
            5..=8 => "debug",
            9..=12 => "info",
            13..=16 => "warn",
            21..=24 => "fatal",
            _ => "error",
        };
        level.to_owned()
    })
}

/// Writes an attribute, a map as one entry for each value in it.
fn flatten(key: &str, value: &AnyValue, depth: usize, out: &mut Map<String, Value>) {
    match &value.value {
        Some(Any::KvlistValue(map)) if depth < DEPTH => {
            for inner in &map.values {
                let key = format!("{key}.{}", inner.key);
                match &inner.value {
                    Some(value) => flatten(&key, value, depth + 1, out),
                    None => put(out, key, String::new()),
                }
            }
        }
        _ => put(out, key.to_owned(), said(Some(value))),
    }
}

fn put(out: &mut Map<String, Value>, key: String, value: String) {
    out.insert(key, Value::String(value));
}

/// A value as text: what is no scalar as JSON.
fn said(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        None => String::new(),
        Some(Any::StringValue(text)) => text.clone(),
        Some(other) => {
            let other = json(other);
            other.as_str().map_or_else(|| other.to_string(), str::to_owned)
        }
    }
}

fn json(value: &Any) -> Value {
    let inner = |value: &AnyValue| value.value.as_ref().map_or(Value::Null, json);
    match value {
        Any::StringValue(text) => Value::String(text.clone()),
        Any::BoolValue(flag) => Value::Bool(*flag),
        Any::IntValue(number) => Value::from(*number),
        Any::DoubleValue(number) => Value::from(*number),
        Any::BytesValue(bytes) => Value::String(STANDARD.encode(bytes)),
        Any::ArrayValue(list) => Value::Array(list.values.iter().map(inner).collect()),
        Any::KvlistValue(map) => {
            let entries =
                map.values.iter().map(|entry| (entry.key.clone(), entry.value.as_ref().map_or(Value::Null, inner)));
            Value::Object(entries.collect())
        }
        // Strings by number belong to profiles; without their table it says nothing.
        Any::StringValueStrindex(_) => Value::Null,
    }
}
