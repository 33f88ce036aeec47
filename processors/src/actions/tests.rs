use super::*;

const TODAY: Today = Today { year: 2026, month: 11, day: 21 };

fn render(identifier: Identifier, action: Action, text: &str) -> String {
    let key = PseudonymKey::new(b"a key of thirty-two bytes, or so").unwrap();
    let mut out = String::new();
    Render { identifier, name: "ssn", key: &key, today: TODAY }.write(action, text.as_bytes(), &mut out);
    out
}

#[test]
fn markers_and_masks() {
    assert_eq!(render(Identifier::G, Action::Redact, "536-22-8147"), "[REDACTED:ssn]");
    assert_eq!(render(Identifier::G, Action::Mask { keep: 4 }, "536-22-8147"), "***-**-**47");
    assert_eq!(render(Identifier::J, Action::Mask { keep: 4 }, "4111 1111 1111 1234"), "**** **** **** 1234");
    assert_eq!(render(Identifier::A, Action::Mask { keep: 9 }, "Jo"), "**");
}

#[test]
fn generalised_forms_are_those_the_law_allows() {
    for (identifier, text, expected) in [
        (Identifier::C, "1958-03-14", "1958"),
        (Identifier::C, "March 14, 1958", "1958"),
        (Identifier::C, "03/14/58", "[REDACTED:ssn]"),
        (Identifier::C, "1931-03-14", "[REDACTED:ssn]"),
        (Identifier::C, "93", "90+"),
        (Identifier::B, "78758-4410", "787"),
        (Identifier::B, "05901", "000"),
        (Identifier::B, "Austin", "[REDACTED:ssn]"),
        (Identifier::G, "536-22-8147", "[REDACTED:ssn]"),
    ] {
        assert_eq!(render(identifier, Action::Generalize, text), expected, "{text}");
    }
    for text in [
        "1958-03-14",
        "1958/03/14",
        "1958.03.14",
        "1958-3-4",
        "03/14/1958",
        "14.03.1958",
        "14-03-1958",
        "3/4/1958",
        "19580314",
        "03141958",
        "195803141030",
        "19580314103000",
        "19580314103000.123-0500",
        "1958-03-14T10:30:00Z",
        "1958-03-14T10:30",
        "1958-03-14 10:30:00.123",
        "1958-03-14T10:30:00+01:00",
        "03/14/1958 10:30 AM",
        "March 14, 1958",
        "March 14 1958",
        "Mar 14th, 1958",
        "14 March 1958",
        "14-MAR-1958",
        "14MAR1958",
        "Friday, March 14, 1958",
        "Fri, 14 Mar 1958",
        "Fri, 14 Mar 1958 10:30:00",
        "datetime.date(1958, 3, 14)",
        "1958, 3, 14",
        "eq1958-03-14",
        "March 1958",
        "Mar 1958",
        "1958-03",
        "03/1958",
    ] {
        assert_eq!(render(Identifier::C, Action::Generalize, text), "1958", "{text}");
    }
    for text in ["3/14/58", "14-MAR-58", "March 14", "-372556800", "1958 3 14 15", "last spring", "19581399"] {
        assert_eq!(render(Identifier::C, Action::Generalize, text), "[REDACTED:ssn]", "{text}");
    }
    assert_eq!((0..1000).filter(|prefix| zip3::is_populous(*prefix)).count(), 871);
}

#[test]
fn tokens_are_frozen_and_joinable() {
    let token = render(Identifier::G, Action::Token, "536-22-8147");
    assert_eq!(token, "redacted_ssn_k2sqpqgmrck5gwwsn2s2");
    assert_eq!(token, render(Identifier::G, Action::Token, "536 22 8147"));
    assert_eq!(token, render(Identifier::G, Action::Token, "536228147"));
    assert_ne!(token, render(Identifier::H, Action::Token, "536228147"));
    assert_eq!(
        render(Identifier::D, Action::Token, "+1 (512) 555-0142"),
        render(Identifier::D, Action::Token, "512.555.0142")
    );
    assert_eq!(token::token_len(token.as_bytes()), Some(token.len()));
    assert!(PseudonymKey::new(b"short").is_none());
    assert_eq!(format!("{:?}", PseudonymKey::new(&[7; 32]).unwrap()), "PseudonymKey(..)");
}

#[test]
fn what_has_been_replaced_is_known() {
    let token = render(Identifier::G, Action::Token, "536-22-8147");
    let text = format!("a {token} b [REDACTED:email]:[REDACTED:x]@c %5BREDACTED:mrn%5D 536-22-8147");
    let part = |part: &str| text.find(part).map(|at| at..at + part.len()).unwrap();
    for inside in [token.as_str(), &token[5..20], "[REDACTED:email]", "email]:[REDACTED:x]", "5BREDACTED:mrn%5D", "mrn"]
    {
        assert!(is_replaced(text.as_bytes(), part(inside)), "{inside}");
    }
    for outside in ["536-22-8147", "x]@c", " b ", "%5D 536"] {
        assert!(!is_replaced(text.as_bytes(), part(outside)), "{outside}");
    }
    assert!(!is_replaced(b"redacted_ssn_ 536228147", 14..23));
    assert!(!is_replaced(b"[REDACTED:536-22-8147]", 10..21));
}
