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
}

impl Database {
    pub(super) fn compile(triggers: &[Hir]) -> Result<Self, CompileFailed> {
        let failed = |message: String| CompileFailed { trigger: None, message };
        let nfa = Compiler::new()
            .configure(Config::new().utf8(false).which_captures(WhichCaptures::None).nfa_size_limit(Some(CACHE)))
            .build_many_from_hir(triggers)
            .map_err(|error| failed(error.to_string()))?;
        let dfa = DFA::builder()
            .configure(DFA::config().match_kind(MatchKind::All).cache_capacity(CACHE).skip_cache_capacity_check(true))
            .build_from_nfa(nfa)
            .map_err(|error| failed(error.to_string()))?;
        Ok(Self { dfa })
    }

    pub(super) fn scanner(&self) -> Scanner<'_> {
        Scanner { dfa: &self.dfa, cache: self.dfa.create_cache() }
    }
}

#[derive(Debug)]
pub(crate) struct Scanner<'d> {
    dfa: &'d DFA,
    cache: Cache,
}

impl Scanner<'_> {
    pub(super) fn scan(&mut self, tape: &[u8], events: &mut Vec<Event>) -> Result<(), ScanFailed> {
        if u32::try_from(tape.len()).is_err() {
            return Err(ScanFailed);
        }
        let input = Input::new(tape);
        let mut state = OverlappingState::start();
        loop {
            self.dfa.try_search_overlapping_fwd(&mut self.cache, &input, &mut state).map_err(|_| ScanFailed)?;
            let Some(found) = state.get_match() else {
                return Ok(());
            };
            #[expect(clippy::cast_possible_truncation, reason = "bounded by the tape's length")]
            events.push(Event { end: found.offset() as u32, trigger: found.pattern().as_u32() });
        }
    }
}
