//! The clean path allocates nothing per field: what a batch costs the allocator does not grow with the batch.
//!
//! Counted are the allocations of the thread that scrubs, in Rust code. Vectorscan allocates its scratch once, when a
//! scrubber is made.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "a test that fails says so by a panic, and all people in it are made up"
)]

use allocation_counter::measure;
use bytes::Bytes;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status, span};
use processors::walk::otlp::Signal;
use processors::{Format, Options, PackSource, PseudonymKey, RuleSet, Scrubber, Today};
use prost::Message as _;
use std::sync::LazyLock;

const TODAY: Today = Today { year: 2026, month: 11, day: 21 };

/// What a batch may allocate whatever its size: a list for the batch as a whole, and the first growth of a buffer. Two
/// when this was written.
const PER_BATCH: u64 = 8;

static RULES: LazyLock<RuleSet> = LazyLock::new(|| {
    let packs: Vec<PackSource<'_>> =
        patterns::PACKS.iter().map(|pack| PackSource { file: pack.file, text: pack.text }).collect();
    let pseudonym_key = PseudonymKey::new(&[7; 32]).unwrap();
    RuleSet::compile(&packs, &Options { engine: Default::default(), triggers: Default::default(), pseudonym_key })
        .unwrap()
});

#[test]
fn a_clean_batch_of_spans_allocates_nothing_per_field() {
    hold(Format::Otlp(Signal::Traces), traces);
}

#[test]
fn a_clean_batch_of_log_records_allocates_nothing_per_field() {
    hold(Format::Otlp(Signal::Logs), logs);
}

#[test]
fn clean_log_lines_allocate_nothing_per_line() {
    hold(Format::Lines, lines);
}

/// Scrubs batches of 10 and of 1,000 records with the memo off, with the memo on and texts it has not met, and with the
/// memo on and texts it has met: none may allocate more than a few times.
fn hold(format: Format, make: impl Fn(u64, u64) -> Bytes) {
    let mut memoless = Scrubber::new(&RULES).unwrap().without_memo();
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    // The first batches set up tables, buffers to the size of the largest, and what each rule works in: states of lazy
    // automata are made when a text first needs them.
    for seed in 20..60 {
        scrub(&mut memoless, &make(1_000, seed), format);
        scrub(&mut scrubber, &make(1_000, seed), format);
    }
    let few = [0, 1, 2, 3].map(|seed| make(10, seed));
    let many = [7, 8, 9, 10].map(|seed| make(1_000, seed));
    for (what, scrubber) in [("memo off", &mut memoless), ("new texts", &mut scrubber)] {
        same(what, least(scrubber, &few, format), least(scrubber, &many, format));
    }
    same("known texts", least(&mut scrubber, &few, format), least(&mut scrubber, &many, format));
}

/// The fewest allocations of several batches of one size: a lazy automaton may still meet a state it has not had in one
/// of them, while what is allocated for each field is allocated in all.
fn least(scrubber: &mut Scrubber<'_>, batches: &[Bytes], format: Format) -> u64 {
    batches.iter().map(|batch| scrub(scrubber, batch, format)).min().unwrap()
}

fn same(what: &str, few: u64, many: u64) {
    assert!(few <= PER_BATCH && many <= PER_BATCH, "{what}: {few} allocations for 10 records, {many} for 1,000");
}

/// Scrubs a clean batch; how often that allocated.
fn scrub(scrubber: &mut Scrubber<'_>, batch: &Bytes, format: Format) -> u64 {
    let mut scrubbed = None;
    let info = measure(|| scrubbed = Some(scrubber.scrub(batch, format, TODAY)));
    let scrubbed = scrubbed.unwrap().unwrap();
    assert_eq!(scrubbed.report().total(), 0, "the batch is clean: {:?}", scrubbed.report());
    assert_eq!(scrubbed.bytes().as_ptr(), batch.as_ptr(), "clean bytes go on uncopied");
    info.count_total
}

/// Spans of every kind of field. The texts differ from span to span and from seed to seed; the keys do not.
fn traces(count: u64, seed: u64) -> Bytes {
    let spans = (0..count).map(|number| span(seed * 1_000 + number)).collect();
    let scope_spans = vec![ScopeSpans { scope: Some(scope()), spans, ..ScopeSpans::default() }];
    let resource = Some(Resource { attributes: vec![text("service.name", "lab-orders")], ..Resource::default() });
    ExportTraceServiceRequest { resource_spans: vec![ResourceSpans { resource, scope_spans, ..Default::default() }] }
        .encode_to_vec()
        .into()
}

fn span(number: u64) -> Span {
    let word = word(number);
    Span {
        trace_id: u128::from(number + 1).to_le_bytes().to_vec(),
        span_id: (number + 1).to_le_bytes().to_vec(),
        parent_span_id: (number + 2).to_le_bytes().to_vec(),
        trace_state: format!("vendor={word}"),
        name: format!("GET /labs/{word}"),
        attributes: vec![
            text("http.request.method", "GET"),
            text("url.path", &format!("/labs/{word}/orders")),
            text("url.full", &format!("https://api.example.org/labs/{word}%2Forders?page={word}&sort=asc")),
            text("db.query.text", &format!("SELECT {word} FROM orders WHERE topic = $1")),
            text("app.note", &format!("order {word} was validated and sent on to the laboratory")),
            text("app.near", &near(&word)),
            text("app.payload", &format!(r#"{{"state":"{word}","retry":{{"left":2,"why":"busy \"{word}\""}}}}"#)),
            attribute("http.response.status_code", Value::IntValue(200)),
            attribute("app.ratio", Value::DoubleValue(0.5)),
            attribute("app.cached", Value::BoolValue(true)),
            attribute("app.blob", Value::BytesValue(word.clone().into_bytes())),
            attribute("app.tags", Value::ArrayValue(ArrayValue { values: vec![string(&word), string("blue")] })),
            attribute(
                "app.limits",
                Value::KvlistValue(KeyValueList { values: vec![text("upper", &word), text("lower", "none")] }),
            ),
        ],
        events: vec![span::Event {
            name: format!("retry {word}"),
            attributes: vec![text("exception.message", &format!("the queue {word} was full"))],
            ..span::Event::default()
        }],
        links: vec![span::Link {
            trace_id: vec![3; 16],
            span_id: vec![3; 8],
            attributes: vec![text("link.reason", &word)],
            ..span::Link::default()
        }],
        status: Some(Status { message: format!("{word} was given up"), code: 2 }),
        ..Span::default()
    }
}

fn logs(count: u64, seed: u64) -> Bytes {
    let log_records = (0..count)
        .map(|number| {
            let word = word(seed * 1_000 + number);
            LogRecord {
                severity_text: "INFO".into(),
                body: Some(string(&format!("order {word} was validated and sent on"))),
                attributes: vec![text("code.function.name", &word), text("app.near", &near(&word))],
                ..LogRecord::default()
            }
        })
        .collect();
    let scope_logs = vec![ScopeLogs { scope: Some(scope()), log_records, ..ScopeLogs::default() }];
    ExportLogsServiceRequest { resource_logs: vec![ResourceLogs { scope_logs, ..ResourceLogs::default() }] }
        .encode_to_vec()
        .into()
}

fn lines(count: u64, seed: u64) -> Bytes {
    let line = |number| {
        let word = word(seed * 1_000 + number);
        format!(
            "level=info state={word} msg=\"order {word} was validated\" path=/labs/{word}%2Forders {}\n",
            near(&word)
        )
    };
    (0..count).map(line).collect::<String>().into()
}

/// What rules look at twice and let go.
fn near(word: &str) -> String {
    let id = "6d92078a-8246-4ba4-ae5b-76104861e7dc";
    format!(
        "{word} {id} wrote 536228147 bytes, mrn=null patient_count=42, Patient Service Started, chart of 2026 v1.2.3"
    )
}

/// A word of its own for each number: letters only, so that no rule takes it for an identifier.
fn word(number: u64) -> String {
    let letters = (0..5).map(|place| char::from(b'b' + (number >> (4 * place) & 15) as u8));
    ["orb", &letters.collect::<String>()].concat()
}

fn scope() -> InstrumentationScope {
    InstrumentationScope { name: "lab.orders".into(), version: "v2".into(), ..InstrumentationScope::default() }
}

fn string(text: &str) -> AnyValue {
    AnyValue { value: Some(Value::StringValue(text.into())) }
}

fn text(key: &str, value: &str) -> KeyValue {
    attribute(key, Value::StringValue(value.into()))
}

fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.into(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}
