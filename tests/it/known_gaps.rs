//! What is known to leak or to get lost, each with the reason: the one list that the searches look at.
//!
//! An entry that no longer holds fails its test, so that the list only shrinks.

/// A gap: the start of the place or the vector it is seen at, and why it is there.
pub const KNOWN_GAPS: &[(&str, &str)] = &[];
