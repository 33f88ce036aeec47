//! The engines against each other, on triggers alone.

use super::*;
use crate::pack::dialect::parse;

fn triggers(patterns: &[&str]) -> Vec<Trigger> {
    patterns.iter().map(|pattern| Trigger { hir: parse(pattern).unwrap().hir, alone: false }).collect()
}

fn scan(engine: Engine, triggers: &[Trigger], tape: &[u8]) -> Vec<Event> {
    let database = Database::compile(engine, triggers).unwrap();
    let mut kinds = Kinds::default();
    kinds.read(tape);
    let mut events = Vec::new();
    database.scanner().unwrap().scan(tape, &kinds, &mut events).unwrap();
    assert!(events.is_sorted_by_key(|event| event.end));
    events.sort_unstable();
    events.dedup();
    events
}

#[test]
#[cfg(feature = "vectorscan")]
fn both_engines_report_the_same_ends() {
    let mut triggers = triggers(&[r"\d{3}-\d{2}-\d{4}", "(?i)mrn", r"[a-z]@[a-z]", r"\x00a"]);
    triggers.push(Trigger { alone: true, ..triggers[1].clone() });
    let tape = b"mrn 123-45-6789 MRN\0a@b 536-22-8147890 mRn@x";
    let events = scan(Engine::Vectorscan, &triggers, tape);
    assert_eq!(events, scan(Engine::LazyDfa, &triggers, tape));
    assert_eq!(events.len(), 11);
}

#[test]
fn nothing_to_look_for_finds_nothing() {
    assert_eq!(scan(Engine::default(), &[], b"abc"), vec![]);
    assert_eq!(scan(Engine::Referee, &triggers(&["abc"]), b"abc"), vec![]);
}

#[test]
#[cfg(feature = "vectorscan")]
fn a_trigger_that_does_not_compile_is_named() {
    let mut triggers = triggers(&["abc", "def"]);
    triggers.push(Trigger { hir: Hir::empty(), alone: false });
    let error = Database::compile(Engine::Vectorscan, &triggers).unwrap_err();
    assert_eq!(error.trigger, Some(2));
}
