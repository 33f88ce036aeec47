//! Sockets and bodies: an accept loop with deadlines, a client that reads little, compression with caps.

mod body;
mod budget;
mod client;
mod compress;
mod deadline;
mod listener;
mod tls;

pub use body::{BodyError, ReadLimits, discard_body, read_body};
pub use budget::{Budget, Reserved};
pub use client::{Client, ClientError, Reply};
pub use compress::{Encoding, InflateError, compress, inflate};
pub use listener::{Limits, Listener, Protocol};
pub use tls::{TlsError, client_config, server_config};

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use std::convert::Infallible;

/// The body of an answer.
pub type AnswerBody = UnsyncBoxBody<Bytes, Infallible>;
