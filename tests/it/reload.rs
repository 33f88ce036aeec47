//! New rules while the collector runs.

use crate::support::backend::Backend;
use crate::support::collector::Collector;
use crate::support::eventually;
use crate::support::sample::{bodies, logs};
use prost::Message as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// Two rules that say in their markers of which version they are.
fn pack(version: &str) -> String {
    let rule = |word: &str| {
        format!(
            "  - id: site.{word}\n    identifier: R\n    name: {word}{version}\n    pattern: '{word}-\\d{{4}}'\n    action: redact\n    reference: https://example.org/rules\n\
             \x20   matches: [ 'see [[{word}-1234]] there', '[[{word}-5678]]' ]\n    ignores: [ 'see {word}-12 there', '{word}' ]\n"
        )
    };
    format!("rules:\n{}{}", rule("first"), rule("second"))
}

struct Site {
    collector: Collector,
    backend: Backend,
    pack: PathBuf,
    _dir: tempfile::TempDir,
}

fn start() -> Site {
    start_with(&pack("a"))
}

fn start_with(text: &str) -> Site {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("site.yaml");
    std::fs::write(&file, text).unwrap();
    let backend = Backend::start();
    let config = format!(
        "receivers: {{ otlp: {{ protocols: {{ http: {{ endpoint: '127.0.0.1:0' }} }} }} }}\n\
         processors: {{ scrub: {{ packs: ['{}'], ack: delivered }} }}\n\
         exporters: {{ otlp_http: {{ endpoint: '{}' }} }}\n\
         extensions: {{ health_check: {{ endpoint: '127.0.0.1:0' }} }}\n\
         service:\n  extensions: [health_check]\n  telemetry: {{ metrics: {{ endpoint: '127.0.0.1:0' }}, logs: {{ encoding: json }} }}\n\
         \x20 pipelines: {{ logs: {{ receivers: [otlp], processors: [scrub], exporters: [otlp_http] }} }}\n",
        file.display(),
        backend.url()
    );
    Site { collector: Collector::start(&config, &[]), backend, pack: file, _dir: dir }
}

/// Says so to the clients when it is dropped.
struct Stop<'s>(&'s AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Replaces a file as editors and ConfigMaps do: in one step.
fn put(path: &Path, text: &str) {
    let new = path.with_extension("new");
    std::fs::write(&new, text).unwrap();
    std::fs::rename(&new, path).unwrap();
}

impl Site {
    fn post(&self, text: &str) -> u16 {
        self.collector.post("/v1/logs", &logs(&[text, text]).encode_to_vec()).status
    }

    fn reloads(&self, result: &str) -> f64 {
        self.collector.metric("scrubjay_reloads_total", &[&format!("result=\"{result}\"")])
    }

    /// Asks for new rules and waits until something came of it.
    fn hangup(&self, result: &str) {
        let before = self.reloads(result);
        self.collector.signal("-HUP");
        eventually(&format!("a reload that is {result}"), || (self.reloads(result) > before).then_some(()));
    }

    fn last(&self) -> String {
        bodies(&self.backend.received().last().unwrap().body)[0].clone()
    }
}

#[test]
fn a_changed_pack_is_in_force_without_being_asked_for() {
    let site = start();
    assert_eq!(site.post("first-1234"), 200);
    assert_eq!(site.last(), "[REDACTED:firsta]");
    put(&site.pack, &pack("b"));
    eventually("it is noticed", || (site.reloads("ok") == 1.0).then_some(()));
    assert_eq!(site.post("first-1234"), 200);
    assert_eq!(site.last(), "[REDACTED:firstb]");
    assert_eq!(site.collector.event("reloaded")["rules"], 2);
}

#[test]
fn what_is_wrong_or_weaker_leaves_the_old_rules_in_force() {
    let site = start();
    put(&site.pack, "rules:\n  - id: site.first\n    identifier: R\n    patern: x\n");
    site.hangup("failed");
    let mistakes = site.collector.events("reload_failed");
    let named = |mistake: &serde_json::Value| {
        mistake["mistake"]
            .as_str()
            .is_some_and(|text| text.contains("site.yaml:4:5") && text.contains("did you mean `pattern`"))
    };
    assert!(mistakes.len() > 1 && mistakes.iter().any(named), "every mistake is told: {mistakes:?}");
    // An example that the rule fails is a mistake like others.
    put(&site.pack, &pack("c").replace("see [[first-1234]]", "see [[first-12]]"));
    site.hangup("failed");
    let whole = pack("d");
    let (one, _) = whole.split_once("  - id: site.second").unwrap();
    put(&site.pack, one);
    site.hangup("refused");
    assert_eq!(site.collector.event("reload_refused")["what"], "`site.second` is gone");
    std::fs::remove_file(&site.pack).unwrap();
    site.hangup("failed");
    assert_eq!(site.post("first-1234 second-1234"), 200);
    assert_eq!(site.last(), "[REDACTED:firsta] [REDACTED:seconda]");
}

#[test]
fn tokens_stay_the_same_without_a_key_of_ones_own() {
    let tokens = |version: &str| pack(version).replace("action: redact", "action: token");
    let site = start_with(&tokens("a"));
    assert_eq!(site.post("first-1234"), 200);
    let before = site.last();
    put(&site.pack, &tokens("a").replace("see second-12 there", "see second-1 there"));
    site.hangup("ok");
    assert_eq!(site.post("first-1234"), 200);
    assert_eq!(site.last(), before);
    assert!(!before.contains("1234"), "{before}");
}

#[test]
fn twice_a_second_under_load_nothing_is_dropped_and_no_batch_is_half_and_half() {
    let site = start();
    let stop = AtomicBool::new(false);
    let posted = AtomicUsize::new(0);
    let address = site.collector.http();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let body = logs(&["first-1234 second-1234"; 20]).encode_to_vec();
                let headers = [("content-type", "application/x-protobuf")];
                while !stop.load(Ordering::Relaxed) {
                    let answer = crate::support::http::send(address, "POST", "/v1/logs", &headers, &body);
                    assert_eq!(answer.status, 200, "no request is refused");
                    posted.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        // Whatever fails below, the clients stop.
        let _stop = Stop(&stop);
        let broken = "rules: [".to_owned();
        let whole = pack("z");
        let weaker = whole.split_once("  - id: site.second").unwrap().0.to_owned();
        for round in ['p', 'q', 'r', 's'] {
            for (text, result) in [
                (pack(&format!("{round}x")), "ok"),
                (broken.clone(), "failed"),
                (weaker.clone(), "refused"),
                (pack(&format!("{round}y")), "ok"),
            ] {
                put(&site.pack, &text);
                site.hangup(result);
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    });
    let received = site.backend.received();
    assert_eq!(received.len(), posted.load(Ordering::Relaxed), "every request arrived, once");
    let mut versions = std::collections::BTreeSet::new();
    for request in &received {
        let texts = bodies(&request.body);
        let version = texts[0].strip_prefix("[REDACTED:first").unwrap().split(']').next().unwrap().to_owned();
        let expected = format!("[REDACTED:first{version}] [REDACTED:second{version}]");
        assert!(texts.iter().all(|text| *text == expected), "{texts:?}");
        versions.insert(version);
    }
    assert!(versions.len() > 4, "several rule sets were at work: {versions:?}");
}
