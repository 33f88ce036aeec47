//! Judges values by the keys that lead to them: the value of `patient.mrn` goes, whatever it looks like.

use super::Search;
use super::listed::somebodys;
use super::placeholder::{is_left, is_placeholder};
use crate::pack::{Context, Identifier, KeyClass, Rule, words};
use crate::tape::{PathId, Segment};

/// The least digits of a measured value that may be a number of somebody's.
const MIN_MEASURED: usize = 6;

/// Judges the text of a segment whose path some rules ask for.
pub(crate) fn judge(search: &mut Search<'_>, number: u32, segment: &Segment) {
    let text = search.tape.text(segment);
    let literal = search.paths.meaning(segment.path).class == KeyClass::Statement;
    let nobody = if literal { is_left(text) } else { is_placeholder(text) };
    if nobody {
        return;
    }
    for index in &search.paths.meaning(segment.path).rules {
        let Some(rule) = search.rules.rules.get(usize::from(*index)) else { continue };
        let in_context =
            rule.context.as_ref().is_none_or(|context| search.in_context(context, segment, 0, segment.len()));
        if !in_context || !fits(search, rule, text) {
            continue;
        }
        match somebodys(text) {
            Some(items) => items.into_iter().for_each(|item| search.add(number, item.start, item.end, *index)),
            None => search.add(number, 0, segment.len(), *index),
        }
    }
}

/// Judges a number, written in decimal, below `path`; the rules that take it. What is measured is an identifier's only if it
/// is as long as one.
pub(crate) fn judge_number(search: &Search<'_>, decimal: &str, path: PathId, measured: bool) -> Vec<u16> {
    let text = search.paths.text(path).as_bytes();
    let meaning = search.paths.meaning(path);
    if meaning.allowed || search.rules.tuned.allows(decimal.as_bytes()) {
        return Vec::new();
    }
    let takes = |index: &u16| {
        !search.rules.tuned.is_off(*index)
            && search.rules.rules.get(usize::from(*index)).is_some_and(|rule| {
                let said = |context: &Context| words(text, 0..text.len(), &context.finder).next().is_some();
                let long = !measured || is_long(rule.identifier, decimal);
                long && rule.context.as_ref().is_none_or(said) && fits(search, rule, decimal.as_bytes())
            })
    };
    meaning.rules.iter().copied().filter(takes).collect()
}

/// Whether a measured value may be a number of somebody's. Users and names are counted: `sessions.by.user`.
fn is_long(identifier: Identifier, decimal: &str) -> bool {
    match identifier {
        Identifier::A
        | Identifier::B
        | Identifier::C
        | Identifier::F
        | Identifier::N
        | Identifier::O
        | Identifier::R => false,
        Identifier::D
        | Identifier::E
        | Identifier::G
        | Identifier::H
        | Identifier::I
        | Identifier::J
        | Identifier::K
        | Identifier::L
        | Identifier::M
        | Identifier::P
        | Identifier::Q
        | Identifier::Secret => decimal.len() >= MIN_MEASURED && decimal.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

/// Whether `value` is what a keyed rule asks for; most ask for anything.
pub(super) fn fits(search: &Search<'_>, rule: &Rule, value: &[u8]) -> bool {
    let Some(keyed) = &rule.keyed else { return false };
    let Some(shape) = &keyed.value else { return true };
    shape.is_match(value) && rule.validator.is_none_or(|validator| (validator.check)(value, search.today))
}
