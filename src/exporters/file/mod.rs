//! Writes scrubbed requests to a file: OTLP/JSON, one request a line, as the OpenTelemetry Collector's exporter of this name.

mod rotation;
mod writer;

use super::{Configured, Exporter, ExporterKind, Outbound, SendError, Sending, Sends, Sent};
use crate::codec::otlp_json;
use crate::settings::{self, Family, Notes, not_followed, schema};
use crate::telemetry::Component;
use processors::document::{Fields, Node};
use rotation::Rotation;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use writer::Writer;

/// The registry's entry.
pub(super) const KIND: ExporterKind = ExporterKind {
    kind: "file",
    old_kinds: &[],
    takes: &[Family::Otlp],
    about: "OTLP/JSON, one request a line, in a file that rotates",
    read,
    schema,
};

/// What the OpenTelemetry Collector knows and this exporter does otherwise.
const NOT_FOLLOWED: [(&str, &str); 6] = [
    ("append", "a file that is there is always written on"),
    ("compression", "lines are written as they are"),
    ("encoding", "lines are OTLP/JSON"),
    ("flush_interval", "a request is on disk before it counts as delivered"),
    ("group_by", "there is one file"),
    ("directory_permissions", "directories are made for the collector's user alone"),
];

#[derive(Debug)]
struct File {
    writer: Arc<Mutex<Writer>>,
}

fn read(_component: &Component, file: &str, node: &Node, notes: &mut Notes) -> Option<Configured> {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let path = fields.require("path", &mut notes.mistakes).and_then(|node| match node.text() {
        Some(path) if !path.is_empty() => Some(PathBuf::from(path)),
        _ => {
            notes.mistake(file, node.at, "`path` takes the path of a file");
            None
        }
    });
    let create = fields.boolean("create_directory", &mut notes.mistakes).unwrap_or(false);
    let rotation = fields.take("rotation").map(|node| rotation_of(file, node, notes));
    if let Some((format, at)) = fields.text("format", &mut notes.mistakes)
        && format != "json"
    {
        notes.mistake(file, at, "`format` is json: one request a line");
    }
    // One writer, one line after the other.
    let sending = Sending { consumers: 1, ..Sending::read(&mut fields, notes) };
    not_followed(&mut fields, &NOT_FOLLOWED, notes);
    fields.finish(&mut notes.mistakes);
    let writer = Writer::new(path?, create, rotation);
    Some(Configured { exporter: Box::new(File { writer: Arc::new(Mutex::new(writer)) }), sending })
}

fn schema() -> Value {
    let rotation = [
        ("max_megabytes", schema::integer(1, 1_048_576)),
        ("max_days", schema::integer(0, 36_500)),
        ("max_backups", schema::integer(0, 100_000)),
        ("localtime", schema::not_followed()),
    ];
    let own = [
        ("path", schema::text()),
        ("create_directory", schema::boolean()),
        ("rotation", schema::object(&[], &rotation)),
        ("format", schema::word(&["json"])),
    ];
    let ignored = NOT_FOLLOWED.map(|(key, _)| (key, schema::not_followed()));
    schema::object(&["path"], &[&own[..], &Sending::schema(), &ignored].concat())
}

fn rotation_of(file: &str, node: &Node, notes: &mut Notes) -> Rotation {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let megabytes = settings::number(&mut fields, "max_megabytes", 1..=1_048_576u64, notes);
    let days = settings::number(&mut fields, "max_days", 0..=36_500u64, notes);
    let backups = settings::number(&mut fields, "max_backups", 0..=100_000usize, notes);
    if let Some(node) = fields.take("localtime") {
        notes.warn(file, node.at, "`localtime` is not followed: names of files hold times in UTC");
    }
    fields.finish(&mut notes.mistakes);
    Rotation::new(megabytes, days, backups)
}

impl Exporter for File {
    fn send(&self, outbound: Outbound) -> Sends<'_> {
        let writer = Arc::clone(&self.writer);
        Box::pin(async move {
            // Disks block, and for long when they are ill.
            let written = tokio::task::spawn_blocking(move || write(&writer, &outbound)).await;
            written.unwrap_or(Err(SendError::Unsendable))
        })
    }
}

fn write(writer: &Mutex<Writer>, outbound: &Outbound) -> Result<Sent, SendError> {
    let mut line = otlp_json::from_protobuf(outbound.otlp()?, outbound.body()).map_err(|_| SendError::Unsendable)?;
    line.push('\n');
    let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
    // A full disk, a directory that is gone: held and tried again, like a backend that is away.
    writer.write(line.as_bytes()).map_err(|_| SendError::Unreachable)?;
    Ok(Sent::default())
}
