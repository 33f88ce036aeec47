//! Lists and maps: what stands in them may say what stands beside it.

use super::{Spot, Walk, known};
use crate::contents::Run;
use crate::tape::{Origin, PathId, ROOT, Role, is_key, option};
use crate::walk::otlp::{Message, Scrub, common};
use crate::walk::wire::{self, WireType};
use crate::walk::{Change, Fill, Share, WalkError};
use std::ops::Range;

/// The longest item of a list that may be a piece of a text.
const MAX_PIECE: usize = 24;

/// The entry of a map that says what its other entries hold.
struct Namer {
    /// Where the entry begins.
    start: usize,
    /// Its text.
    text: Range<usize>,
}

impl Walk<'_, '_> {
    /// A list. An option gives the item behind it a key: `--ssn 536228147`.
    pub(super) fn list(&mut self, range: Range<usize>, spot: &Spot) -> Result<(), WalkError> {
        self.messages += 2;
        let mut at = range.start;
        let mut named = None;
        // Short texts only may be pieces of one.
        let (first, mut pieces) = (self.out.walked.pieces.len(), true);
        while at < range.end {
            let wire = wire::field(self.source, at, range.end)?;
            at = wire.value.end;
            if known(&common::ARRAY_VALUE, &wire).is_none() {
                self.unknown(&wire);
                continue;
            }
            let text = self.string(wire.value.clone());
            let name = text.clone().filter(|text| self.source.get(text.clone()).and_then(option).is_some());
            // An option has no value if another one comes next.
            let also = named.take().filter(|_| name.is_none()).or(spot.also);
            let change = Change::Content(wire.value.clone(), Fill::Empty);
            let next = self.out.tape.segments().len();
            self.value(wire.value, &Spot { depth: spot.depth + 1, change, in_list: true, also, ..*spot })?;
            pieces &= text.as_ref().is_some_and(|text| text.len() <= MAX_PIECE);
            if pieces && self.out.tape.segments().len() == next + 1 {
                self.out.walked.pieces.extend(u32::try_from(next));
            }
            named = name.and_then(|text| self.named_by(text, spot.path));
        }
        let texts = first..self.out.walked.pieces.len();
        if pieces && texts.len() > 1 {
            self.out.walked.runs.push(Run { texts, list: true });
        }
        self.messages -= 2;
        Ok(())
    }

    /// A map. A name in it gives the value beside it a key: `{name: "patient.name", value: ..}`.
    pub(super) fn map(&mut self, range: Range<usize>, spot: &Spot) -> Result<(), WalkError> {
        self.messages += 3;
        let namer = self.namer(range.clone());
        let mut also = spot.also;
        // The name goes first: whether its text is new shows when it is walked.
        let first = namer.as_ref().map(|namer| namer.start);
        for named in [true, false] {
            let mut at = range.start;
            while at < range.end {
                let wire = wire::field(self.source, at, range.end)?;
                at = wire.value.end;
                if named != (Some(wire.start) == first) {
                    continue;
                }
                if known(&common::KEY_VALUE_LIST, &wire).is_none() {
                    self.unknown(&wire);
                    continue;
                }
                let also = also.filter(|_| !named && self.role(wire.value.clone()) == Role::Value);
                self.key_value(wire.start, wire.value, (spot.path, also), spot.place, spot.depth)?;
            }
            if let (true, Some(namer)) = (named, &namer) {
                also = self.named_by(namer.text.clone(), spot.path).or(also);
            }
        }
        self.messages -= 3;
        Ok(())
    }

    /// The tags of a message: a list, as above, of a field that stands in it as often as there are tags.
    pub(super) fn tags(&mut self, message: &'static Message, range: &Range<usize>) -> Result<(), WalkError> {
        let tags = message.fields.iter().find_map(|field| {
            let Scrub::Tags(place) = field.scrub else { return None };
            Some((field.number, place))
        });
        let Some((number, place)) = tags else { return Ok(()) };
        let (path, _) = self.out.paths.child(ROOT, b"tags", self.out.keys);
        let mut named = None;
        let (first, mut pieces) = (self.out.walked.pieces.len(), true);
        let mut at = range.start;
        while at < range.end {
            let wire = wire::field(self.source, at, range.end)?;
            at = wire.value.end;
            if wire.number != number || wire.wire != WireType::Len {
                continue;
            }
            let text = wire.value;
            let is_option = self.source.get(text.clone()).and_then(option).is_some();
            let also = named.take().filter(|_| !is_option);
            let change = Change::Content(text.clone(), Fill::Empty);
            let next = self.out.tape.segments().len();
            self.text_under(text.clone(), &Spot { path, place, depth: 1, change, in_list: true, also }, true)?;
            pieces &= text.len() <= MAX_PIECE;
            if pieces && self.out.tape.segments().len() == next + 1 {
                self.out.walked.pieces.extend(u32::try_from(next));
            }
            named = Some(text).filter(|_| is_option).and_then(|text| self.named_by(text, path));
        }
        let texts = first..self.out.walked.pieces.len();
        if pieces && texts.len() > 1 {
            self.out.walked.runs.push(Run { texts, list: true });
        }
        Ok(())
    }

    /// The path below `parent` that a text stands for which has just been walked, if it says anything.
    fn named_by(&mut self, text: Range<usize>, parent: PathId) -> Option<PathId> {
        let words = self.source.get(text.clone())?;
        let (path, new) = self.out.paths.child(parent, option(words).unwrap_or(words), self.out.keys);
        // A text that is not on the tape is known to be clean.
        let last = self.out.tape.segments().len().checked_sub(1).and_then(|last| u32::try_from(last).ok());
        let passed_over = self.out.share == Share::PassedOver;
        if (new || passed_over)
            && let Some(number) = last
        {
            let here = u32::try_from(text.start).ok();
            let segment = self.out.tape.segment(number);
            if segment.is_some_and(|it| matches!(it.origin, Origin::Source { at, .. } if Some(at) == here)) {
                self.out.walked.new_keys.push((path, number));
            }
        }
        let meaning = self.out.paths.meaning(path);
        (!meaning.rules.is_empty() || !meaning.nearby.is_empty()).then_some(path)
    }

    /// The first entry of a map that names a value, if the map holds one to be named. Costs a look at each entry's key.
    fn namer(&self, range: Range<usize>) -> Option<Namer> {
        let mut namer = None;
        let mut values = false;
        let mut at = range.start;
        while at < range.end {
            let wire = wire::field(self.source, at, range.end).ok()?;
            at = wire.value.end;
            match self.role(wire.value.clone()) {
                Role::Value => values = true,
                Role::Name if namer.is_none() => {
                    let value = self.last(wire.value.clone(), 2);
                    let text = value.and_then(|value| self.string(value));
                    namer = text
                        .filter(|text| self.source.get(text.clone()).is_some_and(is_key))
                        .map(|text| Namer { start: wire.start, text });
                }
                Role::Name | Role::Other => {}
            }
        }
        namer.filter(|_| values)
    }

    /// The role of a `KeyValue`.
    fn role(&self, entry: Range<usize>) -> Role {
        self.last(entry, 1).and_then(|key| self.source.get(key)).map_or(Role::Other, Role::of)
    }

    /// The text of an `AnyValue`, if it is one.
    fn string(&self, value: Range<usize>) -> Option<Range<usize>> {
        self.last(value, 1)
    }

    /// The content of the last field of this number that has a length.
    pub(super) fn last(&self, message: Range<usize>, number: u32) -> Option<Range<usize>> {
        let mut found = None;
        let mut at = message.start;
        while at < message.end {
            let wire = wire::field(self.source, at, message.end).ok()?;
            at = wire.value.end;
            if wire.number == number && wire.wire == WireType::Len {
                found = Some(wire.value);
            }
        }
        found
    }
}
