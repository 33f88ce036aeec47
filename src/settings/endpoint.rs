//! Where data is sent to.

use http::Uri;

/// The address of a backend: scheme `http` or `https`, a host, perhaps a port and a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    uri: Uri,
}

impl Endpoint {
    /// Reads a URL; without a scheme, `scheme` is taken.
    ///
    /// # Errors
    /// What is wrong with it. The text is not quoted: a URL may hold a password.
    pub fn parse(text: &str, scheme: &str) -> Result<Self, &'static str> {
        let whole = if text.contains("://") { text.to_owned() } else { format!("{scheme}://{text}") };
        let uri: Uri = whole.parse().map_err(|_| "takes a URL like https://host:4318")?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err("takes a URL that begins with http:// or https://");
        }
        let Some(authority) = uri.authority() else { return Err("takes a URL with a host") };
        if authority.host().is_empty() {
            return Err("takes a URL with a host");
        }
        if authority.as_str().contains('@') {
            return Err("takes no user and password in a URL: use `headers`");
        }
        if uri.query().is_some() {
            return Err("takes a URL without a query");
        }
        Ok(Self { uri })
    }

    /// The URL.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// The URL with `path` behind its own.
    ///
    /// # Errors
    /// If the two make no URL, which constant paths never do.
    pub fn join(&self, path: &str) -> Result<Uri, http::Error> {
        let base = self.uri.path().trim_end_matches('/');
        let mut parts = self.uri.clone().into_parts();
        parts.path_and_query = Some(format!("{base}{path}").parse()?);
        Ok(Uri::from_parts(parts)?)
    }

    /// Whether the connection is encrypted.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.uri.scheme_str() == Some("https")
    }

    /// Whether the backend is on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = self.uri.host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_join_and_know_their_scheme() {
        let plain = Endpoint::parse("localhost:4317", "http").unwrap();
        assert!(!plain.is_tls() && plain.is_loopback());
        let tls = Endpoint::parse("https://backend.example/otlp/", "http").unwrap();
        assert!(tls.is_tls() && !tls.is_loopback());
        assert_eq!(tls.join("/v1/logs").unwrap(), "https://backend.example/otlp/v1/logs");
        assert!(Endpoint::parse("http://[::1]:4318", "http").unwrap().is_loopback());
    }

    #[test]
    fn what_is_no_url_is_refused() {
        for text in ["", "ftp://host", "http://", "http://u:p@host", "http://host/?q=1", "http://ho st"] {
            assert!(Endpoint::parse(text, "http").is_err(), "{text}");
        }
    }
}
