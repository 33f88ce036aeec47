//! Values that stand for no person: nothing, a flag, a parameter, what an earlier scrub left.
//!
//! A key may say `ssn` and its value `null`, `$1`, `{patientId}` or `***-**-****`. Replacing those would hide nothing
//! and break queries, routes and reports.

use crate::actions::{UNSCANNED, token};

/// Words that say "no value", "yes or no", or "somebody's".
const WORDS: [&str; 27] = [
    "null",
    "nil",
    "none",
    "undefined",
    "nan",
    "n/a",
    "na",
    "true",
    "false",
    "yes",
    "no",
    "unknown",
    "empty",
    "missing",
    "present",
    "absent",
    "valid",
    "invalid",
    "required",
    "optional",
    "default",
    "string",
    "integer",
    "number",
    "anonymous",
    "optional[]",
    "void",
];

/// What names a part of a system rather than a person, with a number of up to three digits behind it.
const PARTS: [&str; 24] = [
    "tenant",
    "org",
    "region",
    "zone",
    "node",
    "pod",
    "shard",
    "env",
    "cluster",
    "host",
    "queue",
    "topic",
    "partition",
    "worker",
    "instance",
    "app",
    "service",
    "svc",
    "replica",
    "broker",
    "consumer",
    "thread",
    "rack",
    "slot",
];

/// Whether there is nothing in `value` to redact.
pub(crate) fn is_placeholder(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    value.is_empty()
        || value == UNSCANNED.as_bytes()
        || is_word(value)
        || is_mask(value)
        || is_parameter(value)
        || is_part(value)
        || is_marker(value)
        || is_pointer(value)
        || token::token_len(value) == Some(value.len())
}

/// A place in memory, as crashes print it: `addr=0xf5d06675`.
fn is_pointer(value: &[u8]) -> bool {
    value
        .strip_prefix(b"0x")
        .is_some_and(|digits| (6..=16).contains(&digits.len()) && digits.iter().all(u8::is_ascii_hexdigit))
}

/// Whether a literal of a statement is none: an earlier scrub took it out, or it stands for one. `'unknown'` is one.
pub(crate) fn is_left(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    value.is_empty()
        || value == UNSCANNED.as_bytes()
        || is_parameter(value)
        || is_marker(value)
        || token::token_len(value) == Some(value.len())
}

fn is_word(value: &[u8]) -> bool {
    value.len() <= 10 && WORDS.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes()))
}

/// Only masking characters and joiners: `***-**-****`, a row of X, `######`, `-`. At most four characters at the end may
/// be left, behind at least as many masked ones.
fn is_mask(value: &[u8]) -> bool {
    let mask = |byte: &u8| matches!(byte, b'*' | b'#' | b'x' | b'X' | b'-' | b'.' | b' ' | b'/' | b'_' | b'(' | b')');
    let masked = value.iter().take_while(|byte| mask(byte)).count();
    let hidden = value.iter().take(masked).filter(|byte| matches!(byte, b'*' | b'#' | b'x' | b'X')).count();
    let left = value.len() - masked;
    left == 0 || left <= 4 && hidden >= left && value.iter().any(|byte| matches!(byte, b'*' | b'#'))
}

/// A parameter, a template, a reference: `?`, `$1`, `:name`, `%s`, `{id}`, `${x}`, `<name>`, `@p0`.
fn is_parameter(value: &[u8]) -> bool {
    let wordy = |bytes: &[u8]| {
        bytes.len() <= 40
            && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b':'))
    };
    // Three digits in a row are more than a position needs.
    let numbered = |bytes: &[u8]| bytes.windows(3).any(|three| three.iter().all(u8::is_ascii_digit));
    match value {
        [b'?'] | [b'%', b's' | b'd' | b'v' | b'q'] | [b'{', b'}'] | [b'[', b']'] => true,
        [b'$' | b'#' | b'%', b'{', inner @ .., b'}']
        | [b'{', b'{', inner @ .., b'}', b'}']
        | [b'{', inner @ .., b'}']
        | [b'<', inner @ .., b'>']
        | [b'$' | b':' | b'@', inner @ ..] => wordy(inner) && !numbered(inner),
        _ => false,
    }
}

fn is_part(value: &[u8]) -> bool {
    let word = value.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let (word, rest) = value.split_at_checked(word).unwrap_or((value, &[]));
    let rest = rest.strip_prefix(b"-").or_else(|| rest.strip_prefix(b"_")).unwrap_or(rest);
    rest.len() <= 3
        && rest.iter().all(u8::is_ascii_digit)
        && PARTS.iter().any(|part| word.eq_ignore_ascii_case(part.as_bytes()))
}

/// A marker: ours, or what the sender's own scrubbing left. Brackets may be percent-encoded, any number of times.
fn is_marker(value: &[u8]) -> bool {
    const WORDS: [&[u8]; 6] = [b"redacted", b"unscanned", b"filtered", b"masked", b"removed", b"hidden"];
    if value.len() > 96 {
        return false;
    }
    let mut inner = value;
    let mut opened = false;
    while let Some(rest) = strip_bracket(inner, b"[<({*", &[*b"5B", *b"3C", *b"7B"]) {
        inner = rest;
        opened = true;
    }
    let word_end = inner.iter().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(inner.len());
    let (word, mut rest) = inner.split_at_checked(word_end).unwrap_or((inner, &[]));
    if !WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)) {
        return false;
    }
    // What follows the word names a rule: letters and joiners up to the closing bracket.
    while let Some((first, behind)) = rest.split_first() {
        rest = if first.is_ascii_alphabetic() || matches!(first, b':' | b'_' | b'-' | b'.' | b' ') {
            behind
        } else {
            match strip_bracket(rest, b"]>)}*", &[*b"5D", *b"3E", *b"7D", *b"3A"]) {
                Some(behind) => behind,
                None => return false,
            }
        };
    }
    opened || word.len() == inner.len()
}

/// Strips one bracket, plain or percent-encoded: `%5B`, `%255B` and so on.
fn strip_bracket<'v>(value: &'v [u8], plain: &[u8], encoded: &[[u8; 2]]) -> Option<&'v [u8]> {
    let (first, mut rest) = value.split_first()?;
    if plain.contains(first) {
        return Some(rest);
    }
    if *first != b'%' {
        return None;
    }
    while let Some(inner) = rest.strip_prefix(b"25") {
        rest = inner;
    }
    let (code, behind) = rest.split_at_checked(2)?;
    encoded.iter().any(|known| code.eq_ignore_ascii_case(known)).then_some(behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_nobody_is_told_from_what_does() {
        for sign in ["*", "X", "x", "#"] {
            let masked = [3, 2, 4].map(|count| sign.repeat(count)).join("-");
            assert!(is_placeholder(masked.as_bytes()), "{masked}");
        }
        for value in [
            "",
            " ",
            "null",
            "None",
            "false",
            "N/A",
            "####",
            "****8147",
            "-",
            "?",
            "$1",
            ":ssn",
            "%s",
            "{patientId}",
            "${user.name}",
            "{{name}}",
            "<name>",
            "@p0",
            "#{id}",
            "[REDACTED:ssn]",
            "[REDACTED]",
            "%5BREDACTED:ssn%5D",
            "%255Bredacted%253Aname%255D",
            "<redacted>",
            "[Filtered]",
            "REDACTED",
            "[UNSCANNED]",
            "tenant-7",
            "node3",
            "redacted_ssn_kabcabcdefghijklmnop",
        ] {
            assert!(is_placeholder(value.as_bytes()), "{value}");
        }
        for value in [
            "536-22-8147",
            "Maria",
            "8147",
            "x8147",
            "*8147",
            "[REDACTED:536-22-8147]",
            "{536228147}",
            ":12345",
            "$100200",
            "redactedMaria",
            "node-1234",
            "Nunez",
            "<maria@example.org>",
            "Xander",
        ] {
            assert!(!is_placeholder(value.as_bytes()), "{value}");
        }
    }
}
