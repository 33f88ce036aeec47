//! Cores that stand alone: `patient` of `patient: 4711`, the given name of `Maria Gonzalez`.
//!
//! Where the pattern goes on with what is no letter and no digit, or ends where its edge forbids them, a text of it is a
//! word of the text around it. Words are looked up, which costs the same for one and for a thousand, and they are much
//! rarer than the same letters anywhere.

use super::guard::{Core, Guard, MAX_BACK, Positions};
use super::rarity::{bits, first_bytes, last_bytes, lengths};
use super::rule::Edge;
use crate::matcher::{expression, literals, words};
use regex_syntax::hir::Hir;

/// A core that is this much rarer than it has to be is rare enough, and the shortest of them does: more would be more
/// texts to tell apart.
const ENOUGH_BITS: f64 = 4.0;
/// The fewest letters in the word that a text begins with.
const MIN_LETTERS: usize = 2;
/// The most bytes of a text.
const MAX_TEXT: usize = 64;

/// The rarest core of `items` that stands alone in every match that has this edge, with how rare it is in bits, if one
/// is as rare as `least`.
pub(super) fn core(items: &[Hir], edge: Edge, least: f64) -> Option<(f64, Core)> {
    let mut best: Option<(f64, Core)> = None;
    for start in 0..items.len() {
        for end in start + 1..=items.len() {
            let whole = Hir::concat(items.get(start..end)?.to_vec());
            if lengths(&whole).1.is_none_or(|longest| longest > MAX_TEXT) {
                break;
            }
            let rarity = bits(&whole);
            let worth = |rarity: f64| rarity.min(least + ENOUGH_BITS);
            let better = best.as_ref().is_none_or(|(most, _)| worth(rarity) > worth(*most) + 0.01);
            if rarity < least || !better || !is_apart(items, start..end, &whole, edge) {
                continue;
            }
            // Of what has too many texts, what is longer has no fewer.
            let Some(texts) = literals::spell(&whole, expression::folds(&whole), words::MANY) else { break };
            if texts.iter().all(|text| tells(text))
                && let Some(core) = around(items, start..end, whole)
            {
                best = Some((rarity, core));
            }
        }
    }
    best
}

/// The core of `items[window]`, which is `whole`.
fn around(items: &[Hir], window: std::ops::Range<usize>, whole: Hir) -> Option<Core> {
    let (before, after) = (items.get(..window.start)?, items.get(window.end..)?);
    let most =
        |items: &[Hir]| items.iter().try_fold(0usize, |sum, item| lengths(item).1.map(|max| sum.saturating_add(max)));
    let (least, longest) = lengths(&whole);
    let back = most(before)?.saturating_add(longest?);
    if back > MAX_BACK as usize {
        return None;
    }
    // Where it begins is known if all its texts are of one length.
    let left = if longest == Some(least) { Positions::backward(before).sets } else { Vec::new() };
    let guard = Guard::new(least, &left, &Positions::forward(after).sets);
    Some(Core { hir: whole, alone: true, back, fwd: most(after), guard })
}

/// Whether a text begins with a word of letters. Numbers are everywhere, whichever they are.
fn tells(text: &[u8]) -> bool {
    let word = text.iter().skip_while(|byte| !byte.is_ascii_alphanumeric());
    let word: Vec<u8> = word.take_while(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect();
    let letters = word.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    // Every URL begins with a scheme: what follows tells more.
    letters >= MIN_LETTERS && !matches!(&word[..], b"http" | b"https")
}

/// Whether neither a letter nor a digit touches those at the ends of `items[window]`, which is `whole`.
fn is_apart(items: &[Hir], window: std::ops::Range<usize>, whole: &Hir, edge: Edge) -> bool {
    let alnum = |bytes: &[u8]| bytes.iter().any(u8::is_ascii_alphanumeric);
    let edged = match edge {
        Edge::Alnum | Edge::Mailbox => true,
        Edge::Digit | Edge::Number | Edge::None => false,
    };
    let side = |own: Vec<u8>, others: Option<&[Hir]>, ends: fn(&Hir) -> Vec<u8>| {
        let others = Hir::concat(others.unwrap_or(&[]).to_vec());
        !alnum(&own) || (lengths(&others).0 > 0 || edged) && !alnum(&ends(&others))
    };
    side(first_bytes(whole), items.get(..window.start), last_bytes)
        && side(last_bytes(whole), items.get(window.end..), first_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::dialect::parse;
    use crate::pack::trigger;

    fn alone(pattern: &str, edge: Edge) -> Option<(String, usize, Option<usize>)> {
        let cores = trigger::derive(&parse(pattern).unwrap().hir, edge, trigger::Need::Alone).unwrap();
        let core = cores.first().filter(|core| core.alone)?;
        Some((expression::write(&core.hir).text, core.back, core.fwd))
    }

    #[test]
    fn what_is_bounded_by_an_edge_or_by_what_follows_stands_alone() {
        assert_eq!(alone(r"(?i)passport [0-9]{9}", Edge::Alnum).unwrap(), ("passport".to_owned(), 8, Some(10)));
        assert_eq!(alone(r"(?i)passport [0-9]{9}", Edge::Digit), None);
        assert_eq!(alone(r"[0-9]{4} passport ?#[0-9]{9}", Edge::None).unwrap().0, r"\x20passport");
        assert_eq!(
            alone(r"(?i)passports?: [0-9]{9}", Edge::Alnum).unwrap(),
            ("passport(?:s)?".to_owned(), 9, Some(11))
        );
        assert_eq!(alone(r"(?i)passport[a-z]? [0-9]{9}", Edge::Alnum).unwrap().0, "passport(?:[A-Za-z])?");
        assert_eq!(alone(r"(?i)passport ?[0-9]{9}", Edge::Alnum), None);
        assert_eq!(alone(r"(?i)passport[ -]{0,2}", Edge::Alnum).unwrap().1, 8);
    }

    #[test]
    fn a_word_met_now_and_then_beats_a_separator_that_is_everywhere() {
        let street = r"[0-9]{1,6} (?:[A-Z][a-z]{1,20} ){1,3}(?:Street|St|Avenue|Ave|Drive|Dr)";
        assert_eq!(alone(street, Edge::Alnum).unwrap().0, "Street|St|Avenue|Ave|Drive|Dr");
        // Inside a word they are no words.
        assert_eq!(alone(street, Edge::None), None);
        assert_eq!(alone(r"[0-9]{4}@(?:a|to)", Edge::Alnum), None);
    }

    #[test]
    fn texts_without_letters_are_no_words() {
        assert_eq!(alone(r"[a-z]{1,9}@[a-z]{1,9}", Edge::Alnum), None);
    }
}
