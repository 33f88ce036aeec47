//! Rules that work in some places only: by signal, by service, by key. What one place keeps, another still loses.

use super::*;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use processors::{Override, Selector, Tuning};

const BADGES: &str = "\
rules:
  - id: badge.shape
    identifier: R
    pattern: 'BDG-\\d{6}'
    DOMAIN
    reference: https://intranet.example/badges
    matches: [ { key: ticket, text: 'badge [[BDG-482913]] seen' }, { key: ticket, text: '[[BDG-000417]]' } ]
    ignores: [ 'BDG-48291', 'XBDG-482913' ]
  - id: badge.number
    identifier: R
    keys: [ badge ]
    DOMAIN
    reference: https://intranet.example/badges
    matches: [ { key: badge, text: '[[7]]' }, { key: staff.badge, text: '[[8]]' } ]
    ignores: [ { key: badges, text: '7' }, { key: badge, text: 'none' } ]
";
const BADGE: &str = "seen BDG-482913 today";

fn rules(domain: &str, tuning: &Tuning) -> RuleSet {
    let text =
        BADGES.replacen("DOMAIN", domain, 1).replace("DOMAIN", if domain.contains("keys") { "" } else { domain });
    let pack = PackSource { file: "site.yaml", text: &text };
    let pseudonym_key = PseudonymKey::new(&[7; 32]).unwrap();
    let options = Options { engine: Engine::default(), triggers: Default::default(), pseudonym_key };
    RuleSet::compile(&[pack], &options).unwrap_or_else(|mistakes| panic!("{mistakes}")).tune(tuning).unwrap()
}

fn text(text: &str) -> Option<AnyValue> {
    Some(AnyValue { value: Some(Value::StringValue(text.into())) })
}

fn attribute(key: &str, value: Option<AnyValue>) -> KeyValue {
    KeyValue { key: key.into(), value, ..KeyValue::default() }
}

fn resource(names: &[&str]) -> Option<Resource> {
    let attributes = names.iter().map(|name| attribute("service.name", text(name))).collect();
    Some(Resource { attributes, ..Resource::default() })
}

/// Logs of a service, one for each body, all with these attributes.
fn logs(names: &[&str], bodies: &[&str], attributes: &[KeyValue]) -> ResourceLogs {
    let record = |body: &&str| LogRecord { body: text(body), attributes: attributes.to_vec(), ..LogRecord::default() };
    let scope = ScopeLogs { log_records: bodies.iter().map(record).collect(), ..ScopeLogs::default() };
    ResourceLogs { resource: resource(names), scope_logs: vec![scope], ..ResourceLogs::default() }
}

fn request(blocks: &[ResourceLogs]) -> Bytes {
    ExportLogsServiceRequest { resource_logs: blocks.to_vec() }.encode_to_vec().into()
}

fn span(name: &str) -> Bytes {
    let scope = ScopeSpans { spans: vec![Span { name: name.into(), ..Span::default() }], ..ScopeSpans::default() };
    let block = ResourceSpans { resource: resource(&["desk"]), scope_spans: vec![scope], ..ResourceSpans::default() };
    ExportTraceServiceRequest { resource_spans: vec![block] }.encode_to_vec().into()
}

/// Scrubs, and scrubs again, which must change nothing; how often the badge is left.
fn left(scrubber: &mut Scrubber<'_>, format: Format, source: &Bytes) -> usize {
    let out = scrubber.scrub(source, format, TODAY).unwrap().bytes().clone();
    let again = scrubber.scrub(&out, format, TODAY).unwrap().bytes().clone();
    assert_eq!(again, out, "a second scrub changes something");
    out.windows(10).filter(|window| window == b"BDG-482913").count()
}

const LOGS: Format = Format::Otlp(Signal::Logs);
const TRACES: Format = Format::Otlp(Signal::Traces);

#[test]
fn a_signal_is_left_out_and_no_other() {
    let body = request(&[logs(&["desk"], &[BADGE], &[])]);
    for (domain, in_logs, in_traces) in [
        ("only: { signals: [logs] }", 0, 1),
        ("only: { signals: [metrics, traces] }", 1, 0),
        ("except: { signals: [logs] }", 1, 0),
        ("", 0, 0),
    ] {
        let rules = rules(domain, &Tuning::default());
        let mut scrubber = Scrubber::new(&rules).unwrap();
        // In turns, so that what is remembered of one signal cannot serve for the other.
        for _ in 0..3 {
            assert_eq!(left(&mut scrubber, LOGS, &body), in_logs, "{domain}");
            assert_eq!(left(&mut scrubber, TRACES, &span(BADGE)), in_traces, "{domain}");
            // A text of no signal is one of any.
            assert_eq!(left(&mut scrubber, Format::Text, &BADGE.into()), 0, "{domain}");
        }
    }
}

#[test]
fn a_service_is_left_out_and_no_other() {
    for (domain, desk, labs, unknown) in [
        ("only: { services: [desk] }", 0, 2, 0),
        ("except: { services: ['de*'] }", 2, 0, 0),
        ("except: { services: [desk, labs] }", 2, 2, 0),
    ] {
        let rules = rules(domain, &Tuning::default());
        let mut scrubber = Scrubber::new(&rules).unwrap();
        let batch = |names: &[&str]| request(&[logs(names, &[BADGE, BADGE], &[])]);
        for _ in 0..3 {
            assert_eq!(left(&mut scrubber, LOGS, &batch(&["desk"])), desk, "{domain}");
            assert_eq!(left(&mut scrubber, LOGS, &batch(&["labs"])), labs, "{domain}");
            // No name, and two of them, leave nothing out.
            assert_eq!(left(&mut scrubber, LOGS, &batch(&[])), unknown, "{domain}");
            assert_eq!(left(&mut scrubber, LOGS, &batch(&["desk", "labs"])), unknown, "{domain}");
            let both = request(&[logs(&["labs"], &[BADGE, BADGE], &[]), logs(&["desk"], &[BADGE, BADGE], &[])]);
            assert_eq!(left(&mut scrubber, LOGS, &both), desk + labs, "{domain}: each block by its own");
        }
    }
}

/// A name that is redacted itself is another one to the next reader.
#[test]
fn a_service_whose_name_goes_is_judged_by_what_is_left() {
    let rules = rules("only: { services: ['x*', '*9'] }", &Tuning::default());
    let mut scrubber = Scrubber::new(&rules).unwrap();
    for name in ["x BDG-482919", "y BDG-482919", "BDG-482919"] {
        left(&mut scrubber, LOGS, &request(&[logs(&[name], &[BADGE], &[])]));
    }
}

#[test]
fn keys_and_numbers_are_left_to_the_service_that_may_keep_them() {
    let number = Some(AnyValue { value: Some(Value::IntValue(4711)) });
    let tuning = Tuning { allowed_services: vec!["load-*".into()], ..Tuning::default() };
    let rules = rules("", &tuning);
    let mut scrubber = Scrubber::new(&rules).unwrap();
    let batch = |name: &str| {
        let attributes =
            [attribute("badge", number.clone()), attribute("BDG-482913", text("x")), attribute("badge", text("KX"))];
        request(&[logs(&[name], &[BADGE], &attributes)])
    };
    for _ in 0..3 {
        let out = scrubber.scrub(&batch("load-test"), LOGS, TODAY).unwrap();
        assert_eq!(out.bytes(), &batch("load-test"), "nothing is looked for");
        let out = scrubber.scrub(&batch("desk"), LOGS, TODAY).unwrap();
        let told = ExportLogsServiceRequest::decode(&**out.bytes()).unwrap();
        let record = &told.resource_logs[0].scope_logs[0].log_records[0];
        assert!(!format!("{told:?}").contains("482913"), "{told:?}");
        assert_eq!(record.attributes.len(), 2, "the number's attribute goes: {record:?}");
        assert!(!format!("{record:?}").contains("KX"), "{record:?}");
    }
}

#[test]
fn a_key_takes_in_what_stands_below_it() {
    let json = r#"{"ticket": "BDG-482913", "other": "BDG-482913"}"#;
    for (domain, expected) in
        [("only: { keys: [ticket] }", 1), ("except: { keys: [other] }", 1), ("except: { keys: [ticket, other] }", 2)]
    {
        // Its examples stand below `ticket`; one that works nowhere there cannot prove itself.
        let rules = if domain.contains("[ticket, other]") {
            let selector = Selector { keys: vec!["ticket".into(), "other".into()], ..Selector::default() };
            let change = Override {
                rule: "badge.shape".into(),
                action: None,
                stage: None,
                only: None,
                except: Some(selector),
                disabled: false,
            };
            rules("", &Tuning { overrides: vec![change], ..Tuning::default() })
        } else {
            rules(domain, &Tuning::default())
        };
        let mut scrubber = Scrubber::new(&rules).unwrap();
        let body = request(&[logs(&[], &[json], &[])]);
        assert_eq!(left(&mut scrubber, LOGS, &body), expected, "{domain}");
        let both = [attribute("ticket", text(BADGE)), attribute("other", text(BADGE))];
        let body = request(&[logs(&[], &["x"], &both)]);
        assert_eq!(left(&mut scrubber, LOGS, &body), expected, "{domain} attributes");
    }
}

#[test]
fn fewer_places_are_weaker_and_more_are_not() {
    let all = rules("", &Tuning::default());
    let logs_only = rules("only: { signals: [logs] }", &Tuning::default());
    let fewer = rules("only: { signals: [logs], services: [desk] }", &Tuning::default());
    let told = logs_only.weaker_than(&all);
    assert_eq!(told, ["`badge.shape` works in fewer places", "`badge.number` works in fewer places"]);
    assert!(all.weaker_than(&logs_only).is_empty());
    assert_eq!(fewer.weaker_than(&logs_only).len(), 2);
    let allowing = rules("", &Tuning { allowed_services: vec!["x".into()], ..Tuning::default() });
    assert_eq!(allowing.weaker_than(&all), ["nothing is looked for in what `x` sends"]);
}

/// What is allowed is a finding as a whole: a part of a value exempts nothing of it.
#[test]
fn an_allowed_part_exempts_no_whole() {
    let tuning = Tuning { allowed_values: vec!["BDG-482913".into()], ..Tuning::default() };
    let rules = rules("", &tuning);
    let mut scrubber = Scrubber::new(&rules).unwrap();
    let out = |scrubber: &mut Scrubber<'_>, attributes: &[KeyValue], body: &str| {
        let scrubbed = scrubber.scrub(&request(&[logs(&[], &[body], attributes)]), LOGS, TODAY).unwrap();
        String::from_utf8_lossy(scrubbed.bytes()).into_owned()
    };
    // By its shape, alone and in a layer.
    for body in ["seen BDG-482913", r#"{"a": "seen BDG-482913"}"#, "q=seen%20BDG-482913", r#""{\"a\":\"BDG-482913\"}""#]
    {
        assert!(out(&mut scrubber, &[], body).contains("BDG-482913"), "{body}");
        let other = body.replace("BDG-482913", "BDG-482913 BDG-482914");
        let out = out(&mut scrubber, &[], &other);
        assert!(out.contains("BDG-482913") && !out.contains("BDG-482914"), "{out}");
    }
    // By its key the whole value is the finding.
    let value = |value: &str| [attribute("badge", text(value))];
    assert!(out(&mut scrubber, &value("BDG-482913"), "x").contains("BDG-482913"));
    for longer in ["BDG-482913 of Maria", "BDG-482913BDG-482913", " BDG-482913", "bdg-482913"] {
        let out = out(&mut scrubber, &value(longer), "x");
        assert!(!out.contains("482913") && !out.contains("Maria"), "{longer}: {out}");
    }
    assert!(!out(&mut scrubber, &[], "badge=BDG-482913-7").contains("482913-7"));
}
