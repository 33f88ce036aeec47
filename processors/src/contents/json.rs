//! JSON inside a text, whole or cut off, wherever it begins.
//!
//! Our own reader rather than a library's: it keeps offsets, reads what is left of a truncated document, and goes on
//! behind what is no JSON. A value gets its key path; a string with escapes is decoded onto the tape, and what is
//! found in it is mapped back.

use super::{ContentId, Opener, near, rows};
use crate::pack::Keys;
use crate::tape::{Marks, PathId, Paths, Place, ROOT, Role, Segment, TapeFull, is_key, option};
use std::ops::Range;

mod columns;

/// How deep values may nest. A value below goes as a whole.
const MAX_DEPTH: u32 = 40;
/// The key whose value says what a FHIR resource is about.
const RESOURCE: &[u8] = b"resourceType";

/// Opens documents.
pub(super) const READER: super::Reader = super::Reader { marks: Marks::BRACE.or(Marks::BRACKET), open };

fn open(opener: &mut Opener<'_>, number: u32, segment: &Segment) -> Result<(), TapeFull> {
    let mut at = 0;
    loop {
        let text = opener.tape.text(segment);
        let Some(hit) = near::next(text, at, [b'{', b'[']) else { return Ok(()) };
        let opens = match text.get(hit) {
            Some(b'{') => opens(text, hit),
            _ => opens_list(text, hit),
        };
        at = hit + 1;
        if opens {
            at = document(opener, number, segment, hit)?;
            opener.opened.documents.push(hit..at);
        }
    }
}

/// Whether an object begins at `at`: a brace and a quoted key.
fn opens(text: &[u8], at: usize) -> bool {
    matches!(after_space(text, at + 1), Some(b'"'))
}

/// Whether a list of strings or of lists begins at `at`: at the beginning of the text, or one of strings behind a sign. (A list of
/// objects opens at its first object.)
fn opens_list(text: &[u8], at: usize) -> bool {
    match at.checked_sub(1).and_then(|before| text.get(before)) {
        None => matches!(after_space(text, 1), Some(b'"' | b'[')),
        Some(b'=' | b' ' | b'(') => text.get(at + 1) == Some(&b'"'),
        Some(_) => false,
    }
}

fn after_space(text: &[u8], at: usize) -> Option<u8> {
    text.get(at..)?.iter().take(64).copied().find(|byte| !byte.is_ascii_whitespace())
}

/// Opens the document at `at`; returns where the next may begin.
fn document(opener: &mut Opener<'_>, number: u32, segment: &Segment, at: usize) -> Result<usize, TapeFull> {
    // Taken and given back: a document in every log line must not allocate for every log line.
    let mut pieces = std::mem::take(&mut opener.opened.pieces);
    pieces.clear();
    let mut reader = Reader {
        text: opener.tape.text(segment),
        number,
        at,
        paths: opener.paths,
        keys: opener.keys,
        pieces,
        new_keys: &mut opener.opened.new_keys,
    };
    // A document that breaks off or turns out to be something else has been read as far as it goes.
    let _ = reader.value(segment.path, 0);
    let end = reader.at.max(at + 1);
    let pieces = reader.pieces;
    for piece in &pieces {
        let (range, path) = (piece.range.clone(), piece.path);
        match piece.kind {
            Kind::Plain => {
                let parts = &mut opener.opened.parts;
                if parts.last().is_none_or(|(last, _)| last.end <= range.start) {
                    parts.push((range.clone(), path));
                }
                rows::string(opener, number, segment, range.clone());
                opener.alias(number, range, path, false, false);
            }
            Kind::Bare => opener.alias(number, range, path, true, false),
            Kind::TooDeep => opener.alias(number, range, path, true, true),
            Kind::Escaped => opener.view(ContentId::JsonString, number, range, path, segment.place)?,
            Kind::EscapedKey => opener.view(ContentId::JsonString, number, range, path, Place::Key)?,
        }
    }
    opener.opened.pieces = pieces;
    Ok(end)
}

/// A part of the text that becomes a segment.
#[derive(Debug)]
pub(super) struct Piece {
    range: Range<usize>,
    path: PathId,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// A string without escapes.
    Plain,
    /// A number.
    Bare,
    /// A string with escapes.
    Escaped,
    /// A key with escapes.
    EscapedKey,
    /// A value that nests too deep.
    TooDeep,
}

struct Reader<'t> {
    text: &'t [u8],
    /// The number of the segment that holds the text.
    number: u32,
    at: usize,
    paths: &'t mut Paths,
    keys: &'t Keys,
    pieces: Vec<Piece>,
    new_keys: &'t mut Vec<(PathId, u32, Range<u32>)>,
}

/// What of an object says what else of it is.
#[derive(Debug, Default)]
struct Pair {
    /// The text of the first entry that may name others.
    name: Option<Range<usize>>,
    /// The path it stands for.
    also: Option<PathId>,
    /// Values that a name may be for. More than these stand in no pair.
    values: [Option<Range<usize>>; 4],
    /// The text of an entry that says what kind of number stands beside it, the key of that number, and it.
    kind: Option<Range<usize>>,
    number: Option<(Range<usize>, Range<usize>)>,
    /// A list of names of columns, and what has rows of cells.
    columns: Option<Range<usize>>,
    rows: Option<Range<usize>>,
}

impl Pair {
    fn note(&mut self, role: Role, first: u8, value: Range<usize>) {
        match role {
            Role::Name if first == b'"' && self.name.is_none() && self.also.is_none() => {
                self.name = Some(inside(&value))
            }
            Role::Value => {
                if let Some(free) = self.values.iter_mut().find(|value| value.is_none()) {
                    *free = Some(value);
                }
            }
            Role::Name | Role::Other => {}
        }
    }
}

/// A string without its quotes.
fn inside(string: &Range<usize>) -> Range<usize> {
    string.start + 1..string.end.saturating_sub(1).max(string.start + 1)
}

/// The text ends here, or is no JSON from here on.
struct Stop;

impl Reader<'_> {
    fn value(&mut self, path: PathId, depth: u32) -> Result<(), Stop> {
        match self.peek().ok_or(Stop)? {
            b'{' | b'[' if depth >= MAX_DEPTH => {
                let start = self.at;
                self.skip();
                self.pieces.push(Piece { range: start..self.at, path, kind: Kind::TooDeep });
                Ok(())
            }
            b'{' => self.object(path, depth),
            b'[' => self.list(path, depth),
            b'"' => {
                let (range, escaped, closed) = self.string();
                if escaped {
                    self.pieces.push(Piece { range, path, kind: Kind::Escaped });
                } else if self.asks(path) {
                    self.pieces.push(Piece { range, path, kind: Kind::Plain });
                }
                if closed { Ok(()) } else { Err(Stop) }
            }
            _ => self.scalar(path),
        }
    }

    fn object(&mut self, mut path: PathId, depth: u32) -> Result<(), Stop> {
        self.at += 1;
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        let mut pair = Pair::default();
        loop {
            if self.peek() != Some(b'"') {
                return Err(Stop);
            }
            let (range, escaped, closed) = self.string();
            if !closed || self.peek() != Some(b':') {
                return Err(Stop);
            }
            self.at += 1;
            let key = range.clone();
            let role = self.text.get(range.clone()).map_or(Role::Other, Role::of);
            let typed = self.text.get(range.clone()) == Some(RESOURCE);
            let child = self.child(path, range, escaped);
            let value = self.peek().map(|first| (self.at, first));
            let outcome = self.value(child, depth + 1);
            if let Some((from, first)) = value {
                pair.note(role, first, from..self.at);
                self.settle(&mut pair, path);
                self.beside(&mut pair, path, key, first, from..self.at);
                if typed && first == b'"' {
                    path = self.resource(path, inside(&(from..self.at)));
                }
            }
            outcome?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(Stop),
            }
        }
    }

    fn list(&mut self, path: PathId, depth: u32) -> Result<(), Stop> {
        self.at += 1;
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        let mut named = None;
        let (mut count, mut two) = (0_usize, [None, None]);
        loop {
            let value = self.peek().map(|first| (self.at, first));
            let outcome = self.value(path, depth + 1);
            if let (Some(free), Some((from, first))) = (two.get_mut(count), value) {
                *free = Some((first, from..self.at));
            }
            count += 1;
            let item = value.map(|(from, first)| (first, from..self.at));
            let name = item.as_ref().filter(|(first, _)| *first == b'"').map(|(_, item)| inside(item));
            let name = name.filter(|name| self.text.get(name.clone()).and_then(option).is_some());
            // An option has no value if another one comes next.
            if let (Some(also), Some((_, item)), None) = (named.take(), item, &name) {
                self.again(item, also);
            }
            named = name.and_then(|name| self.named_by(name, path));
            outcome?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    if let (2, [Some((b'"', name)), Some((_, value))]) = (count, two) {
                        self.pair_of(&inside(&name), value, path);
                    }
                    return Ok(());
                }
                _ => return Err(Stop),
            }
        }
    }

    /// The path of what stands beside the type of a FHIR resource: `fhir Coverage`. The same key means different things in
    /// different resources.
    fn resource(&mut self, path: PathId, name: Range<usize>) -> PathId {
        let Some(text) = self.text.get(name.clone()).filter(|text| text.iter().all(u8::is_ascii_alphabetic)) else {
            return path;
        };
        let (below, _) = self.paths.child(path, b"fhir", self.keys);
        let (path, new) = self.paths.child(below, text, self.keys);
        if new {
            #[expect(clippy::cast_possible_truncation, reason = "offsets in a segment of a 31-bit tape")]
            self.new_keys.push((path, self.number, name.start as u32..name.end as u32));
        }
        path
    }

    /// Gives the values of a pair the path that its name stands for, once both are known.
    fn settle(&mut self, pair: &mut Pair, path: PathId) {
        if pair.values.iter().all(Option::is_none) {
            return;
        }
        if let Some(name) = pair.name.take() {
            let is_name = self.text.get(name.clone()).is_some_and(is_key);
            pair.also = is_name.then(|| self.named_by(name, path)).flatten();
        }
        if let Some(also) = pair.also {
            for value in pair.values.iter_mut().filter_map(Option::take) {
                self.again(value, also);
            }
        }
    }

    /// The path below `parent` that a text stands for, if it says anything.
    fn named_by(&mut self, name: Range<usize>, parent: PathId) -> Option<PathId> {
        let text = self.text.get(name.clone())?;
        let (path, new) = self.paths.child(parent, option(text).unwrap_or(text), self.keys);
        if new {
            #[expect(clippy::cast_possible_truncation, reason = "offsets in a segment of a 31-bit tape")]
            self.new_keys.push((path, self.number, name.start as u32..name.end as u32));
        }
        self.asks(path).then_some(path)
    }

    /// Reads a value again, below another path: a scalar, a list of scalars, or one that names its type,
    /// `{"stringValue": ..}`, or a list of such. No deeper, so that no byte is read more than three times.
    fn again(&mut self, value: Range<usize>, path: PathId) {
        let end = std::mem::replace(&mut self.at, value.start);
        let _ = self.flat(path, value.end, 0);
        self.at = end;
    }

    fn flat(&mut self, path: PathId, end: usize, depth: u32) -> Result<(), Stop> {
        let object = match self.peek().ok_or(Stop)? {
            b'{' => true,
            b'[' => false,
            _ => return self.value(path, 0),
        };
        loop {
            self.at += 1;
            let mut named = true;
            if object {
                if self.peek() != Some(b'"') {
                    return Err(Stop);
                }
                let (key, ..) = self.string();
                named = self.text.get(key).is_some_and(|key| Role::of(key) == Role::Value);
                if self.peek() != Some(b':') {
                    return Err(Stop);
                }
                self.at += 1;
            }
            match self.peek().ok_or(Stop)? {
                // `[{"valueString": ..}]`: answers of a questionnaire.
                b'{' if !object && depth == 0 => self.flat(path, end, 1)?,
                b'{' | b'[' => return Err(Stop),
                b'"' if !named => drop(self.string()),
                _ if !named => self.scalar(ROOT)?,
                _ => self.value(path, 0)?,
            }
            if self.peek() != Some(b',') || self.at >= end {
                // Behind the bracket, so that a list goes on.
                self.at += usize::from(matches!(self.peek(), Some(b'}' | b']')));
                return Ok(());
            }
        }
    }

    fn child(&mut self, path: PathId, range: Range<usize>, escaped: bool) -> PathId {
        let raw = self.text.get(range.clone()).unwrap_or(&[]);
        let mut decoded = Vec::new();
        let key = if escaped {
            super::json_string::decode_string(raw, &mut |byte, _| decoded.push(byte));
            self.pieces.push(Piece { range: range.clone(), path, kind: Kind::EscapedKey });
            &decoded
        } else {
            raw
        };
        let (child, new) = self.paths.child(path, key, self.keys);
        if new {
            #[expect(clippy::cast_possible_truncation, reason = "offsets in a segment of a 31-bit tape")]
            self.new_keys.push((child, self.number, range.start as u32..range.end as u32));
        }
        self.own(path, range, raw, escaped);
        child
    }

    /// A number, `true`, `false` or `null`. Only numbers can be identifiers.
    fn scalar(&mut self, path: PathId) -> Result<(), Stop> {
        let rest = self.text.get(self.at..).unwrap_or(&[]);
        let len =
            rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')).count();
        let word = rest.get(..len).unwrap_or(&[]);
        let range = self.at..self.at + len;
        self.at += len;
        match word.first() {
            Some(b'-' | b'0'..=b'9') => {
                if self.asks(path) {
                    self.pieces.push(Piece { range, path, kind: Kind::Bare });
                }
                Ok(())
            }
            Some(_) if matches!(word, b"true" | b"false" | b"null" | b"NaN" | b"Infinity") => Ok(()),
            _ => Err(Stop),
        }
    }

    fn asks(&self, path: PathId) -> bool {
        self.paths.meaning(path).says_something()
    }

    /// Reads the string at the cursor: its inside, whether it holds escapes, whether it ends.
    fn string(&mut self) -> (Range<usize>, bool, bool) {
        let start = self.at + 1;
        let mut at = start;
        let mut escaped = false;
        loop {
            let Some(hit) = near::next(self.text, at, [b'"', b'\\']) else {
                self.at = self.text.len();
                return (start..self.text.len(), escaped, false);
            };
            if self.text.get(hit) == Some(&b'"') {
                self.at = hit + 1;
                return (start..hit, escaped, true);
            }
            escaped = true;
            at = (hit + 2).min(self.text.len());
        }
    }

    /// Moves behind the value at the cursor without looking into it.
    fn skip(&mut self) {
        let mut depth = 0u32;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.string();
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.text.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }
}
