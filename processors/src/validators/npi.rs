//! National Provider Identifiers (45 CFR 162.406).

use super::luhn::luhn;
use super::{Validator, digits, exactly};

/// Ten digits from 1 or 2 on whose Luhn check digit counts the prefix 80840.
pub(super) const NPI: Validator = Validator {
    name: "npi",
    about: "ten digits with a Luhn check digit over 80840 and them",
    longest: None,
    check: |text, _| npi(text),
};

fn npi(text: &[u8]) -> bool {
    digits::<10>(text).is_some_and(|(digits, count)| {
        let prefixed = exactly::<15>([8, 0, 8, 4, 0].into_iter().chain(digits));
        count == 10 && matches!(digits, [1 | 2, ..]) && prefixed.is_some_and(|prefixed| luhn(&prefixed))
    })
}
