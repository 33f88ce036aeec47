//! What nests as deep as its length allows ends no thread, however small its stack.

use crate::{RULES, TODAY};
use bytes::Bytes;
use processors::walk::otlp::Signal;
use processors::{Format, Schema, Scrubber};

/// A quarter of a megabyte; unoptimised frames are a few times as large. The smallest that musl gives a thread is half of it.
const STACK: usize = if cfg!(debug_assertions) { 1 << 20 } else { 256 << 10 };
/// How deep.
const DEEP: usize = 100_000;

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Message in message: each a field that holds the next, as far as a length allows that grows with the depth.
fn nested(fields: &[u32], depth: usize, leaf: &[u8]) -> Vec<u8> {
    let mut inner = leaf.to_vec();
    for level in (0..depth).rev() {
        let mut outer = Vec::with_capacity(inner.len() + 12);
        varint(u64::from(fields[level % fields.len()] << 3 | 2), &mut outer);
        varint(inner.len() as u64, &mut outer);
        outer.extend_from_slice(&inner);
        inner = outer;
    }
    inner
}

fn below(fields: &[u32], inner: Vec<u8>) -> Vec<u8> {
    nested(fields, fields.len(), &inner)
}

fn repeated(open: &[u8], middle: &[u8], close: &[u8], depth: usize) -> Vec<u8> {
    [open.repeat(depth), middle.to_vec(), close.repeat(depth)].concat()
}

fn bombs() -> Vec<(&'static str, Format, Vec<u8>)> {
    let text = b"\"ssn 536-22-8147\"";
    let mut all = Vec::new();
    let schemas = [
        Schema::Any,
        Schema::DatadogTraces,
        Schema::DatadogTracePayload,
        Schema::DatadogLlmEvents,
        Schema::DatadogLlmEvaluations,
        Schema::DatadogLogs,
        Schema::DatadogSeries,
        Schema::DatadogMetrics,
        Schema::SentryEvent,
    ];
    for schema in schemas {
        all.push(("lists in JSON", Format::Json(schema), repeated(b"[", text, b"]", DEEP)));
        all.push(("maps in JSON", Format::Json(schema), repeated(b"{\"a\":", text, b"}", DEEP)));
        all.push(("open lists in JSON", Format::Json(schema), b"[".repeat(DEEP)));
        all.push(("pairs in JSON", Format::Json(schema), repeated(b"[\"k\",", text, b"]", DEEP)));
        all.push(("spans in JSON", Format::Json(schema), repeated(b"{\"name\":\"a\",\"value\":[", text, b"]}", DEEP)));
    }
    let schemas = [
        Schema::Any,
        Schema::DatadogTraces,
        Schema::DatadogTraceTable,
        Schema::DatadogTraceStream,
        Schema::DatadogTracePayload,
        Schema::DatadogClientStats,
        Schema::DatadogStats,
        Schema::DatadogPipelineStats,
    ];
    for schema in schemas {
        for depth in [900, DEEP] {
            all.push(("lists", Format::Msgpack(schema), repeated(b"\x91", b"\xA9123456789", b"", depth)));
            all.push(("maps", Format::Msgpack(schema), repeated(b"\x81\xA1a", b"\xA9123456789", b"", depth)));
        }
    }
    // A payload whose one attribute is a list in a list, or a map in a map.
    for (name, level) in [("lists in a stream", &b"\x06\x92"[..]), ("maps in a stream", b"\x07\x93\xA1a")] {
        for depth in [30, 900, DEEP] {
            let value = repeated(level, b"\x01\xAFssn 536-22-8147", b"", depth);
            let payload = [&b"\x81\x0A\x93\xA1k"[..], &value].concat();
            all.push((name, Format::Msgpack(Schema::DatadogTraceStream), payload));
        }
    }
    // A value in a list, a value in a map: as deep as messages may be, and far beyond.
    for depth in [40, 90, 2_000] {
        for fields in [&[5, 1][..], &[6, 1, 2]] {
            let value = nested(fields, depth, b"\x0A\x0Fssn 536-22-8147");
            let attribute = [below(&[1], b"k".to_vec()), below(&[2], value.clone())].concat();
            let logs = below(&[1, 2, 2], [below(&[5], value.clone()), below(&[6], attribute.clone())].concat());
            all.push(("values of logs", Format::Otlp(Signal::Logs), logs));
            all.push(("values of spans", Format::Otlp(Signal::Traces), below(&[1, 2, 2, 9], attribute.clone())));
            all.push((
                "values of metrics",
                Format::Otlp(Signal::Metrics),
                below(&[1, 2, 2, 5, 1, 7], attribute.clone()),
            ));
            all.push(("values of profiles", Format::Otlp(Signal::Profiles), below(&[1, 1, 1], attribute)));
        }
        let value = nested(&[6, 1], depth, b"\x08\x01");
        let table = [below(&[1], Vec::new()), below(&[10], below(&[2], value))].concat();
        all.push(("values of a table", Format::Protobuf(Schema::DatadogAgentTraces), below(&[6], table)));
        all.push(("series", Format::Protobuf(Schema::DatadogMetrics), nested(&[1], depth, b"a")));
        all.push(("sketches", Format::Protobuf(Schema::DatadogSketches), nested(&[1], depth, b"a")));
    }
    // Layers in a text.
    let layers: [(&[u8], &[u8]); 9] = [
        (b"[", b"]"),
        (b"{\"a\":", b"}"),
        (b"(", b")"),
        (b"<a>", b"</a>"),
        (b"%25", b""),
        (b"\\\\\"", b"\\\\\""),
        (b"SELECT (", b")"),
        (b"a=(", b")"),
        (b"&amp;", b""),
    ];
    for (open, close) in layers {
        let bomb = repeated(open, b"ssn 536-22-8147", close, DEEP);
        all.push(("layers of a text", Format::Text, bomb.clone()));
        all.push(("layers of lines", Format::Lines, bomb));
    }
    let event = repeated(b"[", text, b"]", DEEP);
    let item = format!("{{}}\n{{\"type\":\"event\",\"length\":{}}}\n", event.len()).into_bytes();
    all.push(("an envelope", Format::Envelope, [item, event].concat()));
    all.push(("the head of an envelope", Format::Envelope, repeated(b"{\"a\":", text, b"}", DEEP)));
    all
}

#[test]
fn what_nests_endlessly_needs_no_more_of_a_stack() {
    // Rules are compiled on a stack of their own.
    let rules = &*RULES;
    let bombs = bombs();
    let (kinds, formats): (std::collections::BTreeSet<_>, std::collections::HashSet<_>) =
        bombs.iter().map(|(name, format, _)| (*name, *format)).unzip();
    assert!(kinds.len() > 15 && formats.len() > 25, "{kinds:?}");
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(move || {
        let mut scrubber = Scrubber::new(rules).unwrap();
        for (name, format, bomb) in bombs {
            let Ok(scrubbed) = scrubber.scrub(&Bytes::from(bomb), format, TODAY) else { continue };
            let left = scrubbed.bytes();
            assert!(!left.windows(6).any(|window| window == b"536-22"), "{name}, {format:?}");
            let _halves = scrubbed.halve();
        }
    });
    thread.unwrap().join().unwrap();
}
