//! What remains is not identifying: the forms 45 CFR 164.514(b)(2)(i)(B) and (C) allow.

use super::zip3;
use crate::pack::Identifier;
use crate::validators::{Date, Today};

/// The generalised form of `text`, or `None` if it has none and must go.
pub(super) fn generalize(identifier: Identifier, text: &[u8], today: Today) -> Option<String> {
    match identifier {
        Identifier::B => place(text),
        Identifier::C => age(text).or_else(|| year(text, today)),
        Identifier::A
        | Identifier::D
        | Identifier::E
        | Identifier::F
        | Identifier::G
        | Identifier::H
        | Identifier::I
        | Identifier::J
        | Identifier::K
        | Identifier::L
        | Identifier::M
        | Identifier::N
        | Identifier::O
        | Identifier::P
        | Identifier::Q
        | Identifier::R
        | Identifier::Secret => None,
    }
}

/// A ZIP code's first three digits, 000 where they stand for few people.
fn place(text: &[u8]) -> Option<String> {
    let digits: Vec<u8> = text.iter().copied().filter(u8::is_ascii_digit).collect();
    if !matches!(digits.len(), 5 | 9) || text.iter().any(u8::is_ascii_alphabetic) {
        return None;
    }
    let prefix = digits.iter().take(3).fold(0u16, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    Some(if zip3::is_populous(prefix) { format!("{prefix:03}") } else { "000".into() })
}

/// An age over 89 alone.
fn age(text: &[u8]) -> Option<String> {
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    let only = text.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_whitespace());
    (only && matches!(digits, 2 | 3)).then(|| "90+".into())
}

/// A date's year, unless it tells that somebody is over 89.
fn year(text: &[u8], today: Today) -> Option<String> {
    let year = Date::parse(text)?.year?;
    let stated = year.to_string();
    // A year of two digits was a guess: what is not in the text does not get into it.
    let is_stated = text.windows(4).any(|window| window == stated.as_bytes());
    (is_stated && year + 89 >= today.year).then_some(stated)
}
