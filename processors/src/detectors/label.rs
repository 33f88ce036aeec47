//! Reads `key=value` wherever it stands: logfmt, JSON, XML, SQL, stack traces, reprs, prose with a colon.
//!
//! Not keys are looked for but signs: `=`, `:`, the end of a tag, a quote behind a space. The key before a sign is read
//! from its end and judged by the same table as attribute keys; most end in a word that ends no known key, which takes
//! some nanoseconds to find out. The value behind it is measured by how it is quoted.

use super::Search;
use super::attribute::{named_before, names_value};
use super::listed::somebodys;
use super::placeholder::is_placeholder;
use super::value::{self, Joint};
use crate::actions::is_replaced;
use crate::pack::{Identifier, KeyClass, KeyMeaning, Rule};
use crate::tape::{BLOCK, Origin, Segment};
use crate::validators::is_everyday;

/// The most spaces between a key and its sign, and the most brackets and quotes that close a key.
const MAX_SPACES: usize = 4;
const MAX_CLOSERS: usize = 3;

/// How a list of strings in JSON begins: a bracket and a quote.
const LIST: usize = 2;

/// The most bytes of values that are looked at per byte of a text before it is given up: `ssn:ssn:ssn:` promises a value
/// behind every colon, and each reaches over all that follow.
const WORK_PER_BYTE: usize = 4;
/// Work that is always allowed.
const WORK_FLOOR: usize = 65_536;

/// One worker's memory for reading keys.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    meaning: KeyMeaning,
    /// What a value in a list says as a key.
    other: KeyMeaning,
    passed: Passed,
    /// The text that is being read, and how many bytes of values in it may still be looked at.
    text: u32,
    left: usize,
}

/// Ends of keys that no rule asks for: a text says `report=` and `level=` again and again.
#[derive(Debug)]
struct Passed {
    /// By their last letters. All that was looked at to tell, with its length.
    slots: Box<[(usize, [u8; PASSED_BYTES]); PASSED]>,
}

/// Slots of a [`Passed`].
const PASSED: usize = 128;
/// The most bytes that are compared: most keys end in one word that none ends in.
const PASSED_BYTES: usize = 24;

impl Default for Passed {
    fn default() -> Self {
        Self { slots: Box::new([(0, [0; PASSED_BYTES]); PASSED]) }
    }
}

impl Passed {
    fn slot(text: &[u8], end: usize) -> Option<usize> {
        let last = text.get(end.checked_sub(8)?..end)?.first_chunk().map(|last| u64::from_le_bytes(*last))?;
        // Of the last six.
        Some(((last >> 16).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 57) as usize)
    }

    /// Whether the key that ends at `end` is one of them.
    #[inline]
    fn has(&self, text: &[u8], end: usize) -> bool {
        let slot = Self::slot(text, end).and_then(|slot| self.slots.get(slot));
        slot.is_some_and(|(len, bytes)| {
            let here = end.checked_sub(*len).and_then(|from| text.get(from..end));
            *len > 0 && here == bytes.get(..*len)
        })
    }

    /// Notes one: all that tells it stands at `from..end`.
    fn note(&mut self, text: &[u8], from: Option<usize>, end: usize) {
        let here = from.and_then(|from| text.get(from..end)).filter(|here| here.len() <= PASSED_BYTES);
        let slot = Self::slot(text, end).and_then(|slot| self.slots.get_mut(slot));
        if let (Some(here), Some((len, bytes))) = (here, slot) {
            *len = here.len();
            bytes.iter_mut().zip(here).for_each(|(to, from)| *to = *from);
        }
    }
}

impl Labels {
    /// Forgets what stood in texts.
    pub(crate) fn clear(&mut self) {
        self.passed.slots.fill((0, [0; PASSED_BYTES]));
    }

    /// Judges the keys before all signs on the tape. One pass over all texts: most are short, and each has few signs.
    pub(crate) fn run(&mut self, search: &mut Search<'_>) {
        let (tape, kinds) = (search.tape, search.kinds);
        let mut segments =
            (0u32..).zip(tape.segments()).filter(|(_, segment)| !matches!(segment.origin, Origin::Alias { .. }));
        let mut current = segments.next();
        self.text = u32::MAX;
        for (block, bits) in kinds.signs().iter().enumerate() {
            let mut signs = *bits;
            while signs != 0 {
                let sign = block * BLOCK + signs.trailing_zeros() as usize;
                signs &= signs - 1;
                while let Some((_, segment)) = current
                    && segment.end as usize <= sign
                {
                    current = segments.next();
                }
                let Some((number, segment)) = current else { return };
                if let Some(at) = sign.checked_sub(segment.start as usize) {
                    self.sign(search, number, segment, tape.text(segment), at);
                }
            }
        }
    }

    fn sign(&mut self, search: &mut Search<'_>, number: u32, segment: &Segment, text: &[u8], at: usize) {
        let Some(end) = key_end(text, at) else { return };
        if !search.rules.keys.may_end(text, end) || !is_sign(text, at) {
            return;
        }
        if self.passed.has(text, end) {
            return;
        }
        let from = search.rules.keys.rules_of_key(text, end, &mut self.meaning);
        if self.meaning.rules.is_empty() || self.meaning.allowed {
            self.passed.note(text, from, end);
            return;
        }
        // `[REDACTED:mrn]: 7` names a rule, not a key: a second scrub must find no more than the first.
        if search.paths.meaning(segment.path).class == KeyClass::Opaque || is_replaced(text, end.saturating_sub(1)..end)
        {
            return;
        }
        if self.text != number {
            (self.text, self.left) = (number, WORK_FLOOR + WORK_PER_BYTE * text.len());
        }
        if self.left == 0 {
            return;
        }
        let joint = match tagged(text, at) && text.get(end) == Some(&b' ') {
            true => Some(Joint::behind_tag(at)),
            false => value::joint(text, end),
        };
        if let Some(joint) = joint.filter(|joint| !joint.listed || !self.is_key_too(search, text, *joint)) {
            for index in &self.meaning.rules {
                let read = judge(search, *index, number, segment, end, joint).unwrap_or(0);
                self.left = self.left.saturating_sub(read);
            }
            if self.left == 0 {
                search.unscanned.push(number);
            }
        }
    }

    /// Whether what stands behind a key in a list is a key itself: `['First Name', 'Last Name']`.
    fn is_key_too(&mut self, search: &Search<'_>, text: &[u8], joint: Joint) -> bool {
        let Some((_, to)) = value::extent(text, joint, Identifier::R) else { return true };
        if !search.rules.keys.may_end(text, to) {
            return false;
        }
        let mut other = std::mem::take(&mut self.other);
        search.rules.keys.rules_of_key(text, to, &mut other);
        let known = !other.rules.is_empty();
        self.other = other;
        known
    }
}

/// Whether the sign at `at` ends a tag with attributes: `<SubscriberID Qualifier="MI">`.
fn tagged(text: &[u8], at: usize) -> bool {
    text.get(at) == Some(&b'>') && matches!(at.checked_sub(1).and_then(|at| text.get(at)), Some(b'"' | b'\''))
}

/// Where the name of the element ends whose tag with attributes ends at `at`.
fn element(text: &[u8], at: usize) -> Option<usize> {
    const LONGEST: usize = 256;
    let from = at.saturating_sub(LONGEST);
    let open = memchr::memrchr2(b'<', b'>', text.get(from..at)?).map(|open| from + open)?;
    let name = text.get(open + 1..at)?.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-.:".contains(byte));
    let end = open + 1 + name.count();
    (text.get(open) == Some(&b'<') && end > open + 1 && text.get(end) == Some(&b' ')).then_some(end)
}

/// Whether the quote or bracket at `at` is itself the sign. Only in `name "Maria"` and `name <- [Maria]`: other quotes
/// and brackets belong to a sign before them.
fn opens(text: &[u8], at: usize) -> bool {
    match text.get(at) {
        Some(b'<') => text.get(at + 1) == Some(&b'-'),
        _ => at > 0 && text.get(at - 1) == Some(&b' '),
    }
}

/// Whether a sign stands at `at`.
pub(super) fn is_sign(text: &[u8], at: usize) -> bool {
    match text.get(at) {
        Some(b'=' | b':' | b'>') => true,
        Some(b'"' | b'\'' | b'<') => opens(text, at),
        Some(_) | None => false,
    }
}

/// Where the key ends whose sign is at `at`: before spaces, an arrow's shaft, and what closes the key.
pub(super) fn key_end(text: &[u8], at: usize) -> Option<usize> {
    let before = |at: usize| at.checked_sub(1).and_then(|before| text.get(before)).copied();
    if before(at).is_some_and(|byte| byte.is_ascii_alphanumeric()) {
        return if before(at) == Some(b'e') { named_before(text, at).or(Some(at)) } else { Some(at) };
    }
    if tagged(text, at) {
        let quote = at.checked_sub(1)?;
        return if names_value(text, quote) { Some(quote) } else { element(text, at) };
    }
    let mut end = at;
    if matches!((text.get(at), before(end)), (Some(b'>'), Some(b'-' | b'=')) | (Some(b'='), Some(b':'))) {
        end -= 1;
    }
    for _ in 0..MAX_SPACES {
        if matches!(before(end), Some(b' ' | b'\t')) {
            end -= 1;
        }
    }
    // A pair in a list: `('mrn', '00482913')`.
    if end < at && before(end) == Some(b',') && matches!(text.get(at), Some(b'"' | b'\'')) {
        end -= 1;
    }
    for _ in 0..MAX_CLOSERS {
        if matches!(before(end), Some(b'"' | b'\'' | b'`' | b']' | b')' | b'\\')) {
            end -= 1;
        }
    }
    before(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || byte >= 0x80).then_some(end)
}

/// Judges the value behind a key; how many bytes it has, if there is one.
fn judge(
    search: &mut Search<'_>,
    index: u16,
    number: u32,
    segment: &Segment,
    end: usize,
    joint: Joint,
) -> Option<usize> {
    let text = search.tape.text(segment);
    let rule = search.rules.rules.get(usize::from(index))?;
    let (from, to) = value::extent(text, joint, rule.identifier)?;
    let value = text.get(from..to)?;
    let gone = stands_for_nobody(text, from, to) || is_code(rule.identifier, text.get(..end)?, value);
    let column = search.paths.meaning(segment.path).class == KeyClass::Statement && is_column(value);
    let fits = !gone && !column && (joint.strict || is_promised(rule, value));
    let in_context = |context| search.in_context(context, segment, end, to);
    if fits && super::key::fits(search, rule, value) && rule.context.as_ref().is_none_or(in_context) {
        // Of a list, what stands between its first quote and its last was measured.
        let list = from.checked_sub(LIST).and_then(|start| Some((start, somebodys(text.get(start..to + LIST)?)?)));
        match list {
            Some((start, items)) => {
                items.into_iter().for_each(|item| search.add(number, start + item.start, start + item.end, index));
            }
            None => search.add(number, from, to, index),
        }
    }
    Some(to - from)
}

/// Whether a value in a statement is the name of a column, as in `v.patient_id = p.id`. Literals have quotes or are numbers, and
/// are found as what they are.
fn is_column(value: &[u8]) -> bool {
    let part = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'"' | b'`' | b'[' | b']' | b'$' | b'(' | b')')
    };
    value.first().is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'"' | b'`'))
        && value.iter().all(part)
        && value.iter().any(|byte| matches!(byte, b'_' | b'.' | b'('))
}

/// Whether the value behind `key` is a piece of a program: the column that another one is joined with, `i.person_id = p.id`,
/// `t.mrn = s.mrn`, or, below a name's key, a call, `patient = Patient.objects.create(..)`.
fn is_code(identifier: Identifier, key: &[u8], value: &[u8]) -> bool {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let Some(dot) = memchr::memchr(b'.', value) else { return false };
    let (table, column) = (value.get(..dot).unwrap_or(&[]), value.get(dot + 1..).unwrap_or(&[]));
    let same = column.len() > 2 && key.ends_with(column) && !key.ends_with(value);
    let joined = (column == b"id" || column.ends_with(b"_id") || same) && table.len() <= 32 && table.iter().all(word);
    let call = memchr::memchr(b'(', value).is_some_and(|open| {
        value.ends_with(b")")
            && value.get(..open).is_some_and(|name| name.iter().all(|byte| word(byte) || *byte == b'.'))
    });
    joined && column.iter().all(word) || identifier == Identifier::A && call
}

/// Whether there is nothing in the value `from..to` to redact.
pub(super) fn stands_for_nobody(text: &[u8], from: usize, to: usize) -> bool {
    let Some(value) = text.get(from..to) else { return false };
    // What another scrubber left is a marker with its brackets only: `[REDACTED:EMAIL]`.
    let bracketed = text.get(from.saturating_sub(1)..(to + 1).min(text.len())).unwrap_or(value);
    is_placeholder(value) || is_placeholder(bracketed) || is_replaced(text, from..to)
}

/// Whether what stands behind a person's label is an answer in a talk, and no name: `Patient: Better, but ..`.
fn is_said(identifier: Identifier, value: &[u8]) -> bool {
    let mut words = value.split(|byte| !byte.is_ascii_alphabetic() && *byte < 0x80).filter(|word| !word.is_empty());
    identifier == Identifier::A && words.all(is_everyday)
}

/// `/^Whit/i`: what a store is searched for.
fn is_search(value: &[u8]) -> bool {
    let inner = value.strip_prefix(b"/").map(|rest| rest.strip_prefix(b"^").unwrap_or(rest));
    let closed = value.ends_with(b"/") || value.ends_with(b"/i");
    closed && inner.and_then(<[u8]>::first).is_some_and(u8::is_ascii_uppercase)
}

/// Whether what stands behind a mere colon is what the key of a rule promises.
pub(super) fn is_promised(rule: &Rule, value: &[u8]) -> bool {
    // An account's name has no look, but lists of names say whose it is.
    let login = rule.validator.is_some_and(|validator| validator.name == "login");
    (login || looks_like(rule.identifier, value)) && !is_said(rule.identifier, value)
}

/// Whether a value behind a mere colon looks like what the key promises: `ssn: must not be empty` holds none.
pub(super) fn looks_like(identifier: Identifier, value: &[u8]) -> bool {
    let digit = value.iter().any(u8::is_ascii_digit);
    let capital = value.first().is_some_and(|byte| byte.is_ascii_uppercase() || *byte >= 0x80);
    match identifier {
        Identifier::A => capital || is_search(value),
        Identifier::B => capital || digit,
        Identifier::F => value.contains(&b'@'),
        Identifier::C
        | Identifier::D
        | Identifier::E
        | Identifier::G
        | Identifier::H
        | Identifier::I
        | Identifier::J
        | Identifier::K
        | Identifier::L
        | Identifier::M
        | Identifier::O
        | Identifier::R => digit,
        Identifier::N => value.contains(&b'.') || value.contains(&b'/'),
        Identifier::P | Identifier::Q | Identifier::Secret => true,
    }
}
