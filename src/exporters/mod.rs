//! Exporters: each sends scrubbed batches to one kind of backend. They know neither pipeline nor queue, and all they
//! can send is an [`Outbound`], which only a [`Scrubbed`] becomes.
//!
//! To add one: a file here, and a line in [`EXPORTERS`].

mod datadog;
mod datadog_agent;
mod debug;
mod error;
mod file;
mod otlp_grpc;
mod otlp_http;
mod sending;
mod sentry;

pub use error::SendError;
pub use otlp_grpc::status_of as grpc_error;
pub use otlp_http::retry_after;
pub use sending::{Batch, Sending};

use crate::settings::{Family, Notes, Sender};
use crate::telemetry::Component;
use bytes::Bytes;
use processors::document::Node;
use processors::walk::otlp::Signal;
use processors::{Format, Scrubbed};
use serde_json::Value;
use std::pin::Pin;

/// All exporters.
pub const EXPORTERS: &[ExporterKind] =
    &[otlp_grpc::KIND, otlp_http::KIND, datadog::KIND, datadog_agent::KIND, sentry::KIND, file::KIND, debug::KIND];

/// One type of exporter.
#[derive(Debug)]
pub struct ExporterKind {
    /// The type as configurations write it.
    pub kind: &'static str,
    /// Older names of it, which are read with a warning.
    pub old_kinds: &'static [&'static str],
    /// Which formats it sends.
    pub takes: &'static [Family],
    /// Where it sends.
    pub about: &'static str,
    /// Reads its section; the file is named for messages.
    pub read: fn(&Component, &str, &Node, &mut Notes) -> Option<Configured>,
    /// What its section takes, as JSON Schema.
    pub schema: fn() -> Value,
}

/// An exporter and how it is to be fed.
#[derive(Debug)]
pub struct Configured {
    /// The exporter.
    pub exporter: Box<dyn Exporter>,
    /// Its queue, its consumers, its retries.
    pub sending: Sending,
}

/// A batch on its way out. Holds nothing but what the engine let through.
#[derive(Clone, Debug)]
pub struct Outbound {
    format: Format,
    signal: Signal,
    sender: Sender,
    traces: Option<u64>,
    body: Bytes,
}

impl Outbound {
    /// The only way to make one. `None` if nothing says what the batch carries.
    #[must_use]
    pub fn of(scrubbed: &Scrubbed, sender: Sender) -> Option<Self> {
        let format = scrubbed.format();
        let (signal, traces, body) = (format.signal()?, scrubbed.traces(), scrubbed.bytes().clone());
        Some(Self { format, signal, sender, traces, body })
    }

    /// What it is.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// What it carries, if it is OTLP: other formats are not to be sent where OTLP is read.
    ///
    /// # Errors
    /// If it is none.
    pub fn otlp(&self) -> Result<Signal, SendError> {
        match self.format {
            Format::Otlp(signal) => Ok(signal),
            Format::Text | Format::Lines | Format::Json(_) | Format::Msgpack(_) | Format::Envelope | _ => {
                Err(SendError::Unsendable)
            }
        }
    }

    /// What is known of who sent it.
    #[must_use]
    pub fn sender(&self) -> Sender {
        self.sender
    }

    /// How many traces it holds, if it holds those of a Datadog tracer.
    #[must_use]
    pub fn traces(&self) -> Option<u64> {
        self.traces
    }

    /// What it carries.
    #[must_use]
    pub fn signal(&self) -> Signal {
        self.signal
    }

    /// The bytes: of OTLP, an export request in protobuf.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

/// A backend took a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// How many records it says it refused for good.
    pub rejected: u64,
    /// Whether it refused none and has something to say all the same. What that is, is not kept.
    pub warned: bool,
}

/// What sending comes to.
pub type Sends<'e> = Pin<Box<dyn Future<Output = Result<Sent, SendError>> + Send + 'e>>;

/// A configured exporter.
pub trait Exporter: Send + Sync + std::fmt::Debug {
    /// Sends one batch, once. Whoever calls decides whether to try again.
    fn send(&self, outbound: Outbound) -> Sends<'_>;
}

/// Reads out of an export response in protobuf how many records a backend refused, and whether it warns. What it says
/// is not looked at; what is no export response refused nothing.
#[must_use]
pub fn sent(response: &[u8]) -> Sent {
    #[derive(Clone, PartialEq, prost::Message)]
    struct Partial {
        #[prost(int64, tag = "1")]
        rejected: i64,
        #[prost(bytes = "bytes", tag = "2")]
        message: Bytes,
    }
    #[derive(Clone, PartialEq, prost::Message)]
    struct ExportResponse {
        #[prost(message, optional, tag = "1")]
        partial: Option<Partial>,
    }
    let response = <ExportResponse as prost::Message>::decode(response).unwrap_or_default();
    response.partial.map_or_else(Sent::default, |partial| {
        let rejected = u64::try_from(partial.rejected).unwrap_or(0);
        Sent { rejected, warned: rejected == 0 && !partial.message.is_empty() }
    })
}

#[cfg(test)]
mod tests {
    use super::{Sent, sent};

    #[test]
    fn partial_successes_are_read_and_nothing_else() {
        assert_eq!(sent(b"\x0a\x02\x08\x07"), Sent { rejected: 7, warned: false });
        assert_eq!(sent(b"\x0a\x07\x08\x07\x12\x03abc"), Sent { rejected: 7, warned: false });
        assert_eq!(sent(b"\x0a\x05\x12\x03abc"), Sent { rejected: 0, warned: true });
        for other in [&b""[..], b"\x0a\x00", b"<html>", b"\x0a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"] {
            assert_eq!(sent(other), Sent::default());
        }
    }
}
