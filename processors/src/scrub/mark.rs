//! Says in a span or log record what was redacted in it, where the configuration asks for that.
//!
//! The mark comes in as the first field of its record. One that is there already goes and its numbers are added, so that
//! a record has one; a scrub that replaces nothing touches none. Data points are never marked: an attribute of theirs is
//! a part of what a series is.

use super::Scrubber;
use crate::mark::{self, Tally};
use crate::pack::Rule;
use crate::splice::{Edit, Scope};
use crate::walk::Record;
use crate::walk::wire::{self, WireType};
use std::collections::BTreeMap;
use std::ops::Range;

impl Scrubber<'_> {
    /// Remembers that `rule` replaced something at `at` of the source; no rule, if it could not be looked at.
    pub(super) fn note_replaced(&mut self, at: usize, rule: u16) {
        if self.noted.records {
            self.replaced.push((at, rule));
        }
    }

    /// Makes edits of what was remembered.
    pub(super) fn write_marks(&mut self, source: &[u8]) {
        let mut tallies: BTreeMap<usize, Tally<'_>> = BTreeMap::new();
        for (at, rule) in &self.replaced {
            // What stands in a resource or a scope is in no record.
            if let Some(record) = self.noted.record(*at) {
                let id = self.rules.rules.get(usize::from(*rule)).map(Rule::id);
                mark::count(tallies.entry(record).or_default(), id, 1);
            }
        }
        for (number, mut tally) in tallies {
            let Some(record) = self.noted.marked.get(number) else { continue };
            for (field, text) in marks(source, record) {
                let known = source.get(text).and_then(|text| self.rules.vocabulary.read(text));
                known.unwrap_or_default().iter().for_each(|(id, count)| mark::count(&mut tally, Some(id), *count));
                self.edits.push(Edit { at: field, with: 0..0, scope: Scope::Field });
            }
            let from = self.replacements.len();
            mark::write(record.attributes, &tally, &mut self.replacements);
            let (start, with) = (record.range.start, from..self.replacements.len());
            self.edits.push(Edit { at: start..start, with, scope: Scope::Insert });
        }
        self.replaced.clear();
    }
}

/// The marks that a record has: the whole field, and the text.
fn marks(source: &[u8], record: &Record) -> Vec<(Range<usize>, Range<usize>)> {
    let mut found = Vec::new();
    let fields = |message: Range<usize>| {
        let mut at = message.start;
        std::iter::from_fn(move || {
            let field = wire::field(source, at, message.end).ok().filter(|_| at < message.end)?;
            at = field.value.end;
            Some(field)
        })
    };
    let last = |message: Range<usize>, number: u32| {
        fields(message).filter(|field| field.number == number && field.wire == WireType::Len).last()
    };
    for field in fields(record.range.clone()) {
        if field.number != record.attributes || field.wire != WireType::Len {
            continue;
        }
        let key = last(field.value.clone(), 1).and_then(|key| source.get(key.value));
        if key == Some(mark::KEY.as_bytes()) {
            let text = last(field.value.clone(), 2).and_then(|value| last(value.value, 1));
            let text = text.map_or(field.start..field.start, |text| text.value);
            found.push((field.start..field.value.end, text));
        }
    }
    found
}
