//! Lines and JSON objects, as loggers write them, become OTLP log records.
//!
//! Records are written as they are read: what is in memory beside the input is one record and the output, whose size the
//! caller bounds.

mod object;
#[cfg(test)]
mod tests;
mod when;

use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message as _;
use serde::Deserializer as _;
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The largest JSON object that is read, in bytes: parsed it takes some ten times as much.
pub const LARGEST_RECORD: usize = 1 << 20;

/// How records stand in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// A record a line: a JSON object, or text where it is none.
    Lines,
    /// JSON: an object, objects one after the other, or one array of objects and texts.
    Json,
}

/// What is said of all records of an input at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Attributes of their resource. As raw as the records.
    pub resource: Vec<(String, String)>,
    /// When they came, in nanoseconds since 1970.
    pub observed: u64,
}

/// Why an input was not converted. Says nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogRecordsError {
    /// It is no JSON, or an array of something else.
    Malformed,
    /// One of its objects is larger than is read.
    TooLarge,
    /// There is no room for the output.
    NoRoom,
}

/// Converts an input to an export request in protobuf. Before the output grows beyond a size, `room` is asked for it.
///
/// # Errors
/// If the input is not in this layout, an object is too large, or there is no room.
pub fn to_protobuf(
    layout: Layout,
    input: &[u8],
    source: &Source,
    room: &mut dyn FnMut(usize) -> bool,
) -> Result<Vec<u8>, LogRecordsError> {
    let mut writer = Writer { source, records: Vec::new(), granted: 0, room };
    match layout {
        Layout::Lines => {
            for line in input.split(|byte| *byte == b'\n') {
                writer.line(line)?;
            }
        }
        Layout::Json => writer.json(input)?,
    }
    Ok(writer.request())
}

/// Writes records one behind the other, each as a field of its scope.
struct Writer<'w> {
    source: &'w Source,
    records: Vec<u8>,
    /// How much room the output has been granted.
    granted: usize,
    room: &'w mut dyn FnMut(usize) -> bool,
}

impl Writer<'_> {
    /// A line. Blank ones say nothing.
    fn line(&mut self, line: &[u8]) -> Result<(), LogRecordsError> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let trimmed = line.trim_ascii();
        if trimmed.is_empty() {
            return Ok(());
        }
        if trimmed.first() == Some(&b'{')
            && trimmed.len() <= LARGEST_RECORD
            && let Ok(members) = serde_json::from_slice(trimmed)
        {
            return self.record(object::record(members));
        }
        let text = String::from_utf8_lossy(line).into_owned();
        self.record(LogRecord { body: Some(AnyValue { value: Some(Any::StringValue(text)) }), ..LogRecord::default() })
    }

    fn json(&mut self, input: &[u8]) -> Result<(), LogRecordsError> {
        if input.trim_ascii_start().first() == Some(&b'[') {
            let mut failed = None;
            let mut parser = serde_json::Deserializer::from_slice(input);
            let read = parser.deserialize_seq(Elements { writer: self, failed: &mut failed });
            // What went wrong with a record stops the reading, which then calls it a mistake of its own.
            if let Some(error) = failed {
                return Err(error);
            }
            return read.and_then(|()| parser.end()).map_err(|_| LogRecordsError::Malformed);
        }
        for element in serde_json::Deserializer::from_slice(input).into_iter::<&RawValue>() {
            // The parser's own message would quote the input.
            let element = element.map_err(|_| LogRecordsError::Malformed)?;
            self.element(element)?;
        }
        Ok(())
    }

    /// An object, or a text as it may stand in an array.
    fn element(&mut self, element: &RawValue) -> Result<(), LogRecordsError> {
        let json = element.get();
        if json.len() > LARGEST_RECORD {
            return Err(LogRecordsError::TooLarge);
        }
        if json.starts_with('"') {
            let text: String = serde_json::from_str(json).map_err(|_| LogRecordsError::Malformed)?;
            let body = Some(AnyValue { value: Some(Any::StringValue(text)) });
            return self.record(LogRecord { body, ..LogRecord::default() });
        }
        let members = serde_json::from_str(json).map_err(|_| LogRecordsError::Malformed)?;
        self.record(object::record(members))
    }

    fn record(&mut self, mut record: LogRecord) -> Result<(), LogRecordsError> {
        record.observed_time_unix_nano = self.source.observed;
        // The tag and the length of the field, at most.
        let size = self.records.len() + record.encoded_len() + 11;
        if size > self.granted {
            self.granted = size.max(2 * self.granted);
            // The request is made of the records by copying them twice.
            if !(self.room)(self.granted.saturating_mul(3)) {
                return Err(LogRecordsError::NoRoom);
            }
        }
        prost::encoding::message::encode(2, &record, &mut self.records);
        Ok(())
    }

    /// `ExportLogsServiceRequest { resource_logs: [{ resource, scope_logs: [{ log_records }] }] }`.
    fn request(self) -> Vec<u8> {
        if self.records.is_empty() {
            return Vec::new();
        }
        let attributes = self.source.resource.iter().map(|(key, value)| KeyValue {
            key: key.clone(),
            value: Some(AnyValue { value: Some(Any::StringValue(value.clone())) }),
            ..KeyValue::default()
        });
        let resource = Resource { attributes: attributes.collect(), ..Resource::default() };
        let mut resource_logs = Vec::new();
        prost::encoding::message::encode(1, &resource, &mut resource_logs);
        prost::encoding::bytes::encode(2, &self.records, &mut resource_logs);
        let mut request = Vec::with_capacity(resource_logs.len() + 11);
        prost::encoding::bytes::encode(1, &resource_logs, &mut request);
        request
    }
}

/// Reads an array element by element.
struct Elements<'e, 'w> {
    writer: &'e mut Writer<'w>,
    failed: &'e mut Option<LogRecordsError>,
}

impl<'de> Visitor<'de> for Elements<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(element) = elements.next_element::<&RawValue>()? {
            if let Err(error) = self.writer.element(element) {
                *self.failed = Some(error);
                return Err(serde::de::Error::custom(""));
            }
        }
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}
