//! The check digit of ISO/IEC 7812: cards, and what borrows their scheme.

use super::{Validator, digits};

/// Digits with a Luhn check digit.
pub(super) const LUHN: Validator = Validator {
    name: "luhn",
    about: "digits whose last one is a Luhn check digit",
    longest: None,
    check: |text, _| {
        digits::<32>(text).is_some_and(|(digits, count)| count > 1 && digits.get(..count).is_some_and(luhn))
    },
};

/// A payment card: 13 to 19 digits, a Luhn check digit, the prefix of a network.
pub(super) const CARD: Validator = Validator {
    name: "card",
    about: "13 to 19 digits with a Luhn check digit and the prefix of a card network",
    longest: None,
    check: |text, _| card(text),
};

fn card(text: &[u8]) -> bool {
    let Some((digits, count)) = digits::<19>(text) else { return false };
    let Some(digits) = digits.get(..count) else { return false };
    let prefix = digits.iter().take(4).fold(0u32, |sum, digit| sum * 10 + u32::from(*digit));
    let network = match prefix {
        2221..=2720 | 5100..=5599 => count == 16,
        3400..=3499 | 3700..=3799 => count == 15,
        3000..=3059 | 3600..=3699 | 3800..=3999 => count == 14 || count == 16,
        3528..=3589 => count >= 16,
        4000..=4999 => matches!(count, 13 | 16 | 19),
        6011 | 6440..=6599 | 6200..=6299 => count >= 16,
        _ => false,
    };
    let varied = digits.iter().any(|digit| Some(digit) != digits.first());
    network && varied && luhn(digits)
}

/// Whether the last digit checks the others.
pub(super) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, digit)| match (index % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) if digit < 5 => digit * 2,
            (_, digit) => digit * 2 - 9,
        })
        .sum();
    sum.is_multiple_of(10)
}
