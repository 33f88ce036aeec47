//! Codecs: one format becomes another.

pub mod log_records;
pub mod otlp_json;
