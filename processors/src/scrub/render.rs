//! Findings, numbers and changes of the walk become edits of the source.

use super::Scrubber;
use crate::actions::{Render, UNSCANNED};
use crate::contents::content;
use crate::detectors::{Search, key};
use crate::error::Rejected;
use crate::pack::Identifier;
use crate::report::Report;
use crate::resolve::{Replacement, UNSCANNED_RULE, resolve};
use crate::splice::{Edit, Scope};
use crate::tape::{Origin, Segment};
use crate::validators::Today;
use crate::walk::{self, Change, Fill, Value};

impl Scrubber<'_> {
    /// Turns findings, numbers and changes of the walk into edits of the source.
    pub(super) fn render(&mut self, today: Today, report: &mut Report) -> Result<(), Rejected> {
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
    pub(super) fn replace(
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
}
