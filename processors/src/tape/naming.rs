//! Texts that say what the value beside them is: an option before its value, a name in a pair of name and value.
//! They are not keys where they stand, and lead to a value like keys.

/// The longest text that is read as a key.
const MAX_NAME: usize = 96;

/// What an entry of a map may say about another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Its text says what another entry's value is.
    Name,
    /// Its value is what another entry names.
    Value,
    /// Neither.
    Other,
}

/// Keys of entries that name others: as OpenTelemetry, HAR, FHIR, forms, audits and schema checks write pairs. Not
/// `type`, which errors have beside a message that they call their value.
const NAMES: [&[u8]; 22] = [
    b"name",
    b"key",
    b"field",
    b"param",
    b"parameter",
    b"attribute",
    b"label",
    b"column",
    b"property",
    b"header",
    b"code",
    b"system",
    b"url",
    b"fieldname",
    b"question",
    b"text",
    b"title",
    b"prompt",
    b"path",
    b"k",
    b"attr",
    b"variable",
];

/// Keys of entries that others name, beside those that begin or end with `value`. Not `content` and `data`: they hold
/// whole documents, and what stands beside them names a program.
const VALUES: [&[u8]; 11] =
    [b"val", b"values", b"old", b"new", b"answer", b"answers", b"v", b"from", b"to", b"before", b"after"];

/// The longest key of an entry that others name: `valueCodeableConcept`.
const MAX_VALUE: usize = 20;

/// The first letters of all these, by their lengths, one bit a letter.
static FIRSTS: [u32; MAX_VALUE + 1] = {
    let mut firsts = [0; MAX_VALUE + 1];
    let mut at = 0;
    while at < NAMES.len() + VALUES.len() {
        #[expect(clippy::indexing_slicing, reason = "in a constant: out of bounds does not compile")]
        {
            let word = if at < NAMES.len() { NAMES[at] } else { VALUES[at - NAMES.len()] };
            firsts[word.len()] |= 1 << (word[0] - b'a');
        }
        at += 1;
    }
    firsts
};

impl Role {
    /// The role of the entry with this key. Looks at a few bytes of most keys.
    #[inline]
    pub(crate) fn of(key: &[u8]) -> Self {
        if key.is_empty() || key.len() > MAX_VALUE {
            return Self::Other;
        }
        let is = |known: &&[u8]| key.eq_ignore_ascii_case(known);
        let first = key.first().map_or(0, |first| first | 0x20).wrapping_sub(b'a');
        let firsts = FIRSTS.get(key.len()).copied().unwrap_or(0);
        let listed = firsts.checked_shr(u32::from(first)).unwrap_or(0) & 1 == 1;
        let head = key.get(..5).is_some_and(|head| head.eq_ignore_ascii_case(b"value"));
        let tail = || {
            key.len().checked_sub(5).and_then(|at| key.get(at..)).is_some_and(|it| it.eq_ignore_ascii_case(b"value"))
        };
        if head || tail() || listed && VALUES.iter().any(is) {
            Self::Value
        } else if listed && NAMES.iter().any(is) {
            Self::Name
        } else {
            Self::Other
        }
    }
}

/// Whether a text may stand for a key: `patient.name`, `Date of birth`, `http://hl7.org/fhir/sid/us-ssn`.
pub(crate) fn is_key(text: &[u8]) -> bool {
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte >= 0x80 || b" _-./:[]()\\?".contains(byte);
    text.len() <= MAX_NAME && text.iter().any(u8::is_ascii_alphabetic) && text.iter().all(part)
}

/// The name of an option whose value comes next: `patient-name` of `--patient-name`; so do headers in lists of names and
/// values, `X-Patient-Name`. `None` for what is no option, and for one that brings its value along.
pub(crate) fn option(text: &[u8]) -> Option<&[u8]> {
    let name = match text {
        [b'-', b'-', name @ ..] | [b'-', name @ ..] => name,
        [b'x' | b'X', b'-', first, ..] if first.is_ascii_alphabetic() => text,
        _ => return None,
    };
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let begins = name.first().is_some_and(u8::is_ascii_alphabetic);
    (begins && name.len() <= MAX_NAME && name.iter().all(part)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_say_what_comes_next() {
        for (text, name) in [
            ("--ssn", Some("ssn")),
            ("-patient-name", Some("patient-name")),
            ("--patient.name", Some("patient.name")),
            ("-p", Some("p")),
            ("X-Patient-Mrn", Some("X-Patient-Mrn")),
            ("x-ssn", Some("x-ssn")),
            ("x-", None),
            ("x-5", None),
            ("--ssn=536228147", None),
            ("--", None),
            ("-", None),
            ("-5", None),
            ("--patient name", None),
            ("ssn", None),
            ("", None),
        ] {
            assert_eq!(option(text.as_bytes()), name.map(str::as_bytes), "{text}");
        }
    }

    #[test]
    fn entries_name_or_are_named() {
        for key in ["name", "key", "Field", "FIELDNAME", "system", "url", "path", "k"] {
            assert_eq!(Role::of(key.as_bytes()), Role::Name, "{key}");
        }
        for key in
            ["value", "Value", "values", "valueString", "string_value", "stringValue", "newValue", "old", "v", "from"]
        {
            assert_eq!(Role::of(key.as_bytes()), Role::Value, "{key}");
        }
        for key in ["", "id", "type", "content", "data", "message", "names", "value_of_something_long"] {
            assert_eq!(Role::of(key.as_bytes()), Role::Other, "{key}");
        }
    }

    #[test]
    fn keys_are_told_from_prose() {
        for text in ["patient.name", "Date of birth", "http://hl7.org/fhir/sid/us-ssn", "x-patient-mrn"] {
            assert!(is_key(text.as_bytes()), "{text}");
        }
        for text in ["", "12", "what, me?", "a=b", "{\"a\":1}", &"long ".repeat(20)] {
            assert!(!is_key(text.as_bytes()), "{text}");
        }
    }
}
