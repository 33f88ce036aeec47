//! Identities of mobile equipment (3GPP TS 23.003 section 6).

use super::luhn::luhn;
use super::{Validator, digits};

/// Fifteen digits, the last one a Luhn check digit, with an assigned reporting body in front.
pub(super) const IMEI: Validator = Validator {
    name: "imei",
    about: "15 digits with a Luhn check digit and a reporting body",
    longest: None,
    check: |text, _| imei(text),
};

fn imei(text: &[u8]) -> bool {
    digits::<15>(text).is_some_and(|(digits, count)| {
        let [first, second, ..] = digits;
        let body = first * 10 + second;
        count == 15 && luhn(&digits) && matches!(body, 1 | 10 | 30 | 33 | 35 | 44 | 45 | 49..=54 | 86 | 91 | 98 | 99)
    })
}
