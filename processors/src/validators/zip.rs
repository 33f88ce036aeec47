//! Postal codes of the United States.

use super::{Validator, digits};

/// Five digits, or nine, with a prefix that is in use.
pub(super) const ZIP: Validator =
    Validator { name: "zip", about: "five or nine digits from 00501 on", longest: None, check: |text, _| zip(text) };

fn zip(text: &[u8]) -> bool {
    digits::<9>(text).is_some_and(|(digits, count)| {
        let prefix = digits.iter().take(5).fold(0u32, |sum, digit| sum * 10 + u32::from(*digit));
        matches!(count, 5 | 9) && prefix >= 501
    })
}
