//! The demo: what it shows, what it finds, and that it is the collector that it shows.

use crate::support::collector::{FEW, command};
use crate::support::{eventually, http};
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

fn run(args: &[&str]) -> (i32, String, String) {
    let output = command(&["demo", "--once", "--people", "3"]).args(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn nothing_planted_comes_through_whoever_is_made_up() {
    for seed in ["1", "2"] {
        let (code, out, err) = run(&["--seed", seed]);
        assert_eq!((code, err.as_str()), (0, ""), "{out}");
        assert!(out.contains("values planted, none came through\n"), "{out}");
        assert!(out.contains("sent     GET /patients/") && out.contains("received GET /patients/[REDACTED:ssn]/labs"));
        assert!(out.contains("span_attribute\n") && out.contains("G      social security numbers\n"), "{out}");
        assert!(!out.contains('\x1b'), "no colours where no terminal is");
    }
}

#[test]
fn what_the_rules_do_not_know_is_told_and_the_demo_fails() {
    let (code, out, err) = run(&["--set", FEW]);
    assert_eq!((code, err.as_str()), (1, "error: planted values came through\n"), "{out}");
    assert!(out.contains("attribute that says what it is: name in span attribute patient.name"), "{out}");
    assert!(!out.contains(": ssn in span name"), "{out}");
}

#[test]
fn a_configuration_with_a_mistake_does_not_start() {
    let (code, out, err) = run(&["--set", "processors::scrub::pcks=1"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.starts_with("error: --set processors::scrub::pcks:1:1: "), "{err}");
}

#[test]
fn then_it_serves_and_ends_when_it_is_told_to() {
    let mut child = command(&["demo", "--people", "1"]).stdout(Stdio::piped()).spawn().unwrap();
    let out = Arc::new(Mutex::new(String::new()));
    let gathered = Arc::clone(&out);
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let reader = std::thread::spawn(move || {
        let mut line = String::new();
        while lines.read_line(&mut line).unwrap() > 0 {
            gathered.lock().unwrap().push_str(&line);
            line.clear();
        }
    });
    let endpoint = eventually("the demo says where it listens", || {
        let out = out.lock().unwrap();
        let (_, rest) = out.split_once("OTEL_EXPORTER_OTLP_ENDPOINT=http://")?;
        rest.split_once('\n').map(|(address, _)| address.to_owned())
    });
    let span = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"GET /patients/536-22-8147"}]}]}]}"#;
    let headers = [("content-type", "application/json")];
    let answer = http::send(endpoint.parse().unwrap(), "POST", "/v1/traces", &headers, span.as_bytes());
    assert_eq!(answer.status, 200);
    eventually("it arrives", || out.lock().unwrap().contains(r#""name":"GET /patients/[REDACTED:ssn]""#).then_some(()));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    reader.join().unwrap();
}
