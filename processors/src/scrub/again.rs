//! A replacement changes what stands around it: a marker is shorter than what it replaced and brings a key into reach,
//! or it parts what was one word. So what was changed is looked at again, until a look changes nothing.
//!
//! Only the changed texts go on the tape again: a clean batch pays nothing, another one for what was replaced in it.

use super::Scrubber;
use crate::error::Rejected;
use crate::report::Report;
use crate::tape::{Origin, PathId, Place};
use crate::validators::Today;

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
}

impl Scrubber<'_> {
    /// Looks at changed texts, and at those that changes once more, until nothing changes.
    pub(super) fn look_again(&mut self, source: &[u8], today: Today, report: &mut Report) -> Result<(), Rejected> {
        for look in 1..=LOOKS {
            if self.changed.is_empty() {
                break;
            }
            self.lay_out()?;
            self.mended = self.tape.mend();
            self.open()?;
            self.scan()?;
            self.detect(today);
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

    /// Puts the changed texts on the tape, in the place of what is there.
    fn lay_out(&mut self) -> Result<(), Rejected> {
        self.clear_look();
        std::mem::swap(&mut self.looked, &mut self.changed);
        self.changed.clear();
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
