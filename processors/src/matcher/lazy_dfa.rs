//! All triggers in one lazily determinised automaton: the engine for machines vectorscan cannot be built for.

use super::{CompileFailed, Event, ScanFailed};
use regex_automata::hybrid::dfa::{Cache, DFA, OverlappingState};
use regex_automata::nfa::thompson::{Compiler, Config, WhichCaptures};
use regex_automata::{Input, MatchKind};
use regex_syntax::hir::Hir;

/// Bytes of transition cache a worker may fill. Below a few megabytes, a thousand triggers would keep clearing it.
const CACHE: usize = 32 * 1024 * 1024;

#[derive(Debug)]
pub(crate) struct Database {
    dfa: DFA,
    /// The triggers that its patterns stand for.
    triggers: Vec<u32>,
}

impl Database {
    /// Compiles triggers with their numbers.
    pub(super) fn compile(triggers: &[(u32, &Hir)]) -> Result<Self, CompileFailed> {
        let hirs: Vec<&Hir> = triggers.iter().map(|(_, hir)| *hir).collect();
        let failed = |message: String| CompileFailed { trigger: None, message };
        let nfa = Compiler::new()
            .configure(Config::new().utf8(false).which_captures(WhichCaptures::None).nfa_size_limit(Some(CACHE)))
            .build_many_from_hir(&hirs)
            .map_err(|error| failed(error.to_string()))?;
        let dfa = DFA::builder()
            .configure(DFA::config().match_kind(MatchKind::All).cache_capacity(CACHE).skip_cache_capacity_check(true))
            .build_from_nfa(nfa)
            .map_err(|error| failed(error.to_string()))?;
        Ok(Self { dfa, triggers: triggers.iter().map(|(id, _)| *id).collect() })
    }

    pub(super) fn scanner(&self) -> Scanner<'_> {
        Scanner { dfa: &self.dfa, triggers: &self.triggers, cache: self.dfa.create_cache() }
    }
}

#[derive(Debug)]
pub(crate) struct Scanner<'d> {
    dfa: &'d DFA,
    triggers: &'d [u32],
    cache: Cache,
}

impl Scanner<'_> {
    pub(super) fn scan(&mut self, tape: &[u8], events: &mut Vec<Event>) -> Result<(), ScanFailed> {
        let input = Input::new(tape);
        let mut state = OverlappingState::start();
        loop {
            self.dfa.try_search_overlapping_fwd(&mut self.cache, &input, &mut state).map_err(|_| ScanFailed)?;
            let Some(found) = state.get_match() else {
                return Ok(());
            };
            let trigger = self.triggers.get(found.pattern().as_usize()).copied().ok_or(ScanFailed)?;
            #[expect(clippy::cast_possible_truncation, reason = "bounded by the tape's length")]
            events.push(Event { end: found.offset() as u32, trigger });
        }
    }
}
