//! Telephone numbers: of the North American Numbering Plan, and of any country.

use super::{Date, Validator, digits, ip};

/// A number of any country, where a word or a plus says that it is one.
pub(super) const PHONE: Validator = Validator {
    name: "phone",
    about: "8 to 15 digits, and neither a date nor an address of a machine",
    longest: None,
    check: |text, today| {
        let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
        (8..=15).contains(&digits) && Date::parse(text).is_none() && !(ip::IP.check)(text, today)
    },
};

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
