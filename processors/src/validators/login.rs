//! Names that people sign in with and that are made of theirs: `jsmith`, `maria.gonzalez`, `nguyen.thi88`.

use super::Validator;
use super::username::USERNAME;
use crate::detectors::names::words::{BUILT_IN, Flags, WordHash, Words};
use std::sync::LazyLock;

/// An account's name that the lists of names make somebody's.
pub(super) const LOGIN: Validator = Validator {
    name: "login",
    about: "an account's name made of a person's: `jsmith`, `maria.gonzalez`, `nguyen.thi88`; no word, service or role",
    longest: None,
    check: |text, today| (USERNAME.check)(text, today) && login(text),
};

/// The longest part that is looked up, and the most digits behind the name.
const LONGEST: usize = 24;
const MAX_DIGITS: usize = 4;
/// The shortest family name behind an initial.
const SHORTEST: usize = 3;

fn login(text: &[u8]) -> bool {
    let digits = text.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let Some(name) = text.get(..text.len() - digits).filter(|_| digits <= MAX_DIGITS) else { return false };
    let mut parts = name.split(|byte| matches!(byte, b'.' | b'_'));
    match (parts.next(), parts.next(), parts.next()) {
        (Some(one), None, _) => is_one(one),
        (Some(first), Some(second), None) => is_two(first, second),
        _ => false,
    }
}

/// An initial or two before a family name, a family name, or a given one; `scheduler` and `platform` are words.
fn is_one(name: &[u8]) -> bool {
    let whole = flags(name);
    if name.len() < SHORTEST + 1 || whole.safe() > 0 || !name.iter().all(u8::is_ascii_alphabetic) {
        return false;
    }
    let behind = |initials: usize, least: u16| {
        let family = name.get(initials..).filter(|family| family.len() >= SHORTEST);
        family.is_some_and(|family| flags(family).family() >= least)
    };
    whole.given() > 1 || whole.family() > 1 || behind(1, 2) || behind(2, 3)
}

/// A given name or an initial, and a family name; or the other way round.
fn is_two(first: &[u8], second: &[u8]) -> bool {
    let (one, two) = (flags(first), flags(second));
    let word = |part: &[u8], flags: Flags| part.len() > 1 && flags.safe() > 1 && flags.given() < 2;
    let named = |part: &[u8], flags: Flags| part.len() > 1 && (flags.given() > 0 || flags.family() > 0);
    !word(first, one) && !word(second, two) && (named(first, one) || named(second, two))
}

/// Whether a word is one of the language and hardly anybody's name.
pub(crate) fn is_everyday(word: &[u8]) -> bool {
    let flags = flags(word);
    flags.safe() > 1 && flags.given() < 2 && flags.family() < 2
}

/// What the lists say of a word.
fn flags(word: &[u8]) -> Flags {
    static WORDS: LazyLock<Option<Words<'static>>> = LazyLock::new(|| Words::read(BUILT_IN));
    let mut small = [0; LONGEST];
    let Some(small) = small.get_mut(..word.len()) else { return Flags::default() };
    small.copy_from_slice(word);
    small.make_ascii_lowercase();
    WORDS.as_ref().map_or(Flags::default(), |words| words.flags(WordHash::of(small)))
}
