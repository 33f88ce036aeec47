//! Statements for databases: SQL and what looks like it, commands of Redis and Memcached.
//!
//! Below a key that holds a statement (`db.query.text`), every literal goes: no dialect has to be known for it, and none of
//! it has to parse. What only counts stays: `LIMIT 50`, `ORDER BY 2`, `INTERVAL '7 days'`, types' lengths; so do parameters and
//! names. In a statement that a log or a message quotes, texts go, and numbers by their column: other numbers around it are
//! an operator's. A literal whose column is known is judged by that too, so that it gets its own name.

mod commands;
mod literals;
mod tokens;
mod words;

use super::{Opener, Reader, sql};
use crate::pack::KeyClass;
use crate::tape::{Marks, PathId, ROOT, Segment, TapeFull};
use std::ops::Range;

pub(super) use literals::Literal;

/// Reads statements. One in prose has something to hide only where it has a text.
pub(super) const READER: Reader = Reader { marks: Marks::STATEMENT.or(Marks::APOSTROPHE), open };

/// The key that a literal is judged by where no column says more.
const KEY: &[u8] = b"statement literal";

fn open(opener: &mut Opener<'_>, number: u32, segment: &Segment) -> Result<(), TapeFull> {
    let text = opener.tape.text(segment);
    let all = opener.paths.meaning(segment.path).class == KeyClass::Statement;
    let mut found = std::mem::take(&mut opener.opened.literals);
    found.clear();
    if !all {
        quoted(text, &mut found);
        parameters(text, &mut found);
        bindings(text, &mut found);
    } else if commands::is_command(text) || is_store(opener.paths.text(segment.path)) {
        commands::literals(text, &mut found);
    } else if !is_document(text) {
        literals::read(text, 0..text.len(), true, &mut found);
    }
    for literal in &found {
        note(opener, number, segment, literal, all);
    }
    opener.opened.literals = found;
    Ok(())
}

/// Whether a key is that of a store that takes commands.
fn is_store(path: &str) -> bool {
    ["redis", "valkey", "memcached"].iter().any(|store| path.starts_with(store))
}

/// Whether a text is a document, whose values are judged by their keys. (`{call ..}` and `{ patient(..) }` are none.)
fn is_document(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    let inside = text.get(1..).unwrap_or(&[]).trim_ascii_start().first().copied();
    match text.first() {
        Some(b'{') => inside == Some(b'"'),
        Some(b'[') => matches!(inside, Some(b'{' | b'"' | b'[')),
        _ => false,
    }
}

/// Has a literal judged: by its column, and as a literal.
fn note(opener: &mut Opener<'_>, number: u32, segment: &Segment, literal: &Literal, all: bool) {
    let mut known = false;
    if let Some(column) = &literal.column {
        let path = sql::child(opener, number, segment, segment.path, column.clone());
        if opener.paths.meaning(path).says_something() {
            known = !opener.paths.meaning(path).rules.is_empty();
            opener.alias(number, literal.range.clone(), path, literal.number, false);
        }
    }
    // `status = 'OPEN'` in a log: a state's name is an operator's.
    if opener.tape.text(segment).get(literal.range.clone()).is_some_and(is_declaration) {
        return;
    }
    let state = || !known && opener.tape.text(segment).get(literal.range.clone()).is_some_and(is_state);
    if all || !literal.number && !state() {
        let path = key(opener);
        opener.alias(number, literal.range.clone(), path, literal.number, false);
    }
}

/// Whether a literal declares parameters of a statement: `N'@p0 nvarchar(50), @p1 int'`.
fn is_declaration(text: &[u8]) -> bool {
    let sign = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'@' | b'_' | b' ' | b'(' | b')' | b',');
    let typed = [&b"char("[..], b" int", b" date", b" bit", b" decimal", b" uniqueidentifier"];
    text.starts_with(b"@p")
        && text.iter().all(sign)
        && typed.iter().any(|kind| memchr::memmem::find(text, kind).is_some())
}

/// Whether a literal is one word of letters, all small or all capitals.
fn is_state(text: &[u8]) -> bool {
    let joins = |byte: &u8| matches!(byte, b'_' | b'-' | b'%');
    text.len() <= 24
        && (text.iter().all(|byte| byte.is_ascii_lowercase() || joins(byte))
            || text.iter().all(|byte| byte.is_ascii_uppercase() || joins(byte)))
}

fn key(opener: &mut Opener<'_>) -> PathId {
    opener.paths.child(ROOT, KEY, opener.keys).0
}

/// Reads the statements that a text quotes.
fn quoted(text: &[u8], found: &mut Vec<Literal>) {
    let mut at = 0;
    while let Some(start) = literals::begins(text, at) {
        let end = closes(text, start);
        at = literals::read(text, start..end, false, found).max(start + 1);
    }
}

/// Reads what PostgreSQL says of the parameters of a statement: `parameters: $1 = 'Gonzalez', $2 = '1958-03-14'`.
fn parameters(text: &[u8], found: &mut Vec<Literal>) {
    const BEGIN: &[u8] = b"arameters: $1 = '";
    const MAX_BETWEEN: usize = 256;
    let Some(begin) = memchr::memmem::find(text, BEGIN) else { return };
    let mut at = begin + BEGIN.len();
    loop {
        let end = value_end(text, at);
        if at < end {
            found.push(Literal { range: at..end, column: None, number: false });
        }
        let Some(next) = text.get(end..).and_then(|rest| rest.strip_prefix(b"', $")) else { return };
        // Between two of them stand places, signs and `NULL`.
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'=' | b',' | b'$');
        let open = next.iter().take(MAX_BETWEEN).take_while(|byte| plain(byte)).count();
        if next.get(open) != Some(&b'\'') {
            return;
        }
        at = end + 4 + open + 1;
    }
}

/// Reads what Hibernate says of them, a line each: `binding parameter [1] as [VARCHAR] - [Gonzalez]`, `(1:DATE) <- [1958-03-14]`.
fn bindings(text: &[u8], found: &mut Vec<Literal>) {
    const BEGIN: &[u8] = b"inding parameter ";
    const TYPE: usize = 48;
    let mut at = 0;
    while let Some(begin) = text.get(at..).and_then(|rest| memchr::memmem::find(rest, BEGIN)) {
        at += begin + BEGIN.len();
        let head = text.get(at..text.len().min(at + TYPE)).unwrap_or(&[]);
        let signs = [&b"] - ["[..], b") <- ["];
        let open = signs.iter().find_map(|sign| memchr::memmem::find(head, sign).map(|start| start + sign.len()));
        let Some(open) = open else { continue };
        let value = text.get(at + open..).unwrap_or(&[]);
        let line = memchr::memchr(b'\n', value).unwrap_or(value.len());
        let len = value.get(..line).and_then(|line| memchr::memrchr(b']', line)).unwrap_or(line);
        if len > 0 {
            found.push(Literal { range: at + open..at + open + len, column: None, number: false });
        }
        at += open + len;
    }
}

/// Where a text in single quotes that begins at `at` ends; two are one in it.
fn value_end(text: &[u8], at: usize) -> usize {
    let mut at = at;
    while let Some(offset) = memchr::memchr(b'\'', text.get(at..).unwrap_or(&[])) {
        at += offset;
        if text.get(at + 1) != Some(&b'\'') {
            return at;
        }
        at += 2;
    }
    text.len()
}

/// Where the quote ends that holds the statement at `start`; the end of the text if none does.
fn closes(text: &[u8], start: usize) -> usize {
    let quote = match start.checked_sub(1).and_then(|before| text.get(before)) {
        Some(quote @ (b'"' | b'\'' | b'`')) => *quote,
        _ => return text.len(),
    };
    let escaped = start.checked_sub(2).and_then(|before| text.get(before)) == Some(&b'\\');
    let mut at = start;
    while let Some(offset) = memchr::memchr(quote, text.get(at..).unwrap_or(&[])) {
        let here = at + offset;
        let behind = text.get(here + 1) == Some(&quote);
        let before = text.get(here.saturating_sub(1)) == Some(&b'\\');
        if before == escaped && !behind {
            return here - usize::from(escaped);
        }
        at = here + 1 + usize::from(behind && !before);
    }
    text.len()
}

/// A part of `text` without the white space around it.
fn trimmed(text: &[u8], range: Range<usize>) -> Range<usize> {
    let part = text.get(range.clone()).unwrap_or(&[]);
    let lead = part.len() - part.trim_ascii_start().len();
    range.start + lead..(range.start + lead + part.trim_ascii().len())
}

#[cfg(test)]
mod tests;
