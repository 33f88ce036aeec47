//! Medicare Beneficiary Identifiers (CMS, "Understanding the Medicare Beneficiary Identifier (MBI) Format").

use super::{Validator, exactly};

/// Eleven characters: C A AN N A AN N A A N N, letters without S L O I B Z.
pub(super) const MBI: Validator = Validator {
    name: "mbi",
    about: "the eleven positions of an MBI, letters without S L O I B Z",
    longest: None,
    check: |text, _| mbi(text),
};

/// Whether `text` is written like one, dashes and blanks aside.
pub(crate) fn mbi(text: &[u8]) -> bool {
    let bytes = text.iter().filter(|byte| **byte != b'-' && **byte != b' ').map(u8::to_ascii_uppercase);
    let letter = |byte: u8| byte.is_ascii_uppercase() && !b"SLOIBZ".contains(&byte);
    let digit = |byte: u8| byte.is_ascii_digit();
    let either = |byte: u8| letter(byte) || digit(byte);
    let Some([a, b, c, d, e, f, g, h, i, j, k]) = exactly::<11>(bytes) else { return false };
    (b'1'..=b'9').contains(&a)
        && letter(b)
        && either(c)
        && digit(d)
        && letter(e)
        && either(f)
        && digit(g)
        && letter(h)
        && letter(i)
        && digit(j)
        && digit(k)
}
