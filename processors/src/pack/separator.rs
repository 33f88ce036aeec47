//! Cores around what separates groups: `3-4` stands for `ddd-dd-dddd`.
//!
//! Groups of digits with something between them are the shape of most numbers that name a person, and the worst a scan
//! can be asked for: each such shape keeps states alive wherever a digit stands. A separator between two of its
//! neighbours is a handful of plain texts, the same few for all such rules, and a [`Guard`] tells most of their
//! occurrences apart.

use super::guard::{ByteSet, Core, Guard, MAX_BACK, Positions};
use super::rarity::{MIN_BITS, bits, class_bits, lengths};
use crate::matcher::literals;
use regex_syntax::hir::{Hir, HirKind};

/// The most texts one core may stand for.
const MAX_TEXTS: usize = 256;
/// The most separators between two groups that get cores of their own.
const MAX_SEPARATORS: usize = 12;
/// The fewest bytes that must stand at fixed places around a separator that is not rare by itself.
const MIN_GUARD: usize = 3;
/// Repetitions up to this many are taken apart.
const MAX_UNROLLED: u32 = 24;

/// The cores around the rarest separator of `items`, one for each character it may be; empty if there is none.
pub(super) fn cores(items: &[Hir]) -> Vec<Core> {
    let mut unrolled = Vec::new();
    items.iter().for_each(|item| unroll(item, &mut unrolled));
    let mut best: Option<(f64, Vec<Core>)> = None;
    for at in 0..unrolled.len() {
        if let Some((rarity, cores)) = around(&unrolled, at)
            && best.as_ref().is_none_or(|(most, _)| rarity > most + 0.01)
        {
            best = Some((rarity, cores));
        }
    }
    best.map_or(Vec::new(), |(_, cores)| cores)
}

fn unroll(hir: &Hir, items: &mut Vec<Hir>) {
    match hir.kind() {
        HirKind::Concat(parts) => parts.iter().for_each(|part| unroll(part, items)),
        // One of open length stays whole: its positions are read from either end.
        HirKind::Repetition(repetition) if repetition.min <= MAX_UNROLLED && repetition.max == Some(repetition.min) => {
            (0..repetition.min).for_each(|_| unroll(&repetition.sub, items));
        }
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => {
                items.extend(text.chars().map(|char| Hir::literal(char.encode_utf8(&mut [0; 4]).as_bytes().to_vec())))
            }
            Err(_) => items.push(hir.clone()),
        },
        HirKind::Empty
        | HirKind::Class(_)
        | HirKind::Look(_)
        | HirKind::Capture(_)
        | HirKind::Repetition(_)
        | HirKind::Alternation(_) => items.push(hir.clone()),
    }
}

/// The cores around the item at `at`, with how rare they are in bits, guards included.
fn around(items: &[Hir], at: usize) -> Option<(f64, Vec<Core>)> {
    let separators = separators(items.get(at)?)?;
    let before = items.get(..at)?;
    let after = items.get(at + 1..)?;
    let left = Positions::backward(before).sets;
    let right = Positions::forward(after).sets;
    let is_rare = separators.iter().all(|text| bits(&Hir::literal(text.as_slice())) >= MIN_BITS);
    if !is_rare && left.len() + right.len() < MIN_GUARD {
        return None;
    }
    let reach = before.iter().try_fold(0usize, |sum, item| Some(sum.saturating_add(lengths(item).1?)))?;
    let fwd = after.iter().try_fold(0usize, |sum, item| Some(sum.saturating_add(lengths(item).1?)));
    let own = separators.iter().map(|text| (-bits(&Hir::literal(text.as_slice()))).exp2()).sum::<f64>().log2();
    let rarity = left.iter().chain(&right).map(|set| class_bits(&set.class())).sum::<f64>() - own;
    let mut cores = Vec::new();
    for separator in separators {
        let one_byte = separator.len() == 1;
        // What is not ASCII is rare enough by itself. Around one rare byte the scan looks at its neighbours for nothing,
        // however many they may be; around any other they are spelled out with it.
        let near_left = left.first().filter(|set| one_byte && (is_rare || texts(&[*set]) <= MAX_TEXTS / 4));
        let near_right = right.first().filter(|set| {
            one_byte && (is_rare || near_left.map_or_else(|| texts(&[*set]), |left| texts(&[left, *set])) <= MAX_TEXTS)
        });
        let (skipped, taken) = (usize::from(near_left.is_some()), usize::from(near_right.is_some()));
        let back = reach + separator.len() + taken;
        if back > MAX_BACK as usize {
            return None;
        }
        let parts =
            [near_left.map(ByteSet::hir), Some(Hir::literal(separator.as_slice())), near_right.map(ByteSet::hir)];
        let hir = Hir::concat(parts.into_iter().flatten().collect());
        let guard = Guard::new(skipped + separator.len() + taken, left.get(skipped..)?, right.get(taken..)?);
        if bits(&hir) < MIN_BITS / 2.0 {
            return None;
        }
        cores.push(Core { hir, alone: false, back, fwd: fwd.map(|fwd| fwd.saturating_sub(taken)), guard });
    }
    Some((rarity, cores))
}

/// How many texts a row of bytes of these sets stands for, case ignored.
fn texts(sets: &[&ByteSet]) -> usize {
    let of = |set: &ByteSet| {
        set.bytes().filter(|byte| !byte.is_ascii_uppercase() || !set.contains(byte.to_ascii_lowercase())).count()
    };
    sets.iter().map(|set| of(set)).product()
}

/// The characters that `item` may be, if it is one of a few, none of them a letter or a digit.
fn separators(item: &Hir) -> Option<Vec<Vec<u8>>> {
    let all = literals::spell(item, false, MAX_SEPARATORS)?;
    let fits = |text: &Vec<u8>| {
        let one = std::str::from_utf8(text).is_ok_and(|text| text.chars().count() == 1);
        one && !text.iter().any(u8::is_ascii_alphanumeric)
    };
    all.iter().all(fits).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::dialect::parse;
    use crate::pack::trigger::strip;

    fn found(pattern: &str) -> Vec<(String, usize, Option<usize>)> {
        let hir = strip(&parse(pattern).unwrap().hir);
        cores(&[hir]).iter().map(|core| (core.hir.to_string(), core.back, core.fwd)).collect()
    }

    #[test]
    fn groups_are_looked_for_by_what_separates_them() {
        let digit = "(?-u:[0-9])";
        assert_eq!(found(r"\d{3}-\d{2}"), [(format!("(?:{digit}\\-{digit})"), 5, Some(1))]);
        assert_eq!(found(r"\d{3}[-.]\d{4}").len(), 2);
        assert_eq!(found("\\d{3}[-\u{2013}]\\d{4}").len(), 2);
        let letter = "(?-u:[a-z])";
        assert_eq!(found("[a-z]{1,9}@[a-z]{1,9}"), [(format!("(?:{letter}@{letter})"), 11, Some(8))]);
    }

    #[test]
    fn the_rarest_separator_is_looked_for() {
        let cores = found(r"[a-z0-9._-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,4}\.[a-z]{2,24}");
        assert!(cores.len() == 1 && cores[0].0.contains('@'), "{cores:?}");
    }

    #[test]
    fn what_varies_in_length_or_has_no_separator_has_no_such_core() {
        assert!(found(r"\d{9}").is_empty());
        assert!(found(r"\d{1,3}\.\d{1,3}").is_empty());
        assert!(found(r"\d{3}[-.]?\d{4}").is_empty());
    }
}
