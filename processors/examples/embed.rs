//! The engine in a program of one's own: `cargo run -p processors --example embed`.
//!
//! Compiles a pack, scrubs a line of text and an OTLP request, and prints what is left of them and the report. All people
//! in it are made up.

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use processors::walk::otlp::Signal;
use processors::{Engine, Format, Options, PackSource, PseudonymKey, Report, RuleSet, Scrubber, Today, Triggers};
use prost::Message as _;
use std::error::Error;

/// A rule that finds by shape and one that finds by key. A rule whose own examples fail is refused.
const PACK: &str = r"
rules:
  - id: ssn.dashed
    identifier: G
    pattern: '\d{3}-\d{2}-\d{4}'
    edge: digit
    validate: ssn
    reference: https://www.ssa.gov/employer/randomization.html
    matches: [ 'member ssn [[123-45-6789]] verified', '[[536-22-8147]]' ]
    ignores: [ 'build 123-45-67890', 'sku 000-12-3456' ]
  - id: badge.key
    identifier: R
    keys: [ 'badge', 'badge (number|no)' ]
    action: token
    reference: the site's own numbering
    matches: [ { key: badge, text: '[[KX-4471]]' }, { key: badge.number, text: '[[90017]]' } ]
    ignores: [ 'badges', 'colour of the badge' ]
";

fn main() -> Result<(), Box<dyn Error>> {
    // The same key makes the same tokens: who keeps it can join what belongs together, nobody else can.
    let pseudonym_key = PseudonymKey::new(b"thirty-two bytes of real randomness").ok_or("the key is too short")?;
    let options = Options { engine: Engine::default(), triggers: Triggers::default(), pseudonym_key };
    let rules = RuleSet::compile(&[PackSource { file: "embed.yaml", text: PACK }], &options)?;

    // One for each thread; it keeps its memory from batch to batch. The day is an argument: the engine has no clock.
    let mut scrubber = Scrubber::new(&rules)?;
    let today = Today { year: 2026, month: 11, day: 21 };

    let line = Bytes::from_static(b"lookup of 536-22-8147 failed after 30 ms");
    let scrubbed = scrubber.scrub(&line, Format::Text, today)?;
    println!("text:   {}", String::from_utf8_lossy(scrubbed.bytes()));
    print(scrubbed.report());

    let request = Bytes::from(request().encode_to_vec());
    let scrubbed = scrubber.scrub(&request, Format::Otlp(Signal::Traces), today)?;
    // What comes out is the same message in the same encoding, and goes on as it is.
    let decoded = ExportTraceServiceRequest::decode(scrubbed.bytes().clone())?;
    for span in decoded.resource_spans.iter().flat_map(|spans| &spans.scope_spans).flat_map(|spans| &spans.spans) {
        println!("span:   {} {:?}", span.name, span.attributes.iter().map(text).collect::<Vec<_>>());
    }
    print(scrubbed.report());
    Ok(())
}

fn request() -> ExportTraceServiceRequest {
    let attribute = |key: &str, value: &str| KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(Value::StringValue(value.to_owned())) }),
        ..KeyValue::default()
    };
    let span = Span {
        name: "GET /members/536-22-8147".to_owned(),
        attributes: vec![attribute("badge", "KX-4471"), attribute("http.request.method", "GET")],
        ..Span::default()
    };
    let scope_spans = vec![ScopeSpans { spans: vec![span], ..ScopeSpans::default() }];
    ExportTraceServiceRequest { resource_spans: vec![ResourceSpans { scope_spans, ..ResourceSpans::default() }] }
}

fn text(attribute: &KeyValue) -> String {
    match attribute.value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => format!("{}={text}", attribute.key),
        _ => attribute.key.clone(),
    }
}

/// A report holds numbers only, so it may be shown to anyone.
fn print(report: &Report) {
    println!("report: {} record(s), {} text(s), {} unscanned", report.records, report.texts, report.unscanned);
    for ((identifier, place, action), count) in &report.findings {
        println!("        {count} x {} in {}: {}", identifier.label(), place.label(), action.label());
    }
}
