//! The fixed marker.

use memchr::memmem::Finder;
use std::ops::Range;
use std::sync::LazyLock;

/// What every marker holds, whatever its brackets have become inside a URL.
const WORD: &[u8] = b"REDACTED";
/// Finds it: making a finder takes longer than looking through the few bytes around a finding.
static WORDS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(WORD));
/// The most bytes before and behind [`WORD`] that belong to a marker: brackets, encoded twice over, and a rule's name.
const MARGIN: usize = 48;

/// Writes `[REDACTED:name]`.
pub(super) fn write(name: &str, out: &mut String) {
    out.push_str("[REDACTED:");
    out.push_str(name);
    out.push(']');
}

/// The markers that touch `text[range]`, whole. Their brackets may be percent-encoded.
pub(super) fn touching(text: &[u8], range: Range<usize>) -> Vec<Range<usize>> {
    let from = range.start.saturating_sub(MARGIN);
    let to = (range.end + MARGIN).min(text.len());
    let Some(window) = text.get(from..to) else { return Vec::new() };
    let words = WORDS.find_iter(window);
    words
        .filter_map(|at| whole(text, from + at))
        .filter(|marker| marker.start < range.end && marker.end > range.start)
        .collect()
}

/// The marker whose word begins at `at`.
fn whole(text: &[u8], at: usize) -> Option<Range<usize>> {
    let colon = [":", "%3A", "%253A"]
        .iter()
        .find(|colon| starts_with(text.get(at + WORD.len()..).unwrap_or(&[]), colon.as_bytes()))?;
    let name = at + WORD.len() + colon.len();
    let len =
        text.get(name..)?.iter().take(MARGIN).take_while(|byte| byte.is_ascii_lowercase() || **byte == b'_').count();
    let before = text.get(..at)?;
    let behind = text.get(name + len..)?;
    let open = ["[", "%5B", "%255B"].iter().find(|open| ends_with(before, open.as_bytes()))?.len();
    let close = ["]", "%5D", "%255D"].iter().find(|close| starts_with(behind, close.as_bytes()))?.len();
    (len > 0).then_some(at - open..name + len + close)
}

fn ends_with(text: &[u8], end: &[u8]) -> bool {
    text.len().checked_sub(end.len()).and_then(|at| text.get(at..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

fn starts_with(text: &[u8], start: &[u8]) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}
