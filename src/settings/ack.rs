//! When a client is told that its data has arrived.

use super::{Notes, schema};
use processors::document::Fields;
use serde_json::Value;

/// When a client is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ack {
    /// As soon as the scrubbed batch has its place in every queue. A crash loses what memory queues hold.
    #[default]
    Queued,
    /// As soon as every exporter has delivered it. A crash loses nothing that was acknowledged.
    Delivered,
}

impl Ack {
    /// What [`Ack::read`] takes.
    #[must_use]
    pub fn schema() -> Value {
        schema::word(&["queued", "delivered"])
    }

    /// Reads `key`; absent, it is `queued`.
    pub fn read(fields: &mut Fields<'_>, key: &'static str, notes: &mut Notes) -> Self {
        match fields.text(key, &mut notes.mistakes) {
            None | Some(("queued", _)) => Self::Queued,
            Some(("delivered", _)) => Self::Delivered,
            Some((_, at)) => {
                notes.mistake(fields.file(), at, format!("`{key}` is queued or delivered"));
                Self::Queued
            }
        }
    }
}
