//! Telephone numbers of the North American Numbering Plan.

use super::{Validator, digits};

/// Ten digits, a 1 in front or not: area and exchange begin with 2 to 9 and are no service code.
pub(super) const NANP: Validator = Validator {
    name: "nanp",
    about: "ten digits with an assignable area code and exchange, +1 or not",
    longest: None,
    check: |text, _| nanp(text),
};

fn nanp(text: &[u8]) -> bool {
    // `x 4805`, `ext. 4805`: an extension is no part of the number.
    let main = text.iter().position(u8::is_ascii_alphabetic).and_then(|at| text.get(..at)).unwrap_or(text);
    let Some((digits, count)) = digits::<13>(main) else { return false };
    let number = match (count, digits) {
        (10, [a, b, c, d, e, f, ..]) | (11, [1, a, b, c, d, e, f, ..]) | (13, [0, 0, 1, a, b, c, d, e, f, ..]) => {
            [a, b, c, d, e, f]
        }
        _ => return false,
    };
    let [a, b, c, d, _, _] = number;
    // Exchanges like 511 are not assigned, but are written where people mistype or make numbers up.
    a >= 2 && !(b == 1 && c == 1) && b != 9 && d >= 2
}
