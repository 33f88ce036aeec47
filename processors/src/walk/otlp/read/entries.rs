//! What Datadog's messages have and OTLP's have not: texts under keys of their format, maps of protobuf, values that say their
//! types, documents within bytes.

use super::{Spot, Walk, known};
use crate::tape::{Place, ROOT};
use crate::walk::otlp::{Message, Type};
use crate::walk::tree::{is_id_below, is_statement, walk_packed};
use crate::walk::wire::{self, Field as Wire};
use crate::walk::{Change, Fill, Value, WalkError};
use std::ops::Range;

impl Walk<'_, '_> {
    /// A text under a key that its format gives it: nobody's name.
    pub(super) fn text_below(&mut self, key: &'static str, range: Range<usize>, place: Place) -> Result<(), WalkError> {
        let (path, _) = self.out.paths.child(ROOT, key.as_bytes(), self.out.keys);
        self.text(range, path, place)
    }

    /// What was done: a statement for a database, or a name that is none.
    pub(super) fn statement(&mut self, range: Range<usize>, place: Place) -> Result<(), WalkError> {
        if self.source.get(range.clone()).is_some_and(is_statement) {
            return self.text_below("db.statement", range, place);
        }
        self.text(range, ROOT, place)
    }

    /// An entry of a map. The key is read first wherever it stands; of several the last one is meant, and all are scanned.
    pub(super) fn map_entry(&mut self, kind: Type, entry: &Wire, place: Place) -> Result<(), WalkError> {
        let Type::Nested(message) = kind else { return Ok(()) };
        let range = entry.value.clone();
        let (mut path, mut name) = (ROOT, 0..0);
        let mut at = range.start;
        while at < range.end {
            let wire = wire::field(self.source, at, range.end)?;
            at = wire.value.end;
            match known(message, &wire) {
                None => self.unknown(&wire),
                Some(field) if field.number == 1 => {
                    name = wire.value.clone();
                    path = self.key(wire.value, ROOT)?;
                }
                Some(_) => {}
            }
        }
        let change = Change::Remove(entry.start..range.end);
        let spot = Spot { path, place, depth: 1, change, in_list: false, also: None };
        let mut at = range.start;
        while at < range.end {
            let wire = wire::field(self.source, at, range.end)?;
            at = wire.value.end;
            let Some(field) = known(message, &wire).filter(|field| field.number == 2) else { continue };
            if self.is_id(name.clone(), wire.value.clone()) {
                continue;
            }
            match field.kind.nested() {
                Some(typed) => self.typed(typed, wire.value, &spot)?,
                None if matches!(field.kind, Type::Bytes) => self.packed(wire.value, &spot)?,
                None => self.plain(field.kind, &wire, &spot)?,
            }
        }
        Ok(())
    }

    /// Whether an attribute holds an id by its key and its shape.
    fn is_id(&self, key: Range<usize>, value: Range<usize>) -> bool {
        let text = |range: Range<usize>| self.source.get(range).unwrap_or(&[]);
        is_id_below(text(key), text(value))
    }

    /// A value that says its type, or a list of such.
    fn typed(&mut self, message: &'static Message, range: Range<usize>, spot: &Spot) -> Result<(), WalkError> {
        let mut at = range.start;
        while at < range.end {
            let wire = wire::field(self.source, at, range.end)?;
            at = wire.value.end;
            let Some(field) = known(message, &wire) else {
                self.unknown(&wire);
                continue;
            };
            let Type::Nested(nested) = field.kind else {
                self.plain(field.kind, &wire, spot)?;
                continue;
            };
            // An item of a list leaves an empty one behind.
            let change = match field.repeated {
                true => Change::Content(wire.value.clone(), Fill::Empty),
                false => spot.change.clone(),
            };
            let in_list = spot.in_list || field.repeated;
            self.typed(nested, wire.value, &Spot { depth: spot.depth + 1, change, in_list, ..*spot })?;
        }
        Ok(())
    }

    /// A text or a number below a key. Others are nobody's.
    fn plain(&mut self, kind: Type, wire: &Wire, spot: &Spot) -> Result<(), WalkError> {
        let value = match kind {
            Type::String => return self.text_under(wire.value.clone(), spot, true),
            Type::Bytes | Type::Hex => return self.text_under(wire.value.clone(), spot, false),
            Type::Int64 => {
                let (value, _) = wire::varint(self.source, wire.value.start).unwrap_or((0, 0));
                Value::Int(value.cast_signed())
            }
            Type::Double => Value::Double(f64::from_le_bytes(self.eight(&wire.value).unwrap_or_default())),
            Type::Nested(_)
            | Type::Bool
            | Type::Enum
            | Type::Int32
            | Type::Uint32
            | Type::Sint32
            | Type::Fixed32
            | Type::Uint64
            | Type::Fixed64
            | Type::Sfixed64 => return Ok(()),
        };
        // What goes if it goes is said by the change: the attribute, or the content of a list's item.
        let item = match &spot.change {
            Change::Content(content, _) => content.clone(),
            Change::Remove(range) | Change::Written(range, _) => range.clone(),
        };
        self.number(value, &item, spot);
        Ok(())
    }

    /// A document in MessagePack within bytes; bytes that are none are bytes.
    fn packed(&mut self, content: Range<usize>, spot: &Spot) -> Result<(), WalkError> {
        if walk_packed(self.source, &content, (spot.path, spot.place), self.out)? {
            self.out.noted.packed.push(content);
            return Ok(());
        }
        self.text_under(content, spot, false)
    }
}
