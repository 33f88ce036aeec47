//! Reads `key=value` wherever it stands: logfmt, JSON, XML, SQL, stack traces, reprs, prose with a colon.
//!
//! The scan reports where a key that some rule asks for may end. Here the key is read back to its beginning, judged by
//! the same table as attribute keys, and the value behind it is measured by how it is quoted.

use super::Search;
use super::placeholder::is_placeholder;
use super::shape::LabelHit;
use super::value::{self, Joint};
use crate::actions::is_replaced;
use crate::pack::Identifier;
use crate::tape::normalise;

/// The most bytes of a key that are read.
const MAX_KEY: usize = 64;
/// How many words may follow what the scan saw and still belong to the key: `medical record` `number`.
const MORE_WORDS: usize = 2;

/// One worker's memory for reading keys.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    path: String,
    /// Where in the segment the last key ended: hits on one key are judged once.
    done: Option<(u32, usize)>,
}

impl Labels {
    /// Judges the keys that the scan saw.
    pub(crate) fn run(&mut self, search: &mut Search<'_>, hits: &[LabelHit]) {
        self.done = None;
        for hit in hits {
            self.judge(search, *hit);
        }
    }

    fn judge(&mut self, search: &mut Search<'_>, hit: LabelHit) {
        let Some(segment) = search.tape.segment(hit.segment).copied() else { return };
        let text = search.tape.text(&segment);
        let start = key_start(text, hit.end as usize);
        let mut end = key_end(text, hit.end as usize);
        for _ in 0..=MORE_WORDS {
            end = value::inner_tag(text, end);
            if let Some(joint) = value::joint(text, end) {
                if self.done != Some((hit.segment, end)) {
                    self.done = Some((hit.segment, end));
                    self.value(search, hit.segment, &segment, start, end, joint);
                }
                return;
            }
            // Another word of the key, behind one space.
            if text.get(end) != Some(&b' ') || !text.get(end + 1).is_some_and(u8::is_ascii_alphabetic) {
                return;
            }
            end = key_end(text, end + 1);
        }
    }

    fn value(
        &mut self,
        search: &mut Search<'_>,
        number: u32,
        segment: &crate::tape::Segment,
        start: usize,
        end: usize,
        joint: Joint,
    ) {
        let text = search.tape.text(segment);
        let Some(key) = text.get(start..end) else { return };
        self.path.clear();
        normalise(key, &mut self.path);
        let meaning = search.rules.keys.meaning(&self.path);
        for index in &meaning.rules {
            let Some(rule) = search.rules.rules.get(usize::from(*index)) else { continue };
            let Some((from, to)) = value::extent(text, joint, rule.identifier) else { continue };
            let Some(value) = text.get(from..to) else { continue };
            // `[REDACTED:x]` is a marker as a whole only.
            let bracketed = text.get(from.saturating_sub(1)..(to + 1).min(text.len())).unwrap_or(value);
            if is_placeholder(value)
                || is_placeholder(bracketed)
                || !(joint.strict || looks_like(rule.identifier, value))
            {
                continue;
            }
            if !super::key::fits(search, rule, value) {
                continue;
            }
            if let Some(context) = &rule.context
                && !search.in_context(context, segment, start, to)
            {
                continue;
            }
            search.add(number, from, to, *index);
        }
    }
}

/// Where the key that ends about `at` begins: letters, digits, joiners and single spaces, on one line.
fn key_start(text: &[u8], at: usize) -> usize {
    let mut start = at;
    while start > 0 && at - start < MAX_KEY {
        let Some(byte) = text.get(start - 1) else { break };
        let joins =
            is_key(*byte) || *byte == b' ' && start >= 2 && text.get(start - 2).is_some_and(|byte| is_key(*byte));
        if !joins {
            break;
        }
        start -= 1;
    }
    start
}

/// Where the word at `at` ends. A full stop or hyphen belongs to it only between letters or digits.
fn key_end(text: &[u8], at: usize) -> usize {
    let mut end = at;
    while let Some(byte) = text.get(end) {
        let inside = byte.is_ascii_alphanumeric()
            || *byte == b'_'
            || matches!(byte, b'.' | b'-') && text.get(end + 1).is_some_and(u8::is_ascii_alphanumeric);
        if !inside || end - at > MAX_KEY {
            break;
        }
        end += 1;
    }
    end
}

fn is_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

/// Whether a value behind a mere colon looks like what the key promises: `ssn: must not be empty` holds none.
fn looks_like(identifier: Identifier, value: &[u8]) -> bool {
    let digit = value.iter().any(u8::is_ascii_digit);
    let capital = value.first().is_some_and(|byte| byte.is_ascii_uppercase() || *byte >= 0x80);
    match identifier {
        Identifier::A => capital,
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
