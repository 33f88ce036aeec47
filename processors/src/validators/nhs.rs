//! Patient numbers of the National Health Service of England, Wales and the Isle of Man.

use super::{Validator, digits};

/// Ten digits with a check digit modulo 11.
pub(super) const NHS: Validator = Validator {
    name: "nhs",
    about: "ten digits whose last checks the others modulo 11",
    longest: None,
    check: |text, _| nhs(text),
};

fn nhs(text: &[u8]) -> bool {
    let Some((digits, 10)) = digits::<10>(text) else { return false };
    let sum: u32 = digits.iter().zip((1..=10).rev()).map(|(digit, weight)| u32::from(*digit) * weight).sum();
    sum > 0 && sum.is_multiple_of(11)
}
