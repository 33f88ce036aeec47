//! One JSON object becomes one log record: some of its members have a place of their own, the others are attributes.

use super::when;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue, KeyValueList};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use serde_json::{Map, Value};

/// Where loggers put the text; the first that is there is the body.
const BODY: [&str; 3] = ["message", "msg", "log"];
/// Where they put the severity; the first that names one.
const SEVERITY: [&str; 3] = ["level", "severity", "status"];
/// Where they put the time; the first that is one.
const TIME: [&str; 4] = ["timestamp", "@timestamp", "time", "ts"];

/// Severities by name, and their numbers in OTLP.
const NAMES: [(&str, i32); 24] = [
    ("trace", 1),
    ("verbose", 1),
    ("debug", 5),
    ("info", 9),
    ("information", 9),
    ("informational", 9),
    ("ok", 9),
    ("notice", 10),
    ("warn", 13),
    ("warning", 13),
    ("error", 17),
    ("err", 17),
    ("severe", 17),
    ("critical", 21),
    ("crit", 21),
    ("fatal", 21),
    ("alert", 22),
    ("panic", 23),
    ("emerg", 24),
    ("emergency", 24),
    ("i", 9),
    ("w", 13),
    ("e", 17),
    ("f", 21),
];

/// Makes the record.
pub(super) fn record(mut members: Map<String, Value>) -> LogRecord {
    let mut record = LogRecord::default();
    if let Some((time, key)) = TIME.iter().find_map(|key| Some((when::nanos(members.get(*key)?)?, *key))) {
        members.remove(key);
        record.time_unix_nano = time;
    }
    let severity = |key: &&'static str| severity(key, members.get(*key)?).map(|found| (found, *key));
    if let Some(((number, text), key)) = SEVERITY.iter().find_map(severity) {
        members.remove(key);
        record.severity_number = number;
        record.severity_text = text;
    }
    let body = BODY.iter().find_map(|key| members.remove(*key));
    record.body = body.map(any);
    record.attributes = attributes(members);
    record
}

/// A severity by its name, or by the numbers that pino and bunyan give to `level`. A status may be of anything else: only
/// names count there.
fn severity(key: &str, value: &Value) -> Option<(i32, String)> {
    match value {
        Value::String(text) => {
            let name = text.trim();
            let (_, number) = NAMES.iter().find(|(known, _)| name.eq_ignore_ascii_case(known))?;
            Some((*number, name.to_owned()))
        }
        Value::Number(number) if key == "level" => {
            let level = number.as_u64().filter(|level| (10..=60).contains(level) && level % 10 == 0)?;
            let names = ["trace", "debug", "info", "warn", "error", "fatal"];
            let name = names.get(usize::try_from(level / 10 - 1).ok()?)?;
            severity("", &Value::String((*name).to_owned()))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn attributes(members: Map<String, Value>) -> Vec<KeyValue> {
    members.into_iter().map(|(key, value)| KeyValue { key, value: Some(any(value)), ..KeyValue::default() }).collect()
}

/// The value as OTLP has it. An integer beyond 64 bits with sign stays what it is as a text.
fn any(value: Value) -> AnyValue {
    let value = match value {
        Value::Null => None,
        Value::Bool(truth) => Some(Any::BoolValue(truth)),
        Value::Number(number) => Some(match (number.as_i64(), number.is_u64()) {
            (Some(number), _) => Any::IntValue(number),
            (None, true) => Any::StringValue(number.to_string()),
            (None, false) => Any::DoubleValue(number.as_f64().unwrap_or(f64::NAN)),
        }),
        Value::String(text) => Some(Any::StringValue(text)),
        Value::Array(list) => Some(Any::ArrayValue(ArrayValue { values: list.into_iter().map(any).collect() })),
        Value::Object(members) => Some(Any::KvlistValue(KeyValueList { values: attributes(members) })),
    };
    AnyValue { value }
}
