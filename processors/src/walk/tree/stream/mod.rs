//! Traces v1.0: a text is written where it is used first, and a position from then on.
//!
//! As in v0.5 a text is looked at below every key that leads to it, wherever that is, and goes for all of them if it goes for
//! one. What it becomes may be what another one is: all positions are written anew then (`splice/stream.rs`).

mod layout;

pub(crate) use layout::{Field, Kind, Layout, PAYLOAD, Strings, chunks, items, spans};

use super::msgpack::{Head, Msgpack, head};
use super::read::{MAX_PIECE, Spot, Tree};
use super::{MAX_VALUES, Syntax as _, Text, is_statement};
use crate::contents::Run;
use crate::pack::KeyClass;
use crate::tape::{PathId, Place, ROOT, Role, is_key, option};
use crate::walk::{Change, Malformed, Out, Share, Value, WalkError};
use std::collections::HashSet;
use std::ops::Range;

/// How long the ids are that stand in bytes.
const ID: usize = 16;
/// What stands for a value that nests too deep, and for one that went where something must stand: as texts, which are written
/// like all others.
const UNSCANNED: &[u8] = b"[UNSCANNED]";
const NOTHING: &[u8] = b"";

struct Stream<'w, 'o> {
    source: &'w [u8],
    tree: Tree<'w, 'o, Msgpack<'w>>,
    strings: Strings,
    /// Which of them stand below which keys.
    asked: Vec<(usize, PathId)>,
    /// Which of them are the items of lists that may be pieces of one text, list by list.
    lists: Vec<Vec<usize>>,
}

/// What stood as a value, as far as a text beside it may say what it is.
enum Said {
    Text(usize),
    Number(Value, Change),
    Other,
}

pub(super) fn walk<'w>(source: &'w [u8], out: &'w mut Out<'_>) -> Result<(), WalkError> {
    if source.is_empty() {
        return Ok(());
    }
    let strings = Strings::read(source)?;
    // A reader that counts them too must not see other texts below other keys: they are written anew.
    out.walked.changes.extend(strings.again.iter().map(|again| Change::Written(again.clone(), NOTHING)));
    let tree = Tree::new(Msgpack::new(source, 0..source.len()), out);
    let mut stream = Stream { source, tree, strings, asked: Vec::new(), lists: Vec::new() };
    stream.message(&PAYLOAD)?;
    if !stream.tree.syntax.ended() {
        return stream.broken();
    }
    stream.texts()
}

impl Stream<'_, '_> {
    fn broken<T>(&self) -> Result<T, WalkError> {
        Err(Malformed { offset: self.tree.syntax.at() }.into())
    }

    fn head(&mut self) -> Result<Head, WalkError> {
        let (head, after) = head(self.source, self.tree.syntax.at(), self.source.len())?;
        self.tree.syntax.seek(after);
        Ok(head)
    }

    fn list(&mut self) -> Result<usize, WalkError> {
        let (count, after) = items(self.source, self.tree.syntax.at(), self.source.len())?;
        self.tree.syntax.seek(after);
        Ok(count)
    }

    fn message(&mut self, layout: &'static Layout) -> Result<(), WalkError> {
        let Head::Map(count) = self.head()? else { return self.broken() };
        self.tree.out.walked.records += u64::from(layout.record);
        for number in 0..count {
            let key = self.head()?;
            match layout.field(&key) {
                None => return self.broken(),
                // Its texts are known by now. What comes before it would have had other positions.
                Some(Field::Table) if number == 0 => self.tree.syntax.skip()?,
                Some(Field::Table) => return self.broken(),
                Some(Field::Text) => drop(self.position()?),
                Some(Field::Statement) => {
                    let index = self.position()?;
                    if is_statement(self.words(index)) {
                        let (path, _) = self.tree.out.paths.child(ROOT, b"db.statement", self.tree.out.keys);
                        self.asked.push((index, path));
                    }
                }
                Some(Field::Id) => self.id()?,
                Some(Field::Plain) => match self.head()? {
                    Head::Number(_) | Head::Plain => {}
                    Head::Map(_) | Head::List(_) | Head::Text(_) | Head::Bytes(_) | Head::Extension(..) => {
                        return self.broken();
                    }
                },
                Some(Field::Attributes(place)) => self.attributes(&Spot::root(place), false)?,
                Some(Field::Many(item)) => {
                    for _ in 0..self.list()? {
                        self.message(item)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn id(&mut self) -> Result<(), WalkError> {
        match self.head()? {
            Head::Number(_) | Head::Plain => Ok(()),
            Head::Bytes(content) if content.len() == ID => Ok(()),
            Head::Bytes(content) => {
                let (path, _) = self.tree.out.paths.child(ROOT, b"trace_id", self.tree.out.keys);
                self.tree.bytes(content, &Spot { path, ..Spot::root(Place::SpanAttribute) })
            }
            Head::Map(_) | Head::List(_) | Head::Text(_) | Head::Extension(..) => self.broken(),
        }
    }

    /// A text, written or by its position.
    fn position(&mut self) -> Result<usize, WalkError> {
        let at = self.tree.syntax.at();
        let head = self.head()?;
        match self.strings.position(at, &head) {
            Some(index) => Ok(index),
            None => self.broken(),
        }
    }

    fn words(&self, index: usize) -> &[u8] {
        self.strings.texts.get(index).and_then(|text| self.source.get(text.clone())).unwrap_or(&[])
    }

    /// Keys, kinds and values. Where they are a value themselves, a name gives the value beside it a key.
    fn attributes(&mut self, spot: &Spot, nested: bool) -> Result<(), WalkError> {
        let count = self.list()?;
        if !count.is_multiple_of(3) {
            return self.broken();
        }
        let (mut also, mut named, mut waiting) = (spot.also, false, Vec::new());
        for _ in 0..count / 3 {
            let start = self.tree.syntax.at();
            let key = self.position()?;
            let role = if nested { Role::of(self.words(key)) } else { Role::Other };
            let path = self.path(key, spot.path);
            let beside = also.filter(|_| role == Role::Value);
            let (depth, entry) = (spot.depth + 1, Some(start));
            let said = self.value(&Spot { path, depth, entry, in_list: false, also: beside, ..spot.clone() })?;
            match (role, said) {
                (Role::Name, Said::Text(index)) if !named => {
                    named = true;
                    also = self.named_by(index, spot.path).or(also);
                }
                (Role::Value, said) if !named => waiting.push(said),
                (Role::Name | Role::Value | Role::Other, Said::Text(_) | Said::Number(..) | Said::Other) => {}
            }
        }
        // The name came behind what it names.
        let Some(path) = also.filter(|_| named) else { return Ok(()) };
        for said in waiting {
            match said {
                Said::Text(index) => self.asked.push((index, path)),
                Said::Number(value, change) => {
                    self.tree.number_at(value, change, &Spot { path, also: None, ..spot.clone() });
                }
                Said::Other => {}
            }
        }
        Ok(())
    }

    /// A kind and a value.
    fn value(&mut self, spot: &Spot) -> Result<Said, WalkError> {
        let start = self.tree.syntax.at();
        if spot.depth > MAX_VALUES {
            self.too_deep()?;
            return Ok(Said::Other);
        }
        let kind = self.head()?;
        match Kind::of(&kind) {
            None => self.broken(),
            Some(Kind::Text) => {
                let index = self.position()?;
                self.asked.push((index, spot.path));
                self.asked.extend(spot.also.map(|path| (index, path)));
                Ok(Said::Text(index))
            }
            Some(Kind::Truth) => match self.head()? {
                Head::Plain => Ok(Said::Other),
                Head::Map(_)
                | Head::List(_)
                | Head::Text(_)
                | Head::Bytes(_)
                | Head::Extension(..)
                | Head::Number(_) => self.broken(),
            },
            Some(Kind::Number) => {
                let Head::Number(value) = self.head()? else { return self.broken() };
                let end = self.tree.syntax.at();
                let change = match spot.entry {
                    Some(entry) => Change::Remove(entry..end),
                    None => Change::Written(start..end, NOTHING),
                };
                self.tree.number_at(value, change.clone(), spot);
                Ok(Said::Number(value, change))
            }
            Some(Kind::Bytes) => {
                let Head::Bytes(content) = self.head()? else { return self.broken() };
                self.tree.packed(content, spot)?;
                Ok(Said::Other)
            }
            Some(Kind::List) => {
                self.values(spot)?;
                Ok(Said::Other)
            }
            Some(Kind::Map) => {
                self.attributes(spot, true)?;
                Ok(Said::Other)
            }
        }
    }

    /// Passes over a value that nests too deep, and has it go. The texts in it have their positions nevertheless, and are looked
    /// at for what else is written by them.
    fn too_deep(&mut self) -> Result<(), WalkError> {
        let start = self.tree.syntax.at();
        let kind = self.head()?;
        let at = self.tree.syntax.at();
        let (value, _) = head(self.source, at, self.source.len())?;
        let text = self.strings.position(at, &value).filter(|_| Kind::of(&kind) == Some(Kind::Text));
        self.tree.syntax.skip()?;
        // What an earlier scrub put here stays.
        if text.is_none_or(|index| self.words(index) != UNSCANNED) {
            self.tree.out.walked.changes.push(Change::Written(start..self.tree.syntax.at(), UNSCANNED));
            self.tree.out.walked.too_deep += 1;
        }
        Ok(())
    }

    /// A list. An option gives the item behind it a key: `--ssn 536228147`. Short texts may be pieces of one.
    fn values(&mut self, spot: &Spot) -> Result<(), WalkError> {
        let count = self.list()?;
        if !count.is_multiple_of(2) {
            return self.broken();
        }
        let (mut named, mut pieces): (Option<PathId>, Vec<usize>) = (None, Vec::new());
        for _ in 0..count / 2 {
            let name = self.option()?;
            let also = named.take().filter(|_| name.is_none()).or(spot.also);
            let below = Spot { depth: spot.depth + 1, entry: None, in_list: true, also, ..spot.clone() };
            match self.value(&below)? {
                Said::Text(index) if (1..=MAX_PIECE).contains(&self.words(index).len()) => pieces.push(index),
                Said::Text(_) | Said::Number(..) | Said::Other => {}
            }
            named = name.and_then(|index| self.named_by(index, spot.path));
        }
        let apart: HashSet<usize> = pieces.iter().copied().collect();
        if pieces.len() > 1 && pieces.len() == count / 2 && apart.len() == pieces.len() {
            self.lists.push(pieces);
        }
        Ok(())
    }

    /// The text at the cursor, if it is an option.
    fn option(&mut self) -> Result<Option<usize>, WalkError> {
        let start = self.tree.syntax.at();
        let kind = self.head()?;
        let at = self.tree.syntax.at();
        let (value, _) = head(self.source, at, self.source.len())?;
        self.tree.syntax.seek(start);
        let text = self.strings.position(at, &value).filter(|_| Kind::of(&kind) == Some(Kind::Text));
        Ok(text.filter(|index| option(self.words(*index)).is_some()))
    }

    /// The path of a key. Its text is looked at like all others.
    fn path(&mut self, index: usize, parent: PathId) -> PathId {
        let range = self.strings.texts.get(index).cloned().unwrap_or_default();
        self.child(parent, range)
    }

    fn child(&mut self, parent: PathId, range: Range<usize>) -> PathId {
        let out = &mut *self.tree.out;
        let (path, new) = out.paths.child(parent, self.source.get(range).unwrap_or(&[]), out.keys);
        if new == (out.share == Share::Unknown) {
            out.walked.table_keys.push(path);
        }
        path
    }

    /// The path below `parent` that a text stands for, if it says anything.
    fn named_by(&mut self, index: usize, parent: PathId) -> Option<PathId> {
        let words = self.words(index);
        let name = option(words).or(Some(words).filter(|words| is_key(words)))?;
        let end = self.strings.texts.get(index)?.end;
        let path = self.child(parent, end.checked_sub(name.len())?..end);
        let meaning = self.tree.out.paths.meaning(path);
        (!meaning.rules.is_empty() || !meaning.nearby.is_empty()).then_some(path)
    }

    /// The texts themselves, now that it is known what leads to them.
    fn texts(&mut self) -> Result<(), WalkError> {
        let says = |path: PathId| {
            let meaning = self.tree.out.paths.meaning(path);
            !meaning.rules.is_empty() || !meaning.nearby.is_empty() || meaning.class == KeyClass::Statement
        };
        let mut asked: Vec<(usize, PathId)> = self.asked.iter().copied().filter(|(_, path)| says(*path)).collect();
        // In the order of the source, and each but once.
        asked.sort_by_key(|(index, _)| *index);
        asked.dedup();
        let mut asked = asked.into_iter().peekable();
        let pieces: HashSet<usize> = self.lists.iter().flatten().copied().collect();
        let mut segments = Vec::with_capacity(self.strings.texts.len());
        for (index, range) in std::mem::take(&mut self.strings.texts).into_iter().enumerate() {
            let mut paths = std::iter::from_fn(|| asked.next_if(|(other, _)| *other == index).map(|(_, path)| path));
            let first = paths.next();
            let more: Vec<PathId> = paths.collect();
            let spot = Spot {
                path: first.unwrap_or(ROOT),
                also: more.first().copied(),
                in_list: pieces.contains(&index),
                ..Spot::root(Place::StringTable)
            };
            let text = Text { range, escaped: false, broken: false };
            let segment = self.tree.text(&text, &spot, true)?;
            segments.push(segment);
            if let Some(segment) = segment {
                self.tree.out.walked.also.extend(more.iter().skip(1).map(|path| (segment, *path)));
            }
        }
        let walked = &mut *self.tree.out.walked;
        for list in &self.lists {
            let texts: Vec<u32> = list.iter().filter_map(|index| segments.get(*index).copied().flatten()).collect();
            if texts.len() == list.len() {
                let from = walked.pieces.len();
                walked.pieces.extend(texts);
                walked.runs.push(Run { texts: from..walked.pieces.len(), list: true });
            }
        }
        Ok(())
    }
}
