//! Takes the tokens of a text for names and places, from left to right, and joins what belongs together.

use super::features::{FEATURES, Tag, View, features};
use super::tokenise::{Shape, Token};
use super::weights::{Weights, best};
use super::words::Class;

/// Whether a token is looked at. Most are not: words that no list knows as a name and no neighbour makes one.
///
/// `previous` is what the two tokens before it were taken for, the nearest first.
#[inline]
pub(crate) fn is_candidate(tokens: &[Token], at: usize, previous: [Tag; 2]) -> bool {
    let [before, second] = previous;
    let Some(token) = tokens.get(at) else { return false };
    let flags = token.flags;
    match token.shape {
        Shape::NameMarker | Shape::PlaceMarker | Shape::Marker => false,
        // A name may be any word behind a title or another name.
        Shape::Title | Shape::Upper | Shape::Inner => {
            flags.is_name() || flags.0 == 0 || before != Tag::Other || leads(tokens, at)
        }
        Shape::Initial => before == Tag::Name || beside_name(tokens, at + 1),
        Shape::Lower => {
            let known = flags.is_name();
            known && flags.safe() == 0 && flags.class() == 0
                || before != Tag::Other && (known || flags.0 == 0 || flags.is(Class::Particle) || before == Tag::Place)
                || (known || flags.0 == 0) && leads(tokens, at)
        }
        Shape::Foreign => before != Tag::Other || leads(tokens, at) || flags.0 == 0,
        Shape::Mixed | Shape::Code => before == Tag::Place,
        Shape::Number => before == Tag::Place || second == Tag::Place || beside_place(tokens, at + 1),
    }
}

/// Whether one of the two tokens before it says that a name or a place may follow.
fn leads(tokens: &[Token], at: usize) -> bool {
    let class = |back: usize| at.checked_sub(back).and_then(|index| tokens.get(index)).map_or(0, |t| t.flags.class());
    let says = |class: u16| class != 0 && class != Class::Software as u16 && class != Class::Month as u16;
    says(class(1)) || says(class(2)) && class(2) != Class::Weak as u16
}

/// Whether a name may stand here.
fn beside_name(tokens: &[Token], at: usize) -> bool {
    tokens.get(at).is_some_and(|token| match token.shape {
        Shape::Title | Shape::Upper | Shape::Inner | Shape::Foreign => token.flags.is_name() || token.flags.0 == 0,
        Shape::Initial => tokens.get(at + 1).is_some_and(|token| token.flags.is_name() || token.flags.0 == 0),
        Shape::Lower | Shape::Mixed | Shape::Number | Shape::Code => false,
        Shape::NameMarker | Shape::PlaceMarker | Shape::Marker => false,
    })
}

/// Whether a street or a town may stand here or behind the next word.
fn beside_place(tokens: &[Token], at: usize) -> bool {
    let near = |at: usize| tokens.get(at);
    let may = |token: &Token| match token.shape {
        Shape::Title | Shape::Upper | Shape::Inner | Shape::Foreign => token.flags.is_name() || token.flags.0 == 0,
        Shape::Lower => token.flags.is_name() || token.flags.is(Class::Street),
        Shape::Initial => true,
        Shape::Mixed | Shape::Number | Shape::Code | Shape::NameMarker | Shape::PlaceMarker | Shape::Marker => false,
    };
    let street = |token: &Token| token.flags.is(Class::Street) && token.shape != Shape::Mixed;
    near(at).is_some_and(may) && (at..at + 4).any(|at| near(at).is_some_and(street))
        || near(at).is_some_and(|token| may(token) && token.flags.street())
}

/// How much more a name or a place must score than anything else, in units of the weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bars {
    /// Where something around the token speaks of persons, or something was found in the text.
    pub(crate) near: i32,
    /// Elsewhere.
    pub(crate) far: i32,
}

impl Bars {
    /// What the model card gives figures for.
    pub(crate) const BUILT_IN: Self = Self { near: 80, far: 120 };
    /// How much a step of bias is worth.
    const STEP: i32 = 40;

    /// Bars that more words pass: fewer if `bias` is below zero.
    pub(crate) fn lowered(self, bias: i32) -> Self {
        Self { near: self.near - bias * Self::STEP, far: self.far - bias * Self::STEP }
    }
}

/// Takes every token for something.
pub(crate) fn decode(
    weights: &Weights<'_>,
    bars: Bars,
    text: &[u8],
    tokens: &[Token],
    found: bool,
    tags: &mut Vec<Tag>,
) {
    tags.clear();
    // Where an earlier scrub replaced something, something was found.
    let found = found || tokens.iter().any(|token| token.shape.is_marker());
    let mut previous = [Tag::Other; 2];
    let mut row = [0; FEATURES];
    for (at, token) in tokens.iter().enumerate() {
        let tag = match token.shape {
            Shape::NameMarker => Tag::Name,
            Shape::PlaceMarker => Tag::Place,
            _ if !is_candidate(tokens, at, previous) => Tag::Other,
            _ => match View::new(text, tokens, at, found) {
                Some(view) => {
                    features(&view, previous, &mut row);
                    let near = found || view.domain >> 2 > 0;
                    best(weights.scores(&row), if near { bars.near } else { bars.far })
                }
                None => Tag::Other,
            },
        };
        tags.push(tag);
        previous = [tag, previous[0]];
    }
}

/// A name or a place, in bytes of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) tag: Tag,
}

/// The most bytes between two parts of one name.
const MAX_GAP: usize = 3;

/// Joins the tokens that were taken for parts of one name or place, and tells each.
pub(crate) fn spans(text: &[u8], tokens: &[Token], tags: &[Tag], mut tell: impl FnMut(Span)) {
    let mut open: Option<(Span, bool)> = None;
    let mut before = Tag::Other;
    for (token, tag) in tokens.iter().zip(tags) {
        let marker = token.shape.is_marker();
        let (start, end) = (token.start as usize, token.end as usize);
        // An initial alone names nobody, but for one in a field behind a name's: `DOE*JANE*Q`.
        let speaks = token.shape != Shape::Initial || before == Tag::Name;
        before = *tag;
        if let Some((span, spoken)) = &mut open {
            if *tag == span.tag && !marker && joins(text.get(span.end..start).unwrap_or(&[])) {
                span.end = end;
                *spoken |= speaks;
                continue;
            }
            if *spoken {
                tell(*span);
            }
            open = None;
        }
        if *tag != Tag::Other && !marker {
            open = Some((Span { start, end, tag: *tag }, speaks));
        }
    }
    if let Some((span, true)) = open {
        tell(span);
    }
}

/// Whether this may stand within a name.
fn joins(gap: &[u8]) -> bool {
    gap.len() <= MAX_GAP
        && gap.iter().all(|byte| matches!(byte, b' ' | b',' | b'.' | b'-' | b'\'' | b'_' | b'^' | b'+' | b'#' | 0x80..))
        || matches!(gap, b"%20" | b",%20" | b"%2C" | b"%27")
}
