//! Distributions in the bytes of other formats: numbers in buckets, and nothing that could be a text.

use super::{many, one};
use crate::walk::otlp::Scrub::*;
use crate::walk::otlp::Type::*;
use crate::walk::otlp::{Kind, Message, Reason, is_numbers};
use std::ops::Range;

/// Whether bytes are a sketch and nothing else: then they pass as they are.
pub(crate) fn is_sketch(source: &[u8], content: Range<usize>) -> bool {
    is_numbers(&DD_SKETCH, source, content)
}

static DD_SKETCH: Message = Message::new(
    "DDSketch",
    Kind::Plain,
    &[
        one(1, "mapping", Nested(&INDEX_MAPPING), Enter),
        one(2, "positiveValues", Nested(&STORE), Enter),
        one(3, "negativeValues", Nested(&STORE), Enter),
        one(4, "zeroCount", Double, Keep(Reason::Count)),
    ],
);

static INDEX_MAPPING: Message = Message::new(
    "IndexMapping",
    Kind::Plain,
    &[
        one(1, "gamma", Double, Keep(Reason::Measurement)),
        one(2, "indexOffset", Double, Keep(Reason::Measurement)),
        one(3, "interpolation", Enum, Keep(Reason::Enumerated)),
    ],
);

static STORE: Message = Message::new(
    "Store",
    Kind::Plain,
    &[
        many(1, "binCounts", Nested(&BIN_COUNT), Enter),
        many(2, "contiguousBinCounts", Double, Keep(Reason::Count)),
        one(3, "contiguousBinIndexOffset", Sint32, Keep(Reason::Measurement)),
    ],
);

static BIN_COUNT: Message = Message::new(
    "map<sint32, double>",
    Kind::Entry,
    &[one(1, "key", Sint32, Keep(Reason::Measurement)), one(2, "value", Double, Keep(Reason::Count))],
);
