//! Forms in parts (RFC 7578): `Content-Disposition: form-data; name="ssn"`, a blank line, the value, up to the next boundary. The
//! name is the value's key.

use super::{Opener, Reader, sql};
use crate::tape::{Marks, Segment, TapeFull};
use std::ops::Range;

/// Reads forms: a semicolon stands before a name.
pub(super) const READER: Reader = Reader { marks: Marks::SEMICOLON, open };

/// What stands before that.
const FIELD: &[u8] = b"form-data";
/// The longest headers of a part, and the longest value that is no document or file.
const MAX_HEADERS: usize = 512;
const MAX_VALUE: usize = 4096;

fn open(opener: &mut Opener<'_>, number: u32, segment: &Segment) -> Result<(), TapeFull> {
    let mut at = 0;
    loop {
        let text = opener.tape.text(segment);
        let hit = text.get(at..).and_then(|rest| memchr::memchr(b';', rest)).map(|offset| at + offset);
        let Some(hit) = hit else { return Ok(()) };
        at = hit + 1;
        let field = text.get(..hit).is_some_and(|before| before.ends_with(FIELD));
        let Some((name, value)) = field.then(|| part(text, at)).flatten() else { continue };
        at = value.end.max(at);
        let path = sql::child(opener, number, segment, segment.path, name);
        if !value.is_empty() && opener.paths.meaning(path).says_something() {
            opener.alias(number, value, path, false, false);
        }
    }
}

/// The name and the value of the part whose parameters begin at `at`.
fn part(text: &[u8], at: usize) -> Option<(Range<usize>, Range<usize>)> {
    let headers = text.get(at..)?;
    let headers = headers.get(..MAX_HEADERS).unwrap_or(headers);
    // ` filename=` ends with a name too.
    let quote = [&b" name=\""[..], b"; name=\"", b" name=\\\""]
        .iter()
        .find_map(|sign| memchr::memmem::find(headers, sign).map(|start| start + sign.len()))?;
    let len = headers.get(quote..)?.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
    let name = at + quote..at + quote + len;
    let behind = headers.get(quote + len..)?;
    let blank = [&b"\r\n\r\n"[..], b"\n\n", b"\\r\\n\\r\\n", b"\\n\\n"];
    let gap = blank.iter().filter_map(|gap| memchr::memmem::find(behind, gap).map(|at| at + gap.len())).min()?;
    let start = name.end + gap;
    let rest = text.get(start..)?;
    let rest = rest.get(..MAX_VALUE).unwrap_or(rest);
    let ends = [&b"\r\n--"[..], b"\n--", b"\\r\\n--", b"\\n--"];
    let len = ends.iter().filter_map(|end| memchr::memmem::find(rest, end)).min().unwrap_or(rest.len());
    let lead = rest.get(..len)?.len() - rest.get(..len)?.trim_ascii_start().len();
    let kept = rest.get(..len)?.trim_ascii().len();
    Some((name, start + lead..start + lead + kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_a_name_and_a_value() {
        for (text, expected) in [
            ("form-data; name=\"last_name\"\r\n\r\nOrlova\r\n--XbX", Some(("last_name", "Orlova"))),
            ("form-data; name=\"f\"; filename=\"a.txt\"\nContent-Type: text/plain\n\nx y\n--B", Some(("f", "x y"))),
            (r#"form-data; name=\"ssn\"\r\n\r\n279-12-5021\r\n--XbX"#, Some(("ssn", "279-12-5021"))),
            ("form-data; name=\"a\"\r\n\r\ncut o", Some(("a", "cut o"))),
            ("form-data; name=\"a\"", None),
            ("form-data;", None),
        ] {
            let found = part(text.as_bytes(), FIELD.len() + 1);
            assert_eq!(found.map(|(name, value)| (&text[name], &text[value])), expected, "{text}");
        }
    }
}
