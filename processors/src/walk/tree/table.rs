//! Traces v0.5: a table of strings, and spans whose texts are positions in it.
//!
//! The table comes first and its users after it, so it is read twice: a string is looked at below every key that leads to
//! it, and goes for all of them if it goes for one.

use super::msgpack::Msgpack;
use super::read::{Spot, Tree};
use super::{Syntax as _, Text, Token, is_statement};
use crate::pack::KeyClass;
use crate::tape::{PathId, Place, ROOT};
use crate::walk::{Malformed, Out, Share, Value, WalkError};
use std::ops::Range;

/// How many values a span has.
const FIELDS: usize = 12;

struct Table<'w, 'o> {
    tree: Tree<'w, 'o, Msgpack<'w>>,
    /// The table.
    strings: Vec<Range<usize>>,
    /// Which of them stand below which keys.
    asked: Vec<(usize, PathId)>,
}

pub(super) fn walk<'w>(source: &'w [u8], out: &'w mut Out<'_>) -> Result<(), WalkError> {
    let syntax = Msgpack::new(source, 0..source.len());
    let mut table = Table { tree: Tree { syntax, out }, strings: Vec::new(), asked: Vec::new() };
    if table.tree.syntax.ended() {
        return Ok(());
    }
    if table.list()? != 2 {
        return table.broken();
    }
    for _ in 0..table.list()? {
        match table.tree.syntax.token()? {
            Token::Text(Text { range, escaped: _, broken: _ }) | Token::Bytes(range) => table.strings.push(range),
            Token::Map(_) | Token::List(_) | Token::Number(..) | Token::Plain => return table.broken(),
        }
    }
    for _ in 0..table.list()? {
        for _ in 0..table.list()? {
            table.span()?;
        }
    }
    if !table.tree.syntax.ended() {
        return table.broken();
    }
    table.texts()
}

impl Table<'_, '_> {
    fn broken<T>(&self) -> Result<T, WalkError> {
        Err(Malformed { offset: self.tree.syntax.at() }.into())
    }

    /// How many items the list at the cursor has.
    fn list(&mut self) -> Result<usize, WalkError> {
        match self.tree.syntax.token()? {
            Token::List(open) => Ok(open.left),
            Token::Map(_) | Token::Text(_) | Token::Bytes(_) | Token::Number(..) | Token::Plain => self.broken(),
        }
    }

    fn span(&mut self) -> Result<(), WalkError> {
        if self.list()? != FIELDS {
            return self.broken();
        }
        self.tree.out.walked.records += 1;
        for field in 0..FIELDS {
            match field {
                2 => {
                    let index = self.index()?;
                    if self.string(index).is_some_and(is_statement) {
                        let (path, _) = self.tree.out.paths.child(ROOT, b"db.statement", self.tree.out.keys);
                        self.asked.push((index, path));
                    }
                }
                0 | 1 | 11 => {
                    self.index()?;
                }
                9 => self.meta()?,
                10 => self.metrics()?,
                _ => {
                    self.number()?;
                }
            }
        }
        Ok(())
    }

    fn meta(&mut self) -> Result<(), WalkError> {
        for _ in 0..self.map()? {
            let key = self.index()?;
            let path = self.key(key);
            let value = self.index()?;
            self.asked.push((value, path));
        }
        Ok(())
    }

    fn metrics(&mut self) -> Result<(), WalkError> {
        for _ in 0..self.map()? {
            let start = self.tree.syntax.at();
            let key = self.index()?;
            let path = self.key(key);
            let (value, range) = self.number()?;
            let spot = Spot { path, entry: Some(start), ..Spot::root(Place::SpanAttribute) };
            self.tree.number(value, range, &spot);
        }
        Ok(())
    }

    fn map(&mut self) -> Result<usize, WalkError> {
        match self.tree.syntax.token()? {
            Token::Map(open) => Ok(open.left),
            Token::List(_) | Token::Text(_) | Token::Bytes(_) | Token::Number(..) | Token::Plain => self.broken(),
        }
    }

    fn number(&mut self) -> Result<(Value, Range<usize>), WalkError> {
        match self.tree.syntax.token()? {
            Token::Number(value, range) => Ok((value, range)),
            Token::Map(_) | Token::List(_) | Token::Text(_) | Token::Bytes(_) | Token::Plain => self.broken(),
        }
    }

    /// A position in the table.
    fn index(&mut self) -> Result<usize, WalkError> {
        let index = match self.number()?.0 {
            Value::Int(index) => usize::try_from(index).ok(),
            Value::Natural(_) | Value::Double(_) => None,
        };
        match index.filter(|index| *index < self.strings.len()) {
            Some(index) => Ok(index),
            None => self.broken(),
        }
    }

    fn string(&self, index: usize) -> Option<&[u8]> {
        self.tree.syntax.source().get(self.strings.get(index)?.clone())
    }

    /// The path of a key. Its text is looked at as a part of the table.
    fn key(&mut self, index: usize) -> PathId {
        let range = self.strings.get(index).cloned().unwrap_or_default();
        let Tree { syntax, out } = &mut self.tree;
        let (path, new) = out.paths.child(ROOT, syntax.source().get(range).unwrap_or(&[]), out.keys);
        if new == (out.share == Share::Unknown) {
            out.walked.table_keys.push(path);
        }
        path
    }

    /// The strings themselves, now that it is known what leads to them.
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
        for (index, range) in std::mem::take(&mut self.strings).into_iter().enumerate() {
            let mut paths = std::iter::from_fn(|| asked.next_if(|(other, _)| *other == index).map(|(_, path)| path));
            let first = paths.next();
            let more: Vec<PathId> = paths.collect();
            let spot =
                Spot { path: first.unwrap_or(ROOT), also: more.first().copied(), ..Spot::root(Place::StringTable) };
            let text = Text { range, escaped: false, broken: false };
            if let Some(segment) = self.tree.text(&text, &spot, true)? {
                self.tree.out.walked.also.extend(more.iter().skip(1).map(|path| (segment, *path)));
            }
        }
        Ok(())
    }
}
