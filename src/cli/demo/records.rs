//! From a row to a record of OTLP, and from a record that arrived to what stands in the row's place.

use super::table::{Place, Row};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, Gauge, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, metric, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status, span};
use processors::walk::otlp::Signal;
use prost::Message as _;

/// When everything happened: in nanoseconds since 1970.
const WHEN: u64 = 1_763_800_000_000_000_000;

/// One record with its resource and scope.
#[derive(Clone, Debug)]
pub(super) enum Record {
    /// A span.
    Span(ResourceSpans),
    /// A log record.
    Log(ResourceLogs),
    /// A metric with one data point.
    Metric(ResourceMetrics),
}

impl Record {
    /// Puts a text into a row's place. The id comes back with the record: ids and values of metrics are kept.
    pub(super) fn new(row: &Row, text: &str, id: u64) -> Self {
        let mut resource = vec![attribute("service.name", string("scrubjay-demo"))];
        let mut scope = InstrumentationScope { name: "scrubjay.demo".to_owned(), ..InstrumentationScope::default() };
        if let Place::Resource(key) = row.place {
            resource.push(attribute(key, string(text)));
        }
        if let Place::Scope(key) = row.place {
            scope.attributes.push(attribute(key, string(text)));
        }
        let resource = Some(Resource { attributes: resource, ..Resource::default() });
        let scope = Some(scope);
        match signal(row.place) {
            Signal::Logs => {
                let log_records = vec![log(row.place, text, id)];
                let scope_logs = vec![ScopeLogs { scope, log_records, ..ScopeLogs::default() }];
                Self::Log(ResourceLogs { resource, scope_logs, ..ResourceLogs::default() })
            }
            Signal::Metrics => {
                let metrics = vec![metric(row.place, text, id)];
                let scope_metrics = vec![ScopeMetrics { scope, metrics, ..ScopeMetrics::default() }];
                Self::Metric(ResourceMetrics { resource, scope_metrics, ..ResourceMetrics::default() })
            }
            Signal::Traces | Signal::Profiles => {
                let spans = vec![span(row.place, text, id)];
                let scope_spans = vec![ScopeSpans { scope, spans, ..ScopeSpans::default() }];
                Self::Span(ResourceSpans { resource, scope_spans, ..ResourceSpans::default() })
            }
        }
    }

    /// The records of an export request, one by one; nothing if it is none.
    pub(super) fn decode(signal: Signal, body: &[u8]) -> Vec<Self> {
        match signal {
            Signal::Traces => ExportTraceServiceRequest::decode(body)
                .map(|request| request.resource_spans.into_iter().map(Self::Span).collect()),
            Signal::Logs => ExportLogsServiceRequest::decode(body)
                .map(|request| request.resource_logs.into_iter().map(Self::Log).collect()),
            Signal::Metrics => ExportMetricsServiceRequest::decode(body)
                .map(|request| request.resource_metrics.into_iter().map(Self::Metric).collect()),
            Signal::Profiles => Ok(Vec::new()),
        }
        .unwrap_or_default()
    }

    /// The id it was made with.
    pub(super) fn id(&self) -> Option<u64> {
        let of_bytes = |bytes: &[u8]| Some(u64::from_be_bytes(bytes.try_into().ok()?));
        match self {
            Self::Span(of) => of_bytes(&of.scope_spans.first()?.spans.first()?.span_id),
            Self::Log(of) => of_bytes(&of.scope_logs.first()?.log_records.first()?.span_id),
            Self::Metric(of) => match point(of.scope_metrics.first()?.metrics.first()?)?.value? {
                number_data_point::Value::AsInt(id) => u64::try_from(id).ok(),
                number_data_point::Value::AsDouble(_) => None,
            },
        }
    }

    /// What stands in a place; nothing if that is gone.
    pub(super) fn shown(&self, place: Place) -> Option<String> {
        match self {
            Self::Span(of) => {
                let scope = of.scope_spans.first()?;
                let span = scope.spans.first()?;
                match place {
                    Place::SpanName => Some(span.name.clone()),
                    Place::TraceState => Some(span.trace_state.clone()),
                    Place::Status => Some(span.status.as_ref()?.message.clone()),
                    Place::Event(..) => pairs(&span.events.first()?.attributes),
                    Place::Link(_) => pairs(&span.links.first()?.attributes),
                    Place::Scope(_) => pairs(&scope.scope.as_ref()?.attributes),
                    Place::Resource(_) => pairs(of.resource.as_ref()?.attributes.get(1..)?),
                    Place::Span(_) | Place::SpanNumber(_) | Place::SpanKey | Place::SpanList(_) => {
                        pairs(&span.attributes)
                    }
                    Place::Body | Place::BodyBytes | Place::BodyField(_) | Place::Log(_) => None,
                    Place::Label(_) | Place::Description | Place::Exemplar(_) => None,
                }
            }
            Self::Log(of) => {
                let log = of.scope_logs.first()?.log_records.first()?;
                let body = log.body.as_ref().map(text);
                if matches!(place, Place::Log(_)) { pairs(&log.attributes) } else { body }
            }
            Self::Metric(of) => {
                let metric = of.scope_metrics.first()?.metrics.first()?;
                if place == Place::Description {
                    Some(metric.description.clone())
                } else if matches!(place, Place::Exemplar(_)) {
                    pairs(&point(metric)?.exemplars.first()?.filtered_attributes)
                } else {
                    pairs(&point(metric)?.attributes)
                }
            }
        }
    }

    /// All of it, in protobuf.
    pub(super) fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Span(of) => of.encode_to_vec(),
            Self::Log(of) => of.encode_to_vec(),
            Self::Metric(of) => of.encode_to_vec(),
        }
    }
}

/// What carries a place.
pub(super) fn signal(place: Place) -> Signal {
    match place {
        Place::SpanName
        | Place::Span(_)
        | Place::SpanNumber(_)
        | Place::SpanKey
        | Place::SpanList(_)
        | Place::TraceState
        | Place::Status
        | Place::Event(..)
        | Place::Link(_)
        | Place::Resource(_)
        | Place::Scope(_) => Signal::Traces,
        Place::Body | Place::BodyBytes | Place::BodyField(_) | Place::Log(_) => Signal::Logs,
        Place::Label(_) | Place::Description | Place::Exemplar(_) => Signal::Metrics,
    }
}

fn span(place: Place, text: &str, id: u64) -> Span {
    let mut span = Span {
        trace_id: u128::from(id).rotate_left(64).wrapping_add(1).to_be_bytes().to_vec(),
        span_id: id.to_be_bytes().to_vec(),
        name: "demo".to_owned(),
        kind: 2,
        start_time_unix_nano: WHEN,
        end_time_unix_nano: WHEN + 31_000_000,
        ..Span::default()
    };
    match place {
        Place::SpanName => span.name = text.to_owned(),
        Place::Span(key) => span.attributes.push(attribute(key, string(text))),
        Place::SpanNumber(key) => {
            span.attributes.push(attribute(key, Value::IntValue(text.parse().unwrap_or_default())));
        }
        Place::SpanKey => span.attributes.push(attribute(text, string("hit"))),
        Place::SpanList(key) => {
            let values = text.split(',').map(|item| AnyValue { value: Some(string(item)) }).collect();
            span.attributes.push(attribute(key, Value::ArrayValue(ArrayValue { values })));
        }
        Place::TraceState => span.trace_state = text.to_owned(),
        Place::Status => span.status = Some(Status { message: text.to_owned(), code: 2 }),
        Place::Event(name, key) => {
            let attributes = vec![attribute(key, string(text))];
            let name = name.to_owned();
            span.events.push(span::Event { name, attributes, time_unix_nano: WHEN, ..span::Event::default() });
        }
        Place::Link(key) => {
            let attributes = vec![attribute(key, string(text))];
            let (trace_id, span_id) = (span.trace_id.clone(), span.span_id.clone());
            span.links.push(span::Link { trace_id, span_id, attributes, ..span::Link::default() });
        }
        Place::Resource(_) | Place::Scope(_) => {}
        Place::Body | Place::BodyBytes | Place::BodyField(_) | Place::Log(_) => {}
        Place::Label(_) | Place::Description | Place::Exemplar(_) => {}
    }
    span
}

fn log(place: Place, text: &str, id: u64) -> LogRecord {
    let mut attributes = Vec::new();
    let body = if let Place::Log(key) = place {
        attributes.push(attribute(key, string(text)));
        string("form sent")
    } else if let Place::BodyField(key) = place {
        let values = vec![attribute("event", string("chart.opened")), attribute(key, string(text))];
        Value::KvlistValue(KeyValueList { values })
    } else if place == Place::BodyBytes {
        Value::BytesValue(text.as_bytes().to_vec())
    } else {
        string(text)
    };
    LogRecord {
        time_unix_nano: WHEN,
        observed_time_unix_nano: WHEN,
        severity_number: 9,
        severity_text: "INFO".to_owned(),
        body: Some(AnyValue { value: Some(body) }),
        attributes,
        span_id: id.to_be_bytes().to_vec(),
        ..LogRecord::default()
    }
}

fn metric(place: Place, text: &str, id: u64) -> Metric {
    let mut point = NumberDataPoint {
        time_unix_nano: WHEN,
        value: Some(number_data_point::Value::AsInt(i64::try_from(id).unwrap_or_default())),
        ..NumberDataPoint::default()
    };
    if let Place::Exemplar(key) = place {
        let filtered_attributes = vec![attribute(key, string(text))];
        point.exemplars.push(Exemplar { filtered_attributes, time_unix_nano: WHEN, ..Exemplar::default() });
    }
    if let Place::Label(key) = place {
        point.attributes.push(attribute(key, string(text)));
    }
    let description = if place == Place::Description { text } else { "made up" }.to_owned();
    let data = Some(metric::Data::Gauge(Gauge { data_points: vec![point] }));
    Metric { name: "demo.value".to_owned(), description, unit: "1".to_owned(), data, ..Metric::default() }
}

fn point(metric: &Metric) -> Option<&NumberDataPoint> {
    if let metric::Data::Gauge(gauge) = metric.data.as_ref()? { gauge.data_points.first() } else { None }
}

fn string(text: &str) -> Value {
    Value::StringValue(text.to_owned())
}

fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

/// Attributes as text; nothing where there are none.
fn pairs(attributes: &[KeyValue]) -> Option<String> {
    let pair = |attribute: &KeyValue| {
        format!("{} = {}", attribute.key, attribute.value.as_ref().map(text).unwrap_or_default())
    };
    (!attributes.is_empty()).then(|| attributes.iter().map(pair).collect::<Vec<_>>().join(", "))
}

fn text(value: &AnyValue) -> String {
    match &value.value {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::DoubleValue(number)) => number.to_string(),
        Some(Value::BoolValue(truth)) => truth.to_string(),
        Some(Value::BytesValue(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
        Some(Value::ArrayValue(list)) => {
            format!("[{}]", list.values.iter().map(text).collect::<Vec<_>>().join(", "))
        }
        Some(Value::KvlistValue(map)) => format!("{{{}}}", pairs(&map.values).unwrap_or_default()),
        Some(Value::StringValueStrindex(_)) | None => String::new(),
    }
}
