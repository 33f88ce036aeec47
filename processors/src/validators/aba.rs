//! Routing transit numbers of American banks.

use super::{Validator, digits};

/// Nine digits: a prefix that is assigned, weights 3, 7, 1.
pub(super) const ABA: Validator = Validator {
    name: "aba",
    about: "nine digits of a routing number: prefix and check digit",
    longest: None,
    check: |text, _| aba(text),
};

fn aba(text: &[u8]) -> bool {
    let Some((digits, 9)) = digits::<9>(text) else { return false };
    let sum: u32 = digits.iter().zip([3, 7, 1].iter().cycle()).map(|(digit, weight)| u32::from(*digit) * weight).sum();
    let prefix = digits.iter().take(2).fold(0u32, |sum, digit| sum * 10 + u32::from(*digit));
    matches!(prefix, 0..=12 | 21..=32 | 61..=72 | 80) && sum > 0 && sum.is_multiple_of(10)
}
