//! What holds the source together: levels, sizes, registries.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A module uses only modules of lower levels.
const LEVELS: [(&str, u8); 16] = [
    ("main", 10),
    ("cli", 9),
    ("app", 8),
    ("config", 7),
    ("delivery", 6),
    ("admin", 6),
    ("receivers", 5),
    ("exporters", 5),
    ("pipeline", 4),
    ("queue", 3),
    ("audit", 3),
    ("codec", 2),
    ("net", 1),
    ("settings", 0),
    ("telemetry", 0),
    ("drain", 0),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(below: &str) -> Vec<(PathBuf, String)> {
    fn gather(dir: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                gather(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    gather(&root().join(below), &mut found);
    found.sort();
    found
}

/// The top-level module that a file of `src` belongs to.
fn module(path: &Path) -> String {
    let below = path.strip_prefix(root().join("src")).unwrap();
    let first = below.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn a_module_uses_only_what_lies_below_it() {
    let level = |name: &str| LEVELS.iter().find(|(known, _)| *known == name).map(|(_, level)| *level);
    let mut wrong = Vec::new();
    for (path, text) in sources("src") {
        let own = module(&path);
        if own == "lib" {
            continue;
        }
        let own_level = level(&own).unwrap_or_else(|| panic!("{own} has no level"));
        // What a file's own tests use is their business.
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for part in text.split("crate::").skip(1) {
            let used: String = part.chars().take_while(|char| char.is_ascii_lowercase() || *char == '_').collect();
            if used.is_empty() || used == own {
                continue;
            }
            let used_level = level(&used).unwrap_or_else(|| panic!("{used} has no level"));
            if used_level >= own_level {
                wrong.push(format!("{}: {own} ({own_level}) uses {used} ({used_level})", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_are_short() {
    let mut lengths = Vec::new();
    for (path, text) in ["src", "tests", "patterns"].into_iter().flat_map(sources) {
        let lines = text.lines().count();
        assert!(lines <= 500, "{} has {lines} lines", path.display());
        lengths.push(lines);
    }
    lengths.sort_unstable();
    assert!(lengths[lengths.len() / 2] <= 150, "half of the files are longer than {}", lengths[lengths.len() / 2]);
}

#[test]
fn every_component_is_in_its_registry() {
    for (folder, registry) in [("receivers", "RECEIVERS"), ("exporters", "EXPORTERS")] {
        let entry = fs::read_to_string(root().join("src").join(folder).join("mod.rs")).unwrap();
        let list = entry.split(&format!("pub const {registry}")).nth(1).unwrap().split(';').next().unwrap();
        let listed: BTreeSet<&str> =
            list.split(['[', ',', ']', ' ']).filter_map(|item| item.trim().strip_suffix("::KIND")).collect();
        let defined: BTreeSet<String> = sources(&format!("src/{folder}"))
            .into_iter()
            .filter(|(_, text)| text.contains("const KIND: "))
            .map(|(path, _)| {
                let below = path.strip_prefix(root().join("src").join(folder)).unwrap().to_owned();
                let first = below.components().next().unwrap().as_os_str().to_str().unwrap().to_owned();
                first.trim_end_matches(".rs").to_owned()
            })
            .collect();
        assert!(!defined.is_empty());
        assert_eq!(listed, defined.iter().map(String::as_str).collect(), "{folder}");
    }
}

#[test]
fn only_the_command_line_and_the_debug_exporter_write_to_the_terminal() {
    for (path, text) in sources("src") {
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        let may = name.starts_with("src/cli/") || name == "src/exporters/debug.rs" || name == "src/telemetry/log.rs";
        assert!(may || !["stdout()", "stderr()", "io::stderr"].iter().any(|call| text.contains(call)), "{name}");
        // Own log lines are written in one place, so that what they may hold is decided in one place.
        assert!(
            name == "src/telemetry/event.rs" || !text.contains("tracing::{") || name == "src/telemetry/log.rs",
            "{name}"
        );
    }
}
