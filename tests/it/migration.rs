//! What the page for users of the OpenTelemetry Collector tells them to write is taken as it stands there.

use crate::support::collector::{check, command};

/// The blocks of the page that are marked so.
fn blocks(mark: &str) -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/migrate-from-otelcol.md");
    let page = std::fs::read_to_string(path).unwrap();
    let open = format!("```yaml {mark}\n");
    page.split(open.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn packs_prove_themselves() {
    let packs = blocks("pack");
    assert_eq!(packs.len(), 2);
    let dir = tempfile::tempdir().unwrap();
    for pack in packs {
        let path = dir.path().join("site.yaml");
        std::fs::write(&path, &pack).unwrap();
        let output = command(&["test", path.to_str().unwrap()]).output().unwrap();
        assert!(output.status.success(), "{pack}\n{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn configurations_are_read_and_what_weakens_is_said() {
    let configs = blocks("config");
    assert_eq!(configs.len(), 2);
    for config in configs {
        let whole = format!(
            "receivers: {{ otlp: {{ protocols: {{ http: {{ endpoint: '127.0.0.1:0' }} }} }} }}\n{config}exporters: {{ debug: {{}} }}\n\
             service: {{ pipelines: {{ logs: {{ receivers: [otlp], processors: [scrub], exporters: [debug] }} }} }}\n"
        );
        let (code, _, told) = check(&whole, &["--allow-weakening"], &[]);
        assert_eq!(code, 0, "{told}");
        let (code, _, told) = check(&whole, &[], &[]);
        assert!(code == 1 && told.contains("this weakens the packs"), "{told}");
    }
}
