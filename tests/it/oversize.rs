//! One request that is too large in one way: a long text, a large attribute, very many attributes, very many records. It is taken
//! whole or refused, and costs neither more memory than the process may have nor more time than a request is worth.
//! `SCRUBJAY_ITEMS` says how many; `make overload` tries a million, and 64 bytes for each in a text.

use crate::memory::{cpu, resident};
use crate::support::backend::Backend;
use crate::support::collector::{Collector, FEW_RULES};
use crate::support::sample::{REDACTED, SSN, holds};
use crate::support::{grpc, http};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use prost::Message as _;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

const LIMIT: usize = 256 << 20;
const MOST: usize = 16 << 20;

fn items() -> usize {
    std::env::var("SCRUBJAY_ITEMS").map_or(20_000, |items| items.parse().unwrap())
}

/// A record: its text and its attributes.
type Record = (String, Vec<(String, String)>);

/// A request.
struct Case {
    name: String,
    records: Vec<Record>,
}

impl Case {
    fn text(bytes: usize) -> Self {
        Self { name: format!("one record of {bytes} bytes"), records: vec![(text(bytes), vec![])] }
    }

    fn protobuf(&self) -> Vec<u8> {
        let value = |text: &str| Some(AnyValue { value: Some(Value::StringValue(text.to_owned())) });
        let records = self.records.iter().map(|(body, attributes)| LogRecord {
            body: value(body).filter(|_| !body.is_empty()),
            attributes: attributes
                .iter()
                .map(|(key, text)| KeyValue { key: key.clone(), value: value(text), ..KeyValue::default() })
                .collect(),
            ..LogRecord::default()
        });
        let scope_logs = vec![ScopeLogs { log_records: records.collect(), ..ScopeLogs::default() }];
        ExportLogsServiceRequest { resource_logs: vec![ResourceLogs { scope_logs, ..ResourceLogs::default() }] }
            .encode_to_vec()
    }

    fn json(&self) -> Vec<u8> {
        let mut out = String::from(r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":["#);
        for (number, (body, attributes)) in self.records.iter().enumerate() {
            out.push_str(if number == 0 { "{" } else { ",{" });
            if !body.is_empty() {
                write!(out, r#""body":{{"stringValue":"{body}"}}"#).unwrap();
            }
            if !attributes.is_empty() {
                out.push_str(if body.is_empty() { r#""attributes":["# } else { r#","attributes":["# });
                for (number, (key, text)) in attributes.iter().enumerate() {
                    let comma = if number == 0 { "" } else { "," };
                    write!(out, r#"{comma}{{"key":"{key}","value":{{"stringValue":"{text}"}}}}"#).unwrap();
                }
                out.push(']');
            }
            out.push('}');
        }
        out.push_str("]}]}]}");
        out.into_bytes()
    }
}

/// Lines as applications write them, of so many bytes, no two alike; the last thing in a long one is a number that must go.
fn text(bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 80);
    for number in 0usize.. {
        if text.len() >= bytes {
            break;
        }
        write!(text, "order {number} left ward {} after {} ms, ", number % 7, number * 31 % 997).unwrap();
    }
    let last = format!(", ssn {SSN}");
    text.truncate(bytes.saturating_sub(last.len()));
    if bytes > last.len() { text + &last } else { "x".repeat(bytes) }
}

fn cases(items: usize) -> Vec<Case> {
    let mut cases: Vec<Case> =
        [1, 1024, items * 4, items * 12, items * 15, items * 17, items * 64].map(Case::text).into();
    let one = |name: String, attributes| Case { name, records: vec![("x".into(), attributes)] };
    for bytes in [items * 12, items * 17] {
        cases.push(one(format!("one attribute of {bytes} bytes"), vec![("app.note".into(), text(bytes))]));
    }
    // A million of these are just within what a request may have, in protobuf.
    let many = (0..items).map(|number| (format!("{number}"), if number + 1 == items { SSN } else { "" }.to_owned()));
    cases.push(one(format!("{items} attributes"), many.collect()));
    let many = (0..items / 4).map(|number| (format!("app.item.{number}"), format!("value {number}, {SSN}")));
    cases.push(one(format!("{} attributes with a number in each", items / 4), many.collect()));
    cases.push(Case { name: format!("{items} empty records"), records: vec![(String::new(), vec![]); items] });
    let small = (0..items / 4).map(|number| (format!("line {number}, ssn {SSN}"), vec![]));
    cases.push(Case { name: format!("{} records with a number in each", items / 4), records: small.collect() });
    cases
}

fn start(backend: &Backend, rules: &str) -> Collector {
    Collector::start(
        &format!(
            "receivers: {{ otlp: {{ protocols: {{ http: {{ endpoint: '127.0.0.1:0' }}, grpc: {{ endpoint: '127.0.0.1:0' }} }} }} }}\n\
             processors: {{ scrub: {{ {rules} ack: delivered, pseudonym_key: 0123456789abcdef0123456789abcdef }} }}\n\
             exporters: {{ otlp_http: {{ endpoint: '{}', compression: none }} }}\n\
             service:\n  memory_limit: {LIMIT}\n\
             \x20 telemetry: {{ metrics: {{ endpoint: '127.0.0.1:0' }}, logs: {{ encoding: json }} }}\n\
             \x20 pipelines: {{ logs: {{ receivers: [otlp], processors: [scrub], exporters: [otlp_http] }} }}\n",
            backend.url()
        ),
        &[],
    )
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    Taken,
    TooLarge,
    Later,
}

fn ask(collector: &Collector, how: &str, body: Vec<u8>) -> Heard {
    if how == "gRPC" {
        let called = grpc::call(collector.grpc(), grpc::method("logs"), &[], grpc::frame(0, &body));
        return match called.code {
            0 => Heard::Taken,
            8 => Heard::TooLarge,
            14 => Heard::Later,
            code => panic!("{code}: {}", called.message),
        };
    }
    let kind = if how == "JSON" { "application/json" } else { "application/x-protobuf" };
    let answer = http::send(collector.http(), "POST", "/v1/logs", &[("content-type", kind)], &body);
    match answer.status {
        200 => Heard::Taken,
        413 => Heard::TooLarge,
        503 if answer.header("retry-after").is_some() => Heard::Later,
        status => panic!("{status}: {}", answer.text()),
    }
}

#[test]
fn a_request_of_any_size_is_taken_whole_or_refused_and_costs_what_it_may() {
    let items = items();
    let full = items >= 1_000_000;
    // The time of a request counts where the engine is as it is shipped; the rules take theirs to compile without optimisation.
    let optimised = !cfg!(debug_assertions);
    let mut wrong = Vec::new();
    for case in cases(items) {
        for how in ["protobuf", "JSON", "gRPC"] {
            // A process of its own: the most it ever had is what this request took.
            let backend = Backend::start();
            let collector = start(&backend, if optimised { "" } else { FEW_RULES });
            let body = if how == "JSON" { case.json() } else { case.protobuf() };
            let (name, size) = (format!("{}, {how}", case.name), body.len());
            let (before, began, idle) = (cpu(&collector), Instant::now(), resident(&collector, "VmRSS:"));
            let heard = ask(&collector, how, body);
            let (took, waited, most) = (cpu(&collector) - before, began.elapsed(), resident(&collector, "VmHWM:"));
            eprintln!(
                "{name}: {size} bytes, {heard:?}, {took:?} of processor time, {waited:?}, {} MB resident before, {} MB at most",
                idle >> 20,
                most >> 20
            );
            let mut fault = |what: String| wrong.push(format!("{name}: {what}"));
            if heard == Heard::Later {
                fault("there will never be more room than there is now".into());
            }
            if heard == Heard::TooLarge && size <= MOST / 4 {
                fault(format!("{size} bytes are not too large"));
            }
            if most > LIMIT / 10 * 11 {
                fault(format!("{most} bytes resident"));
            }
            let most_time = if optimised || !full { Duration::from_secs(2) } else { Duration::from_secs(60) };
            if took > most_time {
                fault(format!("{took:?}"));
            }
            let received = backend.received();
            assert_eq!(received.len(), usize::from(heard == Heard::Taken), "{name}: what was taken arrived, once");
            if let Some(request) = received.first() {
                if !whole(&case, &request.body) {
                    fault("what arrived is not what was sent".into());
                }
                assert!(!holds(&request.body, SSN), "{name}: a number came through");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whether a request holds all records and attributes of a case, scrubbed.
fn whole(case: &Case, request: &[u8]) -> bool {
    let request = ExportLogsServiceRequest::decode(request).unwrap();
    let records: Vec<&LogRecord> = request
        .resource_logs
        .iter()
        .flat_map(|resource| &resource.scope_logs)
        .flat_map(|scope| &scope.log_records)
        .collect();
    let is = |value: Option<&AnyValue>, text: &str| match value.and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(found)) => found == &text.replace(SSN, REDACTED) || found == "[UNSCANNED]",
        None => text.is_empty(),
        Some(_) => false,
    };
    let alike = |(record, (body, attributes)): (&&LogRecord, &Record)| {
        is(record.body.as_ref(), body)
            && record.attributes.len() == attributes.len()
            && record.attributes.iter().zip(attributes).all(|(found, (_, text))| is(found.value.as_ref(), text))
    };
    records.len() == case.records.len() && records.iter().zip(&case.records).all(alike)
}
