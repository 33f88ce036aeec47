//! Parts of the way, for measuring.

use super::{Scrubber, Stage};
use crate::error::Rejected;
use crate::scrubbed::Format;
use crate::validators::Today;
use crate::walk::Share;
use bytes::Bytes;

impl Scrubber<'_> {
    /// Runs a batch up to and including a stage and throws the result away: for measuring.
    ///
    /// # Errors
    /// As [`Scrubber::scrub`].
    pub fn run_until(&mut self, stage: Stage, source: &Bytes, format: Format, today: Today) -> Result<usize, Rejected> {
        self.clear();
        self.walk(source, format, Share::Unknown, true)?;
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
        self.walk(source, format, Share::Unknown, true)?;
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
        self.walk(source, format, Share::Unknown, true)?;
        self.open()?;
        let bytes = self.tape.bytes().to_vec();
        self.clear();
        Ok(bytes)
    }
}
