//! What the documents show is what the product does.

use crate::support::collector::{check, command};
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

fn document(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The first block of this language.
fn block(document: &str, language: &str) -> String {
    let (_, rest) = document.split_once(&format!("\n```{language}\n")).expect("a block of this language");
    rest.split_once("\n```\n").expect("its end").0.to_owned() + "\n"
}

/// What a `curl` command sends: from the quote behind `-d` to the next one.
fn sent(text: &str) -> &str {
    text.split_once("-d '").unwrap().1.split_once('\'').unwrap().0
}

/// What the built-in rules leave of a traces request in JSON.
fn scrubbed(request: &str) -> String {
    let mut child = command(&["scrub", "--format", "otlp-json", "--signal", "traces"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(request.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_readme_is_short() {
    let lines = document("README.md").lines().count();
    assert!(lines <= 200, "{lines} lines");
}

#[test]
fn the_first_span_becomes_what_the_readme_says() {
    let readme = document("README.md");
    assert_eq!(scrubbed(sent(&readme)).trim(), block(&readme, "json").trim());
}

#[test]
fn the_configuration_of_the_readme_and_the_rules_of_contributing_are_sound() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let files = [
        ("/etc/scrubjay/cert.pem", file("cert.pem", &made.cert.pem())),
        ("/etc/scrubjay/key.pem", file("key.pem", &made.signing_key.serialize_pem())),
        ("/etc/scrubjay/ca.pem", file("ca.pem", &made.cert.pem())),
        ("/etc/scrubjay/site.yaml", file("site.yaml", &block(&document("CONTRIBUTING.md"), "yaml"))),
        ("/run/secrets/scrubjay-key", file("key", "0123456789abcdef0123456789abcdef\n")),
    ];
    let mut config = block(&document("README.md"), "yaml");
    for (shown, real) in &files {
        assert!(config.contains(shown), "{shown}");
        config = config.replace(shown, real);
    }
    let env = [("SCRUBJAY_TOKEN", "correct-horse-battery"), ("BACKEND_TOKEN", "staple")];
    let (code, out, err) = check(&config, &[], &env);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.ends_with("ok: 0 warning(s)\n"), "{out}");
}

/// Every receiver has a section, and every configuration it shows is sound.
#[test]
fn every_receiver_is_described() {
    let text = document("docs/receivers.md");
    let sections: Vec<&str> = text.split("\n## ").skip(1).collect();
    let kinds: Vec<&str> = scrubjay::receivers::RECEIVERS.iter().map(|receiver| receiver.kind).collect();
    let described: Vec<&str> = sections.iter().map(|section| section.split('`').nth(1).unwrap()).collect();
    assert_eq!(described, kinds);
    for (section, kind) in sections.iter().zip(kinds) {
        let receiver = block(section, "yaml");
        let (exporter, section) = match kind {
            "datadog_agent" => (kind, "{ endpoint: 'http://127.0.0.1:8126' }"),
            "sentry" => (kind, "{ dsn: 'https://key@sentry.example/1' }"),
            _ => ("debug", ""),
        };
        let rest = format!(
            "processors: {{ scrub: {{ packs: [secrets], pseudonym_key: 0123456789abcdef0123456789abcdef }} }}\nexporters: {{ {exporter}: {section} }}\n\
             service: {{ pipelines: {{ logs: {{ receivers: [{kind}], processors: [scrub], exporters: [{exporter}] }} }} }}\n"
        );
        let (code, out, err) = check(&[receiver, rest].concat(), &[], &[]);
        assert_eq!((code, err.as_str()), (0, ""), "{kind}: {out}");
    }
}

/// What the page shows of who may send is sound, with files and a hash in the place of what it only hints at.
#[test]
fn who_may_send_is_described_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (cert, key) = (file("cert.pem", &made.cert.pem()), file("key.pem", &made.signing_key.serialize_pem()));
    let key_of_issuer = jsonwebtoken::EncodingKey::from_ec_der(&rcgen::KeyPair::generate().unwrap().serialize_der());
    let jwk = jsonwebtoken::jwk::Jwk::from_encoding_key(&key_of_issuer, jsonwebtoken::Algorithm::ES256).unwrap();
    let jwks = file("jwks.json", &serde_json::json!({ "keys": [jwk] }).to_string());
    let section = document("docs/receivers.md").split_once("\n### `auth`\n").unwrap().1.to_owned();
    let auth = block(&format!("\n{section}"), "yaml")
        .replace("/etc/scrubjay/jwks.json", &jwks)
        .replace("/run/secrets/ingest-token", &file("token", "correct-horse-battery\n"))
        .replace("$...$...", "$MDEyMzQ1Njc4OWFiY2RlZg$Kx0yC1Yk2VQ3m8m7o0cXJ3o2l1gk7n4oZk5b9d2a0hY");
    let auth: String = auth.lines().map(|line| format!("        {line}\n")).collect();
    let config = format!(
        "receivers:\n  otlp:\n    protocols:\n      http:\n        tls: {{ cert_file: '{cert}', key_file: '{key}', client_ca_file: '{cert}' }}\n{auth}\
         processors: {{ scrub: {{ packs: [secrets], pseudonym_key: 0123456789abcdef0123456789abcdef }} }}\nexporters: {{ debug: }}\n\
         service: {{ pipelines: {{ logs: {{ receivers: [otlp], processors: [scrub], exporters: [debug] }} }} }}\n"
    );
    let (code, out, err) = check(&config, &[], &[]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
}

/// What the pages about exporters and tuning show is sound.
#[test]
fn exporters_and_tuning_are_described_as_they_are() {
    let receivers = "receivers: { otlp: { protocols: { http: { endpoint: 127.0.0.1:0 } } } }\n";
    let pipeline = |exporter: &str| {
        format!(
            "service: {{ pipelines: {{ logs: {{ receivers: [otlp], processors: [scrub], exporters: [{exporter}] }} }} }}\n"
        )
    };
    let exporters = block(&document("docs/exporters.md"), "yaml");
    let scrub = "processors: { scrub: { packs: [secrets], pseudonym_key: 0123456789abcdef0123456789abcdef } }\n";
    let (code, out, err) =
        check(&[receivers, scrub, &exporters, &pipeline("datadog")].concat(), &[], &[("DD_API_KEY", "abc")]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let dir = tempfile::tempdir().unwrap();
    let site = dir.path().join("site.yaml");
    std::fs::write(&site, block(&document("CONTRIBUTING.md"), "yaml")).unwrap();
    let tuning = block(&document("docs/tuning.md"), "yaml").replace("./site.yaml", site.to_str().unwrap());
    let config = [receivers, &tuning, "exporters: { debug: }\n", &pipeline("debug")].concat();
    let (code, out, err) = check(&config, &["--allow-weakening"], &[]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let (code, _, err) = check(&config, &[], &[]);
    assert_eq!((code, err.matches("--allow-weakening").count()), (1, 8), "{err}");
}

/// The rules of the page about rules prove themselves, its line is explained, and it fits on a page or two.
#[test]
fn the_rules_that_are_shown_are_sound_and_do_what_is_said() {
    let page = document("docs/rules.md");
    assert!(page.lines().count() <= 90, "{} lines", page.lines().count());
    let dir = tempfile::tempdir().unwrap();
    let pack = dir.path().join("site.yaml");
    std::fs::write(&pack, block(&page, "yaml")).unwrap();
    let pack = pack.to_str().unwrap();
    let proved = command(&["test", pack]).output().unwrap();
    assert!(proved.status.success(), "{}", String::from_utf8_lossy(&proved.stderr));
    let line = page.split_once("You saw `").unwrap().1.split_once('`').unwrap().0;
    let with = format!("processors::scrub::packs=[hipaa, '{pack}']");
    let explained = command(&["explain", "--text", line, "--set", &with]).output().unwrap();
    let told = String::from_utf8(explained.stdout).unwrap();
    assert!(
        told.contains("token by badge.labelled: R") && told.contains("badge.bare R, by its shape, `badge` near it")
    );
    let without = command(&["explain", "--text", line]).output().unwrap();
    assert!(String::from_utf8(without.stdout).unwrap().contains("Nothing is replaced."));
}
