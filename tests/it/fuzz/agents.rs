//! What Datadog's Agents send in protobuf, and what is counted of spans.

use super::native::{pack, packed, text};
use super::targets::{RULES, Run, expect, today};
use crate::support::agent::indexed::{self, AnyValue, ArrayValue, Kind};
use crate::support::agent::{
    AgentPayload, CommonMetadata, Distribution, Dogsketch, MetricPayload, MetricPoint, MetricSeries, Resource, Sketch,
    SketchPayload, Span, SpanEvent, SpanLink, TraceChunk, TracerPayload, Typed, TypedList,
};
use crate::support::sample::SSN;
use bytes::Bytes;
use processors::{Format, Schema, Scrubber};
use prost::Message;
use serde_json::json;

/// What leaves can be read, holds no number that stood alone in a text, and a second look changes nothing; so do its halves.
pub fn message(schema: Schema) -> Run {
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    let format = Format::Protobuf(schema);
    Box::new(move |input| {
        let Ok(scrubbed) = scrubber.scrub(&Bytes::copy_from_slice(input), format, today()) else { return Ok(false) };
        let out = scrubbed.bytes().clone();
        let Some(text) = read(schema, &out) else { return Err("what left cannot be read".to_owned()) };
        expect(!text.contains(&format!(" ssn {SSN} ")), "a number came through")?;
        let again = scrubber.scrub(&out, format, today()).map_err(|_| "what left is refused".to_owned())?;
        expect(again.bytes() == &out, "a second look changes what left")?;
        if let Some((first, second)) = scrubbed.halve() {
            let both = [first, second];
            expect(both.iter().all(|half| read(schema, half.bytes()).is_some()), "a half cannot be read")?;
            let records: u64 = both.iter().map(|half| half.report().records).sum();
            expect(records == scrubbed.report().records, "a record is in no half or in both")?;
        }
        Ok(true)
    })
}

/// All that another reader sees.
fn read(schema: Schema, bytes: &[u8]) -> Option<String> {
    match schema {
        Schema::DatadogMetrics => MetricPayload::decode(bytes).ok().map(|read| format!("{read:?}")),
        Schema::DatadogSketches => SketchPayload::decode(bytes).ok().map(|read| format!("{read:?}")),
        _ => AgentPayload::decode(bytes).ok().map(|read| format!("{read:?}")),
    }
}

fn tags() -> Vec<String> {
    vec!["env:prod".into(), format!("patient_ssn:{SSN}"), text(), "--ssn".into(), SSN.into()]
}

pub fn metrics() -> Vec<Vec<u8>> {
    let series = MetricSeries {
        resources: vec![Resource { kind: "host".into(), name: text() }],
        metric: "labs.count".into(),
        tags: tags(),
        points: vec![MetricPoint { value: 3.5, timestamp: 1_700_000_000 }],
        unit: "item".into(),
        unheard_of: text(),
        ..MetricSeries::default()
    };
    [vec![series.clone(), series], Vec::new()].map(|series| MetricPayload { series }.encode_to_vec()).to_vec()
}

pub fn sketches() -> Vec<Vec<u8>> {
    let distribution = Distribution { ts: 1, v: vec![0.5, 1.5], g: vec![1, 2] };
    let dogsketch = Dogsketch { ts: 1, cnt: 2, k: vec![-3, 1350], n: vec![1, 1], ..Dogsketch::default() };
    let sketch = Sketch {
        metric: "labs.latency".into(),
        host: text(),
        distributions: vec![distribution],
        tags: tags(),
        dogsketches: vec![dogsketch],
        metadata: None,
    };
    let metadata = CommonMetadata { agent_version: text(), internal_ip: "10.0.0.1".into(), api_key: "k".into() };
    vec![SketchPayload { sketches: vec![sketch.clone(), sketch], metadata: Some(metadata) }.encode_to_vec()]
}

pub fn traces() -> Vec<Vec<u8>> {
    let meta = [("error.message".to_owned(), text()), ("patient.ssn".to_owned(), SSN.to_owned())];
    let item = |text: String| Typed { string_value: text, ..Typed::default() };
    let list = TypedList { values: vec![item(text()), Typed { kind: 2, int_value: 536_228_147, ..Typed::default() }] };
    let event = SpanEvent {
        time_unix_nano: 1,
        name: "exception".into(),
        attributes: [
            ("message".to_owned(), item(text())),
            ("patient.ssn".to_owned(), Typed { kind: 4, array_value: Some(list), ..Typed::default() }),
        ]
        .into(),
    };
    let span = Span {
        service: "labs".into(),
        name: "web.request".into(),
        resource: format!("select a from b where ssn = '{SSN}'"),
        trace_id: 7,
        span_id: 8,
        meta: meta.clone().into(),
        metrics: [("rows".to_owned(), 3.0), ("patient.ssn".to_owned(), 536_228_147.0)].into(),
        meta_struct: [("llm".to_owned(), packed(&json!({ "prompt": text(), "n": [1, { "a": SSN }] })))].into(),
        span_links: vec![SpanLink { attributes: meta.into(), ..SpanLink::default() }],
        span_events: vec![event],
        ..Span::default()
    };
    let chunk = TraceChunk { priority: 1, spans: vec![span.clone(), span], ..TraceChunk::default() };
    let tracer =
        TracerPayload { language_name: "go".into(), chunks: vec![chunk.clone(), chunk], ..TracerPayload::default() };
    let whole = AgentPayload { host_name: text(), tracer_payloads: vec![tracer], ..AgentPayload::default() };
    vec![whole.encode_to_vec(), tables()]
}

fn tables() -> Vec<u8> {
    let strings = vec![String::new(), "labs".into(), text(), "patient.ssn".into(), SSN.into(), "--ssn".into()];
    let value = |kind: Kind| AnyValue { value: Some(kind) };
    let list = ArrayValue { values: vec![value(Kind::String(5)), value(Kind::String(4)), value(Kind::Double(1.5))] };
    let entry = indexed::KeyValue { key: 3, value: Some(value(Kind::Int(536_228_147))) };
    let map = indexed::KeyValueList { key_values: vec![entry] };
    let attributes = [
        (3, value(Kind::String(4))),
        (1, value(Kind::List(list))),
        (2, value(Kind::Map(map))),
        (5, value(Kind::Bytes(text().into_bytes()))),
    ];
    let span =
        indexed::Span { service: 1, name: 2, resource: 2, attributes: attributes.into(), ..indexed::Span::default() };
    let chunk = indexed::TraceChunk { spans: vec![span], trace_id: vec![1; 16], ..indexed::TraceChunk::default() };
    let tracer =
        indexed::TracerPayload { strings, chunks: vec![chunk.clone(), chunk], ..indexed::TracerPayload::default() };
    AgentPayload { idx_tracer_payloads: vec![tracer.clone(), tracer], ..AgentPayload::default() }.encode_to_vec()
}

pub fn stats() -> Vec<Vec<u8>> {
    let group = json!({ "Service": "labs", "Name": "web.request", "Resource": text(), "Hits": 3, "Duration": 5,
        "PeerTags": tags(), "IsTraceRoot": 1 });
    let mut group = pack(&group);
    // A sketch of nothing but its mapping, and what poses as one.
    let sketch = [&b"\x0A\x09\x09"[..], &1.02_f64.to_le_bytes()].concat();
    if let rmpv::Value::Map(entries) = &mut group {
        entries.push(("OkSummary".into(), rmpv::Value::Binary(sketch)));
        entries.push(("ErrorSummary".into(), rmpv::Value::Binary(text().into_bytes())));
    }
    let named = |name: &str, value: rmpv::Value| (name.into(), value);
    let list = |item: rmpv::Value| rmpv::Value::Array(vec![item]);
    let bucket = rmpv::Value::Map(vec![named("Start", 1.into()), named("Stats", list(group))]);
    let client = rmpv::Value::Map(vec![named("Hostname", text().into()), named("Stats", list(bucket))]);
    let whole = rmpv::Value::Map(vec![named("AgentEnv", "prod".into()), named("Stats", list(client))]);
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &whole).unwrap();
    vec![bytes]
}

pub fn pipelines() -> Vec<Vec<u8>> {
    let sketch = [&b"\x0A\x09\x09"[..], &1.02_f64.to_le_bytes()].concat();
    let mut edge = pack(&json!({ "Hash": 5_362_281_470_u64, "ParentHash": 0, "EdgeTags": tags() }));
    if let rmpv::Value::Map(entries) = &mut edge {
        entries.push(("EdgeLatency".into(), rmpv::Value::Binary(sketch)));
        entries.push(("PayloadSize".into(), rmpv::Value::Binary(text().into_bytes())));
    }
    let mut bucket = pack(&json!({ "Start": 1, "Duration": 2, "Backlogs": [{ "Tags": tags(), "Value": 7 }] }));
    if let rmpv::Value::Map(entries) = &mut bucket {
        entries.push(("Stats".into(), rmpv::Value::Array(vec![edge])));
    }
    let mut whole = pack(&json!({ "Env": "prod", "Service": text(), "Lang": "javascript", "ProductMask": 1 }));
    if let rmpv::Value::Map(entries) = &mut whole {
        entries.push(("Stats".into(), rmpv::Value::Array(vec![bucket])));
    }
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &whole).unwrap();
    vec![bytes]
}

pub fn metrics_in_json() -> Vec<Vec<u8>> {
    let series = json!({ "series": [{ "metric": "labs.count", "type": 1, "points": [{ "timestamp": 1_700_000_000, "value": 3.5 }],
        "tags": tags(), "resources": [{ "name": text(), "type": "host" }], "unit": "item" }] });
    vec![series.to_string().into_bytes()]
}
