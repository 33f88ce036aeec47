//! Leaks that other tools have or had, a row each: none of them is one here.
//!
//! Each row says what leaked there, what is sent, what must be gone, and what of it must still be there.

use crate::requests::{event_and_scope, int, logs, map, pair, spans, string};
use crate::{RULES, TODAY, compile};
use bytes::Bytes;
use processors::walk::otlp::Signal;
use processors::{Engine, Format, Scrubber, Tuning};

const LOGS: Format = Format::Otlp(Signal::Logs);
const TRACES: Format = Format::Otlp(Signal::Traces);

/// What leaked, what is sent, what must go, what must stay.
type Leak = (&'static str, Format, Bytes, Parts, Parts);

type Parts = &'static [&'static str];

fn text(leak: &'static str, source: &str, gone: Parts, stays: Parts) -> Leak {
    (leak, Format::Text, Bytes::from(source.to_owned()), gone, stays)
}

fn value(leak: &'static str, key: &str, value: &str, gone: Parts, stays: Parts) -> Leak {
    (leak, TRACES, attribute(key, value), gone, stays)
}

fn attribute(key: &str, value: &str) -> Bytes {
    spans(vec![vec![pair(key, string(value))]])
}

/// Leaks of plain texts.
fn texts() -> Vec<Leak> {
    vec![
        text("a serial that begins with a zero", "ssn 123-45-0023 on file", &["0023"], &["on file"]),
        text("a serial with a zero within", "ssn 123-45-1023 on file", &["123-45-1023"], &["on file"]),
        text("a serial that ends in zeros", "ssn 536-22-8100 on file", &["8100"], &["on file"]),
        text(
            "one rule takes the front and leaves the tail of another's",
            "mail maria.gonzalez.536-22-8147@clinic.example now",
            &["maria", "gonzalez", "8147", "clinic.example"],
            &["mail", "now"],
        ),
        text(
            "a card with a phone number in it",
            "card 4539 1488 0343 6467 ok",
            &["4539", "0343", "6467"],
            &["card", "ok"],
        ),
        text(
            "an address in capitals",
            "SENT TO MARIA.GONZALEZ@CLINIC.EXAMPLE OK",
            &["MARIA", "CLINIC.EXAMPLE"],
            &["SENT", "OK"],
        ),
        text("an underscore that is taken for a letter", "key patient_123-45-6789 hit", &["123-45-6789"], &["hit"]),
        text("en dashes", "ssn 536\u{2013}22\u{2013}8147 ok", &["8147", "536"], &["ok"]),
        text("spaces that do not break", "ssn 536\u{a0}22\u{a0}8147 ok", &["8147", "536"], &["ok"]),
        text(
            "percent-encoded dashes",
            "GET /find?ssn=536%2D22%2D8147&page=2",
            &["8147", "536"],
            &["GET /find?ssn=", "&page=2"],
        ),
        text(
            "percent-encoded dashes without a key",
            "GET /find/536%2D22%2D8147/labs",
            &["8147", "536"],
            &["GET /find/", "/labs"],
        ),
        text(
            "a value of several lines",
            "address: \"1208 Cedar Bend Dr\nApt 4\nDayton, OH 45402\"\nstatus: ok",
            &["1208", "Cedar", "45402"],
            &["status: ok"],
        ),
        text("a number in JSON", r#"{"ssn":536228147,"retry":2}"#, &["536228147"], &["\"retry\":2"]),
        text("a number in JSON below another", r#"{"patient":{"mrn":70367332},"n":1}"#, &["70367332"], &["\"n\":1"]),
        text(
            "a key of JSON",
            r#"{"by_mail":{"maria@clinic.example":"hit"}}"#,
            &["maria@clinic.example"],
            &["by_mail", "hit"],
        ),
        text(
            "a value that another scrubber masked but for its end",
            "ssn=***-**-8147x ssn=536-22-8147",
            &["536-22-8147"],
            &[],
        ),
    ]
}

/// Leaks of statements and commands.
fn statements() -> Vec<Leak> {
    let query = "db.query.text";
    vec![
        value(
            "a statement whose system nobody names",
            "db.statement",
            "SELECT id FROM patients WHERE last_name = 'Gonzalez' AND ssn = '536-22-8147'",
            &["Gonzalez", "536-22-8147"],
            &["SELECT id FROM patients"],
        ),
        value(
            "a statement that is cut off inside a literal",
            query,
            "SELECT id FROM patients WHERE ssn = '536-22-8147' AND last_name = 'Gonza",
            &["536-22-8147", "Gonza"],
            &["SELECT id FROM patients"],
        ),
        value(
            "a literal of Oracle with its own quotes",
            query,
            "SELECT id FROM patients WHERE last_name = q'[Gonzalez]' AND dob = DATE '1958-03-14'",
            &["Gonzalez", "03-14"],
            &["SELECT id FROM patients"],
        ),
        value(
            "a literal of SQL Server",
            query,
            "SELECT TOP 5 id FROM [dbo].[patients] WHERE last_name = N'Gonzalez' AND ssn = N'536-22-8147'",
            &["Gonzalez", "536-22-8147"],
            &["[dbo].[patients]"],
        ),
        value(
            "a comment in a statement",
            query,
            "SELECT 1 FROM labs /* for maria@clinic.example */ WHERE x = $1",
            &["maria@clinic.example"],
            &["FROM labs", "$1"],
        ),
        value("a key of Redis", query, "GET patient:536-22-8147:labs", &["536-22-8147"], &["GET", "labs"]),
        value(
            "a field of Redis",
            query,
            "HSET chart:9 email maria@clinic.example",
            &["maria@clinic.example"],
            &["HSET"],
        ),
    ]
}

/// Leaks of places that nobody looked at.
fn places() -> Vec<Leak> {
    let everywhere = vec![
        pair("excluded.trace_note", string("536-22-8147")),
        pair("patient.ssn", string("536-22-8147")),
        pair("http.route", string("/x")),
    ];
    vec![
        (
            "a value that also stands in a field left out",
            TRACES,
            spans(vec![everywhere]),
            &["536-22-8147"],
            &["http.route"],
        ),
        (
            "an identifier as the key of an attribute",
            TRACES,
            attribute("lookup.536-22-8147", "hit"),
            &["536-22-8147"],
            &["lookup.", "hit"],
        ),
        (
            "a number that is no text",
            TRACES,
            spans(vec![vec![pair("patient.ssn", int(536_228_147)), pair("app.step", string("two"))]]),
            // As it stands on the wire.
            &["\u{3}\u{18}", "patient.ssn"],
            &["app.step", "two"],
        ),
        (
            "a key of a body",
            LOGS,
            logs(vec![map(&[("maria@clinic.example", "seen"), ("step", "two")])]),
            &["maria@clinic.example"],
            &["seen", "step", "two"],
        ),
        (
            "a value below a key of a body",
            LOGS,
            logs(vec![map(&[("patient_name", "Maria Gonzalez"), ("step", "two")])]),
            &["Maria", "Gonzalez"],
            &["patient_name", "step"],
        ),
        (
            "attributes of events and scopes",
            TRACES,
            event_and_scope(
                pair("exception.message", string("no chart for ssn 536-22-8147")),
                pair("plugin.contact", string("maria@clinic.example")),
            ),
            &["536-22-8147", "maria@clinic.example"],
            &["no chart for ssn", "plugin.contact"],
        ),
    ]
}

fn holds(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|window| window == part.as_bytes())
}

#[test]
fn none_of_the_leaks_of_others_is_one_here() {
    let mut wrong = Vec::new();
    for (leak, format, source, gone, stays) in texts().into_iter().chain(statements()).chain(places()) {
        let mut scrubber = Scrubber::new(&RULES).unwrap();
        // Twice: what is remembered must not matter.
        for _ in 0..2 {
            let scrubbed = scrubber.scrub(&source, format, TODAY).unwrap();
            let out = scrubbed.bytes();
            let left: Vec<&&str> = gone.iter().filter(|part| holds(out, part)).collect();
            let lost: Vec<&&str> = stays.iter().filter(|part| !holds(out, part)).collect();
            if !left.is_empty() || !lost.is_empty() {
                wrong.push(format!("{leak}: left {left:?}, lost {lost:?}: {}", out.escape_ascii()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_allowed_part_does_not_let_its_value_through() {
    let allowing = |values: &[&str]| {
        let allowed_values = values.iter().map(|value| (*value).to_owned()).collect();
        compile(Engine::default()).tune(&Tuning { allowed_values, ..Tuning::default() }).unwrap()
    };
    let rules = allowing(&["clinic.example", "Maria", "555-0100"]);
    let mut scrubber = Scrubber::new(&rules).unwrap();
    for (source, gone) in [
        ("sent to maria.gonzalez@clinic.example today", "maria.gonzalez"),
        ("patient name: Maria Gonzalez, room 4", "Gonzalez"),
        ("patient_name=\"Maria Gonzalez\" ssn=536-22-8147", "536-22-8147"),
        ("call (937) 555-0100 before noon", "937"),
    ] {
        let scrubbed = scrubber.scrub(&Bytes::from(source), Format::Text, TODAY).unwrap();
        assert!(!holds(scrubbed.bytes(), gone), "{source}: {}", scrubbed.bytes().escape_ascii());
    }
}
