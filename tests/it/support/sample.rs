//! Telemetry with one made-up social security number in it, for every signal.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::profiles::v1development::ExportProfilesServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::{
    Gauge, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, metric, number_data_point,
};
use opentelemetry_proto::tonic::profiles::v1development::{
    Profile, ProfilesDictionary, ResourceProfiles, ScopeProfiles,
};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message as _;

pub const SSN: &str = "536-22-8147";
pub const REDACTED: &str = "[REDACTED:ssn]";

fn value(text: &str) -> Option<AnyValue> {
    Some(AnyValue { value: Some(Value::StringValue(text.into())) })
}

pub fn attribute(key: &str, text: &str) -> KeyValue {
    KeyValue { key: key.into(), value: value(text), ..KeyValue::default() }
}

/// One log record with this body.
pub fn log(text: &str) -> ExportLogsServiceRequest {
    logs(&[text])
}

/// Log records with these bodies.
pub fn logs(texts: &[&str]) -> ExportLogsServiceRequest {
    let log_records = texts
        .iter()
        .map(|text| LogRecord { time_unix_nano: 1, severity_number: 9, body: value(text), ..LogRecord::default() })
        .collect();
    ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs {
            scope_logs: vec![ScopeLogs { log_records, ..ScopeLogs::default() }],
            ..ResourceLogs::default()
        }],
    }
}

/// The bodies of all log records.
pub fn bodies(request: &[u8]) -> Vec<String> {
    let request = ExportLogsServiceRequest::decode(request).expect("logs");
    let scopes = request.resource_logs.into_iter().flat_map(|resource| resource.scope_logs);
    let records = scopes.flat_map(|scope| scope.log_records);
    records
        .filter_map(|record| match record.body?.value? {
            Value::StringValue(text) => Some(text),
            _ => None,
        })
        .collect()
}

pub fn trace(text: &str) -> ExportTraceServiceRequest {
    let span = Span {
        trace_id: vec![7; 16],
        span_id: vec![7; 8],
        name: "fetch".into(),
        attributes: vec![attribute("app.note", text)],
        ..Span::default()
    };
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            scope_spans: vec![ScopeSpans { spans: vec![span], ..ScopeSpans::default() }],
            ..ResourceSpans::default()
        }],
    }
}

pub fn metric(text: &str) -> ExportMetricsServiceRequest {
    let point = NumberDataPoint { value: Some(number_data_point::Value::AsInt(3)), ..NumberDataPoint::default() };
    let metric = Metric {
        name: "queue.depth".into(),
        description: text.into(),
        data: Some(metric::Data::Gauge(Gauge { data_points: vec![point] })),
        ..Metric::default()
    };
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            scope_metrics: vec![ScopeMetrics { metrics: vec![metric], ..ScopeMetrics::default() }],
            ..ResourceMetrics::default()
        }],
    }
}

pub fn profile(text: &str) -> ExportProfilesServiceRequest {
    ExportProfilesServiceRequest {
        resource_profiles: vec![ResourceProfiles {
            scope_profiles: vec![ScopeProfiles { profiles: vec![Profile::default()], ..ScopeProfiles::default() }],
            ..ResourceProfiles::default()
        }],
        dictionary: Some(ProfilesDictionary {
            string_table: vec![String::new(), text.into()],
            ..ProfilesDictionary::default()
        }),
    }
}

/// Path, name of the signal, and a request that holds `text`, for every signal.
pub fn every(text: &str) -> [(&'static str, &'static str, Vec<u8>); 4] {
    [
        ("/v1/traces", "traces", trace(text).encode_to_vec()),
        ("/v1/logs", "logs", log(text).encode_to_vec()),
        ("/v1/metrics", "metrics", metric(text).encode_to_vec()),
        ("/v1development/profiles", "profiles", profile(text).encode_to_vec()),
    ]
}

/// Whether the request decodes as what it should be.
pub fn decodes(signal: &str, request: &[u8]) -> bool {
    match signal {
        "traces" => ExportTraceServiceRequest::decode(request).is_ok_and(|request| request.resource_spans.len() == 1),
        "logs" => ExportLogsServiceRequest::decode(request).is_ok_and(|request| request.resource_logs.len() == 1),
        "metrics" => {
            ExportMetricsServiceRequest::decode(request).is_ok_and(|request| request.resource_metrics.len() == 1)
        }
        _ => ExportProfilesServiceRequest::decode(request).is_ok_and(|request| request.resource_profiles.len() == 1),
    }
}

/// Whether `needle` is in there.
pub fn holds(bytes: &[u8], needle: &str) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
}
