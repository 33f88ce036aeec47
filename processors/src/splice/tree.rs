//! Edits of documents of maps and lists. A replaced text is written as its format writes texts; the rest is copied.

use super::{Edit, Scope};
use crate::walk::Malformed;
use crate::walk::tree::envelope::parts;
use crate::walk::tree::{Head, escape, head, skip_value};
use std::ops::Range;

/// Applies settled edits to a document in JSON.
pub(crate) fn json(source: &[u8], edits: &[Edit], with: &[u8], out: &mut Vec<u8>) {
    json_part(source, 0..source.len(), edits, with, out);
}

/// The same for a part of the source; all edits lie in it.
fn json_part(source: &[u8], range: Range<usize>, edits: &[Edit], with: &[u8], out: &mut Vec<u8>) {
    let mut at = range.start;
    for edit in edits {
        out.extend_from_slice(source.get(at..edit.at.start).unwrap_or(&[]));
        let written = with.get(edit.with.clone()).unwrap_or(&[]);
        match edit.scope {
            Scope::Content(_) => escape(written, out),
            Scope::Field | Scope::Value | Scope::Insert => out.extend_from_slice(written),
        }
        at = edit.at.end;
    }
    out.extend_from_slice(source.get(at..range.end).unwrap_or(&[]));
}

/// Applies settled edits to an envelope: what announces an item's length says the new one.
///
/// # Errors
/// If the source is not the envelope that the edits were made for.
pub(crate) fn envelope(source: &[u8], edits: &[Edit], with: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    // Nothing of it stays.
    if edits.first().is_some_and(|edit| edit.scope == Scope::Field && edit.at == (0..source.len())) {
        return Ok(());
    }
    let envelope = parts(source)?;
    let mut left = edits;
    // The edits before `end`.
    let mut before = |end: usize| {
        let (these, others) = left.split_at(left.partition_point(|edit| edit.at.start < end));
        left = others;
        these
    };
    let start = envelope.items.first().map_or(source.len(), |item| item.all.start);
    json_part(source, 0..start, before(start), with, out);
    for item in &envelope.items {
        let line = match &item.length {
            Some(length) => length.start,
            None => item.content.start,
        };
        let head = before(line);
        if head.first().is_some_and(|edit| edit.scope == Scope::Field && edit.at == item.all) {
            continue;
        }
        let tail = before(item.content.start);
        let content = before(item.all.end);
        if content.is_empty() {
            json_part(source, item.all.start..line, head, with, out);
            json_part(source, line..item.all.end, tail, with, out);
            continue;
        }
        let mut written = Vec::new();
        json_part(source, item.content.clone(), content, with, &mut written);
        json_part(source, item.all.start..line, head, with, out);
        let rest = match &item.length {
            Some(length) => {
                out.extend_from_slice(written.len().to_string().as_bytes());
                length.end
            }
            None => line,
        };
        json_part(source, rest..item.content.start, tail, with, out);
        out.extend_from_slice(&written);
        out.extend_from_slice(source.get(item.content.end..item.all.end).unwrap_or(&[]));
    }
    Ok(())
}

/// Applies settled edits to a document in MessagePack: the lengths of texts and the numbers of entries are put right.
///
/// # Errors
/// If the source is not the document that the edits were made for.
pub(crate) fn msgpack(source: &[u8], edits: &[Edit], with: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    msgpack_part(source, 0..source.len(), edits, with, out)
}

/// The same for a document that is a part of the source; all edits lie in it.
fn msgpack_part(
    source: &[u8],
    range: Range<usize>,
    edits: &[Edit],
    with: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), Malformed> {
    let mut splice = Splice { source, edits, with, copied: range.start };
    let end = splice.value(range.start, range.end, out)?;
    splice.copy(end, out);
    match splice.edits {
        [] => Ok(()),
        _ => Err(Malformed { offset: end }),
    }
}

/// Applies those of the settled edits that lie in documents in MessagePack within other bytes: of each document one edit is
/// left, which writes all of it.
///
/// # Errors
/// If the source is not the one that the edits were made for.
pub(crate) fn packed(
    source: &[u8],
    documents: &mut Vec<Range<usize>>,
    edits: &mut Vec<Edit>,
    with: &mut Vec<u8>,
) -> Result<(), Malformed> {
    documents.sort_unstable_by_key(|document| document.start);
    documents.dedup();
    let mut left = std::mem::take(edits).into_iter().peekable();
    for document in documents.iter() {
        while let Some(edit) = left.next_if(|edit| edit.at.start < document.start) {
            edits.push(edit);
        }
        let mut within = Vec::new();
        while let Some(edit) = left.next_if(|edit| edit.at.start < document.end) {
            within.push(edit);
        }
        if within.is_empty() {
            continue;
        }
        let mut written = Vec::new();
        msgpack_part(source, document.clone(), &within, with, &mut written)?;
        let from = with.len();
        with.extend_from_slice(&written);
        let scope = Scope::Content(document.clone());
        edits.push(Edit { at: document.clone(), with: from..with.len(), scope });
    }
    edits.extend(left);
    Ok(())
}

pub(super) struct Splice<'s> {
    pub(super) source: &'s [u8],
    /// Those that are not yet behind.
    pub(super) edits: &'s [Edit],
    pub(super) with: &'s [u8],
    /// Up to where the source has been written.
    pub(super) copied: usize,
}

impl<'s> Splice<'s> {
    fn copy(&mut self, end: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(self.source.get(self.copied..end).unwrap_or(&[]));
        self.copied = end;
    }

    fn pop(&mut self) -> Option<&'s Edit> {
        let (first, rest) = self.edits.split_first()?;
        self.edits = rest;
        Some(first)
    }

    fn written(&self, edit: &Edit) -> &'s [u8] {
        self.with.get(edit.with.clone()).unwrap_or(&[])
    }

    /// Writes the value at `at`; returns where the next one begins. What holds no edit is left to be copied.
    pub(super) fn value(&mut self, at: usize, end: usize, out: &mut Vec<u8>) -> Result<usize, Malformed> {
        let next = self.edits.first();
        if let Some(edit) = next.filter(|edit| edit.scope == Scope::Value && edit.at.start == at) {
            self.copy(at, out);
            out.extend_from_slice(self.written(edit));
            self.copied = edit.at.end;
            self.pop();
            return Ok(self.copied);
        }
        let (head, after) = head(self.source, at, end)?;
        match head {
            Head::Map(count) => self.map(at, after, count, end, out),
            Head::List(count) => {
                let mut at = after;
                for _ in 0..count {
                    at = self.value(at, end, out)?;
                }
                Ok(at)
            }
            Head::Text(ref content) | Head::Bytes(ref content) | Head::Extension(_, ref content) => {
                if next.is_some_and(|edit| content.contains(&edit.at.start)) {
                    self.copy(at, out);
                    self.content(&head, content, out)?;
                    self.copied = after;
                }
                Ok(after)
            }
            Head::Number(_) | Head::Plain => Ok(after),
        }
    }

    /// A map: entries that go are counted, and missing from what it announces.
    fn map(
        &mut self,
        at: usize,
        after: usize,
        count: usize,
        end: usize,
        out: &mut Vec<u8>,
    ) -> Result<usize, Malformed> {
        // Where what announces the entries is, or will be.
        let announced = out.len() + (at - self.copied);
        let (mut left, mut at) = (count, after);
        for _ in 0..count {
            if let Some(edit) = self.edits.first()
                && edit.scope == Scope::Field
                && edit.at.start == at
            {
                self.copy(at, out);
                self.pop();
                at = skip_value(self.source, skip_value(self.source, at, end)?, end)?;
                self.copied = at;
                left -= 1;
                continue;
            }
            at = self.value(at, end, out)?;
            at = self.value(at, end, out)?;
        }
        if left < count {
            announce(out, announced, left);
        }
        Ok(at)
    }

    /// Writes a text with the length that it has now, or bytes that hold a document.
    fn content(&mut self, head: &Head, content: &Range<usize>, out: &mut Vec<u8>) -> Result<(), Malformed> {
        let scope = Scope::Content(content.clone());
        if let Some(edit) = self.edits.first().filter(|edit| edit.scope == scope && edit.at == *content) {
            self.pop();
            let written = self.written(edit);
            put_head(head, written.len(), out);
            out.extend_from_slice(written);
            return Ok(());
        }
        let mut inner = Splice { source: self.source, edits: self.edits, with: self.with, copied: content.start };
        let mut written = Vec::new();
        let end = inner.value(content.start, content.end, &mut written)?;
        inner.copy(content.end, &mut written);
        // The edit at hand lies in it: who made it read it as a document.
        if end != content.end || inner.edits.len() == self.edits.len() {
            return Err(Malformed { offset: content.start });
        }
        self.edits = inner.edits;
        put_head(head, written.len(), out);
        out.extend_from_slice(&written);
        Ok(())
    }
}

/// Writes how many entries are left where a map or a list announces them, in as many bytes as it took.
pub(super) fn announce(out: &mut [u8], at: usize, left: usize) {
    let count = u32::try_from(left).unwrap_or(u32::MAX).to_be_bytes();
    let Some((first, rest)) = out.get_mut(at..).and_then(<[u8]>::split_first_mut) else { return };
    let [_, _, high, low] = count;
    match *first {
        0xDC | 0xDE => rest.iter_mut().zip([high, low]).for_each(|(to, from)| *to = from),
        0xDD | 0xDF => rest.iter_mut().zip(count).for_each(|(to, from)| *to = from),
        _ => *first = *first & 0xF0 | low & 0x0F,
    }
}

/// Announces content of this length, of the kind that `head` is.
pub(super) fn put_head(head: &Head, len: usize, out: &mut Vec<u8>) {
    let len = u32::try_from(len).unwrap_or(u32::MAX);
    let [_, _, high, low] = len.to_be_bytes();
    let mut sized = |short: u8| match len {
        0..=0xFF => out.extend_from_slice(&[short, low]),
        0x100..=0xFFFF => out.extend_from_slice(&[short + 1, high, low]),
        _ => {
            out.push(short + 2);
            out.extend_from_slice(&len.to_be_bytes());
        }
    };
    match head {
        Head::Text(_) if len < 32 => out.push(0xA0 | low),
        Head::Text(_) => sized(0xD9),
        Head::Bytes(_) => sized(0xC4),
        Head::Extension(kind, _) => {
            sized(0xC7);
            out.push(*kind);
        }
        // They hold no text.
        Head::Map(_) | Head::List(_) | Head::Number(_) | Head::Plain => {}
    }
}
