//! What was found once in a batch is found everywhere in it, and nowhere else.

use crate::generate::Choices;
use crate::requests::{int, logs, pair, spans, string};
use crate::{RULES, TODAY, compile, each, fail};
use bytes::Bytes;
use processors::walk::otlp::Signal;
use processors::{Engine, Format, Override, RuleStage, Scrubber, Tuning};
use proptest::prelude::*;
use std::cell::RefCell;

fn holds(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}

fn scrub(scrubber: &mut Scrubber<'_>, source: &Bytes, format: Format) -> Bytes {
    let out = scrubber.scrub(source, format, TODAY).unwrap().bytes().clone();
    let again = scrubber.scrub(&out, format, TODAY).unwrap();
    assert_eq!(again.bytes().as_ptr(), out.as_ptr(), "a second scrub changes {}", out.escape_ascii());
    out
}

/// Scrubs lines by a scrubber that knows none of them.
fn lines(text: &str) -> String {
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    String::from_utf8(scrub(&mut scrubber, &Bytes::from(text.to_owned()), Format::Lines).to_vec()).unwrap()
}

const TRACES: Format = Format::Otlp(Signal::Traces);

/// A span that says who it is about.
fn about() -> Vec<opentelemetry_proto::tonic::common::v1::KeyValue> {
    vec![pair("patient.name", string("Okonkwo, Ingrid")), pair("patient.mrn", string("70-367-332"))]
}

#[test]
fn a_name_and_a_number_go_in_every_place_of_the_batch() {
    for (key, value) in [
        ("exception.message", "KeyError: 'Okonkwo'"),
        ("app.note", "reached INGRID OKONKWO by bus"),
        ("app.note", "ingrid_okonkwo_scan_2.dcm"),
        ("url.full", "https://x.example.org/find/%4Fkonkwo?page=2"),
        ("app.payload", r#"{"state":"open","who":["okonkwo"]}"#),
        ("app.payload", r#"{"state":"\u004fkonkwo"}"#),
        ("app.note", "chart 70367332 was merged"),
        ("app.note", "chart 70 367 332 was merged"),
        ("db.query.text", "SELECT 1 FROM t WHERE x = $1 /* okonkwo */"),
    ] {
        let request = spans(vec![vec![pair(key, string(value))], about()]);
        let out = scrub(&mut Scrubber::new(&RULES).unwrap(), &request, TRACES);
        for gone in ["okonkwo", "%4Fkonkwo", "u004fkonkwo", "70367332", "70 367 332", "70-367-332", "ingrid"] {
            assert!(!holds(&out, gone), "{gone} is left of {value}: {}", out.escape_ascii());
        }
    }
}

#[test]
fn keys_become_tokens_and_numbers_go() {
    let request = spans(vec![
        vec![
            pair("lookup.okonkwo", string("hit")),
            pair("app.ref", int(70_367_332)),
            pair("app.bytes", int(70_367_333)),
        ],
        about(),
    ]);
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    for _ in 0..2 {
        let out = scrub(&mut scrubber, &request, TRACES);
        assert!(!holds(&out, "okonkwo") && !holds(&out, "app.ref"), "{}", out.escape_ascii());
        assert!(holds(&out, "lookup.redacted_name_k") && holds(&out, "app.bytes"), "{}", out.escape_ascii());
    }
}

#[test]
fn what_was_known_to_be_clean_is_looked_at_again_and_for_this_batch_only() {
    // Nothing but the batch says that these are anybody's.
    let echo = || vec![pair("app.note", string("merged 70367332")), pair("lookup.70367332", string("hit"))];
    let clean = spans(vec![echo()]);
    let with = spans(vec![echo(), about()]);
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    for _ in 0..3 {
        let scrubbed = scrubber.scrub(&clean, TRACES, TODAY).unwrap();
        assert_eq!(scrubbed.bytes().as_ptr(), clean.as_ptr(), "nothing is known of the other batch");
        let out = scrub(&mut scrubber, &with, TRACES);
        assert!(!holds(&out, "70367332"), "{}", out.escape_ascii());
        let fresh = scrub(&mut Scrubber::new(&RULES).unwrap().without_memo(), &with, TRACES);
        assert_eq!(out, fresh, "{}", out.escape_ascii());
    }
    let text = Bytes::from_static(b"merged 70367332\n");
    let with = Bytes::from_static(b"merged 70367332\nmrn=70-367-332\n");
    for _ in 0..2 {
        assert_eq!(scrubber.scrub(&text, Format::Lines, TODAY).unwrap().bytes(), &text);
        assert!(!holds(&scrub(&mut scrubber, &with, Format::Lines), "70367332"));
    }
}

#[test]
fn of_what_was_known_to_be_clean_every_spelling_and_every_place_is_looked_at() {
    let echo = || {
        vec![
            pair("lookup.70367332", string("hit")),
            pair("Lookup_70367332", string("hit")),
            pair("app.note", string("merged 70367332")),
            pair("app.memo", string("merged 70367332")),
            pair("app.ref", int(70_367_332)),
        ]
    };
    let clean = spans(vec![echo(), echo()]);
    let with = spans(vec![echo(), echo(), about(), echo()]);
    let json = |texts: &[&str]| {
        let records: Vec<String> = texts.iter().map(|text| format!("{{{text}}}")).collect();
        Bytes::from(format!("[{}]", records.join(",")))
    };
    let text = r#""message":"merged 70367332","lookup.70367332":1,"Lookup_70367332":2,"ref":70367332"#;
    let (clean_json, with_json) = (json(&[text, text]), json(&[text, text, r#""mrn":"70-367-332""#, text]));
    let logs = Format::Json(processors::Schema::DatadogLogs);
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    for _ in 0..3 {
        for (clean, with, format) in [(&clean, &with, TRACES), (&clean_json, &with_json, logs)] {
            assert_eq!(scrubber.scrub(clean, format, TODAY).unwrap().bytes(), clean);
            let out = scrub(&mut scrubber, with, format);
            assert!(!holds(&out, "70367332") && !holds(&out, "app.ref"), "{}", out.escape_ascii());
            let fresh = scrub(&mut Scrubber::new(&RULES).unwrap().without_memo(), with, format);
            assert_eq!(out, fresh, "{}", out.escape_ascii());
        }
    }
}

#[test]
fn words_are_left_where_names_are_words() {
    for (seed, text) in [
        ("patient_name=\"Grace Case\"", "in any case the grace period will end"),
        ("patient_name=\"Will May\"", "it will retry in May and may fail"),
        ("first_name=Mark", "mark the message as read"),
        ("last_name=Price", "price=12.50 total price"),
        ("patient_name=\"Jordan Jackson\"", "com.fasterxml.jackson.databind.JsonMappingException"),
        ("patient_name=\"Kim Okonkwo\"", "at com.okonkwo.Api.run(Okonkwo.java:12)"),
        ("user=admin", "admin console started, admin=true"),
        ("user=jenkins", "jenkins job done"),
        ("mrn=8080", "listening on 8080"),
        ("mrn=123456", "wrote 123456 bytes"),
        ("dob=1958-03-14", "copyright 1958, backup of 1958"),
        ("city=Springfield", "region Springfield is up"),
        ("serial_number=PX12", "model PX12 found"),
    ] {
        let out = lines(&format!("{seed}\nlevel=info {text}\n"));
        assert!(out.ends_with(&format!("level=info {text}\n")), "{seed}: {out}");
    }
}

#[test]
fn what_a_site_allows_or_only_tries_is_not_recalled() {
    let text = Bytes::from_static(b"patient_name=\"Okonkwo, Ingrid\"\nwaiting for Okonkwo\n");
    let rules = compile(Engine::default());
    let name_rules: Vec<String> =
        rules.rules().iter().map(|rule| rule.id().to_owned()).filter(|id| id.starts_with("name")).collect();
    let shadow = |rule: String| Override {
        rule,
        action: None,
        stage: Some(RuleStage::Shadow),
        disabled: false,
        only: None,
        except: None,
    };
    let tried =
        rules.tune(&Tuning { overrides: name_rules.into_iter().map(shadow).collect(), ..Tuning::default() }).unwrap();
    let out = scrub(&mut Scrubber::new(&tried).unwrap(), &text, Format::Lines);
    assert!(holds(&out, "waiting for Okonkwo"), "{}", out.escape_ascii());
    let allowed = Tuning { allowed_values: vec!["Okonkwo".into()], ..Tuning::default() };
    let allowing = compile(Engine::default()).tune(&allowed).unwrap();
    let out = scrub(&mut Scrubber::new(&allowing).unwrap(), &text, Format::Lines);
    assert!(holds(&out, "waiting for Okonkwo") && !holds(&out, "Ingrid"), "{}", out.escape_ascii());
}

#[test]
fn a_detected_text_is_recalled_in_itself() {
    let text = "patient_name=\"Okonkwo, Ingrid\" msg=\"waiting for Okonkwo\" ref=70367332 mrn=70-367-332";
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    let found = scrubber.detect_text(text, TODAY).unwrap();
    let found: Vec<&str> = found.iter().map(|it| &text[it.range.clone()]).collect();
    assert_eq!(found, ["Okonkwo, Ingrid", "Okonkwo", "70367332", "70-367-332"]);
    let told = scrubber.explain(None, text, TODAY).unwrap();
    assert!(told.candidates.iter().filter(|it| it.recalled).count() >= 1, "{told:?}");
    assert!(!told.scrubbed.contains("Okonkwo") && !told.scrubbed.contains("70367332"), "{told:?}");
}

const FIRST: [&str; 6] = ["Ingrid", "Mateo", "Yelena", "Grace", "Mark", "Will"];
const LAST: [&str; 6] = ["Okonkwo", "Tanaka", "Castellano", "Case", "Price", "O'Brien"];

/// A person's line, and a line with the same person in other letters.
fn person(choices: &mut Choices<'_>) -> [String; 2] {
    let (first, last) = (choices.pick(&FIRST), choices.pick(&LAST));
    let number = 20_000_003 + 7_919 * choices.below(9_000);
    let seed = match choices.below(3) {
        0 => format!("patient_name=\"{last}, {first}\" mrn={number}"),
        1 => format!("{{\"patient\":{{\"name\":\"{first} {last}\",\"mrn\":\"{number}\"}}}}"),
        _ => format!("<LastName>{last}</LastName><FirstName>{first}</FirstName> mrn: {number}"),
    };
    let name = match choices.below(5) {
        0 => format!("{first} {last}"),
        1 => format!("{last}, {first}"),
        2 => format!("{first} {last}").to_uppercase(),
        3 => format!("{last}_{first}"),
        _ => format!("{first}%20{last}"),
    };
    [seed, format!("level=info step {} took 3 ms, {name}, {number} done", choices.below(9))]
}

#[test]
fn batches_of_people_keep_nothing_of_them() {
    let scrubber = RefCell::new(Scrubber::new(&RULES).unwrap());
    each(96, any::<u16>(), 60, |choices| {
        let mut choices = Choices::new(&choices);
        let people: Vec<[String; 2]> = (0..1 + choices.below(6)).map(|_| person(&mut choices)).collect();
        // The memo meets the echoes before it meets the people.
        let mut scrubber = scrubber.borrow_mut();
        let echoes: String = people.iter().map(|[_, echo]| format!("{echo}\n")).collect();
        scrubber.scrub(&Bytes::from(echoes.clone()), Format::Lines, TODAY).unwrap();
        let seeds: String = people.iter().map(|[seed, _]| format!("{seed}\n")).collect();
        let source = Bytes::from(echoes + &seeds);
        let out = scrubber.scrub(&source, Format::Lines, TODAY).unwrap().bytes().clone();
        let fresh = Scrubber::new(&RULES).unwrap().without_memo().scrub(&source, Format::Lines, TODAY).unwrap();
        if fresh.bytes() != &out {
            let (out, fresh) = (out.escape_ascii(), fresh.bytes().escape_ascii());
            return Err(fail(format!("a used scrubber says {out}, a fresh one {fresh}")));
        }
        let again = scrubber.scrub(&out, Format::Lines, TODAY).unwrap();
        if again.bytes() != &out {
            return Err(fail(format!("{} became {}", out.escape_ascii(), again.bytes().escape_ascii())));
        }
        for [_, echo] in &people {
            let parts = echo.split(", ").skip(1).flat_map(|part| part.split([' ', '_', ',']));
            for part in parts.filter(|part| part.len() > 7 && *part != "done" && !part.contains('%')) {
                if holds(&out, part) {
                    return Err(fail(format!("{part} of {echo} is left in {}", out.escape_ascii())));
                }
            }
        }
        Ok(())
    });
}

#[test]
fn bodies_of_log_records_share_what_was_found() {
    let request = logs(vec![string("waiting for Castellano"), string("patient name: Maria Castellano, mrn: 70367332")]);
    let out = scrub(&mut Scrubber::new(&RULES).unwrap(), &request, Format::Otlp(Signal::Logs));
    assert!(!holds(&out, "Castellano") && holds(&out, "waiting for"), "{}", out.escape_ascii());
}
