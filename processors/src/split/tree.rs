//! Counting and halving documents that are lists of records.

use crate::report::Report;
use crate::scrubbed::{Format, Schema, Scrubbed};
use crate::walk::tree::{json_items, msgpack_count, msgpack_entry, msgpack_items, skip_value};
use std::ops::Range;

/// How many traces a document holds, if it holds those of a Datadog tracer.
pub(super) fn traces(format: Format, bytes: &[u8]) -> Option<u64> {
    let count = match format {
        Format::Msgpack(Schema::DatadogTraces) => msgpack_count(bytes, 0),
        // Behind the table.
        Format::Msgpack(Schema::DatadogTraceTable) => msgpack_count(bytes, skip_value(bytes, 1, bytes.len()).ok()?),
        Format::Msgpack(Schema::DatadogTracePayload) => msgpack_count(bytes, msgpack_entry(bytes, b"chunks")?),
        Format::Json(Schema::DatadogTraces) => json_items(bytes, 0..bytes.len()).map(|items| items.len()),
        Format::Otlp(_)
        | Format::Text
        | Format::Lines
        | Format::Json(_)
        | Format::Msgpack(_)
        | Format::Protobuf(_)
        | Format::Envelope => None,
    };
    count.map(|count| count as u64)
}

/// Two lists that together hold the items of this one, in their order, about half of its bytes each. `None` if it is no
/// list of records, or holds a single one.
pub(super) fn halve(scrubbed: &Scrubbed) -> Option<(Scrubbed, Scrubbed)> {
    let (format, bytes) = (scrubbed.format(), scrubbed.bytes());
    let (items, packed) = match format {
        Format::Msgpack(Schema::DatadogTraces) => (msgpack_items(bytes, 0)?, true),
        Format::Json(Schema::DatadogTraces | Schema::DatadogLlmEvents | Schema::DatadogLogs) => {
            (json_items(bytes, 0..bytes.len())?, false)
        }
        Format::Otlp(_)
        | Format::Text
        | Format::Lines
        | Format::Json(_)
        | Format::Msgpack(_)
        | Format::Protobuf(_)
        | Format::Envelope => return None,
    };
    let total: usize = items.iter().map(Range::len).sum();
    let mut taken = 0;
    let cut = items.iter().take_while(|item| {
        taken += item.len();
        taken <= total / 2
    });
    let cut = cut.count().max(1);
    let (first, second) = items.split_at_checked(cut)?;
    if second.is_empty() {
        return None;
    }
    let half = |items: &[Range<usize>]| {
        let mut out = Vec::with_capacity(items.iter().map(|item| item.len() + 1).sum::<usize>() + 5);
        if packed {
            out.push(0xDD);
            out.extend_from_slice(&u32::try_from(items.len()).ok()?.to_be_bytes());
        } else {
            out.push(b'[');
        }
        let mut records = 0;
        for (number, item) in items.iter().enumerate() {
            if !packed && number > 0 {
                out.push(b',');
            }
            out.extend_from_slice(bytes.get(item.clone())?);
            // An item is a trace with so many spans, or a record.
            let spans = match packed {
                true => msgpack_count(bytes, item.start),
                false => json_items(bytes, item.clone()).map(|spans| spans.len()),
            };
            records += spans.unwrap_or(1) as u64;
        }
        if !packed {
            out.push(b']');
        }
        let report = Report { records, ..Report::default() };
        Some(Scrubbed::new(out.into(), format, scrubbed.rule_set(), report))
    };
    Some((half(first)?, half(second)?))
}
