//! Users read in the changelog what a release finds: no rule may be missing there.

#![allow(clippy::expect_used, reason = "a test that fails says so by a panic")]

use patterns::PACKS;
use std::path::Path;

#[test]
fn every_rule_is_named_in_the_changelog() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../CHANGELOG.md");
    let changelog = std::fs::read_to_string(file).expect("the changelog can be read");
    // Only rules have an `id` as the first key of a list entry; packs without any hold key classes and word sets.
    let ids =
        PACKS.iter().flat_map(|pack| pack.text.lines()).filter_map(|line| line.trim_start().strip_prefix("- id: "));
    let ids: Vec<&str> = ids.map(str::trim).collect();
    assert!(ids.len() >= 60, "only {} rules were found: how packs are written has changed", ids.len());
    let missing: Vec<&&str> = ids.iter().filter(|id| !changelog.contains(&format!("`{id}`"))).collect();
    assert!(missing.is_empty(), "CHANGELOG.md does not name {missing:?}");
}
