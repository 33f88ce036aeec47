//! Numbers with letters or in groups, as programs of wards and offices give them out.

use super::{Date, Validator};

/// A code that is no plain number, no date and no word: its letters or its groups tell it from a count.
pub(super) const CODE: Validator = Validator {
    name: "code",
    about: "at least four digits, five where they are no half of it, with letters or in groups, and no date",
    longest: None,
    check: |text, _| code(text),
};

fn code(text: &[u8]) -> bool {
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = text.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let groups = text.iter().filter(|byte| matches!(byte, b'-' | b'/' | b'_')).count();
    digits >= 4 && (digits >= 5 || digits >= letters) && letters + groups > 0 && Date::parse(text).is_none()
}
