//! Numbers as people say them.

use super::Validator;

/// Digits of which at least two are words, and no fewer than seven digits in all.
pub(super) const SPOKEN: Validator = Validator {
    name: "spoken",
    about: "at least seven digits, two or more of them as words",
    longest: None,
    check: |text, _| spoken(text),
};

fn spoken(text: &[u8]) -> bool {
    let parts = text.split(|byte| !byte.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    let (words, digits) = parts.fold((0, 0), |(words, digits), part| {
        if part.iter().all(u8::is_ascii_digit) { (words, digits + part.len()) } else { (words + 1, digits + 1) }
    });
    words >= 2 && digits >= 7
}
