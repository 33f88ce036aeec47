//! What a frame ended as.

/// What a frame ended as: all there is to tell its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken, as far as the pipeline's `ack` promises.
    Done {
        /// How many records it held.
        records: u64,
        /// How many of them a backend refused for good; zero unless `ack: delivered`.
        rejected: u64,
    },
    /// It was not taken.
    Refused(Refusal),
}

/// Why a frame was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is not what it claims to be.
    Malformed,
    /// It is too large, before or after inflating.
    TooLarge,
    /// The engine failed on it for the third time.
    Poisoned,
    /// A backend refused it for good; only with `ack: delivered`.
    Undeliverable,
    /// The engine failed on it.
    EngineFault,
    /// There is no room for it now: in the budget for raw bytes, in line for a worker, or in a queue.
    NoRoom,
    /// The collector is about to stop.
    Draining,
    /// It was let go of without an answer.
    Unsettled,
}

impl Refusal {
    /// The reason in a word.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::Poisoned => "poisoned",
            Self::Undeliverable => "undeliverable",
            Self::EngineFault => "engine_fault",
            Self::NoRoom => "no_room",
            Self::Draining => "draining",
            Self::Unsettled => "unsettled",
        }
    }

    /// Whether the same bytes may be taken later.
    #[must_use]
    pub fn is_passing(self) -> bool {
        match self {
            Self::Malformed | Self::TooLarge | Self::Poisoned | Self::Undeliverable => false,
            Self::EngineFault | Self::NoRoom | Self::Draining | Self::Unsettled => true,
        }
    }
}
