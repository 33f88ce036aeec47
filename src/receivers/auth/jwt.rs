//! Signed tokens (JWT) of one issuer, verified with keys from a file: nobody is asked over the network.

use crate::net::{Stamp, stamps};
use crate::telemetry::{Component, Event};
use jsonwebtoken::jwk::{AlgorithmParameters, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often the file is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How large a file of keys may be, in bytes.
const LARGEST: u64 = 1 << 20;

/// The signatures that may be asked for. None of them is made with a secret that both sides know: with one, who can verify a
/// token can make one.
pub(super) const ALGORITHMS: [(&str, Algorithm); 9] = [
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("PS256", Algorithm::PS256),
    ("PS384", Algorithm::PS384),
    ("PS512", Algorithm::PS512),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("EdDSA", Algorithm::EdDSA),
];

/// What is asked of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demands {
    /// Who must have made it.
    pub issuer: String,
    /// Whom it must be for.
    pub audience: String,
    /// How it may be signed.
    pub algorithms: Vec<Algorithm>,
    /// How far the issuer's clock may be off.
    pub leeway: Duration,
}

/// Verifies the tokens of one issuer.
#[derive(Debug)]
pub(super) struct Issuer {
    component: Component,
    file: PathBuf,
    demands: Demands,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    keys: Arc<Keys>,
    stamp: Vec<Stamp>,
    looked: Instant,
}

/// An issuer's public keys.
#[derive(Debug)]
pub struct Keys {
    keys: Vec<Key>,
}

struct Key {
    id: Option<String>,
    key: DecodingKey,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    sub: Option<String>,
}

impl Issuer {
    /// Reads the keys.
    ///
    /// # Errors
    /// If the file cannot be read or holds no key for a signature that is asked for.
    pub(super) fn new(component: Component, file: PathBuf, demands: Demands) -> Result<Self, &'static str> {
        let keys = Arc::new(Keys::read(&file)?);
        let stamp = stamps(&[&file]);
        let state = Mutex::new(State { keys, stamp, looked: Instant::now() });
        Ok(Self { component, file, demands, state })
    }

    /// Whether both ask the same of a token. Keys change by themselves.
    pub(super) fn is(&self, other: &Self) -> bool {
        let Self { component: _, file, demands, state: _ } = self;
        *file == other.file && *demands == other.demands
    }

    /// The subject of a token, empty if it has none; `None` if it is not a token of the issuer's for us, now.
    pub(super) fn verify(&self, token: &[u8]) -> Option<String> {
        self.keys().verify(token, &self.demands)
    }

    /// The keys now. Reads the file again if it has changed; what cannot be used leaves the old ones in force, loudly.
    fn keys(&self) -> Arc<Keys> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.looked.elapsed() >= LOOK {
            state.looked = Instant::now();
            let stamp = stamps(&[&self.file]);
            if stamp != state.stamp {
                state.stamp = stamp;
                match Keys::read(&self.file) {
                    Ok(keys) => state.keys = Arc::new(keys),
                    Err(_) => Event::TokenKeysRefused { component: self.component.clone() }.emit(),
                }
            }
        }
        Arc::clone(&state.keys)
    }
}

impl Keys {
    fn read(file: &Path) -> Result<Self, &'static str> {
        const UNREADABLE: &str = "`jwks_file` cannot be read";
        if std::fs::metadata(file).map_err(|_| UNREADABLE)?.len() > LARGEST {
            return Err("`jwks_file` is larger than a set of keys has reason to be");
        }
        Self::parse(&std::fs::read(file).map_err(|_| UNREADABLE)?)
    }

    /// Reads a JSON Web Key Set.
    ///
    /// # Errors
    /// If it is none, or holds no public key for signatures.
    pub fn parse(text: &[u8]) -> Result<Self, &'static str> {
        let set: JwkSet = serde_json::from_slice(text).map_err(|_| "`jwks_file` holds no JSON Web Key Set")?;
        let public = |jwk: &&jsonwebtoken::jwk::Jwk| {
            // A secret in the file would be a key that both sides know.
            !matches!(jwk.algorithm, AlgorithmParameters::OctetKey(_))
                && jwk.common.public_key_use.as_ref().is_none_or(|of| *of == PublicKeyUse::Signature)
        };
        let keys: Vec<Key> = set
            .keys
            .iter()
            .filter(public)
            .filter_map(|jwk| Some(Key { id: jwk.common.key_id.clone(), key: DecodingKey::from_jwk(jwk).ok()? }))
            .collect();
        if keys.is_empty() { Err("`jwks_file` holds no public key for signatures") } else { Ok(Self { keys }) }
    }

    /// The subject of a token, empty if it has none; `None` if it is not what is asked for, or not now.
    #[must_use]
    pub fn verify(&self, token: &[u8], demands: &Demands) -> Option<String> {
        let header = decode_header(token).ok()?;
        // What must be understood and is not known here (RFC 7515, 4.1.11).
        if !demands.algorithms.contains(&header.alg) || announces_critical(token) {
            return None;
        }
        let key = self.find(header.kid.as_deref(), header.alg)?;
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[&demands.issuer]);
        validation.set_audience(&[&demands.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.validate_nbf = true;
        validation.leeway = demands.leeway.as_secs();
        let token = decode::<Claims>(token, key, &validation).ok()?;
        Some(token.claims.sub.unwrap_or_default())
    }

    /// The key with this id; without one, the only key of its kind.
    fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<&DecodingKey> {
        let mut fit = self
            .keys
            .iter()
            .filter(|key| key.key.family() == algorithm.family() && (id.is_none() || key.id.as_deref() == id));
        match (fit.next(), fit.next()) {
            (Some(only), None) => Some(&only.key),
            (None | Some(_), _) => None,
        }
    }
}

/// Whether a token says that something in its header must be understood.
fn announces_critical(token: &[u8]) -> bool {
    use base64::Engine as _;
    #[derive(Deserialize)]
    struct Critical {
        #[serde(default)]
        crit: Option<serde::de::IgnoredAny>,
    }
    let header = token.split(|byte| *byte == b'.').next().unwrap_or_default();
    let Ok(header) = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(header) else { return true };
    serde_json::from_slice::<Critical>(&header).map_or(true, |header| header.crit.is_some())
}
