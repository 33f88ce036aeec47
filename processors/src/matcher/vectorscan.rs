//! All triggers in one vectorscan database: one pass, end offsets only.
//!
//! Start offsets would cost more than half of the speed and confirming does not need them. The match callback runs
//! inside C code, where a panic would abort the process: it only pushes into a vector.

use super::expression;
use super::{CompileFailed, Event, ScanFailed};
use regex_syntax::hir::Hir;
use vectorscan_rs::{BlockDatabase, BlockScanner, Error, Flag, Pattern, Scan};

#[derive(Debug)]
pub(crate) struct Database {
    /// `None` without triggers: vectorscan refuses an empty set.
    blocks: Option<BlockDatabase>,
}

impl Database {
    /// Compiles triggers with their numbers.
    pub(super) fn compile(triggers: &[(u32, &Hir)]) -> Result<Self, CompileFailed> {
        if triggers.is_empty() {
            return Ok(Self { blocks: None });
        }
        let mut patterns = Vec::with_capacity(triggers.len());
        // Which trigger each pattern stands for.
        let mut owners = Vec::with_capacity(triggers.len());
        for (id, hir) in triggers {
            for written in expression::spell_or_write(hir) {
                let flags = if written.caseless { Flag::CASELESS } else { Flag::default() };
                patterns.push(Pattern::new(written.text.into_bytes(), flags, Some(*id)));
                owners.push(*id as usize);
            }
        }
        match BlockDatabase::new(patterns) {
            Ok(blocks) => Ok(Self { blocks: Some(blocks) }),
            Err(Error::HyperscanCompile(message, index)) => {
                let trigger = usize::try_from(index).ok().and_then(|index| owners.get(index).copied());
                Err(CompileFailed { trigger, message })
            }
            Err(other) => Err(CompileFailed { trigger: None, message: other.to_string() }),
        }
    }

    pub(super) fn scanner(&self) -> Result<Scanner<'_>, ScanFailed> {
        let blocks = match &self.blocks {
            Some(blocks) => Some(blocks.create_scanner().map_err(|_| ScanFailed)?),
            None => None,
        };
        Ok(Scanner { blocks })
    }
}

#[derive(Debug)]
pub(crate) struct Scanner<'d> {
    blocks: Option<BlockScanner<'d>>,
}

impl Scanner<'_> {
    pub(super) fn scan(&mut self, tape: &[u8], events: &mut Vec<Event>) -> Result<(), ScanFailed> {
        let Some(blocks) = &mut self.blocks else {
            return Ok(());
        };
        let outcome = blocks.scan(tape, |trigger, _from, end, _flags| {
            // Below 2^32, as the length is.
            #[expect(clippy::cast_possible_truncation, reason = "bounded by the tape's length")]
            let end = end as u32;
            events.push(Event { end, trigger });
            Scan::Continue
        });
        match outcome {
            Ok(Scan::Continue) => Ok(()),
            Ok(Scan::Terminate) | Err(_) => Err(ScanFailed),
        }
    }
}
