//! Passwords, which people choose: a hash that takes long to guess against, and therefore takes long to verify.

use super::Denied;
use super::rate::Bucket;
use argon2::password_hash::PasswordVerifier as _;
use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Params};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// The most memory that verifying one may take, in KiB.
const MEMORY: u32 = 64 << 10;
/// The most passes over it.
const PASSES: u32 = 10;
/// How many are verified at once.
const AT_ONCE: usize = 2;
/// How many guesses a second are looked at, over all who guess.
const GUESSES: f64 = 10.0;
/// For how long a password that was right is known to be.
const REMEMBERED: Duration = Duration::from_secs(300);
/// How many such.
const MOST: usize = 1024;
/// What is verified for a name that nobody has, so that time does not tell which names there are. Nobody has its password.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2NydWJqYXktbm9ib2R5$Kx0yC1Yk2VQ3m8m7o0cXJ3o2l1gk7n4oZk5b9d2a0hY";

/// The hash of a password: argon2id, in the notation of `argon2` and `htpasswd`-like tools.
#[derive(Clone)]
pub(super) struct PasswordHash {
    hash: phc::PasswordHash,
}

impl PasswordHash {
    /// Reads a hash.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let hash =
            phc::PasswordHash::new(text).map_err(|_| "takes a hash like $argon2id$v=19$m=19456,t=2,p=1$..$..")?;
        let params = Params::try_from(&hash).map_err(|_| "takes a hash like $argon2id$v=19$m=19456,t=2,p=1$..$..")?;
        if Algorithm::try_from(hash.algorithm.as_str()).ok() != Some(Algorithm::Argon2id) {
            return Err("takes a hash by argon2id: others are guessed too fast");
        }
        if hash.salt.is_none() || hash.hash.is_none() {
            return Err("takes a hash with its salt and its output");
        }
        if params.m_cost() > MEMORY || params.t_cost() > PASSES {
            return Err("takes a hash of at most m=65536 and t=10: every request would cost as much");
        }
        Ok(Self { hash })
    }

    /// Whether the two are one.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.hash == other.hash
    }

    fn is_of(&self, password: &[u8]) -> bool {
        Argon2::default().verify_password(password, &self.hash).is_ok()
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// Verifies passwords, few at a time: who guesses costs little, and who is known costs nothing.
#[derive(Debug)]
pub(super) struct Passwords {
    places: Arc<Semaphore>,
    guesses: Bucket,
    /// What was right of late, by a hash with a salt of this process.
    known: Mutex<HashMap<[u8; 32], Instant>>,
    salt: [u8; 32],
}

impl Passwords {
    /// Nothing is known yet.
    pub(super) fn new() -> Self {
        Self {
            places: Arc::new(Semaphore::new(AT_ONCE)),
            guesses: Bucket::new(GUESSES),
            known: Mutex::default(),
            salt: rand::random(),
        }
    }

    /// Whether this is the password with this hash; never, for a name that nobody has.
    ///
    /// # Errors
    /// If too many guess.
    pub(super) async fn verify(
        &self,
        name: &[u8],
        password: &[u8],
        hash: Option<&PasswordHash>,
    ) -> Result<bool, Denied> {
        let id = self.id(name, password);
        if self.is_known(&id) {
            return Ok(true);
        }
        if !self.guesses.take() {
            return Err(Denied::TooFast);
        }
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| Denied::TooFast)?;
        let somebody = hash.is_some();
        let hash =
            hash.cloned().map_or_else(|| PasswordHash::parse(NOBODY), Ok).map_err(|_| Denied::Unauthenticated)?;
        let password = password.to_vec();
        let verified = tokio::task::spawn_blocking(move || {
            let right = hash.is_of(&password);
            drop(place);
            right
        });
        let right = verified.await.unwrap_or(false) && somebody;
        if right {
            self.remember(id);
        }
        Ok(right)
    }

    fn id(&self, name: &[u8], password: &[u8]) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.salt);
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name);
        hash.update(password);
        hash.finalize().into()
    }

    fn is_known(&self, id: &[u8; 32]) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(id).is_some_and(|since| since.elapsed() < REMEMBERED)
    }

    fn remember(&self, id: [u8; 32]) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, since| since.elapsed() < REMEMBERED);
        if known.len() < MOST {
            known.insert(id, Instant::now());
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use argon2::password_hash::PasswordHasher as _;

    /// A hash that takes little time, as tools write it.
    pub(in super::super) fn hashed(password: &str) -> String {
        let quick = Argon2::new(Algorithm::Argon2id, argon2::Version::V0x13, Params::new(64, 1, 1, None).unwrap());
        quick.hash_password_with_salt(password.as_bytes(), b"0123456789abcdef").unwrap().to_string()
    }

    #[test]
    fn only_hashes_that_hold_are_taken() {
        assert!(PasswordHash::parse(&hashed("correct horse")).is_ok());
        assert!(PasswordHash::parse(NOBODY).is_ok());
        for (text, why) in [
            ("correct horse", "takes a hash like"),
            ("$2b$12$abcdefghijklmnopqrstuv", "takes a hash"),
            (&hashed("x").replace("argon2id", "argon2i"), "by argon2id"),
            (&hashed("x").replace("m=64", "m=1000000"), "at most"),
            ("$argon2id$v=19$m=64,t=1,p=1", "with its salt"),
        ] {
            let error = PasswordHash::parse(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[tokio::test]
    async fn guessing_is_slowed_down_and_who_is_known_is_not() {
        let passwords = Passwords::new();
        let hash = PasswordHash::parse(&hashed("correct horse")).unwrap();
        assert_eq!(passwords.verify(b"lab", b"correct horse", Some(&hash)).await, Ok(true));
        assert_eq!(passwords.verify(b"lab", b"correct horsf", Some(&hash)).await, Ok(false));
        let mut slowed = 0;
        for guess in 0..40u8 {
            slowed += usize::from(passwords.verify(b"lab", &[guess], Some(&hash)).await == Err(Denied::TooFast));
        }
        assert!(slowed > 20, "{slowed}");
        assert_eq!(passwords.verify(b"lab", b"correct horse", Some(&hash)).await, Ok(true));
        assert_eq!(
            passwords.verify(b"labc", b"orrect horse", Some(&hash)).await,
            Err(Denied::TooFast),
            "not by a shifted edge"
        );
    }

    #[tokio::test]
    async fn nobody_has_the_password_of_nobody() {
        let passwords = Passwords::new();
        assert_eq!(passwords.verify(b"nobody", b"", None).await, Ok(false));
    }
}
