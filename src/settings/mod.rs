//! Value types of configuration sections: what a section holds once it has been read, and how it is read.
//!
//! Every reader takes one key of a mapping, notes what is wrong with its value, and never stops at the first mistake.
//! A value that a message quotes stands in backticks as a whole: the configuration replaces such a quote where the
//! value came from the environment or from a file.

mod ack;
mod admin;
mod compression;
mod current;
mod endpoint;
mod listen;
mod notes;
mod retry;
pub mod schema;
mod secret;
mod sender;
mod tls;
mod token;
mod units;

pub use ack::Ack;
pub use admin::Admin;
pub use compression::Compression;
pub use current::Current;
pub use endpoint::Endpoint;
pub use listen::Listen;
pub use notes::{Notes, not_followed};
pub use retry::Retry;
pub use secret::Secret;
pub use sender::{Family, Language, Sender, Tracer};
pub use tls::{ClientTls, ServerTls, TlsVersion};
pub use token::TokenHash;
pub use units::{bytes, duration, number};
