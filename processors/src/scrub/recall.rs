//! What was found in one text of a batch is found in all of them: also in those that nobody looked at, because they
//! are known to be clean by themselves.

use super::{Scrubber, keep_disallowed};
use crate::actions::{Action, is_replaced};
use crate::contents::ContentId;
use crate::detectors::{Search, key};
use crate::error::Rejected;
use crate::pack::{KeyClass, Rule, RuleStage};
use crate::recall::{Recalled, Seeds, Stands};
use crate::report::Report;
use crate::scrubbed::Format;
use crate::tape::{Origin, Place, Segment, Tape};
use crate::validators::Today;
use crate::walk::{Number, Passed, PassedText, Share, Value};
use std::collections::HashSet;

impl Scrubber<'_> {
    /// Takes what is memorable out of the findings, and finds it wherever else it stands on the tape. Costs nothing
    /// without a finding, and without a memorable one a look at each.
    pub(super) fn recall(&mut self, source: &[u8], today: Today) {
        // What is found again is named by who found it first: in the order of the tape, whatever looked for it.
        self.findings.sort_unstable();
        self.finder = self.seeds(source, today).finder();
        self.search(today);
    }

    /// Looks at what the first walk passed over, and replaces there what is found again. Costs nothing if nothing was
    /// memorable, and up to two walks if something is found.
    ///
    /// # Errors
    /// As [`Scrubber::scrub`](super::Scrubber::scrub).
    pub(super) fn recall_the_rest(
        &mut self,
        source: &[u8],
        format: Format,
        today: Today,
        report: &mut Report,
    ) -> Result<(), Rejected> {
        let Some(finder) = &self.finder else { return Ok(()) };
        let first = self.paths.next();
        let found = |value: &Value| finder.rule_of(&value.decimal()).is_some();
        let numbered = self.walked.passed.numbers.iter().any(found);
        // Texts and keys repeat themselves. That one of them is found in again is rare, and only then is each looked for.
        let passed = std::mem::take(&mut self.walked.passed);
        let looked = self.look_at_passed(&passed, source, format, today);
        self.walked.passed = passed;
        looked?;
        if numbered || !self.findings.is_empty() || !self.unscanned.is_empty() {
            self.clear_look();
            self.walk_passed(source, format, false)?;
            self.look_at_laid_out(today)?;
        }
        // A key whose place in the table another took since the first walk is new once more, and nobody scans it here: it
        // must not pass for one in which nothing was found.
        self.found_keys.extend(self.paths.since(first));
        self.drop_left_out(source);
        self.drop_edited();
        self.note_keys();
        self.recall_numbers(source, report);
        self.render_texts(today, report)
    }

    /// Looks at what was noted as passed over; at what a walk finds, equal texts but once, if not all was noted.
    fn look_at_passed(&mut self, passed: &Passed, source: &[u8], format: Format, today: Today) -> Result<(), Rejected> {
        self.clear_look();
        if passed.more {
            self.walk_passed(source, format, true)?;
            // Numbers are changed where they are found by a walk that looks for all.
            self.walked.numbers.clear();
        } else {
            for PassedText { range, path, place, utf8 } in &passed.texts {
                let text = source.get(range.clone()).ok_or(Rejected::Engine)?;
                let at = u32::try_from(range.start).map_err(|_| Rejected::TooLarge)?;
                let len = u32::try_from(range.len()).map_err(|_| Rejected::TooLarge)?;
                let origin = Origin::Source { at, len, utf8: *utf8 };
                self.tape.push(text, *path, *place, origin).map_err(|_| Rejected::TooLarge)?;
            }
        }
        self.look_at_laid_out(today)
    }

    /// Puts what the first walk passed over on the tape.
    fn walk_passed(&mut self, source: &[u8], format: Format, once: bool) -> Result<(), Rejected> {
        // What was noted of the source holds for this walk too.
        let noted = std::mem::take(&mut self.noted);
        let walked = self.walk(source, format, Share::PassedOver, once);
        self.noted = noted;
        walked
    }

    /// Finds what was found before in what is on the tape.
    fn look_at_laid_out(&mut self, today: Today) -> Result<(), Rejected> {
        self.mended = self.tape.mend();
        self.open()?;
        self.unscanned.extend_from_slice(&self.opened.unscanned);
        self.search(today);
        Ok(())
    }

    /// Forgets what was found in texts that are edited by now: they were on the tape before, joined to others.
    fn drop_edited(&mut self) {
        let edited: HashSet<usize> = self.edits.iter().map(|edit| edit.at.start).collect();
        let mut findings = std::mem::take(&mut self.findings);
        findings.retain(|finding| self.source_of(finding.segment).is_none_or(|at| !edited.contains(&at)));
        self.findings = findings;
    }

    fn seeds(&self, source: &[u8], today: Today) -> Seeds {
        let Self { rules, tape, kinds, paths, walked, findings, .. } = self;
        let mut seeds = Seeds::default();
        let memorable = |index: u16| rules.rules.get(usize::from(index)).filter(|rule| is_memorable(rule));
        for finding in findings {
            let text = tape.segment(finding.segment).map(|segment| tape.text(segment));
            let found = text.and_then(|text| text.get(finding.start as usize..finding.end as usize));
            if let (Some(rule), Some(found)) = (memorable(finding.rule), found) {
                seeds.take(finding.rule, rule, found);
            }
        }
        let (mut none, mut nothing) = (Vec::new(), Vec::new());
        let search = Search { rules, tape, kinds, paths, today, findings: &mut none, unscanned: &mut nothing };
        for Number { path, value, place, change } in &walked.numbers {
            let decimal = value.decimal();
            let works = |rule: &u16| !self.leaves_out_number(*rule, *path, source, change.start());
            let taker =
                key::judge_number(&search, &decimal, *path, *place == Place::MetricName).into_iter().find(works);
            if let Some(index) = taker
                && let Some(rule) = memorable(index)
            {
                seeds.take(index, rule, decimal.as_bytes());
            }
        }
        seeds
    }

    /// Adds what the finder finds on the tape to the findings.
    fn search(&mut self, today: Today) {
        let Self { rules, tape, kinds, paths, findings, unscanned, finder, .. } = self;
        let Some(finder) = finder else { return };
        let mut known: Vec<(u32, u32, u32)> =
            findings.iter().map(|finding| (finding.segment, finding.start, finding.end)).collect();
        known.sort_unstable();
        let (tape, kinds, paths) = (&*tape, &*kinds, &*paths);
        let before = findings.len();
        let mut search = Search { rules, tape, kinds, paths, today, findings, unscanned };
        let mut segments =
            (0u32..).zip(tape.segments()).filter(|(_, segment)| !matches!(segment.origin, Origin::Alias { .. }));
        let mut current = segments.next();
        finder.search(tape.bytes(), kinds, |Recalled { range, rule, stands }| {
            while let Some((_, segment)) = current
                && segment.end as usize <= range.start
            {
                current = segments.next();
            }
            let Some((number, segment)) = current else { return };
            let enough = match stands {
                Stands::Whole => true,
                Stands::Alone => paths.meaning(segment.path).class != KeyClass::Opaque,
                Stands::InCode => segment.place == Place::Key,
            };
            let (Some(start), Some(end)) =
                (range.start.checked_sub(segment.start as usize), range.end.checked_sub(segment.start as usize))
            else {
                return;
            };
            if !enough || is_binary(tape, segment) || is_replaced(tape.text(segment), start..end) {
                return;
            }
            if !is_within(&known, number, start, end) {
                search.add(number, start, end, rule);
            }
        });
        if findings.len() > before && rules.tuned.has_keys() {
            keep_disallowed(tape, paths, findings);
        }
    }

    /// Takes out numbers that were found before, wherever they stand.
    fn recall_numbers(&mut self, source: &[u8], report: &mut Report) {
        let numbers = std::mem::take(&mut self.walked.numbers);
        for number in &numbers {
            let decimal = number.value.decimal();
            let allowed = self.paths.meaning(number.path).allowed || self.rules.tuned.allows(decimal.as_bytes());
            let place = number.change.start();
            let index = self.finder.as_ref().and_then(|finder| finder.rule_of(&decimal));
            let index = index.filter(|index| !self.leaves_out_number(*index, number.path, source, place));
            if let Some(index) = index.filter(|_| !allowed) {
                self.note_replaced(place, index);
            }
            if let Some(rule) = index.filter(|_| !allowed).and_then(|index| self.rules.rules.get(usize::from(index))) {
                *report.findings.entry((rule.identifier, number.place, Action::Drop)).or_default() += 1;
                self.change(&number.change);
            }
        }
        self.walked.numbers = numbers;
    }
}

/// Whether what a rule finds may be looked for elsewhere: it acts, and leaves nothing of it that could be found again.
fn is_memorable(rule: &Rule) -> bool {
    let replaces = match rule.action {
        Action::Token | Action::Redact | Action::Drop | Action::Mask { .. } => true,
        Action::Generalize => false,
    };
    replaces && rule.stage() == RuleStage::Active
}

/// Whether a segment is a step between two codings, bytes that stand for text only once they are decoded further: a
/// replacement would break them. What they decode to is on the tape too.
fn is_binary(tape: &Tape, segment: &Segment) -> bool {
    let step = match segment.origin {
        Origin::View { parent: _, from: _, len: _, content } => content != ContentId::Base64Bytes,
        Origin::Source { at: _, len: _, utf8: _ }
        | Origin::Alias { parent: _, bare: _ }
        | Origin::Joined { first: _, count: _ } => false,
    };
    step && simdutf8::basic::from_utf8(tape.text(segment)).is_err()
}

/// Whether one of the known ranges, which are sorted, holds this one.
fn is_within(known: &[(u32, u32, u32)], number: u32, start: usize, end: usize) -> bool {
    let upto = known.partition_point(|(segment, from, _)| (*segment, *from as usize) <= (number, start));
    let before = known.get(..upto).unwrap_or(&[]).iter().rev();
    before.take_while(|(segment, ..)| *segment == number).take(16).any(|(_, _, to)| *to as usize >= end)
}
