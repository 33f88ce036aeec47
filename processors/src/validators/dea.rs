//! Registration numbers of the Drug Enforcement Administration.

use super::Validator;

/// Two letters, six digits and a check digit: the last digit of d1+d3+d5 + 2(d2+d4+d6).
pub(super) const DEA: Validator = Validator {
    name: "dea",
    about: "a DEA number: registrant letters and check digit",
    longest: None,
    check: |text, _| dea(text),
};

fn dea(text: &[u8]) -> bool {
    let [kind, name, digits @ ..] = text else { return false };
    let Ok(digits) = <[u8; 7]>::try_from(digits) else { return false };
    if !b"ABCDEFGHJKLMPRSTUX".contains(&kind.to_ascii_uppercase()) || !(name.is_ascii_alphabetic() || *name == b'9') {
        return false;
    }
    if !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let [a, b, c, d, e, f, check] = digits.map(|digit| u32::from(digit - b'0'));
    (a + c + e + 2 * (b + d + f)) % 10 == check
}
