//! Datadog's Agents in front: what they are answered, and what of what they send goes on, in the format it came in.

use crate::senders::{address, configuration, datadog};
use crate::support::agent::indexed::{self, AnyValue, Kind};
use crate::support::agent::{
    AgentPayload, CommonMetadata, Dogsketch, Metadata, MetricPayload, MetricPoint, MetricSeries, Origin, Resource,
    Sketch, SketchPayload, Span, SpanEvent, SpanLink, TraceChunk, TracerPayload, Typed, TypedList,
};
use crate::support::backend::{Backend, Received, Say};
use crate::support::collector::{Collector, FEW_RULES};
use crate::support::{eventually, http, stream};
use prost::Message;
use rmpv::Value;
use serde_json::json;
use std::collections::BTreeMap;

const PROTOBUF: (&str, &str) = ("content-type", "application/x-protobuf");
const MSGPACK: (&str, &str) = ("content-type", "application/msgpack");
const JSON: (&str, &str) = ("content-type", "application/json");
const KEY: (&str, &str) = ("dd-api-key", "client-key");

fn start(backend: &Backend) -> Collector {
    datadog(backend, "api_key: client-key", FEW_RULES)
}

fn post(collector: &Collector, path: &str, kind: (&str, &str), body: &[u8]) -> (u16, String) {
    let answer = http::send(address(collector, "datadog_agent"), "POST", path, &[kind, KEY], body);
    (answer.status, answer.text())
}

fn at<'r>(arrived: &'r [Received], path: &str) -> &'r Received {
    arrived.iter().find(|request| request.path == path).unwrap_or_else(|| panic!("nothing at {path}"))
}

fn header<'r>(request: &'r Received, name: &str) -> Option<&'r str> {
    request.headers.get(name).map(|value| value.to_str().unwrap())
}

fn strings<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_owned).to_vec()
}

fn texts<const N: usize>(entries: [(&str, &str); N]) -> BTreeMap<String, String> {
    entries.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

fn series(tag: &str) -> MetricSeries {
    MetricSeries {
        resources: vec![Resource { kind: "host".into(), name: "web-1".into() }],
        metric: "labs.queue.depth".into(),
        tags: strings(["env:prod", tag]),
        points: vec![MetricPoint { value: 536_228_147.0, timestamp: 1_764_000_000 }],
        kind: 3,
        unit: "item".into(),
        source_type_name: "System".into(),
        interval: 10,
        metadata: Some(Metadata { origin: Some(Origin { metric_type: 9, product: 10, category: 10, service: 3 }) }),
        unheard_of: String::new(),
    }
}

#[test]
fn series_go_on_to_the_intake_as_they_came() {
    let backend = Backend::start();
    let collector = start(&backend);
    let mut unheard_of = series("env:b");
    unheard_of.unheard_of = "ssn 441-52-9903".into();
    let payload = MetricPayload { series: vec![series("patient_ssn:536-22-8147"), unheard_of] };
    let answer = post(&collector, "/api/v2/series", PROTOBUF, &payload.encode_to_vec());
    assert_eq!(answer, (202, r#"{"errors":[]}"#.to_owned()));
    let json = br#"{"series":[{"metric":"a","type":3,"points":[{"timestamp":1,"value":536228147}],"tags":["ssn:536-22-8147"],"resources":[{"name":"web-1","type":"host"}]}]}"#;
    assert_eq!(post(&collector, "/api/v2/series", JSON, json).0, 202);
    let arrived = backend.wait(2);
    let of = |kind: &str| arrived.iter().find(|request| header(request, "content-type") == Some(kind)).unwrap();
    let first = of("application/x-protobuf");
    assert_eq!((first.path.as_str(), header(first, "content-encoding")), ("/api/v2/series", Some("zstd")));
    assert_ne!(header(first, "dd-api-key"), Some("client-key"), "the key is the exporter's");
    let read = MetricPayload::decode(first.body.as_slice()).unwrap();
    let tag = read.series[0].tags[1].clone();
    assert!(tag.starts_with("patient_ssn:") && !tag.contains("536-22"), "{tag}");
    // What no table names goes; all the rest is what it was.
    assert_eq!(read, MetricPayload { series: vec![series(&tag), series("env:b")] });
    assert_eq!(collector.metric("phi_unknown_fields_total", &[]), 1.0);
    let second = of("application/json");
    let text = String::from_utf8(second.body.clone()).unwrap();
    assert!(text.contains(r#""value":536228147"#) && text.contains("web-1") && !text.contains("536-22"), "{text}");
    assert_eq!(collector.metric("otelcol_receiver_accepted_metric_points_total", &["receiver=\"datadog_agent\""]), 3.0);
}

#[test]
fn distributions_go_on_without_the_key_of_who_sent_them() {
    let backend = Backend::start();
    let collector = start(&backend);
    let dogsketch = Dogsketch {
        ts: 1_764_000_000,
        cnt: 3,
        min: 0.5,
        max: 536_228_147.0,
        avg: 1.5,
        sum: 4.5,
        k: vec![-3, 1350, 1351],
        n: vec![1, 1, 1],
    };
    let sketch = |tag: &str| Sketch {
        metric: "labs.latency".into(),
        host: "web-1".into(),
        tags: strings([tag, "env:prod"]),
        dogsketches: vec![dogsketch.clone()],
        ..Sketch::default()
    };
    let metadata =
        CommonMetadata { agent_version: "7.70.0".into(), internal_ip: String::new(), api_key: "secret".into() };
    let payload = SketchPayload { sketches: vec![sketch("note:ssn 536-22-8147")], metadata: Some(metadata) };
    assert_eq!(post(&collector, "/api/beta/sketches", PROTOBUF, &payload.encode_to_vec()), (202, "{}".to_owned()));
    let arrived = backend.wait(1);
    let read = SketchPayload::decode(at(&arrived, "/api/beta/sketches").body.as_slice()).unwrap();
    let tag = read.sketches[0].tags[0].clone();
    assert!(tag.starts_with("note:ssn ") && !tag.contains("536-22"), "{tag}");
    assert_eq!(read.sketches, vec![sketch(&tag)]);
    assert_eq!(read.metadata.unwrap(), CommonMetadata { agent_version: "7.70.0".into(), ..CommonMetadata::default() });
}

fn pack(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, value).unwrap();
    bytes
}

fn map(entries: Vec<(&str, Value)>) -> Value {
    Value::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

fn span(ssn: &str, statement: &str) -> Span {
    let prompt = map(vec![("prompt", format!("my ssn is {ssn}").into()), ("tokens", 12.into())]);
    let item = |text: &str| Typed { string_value: text.into(), ..Typed::default() };
    let list = TypedList { values: vec![item("a"), Typed { kind: 2, int_value: 7, ..Typed::default() }] };
    Span {
        service: "lab-orders".into(),
        name: "postgres.query".into(),
        resource: statement.into(),
        trace_id: 5_362_281_470_000_000_000,
        span_id: 536_228_147,
        parent_id: 1,
        start: 1_764_000_000_000_000_000,
        duration: 1_200_000,
        error: 1,
        meta: texts([("error.message", &format!("no patient for ssn {ssn}")), ("_dd.p.tid", "6745201200000000")]),
        metrics: BTreeMap::from([("rows".to_owned(), 3.0)]),
        kind: "sql".into(),
        meta_struct: BTreeMap::from([("llm".to_owned(), pack(&prompt)), ("raw".to_owned(), vec![0xC1, 1, 2])]),
        span_links: vec![SpanLink {
            trace_id: 9,
            attributes: texts([("note", &format!("ssn {ssn}"))]),
            tracestate: "dd=s:1".into(),
        }],
        span_events: vec![SpanEvent {
            time_unix_nano: 1_764_000_000_000_000_000,
            name: "exception".into(),
            attributes: BTreeMap::from([
                ("message".to_owned(), item(&format!("ssn {ssn}"))),
                ("list".to_owned(), Typed { kind: 4, array_value: Some(list), ..Typed::default() }),
            ]),
        }],
    }
}

fn agent_payload(spans: Vec<Span>) -> AgentPayload {
    let chunk = TraceChunk { priority: 1, origin: "lambda".into(), spans, tags: texts([("_dd.p.dm", "-4")]) };
    let payload = TracerPayload {
        container_id: "cid-1".into(),
        language_name: "python".into(),
        tracer_version: "4.16.0".into(),
        runtime_id: "9ec79c33-ec99-42ab-8353-589fcb2e04dc".into(),
        chunks: vec![chunk],
        tags: texts([("team", "labs")]),
        hostname: "web-1".into(),
    };
    AgentPayload {
        host_name: "web-1".into(),
        env: "prod".into(),
        tracer_payloads: vec![payload],
        agent_version: "7.70.0".into(),
        target_tps: 10.0,
        error_tps: 10.0,
        rare_sampler_enabled: true,
        ..AgentPayload::default()
    }
}

#[test]
fn traces_of_agents_lose_what_names_somebody_and_nothing_else() {
    let backend = Backend::start();
    let collector = start(&backend);
    let mut of_patient = span("536-22-8147", "SELECT id FROM patients WHERE ssn = '536-22-8147'");
    of_patient.metrics.insert("patient.ssn".into(), 536_228_147.0);
    let answer = post(&collector, "/api/v0.2/traces", PROTOBUF, &agent_payload(vec![of_patient]).encode_to_vec());
    assert_eq!(answer, (200, "{}".to_owned()));
    let arrived = backend.wait(1);
    let request = at(&arrived, "/api/v0.2/traces");
    assert_eq!(header(request, "content-type"), Some("application/x-protobuf"));
    assert_eq!(header(request, "content-encoding"), Some("gzip"));
    let read = AgentPayload::decode(request.body.as_slice()).unwrap();
    let statement = read.tracer_payloads[0].chunks[0].spans[0].resource.clone();
    assert!(
        statement.starts_with("SELECT id FROM patients WHERE ssn = ") && !statement.contains("536-22"),
        "{statement}"
    );
    assert_eq!(read, agent_payload(vec![span("[REDACTED:ssn]", &statement)]));
    assert_eq!(collector.metric("otelcol_receiver_accepted_spans_total", &["receiver=\"datadog_agent\""]), 1.0);
}

/// Traces that refer to a table of strings: what goes becomes a token there, as in every table of names.
#[test]
fn traces_with_a_table_go_on_with_their_table() {
    let backend = Backend::start();
    let collector = start(&backend);
    let table = ["", "lab-orders", "web.request", "patient.ssn", "536-22-8147", "note", "ssn 441-52-9903", "prod", "n"];
    let text = |index: u32| AnyValue { value: Some(Kind::String(index)) };
    let inner = indexed::KeyValue { key: 5, value: Some(text(6)) };
    let nested = AnyValue { value: Some(Kind::Map(indexed::KeyValueList { key_values: vec![inner] })) };
    let number = |value: i64| AnyValue { value: Some(Kind::Int(value)) };
    let list = indexed::ArrayValue { values: vec![text(7), number(2), nested] };
    let span = indexed::Span {
        service: 1,
        name: 2,
        resource: 2,
        span_id: 8,
        start: 1_764_000_000_000_000_000,
        duration: 5,
        attributes: BTreeMap::from([
            (3, text(4)),
            (5, text(6)),
            (8, number(7)),
            (7, AnyValue { value: Some(Kind::List(list)) }),
        ]),
        kind: 2,
        ..indexed::Span::default()
    };
    let payload = |table: Vec<String>, attributes: BTreeMap<u32, AnyValue>| {
        let chunk = indexed::TraceChunk {
            priority: 1,
            spans: vec![indexed::Span { attributes, ..span.clone() }],
            trace_id: (0..16).collect(),
            ..indexed::TraceChunk::default()
        };
        let tracer =
            indexed::TracerPayload { strings: table, chunks: vec![chunk], ..indexed::TracerPayload::default() };
        AgentPayload { idx_tracer_payloads: vec![tracer], ..AgentPayload::default() }
    };
    let mut with_number = span.attributes.clone();
    // A key that says whose number it is: the entry goes.
    with_number.insert(3, number(536_228_147));
    let sent = [payload(strings(table), span.attributes.clone()), payload(strings(table), with_number.clone())];
    for payload in &sent {
        assert_eq!(post(&collector, "/api/v0.2/traces", PROTOBUF, &payload.encode_to_vec()).0, 200);
    }
    let arrived = backend.wait(2);
    let read: Vec<AgentPayload> =
        arrived.iter().map(|request| AgentPayload::decode(request.body.as_slice()).unwrap()).collect();
    let first = read.iter().find(|read| read.idx_tracer_payloads[0].chunks[0].spans[0].attributes.contains_key(&3));
    let strings_of = first.unwrap().idx_tracer_payloads[0].strings.clone();
    assert!(
        strings_of[4].starts_with("redacted_ssn_") && strings_of[6].starts_with("ssn redacted_ssn_"),
        "{strings_of:?}"
    );
    for (index, text) in table.iter().enumerate().filter(|(index, _)| ![4, 6].contains(index)) {
        assert_eq!(&strings_of[index], text, "positions hold");
    }
    assert_eq!(first, Some(&payload(strings_of, span.attributes.clone())));
    let second = read.iter().find(|read| Some(*read) != first).unwrap();
    with_number.remove(&3);
    assert_eq!(second.idx_tracer_payloads[0].chunks[0].spans[0].attributes, with_number);
}

/// A sketch in buckets, written as tracers write it.
fn sketch() -> Vec<u8> {
    let mapping = [&b"\x09"[..], &1.02_f64.to_le_bytes()].concat();
    let counts: Vec<u8> = [1.0_f64, 2.0, 3.0].iter().flat_map(|count| count.to_le_bytes()).collect();
    let store = [&b"\x12\x18"[..], &counts, b"\x18\x05"].concat();
    [&b"\x0A\x09"[..], &mapping, &[0x12, u8::try_from(store.len()).unwrap()], &store].concat()
}

fn client_stats(resource: &str, peer: &str, summary: Vec<u8>) -> Value {
    let group = map(vec![
        ("Service", "lab-orders".into()),
        ("Name", "postgres.query".into()),
        ("Resource", resource.into()),
        ("Type", "sql".into()),
        ("Hits", 536_228_147.into()),
        ("Duration", 5.into()),
        ("OkSummary", Value::Binary(summary)),
        ("ErrorSummary", Value::Binary(Vec::new())),
        ("PeerTags", Value::Array(vec!["db.hostname:pg-1".into(), peer.into()])),
        ("IsTraceRoot", 1.into()),
    ]);
    let bucket = map(vec![
        ("Start", 1_764_000_000_000_000_000_u64.into()),
        ("Duration", 10_000_000_000_u64.into()),
        ("Stats", Value::Array(vec![group])),
    ]);
    map(vec![
        ("Hostname", "web-1".into()),
        ("Env", "prod".into()),
        ("RuntimeID", "9ec79c33-ec99-42ab-8353-589fcb2e04dc".into()),
        ("Sequence", 7.into()),
        ("Stats", Value::Array(vec![bucket])),
    ])
}

#[test]
fn what_is_counted_of_spans_goes_on_to_who_takes_it() {
    let backend = Backend::start();
    let collector = start(&backend);
    let sent = client_stats("GET /p/ssn 536-22-8147", "peer.note:ssn 441-52-9903", sketch());
    let expected = client_stats("GET /p/ssn [REDACTED:ssn]", "peer.note:ssn [REDACTED:ssn]", sketch());
    let tracer = [MSGPACK, ("datadog-meta-lang", "python")];
    let answer = http::send(address(&collector, "datadog_agent"), "PUT", "/v0.6/stats", &tracer, &pack(&sent));
    assert_eq!((answer.status, answer.text().as_str()), (200, "{}"), "no key is asked for");
    let of_agent = |stats: Value| {
        map(vec![
            ("AgentHostname", "web-1".into()),
            ("AgentEnv", "prod".into()),
            ("Stats", Value::Array(vec![stats])),
            ("AgentVersion", "7.70.0".into()),
            ("ClientComputed", true.into()),
        ])
    };
    assert_eq!(post(&collector, "/api/v0.2/stats", MSGPACK, &pack(&of_agent(sent.clone()))), (200, "{}".to_owned()));
    let arrived = backend.wait(2);
    let read = |path: &str| rmpv::decode::read_value(&mut at(&arrived, path).body.as_slice()).unwrap();
    assert_eq!(read("/v0.6/stats"), expected);
    assert_eq!(read("/api/v0.2/stats"), of_agent(expected));
    assert_eq!(header(at(&arrived, "/v0.6/stats"), "datadog-meta-lang"), Some("python"));
    assert_eq!(header(at(&arrived, "/api/v0.2/stats"), "content-encoding"), Some("gzip"));

    // What is no sketch is looked at, wherever a sketch should be.
    let posing = client_stats("GET /labs", "a:b", b"ssn 536-22-8147".to_vec());
    assert_eq!(post(&collector, "/v0.6/stats", MSGPACK, &pack(&posing)).0, 200);
    let arrived = backend.wait(3);
    assert!(arrived.iter().all(|request| !request.body.windows(6).any(|window| window == b"536-22")));
}

/// What Datadog's tracer for Python (4.16.0, which `tests/sdk/senders/datadog.py` sends with) has counted where an Agent says that
/// spans may be dropped for it. Statements and paths name people there as they do in spans.
#[test]
fn what_a_tracer_for_python_has_counted_loses_people_and_nothing_else() {
    let told = include_bytes!("golden/senders/datadog-python-stats.msgpack").as_slice();
    let backend = Backend::start();
    let collector = datadog(&backend, "", "packs: [hipaa, secrets],");
    let answer = http::send(address(&collector, "datadog_agent"), "POST", "/v0.6/stats", &[MSGPACK], told);
    assert_eq!(answer.status, 200);
    let arrived = backend.wait(1);
    let read = |mut bytes: &[u8]| rmpv::decode::read_value(&mut bytes).unwrap();
    let (mut was, mut is) = (read(told), read(&at(&arrived, "/v0.6/stats").body));
    let (before, after) = (resources(&mut was), resources(&mut is));
    assert_eq!(is, was, "all else is what it was");
    assert!(
        before.iter().any(|text| text.contains("536-22-8147")) && before.iter().any(|text| text.contains("Ingrid"))
    );
    assert_eq!(after[0], before[0].replace("536-22-8147", "[REDACTED:ssn]"));
    assert_eq!((&after[1], &after[2]), (&before[1], &before[2]));
    assert!(
        after[3].starts_with("SELECT mrn FROM patients WHERE name = ") && !after[3].contains("Ingrid"),
        "{after:?}"
    );
    assert!(!after[3].contains("Tanaka"), "{after:?}");
}

/// Takes the names of what was done out of a tracer's statistics.
fn resources(stats: &mut Value) -> Vec<String> {
    fn entry<'v>(value: &'v mut Value, name: &str) -> &'v mut Value {
        let Value::Map(entries) = value else { panic!("a map") };
        &mut entries.iter_mut().find(|(key, _)| key.as_str() == Some(name)).unwrap().1
    }
    fn items(value: &mut Value) -> &mut Vec<Value> {
        let Value::Array(items) = value else { panic!("a list") };
        items
    }
    let buckets = items(entry(stats, "Stats"));
    let groups = buckets.iter_mut().flat_map(|bucket| items(entry(bucket, "Stats")));
    groups.map(|group| std::mem::replace(entry(group, "Resource"), Value::Nil).as_str().unwrap().to_owned()).collect()
}

#[test]
fn agents_hear_what_is_not_taken() {
    let backend = Backend::start();
    let collector = start(&backend);
    let at = address(&collector, "datadog_agent");
    let payload = MetricPayload { series: vec![series("env:a")] }.encode_to_vec();
    for (path, headers, body, status) in [
        ("/api/v2/series", &[PROTOBUF][..], payload.clone(), 403),
        ("/api/beta/sketches", &[PROTOBUF], payload.clone(), 403),
        ("/api/v0.2/traces", &[PROTOBUF], payload.clone(), 403),
        ("/api/v0.2/stats", &[MSGPACK], payload.clone(), 403),
        ("/api/v2/series", &[MSGPACK, KEY], payload.clone(), 415),
        ("/api/v0.2/traces", &[MSGPACK, KEY], payload.clone(), 415),
        ("/api/v0.2/traces", &[JSON, KEY], payload.clone(), 415),
        ("/api/v0.2/stats", &[PROTOBUF, KEY], payload.clone(), 415),
        ("/v0.6/stats", &[JSON], payload.clone(), 415),
        ("/api/v2/series", &[PROTOBUF, KEY], b"\x0A\xFF".to_vec(), 400),
        ("/api/beta/sketches", &[PROTOBUF, KEY], b"\x0A\x05abc".to_vec(), 400),
        ("/api/v0.2/traces", &[PROTOBUF, KEY], b"no protobuf".to_vec(), 400),
        ("/v0.6/stats", &[MSGPACK], b"\x91\x91".to_vec(), 400),
        ("/api/v0.2/stats", &[MSGPACK, KEY], b"\xC1".to_vec(), 400),
        ("/api/v2/series", &[PROTOBUF, KEY], vec![0x0A; 2 << 20], 413),
        ("/api/intake/metrics/v3/series", &[PROTOBUF, KEY], payload.clone(), 404),
        // Whoever asks whether somebody is there.
        ("/api/v2/series", &[JSON, KEY], b"{}".to_vec(), 202),
        ("/api/v2/series", &[PROTOBUF, KEY], Vec::new(), 202),
    ] {
        let answer = http::send(at, "POST", path, headers, &body);
        assert_eq!(answer.status, status, "{path} {headers:?}: {}", answer.text());
    }
    assert!(backend.received().is_empty(), "nothing of it was passed on");
}

#[test]
fn what_an_intake_finds_too_large_is_sent_in_halves() {
    let backend = Backend::script(|_, request| match request.body.len() {
        0..=400 => Say::Ok,
        _ => Say::Http(413, Vec::new(), Vec::new()),
    });
    let collector = start(&backend);
    let payload = MetricPayload { series: (0..8).map(|number| series(&format!("n:{number}"))).collect() };
    assert_eq!(post(&collector, "/api/v2/series", PROTOBUF, &payload.encode_to_vec()).0, 202);
    let few = |number: u64| Span { name: "web.request".into(), span_id: number, ..Span::default() };
    let chunks = (0..40).map(|number| TraceChunk { spans: vec![few(number)], ..TraceChunk::default() }).collect();
    let tracer = TracerPayload { language_name: "go".into(), chunks, ..TracerPayload::default() };
    let traces = AgentPayload { tracer_payloads: vec![tracer], ..AgentPayload::default() };
    assert_eq!(post(&collector, "/api/v0.2/traces", PROTOBUF, &traces.encode_to_vec()).0, 200);
    let document = json!({ "series": (0..20).map(|number| json!({ "metric": format!("m{number}"), "points": [[1, 2]] }))
        .collect::<Vec<_>>() });
    assert_eq!(post(&collector, "/api/v1/series", JSON, &serde_json::to_vec(&document).unwrap()).0, 202);
    let groups: Vec<_> = (0..20).map(|number| json!({ "Name": format!("g{number}"), "Hits": 3 })).collect();
    let stats = json!({ "AgentHostname": "web-1", "Stats": [{ "Hostname": "web-1", "Stats": [{ "Start": 1, "Stats": groups }] }] });
    assert_eq!(post(&collector, "/api/v0.2/stats", MSGPACK, &stream::packed(&stats)).0, 200);
    eventually("all series in JSON and all groups", || {
        let (mut series, mut groups) = (0, 0);
        for request in backend.taken() {
            match request.path.as_str() {
                "/api/v1/series" => {
                    let read: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
                    series += read["series"].as_array().unwrap().len();
                }
                "/api/v0.2/stats" => {
                    let read = rmpv::decode::read_value(&mut request.body.as_slice()).unwrap();
                    assert_eq!(read["AgentHostname"].as_str(), Some("web-1"));
                    groups += read["Stats"][0]["Stats"][0]["Stats"].as_array().unwrap().len();
                }
                _ => {}
            }
        }
        (series == 20 && groups == 20).then_some(())
    });
    eventually("all series and all spans", || {
        let (mut series, mut spans) = (Vec::new(), Vec::new());
        for request in backend.taken() {
            let body = request.body.clone();
            match request.path.as_str() {
                "/api/v2/series" => series.extend(MetricPayload::decode(body.as_slice()).unwrap().series),
                "/api/v1/series" | "/api/v0.2/stats" => {}
                _ => {
                    let payloads = AgentPayload::decode(body.as_slice()).unwrap().tracer_payloads;
                    assert!(
                        payloads.iter().all(|payload| payload.language_name == "go"),
                        "what stands above is in each"
                    );
                    spans.extend(payloads.into_iter().flat_map(|of| of.chunks).flat_map(|of| of.spans));
                }
            }
        }
        series.sort_by_key(|series| series.tags[1].clone());
        spans.sort_by_key(|span| span.span_id);
        (series == payload.series && spans == (0..40).map(few).collect::<Vec<_>>()).then_some(())
    });
}

/// Only what an exporter has somewhere to send to is sent: without a key there is no intake.
#[test]
fn without_a_key_nothing_of_an_agent_is_sent_to_another_place() {
    let backend = Backend::start();
    let exporter = format!("datadog_agent: {{ endpoint: '{}' }}", backend.url());
    let receiver = "datadog_agent: { endpoint: '127.0.0.1:0' }";
    let collector = Collector::start(&configuration(receiver, &["traces"], &exporter, FEW_RULES), &[]);
    let body = agent_payload(vec![span("x", "GET /")]).encode_to_vec();
    let at = address(&collector, "datadog_agent");
    assert_eq!(http::send(at, "POST", "/api/v0.2/traces", &[PROTOBUF], &body).status, 200);
    eventually("it is dropped, and counted", || {
        (collector.metric("otelcol_exporter_send_failed_spans_total", &[]) > 0.0).then_some(())
    });
    assert!(backend.received().is_empty());
    // No pipeline takes metrics here.
    assert_eq!(http::send(at, "POST", "/api/v2/series", &[PROTOBUF], b"").status, 404);
}
