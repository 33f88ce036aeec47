//! What a request holds, field by field.

use processors::walk::otlp::{Field, Message, Scrub, Signal, Type};
use processors::walk::wire::{self, WireType};
use std::ops::Range;

/// One value of a request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leaf {
    Text(Vec<u8>),
    /// The bits of a number, widened.
    Number(u64),
}

/// One value, and the field it stands in.
pub struct Found {
    pub message: &'static Message,
    pub field: &'static Field,
    pub leaf: Leaf,
}

impl Found {
    /// The number in decimal, as its field has it.
    pub fn decimal(&self) -> Option<String> {
        let Leaf::Number(bits) = self.leaf else { return None };
        Some(match self.field.kind {
            Type::Double => f64::from_bits(bits).to_string(),
            _ => bits.cast_signed().to_string(),
        })
    }

    /// Whether the field has to arrive as it was sent.
    pub fn is_kept(&self) -> bool {
        matches!(self.field.scrub, Scrub::Keep(_) | Scrub::Id(_))
    }

    /// Whether this is a value of an attribute, a body or a list.
    pub fn is_value(&self, field: &str) -> bool {
        self.message.name == "common.v1.AnyValue" && self.field.name == field
    }
}

/// All values of a request; panics if it holds a field that is not in the table.
pub fn leaves(signal: Signal, request: &[u8]) -> Vec<Found> {
    let mut found = Vec::new();
    message(signal.request(), request, 0..request.len(), &mut found);
    found
}

fn message(message: &'static Message, bytes: &[u8], range: Range<usize>, found: &mut Vec<Found>) {
    let mut at = range.start;
    while at < range.end {
        let wire = wire::field(bytes, at, range.end).expect("well-formed");
        at = wire.value.end;
        let field = message.field(wire.number).unwrap_or_else(|| panic!("{} has no {}", message.name, wire.number));
        let mut put = |leaf| found.push(Found { message, field, leaf });
        match field.kind {
            Type::Nested(nested) => self::message(nested, bytes, wire.value, found),
            Type::String | Type::Bytes | Type::Hex => put(Leaf::Text(bytes[wire.value].to_vec())),
            _ if wire.wire == WireType::Len => {
                let mut at = wire.value.start;
                while at < wire.value.end {
                    let (number, next) = number(field.kind, bytes, at);
                    put(Leaf::Number(number));
                    at = next;
                }
            }
            _ => put(Leaf::Number(number(field.kind, bytes, wire.value.start).0)),
        }
    }
}

fn number(kind: Type, bytes: &[u8], at: usize) -> (u64, usize) {
    match kind {
        Type::Fixed64 | Type::Sfixed64 | Type::Double => {
            (u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()), at + 8)
        }
        Type::Fixed32 => (u64::from(u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())), at + 4),
        _ => wire::varint(bytes, at).expect("a varint"),
    }
}
