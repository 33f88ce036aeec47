//! The loop over a document: every key and every value, duplicates too, because what is forwarded is bytes and the next
//! reader may choose differently.

use super::shape::{Map, Node};
use super::{MAX_VALUES, Open, Syntax, Text, Token, is_id, is_statement, is_time};
use crate::contents::{Run, continues};
use crate::mark;
use crate::pack::KeyClass;
use crate::tape::{Marks, Origin, PathId, Place, ROOT, Role, is_key, option};
use crate::walk::datadog::is_sketch;
use crate::walk::otlp::is_trace_id;
use crate::walk::{Change, Malformed, Number, Out, SMALLEST, Share, Trails, Value, WalkError, leads_on};
use std::ops::Range;

/// The longest item of a list that may be a piece of a text.
pub(super) const MAX_PIECE: usize = 24;

/// A walk over one document.
pub(super) struct Tree<'w, 'o, S> {
    pub(super) syntax: S,
    pub(super) out: &'w mut Out<'o>,
    /// Texts that may go on in the next record.
    pub(super) trails: Trails<Text>,
}

impl<'w, 'o, S> Tree<'w, 'o, S> {
    pub(super) fn new(syntax: S, out: &'w mut Out<'o>) -> Self {
        Self { syntax, out, trails: Trails::default() }
    }
}

/// Where a value stands.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) path: PathId,
    pub(super) place: Place,
    /// How many values enclose it.
    pub(super) depth: u32,
    /// Where the entry of a map begins whose value it is.
    pub(super) entry: Option<usize>,
    /// Whether it is one of a list: what it means may hang on its neighbours.
    pub(super) in_list: bool,
    /// What a text beside it says that it is: a path some rule asks for.
    pub(super) also: Option<PathId>,
}

impl<S: Syntax> Tree<'_, '_, S> {
    /// The whole document, and nothing behind it.
    pub(super) fn document(mut self, (node, place): (&'static Node, Place)) -> Result<(), WalkError> {
        // What holds nothing is an empty request.
        if self.syntax.ended() {
            return Ok(());
        }
        self.value(node, &Spot::root(place))?;
        if !self.syntax.ended() {
            return Err(Malformed { offset: self.syntax.at() }.into());
        }
        self.out.walked.records = self.out.walked.records.max(1);
        Ok(())
    }

    pub(super) fn value(&mut self, node: &'static Node, spot: &Spot) -> Result<(), WalkError> {
        if self.too_deep(spot)? {
            return Ok(());
        }
        if let Node::Goes = node {
            return self.goes();
        }
        let token = self.syntax.token()?;
        self.take(token, node, spot)
    }

    fn goes(&mut self) -> Result<(), WalkError> {
        let start = self.syntax.at();
        self.syntax.skip()?;
        let range = start..self.syntax.at();
        if self.syntax.source().get(range.clone()) != Some(S::NOTHING) {
            self.out.walked.changes.push(Change::Written(range, S::NOTHING));
        }
        Ok(())
    }

    /// Passes over a value that nests too deep, and has it go.
    fn too_deep(&mut self, spot: &Spot) -> Result<bool, WalkError> {
        if spot.depth <= MAX_VALUES {
            return Ok(false);
        }
        let start = self.syntax.at();
        self.syntax.skip()?;
        let range = start..self.syntax.at();
        // What an earlier scrub put here stays.
        if self.syntax.source().get(range.clone()) != Some(S::UNSCANNED) {
            self.out.walked.changes.push(Change::Written(range, S::UNSCANNED));
            self.out.walked.too_deep += 1;
        }
        Ok(true)
    }

    fn take(&mut self, token: Token, node: &'static Node, spot: &Spot) -> Result<(), WalkError> {
        match (token, node) {
            (Token::Map(open), Node::Map(map)) => self.known(map, open, spot),
            (token @ Token::Map(_), Node::List(item)) => self.take(token, item, spot),
            (Token::Map(open), _) => self.map(open, spot),
            (Token::List(open), Node::List(item)) => self.items(open, item, spot),
            (Token::List(open), Node::Map(_)) => self.items(open, node, spot),
            (Token::List(open), Node::Pairs) => self.pairs(open, spot),
            (Token::List(open), _) => self.list(open, spot),
            (Token::Text(text), Node::Id) if is_id(self.syntax.words(&text)) => Ok(()),
            (Token::Text(text), Node::Time) if is_time(self.syntax.words(&text)) => Ok(()),
            (Token::Text(text), Node::Statement) if is_statement(self.syntax.words(&text)) => {
                let (path, _) = self.out.paths.child(ROOT, b"db.statement", self.out.keys);
                self.text(&text, &Spot { path, ..spot.clone() }, true).map(drop)
            }
            (Token::Text(text), _) => self.text(&text, spot, true).map(drop),
            (Token::Bytes(content), Node::Packed) => self.packed(content, spot),
            (Token::Bytes(content), Node::Sketch) if is_sketch(self.syntax.source(), content.clone()) => Ok(()),
            (Token::Bytes(content), _) => self.bytes(content, spot),
            (Token::Number(..), Node::Keep(_) | Node::Id | Node::Time) | (Token::Plain, _) => Ok(()),
            (Token::Number(value, range), _) => {
                self.number(value, range, spot);
                Ok(())
            }
        }
    }

    /// A map whose keys its format names. Those say what stands below them, and are nobody's name.
    fn known(&mut self, map: &'static Map, mut open: Open, spot: &Spot) -> Result<(), WalkError> {
        self.out.walked.records += u64::from(map.record);
        while self.syntax.next(&mut open, true)? {
            let start = self.syntax.at();
            let key = self.syntax.key()?;
            let entry = match &key {
                Token::Text(text) => map.entry(self.syntax.words(text)),
                Token::Map(_) | Token::List(_) | Token::Bytes(_) | Token::Number(..) | Token::Plain => None,
            };
            let Some(entry) = entry else {
                self.entry(start, &key, &map.rest, spot, None)?;
                continue;
            };
            let path = match entry.says {
                Some(says) => self.out.paths.child(spot.path, says.as_bytes(), self.out.keys).0,
                None => spot.path,
            };
            let place = entry.place.unwrap_or(spot.place);
            let below = Spot { path, place, depth: spot.depth + 1, entry: Some(start), in_list: false, also: None };
            self.value(&entry.node, &below)?;
        }
        Ok(())
    }

    /// A key that is data, and what stands below it.
    fn entry(
        &mut self,
        start: usize,
        key: &Token,
        node: &'static Node,
        spot: &Spot,
        also: Option<PathId>,
    ) -> Result<(), WalkError> {
        let path = match key {
            Token::Text(text) => self.key(text, spot.path)?,
            Token::Number(value, _) => {
                let end = self.end_of_value()?;
                self.number_at(*value, Change::Remove(start..end), spot);
                spot.path
            }
            Token::Map(_) | Token::List(_) | Token::Bytes(_) | Token::Plain => {
                return Err(Malformed { offset: start }.into());
            }
        };
        let below = Spot { path, depth: spot.depth + 1, entry: Some(start), in_list: false, also, ..spot.clone() };
        self.value(node, &below)
    }

    /// Where the value at the cursor ends.
    fn end_of_value(&mut self) -> Result<usize, Malformed> {
        let at = self.syntax.at();
        self.syntax.skip()?;
        let end = self.syntax.at();
        self.syntax.seek(at);
        Ok(end)
    }

    /// A map. A name in it gives the value beside it a key: `{name: "patient.name", value: ..}`.
    fn map(&mut self, mut open: Open, spot: &Spot) -> Result<(), WalkError> {
        let (mut also, mut named, mut ahead) = (spot.also, false, None);
        while self.syntax.next(&mut open, true)? {
            let start = self.syntax.at();
            let key = self.syntax.key()?;
            if ahead == Some(start) {
                self.syntax.skip()?;
                continue;
            }
            match self.role(&key) {
                Role::Name if !named => {
                    named = true;
                    also = self.name(start, &key, spot)?.or(also);
                }
                Role::Value => {
                    // The name goes first: whether its text is new shows when it is walked.
                    if !named {
                        named = true;
                        let at = self.syntax.at();
                        if let Some((start, key)) = self.name_ahead(open.clone())? {
                            also = self.name(start, &key, spot)?.or(also);
                            ahead = Some(start);
                        }
                        self.syntax.seek(at);
                    }
                    self.entry(start, &key, &Node::Any, spot, also)?;
                }
                Role::Name | Role::Other => self.entry(start, &key, &Node::Any, spot, None)?,
            }
        }
        Ok(())
    }

    fn role(&mut self, key: &Token) -> Role {
        match key {
            Token::Text(text) => Role::of(self.syntax.words(text)),
            Token::Map(_) | Token::List(_) | Token::Bytes(_) | Token::Number(..) | Token::Plain => Role::Other,
        }
    }

    /// Walks an entry that names others; the path its text stands for, if that says anything.
    fn name(&mut self, start: usize, key: &Token, spot: &Spot) -> Result<Option<PathId>, WalkError> {
        let at = self.syntax.at();
        let text = match self.syntax.token()? {
            Token::Text(text) => Some(text).filter(|text| is_key(self.syntax.words(text))),
            Token::Map(_) | Token::List(_) | Token::Bytes(_) | Token::Number(..) | Token::Plain => None,
        };
        self.syntax.seek(at);
        self.entry(start, key, &Node::Any, spot, None)?;
        Ok(text.and_then(|text| self.named_by(&text, spot.path)))
    }

    /// The first entry further on that names a value. The cursor is at a value; where it is then is nobody's promise.
    fn name_ahead(&mut self, mut open: Open) -> Result<Option<(usize, Token)>, WalkError> {
        self.syntax.skip()?;
        while self.syntax.next(&mut open, true)? {
            let start = self.syntax.at();
            let key = self.syntax.key()?;
            if self.role(&key) == Role::Name {
                return Ok(Some((start, key)));
            }
            self.syntax.skip()?;
        }
        Ok(None)
    }

    /// The path below `parent` that a text stands for which has just been walked, if it says anything.
    fn named_by(&mut self, text: &Text, parent: PathId) -> Option<PathId> {
        let words = self.syntax.words(text);
        let (path, new) = self.out.paths.child(parent, option(words).unwrap_or(words), self.out.keys);
        // A text that is not on the tape is known to be clean.
        let last = self.out.tape.segments().len().checked_sub(1).and_then(|last| u32::try_from(last).ok());
        if (new || self.out.share == Share::PassedOver)
            && let Some(number) = last
        {
            let here = u32::try_from(text.range.start).ok();
            let origin = self.out.tape.segment(number).map(|segment| segment.origin);
            if let Some(Origin::Source { at, len: _, utf8: _ }) = origin
                && Some(at) == here
            {
                self.out.walked.new_keys.push((path, number));
            }
        }
        let meaning = self.out.paths.meaning(path);
        (!meaning.rules.is_empty() || !meaning.nearby.is_empty()).then_some(path)
    }

    /// A list whose items its format names.
    fn items(&mut self, mut open: Open, item: &'static Node, spot: &Spot) -> Result<(), WalkError> {
        let below = Spot { depth: spot.depth + 1, entry: None, in_list: true, ..spot.clone() };
        while self.syntax.next(&mut open, false)? {
            self.value(item, &below)?;
        }
        Ok(())
    }

    /// A list of keys and values, `[["x-patient", ".."], ..]`; what is no such pair is an item like any.
    fn pairs(&mut self, mut open: Open, spot: &Spot) -> Result<(), WalkError> {
        let below = Spot { depth: spot.depth + 1, entry: None, in_list: true, ..spot.clone() };
        while self.syntax.next(&mut open, false)? {
            let start = self.syntax.at();
            let is_pair = self.is_pair()?;
            self.syntax.seek(start);
            if !is_pair || self.too_deep(&Spot { depth: below.depth + 1, ..below.clone() })? {
                self.value(&Node::Any, &below)?;
                continue;
            }
            let Token::List(mut pair) = self.syntax.token()? else { continue };
            self.syntax.next(&mut pair, false)?;
            let Token::Text(key) = self.syntax.token()? else { continue };
            let path = self.key(&key, spot.path)?;
            self.syntax.next(&mut pair, false)?;
            let value = Spot { path, depth: below.depth + 1, in_list: false, ..below.clone() };
            self.value(&Node::Any, &value)?;
            self.syntax.next(&mut pair, false)?;
        }
        Ok(())
    }

    /// Whether a list of two stands at the cursor, a text and another value.
    fn is_pair(&mut self) -> Result<bool, Malformed> {
        let Token::List(mut pair) = self.syntax.token()? else { return Ok(false) };
        if !self.syntax.next(&mut pair, false)? || !matches!(self.syntax.token()?, Token::Text(_)) {
            return Ok(false);
        }
        if !self.syntax.next(&mut pair, false)? {
            return Ok(false);
        }
        self.syntax.skip()?;
        Ok(!self.syntax.next(&mut pair, false)?)
    }

    /// A list. An option gives the item behind it a key: `--ssn 536228147`. Short texts may be pieces of one.
    fn list(&mut self, mut open: Open, spot: &Spot) -> Result<(), WalkError> {
        let below = Spot { depth: spot.depth + 1, entry: None, in_list: true, ..spot.clone() };
        let mut named = None;
        let (first, mut pieces) = (self.out.walked.pieces.len(), true);
        while self.syntax.next(&mut open, false)? {
            if self.too_deep(&below)? {
                pieces = false;
                continue;
            }
            let token = self.syntax.token()?;
            let text = match &token {
                Token::Text(text) => Some(text.clone()),
                Token::Map(_) | Token::List(_) | Token::Bytes(_) | Token::Number(..) | Token::Plain => None,
            };
            let is_option = text.as_ref().is_some_and(|text| option(self.syntax.words(text)).is_some());
            // An option has no value if another one comes next.
            let also = named.take().filter(|_| !is_option).or(spot.also);
            let next = self.out.tape.segments().len();
            self.take(token, &Node::Any, &Spot { also, ..below.clone() })?;
            pieces &= text.as_ref().is_some_and(|text| text.range.len() <= MAX_PIECE);
            if pieces && self.out.tape.segments().len() == next + 1 {
                self.out.walked.pieces.extend(u32::try_from(next));
            }
            named = text.filter(|_| is_option).and_then(|text| self.named_by(&text, spot.path));
        }
        let texts = first..self.out.walked.pieces.len();
        if pieces && texts.len() > 1 {
            self.out.walked.runs.push(Run { texts, list: true });
        }
        Ok(())
    }

    /// A document within this one; bytes that are none are bytes.
    pub(super) fn packed(&mut self, content: Range<usize>, spot: &Spot) -> Result<(), WalkError> {
        let Some(syntax) = self.syntax.within(&content) else { return self.bytes(content, spot) };
        let below = Spot { depth: spot.depth + 1, entry: None, ..spot.clone() };
        Tree::new(syntax, self.out).value(&Node::Any, &below)
    }

    pub(super) fn bytes(&mut self, content: Range<usize>, spot: &Spot) -> Result<(), WalkError> {
        self.text(&Text { range: content, escaped: false, broken: false }, spot, false).map(drop)
    }

    pub(super) fn number(&mut self, value: Value, range: Range<usize>, spot: &Spot) {
        let change = match spot.entry {
            Some(start) if S::ENTRIES_GO => Change::Remove(start..range.end),
            Some(_) | None => Change::Written(range, S::NOTHING),
        };
        self.number_at(value, change, spot);
    }

    pub(super) fn number_at(&mut self, value: Value, change: Change, spot: &Spot) {
        for path in [Some(spot.path), spot.also].into_iter().flatten() {
            let asked = !self.out.paths.meaning(path).rules.is_empty();
            if !asked {
                self.out.pass_number(value);
            }
            let wanted = match self.out.share {
                Share::Unknown => asked,
                Share::PassedOver => !asked && value.is_at_least(SMALLEST),
            };
            if wanted {
                self.out.walked.numbers.push(Number { path, value, place: spot.place, change: change.clone() });
            }
        }
    }

    fn key(&mut self, text: &Text, parent: PathId) -> Result<PathId, WalkError> {
        let words = self.syntax.words(text);
        let (path, new) = self.out.paths.child(parent, words, self.out.keys);
        // What a mark is called is nobody's name, whatever rules there are.
        if !words.is_empty() && words != mark::KEY.as_bytes() && self.out.takes_key(new, path, || None) {
            let segment = self.push(text, parent, Place::Key, true)?;
            self.out.walked.new_keys.push((path, segment));
        }
        Ok(path)
    }

    pub(super) fn text(&mut self, text: &Text, spot: &Spot, utf8: bool) -> Result<Option<u32>, WalkError> {
        if text.range.is_empty() {
            return Ok(None);
        }
        let words = self.syntax.words(text);
        let meaning = self.out.paths.meaning(spot.path);
        if meaning.class == KeyClass::Kept && is_trace_id(words)
            || meaning.class == KeyClass::Mark && self.out.vocabulary.is_mark(words)
        {
            return Ok(None);
        }
        let (keyed, nearby) = (!meaning.rules.is_empty(), !meaning.nearby.is_empty());
        // What goes on is read once, by the first walk.
        let trails = self.out.share == Share::Unknown && utf8 && !spot.in_list;
        let trailed = trails && leads_on(spot.place);
        let before = if trailed { self.goes_on(text, spot)? } else { None };
        let (mut print, mut known) = (None, false);
        if let Some(memo) = self.out.memo
            && !(keyed || nearby || spot.in_list || spot.also.is_some() || before.is_some() || text.broken)
        {
            let words = self.syntax.words(text);
            let of_text = memo.print(spot.place, utf8, self.out.paths.print(spot.path), words);
            known = memo.knows(of_text);
            print = Some(of_text);
        }
        if !self.out.takes(known, print, || None) {
            if trailed {
                self.trails.follow(spot.path, spot.place, text.clone(), None);
            }
            return Ok(None);
        }
        let segment = self.push(text, spot.path, spot.place, utf8)?;
        if trailed {
            self.trails.follow(spot.path, spot.place, text.clone(), Some(segment));
        }
        if let Some(before) = before {
            self.out.walked.link(before, segment);
        }
        self.out.walked.unknown.extend(print.map(|print| (segment, print)));
        if keyed {
            self.out.walked.keyed.push((segment, None));
        }
        if nearby {
            self.out.walked.nearby.push(segment);
        }
        self.out.walked.also.extend(spot.also.map(|path| (segment, path)));
        Ok(Some(segment))
    }

    /// The text of the record before that goes on in this one, if one does: put on the tape by now.
    fn goes_on(&mut self, text: &Text, spot: &Spot) -> Result<Option<u32>, WalkError> {
        let Some(trail) = self.trails.before(spot.path, spot.place) else { return Ok(None) };
        let goes_on = if trail.text.escaped || text.escaped {
            let before = self.syntax.words(&trail.text).to_vec();
            continues(&before, self.syntax.words(text))
        } else {
            let written = |text: &Text| self.syntax.source().get(text.range.clone()).unwrap_or(&[]);
            continues(written(&trail.text), written(text))
        };
        if !goes_on {
            return Ok(None);
        }
        match trail.segment {
            Some(segment) => Ok(Some(segment)),
            None => self.push(&trail.text, spot.path, spot.place, true).map(Some),
        }
    }

    fn push(&mut self, text: &Text, path: PathId, place: Place, utf8: bool) -> Result<u32, WalkError> {
        let at = u32::try_from(text.range.start).map_err(|_| WalkError::TapeFull)?;
        let len = u32::try_from(text.range.len()).map_err(|_| WalkError::TapeFull)?;
        let segment = self.out.tape.push(self.syntax.words(text), path, place, Origin::Source { at, len, utf8 })?;
        if text.broken {
            self.out.tape.mark(segment, Marks::MENDED);
        }
        Ok(segment)
    }
}
