//! What Datadog's and Sentry's senders send, scrubbed in the format it came in.

use super::{RULES, TODAY};
use bytes::Bytes;
use processors::{Format, Rejected, Schema, Scrubber};
use rmpv::Value;
use serde_json::json;

fn scrub(source: impl Into<Bytes>, format: Format) -> Result<Bytes, Rejected> {
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    let scrubbed = scrubber.scrub(&source.into(), format, TODAY)?;
    let again = scrubber.scrub(scrubbed.bytes(), format, TODAY)?;
    assert_eq!(again.bytes(), scrubbed.bytes(), "a second scrub changes nothing");
    Ok(scrubbed.bytes().clone())
}

fn pack(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, value).unwrap();
    bytes
}

fn map(entries: Vec<(&str, Value)>) -> Value {
    Value::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

fn read(bytes: &[u8]) -> Value {
    let mut rest = bytes;
    let value = rmpv::decode::read_value(&mut rest).unwrap();
    assert!(rest.is_empty());
    value
}

fn of<'v>(value: &'v Value, key: &str) -> &'v Value {
    let entries = value.as_map().unwrap();
    &entries.iter().find(|(name, _)| name.as_str() == Some(key)).unwrap_or_else(|| panic!("{key} in {value}")).1
}

fn span() -> Value {
    let packed = pack(&map(vec![("prompt", "my ssn is 536-22-8147".into()), ("tokens", 12.into())]));
    map(vec![
        ("service", "lab-orders".into()),
        ("name", "postgres.query".into()),
        ("resource", "SELECT id FROM patients WHERE name = 'Ingrid Tanaka' AND age > 40".into()),
        ("type", "sql".into()),
        ("trace_id", 5_362_281_470_000_000_000_u64.into()),
        ("span_id", 536_228_147_u64.into()),
        ("parent_id", 0.into()),
        ("start", 1_764_000_000_000_000_000_i64.into()),
        ("duration", 1_200_000.into()),
        ("error", 1.into()),
        (
            "meta",
            map(vec![
                ("patient.mrn", "00482913".into()),
                ("http.url", "https://api.example.org/search?mail=faith.ingram%40sbcglobal.net&page=2".into()),
                ("error.message", "no patient for ssn 536-22-8147".into()),
                ("_dd.p.tid", "6745a1b200000000".into()),
                ("env", "prod".into()),
            ]),
        ),
        (
            "metrics",
            map(vec![("_sampling_priority_v1", 1.0.into()), ("patient.ssn", 536_228_147.0.into()), ("rows", 3.into())]),
        ),
        ("meta_struct", map(vec![("llm", Value::Binary(packed))])),
        (
            "span_links",
            Value::Array(vec![map(vec![
                ("trace_id", 7.into()),
                ("attributes", map(vec![("note", "ssn 441-52-9903".into())])),
            ])]),
        ),
        (
            "span_events",
            Value::Array(vec![map(vec![
                ("name", "exception".into()),
                ("time_unix_nano", 1_764_000_000_000_000_000_i64.into()),
                (
                    "attributes",
                    map(vec![("patient.mrn", map(vec![("type", 0.into()), ("string_value", "70367332".into())]))]),
                ),
            ])]),
        ),
    ])
}

#[test]
fn a_span_keeps_its_types_and_loses_what_names_somebody() {
    let source = pack(&Value::Array(vec![Value::Array(vec![span()])]));
    let out = scrub(source, Format::Msgpack(Schema::DatadogTraces)).unwrap();
    let read = read(&out);
    let text = read.to_string();
    for planted in ["536-22", "00482913", "Ingrid", "faith", "441-52", "70367332"] {
        assert!(!text.contains(planted), "{planted}: {text}");
    }
    let (was, is) = (span(), &read[0][0]);
    for same in ["service", "name", "type", "trace_id", "span_id", "parent_id", "start", "duration", "error"] {
        assert_eq!(of(is, same), of(&was, same), "{same}");
    }
    assert_eq!(of(is, "metrics").as_map().unwrap().len(), 2, "a number goes with its key: {text}");
    assert_eq!(of(of(is, "meta"), "_dd.p.tid").as_str(), Some("6745a1b200000000"));
    assert_eq!(of(of(is, "meta"), "error.message").as_str(), Some("no patient for ssn [REDACTED:ssn]"));
    assert!(of(is, "resource").as_str().unwrap().starts_with("SELECT id FROM patients WHERE name = "), "{text}");
    let url = of(of(is, "meta"), "http.url").as_str().unwrap();
    assert!(url.starts_with("https://api.example.org/search?mail=") && url.ends_with("&page=2"), "{url}");
    let Value::Binary(packed) = of(of(is, "meta_struct"), "llm") else { panic!("bytes stay bytes") };
    assert_eq!(of(&self::read(packed), "prompt").as_str(), Some("my ssn is [REDACTED:ssn]"));
    assert_eq!(of(&self::read(packed), "tokens").as_i64(), Some(12));
}

#[test]
fn a_payload_of_chunks_is_read_down_to_its_spans() {
    let chunk = map(vec![("priority", 1.into()), ("spans", Value::Array(vec![span()])), ("tags", map(vec![]))]);
    let source = pack(&map(vec![
        ("language_name", "python".into()),
        ("tags", map(vec![("patient.mrn", "00482913".into())])),
        ("chunks", Value::Array(vec![chunk])),
    ]));
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    let scrubbed = scrubber.scrub(&source.into(), Format::Msgpack(Schema::DatadogTracePayload), TODAY).unwrap();
    assert_eq!(scrubbed.report().records, 1);
    let text = read(scrubbed.bytes()).to_string();
    assert!(!text.contains("536-22") && !text.contains("00482913") && text.contains("\"python\""), "{text}");
}

#[test]
fn a_table_of_strings_is_looked_at_below_every_key_that_leads_to_it() {
    let strings = [
        "",
        "lab-orders",
        "web.request",
        "GET /labs",
        "web",
        "patient.mrn",
        "00482913",
        "env",
        "prod",
        "patient.ssn",
        "rows",
        "SELECT 1 FROM t WHERE name = 'Ingrid Tanaka'",
    ];
    let pairs =
        |pairs: Vec<(i64, Value)>| Value::Map(pairs.into_iter().map(|(key, value)| (key.into(), value)).collect());
    let span = |resource: i64| {
        Value::Array(vec![
            1.into(),
            2.into(),
            resource.into(),
            99.into(),
            98.into(),
            0.into(),
            1_764_000_000_000_000_000_i64.into(),
            5.into(),
            0.into(),
            pairs(vec![(5, 6.into()), (7, 8.into())]),
            pairs(vec![(9, 536_228_147.into()), (10, 3.into())]),
            4.into(),
        ])
    };
    let table = Value::Array(strings.iter().map(|text| Value::from(*text)).collect());
    let document = |spans: Vec<Value>| Value::Array(vec![table.clone(), Value::Array(vec![Value::Array(spans)])]);
    let format = Format::Msgpack(Schema::DatadogTraceTable);
    let read = read(&scrub(pack(&document(vec![span(3), span(11)])), format).unwrap());
    let text = read.to_string();
    assert!(!text.contains("00482913") && !text.contains("536228147") && !text.contains("Ingrid"), "{text}");
    assert_eq!(read[0].as_array().unwrap().len(), strings.len(), "positions hold");
    for same in [0, 1, 2, 3, 4, 5, 7, 8, 9, 10] {
        assert_eq!(read[0][same].as_str(), Some(strings[same]));
    }
    assert_eq!(read[1][0][0][10], pairs(vec![(10, 3.into())]));
    for broken in [span(12), span(-1), Value::Array(vec![1.into()])] {
        assert!(matches!(scrub(pack(&document(vec![broken])), format), Err(Rejected::Malformed { .. })));
    }
}

#[test]
fn logs_and_series_keep_their_layout() {
    let source = r#"[ {"message":"patient Ingrid Tanaka, ssn 536-22-8147\nnext line","ddtags":"env:prod,patient_ssn:441-52-9903",
        "hostname":"ip-10-0-0-1", "service":"lab-orders","timestamp":1764000000000,"attempt":2,"patient":{"ssn":536228147}} ]"#;
    let out = scrub(source, Format::Json(Schema::DatadogLogs)).unwrap();
    let text = std::str::from_utf8(&out).unwrap();
    assert!(!text.contains("536-22") && !text.contains("441-52") && !text.contains("Ingrid"), "{text}");
    assert!(
        text.starts_with("[ {\"message\":\"patient ") && text.contains("\\nnext line\",\"ddtags\":\"env:prod,"),
        "{text}"
    );
    assert!(text.contains("\"timestamp\":1764000000000,\"attempt\":2,\"patient\":{\"ssn\":null}} ]"), "{text}");

    let source = r#"{"series":[{"metric":"orders","points":[[1764000000,536228147]],"tags":["env:prod","patient_email:faith.ingram@sbcglobal.net"],"type":"gauge"}]}"#;
    let out = scrub(source, Format::Json(Schema::DatadogSeries)).unwrap();
    let text = std::str::from_utf8(&out).unwrap();
    assert!(!text.contains("faith") && text.contains("[[1764000000,536228147]],\"tags\":[\"env:prod\","), "{text}");
}

fn envelope(items: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = br#"{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc","dsn":"https://k@sentry.example/1","sdk":{"name":"sentry.python"}}"#.to_vec();
    for (header, content) in items {
        out.push(b'\n');
        out.extend_from_slice(header.replace("LEN", &content.len().to_string()).as_bytes());
        out.push(b'\n');
        out.extend_from_slice(content);
    }
    out
}

#[test]
fn an_envelope_says_the_new_lengths_and_holds_no_attachment() {
    let event = json!({
        "event_id": "9ec79c33ec9942ab8353589fcb2e04dc",
        "timestamp": "2026-11-20T07:00:00.000Z",
        "exception": { "values": [{ "type": "LookupError", "value": "no patient with ssn 536-22-8147", "stacktrace": { "frames": [{
            "function": "find", "lineno": 12, "context_line": "    raise LookupError(f'no patient with ssn {ssn}')",
            "vars": { "ssn": "'536-22-8147'", "patient": { "mrn": "'00482913'", "name": "'Ingrid Tanaka'" }, "retries": "3" }
        }] } }] },
        "breadcrumbs": { "values": [{ "category": "query", "message": "SELECT * FROM patients WHERE mrn = '00482913'" }] },
        "request": { "url": "https://api.example.org/p?ssn=536-22-8147", "headers": [["X-Patient-Mrn", "00482913"], ["Accept", "*/*"]] },
        "user": { "id": "70367332", "email": "faith.ingram@sbcglobal.net", "ip_address": "203.0.113.9" },
        "modules": { "django": "4.2.1" },
        "tags": { "env": "prod" },
    });
    let event = serde_json::to_vec(&event).unwrap();
    let source = envelope(&[
        (r#"{"type":"event","length":LEN,"content_type":"application/json"}"#, &event),
        (r#"{"type":"attachment","length":LEN,"filename":"ingrid-tanaka.txt"}"#, b"Ingrid Tanaka\n536-22-8147"),
        (r#"{"type":"replay_recording","length":LEN}"#, b"\x00\x01"),
        (
            r#"{"type":"session"}"#,
            br#"{"sid":"9ec79c33ec9942ab8353589fcb2e04dc","did":"faith.ingram@sbcglobal.net","status":"ok"}"#,
        ),
    ]);
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    let scrubbed = scrubber.scrub(&source.clone().into(), Format::Envelope, TODAY).unwrap();
    assert_eq!(scrubbed.report().unknown_fields, 2);
    let out = scrub(source, Format::Envelope).unwrap();
    let text = String::from_utf8(out.to_vec()).unwrap();
    for planted in ["536-22", "00482913", "Ingrid", "ingrid", "70367332", "faith", "sentry.example", "203.0.113.9"] {
        assert!(!text.contains(planted), "{planted}: {text}");
    }
    let lines: Vec<&str> = text.split('\n').collect();
    assert_eq!(lines.len(), 5, "{text}");
    let header: serde_json::Value = serde_json::from_str(lines[1]).unwrap();
    assert_eq!(header["length"].as_u64(), Some(lines[2].len() as u64));
    let event: serde_json::Value = serde_json::from_str(lines[2]).unwrap();
    assert_eq!(event["event_id"], "9ec79c33ec9942ab8353589fcb2e04dc");
    assert_eq!(event["modules"]["django"], "4.2.1");
    let frame = &event["exception"]["values"][0]["stacktrace"]["frames"][0];
    assert_eq!(
        (frame["function"].as_str(), frame["lineno"].as_u64(), frame["vars"]["retries"].as_str()),
        (Some("find"), Some(12), Some("3"))
    );
    assert_eq!(event["request"]["headers"][1], json!(["Accept", "*/*"]));
    let session: serde_json::Value = serde_json::from_str(lines[4]).unwrap();
    assert_eq!(session["status"], "ok");
}

#[test]
fn an_envelope_of_nothing_that_may_pass_goes_as_a_whole() {
    let source =
        envelope(&[(r#"{"type":"replay_video","length":LEN}"#, b"Ingrid"), (r#"{"type":"new_thing"}"#, b"{}")]);
    assert!(scrub(source, Format::Envelope).unwrap().is_empty());
}

#[test]
fn an_envelope_that_may_be_read_in_two_ways_is_refused() {
    assert_eq!(&scrub(&b"{}"[..], Format::Envelope).unwrap()[..], b"{}");
    assert!(scrub(Bytes::new(), Format::Envelope).unwrap().is_empty());
    for (header, content) in [
        (r#"{"type":"event","length":1}"#, &b"{}"[..]),
        (r#"{"type":"event","length":9}"#, b"{}"),
        (r#"{"type":"event","length":-2}"#, b"{}"),
        (r#"{"type":"event","length":2,"length":2}"#, b"{}"),
        (r#"{"type":"attachment","type":"event"}"#, b"{}"),
        (r#"{"length":2}"#, b"{}"),
        (r#"{"type":"event","length":"2"}"#, b"{}"),
        (r#"["event"]"#, b"{}"),
        (r#"{"type":"event"}"#, b"{} {}"),
        (r#"{"type":"event"}"#, b"not json"),
    ] {
        let refused = scrub(envelope(&[(header, content)]), Format::Envelope);
        assert!(matches!(refused, Err(Rejected::Malformed { .. })), "{header}: {refused:?}");
    }
}

#[test]
fn what_a_strict_reader_refuses_is_refused() {
    for broken in [
        "{",
        "[1,]",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{a:1}",
        "\"a\nb\"",
        "\"\\x\"",
        "\"\\u12\"",
        "01",
        "1.",
        "-",
        "nul",
        "NaN",
        "[1] [2]",
        "\"open",
        "[1 2]",
        "{\"a\":}",
        "tru",
        "1e",
        "\u{feff}{}",
    ] {
        let refused = scrub(broken.to_owned(), Format::Json(Schema::Any));
        assert!(matches!(refused, Err(Rejected::Malformed { .. })), "{broken}: {refused:?}");
        assert!(serde_json::from_str::<serde_json::Value>(broken).is_err(), "{broken}");
    }
    for broken in [
        &b"\xc1"[..],
        b"\x92\x01",
        b"\xa5abc",
        b"\xdf\xff\xff\xff\xff",
        b"\x01\x02",
        b"\xd9",
        b"\x81\x90\x01",
        b"\xc4\x05a",
        b"\x81\xc0\x01",
        b"\xdd\x00\x00\x00\x05\x01",
    ] {
        let refused = scrub(broken.to_vec(), Format::Msgpack(Schema::Any));
        assert!(matches!(refused, Err(Rejected::Malformed { .. })), "{broken:?}: {refused:?}");
    }
}

#[test]
fn half_a_pair_of_surrogates_is_mended() {
    let out = scrub(r#"{"note":"cut \ud83d","other":"whole \ud83d\ude00"}"#, Format::Json(Schema::Any)).unwrap();
    assert_eq!(&out[..], "{\"note\":\"cut \u{fffd}\",\"other\":\"whole \\ud83d\\ude00\"}".as_bytes());
    let out = scrub(b"{\"note\":\"a \xff b\"}".to_vec(), Format::Json(Schema::Any)).unwrap();
    assert!(serde_json::from_slice::<serde_json::Value>(&out).is_ok(), "{out:?}");
}

#[test]
fn what_nests_too_deep_goes_and_what_lies_beside_it_stays() {
    let deep = format!("{{\"a\":{}\"ssn 536-22-8147\"{},\"b\":\"ok\"}}", "[".repeat(200), "]".repeat(200));
    let out = scrub(deep, Format::Json(Schema::Any)).unwrap();
    let text = std::str::from_utf8(&out).unwrap();
    assert!(text.contains("\"[UNSCANNED]\"") && text.ends_with(",\"b\":\"ok\"}") && !text.contains("536"), "{text}");
    assert!(serde_json::from_str::<serde_json::Value>(text).is_ok());
    let mut value = Value::from("ssn 536-22-8147");
    for _ in 0..200 {
        value = Value::Array(vec![value]);
    }
    let out = scrub(pack(&map(vec![("a", value), ("b", "ok".into())])), Format::Msgpack(Schema::Any)).unwrap();
    let read = read(&out);
    assert_eq!(of(&read, "b").as_str(), Some("ok"));
    assert!(read.to_string().contains("[UNSCANNED]") && !read.to_string().contains("536"));
    for bottomless in ["[".repeat(100_000), "{\"a\":".repeat(100_000)] {
        assert!(scrub(bottomless, Format::Json(Schema::Any)).is_err());
    }
    assert!(scrub(vec![0x91; 100_000], Format::Msgpack(Schema::Any)).is_err());
}

#[test]
fn names_lead_to_values_wherever_they_stand() {
    let source =
        r#"[{"name":"patient.mrn","value":"X7Q29"},{"value":"X7Q29","name":"patient.mrn"},["--ssn","536228147"]]"#;
    let out = scrub(source, Format::Json(Schema::Any)).unwrap();
    let text = std::str::from_utf8(&out).unwrap();
    assert!(
        !text.contains("X7Q29") && !text.contains("536228147") && text.contains("\"name\":\"patient.mrn\""),
        "{text}"
    );
}

#[test]
fn keys_that_name_somebody_become_tokens() {
    let source = pack(&map(vec![("lookup.536-22-8147", "hit".into()), ("env", "prod".into())]));
    let read = read(&scrub(source, Format::Msgpack(Schema::Any)).unwrap());
    let key = read.as_map().unwrap()[0].0.as_str().unwrap();
    assert!(key.starts_with("lookup.redacted_ssn_"), "{key}");
    let out = scrub(r#"{"lookup\u002e536-22-8147": "hit"}"#, Format::Json(Schema::Any)).unwrap();
    assert!(std::str::from_utf8(&out).unwrap().starts_with("{\"lookup.redacted_ssn_"), "{out:?}");
}

#[test]
fn every_width_of_length_is_written_as_it_must_be() {
    for len in [10, 31, 32, 250, 255, 256, 65_000, 65_536, 70_000] {
        let text = format!("ssn 536-22-8147 {}", "x ".repeat(len / 2));
        for value in [
            Value::from(text.as_str()),
            Value::Binary(text.clone().into_bytes()),
            Value::Ext(5, text.clone().into_bytes()),
        ] {
            let read = read(&scrub(pack(&Value::Array(vec![value, 7.into()])), Format::Msgpack(Schema::Any)).unwrap());
            assert_eq!(read[1], Value::from(7));
            let content = match &read[0] {
                Value::String(text) => text.as_bytes().to_vec(),
                Value::Binary(bytes) | Value::Ext(5, bytes) => bytes.clone(),
                other => panic!("{other}"),
            };
            assert!(content.starts_with(b"ssn [REDACTED:ssn] x"), "{len}");
        }
    }
}
