//! Wire bytes and edits make wire bytes: untouched ranges are copied, the length prefixes of all parents are put
//! right. Nothing is decoded and nothing is reprinted.

use crate::walk::wire::{self, Malformed, WireType};
use std::cmp::Reverse;
use std::ops::Range;

mod stream;
mod tree;

pub(crate) use stream::stream;
pub(crate) use tree::{envelope, json, msgpack, packed};

/// A change of the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    /// The bytes that go.
    pub(crate) at: Range<usize>,
    /// What comes in their place: a range of the replacement buffer.
    pub(crate) with: Range<usize>,
    /// What the bytes belong to.
    pub(crate) scope: Scope,
}

/// What an edit's bytes belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The content of a length-delimited field, all of it or a part.
    Content(Range<usize>),
    /// A whole field, from its tag on; a whole entry of a map, an item of an envelope.
    Field,
    /// A value as it is written, in a document of maps and lists.
    Value,
    /// Nothing: a field comes in before the one that begins here.
    Insert,
}

/// Sorts edits and drops those that lie within another: a removed attribute takes the edits of its value along.
pub(crate) fn settle(edits: &mut Vec<Edit>) {
    // What comes in comes before what begins there; the longer of two that begin together comes first.
    edits.sort_unstable_by(|a, b| {
        let rank = |edit: &Edit| (edit.at.start, edit.scope != Scope::Insert, Reverse(edit.at.end));
        rank(a).cmp(&rank(b))
    });
    let mut end = 0;
    edits.retain(|edit| {
        // An edit of nothing (an insertion) stays if it does not lie within a removed range.
        let inside = edit.at.start < end;
        end = end.max(edit.at.end);
        !inside
    });
}

/// Applies settled edits to plain text.
pub(crate) fn text(source: &[u8], edits: &[Edit], with: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    for edit in edits {
        out.extend_from_slice(source.get(at..edit.at.start).unwrap_or(&[]));
        out.extend_from_slice(with.get(edit.with.clone()).unwrap_or(&[]));
        at = edit.at.end;
    }
    out.extend_from_slice(source.get(at..).unwrap_or(&[]));
}

/// Applies settled edits to a protobuf message.
///
/// # Errors
/// If the source is not the message the edits were made for.
pub(crate) fn protobuf(source: &[u8], edits: &[Edit], with: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    let mut splice = Splice { source, edits, with, lengths: Vec::new() };
    let mut next = 0;
    let len = splice.measure(0..source.len(), &mut next)?;
    if next != edits.len() {
        return Err(Malformed { offset: source.len() });
    }
    out.reserve_exact(len);
    let (mut next, mut frame) = (0, 0);
    splice.write(0..source.len(), &mut next, &mut frame, out)?;
    Ok(())
}

struct Splice<'s> {
    source: &'s [u8],
    edits: &'s [Edit],
    with: &'s [u8],
    /// The new lengths of all fields that hold edits, in the order they are entered.
    lengths: Vec<usize>,
}

impl Splice<'_> {
    /// The length of the message after its edits; `next` is the first edit not yet behind.
    fn measure(&mut self, range: Range<usize>, next: &mut usize) -> Result<usize, Malformed> {
        let mut len = 0;
        let mut at = range.start;
        while let Some(edit) = self.edits.get(*next).filter(|edit| edit.at.start < range.end) {
            let edit_start = edit.at.start;
            if edit.scope == Scope::Insert && edit_start == at {
                len += edit.with.len();
                *next += 1;
                continue;
            }
            let field = wire::field(self.source, at, range.end)?;
            at = field.value.end;
            if edit.scope == Scope::Field && edit_start == field.start {
                *next += 1;
                continue;
            }
            let holds = field.value.contains(&edit_start);
            if field.wire != WireType::Len || !holds {
                len += at - field.start;
                continue;
            }
            let frame = self.lengths.len();
            self.lengths.push(0);
            let content = if edit.scope == Scope::Content(field.value.clone()) {
                self.measure_content(&field.value, next)
            } else {
                self.measure(field.value.clone(), next)?
            };
            if let Some(slot) = self.lengths.get_mut(frame) {
                *slot = content;
            }
            len += tag_len(self.source, &field) + wire::varint_len(content as u64) + content;
        }
        Ok(len + (range.end - at))
    }

    fn measure_content(&self, content: &Range<usize>, next: &mut usize) -> usize {
        let mut len = content.len();
        while let Some(edit) = self.edits.get(*next).filter(|edit| edit.scope == Scope::Content(content.clone())) {
            len = len + edit.with.len() - edit.at.len();
            *next += 1;
        }
        len
    }

    fn write(
        &self,
        range: Range<usize>,
        next: &mut usize,
        frame: &mut usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        let mut at = range.start;
        let mut copied = range.start;
        while let Some(edit) = self.edits.get(*next).filter(|edit| edit.at.start < range.end) {
            let edit_start = edit.at.start;
            if edit.scope == Scope::Insert && edit_start == at {
                self.copy(copied..at, out);
                out.extend_from_slice(self.with.get(edit.with.clone()).unwrap_or(&[]));
                copied = at;
                *next += 1;
                continue;
            }
            let field = wire::field(self.source, at, range.end)?;
            at = field.value.end;
            if edit.scope == Scope::Field && edit_start == field.start {
                self.copy(copied..field.start, out);
                copied = at;
                *next += 1;
                continue;
            }
            let holds = field.value.contains(&edit_start);
            if field.wire != WireType::Len || !holds {
                continue;
            }
            let tag_end = field.start + tag_len(self.source, &field);
            self.copy(copied..tag_end, out);
            let len = self.lengths.get(*frame).copied().ok_or(Malformed { offset: field.start })?;
            *frame += 1;
            wire::put_varint(len as u64, out);
            if edit.scope == Scope::Content(field.value.clone()) {
                self.write_content(&field.value, next, out);
            } else {
                self.write(field.value.clone(), next, frame, out)?;
            }
            copied = at;
        }
        self.copy(copied..range.end, out);
        Ok(())
    }

    fn write_content(&self, content: &Range<usize>, next: &mut usize, out: &mut Vec<u8>) {
        let mut at = content.start;
        while let Some(edit) = self.edits.get(*next).filter(|edit| edit.scope == Scope::Content(content.clone())) {
            self.copy(at..edit.at.start, out);
            out.extend_from_slice(self.with.get(edit.with.clone()).unwrap_or(&[]));
            at = edit.at.end;
            *next += 1;
        }
        self.copy(at..content.end, out);
    }

    fn copy(&self, range: Range<usize>, out: &mut Vec<u8>) {
        out.extend_from_slice(self.source.get(range).unwrap_or(&[]));
    }
}

/// How many bytes the field's tag takes.
fn tag_len(source: &[u8], field: &wire::Field) -> usize {
    wire::varint(source, field.start).map_or(1, |(_, end)| end - field.start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(fields: &[(u32, &[u8])]) -> Vec<u8> {
        let mut out = Vec::new();
        for (number, content) in fields {
            wire::put_varint(u64::from(number << 3 | 2), &mut out);
            wire::put_varint(content.len() as u64, &mut out);
            out.extend_from_slice(content);
        }
        out
    }

    fn at(source: &[u8], part: &[u8]) -> Range<usize> {
        let start = source.windows(part.len()).position(|window| window == part).unwrap();
        start..start + part.len()
    }

    #[test]
    fn lengths_of_all_parents_are_put_right() {
        let leaf = message(&[(1, b"name"), (2, b"before SECRET behind"), (3, b"tail")]);
        let source = message(&[(1, b"first"), (7, &message(&[(5, &leaf), (6, b"x")])), (2, b"last")]);
        let part = at(&source, b"SECRET");
        let content = at(&source, b"before SECRET behind");
        let with = vec![b'y'; 300];
        let edits = [Edit { at: part, with: 0..300, scope: Scope::Content(content) }];
        let mut out = Vec::new();
        protobuf(&source, &edits, &with, &mut out).unwrap();
        let replaced = [&b"before "[..], &with, b" behind"].concat();
        let leaf = message(&[(1, b"name"), (2, &replaced), (3, b"tail")]);
        assert_eq!(out, message(&[(1, b"first"), (7, &message(&[(5, &leaf), (6, b"x")])), (2, b"last")]));
    }

    #[test]
    fn fields_go_and_contents_are_emptied() {
        let source = message(&[(1, &message(&[(4, b"goes"), (5, b"stays")])), (3, b"emptied")]);
        let goes = at(&source, b"goes");
        let emptied = at(&source, b"emptied");
        let mut edits = vec![
            Edit { at: emptied.clone(), with: 0..0, scope: Scope::Content(emptied) },
            // Within a field that goes: goes along.
            Edit { at: goes.start..goes.start + 1, with: 0..0, scope: Scope::Content(goes.clone()) },
            Edit { at: goes.start - 2..goes.end, with: 0..0, scope: Scope::Field },
        ];
        settle(&mut edits);
        assert_eq!(edits.len(), 2);
        let mut out = Vec::new();
        protobuf(&source, &edits, &[], &mut out).unwrap();
        assert_eq!(out, message(&[(1, &message(&[(5, b"stays")])), (3, b"")]));
    }

    #[test]
    fn a_field_comes_in_where_another_begins_whatever_becomes_of_that() {
        let inner = message(&[(4, b"first"), (5, b"second")]);
        let source = message(&[(1, b"before"), (2, &inner), (3, b"behind")]);
        let start = at(&source, &inner).start;
        let added = message(&[(6, b"added")]);
        let insert = || Edit { at: start..start, with: 0..added.len(), scope: Scope::Insert };
        let first = Edit { at: start..start + 7, with: 0..0, scope: Scope::Field };
        let second = at(&source, b"second");
        let second = Edit { at: second.clone(), with: 0..0, scope: Scope::Content(second) };
        for (more, left) in [
            (vec![], vec![(4, &b"first"[..]), (5, b"second")]),
            (vec![first.clone()], vec![(5, &b"second"[..])]),
            (vec![second, first], vec![(5, &b""[..])]),
        ] {
            let mut edits = more;
            edits.push(insert());
            let count = edits.len();
            settle(&mut edits);
            assert_eq!(edits.len(), count);
            let mut out = Vec::new();
            protobuf(&source, &edits, &added, &mut out).unwrap();
            let inner = [added.clone(), message(&left)].concat();
            assert_eq!(out, message(&[(1, b"before"), (2, &inner), (3, b"behind")]));
        }
    }

    #[test]
    fn edits_of_another_message_are_refused() {
        let source = message(&[(1, b"abc")]);
        let edits = [Edit { at: 90..92, with: 0..0, scope: Scope::Field }];
        assert!(protobuf(&source, &edits, &[], &mut Vec::new()).is_err());
        let edits = [Edit { at: 3..4, with: 0..0, scope: Scope::Content(3..4) }];
        assert!(protobuf(&source, &edits, &[], &mut Vec::new()).is_err());
    }

    #[test]
    fn text_is_text() {
        let edits = [Edit { at: 1..2, with: 0..2, scope: Scope::Content(0..3) }];
        let mut out = Vec::new();
        text(b"abc", &edits, b"XY", &mut out);
        assert_eq!(out, b"aXYc");
    }
}
