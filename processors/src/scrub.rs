//! The way of one batch through the engine, as one straight line.

use crate::actions::{Render, UNSCANNED};
use crate::contents::{self, Opened, content};
use crate::detectors::label::Labels;
use crate::detectors::shape::Confirm;
use crate::detectors::{Search, key};
use crate::error::Rejected;
use crate::finding::Finding;
use crate::matcher::{Event, Scanner};
use crate::memo::Memo;
use crate::pack::{Identifier, RuleSet};
use crate::report::Report;
use crate::resolve::{Replacement, UNSCANNED_RULE, resolve};
use crate::scrubbed::{Format, Scrubbed};
use crate::splice::{self, Edit, Scope};
use crate::tape::{Origin, PathId, Paths, Segment, Tape};
use crate::validators::Today;
use crate::walk::{self, Change, Fill, Out, Value, Walked};
use bytes::Bytes;

mod explain;
mod probe;

pub use explain::{Candidate, Explanation, Replaced, Word};
pub(crate) use probe::Probe;

/// How much memory a scrubber keeps from batch to batch, in bytes of text.
const KEEP: usize = 4 << 20;

/// How far [`Scrubber::run_until`] goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Texts are on the tape.
    Walk,
    /// So are their decoded layers.
    Open,
    /// The scan has reported triggers.
    Scan,
    /// Findings are confirmed.
    Detect,
}

/// One worker's engine: the rules it was made for and the memory it works in. Not shared between threads.
pub struct Scrubber<'r> {
    rules: &'r RuleSet,
    scanner: Scanner<'r>,
    tape: Tape,
    paths: Paths,
    walked: Walked,
    memo: Option<Memo>,
    /// The day of the last batch.
    today: Option<Today>,
    opened: Opened,
    events: Vec<Event>,
    confirm: Confirm,
    labels: Labels,
    findings: Vec<Finding>,
    unscanned: Vec<u32>,
    /// How many texts of the batch were no valid UTF-8.
    mended: u64,
    edits: Vec<Edit>,
    replacements: Vec<u8>,
}

impl<'r> Scrubber<'r> {
    /// Makes a scrubber: about a megabyte.
    ///
    /// # Errors
    /// If the matcher has no memory to scan with.
    pub fn new(rules: &'r RuleSet) -> Result<Self, Rejected> {
        Ok(Self {
            rules,
            scanner: rules.database.scanner()?,
            tape: Tape::default(),
            paths: Paths::new(rules.pseudonym_key.derive(b"scrubjay key paths")),
            walked: Walked::default(),
            memo: Some(Memo::new(rules.pseudonym_key.derive(b"scrubjay memo"))),
            today: None,
            opened: Opened::default(),
            events: Vec::new(),
            confirm: Confirm::default(),
            labels: Labels::default(),
            findings: Vec::new(),
            unscanned: Vec::new(),
            mended: 0,
            edits: Vec::new(),
            replacements: Vec::new(),
        })
    }

    /// Looks at every text, also at those that were clean before: for measuring.
    #[must_use]
    pub fn without_memo(mut self) -> Self {
        self.memo = None;
        self
    }

    /// Forgets which texts were clean: for measuring what remembering them is worth.
    pub fn forget(&mut self) {
        if let Some(memo) = &mut self.memo {
            memo.clear();
        }
    }

    /// Scrubs a batch. Without a finding the same bytes go on, uncopied.
    ///
    /// # Errors
    /// If the batch is malformed, too large, or the scan fails: then nothing may be forwarded.
    pub fn scrub(&mut self, source: &Bytes, format: Format, today: Today) -> Result<Scrubbed, Rejected> {
        self.clear();
        let outcome = self.scrub_cleared(source, format, today);
        if outcome.is_ok() {
            self.paths.keep();
        }
        self.clear();
        outcome
    }

    fn scrub_cleared(&mut self, source: &Bytes, format: Format, today: Today) -> Result<Scrubbed, Rejected> {
        if let Some(memo) = &mut self.memo
            && self.today.replace(today) != Some(today)
        {
            memo.clear();
        }
        let mut report = Report::default();
        self.walk(source, format)?;
        self.mended = self.tape.mend();
        report.mended = self.mended;
        self.open()?;
        self.scan()?;
        self.detect(today);
        self.learn();
        self.forget_keys();
        self.render(today, &mut report)?;
        report.records = self.walked.records;
        report.unknown_fields = self.walked.unknown_fields;
        report.texts = self.tape.segments().len() as u64;
        report.tape_bytes = self.tape.bytes().len() as u64;
        let bytes = self.splice(source, format)?;
        Ok(Scrubbed::new(bytes, format, self.rules.hash(), report))
    }

    /// Runs a batch up to and including a stage and throws the result away: for measuring.
    ///
    /// # Errors
    /// As [`Scrubber::scrub`].
    pub fn run_until(&mut self, stage: Stage, source: &Bytes, format: Format, today: Today) -> Result<usize, Rejected> {
        self.clear();
        self.walk(source, format)?;
        self.mended = self.tape.mend();
        if stage >= Stage::Open {
            self.open()?;
        }
        if stage >= Stage::Scan {
            self.scan()?;
        }
        if stage >= Stage::Detect {
            self.detect(today);
        }
        let bytes = self.tape.bytes().len();
        self.clear();
        Ok(bytes)
    }

    /// Adds to `counts`, by trigger, how often the scan reports it: for finding what makes a rule set slow.
    ///
    /// # Errors
    /// As [`Scrubber::scrub`].
    pub fn count_triggers(&mut self, source: &Bytes, format: Format, counts: &mut Vec<u64>) -> Result<(), Rejected> {
        self.clear();
        self.walk(source, format)?;
        self.open()?;
        self.scan()?;
        counts.resize(self.rules.trigger_count().max(counts.len()), 0);
        for event in &self.events {
            if let Some(count) = counts.get_mut(event.trigger as usize) {
                *count += 1;
            }
        }
        self.clear();
        Ok(())
    }

    /// The texts of a batch as the scan sees them: for measuring other matchers on the same input.
    ///
    /// # Errors
    /// As [`Scrubber::scrub`].
    pub fn texts(&mut self, source: &Bytes, format: Format) -> Result<Vec<u8>, Rejected> {
        self.clear();
        self.walk(source, format)?;
        self.open()?;
        let bytes = self.tape.bytes().to_vec();
        self.clear();
        Ok(bytes)
    }

    fn clear(&mut self) {
        self.tape.clear(KEEP);
        self.paths.forget_new();
        self.walked.clear();
        self.events.clear();
        self.findings.clear();
        self.unscanned.clear();
        self.edits.clear();
        self.replacements.fill(0);
        self.replacements.clear();
    }

    fn walk(&mut self, source: &[u8], format: Format) -> Result<(), Rejected> {
        let keys = &self.rules.keys;
        let memo = self.memo.as_ref();
        let mut out = Out { tape: &mut self.tape, paths: &mut self.paths, keys, walked: &mut self.walked, memo };
        match format {
            Format::Otlp(signal) => walk::otlp::walk(signal, source, &mut out)?,
            Format::Text => walk::text::walk(source, &mut out)?,
            Format::Lines => walk::text::walk_lines(source, &mut out)?,
        }
        Ok(())
    }

    fn open(&mut self) -> Result<(), Rejected> {
        let opened =
            contents::open(&mut self.tape, &mut self.paths, &self.rules.keys, &mut self.walked, &mut self.opened);
        opened.map_err(|_| Rejected::TooLarge)
    }

    fn scan(&mut self) -> Result<(), Rejected> {
        self.scanner.scan(self.tape.bytes(), &mut self.events).map_err(Rejected::from)
    }

    fn detect(&mut self, today: Today) {
        let Self { rules, scanner, tape, paths, walked, opened, events, confirm, labels, findings, unscanned, .. } =
            self;
        unscanned.extend_from_slice(&opened.unscanned);
        if scanner.is_referee() {
            confirm.collect_all(rules, tape);
        } else {
            confirm.collect(rules, tape, events);
        }
        for number in &walked.nearby {
            if let Some(segment) = tape.segment(*number) {
                confirm.add_nearby(*number, segment, &paths.meaning(segment.path).nearby);
            }
        }
        let mut search = Search { rules, tape, paths, today, findings, unscanned };
        confirm.run(&mut search);
        labels.run(&mut search);
        for (number, _) in &walked.keyed {
            if let Some(segment) = tape.segment(*number) {
                key::judge(&mut search, *number, segment);
            }
        }
    }

    /// Remembers the texts in which nothing was found, neither in them nor in what they hold.
    fn learn(&mut self) {
        let Some(memo) = &mut self.memo else { return };
        if self.walked.unknown.is_empty() {
            return;
        }
        let segments = self.tape.segments();
        let mut dirty = vec![false; segments.len()];
        let mut mark = |number: u32| {
            if let Some(flag) = dirty.get_mut(number as usize) {
                *flag = true;
            }
        };
        self.findings.iter().for_each(|finding| mark(finding.segment));
        self.unscanned.iter().for_each(|number| mark(*number));
        for segment in segments {
            match segment.origin {
                Origin::Alias { parent, .. } | Origin::View { parent, .. } => mark(parent),
                Origin::Source { .. } => {}
            }
        }
        for (number, print) in &self.walked.unknown {
            let mended = segments.get(*number as usize).is_none_or(Segment::is_mended);
            if !mended && dirty.get(*number as usize) == Some(&false) {
                memo.learn(*print);
            }
        }
    }

    /// Forgets new keys in which something was found, so that no table outlives the batch with them.
    fn forget_keys(&mut self) {
        self.walked.table_keys.iter().for_each(|path| self.paths.forget(*path));
        if self.walked.new_keys.is_empty() && self.opened.new_keys.is_empty() {
            return;
        }
        // A mended key is mended wherever it stands, so it is never known.
        let mended = |segment: &u32| self.tape.segment(*segment).is_some_and(Segment::is_mended);
        self.walked.new_keys.iter().filter(|(_, key)| mended(key)).for_each(|(path, _)| self.paths.forget(*path));
        let mut spans: Vec<(u32, u32, u32)> =
            self.findings.iter().map(|finding| (finding.segment, finding.start, finding.end)).collect();
        spans.extend(self.unscanned.iter().map(|segment| (*segment, 0, u32::MAX)));
        // A text that stands for a key is also judged as what it is, by an alias or a view of it.
        let inner = self.findings.iter().map(|finding| finding.segment).chain(self.unscanned.iter().copied());
        let outer: Vec<(u32, u32, u32)> = inner.filter_map(|segment| self.outer(segment)).collect();
        spans.extend(outer);
        spans.sort_unstable();
        let texts = self.walked.new_keys.iter().map(|(path, segment)| (*segment, 0, u32::MAX, *path));
        let parts = self.opened.new_keys.iter().map(|(path, segment, range)| (*segment, range.start, range.end, *path));
        let mut keys: Vec<(u32, u32, u32, PathId)> = texts.chain(parts).collect();
        keys.sort_unstable_by_key(|(segment, start, ..)| (*segment, *start));
        let mut spans = spans.into_iter().peekable();
        // The furthest end of the findings that begin before the present key ends, in its segment.
        let mut reach = (0, 0);
        for (segment, start, end, path) in keys {
            while let Some((owner, _, stop)) = spans.next_if(|(owner, from, _)| (*owner, *from) < (segment, end)) {
                reach = if owner == reach.0 { (owner, reach.1.max(stop)) } else { (owner, stop) };
            }
            if reach.0 == segment && reach.1 > start {
                self.paths.forget(path);
            }
        }
    }

    /// The part of its parent that a segment was made of.
    fn outer(&self, number: u32) -> Option<(u32, u32, u32)> {
        let segment = self.tape.segment(number)?;
        match segment.origin {
            Origin::Source { .. } => None,
            Origin::Alias { parent, bare: _ } => {
                let start = self.tape.segment(parent)?.start;
                Some((parent, segment.start - start, segment.end - start))
            }
            Origin::View { parent, from, len, content: _ } => Some((parent, from, from + len)),
        }
    }

    /// Turns findings, numbers and changes of the walk into edits of the source.
    fn render(&mut self, today: Today, report: &mut Report) -> Result<(), Rejected> {
        self.render_numbers(today, report);
        let changes = std::mem::take(&mut self.walked.changes);
        for change in &changes {
            self.change(change);
        }
        self.walked.changes = changes;
        report.unscanned = self.walked.too_deep;
        let settled = resolve(self.rules, &self.tape, &self.findings, &self.unscanned);
        let numbers = self.edited_segments(&settled);
        let mut settled = settled.into_iter().peekable();
        for number in numbers {
            let mut replacements = Vec::new();
            while let Some((_, replacement)) = settled.next_if(|(other, _)| *other == number) {
                replacements.push(replacement);
            }
            self.render_segment(number, &replacements, today, report).ok_or(Rejected::Engine)?;
        }
        Ok(())
    }

    /// The segments with replacements, and those whose text was mended, in order.
    fn edited_segments(&self, settled: &[(u32, Replacement)]) -> Vec<u32> {
        let mut numbers: Vec<u32> = settled.iter().map(|(number, _)| *number).collect();
        if self.mended > 0 {
            let mended = (0u32..).zip(self.tape.segments()).filter(|(_, segment)| segment.is_mended());
            numbers.extend(mended.map(|(number, _)| number));
        }
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    fn render_segment(
        &mut self,
        number: u32,
        replacements: &[Replacement],
        today: Today,
        report: &mut Report,
    ) -> Option<()> {
        let segment = *self.tape.segment(number)?;
        let Origin::Source { at, len, .. } = segment.origin else { return None };
        let (at, len) = (at as usize, len as usize);
        let scope = Scope::Content(at..at + len);
        if !segment.is_mended() {
            for replacement in replacements {
                let with = self.replace(&segment, replacement, today, report)?;
                let range = at + replacement.range.start..at + replacement.range.end;
                self.edits.push(Edit { at: range, with, scope: scope.clone() });
            }
            return Some(());
        }
        // A mended text is written anew: its offsets are not those of the source.
        let from = self.replacements.len();
        let mut copied = 0;
        for replacement in replacements {
            let kept = self.tape.text(&segment).get(copied..replacement.range.start)?;
            self.replacements.extend_from_slice(kept);
            self.replace(&segment, replacement, today, report)?;
            copied = replacement.range.end;
        }
        self.replacements.extend_from_slice(self.tape.text(&segment).get(copied..)?);
        self.edits.push(Edit { at: at..at + len, with: from..self.replacements.len(), scope });
        Some(())
    }

    /// Writes one replacement to the buffer, through the layers it lies in.
    fn replace(
        &mut self,
        segment: &Segment,
        replacement: &Replacement,
        today: Today,
        report: &mut Report,
    ) -> Option<std::ops::Range<usize>> {
        let (decided, range) = &replacement.decided;
        let text = self.tape.text(self.tape.segment(*decided)?).get(range.clone())?;
        let mut written = String::new();
        let key = &self.rules.pseudonym_key;
        if replacement.rule == UNSCANNED_RULE {
            report.unscanned += 1;
            if segment.place.is_name() {
                let render = Render { identifier: Identifier::R, name: "unscanned", key, today };
                render.write(crate::actions::Action::Token, text, &mut written);
            } else {
                written.push_str(UNSCANNED);
            }
        } else {
            let rule = self.rules.rules.get(usize::from(replacement.rule))?;
            let action = if segment.place.is_name() { crate::actions::Action::Token } else { replacement.action };
            *report.findings.entry((rule.identifier, segment.place, action)).or_default() += 1;
            let render = Render { identifier: rule.identifier, name: &rule.name, key, today };
            render.write(action, text, &mut written);
        }
        if replacement.bare {
            written.clear();
            written.push_str("null");
        }
        for layer in &replacement.layers {
            let mut outer = String::with_capacity(written.len() + 8);
            (content(*layer)?.encode)(&written, &mut outer);
            written = outer;
        }
        let from = self.replacements.len();
        self.replacements.extend_from_slice(written.as_bytes());
        Some(from..self.replacements.len())
    }

    fn render_numbers(&mut self, today: Today, report: &mut Report) {
        let numbers = std::mem::take(&mut self.walked.numbers);
        for number in &numbers {
            let decimal = match number.value {
                Value::Int(value) => value.to_string(),
                Value::Double(value) => value.to_string(),
            };
            let Self { rules, tape, paths, findings, unscanned, .. } = self;
            let search = Search { rules, tape, paths, today, findings, unscanned };
            let Some(rule) = key::judge_number(&search, &decimal, number.path) else { continue };
            if let Some(rule) = self.rules.rules.get(usize::from(rule)) {
                *report.findings.entry((rule.identifier, number.place, crate::actions::Action::Drop)).or_default() += 1;
            }
            self.change(&number.change);
        }
        self.walked.numbers = numbers;
    }

    fn change(&mut self, change: &Change) {
        let edit = match change {
            Change::Remove(field) => Edit { at: field.clone(), with: 0..0, scope: Scope::Field },
            Change::Content(content, fill) => {
                let from = self.replacements.len();
                match fill {
                    Fill::Empty => {}
                    Fill::UnscannedValue => {
                        // AnyValue { string_value: "[UNSCANNED]" }
                        self.replacements.push(1 << 3 | 2);
                        walk::wire::put_varint(UNSCANNED.len() as u64, &mut self.replacements);
                        self.replacements.extend_from_slice(UNSCANNED.as_bytes());
                    }
                }
                let with = from..self.replacements.len();
                Edit { at: content.clone(), with, scope: Scope::Content(content.clone()) }
            }
        };
        self.edits.push(edit);
    }

    fn splice(&mut self, source: &Bytes, format: Format) -> Result<Bytes, Rejected> {
        if self.edits.is_empty() {
            return Ok(source.clone());
        }
        splice::settle(&mut self.edits);
        let mut out = Vec::new();
        match format {
            Format::Otlp(_) => splice::protobuf(source, &self.edits, &self.replacements, &mut out)?,
            Format::Text | Format::Lines => splice::text(source, &self.edits, &self.replacements, &mut out),
        }
        Ok(out.into())
    }
}

impl std::fmt::Debug for Scrubber<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scrubber(..)")
    }
}
