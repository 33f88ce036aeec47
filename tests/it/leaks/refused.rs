//! What is refused, and what the engine fails on, is not shown either.

use super::build::Shape;
use super::plant::{Keyed, Needle, Planted, Plants};
use super::{Case, case, cases, leaked, pages, path, start, whole};
use crate::support::backend::Backend;
use crate::support::collector::Collector;
use crate::support::http::send;
use crate::support::{eventually, grpc};
use processors::walk::otlp::Signal;
use scrubjay::codec::otlp_json;

#[test]
fn refusals_echo_nothing() {
    let backend = Backend::start();
    let collector = start(&backend, &[]);
    let mut surfaces: Vec<(String, Vec<u8>)> = Vec::new();
    let cases = Signal::ALL.map(|signal| case(signal, "broken", 30 + signal as u64, Shape::Plain));
    for case in &cases {
        let json = otlp_json::from_protobuf(case.signal, &case.request).unwrap();
        let broken: [(&str, &str, Vec<u8>, &[u16]); 9] = [
            ("cut off", "application/x-protobuf", case.request[..case.request.len() * 2 / 3].to_vec(), &[400]),
            (
                "of a length beyond the end",
                "application/x-protobuf",
                [&[0x0A, 0x7F], &case.request[..90]].concat(),
                &[400],
            ),
            ("JSON cut off", "application/json", json.as_bytes()[..json.len() * 2 / 3].to_vec(), &[400]),
            ("JSON in a list", "application/json", format!("[{json}]").into_bytes(), &[400]),
            (
                "JSON with texts for lists",
                "application/json",
                json.replace(":[", ":\"x\",\"y\":[").into_bytes(),
                &[400],
            ),
            ("JSON as protobuf", "application/x-protobuf", json.clone().into_bytes(), &[400]),
            ("protobuf as JSON", "application/json", case.request.clone(), &[400]),
            ("of no known type", "text/plain", case.request.clone(), &[415]),
            ("JSON under unknown names", "application/json", json.replace("\":", "_\":").into_bytes(), &[200]),
        ];
        for (how, kind, body, statuses) in broken {
            let answer = send(collector.http(), "POST", path(case.signal), &[("content-type", kind)], &body);
            assert!(statuses.contains(&answer.status), "{} {how}: {}", case.signal.name(), answer.status);
            surfaces.push((format!("the reply to {} {how}", case.signal.name()), whole(&answer)));
        }
        for (how, flag, body, headers) in [
            ("cut off", 0, &case.request[..case.request.len() * 2 / 3], ("x-none", "x")),
            ("said to be gzip", 1, &case.request[..], ("grpc-encoding", "gzip")),
        ] {
            let frame = grpc::frame(flag, body);
            let called = grpc::call(collector.grpc(), grpc::method(case.signal.name()), &[headers], frame);
            assert_ne!(called.code, 0, "{} {how}", case.signal.name());
            surfaces.push((format!("the gRPC reply to {} {how}", case.signal.name()), format!("{called:?}").into()));
        }
    }
    let heads = in_heads(&collector, &mut surfaces);
    surfaces.push(("stdout".into(), collector.out().into_bytes()));
    surfaces.extend(pages(&collector));
    surfaces.extend(backend.received().into_iter().map(|received| ("the backend".into(), received.body)));
    let mut cases = Vec::from(cases);
    cases.push(heads);
    let leaks = leaked(&cases, &surfaces);
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
}

/// Identifiers in paths, queries, headers, methods: everything of a request that is not its body.
fn in_heads(collector: &Collector, surfaces: &mut Vec<(String, Vec<u8>)>) -> Case {
    let mut plants = Plants::from(700_000);
    for _ in 0..20 {
        let name = plants.keyed(Keyed::User, "a path");
        let number = plants.keyed(Keyed::Number, "a query or header");
        let json = [("content-type", "application/json"), ("x-patient", number.as_str()), ("user-agent", &number)];
        let kind = format!("application/{name}");
        let encoding = [("content-type", "application/json"), ("content-encoding", name.as_str())];
        let credentials = [("content-type", "application/json"), ("authorization", number.as_str())];
        for (method, path, headers) in [
            ("POST", format!("/v1/{name}"), &json[..]),
            ("POST", format!("/v1/logs?mrn={number}"), &json[..]),
            ("POST", "/v1/logs".into(), &[("content-type", kind.as_str())][..]),
            ("POST", "/v1/logs".into(), &encoding[..]),
            ("POST", "/v1/logs".into(), &credentials[..]),
            ("GET", format!("/patients/{number}"), &[][..]),
            (name.as_str(), "/v1/logs".into(), &[][..]),
        ] {
            let answer = send(collector.http(), method, &path, headers, b"{");
            assert!((400..500).contains(&answer.status), "{method} {path}: {}", answer.status);
            surfaces.push((format!("the reply to {method} {path}"), whole(&answer)));
        }
        for (path, headers) in [
            (format!("/patients.{name}/Export"), [("x-patient", number.as_str())]),
            (grpc::method("logs").to_owned(), [("grpc-encoding", name.as_str())]),
        ] {
            let called = grpc::call(collector.grpc(), &path, &headers, grpc::frame(1, b"x"));
            assert_ne!(called.code, 0, "{path}");
            surfaces.push((format!("the gRPC reply to {path}"), format!("{called:?}").into()));
        }
    }
    Case { signal: Signal::Logs, transport: "heads", request: Vec::new(), plants }
}

#[test]
fn an_engine_that_fails_shows_nothing() {
    for (fault, event) in [("engine_panic", "panicked"), ("engine_error", "engine_failed")] {
        let backend = Backend::start();
        let collector = start(&backend, &[("SCRUBJAY_FAULT", fault.into())]);
        let mut cases = cases();
        let mut surfaces: Vec<(String, Vec<u8>)> = Vec::new();
        for case in &cases {
            for round in 1..=4 {
                let reply = fail(&collector, case, round);
                surfaces.push((format!("the reply to {}, {round}", case.name()), reply));
            }
        }
        eventually("the log says so", || collector.events(event).first().cloned());
        // What the panic itself says is as bad as data.
        let text = Planted { needle: Needle::Text("536-22-8147".into()), place: "the panic's own text".into() };
        cases[0].plants.identifiers.push(text);
        surfaces.push(("stdout".into(), collector.out().into_bytes()));
        surfaces.extend(pages(&collector));
        let leaks = leaked(&cases, &surfaces);
        assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
        assert!(backend.received().is_empty() && collector.out().is_empty(), "{fault}: nothing goes on");
    }
}

/// Sends a request on which the engine fails: the reply. The third time it is refused for good.
fn fail(collector: &Collector, case: &Case, round: u32) -> Vec<u8> {
    let last = round >= 3;
    if case.transport == "grpc" {
        let body = grpc::frame(0, &case.request);
        let called = grpc::call(collector.grpc(), grpc::method(case.signal.name()), &[], body);
        assert_eq!(called.code, if last { 3 } else { 14 }, "{} {round}", case.name());
        return format!("{called:?}").into_bytes();
    }
    let (kind, body) = match case.transport {
        "http/protobuf" => ("application/x-protobuf", case.request.clone()),
        _ => ("application/json", otlp_json::from_protobuf(case.signal, &case.request).unwrap().into_bytes()),
    };
    let answer = send(collector.http(), "POST", path(case.signal), &[("content-type", kind)], &body);
    assert_eq!(answer.status, if last { 400 } else { 503 }, "{} {round}", case.name());
    whole(&answer)
}
