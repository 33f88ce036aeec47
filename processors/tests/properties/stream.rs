//! Traces v1.0: positions of texts hold, whatever becomes of the texts.

#[path = "../../../tests/it/support/stream.rs"]
mod payload;

use crate::{RULES, TODAY, each, fail};
use bytes::Bytes;
pub use payload::packed as packed_json;
use payload::{Counts, hex, read, write};
use processors::{Format, Rejected, Schema, Scrubbed, Scrubber};
use proptest::prelude::*;
use rmpv::Value as Packed;
use serde_json::{Value, json};
use std::cell::RefCell;

const FORMAT: Format = Format::Msgpack(Schema::DatadogTraceStream);

fn scrub(source: impl Into<Bytes>) -> Result<Scrubbed, Rejected> {
    Scrubber::new(&RULES).unwrap().scrub(&source.into(), FORMAT, TODAY)
}

/// What both readers make of it, which is the same.
fn heard(bytes: &[u8]) -> Value {
    let (value, texts) = read(bytes, Counts::Once).unwrap();
    assert_eq!(read(bytes, Counts::Each), Some((value.clone(), texts)), "readers count alike");
    value
}

fn span(attributes: &Value) -> Value {
    json!({ "service": "lab-orders", "name": "web.request", "resource": "GET /labs", "attributes": attributes,
        "links": [], "events": [] })
}

fn attributes(value: &Value, chunk: usize, span: usize) -> &Value {
    &value["chunks"][chunk]["spans"][span]["attributes"]
}

#[test]
fn what_is_clean_leaves_as_it_came() {
    let source =
        Bytes::from(write(&[json!([span(&json!({ "env": "prod", "rows": 3, "ok": true, "list": ["a", "b"] }))])]));
    let scrubbed = scrub(source.clone()).unwrap();
    assert_eq!(scrubbed.bytes().as_ptr(), source.as_ptr(), "the same bytes");
    assert_eq!((scrubbed.report().records, scrubbed.traces()), (1, Some(1)));
    assert_eq!(attributes(&heard(&source), 0, 0)["list"], json!(["a", "b"]));
}

/// Two forms of one number become one token: everything behind the second has another position from there on.
#[test]
fn two_texts_that_become_one_shift_no_position() {
    let first = span(&json!({ "a": "536-22-8147", "after": "first", "b": "536 22 8147", "then": "second" }));
    let second = span(&json!({ "a": "first", "b": "second", "after": "third", "then": "536 22 8147" }));
    let out = scrub(write(&[json!([first]), json!([second])])).unwrap();
    let read = heard(out.bytes());
    let (first, second) = (attributes(&read, 0, 0), attributes(&read, 1, 0));
    assert_eq!((&first["after"], &first["then"]), (&json!("first"), &json!("second")));
    assert_eq!((&second["a"], &second["b"], &second["after"]), (&json!("first"), &json!("second"), &json!("third")));
    assert_eq!((&first["a"], &first["a"]), (&first["b"], &second["then"]), "one person, one token");
    assert!(!read.to_string().contains("536") && read["chunks"][1]["spans"][0]["service"] == "lab-orders", "{read}");
    assert_eq!(scrub(out.bytes().clone()).unwrap().bytes(), out.bytes(), "a second scrub changes nothing");
}

#[test]
fn a_text_goes_everywhere_if_a_key_says_so_anywhere() {
    let clean = span(&json!({ "build": "70367332", "note": "see 70367332" }));
    let keyed = span(&json!({ "patient.mrn": "70367332", "rows": 1 }));
    for chunks in [[json!([clean]), json!([keyed])], [json!([keyed]), json!([clean])]] {
        let out = scrub(write(&chunks)).unwrap();
        assert!(!heard(out.bytes()).to_string().contains("70367332"));
    }
}

/// A number goes with its key. Where the key was written there for the first time, it is written where it is used next.
#[test]
fn numbers_go_and_what_was_written_with_them_stays() {
    let first = span(&json!({ "patient.ssn": 536_228_147, "rows": 3 }));
    let second = span(&json!({ "list": [536_228_147, "patient.ssn"], "patient": { "ssn": 536_228_147, "visits": 2 } }));
    let out = scrub(write(&[json!([first, second])])).unwrap();
    let read = heard(out.bytes());
    assert_eq!(attributes(&read, 0, 0), &json!({ "rows": 3 }));
    assert_eq!(attributes(&read, 0, 1)["list"][1], "patient.ssn");
    assert_eq!(attributes(&read, 0, 1)["patient"], json!({ "visits": 2 }));
}

/// What lies too deep goes; a text that was written there for the first time and holds something holds it elsewhere too.
#[test]
fn what_nests_too_deep_goes_and_what_was_written_in_it_is_looked_at() {
    let deep = (0..60).fold(json!("ssn 536-22-8147"), |inner, _| json!([inner]));
    let first = span(&json!({ "deep": deep, "kept": "yes" }));
    let second = span(&json!({ "note": "ssn 536-22-8147", "kept": "yes" }));
    let scrubbed = scrub(write(&[json!([first, second])])).unwrap();
    assert_eq!(scrubbed.report().unscanned, 1);
    let read = heard(scrubbed.bytes());
    let text = read.to_string();
    assert!(!text.contains("536-22") && text.contains("[UNSCANNED]"), "{text}");
    assert_eq!(attributes(&read, 0, 1)["kept"], "yes");
    assert_eq!(scrub(scrubbed.bytes().clone()).unwrap().bytes(), scrubbed.bytes());
}

#[test]
fn names_options_statements_and_documents_in_bytes_are_read() {
    let mut packed = Vec::new();
    let document = Packed::Map(vec![("prompt".into(), "my ssn is 441-52-9903".into()), ("tokens".into(), 12.into())]);
    rmpv::encode::write_value(&mut packed, &document).unwrap();
    let said = json!({
        "argv": ["--ssn", "536228147"], "pair": { "value": "70367332", "name": "patient.mrn" },
        "llm": { "$bytes": hex(&packed) }, "rows": 2,
    });
    let mut span = span(&said);
    span["resource"] = "SELECT id FROM patients WHERE name = 'Ingrid Tanaka' AND age > 40".into();
    let out = scrub(write(&[json!([span])])).unwrap();
    let read = heard(out.bytes());
    let text = read.to_string();
    for planted in ["536228147", "70367332", "441-52", "Ingrid"] {
        assert!(!text.contains(planted), "{planted}: {text}");
    }
    assert!(!text.contains(&hex(b"441-52")));
    assert!(text.contains(&hex(b"my ssn is [REDACTED:ssn]")), "{text}");
    assert!(
        read["chunks"][0]["spans"][0]["resource"].as_str().unwrap().starts_with("SELECT id FROM patients"),
        "{text}"
    );
}

fn packed(value: &Packed) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, value).unwrap();
    bytes
}

fn map(entries: Vec<(u64, Packed)>) -> Packed {
    Packed::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

fn chunk(attributes: Vec<Packed>) -> Packed {
    Packed::Array(vec![map(vec![(3, Packed::Array(attributes)), (4, Packed::Array(vec![]))])])
}

/// What readers would count differently is written so that they do not.
#[test]
fn what_is_written_twice_or_empty_is_written_anew() {
    let items = ["note", "x", "note", "y", "", "z"].map(Packed::from);
    let [a, b, c, d, e, f] = items;
    let list = vec![a, 1.into(), b, c, 1.into(), d, e, 1.into(), f, "k".into(), 1.into(), 3.into()];
    let source = packed(&map(vec![(11, chunk(list))]));
    assert_ne!(read(&source, Counts::Once), read(&source, Counts::Each));
    let out = scrub(source.clone()).unwrap();
    assert_eq!(read(out.bytes(), Counts::Once).unwrap().0, read(&source, Counts::Once).unwrap().0);
    assert_eq!(heard(out.bytes())["chunks"][0]["attributes"]["k"], "y");
}

#[test]
fn a_table_in_front_is_read_and_written_where_it_is_used() {
    let table =
        Packed::Array(["", "patient.ssn", "536-22-8147", "unused 441-52-9903", "end"].map(Packed::from).to_vec());
    let list: Vec<Packed> = [1, 1, 2].map(Packed::from).to_vec();
    let list = [list, vec!["new".into(), 1.into(), 4.into(), 5.into(), 1.into(), 5.into()]].concat();
    let out = scrub(packed(&map(vec![(1, table), (11, chunk(list))]))).unwrap();
    let (read, texts) = read(out.bytes(), Counts::Each).unwrap();
    assert_eq!(read["chunks"][0]["attributes"]["new"], "new");
    assert!(!texts.iter().any(|text| text.contains("536-22") || text.contains("441-52")), "{texts:?}");
}

#[test]
fn what_the_agent_would_not_read_is_refused() {
    let attributes = |items: Vec<Packed>| map(vec![(11, chunk(items))]);
    let text = || Packed::from("a");
    for broken in [
        Packed::Array(vec![]),
        map(vec![(12, "text".into())]),
        map(vec![(2, 1.into())]),
        map(vec![(2, Packed::Binary(b"bytes".to_vec()))]),
        map(vec![(2, "a".into()), (1, Packed::Array(vec!["b".into()]))]),
        map(vec![(1, Packed::Array(vec!["b".into(), "b".into()]))]),
        map(vec![(1, Packed::Array(vec!["b".into(), "".into()]))]),
        map(vec![(1, Packed::Array(vec![1.into()]))]),
        Packed::Map(vec![("chunks".into(), Packed::Array(vec![]))]),
        attributes(vec![text(), 1.into()]),
        attributes(vec![text(), 8.into(), text()]),
        attributes(vec![text(), 1.into(), 7.into()]),
        attributes(vec![text(), 4.into(), text()]),
        attributes(vec![text(), 2.into(), text()]),
        attributes(vec![text(), 5.into(), text()]),
        attributes(vec![text(), 6.into(), Packed::Array(vec![1.into()])]),
        attributes(vec![text(), 7.into(), Packed::Map(vec![])]),
    ] {
        let refused = scrub(packed(&broken));
        assert!(matches!(refused, Err(Rejected::Malformed { .. })), "{broken}: {refused:?}");
    }
    assert!(scrub(Bytes::new()).is_ok());
}

#[test]
fn halves_hold_each_chunk_once_and_each_has_its_texts() {
    let chunks: Vec<Value> = (0..9)
        .map(|number| {
            json!([span(&json!({ "n": format!("n{number}"), "shared": "everywhere", "patient.ssn": "536-22-8147" }))])
        })
        .collect();
    let whole = scrub(write(&chunks)).unwrap();
    let mut parts = vec![whole.clone()];
    let mut singles = Vec::new();
    while let Some(part) = parts.pop() {
        match part.halve() {
            Some((first, second)) => {
                assert_eq!(first.report().records + second.report().records, part.traces().unwrap());
                parts.extend([second, first]);
            }
            None => singles.push(part),
        }
    }
    assert_eq!(singles.len(), 9);
    let read = heard(whole.bytes());
    for (number, part) in singles.iter().enumerate() {
        let part_read = heard(part.bytes());
        assert_eq!(part_read["chunks"][0], read["chunks"][number]);
        assert_eq!(part_read["of all 3"], "python");
        assert_eq!(scrub(part.bytes().clone()).unwrap().bytes(), part.bytes());
    }
}

/// Whatever is said, both readers hear what was said but for what was found.
#[test]
fn readers_hear_the_same_keys_and_clean_texts() {
    const TEXTS: [&str; 12] = [
        "a",
        "b",
        "note",
        "patient.ssn",
        "536-22-8147",
        "536 22 8147",
        "ssn 441-52-9903",
        "",
        "rows",
        "--ssn",
        "name",
        "value",
    ];
    let scrubber = RefCell::new(Scrubber::new(&RULES).unwrap());
    each(256, any::<u16>(), 200, |choices| {
        let mut choices = choices.into_iter();
        let mut chunks = Vec::new();
        while let Some(number) = choices.next() {
            let mut said = serde_json::Map::new();
            for _ in 0..number % 9 {
                let (Some(key), Some(value)) = (choices.next(), choices.next()) else { break };
                let text = |choice: u16| TEXTS[usize::from(choice) % TEXTS.len()];
                let value = match value % 5 {
                    0 => json!(536_228_147),
                    1 => json!([text(value / 5), text(value / 60), 5]),
                    2 => json!({ "name": text(value / 5), "value": text(value / 60) }),
                    _ => json!(text(value / 5)),
                };
                said.insert(text(key).to_owned(), value);
            }
            chunks.push(json!([span(&Value::Object(said))]));
        }
        let source = Bytes::from(write(&chunks));
        let out = scrubber.borrow_mut().scrub(&source, FORMAT, TODAY).map_err(|error| fail(format!("{error:?}")))?;
        let once = read(out.bytes(), Counts::Once).ok_or_else(|| fail("cannot be read"))?;
        if read(out.bytes(), Counts::Each) != Some(once.clone()) {
            return Err(fail("readers count differently"));
        }
        let text = once.0.to_string();
        let before = read(&source, Counts::Once).ok_or_else(|| fail("cannot be read"))?.0;
        // Alone, with nothing that says what it is, the one with spaces is none.
        let told = before.to_string().contains("536-22");
        if text.contains("536-22") || told && text.contains("536 22") || text.contains("441-52") {
            return Err(fail(text));
        }
        for chunk in 0..chunks.len() {
            let (was, is) = (attributes(&before, chunk, 0), attributes(&once.0, chunk, 0));
            for clean in ["a", "b", "rows"] {
                let same = |value: &Value| ["a", "b", "rows", ""].iter().any(|text| value == text);
                if same(&was[clean]) && was[clean] != is[clean] {
                    return Err(fail(format!("{clean}: {was} became {is}")));
                }
            }
        }
        Ok(())
    });
}
