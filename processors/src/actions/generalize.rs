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

/// The year of a day or a month, in whatever form: with a time behind it, a weekday before it, as a call or as digits alone.
fn stated_year(text: &[u8]) -> Option<u16> {
    let text = text.trim_ascii();
    // `datetime.date(1958, 3, 14)`, `Date.new(1958, 3, 14)`.
    let text = match (memchr::memchr(b'(', text), text.last()) {
        (Some(open), Some(b')')) => text.get(open + 1..text.len() - 1)?,
        _ => text,
    };
    // `eq1958-03-14` of a FHIR search, `D:19580314` of a PDF.
    let lead = text.iter().take_while(|byte| byte.is_ascii_lowercase() || matches!(byte, b'D' | b':')).count();
    let text = if lead == 2 { text.get(lead..)? } else { text };
    let weekday = text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let named = text.get(..weekday).is_some_and(|word| WEEKDAYS.iter().any(|day| starts(word, day)));
    let text = if named { text.get(weekday..)?.trim_ascii_start() } else { text };
    let text = text.strip_prefix(b",").or_else(|| text.strip_prefix(b".")).unwrap_or(text).trim_ascii_start();
    let year = |text: &[u8]| Date::parse(text).and_then(|date| date.year);
    year(text).or_else(|| year(before_time(text)?)).or_else(|| month_of_year(text))
}

const WEEKDAYS: [&[u8]; 7] = [b"mon", b"tue", b"wed", b"thu", b"fri", b"sat", b"sun"];

fn starts(word: &[u8], with: &[u8]) -> bool {
    word.get(..3).is_some_and(|head| head.eq_ignore_ascii_case(with))
}

/// What stands before a time of day.
fn before_time(text: &[u8]) -> Option<&[u8]> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if matches!(digits, 12 | 14) {
        return text.get(..8);
    }
    let at = text.windows(3).enumerate().skip(5).find_map(|(at, three)| {
        let joint = matches!(three.first(), Some(b'T' | b't' | b' ' | b'_' | b',' | b':' | b'@'));
        (joint
            && three.iter().skip(1).all(u8::is_ascii_digit)
            && is_time(text.get(at + 1..)?, three.first() == Some(&b'T')))
        .then_some(at)
    })?;
    text.get(..at)
}

/// `10:30`, `103000`, `10h30`.
fn is_time(text: &[u8], joined: bool) -> bool {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    match digits {
        2 => matches!(text.get(2), Some(b':' | b'h' | b'.')),
        4 | 6 => joined,
        _ => false,
    }
}

/// `March 1958`, `1958-03`, `03/1958`: a year of four digits, and nothing that is no month.
fn month_of_year(text: &[u8]) -> Option<u16> {
    let (mut year, mut months) = (None, 0);
    for part in text.split(|byte| !byte.is_ascii_alphanumeric()).filter(|part| !part.is_empty()) {
        let number = part.iter().all(u8::is_ascii_digit);
        match part.len() {
            4 if number && year.is_none() => {
                year = std::str::from_utf8(part)
                    .ok()
                    .and_then(|part| part.parse().ok())
                    .filter(|year| (1890..=2100).contains(year));
                year?;
            }
            1 | 2 if number && months == 0 => months = 1,
            3.. if !number && months == 0 && Date::parse(&[part, b" 1"].concat()).is_some() => months = 1,
            _ => return None,
        }
    }
    year
}

/// A date's year, unless it tells that somebody is over 89.
fn year(text: &[u8], today: Today) -> Option<String> {
    let year = stated_year(text)?;
    let stated = year.to_string();
    // A year of two digits was a guess: what is not in the text does not get into it.
    let is_stated = text.windows(4).any(|window| window == stated.as_bytes());
    (is_stated && year + 89 >= today.year).then_some(stated)
}
