//! What is under deploy/ speaks of this collector: its metrics, its configuration. `make check-deploy` holds it to the rest.

use crate::support::collector::check;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(file(name)).unwrap()
}

/// The names of metrics in a text.
fn metrics(text: &str) -> BTreeSet<&str> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    words.filter(|word| ["phi_", "scrubjay_", "otelcol_"].iter().any(|prefix| word.starts_with(prefix))).collect()
}

#[test]
fn alerts_and_dashboard_ask_for_metrics_that_there_are() {
    let source = read("src/telemetry/metrics.rs") + &read("src/telemetry/process.rs");
    for name in ["deploy/prometheus/alerts.yaml", "deploy/prometheus/alerts_test.yaml", "deploy/grafana/dashboard.json"]
    {
        let text = read(name);
        let asked = metrics(&text);
        assert!(asked.len() > 3, "{name}: {asked:?}");
        for metric in asked {
            assert!(source.contains(&format!("\"{metric}\"")), "{name} asks for {metric}, which nothing counts");
        }
    }
}

#[test]
fn the_collector_takes_the_configurations_of_the_manifests() {
    let dir = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(dir.path().join("tls.crt"), made.cert.pem()).unwrap();
    fs::write(dir.path().join("ca.crt"), made.cert.pem()).unwrap();
    fs::write(dir.path().join("tls.key"), made.signing_key.serialize_pem()).unwrap();
    for name in ["key", "token"] {
        fs::write(dir.path().join(name), "0123456789abcdef0123456789abcdef").unwrap();
    }
    for name in ["deploy/kubernetes/agent.yaml", "deploy/kubernetes/gateway.yaml", "deploy/helm/scrubjay/values.yaml"] {
        let text = read(name);
        let (head, indent) = if name.contains("helm") { ("config:\n", "  ") } else { ("collector.yaml: |\n", "    ") };
        let (_, after) = text.split_once(head).unwrap();
        let lines = after.lines().map_while(|line| line.strip_prefix(indent));
        let config: String = lines.map(|line| format!("{line}\n")).collect();
        let config = config.replace("/secrets/", &format!("{}/", dir.path().display()));
        let (code, _, told) = check(&config, &[], &[("BACKEND_ENDPOINT", "https://otlp.example.com:4318")]);
        assert_eq!(code, 0, "{name}: {told}");
    }
}

/// What `make check-deploy` checks, where that has installed its tools: nothing is fetched here.
#[test]
fn what_is_deployed_passes_its_checkers() {
    if !file("target/check-deploy/bin/hadolint").exists() {
        eprintln!("skipped: the tools are not there; `make check-deploy` installs them");
        return;
    }
    let output = Command::new("sh").arg(file("scripts/check-deploy.sh")).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}");
    told.lines().filter(|line| line.starts_with("skipped")).for_each(|line| eprintln!("{line}"));
    assert!(told.contains("ok       Dockerfile") && told.contains("ok       Kubernetes manifests and chart"), "{told}");
}
