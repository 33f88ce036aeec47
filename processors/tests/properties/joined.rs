//! Identifiers that lie in several texts: records that go on, tokens, groups of digits, elements of an array in JSON.

use super::{RULES, TODAY};
use bytes::Bytes;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::{
    Gauge, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, metric, number_data_point,
};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, span::Event};
use processors::walk::otlp::Signal;
use processors::{Format, Scrubber};
use prost::Message;

fn text(text: &str) -> AnyValue {
    AnyValue { value: Some(Value::StringValue(text.into())) }
}

fn attribute(key: &str, value: AnyValue) -> KeyValue {
    KeyValue { key: key.into(), value: Some(value), ..KeyValue::default() }
}

/// What becomes of a request, by a scrubber that remembers; twice, and the second time nothing may change.
fn scrub<M: Message + Default>(signal: Signal, request: &M) -> M {
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    let mut once = |bytes: &Bytes| scrubber.scrub(bytes, Format::Otlp(signal), TODAY).unwrap().bytes().clone();
    // The first request makes clean texts known.
    let source = Bytes::from(request.encode_to_vec());
    let first = once(&source);
    assert_eq!(first, once(&source), "what is remembered changes nothing");
    assert_eq!(first, once(&first), "a second scrub changes nothing");
    M::decode(first).unwrap()
}

fn logs(bodies: &[&str]) -> Vec<String> {
    let record = |body: &&str| LogRecord { body: Some(text(body)), ..LogRecord::default() };
    let log_records = bodies.iter().map(record).collect();
    let scope_logs = vec![ScopeLogs { log_records, ..ScopeLogs::default() }];
    let request =
        ExportLogsServiceRequest { resource_logs: vec![ResourceLogs { scope_logs, ..ResourceLogs::default() }] };
    let scrubbed = scrub(Signal::Logs, &request);
    let records = scrubbed.resource_logs[0].scope_logs[0].log_records.iter();
    records.map(|record| string(record.body.as_ref())).collect()
}

fn string(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_number_that_goes_on_in_the_next_record_goes_in_both() {
    for (bodies, expected) in [
        (
            &["Patient seen", "her SSN: 536-22-", "8147 checked in"][..],
            &["Patient seen", "her SSN: [REDACTED:ssn]", "[REDACTED:ssn] checked in"][..],
        ),
        (
            &["2026-01-01T00:00:00Z stdout P ssn 536-2", "2026-01-01T00:00:00Z stdout F 2-8147 ok"],
            &["2026-01-01T00:00:00Z stdout P ssn [REDACTED:ssn]", "2026-01-01T00:00:00Z stdout F [REDACTED:ssn] ok"],
        ),
        // Neighbours that join nothing stay.
        (
            &["took 35", "2026-01-01 12:00:00 started", "80", "443"],
            &["took 35", "2026-01-01 12:00:00 started", "80", "443"],
        ),
        (&["wrote 5362", "28147 rows"], &["wrote 5362", "28147 rows"]),
    ] {
        assert_eq!(logs(bodies), expected);
    }
}

fn span(span: Span) -> Span {
    let scope_spans = vec![ScopeSpans { spans: vec![span], ..ScopeSpans::default() }];
    let request =
        ExportTraceServiceRequest { resource_spans: vec![ResourceSpans { scope_spans, ..ResourceSpans::default() }] };
    scrub(Signal::Traces, &request).resource_spans[0].scope_spans[0].spans[0].clone()
}

#[test]
fn chunks_of_an_answer_are_read_as_one() {
    let event = |chunk: &str| Event { attributes: vec![attribute("chunk", text(chunk))], ..Event::default() };
    let events = ["Your SSN is 536-2", "2-8", "147, correct?"].map(event).to_vec();
    let found = span(Span { events, ..Span::default() });
    let chunks: Vec<String> = found.events.iter().map(|event| string(event.attributes[0].value.as_ref())).collect();
    assert_eq!(chunks, ["Your SSN is [REDACTED:ssn]", "[REDACTED:ssn]", "[REDACTED:ssn], correct?"]);
}

#[test]
fn items_of_a_list_are_read_as_one() {
    for (items, expected) in [
        (&["536", "22", "8147"][..], &["[REDACTED:ssn]"; 3][..]),
        (
            &["SSN", " ", "536", "-22", "-", "8147"],
            &["SSN", " ", "[REDACTED:ssn]", "[REDACTED:ssn]", "[REDACTED:ssn]", "[REDACTED:ssn]"],
        ),
        (&["80", "443", "8080"], &["80", "443", "8080"]),
        (&["serve", "--port", "8080"], &["serve", "--port", "8080"]),
    ] {
        let values = items.iter().map(|item| text(item)).collect();
        let list = AnyValue { value: Some(Value::ArrayValue(ArrayValue { values })) };
        let found = span(Span { attributes: vec![attribute("parts", list)], ..Span::default() });
        let Some(Value::ArrayValue(list)) = found.attributes[0].value.clone().and_then(|value| value.value) else {
            panic!("no list")
        };
        let found: Vec<String> = list.values.iter().map(|item| string(Some(item))).collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn a_metric_named_after_an_identifier_has_no_value() {
    let value = |name: &str, value: i64| {
        let point =
            NumberDataPoint { value: Some(number_data_point::Value::AsInt(value)), ..NumberDataPoint::default() };
        let data = Some(metric::Data::Gauge(Gauge { data_points: vec![point] }));
        let metrics = vec![Metric { name: name.into(), data, ..Metric::default() }];
        let scope_metrics = vec![ScopeMetrics { metrics, ..ScopeMetrics::default() }];
        let resource_metrics = vec![ResourceMetrics { scope_metrics, ..ResourceMetrics::default() }];
        let scrubbed = scrub(Signal::Metrics, &ExportMetricsServiceRequest { resource_metrics });
        match scrubbed.resource_metrics[0].scope_metrics[0].metrics[0].data.clone() {
            Some(metric::Data::Gauge(gauge)) => gauge.data_points[0].value.is_some(),
            other => panic!("{other:?}"),
        }
    };
    assert!(!value("debug.last_ssn", 536_228_147));
    assert!(!value("current_patient_mrn", 4_829_131));
    assert!(value("sessions.by.user", 536_228_147), "users are counted");
    assert!(value("debug.last_ssn", 3), "too small for one");
    assert!(value("http.server.active_requests", 536_228_147));
}
