//! Texts that nobody may see.

use secrecy::{ExposeSecret as _, SecretString};

/// A secret text: printed as stars, overwritten when it is dropped.
#[derive(Clone)]
pub struct Secret {
    text: SecretString,
}

impl Secret {
    /// Takes a text in.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { text: SecretString::from(text) }
    }

    /// The text itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_as_stars() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "***");
    }
}
