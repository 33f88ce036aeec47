//! Ages the law treats as identifying.

use super::{Today, Validator, digits};

/// An age over 89 (45 CFR 164.514(b)(2)(i)(C)).
pub(super) const OVER_89: Validator = Validator {
    name: "over_89",
    about: "a number from 90 to 125",
    longest: None,
    check: |text, _: Today| over_89(text),
};

fn over_89(text: &[u8]) -> bool {
    digits::<3>(text).is_some_and(|(digits, count)| {
        let age = digits.iter().take(count).fold(0u32, |age, digit| age * 10 + u32::from(*digit));
        (90..=125).contains(&age)
    })
}
