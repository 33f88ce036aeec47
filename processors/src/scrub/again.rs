//! A replacement changes what stands around it: a marker is shorter than what it replaced and brings a key into reach,
//! or it parts what was one word. So what was changed is looked at again, until a look changes nothing.
//!
//! Only the changed texts go on the tape again: a clean batch pays nothing, another one for what was replaced in it. What
//! is replaced is often all that told texts apart, as the literals of a statement are: those that became the same are
//! looked at once.

use super::Scrubber;
use crate::error::Rejected;
use crate::report::Report;
use crate::tape::{Origin, PathId, Place};
use crate::validators::Today;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// How often changed texts are looked at again. A text that the last look would still change goes as a whole.
pub(super) const LOOKS: usize = 4;

/// A text that was changed. What it became is what its edit writes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Changed {
    /// The edit, by its place among the batch's.
    pub(super) edit: usize,
    pub(super) path: PathId,
    pub(super) place: Place,
    /// Whether the format asks for UTF-8 here.
    pub(super) utf8: bool,
    /// Whether it is looked at for others too, which became the same in their place.
    pub(super) shared: bool,
}

impl Scrubber<'_> {
    /// Looks at changed texts, and at those that changes once more, until nothing changes.
    pub(super) fn look_again(&mut self, source: &[u8], today: Today, report: &mut Report) -> Result<(), Rejected> {
        for look in 1..=LOOKS {
            if self.changed.is_empty() {
                break;
            }
            self.look(true, today)?;
            if self.is_shared_dirty() {
                self.look(false, today)?;
            }
            self.changed.clear();
            self.note_keys();
            self.drop_left_out(source);
            self.drop_shadows();
            if look == LOOKS {
                self.give_up();
            }
            self.render_texts(today, report)?;
        }
        Ok(())
    }

    /// Looks at the changed texts; of those that became the same in the same place at one, if they may be shared.
    fn look(&mut self, share: bool, today: Today) -> Result<(), Rejected> {
        self.lay_out(share)?;
        self.mended = self.tape.mend();
        self.open()?;
        self.scan()?;
        self.detect(today);
        Ok(())
    }

    /// Whether a text that is looked at for others too is not clean: each of them has its own edit, and is counted.
    fn is_shared_dirty(&self) -> bool {
        let shared = |number: u32| self.looked.get(number as usize).is_some_and(|text| text.shared);
        let mut inner: Vec<u32> = self.findings.iter().map(|finding| finding.segment).collect();
        inner.extend_from_slice(&self.unscanned);
        while let Some(number) = inner.pop() {
            if shared(number) {
                return true;
            }
            let Some(segment) = self.tape.segment(number) else { continue };
            self.tape.owners(segment, |owner| inner.push(owner));
        }
        self.mended > 0 && (0u32..).zip(self.tape.segments()).any(|(number, text)| text.is_mended() && shared(number))
    }

    /// Puts the changed texts on the tape, in the place of what is there.
    fn lay_out(&mut self, share: bool) -> Result<(), Rejected> {
        self.clear_look();
        self.looked.clear();
        let mut known: HashMap<_, usize> = HashMap::new();
        for text in &self.changed {
            let text = Changed { shared: false, ..*text };
            let written = self.edits.get(text.edit).and_then(|edit| self.replacements.get(edit.with.clone()));
            let written = written.ok_or(Rejected::Engine)?;
            if share && self.beside.binary_search_by_key(&text.edit, |(edit, _)| *edit).is_err() {
                match known.entry((text.path, text.place, text.utf8, written)) {
                    Entry::Occupied(first) => {
                        if let Some(first) = self.looked.get_mut(*first.get()) {
                            first.shared = true;
                        }
                        continue;
                    }
                    Entry::Vacant(place) => place.insert(self.looked.len()),
                };
            }
            self.looked.push(text);
        }
        for text in &self.looked {
            let written = self.edits.get(text.edit).and_then(|edit| self.replacements.get(edit.with.clone()));
            let written = written.ok_or(Rejected::Engine)?;
            let len = u32::try_from(written.len()).map_err(|_| Rejected::TooLarge)?;
            // Where in the source it belongs is known by its edit.
            let origin = Origin::Source { at: 0, len, utf8: text.utf8 };
            let number = self.tape.push(written, text.path, text.place, origin).map_err(|_| Rejected::TooLarge)?;
            // What a key promises holds for its value, not for the keys below it.
            if text.place == Place::Key {
                continue;
            }
            let from = self.beside.partition_point(|(edit, _)| *edit < text.edit);
            let beside = self.beside.iter().skip(from).take_while(|(edit, _)| *edit == text.edit);
            self.walked.also.extend(beside.map(|(_, path)| (number, *path)));
            let meaning = self.paths.meaning(text.path);
            if !meaning.rules.is_empty() {
                self.walked.keyed.push((number, None));
            }
            if !meaning.nearby.is_empty() {
                self.walked.nearby.push(number);
            }
        }
        Ok(())
    }

    /// Has every text go as a whole in which something was found.
    fn give_up(&mut self) {
        let mut inner: Vec<u32> = self.findings.iter().map(|finding| finding.segment).collect();
        inner.extend_from_slice(&self.unscanned);
        let mut owners = Vec::new();
        while let Some(number) = inner.pop() {
            let Some(segment) = self.tape.segment(number) else { continue };
            if matches!(segment.origin, Origin::Source { .. }) {
                owners.push(number);
            }
            self.tape.owners(segment, |owner| inner.push(owner));
        }
        owners.sort_unstable();
        owners.dedup();
        self.findings.clear();
        self.unscanned = owners;
    }
}
