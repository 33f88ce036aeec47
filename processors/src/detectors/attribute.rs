//! Attributes that name what another one, or their element, holds: `name="lastName" value="Maria"`, `<Data Name="PatientName">`.

/// What stands before a value whose name is an attribute's.
pub(super) const VALUE: &[u8] = b"value";

/// Whether `value=` begins here.
pub(super) fn is_value_word(text: &[u8], at: usize) -> bool {
    let word = text.get(at..at + VALUE.len()).is_some_and(|word| word.eq_ignore_ascii_case(VALUE));
    word && text.get(at + VALUE.len()) == Some(&b'=')
}

/// Where the name of a value ends that is an attribute's, if `value` ends at `at`: `name="lastName" value`.
pub(super) fn named_before(text: &[u8], at: usize) -> Option<usize> {
    let start = at.checked_sub(VALUE.len())?;
    let quote = start.checked_sub(2)?;
    let parted = matches!(text.get(quote..start), Some([b'"', b' ']));
    (parted && is_value_word(text, start) && names_value(text, quote)).then_some(quote)
}

/// Whether what ends before the quote at `end` is the value of an attribute that names something: `name="lastName"`.
pub(super) fn names_value(text: &[u8], end: usize) -> bool {
    const LONGEST: usize = 96;
    let head = text.get(..end).unwrap_or(&[]);
    // A claim's name is an address: `http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname`, `urn:oid:2.5.4.4`.
    let part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_-.:/".contains(byte);
    let len = head.iter().rev().take(LONGEST).take_while(part).count();
    let Some(head) = head.get(..end - len).and_then(|head| head.strip_suffix(b"=\"")) else { return false };
    let word = head.iter().rev().take(LONGEST).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let word = head.get(head.len() - word..).unwrap_or(&[]);
    [&b"name"[..], b"key", b"field", b"id", b"friendlyname"].iter().any(|known| word.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_attribute_that_names_something_counts() {
        for (text, expected) in [
            ("<add key=\"MemberId\" value", true),
            ("<property Name=\"last_name\" Value", true),
            ("<x name=\"urn:oid:2.5.4.4\" value", true),
            ("<label for=\"lastName\" value", false),
            ("x \"lastName\" value", false),
            ("name=\"last name\" value", false),
            ("name=\"lastName\"value", false),
            ("value", false),
        ] {
            let whole = format!("{text}=\"x\"");
            assert_eq!(named_before(whole.as_bytes(), text.len()).is_some(), expected, "{text}");
        }
    }
}
