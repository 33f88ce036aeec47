//! What holds for every document in JSON and MessagePack: parsers of others read it before and after, only findings
//! differ, and a second scrub changes nothing.

use super::{RULES, TODAY, each, fail};
use bytes::Bytes;
use processors::{Format, Schema, Scrubber};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use rmpv::Value;
use std::cell::RefCell;

/// What somebody could be found by, and a text around it.
const PLANTED: [(&str, &str); 5] = [
    ("536-22-8147", "member ssn 536-22-8147 verified"),
    ("536-22-8147", "first line\n\t\"536-22-8147\"\\ and more"),
    ("faith.ingram@sbcglobal.net", "mail to faith.ingram@sbcglobal.net failed"),
    ("441-52-9903", "\u{1F600} 441-52-9903 \u{e9}\u{7}"),
    ("612-44-7305", "{\"note\": \"ssn 612-44-7305\"}"),
];
const CLEAN: [&str; 10] = [
    "",
    "ok",
    "GET /labs",
    "line one\nline two",
    "tab\t quote \" back \\ slash /",
    "\u{1F600} smile \u{e9}",
    "{\"state\": \"open\", \"retry\": 2}",
    "connection pool exhausted after retries",
    "control \u{1} \u{1f} \u{7f}",
    "a text that is longer than the thirty-one bytes of the shortest form there is",
];
const KEYS: [&str; 7] = ["state", "app.queue", "retry", "name", "value", "data", "message"];

/// A document made of choices, and what was planted in it.
#[derive(Default)]
struct Made {
    planted: Vec<&'static str>,
    numbers: bool,
}

impl Made {
    fn value(&mut self, choices: &mut impl Iterator<Item = u16>, depth: u32) -> Value {
        let choice = usize::from(choices.next().unwrap_or(0));
        let pick = choice / 16;
        match choice % 16 {
            0..=3 => Value::from(CLEAN[pick % CLEAN.len()]),
            4 | 5 => {
                let (planted, text) = PLANTED[pick % PLANTED.len()];
                self.planted.push(planted);
                Value::from(text)
            }
            6 => Value::from(pick as i64 - 2000),
            7 => Value::from(f64::from(choice as u32) / 8.0),
            8 => Value::from(choice % 3 == 0),
            9 => Value::Nil,
            10..=12 if depth < 8 => {
                let len = pick % 5;
                Value::Array((0..len).map(|_| self.value(choices, depth + 1)).collect())
            }
            _ if depth < 8 => {
                let len = pick % 6;
                let mut entries: Vec<(Value, Value)> = Vec::new();
                for _ in 0..len {
                    let choice = usize::from(choices.next().unwrap_or(0));
                    if choice % 13 == 0 {
                        self.numbers = true;
                        entries.push((
                            Value::from(format!("patient.ssn{}", "_".repeat(entries.len()))),
                            Value::from(536_228_147),
                        ));
                        continue;
                    }
                    let key = format!("{}{}", KEYS[choice % KEYS.len()], "_".repeat(entries.len()));
                    entries.push((Value::from(key), self.value(choices, depth + 1)));
                }
                Value::Map(entries)
            }
            _ => Value::from(7),
        }
    }
}

/// Whether two documents differ in nothing but what may go.
fn compare(was: &Value, is: &Value) -> Result<(), TestCaseError> {
    match (was, is) {
        (Value::String(was), Value::String(is)) => {
            let (was, is) = (was.as_str().unwrap(), is.as_str().unwrap());
            let held = PLANTED.iter().any(|(planted, _)| was.contains(planted));
            if was != is && !held {
                return Err(fail(format!("{was:?} became {is:?}")));
            }
            Ok(())
        }
        (Value::Array(was), Value::Array(is)) if was.len() == is.len() => {
            was.iter().zip(is).try_for_each(|(was, is)| compare(was, is))
        }
        (Value::Map(was), Value::Map(is)) => {
            let mut left = is.iter();
            let mut next = left.next();
            for (key, value) in was {
                let goes = value == &Value::from(536_228_147) && key.as_str().unwrap().contains("ssn");
                match next {
                    Some((other, is)) if other == key => {
                        if !(goes && is.is_nil()) {
                            compare(value, is)?;
                        }
                        next = left.next();
                    }
                    _ if goes => {}
                    _ => return Err(fail(format!("{key} is gone or elsewhere"))),
                }
            }
            if next.is_some() { Err(fail("more entries than before")) } else { Ok(()) }
        }
        (was, is) if was == is => Ok(()),
        (was, is) => Err(fail(format!("{was} became {is}"))),
    }
}

/// Writes a document as JSON, with blanks and escapes as `style` says.
fn json(value: &Value, style: u16, out: &mut String) {
    let blank = |out: &mut String| out.push_str(["", " ", "\n\t"][usize::from(style % 3)]);
    match value {
        Value::String(text) => {
            let text = serde_json::to_string(text.as_str().unwrap()).unwrap();
            out.push_str(&if style.is_multiple_of(2) {
                text
            } else {
                text.replace('/', "\\/").replace('\u{e9}', "\\u00e9")
            });
        }
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                blank(out);
                json(item, style, out);
            }
            blank(out);
            out.push(']');
        }
        Value::Map(entries) => {
            out.push('{');
            for (at, (key, item)) in entries.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                blank(out);
                json(key, 0, out);
                blank(out);
                out.push(':');
                blank(out);
                json(item, style, out);
            }
            blank(out);
            out.push('}');
        }
        Value::Nil => out.push_str("null"),
        other => out.push_str(&other.to_string()),
    }
}

/// Reads JSON with a parser of others, in the order of its keys.
fn parse(text: &[u8]) -> Result<Value, TestCaseError> {
    struct Ordered(Value);
    struct Reader;
    impl<'de> serde::de::Visitor<'de> for Reader {
        type Value = Ordered;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("JSON")
        }
        fn visit_unit<E>(self) -> Result<Ordered, E> {
            Ok(Ordered(Value::Nil))
        }
        fn visit_bool<E>(self, value: bool) -> Result<Ordered, E> {
            Ok(Ordered(value.into()))
        }
        fn visit_i64<E>(self, value: i64) -> Result<Ordered, E> {
            Ok(Ordered(value.into()))
        }
        fn visit_u64<E>(self, value: u64) -> Result<Ordered, E> {
            Ok(Ordered(value.into()))
        }
        fn visit_f64<E>(self, value: f64) -> Result<Ordered, E> {
            Ok(Ordered(value.into()))
        }
        fn visit_str<E>(self, value: &str) -> Result<Ordered, E> {
            Ok(Ordered(value.into()))
        }
        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut access: A) -> Result<Ordered, A::Error> {
            let mut items = Vec::new();
            while let Some(Ordered(item)) = access.next_element()? {
                items.push(item);
            }
            Ok(Ordered(Value::Array(items)))
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut access: A) -> Result<Ordered, A::Error> {
            let mut entries = Vec::new();
            while let Some((key, Ordered(value))) = access.next_entry::<String, Ordered>()? {
                entries.push((key.into(), value));
            }
            Ok(Ordered(Value::Map(entries)))
        }
    }
    impl<'de> serde::Deserialize<'de> for Ordered {
        fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            from.deserialize_any(Reader)
        }
    }
    let read: Result<Ordered, _> = serde_json::from_slice(text);
    read.map(|read| read.0).map_err(|error| fail(format!("{error}: {}", text.escape_ascii())))
}

fn msgpack(text: &[u8]) -> Result<Value, TestCaseError> {
    let mut rest = text;
    let value = rmpv::decode::read_value(&mut rest).map_err(|error| fail(error.to_string()))?;
    if rest.is_empty() { Ok(value) } else { Err(fail("something follows the document")) }
}

/// Has a document scrubbed and scrubbed again, by one who remembers and one who does not.
fn hold(
    remembering: &RefCell<Scrubber<'_>>,
    format: Format,
    source: &Bytes,
    read: fn(&[u8]) -> Result<Value, TestCaseError>,
    made: &Made,
) -> Result<(), TestCaseError> {
    let scrub = |scrubber: &mut Scrubber<'_>, source: &Bytes| {
        let scrubbed = scrubber.scrub(source, format, TODAY).map_err(|error| fail(error.to_string()))?;
        Ok::<_, TestCaseError>(scrubbed.bytes().clone())
    };
    let was = read(source)?;
    let mut fresh = Scrubber::new(&RULES).unwrap().without_memo();
    let out = scrub(&mut fresh, source)?;
    if out != scrub(&mut remembering.borrow_mut(), source)? {
        return Err(fail("a used scrubber says otherwise"));
    }
    let is = read(&out)?;
    compare(&was, &is)?;
    for planted in &made.planted {
        if out.windows(planted.len()).any(|window| window == planted.as_bytes()) {
            return Err(fail(format!("{planted} is still there")));
        }
    }
    if made.planted.is_empty() && !made.numbers && out.as_ptr() != source.as_ptr() {
        return Err(fail(format!("a clean document was copied: {} {}", source.escape_ascii(), out.escape_ascii())));
    }
    if scrub(&mut fresh, &out)?.as_ptr() != out.as_ptr() {
        return Err(fail(format!("the second scrub changed {}", out.escape_ascii())));
    }
    Ok(())
}

#[test]
fn every_document_in_json_loses_what_was_planted_and_nothing_else() {
    let remembering = RefCell::new(Scrubber::new(&RULES).unwrap());
    each(192, any::<u16>(), 300, |choices| {
        let mut made = Made::default();
        let mut choices = choices.into_iter();
        let style = choices.next().unwrap_or(0);
        let value = made.value(&mut choices, 0);
        let mut text = String::new();
        json(&value, style, &mut text);
        hold(&remembering, Format::Json(Schema::Any), &text.into(), parse, &made)
    });
}

#[test]
fn every_document_in_msgpack_loses_what_was_planted_and_nothing_else() {
    let remembering = RefCell::new(Scrubber::new(&RULES).unwrap());
    each(192, any::<u16>(), 300, |choices| {
        let mut made = Made::default();
        let value = made.value(&mut choices.into_iter(), 0);
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, &value).unwrap();
        hold(&remembering, Format::Msgpack(Schema::Any), &bytes.into(), msgpack, &made)
    });
}

/// Whatever the bytes are: an error, or a document that parsers of others read.
#[test]
fn any_bytes_are_refused_or_come_out_as_a_document() {
    let scrubber = RefCell::new(Scrubber::new(&RULES).unwrap());
    let schemas = [
        Schema::Any,
        Schema::DatadogTraces,
        Schema::DatadogTraceTable,
        Schema::DatadogTraceStream,
        Schema::DatadogTracePayload,
        Schema::DatadogLlmEvents,
        Schema::DatadogLlmEvaluations,
        Schema::DatadogPipelineStats,
        Schema::DatadogLogs,
        Schema::DatadogSeries,
        Schema::DatadogMetrics,
        Schema::DatadogClientStats,
        Schema::DatadogStats,
        Schema::SentryEvent,
    ];
    each(512, any::<u16>(), 200, |choices| {
        let mut made = Made::default();
        let mut source = choices.iter().copied();
        let value = made.value(&mut source, 0);
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, &value).unwrap();
        let mut text = String::new();
        json(&value, choices.len() as u16, &mut text);
        let mut text = text.into_bytes();
        // Some byte of it is another.
        let at = usize::from(source.next().unwrap_or(0));
        let byte = source.next().unwrap_or(0) as u8;
        for document in [&mut bytes, &mut text] {
            let len = document.len();
            if let Some(place) = document.get_mut(at % len.max(1)) {
                *place = byte;
            }
        }
        let schema = schemas[at % schemas.len()];
        let mut scrubber = scrubber.borrow_mut();
        if let Ok(scrubbed) = scrubber.scrub(&bytes.into(), Format::Msgpack(schema), TODAY) {
            msgpack(scrubbed.bytes()).map(drop)?;
        }
        if let Ok(scrubbed) = scrubber.scrub(&text.clone().into(), Format::Json(schema), TODAY)
            && !text.iter().all(u8::is_ascii_whitespace)
        {
            parse(scrubbed.bytes()).map(drop)?;
        }
        Ok(())
    });
}
