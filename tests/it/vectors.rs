//! The vectors for leaks, through the real program: what must go is gone, what must stay is there.
//!
//! The vectors lie beside the repository; without them these tests say so and pass.

mod agents;
mod native;
mod views;

use crate::known_gaps::KNOWN_GAPS;
use crate::leaks::plant::{Needle, Planted};
use crate::leaks::search::Search;
use crate::leaks::{pages, path, start, whole};
use crate::support::backend::Backend;
use crate::support::collector::command;
use crate::support::http::send;
use crate::support::sample::{decodes, holds};
use base64::Engine as _;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use processors::walk::otlp::Signal;
use prost::Message as _;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::Stdio;

#[derive(Clone, Deserialize)]
struct Vector {
    id: String,
    row: String,
    signal: String,
    tier: String,
    must_not_contain: Vec<String>,
    must_contain: Vec<String>,
    #[serde(default)]
    input: Value,
}

#[derive(Deserialize)]
struct Wire {
    id: String,
    row: String,
    signal: String,
    content_encoding: String,
    request_b64: String,
    must_not_contain: Vec<String>,
    must_contain: Vec<String>,
}

#[derive(Deserialize)]
struct Output {
    id: String,
    output: Value,
}

/// What became of one vector.
struct Verdict {
    leaked: Vec<String>,
    lost: Vec<String>,
}

/// The least share that has to pass, in percent, of a tier's vectors of one kind.
const LEAST: [(&str, &str, usize); 9] = [
    ("neg", "otlp", 100),
    ("neg", "log-line", 100),
    ("core", "otlp", 100),
    ("core", "log-line", 100),
    ("schema", "log-line", 97),
    ("context", "otlp", 95),
    ("context", "log-line", 95),
    ("policy", "otlp", 100),
    ("policy", "log-line", 100),
];

fn read(file: &str) -> Option<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/leaks");
    let text = std::fs::read_to_string(format!("{path}/{file}")).ok();
    if text.is_none() {
        eprintln!("skipped: there is no {file} beside the repository");
    }
    text
}

fn parsed<'t, T: Deserialize<'t>>(text: &'t str) -> Vec<T> {
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn vectors_pass_through_the_command_line() {
    let Some(text) = read("dev.jsonl") else { return };
    let vectors: Vec<Vector> = parsed(&text);
    let outputs = scrub(&text);
    let mut counts: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    let mut failed = BTreeSet::new();
    for vector in &vectors {
        let kind = if vector.signal == "log-line" { "log-line" } else { "otlp" };
        let (passed, all) = counts.entry((&vector.tier, kind)).or_default();
        *all += 1;
        let verdict = judge(vector, outputs.get(&vector.id).expect("an output for every vector"));
        if verdict.leaked.is_empty() && verdict.lost.is_empty() {
            *passed += 1;
            continue;
        }
        failed.insert((vector.tier.as_str(), vector.id.as_str()));
        eprintln!(
            "{} {} {} {kind}: leaked {:?}, lost {:?}",
            vector.id, vector.row, vector.tier, verdict.leaked, verdict.lost
        );
    }
    for ((tier, kind), (passed, all)) in &counts {
        eprintln!("{tier} {kind}: {passed} of {all}");
    }
    for (tier, kind, least) in LEAST {
        let (passed, all) = counts[&(tier, kind)];
        assert!(all > 0 && passed * 100 >= all * least, "{tier} {kind}: {passed} of {all}, {least} % are needed");
    }
    let core: BTreeSet<&str> =
        failed.iter().filter(|(tier, _)| ["core", "neg"].contains(tier)).map(|(_, id)| *id).collect();
    let known: BTreeSet<&str> = KNOWN_GAPS.iter().filter(|gap| gap.test == "vectors").map(|gap| gap.place).collect();
    assert_eq!(core, known, "left: what fails; right: the known gaps");
}

/// Runs the vectors through `scrub --jsonl`.
fn scrub(text: &str) -> BTreeMap<String, Value> {
    let mut child = command(&["scrub", "--jsonl"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let lines = text.to_owned();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let outputs: Vec<Output> = parsed(std::str::from_utf8(&output.stdout).unwrap());
    outputs.into_iter().map(|output| (output.id, output.output)).collect()
}

fn judge(vector: &Vector, output: &Value) -> Verdict {
    let views: Vec<String> = views::all(output).into_iter().map(|view| view.to_lowercase()).collect();
    let leaves = views::leaves(output);
    let seen = |text: &&String| views.iter().any(|view| view.contains(&text.to_lowercase()));
    let there = |text: &&String| {
        leaves.iter().any(|leaf| leaf.contains(text.as_str()) || views::unescaped(leaf).contains(text.as_str()))
    };
    Verdict {
        leaked: vector.must_not_contain.iter().filter(seen).cloned().collect(),
        lost: vector.must_contain.iter().filter(|text| !there(text)).cloned().collect(),
    }
}

#[test]
fn the_judge_sees_what_leaks_and_what_is_lost() {
    let vector = |signal: &str| Vector {
        id: "x".into(),
        row: "x".into(),
        signal: signal.into(),
        tier: "core".into(),
        must_not_contain: vec!["Quorith".into(), "536-22-8147".into()],
        must_contain: vec!["name=\"x\"".into(), "kept".into()],
        input: Value::Null,
    };
    let verdict = judge(&vector("log-line"), &Value::String(r#"name=\"x\" q=536%2d22%2D8147 kept"#.into()));
    assert_eq!((verdict.leaked.as_slice(), verdict.lost.len()), (&["536-22-8147".to_owned()][..], 0));
    let verdict = judge(&vector("log-line"), &Value::Null);
    assert_eq!((verdict.leaked.len(), verdict.lost.len()), (0, 2));
    let verdict = judge(&vector("logs"), &serde_json::json!({"key": "QUORITH", "value": {"stringValue": "Kept"}}));
    assert_eq!((verdict.leaked.len(), verdict.lost.len()), (1, 2));
}

#[test]
fn odd_wire_bytes_leak_nothing() {
    let Some(text) = read("binary.jsonl") else { return };
    let vectors: Vec<Wire> = parsed(&text);
    assert!(!vectors.is_empty());
    let backend = Backend::start();
    let collector = start(&backend, &[]);
    let mut forwarded = 0;
    let mut problems = Vec::new();
    for vector in &vectors {
        let signal = Signal::ALL.into_iter().find(|signal| signal.name() == vector.signal).unwrap();
        let request = base64::engine::general_purpose::STANDARD.decode(&vector.request_b64).unwrap();
        let headers = [("content-type", "application/x-protobuf"), ("content-encoding", &vector.content_encoding)];
        let answer = send(collector.http(), "POST", path(signal), &headers, &request);
        let name = format!("{} {}", vector.id, vector.row);
        assert!([200, 400].contains(&answer.status), "{name}: {}", answer.status);
        let planted = |text: &String| Planted { needle: Needle::Text(text.clone()), place: name.clone() };
        let search = Search::new(&vector.must_not_contain.iter().map(planted).collect::<Vec<_>>());
        let mut surfaces = vec![("the reply", whole(&answer))];
        if answer.status == 200 {
            forwarded += 1;
            let received = backend.wait(forwarded).pop().unwrap().body;
            assert!(is_read(signal, &received), "{name}");
            for text in vector.must_contain.iter().filter(|text| !holds(&received, text)) {
                problems.push(format!("{name}: lost {text}"));
            }
            surfaces.push(("the backend", received));
        }
        surfaces.extend(pages(&collector).into_iter().map(|(_, page)| ("a page or the log", page)));
        surfaces.push(("stdout", collector.out().into_bytes()));
        for (surface, bytes) in &surfaces {
            problems.extend(search.find(bytes).into_iter().map(|hit| format!("{name}: {hit:?} in {surface}")));
        }
        eprintln!("{name}: {}", answer.status);
    }
    assert!(problems.is_empty(), "{problems:#?}");
    assert!(collector.events("panicked").is_empty());
    assert!(forwarded * 2 > vectors.len(), "one bad field does not cost a batch: {forwarded} of {}", vectors.len());
}

/// Whether a library reads it; two requests in a row are one for it.
fn is_read(signal: Signal, request: &[u8]) -> bool {
    match signal {
        Signal::Traces => ExportTraceServiceRequest::decode(request).is_ok(),
        Signal::Logs => ExportLogsServiceRequest::decode(request).is_ok(),
        Signal::Metrics | Signal::Profiles => decodes(signal.name(), request),
    }
}
