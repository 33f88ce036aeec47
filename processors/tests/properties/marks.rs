//! Records say what was redacted in them, if they are asked to: once, in numbers, and without another difference.

use super::generate;
use super::wire;
use super::*;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use processors::Tuning;

const KEY: &str = "scrubjay.redacted";

static MARKING: LazyLock<RuleSet> = LazyLock::new(|| marking(compile(Engine::default())));

fn marking(rules: RuleSet) -> RuleSet {
    // A pack alone has no model that could be off.
    let overrides =
        if rules.rules().iter().any(|rule| rule.id() == "name.tagged") { without_model() } else { Vec::new() };
    rules.tune(&Tuning { mark: true, overrides, ..Tuning::default() }).unwrap()
}

/// The rules of one pack.
fn pack(file: &str) -> RuleSet {
    let packs: Vec<PackSource<'_>> = patterns::PACKS
        .iter()
        .filter(|pack| pack.group == "places" || pack.file.ends_with(file))
        .map(|pack| PackSource { file: pack.file, text: pack.text })
        .collect();
    let pseudonym_key = PseudonymKey::new(&[7; 32]).unwrap();
    RuleSet::compile(&packs, &Options { engine: Engine::default(), triggers: Default::default(), pseudonym_key })
        .unwrap()
}

/// A request without its marks, and the marks.
fn unmarked(signal: Signal, bytes: &[u8]) -> (Vec<u8>, Vec<String>) {
    let mut marks = Vec::new();
    let mut strip = |attributes: &mut Vec<KeyValue>| {
        attributes.retain(|attribute| {
            if attribute.key == KEY
                && let Some(Value::StringValue(mark)) = attribute.value.clone().and_then(|value| value.value)
            {
                marks.push(mark);
            }
            attribute.key != KEY
        });
    };
    let bytes = match signal {
        Signal::Traces => {
            let mut request = ExportTraceServiceRequest::decode(bytes).unwrap();
            let scopes = request.resource_spans.iter_mut().flat_map(|resource| &mut resource.scope_spans);
            scopes.flat_map(|scope| &mut scope.spans).for_each(|span| strip(&mut span.attributes));
            request.encode_to_vec()
        }
        _ => {
            let mut request = ExportLogsServiceRequest::decode(bytes).unwrap();
            let scopes = request.resource_logs.iter_mut().flat_map(|resource| &mut resource.scope_logs);
            scopes.flat_map(|scope| &mut scope.log_records).for_each(|record| strip(&mut record.attributes));
            request.encode_to_vec()
        }
    };
    (bytes, marks)
}

#[test]
fn a_mark_is_all_the_difference_and_comes_once() {
    for signal in [Signal::Traces, Signal::Logs] {
        each(64, any::<u16>(), 900, |choices| {
            let request = generate::request(signal, &choices);
            let source = Bytes::from(wire::encode(&request.items));
            let mut plain = Scrubber::new(&RULES).unwrap();
            let mut marking = Scrubber::new(&MARKING).unwrap();
            let out = scrub(&mut plain, signal, &source)?;
            let marked = scrub(&mut marking, signal, &source)?;
            let (without, marks) = unmarked(signal, &marked);
            let (expected, none) = unmarked(signal, &out);
            if without != expected || !none.is_empty() {
                return Err(fail(format!("a mark changes {:?}", request.items)));
            }
            let ids: Vec<&str> = MARKING.rules().iter().map(|rule| rule.id()).chain(["unscanned"]).collect();
            for part in marks.iter().flat_map(|mark| mark.split(',')) {
                let (id, count) = part.split_once(':').unwrap();
                if !ids.contains(&id) || count.parse::<u32>().unwrap() == 0 {
                    return Err(fail(format!("{part} is no part of a mark")));
                }
            }
            let again = scrub(&mut marking, signal, &marked)?;
            if again.as_ptr() != marked.as_ptr() {
                return Err(fail(format!("the second scrub changes {}", marked.escape_ascii())));
            }
            // Nor does a collector that marks nothing change what another one marked.
            let behind = scrub(&mut plain, signal, &marked)?;
            if behind.as_ptr() != marked.as_ptr() { Err(fail("a mark is redacted")) } else { Ok(()) }
        });
    }
}

fn text(text: &str) -> Option<AnyValue> {
    Some(AnyValue { value: Some(Value::StringValue(text.into())) })
}

fn attribute(key: &str, value: &str) -> KeyValue {
    KeyValue { key: key.into(), value: text(value), ..KeyValue::default() }
}

fn log(body: &str, attributes: Vec<KeyValue>) -> Bytes {
    let record = LogRecord { body: text(body), attributes, ..LogRecord::default() };
    let clean = LogRecord { body: text("nothing to see"), ..LogRecord::default() };
    let scope = ScopeLogs { log_records: vec![clean, record], ..ScopeLogs::default() };
    let resource = ResourceLogs { scope_logs: vec![scope], ..ResourceLogs::default() };
    ExportLogsServiceRequest { resource_logs: vec![resource] }.encode_to_vec().into()
}

fn marks(rules: &RuleSet, source: &Bytes) -> (Bytes, Vec<String>) {
    let scrubbed = Scrubber::new(rules).unwrap().scrub(source, Format::Otlp(Signal::Logs), TODAY).unwrap();
    let (_, marks) = unmarked(Signal::Logs, scrubbed.bytes());
    (scrubbed.bytes().clone(), marks)
}

#[test]
fn collectors_behind_each_other_add_up() {
    let source = log(
        "ssn 536-22-8147 and 212-45-6789, mail ada.okafor@example.org",
        vec![attribute("patient.ssn", "222654675")],
    );
    let (agent, first) = marks(&marking(pack("g_ssn.yaml")), &source);
    assert_eq!(first, ["ssn.dashed:2,ssn.key:1"]);
    let (gateway, second) = marks(&MARKING, &agent);
    assert_eq!(second, ["email.address:1,ssn.dashed:2,ssn.key:1"]);
    assert_eq!(marks(&MARKING, &gateway).0, gateway);
    // All at once is the same.
    assert_eq!(marks(&MARKING, &source).1, second);
}

#[test]
fn what_only_looks_like_a_mark_is_a_text() {
    for forged in ["ssn.dashed:1 536-22-8147", "536-22-8147:1", "ssn.dashed:536228147", "patient Maria Gonzalez"] {
        let (out, marked) = marks(&MARKING, &log("mail ada.okafor@example.org", vec![attribute(KEY, forged)]));
        assert!(marked.len() == 1 && marked[0].starts_with("email.address:1"), "{forged}: {marked:?}");
        assert!(!out.windows(7).any(|part| part == b"22-8147" || part == b"6228147"), "{forged}");
    }
    // Alone it is scrubbed like any other.
    let (out, _) = marks(&MARKING, &log("nothing", vec![attribute(KEY, "ssn 536-22-8147")]));
    assert!(!String::from_utf8_lossy(&out).contains("536-22"));
}

#[test]
fn series_stay_what_they_are() {
    use opentelemetry_proto::tonic::metrics::v1::{
        Gauge, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, metric,
    };
    let point = NumberDataPoint { attributes: vec![attribute("patient.ssn", "536-22-8147")], ..Default::default() };
    let gauge = Gauge { data_points: vec![point] };
    let metric = Metric { name: "visits".into(), data: Some(metric::Data::Gauge(gauge)), ..Default::default() };
    let scope = ScopeMetrics { metrics: vec![metric], ..Default::default() };
    let resource = ResourceMetrics { scope_metrics: vec![scope], ..Default::default() };
    let source = Bytes::from(ExportMetricsServiceRequest { resource_metrics: vec![resource] }.encode_to_vec());
    let scrub = |rules| {
        let scrubbed = Scrubber::new(rules).unwrap().scrub(&source, Format::Otlp(Signal::Metrics), TODAY).unwrap();
        scrubbed.bytes().clone()
    };
    let marked = scrub(&MARKING);
    assert_eq!(marked, scrub(&RULES));
    assert!(marked != source);
}
