//! What belongs to an address and has no look of its own: the number before a street, the flat behind it, the code behind a
//! town. Grows what was found in prose; a text without a place pays nothing.

use super::Search;
use crate::pack::{Identifier, Rule};
use crate::tape::Origin;
use std::ops::Range;

/// The most parts that are taken on each side.
const MAX_PARTS: usize = 4;
/// The longest number of a house, and of a district, without what may follow it.
const MAX_DIGITS: usize = 6;
/// The least digits of a district's number.
const MIN_CODE: usize = 4;
/// The most bytes between two parts of an address.
const MAX_GAP: usize = 4;

/// What stands before the number of a part of a house.
const UNITS: [&[u8]; 12] = [
    b"apt",
    b"apartment",
    b"suite",
    b"ste",
    b"unit",
    b"floor",
    b"bldg",
    b"building",
    b"room",
    b"lot",
    b"trailer",
    b"flat",
];
/// What streets are called before their names, where that is not English.
const STREETS: [&[u8]; 18] = [
    b"ul",
    b"avenida",
    b"av",
    b"calle",
    b"rue",
    b"via",
    b"viale",
    b"piazza",
    b"piazzetta",
    b"cite",
    b"paseo",
    b"rua",
    b"plaza",
    b"camino",
    b"carrer",
    b"avenue",
    b"avda",
    b"rruga",
];

/// Takes in what stands beside places that rules found by their shape, or that were tagged.
pub(super) fn grow(search: &mut Search<'_>) {
    let rules = search.rules;
    let places = |rule: &Rule| rule.identifier == Identifier::B && rule.keyed.is_none();
    let mut at = 0;
    let count = search.findings.len();
    while let Some(finding) = search.findings.get(at).copied().filter(|_| at < count) {
        at += 1;
        if !rules.rules.get(usize::from(finding.rule)).is_some_and(places) {
            continue;
        }
        let Some(segment) = search.tape.segment(finding.segment) else { continue };
        if matches!(segment.origin, Origin::Alias { .. }) {
            continue;
        }
        let text = search.tape.text(segment);
        let found = finding.start as usize..finding.end as usize;
        let grown = grown(text, found.clone());
        if grown != found {
            search.add(finding.segment, grown.start, grown.end, finding.rule);
        }
    }
}

/// The address of which `found` is a part.
fn grown(text: &[u8], found: Range<usize>) -> Range<usize> {
    let Range { mut start, mut end } = found;
    for _ in 0..MAX_PARTS {
        let numbered = text.get(start..end).is_some_and(|part| part.iter().any(u8::is_ascii_digit));
        let Some(next) = behind(text, end, numbered) else { break };
        end = next;
    }
    for _ in 0..MAX_PARTS {
        let numbered = text.get(start..end).is_some_and(|part| part.iter().any(u8::is_ascii_digit));
        let Some(next) = before(text, start, numbered) else { break };
        start = next;
    }
    start..end
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Whether a word ends where this begins.
fn ends(rest: &[u8]) -> bool {
    rest.first().is_none_or(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'_' | b'/' | b':' | b'%'))
}

/// The end of a part that stands behind `end`.
fn behind(text: &[u8], end: usize, numbered: bool) -> Option<usize> {
    let rest = text.get(end..)?;
    let gap = rest.iter().take_while(|byte| matches!(byte, b' ' | b',' | b'.' | b'\n' | b'\r')).count();
    let next = rest.get(gap..)?;
    if gap == 0 || gap > MAX_GAP {
        return None;
    }
    let len = match next.iter().take_while(|byte| byte.is_ascii_alphabetic()).count() {
        0 => district(next, numbered),
        // A state or a province before the number.
        len @ (2 | 3) if next.iter().take(len).all(u8::is_ascii_uppercase) => {
            let code = next.get(len..)?.strip_prefix(b" ")?;
            district(code, true).map(|code| len + 1 + code)
        }
        len if numbered => unit(next, len).or_else(|| town(next)),
        _ => None,
    }?;
    Some(end + gap + len)
}

/// The length of a district's number, `78758-4410`. Behind a town without a number of its own a year is a year.
fn district(text: &[u8], numbered: bool) -> Option<usize> {
    let len = digits(text);
    let year = len == 4 && matches!(text.get(..2), Some(b"19" | b"20"));
    if !(MIN_CODE..=MAX_DIGITS).contains(&len) || year && !numbered {
        return None;
    }
    let more = match text.get(len..).unwrap_or(&[]) {
        [b'-', more @ ..] if digits(more) == 4 => 5,
        _ => 0,
    };
    let rest = text.get(len + more..).unwrap_or(&[]);
    // `took 5123 ms`: what is counted stands in small letters behind its number, but for the words of a sentence.
    let counted = matches!(rest, [b' ', one, ..] if one.is_ascii_lowercase()) && !numbered;
    (ends(rest) && !counted).then_some(len + more)
}

/// The length of `Apt. 4B`, whose word has `len` letters.
fn unit(text: &[u8], len: usize) -> Option<usize> {
    let word = text.get(..len)?;
    if !UNITS.iter().any(|unit| unit.eq_ignore_ascii_case(word)) {
        return None;
    }
    let rest = text.get(len..)?;
    let gap = rest.iter().take_while(|byte| matches!(byte, b' ' | b'.' | b'#')).count();
    let code = rest.get(gap..)?.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let held = rest.get(gap..gap + code)?;
    let number = held.iter().any(u8::is_ascii_digit) || matches!(held, [b'A'..=b'Z']);
    ((1..=3).contains(&gap) && code <= MAX_DIGITS && number).then_some(len + gap + code)
}

/// The length of a town that its state follows, `Driftwood, TX`: behind a street or a box that is where it lies.
fn town(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    for _ in 0..3 {
        let rest = text.get(at..)?;
        let len = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let capital = rest.first().is_some_and(u8::is_ascii_uppercase);
        if !capital || len < 3 {
            return None;
        }
        at += len;
        let rest = text.get(at..)?;
        let state = rest.strip_prefix(b", ").or_else(|| rest.strip_prefix(b" ")).unwrap_or(&[]);
        if state.iter().take(2).filter(|byte| byte.is_ascii_uppercase()).count() == 2 && ends(state.get(2..)?) {
            return Some(at);
        }
        if rest.first() != Some(&b' ') {
            return None;
        }
        at += 1;
    }
    None
}

/// The start of a part that stands before `start`.
fn before(text: &[u8], start: usize, numbered: bool) -> Option<usize> {
    let head = text.get(..start)?;
    let gap = head.iter().rev().take_while(|byte| matches!(byte, b' ' | b'.')).count();
    let head = head.get(..start - gap)?;
    if gap == 0 || gap > 2 || text.get(start - 1) != Some(&b' ') {
        return None;
    }
    let word = head.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let from = start - gap - word;
    let part = head.get(from..)?;
    let opens = from.checked_sub(1).and_then(|at| text.get(at));
    let apart = opens.is_none_or(|byte| matches!(byte, b' ' | b'\n' | b'>' | b'(' | b',' | b'|' | b'"' | b'\''));
    let number = (1..=MAX_DIGITS).contains(&word) && part.iter().all(u8::is_ascii_digit) && gap == 1 && numbered;
    let street = || STREETS.iter().any(|street| street.eq_ignore_ascii_case(part));
    let unit = || numbered && UNITS.iter().any(|unit| unit.eq_ignore_ascii_case(part));
    // A unit's word counts before a number only: `Apt. 117`.
    let leads = text.get(start).is_some_and(u8::is_ascii_digit);
    (apart && (number || street() || leads && unit())).then_some(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> String {
        let (start, end) = (text.find('[').unwrap(), text.find(']').unwrap() - 1);
        let text = text.replace(['[', ']'], "");
        let range = grown(text.as_bytes(), start..end);
        text[range].to_owned()
    }

    #[test]
    fn numbers_flats_and_codes_go_with_the_street() {
        for (text, expected) in [
            ("lives at 10252 [Lindenweg 184], Paphos", "10252 Lindenweg 184"),
            ("at 5720 ul. [Cicha 86] now", "5720 ul. Cicha 86"),
            ("Mr. X Apt. 117 5720 [Skogveien 226]", "Apt. 117 5720 Skogveien 226"),
            ("[88 Quarry Ln], Suite 680\nElgin", "88 Quarry Ln, Suite 680"),
            ("[88 Quarry Ln] Apt. 4B 78660-1234 x", "88 Quarry Ln Apt. 4B 78660-1234"),
            ("[Elgin], TX 78621 is", "Elgin, TX 78621"),
            ("[Elgin]\nTX 78621", "Elgin\nTX 78621"),
            ("[Aalborg] NO 9100", "Aalborg NO 9100"),
            ("PO Box [229], Dripping Springs, TX", "229, Dripping Springs"),
            ("[88 Quarry Ln] Elgin TX 78621", "88 Quarry Ln Elgin TX 78621"),
        ] {
            assert_eq!(whole(text), expected, "{text}");
        }
    }

    #[test]
    fn what_counts_or_dates_stays() {
        for (text, expected) in [
            ("moved to [Elgin] 2015", "Elgin"),
            ("moved to [Elgin] in 2015", "Elgin"),
            ("build 12 [Elgin] done", "Elgin"),
            ("from [Elgin] 5123 ms", "Elgin"),
            ("from [Elgin], 200 12", "Elgin"),
            ("[88 Quarry Ln], unit tests", "88 Quarry Ln"),
            ("[88 Quarry Ln] Please call, OK", "88 Quarry Ln"),
            ("[88 Quarry Ln]. Call Back Later", "88 Quarry Ln"),
            ("id=7 [88 Quarry Ln]", "88 Quarry Ln"),
            ("to [Elgin] TX only", "Elgin"),
        ] {
            assert_eq!(whole(text), expected, "{text}");
        }
    }
}
