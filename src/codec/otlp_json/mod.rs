//! OTLP/JSON to protobuf and back, by the table the walk reads by.
//!
//! The rules are those of the OTLP specification where it differs from protobuf's JSON: ids are hexadecimal, enumerations
//! are numbers, keys are in lowerCamelCase only, unknown names are ignored. Numbers of 64 bits come as texts or
//! numbers; doubles may be `"NaN"`; `null` is an absent value.

mod read;
mod write;

pub use read::{Converted, to_protobuf};
pub use write::from_protobuf;

/// A document could not be converted. Says why and where, never what stood there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// Why.
    pub kind: JsonErrorKind,
    /// About where, in bytes; 0 where it is not known.
    pub offset: usize,
}

/// Why a document could not be converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonErrorKind {
    /// It is no JSON, or no UTF-8.
    Syntax,
    /// It nests deeper than any request has reason to.
    TooDeep,
    /// It is not an object.
    NotAnObject,
    /// A value is of another type than its field.
    WrongType,
    /// A number does not fit its field.
    OutOfRange,
    /// A text that should be base64 or hexadecimal is not.
    Encoding,
    /// The protobuf message is malformed.
    Malformed,
}

impl JsonErrorKind {
    /// The reason in words.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Syntax => "the body is not valid JSON",
            Self::TooDeep => "the body nests too deep",
            Self::NotAnObject => "the body is not a JSON object",
            Self::WrongType => "a value has another type than its field",
            Self::OutOfRange => "a number does not fit its field",
            Self::Encoding => "an id is not hexadecimal, or bytes are not base64",
            Self::Malformed => "the message is malformed",
        }
    }
}

impl std::fmt::Display for JsonError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (byte {})", self.kind.text(), self.offset)
    }
}

impl std::error::Error for JsonError {}

#[cfg(test)]
mod tests;
