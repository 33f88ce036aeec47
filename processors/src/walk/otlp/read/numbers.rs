//! What is numbers and nothing else.

use super::known;
use crate::walk::otlp::{Message, Scrub, Type};
use crate::walk::wire::{self, WireType};
use std::ops::Range;

/// Whether a packed list of numbers holds whole ones only.
pub(super) fn is_packed(kind: Type, list: Option<&[u8]>) -> bool {
    let Some(list) = list else { return false };
    match kind.wire() {
        WireType::Fixed64 => list.len().is_multiple_of(8),
        WireType::Fixed32 => list.len().is_multiple_of(4),
        WireType::Varint => {
            let mut at = 0;
            while at < list.len() {
                let Some((_, next)) = wire::varint(list, at) else { return false };
                at = next;
            }
            true
        }
        WireType::Len | WireType::Group => true,
    }
}

/// Whether a message holds numbers that its table names, and nothing else.
pub(in crate::walk) fn is_numbers(message: &'static Message, source: &[u8], range: Range<usize>) -> bool {
    let mut at = range.start;
    while at < range.end {
        let Ok(wire) = wire::field(source, at, range.end) else { return false };
        at = wire.value.end;
        let Some(field) = known(message, &wire) else { return false };
        let fits = if let Type::Nested(nested) = field.kind {
            is_numbers(nested, source, wire.value)
        } else {
            matches!(field.scrub, Scrub::Keep(_))
                && (wire.wire != WireType::Len || is_packed(field.kind, source.get(wire.value)))
        };
        if !fits {
            return false;
        }
    }
    true
}
