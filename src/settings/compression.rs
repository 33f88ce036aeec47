//! How bodies are compressed on their way out.

use super::{Notes, schema};
use processors::document::Fields;
use serde_json::Value;

/// The compression of an outgoing body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// None.
    None,
    /// gzip, which every backend reads.
    #[default]
    Gzip,
    /// zstd: less CPU for the same size.
    Zstd,
}

impl Compression {
    /// What [`Compression::read`] takes.
    #[must_use]
    pub fn schema() -> Value {
        schema::word(&["none", "", "gzip", "zstd"])
    }

    /// Reads `key`; absent, it is gzip.
    pub fn read(fields: &mut Fields<'_>, key: &'static str, notes: &mut Notes) -> Self {
        match fields.text(key, &mut notes.mistakes) {
            None | Some(("gzip", _)) => Self::Gzip,
            Some(("none" | "", _)) => Self::None,
            Some(("zstd", _)) => Self::Zstd,
            Some((_, at)) => {
                notes.mistake(fields.file(), at, format!("`{key}` is none, gzip or zstd"));
                Self::Gzip
            }
        }
    }

    /// The `content-encoding` of such a body, if it has one.
    #[must_use]
    pub fn content_encoding(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Gzip => Some("gzip"),
            Self::Zstd => Some("zstd"),
        }
    }
}
