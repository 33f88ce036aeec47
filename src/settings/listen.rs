//! Where the collector listens.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// An address to listen at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen {
    address: SocketAddr,
}

impl Listen {
    /// Loopback, this port.
    #[must_use]
    pub fn loopback(port: u16) -> Self {
        Self { address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port) }
    }

    /// Reads `host:port`, where the host is an IP address or `localhost`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(port) = text.strip_prefix("localhost:") {
            return Some(Self::loopback(port.parse().ok()?));
        }
        Some(Self { address: text.parse().ok()? })
    }

    /// The address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether only this machine can reach it.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.address.ip().to_canonical().is_loopback()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_told_apart() {
        for (text, loopback) in [
            ("127.0.0.1:4317", true),
            ("localhost:1", true),
            ("[::1]:4317", true),
            ("[::ffff:127.0.0.1]:1", true),
            ("0.0.0.0:4317", false),
            ("[::]:1", false),
            ("10.0.0.1:1", false),
        ] {
            assert_eq!(Listen::parse(text).unwrap().is_loopback(), loopback, "{text}");
        }
        for text in ["", "4317", "host.example:4317", "127.0.0.1", "127.0.0.1:70000", "localhost:x"] {
            assert_eq!(Listen::parse(text), None, "{text}");
        }
    }
}
