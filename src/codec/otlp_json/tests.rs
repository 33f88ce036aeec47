use super::*;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::metrics::v1::{exponential_histogram_data_point, metric, number_data_point};
use processors::walk::otlp::Signal;
use prost::Message as _;
use serde_json::json;

fn read(signal: Signal, document: &serde_json::Value) -> Converted {
    to_protobuf(signal, &mut document.to_string().into_bytes()).unwrap()
}

#[test]
fn every_kind_of_value_arrives_in_an_independent_reader() {
    let document = json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [{
        "timeUnixNano": "1767225600000000000", "observedTimeUnixNano": 5, "severityNumber": 17, "flags": 1,
        "traceId": "5B8EFFF798038103D269B633813FC60C", "spanId": "eee19b7ec3c1b174",
        "body": {"kvlistValue": {"values": [
            {"key": "s", "value": {"stringValue": "text"}}, {"key": "i", "value": {"intValue": "-7"}},
            {"key": "j", "value": {"intValue": 9}}, {"key": "d", "value": {"doubleValue": "NaN"}},
            {"key": "e", "value": {"doubleValue": 0.5}}, {"key": "b", "value": {"boolValue": false}},
            {"key": "y", "value": {"bytesValue": "AAECAw=="}}, {"key": "n", "value": {}},
            {"key": "a", "value": {"arrayValue": {"values": [{"intValue": 1}, {"stringValue": ""}]}}},
        ]}},
        "attributes": null, "unknownName": {"deep": [1, 2]},
    }]}]}]});
    let converted = read(Signal::Logs, &document);
    assert_eq!(converted.ignored, 1);
    let request = ExportLogsServiceRequest::decode(&converted.protobuf[..]).unwrap();
    let record = &request.resource_logs[0].scope_logs[0].log_records[0];
    assert_eq!((record.time_unix_nano, record.observed_time_unix_nano), (1_767_225_600_000_000_000, 5));
    assert_eq!(record.trace_id.len(), 16);
    let Some(Value::KvlistValue(map)) = record.body.as_ref().unwrap().value.as_ref() else { panic!() };
    let values: Vec<_> =
        map.values.iter().map(|entry| entry.value.as_ref().and_then(|value| value.value.clone())).collect();
    assert_eq!(values[0], Some(Value::StringValue("text".into())));
    assert_eq!(values[1], Some(Value::IntValue(-7)));
    assert!(matches!(values[3], Some(Value::DoubleValue(value)) if value.is_nan()));
    assert_eq!(values[5], Some(Value::BoolValue(false)));
    assert_eq!(values[6], Some(Value::BytesValue(vec![0, 1, 2, 3])));
    assert_eq!(values[7], None);
    assert!(matches!(&values[8], Some(Value::ArrayValue(list)) if list.values.len() == 2));
}

#[test]
fn metrics_keep_their_numbers() {
    let document = json!({"resourceMetrics": [{"scopeMetrics": [{"metrics": [
        {"name": "g", "gauge": {"dataPoints": [{"asInt": "-3"}, {"asDouble": 0.25}]}},
        {"name": "e", "exponentialHistogram": {"dataPoints": [
            {"count": "3", "scale": -2, "positive": {"offset": -1, "bucketCounts": ["1", 2]}, "min": -0.5}
        ]}},
    ]}]}]});
    let converted = read(Signal::Metrics, &document);
    let request = ExportMetricsServiceRequest::decode(&converted.protobuf[..]).unwrap();
    let metrics = &request.resource_metrics[0].scope_metrics[0].metrics;
    let Some(metric::Data::Gauge(gauge)) = &metrics[0].data else { panic!() };
    assert_eq!(gauge.data_points[0].value, Some(number_data_point::Value::AsInt(-3)));
    let Some(metric::Data::ExponentialHistogram(histogram)) = &metrics[1].data else { panic!() };
    assert_eq!(histogram.data_points[0].scale, -2);
    let buckets = exponential_histogram_data_point::Buckets { offset: -1, bucket_counts: vec![1, 2] };
    assert_eq!(histogram.data_points[0].positive, Some(buckets));
    // And back: the document says the same, 64-bit numbers as texts.
    let back: serde_json::Value =
        serde_json::from_str(&from_protobuf(Signal::Metrics, &request.encode_to_vec()).unwrap()).unwrap();
    let point = &back["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][1]["exponentialHistogram"]["dataPoints"][0];
    assert_eq!(point["positive"], json!({"offset": -1, "bucketCounts": ["1", "2"]}));
    assert_eq!(point["scale"], json!(-2));
    assert_eq!(point["min"], json!(-0.5));
}

#[test]
fn a_document_survives_the_way_there_and_back() {
    let document = json!({"resourceSpans": [{"resource": {"attributes": [{"key": "k", "value": {"stringValue": "v \" \u{1F600}"}}]},
    "scopeSpans": [{"spans": [{
        "traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "n", "kind": 2,
        "startTimeUnixNano": "1767225600000000000",
        "attributes": [{"key": "b", "value": {"boolValue": false}}, {"key": "x", "value": {"doubleValue": 30.267153}}],
        "status": {"code": 2, "message": "m"}, "flags": 257,
    }]}]}]});
    let converted = read(Signal::Traces, &document);
    let back: serde_json::Value =
        serde_json::from_str(&from_protobuf(Signal::Traces, &converted.protobuf).unwrap()).unwrap();
    assert_eq!(back, document);
}

#[test]
fn of_what_stands_twice_the_last_counts() {
    // A name twice, an AnyValue with two members, a status in two parts.
    let span = [
        0x2A, 1, b'a', 0x2A, 1, b'b', 0x4A, 7, 0x12, 5, 0x0A, 1, b'x', 0x18, 7, 0x7A, 3, 0x12, 1, b'm', 0x7A, 2, 0x18,
        2,
    ];
    let len = u8::try_from(span.len()).unwrap();
    let mut bytes = vec![0x0A, len + 4, 0x12, len + 2, 0x12, len];
    bytes.extend_from_slice(&span);
    let text = from_protobuf(Signal::Traces, &bytes).unwrap();
    assert_eq!(
        text,
        r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"b","attributes":[{"value":{"intValue":"7"}}],"status":{"message":"m","code":2}}]}]}]}"#
    );
    assert!(ExportTraceServiceRequest::decode(&bytes[..]).is_ok());
}

#[test]
fn what_does_not_fit_is_refused_without_a_word_of_it() {
    let nested = format!("{}{}", "[".repeat(500), "]".repeat(500));
    for (document, kind) in [
        ("", JsonErrorKind::Syntax),
        ("{\"a\": 536-22-8147}", JsonErrorKind::Syntax),
        ("[]", JsonErrorKind::NotAnObject),
        ("\"text\"", JsonErrorKind::NotAnObject),
        (nested.as_str(), JsonErrorKind::TooDeep),
        ("{\"resourceSpans\": {}}", JsonErrorKind::WrongType),
        ("{\"resourceSpans\": [7]}", JsonErrorKind::WrongType),
        (r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":7}]}]}]}"#, JsonErrorKind::WrongType),
        (r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":"SPAN_KIND_SERVER"}]}]}]}"#, JsonErrorKind::WrongType),
        (r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"xyz"}]}]}]}"#, JsonErrorKind::Encoding),
        (r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"flags":-1}]}]}]}"#, JsonErrorKind::OutOfRange),
    ] {
        let error = to_protobuf(Signal::Traces, &mut document.as_bytes().to_vec()).unwrap_err();
        assert_eq!(error.kind, kind, "{document}");
        assert!(!error.to_string().contains("536"));
    }
}
