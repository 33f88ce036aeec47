//! Electronic mail addresses, told from what only has an `@` in it.

use super::Validator;

/// An address whose domain ends in a name, and that is no repository.
pub(super) const EMAIL: Validator = Validator {
    name: "email",
    about: "a local part, a domain of at least two names, no user of a code host",
    longest: None,
    check: |text, _| email(text),
};

fn email(text: &[u8]) -> bool {
    /// Users that stand for a service, not for a person: `git@host:path`.
    const SERVICES: [&[u8]; 4] = [b"git", b"svn", b"hg", b"ssh"];
    /// What ends file names, not domains: `logo@2x.png`, `icon@3.svg`.
    const FILES: [&[u8]; 9] = [b"png", b"jpg", b"jpeg", b"gif", b"svg", b"webp", b"js", b"css", b"so"];
    let Some(at) = text.iter().rposition(|byte| *byte == b'@') else { return false };
    let (Some(local), Some(domain)) = (text.get(..at), text.get(at + 1..)) else { return false };
    let last = domain.rsplit(|byte| *byte == b'.').next().unwrap_or(&[]);
    !SERVICES.iter().any(|service| local.eq_ignore_ascii_case(service))
        && !FILES.iter().any(|ending| last.eq_ignore_ascii_case(ending))
        && !local.starts_with(b".")
        && domain.split(|byte| *byte == b'.').all(|name| !name.is_empty() && !name.starts_with(b"-"))
}
