//! What a scrub did, in numbers that may be shown to anyone.

use crate::actions::Action;
use crate::pack::Identifier;
use crate::tape::Place;
use std::collections::BTreeMap;

/// What was replaced, by kind of identifier, kind of place and action.
pub type Counts = BTreeMap<(Identifier, Place, Action), u64>;

/// What a scrub did. Holds no text and no key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Spans, log records, data points, profiles; one for a text.
    pub records: u64,
    /// What was replaced.
    pub findings: Counts,
    /// What rules of the stage `shadow` found and left, by rule.
    pub shadowed: BTreeMap<Box<str>, u64>,
    /// Texts and values that could not be looked at and went as a whole.
    pub unscanned: u64,
    /// Fields that are not part of the format and went.
    pub unknown_fields: u64,
    /// Texts that were no valid UTF-8.
    pub mended: u64,
    /// How many texts the scan looked at.
    pub texts: u64,
    /// How many bytes they and their decoded layers had.
    pub tape_bytes: u64,
}

impl Report {
    /// How many findings there were in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.findings.values().sum()
    }
}
