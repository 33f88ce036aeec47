//! What a site knows of its own names: words that are none, words that always are, lists of people.

use super::features::Tag;
use super::tokenise::{Prose, Shape, Token, code_id, cut};
use super::words::Flags;
use crate::tape::Kinds;
use std::collections::{HashMap, HashSet};

/// Names as a site's configuration has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameTuning {
    /// How readily words are taken for names, in steps from -10 to 10: more are found the higher, and more that are none.
    pub bias: i32,
    /// Words and names that are none.
    pub allowed: Vec<String>,
    /// Words and names that always are.
    pub denied: Vec<String>,
    /// People, a name each: known like frequent names, and found wherever their whole name stands.
    pub roster: Vec<String>,
}

/// The same, as the tagger reads it.
#[derive(Debug, Default)]
pub(crate) struct Site {
    pub(crate) bias: i32,
    allowed: Phrases,
    denied: Phrases,
    /// Words of the roster.
    known: HashSet<u32>,
}

/// Word sequences by their first word.
type Phrases = HashMap<u32, Vec<Box<[u32]>>>;

impl Site {
    pub(crate) fn new(tuning: &NameTuning) -> Self {
        let NameTuning { bias, allowed, denied, roster } = tuning;
        let mut site = Self { bias: *bias, ..Self::default() };
        allowed.iter().for_each(|text| note(&mut site.allowed, words_of(text)));
        denied.iter().for_each(|text| note(&mut site.denied, words_of(text)));
        for text in roster {
            let words = words_of(text);
            site.known.extend(&words);
            // `Doe, Jane` is `Jane Doe`. A name of one word is known, but no proof.
            if let [first, middle @ .., last] = words.as_slice() {
                note(&mut site.denied, [&[*last][..], &[*first], middle].concat());
                note(&mut site.denied, words);
            }
        }
        site
    }

    /// Gives the words of the roster the flags of frequent names.
    #[inline]
    pub(crate) fn know(&self, text: &[u8], tokens: &mut [Token]) {
        if !self.allowed.is_empty() || !self.denied.is_empty() {
            tokens.iter_mut().filter(|token| token.shape == Shape::Code).for_each(|token| {
                token.id = code_id(text, token);
            });
        }
        if self.known.is_empty() {
            return;
        }
        for token in tokens.iter_mut().filter(|token| token.shape.is_word() && self.known.contains(&token.id)) {
            token.flags = Flags::new(3, 3, 0, 0, false, 0);
        }
    }

    /// Has the site's words decide over the model's; returns whether any is a name for it.
    #[inline]
    pub(crate) fn overrule(&self, tokens: &[Token], tags: &mut [Tag]) -> bool {
        apply(&self.allowed, tokens, tags, Tag::Other);
        apply(&self.denied, tokens, tags, Tag::Name)
    }
}

fn apply(phrases: &Phrases, tokens: &[Token], tags: &mut [Tag], tag: Tag) -> bool {
    let mut applied = false;
    if phrases.is_empty() {
        return applied;
    }
    for (at, token) in tokens.iter().enumerate() {
        for phrase in phrases.get(&token.id).into_iter().flatten() {
            let here = tokens.get(at..at + phrase.len()).unwrap_or(&[]);
            let same = |(token, id): (&Token, &u32)| token.shape.is_word() && token.id == *id;
            if here.len() == phrase.len() && here.iter().zip(phrase).all(same) {
                tags.iter_mut().skip(at).take(phrase.len()).for_each(|taken| *taken = tag);
                applied = true;
            }
        }
    }
    applied
}

fn note(phrases: &mut Phrases, words: Vec<u32>) {
    if let Some(first) = words.first() {
        phrases.entry(*first).or_default().push(words.into());
    }
}

/// The words of a text, as tokens have them.
fn words_of(text: &str) -> Vec<u32> {
    let (mut kinds, mut tokens) = (Kinds::default(), Vec::new());
    cut(&Prose::alone(text.as_bytes(), &mut kinds), 0, usize::MAX, |_| Flags::default(), &mut tokens);
    let id = |token: &Token| {
        if token.shape == Shape::Code {
            return Some(code_id(text.as_bytes(), token));
        }
        token.shape.is_word().then_some(token.id)
    };
    tokens.iter().filter_map(id).collect()
}

impl NameTuning {
    /// The steps that [`NameTuning::bias`] may take.
    pub const STEPS: std::ops::RangeInclusive<i32> = -10..=10;

    /// What this finds less than `old`: one line each.
    pub(crate) fn weaker_than(&self, old: &Self) -> Vec<String> {
        let mut weaker = Vec::new();
        if self.bias < old.bias {
            weaker.push("names are taken for names less readily".to_owned());
        }
        let more = |new: &[String], old: &[String]| new.iter().filter(|text| !old.contains(text)).count();
        let (allowed, denied) = (more(&self.allowed, &old.allowed), more(&old.denied, &self.denied));
        if allowed > 0 {
            weaker.push(format!("{allowed} more word(s) are no names"));
        }
        let gone = denied + more(&old.roster, &self.roster);
        if gone > 0 {
            weaker.push(format!("{gone} name(s) are listed no more"));
        }
        weaker
    }
}
