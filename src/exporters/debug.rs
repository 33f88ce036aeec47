//! Writes scrubbed requests to stdout: one JSON object a line.

use super::{Configured, Exporter, ExporterKind, Outbound, SendError, Sending, Sends, Sent};
use crate::codec::otlp_json;
use crate::settings::{Family, Notes, schema};
use crate::telemetry::Component;
use processors::document::{Fields, Node};
use serde_json::Value;
use std::io::Write as _;

/// The registry's entry.
pub(super) const KIND: ExporterKind = ExporterKind {
    kind: "debug",
    old_kinds: &["logging"],
    takes: &[Family::Otlp],
    about: "scrubbed requests as JSON lines on stdout",
    read,
    schema,
};

/// What the OpenTelemetry Collector knows and this exporter does otherwise.
const NOT_FOLLOWED: [&str; 4] = ["verbosity", "sampling_initial", "sampling_thereafter", "use_internal_logger"];

#[derive(Debug)]
struct Debug;

fn read(_component: &Component, file: &str, node: &Node, notes: &mut Notes) -> Option<Configured> {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let sending = Sending { consumers: 1, ..Sending::read(&mut fields, notes) };
    for key in NOT_FOLLOWED {
        if let Some(node) = fields.take(key) {
            notes.warn(file, node.at, format!("`{key}` is not followed: every scrubbed request is written whole"));
        }
    }
    fields.finish(&mut notes.mistakes);
    Some(Configured { exporter: Box::new(Debug), sending })
}

fn schema() -> Value {
    let ignored = NOT_FOLLOWED.map(|key| (key, schema::not_followed()));
    schema::object(&[], &[&Sending::schema()[..], &ignored].concat())
}

impl Exporter for Debug {
    fn send(&self, outbound: Outbound) -> Sends<'_> {
        Box::pin(async move {
            // A reader that does not keep up blocks a thread made for that.
            let written = tokio::task::spawn_blocking(move || write(&outbound)).await;
            written.unwrap_or(Err(SendError::Unsendable))
        })
    }
}

fn write(outbound: &Outbound) -> Result<Sent, SendError> {
    let mut line = otlp_json::from_protobuf(outbound.otlp()?, outbound.body()).map_err(|_| SendError::Unsendable)?;
    line.push('\n');
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(line.as_bytes()).and_then(|()| stdout.flush()).map_err(|_| SendError::Unreachable)?;
    Ok(Sent::default())
}
