//! What a site may change about the packs, what it needs for that, and what it hears when it is wrong.

use crate::support::collector::{Collector, FEW_RULES, Setup, check, command, feed};
use crate::support::sample::log;
use prost::Message as _;

/// A configuration with this `scrub` section.
fn config(scrub: &str) -> String {
    format!(
        "receivers: {{ otlp: {{ protocols: {{ http: {{ endpoint: '127.0.0.1:0' }} }} }} }}\nprocessors:\n  scrub:\n{scrub}\n\
         exporters: {{ debug: {{}} }}\nservice: {{ pipelines: {{ logs: {{ receivers: [otlp], processors: [scrub], exporters: [debug] }} }} }}\n"
    )
}

/// What `scrub` makes of a text below this section, weakening allowed.
fn scrubbed(section: &str, text: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.yaml");
    std::fs::write(&path, config(section)).unwrap();
    let args = ["scrub", "--format", "text", "--allow-weakening", "--config", path.to_str().unwrap()];
    let output = feed(&mut command(&args), text.as_bytes());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

const TEXT: &str =
    "ssn 536-22-8147 mail ada.okafor@example.org {\"ticket\": \"ssn 212-45-6789\", \"note\": \"ssn 212-45-6780\"}";

#[test]
fn rules_change_what_they_do_or_do_nothing() {
    let section = "    packs: [hipaa]\n    overrides:\n      email.address: { disabled: 'support reads them' }\n      ssn.dashed: { action: mask, keep: 0 }\n";
    let out = scrubbed(section, "ssn 536-22-8147 mail ada.okafor@example.org");
    assert!(out.contains("ada.okafor@example.org") && !out.contains("536") && out.contains("***"), "{out}");
}

#[test]
fn values_and_keys_are_allowed_and_nothing_else() {
    let section = "    packs: [hipaa]\n    allow: { values: ['536-22-8147'], keys: [ticket] }\n";
    let out = scrubbed(section, TEXT);
    assert!(out.starts_with("ssn 536-22-8147 "), "{out}");
    assert!(out.contains("\"ticket\": \"ssn 212-45-6789\""), "{out}");
    assert!(!out.contains("212-45-6780") && !out.contains("ada.okafor"), "{out}");
    let out = scrubbed("    packs: [hipaa]\n    allow: { values: ['536-22-814'] }\n", TEXT);
    assert!(!out.contains("536-22-8147"), "a part of a finding is not allowed by it: {out}");
}

#[test]
fn numbers_below_allowed_keys_stay_too() {
    let section = "    packs: [hipaa]\n    allow: { keys: ['patient id'] }\n";
    let out = scrubbed(section, "{\"patient_id\": 4410233, \"mrn\": 4410234, \"patient\": {\"id\": \"4410235\"}}");
    assert!(out.contains("4410233") && out.contains("4410235") && !out.contains("4410234"), "{out}");
}

#[test]
fn a_site_knows_its_names() {
    let dir = tempfile::tempdir().unwrap();
    let roster = dir.path().join("staff.txt");
    std::fs::write(&roster, "# the ward\nZzyx Qwertzu\n").unwrap();
    let text = "please tell Ngozi that PROJECT bluebird is ready; task qwertzu_zzyx queued";
    assert_eq!(
        scrubbed("    packs: [hipaa]\n", text),
        "please tell [REDACTED:name] that PROJECT bluebird is ready; task qwertzu_zzyx queued"
    );
    let section = format!(
        "    packs: [hipaa]\n    names: {{ allow: [ngozi], deny: [Project Bluebird], rosters: ['{}'] }}\n",
        roster.display()
    );
    assert_eq!(
        scrubbed(&section, text),
        "please tell Ngozi that [REDACTED:name] is ready; task [REDACTED:name] queued"
    );
}

#[test]
fn names_are_allowed_aloud_and_mistakes_have_their_place() {
    let section = "    packs: [hipaa]\n    names:\n      bias: -2\n      allow: [Bluebird]\n      rosters: [/nowhere/staff.txt]\n      colour: red\n";
    let (code, _, said) = check(&config(section), &[], &[]);
    assert_eq!(code, 1, "{said}");
    for (line, what) in [
        (6, "2 step(s) less readily"),
        (7, "1 word(s) are no names"),
        (8, "`/nowhere/staff.txt` cannot be read"),
        (9, "colour"),
    ] {
        let place = format!("config.yaml:{line}:");
        assert!(said.lines().any(|said| said.contains(&place) && said.contains(what)), "{line} {what}: {said}");
    }
    let (code, _, said) = check(&config("    packs: [hipaa]\n    names: { bias: 11 }\n"), &[], &[]);
    assert!(code == 1 && said.contains("from -10 to 10"), "{said}");
    let (code, _, said) = check(&config("    packs: [hipaa]\n    names: { bias: 3, deny: [Bluebird] }\n"), &[], &[]);
    assert_eq!(code, 0, "more is no weaker: {said}");
}

#[test]
fn who_weakens_the_packs_has_to_say_so() {
    let section = "    packs: [hipaa]\n    overrides:\n      ssn.dashed: { action: generalize }\n      email.address: { disabled: 'no mail here' }\n    allow:\n      values: ['x']\n      keys: [ticket]\n";
    let (code, _, said) = check(&config(section), &[], &[]);
    assert_eq!(code, 1, "{said}");
    for (line, what) in [
        (6, "`ssn.dashed` replaces by `generalize` what its pack has `redact` for"),
        (7, "`email.address` is disabled"),
        (9, "1 text(s) are allowed"),
        (10, "nothing is looked for below `ticket`"),
    ] {
        let found = said.lines().find(|said| said.contains(what)).unwrap_or_else(|| panic!("{what}: {said}"));
        assert!(found.contains(&format!("config.yaml:{line}:")) && found.contains("--allow-weakening"), "{found}");
    }
    let (code, _, said) = check(&config(section), &["--allow-weakening"], &[]);
    assert_eq!(code, 0, "{said}");
    // Stricter is no weaker.
    let strict = "    packs: [hipaa]\n    overrides: { ssn.dashed: { action: drop } }\n";
    let (code, _, said) = check(&config(strict), &[], &[]);
    assert_eq!(code, 0, "{said}");
}

#[test]
fn every_mistake_is_told_at_once_with_its_place() {
    let section = "    packs: [hipaa]\n    overrides:\n      ssn.dashd: { action: drop }\n      ssn.dashed: { action: remove }\n      email.address: { disabled: '' }\n      mrn.key: { disabled: true }\n      fax.key: { colour: red }\n    allow: { keys: ['(a'], words: [x] }\n";
    let (code, _, said) = check(&config(section), &[], &[]);
    assert_eq!(code, 1);
    for (line, what) in [
        (6, "no rule is called `ssn.dashd`: did you mean `ssn.dashed`?"),
        (7, "`action` is redact, mask, token, generalize or drop"),
        (8, "`disabled` takes the reason"),
        (9, "`disabled` takes the reason"),
        (10, "colour"),
        (11, "words"),
    ] {
        let place = format!("config.yaml:{line}:");
        assert!(said.lines().any(|said| said.contains(&place) && said.contains(what)), "{line} {what}: {said}");
    }
}

/// Logs of a service.
fn sent_by(service: &str, text: &str) -> Vec<u8> {
    use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
    use opentelemetry_proto::tonic::resource::v1::Resource;
    let mut request = log(text);
    let value = Some(AnyValue { value: Some(Value::StringValue(service.into())) });
    let name = KeyValue { key: "service.name".into(), value, ..KeyValue::default() };
    request.resource_logs[0].resource = Some(Resource { attributes: vec![name], ..Resource::default() });
    request.encode_to_vec()
}

/// The collector with this in its scrub section, fed with two services and asked what it let through.
fn through(section: &str) -> String {
    let mut setup = Setup::new("debug", "");
    setup.scrub.push_str(section);
    setup.env.push(("SCRUBJAY_ALLOW_WEAKENING", "true".into()));
    let collector = setup.start();
    // In turns: what is known of one service must not serve for the other.
    for _ in 0..2 {
        for service in ["load-test", "desk"] {
            let body = sent_by(service, &format!("{service} ssn 536-22-8147 end"));
            assert_eq!(collector.post("/v1/logs", &body).status, 200);
        }
    }
    crate::support::eventually("all of it", || Some(collector.out()).filter(|out| out.matches(" end\"").count() == 4))
}

#[test]
fn services_are_allowed_and_rules_work_where_they_are_told_to() {
    for section in [
        ", allow: { services: ['load-*'] }",
        ", overrides: { ssn.dashed: { only: { services: [desk] } } }",
        ", overrides: { ssn.dashed: { except: { services: [load-test] } } }",
    ] {
        let out = through(section);
        assert_eq!(out.matches("load-test ssn 536-22-8147 end").count(), 2, "{section}: {out}");
        assert_eq!(out.matches("desk ssn [REDACTED:ssn] end").count(), 2, "{section}: {out}");
    }
    let out = through(", overrides: { ssn.dashed: { only: { signals: [traces] } } }");
    assert_eq!(out.matches("536-22-8147").count(), 4, "{out}");
}

#[test]
fn fewer_places_weaken_and_mistakes_in_them_are_told() {
    let section = "    packs: [hipaa]\n    overrides:\n      ssn.dashed: { except: { signals: [metrics] } }\n      \
                   email.address: { only: { services: [desk] } }\n    allow:\n      services: [load-test]\n";
    let (code, _, said) = check(&config(section), &[], &[]);
    assert_eq!(code, 1);
    for (line, what) in [
        (6, "`ssn.dashed` works in fewer places than its pack says"),
        (7, "`email.address` works in fewer places than its pack says"),
        (9, "nothing is looked for in what `load-test` sends"),
    ] {
        let place = format!("config.yaml:{line}:");
        assert!(said.lines().any(|said| said.contains(&place) && said.contains(what)), "{line} {what}: {said}");
    }
    assert_eq!(check(&config(section), &["--allow-weakening"], &[]).0, 0);
    let wrong = "    packs: [hipaa]\n    mark: perhaps\n    overrides:\n      ssn.dashed: { only: { signals: [log], service: [x] } }\n      \
                 email.address: { except: { keys: ['(a'], services: ['*'] } }\n      mrn.key: { only: {} }\n";
    let (_, _, said) = check(&config(wrong), &["--allow-weakening"], &[]);
    for (line, what) in [
        (5, "`mark` takes true or false"),
        (7, "no signal is called `log`: did you mean `logs`?"),
        (7, "unknown key `service`: did you mean `services`?"),
        (8, "a bracket opens that is not closed"),
        (8, "a service is a name like `billing`"),
        (9, "names no place"),
    ] {
        let place = format!("config.yaml:{line}:");
        assert!(said.lines().any(|said| said.contains(&place) && said.contains(what)), "{line} {what}: {said}");
    }
}

#[test]
fn records_are_marked_with_rules_and_numbers() {
    let mut setup = Setup::new("debug", "");
    setup.scrub.push_str(", mark: true");
    let collector = setup.start();
    for text in ["ssn 536-22-8147 and 212-45-6789", "a clean record"] {
        assert_eq!(collector.post("/v1/logs", &log(text).encode_to_vec()).status, 200);
    }
    let out = crate::support::eventually("both", || Some(collector.out()).filter(|out| out.contains("a clean record")));
    let mark = r#"{"key":"scrubjay.redacted","value":{"stringValue":"ssn.dashed:2"}}"#;
    assert_eq!((out.matches(mark).count(), out.matches("scrubjay.redacted").count()), (1, 1), "{out}");
}

#[test]
fn a_collector_that_finds_less_says_so_when_it_starts() {
    let mut setup = Setup::new("debug", "");
    setup.scrub.push_str(", allow: { values: ['536-22-8147'] }");
    setup.env.push(("SCRUBJAY_ALLOW_WEAKENING", "true".into()));
    let collector = setup.start();
    assert!(collector.event("weakened")["what"].as_str().unwrap().contains("1 text(s)"));
    assert_eq!(collector.metric("scrubjay_weakenings", &[]), 1.0);
    assert_eq!(collector.post("/v1/logs", &log("ssn 536-22-8147 and 212-45-6789").encode_to_vec()).status, 200);
    let out = crate::support::eventually("it is written", || Some(collector.out()).filter(|out| !out.is_empty()));
    assert!(out.contains("536-22-8147") && !out.contains("212-45-6789"), "{out}");
}

const SHADOW: &str = "rules:\n  - id: badge.labelled\n    identifier: R\n    stage: shadow\n    pattern: '(?i:badge)[ :#=]{1,3}(?<value>[A-Z]{2}-\\d{4,6})'\n    \
    edge: alnum\n    reference: https://example.com/badges\n    matches: [ 'door badge [[KX-4471]] opened', 'Badge: [[QZ-90017]]' ]\n    \
    ignores: [ 'badge count 12', 'badges: AB-1' ]\n";

#[test]
fn a_rule_in_the_shadow_counts_and_leaves() {
    let dir = tempfile::tempdir().unwrap();
    let pack = dir.path().join("site.yaml");
    std::fs::write(&pack, SHADOW).unwrap();
    let section = format!("    packs: [hipaa, '{}']\n", pack.display());
    let text = "badge KX-4471 of ssn 536-22-8147";
    let kept = "badge KX-4471 of ssn [REDACTED:ssn]";
    assert_eq!(scrubbed(&section, text), kept);
    let active = format!("{section}    overrides: {{ badge.labelled: {{ stage: active }} }}\n");
    assert_eq!(scrubbed(&active, text), "badge [REDACTED:badge] of ssn [REDACTED:ssn]");

    // Counted by rule, each time: a text that only a shadow found something in is not remembered as clean.
    let mut setup = Setup::new("debug", "");
    setup.scrub.push_str(&format!(", packs: [hipaa, '{}']", pack.display()));
    let collector = Collector::start(&setup.config().replace(FEW_RULES, ""), &[]);
    for _ in 0..3 {
        assert_eq!(collector.post("/v1/logs", &log("badge KX-4471 read").encode_to_vec()).status, 200);
    }
    crate::support::eventually("three findings", || {
        (collector.metric("phi_shadow_findings_total", &["rule=\"badge.labelled\""]) >= 3.0).then_some(())
    });
    assert!(!collector.out().contains("REDACTED:badge"));
}

#[test]
fn a_shipped_rule_goes_into_the_shadow_only_by_decision() {
    let section = "    packs: [hipaa]\n    overrides: { ssn.dashed: { stage: shadow } }\n";
    let (code, _, said) = check(&config(section), &[], &[]);
    assert!(code == 1 && said.contains("`ssn.dashed` counts what it finds and leaves it"), "{said}");
    assert_eq!(check(&config(section), &["--allow-weakening"], &[]).0, 0);
    let wrong = section.replace("shadow", "dark");
    assert!(check(&config(&wrong), &["--allow-weakening"], &[]).2.contains("`stage` is active or shadow"));
}
