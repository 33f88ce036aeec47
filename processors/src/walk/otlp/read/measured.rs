//! Values of metrics whose name says that they are somebody's number: `debug.last_ssn`.

use super::Walk;
use crate::tape::{Origin, PathId, Place, ROOT};
use crate::walk::otlp::Type;
use crate::walk::wire::{self, Field as Wire, WireType};
use crate::walk::{Change, Number, Value};
use std::ops::Range;

/// A metric whose name was not known.
pub(super) struct Metric {
    path: PathId,
    /// Where its name lies.
    name: Range<usize>,
    /// How many segments there were before it.
    segments: usize,
}

impl Walk<'_, '_> {
    /// Finds out what the name of a metric says about its values; returns it if its text is new.
    pub(super) fn metric(&mut self, range: Range<usize>) -> Option<Metric> {
        self.metric = None;
        let mut name = None;
        let mut at = range.start;
        while at < range.end {
            let wire = wire::field(self.source, at, range.end).ok()?;
            at = wire.value.end;
            if wire.number == 1 && wire.wire == WireType::Len {
                name = Some(wire.value);
            }
        }
        let name = name?;
        let text = self.source.get(name.clone())?;
        // What is no name says nothing about values.
        if !text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._-/".contains(byte)) {
            return None;
        }
        let (path, new) = self.out.paths.child(ROOT, text, self.out.keys);
        self.metric = Some(path).filter(|path| !self.out.paths.meaning(*path).rules.is_empty());
        new.then(|| Metric { path, name, segments: self.out.tape.segments().len() })
    }

    /// Notes the text of a new metric's name once it is on the tape. One that is not is known to be clean.
    pub(super) fn metric_walked(&mut self, metric: &Metric) {
        let here = u32::try_from(metric.name.start).ok();
        let segments = self.out.tape.segments().iter().enumerate().skip(metric.segments);
        let found = segments
            .filter(|(_, it)| it.place == Place::MetricName)
            .find(|(_, it)| matches!(it.origin, Origin::Source { at, .. } if Some(at) == here));
        if let Some(number) = found.and_then(|(number, _)| u32::try_from(number).ok()) {
            self.out.walked.new_keys.push((metric.path, number));
        }
    }

    /// Notes a measured value to be judged by the metric's name: one that counts something is too small to be anybody's number.
    pub(super) fn measured(&mut self, kind: Type, wire: &Wire) {
        let value = match kind {
            Type::Sfixed64 => self.eight(&wire.value).map(|bytes| Value::Int(i64::from_le_bytes(bytes))),
            Type::Double => self.eight(&wire.value).map(|bytes| Value::Double(f64::from_le_bytes(bytes))),
            Type::Nested(_)
            | Type::String
            | Type::Bytes
            | Type::Hex
            | Type::Bool
            | Type::Enum
            | Type::Int32
            | Type::Uint32
            | Type::Sint32
            | Type::Fixed32
            | Type::Int64
            | Type::Uint64
            | Type::Fixed64 => None,
        };
        let (Some(path), Some(value)) = (self.metric, value) else { return };
        let change = Change::Remove(wire.start..wire.value.end);
        self.out.walked.numbers.push(Number { path, value, place: Place::MetricName, change });
    }
}
