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
    let Some((digits, count)) = digits::<11>(text) else { return false };
    let number = match (count, digits) {
        (10, [a, b, c, d, e, f, ..]) | (11, [1, a, b, c, d, e, f, ..]) => [a, b, c, d, e, f],
        _ => return false,
    };
    let [a, b, c, d, e, f] = number;
    let assignable = |first: u8, second: u8, third: u8| first >= 2 && !(second == 1 && third == 1);
    assignable(a, b, c) && assignable(d, e, f) && b != 9
}
