//! Credentials, told from their placeholders.

use super::Validator;

/// A value that can be a credential: not a word for one, not a reference to one.
pub(super) const SECRET: Validator = Validator {
    name: "secret",
    about: "not a placeholder, a reference or a word that stands for a credential",
    longest: None,
    check: |text, _| secret(text),
};

fn secret(text: &[u8]) -> bool {
    const WORDS: [&str; 30] = [
        "password",
        "passwd",
        "secret",
        "token",
        "true",
        "false",
        "none",
        "null",
        "required",
        "invalid",
        "expired",
        "missing",
        "changed",
        "updated",
        "basic",
        "bearer",
        "refreshed",
        "validated",
        "validation",
        "verified",
        "accepted",
        "rejected",
        "exchange",
        "exchanged",
        "endpoint",
        "refresh",
        "received",
        "malformed",
        "authentication",
        "signature",
    ];
    text.len() >= 4
        && !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word.as_bytes()))
        && text.iter().any(|byte| Some(byte) != text.first())
}
