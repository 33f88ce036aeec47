//! Who may send: whoever has the token.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// A token, of which only a hash is kept.
#[derive(Clone)]
pub(in crate::receivers) struct Bearer {
    hash: [u8; 32],
}

impl Bearer {
    /// The token that is asked for.
    pub(in crate::receivers) fn new(token: &str) -> Self {
        Self { hash: Sha256::digest(token).into() }
    }

    /// Whether the headers bear the token. Takes as long for a wrong one as for the right one.
    pub(in crate::receivers) fn admits(&self, headers: &HeaderMap) -> bool {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let (Some(value), None) = (values.next(), values.next()) else { return false };
        let Some((scheme, token)) = value.as_bytes().split_at_checked(7) else { return false };
        let hash: [u8; 32] = Sha256::digest(token.trim_ascii()).into();
        scheme.eq_ignore_ascii_case(b"bearer ") & bool::from(hash.ct_eq(&self.hash))
    }
}

impl std::fmt::Debug for Bearer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(values: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, value.parse().unwrap());
        }
        Bearer::new("correct-horse-battery").admits(&headers)
    }

    #[test]
    fn only_the_token_admits() {
        assert!(admits(&["Bearer correct-horse-battery"]) && admits(&["bearer correct-horse-battery"]));
        for values in [
            &[][..],
            &["Bearer "],
            &["Bearer correct-horse-batterz"],
            &["Bearer correct-horse-batter"],
            &["Basic correct-horse-battery"],
            &["correct-horse-battery"],
            &["Bearer correct-horse-battery", "Bearer other"],
        ] {
            assert!(!admits(values), "{values:?}");
        }
    }
}
