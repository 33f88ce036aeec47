//! OTLP/JSON becomes protobuf.

use super::{JsonError, JsonErrorKind};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use processors::walk::otlp::{Field, Message, Signal, Type};
use processors::walk::wire::{put_varint, varint_len};
use simd_json::{Buffers, ErrorType, Node, StaticNode, Tape};

/// How deep a document may nest. Values nested deeper than the engine looks become `[UNSCANNED]` there; this bound only
/// keeps the stack in bounds.
const MAX_DEPTH: usize = 400;

const PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, PADDING);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, PADDING);

/// A converted document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Converted {
    /// The message in protobuf.
    pub protobuf: Vec<u8>,
    /// How many names were not known and ignored, as the specification asks.
    pub ignored: u64,
}

/// Converts an export request. The input is scratch space for the parser and worthless afterwards.
///
/// # Errors
/// If it is no JSON object, or a value does not fit its field.
pub fn to_protobuf(signal: Signal, json: &mut [u8]) -> Result<Converted, JsonError> {
    if json.is_empty() {
        return Err(JsonError { kind: JsonErrorKind::Syntax, offset: 0 });
    }
    let mut buffers = Buffers::with_max_depth(json.len(), MAX_DEPTH);
    let mut tape = Tape(Vec::new());
    simd_json::fill_tape(json, &mut buffers, &mut tape).map_err(|error| {
        let too_deep = matches!(error.error(), ErrorType::DepthLimitExceeded);
        let kind = if too_deep { JsonErrorKind::TooDeep } else { JsonErrorKind::Syntax };
        JsonError { kind, offset: error.index() }
    })?;
    let mut reader = Reader { nodes: &tape.0, at: 0, ignored: 0 };
    let mut protobuf = Vec::with_capacity(reader.nodes.len() * 8);
    if !matches!(reader.nodes.first(), Some(Node::Object { .. })) {
        return Err(JsonError { kind: JsonErrorKind::NotAnObject, offset: 0 });
    }
    reader.message(signal.request(), &mut protobuf)?;
    Ok(Converted { protobuf, ignored: reader.ignored })
}

struct Reader<'t, 'i> {
    nodes: &'t [Node<'i>],
    at: usize,
    ignored: u64,
}

impl<'i> Reader<'_, 'i> {
    fn next(&mut self) -> Result<Node<'i>, JsonError> {
        let node = self.nodes.get(self.at).copied().ok_or_else(|| fail(JsonErrorKind::Syntax))?;
        self.at += 1;
        Ok(node)
    }

    /// Moves behind the value at the cursor.
    fn skip(&mut self) {
        self.at += match self.nodes.get(self.at) {
            Some(Node::Object { count, len: _ } | Node::Array { count, len: _ }) => count + 1,
            Some(Node::String(_) | Node::Static(_)) | None => 1,
        };
    }

    /// Writes the fields of the object at the cursor.
    fn message(&mut self, message: &'static Message, out: &mut Vec<u8>) -> Result<(), JsonError> {
        let Node::Object { len, count: _ } = self.next()? else { return Err(fail(JsonErrorKind::WrongType)) };
        for _ in 0..len {
            let Node::String(name) = self.next()? else { return Err(fail(JsonErrorKind::Syntax)) };
            match message.fields.iter().find(|field| field.json == name) {
                Some(field) if field.repeated => self.list(field, out)?,
                Some(field) => self.field(field, out)?,
                None => {
                    self.ignored += 1;
                    self.skip();
                }
            }
        }
        Ok(())
    }

    fn list(&mut self, field: &'static Field, out: &mut Vec<u8>) -> Result<(), JsonError> {
        match self.next()? {
            Node::Static(StaticNode::Null) => Ok(()),
            Node::Array { len, count: _ } => (0..len).try_for_each(|_| self.field(field, out)),
            Node::Object { .. } | Node::String(_) | Node::Static(_) => Err(fail(JsonErrorKind::WrongType)),
        }
    }

    /// Writes one value with its tag. Lists of numbers are written one by one: every reader takes both forms.
    fn field(&mut self, field: &'static Field, out: &mut Vec<u8>) -> Result<(), JsonError> {
        if matches!(self.nodes.get(self.at), Some(Node::Static(StaticNode::Null))) {
            self.at += 1;
            return Ok(());
        }
        let tag = |wire: u32, out: &mut Vec<u8>| put_varint(u64::from(field.number << 3 | wire), out);
        match field.kind {
            Type::Nested(message) => {
                tag(2, out);
                let start = out.len();
                self.message(message, out)?;
                insert_length(start, out);
            }
            Type::String => {
                let text = self.text()?;
                tag(2, out);
                put_varint(text.len() as u64, out);
                out.extend_from_slice(text.as_bytes());
            }
            Type::Bytes => {
                let bytes = base64_bytes(self.text()?)?;
                tag(2, out);
                put_varint(bytes.len() as u64, out);
                out.extend_from_slice(&bytes);
            }
            Type::Hex => {
                let bytes = hex(self.text()?)?;
                tag(2, out);
                put_varint(bytes.len() as u64, out);
                out.extend_from_slice(&bytes);
            }
            Type::Bool => {
                let Node::Static(StaticNode::Bool(value)) = self.next()? else {
                    return Err(fail(JsonErrorKind::WrongType));
                };
                tag(0, out);
                out.push(u8::from(value));
            }
            Type::Enum | Type::Int32 => {
                let value = i32::try_from(self.integer()?).map_err(|_| fail(JsonErrorKind::OutOfRange))?;
                tag(0, out);
                put_varint(i64::from(value).cast_unsigned(), out);
            }
            Type::Uint32 => {
                let value = u32::try_from(self.integer()?).map_err(|_| fail(JsonErrorKind::OutOfRange))?;
                tag(0, out);
                put_varint(u64::from(value), out);
            }
            Type::Sint32 => {
                let value = i32::try_from(self.integer()?).map_err(|_| fail(JsonErrorKind::OutOfRange))?;
                tag(0, out);
                put_varint(u64::from((value << 1 ^ value >> 31).cast_unsigned()), out);
            }
            Type::Fixed32 => {
                let value = u32::try_from(self.integer()?).map_err(|_| fail(JsonErrorKind::OutOfRange))?;
                tag(5, out);
                out.extend_from_slice(&value.to_le_bytes());
            }
            Type::Int64 => {
                let value = i64::try_from(self.integer()?).map_err(|_| fail(JsonErrorKind::OutOfRange))?;
                tag(0, out);
                put_varint(value.cast_unsigned(), out);
            }
            Type::Uint64 => {
                let value = u64::try_from(self.integer()?).map_err(|_| fail(JsonErrorKind::OutOfRange))?;
                tag(0, out);
                put_varint(value, out);
            }
            Type::Fixed64 => {
                let value = u64::try_from(self.integer()?).map_err(|_| fail(JsonErrorKind::OutOfRange))?;
                tag(1, out);
                out.extend_from_slice(&value.to_le_bytes());
            }
            Type::Sfixed64 => {
                let value = i64::try_from(self.integer()?).map_err(|_| fail(JsonErrorKind::OutOfRange))?;
                tag(1, out);
                out.extend_from_slice(&value.to_le_bytes());
            }
            Type::Double => {
                let value = self.double()?;
                tag(1, out);
                out.extend_from_slice(&value.to_le_bytes());
            }
        }
        Ok(())
    }

    fn text(&mut self) -> Result<&'i str, JsonError> {
        match self.next()? {
            Node::String(text) => Ok(text),
            Node::Object { .. } | Node::Array { .. } | Node::Static(_) => Err(fail(JsonErrorKind::WrongType)),
        }
    }

    /// A whole number, written as a number or as a text.
    fn integer(&mut self) -> Result<i128, JsonError> {
        match self.next()? {
            Node::Static(StaticNode::I64(value)) => Ok(i128::from(value)),
            Node::Static(StaticNode::U64(value)) => Ok(i128::from(value)),
            Node::Static(StaticNode::F64(value)) if value.fract() == 0.0 && value.abs() < 1e19 =>
            {
                #[expect(clippy::cast_possible_truncation, reason = "whole and within the bound just checked")]
                Ok(value as i128)
            }
            Node::String(text) => text.parse().map_err(|_| fail(JsonErrorKind::WrongType)),
            Node::Object { .. } | Node::Array { .. } | Node::Static(_) => Err(fail(JsonErrorKind::WrongType)),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a number in JSON is a double to begin with")]
    fn double(&mut self) -> Result<f64, JsonError> {
        match self.next()? {
            Node::Static(StaticNode::F64(value)) => Ok(value),
            Node::Static(StaticNode::I64(value)) => Ok(value as f64),
            Node::Static(StaticNode::U64(value)) => Ok(value as f64),
            Node::String("NaN") => Ok(f64::NAN),
            Node::String("Infinity") => Ok(f64::INFINITY),
            Node::String("-Infinity") => Ok(f64::NEG_INFINITY),
            Node::String(text) => text.parse().map_err(|_| fail(JsonErrorKind::WrongType)),
            Node::Object { .. } | Node::Array { .. } | Node::Static(_) => Err(fail(JsonErrorKind::WrongType)),
        }
    }
}

fn fail(kind: JsonErrorKind) -> JsonError {
    JsonError { kind, offset: 0 }
}

/// Puts the length of what was written from `start` on in front of it.
fn insert_length(start: usize, out: &mut Vec<u8>) {
    let len = out.len() - start;
    let width = varint_len(len as u64);
    out.resize(out.len() + width, 0);
    out.copy_within(start..start + len, start + width);
    let mut prefix = Vec::with_capacity(width);
    put_varint(len as u64, &mut prefix);
    if let Some(slot) = out.get_mut(start..start + width) {
        slot.copy_from_slice(&prefix);
    }
}

fn base64_bytes(text: &str) -> Result<Vec<u8>, JsonError> {
    STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).map_err(|_| fail(JsonErrorKind::Encoding))
}

fn hex(text: &str) -> Result<Vec<u8>, JsonError> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect::<Option<Vec<u8>>>()
        .ok_or_else(|| fail(JsonErrorKind::Encoding))
}
