//! Protobuf becomes OTLP/JSON.

use super::{JsonError, JsonErrorKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use processors::walk::otlp::{Field, Message, Signal, Type};
use processors::walk::wire::{self, WireType};
use std::fmt::Write as _;
use std::ops::Range;

/// Converts an export request.
///
/// # Errors
/// If it is malformed.
pub fn from_protobuf(signal: Signal, protobuf: &[u8]) -> Result<String, JsonError> {
    let mut out = String::with_capacity(protobuf.len() * 2);
    Writer { source: protobuf, out: &mut out }.message(signal.request(), std::slice::from_ref(&(0..protobuf.len())))?;
    Ok(out)
}

struct Writer<'w> {
    source: &'w [u8],
    out: &'w mut String,
}

/// An occurrence of a field.
type Found = (&'static Field, wire::Field);

impl Writer<'_> {
    /// Writes a message that stands in these parts of the source: more than one where the wire has it several times,
    /// which means all of them together.
    fn message(&mut self, message: &'static Message, parts: &[Range<usize>]) -> Result<(), JsonError> {
        let found = self.fields(message, parts)?;
        self.out.push('{');
        let mut first = true;
        for field in message.fields {
            let of_field: Vec<&wire::Field> =
                found.iter().filter(|(other, _)| other.number == field.number).map(|(_, wire)| wire).collect();
            let Some(last) = of_field.last() else { continue };
            if !std::mem::take(&mut first) {
                self.out.push(',');
            }
            self.string(field.json);
            self.out.push(':');
            match field.kind.nested() {
                _ if field.repeated => self.list(field, &of_field)?,
                Some(nested) => {
                    let parts: Vec<Range<usize>> = of_field.iter().map(|wire| wire.value.clone()).collect();
                    self.message(nested, &parts)?;
                }
                None => self.scalar(field, last.value.clone())?,
            }
        }
        self.out.push('}');
        Ok(())
    }

    /// The known fields; of a oneof only the member that comes last.
    fn fields(&self, message: &'static Message, parts: &[Range<usize>]) -> Result<Vec<Found>, JsonError> {
        let mut found: Vec<Found> = Vec::new();
        for part in parts {
            let mut at = part.start;
            while at < part.end {
                let wire = wire::field(self.source, at, part.end).map_err(|_| malformed(at))?;
                at = wire.value.end;
                let Some(field) = message.field(wire.number) else { continue };
                if message.oneof.contains(&field.number) {
                    found.retain(|(other, _)| other.number == field.number || !message.oneof.contains(&other.number));
                }
                found.push((field, wire));
            }
        }
        Ok(found)
    }

    fn list(&mut self, field: &'static Field, found: &[&wire::Field]) -> Result<(), JsonError> {
        self.out.push('[');
        let mut first = true;
        for wire in found {
            let packed = wire.wire == WireType::Len
                && !matches!(field.kind, Type::Nested(_) | Type::String | Type::Bytes | Type::Hex);
            let values = if packed { self.unpack(field, wire.value.clone())? } else { vec![wire.value.clone()] };
            for value in values {
                if !std::mem::take(&mut first) {
                    self.out.push(',');
                }
                match field.kind.nested() {
                    Some(nested) => self.message(nested, &[value])?,
                    None => self.scalar(field, value)?,
                }
            }
        }
        self.out.push(']');
        Ok(())
    }

    /// The values of a packed list.
    fn unpack(&self, field: &Field, range: Range<usize>) -> Result<Vec<Range<usize>>, JsonError> {
        let mut values = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let end = match field.kind {
                Type::Fixed64 | Type::Sfixed64 | Type::Double => at + 8,
                Type::Fixed32 => at + 4,
                Type::Bool | Type::Enum | Type::Int32 | Type::Uint32 | Type::Sint32 | Type::Int64 | Type::Uint64 => {
                    wire::varint(self.source, at).ok_or_else(|| malformed(at))?.1
                }
                Type::Nested(_) | Type::String | Type::Bytes | Type::Hex => range.end,
            };
            if end > range.end {
                return Err(malformed(at));
            }
            values.push(at..end);
            at = end;
        }
        Ok(values)
    }

    fn scalar(&mut self, field: &Field, value: Range<usize>) -> Result<(), JsonError> {
        let at = value.start;
        let bytes = self.source.get(value).ok_or_else(|| malformed(at))?;
        let varint = || wire::varint(bytes, 0).map(|(value, _)| value).ok_or_else(|| malformed(at));
        let eight = || <[u8; 8]>::try_from(bytes).map_err(|_| malformed(at));
        // Writing to a String cannot fail.
        match field.kind {
            Type::String => {
                let text = std::str::from_utf8(bytes).map_err(|_| malformed(at))?;
                self.string(text);
            }
            Type::Bytes => {
                self.out.push('"');
                STANDARD.encode_string(bytes, self.out);
                self.out.push('"');
            }
            Type::Hex => {
                self.out.push('"');
                for byte in bytes {
                    let _ = write!(self.out, "{byte:02x}");
                }
                self.out.push('"');
            }
            Type::Bool => self.out.push_str(if varint()? == 0 { "false" } else { "true" }),
            #[expect(clippy::cast_possible_truncation, reason = "what readers of 32-bit fields do with longer varints")]
            Type::Enum | Type::Int32 => {
                let _ = write!(self.out, "{}", varint()? as i32);
            }
            #[expect(clippy::cast_possible_truncation, reason = "what readers of 32-bit fields do with longer varints")]
            Type::Uint32 => {
                let _ = write!(self.out, "{}", varint()? as u32);
            }
            #[expect(clippy::cast_possible_truncation, reason = "what readers of 32-bit fields do with longer varints")]
            Type::Sint32 => {
                let value = varint()? as u32;
                let _ = write!(self.out, "{}", (value >> 1).cast_signed() ^ -((value & 1).cast_signed()));
            }
            Type::Fixed32 => {
                let four = <[u8; 4]>::try_from(bytes).map_err(|_| malformed(at))?;
                let _ = write!(self.out, "{}", u32::from_le_bytes(four));
            }
            Type::Int64 => {
                let _ = write!(self.out, "\"{}\"", varint()?.cast_signed());
            }
            Type::Uint64 => {
                let _ = write!(self.out, "\"{}\"", varint()?);
            }
            Type::Fixed64 => {
                let _ = write!(self.out, "\"{}\"", u64::from_le_bytes(eight()?));
            }
            Type::Sfixed64 => {
                let _ = write!(self.out, "\"{}\"", i64::from_le_bytes(eight()?));
            }
            Type::Double => self.double(f64::from_le_bytes(eight()?)),
            // Written by their callers.
            Type::Nested(_) => {}
        }
        Ok(())
    }

    fn double(&mut self, value: f64) {
        if value.is_nan() {
            self.out.push_str("\"NaN\"");
        } else if value.is_infinite() {
            self.out.push_str(if value > 0.0 { "\"Infinity\"" } else { "\"-Infinity\"" });
        } else {
            match serde_json::Number::from_f64(value) {
                Some(number) => {
                    let _ = write!(self.out, "{number}");
                }
                None => self.out.push('0'),
            }
        }
    }

    fn string(&mut self, text: &str) {
        match serde_json::to_string(text) {
            Ok(quoted) => self.out.push_str(&quoted),
            // Strings always serialise.
            Err(_) => self.out.push_str("\"\""),
        }
    }
}

fn malformed(offset: usize) -> JsonError {
    JsonError { kind: JsonErrorKind::Malformed, offset }
}
