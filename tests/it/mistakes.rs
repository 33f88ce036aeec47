//! Everything that is wrong in a configuration, its packs, its overrides and its environment is told in one run, each with its
//! place and with what would be right: as a whole, so that a message that gets worse is seen.

use crate::support::collector::command;
use crate::support::golden;
use std::path::Path;

#[test]
fn one_run_tells_every_mistake_with_its_place_and_a_hint() {
    let dir = tempfile::tempdir().unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden/mistakes");
    for name in ["collector.yaml", "over.yaml", "site.yaml", "more.yaml"] {
        std::fs::copy(source.join(name), dir.path().join(name)).unwrap();
    }
    let output = command(&["check", "--config", "collector.yaml", "--config", "over.yaml"])
        .args(["--set", "service::wrokers=2", "--set", "exporters::debug"])
        .env("SITE_PACK", "./site.yaml")
        .env("WORKERS", "four-of-536-22-8147")
        .env_remove("SCRUBJAY_KEY_OF_THIS_TEST")
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    for line in told.lines().filter(|line| line.starts_with("error: ")) {
        let place = line.strip_prefix("error: ").unwrap().split(": ").next().unwrap();
        let mut parts = place.rsplitn(3, ':');
        let placed =
            parts.next().is_some_and(is_number) && parts.next().is_some_and(is_number) && parts.next().is_some();
        assert!(placed, "{line} has no place");
        // What is right stands behind a colon or in backticks.
        let message = line.strip_prefix("error: ").unwrap().strip_prefix(place).unwrap();
        assert!(message.matches('`').count() >= 2 || message.matches(": ").count() >= 2, "{line} has no hint");
    }
    assert!(!told.contains("536-22"), "no value from outside is shown");
    golden("mistakes.txt", &told);
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
