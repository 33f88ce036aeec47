//! `INSERT INTO patients (ssn, last_name) VALUES ('..', '..')`: the columns name the values by position.
//!
//! Nothing is decoded: each value becomes an alias below table and column. Rows may be many, and the statement may be
//! cut off anywhere. Each byte is read once: what cannot stand in a list of columns ends it, another statement's bracket too.

use super::{Opener, Reader, near};
use crate::tape::{Marks, PathId, Segment, TapeFull};
use std::ops::Range;

/// The most columns that name values; those behind them stay unnamed.
const MAX_COLUMNS: usize = 256;
/// The most bytes between the columns and `VALUES`: `OVERRIDING SYSTEM VALUE`, `OUTPUT INSERTED.id`.
const MAX_GAP: usize = 64;

/// How `into` is written. Mixed otherwise, nobody writes it.
const INTO: [&[u8]; 3] = [b"INTO ", b"into ", b"Into "];

/// Reads statements: columns and values stand in parentheses.
pub(super) const READER: Reader = Reader { marks: Marks::PARENTHESIS, open };

fn open(opener: &mut Opener<'_>, number: u32, segment: &Segment) -> Result<(), TapeFull> {
    if !holds_into(opener.tape.text(segment)) {
        return Ok(());
    }
    for into in INTO {
        let mut at = 0;
        loop {
            let text = opener.tape.text(segment);
            let hit = text.get(at..).and_then(|rest| memchr::memmem::find(rest, into)).map(|offset| at + offset);
            let Some(hit) = hit else { break };
            at = hit + into.len();
            if inserts(text.get(..hit).unwrap_or(&[])) {
                at = statement(opener, number, segment, at).max(at);
            }
        }
    }
    Ok(())
}

/// Whether a text holds the word at all.
fn holds_into(text: &[u8]) -> bool {
    let mut at = 0;
    while let Some(hit) = near::pair(text, at, [b'O', b'o'], b' ') {
        at = hit + 1;
        let word = hit.checked_sub(3).and_then(|start| text.get(start..hit + 2));
        if word.is_some_and(|word| INTO.contains(&word)) {
            return true;
        }
    }
    false
}

/// Whether the statement adds rows: `INSERT INTO`, `REPLACE INTO`, `INSERT IGNORE INTO`.
fn inserts(before: &[u8]) -> bool {
    let before = before.trim_ascii_end();
    let word = before.iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let word = before.len().checked_sub(word).and_then(|at| before.get(at..)).unwrap_or(&[]);
    [&b"insert"[..], b"replace", b"ignore", b"upsert", b"overwrite"].iter().any(|it| word.eq_ignore_ascii_case(it))
}

/// What a statement is read into. Reused from statement to statement.
#[derive(Debug, Default)]
pub(super) struct Insert {
    columns: Vec<Range<usize>>,
    /// The path of each column that some rule asks for.
    paths: Vec<Option<PathId>>,
    values: Vec<Value>,
}

/// A value below a column that some rule asks for.
#[derive(Debug)]
struct Value {
    range: Range<usize>,
    path: PathId,
    /// A number: only `NULL` can stand for it.
    bare: bool,
}

/// Reads the statement whose table's name begins at `at`; returns how far it was read.
fn statement(opener: &mut Opener<'_>, number: u32, segment: &Segment, at: usize) -> usize {
    let mut insert = std::mem::take(&mut opener.opened.insert);
    let end = rows(opener, number, segment, at, &mut insert);
    for value in insert.values.drain(..) {
        opener.alias(number, value.range, value.path, value.bare, false);
    }
    opener.opened.insert = insert;
    end
}

fn rows(opener: &mut Opener<'_>, number: u32, segment: &Segment, at: usize, insert: &mut Insert) -> usize {
    let Insert { columns, paths, values } = insert;
    let mut reader = Cursor { text: opener.tape.text(segment), at };
    let table = reader.columns(columns);
    let at = reader.at;
    let Some(table) = table else { return at };
    let below = child(opener, number, segment, segment.path, table);
    paths.clear();
    for column in columns.drain(..) {
        let path = child(opener, number, segment, below, column);
        paths.push(opener.paths.meaning(path).says_something().then_some(path));
    }
    let mut reader = Cursor { text: opener.tape.text(segment), at };
    // A statement that breaks off has been read as far as it goes.
    let _ = reader.rows(|index, range, bare| {
        let path = paths.get(index).copied().flatten();
        values.extend(path.map(|path| Value { range, path, bare }));
    });
    reader.at
}

pub(super) fn child(
    opener: &mut Opener<'_>,
    number: u32,
    segment: &Segment,
    parent: PathId,
    name: Range<usize>,
) -> PathId {
    let Some(key) = opener.tape.text(segment).get(name.clone()) else { return parent };
    let (path, new) = opener.paths.child(parent, key, opener.keys);
    if new {
        #[expect(clippy::cast_possible_truncation, reason = "offsets in a segment of a 31-bit tape")]
        opener.opened.new_keys.push((path, number, name.start as u32..name.end as u32));
    }
    path
}

struct Cursor<'t> {
    text: &'t [u8],
    at: usize,
}

impl Cursor<'_> {
    /// Reads up to `VALUES`; returns the table, or `None` for what is another statement.
    fn columns(&mut self, columns: &mut Vec<Range<usize>>) -> Option<Range<usize>> {
        columns.clear();
        let name = |byte: u8| !matches!(byte, b'(' | b')' | b',' | b';' | b'\'' | b'=');
        self.spaces();
        let table = self.take(|byte| name(byte) && !byte.is_ascii_whitespace());
        self.spaces();
        self.expect(b'(')?;
        loop {
            self.spaces();
            let column = self.take(name);
            if columns.len() < MAX_COLUMNS {
                columns.push(column);
            }
            if self.expect(b',').is_none() {
                break;
            }
        }
        self.expect(b')')?;
        self.values()?;
        Some(table)
    }

    /// Reads rows; hands over each literal with its position and whether it is bare. `None` where the statement ends.
    fn rows(&mut self, mut literal: impl FnMut(usize, Range<usize>, bool)) -> Option<()> {
        loop {
            self.spaces();
            self.expect(b'(')?;
            let mut index = 0;
            loop {
                let (range, bare) = self.value()?;
                if let Some(bare) = bare {
                    literal(index, range, bare);
                }
                index += 1;
                self.spaces();
                if self.expect(b',').is_none() {
                    break;
                }
            }
            self.expect(b')')?;
            self.spaces();
            self.expect(b',')?;
        }
    }

    /// Moves behind `VALUES`.
    fn values(&mut self) -> Option<()> {
        let rest = self.text.get(self.at..)?;
        let rest = rest.get(..MAX_GAP).unwrap_or(rest);
        let found = rest.windows(6).position(|word| word.eq_ignore_ascii_case(b"values"))?;
        self.at += found + 6;
        Some(())
    }

    /// Reads a value: where it lies, and whether it is a literal; a bare one if it is a number.
    fn value(&mut self) -> Option<(Range<usize>, Option<bool>)> {
        self.spaces();
        // `N'..'`, `E'..'`, and quotes that are escaped for the text around the statement.
        if matches!(self.peek()?, b'N' | b'n' | b'E' | b'e' | b'\\')
            && matches!(self.text.get(self.at + 1), Some(b'\'' | b'"'))
        {
            self.at += 1;
        }
        if let quote @ (b'\'' | b'"') = self.peek()? {
            return Some((self.quoted(quote), Some(false)));
        }
        let start = self.at;
        let mut depth = 0u32;
        while let Some(byte) = self.peek() {
            match byte {
                b'(' => depth += 1,
                b')' | b',' if depth == 0 => break,
                b')' => depth -= 1,
                // A statement ends here, or never was one.
                b';' => return None,
                b'\'' => {
                    self.quoted(b'\'');
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
        let range = start..start + self.text.get(start..self.at).unwrap_or(&[]).trim_ascii_end().len();
        let text = self.text.get(range.clone()).unwrap_or(&[]);
        let number = !text.is_empty() && text.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'));
        Some((range, number.then_some(true)))
    }

    /// Reads a quoted literal to its end or the text's; a doubled or escaped quote is a part of it.
    fn quoted(&mut self, quote: u8) -> Range<usize> {
        let escaped = self.at.checked_sub(1).and_then(|before| self.text.get(before)) == Some(&b'\\');
        self.at += 1;
        let start = self.at;
        loop {
            let rest = self.text.get(self.at..).unwrap_or(&[]);
            let Some(offset) = memchr::memchr2(quote, b'\\', rest) else {
                self.at = self.text.len();
                return start..self.at;
            };
            let here = self.at + offset;
            let (byte, next) = (self.text.get(here), self.text.get(here + 1));
            self.at = (here + 2).min(self.text.len());
            match (byte, next) {
                (Some(b'\\'), Some(other)) if escaped && *other == quote => return start..here,
                (Some(b'\\'), _) => {}
                (_, Some(other)) if *other == quote => {}
                _ => {
                    self.at = here + 1;
                    return start..here;
                }
            }
        }
    }

    fn take(&mut self, part: impl Fn(u8) -> bool) -> Range<usize> {
        let start = self.at;
        self.at += self.text.get(start..).unwrap_or(&[]).iter().take_while(|byte| part(**byte)).count();
        start..self.at
    }

    fn spaces(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
        // Line breaks in statements within JSON and logs.
        while matches!(self.text.get(self.at..self.at + 2), Some(b"\\n" | b"\\t" | b"\\r")) {
            self.at += 2;
            while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
                self.at += 1;
            }
        }
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of the statement behind its `into`, each with its column.
    fn read(text: &str) -> Vec<String> {
        let (mut columns, mut found) = (Vec::new(), Vec::new());
        let mut reader = Cursor { text: text.as_bytes(), at: 0 };
        if reader.columns(&mut columns).is_some() {
            let _ = reader.rows(|index, range, bare| {
                let column = columns.get(index).map_or("", |column| text[column.clone()].trim());
                found.push(format!("{column}={}{}", &text[range], if bare { "!" } else { "" }));
            });
        }
        found
    }

    #[test]
    fn columns_name_values_by_position() {
        for (text, expected) in [
            (
                "patients(ssn,last_name) VALUES ('536-22-8147','Sorensen')",
                vec!["ssn=536-22-8147", "last_name=Sorensen"],
            ),
            (
                "p (\"ssn\", `n`)\n values (536228147, NULL), ($1, N'O''Brien');",
                vec!["\"ssn\"=536228147!", "`n`=O''Brien"],
            ),
            ("p (a,b) OVERRIDING SYSTEM VALUE VALUES (now(), 'x')", vec!["b=x"]),
            ("p (a,b) VALUES (coalesce('q', ')'), ?, 'more')", vec!["=more"]),
            ("p (a) VALUES ('cut o", vec!["a=cut o"]),
            (r#"p (a,b) VALUES (\"x\", \"y\")"#, vec!["a=x", "b=y"]),
            (r"p (a,b) VALUES ('it\'s', -5)", vec!["a=it\\'s", "b=-5!"]),
            ("p SELECT a FROM b", vec![]),
            ("p (a) SELECT values (1)", vec!["a=1!"]),
            ("p (a", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn only_what_adds_rows_is_read() {
        assert!(inserts(b"x; INSERT ") && inserts(b"insert ignore ") && inserts(b"REPLACE\n"));
        assert!(!inserts(b"looked ") && !inserts(b"") && !inserts(b"SELECT * "));
    }
}
