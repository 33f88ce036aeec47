//! Tables of strings: a profile's, and those of Datadog's tracers. They come before their users or after; a string is looked at
//! when it is known which keys lead to it.

use super::{MAX_MESSAGES, MAX_VALUES, Spot, Walk, known};
use crate::pack::KeyClass;
use crate::tape::{PathId, Place, ROOT, option};
use crate::walk::otlp::Message;
use crate::walk::tree::is_statement;
use crate::walk::wire::{self, Field as Wire, WireType};
use crate::walk::{Change, Fill, Malformed, Value, WalkError, datadog};
use std::ops::Range;

impl Walk<'_, '_> {
    /// A profile's strings, last: by now it is known which of them stand below a key.
    pub(super) fn string_table(&mut self) -> Result<(), WalkError> {
        let mut asked = std::mem::take(&mut self.asked);
        asked.retain(|(_, path)| !self.out.paths.meaning(*path).rules.is_empty());
        asked.sort_unstable_by_key(|(index, _)| *index);
        for (index, range) in std::mem::take(&mut self.strings).into_iter().enumerate() {
            // The strictest reading of an entry: below a key that some rule asks for, if it stands below one anywhere.
            let at = asked.partition_point(|(other, _)| *other < index);
            let path = asked.get(at).filter(|(other, _)| *other == index).map_or(ROOT, |(_, path)| *path);
            self.text(range, path, Place::StringTable)?;
        }
        Ok(())
    }

    /// A message with a table of strings of its own, in its first field.
    pub(super) fn tabled(&mut self, message: &'static Message, range: Range<usize>) -> Result<(), WalkError> {
        let strings = all(self.source, range.clone(), 1)?;
        let strings = std::mem::replace(&mut self.strings, strings);
        let asked = std::mem::take(&mut self.asked);
        self.message(message, range)?;
        self.table()?;
        self.strings = strings;
        self.asked = asked;
        Ok(())
    }

    /// What was done, as a position in the table: a statement for a database, or a name that is none.
    pub(super) fn indexed_statement(&mut self, wire: &Wire) -> Result<(), WalkError> {
        let Some(index) = self.index(wire) else { return Ok(()) };
        let text = self.strings.get(index).and_then(|text| self.source.get(text.clone()));
        if text.is_some_and(is_statement) {
            let (path, _) = self.out.paths.child(ROOT, b"db.statement", self.out.keys);
            self.asked.push((index, path));
        }
        Ok(())
    }

    /// A key and its value, whose texts are positions in the table. The key is read first wherever it stands.
    pub(super) fn indexed(&mut self, entry: &Wire, parent: PathId, place: Place, depth: u32) -> Result<(), WalkError> {
        let range = entry.value.clone();
        let mut path = parent;
        let mut at = range.start;
        while at < range.end {
            let wire = wire::field(self.source, at, range.end)?;
            at = wire.value.end;
            match known(&datadog::KEY_VALUE, &wire) {
                None => self.unknown(&wire),
                Some(field) if field.number == 1 => path = self.key_of_table(&wire, parent),
                Some(_) => {}
            }
        }
        let change = Change::Remove(entry.start..range.end);
        let spot = Spot { path, place, depth: depth + 1, change, in_list: false, also: None };
        for value in all(self.source, range, 2)? {
            self.indexed_value(value, &spot)?;
        }
        Ok(())
    }

    fn indexed_value(&mut self, range: Range<usize>, spot: &Spot) -> Result<(), WalkError> {
        if spot.depth > MAX_VALUES || self.messages + 2 > MAX_MESSAGES {
            // A text would have to be in the table: what is too deep becomes a value without one.
            if !range.is_empty() {
                self.out.walked.changes.push(Change::Content(range, Fill::Empty));
                self.out.walked.too_deep += 1;
            }
            return Ok(());
        }
        let mut at = range.start;
        while at < range.end {
            let wire = wire::field(self.source, at, range.end)?;
            at = wire.value.end;
            let Some(field) = known(&datadog::ANY_VALUE, &wire) else {
                self.unknown(&wire);
                continue;
            };
            match field.number {
                1 => {
                    let index = self.index(&wire);
                    self.asked.extend(index.into_iter().flat_map(|index| [(index, spot.path)]));
                    self.asked.extend(index.zip(spot.also));
                }
                3 => {
                    let bytes = self.source.get(wire.value).and_then(|bytes| <[u8; 8]>::try_from(bytes).ok());
                    self.number(Value::Double(f64::from_le_bytes(bytes.unwrap_or_default())), &range, spot);
                }
                4 => {
                    let (value, _) = wire::varint(self.source, wire.value.start).unwrap_or((0, 0));
                    self.number(Value::Int(value.cast_signed()), &range, spot);
                }
                5 => self.text_under(wire.value, spot, false)?,
                6 => self.indexed_list(wire.value, spot)?,
                7 => {
                    self.messages += 3;
                    self.indexed_map(wire.value, spot)?;
                    self.messages -= 3;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A list. An option gives the item behind it a key: `--ssn 536228147`.
    fn indexed_list(&mut self, range: Range<usize>, spot: &Spot) -> Result<(), WalkError> {
        self.messages += 2;
        let mut named: Option<PathId> = None;
        let mut at = range.start;
        while at < range.end {
            let wire = wire::field(self.source, at, range.end)?;
            at = wire.value.end;
            if known(&datadog::ARRAY_VALUE, &wire).is_none() {
                self.unknown(&wire);
                continue;
            }
            let name = self.option_of_table(wire.value.clone(), spot.path);
            let also = named.take().filter(|_| name.is_none()).or(spot.also);
            let change = Change::Content(wire.value.clone(), Fill::Empty);
            self.indexed_value(wire.value, &Spot { depth: spot.depth + 1, change, in_list: true, also, ..*spot })?;
            named = name;
        }
        self.messages -= 2;
        Ok(())
    }

    fn indexed_map(&mut self, range: Range<usize>, spot: &Spot) -> Result<(), WalkError> {
        let mut at = range.start;
        while at < range.end {
            let wire = wire::field(self.source, at, range.end)?;
            at = wire.value.end;
            match known(&datadog::KEY_VALUES, &wire) {
                None => self.unknown(&wire),
                Some(_) => self.indexed(&wire, spot.path, spot.place, spot.depth)?,
            }
        }
        Ok(())
    }

    /// The path that an option in the table stands for, if the value is one.
    fn option_of_table(&mut self, value: Range<usize>, parent: PathId) -> Option<PathId> {
        let wire = wire::field(self.source, value.start, value.end).ok()?;
        if wire.number != 1 || wire.wire != WireType::Varint {
            return None;
        }
        let text = self.strings.get(self.index(&wire)?)?.clone();
        let name = option(self.source.get(text)?)?;
        let (path, new) = self.out.paths.child(parent, name, self.out.keys);
        if new {
            self.out.walked.table_keys.push(path);
        }
        Some(path)
    }

    /// The strings of a message's own table, now that it is known what leads to them: each is looked at below every key that
    /// does, and goes for all of them if it goes for one.
    fn table(&mut self) -> Result<(), WalkError> {
        let mut asked = std::mem::take(&mut self.asked);
        asked.retain(|(_, path)| {
            let meaning = self.out.paths.meaning(*path);
            !meaning.rules.is_empty() || !meaning.nearby.is_empty() || meaning.class == KeyClass::Statement
        });
        asked.sort_by_key(|(index, _)| *index);
        asked.dedup();
        let mut asked = asked.into_iter().peekable();
        for (index, range) in std::mem::take(&mut self.strings).into_iter().enumerate() {
            let mut paths = std::iter::from_fn(|| asked.next_if(|(other, _)| *other == index).map(|(_, path)| path));
            let (first, second) = (paths.next(), paths.next());
            let more: Vec<PathId> = paths.collect();
            let change = Change::Content(range.clone(), Fill::Empty);
            let (path, place) = (first.unwrap_or(ROOT), Place::StringTable);
            let next = self.out.tape.segments().len();
            self.text_under(range, &Spot { path, place, depth: 0, change, in_list: false, also: second }, true)?;
            if self.out.tape.segments().len() > next
                && let Ok(segment) = u32::try_from(next)
            {
                self.out.walked.also.extend(more.into_iter().map(|path| (segment, path)));
            }
        }
        Ok(())
    }
}

/// The contents of all fields of a message that have this number and a length.
fn all(source: &[u8], range: Range<usize>, number: u32) -> Result<Vec<Range<usize>>, Malformed> {
    let mut found = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let wire = wire::field(source, at, range.end)?;
        at = wire.value.end;
        if wire.number == number && wire.wire == WireType::Len {
            found.push(wire.value);
        }
    }
    Ok(found)
}

/// The entries of the string table, of every occurrence of the dictionary.
pub(super) fn string_table(source: &[u8]) -> Result<Vec<Range<usize>>, Malformed> {
    let mut strings = Vec::new();
    let mut at = 0;
    while at < source.len() {
        let wire = wire::field(source, at, source.len())?;
        at = wire.value.end;
        if wire.number != 2 || wire.wire != WireType::Len {
            continue;
        }
        let mut inner = wire.value.start;
        while inner < wire.value.end {
            let entry = wire::field(source, inner, wire.value.end)?;
            inner = entry.value.end;
            if entry.number == 5 && entry.wire == WireType::Len {
                strings.push(entry.value);
            }
        }
    }
    Ok(strings)
}
