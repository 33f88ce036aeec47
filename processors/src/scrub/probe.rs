//! Single texts through detection: how rules prove their examples, and how they are explained.

use super::Scrubber;
use crate::error::Rejected;
use crate::pack::RuleSet;
use crate::resolve::resolve;
use crate::tape::{Origin, Place, ROOT};
use crate::validators::Today;

/// Runs single texts through detection: how rules prove their examples.
pub(crate) struct Probe<'r> {
    scrubber: Scrubber<'r>,
}

impl<'r> Probe<'r> {
    /// The day on which examples are read: fixed, so that a rule that passes today passes tomorrow.
    const TODAY: Today = Today { year: 2026, month: 7, day: 1 };

    pub(crate) fn new(rules: &'r RuleSet) -> Result<Self, Rejected> {
        Ok(Self { scrubber: Scrubber::new(rules)? })
    }

    /// What `rule` finds in `text`, which stands under `key`: ranges of `text`, in order and apart.
    pub(crate) fn find(&mut self, key: Option<&str>, text: &str, rule: u16) -> Result<Vec<(usize, usize)>, Rejected> {
        let scrubber = &mut self.scrubber;
        scrubber.look_at(key, text, Self::TODAY)?;
        scrubber.drop_left_out(text.as_bytes());
        scrubber.findings.retain(|finding| finding.rule == rule);
        let settled = resolve(scrubber.rules, &scrubber.tape, &scrubber.findings, &[]);
        let found = settled.into_iter().map(|(_, replacement)| (replacement.range.start, replacement.range.end));
        Ok(found.collect())
    }
}

impl Scrubber<'_> {
    /// Takes one text, which stands under `key`, up to its findings.
    pub(super) fn look_at(&mut self, key: Option<&str>, text: &str, today: Today) -> Result<(), Rejected> {
        self.clear();
        self.prepare(None);
        let len = u32::try_from(text.len()).map_err(|_| Rejected::TooLarge)?;
        let path = key.map_or(ROOT, |key| self.paths.child(ROOT, key.as_bytes(), &self.rules.keys).0);
        let origin = Origin::Source { at: 0, len, utf8: true };
        let segment = self.tape.push(text.as_bytes(), path, Place::Text, origin).map_err(|_| Rejected::TooLarge)?;
        let meaning = self.paths.meaning(path);
        if !meaning.rules.is_empty() {
            self.walked.keyed.push((segment, None));
        }
        if !meaning.nearby.is_empty() {
            self.walked.nearby.push(segment);
        }
        self.open()?;
        self.scan()?;
        self.detect(today);
        Ok(())
    }
}
