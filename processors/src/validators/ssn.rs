//! Social security numbers.

use super::{Validator, digits};

/// Nine digits that can have been issued: area not 000, 666 or from 900; group not 00; serial not 0000.
pub(super) const SSN: Validator = Validator {
    name: "ssn",
    about: "nine digits: area not 000, 666 or 9xx, group not 00, serial not 0000",
    longest: None,
    check: |text, _| ssn(text),
};

fn ssn(text: &[u8]) -> bool {
    digits::<9>(text).is_some_and(|(digits, count)| {
        let number = digits.iter().fold(0u32, |sum, digit| sum * 10 + u32::from(*digit));
        let (area, group, serial) = (number / 1_000_000, number / 10_000 % 100, number % 10_000);
        count == 9 && !matches!(area, 0 | 666 | 900..) && group != 0 && serial != 0
    })
}
