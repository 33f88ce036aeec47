//! The schemas of configurations and packs: what is shipped is as they say, what is wrong in form is not, and they know the
//! same keys as the readers, no more and no less.

use crate::bad_input::files::{self, PACK, Wrong};
use crate::configuration::SOUND;
use crate::support::collector::{check, command};
use processors::document::{Data, Node};
use regex_automata::meta::Regex;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn schema(of: &str) -> Value {
    let output = command(&["schema", of]).output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A document as a reader of JSON sees it.
fn value(node: &Node) -> Value {
    match &node.data {
        Data::Null => Value::Null,
        Data::Scalar(text, true) => match text.as_str() {
            "true" => true.into(),
            "false" => false.into(),
            text => match (text.parse::<i64>(), text.parse::<f64>()) {
                (Ok(number), _) => number.into(),
                (_, Ok(number)) if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') => number.into(),
                _ => text.into(),
            },
        },
        Data::Scalar(text, false) => text.as_str().into(),
        Data::Sequence(list) => list.iter().map(value).collect(),
        Data::Mapping(entries) => {
            entries.iter().map(|(key, node)| (key.text().unwrap().to_owned(), value(node))).collect()
        }
    }
}

/// Whether a value is as a schema says. Of JSON Schema it knows what these schemas use; anything else is a mistake here.
fn fits(schema: &Value, value: &Value) -> bool {
    let keywords = schema.as_object().unwrap();
    keywords.iter().all(|(keyword, rule)| match keyword.as_str() {
        "$schema" | "title" | "description" => true,
        "type" => match rule {
            Value::Array(kinds) => kinds.iter().any(|kind| is(kind, value)),
            kind => is(kind, value),
        },
        "enum" => rule.as_array().unwrap().contains(value),
        "const" => rule == value,
        "anyOf" => rule.as_array().unwrap().iter().any(|schema| fits(schema, value)),
        "not" => !fits(rule, value),
        "pattern" => value.as_str().is_none_or(|text| matches(rule, text)),
        "minLength" => value.as_str().is_none_or(|text| text.chars().count() as u64 >= rule.as_u64().unwrap()),
        "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().unwrap()),
        "maximum" => value.as_f64().is_none_or(|number| number <= rule.as_f64().unwrap()),
        "minItems" => value.as_array().is_none_or(|list| list.len() as u64 >= rule.as_u64().unwrap()),
        "minProperties" => value.as_object().is_none_or(|map| map.len() as u64 >= rule.as_u64().unwrap()),
        "items" => value.as_array().is_none_or(|list| list.iter().all(|item| fits(rule, item))),
        "required" => value
            .as_object()
            .is_none_or(|map| rule.as_array().unwrap().iter().all(|key| map.contains_key(key.as_str().unwrap()))),
        "dependentRequired" => value.as_object().is_none_or(|map| {
            let met = |keys: &Value| keys.as_array().unwrap().iter().all(|key| map.contains_key(key.as_str().unwrap()));
            rule.as_object().unwrap().iter().all(|(key, keys)| !map.contains_key(key) || met(keys))
        }),
        "properties" | "patternProperties" | "additionalProperties" => value
            .as_object()
            .is_none_or(|map| keyword != "properties" && keywords.contains_key("properties") || members(keywords, map)),
        other => panic!("the schemas use `{other}`, which this test does not know"),
    })
}

fn members(keywords: &Map<String, Value>, map: &Map<String, Value>) -> bool {
    assert_eq!(keywords["additionalProperties"], false);
    map.iter().all(|(key, value)| {
        let named = keywords.get("properties").and_then(|all| all.get(key));
        let patterns = keywords.get("patternProperties").and_then(Value::as_object);
        let like = patterns.into_iter().flatten().find(|(pattern, _)| matches(&json!(pattern), key));
        named.or(like.map(|(_, schema)| schema)).is_some_and(|schema| fits(schema, value))
    })
}

fn matches(pattern: &Value, text: &str) -> bool {
    Regex::new(pattern.as_str().unwrap()).unwrap().is_match(text)
}

fn is(kind: &Value, value: &Value) -> bool {
    match kind.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{other}"),
    }
}

fn holds(schema: &Value, text: &str) -> bool {
    // What is no YAML at all, no schema ever sees.
    Node::parse("f", text).is_ok_and(|node| fits(schema, &value(&node)))
}

fn yaml_below(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            found.extend(yaml_below(&name));
        } else if name.ends_with(".yaml") {
            found.push(path);
        }
    }
    found
}

#[test]
fn what_is_shipped_is_as_the_schemas_say() {
    for (of, folder, least) in [("config", "config", 6), ("pack", "patterns", 20)] {
        let schema = schema(of);
        let files = yaml_below(folder);
        assert!(files.len() >= least, "{folder}");
        for file in files {
            assert!(holds(&schema, &std::fs::read_to_string(&file).unwrap()), "{}", file.display());
        }
    }
    let schema = schema("config");
    assert!(holds(&schema, SOUND));
    // References stand for anything.
    let sound = SOUND.replace("0123456789abcdef", "'${file:/run/key}'").replace("'http://127.0.0.1:1'", "'${env:TO}'");
    assert!(holds(&schema, &sound.replace("service:", "service:\n  workers: '${env:WORKERS:-2}'")));
}

/// What only arithmetic, another file or another part of the same file can show to be wrong.
const UNSEEN: [&str; 28] = [
    // Files, and what is in them.
    "grpc: { endpoint: '0.0.0.0:4317' },",
    "service:\n  telemetry: { metrics: { endpoint: '0.0.0.0:8888' } }",
    "grpc: { tls: { cert_file: /nowhere, key_file: /nowhere } },",
    "grpc: { tls: { cert_file: x, key_file: y, client_names: a.example } },",
    "grpc: { auth: { jwt: { jwks_file: /nowhere, issuer: x, audience: y } } },",
    "grpc: { auth: { principals: { labs: { subject: svc-labs, client_names: labs.example } } } },",
    "service:\n  admin: { endpoint: '0.0.0.0:8889' }",
    "service:\n  admin: { endpoint: '127.0.0.1:0', socket: /run/x.sock }",
    "service:\n  memory_limit: 100MiB",
    "'https://127.0.0.1:1', tls: { ca_file: /nowhere }",
    "  [hippa, ./nowhere.yaml]",
    // What is named and what is there.
    "[scrub, scrub]",
    "[otlp_htp]",
    "[tail_sampling, scrub]",
    // What examples show.
    "'badge [[BDG-48291]] seen'",
    "'badge [[BDG-482913 seen]]'",
    "'BDG-482910'",
    // Patterns.
    "(\\d{6}",
    "[0-9",
    "(?<!X)BDG-\\d{6}",
    "\\d{6}(?=x)",
    "(BDG)-\\d{6}\\1",
    "\\bBDG-\\d{6}",
    "x*",
    "keys: '<nobody> badge'\n    pattern:",
    // One key that asks for another only by what it says.
    "confidence: low\n    pattern:",
    // The parser's own.
    "scrub: [",
    "rules: [",
];

#[test]
fn what_is_wrong_in_form_is_not_as_the_schemas_say() {
    let mut wrong = Vec::new();
    let mut judge = |schema: &Value, sound: &str, rows: &[Wrong]| {
        for (from, to, _) in rows {
            let text = sound.replacen(from, to, 1);
            let unseen = UNSEEN.contains(to) && Node::parse("f", &text).is_ok();
            if holds(schema, &text) != unseen && Node::parse("f", &text).is_ok() {
                wrong.push(format!("{} {to}", if unseen { "seen after all:" } else { "not seen:" }));
            }
        }
    };
    let config = schema("config");
    for rows in files::CONFIGURATIONS {
        judge(&config, SOUND, rows);
    }
    judge(&schema("pack"), PACK, files::PACKS);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A document with a key nobody knows in every mapping that the schema describes, and what the schema knows there.
fn probes(schema: &Value, probes: &mut BTreeMap<String, BTreeSet<String>>) -> Value {
    if let Some(choices) = schema.get("anyOf").filter(|_| schema.get("type").is_none()) {
        let rich =
            |choice: &&Value| choice["type"] == "object" || choice["type"] == "array" || choice.get("anyOf").is_some();
        return choices.as_array().unwrap().iter().find(rich).map_or("x".into(), |choice| self::probes(choice, probes));
    }
    match schema["type"].as_str() {
        Some("object") => {
            let mut map = Map::new();
            if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
                for (key, schema) in properties {
                    map.insert(key.clone(), self::probes(schema, probes));
                }
                let name = format!("zzzz{:03}zzzzzzzzzzzzzzzzzzzz", probes.len());
                probes.insert(name.clone(), properties.keys().cloned().collect());
                map.insert(name, 1.into());
            }
            for (pattern, schema) in schema.get("patternProperties").and_then(Value::as_object).into_iter().flatten() {
                let name: String =
                    pattern.chars().skip(1).take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                let name = match name.as_str() {
                    "" if pattern.contains("traces") => "traces",
                    "" => "x",
                    name => name,
                };
                map.insert(name.to_owned(), self::probes(schema, probes));
            }
            map.into()
        }
        Some("array") => json!([probes_of_items(schema, probes)]),
        _ => "x".into(),
    }
}

fn probes_of_items(schema: &Value, all: &mut BTreeMap<String, BTreeSet<String>>) -> Value {
    schema.get("items").map_or("x".into(), |items| probes(items, all))
}

/// Keys that are refused with a reason of their own: no schema offers them.
const REFUSED: [&str; 2] = ["connectors", "insecure_skip_verify"];

#[test]
fn the_readers_know_the_keys_that_the_schemas_know() {
    let dir = tempfile::tempdir().unwrap();
    for of in ["config", "pack"] {
        let mut expected = BTreeMap::new();
        let document = probes(&schema(of), &mut expected);
        assert!(expected.len() > if of == "pack" { 6 } else { 30 }, "{expected:?}");
        // JSON is YAML.
        let told = if of == "pack" {
            let pack = dir.path().join("site.yaml");
            std::fs::write(&pack, document.to_string()).unwrap();
            let output = command(&["test", pack.to_str().unwrap()]).output().unwrap();
            String::from_utf8(output.stderr).unwrap()
        } else {
            check(&document.to_string(), &[], &[]).2
        };
        for (name, keys) in &expected {
            let message = format!("unknown key `{name}`: known are ");
            let (_, known) = told.split_once(&message).unwrap_or_else(|| panic!("{name} {keys:?}\n{told}"));
            let known: BTreeSet<&str> = known.lines().next().unwrap().split(", ").collect();
            let known: BTreeSet<String> =
                known.into_iter().filter(|key| !REFUSED.contains(key)).map(str::to_owned).collect();
            assert_eq!(&known, keys, "{of}");
        }
    }
}
