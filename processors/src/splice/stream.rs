//! Edits of traces v1.0, in which a text is written where it is used first and is a position from then on.
//!
//! Two texts may have become one, and one may have gone with the only place where it was written. Readers count what they
//! have not seen yet, so all positions are written anew: each text where it is used first, and never twice.

use super::tree::{Splice, announce};
use super::{Edit, Scope};
use crate::walk::Malformed;
use crate::walk::tree::stream::{Field, Kind, Layout, PAYLOAD, Strings, items};
use crate::walk::tree::{Head, head, skip_value};
use std::cmp::Reverse;
use std::collections::HashMap;

/// Applies edits, which need not be settled: a text that goes with what encloses it may be used elsewhere, and what was found in
/// it goes there too.
///
/// # Errors
/// If the source is not the payload that the edits were made for.
pub(crate) fn stream(source: &[u8], edits: &mut [Edit], with: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    edits.sort_unstable_by_key(|edit| (edit.at.start, Reverse(edit.at.end)));
    let strings = Strings::read(source)?;
    let mut texts: Vec<&[u8]> = strings.texts.iter().map(|text| source.get(text.clone()).unwrap_or(&[])).collect();
    // What is left when the texts have been dealt with.
    let mut others = Vec::with_capacity(edits.len());
    for edit in edits.iter() {
        let found = strings.texts.binary_search_by_key(&edit.at.start, |text| text.start);
        let text = found.ok().filter(|index| *index > 0 && edit.scope == Scope::Content(edit.at.clone()));
        match text.and_then(|index| Some((strings.texts.get(index)?, texts.get_mut(index)?))) {
            Some((whole, text)) if *whole == edit.at => *text = with.get(edit.with.clone()).unwrap_or(&[]),
            Some(_) => return Err(Malformed { offset: edit.at.start }),
            None => others.push(edit.clone()),
        }
    }
    let known = HashMap::with_capacity(texts.len());
    let mut writer = Writer { source, edits: &others, with, strings: &strings, texts, known, copied: 0 };
    let end = writer.message(&PAYLOAD, 0, out)?;
    writer.copy(end, out);
    match writer.edits {
        [] if end == source.len() => Ok(()),
        _ => Err(Malformed { offset: end }),
    }
}

struct Writer<'s> {
    source: &'s [u8],
    /// Those that are not yet behind. None is of a text.
    edits: &'s [Edit],
    with: &'s [u8],
    strings: &'s Strings,
    /// What the texts have become, by their positions in the source.
    texts: Vec<&'s [u8]>,
    /// What has been written, and which position it has there.
    known: HashMap<&'s [u8], u32>,
    /// Up to where the source has been written.
    copied: usize,
}

impl<'s> Writer<'s> {
    fn copy(&mut self, end: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(self.source.get(self.copied..end).unwrap_or(&[]));
        self.copied = end;
    }

    fn head(&self, at: usize) -> Result<(Head, usize), Malformed> {
        head(self.source, at, self.source.len())
    }

    fn skip(&self, at: usize) -> Result<usize, Malformed> {
        skip_value(self.source, at, self.source.len())
    }

    /// The edit that begins here and has this scope.
    fn edit(&self, at: usize, scope: &Scope) -> Option<&'s Edit> {
        self.edits.first().filter(|edit| edit.at.start == at && edit.scope == *scope)
    }

    /// Leaves out what stands up to `end`, and the edits in it.
    fn leave(&mut self, at: usize, end: usize, out: &mut Vec<u8>) {
        self.copy(at, out);
        self.copied = end;
        let behind = self.edits.partition_point(|edit| edit.at.start < end);
        self.edits = self.edits.get(behind..).unwrap_or(&[]);
    }

    fn message(&mut self, layout: &'static Layout, at: usize, out: &mut Vec<u8>) -> Result<usize, Malformed> {
        let (Head::Map(count), mut next) = self.head(at)? else { return Err(Malformed { offset: at }) };
        let announced = out.len() + (at - self.copied);
        let mut left = count;
        for _ in 0..count {
            let (key, value) = self.head(next)?;
            next = match layout.field(&key).ok_or(Malformed { offset: next })? {
                // Its texts are written where they are used.
                Field::Table => {
                    let end = self.skip(value)?;
                    self.leave(next, end, out);
                    left -= 1;
                    end
                }
                Field::Text | Field::Statement => self.text(value, out)?,
                Field::Id | Field::Plain => self.other(value, out)?,
                Field::Attributes(_) => self.items(value, 3, out, Self::attribute)?,
                Field::Many(item) => self.items(value, 1, out, |writer, at, out| writer.message(item, at, out))?,
            };
        }
        if left < count {
            announce(out, announced, left);
        }
        Ok(next)
    }

    /// A list, whose items are of so many values each. Those that go are missing from what it announces.
    fn items(
        &mut self,
        at: usize,
        values: usize,
        out: &mut Vec<u8>,
        write: impl Fn(&mut Self, usize, &mut Vec<u8>) -> Result<usize, Malformed>,
    ) -> Result<usize, Malformed> {
        let (count, mut next) = items(self.source, at, self.source.len())?;
        let announced = out.len() + (at - self.copied);
        let mut left = count;
        for _ in 0..count / values {
            if self.edit(next, &Scope::Field).is_none() {
                next = write(self, next, out)?;
                continue;
            }
            let start = next;
            for _ in 0..values {
                next = self.skip(next)?;
            }
            self.leave(start, next, out);
            left -= values;
        }
        if left < count {
            announce(out, announced, left);
        }
        Ok(next)
    }

    fn attribute(&mut self, at: usize, out: &mut Vec<u8>) -> Result<usize, Malformed> {
        let value = self.text(at, out)?;
        self.value(value, out)
    }

    /// A kind and a value.
    fn value(&mut self, at: usize, out: &mut Vec<u8>) -> Result<usize, Malformed> {
        let (kind, value) = self.head(at)?;
        if let Some(edit) = self.edit(at, &Scope::Value) {
            let end = self.skip(value)?;
            // A text comes in its place.
            self.leave(at, end, out);
            out.push(1);
            self.put(self.with.get(edit.with.clone()).unwrap_or(&[]), out);
            return Ok(end);
        }
        match Kind::of(&kind).ok_or(Malformed { offset: at })? {
            Kind::Text => self.text(value, out),
            Kind::Truth | Kind::Number | Kind::Bytes => self.other(value, out),
            Kind::List => self.items(value, 2, out, Self::value),
            Kind::Map => self.items(value, 3, out, Self::attribute),
        }
    }

    /// A text, written or by its position.
    fn text(&mut self, at: usize, out: &mut Vec<u8>) -> Result<usize, Malformed> {
        let (head, end) = self.head(at)?;
        let index = self.strings.position(at, &head).ok_or(Malformed { offset: at })?;
        let text = self.texts.get(index).copied().unwrap_or(&[]);
        // What asks for nothing but this is behind, too.
        self.leave(at, end, out);
        self.put(text, out);
        Ok(end)
    }

    fn put(&mut self, text: &'s [u8], out: &mut Vec<u8>) {
        let known = if text.is_empty() { Some(0) } else { self.known.get(text).copied() };
        if let Some(position) = known {
            let [first, second, high, low] = position.to_be_bytes();
            match position {
                0..=0x7F => out.push(low),
                0x80..=0xFF => out.extend_from_slice(&[0xCC, low]),
                0x100..=0xFFFF => out.extend_from_slice(&[0xCD, high, low]),
                _ => out.extend_from_slice(&[0xCE, first, second, high, low]),
            }
            return;
        }
        let next = u32::try_from(self.known.len() + 1).unwrap_or(u32::MAX);
        self.known.insert(text, next);
        super::tree::put_head(&Head::Text(0..0), text.len(), out);
        out.extend_from_slice(text);
    }

    /// What is no text: a number, or bytes that may hold a document.
    fn other(&mut self, at: usize, out: &mut Vec<u8>) -> Result<usize, Malformed> {
        let mut splice = Splice { source: self.source, edits: self.edits, with: self.with, copied: self.copied };
        let end = splice.value(at, self.source.len(), out)?;
        (self.edits, self.copied) = (splice.edits, splice.copied);
        Ok(end)
    }
}
