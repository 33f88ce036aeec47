//! The words of a statement, with where they stand: SQL of all dialects, CQL, Cypher, PartiQL, GraphQL. No grammar is asked
//! for, so that a statement of an unknown dialect, and one cut off anywhere, falls into words like any other.

use super::words::Says;
use std::ops::Range;

/// What a word of a statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A key word, or a name: `SELECT`, `p.last_name`.
    Word,
    /// A name in quotes that can only be one: `` `id` ``, `[id]`.
    Name,
    /// Between double quotes: a name, or a literal of MySQL and GraphQL.
    Double,
    /// A literal: `'..'`, `N'..'`, `q'[..]'`, `$$..$$`.
    Text,
    Number,
    /// What stands for a value that is not here: `?`, `$1`, `:name`, `@p1`, `%s`.
    Parameter,
    Comment,
    /// A comment for the planner: `/*+ INDEX(..) */`.
    Hint,
    /// Any other byte.
    Sign(u8),
}

/// A word of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Where it stands, quotes included.
    pub(super) whole: Range<usize>,
    /// Where it stands, without them.
    pub(super) inner: Range<usize>,
    /// Whether a literal ends with its quote.
    pub(super) closed: bool,
    /// What a word says.
    pub(super) says: Says,
}

/// Reads a statement word by word.
#[derive(Clone, Debug)]
pub(super) struct Tokens<'t> {
    text: &'t [u8],
    pub(super) at: usize,
    /// Whether a backslash takes a quote its meaning. MySQL says yes, the standard no.
    escapes: bool,
}

impl<'t> Tokens<'t> {
    pub(super) fn new(text: &'t [u8], at: usize, escapes: bool) -> Self {
        Self { text, at, escapes }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or(&[])
    }

    /// Moves over white space, also that of a text around which writes it as escapes.
    #[inline]
    fn spaces(&mut self) {
        while let Some(byte) = self.peek(0) {
            if part(byte) & SPACE != 0 {
                self.at += 1;
            } else if byte == b'\\' && matches!(self.peek(1), Some(b'n' | b't' | b'r')) {
                self.at += 2;
            } else {
                return;
            }
        }
    }

    /// A key word or a name.
    #[inline]
    fn word(&mut self) -> Token {
        let start = self.at;
        let behind =
            self.text.get(start + 1..).unwrap_or(&[]).iter().take_while(|byte| part(**byte) & WORD != 0).count();
        self.at = start + 1 + behind;
        let says = Says::of(self.text, start..self.at);
        Token { kind: Kind::Word, whole: start..self.at, inner: start..self.at, closed: true, says }
    }

    fn token(&mut self, kind: Kind, start: usize, len: usize) -> Token {
        self.at = (start + len).min(self.text.len());
        Token { kind, whole: start..self.at, inner: start..self.at, closed: true, says: Says::NOTHING }
    }

    /// A word that begins at the present place and goes on while `part` says so.
    fn run(&mut self, kind: Kind, skip: usize, part: fn(u8) -> bool) -> Token {
        let len = self.rest().iter().skip(skip).take_while(|byte| part(**byte)).count();
        self.token(kind, self.at, skip + len)
    }

    /// What stands between the present place, moved by `skip`, and `end`; to the end of the text if that is missing.
    fn until(&mut self, kind: Kind, skip: usize, end: &[u8]) -> Token {
        let start = self.at;
        let inner = start + skip;
        let found = self.text.get(inner..).and_then(|rest| memchr::memmem::find(rest, end));
        let close = found.map_or(self.text.len(), |at| inner + at);
        self.at = (close + if found.is_some() { end.len() } else { 0 }).min(self.text.len());
        Token {
            kind,
            whole: start..self.at,
            inner: inner.min(close)..close,
            closed: found.is_some(),
            says: Says::NOTHING,
        }
    }

    /// A literal whose quote stands `skip` bytes on. A doubled quote is a part of it, an escaped one where escapes are.
    fn quoted(&mut self, kind: Kind, skip: usize) -> Token {
        let start = self.at;
        let Some(quote) = self.peek(skip) else { return self.token(Kind::Sign(0), start, 1) };
        // A quote that is escaped for the text around the statement: its fellow is too.
        let outer = skip > 0 && self.peek(skip - 1) == Some(b'\\');
        let inner = start + skip + 1;
        let mut at = inner;
        loop {
            let rest = self.text.get(at..).unwrap_or(&[]);
            let Some(offset) = memchr::memchr2(quote, b'\\', rest) else {
                self.at = self.text.len();
                return Token {
                    kind,
                    whole: start..self.at,
                    inner: inner..self.at,
                    closed: false,
                    says: Says::NOTHING,
                };
            };
            let here = at + offset;
            let next = self.text.get(here + 1).copied();
            match self.text.get(here).copied() {
                Some(b'\\') if outer && next == Some(quote) => {
                    self.at = here + 2;
                    return Token {
                        kind,
                        whole: start..self.at,
                        inner: inner..here,
                        closed: true,
                        says: Says::NOTHING,
                    };
                }
                Some(b'\\') => at = here + if self.escapes || outer { 2 } else { 1 },
                _ if next == Some(quote) && !outer => at = here + 2,
                _ if outer => at = here + 1,
                _ => {
                    self.at = here + 1;
                    return Token {
                        kind,
                        whole: start..self.at,
                        inner: inner..here,
                        closed: true,
                        says: Says::NOTHING,
                    };
                }
            }
        }
    }

    /// `N'..'`, `E'..'`, `X'..'`, `U&'..'`, `q'[..]'`: a literal with letters before its quote.
    fn prefixed(&mut self) -> Option<Token> {
        let head = self.rest().get(..3).unwrap_or(self.rest());
        let skip = match head {
            [b'N' | b'n' | b'E' | b'e' | b'B' | b'b' | b'X' | b'x' | b'R' | b'r', b'\'', ..] => 1,
            [b'U' | b'u', b'&', b'\''] => 2,
            [b'Q' | b'q', b'\'', ..] => return self.oracle(2),
            [b'N' | b'n', b'Q' | b'q', b'\''] => return self.oracle(3),
            _ => return None,
        };
        Some(self.quoted(Kind::Text, skip))
    }

    /// `q'[..]'` of Oracle: the bracket's fellow and a quote end it, or any sign and a quote.
    fn oracle(&mut self, skip: usize) -> Option<Token> {
        let close = match self.peek(skip)? {
            b'[' => b']',
            b'{' => b'}',
            b'(' => b')',
            b'<' => b'>',
            other if other.is_ascii_whitespace() => return None,
            other => other,
        };
        Some(self.until(Kind::Text, skip + 1, &[close, b'\'']))
    }

    /// `$1`, `$name`, `$$..$$`, `$tag$..$tag$`.
    fn dollar(&mut self) -> Token {
        let tag = self.rest().iter().skip(1).take_while(|byte| is_word(**byte) && **byte != b'$').count();
        let digits = self.peek(1).is_some_and(|byte| byte.is_ascii_digit());
        if !digits && self.peek(1 + tag) == Some(b'$') {
            let end = self.rest().get(..tag + 2).unwrap_or(&[]).to_vec();
            return self.until(Kind::Text, tag + 2, &end);
        }
        self.token(Kind::Parameter, self.at, 1 + tag.max(usize::from(self.peek(1) == Some(b'?'))))
    }

    fn number(&mut self) -> Token {
        let rest = self.rest();
        let hex = matches!(rest, [b'0', b'x' | b'X', digit, ..] if digit.is_ascii_hexdigit());
        let mut len = if hex { 2 } else { 0 };
        while let Some(byte) = rest.get(len) {
            let exponent = |len: usize| {
                matches!(rest.get(len + 1), Some(b'0'..=b'9'))
                    || matches!((rest.get(len + 1), rest.get(len + 2)), (Some(b'+' | b'-'), Some(b'0'..=b'9')))
            };
            len += match byte {
                b'0'..=b'9' | b'.' => 1,
                byte if hex && byte.is_ascii_hexdigit() => 1,
                b'e' | b'E' if exponent(len) => 2,
                // Groups of digits in a number without quotes: `536-22-8147`, `2026-01-05`.
                b'-' if len >= 2 && matches!(rest.get(len + 1), Some(b'0'..=b'9')) && !hex => 1,
                _ => break,
            };
        }
        self.token(Kind::Number, self.at, len.max(1))
    }
}

/// White space.
const SPACE: u8 = 1;
/// What names hold, and what they hold behind their first byte: a dot between their parts.
const NAME: u8 = 1 << 1;
const WORD: u8 = 1 << 2;
/// What begins a word and nothing else, but for letters before a quote.
const LETTER: u8 = 1 << 3;
const PREFIX: u8 = 1 << 4;
/// A sign whatever follows.
const ALONE: u8 = 1 << 5;

/// What each byte may be a part of.
const PARTS: [u8; 256] = {
    let mut parts = [0; 256];
    let mut at = 0;
    while at < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let byte = at as u8;
        let name = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'#') || byte >= 0x80;
        let letter = byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80;
        let prefix = matches!(byte.to_ascii_lowercase(), b'n' | b'e' | b'b' | b'x' | b'r' | b'u' | b'q');
        let alone =
            matches!(byte, b'(' | b')' | b',' | b';' | b'=' | b'*' | b'<' | b'>' | b'+' | b'|' | b'{' | b'}' | b']');
        #[expect(clippy::indexing_slicing, reason = "in a constant: out of bounds does not compile")]
        {
            parts[at] = (SPACE * byte.is_ascii_whitespace() as u8)
                | (NAME * name as u8)
                | (WORD * (name || byte == b'.') as u8)
                | (LETTER * letter as u8)
                | (PREFIX * prefix as u8)
                | (ALONE * alone as u8);
        }
        at += 1;
    }
    parts
};

#[inline]
fn part(byte: u8) -> u8 {
    PARTS.get(usize::from(byte)).copied().unwrap_or(0)
}

/// Whether a name goes on with this byte.
#[inline]
pub(super) fn is_word(byte: u8) -> bool {
    part(byte) & NAME != 0
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        self.spaces();
        let first = self.peek(0)?;
        let second = self.peek(1);
        // What most words are.
        let is = part(first);
        if is & LETTER != 0 && (is & PREFIX == 0 || !matches!(second, Some(b'\'' | b'&' | b'Q' | b'q'))) {
            return Some(self.word());
        }
        if is & ALONE != 0 {
            return Some(self.token(Kind::Sign(first), self.at, 1));
        }
        if let Some(token) = self.prefixed() {
            return Some(token);
        }
        Some(match (first, second) {
            (b'\'', _) => self.quoted(Kind::Text, 0),
            (b'\\', Some(b'\'')) => self.quoted(Kind::Text, 1),
            (b'\\', Some(b'"')) => self.quoted(Kind::Double, 1),
            (b'"', _) => self.quoted(Kind::Double, 0),
            (b'`', _) => self.until(Kind::Name, 1, b"`"),
            (b'[', Some(next)) if next.is_ascii_alphabetic() || next == b'_' => {
                let token = self.clone().until(Kind::Name, 1, b"]");
                let name = self.text.get(token.inner.clone()).unwrap_or(&[]);
                if token.closed && name.iter().all(|byte| is_word(*byte) || matches!(byte, b' ' | b'.' | b'-')) {
                    self.at = token.whole.end;
                    token
                } else {
                    self.token(Kind::Sign(b'['), self.at, 1)
                }
            }
            (b'-', Some(b'-')) => self.until(Kind::Comment, 2, b"\n"),
            (b'/', Some(b'*')) => {
                let hint = self.peek(2) == Some(b'+');
                self.until(if hint { Kind::Hint } else { Kind::Comment }, 2, b"*/")
            }
            (b'#', Some(b' ')) => self.until(Kind::Comment, 1, b"\n"),
            (b'$', _) => self.dollar(),
            (b':', Some(b':')) => self.token(Kind::Sign(b':'), self.at, 2),
            (b':' | b'@', Some(next)) if is_word(next) || next == b'@' => {
                self.run(Kind::Parameter, 2, |byte| is_word(byte) || byte == b'.')
            }
            (b'%', Some(b'(')) => self.until(Kind::Parameter, 2, b")"),
            (b'%', Some(b's' | b'd')) => self.token(Kind::Parameter, self.at, 2),
            (b'?', _) => self.token(Kind::Parameter, self.at, 1),
            (b'0'..=b'9', _) | (b'.', Some(b'0'..=b'9')) => self.number(),
            (byte, _) if is_word(byte) => self.word(),
            (byte, _) => self.token(Kind::Sign(byte), self.at, 1),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        Tokens::new(text.as_bytes(), 0, true)
            .filter(|token| matches!(token.kind, Kind::Text | Kind::Number | Kind::Double))
            .map(|token| &text[token.inner])
            .collect()
    }

    #[test]
    fn literals_of_all_dialects_are_told_from_names() {
        for (text, expected) in [
            ("a = 'x' AND b = 7", vec!["x", "7"]),
            ("a = 'it''s' or b = 'it\\'s'", vec!["it''s", "it\\'s"]),
            ("a = q'[it's]' or b = Q'{x}' or c = nq'!y!'", vec!["it's", "x", "y"]),
            ("a = N'\u{e9}' or b = E'x' or c = X'ff' or d = U&'y'", vec!["\u{e9}", "x", "ff", "y"]),
            ("a = $$it's$$ or b = $t$x$$y$t$ or c = $1 or d = $name", vec!["it's", "x$$y"]),
            ("a = \"x\" and `b` = 1 and [c d] = 2.5e-3", vec!["x", "1", "2.5e-3"]),
            ("a = @p1 and b = :name and c = %s and d = %(e)s and f = ?", vec![]),
            ("a = \\'x\\' and b = \\\"y\\\"", vec!["x", "y"]),
            ("a = 0xFF and b = .5 and t1.c2 = -3", vec!["0xFF", ".5", "3"]),
            ("a = 536-22-8147 -- 'x'", vec!["536-22-8147"]),
            ("a = 'cut off", vec!["cut off"]),
            ("a ->> 'k' = x::text and b = array ['1', '2']", vec!["k", "1", "2"]),
            ("", vec![]),
        ] {
            assert_eq!(texts(text), expected, "{text}");
        }
    }
}
