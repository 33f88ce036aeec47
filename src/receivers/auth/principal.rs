//! Somebody who may send.

use super::password::PasswordHash;
use super::rate::Bucket;
use super::same;
use crate::net::PeerNames;
use crate::settings::TokenHash;
use processors::walk::otlp::Signal;

/// Somebody who may send: by what he is known, and what he may.
#[derive(Debug)]
pub(super) struct Principal {
    pub(super) name: String,
    /// Two at most: the one in use and the one that takes its place.
    pub(super) tokens: Vec<TokenHash>,
    pub(super) password: Option<PasswordHash>,
    /// Names in certificates.
    pub(super) client_names: Vec<String>,
    /// The `sub` of issuers' tokens.
    pub(super) subject: Option<String>,
    pub(super) signals: Vec<Signal>,
    pub(super) requests: Option<Bucket>,
    pub(super) bytes: Option<Bucket>,
}

/// Whether somebody may send something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Granted,
    Forbidden,
    TooFast,
}

impl Principal {
    /// Whether both are known by the same and may the same.
    pub(super) fn is(&self, other: &Self) -> bool {
        let Self { name, tokens, password, client_names, subject, signals, requests, bytes } = self;
        *name == other.name
            && tokens.len() == other.tokens.len()
            && tokens.iter().zip(&other.tokens).all(|(one, two)| one.is(two))
            && same(password.as_ref(), other.password.as_ref(), PasswordHash::is)
            && *client_names == other.client_names
            && *subject == other.subject
            && *signals == other.signals
            && same(requests.as_ref(), other.requests.as_ref(), Bucket::is_like)
            && same(bytes.as_ref(), other.bytes.as_ref(), Bucket::is_like)
    }

    /// Whether one of his tokens has this hash. Looks at all of them.
    pub(super) fn has_token(&self, hash: &TokenHash) -> bool {
        self.tokens.iter().fold(false, |found, token| found | token.is(hash))
    }

    /// Whether he has this name, for who shows a password.
    pub(super) fn is_called(&self, name: &[u8]) -> bool {
        self.name.as_bytes() == name
    }

    /// The hash of his password, if he has one.
    pub(super) fn password(&self) -> Option<&PasswordHash> {
        self.password.as_ref()
    }

    /// Whether a certificate has one of his names.
    pub(super) fn is_named(&self, names: &PeerNames) -> bool {
        self.client_names.iter().any(|name| names.has(name))
    }

    /// Whether an issuer calls him this.
    pub(super) fn is_subject(&self, subject: &str) -> bool {
        self.subject.as_deref() == Some(subject)
    }

    /// Whether he may send this now; a request that may be sent is counted.
    pub(super) fn may(&self, signal: Signal) -> Use {
        if !self.signals.contains(&signal) {
            return Use::Forbidden;
        }
        let open = self.bytes.as_ref().is_none_or(Bucket::is_open);
        if open && self.requests.as_ref().is_none_or(Bucket::take) { Use::Granted } else { Use::TooFast }
    }

    /// Counts bytes that he has sent.
    pub(super) fn spend(&self, bytes: usize) {
        if let Some(bucket) = &self.bytes {
            bucket.spend(bytes as f64);
        }
    }
}
