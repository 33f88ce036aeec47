//! Keyed pseudonyms: the same person, the same token, as long as the key is the same.
//!
//! A token is `redacted_<name>_k<key id><pseudonym>`: three characters that tell the key, sixteen that stand for the
//! person, all of the alphabet `a-z2-7` of RFC 4648 base32, so that it may stand in a metric name. It is frozen by test
//! vectors: what is joined by tokens today must be tomorrow.

use super::Render;
use crate::pack::Identifier;
use hmac::{Hmac, KeyInit as _, Mac as _};
use memchr::memmem::Finder;
use sha2::Sha256;
use std::ops::Range;
use std::sync::LazyLock;

/// Changes if what goes into a token changes.
const VERSION: u8 = 1;
const ALPHABET: [u8; 32] = *b"abcdefghijklmnopqrstuvwxyz234567";
/// Characters behind the name: `k`, the key's three, the pseudonym's sixteen.
const TAIL: usize = 20;
const PREFIX: &[u8] = b"redacted_";
/// The most bytes a token has.
const MOST: usize = 64;

/// The key of the pseudonyms. Not printed by anything.
#[derive(Clone)]
pub struct PseudonymKey {
    mac: Hmac<Sha256>,
    id: [u8; 3],
}

impl std::fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PseudonymKey(..)")
    }
}

impl PseudonymKey {
    /// Makes the key from secret bytes: 32 random ones are right, fewer than 16 are refused.
    #[must_use]
    pub fn new(secret: &[u8]) -> Option<Self> {
        if secret.len() < 16 {
            return None;
        }
        let mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
        let mut id = mac.clone();
        id.update(b"scrubjay key id");
        let id = base32::<3>(&id.finalize().into_bytes());
        Some(Self { mac, id })
    }

    /// A key for another purpose.
    pub(crate) fn derive(&self, purpose: &[u8]) -> [u8; 16] {
        let mut mac = self.mac.clone();
        mac.update(purpose);
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        digest.first_chunk::<16>().copied().unwrap_or_default()
    }
}

/// Writes the token of `text`.
pub(super) fn write(render: &Render<'_>, text: &[u8], out: &mut String) {
    let mut mac = render.key.mac.clone();
    mac.update(&[VERSION]);
    mac.update(render.identifier.label().as_bytes());
    mac.update(b"\0");
    mac.update(&canonical(render.identifier, text));
    let pseudonym = base32::<16>(&mac.finalize().into_bytes());
    out.push_str("redacted_");
    out.push_str(render.name);
    out.push_str("_k");
    out.extend(render.key.id.iter().chain(&pseudonym).map(|byte| char::from(*byte)));
}

/// What all spellings of one identifier share: `536-22-8147` and `536 22 8147` are one person.
fn canonical(identifier: Identifier, text: &[u8]) -> Vec<u8> {
    let mut canonical: Vec<u8> = match identifier {
        // A dot or a hyphen tells two people apart here; case and outer space do not.
        Identifier::F | Identifier::N | Identifier::Secret => text.trim_ascii().to_ascii_lowercase(),
        Identifier::A
        | Identifier::B
        | Identifier::C
        | Identifier::D
        | Identifier::E
        | Identifier::G
        | Identifier::H
        | Identifier::I
        | Identifier::J
        | Identifier::K
        | Identifier::L
        | Identifier::M
        | Identifier::O
        | Identifier::P
        | Identifier::Q
        | Identifier::R => text
            .iter()
            .filter(|byte| byte.is_ascii_alphanumeric() || **byte >= 0x80)
            .map(u8::to_ascii_lowercase)
            .collect(),
    };
    if matches!(identifier, Identifier::D | Identifier::E) && canonical.len() == 11 && canonical.first() == Some(&b'1')
    {
        canonical.remove(0);
    }
    canonical
}

fn base32<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut out = [b'a'; N];
    let mut bits = 0u32;
    let mut held = 0u32;
    let mut source = bytes.iter();
    for slot in &mut out {
        if held < 5 {
            bits = bits << 8 | u32::from(source.next().copied().unwrap_or(0));
            held += 8;
        }
        held -= 5;
        let index = usize::try_from(bits >> held & 31).unwrap_or(0);
        *slot = ALPHABET.get(index).copied().unwrap_or(b'a');
    }
    out
}

/// The tokens that touch `text[range]`, whole.
pub(super) fn touching(text: &[u8], range: Range<usize>) -> Vec<Range<usize>> {
    let from = range.start.saturating_sub(MOST);
    let to = (range.end + MOST).min(text.len());
    let Some(window) = text.get(from..to) else { return Vec::new() };
    // Made once: that takes longer than looking through the few bytes around a finding.
    static PREFIXES: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(PREFIX));
    PREFIXES
        .find_iter(window)
        .filter_map(|at| Some(from + at..from + at + token_len(text.get(from + at..)?)?))
        .filter(|token| token.start < range.end && token.end > range.start)
        .collect()
}

/// The length of the token that `text` begins with.
pub(crate) fn token_len(text: &[u8]) -> Option<usize> {
    let name = text.strip_prefix(PREFIX)?;
    let name_len = name.iter().take(33).take_while(|byte| byte.is_ascii_lowercase() || **byte == b'_').count();
    // The name ends at the last `_k` before the tail.
    (2..=name_len).rev().find_map(|len| {
        let (name, tail) = name.split_at_checked(len)?;
        let tail = tail.get(..TAIL)?;
        let fits =
            name.ends_with(b"_") && tail.first() == Some(&b'k') && tail.iter().all(|byte| ALPHABET.contains(byte));
        fits.then_some(PREFIX.len() + len + TAIL)
    })
}
