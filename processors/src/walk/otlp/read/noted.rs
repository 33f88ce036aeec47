//! What the walk notes of where texts stand: which service sends them, which record they are a part of.

use super::Walk;
use crate::walk::otlp::{Message, Scrub};
use crate::walk::wire::{self, WireType};
use crate::walk::{Block, Record};
use std::ops::Range;

/// The attribute of a resource that names its service.
const SERVICE: &[u8] = b"service.name";

impl Walk<'_, '_> {
    /// Notes a record that may be marked.
    pub(super) fn note_record(&mut self, message: &'static Message, range: &Range<usize>) {
        if !self.out.noted.records {
            return;
        }
        let attributes = message.fields.iter().find(|field| matches!(field.scrub, Scrub::Attributes(_)));
        if let Some(attributes) = attributes {
            self.out.noted.marked.push(Record { range: range.clone(), attributes: attributes.number });
        }
    }

    /// Notes which service sends what stands in `range`, whose first field is a resource.
    pub(super) fn note_resource(&mut self, range: &Range<usize>) {
        if !self.out.noted.services {
            return;
        }
        let mut names = Vec::new();
        let read = self.service_names(range.clone(), &mut names);
        // Several resources and several names are one to some readers and another to others.
        let text = |name: &Range<usize>| self.source.get(name.clone());
        let alike = names.windows(2).all(|pair| matches!(pair, [one, other] if text(one) == text(other)));
        let service = names.first().filter(|_| read.is_some() && alike).cloned();
        self.out.noted.blocks.push(Block { range: range.clone(), service });
    }

    /// All that call themselves the name of the service. `None` if one of them is no text.
    fn service_names(&self, block: Range<usize>, names: &mut Vec<Range<usize>>) -> Option<()> {
        for resource in self.all(block, 1) {
            for attribute in self.all(resource, 1) {
                let key = self.last(attribute.clone(), 1).or_else(|| self.entry(attribute.clone(), 3));
                if key.and_then(|key| self.source.get(key)) != Some(SERVICE) {
                    continue;
                }
                for value in self.all(attribute, 2) {
                    let text = self.last(value.clone(), 1).or_else(|| self.entry(value, 8));
                    names.push(text?);
                }
            }
        }
        Some(())
    }

    /// The contents of all fields of this number that have a length.
    fn all(&self, message: Range<usize>, number: u32) -> impl Iterator<Item = Range<usize>> {
        let mut at = message.start;
        std::iter::from_fn(move || {
            while at < message.end {
                let wire = wire::field(self.source, at, message.end).ok()?;
                at = wire.value.end;
                if wire.number == number && wire.wire == WireType::Len {
                    return Some(wire.value);
                }
            }
            None
        })
    }

    /// The entry of the string table that a field of this number refers to.
    fn entry(&self, message: Range<usize>, number: u32) -> Option<Range<usize>> {
        let mut found = None;
        let mut at = message.start;
        while at < message.end {
            let wire = wire::field(self.source, at, message.end).ok()?;
            at = wire.value.end;
            if wire.number == number && wire.wire == WireType::Varint {
                found = self.index(&wire).and_then(|index| self.strings.get(index)).cloned();
            }
        }
        found
    }
}
