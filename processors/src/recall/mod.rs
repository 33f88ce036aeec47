//! What was found once in a batch is found everywhere in it: a name in other order and case, a number with and without
//! its dashes.
//!
//! A name that a key gives away in one record stands without any key in the next one's exception message. So what is
//! memorable of the findings becomes [`Seeds`], and a [`Finder`] of them goes over all texts of the same batch. Nothing
//! is kept for the next batch: telemetry of one person must not decide about another's.
//!
//! Memorable is what was found with certainty and is hard to meet by chance. [`name`], [`code`] and [`everyday`] say
//! what that is.

mod code;
mod everyday;
mod name;
#[cfg(test)]
mod tests;

use crate::matcher::{Event, words::Words};
use crate::pack::{Identifier, Rule};
use crate::tape::Kinds;
use aho_corasick::{AhoCorasick, AhoCorasickKind, Input, MatchKind};
use code::Codes;
use name::Names;
use std::cmp::Reverse;
use std::ops::Range;

/// How many parts of names and how many codes are remembered at most. A batch that holds more people is searched for
/// the first ones.
const MAX_NAMES: usize = 1024;
const MAX_CODES: usize = 1024;
/// How many bytes of what is looked for there are at most: what a finder costs to make.
const MAX_PATTERNS: usize = 1 << 17;

/// What a batch gave that is worth looking for.
#[derive(Debug, Default)]
pub(crate) struct Seeds {
    names: Names,
    codes: Codes,
}

impl Seeds {
    /// Takes what `rule`, the one at this place of the rule set, found, if it is memorable.
    pub(crate) fn take(&mut self, index: u16, rule: &Rule, found: &[u8]) {
        let Ok(found) = std::str::from_utf8(found) else { return };
        if !is_certain(rule) {
            return;
        }
        let named = rule.identifier == Identifier::A && self.names.len() < MAX_NAMES;
        if named {
            self.names.add(index, found);
        }
        let coded = !named || found.bytes().any(|byte| byte.is_ascii_digit());
        if !coded || self.codes.len() >= MAX_CODES || self.codes.add(index, rule.identifier, found) {
            return;
        }
        // What an account is called stands for its owner, if it is no word.
        if rule.identifier == Identifier::R && rule.id.contains("user") && self.names.len() < MAX_NAMES {
            self.names.add_account(index, found);
        }
    }

    /// What finds them; `None` if there are none.
    pub(crate) fn finder(self) -> Option<Finder> {
        if self.names.is_empty() && self.codes.is_empty() {
            return None;
        }
        let mut finder = Patterns::default();
        for (part, rule) in self.names.anchors() {
            for spelling in cases(part) {
                finder.add(&spelling, Meaning::Name { rule });
            }
        }
        for code in self.codes.rare() {
            for spelling in &code.spellings {
                finder.add(spelling, Meaning::Code { rule: code.rule, number: code.digits.is_some() });
            }
        }
        let Patterns { texts, meanings, bytes: _ } = finder;
        let index = Index::of(&texts)?;
        (!texts.is_empty()).then_some(Finder { index, meanings, seeds: self })
    }
}

/// Whether a rule's findings are more than likely: it goes by a key, has checked what it found, or needs no context.
fn is_certain(rule: &Rule) -> bool {
    rule.keyed.is_some() || rule.validator.is_some() || rule.context.is_none()
}

/// A word as it is written where case is free: small, capital, with a capital in front.
fn cases(lower: &str) -> Vec<String> {
    let mut capital = String::with_capacity(lower.len());
    let mut begins = true;
    for char in lower.chars() {
        if begins {
            capital.extend(char.to_uppercase());
        } else {
            capital.push(char);
        }
        begins = char == '\'';
    }
    let mut cases = vec![lower.to_owned(), lower.to_uppercase(), capital];
    // `McKinney`, `MacDonald`.
    for prefix in ["mc", "mac"] {
        if let Some(rest) = lower.strip_prefix(prefix)
            && let Some(first) = rest.chars().next().filter(|_| rest.len() > 2)
        {
            let tail = rest.get(first.len_utf8()..).unwrap_or_default();
            cases.push(format!("M{}{}{tail}", prefix.get(1..).unwrap_or_default(), first.to_uppercase()));
        }
    }
    cases
}

#[derive(Debug, Default)]
struct Patterns {
    texts: Vec<String>,
    meanings: Vec<Meaning>,
    bytes: usize,
}

impl Patterns {
    fn add(&mut self, text: &str, meaning: Meaning) {
        if self.bytes + text.len() <= MAX_PATTERNS {
            self.bytes += text.len();
            self.texts.push(text.to_owned());
            self.meanings.push(meaning);
        }
    }
}

/// What a pattern stands for.
#[derive(Clone, Copy, Debug)]
enum Meaning {
    /// A code or number.
    Code { rule: u16, number: bool },
    /// A part of a name.
    Name { rule: u16 },
}

/// Something that was found again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recalled {
    /// Where.
    pub(crate) range: Range<usize>,
    /// The rule that found it first.
    pub(crate) rule: u16,
    /// How it stands there.
    pub(crate) stands: Stands,
}

/// How something stands where it was found again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stands {
    /// As a whole: a code, or parts of a name beside each other.
    Whole,
    /// As a single word of a name: enough in prose, too little among opaque codes.
    Alone,
    /// The same, where programs write so: `com.jackson.core`, `tanaka()`. Enough in a key.
    InCode,
}

/// Where patterns stand. What is found again stands alone, so that it is enough to look words up; an automaton reads every
/// byte.
enum Index {
    /// With the length of each pattern.
    Words(Words, Vec<usize>),
    /// For all, if one has no word of ASCII.
    Automaton(AhoCorasick),
}

impl Index {
    fn of(texts: &[String]) -> Option<Self> {
        let mut words = Words::new();
        if texts.iter().zip(0..).all(|(text, number)| words.add_text(text.clone().into_bytes(), false, number)) {
            return Some(Self::Words(words, texts.iter().map(String::len).collect()));
        }
        Self::automaton(texts)
    }

    fn automaton(texts: &[String]) -> Option<Self> {
        // A batch is too short for what a DFA costs to make.
        let mut builder = AhoCorasick::builder();
        builder.kind(Some(AhoCorasickKind::ContiguousNFA)).match_kind(MatchKind::LeftmostLongest);
        builder.build(texts).ok().map(Self::Automaton)
    }

    /// Tells where patterns stand, from left to right: of those that begin at one place the longest, and none that begins
    /// before what `tell` says.
    fn search(&self, text: &[u8], kinds: &Kinds, mut tell: impl FnMut(Range<usize>, usize) -> usize) {
        let mut at = 0;
        match self {
            Self::Words(words, lengths) => {
                let mut events = Vec::new();
                words.scan(text, kinds, &mut events);
                let found = |event: &Event| {
                    let (pattern, end) = (event.trigger as usize, event.end as usize);
                    (end.saturating_sub(lengths.get(pattern).copied().unwrap_or(0)), Reverse(end), pattern)
                };
                events.sort_unstable_by_key(found);
                for (start, Reverse(end), pattern) in events.iter().map(found) {
                    if start >= at {
                        at = tell(start..end, pattern);
                    }
                }
            }
            Self::Automaton(automaton) => {
                while at < text.len()
                    && let Some(found) = automaton.find(Input::new(text).range(at..))
                {
                    at = tell(found.range(), found.pattern().as_usize());
                }
            }
        }
    }
}

/// Finds what a batch gave before. Not printed by anything: it holds texts.
pub(crate) struct Finder {
    index: Index,
    meanings: Vec<Meaning>,
    seeds: Seeds,
}

impl std::fmt::Debug for Finder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Finder(..)")
    }
}

impl Finder {
    /// Tells of everything it knows in `text`, whose bytes are of these kinds, in order. One pass; what looks like it and is
    /// a part of another word is passed over.
    pub(crate) fn search(&self, text: &[u8], kinds: &Kinds, mut tell: impl FnMut(Recalled)) {
        self.index.search(text, kinds, |found, pattern| {
            let mut behind = found.start + 1;
            let Some(meaning) = self.meanings.get(pattern) else { return behind };
            let mut recalled = |range: Range<usize>, rule: u16, stands: Stands| {
                behind = behind.max(range.end);
                tell(Recalled { range, rule, stands });
            };
            match *meaning {
                Meaning::Code { rule, number } => {
                    if is_alone(text, &found) && !(number && goes_on(text, &found)) {
                        recalled(found, rule, Stands::Whole);
                    }
                }
                Meaning::Name { rule } => {
                    if let Some((pieces, stands)) = self.seeds.names.around(text, found) {
                        pieces.into_iter().for_each(|piece| recalled(piece, rule, stands));
                    }
                }
            }
            behind
        });
    }

    /// The rule that found this number before, as a text or a number.
    pub(crate) fn rule_of(&self, decimal: &str) -> Option<u16> {
        self.seeds.codes.rule_of(decimal)
    }
}

/// Whether no letter and no digit touches `word`.
fn is_alone(text: &[u8], word: &Range<usize>) -> bool {
    let before = text.get(..word.start).and_then(last_char);
    let behind = text.get(word.end..).and_then(first_char);
    !before.is_some_and(char::is_alphanumeric) && !behind.is_some_and(char::is_alphanumeric)
}

/// Whether a number is the part of a longer one before or behind a decimal point.
fn goes_on(text: &[u8], number: &Range<usize>) -> bool {
    let digit = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(u8::is_ascii_digit);
    let point = |at: Option<usize>| at.and_then(|at| text.get(at)) == Some(&b'.');
    point(number.start.checked_sub(1)) && digit(number.start.checked_sub(2))
        || point(Some(number.end)) && digit(Some(number.end + 1))
}

fn first_char(text: &[u8]) -> Option<char> {
    let first = *text.first()?;
    if first.is_ascii() {
        return Some(char::from(first));
    }
    (2..=4).find_map(|len| std::str::from_utf8(text.get(..len)?).ok()?.chars().next())
}

fn last_char(text: &[u8]) -> Option<char> {
    let last = *text.last()?;
    if last.is_ascii() {
        return Some(char::from(last));
    }
    (2..=4).find_map(|len| std::str::from_utf8(text.get(text.len().checked_sub(len)?..)?).ok()?.chars().next())
}
