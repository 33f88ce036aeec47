//! Who may send, what, and how fast.
//!
//! A request is admitted once, before its body is read: by a bearer token, by name and password, by a signed token (JWT), or
//! by the certificate that its connection has shown. What is compared is compared whole and in constant time; of tokens and
//! passwords only hashes are kept. Nothing that says who sent a request goes further than this. Who may send is exchanged
//! as a whole while the collector runs: a request is judged by what was in force when its headers were there.

mod credentials;
mod jwt;
mod password;
mod principal;
mod rate;
pub(super) mod section;

use crate::net::PeerNames;
use crate::settings::{Current, TokenHash};
use crate::telemetry::{Component, Metrics};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{Extensions, HeaderMap};
use jwt::Issuer;
use password::Passwords;
use principal::{Principal, Use};
use processors::walk::otlp::Signal;
use std::sync::Arc;

pub use credentials::Credentials;
pub use jwt::{Demands as TokenDemands, Keys as TokenKeys};

/// How long the value of an `authorization` header may be, in bytes.
const LONGEST: usize = 16 << 10;

/// Why a request is not admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Denied {
    /// Nobody is known by what it bears.
    Unauthenticated,
    /// Its sender is known and may not send this.
    Forbidden,
    /// Its sender has sent too much of late, or too many have tried to guess a password.
    TooFast,
}

impl Denied {
    fn label(self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::TooFast => "too_fast",
        }
    }
}

/// Admits requests, or all of them where the configuration asks for nothing. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Gate {
    guard: Current<Option<Guard>>,
}

#[derive(Debug)]
struct Guard {
    component: Component,
    /// A token that admits to everything: the simple way to have one.
    shared: Option<TokenHash>,
    principals: Vec<Arc<Principal>>,
    passwords: Passwords,
    issuer: Option<Issuer>,
}

/// A request that was admitted.
#[derive(Debug, Default)]
#[must_use]
pub(super) struct Admitted {
    by: Option<Arc<Principal>>,
}

impl Admitted {
    /// Counts the bytes of the request's body against what its sender may send; the next one waits for them.
    pub(super) fn spend(&self, bytes: usize) {
        if let Some(principal) = &self.by {
            principal.spend(bytes);
        }
    }
}

/// Who bears a credential.
enum Bearer {
    /// Somebody with the shared token, or an issuer's token where no principals are configured.
    Anybody,
    Somebody(Arc<Principal>),
}

impl Gate {
    /// Says whether a request may be read, by its headers and by what its connection has shown.
    ///
    /// # Errors
    /// If it may not. Who is told `Unauthenticated` is not told why.
    pub(super) async fn admit(
        &self,
        headers: &HeaderMap,
        extensions: &Extensions,
        signal: Signal,
    ) -> Result<Admitted, Denied> {
        let current = self.guard.get();
        let Some(guard) = current.as_ref() else { return Ok(Admitted::default()) };
        let admitted = guard.admit(headers, extensions, signal).await;
        admitted.inspect_err(|denied| Metrics::denied(&guard.component, denied.label()))
    }
}

impl Guard {
    /// Whether the two admit the same by the same.
    fn is(&self, other: &Self) -> bool {
        let Self { component: _, shared, principals, passwords: _, issuer } = self;
        same(shared.as_ref(), other.shared.as_ref(), TokenHash::is)
            && principals.len() == other.principals.len()
            && principals.iter().zip(&other.principals).all(|(one, two)| one.is(two))
            && same(issuer.as_ref(), other.issuer.as_ref(), Issuer::is)
    }

    async fn admit(&self, headers: &HeaderMap, extensions: &Extensions, signal: Signal) -> Result<Admitted, Denied> {
        let principal = match self.bearer(headers, extensions).await? {
            Bearer::Anybody => return Ok(Admitted::default()),
            Bearer::Somebody(principal) => principal,
        };
        match principal.may(signal) {
            Use::Granted => Ok(Admitted { by: Some(principal) }),
            Use::Forbidden => Err(Denied::Forbidden),
            Use::TooFast => Err(Denied::TooFast),
        }
    }

    async fn bearer(&self, headers: &HeaderMap, extensions: &Extensions) -> Result<Bearer, Denied> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let (value, more) = (values.next(), values.next());
        let Some(value) = value else {
            // A certificate that was believed is a credential like another; it counts where no other is shown.
            let names = extensions.get::<PeerNames>().cloned().unwrap_or_default();
            let principal = self.principals.iter().find(|principal| principal.is_named(&names));
            return principal.cloned().map(Bearer::Somebody).ok_or(Denied::Unauthenticated);
        };
        let value = value.as_bytes();
        if more.is_some() || value.len() > LONGEST {
            return Err(Denied::Unauthenticated);
        }
        let space = value.iter().position(|byte| *byte == b' ').ok_or(Denied::Unauthenticated)?;
        let (scheme, credential) = value.split_at(space);
        let credential = credential.trim_ascii();
        if scheme.eq_ignore_ascii_case(b"bearer") {
            return self.token(credential);
        }
        if scheme.eq_ignore_ascii_case(b"basic") {
            return self.password(credential).await;
        }
        Err(Denied::Unauthenticated)
    }

    /// Looks at every token there is, whichever it is.
    fn token(&self, credential: &[u8]) -> Result<Bearer, Denied> {
        let hash = TokenHash::of(credential);
        let shared = self.shared.as_ref().is_some_and(|shared| shared.is(&hash));
        let mut found = None;
        for principal in &self.principals {
            if principal.has_token(&hash) {
                found = Some(principal);
            }
        }
        if shared {
            return Ok(Bearer::Anybody);
        }
        if let Some(principal) = found {
            return Ok(Bearer::Somebody(Arc::clone(principal)));
        }
        let issuer = self.issuer.as_ref().ok_or(Denied::Unauthenticated)?;
        let subject = issuer.verify(credential).ok_or(Denied::Unauthenticated)?;
        if self.principals.is_empty() {
            return Ok(Bearer::Anybody);
        }
        let known = self.principals.iter().find(|principal| principal.is_subject(&subject));
        known.cloned().map(Bearer::Somebody).ok_or(Denied::Unauthenticated)
    }

    async fn password(&self, credential: &[u8]) -> Result<Bearer, Denied> {
        // Where nobody has one, there is nothing to guess and nothing to be slow about.
        if self.principals.iter().all(|principal| principal.password().is_none()) {
            return Err(Denied::Unauthenticated);
        }
        let pair = STANDARD.decode(credential).map_err(|_| Denied::Unauthenticated)?;
        let colon = pair.iter().position(|byte| *byte == b':').ok_or(Denied::Unauthenticated)?;
        let (name, password) = pair.split_at(colon);
        let password = password.strip_prefix(b":").unwrap_or_default();
        let known = self.principals.iter().find(|principal| principal.is_called(name));
        let hash = known.and_then(|principal| principal.password());
        if !self.passwords.verify(name, password, hash).await? {
            return Err(Denied::Unauthenticated);
        }
        known.cloned().map(Bearer::Somebody).ok_or(Denied::Unauthenticated)
    }
}

/// Whether both are there and alike, or neither is there.
fn same<T>(one: Option<&T>, other: Option<&T>, alike: impl Fn(&T, &T) -> bool) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => alike(one, other),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests;
