//! The vectors said as Datadog's Agents would say them: in protobuf, and as statistics.

use super::Vector;
use super::native::{encode, events, links, list, meta, pack, spans, tagged, tags, text};
use crate::support::agent::indexed::{self, AnyValue, ArrayValue, Kind};
use crate::support::agent::{
    AgentPayload, MetricPayload, MetricPoint, MetricSeries, Resource, Sketch, SketchPayload, Span, SpanEvent, SpanLink,
    TraceChunk, TracerPayload, Typed, TypedList,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use prost::Message;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

fn written(message: &impl Message) -> Option<Bytes> {
    let bytes = message.encode_to_vec();
    (!bytes.is_empty()).then(|| bytes.into())
}

pub fn metrics(vector: &Vector) -> Option<Bytes> {
    let series = |(metric, tags): (String, Vec<String>)| MetricSeries {
        resources: vec![Resource { kind: "host".into(), name: "web-1".into() }],
        metric,
        tags,
        points: vec![MetricPoint { value: 1.0, timestamp: 1_764_000_000 }],
        kind: 3,
        ..MetricSeries::default()
    };
    written(&MetricPayload { series: tagged(vector)?.into_iter().map(series).collect() })
}

pub fn from_metrics(bytes: &[u8]) -> Value {
    let payload = MetricPayload::decode(bytes).expect("series");
    payload.series.iter().map(|of| json!({ "metric": of.metric, "tags": of.tags })).collect()
}

pub fn metrics_in_json(vector: &Vector) -> Option<Bytes> {
    let series = |(metric, tags): (String, Vec<String>)| {
        json!({ "metric": metric, "type": 3, "points": [{ "timestamp": 1_764_000_000, "value": 1 }], "tags": tags,
            "resources": [{ "name": "web-1", "type": "host" }] })
    };
    let said: Vec<Value> = tagged(vector)?.into_iter().map(series).collect();
    (!said.is_empty()).then(|| serde_json::to_vec(&json!({ "series": said })).unwrap().into())
}

pub fn sketches(vector: &Vector) -> Option<Bytes> {
    let sketch = |(metric, tags): (String, Vec<String>)| Sketch { metric, tags, ..Sketch::default() };
    written(&SketchPayload { sketches: tagged(vector)?.into_iter().map(sketch).collect(), metadata: None })
}

pub fn from_sketches(bytes: &[u8]) -> Value {
    let payload = SketchPayload::decode(bytes).expect("distributions");
    payload.sketches.iter().map(|of| json!({ "metric": of.metric, "tags": of.tags })).collect()
}

/// Attributes whose values are texts; lists and maps are JSON there.
fn texts(attributes: &Map<String, Value>) -> BTreeMap<String, String> {
    let texts = attributes.iter().filter(|(_, value)| !value.is_number());
    texts.map(|(key, value)| (key.clone(), text(value))).collect()
}

fn typed(value: &Value) -> Typed {
    match value {
        Value::Bool(value) => Typed { kind: 1, bool_value: *value, ..Typed::default() },
        Value::Number(number) => match number.as_i64() {
            Some(value) => Typed { kind: 2, int_value: value, ..Typed::default() },
            None => Typed { kind: 3, double_value: number.as_f64().unwrap(), ..Typed::default() },
        },
        Value::Array(values) => {
            let values = values.iter().map(|value| Typed { array_value: None, ..typed(value) }).collect();
            Typed { kind: 4, array_value: Some(TypedList { values }), ..Typed::default() }
        }
        other => Typed { string_value: text(other), ..Typed::default() },
    }
}

fn from_typed(value: &Typed) -> Value {
    match value.kind {
        0 => json!(value.string_value),
        1 => json!(value.bool_value),
        2 => json!(value.int_value),
        3 => json!(value.double_value),
        _ => value.array_value.iter().flat_map(|list| &list.values).map(from_typed).collect(),
    }
}

pub fn traces(vector: &Vector) -> Option<Bytes> {
    let mut said = Vec::new();
    for (above, span) in spans(vector) {
        let meta = meta(&above, &span);
        // Documents of any shape lie in bytes.
        let packed = meta.iter().filter(|(_, value)| value.is_array() || value.is_object());
        let packed = packed.map(|(key, value)| (key.clone(), encode(&pack(value)).to_vec())).collect();
        let plain: Map<String, Value> =
            meta.iter().filter(|(_, value)| !value.is_array() && !value.is_object()).map(owned).collect();
        let numbers = plain.iter().filter_map(|(key, value)| Some((key.clone(), value.as_f64()?))).collect();
        let all = |value: &Value| value.as_object().cloned().unwrap_or_default();
        let links = links(&span);
        let events = events(&span);
        said.push(Span {
            service: above["service.name"].as_str().unwrap_or_default().into(),
            name: span["name"].as_str().unwrap_or_default().into(),
            resource: span["name"].as_str().unwrap_or_default().into(),
            trace_id: 7,
            span_id: 8,
            meta: texts(&plain),
            metrics: numbers,
            meta_struct: packed,
            span_links: list(&links)
                .iter()
                .map(|of| SpanLink {
                    attributes: texts(&all(&of["attributes"])),
                    tracestate: of["tracestate"].as_str().unwrap_or_default().into(),
                    ..SpanLink::default()
                })
                .collect(),
            span_events: list(&events)
                .iter()
                .map(|of| SpanEvent {
                    name: of["name"].as_str().unwrap_or_default().into(),
                    attributes: all(&of["attributes"]).iter().map(|(key, value)| (key.clone(), typed(value))).collect(),
                    ..SpanEvent::default()
                })
                .collect(),
            ..Span::default()
        });
    }
    let chunks = vec![TraceChunk { priority: 1, spans: said, ..TraceChunk::default() }];
    let payload = TracerPayload { language_name: "python".into(), chunks, ..TracerPayload::default() };
    let empty = payload.chunks.iter().all(|chunk| chunk.spans.is_empty());
    written(&AgentPayload { tracer_payloads: vec![payload], ..AgentPayload::default() }).filter(|_| !empty)
}

fn owned((key, value): (&String, &Value)) -> (String, Value) {
    (key.clone(), value.clone())
}

pub fn from_traces(bytes: &[u8]) -> Value {
    let payload = AgentPayload::decode(bytes).expect("traces");
    let chunks = payload.tracer_payloads.iter().flat_map(|payload| &payload.chunks);
    let of_span = |span: &Span| {
        let packed: Map<String, Value> =
            span.meta_struct.iter().map(|(key, bytes)| (key.clone(), super::native::unpack(bytes))).collect();
        let links: Value =
            span.span_links.iter().map(|of| json!({ "attributes": of.attributes, "state": of.tracestate })).collect();
        let event = |of: &SpanEvent| {
            let attributes: Map<String, Value> =
                of.attributes.iter().map(|(key, value)| (key.clone(), from_typed(value))).collect();
            json!({ "name": of.name, "attributes": attributes })
        };
        let events: Value = span.span_events.iter().map(event).collect();
        json!({ "service": span.service, "name": span.name, "resource": span.resource, "meta": span.meta,
            "metrics": span.metrics, "packed": packed, "links": links, "events": events })
    };
    chunks.flat_map(|chunk| &chunk.spans).map(of_span).collect()
}

/// A table that grows.
#[derive(Default)]
struct Strings(Vec<String>);

impl Strings {
    fn index(&mut self, text: &str) -> u32 {
        let known = self.0.iter().position(|known| known == text);
        let index = known.unwrap_or_else(|| {
            self.0.push(text.to_owned());
            self.0.len() - 1
        });
        index.try_into().unwrap()
    }

    fn value(&mut self, value: &Value) -> AnyValue {
        let kind = match value {
            Value::Null => return AnyValue { value: None },
            Value::Bool(value) => Kind::Bool(*value),
            Value::Number(number) => match number.as_i64() {
                Some(value) => Kind::Int(value),
                None => Kind::Double(number.as_f64().unwrap()),
            },
            Value::String(text) => Kind::String(self.index(text)),
            Value::Array(values) => {
                Kind::List(ArrayValue { values: values.iter().map(|value| self.value(value)).collect() })
            }
            Value::Object(entries) => {
                let mut entry = |(key, value): (&String, &Value)| indexed::KeyValue {
                    key: self.index(key),
                    value: Some(self.value(value)),
                };
                Kind::Map(indexed::KeyValueList { key_values: entries.iter().map(&mut entry).collect() })
            }
        };
        AnyValue { value: Some(kind) }
    }

    fn values(&mut self, attributes: &Value) -> BTreeMap<u32, AnyValue> {
        let all = attributes.as_object().cloned().unwrap_or_default();
        all.iter().map(|(key, value)| (self.index(key), self.value(value))).collect()
    }
}

pub fn table(vector: &Vector) -> Option<Bytes> {
    let mut strings = Strings(vec![String::new()]);
    let mut said = Vec::new();
    for (above, span) in spans(vector) {
        let (links, events) = (links(&span), events(&span));
        said.push(indexed::Span {
            service: strings.index(above["service.name"].as_str().unwrap_or_default()),
            name: strings.index(span["name"].as_str().unwrap_or_default()),
            resource: strings.index(span["name"].as_str().unwrap_or_default()),
            span_id: 8,
            attributes: strings.values(&Value::Object(meta(&above, &span))),
            links: list(&links)
                .iter()
                .map(|of| indexed::SpanLink {
                    attributes: strings.values(&of["attributes"]),
                    tracestate: strings.index(of["tracestate"].as_str().unwrap_or_default()),
                    ..indexed::SpanLink::default()
                })
                .collect(),
            events: list(&events)
                .iter()
                .map(|of| indexed::SpanEvent {
                    name: strings.index(of["name"].as_str().unwrap_or_default()),
                    attributes: strings.values(&of["attributes"]),
                    ..indexed::SpanEvent::default()
                })
                .collect(),
            ..indexed::Span::default()
        });
    }
    if said.is_empty() {
        return None;
    }
    let chunks = vec![indexed::TraceChunk { spans: said, trace_id: vec![7; 16], ..indexed::TraceChunk::default() }];
    let payload = indexed::TracerPayload { strings: strings.0, chunks, ..indexed::TracerPayload::default() };
    written(&AgentPayload { idx_tracer_payloads: vec![payload], ..AgentPayload::default() })
}

pub fn from_table(bytes: &[u8]) -> Value {
    fn read(value: &AnyValue, strings: &[String]) -> Value {
        match &value.value {
            None => Value::Null,
            Some(Kind::String(index)) => json!(strings[*index as usize]),
            Some(Kind::Bool(value)) => json!(value),
            Some(Kind::Double(value)) => json!(value),
            Some(Kind::Int(value)) => json!(value),
            Some(Kind::Bytes(bytes)) => json!({ "bytesValue": STANDARD.encode(bytes) }),
            Some(Kind::List(list)) => list.values.iter().map(|value| read(value, strings)).collect(),
            Some(Kind::Map(map)) => {
                let entry = |of: &indexed::KeyValue| {
                    (strings[of.key as usize].clone(), read(&of.value.clone().unwrap_or_default(), strings))
                };
                Value::Object(map.key_values.iter().map(entry).collect())
            }
        }
    }
    let payload = AgentPayload::decode(bytes).expect("traces");
    let all = |values: &BTreeMap<u32, AnyValue>, strings: &[String]| -> Value {
        let entry = |(key, value): (&u32, &AnyValue)| (strings[*key as usize].clone(), read(value, strings));
        Value::Object(values.iter().map(entry).collect())
    };
    let mut heard = Vec::new();
    for payload in &payload.idx_tracer_payloads {
        let strings = &payload.strings;
        let text = |index: u32| strings[index as usize].clone();
        for span in payload.chunks.iter().flat_map(|chunk| &chunk.spans) {
            let links: Value = span
                .links
                .iter()
                .map(|of| json!({ "attributes": all(&of.attributes, strings), "state": text(of.tracestate) }))
                .collect();
            let events: Value = span
                .events
                .iter()
                .map(|of| json!({ "name": text(of.name), "attributes": all(&of.attributes, strings) }))
                .collect();
            heard
                .push(json!({ "service": text(span.service), "name": text(span.name), "resource": text(span.resource),
                "attributes": all(&span.attributes, strings), "links": links, "events": events }));
        }
        heard.push(json!(strings));
    }
    Value::Array(heard)
}

/// Groups that spans are counted in: of attributes, tags are left.
pub fn stats(vector: &Vector) -> Option<Bytes> {
    let group = |(above, span): (Value, Value)| {
        json!({ "Service": above["service.name"], "Name": span["name"], "Resource": span["name"], "Hits": 3, "Errors": 0,
            "Duration": 1_200_000, "PeerTags": tags(&meta(&above, &span)), "IsTraceRoot": 1 })
    };
    let groups: Vec<Value> = spans(vector).into_iter().map(group).collect();
    let bucket = json!({ "Start": 1_764_000_000_000_000_000_u64, "Duration": 10_000_000_000_u64, "Stats": groups });
    let client = json!({ "Hostname": "web-1", "Env": "prod", "Stats": [bucket], "Sequence": 1 });
    let payload = json!({ "AgentHostname": "web-1", "Stats": [client], "ClientComputed": true });
    (!groups.is_empty()).then(|| encode(&pack(&payload)))
}
