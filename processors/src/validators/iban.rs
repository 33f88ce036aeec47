//! International bank account numbers (ISO 13616).

use super::Validator;

/// Country, two check digits, at most thirty letters and digits, whose number is 1 modulo 97.
pub(super) const IBAN: Validator = Validator {
    name: "iban",
    about: "an IBAN: 15 to 34 characters, 1 modulo 97",
    longest: None,
    check: |text, _| iban(text),
};

fn iban(text: &[u8]) -> bool {
    let bare = || text.iter().filter(|byte| !matches!(byte, b' ' | b'-'));
    let count = bare().count();
    let head_is_right = bare()
        .zip([true, true, false, false])
        .all(|(byte, letter)| if letter { byte.is_ascii_alphabetic() } else { byte.is_ascii_digit() });
    let country = bare().take(2).map(u8::to_ascii_uppercase);
    let length = LENGTHS.iter().find(|(code, _)| country.clone().eq(code.bytes())).map(|(_, length)| *length);
    if !(15..=34).contains(&count) || !head_is_right || length.is_some_and(|length| length != count) {
        return false;
    }
    // The first four go behind the rest, a letter counts as two digits.
    let rest = bare().skip(4).chain(bare().take(4)).try_fold(0u32, |rest, byte| {
        let value = char::from(*byte).to_digit(36)?;
        Some((rest * if value < 10 { 10 } else { 100 } + value) % 97)
    });
    rest == Some(1)
}

/// How long the numbers of a country are, by the registry of SWIFT; of others, any length passes.
const LENGTHS: [(&str, usize); 40] = [
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("BE", 16),
    ("BG", 22),
    ("CH", 21),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DK", 18),
    ("EE", 20),
    ("ES", 24),
    ("FI", 18),
    ("FR", 27),
    ("GB", 22),
    ("GR", 27),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IS", 26),
    ("IT", 27),
    ("KZ", 20),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("MC", 27),
    ("MT", 31),
    ("NL", 18),
    ("NO", 15),
    ("PL", 28),
    ("PT", 25),
    ("RO", 24),
    ("RS", 22),
    ("SA", 24),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("TR", 26),
];
