//! What is known of a document: which keys it has by its format, what stands below them.
//!
//! What is not in a table is looked at under its key and stays: formats grow, and a key that nobody knew yet is data.

use crate::tape::Place;
use crate::walk::otlp::Reason;

/// What stands in a place of a document.
#[derive(Debug)]
pub(super) enum Node {
    /// Anything, under the keys that lead to it.
    Any,
    /// A map with known keys.
    Map(&'static Map),
    /// A list, or a single item without one.
    List(&'static Node),
    /// A list of keys and values, each a list of two.
    Pairs,
    /// An id of a trace, a span, an event: passes if it has the exact shape of one.
    Id,
    /// A point in time: passes if it has the exact shape of one.
    Time,
    /// A number that passes unread, for a reason. A text in its place does not.
    Keep(#[expect(dead_code, reason = "says why a field passes, to who reads the table")] Reason),
    /// What was done: a statement for a database, or a name that is none.
    Statement,
    /// A document within this one.
    Packed,
    /// A distribution in the bytes of a DDSketch: passes if it is one, and nothing else.
    Sketch,
    /// Goes, whatever it is.
    Goes,
}

/// A map with known keys.
#[derive(Debug)]
pub(super) struct Map {
    /// Whether it counts as a record.
    pub(super) record: bool,
    pub(super) entries: &'static [Entry],
    /// What stands below other keys.
    pub(super) rest: Node,
}

/// A known key and what stands below it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: &'static str,
    /// What the key says about what stands below it, if it says anything.
    pub(super) says: Option<&'static str>,
    /// In which place that stands; `None` if in the same as the map.
    pub(super) place: Option<Place>,
    pub(super) node: Node,
}

/// A key that is a part of what leads to its value.
pub(super) const fn keyed(key: &'static str, place: Place, node: Node) -> Entry {
    Entry { key, says: Some(key), place: Some(place), node }
}

/// A key that only structures its document: what stands below it is keyed by what comes next.
pub(super) const fn plain(key: &'static str, place: Place, node: Node) -> Entry {
    Entry { key, says: None, place: Some(place), node }
}

/// A key whose value stands in the same place as its map.
pub(super) const fn here(key: &'static str, node: Node) -> Entry {
    Entry { key, says: Some(key), place: None, node }
}

/// A key that only structures, in the same place as its map.
pub(super) const fn open(key: &'static str, node: Node) -> Entry {
    Entry { key, says: None, place: None, node }
}

/// A key that is short for another one.
pub(super) const fn short(key: &'static str, says: &'static str, node: Node) -> Entry {
    Entry { key, says: Some(says), place: None, node }
}

impl Map {
    pub(super) const fn of(entries: &'static [Entry]) -> Self {
        Self { record: false, entries, rest: Node::Any }
    }

    pub(super) const fn record(entries: &'static [Entry]) -> Self {
        Self { record: true, entries, rest: Node::Any }
    }

    pub(super) const fn with_rest(mut self, rest: Node) -> Self {
        self.rest = rest;
        self
    }

    /// The entry with this key.
    #[inline]
    pub(super) fn entry(&self, key: &[u8]) -> Option<&'static Entry> {
        self.entries.iter().find(|entry| entry.key.as_bytes() == key)
    }
}
