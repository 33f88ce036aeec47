//! Vehicle identification numbers (49 CFR part 565).

use super::Validator;

/// Seventeen characters without I, O and Q, with letters and digits, whose ninth is the check digit.
pub(super) const VIN: Validator = Validator {
    name: "vin",
    about: "17 characters without I, O, Q and with their check digit",
    longest: None,
    check: |text, _| vin(text),
};

const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

fn vin(text: &[u8]) -> bool {
    if text.len() != 17 || text.iter().all(u8::is_ascii_digit) || text.iter().all(u8::is_ascii_alphabetic) {
        return false;
    }
    let mut sum = 0;
    for (byte, weight) in text.iter().zip(WEIGHTS) {
        let Some(value) = value(byte.to_ascii_uppercase()) else { return false };
        sum += value * weight;
    }
    let check = text.get(8).map(u8::to_ascii_uppercase);
    match sum % 11 {
        10 => check == Some(b'X'),
        digit => check.map(|byte| u32::from(byte.wrapping_sub(b'0'))) == Some(digit),
    }
}

fn value(byte: u8) -> Option<u32> {
    match byte {
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        b'A'..=b'H' => Some(u32::from(byte - b'A') + 1),
        b'J'..=b'N' => Some(u32::from(byte - b'J') + 1),
        b'P' => Some(7),
        b'R' => Some(9),
        b'S'..=b'Z' => Some(u32::from(byte - b'S') + 2),
        _ => None,
    }
}
