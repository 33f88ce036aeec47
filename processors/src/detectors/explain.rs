//! Why rules find what they find, and why they pass over what they pass over: for who asks about one text.
//!
//! Nothing here lies on the way of a batch. Every rule searches every text without a scan, by the same checks as
//! [`shape`](super::shape), [`label`](super::label) and [`key`](super::key), and keeps what those throw away.

use super::ends::within_edge;
use super::placeholder::is_placeholder;
use super::shape::{Memory, kept, left_edge, leftmost, value_span};
use super::{Search, key, label, value};
use crate::actions::is_replaced;
use crate::pack::{Context, KeyClass, KeyMeaning, Rule, Shape, words};
use crate::tape::{Origin, Segment};
use std::ops::Range;

/// Why something of the right shape, or under the right key, is not what a rule looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Objection {
    /// The validator says that it cannot be one.
    Validator,
    /// None of the words stands near without which the rule finds nothing.
    Context,
    /// The key it stands under takes it out.
    Key,
    /// It is not what the key promises: another shape than the rule's `value`, or prose behind a colon.
    Value,
    /// It stands for nobody: nothing, a parameter, a mask, what an earlier scrub left.
    Placeholder,
    /// The rule does not work here: its `only` or `except` says so.
    Domain,
    /// The configuration allows it, or has switched the rule off.
    Allowed,
}

impl Objection {
    /// The objection in one word, for machines.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Validator => "validator",
            Self::Context => "context",
            Self::Key => "key",
            Self::Value => "value",
            Self::Placeholder => "placeholder",
            Self::Domain => "domain",
            Self::Allowed => "allowed",
        }
    }
}

/// Something that a rule looked at twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    pub(crate) segment: u32,
    /// In the segment's text.
    pub(crate) range: Range<usize>,
    pub(crate) rule: u16,
    /// The key that promised it, if not its shape gave it away.
    pub(crate) key: Option<String>,
    /// The word that gave it context, and whether that stands in a key.
    pub(crate) word: Option<(String, bool)>,
    pub(crate) objection: Option<Objection>,
}

/// What all rules have to say about all texts on the tape; `keyed` are the texts that some rule asks for by their keys,
/// `nearby` those whose keys give some rule its context. Takes time by rules and bytes, and for some patterns by the
/// square of the bytes.
pub(crate) fn reasons(search: &Search<'_>, keyed: &[u32], nearby: &[u32]) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for (number, segment) in (0u32..).zip(search.tape.segments()) {
        if keyed.contains(&number) {
            by_path(search, number, segment, &mut reasons);
        }
        let meaning = search.paths.meaning(segment.path);
        let part = matches!(segment.origin, Origin::Alias { .. });
        for (index, rule) in (0u16..).zip(&search.rules.rules) {
            // What is a part of another text has been searched with it, but for what its own keys add.
            let searched = !part || nearby.contains(&number) && meaning.nearby.contains(&index);
            if let Some(shape) = rule.shape.as_ref().filter(|_| searched) {
                by_shape(search, number, segment, (index, rule, shape), &mut reasons);
            }
        }
        if !part && meaning.class != KeyClass::Opaque {
            by_sign(search, number, segment, &mut reasons);
        }
    }
    reasons.sort_by_key(|reason| (reason.segment, reason.range.start, reason.range.end, reason.rule));
    reasons.dedup();
    reasons
}

fn by_shape(
    search: &Search<'_>,
    number: u32,
    segment: &Segment,
    (index, rule, shape): (u16, &Rule, &Shape),
    reasons: &mut Vec<Reason>,
) {
    let text = search.tape.text(segment);
    let meaning = search.paths.meaning(segment.path);
    let taken_out = rule.context.is_some() && meaning.class == KeyClass::Opaque || meaning.except.contains(&index);
    let mut memory = Memory::new(&shape.regex);
    let (mut at, mut refused) = (0, 0);
    while let Some(found) = leftmost(&shape.regex, &mut memory.cache, text, at, text.len()) {
        at = found.start + 1;
        if !left_edge(text, found.start, shape.edge) {
            continue;
        }
        let Some(found) = within_edge(shape, &mut memory.cache, text, found) else { continue };
        let span = match shape.value_group {
            None => Some((found.start, found.end)),
            Some(group) => value_span(shape, &mut memory, text, found, group),
        };
        let Some((start, end)) = span else { continue };
        let Some(whole) = text.get(start..end) else { continue };
        let value = kept(rule, whole).unwrap_or(whole);
        let end = start + value.len();
        let word = rule.context.as_ref().and_then(|context| decider(search, context, segment, found.start, found.end));
        let nobody = shape.value_group.is_some() && is_placeholder(value) || is_replaced(text, start..end);
        let objection = if taken_out {
            Some(Objection::Key)
        } else if rule.validator.is_some_and(|validator| !(validator.check)(value, search.today)) {
            Some(Objection::Validator)
        } else if rule.context.is_some() && word.is_none() {
            Some(Objection::Context)
        } else {
            nobody.then_some(Objection::Placeholder)
        };
        // What the validator or its surroundings refuse may hide something from the next byte on, and only that is
        // told; anything else has been read to its end.
        if objection.is_some() && start < refused {
            continue;
        }
        if matches!(objection, Some(Objection::Validator | Objection::Context)) {
            refused = end;
        } else {
            at = if value.len() < whole.len() { end } else { found.end }.max(at);
        }
        reasons.push(Reason { segment: number, range: start..end, rule: index, key: None, word, objection });
    }
}

/// The keys before signs in the text itself: `ssn=`, `"ssn":`, `<ssn>`.
fn by_sign(search: &Search<'_>, number: u32, segment: &Segment, reasons: &mut Vec<Reason>) {
    let text = search.tape.text(segment);
    let mut meaning = KeyMeaning::default();
    for at in (0..text.len()).filter(|at| label::is_sign(text, *at)) {
        let Some(end) = label::key_end(text, at).filter(|end| search.rules.keys.may_end(text, *end)) else { continue };
        search.rules.keys.rules_of_key(text, end, &mut meaning);
        if is_replaced(text, end.saturating_sub(1)..end) {
            continue;
        }
        let Some(joint) = value::joint(text, end) else { continue };
        for index in &meaning.rules {
            let Some(rule) = search.rules.rules.get(usize::from(*index)) else { continue };
            let Some((from, to)) = value::extent(text, joint, rule.identifier) else { continue };
            let Some(value) = text.get(from..to) else { continue };
            let word = rule.context.as_ref().and_then(|context| decider(search, context, segment, end, to));
            let objection = if label::stands_for_nobody(text, from, to) {
                Some(Objection::Placeholder)
            } else if !joint.strict && !label::is_promised(rule, value) {
                Some(Objection::Value)
            } else {
                misfit(search, rule, value, word.is_some())
            };
            let key = Some(key_text(text, end));
            reasons.push(Reason { segment: number, range: from..to, rule: *index, key, word, objection });
        }
    }
}

/// The keys that lead to a text from outside: attributes, and members of JSON.
fn by_path(search: &Search<'_>, number: u32, segment: &Segment, reasons: &mut Vec<Reason>) {
    let text = search.tape.text(segment);
    for index in &search.paths.meaning(segment.path).rules {
        let Some(rule) = search.rules.rules.get(usize::from(*index)) else { continue };
        let word = rule.context.as_ref().and_then(|context| decider(search, context, segment, 0, text.len()));
        let objection = if is_placeholder(text) {
            Some(Objection::Placeholder)
        } else {
            misfit(search, rule, text, word.is_some())
        };
        let key = Some(search.paths.text(segment.path).to_owned());
        reasons.push(Reason { segment: number, range: 0..text.len(), rule: *index, key, word, objection });
    }
}

/// What a keyed rule has against a value.
fn misfit(search: &Search<'_>, rule: &Rule, value: &[u8], in_context: bool) -> Option<Objection> {
    if !key::fits(search, rule, value) {
        let shaped = rule.keyed.as_ref().and_then(|keyed| keyed.value.as_ref()).is_some_and(|it| it.is_match(value));
        return Some(if shaped { Objection::Validator } else { Objection::Value });
    }
    (rule.context.is_some() && !in_context).then_some(Objection::Context)
}

/// The word that gives `start..end` its context, and whether it stands in a key.
fn decider(
    search: &Search<'_>,
    context: &Context,
    segment: &Segment,
    start: usize,
    end: usize,
) -> Option<(String, bool)> {
    let text = search.tape.text(segment);
    let path = search.paths.text(segment.path).as_bytes();
    let near = [start.saturating_sub(context.before)..start, end..(end + context.after).min(text.len())];
    let said = near.into_iter().find_map(|range| {
        words(text, range, &context.finder)
            .find(|word| !is_replaced(text, word.clone()))
            .and_then(|word| text.get(word))
    });
    let shown = |word: &[u8]| String::from_utf8_lossy(word).into_owned();
    if let Some(word) = said {
        return Some((shown(word), false));
    }
    let word = words(path, 0..path.len(), &context.finder).next()?;
    Some((shown(path.get(word)?), true))
}

/// The key that ends at `end`, as it stands in the text.
fn key_text(text: &[u8], end: usize) -> String {
    let before = text.get(..end).unwrap_or(&[]);
    let part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/' | 0x80..);
    let len = before.iter().rev().take(64).take_while(part).count();
    String::from_utf8_lossy(before.get(end - len..).unwrap_or(&[])).into_owned()
}
