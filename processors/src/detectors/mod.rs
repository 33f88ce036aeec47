//! Confirms what the scan reported, or finds by itself.
//!
//! One file each: [`shape`] runs a rule's pattern where the scan saw its trigger, [`label`] reads `key=value` in texts
//! where the scan saw a key, [`key`] judges values and numbers by the keys that lead to them. All of them leave
//! [`Finding`]s.

pub(crate) mod explain;
pub(crate) mod key;
pub(crate) mod label;
pub(crate) mod placeholder;
pub(crate) mod shape;
mod value;

use crate::actions::is_replaced;
use crate::finding::Finding;
use crate::pack::{Context, RuleSet, words};
use crate::tape::{Paths, Segment, Tape};
use crate::validators::Today;
use std::ops::Range;

/// What every detector works with.
pub(crate) struct Search<'s> {
    pub(crate) rules: &'s RuleSet,
    pub(crate) tape: &'s Tape,
    pub(crate) paths: &'s Paths,
    pub(crate) today: Today,
    pub(crate) findings: &'s mut Vec<Finding>,
    /// Segments whose search was given up: their text goes as a whole.
    pub(crate) unscanned: &'s mut Vec<u32>,
}

impl Search<'_> {
    /// Whether one of the context's words stands near `start..end` in the segment or among its keys.
    pub(crate) fn in_context(&self, context: &Context, segment: &Segment, start: usize, end: usize) -> bool {
        let text = self.tape.text(segment);
        let path = self.paths.text(segment.path).as_bytes();
        // What an earlier scrub wrote is no context: `[REDACTED:ssn]` must not make an identifier of its neighbours.
        let said = |range: Range<usize>| words(text, range, &context.finder).any(|word| !is_replaced(text, word));
        said(start.saturating_sub(context.before)..start)
            || said(end..(end + context.after).min(text.len()))
            || words(path, 0..path.len(), &context.finder).next().is_some()
    }

    pub(crate) fn add(&mut self, segment: u32, start: usize, end: usize, rule: u16) {
        #[expect(clippy::cast_possible_truncation, reason = "offsets on a 31-bit tape")]
        self.findings.push(Finding { segment, start: start as u32, end: end as u32, rule });
    }
}
