//! The look of a person's name, where a key hints at one without saying so.

use super::Validator;

/// Two to four words of letters, or `Last, First`, each with a capital and no digit.
pub(super) const PERSON: Validator =
    Validator { name: "person", about: "two to four capitalised words of letters", check: |text, _| person(text) };

fn person(text: &[u8]) -> bool {
    let words = || text.split(|byte| matches!(byte, b' ' | b',' | b'^' | b'+')).filter(|word| !word.is_empty());
    (2..=4).contains(&words().count()) && words().all(|word| is_name(word) && !is_title_word(word))
}

/// Words that begin with a capital because they title something.
fn is_title_word(word: &[u8]) -> bool {
    const WORDS: [&str; 84] = [
        "access",
        "account",
        "admin",
        "alert",
        "api",
        "app",
        "application",
        "appointment",
        "audit",
        "batch",
        "billing",
        "booking",
        "care",
        "center",
        "chart",
        "check",
        "clinic",
        "code",
        "config",
        "consent",
        "controller",
        "coordinator",
        "counter",
        "create",
        "created",
        "dashboard",
        "data",
        "database",
        "demographics",
        "department",
        "directory",
        "discharge",
        "document",
        "engagement",
        "error",
        "event",
        "experience",
        "export",
        "failed",
        "file",
        "flow",
        "form",
        "gateway",
        "handler",
        "health",
        "history",
        "home",
        "identity",
        "import",
        "index",
        "info",
        "information",
        "intake",
        "invalid",
        "job",
        "journey",
        "list",
        "lookup",
        "login",
        "management",
        "manager",
        "matching",
        "message",
        "module",
        "monitor",
        "not",
        "number",
        "outcome",
        "page",
        "panel",
        "portal",
        "profile",
        "queue",
        "record",
        "records",
        "registration",
        "registry",
        "request",
        "safety",
        "search",
        "service",
        "started",
        "summary",
        "update",
    ];
    WORDS.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}

/// A capital or a letter outside ASCII first; then letters, apostrophes, hyphens, a final full stop.
fn is_name(word: &[u8]) -> bool {
    let Some((first, rest)) = word.split_first() else { return false };
    (first.is_ascii_uppercase() || *first >= 0x80)
        && rest.iter().all(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80 || matches!(byte, b'\'' | b'-' | b'.'))
        && !(rest.len() > 3 && rest.iter().all(u8::is_ascii_uppercase) && word.len() > 14)
}
