//! The same telemetry in JSON and in protobuf comes to the same: `SCRUBJAY_CASES` random messages of each signal.

use crate::fuzz::asked;
use crate::fuzz::targets::{RULES, today};
use base64::Engine as _;
use bytes::Bytes;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;
use opentelemetry_proto::tonic::metrics::v1::{
    Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, metric::Data,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status, span};
use processors::walk::otlp::Signal;
use processors::{Format, Scrubber};
use prost::Message;
use scrubjay::codec::otlp_json;
use serde_json::{Value, json};

const TEXTS: [&str; 12] = [
    "",
    "fetch",
    "patient ssn 536-22-8147 called",
    "{\"ssn\": \"536-22-8147\", \"n\": 4}",
    "a \"quoted\" \\ back\\slash\n\tand \u{1} more",
    "na\u{ef}ve \u{1f600} \u{20ac}",
    "GET /p?ssn=536%2D22%2D8147",
    "NTM2LTIyLTgxNDc=",
    "536228147",
    "mrn: 47810926",
    "user@example.org",
    "\u{feff}x",
];
const KEYS: [&str; 6] = ["patient.ssn", "service.name", "http.url", "n", "note", "ssn 536-22-8147"];

struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).unwrap() % most
    }

    fn text(&mut self) -> String {
        TEXTS[self.below(TEXTS.len())].to_owned()
    }

    fn number(&mut self) -> i64 {
        [0, 1, -1, 536_228_147, i64::MAX, i64::MIN, 47_810_926, 1_700_000_000_000_000_000][self.below(8)]
    }

    fn value(&mut self, depth: usize) -> (AnyValue, Value) {
        let (value, json) = match self.below(if depth > 0 { 9 } else { 6 }) {
            0 | 1 => {
                let text = self.text();
                (Any::StringValue(text.clone()), json!({ "stringValue": text }))
            }
            2 => (Any::BoolValue(true), json!({ "boolValue": true })),
            3 => {
                let number = self.number();
                // Numbers of 64 bits are texts, and readers take both.
                let json = if self.below(2) == 0 { json!(number) } else { json!(number.to_string()) };
                (Any::IntValue(number), json!({ "intValue": json }))
            }
            4 => {
                let number = [0.5, -1.25e10, 3.0, 1e-7, 536_228_147.0][self.below(5)];
                (Any::DoubleValue(number), json!({ "doubleValue": number }))
            }
            5 => {
                let bytes = [b"ssn 536-22-8147".to_vec(), vec![0, 255, 7], Vec::new()][self.below(3)].clone();
                let text = base64::engine::general_purpose::STANDARD.encode(&bytes);
                (Any::BytesValue(bytes), json!({ "bytesValue": text }))
            }
            6 | 7 => {
                let (values, json): (Vec<_>, Vec<_>) = (0..self.below(4)).map(|_| self.value(depth - 1)).unzip();
                (Any::ArrayValue(ArrayValue { values }), json!({ "arrayValue": { "values": json } }))
            }
            _ => {
                let (values, json) = self.attributes(depth - 1);
                (Any::KvlistValue(KeyValueList { values }), json!({ "kvlistValue": { "values": json } }))
            }
        };
        (AnyValue { value: Some(value) }, json)
    }

    fn attributes(&mut self, depth: usize) -> (Vec<KeyValue>, Vec<Value>) {
        (0..self.below(4))
            .map(|_| {
                let (key, (value, json)) = (KEYS[self.below(KEYS.len())], self.value(depth));
                let pair = KeyValue { key: key.into(), value: Some(value), ..KeyValue::default() };
                (pair, json!({ "key": key, "value": json }))
            })
            .unzip()
    }

    fn id(&mut self, len: usize) -> (Vec<u8>, String) {
        let bytes: Vec<u8> = (0..len).map(|_| u8::try_from(self.below(256)).unwrap()).collect();
        let hex = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        (bytes, hex)
    }

    fn resource(&mut self) -> (Option<Resource>, Value, Option<InstrumentationScope>, Value) {
        let (attributes, json) = self.attributes(2);
        let (name, version) = (self.text(), self.text());
        let scope = InstrumentationScope { name: name.clone(), version: version.clone(), ..Default::default() };
        let resource = Resource { attributes, ..Resource::default() };
        (Some(resource), json!({ "attributes": json }), Some(scope), json!({ "name": name, "version": version }))
    }

    fn logs(&mut self) -> (Vec<u8>, Value) {
        let (resource, resource_json, scope, scope_json) = self.resource();
        // Sometimes deeper than is looked at.
        let deep = if self.below(20) == 0 { 50 } else { 3 };
        let (log_records, records): (Vec<_>, Vec<_>) = (0..1 + self.below(3))
            .map(|_| {
                let ((attributes, attributes_json), (body, body_json)) = (self.attributes(3), self.value(deep));
                let (text, time, (id, hex)) = (self.text(), self.number().unsigned_abs() >> 1, self.id(16));
                let number = i32::try_from(self.below(24)).unwrap();
                let record = LogRecord {
                    time_unix_nano: time,
                    severity_number: number,
                    severity_text: text.clone(),
                    body: Some(body),
                    attributes,
                    trace_id: id,
                    ..LogRecord::default()
                };
                let json = json!({ "timeUnixNano": time.to_string(), "severityNumber": number, "severityText": text, "body": body_json,
                    "attributes": attributes_json, "traceId": hex });
                (record, json)
            })
            .unzip();
        let scopes = vec![ScopeLogs { scope, log_records, ..ScopeLogs::default() }];
        let request = ExportLogsServiceRequest {
            resource_logs: vec![ResourceLogs { resource, scope_logs: scopes, ..ResourceLogs::default() }],
        };
        let scopes = json!([{ "scope": scope_json, "logRecords": records }]);
        (request.encode_to_vec(), json!({ "resourceLogs": [{ "resource": resource_json, "scopeLogs": scopes }] }))
    }

    fn traces(&mut self) -> (Vec<u8>, Value) {
        let (resource, resource_json, scope, scope_json) = self.resource();
        let ((attributes, attributes_json), (name, message)) = (self.attributes(3), (self.text(), self.text()));
        let ((trace, trace_hex), (own, own_hex)) = (self.id(16), self.id(8));
        let (event_attributes, event_json) = self.attributes(2);
        let (link_attributes, link_json) = self.attributes(2);
        let (kind, code) = (i32::try_from(self.below(6)).unwrap(), i32::try_from(self.below(3)).unwrap());
        let event = span::Event { name: message.clone(), attributes: event_attributes, ..Default::default() };
        let state = self.text();
        let link = span::Link {
            trace_id: trace.clone(),
            span_id: own.clone(),
            trace_state: state.clone(),
            attributes: link_attributes,
            ..Default::default()
        };
        let span = Span {
            trace_id: trace,
            span_id: own,
            name: name.clone(),
            kind,
            attributes,
            events: vec![event],
            links: vec![link],
            status: Some(Status { message: message.clone(), code }),
            ..Span::default()
        };
        let json = json!({ "traceId": trace_hex, "spanId": own_hex, "name": name, "kind": kind, "attributes": attributes_json,
            "events": [{ "name": message, "attributes": event_json }],
            "links": [{ "traceId": trace_hex, "spanId": own_hex, "traceState": state, "attributes": link_json }],
            "status": { "message": message, "code": code } });
        let scopes = vec![ScopeSpans { scope, spans: vec![span], ..ScopeSpans::default() }];
        let request = ExportTraceServiceRequest {
            resource_spans: vec![ResourceSpans { resource, scope_spans: scopes, ..ResourceSpans::default() }],
        };
        let scopes = json!([{ "scope": scope_json, "spans": [json] }]);
        (request.encode_to_vec(), json!({ "resourceSpans": [{ "resource": resource_json, "scopeSpans": scopes }] }))
    }

    fn metrics(&mut self) -> (Vec<u8>, Value) {
        let (resource, resource_json, scope, scope_json) = self.resource();
        let ((attributes, attributes_json), (name, about)) = (self.attributes(2), (self.text(), self.text()));
        let (data, json) = if self.below(2) == 0 {
            let number = self.number();
            let point = NumberDataPoint { attributes, value: Some(Number::AsInt(number)), ..Default::default() };
            let sum = Sum { data_points: vec![point], aggregation_temporality: 2, is_monotonic: true };
            let point = json!({ "attributes": attributes_json, "asInt": number.to_string() });
            (
                Data::Sum(sum),
                json!({ "sum": { "dataPoints": [point], "aggregationTemporality": 2, "isMonotonic": true } }),
            )
        } else {
            let point = HistogramDataPoint {
                attributes,
                count: 3,
                sum: Some(1.5),
                bucket_counts: vec![1, 2],
                explicit_bounds: vec![0.25],
                ..Default::default()
            };
            let json = json!({ "attributes": attributes_json, "count": "3", "sum": 1.5, "bucketCounts": ["1", "2"], "explicitBounds": [0.25] });
            let histogram = Histogram { data_points: vec![point], aggregation_temporality: 1 };
            (Data::Histogram(histogram), json!({ "histogram": { "dataPoints": [json], "aggregationTemporality": 1 } }))
        };
        let mut metric_json = json!({ "name": name, "description": about, "unit": "1" });
        metric_json.as_object_mut().unwrap().extend(json.as_object().unwrap().clone());
        let metric = Metric { name, description: about, unit: "1".into(), data: Some(data), ..Metric::default() };
        let scopes = vec![ScopeMetrics { scope, metrics: vec![metric], ..ScopeMetrics::default() }];
        let request = ExportMetricsServiceRequest {
            resource_metrics: vec![ResourceMetrics { resource, scope_metrics: scopes, ..ResourceMetrics::default() }],
        };
        let scopes = json!([{ "scope": scope_json, "metrics": [metric_json] }]);
        (request.encode_to_vec(), json!({ "resourceMetrics": [{ "resource": resource_json, "scopeMetrics": scopes }] }))
    }
}

/// Scrubs both forms, and decodes what became of each.
fn both<M: Message + Default>(
    scrubber: &mut Scrubber<'_>,
    signal: Signal,
    (protobuf, json): (Vec<u8>, &Value),
) -> [Option<M>; 2] {
    let converted = otlp_json::to_protobuf(signal, &mut json.to_string().into_bytes());
    let converted = converted.ok().map(|converted| converted.protobuf);
    [Some(protobuf), converted].map(|form| {
        let scrubbed = scrubber.scrub(&Bytes::from(form?), Format::Otlp(signal), today()).ok()?;
        Some(M::decode(scrubbed.bytes().clone()).unwrap())
    })
}

fn same<M: Message + Default + PartialEq + std::fmt::Debug>(signal: Signal, make: fn(&mut Random) -> (Vec<u8>, Value)) {
    let cases = asked("SCRUBJAY_CASES", 400);
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    for case in 0..cases {
        let (protobuf, json) = make(&mut random);
        let [one, other] = both::<M>(&mut scrubber, signal, (protobuf, &json));
        assert!(one.is_some() && one == other, "case {case} of {}: {json}\n{one:#?}\n{other:#?}", signal.name());
    }
    eprintln!("{cases} messages of {} in two forms", signal.name());
}

#[test]
fn logs_in_two_forms_come_to_the_same() {
    same::<ExportLogsServiceRequest>(Signal::Logs, Random::logs);
}

#[test]
fn traces_in_two_forms_come_to_the_same() {
    same::<ExportTraceServiceRequest>(Signal::Traces, Random::traces);
}

#[test]
fn metrics_in_two_forms_come_to_the_same() {
    same::<ExportMetricsServiceRequest>(Signal::Metrics, Random::metrics);
}
