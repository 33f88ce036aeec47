//! Why a batch was refused: closed reasons and offsets, never a part of the batch.

use crate::matcher::ScanFailed;
use crate::walk::{Malformed, WalkError};

/// A batch was not scrubbed and must not be forwarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rejected {
    /// It is not what it claims to be. Sending it again will not help.
    Malformed {
        /// Where the framing breaks, in bytes.
        offset: usize,
    },
    /// It holds more text than one batch may. Sending it again will not help; sending it in parts will.
    TooLarge,
    /// The engine failed. Sending it again may help.
    Engine,
}

impl Rejected {
    /// The reason as metrics label it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Malformed { .. } => "malformed",
            Self::TooLarge => "too_large",
            Self::Engine => "engine",
        }
    }
}

impl std::fmt::Display for Rejected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Malformed { offset } => write!(f, "the message is malformed at byte {offset}"),
            Self::TooLarge => f.write_str("the message holds more text than one batch may"),
            Self::Engine => f.write_str("the message could not be scrubbed"),
        }
    }
}

impl std::error::Error for Rejected {}

impl From<Malformed> for Rejected {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed { offset: malformed.offset }
    }
}

impl From<WalkError> for Rejected {
    fn from(error: WalkError) -> Self {
        match error {
            WalkError::Malformed(malformed) => malformed.into(),
            WalkError::TapeFull => Self::TooLarge,
        }
    }
}

impl From<ScanFailed> for Rejected {
    fn from(_: ScanFailed) -> Self {
        Self::Engine
    }
}
