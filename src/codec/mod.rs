//! Codecs: one format becomes another.

pub mod otlp_json;
