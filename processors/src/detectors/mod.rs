//! Confirms what the scan reported, or finds by itself.
//!
//! One file each: [`shape`] runs a rule's pattern where the scan saw its trigger, [`label`] reads `key=value` in texts
//! where the scan saw a key, [`key`] judges values and numbers by the keys that lead to them, [`names`] takes words of
//! prose for names and places, and [`address`] takes in what belongs to a place. All of them leave [`Finding`]s.

mod address;
mod attribute;
mod ends;
pub(crate) mod explain;
pub(crate) mod key;
pub(crate) mod label;
mod listed;
pub(crate) mod names;
pub(crate) mod placeholder;
pub(crate) mod shape;
mod value;

use crate::actions::is_replaced;
use crate::finding::Finding;
use crate::pack::{Context, RuleSet, words};
use crate::tape::{Kinds, Origin, Paths, Segment, Tape};
use crate::validators::Today;
use std::ops::Range;

/// What every detector works with.
pub(crate) struct Search<'s> {
    pub(crate) rules: &'s RuleSet,
    pub(crate) tape: &'s Tape,
    /// Of the bytes on the tape.
    pub(crate) kinds: &'s Kinds,
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
        // Nor is a word that touches it: `MRN[REDACTED:mrn]` was one word with a number.
        let touched = |word: &Range<usize>| {
            is_replaced(text, word.end..word.end + 1) || is_replaced(text, word.start.saturating_sub(1)..word.start)
        };
        let counts = |word: Range<usize>| !touched(&word) && !is_replaced(text, word);
        let said = |range: Range<usize>| words(text, range, &context.finder).any(counts);
        said(start.saturating_sub(context.before)..start)
            || said(end..(end + context.after).min(text.len()))
            || words(path, 0..path.len(), &context.finder).next().is_some()
    }

    /// Whether the site says that this is no finding.
    fn allows(&self, number: u32, start: usize, end: usize, rule: u16) -> bool {
        let tuned = &self.rules.tuned;
        if tuned.is_off(rule) {
            return true;
        }
        let Some(segment) = self.tape.segment(number) else { return false };
        tuned.allows(self.tape.text(segment).get(start..end).unwrap_or(&[]))
            || tuned.has_keys() && self.is_below(segment)
    }

    /// Whether a text, or one that it is a part of, stands below an allowed key.
    fn is_below(&self, segment: &Segment) -> bool {
        let mut segment = *segment;
        loop {
            if self.paths.meaning(segment.path).allowed {
                return true;
            }
            let outer = match segment.origin {
                Origin::Source { .. } => None,
                Origin::Alias { parent, .. } | Origin::View { parent, .. } => self.tape.segment(parent),
                Origin::Joined { first, .. } => {
                    self.tape.parts(first, 1).first().and_then(|part| self.tape.segment(part.segment))
                }
            };
            let Some(outer) = outer else { return false };
            segment = *outer;
        }
    }

    pub(crate) fn add(&mut self, segment: u32, start: usize, end: usize, rule: u16) {
        let needed = self.tape.segment(segment).is_none_or(|segment| self.tape.needs_join(segment, start, end));
        if !needed || self.allows(segment, start, end, rule) {
            return;
        }
        #[expect(clippy::cast_possible_truncation, reason = "offsets on a 31-bit tape")]
        self.findings.push(Finding { segment, start: start as u32, end: end as u32, rule });
    }
}
