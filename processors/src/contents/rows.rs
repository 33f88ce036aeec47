//! Rows of tables in texts: `53247807,Grigorescu,Djatamo,1998-05-22,M,860-759-5545`.
//!
//! Nothing beside a cell says what it is. Either a heading above the row does, then each cell becomes an alias below its
//! column; or enough cells of the row have a shape that only a person's row has, then each cell goes by its own shape.

use super::cells::{self, Cell};
use super::message;
use super::{Opener, Reader, near};
use crate::tape::{Marks, PathId, ROOT, Segment, TapeFull};
use std::ops::Range;

/// The longest line that is read as a row, and the most cells it may have.
const MAX_LINE: usize = 4096;
const MAX_CELLS: usize = 128;
/// The shortest string that may hold a row of a person.
const MIN_ROW: usize = 20;
/// The longest cell.
const MAX_CELL: usize = 80;
/// The fewest cells of a row, and how much its cells must say together.
const MIN_CELLS: usize = 3;
const MIN_SCORE: u32 = 3;

/// The heading that rows below it are read by. Reused from heading to heading.
#[derive(Debug, Default)]
pub(super) struct Heading {
    /// The path of each column.
    columns: Vec<PathId>,
    separator: u8,
    /// The texts it stands over.
    path: Option<PathId>,
}

impl Heading {
    /// Forgets the heading of the last batch.
    pub(super) fn forget(&mut self) {
        self.path = None;
    }
}

/// Reads rows: their cells are apart.
pub(super) const READER: Reader =
    Reader { marks: Marks::COMMA.or(Marks::PIPE).or(Marks::TAB).or(Marks::SEMICOLON), open };

fn open(opener: &mut Opener<'_>, number: u32, segment: &Segment) -> Result<(), TapeFull> {
    lines(opener, number, segment, 0..segment.len());
    Ok(())
}

/// Reads a string of a document in a text that may hold rows, as if it were alone.
#[inline]
pub(super) fn string(opener: &mut Opener<'_>, number: u32, segment: &Segment, range: Range<usize>) {
    if range.len() < MIN_ROW || !segment.marks.meet(READER.marks) {
        return;
    }
    let text = opener.tape.text(segment).get(range.clone()).unwrap_or(&[]);
    if memchr::memchr3(b',', b'|', b';', text).is_some() {
        lines(opener, number, segment, range);
    }
}

/// Reads the rows in a part of a text.
fn lines(opener: &mut Opener<'_>, number: u32, segment: &Segment, range: Range<usize>) {
    let mut heading = std::mem::take(&mut opener.opened.heading);
    let mut found = std::mem::take(&mut opener.opened.cells);
    let semicolons = segment.marks.meet(Marks::SEMICOLON);
    let mut at = range.start;
    loop {
        let text = opener.tape.text(segment).get(..range.end).unwrap_or(&[]);
        // Countries that write `1,5` have semicolons between cells.
        let next = match semicolons {
            true => near::next(text, at, [b',', b'|', b'\t', b';']),
            false => near::next(text, at, [b',', b'|', b'\t']),
        };
        let Some(offset) = next else { break };
        let (mut start, mut end) = (at, text.len());
        if segment.marks.meet(Marks::NEWLINE) {
            start += memchr::memrchr(b'\n', text.get(at..offset).unwrap_or(&[])).map_or(0, |line| line + 1);
            end = near::next(text, offset, [b'\n']).unwrap_or(end);
        }
        at = end;
        // A comma is also a part of cells, so it comes last.
        let kinds = [(Marks::PIPE, b'|'), (Marks::TAB, b'\t'), (Marks::SEMICOLON, b';'), (Marks::COMMA, b',')];
        let line = text.get(..end).unwrap_or(text);
        let has_cells = |separator: u8| {
            let mut from = offset;
            (1..MIN_CELLS).all(|_| {
                let found = near::next(line, from, [separator]);
                from = found.map_or(end, |at| at + 1);
                found.is_some()
            })
        };
        let separator = kinds.into_iter().filter(|(mark, _)| segment.marks.meet(*mark)).map(|(_, separator)| separator);
        let separator = separator
            .filter(|separator| has_cells(*separator))
            .find(|separator| split(text, start..end, *separator, &mut found));
        if let Some(separator) = separator {
            row(opener, number, segment, separator, &found, &mut heading);
        }
    }
    opener.opened.heading = heading;
    opener.opened.cells = found;
}

/// Splits a line into cells; `false` for what is no row.
fn split(text: &[u8], line: Range<usize>, separator: u8, found: &mut Vec<Range<usize>>) -> bool {
    found.clear();
    if line.len() > MAX_LINE {
        return false;
    }
    let mut at = line.start;
    loop {
        let rest = text.get(at..line.end).unwrap_or(&[]);
        let blanks = rest.iter().take_while(|byte| **byte == b' ').count();
        // A line that quotes the row stands before the first cell: `(row: 'Haddad','Akiko','1953-03-13')`.
        let lead =
            if found.is_empty() { cells::lead_of_quoted(rest.get(blanks..).unwrap_or(&[]), separator) } else { 0 };
        let blanks = blanks + lead;
        let quote = rest.get(blanks).copied().filter(|byte| matches!(byte, b'"' | b'\''));
        let quoted = quote.is_some();
        let (from, len) = if quoted {
            let inner = rest.get(blanks + 1..).unwrap_or(&[]);
            let Some(close) = memchr::memchr(quote.unwrap_or(b'"'), inner) else { return false };
            (at + blanks + 1, close)
        } else {
            let inner = rest.get(blanks..).unwrap_or(&[]);
            (at + blanks, memchr::memchr(separator, inner).unwrap_or(inner.len()))
        };
        // What stands before the first cell and behind the last is the line that quotes the row.
        let first = found.is_empty();
        let raw = text.get(from..from + len).unwrap_or(&[]);
        let lead = if first && !quoted { cells::lead(raw) } else { 0 };
        let whole = raw.get(lead..).unwrap_or(&[]);
        let cell = whole.get(..memchr::memchr(b'"', whole).unwrap_or(whole.len())).unwrap_or(whole);
        // What the row stands in goes on where it ends: `"` of a string, `</note>`, `&page=2`.
        let held = cell.get(..cells::held(cell)).unwrap_or(cell);
        let ends = !quoted && found.len() + 1 >= MIN_CELLS && held.len() < whole.len();
        let last = ends || !quoted && from + len == line.end;
        let cell = if ends { held } else { cell }.trim_ascii_end();
        let cell = if last { cell.get(..cells::tail(cell)).unwrap_or(cell).trim_ascii_end() } else { cell };
        if cell.len() > MAX_CELL || found.len() >= MAX_CELLS || cell.iter().any(|byte| !cells::may_hold(*byte)) {
            return false;
        }
        found.push(from + lead..from + lead + cell.len());
        if ends {
            return true;
        }
        let next = from + len + usize::from(quoted);
        let gap = text.get(next..line.end).unwrap_or(&[]);
        let gap = gap.iter().take_while(|byte| **byte == b' ').count();
        match text.get(next + gap..line.end).and_then(|rest| rest.first()) {
            Some(byte) if *byte == separator => at = next + gap + 1,
            // The bracket that closes the row, and the line goes on.
            Some(_) if quoted && quote != Some(b'\'') => return false,
            _ => return found.len() >= MIN_CELLS,
        }
    }
}

fn row(
    opener: &mut Opener<'_>,
    number: u32,
    segment: &Segment,
    separator: u8,
    found: &[Range<usize>],
    heading: &mut Heading,
) {
    let first = found.first().and_then(|range| opener.tape.text(segment).get(range.clone()));
    if first.is_some_and(message::is_segment) || heads(opener, number, segment, separator, found, heading) {
        return;
    }
    if heading.path == Some(segment.path) && heading.separator == separator && heading.columns.len() == found.len() {
        for (range, path) in found.iter().zip(&heading.columns) {
            if !range.is_empty() && opener.paths.meaning(*path).says_something() {
                opener.alias(number, range.clone(), *path, false, false);
            }
        }
        return;
    }
    let text = |range: &Range<usize>| opener.tape.text(segment).get(range.clone()).unwrap_or(&[]);
    let kinds: Vec<Cell> = found.iter().map(|range| Cell::of(text(range))).collect();
    if !is_person(&kinds) {
        return;
    }
    for (at, (range, kind)) in found.iter().zip(&kinds).enumerate() {
        let city = matches!(kind, Cell::Words) && kinds.get(at + 1) == Some(&Cell::State);
        let Some(key) = (if city { Some("city") } else { kind.key() }) else { continue };
        let (path, _) = opener.paths.child(ROOT, key.as_bytes(), opener.keys);
        opener.alias(number, range.clone(), path, false, false);
    }
}

/// Whether a row with these cells is about a person: somebody's name, and enough beside it.
fn is_person(kinds: &[Cell]) -> bool {
    let named = kinds.contains(&Cell::Words);
    let person = |three: &[Cell]| {
        matches!(
            three,
            [Cell::Words, Cell::Words, Cell::Birthday]
                | [Cell::Birthday, Cell::Words, Cell::Words]
                | [Cell::Words, Cell::Birthday, Cell::Id]
                | [Cell::Id, Cell::Words, Cell::Birthday]
        )
    };
    if kinds.windows(3).any(person) {
        return true;
    }
    // The time a line was written stands first.
    let score: u32 = kinds
        .iter()
        .enumerate()
        .map(|(at, kind)| if at == 0 && matches!(kind, Cell::Date | Cell::Birthday) { 0 } else { kind.score() })
        .sum();
    let mut different: Vec<Cell> = kinds.iter().copied().filter(|kind| kind.score() > 0).collect();
    different.sort_unstable();
    different.dedup();
    named && score >= MIN_SCORE && different.len() > 1
}

/// Takes a row of names of columns as the heading of those below it, if rules ask for two of them.
fn heads(
    opener: &mut Opener<'_>,
    number: u32,
    segment: &Segment,
    separator: u8,
    found: &[Range<usize>],
    heading: &mut Heading,
) -> bool {
    let text = opener.tape.text(segment);
    // `| mrn | name |`: nothing stands before the first and behind the last.
    let framed = |at: usize| separator == b'|' && (at == 0 || at + 1 == found.len());
    let fits = |(at, range): (usize, &Range<usize>)| {
        cells::is_column(text.get(range.clone()).unwrap_or(&[])) || range.is_empty() && framed(at)
    };
    if !found.iter().enumerate().all(fits) {
        return false;
    }
    let mut columns = Vec::with_capacity(found.len());
    let mut known = 0;
    for range in found {
        if range.is_empty() {
            columns.push(ROOT);
            continue;
        }
        let Some(key) = opener.tape.text(segment).get(range.clone()) else { return false };
        let (path, new) = opener.paths.child(ROOT, key, opener.keys);
        if new {
            #[expect(clippy::cast_possible_truncation, reason = "offsets in a segment of a 31-bit tape")]
            opener.opened.new_keys.push((path, number, range.start as u32..range.end as u32));
        }
        known += u32::from(!opener.paths.meaning(path).rules.is_empty());
        columns.push(path);
    }
    if known < 2 {
        return false;
    }
    *heading = Heading { columns, separator, path: Some(segment.path) };
    true
}
