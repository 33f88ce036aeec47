//! The second step: whatever came becomes plain, and OTLP protobuf unless it leaves in the format it came in. Still as raw
//! as it came.

use super::Refusal;
use super::engine::Fault;
use super::frame::{FrameFormat, Load};
use crate::codec::log_records::{self, LogRecordsError};
use crate::codec::otlp_json;
use crate::net::{InflateError, inflate};
use crate::telemetry::Metrics;
use bytes::Bytes;
use processors::Format;

/// What is left to do for a batch: the scrub.
pub(super) struct Batch {
    pub(super) format: Format,
    pub(super) bytes: Bytes,
}

/// Inflates and converts.
pub(super) fn convert(load: &Load) -> Result<Batch, Fault> {
    let mut reserved = load.reserved.try_borrow_mut().map_err(|_| Fault::Engine)?;
    let plain = inflate(load.encoding, load.body.clone(), load.most, &mut reserved).map_err(refusal)?;
    let format = match &load.format {
        FrameFormat::Protobuf | FrameFormat::Json | FrameFormat::LogRecords(..) => Format::Otlp(load.signal),
        FrameFormat::Native(format, _) => *format,
    };
    let bytes = match &load.format {
        FrameFormat::Protobuf | FrameFormat::Native(..) => plain,
        // An empty body is an empty request in either format.
        FrameFormat::Json if plain.is_empty() => plain,
        FrameFormat::Json => {
            // The reader works in the text itself and makes a second one: there must be room for both.
            if !reserved.grow_to(load.body.len() + 2 * plain.len()) {
                return Err(Fault::Refused(Refusal::NoRoom));
            }
            let mut text = Vec::from(plain);
            let converted = otlp_json::to_protobuf(load.signal, &mut text);
            let converted = converted.map_err(|_| Fault::Refused(Refusal::Malformed))?;
            Metrics::unknown_fields(converted.ignored);
            converted.protobuf.into()
        }
        FrameFormat::LogRecords(layout, source) => {
            let held = load.body.len() + plain.len();
            let mut room = |bytes: usize| reserved.grow_to(held.saturating_add(bytes));
            let converted = log_records::to_protobuf(*layout, &plain, source, &mut room);
            converted.map_err(unreadable)?.into()
        }
    };
    Ok(Batch { format, bytes })
}

fn refusal(error: InflateError) -> Fault {
    Fault::Refused(match error {
        InflateError::TooLarge => Refusal::TooLarge,
        InflateError::NoRoom => Refusal::NoRoom,
        InflateError::Corrupt => Refusal::Malformed,
    })
}

fn unreadable(error: LogRecordsError) -> Fault {
    Fault::Refused(match error {
        LogRecordsError::Malformed => Refusal::Malformed,
        LogRecordsError::TooLarge => Refusal::TooLarge,
        LogRecordsError::NoRoom => Refusal::NoRoom,
    })
}
