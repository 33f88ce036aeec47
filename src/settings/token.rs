//! Tokens that are compared and nothing else.

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// What is kept of a token: its SHA-256. A token is random and long, which is why one round is enough.
#[derive(Clone)]
pub struct TokenHash {
    hash: [u8; 32],
}

impl TokenHash {
    /// The hash of a token.
    #[must_use]
    pub fn of(token: &[u8]) -> Self {
        Self { hash: Sha256::digest(token).into() }
    }

    /// Reads a hash in hexadecimal, as `sha256sum` prints it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.as_bytes();
        if text.len() != 64 {
            return None;
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(text.chunks_exact(2)) {
            let [high, low] = pair else { return None };
            let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Some(Self { hash })
    }

    /// Whether the two are one. Takes as long for another as for the same.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.hash.ct_eq(&other.hash).into()
    }
}

impl std::fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_read_as_tools_print_it() {
        let text = "2d77e5a9a0ae9c4e0a3c3f29c6c9a9d1";
        assert!(TokenHash::parse(text).is_none(), "half a hash is none");
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert!(TokenHash::parse(abc).unwrap().is(&TokenHash::of(b"abc")));
        assert!(TokenHash::parse(&abc.to_uppercase()).unwrap().is(&TokenHash::of(b"abc")));
        assert!(!TokenHash::parse(abc).unwrap().is(&TokenHash::of(b"abd")));
        assert!(TokenHash::parse(&abc.replace('b', "g")).is_none());
        assert_eq!(format!("{:?}", TokenHash::of(b"abc")), "***");
    }
}
