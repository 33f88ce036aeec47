//! Datadog as its documentation describes it: an intake that enforces limits and answers, and what arrives there.

use crate::support::backend::{Backend, Received, Say};
use crate::support::collector::{Collector, Setup, check};
use crate::support::sample::{SSN, logs};
use crate::support::{eventually, golden, http};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use processors::walk::otlp::Signal;
use prost::Message as _;
use scrubjay::codec::otlp_json;
use serde_json::{Value, json};

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// What the documented intakes do: 403 for a wrong key, 413 beyond a limit, 400 for what is not theirs, 202 otherwise.
fn intake(request: &Received) -> Say {
    let header = |name| request.headers.get(name).map(|value| value.as_bytes().to_vec()).unwrap_or_default();
    let status = if header("dd-api-key") != KEY.as_bytes() {
        403
    } else {
        match request.path.as_str() {
            "/api/v2/logs" => match serde_json::from_slice::<Vec<Value>>(&request.body) {
                _ if request.body.len() > 5_000_000 => 413,
                Ok(logs) if logs.len() > 1000 => 413,
                Ok(logs) if logs.iter().all(Value::is_object) && header("content-type") == b"application/json" => 202,
                Ok(_) | Err(_) => 400,
            },
            "/v1/traces" if request.body.len() > 3_200_000 => 413,
            "/v1/traces" => match ExportTraceServiceRequest::decode(&*request.body) {
                Ok(_) if header("compute_stats") == b"true" => 202,
                _ => 400,
            },
            "/v1/metrics" if request.body.len() > 500_000 => 413,
            "/v1/metrics" => match ExportMetricsServiceRequest::decode(&*request.body) {
                Ok(_) => 202,
                Err(_) => 400,
            },
            _ => 404,
        }
    };
    Say::Http(status, vec![], format!("you sent {SSN}").into_bytes())
}

fn start(backend: &Backend, key: &str) -> Collector {
    let url = backend.url();
    let ends =
        format!("traces: {{ endpoint: '{url}' }}, metrics: {{ endpoint: '{url}' }}, logs: {{ endpoint: '{url}' }}");
    let fast = "retry_on_failure: { initial_interval: 50ms, max_interval: 100ms }";
    Setup::new("datadog", &format!("site: us5.datadoghq.com, api: {{ key: '{key}' }}, {ends}, {fast}")).start()
}

/// Posts OTLP/JSON.
fn post(collector: &Collector, path: &str, request: &Value) {
    let headers = [("content-type", "application/json")];
    let answer = http::send(collector.http(), "POST", path, &headers, request.to_string().as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text());
}

fn attribute(key: &str, value: Value) -> Value {
    json!({ "key": key, "value": value })
}

fn text(value: &str) -> Value {
    json!({ "stringValue": value })
}

#[test]
fn logs_arrive_as_the_mapping_says() {
    let backend = Backend::script(|_, request| intake(request));
    let collector = start(&backend, KEY);
    let resource = json!({ "attributes": [
        attribute("service.name", text("portal")),
        attribute("service.version", text("1.2.3")),
        attribute("deployment.environment.name", text("prod")),
        attribute("host.name", text("node-7")),
        attribute("k8s.pod.name", text("portal-6d9f")),
        attribute("hostname", text("kept-apart")),
    ] });
    let full = json!({
        "timeUnixNano": "1767225600123456789",
        "severityNumber": 17,
        "severityText": "ERROR",
        "body": text(&format!("no patient with ssn {SSN}")),
        "traceId": "5b8aa5a2d2c872e8321cf37308d69df2",
        "spanId": "051581bf3cb55c13",
        "attributes": [
            attribute("http.status_code", json!({ "intValue": "404" })),
            attribute("retry", json!({ "boolValue": true })),
            attribute("took", json!({ "doubleValue": 0.25 })),
            attribute("user", json!({ "kvlistValue": { "values": [
                attribute("ssn", text(SSN)),
                attribute("deep", json!({ "kvlistValue": { "values": [attribute("er", text("x"))] } })),
            ] } })),
            attribute("list", json!({ "arrayValue": { "values": [text("a"), json!({ "intValue": "1" })] } })),
            attribute("raw", json!({ "bytesValue": "AAE=" })),
            attribute("ddtags", text("team:care")),
        ],
    });
    let logged = json!({
        "severityNumber": 9,
        "body": text("not this"),
        "attributes": [
            attribute("message", text("but this")),
            attribute("Level", text("notice")),
            attribute("trace_id", text("5b8aa5a2d2c872e8321cf37308d69df2")),
            attribute("span_id", text("not an id")),
        ],
    });
    let bare =
        json!({ "severityNumber": 13, "body": json!({ "kvlistValue": { "values": [attribute("a", text("b"))] } }) });
    let scope = json!({ "name": "s", "attributes": [attribute("scope.kind", text("library"))] });
    let request = json!({ "resourceLogs": [
        { "resource": resource, "scopeLogs": [{ "scope": scope, "logRecords": [full, logged] }] },
        { "scopeLogs": [{ "logRecords": [bare] }] },
    ] });
    post(&collector, "/v1/logs", &request);
    let received = &backend.wait(1)[0];
    let arrived: Value = serde_json::from_slice(&received.body).unwrap();
    let golden: Value = serde_json::from_str(include_str!("golden/datadog/logs.json")).unwrap();
    assert_eq!(arrived, golden, "{arrived:#}");
    eventually("counted", || (collector.metric("otelcol_exporter_sent_log_records_total", &[]) == 3.0).then_some(()));
}

#[test]
fn more_logs_than_a_request_may_carry_arrive_in_several() {
    let backend = Backend::script(|_, request| intake(request));
    let collector = start(&backend, KEY);
    let texts: Vec<String> = (0..2500).map(|number| format!("record {number}")).collect();
    let request = logs(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(collector.post("/v1/logs", &request.encode_to_vec()).status, 200);
    eventually("counted", || {
        (collector.metric("otelcol_exporter_sent_log_records_total", &[]) == 2500.0).then_some(())
    });
    let arrived: Vec<Vec<Value>> =
        backend.received().iter().map(|request| serde_json::from_slice(&request.body).unwrap()).collect();
    assert!(arrived.iter().all(|logs| logs.len() <= 1000), "none was sent that the intake would refuse");
    let messages: Vec<&str> = arrived.iter().flatten().filter_map(|log| log["message"].as_str()).collect();
    assert_eq!(messages, texts, "each once, in order");
}

#[test]
fn traces_and_metrics_beyond_the_limit_are_split() {
    let backend = Backend::script(|_, request| intake(request));
    let collector = start(&backend, KEY);
    let note = "lorem ipsum ".repeat(2000);
    let span = |number: usize| {
        json!({ "traceId": "5b8aa5a2d2c872e8321cf37308d69df2", "spanId": format!("{:016x}", number + 1),
        "name": format!("span {number}"), "attributes": [attribute("note", text(&note))] })
    };
    let spans: Vec<Value> = (0..300).map(span).collect();
    post(&collector, "/v1/traces", &json!({ "resourceSpans": [{ "scopeSpans": [{ "spans": spans }] }] }));
    let point = |number: usize| {
        json!({ "asInt": number.to_string(), "timeUnixNano": "1767225600000000000",
        "attributes": [attribute("note", text(&note))] })
    };
    let points: Vec<Value> = (0..60).map(point).collect();
    let gauge = json!({ "name": "queue", "gauge": { "dataPoints": points } });
    post(&collector, "/v1/metrics", &json!({ "resourceMetrics": [{ "scopeMetrics": [{ "metrics": [gauge] }] }] }));
    eventually("counted", || {
        (collector.metric("otelcol_exporter_sent_spans_total", &[]) == 300.0
            && collector.metric("otelcol_exporter_sent_metric_points_total", &[]) == 60.0)
            .then_some(())
    });
    let mut names = Vec::new();
    for request in backend.received() {
        assert!(matches!(intake(&request), Say::Http(202, ..)), "none was sent that the intake would refuse");
        if request.path == "/v1/traces" {
            let request = ExportTraceServiceRequest::decode(&*request.body).unwrap();
            names.extend(request.resource_spans[0].scope_spans[0].spans.iter().map(|span| span.name.clone()));
        }
    }
    assert_eq!(names, (0..300).map(|number| format!("span {number}")).collect::<Vec<_>>());
    assert!(collector.metric("scrubjay_exporter_splits_total", &[]) >= 3.0);
}

/// An intake that takes less than its documentation says answers 413: halves, what was taken is not sent again, and a single
/// record that is too large is given up, loudly.
#[test]
fn what_the_intake_finds_too_large_is_halved() {
    let small = |request: &Received| match request.path.as_str() {
        "/v1/traces" | "/v1/metrics" if request.body.len() > 20_000 => Say::Http(413, vec![], vec![]),
        "/api/v2/logs" if request.body.len() > 20_000 => Say::Http(413, vec![], vec![]),
        _ => intake(request),
    };
    let backend = Backend::script(move |_, request| small(request));
    let collector = start(&backend, KEY);
    let texts: Vec<String> = (0..60)
        .map(|number| format!("record {number} {}", if number == 31 { "x".repeat(30_000) } else { "y".repeat(900) }))
        .collect();
    let request = logs(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(collector.post("/v1/logs", &request.encode_to_vec()).status, 200);
    let dropped = collector.event("dropped");
    assert_eq!(
        (&dropped["reason"], &dropped["status"], &dropped["records"]),
        (&"too_large".into(), &413.into(), &1.into())
    );
    let note = "lorem ipsum ".repeat(50);
    let span = |number: usize| {
        json!({ "traceId": "5b8aa5a2d2c872e8321cf37308d69df2", "spanId": format!("{:016x}", number + 1),
        "name": format!("span {number}"), "attributes": [attribute("note", text(&note))] })
    };
    let spans: Vec<Value> = (0..100).map(span).collect();
    post(&collector, "/v1/traces", &json!({ "resourceSpans": [{ "scopeSpans": [{ "spans": spans }] }] }));
    eventually("counted", || {
        (collector.metric("otelcol_exporter_sent_spans_total", &[]) == 100.0
            && collector.metric("otelcol_exporter_sent_log_records_total", &[]) == 59.0)
            .then_some(())
    });
    let taken: Vec<Received> =
        backend.received().into_iter().filter(|request| matches!(small(request), Say::Http(202, ..))).collect();
    let (mut messages, mut names) = (Vec::new(), Vec::new());
    for request in &taken {
        if request.path == "/v1/traces" {
            let request = ExportTraceServiceRequest::decode(&*request.body).unwrap();
            names.extend(request.resource_spans[0].scope_spans[0].spans.iter().map(|span| span.name.clone()));
        } else {
            let logs: Vec<Value> = serde_json::from_slice(&request.body).unwrap();
            messages.extend(logs.iter().map(|log| log["message"].as_str().unwrap().to_owned()));
        }
    }
    let expected: Vec<String> = texts.iter().filter(|text| !text.starts_with("record 31 ")).cloned().collect();
    assert_eq!(messages, expected, "each once, in order");
    assert_eq!(names, (0..100).map(|number| format!("span {number}")).collect::<Vec<_>>());
    assert!(collector.metric("scrubjay_exporter_splits_total", &[]) >= 6.0);
    assert_eq!(collector.metric("scrubjay_exporter_retries_total", &[]), 0.0, "what is too large is not tried again");
}

/// Traces and metrics go to the OTLP intake as they are, scrubbed: held as a whole.
#[test]
fn traces_and_metrics_arrive_as_otlp() {
    let backend = Backend::script(|_, request| intake(request));
    let collector = start(&backend, KEY);
    let resource = json!({ "attributes": [attribute("service.name", text("portal"))] });
    let span = json!({
        "traceId": "5b8aa5a2d2c872e8321cf37308d69df2", "spanId": "051581bf3cb55c13", "name": format!("GET /patients/{SSN}"),
        "kind": 2, "startTimeUnixNano": "1767225600000000000", "endTimeUnixNano": "1767225601000000000",
        "attributes": [attribute("http.response.status_code", json!({ "intValue": "404" }))],
        "events": [{ "name": "exception", "timeUnixNano": "1767225600500000000",
            "attributes": [attribute("exception.message", text(&format!("no patient {SSN}")))] }],
        "links": [{ "traceId": "5b8aa5a2d2c872e8321cf37308d69df3", "spanId": "051581bf3cb55c14",
            "attributes": [attribute("ssn", text(SSN))] }],
        "status": { "code": 2, "message": format!("ssn {SSN}") },
    });
    let scope = json!({ "name": "s", "version": "1" });
    post(
        &collector,
        "/v1/traces",
        &json!({ "resourceSpans": [{ "resource": resource, "scopeSpans": [{ "scope": scope, "spans": [span] }] }] }),
    );
    let point = json!({ "asInt": "3", "timeUnixNano": "1767225600000000000", "startTimeUnixNano": "1767225500000000000",
        "attributes": [attribute("clinic", text("north"))],
        "exemplars": [{ "asInt": "1", "timeUnixNano": "1767225600000000000",
            "filteredAttributes": [attribute("note", text(&format!("ssn {SSN}")))] }] });
    let metrics = json!([
        { "name": "visits", "unit": "1", "description": format!("of {SSN}"),
            "sum": { "aggregationTemporality": 1, "isMonotonic": true, "dataPoints": [point] } },
        { "name": "sizes", "histogram": { "aggregationTemporality": 1, "dataPoints": [{ "count": "2", "sum": 5.5,
            "timeUnixNano": "1767225600000000000", "bucketCounts": ["1", "1"], "explicitBounds": [4.0] }] } },
    ]);
    post(
        &collector,
        "/v1/metrics",
        &json!({ "resourceMetrics": [{ "resource": resource, "scopeMetrics": [{ "scope": scope, "metrics": metrics }] }] }),
    );
    for received in backend.wait(2) {
        let traces = received.path == "/v1/traces";
        let signal = if traces { Signal::Traces } else { Signal::Metrics };
        let found: Value = serde_json::from_str(&otlp_json::from_protobuf(signal, &received.body).unwrap()).unwrap();
        golden(if traces { "datadog/traces.json" } else { "datadog/metrics.json" }, &format!("{found:#}\n"));
    }
}

#[test]
fn running_totals_are_left_out_and_said_so() {
    let backend = Backend::script(|_, request| intake(request));
    let collector = start(&backend, KEY);
    let sum = |name: &str, temporality: u8, monotonic: bool| {
        json!({ "name": name, "sum": { "aggregationTemporality": temporality,
        "isMonotonic": monotonic, "dataPoints": [{ "asInt": "1" }, { "asInt": "2" }] } })
    };
    let metrics = json!([sum("delta", 1, true), sum("total", 2, true), sum("level", 2, false),
        { "name": "sizes", "histogram": { "aggregationTemporality": 2, "dataPoints": [{ "count": "1" }] } }]);
    post(&collector, "/v1/metrics", &json!({ "resourceMetrics": [{ "scopeMetrics": [{ "metrics": metrics }] }] }));
    let request = ExportMetricsServiceRequest::decode(&*backend.wait(1)[0].body).unwrap();
    let names: Vec<&str> =
        request.resource_metrics[0].scope_metrics[0].metrics.iter().map(|metric| metric.name.as_str()).collect();
    assert_eq!(names, ["delta", "level"]);
    let event = collector.event("cumulative");
    assert_eq!(event["points"], 3);
    assert!(event["hint"].as_str().unwrap().contains("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta"));
    assert_eq!(collector.metric("scrubjay_exporter_cumulative_points_total", &[]), 3.0);
    assert_eq!(collector.metric("otelcol_exporter_sent_metric_points_total", &[]), 4.0);
}

#[test]
fn a_refused_key_pauses_and_loses_nothing() {
    let backend =
        Backend::script(|number, request| if number < 2 { Say::Http(403, vec![], vec![]) } else { intake(request) });
    let collector = start(&backend, KEY);
    assert_eq!(collector.post("/v1/logs", &logs(&["a record"]).encode_to_vec()).status, 200);
    assert_eq!(collector.event("paused")["status"], 403);
    let received = backend.wait(3);
    assert!(String::from_utf8_lossy(&received[2].body).contains("a record"));
    assert!(!collector.log().contains(KEY) && !collector.log().contains("536-22"), "neither key nor answer is logged");
}

#[test]
fn what_passes_is_retried_and_what_is_wrong_is_given_up() {
    for (status, passes) in [(408, true), (429, true), (500, true), (502, true), (400, false)] {
        let backend = Backend::script(move |number, request| {
            if number < 3 { Say::Http(status, vec![("retry-after", "0".into())], vec![]) } else { intake(request) }
        });
        let collector = start(&backend, KEY);
        assert_eq!(collector.post("/v1/logs", &logs(&["a record"]).encode_to_vec()).status, 200);
        if passes {
            backend.wait(4);
            assert_eq!(collector.metric("scrubjay_exporter_retries_total", &["reason=\"busy\""]), 3.0, "{status}");
        } else {
            assert_eq!(collector.event("dropped")["reason"], "refused");
        }
    }
}

#[test]
fn mistakes_are_named_and_the_key_is_not() {
    let config = |section: &str| {
        format!(
            "receivers: {{ otlp: {{ protocols: {{ http: {{ endpoint: '127.0.0.1:0' }} }} }} }}\nprocessors: {{ scrub: {{}} }}\n\
             exporters: {{ datadog: {{ {section} }} }}\nservice: {{ pipelines: {{ logs: {{ receivers: [otlp], processors: [scrub], exporters: [datadog] }} }} }}\n"
        )
    };
    for (section, expected) in [
        ("site: datadoghq.com", "`api` is missing"),
        ("api: { key: '' }", "`key` takes an API key"),
        ("api: { key: x, site: 'https://datadoghq.com' }", "`site` takes a domain"),
        ("api: { key: x }, logs: { endpoint: 'ftp://x' }", "`endpoint` takes a URL"),
        ("api: { key: x }, sites: eu", "sites"),
    ] {
        let (code, _, said) = check(&config(section), &[], &[]);
        assert_ne!(code, 0, "{section}");
        assert!(said.contains(expected), "{section}: {said}");
    }
    let (code, _, said) = check(&config("api: { key: abc, site: datadoghq.eu }"), &[], &[]);
    assert_eq!(code, 0, "{said}");
}
