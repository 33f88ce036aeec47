//! Numbers that stand in JSON without quotes: a marker in their place would break the document.

use crate::resolve::Replacement;

/// Widens replacements that lie in an unquoted JSON number to the whole number, and marks them.
pub(crate) fn mark_bare(text: &[u8], replacements: &mut [Replacement]) {
    for replacement in replacements.iter_mut().filter(|replacement| !replacement.bare) {
        let numeric =
            |range: std::ops::Range<usize>| text.get(range).is_some_and(|part| part.iter().all(|b| number(*b)));
        let before = text.get(..replacement.range.start).unwrap_or(&[]);
        let behind = text.get(replacement.range.end..).unwrap_or(&[]);
        // Bytes that are written as a list of numbers are written anew as one.
        if !numeric(replacement.range.clone())
            && (replacement.inside.is_some()
                || !replacement.layers.is_empty()
                || !is_list(text.get(replacement.range.clone()).unwrap_or(&[]), before, behind))
        {
            continue;
        }
        let start = before.iter().rposition(|byte| !number(*byte)).map_or(0, |last| last + 1);
        let end = replacement.range.end + behind.iter().position(|byte| !number(*byte)).unwrap_or(behind.len());
        if follows_key(text.get(..start).unwrap_or(&[])) && closes(text.get(end..).unwrap_or(&[])) {
            replacement.range = start..end;
            replacement.bare = true;
        }
    }
}

/// Whether these are all numbers of a list.
fn is_list(part: &[u8], before: &[u8], behind: &[u8]) -> bool {
    part.iter().all(|byte| number(*byte) || matches!(byte, b',' | b' ' | b'\n' | b'\t'))
        && before.trim_ascii_end().ends_with(b"[")
        && behind.trim_ascii_start().starts_with(b"]")
}

fn number(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E')
}

/// Whether a value of a quoted key, or of a list that is one, begins behind `before`.
fn follows_key(before: &[u8]) -> bool {
    let before = before.trim_ascii_end();
    let list = |byte: &u8| number(*byte) || matches!(byte, b',' | b' ' | b'\n' | b'\t');
    let head = match before.last() {
        Some(b':') => before,
        Some(b'[' | b',') => {
            let open = before.iter().rposition(|byte| !list(byte)).unwrap_or(0);
            match before.get(open) {
                Some(b'[') => before.get(..open).unwrap_or(&[]).trim_ascii_end(),
                _ => return false,
            }
        }
        _ => return false,
    };
    head.strip_suffix(b":").is_some_and(|key| key.trim_ascii_end().ends_with(b"\""))
}

fn closes(behind: &[u8]) -> bool {
    matches!(behind.trim_ascii_start().first(), Some(b',' | b'}' | b']'))
}
