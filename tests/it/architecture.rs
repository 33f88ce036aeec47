//! What holds the source together: levels, sizes, registries, and what the engine may not know.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A module uses only modules of lower levels. Exporters, in addition, see neither pipeline nor queue.
const LEVELS: [(&str, u8); 15] = [
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
        assert!(!text.contains("crate::{"), "{}: one `use` a module, so that this test sees them", path.display());
        for part in text.split("crate::").skip(1) {
            let used: String = part.chars().take_while(|char| char.is_ascii_lowercase() || *char == '_').collect();
            if used.is_empty() || used == own {
                continue;
            }
            let used_level = level(&used).unwrap_or_else(|| panic!("{used} has no level"));
            let blind = own == "exporters" && ["pipeline", "queue"].contains(&used.as_str());
            if used_level >= own_level || blind {
                wrong.push(format!("{}: {own} ({own_level}) uses {used} ({used_level})", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let gone: Vec<&str> = LEVELS
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !sources("src").iter().any(|(path, _)| module(path) == *name))
        .collect();
    assert!(gone.is_empty(), "no longer there: {gone:?}");
}

/// The engine and the packs are used by the collector and use nothing of it; the engine does no I/O and has no clock,
/// no global and no runtime.
#[test]
fn the_engine_knows_nothing_of_the_world() {
    for (member, mays) in [("processors", &["bytes", "vectorscan-rs"][..]), ("patterns", &[])] {
        let manifest = fs::read_to_string(root().join(member).join("Cargo.toml")).unwrap();
        let dependencies = manifest.split_once("\n[dependencies]\n").map_or("", |(_, rest)| rest);
        let dependencies: Vec<&str> = dependencies.lines().take_while(|line| !line.starts_with('[')).collect();
        for name in ["scrubjay", "patterns", "processors", "tokio", "tracing", "metrics", "hyper", "rand", "time"] {
            assert!(!dependencies.iter().any(|line| line.starts_with(name)), "{member} depends on {name}");
        }
        assert!(mays.iter().all(|name| dependencies.iter().any(|line| line.starts_with(name))), "{member}");
    }
    // What is made of constants alone, once, is a constant: `LazyLock` may stand.
    const WORLD: [&str; 11] = [
        "std::fs",
        "std::env",
        "std::io",
        "std::process",
        "std::thread",
        "std::time",
        "TcpStream",
        "UdpSocket",
        "static mut",
        "OnceLock",
        "thread_local!",
    ];
    // How many cases a test runs is said by the environment.
    for (path, text) in sources("processors/src").into_iter().filter(|(path, _)| !path.ends_with("tests.rs")) {
        for word in WORLD {
            assert!(!text.contains(word), "{} uses {word}", path.display());
        }
    }
}

/// Users' data leaves by the collector's own client. With the SDK it sends its own traces only.
#[test]
fn only_own_traces_leave_with_the_sdk() {
    for (path, text) in sources("src") {
        let may = path.ends_with("telemetry/traces.rs");
        for word in ["opentelemetry_otlp", "opentelemetry_sdk", "opentelemetry::"] {
            assert!(may || !text.contains(word), "{} uses {word}", path.display());
        }
    }
}

#[test]
fn files_are_short() {
    let mut lengths = Vec::new();
    for (path, text) in ["src", "tests", "benches", "examples", "patterns", "processors"].into_iter().flat_map(sources)
    {
        let lines = text.lines().count();
        assert!(lines <= 500, "{} has {lines} lines", path.display());
        assert!(text.is_ascii(), "{} holds more than ASCII", path.display());
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

/// What of the engine is registered: in which folder, what defines one, and the slice in a file of it that must hold all.
#[test]
fn every_part_of_the_engine_is_in_its_registry() {
    for (folder, definition, file, registry) in [
        ("validators", ": Validator =", "mod.rs", "VALIDATORS: &[Validator]"),
        ("contents", "pub(super) fn decode", "coding.rs", "CONTENTS: &[Content]"),
    ] {
        let entry = fs::read_to_string(root().join("processors/src").join(folder).join(file)).unwrap();
        let list = entry.split_once(&format!("const {registry} = &[")).unwrap().1.split("];").next().unwrap();
        let mut defined = 0;
        for (path, text) in sources(&format!("processors/src/{folder}")) {
            let module = path.file_stem().unwrap().to_str().unwrap();
            for line in text.lines().filter(|line| line.contains(definition)) {
                let name = line.trim_start_matches("pub(super) ").split([' ', ':', '(']).nth(1).unwrap();
                assert!(list.contains(&format!("{module}::{name},")), "{module}::{name} is not in {registry}");
                defined += 1;
            }
        }
        assert!(defined > 0, "nothing in {folder} is defined by `{definition}`");
        let listed = list.split([',', ' ', '\n', '}']).filter(|word| word.contains("::") && !word.contains("Id::"));
        // A content has an encoder beside what it decodes.
        let listed = listed.filter(|word| !word.contains("::encode")).count();
        assert_eq!(listed, defined, "{registry}");
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
