//! Datadog's and Sentry's own senders: what they are answered, row by row, and what of it goes on, in the format it came in.

mod clients;

use crate::support::backend::{Backend, Received, Say};
use crate::support::collector::{Collector, FEW_RULES, check};
use crate::support::stream::{self, Counts};
use crate::support::{eventually, http};
use rmpv::Value;
use serde_json::json;
use std::io::Write as _;
use std::net::SocketAddr;

const MSGPACK: (&str, &str) = ("content-type", "application/msgpack");
const JSON: (&str, &str) = ("content-type", "application/json");
const KEY: &str = "0123456789abcdef0123456789abcdef";

/// One receiver, one exporter, both of one family.
pub fn configuration(receiver: &str, signals: &[&str], exporter: &str, packs: &str) -> String {
    let id = |section: &str| section.split(':').next().unwrap().to_owned();
    let (from, to) = (id(receiver), id(exporter));
    let pipelines: String = signals
        .iter()
        .map(|signal| format!("    {signal}: {{ receivers: [{from}], processors: [scrub], exporters: [{to}] }}\n"))
        .collect();
    format!(
        "receivers: {{ {receiver} }}\nprocessors: {{ scrub: {{ {packs} pseudonym_key: {KEY} }} }}\nexporters: {{ {exporter} }}\n\
         extensions: {{ health_check: {{ endpoint: '127.0.0.1:0' }} }}\nservice:\n  extensions: [health_check]\n\
         \x20 telemetry: {{ metrics: {{ endpoint: '127.0.0.1:0' }}, logs: {{ encoding: json }} }}\n  pipelines:\n{pipelines}"
    )
}

pub fn datadog(backend: &Backend, receiver: &str, packs: &str) -> Collector {
    let url = backend.url();
    let exporter = format!(
        "datadog_agent: {{ endpoint: '{url}', api: {{ key: {KEY} }}, traces: {{ endpoint: '{url}' }}, logs: {{ endpoint: '{url}' }}, metrics: {{ endpoint: '{url}' }} }}"
    );
    let receiver = format!("datadog_agent: {{ endpoint: '127.0.0.1:0', max_request_bytes: 1MiB, {receiver} }}");
    Collector::start(&configuration(&receiver, &["traces", "logs", "metrics"], &exporter, packs), &[])
}

pub fn sentry(backend: &Backend, receiver: &str, packs: &str) -> Collector {
    let host = backend.url().replace("http://", "");
    let exporter = format!("sentry: {{ dsn: 'http://upstreamkey@{host}/77' }}");
    let receiver = format!("sentry: {{ endpoint: '127.0.0.1:0', max_request_bytes: 1MiB, {receiver} }}");
    Collector::start(&configuration(&receiver, &["logs"], &exporter, packs), &[])
}

pub fn address(collector: &Collector, component: &str) -> SocketAddr {
    let lines = collector.events("listening");
    lines.iter().find(|line| line["component"] == component).unwrap()["address"].as_str().unwrap().parse().unwrap()
}

fn pack(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, value).unwrap();
    bytes
}

fn span(note: &str) -> Value {
    let entry = |key: &str, value: Value| (Value::from(key), value);
    Value::Map(vec![
        entry("service", "lab-orders".into()),
        entry("name", "web.request".into()),
        entry("resource", "GET /labs".into()),
        entry("trace_id", 7.into()),
        entry("span_id", 8.into()),
        entry("parent_id", 0.into()),
        entry("start", 1_764_000_000_000_000_000_i64.into()),
        entry("duration", 5.into()),
        entry("meta", Value::Map(vec![entry("note", note.into())])),
    ])
}

fn traces(notes: &[&str]) -> Vec<u8> {
    pack(&Value::Array(notes.iter().map(|note| Value::Array(vec![span(note)])).collect()))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn header<'r>(request: &'r Received, name: &str) -> Option<&'r str> {
    request.headers.get(name).map(|value| value.to_str().unwrap())
}

#[test]
fn tracers_are_answered_as_by_an_agent_and_traces_go_on_in_their_format() {
    let backend = Backend::start();
    let collector = datadog(&backend, "", FEW_RULES);
    let at = address(&collector, "datadog_agent");
    let info: serde_json::Value = serde_json::from_slice(&http::send(at, "GET", "/info", &[], b"").body).unwrap();
    assert_eq!(info["client_drop_p0s"], false);
    let paths = info["endpoints"].as_array().unwrap();
    assert!(paths.contains(&"/v0.5/traces".into()) && !paths.contains(&"/v1.0/traces".into()));

    let said = [
        MSGPACK,
        ("datadog-meta-lang", "python"),
        ("datadog-meta-tracer-version", "4.16.0 of Ingrid"),
        ("datadog-client-computed-top-level", "yes"),
        ("x-datadog-trace-count", "99"),
    ];
    let answer = http::send(at, "PUT", "/v0.4/traces", &said, &traces(&["ssn 536-22-8147", "ok"]));
    assert_eq!((answer.status, answer.text().as_str()), (200, "{\"rate_by_service\":{}}"));
    let answer = http::send(at, "POST", "/v0.3/traces", &[MSGPACK], &traces(&["second"]));
    assert_eq!((answer.status, answer.text().as_str()), (200, "OK\n"));
    let arrived = backend.wait(2);
    let first = arrived.iter().find(|request| header(request, "datadog-meta-lang").is_some()).unwrap();
    assert_eq!((first.path.as_str(), header(first, "content-type")), ("/v0.4/traces", Some("application/msgpack")));
    assert_eq!(header(first, "x-datadog-trace-count"), Some("2"), "as many as there are, whatever was said");
    assert_eq!(header(first, "datadog-client-computed-top-level"), Some("yes"));
    assert_eq!(header(first, "datadog-meta-tracer-version"), None);
    let read = rmpv::decode::read_value(&mut first.body.as_slice()).unwrap();
    assert_eq!(
        read,
        Value::Array(vec![Value::Array(vec![span("ssn [REDACTED:ssn]")]), Value::Array(vec![span("ok")])])
    );

    for (method, path, headers, body, status) in [
        ("PUT", "/v0.4/traces", &[MSGPACK][..], b"\xc1".to_vec(), 400),
        ("PUT", "/v0.4/traces", &[MSGPACK], b"\x91\x91".to_vec(), 400),
        ("PUT", "/v0.4/traces", &[("content-type", "text/plain")], traces(&["x"]), 415),
        ("PUT", "/v0.4/traces", &[MSGPACK, ("content-encoding", "compress")], traces(&["x"]), 415),
        ("GET", "/v0.4/traces", &[MSGPACK], Vec::new(), 405),
        ("PUT", "/v0.4/traces", &[MSGPACK], vec![0x90; 2 << 20], 413),
        ("POST", "/v1.0/traces", &[MSGPACK], traces(&["x"]), 400),
        ("POST", "/v1.1/traces", &[MSGPACK], traces(&["x"]), 404),
        ("POST", "/v1.0/traces", &[JSON], b"[]".to_vec(), 415),
        ("POST", "/telemetry/proxy/api/v2/apmtelemetry", &[JSON], b"{}".to_vec(), 404),
        ("POST", "/evp_proxy/v2/api/v2/llmobs", &[MSGPACK], traces(&["x"]), 415),
        ("POST", "/evp_proxy/v2/api/v2/citestcycle", &[JSON], b"{}".to_vec(), 404),
        ("POST", "/profiling/v1/input", &[JSON], b"{}".to_vec(), 404),
        ("POST", "/debugger/v1/input", &[JSON], b"[]".to_vec(), 404),
        ("POST", "/debugger/v2/input", &[JSON], b"[]".to_vec(), 404),
        ("POST", "/symdb/v1/input", &[JSON], b"{}".to_vec(), 404),
        ("POST", "/tracer_flare/v1", &[JSON], b"{}".to_vec(), 404),
        ("POST", "/v0.7/config", &[JSON], b"{}".to_vec(), 404),
        ("POST", "/dogstatsd/v2/proxy", &[("content-type", "text/plain")], b"a:1|c".to_vec(), 404),
        ("POST", "/evp_proxy/v2/api/v2/exposures", &[JSON], b"{}".to_vec(), 404),
        ("POST", "/evp_proxy/v2/api/v2/../v2/llmobs", &[JSON], b"[]".to_vec(), 404),
        ("POST", "/v0.1/pipeline_stats", &[JSON], b"{}".to_vec(), 415),
    ] {
        let answer = http::send(at, method, path, headers, &body);
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
        assert!(answer.text().starts_with("{\"errors\":[\""));
    }
    assert_eq!(backend.received().len(), 2, "nothing of it was passed on");
}

/// As tracers write it that tell LLM Observability by itself.
#[test]
fn what_llm_observability_is_told_goes_on_to_the_agent() {
    let backend = Backend::start();
    let collector = datadog(&backend, "", FEW_RULES);
    let at = address(&collector, "datadog_agent");
    let told = br#"[{"_dd.stage":"raw","_dd.tracer_version":"3.2.1","event_type":"span","spans":[{"trace_id":"6b06e5b1000000009a20dec94daa3554","span_id":"2439383774111846831","parent_id":"undefined","name":"chat","start_ns":1764077745000000000,"duration":1591646,"status":"ok","meta":{"span.kind":"llm","model_name":"gpt-4o","input":{"messages":[{"role":"user","content":"patient ssn 536-22-8147 called"}]},"output":{"messages":[{"role":"assistant","content":"noted"}]},"metadata":{"temperature":0.2}},"metrics":{"total_tokens":128},"tags":["env:test","patient_ssn:441-52-9903"],"_dd":{"apm_trace_id":"6b06e5b1000000009a20dec94daa3554"}}]}]"#;
    let answer = http::send(
        at,
        "POST",
        "/evp_proxy/v4/api/v2/llmobs",
        &[JSON, ("x-datadog-evp-subdomain", "llmobs-intake")],
        told,
    );
    assert_eq!((answer.status, answer.text().as_str()), (202, "{}"));
    let arrived = backend.wait(1).remove(0);
    assert_eq!(
        (arrived.path.as_str(), header(&arrived, "x-datadog-evp-subdomain")),
        ("/evp_proxy/v2/api/v2/llmobs", Some("llmobs-intake"))
    );
    let expected = String::from_utf8(told.to_vec())
        .unwrap()
        .replace("536-22-8147", "[REDACTED:ssn]")
        .replace("441-52-9903", "[REDACTED:ssn]");
    assert_eq!(String::from_utf8(arrived.body).unwrap(), expected);
}

#[test]
fn evaluations_and_what_is_counted_of_queues_go_on_to_the_agent() {
    let backend = Backend::start();
    let collector = datadog(&backend, "", FEW_RULES);
    let at = address(&collector, "datadog_agent");
    let told = r#"{"data":{"type":"evaluation_metric","attributes":{"metrics":[{"join_on":{"span":{"span_id":"2439383774111846831","trace_id":"6b06e5b1000000009a20dec94daa3554"}},"label":"harm","metric_type":"categorical","categorical_value":"no","reasoning":"names ssn 536-22-8147","timestamp_ms":1764077745000}]}}}"#;
    let path = "/evp_proxy/v4/api/intake/llm-obs/v2/eval-metric";
    let said = [JSON, ("x-datadog-evp-subdomain", "elsewhere")];
    assert_eq!(http::send(at, "POST", path, &said, told.as_bytes()).status, 202);
    let mut edge = vec![
        ("EdgeTags".into(), Value::Array(vec!["topic:labs".into(), "patient_ssn:536-22-8147".into()])),
        ("Hash".into(), 9.into()),
    ];
    let sketch = [&b"\x0A\x09\x09"[..], &1.02_f64.to_le_bytes()].concat();
    edge.push(("EdgeLatency".into(), Value::Binary(sketch.clone())));
    edge.push(("PathwayLatency".into(), Value::Binary(b"ssn 441-52-9903".to_vec())));
    let list = |name: &str, item| (Value::from(name), Value::Array(vec![item]));
    let bucket = Value::Map(vec![("Start".into(), 1.into()), list("Stats", Value::Map(edge))]);
    let counted = gzip(&pack(&Value::Map(vec![("Service".into(), "labs".into()), list("Stats", bucket)])));
    let said = [MSGPACK, ("content-encoding", "gzip"), ("datadog-meta-lang", "javascript")];
    assert_eq!(http::send(at, "POST", "/v0.1/pipeline_stats", &said, &counted).status, 202);
    let arrived = backend.wait(2);
    let of = |path: &str| arrived.iter().find(|request| request.path == path).unwrap();
    let evaluation = of("/evp_proxy/v2/api/intake/llm-obs/v2/eval-metric");
    assert_eq!(header(evaluation, "x-datadog-evp-subdomain"), Some("api"), "not where the client says");
    assert_eq!(String::from_utf8_lossy(&evaluation.body), told.replace("536-22-8147", "[REDACTED:ssn]"));
    // The backend of the tests reads what is in gzip.
    let queues = of("/v0.1/pipeline_stats");
    assert_eq!(header(queues, "datadog-meta-lang"), Some("javascript"));
    let read = rmpv::decode::read_value(&mut queues.body.as_slice()).unwrap();
    let edge = &read["Stats"][0]["Stats"][0];
    assert_eq!((&edge["EdgeTags"][0], &edge["Hash"]), (&"topic:labs".into(), &9.into()));
    assert_eq!(edge["EdgeLatency"].as_slice(), Some(&sketch[..]));
    for planted in [&b"536-22"[..], b"441-52"] {
        assert!(!queues.body.windows(6).any(|window| window == planted), "{read}");
    }
}

#[test]
fn traces_in_json_and_in_a_table_go_on_as_such() {
    let backend = Backend::start();
    let collector = datadog(&backend, "", FEW_RULES);
    let at = address(&collector, "datadog_agent");
    let json = br#"[[{"name":"web.request","meta":{"note":"ssn 536-22-8147"},"trace_id":7}]]"#;
    assert_eq!(http::send(at, "PUT", "/v0.4/traces", &[JSON], json).status, 200);
    let strings = ["", "web.request", "note", "ssn 441-52-9903"].map(Value::from).to_vec();
    let mut row: Vec<Value> = [0, 1, 0, 7, 8, 0, 1, 2, 0].map(Value::from).to_vec();
    row.extend([Value::Map(vec![(2.into(), 3.into())]), Value::Map(Vec::new()), 0.into()]);
    let table = Value::Array(vec![Value::Array(strings), Value::Array(vec![Value::Array(vec![Value::Array(row)])])]);
    assert_eq!(http::send(at, "PUT", "/v0.5/traces", &[MSGPACK], &pack(&table)).status, 200);
    let arrived = backend.wait(2);
    let of = |path: &str| arrived.iter().find(|request| request.path == path).unwrap();
    assert_eq!(header(of("/v0.4/traces"), "content-type"), Some("application/json"));
    assert_eq!(
        of("/v0.4/traces").body,
        br#"[[{"name":"web.request","meta":{"note":"ssn [REDACTED:ssn]"},"trace_id":7}]]"#
    );
    assert_eq!(header(of("/v0.5/traces"), "x-datadog-trace-count"), Some("1"));
    assert!(!of("/v0.5/traces").body.windows(6).any(|window| window == b"441-52"));
}

#[test]
fn traces_that_write_a_text_where_it_is_used_first_go_on_as_such() {
    let backend = Backend::start();
    let collector = datadog(&backend, "traces_v1: true", FEW_RULES);
    let at = address(&collector, "datadog_agent");
    let info: serde_json::Value = serde_json::from_slice(&http::send(at, "GET", "/info", &[], b"").body).unwrap();
    assert!(info["endpoints"].as_array().unwrap().contains(&"/v1.0/traces".into()));
    let span =
        |note: &str| json!({ "service": "labs", "name": "web.request", "attributes": { "note": note, "behind": "x" } });
    let chunks = [json!([span("ssn 536-22-8147"), span("ok")]), json!([span("ssn 536-22-8147")])];
    let said = [MSGPACK, ("datadog-meta-lang", "go"), ("x-datadog-trace-count", "99")];
    let answer = http::send(at, "PUT", "/v1.0/traces", &said, &stream::write(&chunks));
    assert_eq!((answer.status, answer.text().as_str()), (200, "{\"rate_by_service\":{}}"));
    let arrived = backend.wait(1).remove(0);
    assert_eq!(
        (arrived.path.as_str(), header(&arrived, "content-type")),
        ("/v1.0/traces", Some("application/msgpack"))
    );
    assert_eq!(header(&arrived, "x-datadog-trace-count"), Some("2"));
    assert_eq!(header(&arrived, "datadog-meta-lang"), Some("go"));
    let (read, texts) = stream::read(&arrived.body, Counts::Once).unwrap();
    assert_eq!(stream::read(&arrived.body, Counts::Each), Some((read.clone(), texts.clone())));
    assert!(!texts.iter().any(|text| text.contains("536-22")), "{texts:?}");
    let spans = &read["chunks"][0]["spans"];
    assert_eq!((&spans[1]["attributes"]["note"], &spans[0]["attributes"]["behind"]), (&json!("ok"), &json!("x")));
    assert_eq!(spans[0]["attributes"]["note"], read["chunks"][1]["spans"][0]["attributes"]["note"]);
}

#[test]
fn agents_are_answered_as_by_the_intake() {
    let backend = Backend::start();
    let collector = datadog(&backend, "api_key: client-key", FEW_RULES);
    let at = address(&collector, "datadog_agent");
    let key = ("dd-api-key", "client-key");
    let log = br#"[{"message":"ssn 536-22-8147","ddtags":"env:prod","hostname":"db-1"}]"#;
    let post = |path: &str, headers: &[(&str, &str)], body: &[u8]| http::send(at, "POST", path, headers, body).status;
    assert_eq!(post("/api/v2/logs", &[JSON, key], log), 202);
    assert_eq!(post("/v1/input/client-key", &[JSON, ("content-encoding", "gzip")], &gzip(log)), 200);
    assert_eq!(post("/v1/input?dd-api-key=client-key", &[JSON], log), 200);
    assert_eq!(
        post(
            "/api/v1/series?api_key=client-key",
            &[JSON],
            br#"{"series":[{"metric":"a","points":[[1,2]],"tags":["ssn:536-22-8147"]}]}"#
        ),
        202
    );
    for (path, headers, body, status) in [
        ("/api/v2/logs", &[JSON][..], &log[..], 403),
        ("/api/v2/logs", &[JSON, ("dd-api-key", "client-kez")], log, 403),
        ("/v1/input/other", &[JSON], log, 403),
        ("/api/v2/logs", &[JSON, key], b"[{", 400),
        ("/api/v2/logs", &[JSON, key, ("content-encoding", "gzip")], b"no gzip", 400),
        ("/api/v2/logs", &[("content-type", "application/x-protobuf"), key], log, 415),
        ("/api/v2/logs", &[JSON, key], &vec![b' '; 2 << 20], 413),
        // Whoever asks whether somebody is there.
        ("/api/v2/logs", &[JSON, key], b"{}", 202),
        ("/api/v2/logs", &[JSON, key], b"", 202),
        ("/api/v2/series", &[JSON, key], b"{}", 202),
        ("/intake/", &[JSON, key], b"{}", 404),
    ] {
        assert_eq!(post(path, headers, body), status, "{path} {headers:?}");
    }
    assert_eq!(http::send(at, "GET", "/api/v1/validate?api_key=client-key", &[], b"").status, 200);
    assert_eq!(http::send(at, "GET", "/api/v1/validate", &[], b"").status, 403);
    let arrived = backend.wait(4);
    assert_eq!(arrived.len(), 4);
    for request in &arrived {
        assert!(!request.body.windows(6).any(|window| window == b"536-22"));
        assert_eq!(header(request, "dd-api-key"), Some(KEY), "the key is the exporter's");
    }
    assert_eq!(arrived.iter().filter(|request| request.path == "/api/v2/logs").count(), 3);
}

fn envelope(message: &str) -> Vec<u8> {
    let event = format!("{{\"event_id\":\"9ec79c33ec9942ab8353589fcb2e04dc\",\"message\":\"{message}\"}}");
    let header = "{\"event_id\":\"9ec79c33ec9942ab8353589fcb2e04dc\",\"dsn\":\"https://old@sentry.example/1\"}";
    let item = format!("{{\"type\":\"event\",\"length\":{}}}", event.len());
    let attachment = "{\"type\":\"attachment\",\"length\":13,\"filename\":\"scan.txt\"}\nIngrid Tanaka";
    format!("{header}\n{item}\n{event}\n{attachment}\n").into_bytes()
}

#[test]
fn sentry_clients_are_answered_with_ids_and_envelopes_go_to_the_project_of_the_dsn() {
    let backend = Backend::start();
    let collector = sentry(&backend, "public_key: oldkey", FEW_RULES);
    let at = address(&collector, "sentry");
    let auth = ("x-sentry-auth", "Sentry sentry_version=7, sentry_key=oldkey, sentry_client=sentry.python/2.0");
    let kind = ("content-type", "application/x-sentry-envelope");
    let id = "{\"id\":\"9ec79c33ec9942ab8353589fcb2e04dc\"}";
    let answer = http::send(at, "POST", "/api/1/envelope/", &[auth, kind], &envelope("ssn 536-22-8147"));
    assert_eq!((answer.status, answer.text().as_str()), (200, id));
    let zipped = gzip(&envelope("ssn 441-52-9903"));
    let answer =
        http::send(at, "POST", "/api/1/envelope/?sentry_key=oldkey", &[kind, ("content-encoding", "gzip")], &zipped);
    assert_eq!((answer.status, answer.text().as_str()), (200, id));
    let event = br#"{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc","message":"ssn 612-44-7305"}"#;
    assert_eq!(http::send(at, "POST", "/api/1/store/", &[auth, JSON], event).status, 200);
    let arrived = backend.wait(3);
    for request in &arrived {
        let text = String::from_utf8(request.body.clone()).unwrap();
        for planted in ["536-22", "441-52", "612-44", "Ingrid", "scan.txt", "old@sentry"] {
            assert!(!text.contains(planted), "{text}");
        }
        let auth = header(request, "x-sentry-auth").unwrap();
        assert!(auth.contains("sentry_key=upstreamkey") && !auth.contains("oldkey"), "{auth}");
    }
    assert_eq!(arrived.iter().filter(|request| request.path == "/api/77/envelope/").count(), 2);
    assert_eq!(arrived.iter().filter(|request| request.path == "/api/77/store/").count(), 1);
    assert_eq!(collector.metric("phi_unknown_fields_total", &[]), 2.0, "attachments are counted");

    for (method, path, headers, body, status) in [
        ("POST", "/api/1/envelope/", &[kind][..], envelope("x"), 403),
        ("POST", "/api/1/envelope/?sentry_key=other", &[kind], envelope("x"), 403),
        ("GET", "/api/1/envelope/", &[auth, kind], Vec::new(), 405),
        ("POST", "/api/1/minidump/", &[auth], b"MDMP".to_vec(), 404),
        ("POST", "/api/1/envelope/", &[auth, ("content-type", "multipart/form-data")], envelope("x"), 415),
        ("POST", "/api/1/envelope/", &[auth, kind, ("content-encoding", "compress")], envelope("x"), 415),
        ("POST", "/api/1/envelope/", &[auth, kind], b"{}\n{\"type\":\"event\",\"length\":900}\n{}".to_vec(), 400),
        ("POST", "/api/1/envelope/", &[auth, kind], vec![b' '; 2 << 20], 413),
    ] {
        let answer = http::send(at, method, path, headers, &body);
        assert_eq!(answer.status, status, "{path} {headers:?}: {}", answer.text());
    }
    // Nothing is left of it, and nobody is told an error for it.
    let replay = b"{}\n{\"type\":\"replay_recording\",\"length\":3}\nabc\n";
    assert_eq!(http::send(at, "POST", "/api/1/envelope/", &[auth, kind], replay).status, 200);
    assert_eq!(backend.received().len(), 3);
}

#[test]
fn an_upstream_that_is_busy_is_asked_again_and_one_that_finds_it_too_large_gets_halves() {
    let backend = Backend::script(|number, request| match number {
        0 => Say::Http(429, vec![("retry-after", "0".into())], Vec::new()),
        1 => Say::Http(503, Vec::new(), Vec::new()),
        _ if request.body.len() > 400 => Say::Http(413, Vec::new(), Vec::new()),
        _ => Say::Ok,
    });
    let collector = datadog(&backend, "", FEW_RULES);
    let at = address(&collector, "datadog_agent");
    assert_eq!(
        http::send(at, "PUT", "/v0.4/traces", &[MSGPACK], &traces(&["one", "two", "three", "four"])).status,
        200
    );
    let log = br#"[{"message":"first"},{"message":"ssn 536-22-8147"}]"#;
    let taken = eventually("all four traces", || {
        let taken = backend.taken();
        let read = |request: &Received| rmpv::decode::read_value(&mut request.body.as_slice()).unwrap();
        let spans: usize = taken.iter().map(|request| read(request).as_array().unwrap().len()).sum();
        (spans == 4).then_some(taken)
    });
    assert!(taken.len() >= 2);
    for request in &taken {
        let read = rmpv::decode::read_value(&mut request.body.as_slice()).unwrap();
        assert_eq!(header(request, "x-datadog-trace-count"), Some(read.as_array().unwrap().len().to_string().as_str()));
    }
    assert_eq!(http::send(at, "POST", "/api/v2/logs", &[JSON], log).status, 202);
    eventually("the logs", || backend.taken().iter().find(|request| request.path == "/api/v2/logs").cloned());
}

#[test]
fn what_one_family_gives_another_does_not_take() {
    let exporter = "otlp_http: { endpoint: 'http://127.0.0.1:4318' }";
    let config = configuration("sentry: { endpoint: '127.0.0.1:0' }", &["logs"], exporter, "");
    let (code, _, error) = check(&config, &[], &[]);
    assert_ne!(code, 0);
    assert!(error.contains("`sentry` gives Sentry's formats, which `otlp_http` does not take"), "{error}");
}
