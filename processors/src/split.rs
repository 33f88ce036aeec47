//! A scrubbed request in two, for backends that find it too large; several in one, for those that want few requests.
//!
//! Works on the wire: what stands above the records is written into both halves, the records stay the bytes they are. So
//! nothing that was scrubbed is read as anything else, and what comes out is still [`Scrubbed`].

mod tree;

use crate::report::Report;
use crate::scrubbed::{Format, Scrubbed};
use crate::walk::datadog;
use crate::walk::otlp::{Kind, Message, Signal, Type};
use crate::walk::wire::{self, WireType};
use std::ops::Range;

/// The fields that lead from a request to its records, level by level.
const TO_RECORDS: [&[u32]; 3] = [&[1], &[2], &[2]];
/// And to a metric's data points, by whichever kind of data it has.
const TO_POINTS: [&[u32]; 5] = [&[1], &[2], &[2], &[5, 7, 9, 10, 11], &[1]];
/// The level at which a message has one of several fields, not several.
const ONE_OF: usize = 3;

impl Scrubbed {
    /// Whether this one and `other` can be one request: of the same signal, let through by the same rules. Profiles refer to
    /// a dictionary that each request has of its own, and stay apart.
    #[must_use]
    pub fn joins(&self, other: &Self) -> bool {
        let joinable = matches!(self.format(), Format::Otlp(Signal::Traces | Signal::Logs | Signal::Metrics));
        joinable && self.format() == other.format() && self.rule_set() == other.rule_set()
    }

    /// One request that holds the records of all, in their order: their bytes one behind the other, which is how protobuf
    /// joins repeated fields. `None` if there is none, or if two of them do not [join](Self::joins). Costs a copy.
    #[must_use]
    pub fn join<'s>(parts: impl Iterator<Item = &'s Self> + Clone) -> Option<Self> {
        let first = parts.clone().next()?;
        if !parts.clone().skip(1).all(|part| first.joins(part)) {
            return None;
        }
        let mut bytes = Vec::with_capacity(parts.clone().map(|part| part.bytes().len()).sum());
        let mut records = 0;
        for part in parts {
            bytes.extend_from_slice(part.bytes());
            records += part.report().records;
        }
        let report = Report { records, ..Report::default() };
        Some(Self::new(bytes.into(), first.format(), first.rule_set(), report))
    }

    /// How many traces this holds, if it holds those of a Datadog tracer. Costs a look over the bytes.
    #[must_use]
    pub fn traces(&self) -> Option<u64> {
        tree::traces(self.format(), self.bytes())
    }

    /// Two requests that together hold the records of this one, in their order, about half of its bytes each. `None` if
    /// it has a single record, or is neither protobuf nor a document with a list of records. Costs one pass over the bytes and a copy.
    #[must_use]
    pub fn halve(&self) -> Option<(Self, Self)> {
        let (request, levels) = match self.format() {
            Format::Otlp(signal @ Signal::Metrics) => (signal.request(), &TO_POINTS[..]),
            Format::Otlp(signal @ (Signal::Traces | Signal::Logs | Signal::Profiles)) => {
                (signal.request(), &TO_RECORDS[..])
            }
            Format::Protobuf(schema) => (datadog::root(schema)?, datadog::to_records(schema)),
            Format::Text | Format::Lines | Format::Json(_) | Format::Msgpack(_) | Format::Envelope => {
                return tree::halve(self);
            }
        };
        let bytes = self.bytes();
        let (first, second) = halves(bytes, 0..bytes.len(), levels, 0)?;
        let half = |bytes: Vec<u8>| {
            let records = records(request, &bytes, 0..bytes.len())?;
            let report = Report { records, ..Report::default() };
            Some(Self::new(bytes.into(), self.format(), self.rule_set(), report))
        };
        Some((half(first)?, half(second)?))
    }
}

fn halves(bytes: &[u8], range: Range<usize>, levels: &[&[u32]], level: usize) -> Option<(Vec<u8>, Vec<u8>)> {
    let (here, below) = (levels.first()?, levels.get(1..)?);
    let fields = fields(bytes, range)?;
    let leads = |field: &wire::Field| field.wire == WireType::Len && here.contains(&field.number);
    let leading: Vec<&wire::Field> = fields.iter().filter(|field| leads(field)).collect();
    let copy = |out: &mut Vec<u8>, field: &wire::Field| {
        out.extend_from_slice(bytes.get(field.start..field.value.end).unwrap_or(&[]));
    };
    let (mut first, mut second) = (Vec::new(), Vec::new());
    match leading.as_slice() {
        [] => return None,
        [only] => {
            let (one, two) = halves(bytes, only.value.clone(), below, level + 1)?;
            for field in &fields {
                if leads(field) {
                    wrap(&mut first, field.number, &one);
                    wrap(&mut second, field.number, &two);
                } else {
                    copy(&mut first, field);
                    copy(&mut second, field);
                }
            }
        }
        _ if level == ONE_OF => return None,
        many => {
            let total: usize = many.iter().map(|field| field.value.len()).sum();
            let mut taken = 0;
            let cut = many.iter().take_while(|field| {
                taken += field.value.len();
                taken <= total / 2
            });
            let cut = cut.count().clamp(1, many.len() - 1);
            let mut number = 0;
            for field in &fields {
                if leads(field) {
                    copy(if number < cut { &mut first } else { &mut second }, field);
                    number += 1;
                } else {
                    copy(&mut first, field);
                    copy(&mut second, field);
                }
            }
        }
    }
    Some((first, second))
}

fn fields(bytes: &[u8], range: Range<usize>) -> Option<Vec<wire::Field>> {
    let mut fields = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let field = wire::field(bytes, at, range.end).ok()?;
        at = field.value.end;
        fields.push(field);
    }
    Some(fields)
}

/// Writes a message as the field `number`.
fn wrap(out: &mut Vec<u8>, number: u32, message: &[u8]) {
    varint(out, u64::from(number) << 3 | 2);
    varint(out, message.len() as u64);
    out.extend_from_slice(message);
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    out.push((value & 0x7F) as u8);
}

/// How many records a message holds.
fn records(message: &'static Message, bytes: &[u8], range: Range<usize>) -> Option<u64> {
    if matches!(message.kind, Kind::Record | Kind::Tagged) {
        return Some(1);
    }
    let mut sum = 0;
    for field in fields(bytes, range)? {
        if let Some(Type::Nested(nested)) = message.field(field.number).map(|known| known.kind)
            && field.wire == WireType::Len
        {
            sum += records(nested, bytes, field.value)?;
        }
    }
    Some(sum)
}
