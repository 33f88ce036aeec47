//! Nothing that identifies anybody comes out: not at the backend, not in own logs, pages, replies or panics.
//!
//! Every field of every message of every signal carries something made up, over every transport, into the real process
//! with all its rules; then everything that came out of it anywhere is searched, in every form.

mod build;
mod decode;
mod edges;
pub(crate) mod plant;
mod refused;
pub(crate) mod search;

use crate::exempt::EXEMPT;
use crate::known_gaps::KNOWN_GAPS;
use crate::support::backend::Backend;
use crate::support::collector::Collector;
use crate::support::http::{Answer, send};
use crate::support::sample::decodes;
use crate::support::{eventually, grpc};
use aho_corasick::AhoCorasick;
use build::{Shape, build};
use decode::{Leaf, leaves};
use plant::{Needle, Planted, Plants};
use processors::walk::otlp::{Message, Signal, Type};
use scrubjay::codec::otlp_json;
use search::Search;
use std::collections::{BTreeMap, BTreeSet};

const TRANSPORTS: [&str; 3] = ["grpc", "http/protobuf", "http/json"];
/// How far apart the numbers of two requests' identifiers are.
const APART: u64 = 20_000;

/// A request with something planted everywhere.
struct Case {
    signal: Signal,
    transport: &'static str,
    request: Vec<u8>,
    plants: Plants,
}

impl Case {
    fn name(&self) -> String {
        format!("{} over {}", self.signal.name(), self.transport)
    }
}

/// Every signal over every transport.
fn cases() -> Vec<Case> {
    let all = TRANSPORTS.into_iter().flat_map(|transport| Signal::ALL.map(|signal| (signal, transport)));
    (0u64..).zip(all).map(|(number, (signal, transport))| case(signal, transport, number, Shape::Plain)).collect()
}

fn case(signal: Signal, transport: &'static str, number: u64, shape: Shape) -> Case {
    let mut plants = Plants::from(number * APART);
    let request = build(signal, shape, &mut plants).request;
    Case { signal, transport, request, plants }
}

#[test]
fn every_field_is_carried_or_exempt_and_none_is_both() {
    let mut carried = BTreeSet::new();
    for signal in Signal::ALL {
        carried.extend(build(signal, Shape::Plain, &mut Plants::default()).carried);
    }
    let mut exempt = BTreeSet::new();
    for (reason, fields) in EXEMPT {
        assert!(reason.len() > 5, "a reason: {reason}");
        for field in *fields {
            assert!(exempt.insert((*field).to_owned()), "{field} is exempt twice");
        }
    }
    let table = table();
    let neither: Vec<_> = table.iter().filter(|field| !carried.contains(*field) && !exempt.contains(*field)).collect();
    let both: Vec<_> = carried.intersection(&exempt).collect();
    let unknown: Vec<_> = carried.union(&exempt).filter(|field| !table.contains(*field)).collect();
    assert!(neither.is_empty(), "neither carried nor exempt: {neither:#?}");
    assert!(both.is_empty(), "carried and exempt: {both:#?}");
    assert!(unknown.is_empty(), "in no message of the table: {unknown:#?}");
}

/// `message.field` for all that is in the table.
fn table() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut left: Vec<&'static Message> = Signal::ALL.map(Signal::request).to_vec();
    while let Some(message) = left.pop() {
        for field in message.fields {
            if !found.insert(format!("{}.{}", message.name, field.name)) {
                continue;
            }
            if let Type::Nested(nested) = field.kind {
                left.push(nested);
            }
        }
    }
    found
}

#[test]
fn what_is_planted_is_there_to_be_found() {
    for case in cases() {
        assert!(decodes(case.signal.name(), &case.request), "{}", case.name());
        let found: BTreeSet<usize> =
            Search::new(&case.plants.identifiers).find(&case.request).iter().map(|hit| hit.identifier).collect();
        for (number, planted) in case.plants.identifiers.iter().enumerate() {
            assert!(found.contains(&number), "{}: {planted:?}", case.name());
        }
        assert_eq!(lost(&case, &case.request), Vec::<String>::new());
        assert!(case.plants.identifiers.len() > 300, "{}: {}", case.name(), case.plants.identifiers.len());
    }
}

#[test]
fn nothing_planted_comes_out_anywhere() {
    let backend = Backend::start();
    let collector = start(&backend, &[]);
    let cases = cases();
    let mut surfaces: Vec<(String, Vec<u8>)> = Vec::new();
    let mut problems = Vec::new();
    let mut sent = 0;
    for case in &cases {
        // Twice: the second time the engine remembers what it learnt the first time.
        for round in ["first", "again"] {
            surfaces.push((format!("the reply to {}", case.name()), deliver(&collector, case)));
            sent += 1;
            let received = backend.wait(sent).pop().unwrap();
            let name = format!("{}, {round}", case.name());
            assert!(decodes(case.signal.name(), &received.body), "{name}");
            problems.extend(lost(case, &received.body));
            if kept(case.signal, &received.body) != kept(case.signal, &case.request) {
                problems.push(format!("{name}: an id, a time or a number is not what it was"));
            }
            surfaces.push((format!("the leaves of {name}"), decoded(case.signal, &received.body)));
            surfaces.push((format!("the headers of {name}"), format!("{:?}", received.headers).into_bytes()));
            surfaces.push((name, received.body));
        }
    }
    eventually("all lines on stdout", || (collector.out().lines().count() >= sent).then_some(()));
    surfaces.push(("stdout".into(), collector.out().into_bytes()));
    surfaces.extend(pages(&collector));
    problems.extend(leaked(&cases, &surfaces));
    settle(problems);
}

/// What a sender may do that no library does: ids of another length, fields that a later one supersedes, several
/// alternatives at once, fields that nobody knows.
#[test]
fn ids_of_another_length_are_blanked_and_what_readers_pass_over_is_scrubbed_too() {
    let backend = Backend::start();
    let collector = start(&backend, &[]);
    let mut surfaces: Vec<(String, Vec<u8>)> = Vec::new();
    let mut problems = Vec::new();
    let cases = Signal::ALL.map(|signal| case(signal, "http/protobuf", 20 + signal as u64, Shape::Odd));
    for (number, case) in cases.iter().enumerate() {
        let planted = Search::new(&case.plants.identifiers).find(&case.request);
        let planted: BTreeSet<usize> = planted.iter().map(|hit| hit.identifier).collect();
        assert_eq!(planted.len(), case.plants.identifiers.len(), "{}", case.name());
        surfaces.push((format!("the reply to {}", case.name()), deliver(&collector, case)));
        let received = backend.wait(number + 1).pop().unwrap();
        assert!(decodes(case.signal.name(), &received.body), "{}", case.name());
        problems.extend(lost(case, &received.body));
        surfaces.push((format!("the leaves of {}", case.name()), decoded(case.signal, &received.body)));
        surfaces.push((case.name(), received.body));
    }
    assert!(collector.metric("phi_unknown_fields_total", &[]) > 100.0);
    surfaces.extend(pages(&collector));
    problems.extend(leaked(&cases, &surfaces));
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

/// A collector with all rules, one exporter to the backend and one to its own stdout, and all it has to say in its log.
pub(crate) fn start(backend: &Backend, env: &[(&'static str, String)]) -> Collector {
    let pipelines: String = ["traces", "logs", "metrics", "profiles"]
        .map(|signal| {
            format!("    {signal}: {{ receivers: [otlp], processors: [scrub], exporters: [otlp_http, debug] }}\n")
        })
        .concat();
    let config = format!(
        "receivers:\n  otlp:\n    protocols:\n      grpc: {{ endpoint: 127.0.0.1:0 }}\n      http: {{ endpoint: 127.0.0.1:0 }}\n\
         processors:\n  scrub: {{ pseudonym_key: 0123456789abcdef0123456789abcdef }}\n\
         exporters:\n  otlp_http: {{ endpoint: '{}' }}\n  debug: {{}}\n\
         extensions: {{ health_check: {{ endpoint: '127.0.0.1:0' }} }}\nservice:\n  extensions: [health_check]\n\
         \x20 telemetry: {{ metrics: {{ endpoint: '127.0.0.1:0' }}, logs: {{ encoding: json, level: info }} }}\n\
         \x20 pipelines:\n{pipelines}",
        backend.url()
    );
    // There is no finer level than info; what libraries would say if they were let is asked for as well.
    let mut env = env.to_vec();
    env.push(("RUST_LOG", "trace".into()));
    env.push(("RUST_BACKTRACE", "full".into()));
    Collector::start(&config, &env)
}

/// Sends a request the way its case says; the whole reply.
fn deliver(collector: &Collector, case: &Case) -> Vec<u8> {
    let path = path(case.signal);
    match case.transport {
        "grpc" => {
            let body = grpc::frame(0, &case.request);
            let called = grpc::call(collector.grpc(), grpc::method(case.signal.name()), &[], body);
            assert_eq!((called.http, called.code), (200, 0), "{}", case.name());
            format!("{called:?}{}", String::from_utf8_lossy(&called.body)).into_bytes()
        }
        "http/protobuf" => {
            let answer = collector.post(path, &case.request);
            assert_eq!(answer.status, 200, "{}", case.name());
            whole(&answer)
        }
        _ => {
            let json = otlp_json::from_protobuf(case.signal, &case.request).unwrap();
            let headers = [("content-type", "application/json")];
            let answer = send(collector.http(), "POST", path, &headers, json.as_bytes());
            assert_eq!(answer.status, 200, "{}", case.name());
            whole(&answer)
        }
    }
}

pub(crate) fn path(signal: Signal) -> &'static str {
    match signal {
        Signal::Traces => "/v1/traces",
        Signal::Logs => "/v1/logs",
        Signal::Metrics => "/v1/metrics",
        Signal::Profiles => "/v1development/profiles",
    }
}

/// An answer with its headers.
pub(crate) fn whole(answer: &Answer) -> Vec<u8> {
    [format!("{:?}\n", answer.headers).as_bytes(), &answer.body].concat()
}

/// What a collector shows on its own account.
pub(crate) fn pages(collector: &Collector) -> Vec<(String, Vec<u8>)> {
    vec![
        ("the metrics page".into(), collector.metrics().into_bytes()),
        ("the health page".into(), whole(&collector.health())),
        ("stderr".into(), collector.log().into_bytes()),
    ]
}

/// All values of a request as texts, numbers in decimal.
fn decoded(signal: Signal, request: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for found in leaves(signal, request) {
        match found.decimal() {
            Some(decimal) => out.extend_from_slice(decimal.as_bytes()),
            None => {
                if let Leaf::Text(text) = found.leaf {
                    out.extend_from_slice(&text);
                }
            }
        }
        out.push(0);
    }
    out
}

/// What of a request has to arrive as it was.
fn kept(signal: Signal, request: &[u8]) -> Vec<(&'static str, &'static str, Leaf)> {
    let mut kept: Vec<_> = leaves(signal, request)
        .into_iter()
        .filter(|found| found.is_kept())
        .map(|found| (found.message.name, found.field.name, found.leaf))
        .collect();
    kept.sort();
    kept
}

/// The harmless texts and numbers that are not in the request.
fn lost(case: &Case, request: &[u8]) -> Vec<String> {
    let found = leaves(case.signal, request);
    let numbers = |field: &str| -> BTreeSet<String> {
        found.iter().filter(|found| found.is_value(field)).filter_map(decode::Found::decimal).collect()
    };
    let (ints, doubles) = (numbers("int_value"), numbers("double_value"));
    let mut texts = Vec::new();
    for found in &found {
        if let Leaf::Text(text) = &found.leaf {
            texts.extend_from_slice(text);
            texts.push(0);
        }
    }
    let there = present(&case.plants.survivors, &texts);
    let gone = case.plants.survivors.iter().enumerate().filter(|(number, planted)| match &planted.needle {
        Needle::Text(_) => !there.contains(number),
        Needle::Int(value) => !ints.contains(&value.to_string()),
        Needle::Double(value) => !doubles.contains(&value.to_string()),
    });
    gone.map(|(_, planted)| format!("lost, {}: {:?} at {}", case.name(), planted.needle, planted.place)).collect()
}

/// The numbers of the texts that are in there as they were written.
fn present(planted: &[Planted], texts: &[u8]) -> BTreeSet<usize> {
    let patterns = planted.iter().map(|planted| match &planted.needle {
        Needle::Text(text) => text.as_str(),
        Needle::Int(_) | Needle::Double(_) => "\0no text\0",
    });
    let automaton = AhoCorasick::new(patterns).unwrap();
    automaton.find_overlapping_iter(texts).map(|found| found.pattern().as_usize()).collect()
}

/// Everything planted in any case that is on any surface.
fn leaked(cases: &[Case], surfaces: &[(String, Vec<u8>)]) -> Vec<String> {
    let mut leaks: BTreeMap<(String, String), BTreeSet<&str>> = BTreeMap::new();
    for case in cases {
        let search = Search::new(&case.plants.identifiers);
        for (surface, bytes) in surfaces {
            for hit in search.find(bytes) {
                let planted = &case.plants.identifiers[hit.identifier];
                let what = format!("leaked, {}: {:?} of {}", case.name(), planted.needle, planted.place);
                leaks.entry((what, hit.form.into())).or_default().insert(surface);
            }
        }
    }
    leaks.into_iter().map(|((what, form), surfaces)| format!("{what}, as {form}, in {surfaces:?}")).collect()
}

/// Fails on problems that no known gap explains, and on gaps that are none any more.
fn settle(problems: Vec<String>) {
    let gaps: Vec<&str> = KNOWN_GAPS.iter().filter(|gap| gap.test == "leaks").map(|gap| gap.place).collect();
    let (known, new): (Vec<String>, Vec<String>) =
        problems.into_iter().partition(|problem| gaps.iter().any(|place| problem.contains(place)));
    let closed: Vec<_> = gaps.iter().filter(|place| !known.iter().any(|problem| problem.contains(*place))).collect();
    assert!(new.is_empty(), "{} problems:\n{}", new.len(), new.join("\n"));
    assert!(closed.is_empty(), "no longer seen: {closed:#?}");
}
