//! Derives what the scan looks for from what a rule matches, so that nobody writes triggers by hand.
//!
//! A [`Core`] is a stretch of the rule's pattern that every match contains, chosen for how rarely telemetry contains
//! it and cut so that it ends at one fixed point per occurrence. Scanning for cores over-approximates the rule: each
//! match of the rule lies within `back` bytes before and `fwd` bytes after the end of a core. Confirming runs the
//! whole pattern in that window only.

use super::guard::{Core, Guard, MAX_BACK, Positions};
use super::rarity::{MIN_BITS, bits, lengths};
use super::rule::Edge;
use super::{separator, word};
use crate::matcher::{expression, literals};
use memchr::memmem;
use regex_syntax::hir::{Hir, HirKind, Repetition};

/// The most bytes a core may span: a longer one finds no less and costs states.
const MAX_CORE: usize = 64;
/// The most an element inside a core may vary in length: wider gaps multiply states.
const MAX_SPREAD: usize = 12;
/// The most alternatives that get cores of their own.
const MAX_BRANCHES: usize = 64;
/// A text rarer than this is rare enough.
const RARE_BITS: f64 = 36.0;
/// Separators that are likelier than this, in bits, are everywhere: a few short texts that are rarer by so much are better.
const EVERYWHERE: f64 = 8.0;
const MUCH_RARER: f64 = 5.0;
/// So many are a few.
const FEW: usize = 512;
/// How much rarer than a word a text has to be.
const MUCH_BITS: f64 = 12.0;
/// The shortest plain text that is looked for: shorter ones are everywhere.
const PLAIN_LEN: usize = 3;

/// What a core is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Where it occurs, the rule is confirmed: it has to be rare.
    Alone,
    /// Where it occurs near the rule's context, the rule is confirmed: it may be a common word.
    BesideContext,
}

impl Need {
    /// The bits that a word must be worth.
    fn word_bits(self) -> f64 {
        match self {
            // One word in some thousands.
            Self::Alone => 12.0,
            Self::BesideContext => 5.0,
        }
    }
}

/// Why no core could be derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TriggerError {
    /// Every usable core has an unbounded or overlong text in front of it.
    Unbounded,
    /// Nothing in the pattern is rare enough to look for.
    Common,
    /// The pattern has more alternatives than the scan gives cores.
    Branches,
}

impl std::fmt::Display for TriggerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unbounded => {
                "what stands before the rarest part of the pattern must be bounded: write {0,64}, not * or +"
            }
            Self::Common => {
                "nothing in the pattern is rare enough to scan for: add a keyword, a separator, \
                 or `confidence: low` with `context`"
            }
            Self::Branches => "the pattern has too many alternatives: split the rule",
        })
    }
}

/// Derives the cores of `hir`, whose matches have this edge: one for a plain pattern, one for each alternative of an
/// alternation.
pub(crate) fn derive(hir: &Hir, edge: Edge, need: Need) -> Result<Vec<Core>, TriggerError> {
    let mut cores = Vec::new();
    derive_into(&strip(hir), edge, need, &mut cores)?;
    cores.dedup();
    Ok(cores)
}

fn derive_into(hir: &Hir, edge: Edge, need: Need, cores: &mut Vec<Core>) -> Result<(), TriggerError> {
    if let HirKind::Alternation(branches) = hir.kind() {
        if branches.len() + cores.len() > MAX_BRANCHES {
            return Err(TriggerError::Branches);
        }
        return branches.iter().try_for_each(|branch| derive_into(branch, edge, need, cores));
    }
    let mut items = Vec::new();
    flatten(hir, &mut items);
    // A set of plain texts beats a separator, which beats all that takes states.
    let mut best: Option<(f64, Core)> = None;
    let mut plain = false;
    let mut unbounded = false;
    for start in 0..items.len() {
        for end in start + 1..=items.len() {
            let Some(core) = candidate(&items, start, end) else {
                break;
            };
            let worth = plain_worth(&core.hir);
            let spelled = worth.is_some();
            let bits = worth.unwrap_or_else(|| bits(&core.hir));
            if core.back > MAX_BACK as usize {
                unbounded |= bits >= MIN_BITS;
            } else if spelled && !plain {
                best = Some((bits, core));
                plain = true;
            } else if bits >= MIN_BITS && spelled == plain && best.as_ref().is_none_or(|(most, _)| bits > most + 0.01) {
                best = Some((bits, core));
            }
        }
    }
    // A word beats all others, unless a text is much rarer.
    if let Some((rarity, core)) = word::core(&items, edge, need.word_bits())
        && !(plain && best.as_ref().is_some_and(|(bits, _)| *bits > rarity + MUCH_BITS))
    {
        cores.push(core);
        return Ok(());
    }
    // Beside a context words will do, or a few texts: they spare the scan what it has to keep states for.
    if need == Need::BesideContext {
        if let Some(words) = spread_out(&items, edge, need, need.word_bits()) {
            cores.extend(words);
            return Ok(());
        }
        if let Some((_, core)) = few(&items, Need::Alone.word_bits()) {
            cores.push(core);
            return Ok(());
        }
    }
    if !plain {
        let around = separator::cores(&items);
        if !around.is_empty() {
            // A word that is met now and then is looked up for less than a separator that is everywhere.
            let often: f64 = around.iter().map(|core| (-bits(&core.hir)).exp2()).sum();
            let least = Need::BesideContext.word_bits().max(-often.log2());
            match word::core(&items, edge, least) {
                Some((_, word)) => cores.push(word),
                None => match few(&items, least + MUCH_RARER).filter(|_| least < EVERYWHERE) {
                    Some((_, core)) => cores.push(core),
                    None => cores.extend(spread_out(&items, edge, need, least).unwrap_or(around)),
                },
            }
            return Ok(());
        }
    }
    match best {
        Some((_, core)) => {
            cores.push(core);
            Ok(())
        }
        None if unbounded => Err(TriggerError::Unbounded),
        None => Err(TriggerError::Common),
    }
}

/// Whether the scan keeps no states for a core, and does not report it everywhere: a word, or a few texts.
pub(super) fn is_cheap(core: &Core) -> bool {
    core.alone || bits(&core.hir) >= Need::Alone.word_bits() && is_few(&core.hir)
}

/// The rarest core that is a few texts, though they may be short or have digits, if one is as rare as `least`.
fn few(items: &[Hir], least: f64) -> Option<(f64, Core)> {
    let mut best: Option<(f64, Core)> = None;
    for start in 0..items.len() {
        for end in start + 1..=items.len() {
            let Some(core) = candidate(items, start, end) else { break };
            let bits = bits(&core.hir);
            let rarer = bits >= least && best.as_ref().is_none_or(|(most, _)| bits > most + 0.01);
            if rarer && core.back <= MAX_BACK as usize && is_few(&core.hir) {
                best = Some((bits, core));
            }
        }
    }
    best
}

/// Whether it can be spelled out in a few texts that are more than digits, and of two bytes only with a sign.
fn is_few(hir: &Hir) -> bool {
    let tells = |text: &Vec<u8>| {
        let letters = text.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
        let sign = text.iter().any(|byte| byte.is_ascii_punctuation());
        letters >= 2 && text.len() >= PLAIN_LEN || letters > 0 && sign
    };
    literals::spell(hir, expression::folds(hir), FEW).is_some_and(|texts| texts.iter().all(tells))
}

/// Words or a few texts for each alternative of one of the items: `/profile/` for one, `/member/` for the other. `None` if
/// some alternative has none; words are as rare as `least`.
fn spread_out(items: &[Hir], edge: Edge, need: Need, least: f64) -> Option<Vec<Core>> {
    (0..items.len()).rev().find_map(|at| {
        let HirKind::Alternation(branches) = items.get(at)?.kind() else { return None };
        let (before, after) = (items.get(..at)?, items.get(at + 1..)?);
        let words = branches.iter().take(MAX_BRANCHES).map(|branch| {
            let mut spread = before.to_vec();
            flatten(branch, &mut spread);
            spread.extend_from_slice(after);
            let texts = || few(&spread, Need::Alone.word_bits()).filter(|_| need == Need::BesideContext);
            word::core(&spread, edge, least).or_else(texts).map(|(_, core)| core)
        });
        words.collect::<Option<Vec<Core>>>().filter(|_| branches.len() <= MAX_BRANCHES)
    })
}

/// The core made of `items[start..end]`, or `None` if no core may span them.
fn candidate(items: &[Hir], start: usize, end: usize) -> Option<Core> {
    let window = items.get(start..end)?;
    let inner = window.get(1..window.len().saturating_sub(1)).unwrap_or(&[]);
    for item in inner {
        let (min, max) = lengths(item);
        if max? - min > MAX_SPREAD {
            return None;
        }
    }
    let right = reduce_right(&Hir::concat(window.to_vec()));
    let hir = reduce_left(&right);
    if lengths(&hir).1? > MAX_CORE || lengths(&hir).0 == 0 {
        return None;
    }
    let before = items.get(..start)?;
    let back = before
        .iter()
        .chain([&right])
        .try_fold(0usize, |sum, item| lengths(item).1.map(|max| sum.saturating_add(max)))
        .unwrap_or(usize::MAX);
    let whole =
        items.get(start..)?.iter().try_fold(0usize, |sum, item| lengths(item).1.map(|max| sum.saturating_add(max)));
    let fwd = whole.map(|whole| whole.saturating_sub(lengths(&right).0));
    Some(Core { guard: guard(items, start..end, &hir), hir, alone: false, back, fwd })
}

/// What stands around the core `hir` of `items[window]`: as far as its own ends are those of the window.
fn guard(items: &[Hir], window: std::ops::Range<usize>, hir: &Hir) -> Guard {
    let fixed = |item: &Hir| lengths(item).1 == Some(lengths(item).0);
    let own = items.get(window.clone()).unwrap_or(&[]);
    let after = if own.last().is_some_and(fixed) { items.get(window.end..).unwrap_or(&[]) } else { &[] };
    let before = if own.iter().all(fixed) { items.get(..window.start).unwrap_or(&[]) } else { &[] };
    Guard::new(lengths(hir).0, &Positions::backward(before).sets, &Positions::forward(after).sets)
}

/// Drops captures: the scan wants ends, not groups.
pub(crate) fn strip(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => hir.clone(),
        HirKind::Repetition(repetition) => Hir::repetition(Repetition {
            min: repetition.min,
            max: repetition.max,
            greedy: repetition.greedy,
            sub: Box::new(strip(&repetition.sub)),
        }),
        HirKind::Capture(capture) => strip(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(strip).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(strip).collect()),
    }
}

fn flatten(hir: &Hir, items: &mut Vec<Hir>) {
    if let HirKind::Concat(parts) = hir.kind() {
        for part in parts {
            flatten(part, items);
        }
    } else {
        items.push(hir.clone());
    }
}

/// Cuts the tail to its shortest form, so that an occurrence has one end.
fn reduce_right(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => hir.clone(),
        HirKind::Capture(capture) => reduce_right(&capture.sub),
        HirKind::Repetition(repetition) => match repetition.min {
            0 => Hir::empty(),
            1 => reduce_right(&repetition.sub),
            min => Hir::concat(vec![exactly(&repetition.sub, min - 1), reduce_right(&repetition.sub)]),
        },
        HirKind::Alternation(parts) => alternation(parts.iter().map(reduce_right).collect()),
        HirKind::Concat(parts) => {
            let mut parts = parts.clone();
            while let Some(last) = parts.pop() {
                let last = reduce_right(&last);
                if lengths(&last).0 > 0 {
                    parts.push(last);
                    break;
                }
            }
            Hir::concat(parts)
        }
    }
}

/// Cuts the head to its shortest form: what stands before it changes nothing about the end.
fn reduce_left(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => hir.clone(),
        HirKind::Capture(capture) => reduce_left(&capture.sub),
        HirKind::Repetition(repetition) => match repetition.min {
            0 => Hir::empty(),
            1 => reduce_left(&repetition.sub),
            min => Hir::concat(vec![reduce_left(&repetition.sub), exactly(&repetition.sub, min - 1)]),
        },
        HirKind::Alternation(parts) => alternation(parts.iter().map(reduce_left).collect()),
        HirKind::Concat(parts) => {
            let mut rest: std::collections::VecDeque<Hir> = parts.iter().cloned().collect();
            while let Some(first) = rest.pop_front() {
                let first = reduce_left(&first);
                if lengths(&first).0 > 0 {
                    rest.push_front(first);
                    break;
                }
            }
            Hir::concat(rest.into())
        }
    }
}

/// An alternation one of whose branches can be empty says nothing.
fn alternation(parts: Vec<Hir>) -> Hir {
    if parts.iter().any(|part| lengths(part).0 == 0) { Hir::empty() } else { Hir::alternation(parts) }
}

fn exactly(sub: &Hir, count: u32) -> Hir {
    Hir::repetition(Repetition { min: count, max: Some(count), greedy: true, sub: Box::new(sub.clone()) })
}

/// What a core that can be spelled out is worth, if it can be: how rare it is, up to where it hardly matters, less what
/// many texts cost. They must be more than digits: those are everywhere, whichever they are.
fn plain_worth(hir: &Hir) -> Option<f64> {
    // Every URL begins with a scheme: what follows tells more.
    let scheme = |text: &[u8]| [&b"http://"[..], b"https://"].iter().any(|scheme| memmem::find(scheme, text).is_some());
    let wordy = |text: &Vec<u8>| {
        text.iter().filter(|byte| !byte.is_ascii_digit()).count() >= PLAIN_LEN && !scheme(&text.to_ascii_lowercase())
    };
    let bits = bits(hir);
    if lengths(hir).0 < PLAIN_LEN || bits < MIN_BITS {
        return None;
    }
    let texts = literals::spell(hir, expression::folds(hir), literals::MANY)?;
    let count = f64::from(u32::try_from(texts.len()).ok()?);
    texts.iter().all(wordy).then(|| bits.min(RARE_BITS) - 0.25 * count.log2())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::dialect::parse;

    fn cores(pattern: &str) -> Vec<(String, usize, Option<usize>)> {
        derive(&parse(pattern).unwrap().hir, Edge::None, Need::Alone)
            .unwrap()
            .iter()
            .map(|core| (core.hir.to_string(), core.back, core.fwd))
            .collect()
    }

    #[test]
    fn groups_of_digits_have_a_core_around_what_separates_them() {
        assert_eq!(cores(r"\d{3}-\d{2}-\d{4}"), [("(?:(?-u:[0-9])\\-(?-u:[0-9]))".to_owned(), 5, Some(6))]);
    }

    #[test]
    fn the_rarest_texts_are_the_core() {
        let core = |pattern: &str| cores(pattern).remove(0).0;
        assert_eq!(core("(?:sk|rk)_live_[0-9a-z]{16}"), "(?:_live_)");
        assert_eq!(core("[a-z]{1,8}passport[a-z]"), "(?:passport)");
    }

    #[test]
    fn an_open_end_is_cut_to_a_fixed_point() {
        let cores = cores(r"[a-z0-9._-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}");
        assert_eq!(cores.len(), 1);
        assert_eq!(cores[0].1, 66, "{cores:?}");
        assert_eq!(cores[0].2, Some(62 + 8 * 64));
    }

    #[test]
    fn alternatives_get_cores_of_their_own() {
        assert_eq!(cores("AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{36}").len(), 2);
    }

    #[test]
    fn where_separators_are_everywhere_words_of_alternatives_or_a_few_texts_are_better() {
        let person = r"(?i:https?://)(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,16}/(?:profiles?/[a-z]{1,9}|members?/[a-z]{1,9}_[a-z])";
        let found = derive(&parse(person).unwrap().hir, Edge::Alnum, Need::Alone).unwrap();
        assert!(found.len() == 2 && found.iter().all(|core| core.alone), "{found:?}");
        assert!(cores(r"[A-Z][a-z]{1,20} \d{1,3}(?:yo|y/o)").remove(0).0.contains('y'));
    }

    #[test]
    fn beside_a_context_a_few_texts_will_do() {
        let parts = |pattern: &str| derive(&parse(pattern).unwrap().hir, Edge::Alnum, Need::BesideContext).unwrap();
        let glued = parts(r"\d{1,2}(?:jan|feb|dec)(?:19|20)\d{2}|\d{1,2}(?:st|th)(?:jan|feb)\d{4}");
        assert!(glued.len() == 2 && glued.iter().all(|core| is_cheap(core) && !core.alone), "{glued:?}");
        // Digits are everywhere, and with one letter in ids.
        assert!(!parts(r"[a-z]\d{4}-\d{2}").iter().all(is_cheap));
        assert!(!parts(r"[A-Z]\d{2}x\d").iter().all(is_cheap));
    }

    #[test]
    fn what_cannot_be_scanned_for_is_refused() {
        let refuse = |pattern: &str| derive(&parse(pattern).unwrap().hir, Edge::Alnum, Need::Alone).unwrap_err();
        assert_eq!(refuse(r"\d{5}"), TriggerError::Common);
        assert_eq!(refuse(r"[a-z]+@@@"), TriggerError::Unbounded);
    }
}
