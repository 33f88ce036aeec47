//! How a payload of traces v1.0 is laid out: maps from numbers to fields, texts that are written where they are used first and
//! are positions from then on. Whoever walks one and whoever writes one read by the same.
//!
//! The Agent's reader (and that of the tracer for Go) keeps a text once: one that comes a second time takes no new position,
//! and the empty one has position 0.

use super::super::msgpack::{Head, head};
use crate::tape::Place;
use crate::walk::Malformed;
use std::collections::HashMap;
use std::ops::Range;

/// A map from numbers to fields.
#[derive(Debug)]
pub(crate) struct Layout {
    /// Whether it is a span.
    pub(crate) record: bool,
    fields: &'static [(u64, Field)],
}

/// What stands behind a number.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Field {
    /// A list of texts that have positions before all others.
    Table,
    /// A text, or the position of one.
    Text,
    /// The same, and it may be a statement for a database.
    Statement,
    /// An id in bytes, or a number.
    Id,
    /// A number, true or false: passes unread.
    Plain,
    /// A list of keys, types and values, in turn.
    Attributes(Place),
    /// A list of such maps.
    Many(&'static Layout),
}

/// The whole payload.
pub(crate) static PAYLOAD: Layout = Layout {
    record: false,
    fields: &[
        (TABLE, Field::Table),
        // Container, language and its version, version of the tracer, runtime, environment, host, version of the application.
        (2, Field::Text),
        (3, Field::Text),
        (4, Field::Text),
        (5, Field::Text),
        (6, Field::Text),
        (7, Field::Text),
        (8, Field::Text),
        (9, Field::Text),
        (10, Field::Attributes(Place::ResourceAttribute)),
        (CHUNKS, Field::Many(&CHUNK)),
    ],
};
const TABLE: u64 = 1;
const CHUNKS: u64 = 11;

static CHUNK: Layout = Layout {
    record: false,
    fields: &[
        // Priority, origin.
        (1, Field::Plain),
        (2, Field::Text),
        (3, Field::Attributes(Place::SpanAttribute)),
        (SPANS, Field::Many(&SPAN)),
        // Whether it was dropped, the trace, how it was sampled.
        (5, Field::Plain),
        (6, Field::Id),
        (7, Field::Plain),
    ],
};
const SPANS: u64 = 4;

static SPAN: Layout = Layout {
    record: true,
    fields: &[
        // Service, name, resource.
        (1, Field::Text),
        (2, Field::Text),
        (3, Field::Statement),
        // The span and the one above it, when and for how long, whether it failed.
        (4, Field::Plain),
        (5, Field::Plain),
        (6, Field::Plain),
        (7, Field::Plain),
        (8, Field::Plain),
        (9, Field::Attributes(Place::SpanAttribute)),
        // Type.
        (10, Field::Text),
        (11, Field::Many(&LINK)),
        (12, Field::Many(&EVENT)),
        // Environment, version, component, kind.
        (13, Field::Text),
        (14, Field::Text),
        (15, Field::Text),
        (16, Field::Plain),
    ],
};

static LINK: Layout = Layout {
    record: false,
    // The trace, the span, attributes, the state of the trace, flags.
    fields: &[
        (1, Field::Id),
        (2, Field::Plain),
        (3, Field::Attributes(Place::LinkAttribute)),
        (4, Field::Text),
        (5, Field::Plain),
    ],
};

static EVENT: Layout = Layout {
    record: false,
    // When, name, attributes.
    fields: &[(1, Field::Plain), (2, Field::Text), (3, Field::Attributes(Place::EventAttribute))],
};

/// What kinds of values an attribute says that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A text, or the position of one.
    Text,
    /// True or false.
    Truth,
    Number,
    Bytes,
    /// A list of kinds and values, in turn.
    List,
    /// A list of keys, kinds and values, in turn.
    Map,
}

impl Layout {
    /// The field with this number. One that is not known cannot be passed over: it may hold a text, which has a position then
    /// or has none. The Agent refuses such a payload too.
    pub(crate) fn field(&self, number: &Head) -> Option<Field> {
        let number = position(number)? as u64;
        self.fields.iter().find(|(other, _)| *other == number).map(|(_, field)| *field)
    }
}

impl Kind {
    pub(crate) fn of(kind: &Head) -> Option<Self> {
        match position(kind)? {
            1 => Some(Self::Text),
            2 => Some(Self::Truth),
            3 | 4 => Some(Self::Number),
            5 => Some(Self::Bytes),
            6 => Some(Self::List),
            7 => Some(Self::Map),
            _ => None,
        }
    }
}

/// A number that counts something.
fn position(head: &Head) -> Option<usize> {
    match head {
        Head::Number(crate::walk::Value::Int(value)) => usize::try_from(*value).ok(),
        Head::Number(crate::walk::Value::Natural(_) | crate::walk::Value::Double(_))
        | Head::Map(_)
        | Head::List(_)
        | Head::Text(_)
        | Head::Bytes(_)
        | Head::Extension(..)
        | Head::Plain => None,
    }
}

/// The texts of a payload, by their positions.
#[derive(Debug)]
pub(crate) struct Strings {
    /// Where each stands that has a position. The first is the empty one.
    pub(crate) texts: Vec<Range<usize>>,
    /// Which position what is written at a place has, in the order of the places.
    written: Vec<(usize, usize)>,
    /// What is written once more, or empty: a reader that counts those too would read all other positions otherwise. Each as
    /// a value, from its first byte on.
    pub(crate) again: Vec<Range<usize>>,
}

impl Strings {
    /// Reads the texts of a payload, whatever they are used for: what is a text in MessagePack has a position here.
    pub(crate) fn read(source: &[u8]) -> Result<Self, Malformed> {
        let end = source.len();
        let mut strings = Self { texts: vec![0..0], written: Vec::new(), again: Vec::new() };
        let mut known: HashMap<&[u8], usize> = HashMap::new();
        let mut at = 0;
        if let Some(table) = table(source)? {
            let (count, mut place) = items(source, table, end)?;
            for number in 0..count {
                let (Head::Text(range), after) = head(source, place, end)? else {
                    return Err(Malformed { offset: place });
                };
                let text = source.get(range.clone()).unwrap_or(&[]);
                // Readers count what comes twice, or is empty, each in their own way. The empty one may come first.
                if text.is_empty() && number > 0 || known.insert(text, strings.texts.len()).is_some() {
                    return Err(Malformed { offset: place });
                }
                if !text.is_empty() {
                    strings.texts.push(range);
                }
                place = after;
            }
            known.remove(&b""[..]);
            at = place;
        }
        while at < end {
            let (head, after) = head(source, at, end)?;
            if let Head::Text(range) = head {
                let text = source.get(range.clone()).unwrap_or(&[]);
                let place = known.get(text).copied().or(text.is_empty().then_some(0));
                if place.is_some() {
                    strings.again.push(at..after);
                }
                let place = place.unwrap_or_else(|| {
                    known.insert(text, strings.texts.len());
                    strings.texts.push(range.clone());
                    strings.texts.len() - 1
                });
                strings.written.push((at, place));
            }
            at = after;
        }
        Ok(strings)
    }

    /// The position that the value at `at` stands for: what is written there has one, a number is one if it is of a text that
    /// has come before.
    pub(crate) fn position(&self, at: usize, head: &Head) -> Option<usize> {
        if let Head::Text(_) = head {
            let found = self.written.binary_search_by_key(&at, |(place, _)| *place).ok()?;
            return self.written.get(found).map(|(_, place)| *place);
        }
        position(head).filter(|place| *place == 0 || self.texts.get(*place).is_some_and(|text| text.start < at))
    }
}

/// Where the value of the table begins, which only the first field may be.
fn table(source: &[u8]) -> Result<Option<usize>, Malformed> {
    let (Head::Map(count), at) = head(source, 0, source.len())? else { return Err(Malformed { offset: 0 }) };
    if count == 0 {
        return Ok(None);
    }
    let (number, after) = head(source, at, source.len())?;
    Ok((position(&number) == Some(1)).then_some(after))
}

/// How many items the list at `at` has, and where they begin.
pub(crate) fn items(source: &[u8], at: usize, end: usize) -> Result<(usize, usize), Malformed> {
    match head(source, at, end)? {
        (Head::List(count), after) => Ok((count, after)),
        (Head::Map(_) | Head::Text(_) | Head::Bytes(_) | Head::Extension(..) | Head::Number(_) | Head::Plain, _) => {
            Err(Malformed { offset: at })
        }
    }
}

/// Where the list of chunks begins.
pub(crate) fn chunks(source: &[u8]) -> Option<usize> {
    entry(source, 0, CHUNKS)
}

/// Where the list of the spans of the chunk at `at` begins.
pub(crate) fn spans(source: &[u8], at: usize) -> Option<usize> {
    entry(source, at, SPANS)
}

fn entry(source: &[u8], at: usize, number: u64) -> Option<usize> {
    let (Head::Map(count), mut at) = head(source, at, source.len()).ok()? else { return None };
    for _ in 0..count {
        let (key, value) = head(source, at, source.len()).ok()?;
        if position(&key).is_some_and(|key| key as u64 == number) {
            return Some(value);
        }
        at = super::super::skip_value(source, value, source.len()).ok()?;
    }
    None
}
