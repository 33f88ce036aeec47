//! NCPDP D.0, what pharmacies send: each field behind a control character, its name two letters or digits.

use super::Fields;

/// Stands before each field.
pub(super) const FIELD: u8 = 0x1C;

/// Reads the field behind the control character at `start` of the text.
pub(super) fn read(out: &mut Fields<'_, '_>, start: usize) {
    let text = out.text();
    let Some(name) = text.get(start + 1..start + 3).and_then(|name| <[u8; 2]>::try_from(name).ok()) else { return };
    let Some(key) = key(&name) else { return };
    let from = start + 3;
    let rest = text.get(from..).unwrap_or(&[]);
    let len = rest.iter().position(|byte| byte.is_ascii_control()).unwrap_or(rest.len());
    // The last field of a message that a line of a log goes on behind ends with its word.
    let last = rest.get(len).is_none_or(|byte| byte.is_ascii_whitespace());
    let word = rest.iter().take(len).position(|byte| *byte == b' ').filter(|_| last);
    let len = word.unwrap_or(len);
    out.add(from..from + len, &name, 0, key);
    out.read_to(from + len);
}

/// What the field of this name holds, if it identifies somebody. Practitioners' and products' are not among them.
fn key(name: &[u8]) -> Option<&'static str> {
    Some(match name {
        b"C4" => "birth date",
        b"CA" | b"CB" | b"CC" | b"CD" => "patient name",
        b"CM" | b"CG" => "street address",
        b"CN" | b"CH" => "city",
        b"CP" | b"CJ" => "zip code",
        b"CQ" | b"8C" => "phone number",
        b"HN" => "email address",
        b"CY" => "mrn",
        b"C2" | b"C1" | b"N5" | b"NU" | b"2A" => "policy number",
        b"D1" | b"DE" | b"E8" | b"DY" => "date of service",
        b"D2" => "prescription number",
        b"F3" | b"DZ" | b"PY" => "authorization number",
        b"CF" | b"CK" | b"CZ" => "employer name",
        _ => return None,
    })
}
