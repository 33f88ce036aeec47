//! Commands that need no collector: what they print, and by which rules.

use crate::support::collector::{FEW, command, feed};
use crate::support::sample::SSN;
use std::io::Read as _;
use std::process::Stdio;

fn run(args: &[&str], input: &str) -> (i32, String, String) {
    let output = feed(&mut command(args), input.as_bytes());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn all_engines_scrub_alike_by_the_configured_rules() {
    let input = format!("patient Maria Gonzalez, ssn {SSN}");
    for engine in ["vectorscan", "lazy-dfa", "regex"] {
        let (code, out, err) = run(&["scrub", "--engine", engine, "--set", FEW], &input);
        assert_eq!(
            (code, out.as_str(), err.as_str()),
            (0, "patient Maria Gonzalez, ssn [REDACTED:ssn]", ""),
            "{engine}"
        );
    }
    let (_, out, _) = run(&["scrub"], &input);
    assert_eq!(out, "patient [REDACTED:name], ssn [REDACTED:ssn]", "by default all packs apply");
}

#[test]
fn the_rules_come_from_the_processor_that_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("two.yaml");
    let config = "receivers: { otlp: { protocols: { http: } } }\nexporters: { debug: }\nprocessors:\n  \
                  scrub/a: { packs: [secrets] }\n  scrub/b: { packs: [hipaa] }\nservice:\n  pipelines:\n    \
                  logs: { receivers: [otlp], processors: [scrub/a], exporters: [debug] }\n    \
                  traces: { receivers: [otlp], processors: [scrub/b], exporters: [debug] }\n";
    std::fs::write(&path, config).unwrap();
    let path = path.to_str().unwrap();
    for (id, expected) in [("scrub/a", SSN), ("scrub/b", "[REDACTED:ssn]")] {
        let (code, out, _) = run(&["scrub", "--config", path, "--processor", id], SSN);
        assert_eq!((code, out.as_str()), (0, expected));
    }
    let (code, out, err) = run(&["scrub", "--config", path], SSN);
    assert_eq!((code, out.as_str()), (2, ""));
    let told = "error: the configuration has several scrub processors: choose one with --processor: scrub/a, scrub/b\n";
    assert_eq!(err, told);
}

#[test]
fn dates_and_ages_are_read_by_the_day_that_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let pack = dir.path().join("site.yaml");
    let text = "rules:\n  - id: site.seen\n    identifier: C\n    pattern: '\\d{4}-\\d{2}-\\d{2}'\n    validate: date\n    \
                action: generalize\n    reference: https://intranet.example\n    \
                matches: [ '[[2019-03-14]]', 'on [[2020-02-29]]' ]\n    ignores: [ '2019-13-14', '12019-03-14' ]\n";
    std::fs::write(&pack, text).unwrap();
    let set = format!("processors::scrub::packs=['{}']", pack.display());
    let on = |day: &str| run(&["scrub", "--set", &set, "--today", day], "born 1933-05-05").1;
    assert_eq!((on("2020-01-01").as_str(), on("2026-01-01").as_str()), ("born 1933", "born [REDACTED:site]"));
}

#[test]
fn tokens_last_with_a_key_and_are_warned_about_without() {
    let dir = tempfile::tempdir().unwrap();
    let pack = dir.path().join("site.yaml");
    let text = "rules:\n  - id: badge\n    identifier: R\n    pattern: 'BDG-\\d{6}'\n    action: token\n    \
                reference: https://intranet.example\n    matches: [ '[[BDG-482913]]', 'a [[BDG-000417]]' ]\n    \
                ignores: [ 'BDG-48291', 'XBDG-482913' ]\n";
    std::fs::write(&pack, text).unwrap();
    let packs = format!("processors::scrub::packs=['{}']", pack.display());
    let key = "processors::scrub::pseudonym_key=0123456789abcdef0123456789abcdef";
    let keyed = || run(&["scrub", "--set", &packs, "--set", key], "badge BDG-482913");
    let unkeyed = || run(&["scrub", "--set", &packs], "badge BDG-482913");
    assert_eq!(keyed(), keyed());
    assert_eq!((keyed().0, keyed().2.as_str()), (0, ""));
    let warning = "warning: no pseudonym_key: tokens change with every start\n";
    let (first, second) = (unkeyed(), unkeyed());
    assert_eq!((first.2.as_str(), second.2.as_str()), (warning, warning));
    assert!(first.1 != second.1 && !first.1.contains("482913"), "{} {}", first.1, second.1);
    assert_eq!(run(&["scrub", "--set", &packs], "no badge").2, "", "no token, no warning");
}

#[test]
fn who_stops_reading_ends_the_command_without_a_word() {
    for args in [&["explain"][..], &["explain", "--json"], &["scrub", "--jsonl", "--set", FEW]] {
        let mut child =
            command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut stdin = child.stdin.take().unwrap();
        let line = b"{\"id\":1,\"signal\":\"log-line\",\"input\":\"x\"}\n".repeat(10_000);
        let _unread = std::io::Write::write_all(&mut stdin, &line);
        drop(stdin);
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn a_rule_and_all_rules_are_explained() {
    let (code, out, err) = run(&["explain", "ssn.spaced"], "");
    assert_eq!((code, err.as_str()), (0, ""));
    for part in [
        "identifier  G, social security numbers",
        "reference   https://www.ssa.gov/",
        "validator   ssn: nine digits",
        "context     ssn, ssns, social",
        "action      redact",
        "matches     ssn is [[536 22 8147]] ok",
        "source      patterns/hipaa/g_ssn.yaml:",
    ] {
        assert!(out.contains(part), "{part}\n{out}");
    }
    assert!(!out.contains('\x1b'), "no colours where no terminal is");
    let (_, table, _) = run(&["explain"], "");
    let (_, json, _) = run(&["explain", "--json"], "");
    let rules: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    assert!(
        rules.len() >= 60
            && table.ends_with(&format!("{} rules; `scrubjay explain RULE` tells more of one\n", rules.len()))
    );
    for rule in &rules {
        assert!(table.contains(&format!("   {} ", rule["id"].as_str().unwrap())), "{rule}");
        assert!(rule["reference"].as_str().unwrap().starts_with("http"), "{rule}");
    }
    for letter in ('A'..='R').map(String::from).chain(["secret".to_owned()]) {
        assert!(table.lines().any(|line| line.starts_with(&format!("{letter}  "))), "{letter}");
    }
    assert_eq!(run(&["explain", "--set", FEW], "").1.lines().filter(|line| line.starts_with("   ")).count(), 11);
}

#[test]
fn a_text_is_explained_finding_by_finding() {
    let text = "mrn 00482913 ssn 000-12-3456 or 536-22-8147, 441 52 9903";
    let (code, out, err) = run(&["explain", "--text", text], "");
    assert_eq!((code, err.as_str()), (0, ""));
    for part in [
        "in   mrn 00482913 ssn 000-12-3456",
        "out  mrn [REDACTED:mrn] ssn 000-12-3456 or [REDACTED:ssn], [REDACTED:ssn]",
        "    4..12  00482913 -> [REDACTED:mrn]",
        "found ssn.dashed G, by its shape, validator ssn passes",
        "   17..28  000-12-3456  ssn.dashed G, by its shape: validator ssn says no",
    ] {
        assert!(out.contains(part), "{part}\n{out}");
    }
    let (_, json, _) = run(&["explain", "--text", "-", "--json"], &format!("{text}\n"));
    let told: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(told["input"], text);
    let of = |rule: &str| told["candidates"].as_array().unwrap().iter().find(|it| it["rule"] == rule).cloned().unwrap();
    let spaced = of("ssn.spaced");
    assert_eq!((&spaced["context"]["word"], &spaced["context"]["in_key"]), (&"ssn".into(), &false.into()), "{json}");
    assert_eq!((&spaced["validator"], &spaced["passed_over"]), (&"ssn".into(), &serde_json::Value::Null));
    assert_eq!(of("ssn.dashed")["passed_over"], "validator");
    let (_, alone, _) = run(&["explain", "ssn.spaced", "--text", "536 22 8147"], "");
    assert!(alone.contains("Nothing is replaced.") && alone.contains("none of its words near (ssn, "), "{alone}");
    let (_, keyed, _) = run(&["explain", "--key", "patient.ssn", "--text", "222654675"], "");
    assert!(keyed.contains("found ssn.key G, by the key `patient ssn`"), "{keyed}");
}

#[test]
fn colours_are_for_terminals_and_for_who_asks() {
    let args = ["explain", "--text", "mrn 00482913 ssn 000-12-3456 or 441 52 9903"];
    let forced = command(&args).env("CLICOLOR_FORCE", "1").output().unwrap();
    let told = String::from_utf8(forced.stdout).unwrap();
    for part in [
        "mrn \x1b[31m00482913\x1b[0m ssn 000-12-3456",
        "mrn \x1b[32m[REDACTED:mrn]\x1b[0m",
        "\x1b[1mssn.spaced\x1b[0m G, by its shape, `ssn` near it, validator ssn passes",
        "\x1b[1mssn.dashed\x1b[0m G, by its shape: validator ssn says no",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    let refused = command(&args).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").output().unwrap();
    let piped = command(&args).output().unwrap();
    assert!(!piped.stdout.contains(&0x1b));
    assert!(!refused.stdout.contains(&0x1b), "{}", String::from_utf8_lossy(&refused.stdout));
}

#[test]
fn what_the_configuration_takes_out_is_explained_too() {
    let explain = |set: &str, key: &str| {
        let set = format!("processors::scrub::{set}");
        let args =
            ["explain", "--allow-weakening", "--set", FEW, "--set", &set, "--key", key, "--text", "ssn 536-22-8147"];
        run(&args, "").1
    };
    let except = "overrides={ ssn.dashed: { except: { keys: [ticket] } } }";
    let told = explain(except, "ticket");
    assert!(
        told.contains("Nothing is replaced.")
            && told.contains("ssn.dashed G, by its shape: the rule does not work here")
    );
    assert!(explain(except, "note").contains("out  ssn [REDACTED:ssn]"));
    let told = explain("allow={ values: ['536-22-8147'] }", "note");
    assert!(told.contains("Nothing is replaced.") && told.contains("the configuration allows it"), "{told}");
    let told = explain("overrides={ ssn.dashed: { disabled: 'none here' } }", "note");
    assert!(told.contains("Nothing is replaced.") && told.contains("or has the rule switched off"), "{told}");
}

/// Through both commands as people run them: what lies between the spans of `detect` is what `scrub` leaves, in order.
#[test]
fn what_is_detected_is_what_is_replaced() {
    let texts = [
        "patient Maria Gonzalez, ssn 536-22-8147, dob 1958-03-14",
        "\u{442}\u{435}\u{43b}. (512) 555-0142, \u{fc}ber ada.okafor@example.org",
        "GET /patients/536-22-8147?name=Maria%20Gonzalez&next=/a%2Fb",
        r#"{"ssn": "536228147", "note": "{\"mrn\": \"00482913\"}", "pod": "labs-7f9c"}"#,
        "SELECT * FROM p WHERE ssn = '536-22-8147' AND mrn IN (4410233, 4410234)",
        "PID|1||4410233^^^HOSP^MR||GONZALEZ^MARIA||19580314|F|||1 Main St^^Austin^TX^78758",
        "mrn 00482913 mrn 00482914, 212-45-6789/212-45-6780",
        "nothing at all 10.2.3.4 v1.2.3 build 20250131",
        "",
    ];
    let lines: Vec<String> =
        texts.iter().enumerate().map(|(id, text)| serde_json::json!({ "id": id, "text": text }).to_string()).collect();
    let key = "processors::scrub::pseudonym_key=0123456789abcdef0123456789abcdef";
    let day = ["--today", "2026-11-21", "--set", key];
    let (code, out, err) = run(&[&["detect"][..], &day].concat(), &lines.join("\n"));
    assert_eq!((code, err.as_str()), (0, ""));
    let (mut spans_in_all, mut answers) = (0, out.lines());
    for text in texts {
        let answer: serde_json::Value = serde_json::from_str(answers.next().unwrap()).unwrap();
        let (code, scrubbed, err) = run(&[&["scrub", "--format", "text"][..], &day].concat(), text);
        assert_eq!((code, err.as_str()), (0, ""));
        let chars: Vec<char> = text.chars().collect();
        let (mut rest, mut from) = (scrubbed.as_str(), 0);
        let spans = answer["spans"].as_array().unwrap();
        spans_in_all += spans.len();
        for (number, span) in spans.iter().enumerate() {
            let at = |key: &str| usize::try_from(span[key].as_u64().unwrap()).unwrap();
            let kept: String = chars[from..at("start")].iter().collect();
            rest = rest.strip_prefix(kept.as_str()).unwrap_or_else(|| panic!("{kept} stays: {scrubbed}"));
            from = at("end");
            // The replacement reaches to where what is kept next begins.
            let next = spans
                .get(number + 1)
                .map_or(chars.len(), |span| usize::try_from(span["start"].as_u64().unwrap()).unwrap());
            let kept: String = chars[from..next].iter().collect();
            let gone: String = chars[at("start")..from].iter().collect();
            let end = if number + 1 == spans.len() { rest.len() - kept.len() } else { rest.find(&kept).unwrap() };
            assert!(rest[..end] != gone && (end > 0 || kept.is_empty()), "{gone} is replaced: {scrubbed}");
            rest = &rest[end..];
        }
        let kept: String = chars[from..].iter().collect();
        assert_eq!(rest, kept, "{scrubbed}");
        assert_eq!(spans.is_empty(), scrubbed == text, "{scrubbed}");
    }
    assert!(spans_in_all >= 15, "{out}");
}

#[test]
fn a_bench_measures_the_pack_it_is_given() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("app.log");
    std::fs::write(&file, format!("patient not found: ssn {SSN}\n").repeat(1000)).unwrap();
    let pack = concat!(env!("CARGO_MANIFEST_DIR"), "/patterns/hipaa/g_ssn.yaml");
    let args = ["bench", "--seconds", "1", "--json", "--pack", pack, file.to_str().unwrap()];
    let (code, out, err) = run(&args, "");
    assert_eq!((code, err.as_str()), (0, ""));
    let figures: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&figures["rules"], &figures["findings"]), (&11.into(), &1000.into()), "{out}");
    for rate in ["walk_mb_s", "scan_mb_s", "scrub_mb_s", "scrub_memo_mb_s"] {
        assert!(figures[rate].as_f64().unwrap() > 0.0, "{out}");
    }
    assert!(figures["prost_mb_s"].is_null() && !out.contains("536"));
}

#[test]
fn a_bench_measures_what_other_senders_send() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("traces.bin");
    let request = b"\x91\x91\x82\xa4name\xa3web\xa4meta\x81\xa4note\xafssn 536-22-8147";
    let framed = [&[u8::try_from(request.len()).unwrap()][..], request].concat();
    std::fs::write(&file, framed.repeat(100)).unwrap();
    let pack = concat!(env!("CARGO_MANIFEST_DIR"), "/patterns/hipaa/g_ssn.yaml");
    let file = file.to_str().unwrap();
    let args = ["bench", "--native", "datadog-traces", "--seconds", "1", "--json", "--pack", pack, file];
    let (code, out, err) = run(&args, "");
    assert_eq!((code, err.as_str()), (0, ""));
    let figures: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&figures["records"], &figures["findings"]), (&100.into(), &100.into()), "{out}");
    assert!(figures["scrub_mb_s"].as_f64().unwrap() > 0.0 && figures["prost_mb_s"].is_null(), "{out}");
}

#[test]
fn every_command_has_help_with_examples() {
    for name in ["run", "check", "scrub", "detect", "explain", "test", "bench"] {
        let (code, out, _) = run(&[name, "--help"], "");
        assert!(code == 0 && out.contains("Examples:\n") && out.contains(&format!("scrubjay {name}")), "{out}");
        assert!(out.contains("--config <FILE>") && out.contains("--set <PATH=VALUE>"), "{out}");
    }
}

#[test]
fn components_are_those_that_configurations_may_name() {
    let json = command(&["components", "--json"]).output().unwrap();
    let listed: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let names = |section: &str| -> Vec<String> {
        listed[section].as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap().to_owned()).collect()
    };
    for (section, what) in [("receivers", "receiver"), ("exporters", "exporter")] {
        assert!(names(section).len() >= 3, "{listed}");
        // A type that is not listed is told from those that are.
        let wrong = format!("{section}::nothing_like_it={{}}");
        let output = command(&["check", "--set", &wrong]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let told = said.lines().find(|line| line.contains(&format!("no type of {what}"))).unwrap();
        for name in names(section) {
            assert!(told.contains(&name), "{name}: {told}");
        }
    }
    assert!(names("packs").contains(&"hipaa".to_owned()));
    let yaml = String::from_utf8(command(&["components"]).output().unwrap().stdout).unwrap();
    assert!(yaml.contains("exporters:\n  - name: \"otlp_grpc\"\n"), "{yaml}");
}
