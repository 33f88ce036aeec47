//! Findings, numbers and changes of the walk become edits of the source.

use super::{Changed, Scrubber};
use crate::actions::{Render, UNSCANNED};
use crate::contents::{Coding, ContentId, content};
use crate::detectors::{Search, key};
use crate::error::Rejected;
use crate::pack::Identifier;
use crate::report::Report;
use crate::resolve::{Inside, Replacement, UNSCANNED_RULE, resolve};
use crate::splice::{Edit, Scope};
use crate::tape::{Origin, Place, Segment, option};
use crate::validators::Today;
use crate::walk::SERVICE_PATH;
use crate::walk::{Change, Fill, UNSCANNED_VALUE};

impl Scrubber<'_> {
    /// Turns findings, numbers and changes of the walk into edits of the source.
    pub(super) fn render(&mut self, source: &[u8], today: Today, report: &mut Report) -> Result<(), Rejected> {
        self.render_numbers(source, today, report);
        let changes = std::mem::take(&mut self.walked.changes);
        for change in &changes {
            if let Change::Content(range, Fill::UnscannedValue) = change {
                self.note_replaced(range.start, UNSCANNED_RULE);
            }
            self.change(change);
        }
        self.walked.changes = changes;
        report.mended += self.mended;
        report.unknown_fields += self.walked.unknown_fields;
        report.unscanned += self.walked.too_deep;
        self.render_texts(today, report)
    }

    /// Turns the findings in the texts on the tape into edits of the source.
    pub(super) fn render_texts(&mut self, today: Today, report: &mut Report) -> Result<(), Rejected> {
        let settled = resolve(self.rules, &self.tape, &self.findings, &self.unscanned);
        let numbers = self.edited_segments(&settled);
        let names = self.names();
        let mut settled = settled.into_iter().peekable();
        for number in numbers {
            let mut replacements = Vec::new();
            while let Some((_, replacement)) = settled.next_if(|(other, _)| *other == number) {
                replacements.push(replacement);
            }
            let is_name = names.binary_search(&number).is_ok();
            self.render_segment(number, is_name, &replacements, today, report).ok_or(Rejected::Engine)?;
        }
        Ok(())
    }

    /// The segments, in order, whose texts are keys that were not known: also of what stands beside them, `--ssn 536228147`.
    fn names(&self) -> Vec<u32> {
        let mut names: Vec<u32> = self.walked.new_keys.iter().map(|(_, segment)| *segment).collect();
        names.sort_unstable();
        names
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

    /// Writes a text anew, from its first byte to its last: a later look may change any part of it once more.
    fn render_segment(
        &mut self,
        number: u32,
        is_name: bool,
        replacements: &[Replacement],
        today: Today,
        report: &mut Report,
    ) -> Option<()> {
        let segment = *self.tape.segment(number)?;
        let Origin::Source { at, len, utf8 } = segment.origin else { return None };
        let from = self.replacements.len();
        let mut copied = 0;
        for replacement in replacements {
            let kept = self.tape.text(&segment).get(copied..replacement.range.start)?;
            self.replacements.extend_from_slice(kept);
            let written = self.replace(&segment, replacement, today, report)?;
            if self.replacements.get(written) != self.tape.text(&segment).get(replacement.range.clone()) {
                let place = self.source_of(number)?;
                self.note_replaced(place, replacement.rule);
            }
            copied = replacement.range.end;
        }
        self.replacements.extend_from_slice(self.tape.text(&segment).get(copied..)?);
        let as_it_was = self.replacements.get(from..)? == self.tape.text(&segment);
        if as_it_was && !segment.is_mended() {
            self.replacements.get_mut(from..)?.fill(0);
            self.replacements.truncate(from);
            return Some(());
        }
        let with = from..self.replacements.len();
        let edit = match self.looked.get(number as usize) {
            Some(text) => {
                self.edits.get_mut(text.edit)?.with = with;
                text.edit
            }
            None => {
                let whole = at as usize..at as usize + len as usize;
                self.edits.push(Edit { at: whole.clone(), with, scope: Scope::Content(whole) });
                let of_keys = segment.place == Place::StringTable && !self.walked.table_keys.is_empty();
                // What a service sends may be judged by its name: the next reader sees the new one.
                let of_service = self.rules.domains.services && self.paths.text(segment.path) == SERVICE_PATH;
                // A text may name now what comes next to it, and may have named nothing before.
                let is_name = is_name || self.replacements.get(from..).and_then(option).is_some();
                self.renamed |= of_keys || of_service || is_name || segment.place == Place::Key;
                let edit = self.edits.len() - 1;
                let from = self.walked.also.partition_point(|(other, _)| *other < number);
                let paths = self.walked.also.iter().skip(from).take_while(|(other, _)| *other == number);
                self.beside.extend(paths.map(|(_, path)| (edit, *path)));
                edit
            }
        };
        // What was only mended has been looked at as it is now.
        if !as_it_was {
            self.changed.push(Changed { edit, path: segment.path, place: segment.place, utf8, shared: false });
        }
        Some(())
    }

    /// Writes one replacement to the buffer, through the layers it lies in.
    pub(super) fn replace(
        &mut self,
        segment: &Segment,
        replacement: &Replacement,
        today: Today,
        report: &mut Report,
    ) -> Option<std::ops::Range<usize>> {
        let written = self.write(segment, replacement, today, report)?;
        let from = self.replacements.len();
        self.replacements.extend_from_slice(&written);
        Some(from..self.replacements.len())
    }

    /// What a replacement writes. One that is what stands there already, as a mask of a mask is, is written but not
    /// counted.
    fn write(
        &self,
        segment: &Segment,
        replacement: &Replacement,
        today: Today,
        report: &mut Report,
    ) -> Option<Vec<u8>> {
        let stands = self.tape.text(segment).get(replacement.range.clone());
        if let Some(inside) = replacement.inside.as_ref().filter(|_| !replacement.bare)
            && let Some(written) = self.write_anew(inside, today, report)
            && let Some(written) = through(&replacement.layers, written)
        {
            return Some(written);
        }
        let (decided, range) = &replacement.decided;
        let text = self.tape.text(self.tape.segment(*decided)?).get(range.clone())?;
        let mut written = String::new();
        let mut counted = None;
        let key = &self.rules.pseudonym_key;
        if replacement.rule == UNSCANNED_RULE {
            if segment.place.is_name() {
                let render = Render { identifier: Identifier::R, name: "unscanned", key, today };
                render.write(crate::actions::Action::Token, text, &mut written);
            } else {
                written.push_str(UNSCANNED);
            }
        } else {
            let rule = self.rules.rules.get(usize::from(replacement.rule))?;
            let action = if segment.place.is_name() { crate::actions::Action::Token } else { replacement.action };
            counted = Some((rule.identifier, segment.place, action));
            let render = Render { identifier: rule.identifier, name: &rule.name, key, today };
            render.write(action, text, &mut written);
        }
        if replacement.bare {
            written.clear();
            written.push_str("null");
        }
        let written = through(&replacement.layers, written.into_bytes())?;
        if stands != Some(&written) {
            match counted {
                Some(counted) => *report.findings.entry(counted).or_default() += 1,
                None => report.unscanned += 1,
            }
        }
        Some(written)
    }

    /// Encodes a view again, with what is replaced in it; `None` if its content cannot be written again.
    fn write_anew(&self, inside: &Inside, today: Today, report: &mut Report) -> Option<Vec<u8>> {
        let segment = self.tape.segment(inside.segment)?;
        let Origin::View { parent, from, len, content: id } = segment.origin else { return None };
        let Coding::Whole { encode, decode: _ } = content(id)?.coding else { return None };
        let encoded = self.tape.text(self.tape.segment(parent)?).get(from as usize..from as usize + len as usize)?;
        let mut text = Vec::new();
        let mut copied = 0;
        let mut counts = Report::default();
        for part in &inside.parts {
            text.extend_from_slice(self.tape.text(segment).get(copied..part.range.start)?);
            text.extend_from_slice(&self.write(segment, part, today, &mut counts)?);
            copied = part.range.end;
        }
        text.extend_from_slice(self.tape.text(segment).get(copied..)?);
        let mut written = Vec::new();
        // What reads the same is written the same, however it was packed.
        if text == self.tape.text(segment) {
            written.extend_from_slice(encoded);
        } else {
            encode(encoded, &text, &mut written)?;
        }
        report.unscanned += counts.unscanned;
        counts.findings.into_iter().for_each(|(found, count)| *report.findings.entry(found).or_default() += count);
        Some(written)
    }

    fn render_numbers(&mut self, source: &[u8], today: Today, report: &mut Report) {
        let numbers = std::mem::take(&mut self.walked.numbers);
        for number in &numbers {
            let decimal = number.value.decimal();
            let place = number.change.start();
            let Self { rules, tape, kinds, paths, findings, unscanned, .. } = self;
            let search = Search { rules, tape, kinds, paths, today, findings, unscanned };
            let measured = number.place == Place::MetricName;
            let takers = key::judge_number(&search, &decimal, number.path, measured);
            let works = |rule: &u16| !self.leaves_out_number(*rule, number.path, source, place);
            let Some(taker) = takers.into_iter().find(works) else { continue };
            // Two paths may lead to one number.
            if self.replaced.last().is_none_or(|(at, _)| *at != place) {
                self.note_replaced(place, taker);
            }
            if let Some(rule) = self.rules.rules.get(usize::from(taker)) {
                *report.findings.entry((rule.identifier, number.place, crate::actions::Action::Drop)).or_default() += 1;
            }
            self.change(&number.change);
        }
        self.walked.numbers = numbers;
    }

    pub(super) fn change(&mut self, change: &Change) {
        let edit = match change {
            Change::Remove(field) => Edit { at: field.clone(), with: 0..0, scope: Scope::Field },
            Change::Content(content, fill) => {
                let from = self.replacements.len();
                match fill {
                    Fill::Empty => {}
                    Fill::UnscannedValue => self.replacements.extend_from_slice(UNSCANNED_VALUE),
                }
                let with = from..self.replacements.len();
                Edit { at: content.clone(), with, scope: Scope::Content(content.clone()) }
            }
            Change::Written(value, written) => {
                let from = self.replacements.len();
                self.replacements.extend_from_slice(written);
                Edit { at: value.clone(), with: from..self.replacements.len(), scope: Scope::Value }
            }
        };
        self.edits.push(edit);
    }
}

/// Writes a replacement through the layers it lies in, from the innermost.
fn through(layers: &[ContentId], written: Vec<u8>) -> Option<Vec<u8>> {
    let mut written = written;
    for layer in layers {
        let Coding::Parts { encode, decode: _ } = content(*layer)?.coding else { return None };
        let mut outer = String::with_capacity(written.len() + 8);
        encode(std::str::from_utf8(&written).ok()?, &mut outer);
        written = outer.into_bytes();
    }
    Some(written)
}
