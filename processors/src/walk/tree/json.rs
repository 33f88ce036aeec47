//! JSON, read where it stands. What a strict reader refuses is refused here: the next one may be strict.

use super::{MAX_SKIPPED, Open, Syntax, Text, Token};
use crate::walk::{Malformed, Value};
use std::ops::Range;

/// A cursor in a document.
#[derive(Debug)]
pub(super) struct Json<'s> {
    source: &'s [u8],
    at: usize,
    end: usize,
    /// The text that was asked for last, as it is read.
    words: Vec<u8>,
}

/// What follows a backslash, and what it stands for.
const ESCAPES: [(u8, u8); 8] =
    [(b'"', b'"'), (b'\\', b'\\'), (b'/', b'/'), (b'b', 8), (b'f', 12), (b'n', b'\n'), (b'r', b'\r'), (b't', b'\t')];

impl<'s> Json<'s> {
    pub(super) fn new(source: &'s [u8], range: Range<usize>) -> Self {
        let mut json = Self { source, at: range.start, end: range.end, words: Vec::new() };
        json.blank();
        json
    }

    fn peek(&self) -> Option<u8> {
        self.source.get(self.at).copied().filter(|_| self.at < self.end)
    }

    fn broken<T>(&self) -> Result<T, Malformed> {
        Err(Malformed { offset: self.at })
    }

    fn blank(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Malformed> {
        if self.peek() != Some(byte) {
            return self.broken();
        }
        self.at += 1;
        Ok(())
    }

    /// The string at the cursor, without its quotes.
    fn string(&mut self) -> Result<Text, Malformed> {
        self.expect(b'"')?;
        let start = self.at;
        let mut text = Text { range: start..start, escaped: false, broken: false };
        loop {
            let rest = self.source.get(self.at..self.end).unwrap_or(&[]);
            let ends = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
            let Some(offset) = rest.iter().position(ends) else { return self.broken() };
            self.at += offset;
            match self.peek() {
                Some(b'"') => {
                    text.range.end = self.at;
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => {
                    text.escaped = true;
                    let Some((char, len)) = self.escape_at(self.at) else { return self.broken() };
                    text.broken |= char.is_none();
                    self.at += len;
                }
                Some(_) | None => return self.broken(),
            }
        }
    }

    /// What the escape stands for, and how long it is; no character for half of a pair. `None` if it is no escape.
    fn escape_at(&self, at: usize) -> Option<(Option<char>, usize)> {
        let second = *self.source.get(at + 1).filter(|_| at + 1 < self.end)?;
        if second != b'u' {
            let known = ESCAPES.iter().find(|(written, _)| *written == second)?;
            return Some((Some(char::from(known.1)), 2));
        }
        let first = self.unit(at)?;
        if let Some(char) = char::from_u32(first) {
            return Some((Some(char), 6));
        }
        let low = self.unit(at + 6).filter(|low| first < 0xDC00 && (0xDC00..0xE000).contains(low));
        Some(match low {
            Some(low) => (char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (low - 0xDC00)), 12),
            None => (None, 6),
        })
    }

    /// The number in `\u0041`.
    fn unit(&self, at: usize) -> Option<u32> {
        let [b'\\', b'u', digits @ ..] = self.source.get(at..at + 6).filter(|_| at + 6 <= self.end)? else {
            return None;
        };
        digits.iter().try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?))
    }

    fn number(&mut self) -> Result<Token, Malformed> {
        let start = self.at;
        self.take(b'-');
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        let mut whole = true;
        if self.take(b'.') {
            whole = false;
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            whole = false;
            let _signed = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        let range = start..self.at;
        let text = self.source.get(range.clone()).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or("0");
        let value = match (whole, text.parse::<i64>(), text.parse::<u64>()) {
            (true, Ok(value), _) => Value::Int(value),
            (true, Err(_), Ok(value)) => Value::Natural(value),
            (true, Err(_), Err(_)) | (false, _, _) => Value::Double(text.parse().unwrap_or(0.0)),
        };
        Ok(Token::Number(value, range))
    }

    fn take(&mut self, byte: u8) -> bool {
        let is = self.peek() == Some(byte);
        self.at += usize::from(is);
        is
    }

    fn digits(&mut self) -> Result<(), Malformed> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start { self.broken() } else { Ok(()) }
    }

    fn word(&mut self) -> Result<Token, Malformed> {
        for word in [&b"null"[..], b"true", b"false"] {
            let end = self.at + word.len();
            if end <= self.end && self.source.get(self.at..end) == Some(word) {
                self.at = end;
                return Ok(Token::Plain);
            }
        }
        self.broken()
    }

    /// The value at the cursor; what means nothing behind it is left.
    fn read(&mut self) -> Result<Token, Malformed> {
        let open = Open { left: 0, begun: false };
        match self.peek() {
            Some(b'{') => {
                self.at += 1;
                Ok(Token::Map(open))
            }
            Some(b'[') => {
                self.at += 1;
                Ok(Token::List(open))
            }
            Some(b'"') => self.string().map(Token::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) | None => self.word(),
        }
    }
}

impl Syntax for Json<'_> {
    const NOTHING: &'static [u8] = b"null";
    const UNSCANNED: &'static [u8] = b"\"[UNSCANNED]\"";
    // Commas lie between entries and belong to none.
    const ENTRIES_GO: bool = false;

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
        self.read()
    }

    fn next(&mut self, open: &mut Open, of_map: bool) -> Result<bool, Malformed> {
        self.blank();
        let close = if of_map { b'}' } else { b']' };
        if self.take(close) {
            return Ok(false);
        }
        if open.begun {
            self.expect(b',')?;
            self.blank();
            if self.peek() == Some(close) {
                return self.broken();
            }
        }
        open.begun = true;
        Ok(true)
    }

    fn key(&mut self) -> Result<Token, Malformed> {
        let key = self.string()?;
        self.blank();
        self.expect(b':')?;
        self.blank();
        Ok(Token::Text(key))
    }

    fn skip(&mut self) -> Result<(), Malformed> {
        // Whether each that is open is a map, and how far it has been read.
        let mut opened: Vec<(bool, Open)> = Vec::new();
        loop {
            match self.read()? {
                Token::Map(open) => opened.push((true, open)),
                Token::List(open) => opened.push((false, open)),
                Token::Text(_) | Token::Bytes(_) | Token::Number(..) | Token::Plain => {}
            }
            if opened.len() > MAX_SKIPPED {
                return self.broken();
            }
            loop {
                let Some((of_map, open)) = opened.last_mut() else { return Ok(()) };
                let of_map = *of_map;
                if self.next(open, of_map)? {
                    if of_map {
                        self.key()?;
                    }
                    break;
                }
                opened.pop();
            }
        }
    }

    fn words(&mut self, text: &Text) -> &[u8] {
        if !text.escaped {
            return self.source.get(text.range.clone()).unwrap_or(&[]);
        }
        self.words.clear();
        let mut at = text.range.start;
        while at < text.range.end {
            let rest = self.source.get(at..text.range.end).unwrap_or(&[]);
            let plain = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
            self.words.extend_from_slice(rest.get(..plain).unwrap_or(rest));
            at += plain;
            if at < text.range.end {
                let (char, len) = self.escape_at(at).unwrap_or((None, 1));
                let char = char.unwrap_or(char::REPLACEMENT_CHARACTER);
                self.words.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                at += len;
            }
        }
        &self.words
    }

    fn ended(&mut self) -> bool {
        self.blank();
        self.at >= self.end
    }

    fn within(&self, _content: &Range<usize>) -> Option<Self> {
        // There are no bytes in JSON; a document in a text is a layer of that text.
        None
    }
}

impl Drop for Json<'_> {
    fn drop(&mut self) {
        self.words.fill(0);
    }
}

/// Writes a text as the content of a string.
pub(crate) fn escape(text: &[u8], out: &mut Vec<u8>) {
    let mut copied = 0;
    for (at, byte) in text.iter().enumerate() {
        let short = ESCAPES.iter().find(|(_, stands)| stands == byte && *byte != b'/').map(|(written, _)| *written);
        if short.is_none() && *byte >= 0x20 {
            continue;
        }
        out.extend_from_slice(text.get(copied..at).unwrap_or(&[]));
        copied = at + 1;
        match short {
            Some(written) => out.extend_from_slice(&[b'\\', written]),
            None => {
                const DIGITS: &[u8; 16] = b"0123456789abcdef";
                let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0');
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)]);
            }
        }
    }
    out.extend_from_slice(text.get(copied..).unwrap_or(&[]));
}
