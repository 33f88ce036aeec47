//! How rare a pattern is in telemetry, and what every match of it holds: what a trigger is chosen by.

use regex_syntax::hir::{Class, Hir, HirKind};

/// A core likelier than about one place in a thousand makes confirming, not scanning, the cost.
pub(super) const MIN_BITS: f64 = 9.0;
/// How many letters tell a word.
const WORD_START: usize = 3;

/// The fewest and the most bytes of a match.
pub(super) fn lengths(hir: &Hir) -> (usize, Option<usize>) {
    let properties = hir.properties();
    (properties.minimum_len().unwrap_or(0), properties.maximum_len())
}

/// How rare an occurrence is, in bits: the negative logarithm of the chance that a place in telemetry begins one.
pub(super) fn bits(hir: &Hir) -> f64 {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0.0,
        HirKind::Literal(literal) => text_bits(&literal.0),
        HirKind::Class(class) => class_bits(class),
        HirKind::Capture(capture) => bits(&capture.sub),
        HirKind::Repetition(repetition) => {
            let once = bits(&repetition.sub);
            // A digit mostly follows a digit and a letter a letter: a run says little more than its first.
            let again = once * 0.25;
            match repetition.min {
                0 => 0.0,
                min => once + again * f64::from((min - 1).min(16)) - spread(hir),
            }
        }
        HirKind::Concat(parts) => parts.iter().map(bits).sum(),
        HirKind::Alternation(parts) => -parts.iter().map(|part| (-bits(part)).exp2()).sum::<f64>().log2(),
    }
}

/// How rare a text is. Telemetry is made of words: what follows their first letters says little more.
fn text_bits(text: &[u8]) -> f64 {
    let mut letters = 0;
    let mut sum = 0.0;
    for byte in text {
        letters = if byte.is_ascii_alphabetic() { letters + 1 } else { 0 };
        sum += -chance(*byte).log2() * if letters > WORD_START { 0.25 } else { 1.0 };
    }
    sum
}

/// The rarest byte that every match holds as it is, if there is one.
pub(super) fn needed_byte(hir: &Hir) -> Option<u8> {
    let mut bytes = needed(hir);
    bytes.sort_by(|one, other| chance(*one).total_cmp(&chance(*other)));
    bytes.first().copied()
}

fn needed(hir: &Hir) -> Vec<u8> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(_) => Vec::new(),
        HirKind::Literal(literal) => literal.0.to_vec(),
        HirKind::Repetition(repetition) if repetition.min == 0 => Vec::new(),
        HirKind::Repetition(repetition) => needed(&repetition.sub),
        HirKind::Capture(capture) => needed(&capture.sub),
        HirKind::Concat(parts) => parts.iter().flat_map(needed).collect(),
        HirKind::Alternation(parts) => {
            let mut common = parts.first().map_or(Vec::new(), needed);
            for part in parts {
                let other = needed(part);
                common.retain(|byte| other.contains(byte));
            }
            common
        }
    }
}

/// The bytes a match can begin with; one beyond ASCII stands for all that begin a character.
pub(super) fn first_bytes(hir: &Hir) -> Vec<u8> {
    end_bytes(hir, false)
}

/// The bytes a match can end with; one beyond ASCII stands for all that end a character.
pub(super) fn last_bytes(hir: &Hir) -> Vec<u8> {
    end_bytes(hir, true)
}

fn end_bytes(hir: &Hir, last: bool) -> Vec<u8> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Vec::new(),
        HirKind::Literal(literal) => {
            (if last { literal.0.last() } else { literal.0.first() }).copied().into_iter().collect()
        }
        HirKind::Class(Class::Bytes(class)) => {
            class.ranges().iter().flat_map(|range| range.start()..=range.end()).collect()
        }
        HirKind::Class(Class::Unicode(class)) => class
            .ranges()
            .iter()
            .flat_map(|range| match (u8::try_from(range.start()), u8::try_from(range.end())) {
                (Ok(start), Ok(end)) if end.is_ascii() => start..=end,
                (Ok(start), _) if start.is_ascii() => start..=0xFF,
                _ => 0x80..=0xFF,
            })
            .collect(),
        HirKind::Repetition(repetition) => end_bytes(&repetition.sub, last),
        HirKind::Capture(capture) => end_bytes(&capture.sub, last),
        HirKind::Alternation(parts) => parts.iter().flat_map(|part| end_bytes(part, last)).collect(),
        HirKind::Concat(parts) => {
            let mut bytes = Vec::new();
            let mut add = |part: &Hir| {
                bytes.extend(end_bytes(part, last));
                part.properties().minimum_len().is_some_and(|len| len > 0)
            };
            // Up to the first part that cannot be empty.
            let _ = if last { parts.iter().rev().any(&mut add) } else { parts.iter().any(&mut add) };
            bytes
        }
    }
}

/// The fewest digits that a match holds.
pub(super) fn needed_digits(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => literal.0.iter().filter(|byte| byte.is_ascii_digit()).count(),
        HirKind::Class(Class::Bytes(class)) => {
            usize::from(class.ranges().iter().all(|range| range.start() >= b'0' && range.end() <= b'9'))
        }
        HirKind::Class(Class::Unicode(class)) => {
            usize::from(class.ranges().iter().all(|range| range.start() >= '0' && range.end() <= '9'))
        }
        HirKind::Repetition(repetition) => {
            needed_digits(&repetition.sub).saturating_mul(usize::try_from(repetition.min).unwrap_or(0))
        }
        HirKind::Capture(capture) => needed_digits(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(needed_digits).sum(),
        HirKind::Alternation(parts) => parts.iter().map(needed_digits).min().unwrap_or(0),
    }
}

/// The fewest digits in a row that a match holds somewhere.
pub(super) fn needed_run(hir: &Hir) -> usize {
    runs(hir).best
}

/// Digits in a row that every match holds: at its beginning, at its end, anywhere; and whether it is nothing but digits.
#[derive(Clone, Copy, Debug)]
struct Runs {
    left: usize,
    right: usize,
    best: usize,
    whole: bool,
}

impl Runs {
    const NOTHING: Self = Self { left: 0, right: 0, best: 0, whole: true };
    const OTHER: Self = Self { left: 0, right: 0, best: 0, whole: false };

    fn then(self, next: Self) -> Self {
        Self {
            left: if self.whole { self.left + next.left } else { self.left },
            right: if next.whole { self.right + next.right } else { next.right },
            best: self.best.max(next.best).max(self.right + next.left),
            whole: self.whole && next.whole,
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            right: self.right.min(other.right),
            best: self.best.min(other.best),
            whole: self.whole && other.whole,
        }
    }
}

fn runs(hir: &Hir) -> Runs {
    let digits = |count: usize| Runs { left: count, right: count, best: count, whole: true };
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Runs::NOTHING,
        HirKind::Literal(literal) => {
            let each = literal.0.iter().map(|byte| if byte.is_ascii_digit() { digits(1) } else { Runs::OTHER });
            each.fold(Runs::NOTHING, Runs::then)
        }
        HirKind::Class(_) => {
            if needed_digits(hir) == 1 {
                digits(1)
            } else {
                Runs::OTHER
            }
        }
        HirKind::Repetition(repetition) => {
            let once = runs(&repetition.sub);
            let least = (0..repetition.min.min(64)).map(|_| once).fold(Runs::NOTHING, Runs::then);
            // More of the same may follow: of digits, they lengthen the run; of others, they stand in between.
            if once.whole || repetition.max == Some(repetition.min) { least } else { least.or(least.then(once)) }
        }
        HirKind::Capture(capture) => runs(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(runs).fold(Runs::NOTHING, Runs::then),
        HirKind::Alternation(parts) => parts.iter().map(runs).reduce(Runs::or).unwrap_or(Runs::NOTHING),
    }
}

/// What a gap of variable length costs: more places to look, more states to hold.
fn spread(hir: &Hir) -> f64 {
    match lengths(hir) {
        (min, Some(max)) => f64::from(u32::try_from(max - min).unwrap_or(u32::MAX)) * 0.5,
        (_, None) => 8.0,
    }
}

pub(super) fn class_bits(class: &Class) -> f64 {
    let chance: f64 = match class {
        Class::Bytes(class) => class.ranges().iter().flat_map(|range| range.start()..=range.end()).map(chance).sum(),
        // Only what stands outside ASCII comes as such a class: rare, but so is its like.
        Class::Unicode(class) => class
            .ranges()
            .iter()
            .map(|range| match u8::try_from(range.start()) {
                Ok(byte) if byte.is_ascii() => chance(byte),
                Ok(_) | Err(_) => 0.001,
            })
            .sum(),
    };
    -chance.clamp(1e-6, 1.0).log2()
}

/// How likely a byte of telemetry text is this one: rounded shares of a mix of log lines and span attributes.
fn chance(byte: u8) -> f64 {
    match byte {
        b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 0.045,
        b'a'..=b'z' => 0.012,
        b'0'..=b'9' => 0.018,
        b'A'..=b'Z' => 0.003,
        b' ' => 0.08,
        b'.' | b'-' | b'"' | b':' | b'/' | b'=' | b'_' | b',' => 0.015,
        _ => 0.001,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::dialect::parse;

    #[test]
    fn what_every_match_holds_is_known() {
        let needed = |pattern: &str| needed_byte(&parse(pattern).unwrap().hir);
        assert_eq!(needed("(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}"), Some(b':'));
        assert_eq!(needed("://[a-z]{1,9}:[a-z]{1,9}@"), Some(b'@'));
        assert_eq!(needed("(?:a-b|c-d@)x{0,2}"), Some(b'-'));
        assert_eq!(needed("[0-9]{3}-?[0-9]{4}"), None);
        assert_eq!(needed("(?i)abc"), None);
        let digits = |pattern: &str| needed_digits(&parse(pattern).unwrap().hir);
        assert_eq!(digits(r"(?:\+?1 ?)?\d{3}-?\d{4}x[0-9a-f]7"), 8);
        assert_eq!(digits(r"(?:\d{3}|a\d|4[12])z"), 1);
        let run = |pattern: &str| needed_run(&parse(pattern).unwrap().hir);
        assert_eq!(run(r"\d{3}-\d{2}-\d{4}"), 4);
        assert_eq!(run(r"(?:19|20)\d{2}-\d{2}"), 4);
        assert_eq!(run(r"[A-Z]{3}-?(?:\d{6,9}|\d{3} \d{4})x?"), 4);
        assert_eq!(run(r"\d{2}(?:-\d{2}){2}|[a-z]7"), 1);
        assert_eq!(run(r"\d(?:[ -]?\d){12,18}"), 1);
        assert_eq!(run(r"\d{2}\d*\d{3}"), 5);
    }
}
