//! The attribute `scrubjay.redacted`, which says what was redacted in a span or log record: ids of rules and how often,
//! never a text. `ssn.dashed:2,name.person_key:1`.
//!
//! Only what the engine would write itself is taken for such a mark, and then left as it is: ids of its own rules, in
//! order, each with a small number. Anything else under that key is a text like any other.

use crate::pack::Rule;
use crate::walk::wire::put_varint;
use std::collections::{BTreeMap, HashSet};

/// The key of the attribute.
pub(crate) const KEY: &str = "scrubjay.redacted";
/// The same as a path.
pub(crate) const PATH: &str = "scrubjay redacted";
/// Stands for a rule where a text went because it could not be looked at.
const UNSCANNED: &str = "unscanned";
/// The largest number that is written: larger ones could be somebody's.
const MOST: u32 = 9_999;

/// How often each rule replaced something in one record.
pub(crate) type Tally<'r> = BTreeMap<&'r str, u32>;

/// The words that a mark may hold.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    ids: HashSet<Box<str>>,
}

impl Vocabulary {
    pub(crate) fn of(rules: &[Rule]) -> Self {
        Self { ids: rules.iter().map(Rule::id).chain([UNSCANNED]).map(Into::into).collect() }
    }

    /// Whether a text is a mark as it would be written.
    pub(crate) fn is_mark(&self, text: &[u8]) -> bool {
        self.read(text).is_some()
    }

    /// What a mark says; `None` if it is none.
    pub(crate) fn read<'t>(&self, text: &'t [u8]) -> Option<Tally<'t>> {
        let text = std::str::from_utf8(text).ok()?;
        let mut tally = Tally::new();
        for part in text.split(',') {
            let (id, count) = part.split_once(':')?;
            let number: u32 = count.parse().ok()?;
            let in_order = tally.last_key_value().is_none_or(|(last, _)| *last < id);
            if !self.ids.contains(id) || !in_order || number == 0 || number > MOST || number.to_string() != count {
                return None;
            }
            tally.insert(id, number);
        }
        Some(tally)
    }
}

/// Counts one more; `id` is `None` where a text could not be looked at.
pub(crate) fn count<'r>(tally: &mut Tally<'r>, id: Option<&'r str>, more: u32) {
    let count = tally.entry(id.unwrap_or(UNSCANNED)).or_default();
    *count = count.saturating_add(more).min(MOST);
}

/// Writes the attribute as a field of its record: a `KeyValue` under this field number.
pub(crate) fn write(number: u32, tally: &Tally<'_>, out: &mut Vec<u8>) {
    let parts: Vec<String> = tally.iter().map(|(id, count)| format!("{id}:{count}")).collect();
    let text = field(1, parts.join(",").as_bytes());
    let pair = [field(1, KEY.as_bytes()), field(2, &text)].concat();
    out.extend_from_slice(&field(number, &pair));
}

fn field(number: u32, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 4);
    put_varint(u64::from(number << 3 | 2), &mut out);
    put_varint(content.len() as u64, &mut out);
    out.extend_from_slice(content);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_would_be_written_is_a_mark() {
        let ids = ["name.person_key", "ssn.dashed", "unscanned"].into_iter().map(Into::into).collect();
        let vocabulary = Vocabulary { ids };
        for text in ["ssn.dashed:1", "name.person_key:12,ssn.dashed:9999,unscanned:1"] {
            let read = vocabulary.read(text.as_bytes()).unwrap();
            let mut out = Vec::new();
            write(6, &read, &mut out);
            assert!(out.ends_with(text.as_bytes()), "{text}");
        }
        for text in [
            "",
            "ssn.dashed",
            "ssn.dashed:0",
            "ssn.dashed:01",
            "ssn.dashed:+1",
            "ssn.dashed:10000",
            "ssn.dashed:536228147",
            "ssn.dashed:1,",
            "ssn.dashed:1,name.person_key:1",
            "ssn.dashed:1,ssn.dashed:1",
            "maria.gonzalez:1",
            "ssn.dashed:1 536-22-8147",
            "ssn.dashed:536-22-8147",
        ] {
            assert!(!vocabulary.is_mark(text.as_bytes()), "{text}");
        }
        let mut tally = Tally::new();
        count(&mut tally, Some("ssn.dashed"), u32::MAX);
        count(&mut tally, None, 1);
        assert_eq!(tally, Tally::from([("ssn.dashed", MOST), ("unscanned", 1)]));
    }
}
