//! Every place of OTLP that holds text, as a request in which each gets a text of its own.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::profiles::v1development::ExportProfilesServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, metric,
};
use opentelemetry_proto::tonic::profiles::v1development::ProfilesDictionary;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status, span};
use processors::walk::otlp::Signal;
use prost::Message as _;

/// Makes the text for the place with this name, and notes which one it was.
pub type Fill<'f> = dyn FnMut(&'static str) -> String + 'f;

/// A request of `signal` whose every text is filled.
pub fn request(signal: Signal, fill: &mut Fill<'_>) -> Vec<u8> {
    match signal {
        Signal::Traces => traces(fill).encode_to_vec(),
        Signal::Logs => logs(fill).encode_to_vec(),
        Signal::Metrics => metrics(fill).encode_to_vec(),
        Signal::Profiles => profiles(fill).encode_to_vec(),
    }
}

/// Whether a place holds a name that others refer to: what is found there becomes a token.
pub fn is_name(place: &str) -> bool {
    place.ends_with(" key") || place.ends_with("metric name") || place.ends_with("label") || place.ends_with("unit")
}

fn text(text: String) -> Option<AnyValue> {
    Some(AnyValue { value: Some(Value::StringValue(text)) })
}

fn attribute(key: &str, value: String) -> KeyValue {
    KeyValue { key: key.into(), value: text(value), ..KeyValue::default() }
}

fn attributes(value: &'static str, key: &'static str, fill: &mut Fill<'_>) -> Vec<KeyValue> {
    vec![attribute("app.note", fill(value)), attribute(&fill(key), "on".into())]
}

fn resource(value: &'static str, key: &'static str, fill: &mut Fill<'_>) -> Option<Resource> {
    Some(Resource { attributes: attributes(value, key, fill), ..Resource::default() })
}

fn scope(fill: &mut Fill<'_>, names: [&'static str; 4]) -> Option<InstrumentationScope> {
    let [name, version, value, key] = names;
    Some(InstrumentationScope {
        name: fill(name),
        version: fill(version),
        attributes: attributes(value, key, fill),
        ..InstrumentationScope::default()
    })
}

fn traces(fill: &mut Fill<'_>) -> ExportTraceServiceRequest {
    let event = span::Event {
        name: fill("span event name"),
        attributes: attributes("span event value", "span event key", fill),
        ..span::Event::default()
    };
    let link = span::Link {
        trace_state: fill("span link state"),
        attributes: attributes("span link value", "span link key", fill),
        ..span::Link::default()
    };
    let nested = KeyValueList { values: attributes("span nested value", "span nested key", fill) };
    let list = ArrayValue { values: vec![text("one".into()).unwrap(), text(fill("span list item")).unwrap()] };
    let mut held = attributes("span value", "span key", fill);
    held.push(KeyValue {
        key: "app.map".into(),
        value: Some(AnyValue { value: Some(Value::KvlistValue(nested)) }),
        ..KeyValue::default()
    });
    held.push(KeyValue {
        key: "app.list".into(),
        value: Some(AnyValue { value: Some(Value::ArrayValue(list)) }),
        ..KeyValue::default()
    });
    held.push(KeyValue {
        key: "app.bytes".into(),
        value: Some(AnyValue { value: Some(Value::BytesValue(fill("span bytes").into_bytes())) }),
        ..KeyValue::default()
    });
    let wide = fill("span bytes, utf-16").encode_utf16().flat_map(u16::to_le_bytes).collect();
    held.push(KeyValue {
        key: "app.wide".into(),
        value: Some(AnyValue { value: Some(Value::BytesValue(wide)) }),
        ..KeyValue::default()
    });
    let span = Span {
        name: fill("span name"),
        trace_state: fill("span state"),
        attributes: held,
        events: vec![event],
        links: vec![link],
        status: Some(Status { message: fill("span status"), code: 2 }),
        ..Span::default()
    };
    let names = ["trace scope name", "trace scope version", "trace scope value", "trace scope key"];
    let scoped = ScopeSpans { scope: scope(fill, names), spans: vec![span], schema_url: fill("trace scope schema") };
    let resource = resource("trace resource value", "trace resource key", fill);
    let schema_url = fill("trace schema");
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans { resource, scope_spans: vec![scoped], schema_url }],
    }
}

fn logs(fill: &mut Fill<'_>) -> ExportLogsServiceRequest {
    let map = KeyValueList { values: attributes("log body value", "log body key", fill) };
    let record = LogRecord {
        body: text(fill("log body")),
        severity_text: fill("log severity"),
        event_name: fill("log event name"),
        attributes: attributes("log value", "log key", fill),
        ..LogRecord::default()
    };
    let structured =
        LogRecord { body: Some(AnyValue { value: Some(Value::KvlistValue(map)) }), ..LogRecord::default() };
    let names = ["log scope name", "log scope version", "log scope value", "log scope key"];
    let scoped = ScopeLogs {
        scope: scope(fill, names),
        log_records: vec![record, structured],
        schema_url: fill("log scope schema"),
    };
    let resource = resource("log resource value", "log resource key", fill);
    let schema_url = fill("log schema");
    ExportLogsServiceRequest { resource_logs: vec![ResourceLogs { resource, scope_logs: vec![scoped], schema_url }] }
}

fn metrics(fill: &mut Fill<'_>) -> ExportMetricsServiceRequest {
    let exemplar =
        Exemplar { filtered_attributes: attributes("exemplar value", "exemplar key", fill), ..Exemplar::default() };
    let point = NumberDataPoint {
        attributes: vec![attribute("app.note", fill("gauge label"))],
        exemplars: vec![exemplar],
        ..NumberDataPoint::default()
    };
    let gauge = Metric {
        name: fill("metric name"),
        description: fill("metric description"),
        unit: fill("metric unit"),
        metadata: attributes("metric metadata value", "metric metadata key", fill),
        data: Some(metric::Data::Gauge(Gauge { data_points: vec![point] })),
    };
    let point = HistogramDataPoint {
        attributes: vec![attribute("app.note", fill("histogram label"))],
        ..HistogramDataPoint::default()
    };
    let histogram = Metric {
        name: "app.latency".into(),
        data: Some(metric::Data::Histogram(Histogram { data_points: vec![point], aggregation_temporality: 1 })),
        ..Metric::default()
    };
    let names = ["metric scope name", "metric scope version", "metric scope value", "metric scope key"];
    let scoped = ScopeMetrics {
        scope: scope(fill, names),
        metrics: vec![gauge, histogram],
        schema_url: fill("metric scope schema"),
    };
    let resource = resource("metric resource value", "metric resource key", fill);
    let schema_url = fill("metric schema");
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics { resource, scope_metrics: vec![scoped], schema_url }],
    }
}

fn profiles(fill: &mut Fill<'_>) -> ExportProfilesServiceRequest {
    let string_table = vec![String::new(), "cpu".into(), fill("profile string")];
    let dictionary = ProfilesDictionary { string_table, ..ProfilesDictionary::default() };
    ExportProfilesServiceRequest { resource_profiles: Vec::new(), dictionary: Some(dictionary) }
}
