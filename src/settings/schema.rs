//! The pieces that schemas of sections are made of: what a reader of this folder takes, as JSON Schema says it.
//!
//! A section's schema stands beside its reader. `tests/it/schema.rs` asks the readers which keys they know and holds the
//! schemas to it, both ways.

use serde_json::{Map, Value, json};

/// Where an environment variable or a file may stand for any value.
const REFERENCE: &str = r"\$\{";

/// A mapping with these keys and no others. One that is not required may be left empty.
#[must_use]
pub fn object(required: &[&str], properties: &[(&str, Value)]) -> Value {
    let all: Map<String, Value> = properties
        .iter()
        .map(|(key, schema)| {
            let schema = if required.contains(key) { schema.clone() } else { nullable(schema.clone()) };
            ((*key).to_owned(), schema)
        })
        .collect();
    let mut object = json!({ "type": "object", "properties": all, "additionalProperties": false });
    if let Some(object) = object.as_object_mut().filter(|_| !required.is_empty()) {
        object.insert("required".to_owned(), json!(required));
    }
    object
}

/// The same with a sentence for who hovers over it.
#[must_use]
pub fn about(mut schema: Value, text: &str) -> Value {
    if let Some(object) = schema.as_object_mut() {
        object.insert("description".to_owned(), json!(text));
    }
    schema
}

/// Or nothing: a key without a value reads as one that is not there.
#[must_use]
pub fn nullable(schema: Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

/// A mapping whose keys the user chooses, of this form, with values of that one.
#[must_use]
pub fn entries(keys: &str, values: Value) -> Value {
    json!({ "type": "object", "patternProperties": { keys: values }, "additionalProperties": false })
}

/// Any scalar: what is not quoted may look like a number.
#[must_use]
pub fn text() -> Value {
    json!({ "type": ["string", "number", "boolean"] })
}

/// A text of this form.
#[must_use]
pub fn text_like(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": format!("{pattern}|{REFERENCE}") })
}

/// One of these words.
#[must_use]
pub fn word(words: &[&str]) -> Value {
    json!({ "anyOf": [{ "enum": words }, { "type": "string", "pattern": REFERENCE }] })
}

/// `true` or `false`.
#[must_use]
pub fn boolean() -> Value {
    json!({ "anyOf": [{ "type": "boolean" }, { "type": "string", "pattern": REFERENCE }] })
}

/// A whole number in this range.
#[must_use]
pub fn integer(least: i64, most: i64) -> Value {
    let digits = json!({ "type": "string", "pattern": format!("^-?[0-9]+$|{REFERENCE}") });
    json!({ "anyOf": [{ "type": "integer", "minimum": least, "maximum": most }, digits] })
}

/// A number in this range.
#[must_use]
pub fn float(least: f64, most: f64) -> Value {
    let digits = json!({ "type": "string", "pattern": format!("^[0-9.]+$|{REFERENCE}") });
    json!({ "anyOf": [{ "type": "number", "minimum": least, "maximum": most }, digits] })
}

/// A duration: `300ms`, `1m30s`.
#[must_use]
pub fn duration() -> Value {
    text_like("^( *[0-9]+ *[a-zA-Z]+ *)+$")
}

/// A size: `4MiB`, `65536`.
#[must_use]
pub fn bytes() -> Value {
    let written = text_like("^ *[0-9.]+ *[a-zA-Z]*$");
    json!({ "anyOf": [{ "type": "integer", "minimum": 1 }, written] })
}

/// An address to listen at.
#[must_use]
pub fn listen() -> Value {
    text_like(r"^(localhost|\[[0-9a-fA-F:.]+\]|[0-9.]+):[0-9]+$")
}

/// The address of a backend.
#[must_use]
pub fn endpoint() -> Value {
    text_like("^(https?://)?[^:/@?# ]+(:[0-9]+)?(/[^?#]*)?$")
}

/// A list of texts, or one of them.
#[must_use]
pub fn texts() -> Value {
    list_of(&text())
}

/// A list of such values, or one of them.
#[must_use]
pub fn list_of(item: &Value) -> Value {
    json!({ "anyOf": [{ "type": "array", "items": item }, item] })
}

/// What the OpenTelemetry Collector knows and is read here with a warning.
#[must_use]
pub fn not_followed() -> Value {
    json!({ "description": "Read, and not followed: `scrubjay check` says why." })
}
