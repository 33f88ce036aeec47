//! Lines that a container runtime cut into several: `.. stdout P ssn 536-22-`, `.. stdout F 8147`, and `{"log":".."}` without a
//! line break at its end. Where one text holds them, they are joined and read once more, without what the runtime writes
//! before each.

use super::joins::payload;
use super::{Opener, Reader};
use crate::tape::{Marks, Segment, TapeFull};
use std::ops::Range;

/// How a line of the format `json-file` begins, and what stands behind its text.
const LOG: &[u8] = b"{\"log\":\"";
const STREAM: &[u8] = b"\",\"stream\":";
/// The most lines that are one.
const MAX_LINES: usize = 64;

/// Joins lines that go on in the next.
pub(super) const READER: Reader = Reader { marks: Marks::NEWLINE, open };

fn open(opener: &mut Opener<'_>, number: u32, segment: &Segment) -> Result<(), TapeFull> {
    let text = opener.tape.text(segment);
    let begins = text.first().is_some_and(u8::is_ascii_digit) || text.starts_with(LOG);
    if !begins {
        return Ok(());
    }
    let mut lines: Vec<(u32, Range<usize>)> = Vec::new();
    let mut joins: Vec<Vec<(u32, Range<usize>)>> = Vec::new();
    let mut start = 0;
    while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
        let len = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let read = rest.get(..len).and_then(line);
        let goes_on = read.as_ref().is_some_and(|(_, partial)| *partial) && lines.len() < MAX_LINES;
        if let Some((inside, _)) = read.filter(|_| goes_on || !lines.is_empty()) {
            lines.push((number, start + inside.start..start + inside.end));
        }
        start += len + 1;
        if !goes_on && !lines.is_empty() {
            joins.push(std::mem::take(&mut lines));
        }
    }
    joins.push(lines);
    for lines in joins.iter().filter(|lines| lines.len() > 1) {
        opener.tape.join(lines, b"", segment.path, segment.place)?;
    }
    Ok(())
}

/// Where in a line its text stands, and whether that goes on in the next line. `None` for what no runtime wrote.
fn line(line: &[u8]) -> Option<(Range<usize>, bool)> {
    if line.starts_with(LOG) {
        let len = memchr::memmem::find(line.get(LOG.len()..)?, STREAM)?;
        let inside = LOG.len()..LOG.len() + len;
        let ends = line.get(inside.clone())?.ends_with(br"\n");
        return Some((inside, !ends));
    }
    let (from, _, partial) = payload(line);
    (from > 0).then_some((from..line.len(), partial))
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn runtimes_say_whether_a_line_goes_on() {
        let read = |text: &str| line(text.as_bytes()).map(|(inside, partial)| (text[inside].to_owned(), partial));
        assert_eq!(read("2026-01-01T12:00:00.1Z stdout P ssn 536-"), Some(("ssn 536-".to_owned(), true)));
        assert_eq!(read("2026-01-01T12:00:00.1Z stderr F 22-8147"), Some(("22-8147".to_owned(), false)));
        assert_eq!(read(r#"{"log":"ssn 536-","stream":"stdout"}"#), Some(("ssn 536-".to_owned(), true)));
        assert_eq!(read(r#"{"log":"22-8147\n","stream":"stdout"}"#), Some((r"22-8147\n".to_owned(), false)));
        assert_eq!(read("2026-01-01T12:00:00.1Z INFO stdout"), None);
    }
}
