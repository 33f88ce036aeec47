//! Sockets and bodies: an accept loop with deadlines, a client that reads little, compression with caps.

mod activity;
mod body;
mod budget;
mod certificates;
mod client;
mod compress;
mod deadline;
mod dialer;
mod expiry;
mod frames;
mod listener;
mod places;
mod refuse;
mod socket;
mod stamps;
mod tls;

pub use body::{BodyError, ReadLimits, discard_body, read_body};
pub use budget::{Budget, Pressure, Reserved};
pub use certificates::PeerNames;
pub use client::{Client, ClientError, Connector, Reply};
pub use compress::{Encoding, InflateError, compress, head, inflate};
pub use dialer::Dialer;
pub use frames::{Flood, FrameMeter};
pub use listener::{Limits, Listener, Protocol};
pub use stamps::{Stamp, stamps};
pub use tls::{TlsError, client_config, server_config};

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use std::convert::Infallible;

/// The body of an answer.
pub type AnswerBody = UnsyncBoxBody<Bytes, Infallible>;
