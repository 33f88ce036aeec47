//! The look of a person's name, where a key hints at one without saying so.

use super::Validator;

/// Two to four words of letters, or `Last, First`, each with a capital and no digit.
pub(super) const PERSON: Validator =
    Validator { name: "person", about: "two to four capitalised words of letters", check: |text, _| person(text) };

fn person(text: &[u8]) -> bool {
    let words: Vec<&[u8]> =
        text.split(|byte| matches!(byte, b' ' | b',' | b'^' | b'+')).filter(|word| !word.is_empty()).collect();
    (2..=4).contains(&words.len()) && words.iter().all(|word| is_name(word))
}

/// A capital or a letter outside ASCII first; then letters, apostrophes, hyphens, a final full stop.
fn is_name(word: &[u8]) -> bool {
    let Some((first, rest)) = word.split_first() else { return false };
    (first.is_ascii_uppercase() || *first >= 0x80)
        && rest.iter().all(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80 || matches!(byte, b'\'' | b'-' | b'.'))
        && !(rest.len() > 3 && rest.iter().all(u8::is_ascii_uppercase) && word.len() > 14)
}
