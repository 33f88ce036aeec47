//! Receivers: each takes bytes off one transport and hands them to the pipeline, and knows how to say what became of
//! them. Nothing else of a request goes further: no header, no peer, no token.
//!
//! To add one: a file here, and a line in [`RECEIVERS`].

mod auth;
mod datadog_agent;
mod face;
mod http_logs;
mod native;
mod otlp;
mod sentry;
mod stdin;

pub use auth::{Credentials, TokenDemands, TokenKeys};

use crate::drain::Drain;
use crate::net::Budget;
use crate::pipeline::Inlet;
use crate::settings::{Family, Notes};
use crate::telemetry::Component;
use processors::document::Node;
use serde_json::Value;
use std::io;
use std::pin::Pin;

/// All receivers.
pub const RECEIVERS: &[ReceiverKind] = &[otlp::KIND, http_logs::KIND, datadog_agent::KIND, sentry::KIND, stdin::KIND];

/// One type of receiver.
#[derive(Debug)]
pub struct ReceiverKind {
    /// The type as configurations write it.
    pub kind: &'static str,
    /// Which formats it gives.
    pub family: Family,
    /// What it takes.
    pub about: &'static str,
    /// Reads its section; the file is named for messages.
    pub read: fn(&Component, &str, &Node, &mut Notes) -> Built,
    /// What its section takes, as JSON Schema.
    pub schema: fn() -> Value,
}

/// What reading a section comes to: nothing, if something is wrong with it.
pub type Built = Option<Box<dyn Receiver>>;

/// What a receiver is given to work with.
#[derive(Clone, Debug)]
pub struct Start {
    /// Where frames go.
    pub inlet: Inlet,
    /// The bytes that all receivers share.
    pub budget: Budget,
    /// When to stop.
    pub drain: Drain,
}

/// A listener at work. Ends when nothing is waited for any more.
pub type Serving = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What starting a receiver comes to.
pub type Started<'r> = Pin<Box<dyn Future<Output = io::Result<Vec<Serving>>> + Send + 'r>>;

/// A configured receiver.
pub trait Receiver: Send + Sync + std::fmt::Debug {
    /// Opens its listeners. Fails if an address is not to be had.
    fn start(&self, start: Start) -> Started<'_>;

    /// Who may send to it, to be exchanged while it runs.
    fn credentials(&self) -> Credentials;
}
