//! Takes the tokens of a text for names and places, from left to right, and joins what belongs together.

use super::features::{Tag, View};
use super::tokenise::{Shape, Token};
use super::weights::{TAGS, Weights, best};
use super::words::Class;

/// Whether a token is looked at. Most are not: words that no list knows as a name and no neighbour makes one.
///
/// `previous` is what the two tokens before it were taken for, the nearest first; `mailed` says whether there is an `@`
/// in the text.
#[inline]
pub(crate) fn is_candidate(text: &[u8], tokens: &[Token], at: usize, previous: [Tag; 2], mailed: bool) -> bool {
    let [before, second] = previous;
    let Some(token) = tokens.get(at) else { return false };
    let flags = token.flags;
    let may = match token.shape {
        Shape::NameMarker | Shape::PlaceMarker | Shape::Marker => false,
        // A name may be any word behind a title or another name.
        Shape::Title | Shape::Upper | Shape::Inner => {
            flags.is_name() || flags.0 == 0 || before != Tag::Other || leads(tokens, at)
        }
        Shape::Initial => before == Tag::Name || beside_name(tokens, at + 1),
        // Most words: a list knows them, and not as a name.
        Shape::Lower if flags.0 != 0 && !flags.is_name() => {
            before != Tag::Other && (flags.is(Class::Particle) || before == Tag::Place)
        }
        Shape::Lower => {
            let known = flags.is_name();
            // Towns are too many, and called like too much, to be known written small by their name alone.
            let person = flags.given() > 0 || flags.family() > 0;
            person && flags.safe() == 0 && flags.class() == 0
                || before != Tag::Other && (known || flags.0 == 0 || flags.is(Class::Particle) || before == Tag::Place)
                || known && leads(tokens, at)
                || flags.0 == 0 && speaks_of(tokens, at) && apart(text, token.start as usize)
        }
        Shape::Foreign => true,
        Shape::Mixed | Shape::Code => before == Tag::Place,
        Shape::Number => before == Tag::Place || second == Tag::Place || beside_place(tokens, at + 1),
    };
    let elsewhere = || is_element(text, token) || mailed && in_mailbox(text, token) || is_short_for(text, token);
    may && !elsewhere()
}

/// Some classes of words, as a set.
type Classes = u32;

const fn classes<const N: usize>(all: [Class; N]) -> Classes {
    let (mut set, mut at) = (0, 0);
    while at < N {
        #[expect(clippy::indexing_slicing, reason = "in a constant: out of bounds does not compile")]
        {
            set |= 1 << all[at] as u32;
        }
        at += 1;
    }
    set
}

/// Words behind which a name or a place may follow.
const LEADING: Classes = !classes([Class::Software, Class::Month]) & !1;
/// Words that speak of a person.
const SPEAKING: Classes = classes([Class::Title, Class::Patient, Class::Kin, Class::Intro, Class::Greet, Class::Staff]);
/// Words that join any word to another.
const WEAK: Classes = classes([Class::Weak]);

/// Whether the word `back` tokens before `at` is of one of these classes.
#[inline]
fn is_behind(tokens: &[Token], at: usize, back: usize, classes: Classes) -> bool {
    let word = at.checked_sub(back).and_then(|index| tokens.get(index));
    word.is_some_and(|word| classes >> (word.flags.class() & 31) & 1 == 1)
}

/// Whether one of the two tokens before it says that a name or a place may follow.
fn leads(tokens: &[Token], at: usize) -> bool {
    is_behind(tokens, at, 1, LEADING) || is_behind(tokens, at, 2, LEADING & !WEAK)
}

/// Whether one of the two tokens before it speaks of a person, or the one before it joins any word to another.
fn speaks_of(tokens: &[Token], at: usize) -> bool {
    is_behind(tokens, at, 1, SPEAKING | WEAK) || is_behind(tokens, at, 2, SPEAKING)
}

/// Whether a word that begins at `start` stands by itself, and is no part of a path or an identifier.
fn apart(text: &[u8], start: usize) -> bool {
    let before = start.checked_sub(1).and_then(|before| text.get(before));
    before.is_none_or(|byte| !matches!(byte, b'/' | b'.' | b'-' | b'_' | b'$' | b'@' | b'(' | b'#' | b'\\'))
}

/// Whether a token is an element or a component of a message that other detectors read by position.
fn is_element(text: &[u8], token: &Token) -> bool {
    let (start, end) = (token.start as usize, token.end as usize);
    let parts = |byte: &u8| matches!(byte, b'^' | b'*' | b'~' | 0x1C..=0x1F);
    let coded = |bytes: &[u8]| matches!(bytes, b"%5E" | b"%7E" | b"%2A" | b"%5e" | b"%7e" | b"%2a");
    start.checked_sub(1).and_then(|before| text.get(before)).is_some_and(parts)
        || text.get(end).is_some_and(parts)
        || start.checked_sub(3).and_then(|before| text.get(before..start)).is_some_and(coded)
        || text.get(end..end + 3).is_some_and(coded)
}

/// Whether a token is what `don't` begins with.
fn is_short_for(text: &[u8], token: &Token) -> bool {
    let (word, behind) = (text.get(token.range()), text.get(token.end as usize..));
    let (Some(word), Some(behind)) = (word, behind) else { return false };
    let rest = behind.strip_prefix(b"'").or_else(|| behind.strip_prefix("\u{2019}".as_bytes()));
    let rest = rest.and_then(|rest| rest.strip_prefix(b"t").or_else(|| rest.strip_prefix(b"T")));
    word.last().is_some_and(|last| last.eq_ignore_ascii_case(&b'n'))
        && rest.is_some_and(|rest| !rest.first().is_some_and(u8::is_ascii_alphanumeric))
}

/// The longest name of a mailbox or of its host.
const LONGEST: usize = 64;

/// Whether a token is a part of an e-mail address, which is found as a whole or stays as a whole.
fn in_mailbox(text: &[u8], token: &Token) -> bool {
    let local = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+' | b'%');
    let host = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let (before, behind) = (text.get(..token.start as usize), text.get(token.end as usize..));
    let (Some(before), Some(behind)) = (before, behind) else { return false };
    let right = behind.iter().take(LONGEST).take_while(local).count();
    let left = before.iter().rev().take(LONGEST).take_while(host).count();
    let alnum = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let named = behind.get(right) == Some(&b'@') && alnum(behind.get(right + 1));
    let at = before.len().checked_sub(left + 1);
    let hosted = at.is_some_and(|at| {
        before.get(at) == Some(&b'@') && at.checked_sub(1).is_some_and(|last| alnum(before.get(last)))
    });
    named || hosted
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
    pub(crate) const BUILT_IN: Self = Self { near: 40, far: 90 };
    /// How much a step of bias is worth.
    const STEP: i32 = 40;
    /// How much more it takes where an earlier scrub has been: what that one left was no name by the usual bar, and a
    /// marker in its neighbour's place must not make it one.
    const AGAIN: i32 = 120;

    /// Bars that more words pass: fewer if `bias` is below zero.
    pub(crate) fn lowered(self, bias: i32) -> Self {
        Self { near: self.near - bias * Self::STEP, far: self.far - bias * Self::STEP }
    }
}

/// Takes every token for something; returns whether any is a part of a name or a place.
#[allow(dead_code, reason = "the trainer, which reads this file too, needs it")]
pub(crate) fn decode(
    weights: &Weights<'_>,
    bars: Bars,
    text: &[u8],
    tokens: &[Token],
    found: bool,
    tags: &mut Vec<Tag>,
) -> bool {
    decode_by(bars, text, tokens, found, tags, |view, previous| weights.of(view, previous))
}

/// The same; `weigh` says how much what is around a token speaks for each tag.
pub(crate) fn decode_by(
    bars: Bars,
    text: &[u8],
    tokens: &[Token],
    found: bool,
    tags: &mut Vec<Tag>,
    mut weigh: impl FnMut(&View, [Tag; 2]) -> [i32; TAGS],
) -> bool {
    tags.clear();
    // What most texts need not be asked: few have a number or a candidate.
    let (mut streets, mut asked) = (None, None);
    let mut streets = || {
        *streets.get_or_insert_with(|| tokens.iter().any(|token| token.flags.street() || token.flags.is(Class::Street)))
    };
    let mut previous = [Tag::Other; 2];
    let mut behind = [0; 2];
    let mut any = false;
    tags.resize(tokens.len(), Tag::Other);
    for ((at, token), tag) in tokens.iter().enumerate().zip(tags.iter_mut()) {
        let starts = may_start(token, behind, &mut streets);
        behind = [1 << (token.flags.class() & 31), behind[0]];
        if !starts && matches!(previous, [Tag::Other, Tag::Other]) {
            continue;
        }
        if token.shape == Shape::NameMarker {
            *tag = Tag::Name;
        } else if token.shape == Shape::PlaceMarker {
            *tag = Tag::Place;
        } else {
            let Asked { found, bars, mailed } = *asked.get_or_insert_with(|| Asked::of(bars, text, tokens, found));
            if is_candidate(text, tokens, at, previous, mailed)
                && let Some(view) = View::new(text, tokens, at, found)
            {
                let near = found || view.domain >> 2 > 0;
                *tag = best(weigh(&view, previous), if near { bars.near } else { bars.far });
            }
        }
        any |= *tag != Tag::Other;
        previous = [*tag, previous[0]];
    }
    any
}

/// What is asked of a text in which there is a word to look at.
#[derive(Clone, Copy)]
struct Asked {
    /// Whether something was found in it.
    found: bool,
    bars: Bars,
    /// Whether there is an `@` near its tokens.
    mailed: bool,
}

impl Asked {
    fn of(bars: Bars, text: &[u8], tokens: &[Token], found: bool) -> Self {
        // Where an earlier scrub replaced something, something was found.
        let again = tokens.iter().any(|token| token.shape.is_marker());
        let bars = if again { Bars { near: bars.near + Bars::AGAIN, far: bars.far + Bars::AGAIN } } else { bars };
        // A long text is cut many times: only what lies near these tokens is looked at each time.
        let start = tokens.first().map_or(0, |token| (token.start as usize).saturating_sub(LONGEST + 1));
        let end = tokens.last().map_or(0, |token| token.end as usize + LONGEST + 1).min(text.len());
        let mailed = text.get(start..end).is_some_and(|near| memchr::memchr(b'@', near).is_some());
        Self { found: found || again, bars, mailed }
    }
}

/// Whether a token behind words of these classes, the nearest first, that are no names may be looked at: no `false` for
/// one that [`is_candidate`] takes. Most words are passed over here. `streets` says whether the text has words that
/// streets are called by.
#[inline]
fn may_start(token: &Token, behind: [Classes; 2], streets: &mut impl FnMut() -> bool) -> bool {
    let flags = token.flags;
    match token.shape {
        Shape::Lower => {
            if flags.0 == 0 {
                behind[0] & (SPEAKING | WEAK) | behind[1] & SPEAKING != 0
            } else {
                flags.is_name()
                    && (behind[0] & LEADING | behind[1] & (LEADING & !WEAK) != 0
                        || flags.safe() == 0 && flags.class() == 0)
            }
        }
        Shape::Title | Shape::Upper | Shape::Inner => {
            flags.0 == 0 || flags.is_name() || behind[0] & LEADING | behind[1] & (LEADING & !WEAK) != 0
        }
        Shape::Mixed | Shape::Code | Shape::Marker => false,
        Shape::Number => streets(),
        Shape::Initial | Shape::Foreign | Shape::NameMarker | Shape::PlaceMarker => true,
    }
}

/// A name or a place, in bytes of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) tag: Tag,
}

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

/// Whether this may stand within a name. A comma without a blank parts the cells of a row.
fn joins(gap: &[u8]) -> bool {
    let signs: [&[u8]; 18] = [
        b" ",
        b"  ",
        b"-",
        b"'",
        b"''",
        b". ",
        b".",
        b", ",
        b"_",
        b"+",
        b"%20",
        b",%20",
        b"%2C%20",
        b",+",
        b"%27",
        b" #",
        b"\xE2\x80\x99",
        b"\xC2\xA0",
    ];
    gap.is_empty() || signs.contains(&gap)
}
