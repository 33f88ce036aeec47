//! One scan for all rules: where on the tape each trigger ends.
//!
//! Each kind of trigger is looked for by what is best at it: words by looking words up ([`words`]), two or three bytes
//! around a separator by what kind of byte stands where ([`separators`]), all others by the engine.
//!
//! A matcher knows triggers and bytes only. It may report an occurrence that confirming throws away; it may never
//! miss one. [`Engine::Vectorscan`] is the fast one, [`Engine::LazyDfa`] serves where it cannot be built, and
//! [`Engine::Referee`] uses no trigger at all: it has every rule confirmed on every text, and the tests hold the
//! others to what it finds.

pub(crate) mod expression;
mod lazy_dfa;
pub(crate) mod literals;
mod separators;
#[cfg(feature = "vectorscan")]
mod vectorscan;
pub(crate) mod words;

use crate::tape::Kinds;
use regex_syntax::hir::Hir;
use separators::Separators;
use words::Words;

/// Which engine scans.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Engine {
    /// SIMD multi-pattern matching: the default wherever it is compiled in.
    #[cfg(feature = "vectorscan")]
    #[cfg_attr(feature = "vectorscan", default)]
    Vectorscan,
    /// One lazily built automaton over all triggers.
    #[cfg_attr(not(feature = "vectorscan"), default)]
    LazyDfa,
    /// No scan: every rule runs on every text. Slow, and the measure of the other two.
    Referee,
}

/// The end of one occurrence of a trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Event {
    /// Offset on the tape, exclusive.
    pub(crate) end: u32,
    /// Index of the trigger.
    pub(crate) trigger: u32,
}

/// What is looked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trigger {
    /// No captures and no assertions.
    pub(crate) hir: Hir,
    /// Whether only occurrences count that stand alone: where an end is a letter or a digit, no other touches it. The
    /// rest may be reported all the same.
    pub(crate) alone: bool,
}

/// The scan failed: nothing may be taken as clean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ScanFailed;

/// Triggers did not compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CompileFailed {
    /// The trigger at fault, where the engine names one.
    pub(crate) trigger: Option<usize>,
    /// What the engine says; it quotes patterns, never data.
    pub(crate) message: String,
}

/// Compiled triggers, shared by all workers.
#[derive(Debug)]
pub(crate) struct Database {
    words: Words,
    separators: Separators,
    engine: EngineDatabase,
}

#[derive(Debug)]
enum EngineDatabase {
    #[cfg(feature = "vectorscan")]
    Vectorscan(vectorscan::Database),
    LazyDfa(Box<lazy_dfa::Database>),
    Referee,
}

impl Database {
    /// Compiles `triggers` for `engine`. Some tenths of a second for a thousand.
    pub(crate) fn compile(engine: Engine, triggers: &[Trigger]) -> Result<Self, CompileFailed> {
        let mut words = Words::new();
        let mut separators = Separators::new();
        let mut others = Vec::new();
        for (trigger, id) in triggers.iter().zip(0u32..) {
            let taken = trigger.alone && words.add(&trigger.hir, id) || separators.add(&trigger.hir, id);
            if !taken {
                others.push((id, &trigger.hir));
            }
        }
        let engine = match engine {
            #[cfg(feature = "vectorscan")]
            Engine::Vectorscan => EngineDatabase::Vectorscan(vectorscan::Database::compile(&others)?),
            Engine::LazyDfa => EngineDatabase::LazyDfa(Box::new(lazy_dfa::Database::compile(&others)?)),
            Engine::Referee => EngineDatabase::Referee,
        };
        Ok(Self { words, separators, engine })
    }

    /// Makes one worker's scanner: some hundred kilobytes of scratch.
    pub(crate) fn scanner(&self) -> Result<Scanner<'_>, ScanFailed> {
        let engine = match &self.engine {
            #[cfg(feature = "vectorscan")]
            EngineDatabase::Vectorscan(database) => EngineScanner::Vectorscan(database.scanner()?),
            EngineDatabase::LazyDfa(database) => EngineScanner::LazyDfa(Box::new(database.scanner())),
            EngineDatabase::Referee => EngineScanner::Referee,
        };
        Ok(Scanner { database: self, engine, lists: Default::default() })
    }
}

/// One worker's scan state.
#[derive(Debug)]
pub(crate) struct Scanner<'d> {
    database: &'d Database,
    engine: EngineScanner<'d>,
    /// What each part reports. Reused from scan to scan.
    lists: [Vec<Event>; 3],
}

#[derive(Debug)]
enum EngineScanner<'d> {
    #[cfg(feature = "vectorscan")]
    Vectorscan(vectorscan::Scanner<'d>),
    LazyDfa(Box<lazy_dfa::Scanner<'d>>),
    Referee,
}

impl Scanner<'_> {
    /// Whether the scan says nothing and every rule is to be confirmed everywhere.
    pub(crate) fn is_referee(&self) -> bool {
        match self.engine {
            EngineScanner::Referee => true,
            EngineScanner::LazyDfa(_) => false,
            #[cfg(feature = "vectorscan")]
            EngineScanner::Vectorscan(_) => false,
        }
    }

    /// Appends every occurrence on `tape`, whose bytes are of `kinds`, to `events`, ordered by end.
    pub(crate) fn scan(&mut self, tape: &[u8], kinds: &Kinds, events: &mut Vec<Event>) -> Result<(), ScanFailed> {
        // The C interface takes a 32-bit length and would silently scan less.
        if u32::try_from(tape.len()).is_err() {
            return Err(ScanFailed);
        }
        self.lists.iter_mut().for_each(Vec::clear);
        let [words, separators, others] = &mut self.lists;
        match &mut self.engine {
            #[cfg(feature = "vectorscan")]
            EngineScanner::Vectorscan(scanner) => scanner.scan(tape, others)?,
            EngineScanner::LazyDfa(scanner) => scanner.scan(tape, others)?,
            EngineScanner::Referee => return Ok(()),
        }
        self.database.words.scan(tape, kinds, words);
        self.database.separators.scan(tape, kinds, separators);
        for list in [&mut *words, &mut *separators, &mut *others] {
            if !list.is_sorted_by_key(|event| event.end) {
                list.sort_unstable();
            }
        }
        merge([words, separators, others], events);
        Ok(())
    }
}

/// Appends what is in three lists, each ordered by end, in that order.
fn merge(lists: [&[Event]; 3], events: &mut Vec<Event>) {
    let [mut one, mut other, mut third] = lists;
    events.reserve(one.len() + other.len() + third.len());
    loop {
        let end = |list: &[Event]| list.first().map_or(u64::MAX, |event| u64::from(event.end));
        let list = if end(one) <= end(other) && end(one) <= end(third) {
            &mut one
        } else if end(other) <= end(third) {
            &mut other
        } else {
            &mut third
        };
        let Some((first, rest)) = list.split_first() else { return };
        events.push(*first);
        *list = rest;
    }
}

#[cfg(test)]
mod tests;
