//! What rules found where they do not work is left.
//!
//! This comes after everything that lasts longer than the batch: a text is clean, and a key known, only if no rule
//! finds anything in it, wherever that rule works.

use super::Scrubber;
use crate::finding::Finding;
use crate::pack::domain::Domains;
use crate::pack::{KeyMeaning, Rule};
use crate::tape::{Origin, PathId};
use crate::walk::otlp::Signal;
use std::collections::BTreeMap;

/// Parts of the tape whose keys a domain names, by rule and whether it is its `only` that does: where they begin, and how far
/// those reach that begin no later.
#[derive(Debug, Default)]
pub(super) struct Around {
    parts: BTreeMap<(u16, bool), Vec<(u32, u32)>>,
}

impl Around {
    /// Whether one of the parts holds all of `start..end`.
    fn holds(&self, named: (u16, bool), start: u32, end: u32) -> bool {
        let Some(parts) = self.parts.get(&named) else { return false };
        let before = parts.partition_point(|part| part.0 <= start);
        before.checked_sub(1).and_then(|at| parts.get(at)).is_some_and(|part| end <= part.1)
    }
}

impl Scrubber<'_> {
    /// Forgets what was found where its rule does not work, and all that an allowed service sent.
    pub(super) fn drop_left_out(&mut self, source: &[u8]) {
        if !self.rules.domains.any || self.findings.is_empty() {
            return;
        }
        let around = self.around();
        let mut findings = std::mem::take(&mut self.findings);
        findings.retain(|finding| !self.is_left_out(finding, &around, source));
        self.findings = findings;
    }

    /// Whether a finding is one that its rule's domain, or its service, leaves out.
    pub(super) fn is_left_out(&self, finding: &Finding, around: &Around, source: &[u8]) -> bool {
        let at = self.source_of(finding.segment);
        let service = at.and_then(|at| self.noted.service(source, at));
        let Some(rule) = self.rules.rules.get(usize::from(finding.rule)) else { return false };
        self.is_out_of_reach(rule, service) || self.rules.domains.keys && self.is_out_of_keys(rule, finding, around)
    }

    /// Whether `rule` leaves out a number at `at` of the source, below `path`.
    pub(super) fn leaves_out_number(&self, number: u16, path: PathId, source: &[u8], at: usize) -> bool {
        let Domains { any, services: _, keys } = self.rules.domains;
        let Some(rule) = self.rules.rules.get(usize::from(number)).filter(|_| any) else { return false };
        let named = |only: bool| self.paths.meaning(path).domain.contains(&(number, only));
        self.is_out_of_reach(rule, self.noted.service(source, at))
            || keys && (!rule.domain.only.keys.is_empty() && !named(true) || named(false))
    }

    fn is_out_of_reach(&self, rule: &Rule, service: Option<&[u8]>) -> bool {
        rule.domain.leaves_out(self.signal, service)
            || service.is_some_and(|name| self.rules.tuned.allows_service(name))
    }

    /// Whether the keys above a finding, or those of a part that holds all of it, leave it out.
    fn is_out_of_keys(&self, rule: &Rule, finding: &Finding, around: &Around) -> bool {
        let only = !rule.domain.only.keys.is_empty();
        if !only && rule.domain.except.keys.is_empty() {
            return false;
        }
        let start = self.tape.segment(finding.segment).map_or(0, |segment| segment.start);
        let named = |only: bool| {
            let mut above = self.meanings_above(finding.segment);
            above.any(|meaning| meaning.domain.contains(&(finding.rule, only)))
                || around.holds((finding.rule, only), start + finding.start, start + finding.end)
        };
        only && !named(true) || named(false)
    }

    /// The parts of texts whose keys some domain names.
    pub(super) fn around(&self) -> Around {
        let mut around = Around::default();
        if !self.rules.domains.keys {
            return around;
        }
        for part in self.tape.segments().iter().filter(|segment| matches!(segment.origin, Origin::Alias { .. })) {
            for named in &self.paths.meaning(part.path).domain {
                around.parts.entry(*named).or_default().push((part.start, part.end));
            }
        }
        for parts in around.parts.values_mut() {
            parts.sort_unstable();
            let mut reach = 0;
            for part in parts {
                reach = reach.max(part.1);
                part.1 = reach;
            }
        }
        around
    }

    /// What the keys of a text say, and those of the texts that it is a part of.
    fn meanings_above(&self, number: u32) -> impl Iterator<Item = &KeyMeaning> {
        let mut next = Some(number);
        std::iter::from_fn(move || {
            let segment = self.tape.segment(next?)?;
            next = match segment.origin {
                Origin::Source { at: _, len: _, utf8: _ } => None,
                Origin::Alias { parent, bare: _ } | Origin::View { parent, from: _, len: _, content: _ } => {
                    Some(parent)
                }
                // What is joined comes from one record: the first part stands for all.
                Origin::Joined { first, count } => self.tape.parts(first, count).first().map(|part| part.segment),
            };
            Some(self.paths.meaning(segment.path))
        })
    }

    /// Where in the source the text begins that a text on the tape is, or is a part of.
    pub(super) fn source_of(&self, mut number: u32) -> Option<usize> {
        loop {
            match self.tape.segment(number)?.origin {
                // What is looked at again has its place by its edit.
                Origin::Source { at, len: _, utf8: _ } => {
                    let Some(text) = self.looked.get(number as usize) else { return Some(at as usize) };
                    return self.edits.get(text.edit).map(|edit| edit.at.start);
                }
                Origin::Alias { parent, bare: _ } | Origin::View { parent, from: _, len: _, content: _ } => {
                    number = parent;
                }
                Origin::Joined { first, count } => number = self.tape.parts(first, count).first()?.segment,
            }
        }
    }

    /// Has the walk note what domains and marks ask for, of a batch of this signal.
    pub(super) fn prepare(&mut self, signal: Option<Signal>) {
        self.signal = signal;
        self.noted.services = self.rules.domains.services;
        self.noted.records = self.rules.tuned.mark && matches!(signal, Some(Signal::Traces | Signal::Logs));
    }
}
