//! Where a candidate ends whose longest end breaks its rule's edge.

use super::shape::{Match, right_edge};
use crate::pack::Shape;
use regex_automata::{Anchored, Input, meta};

/// How many ends of a candidate are tried whose longest breaks its edge, and how far before one the next is looked for.
const MAX_ENDS: usize = 3;
const MAX_BACK_END: usize = 64;

/// The match, or a shorter one from the same byte on, whose right edge holds: the longest end may break it where a shorter one
/// does not, as in `x.pdf..n2x`.
pub(super) fn within_edge(shape: &Shape, cache: &mut meta::Cache, text: &[u8], mut found: Match) -> Option<Match> {
    if right_edge(text, found.end, shape.edge) {
        return Some(found);
    }
    // No letter is cut in two: rules may take the bytes of others one by one.
    let whole = |end: usize| !text.get(end).is_some_and(|byte| (0x80..0xc0).contains(byte));
    let ends_well = |end: usize| right_edge(text, end, shape.edge) && whole(end);
    for _ in 0..MAX_ENDS {
        let mut ends = (found.start + 1..found.end).rev().take(MAX_BACK_END);
        let end = ends.find(|end| ends_well(*end))?;
        let input = Input::new(text).span(found.start..end).anchored(Anchored::Yes);
        found.end = shape.regex.search_with(cache, &input)?.end();
        if ends_well(found.end) {
            return Some(found);
        }
    }
    None
}
