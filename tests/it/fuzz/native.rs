//! What is scrubbed in the format in which it came: MessagePack and JSON of Datadog's senders, Sentry's events and envelopes; and
//! what backends reply.

use super::targets::{RULES, Run, expect, today};
use crate::support::sample::SSN;
use crate::support::stream::{self, Counts};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use processors::{Format, Schema, Scrubbed, Scrubber};
use rmpv::Value as Packed;
use serde_json::{Value, json};
use std::time::Duration;

/// How deep a document of MessagePack is read here: its reader takes the stack of a test for more.
const DEPTH: usize = 200;

/// What leaves is a document where what came was one, holds no number that stood alone, and a second look changes nothing.
pub fn in_place(format: Format) -> Run {
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    Box::new(move |input| left(&mut scrubber, format, input).map(|left| left.is_some()))
}

/// What leaves, if it is taken.
fn left(scrubber: &mut Scrubber<'_>, format: Format, input: &[u8]) -> Result<Option<Scrubbed>, String> {
    let Ok(scrubbed) = scrubber.scrub(&Bytes::copy_from_slice(input), format, today()) else { return Ok(None) };
    let out = scrubbed.bytes().clone();
    // An envelope that is left without items goes as a whole.
    let gone = format == Format::Envelope && out.is_empty();
    expect(gone || !is_document(format, input) || is_document(format, &out), "what left is no document any more")?;
    expect(!texts(format, &out).iter().any(|text| holds(text)), "a number came through")?;
    let again = scrubber.scrub(&out, format, today()).map_err(|_| "what left is refused".to_owned())?;
    expect(again.bytes() == &out, "a second look changes what left")?;
    Ok(Some(scrubbed))
}

/// And readers that count texts each in their way hear the same of it, and of its halves.
pub fn stream() -> Run {
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    Box::new(move |input| {
        let Some(whole) = left(&mut scrubber, Format::Msgpack(Schema::DatadogTraceStream), input)? else {
            return Ok(false);
        };
        // What is no text, this reader takes less kinds of.
        if stream::read(input, Counts::Once).is_none() {
            return Ok(true);
        }
        let halves = whole.halve().map(|(first, second)| [first, second]);
        for part in std::iter::once(whole).chain(halves.into_iter().flatten()) {
            let heard = stream::read(part.bytes(), Counts::Once);
            expect(heard.is_some(), "what left cannot be read")?;
            expect(stream::read(part.bytes(), Counts::Each) == heard, "readers hear different texts")?;
        }
        Ok(true)
    })
}

pub fn streams() -> Vec<Vec<u8>> {
    let span = |note: &str| {
        json!({ "service": "labs", "name": "web.request", "resource": format!("GET /p?ssn={SSN}"),
            "attributes": { "note": note, "patient.ssn": SSN, "patient.mrn": 47_810_926, "list": ["--ssn", SSN, 7, "a"],
                "pair": { "name": "patient.ssn", "value": SSN }, "ok": true, "share": 0.5, "bytes": { "$bytes": "81a161a162" } },
            "links": [{ "attributes": { "note": note }, "tracestate": "dd=s:1" }],
            "events": [{ "name": "exception", "attributes": { "message": note } }] })
    };
    vec![
        stream::write(&[json!([span(&text()), span("clean")]), json!([span(&text())])]),
        stream::write(&[]),
        stream::write(&[json!([{}])]),
    ]
}

/// Whether a number stands alone in a text.
fn holds(text: &[u8]) -> bool {
    let alone = format!(" ssn {SSN} ");
    text.windows(alone.len()).any(|window| window == alone.as_bytes())
}

/// The texts of a document; of one that is not read, all of it. (A row of small numbers in MessagePack is no text.)
fn texts(format: Format, bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = bytes;
    match (format, rmpv::decode::read_value_with_max_depth(&mut rest, DEPTH)) {
        (Format::Msgpack(_), Ok(value)) => {
            let (mut open, mut texts) = (vec![value], vec![rest.to_vec()]);
            while let Some(value) = open.pop() {
                match value {
                    Packed::String(text) => texts.push(text.into_bytes()),
                    Packed::Binary(bytes) | Packed::Ext(_, bytes) => texts.push(bytes),
                    Packed::Array(items) => open.extend(items),
                    Packed::Map(entries) => open.extend(entries.into_iter().flat_map(|(key, value)| [key, value])),
                    _ => {}
                }
            }
            texts
        }
        _ => vec![bytes.to_vec()],
    }
}

fn is_document(format: Format, bytes: &[u8]) -> bool {
    match format {
        Format::Msgpack(_) => {
            let mut rest = bytes;
            rmpv::decode::read_value_with_max_depth(&mut rest, DEPTH).is_ok() && rest.is_empty()
        }
        Format::Json(_) => serde_json::from_slice::<Value>(bytes).is_ok(),
        _ => {
            bytes.split(|byte| *byte == b'\n').next().is_some_and(|head| serde_json::from_slice::<Value>(head).is_ok())
        }
    }
}

/// Nothing that a backend says makes anything but a number and a hint of it, and a hint is a time.
pub fn replies() -> Run {
    Box::new(|input| {
        let sent = scrubjay::exporters::sent(input);
        let mut headers = HeaderMap::new();
        for line in input.split(|byte| *byte == b'\n') {
            let (name, value) = line.split_at(line.iter().position(|byte| *byte == b':').unwrap_or(line.len()));
            let value = HeaderValue::from_bytes(value.get(1..).unwrap_or_default().trim_ascii());
            if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), value) {
                headers.append(name, value);
            }
        }
        let hint = scrubjay::exporters::retry_after(&headers);
        expect(hint.is_none_or(|hint| hint <= Duration::from_secs(u64::MAX)), "a hint beyond all time")?;
        Ok(hint.is_some() || sent.rejected > 0 || sent.warned)
    })
}

pub fn said() -> Vec<Vec<u8>> {
    [
        &b"\x0a\x02\x08\x07"[..],
        b"\x0a\x07\x08\x07\x12\x03abc",
        b"retry-after: 7\ndate: Sun, 06 Nov 1994 08:49:37 GMT\n",
        b"retry-after: Sun, 06 Nov 1994 08:49:37 GMT\ndate: Sun, 06 Nov 1994 08:49:30 GMT\n",
    ]
    .map(<[u8]>::to_vec)
    .to_vec()
}

pub fn text() -> String {
    format!("patient ssn {SSN} called \"\u{e9}\" {{\"mrn\": 47810926}}")
}

fn span() -> Value {
    json!({
        "service": "labs", "name": "web.request", "resource": format!("GET /p?ssn={SSN}"), "type": "web",
        "trace_id": 5_712_907_142_330_123_u64, "span_id": 71, "parent_id": 0, "start": 1_700_000_000_000_000_000_u64,
        "duration": 12_345, "error": 1, "meta": { "error.message": text(), "patient.ssn": SSN, "_dd.p.tid": "66a1b2c300000000" },
        "metrics": { "_sampling_priority_v1": 1.0, "patient.mrn": 47_810_926 },
        "span_links": [{ "trace_id": 1, "attributes": { "note": text() } }],
        "meta_struct": { "x": "y" }, "span_events": [{ "name": "exception", "attributes": { "message": text() } }],
    })
}

pub fn pack(value: &Value) -> Packed {
    match value {
        Value::Null => Packed::Nil,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => match number.as_u64() {
            Some(value) => value.into(),
            None => number.as_f64().unwrap().into(),
        },
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => Packed::Array(items.iter().map(pack).collect()),
        Value::Object(entries) => {
            Packed::Map(entries.iter().map(|(key, value)| (key.as_str().into(), pack(value))).collect())
        }
    }
}

pub fn packed(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &pack(value)).unwrap();
    bytes
}

pub fn traces() -> Vec<Vec<u8>> {
    [json!([[span(), span()], [span()]]), json!([]), json!([[{ "meta": {} }]])].iter().map(packed).collect()
}

pub fn payloads() -> Vec<Vec<u8>> {
    let whole = json!({ "language_name": "python", "tags": { "env": "prod" },
        "chunks": [{ "priority": 1, "origin": "lambda", "spans": [span()], "tags": { "note": text() } }] });
    [whole, json!({ "chunks": [] })].iter().map(packed).collect()
}

pub fn tables() -> Vec<Vec<u8>> {
    let strings = json!(["", "labs", "web.request", text(), "error.message", "patient.ssn", SSN, "web"]);
    let row = |value: u64| -> Vec<Packed> {
        let mut row: Vec<Packed> = [1, 2, 3, 71, 72, 0, 1_700_000_000, 5, 1].map(Packed::from).to_vec();
        row.push(Packed::Map(vec![(4.into(), 3.into()), (5.into(), value.into())]));
        row.push(Packed::Map(vec![(4.into(), Packed::from(1.5))]));
        row.push(7.into());
        row
    };
    let spans = |value| Packed::Array(vec![Packed::Array(vec![Packed::Array(row(value))])]);
    [6, 3]
        .map(|value| {
            let mut bytes = Vec::new();
            rmpv::encode::write_value(&mut bytes, &Packed::Array(vec![pack(&strings), spans(value)])).unwrap();
            bytes
        })
        .to_vec()
}

fn written(documents: &[Value]) -> Vec<Vec<u8>> {
    documents.iter().map(|document| document.to_string().into_bytes()).collect()
}

pub fn traces_in_json() -> Vec<Vec<u8>> {
    written(&[json!([[span(), span()]]), json!([])])
}

pub fn logs() -> Vec<Vec<u8>> {
    let record = json!({ "message": text(), "status": "error", "timestamp": 1_700_000_000_000_u64, "hostname": "h", "service": "labs",
        "ddsource": "python", "ddtags": format!("env:prod,patient:{SSN}"), "patient": { "ssn": SSN, "visits": [1, 2.5, null] } });
    written(&[json!([record, record]), record.clone(), json!([])])
}

pub fn evaluations() -> Vec<Vec<u8>> {
    let of = json!({ "join_on": { "span": { "span_id": "7", "trace_id": "8" } }, "label": "harm", "metric_type": "categorical",
        "categorical_value": text(), "reasoning": text(), "timestamp_ms": 1_700_000_000_000_u64, "tags": [format!("patient_ssn:{SSN}")],
        "metadata": { "patient": { "ssn": SSN } } });
    written(&[
        json!({ "data": { "type": "evaluation_metric", "attributes": { "metrics": [of] } } }),
        json!({ "data": {} }),
    ])
}

pub fn series() -> Vec<Vec<u8>> {
    written(&[
        json!({ "series": [{ "metric": "labs.count", "points": [[1_700_000_000, 3.5]], "type": "count", "interval": 10, "host": "h",
        "tags": ["env:prod", format!("patient_ssn:{SSN}"), text()] }] }),
    ])
}

fn event() -> Value {
    json!({ "event_id": "9ec79c33ec9942ab8353589fcb2e04dc", "timestamp": 1_700_000_000.5, "platform": "python", "level": "error",
        "exception": { "values": [{ "type": "ValueError", "value": text(), "stacktrace": { "frames": [{ "filename": "app/labs.py",
            "function": "find", "lineno": 12, "context_line": format!("find('{SSN}')"), "vars": { "patient": text(), "n": 4 } }] } }] },
        "breadcrumbs": { "values": [{ "message": text(), "data": { "url": format!("/p?ssn={SSN}") } }] },
        "request": { "url": "https://labs.example/p", "data": { "ssn": SSN }, "headers": [["Cookie", "a=b"]] },
        "user": { "username": "x" }, "tags": { "release": "1.2.3" }, "extra": { "k": text() }, "modules": { "django": "4.2" } })
}

pub fn events() -> Vec<Vec<u8>> {
    written(&[event(), json!({})])
}

pub fn envelopes() -> Vec<Vec<u8>> {
    let event = event().to_string();
    let known = format!(
        "{{\"event_id\":\"9ec79c33ec9942ab8353589fcb2e04dc\",\"trace\":{{\"release\":\"1.2.3\"}}}}\n\
         {{\"type\":\"event\",\"length\":{}}}\n{event}\n{{\"type\":\"attachment\",\"length\":5,\"filename\":\"a\"}}\nhello\n",
        event.len()
    );
    let log = json!({ "items": [{ "timestamp": 1, "level": "info", "body": text(), "attributes": { "k": { "value": SSN, "type": "string" } } }] });
    let open = format!("{{}}\n{{\"type\":\"log\",\"item_count\":1}}\n{log}\n{{\"type\":\"unheard_of\"}}\n{{}}\n");
    [known, open].map(String::into_bytes).to_vec()
}
