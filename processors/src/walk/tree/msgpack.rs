//! MessagePack, read where it stands.

use super::{MAX_SKIPPED, Open, Syntax, Text, Token};
use crate::walk::{Malformed, Value};
use std::ops::Range;

/// A value of MessagePack, of a map or list the beginning.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Head {
    /// How many entries follow.
    Map(usize),
    /// How many items follow.
    List(usize),
    /// Its content.
    Text(Range<usize>),
    /// Its content.
    Bytes(Range<usize>),
    /// Its type and its content.
    Extension(u8, Range<usize>),
    Number(Value),
    /// Nil, true, false.
    Plain,
}

/// The type of an extension that is a point in time.
const TIMESTAMP: u8 = 0xFF;

/// Reads the value at `at` of a document that ends at `end`; returns it and where the next one begins.
pub(crate) fn head(source: &[u8], at: usize, end: usize) -> Result<(Head, usize), Malformed> {
    let broken = Malformed { offset: at };
    let first = *source.get(at).filter(|_| at < end).ok_or(broken)?;
    let next = at + 1;
    // A number of so many bytes, big end first.
    let number = |at: usize, len: usize| -> Result<u64, Malformed> {
        let bytes = source.get(at..at + len).filter(|_| at + len <= end).ok_or(broken)?;
        Ok(bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    };
    let content = |start: usize, len: u64| -> Result<Range<usize>, Malformed> {
        let len = usize::try_from(len).map_err(|_| broken)?;
        let range = start..start.checked_add(len).ok_or(broken)?;
        if range.end <= end { Ok(range) } else { Err(broken) }
    };
    // Each entry takes a byte at least: who announces more lies.
    let count = |start: usize, count: u64, least: usize| -> Result<usize, Malformed> {
        let count = usize::try_from(count).map_err(|_| broken)?;
        if count <= end.saturating_sub(start) / least { Ok(count) } else { Err(broken) }
    };
    let sized = |len: usize| -> Result<Range<usize>, Malformed> { content(next + len, number(next, len)?) };
    let signed = |len: usize| -> Result<i64, Malformed> {
        let shift = 64 - 8 * u32::try_from(len).map_err(|_| broken)?;
        Ok((number(next, len)? << shift).cast_signed() >> shift)
    };
    let (head, after) = match first {
        0x00..=0x7F => (Head::Number(Value::Int(i64::from(first))), next),
        0x80..=0x8F => (Head::Map(count(next, u64::from(first & 0x0F), 2)?), next),
        0x90..=0x9F => (Head::List(count(next, u64::from(first & 0x0F), 1)?), next),
        0xA0..=0xBF => {
            let range = content(next, u64::from(first & 0x1F))?;
            (Head::Text(range.clone()), range.end)
        }
        0xC0 | 0xC2 | 0xC3 => (Head::Plain, next),
        0xC1 => return Err(broken),
        0xC4..=0xC6 => {
            let range = sized(1 << (first - 0xC4))?;
            (Head::Bytes(range.clone()), range.end)
        }
        0xC7..=0xC9 => {
            let len = 1 << (first - 0xC7);
            extension(source, next + len, content(next + len + 1, number(next, len)?)?).ok_or(broken)?
        }
        0xCA => {
            let bits = u32::try_from(number(next, 4)?).map_err(|_| broken)?;
            (Head::Number(Value::Double(f64::from(f32::from_bits(bits)))), next + 4)
        }
        0xCB => (Head::Number(Value::Double(f64::from_bits(number(next, 8)?))), next + 8),
        0xCC..=0xCF => {
            let len = 1 << (first - 0xCC);
            let value = number(next, len)?;
            (Head::Number(i64::try_from(value).map_or(Value::Natural(value), Value::Int)), next + len)
        }
        0xD0..=0xD3 => {
            let len = 1 << (first - 0xD0);
            (Head::Number(Value::Int(signed(len)?)), next + len)
        }
        0xD4..=0xD8 => extension(source, next, content(next + 1, 1 << (first - 0xD4))?).ok_or(broken)?,
        0xD9..=0xDB => {
            let range = sized(1 << (first - 0xD9))?;
            (Head::Text(range.clone()), range.end)
        }
        0xDC | 0xDD => {
            let len = if first == 0xDC { 2 } else { 4 };
            (Head::List(count(next + len, number(next, len)?, 1)?), next + len)
        }
        0xDE | 0xDF => {
            let len = if first == 0xDE { 2 } else { 4 };
            (Head::Map(count(next + len, number(next, len)?, 2)?), next + len)
        }
        0xE0..=0xFF => (Head::Number(Value::Int(i64::from(first.cast_signed()))), next),
    };
    Ok((head, after))
}

fn extension(source: &[u8], kind: usize, content: Range<usize>) -> Option<(Head, usize)> {
    let end = content.end;
    Some((Head::Extension(*source.get(kind)?, content), end))
}

/// Where the value at `at` ends.
pub(crate) fn skip_value(source: &[u8], at: usize, end: usize) -> Result<usize, Malformed> {
    let mut at = at;
    // How many values are to come, of each that is open.
    let mut left: Vec<usize> = Vec::new();
    loop {
        let (head, after) = head(source, at, end)?;
        at = after;
        match head {
            Head::Map(count) => left.push(count * 2),
            Head::List(count) => left.push(count),
            Head::Text(_) | Head::Bytes(_) | Head::Extension(..) | Head::Number(_) | Head::Plain => {}
        }
        if left.len() > MAX_SKIPPED {
            return Err(Malformed { offset: at });
        }
        while left.last() == Some(&0) {
            left.pop();
        }
        let Some(last) = left.last_mut() else { return Ok(at) };
        *last -= 1;
    }
}

/// Whether all keys of a document are such that its walk reads them: texts and numbers.
fn keys_are_read(source: &[u8], document: Range<usize>) -> Result<bool, Malformed> {
    let mut at = document.start;
    // Of each map and list that is open, how many values are to come, and whether every second is a key.
    let mut open: Vec<(usize, bool)> = Vec::new();
    while at < document.end {
        let (head, after) = head(source, at, document.end)?;
        at = after;
        let is_key = open.last().is_some_and(|(left, of_map)| *of_map && left % 2 == 0);
        if let Some((left, _)) = open.last_mut() {
            *left -= 1;
        }
        match head {
            Head::Map(_) | Head::List(_) | Head::Plain if is_key => return Ok(false),
            Head::Map(count) => open.push((count * 2, true)),
            Head::List(count) => open.push((count, false)),
            Head::Text(_) | Head::Bytes(_) | Head::Extension(..) | Head::Number(_) | Head::Plain => {}
        }
        while open.last().is_some_and(|(left, _)| *left == 0) {
            open.pop();
        }
    }
    Ok(true)
}

/// A cursor in a document.
#[derive(Debug)]
pub(super) struct Msgpack<'s> {
    source: &'s [u8],
    at: usize,
    end: usize,
}

impl<'s> Msgpack<'s> {
    pub(super) fn new(source: &'s [u8], range: Range<usize>) -> Self {
        Self { source, at: range.start, end: range.end }
    }
}

impl Syntax for Msgpack<'_> {
    const NOTHING: &'static [u8] = b"\xC0";
    const UNSCANNED: &'static [u8] = b"\xAB[UNSCANNED]";
    const ENTRIES_GO: bool = true;

    fn source(&self) -> &[u8] {
        self.source
    }

    fn at(&self) -> usize {
        self.at
    }

    fn seek(&mut self, at: usize) {
        self.at = at;
    }

    fn token(&mut self) -> Result<Token, Malformed> {
        let start = self.at;
        let (head, after) = head(self.source, start, self.end)?;
        self.at = after;
        let text = |range| Text { range, escaped: false, broken: false };
        Ok(match head {
            Head::Map(left) => Token::Map(Open { left, begun: false }),
            Head::List(left) => Token::List(Open { left, begun: false }),
            Head::Text(range) => Token::Text(text(range)),
            Head::Extension(TIMESTAMP, range) if matches!(range.len(), 4 | 8 | 12) => Token::Plain,
            Head::Bytes(range) | Head::Extension(_, range) => Token::Bytes(range),
            Head::Number(value) => Token::Number(value, start..after),
            Head::Plain => Token::Plain,
        })
    }

    fn next(&mut self, open: &mut Open, _of_map: bool) -> Result<bool, Malformed> {
        open.begun = true;
        let some = open.left > 0;
        open.left -= usize::from(some);
        Ok(some)
    }

    fn key(&mut self) -> Result<Token, Malformed> {
        Ok(match self.token()? {
            // Old writers know one type for texts and bytes.
            Token::Bytes(range) => Token::Text(Text { range, escaped: false, broken: false }),
            other @ (Token::Map(_) | Token::List(_) | Token::Text(_) | Token::Number(..) | Token::Plain) => other,
        })
    }

    fn skip(&mut self) -> Result<(), Malformed> {
        self.at = skip_value(self.source, self.at, self.end)?;
        Ok(())
    }

    fn words(&mut self, text: &Text) -> &[u8] {
        self.source.get(text.range.clone()).unwrap_or(&[])
    }

    fn ended(&mut self) -> bool {
        self.at >= self.end
    }

    fn within(&self, content: &Range<usize>) -> Option<Self> {
        let (head, _) = head(self.source, content.start, content.end).ok()?;
        let holds = matches!(head, Head::Map(_) | Head::List(_));
        let whole = skip_value(self.source, content.start, content.end).ok()? == content.end;
        let read = whole && keys_are_read(self.source, content.clone()).is_ok_and(|read| read);
        (holds && read).then_some(Self { source: self.source, at: content.start, end: content.end })
    }
}
