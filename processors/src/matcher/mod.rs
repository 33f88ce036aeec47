//! One scan for all rules: where on the tape each trigger ends.
//!
//! A matcher knows triggers and bytes only. It may report an occurrence that confirming throws away; it may never
//! miss one. [`Engine::Vectorscan`] is the fast one, [`Engine::LazyDfa`] serves where it cannot be built, and
//! [`Engine::Referee`] uses no trigger at all: it has every rule confirmed on every text, and the tests hold the
//! others to what it finds.

pub(crate) mod expression;
mod lazy_dfa;
pub(crate) mod literals;
#[cfg(feature = "vectorscan")]
mod vectorscan;

use regex_syntax::hir::Hir;

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
pub(crate) enum Database {
    #[cfg(feature = "vectorscan")]
    Vectorscan(vectorscan::Database),
    LazyDfa(Box<lazy_dfa::Database>),
    Referee,
}

impl Database {
    /// Compiles `triggers` for `engine`. Some tenths of a second for a thousand.
    pub(crate) fn compile(engine: Engine, triggers: &[Hir]) -> Result<Self, CompileFailed> {
        match engine {
            #[cfg(feature = "vectorscan")]
            Engine::Vectorscan => Ok(Self::Vectorscan(vectorscan::Database::compile(triggers)?)),
            Engine::LazyDfa => Ok(Self::LazyDfa(Box::new(lazy_dfa::Database::compile(triggers)?))),
            Engine::Referee => Ok(Self::Referee),
        }
    }

    /// Makes one worker's scanner: some hundred kilobytes of scratch.
    pub(crate) fn scanner(&self) -> Result<Scanner<'_>, ScanFailed> {
        match self {
            #[cfg(feature = "vectorscan")]
            Self::Vectorscan(database) => Ok(Scanner::Vectorscan(database.scanner()?)),
            Self::LazyDfa(database) => Ok(Scanner::LazyDfa(Box::new(database.scanner()))),
            Self::Referee => Ok(Scanner::Referee),
        }
    }
}

/// One worker's scan state.
#[derive(Debug)]
pub(crate) enum Scanner<'d> {
    #[cfg(feature = "vectorscan")]
    Vectorscan(vectorscan::Scanner<'d>),
    LazyDfa(Box<lazy_dfa::Scanner<'d>>),
    Referee,
}

impl Scanner<'_> {
    /// Whether the scan says nothing and every rule is to be confirmed everywhere.
    pub(crate) fn is_referee(&self) -> bool {
        match self {
            Self::Referee => true,
            Self::LazyDfa(_) => false,
            #[cfg(feature = "vectorscan")]
            Self::Vectorscan(_) => false,
        }
    }

    /// Appends every occurrence on `tape` to `events`, ordered by end.
    pub(crate) fn scan(&mut self, tape: &[u8], events: &mut Vec<Event>) -> Result<(), ScanFailed> {
        match self {
            #[cfg(feature = "vectorscan")]
            Self::Vectorscan(scanner) => scanner.scan(tape, events)?,
            Self::LazyDfa(scanner) => scanner.scan(tape, events)?,
            Self::Referee => {}
        }
        if !events.is_sorted_by_key(|event| event.end) {
            events.sort_unstable();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
