//! A listener's certificates while it runs: read again when a file changes, and what a client's certificate says of it.

use super::stamps::{Stamp, stamps};
use super::tls::{TlsError, chain_ends, server_config};
use crate::settings::ServerTls;
use crate::telemetry::{Component, Event, Metrics};
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_rustls::TlsAcceptor;

/// How often files are looked at. A change counts when it has stood for one look, so that no file is read half written.
const LOOK: Duration = Duration::from_millis(500);

/// What a listener shows and whom it believes. All clones are one.
#[derive(Clone, Debug)]
pub(super) struct Certificates {
    component: Component,
    tls: Arc<ServerTls>,
    now: Arc<Mutex<Arc<ServerConfig>>>,
}

impl Certificates {
    /// Reads them for the first time.
    pub(super) fn read(component: Component, tls: ServerTls) -> Result<Self, TlsError> {
        let now = server_config(&tls)?;
        show(&component, &tls);
        Ok(Self { component, tls: Arc::new(tls), now: Arc::new(Mutex::new(now)) })
    }

    /// For the next connection.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        TlsAcceptor::from(Arc::clone(&now))
    }

    /// Reads them again whenever a file has changed. What cannot be used leaves the old ones in force, loudly: together, so
    /// that a key never stands beside a certificate that is not its own.
    pub(super) async fn watch(self) {
        let files: Vec<_> = self.tls.files().map(ToOwned::to_owned).collect();
        let mut used = stamps(&files);
        let mut seen: Vec<Stamp> = used.clone();
        loop {
            tokio::time::sleep(LOOK).await;
            let now = stamps(&files);
            let stood = now == seen && now != used;
            seen = now;
            if !stood {
                continue;
            }
            used.clone_from(&seen);
            let tls = Arc::clone(&self.tls);
            let read = tokio::task::spawn_blocking(move || server_config(&tls)).await;
            let component = self.component.clone();
            match read {
                Ok(Ok(config)) => {
                    *self.now.lock().unwrap_or_else(PoisonError::into_inner) = config;
                    Metrics::certificates(&component, "ok");
                    show(&component, &self.tls);
                    Event::CertificatesReloaded { component }.emit();
                }
                Ok(Err(error)) => {
                    Metrics::certificates(&component, "failed");
                    Event::CertificatesRefused { component, why: error.text() }.emit();
                }
                Err(_panicked) => {}
            }
        }
    }
}

/// Shows until when what is shown is valid: who alarms on it exchanges it in time.
fn show(component: &Component, tls: &ServerTls) {
    if let Some(until) = chain_ends(&tls.cert_file) {
        Metrics::certificate_ends(component, until);
    }
}

/// The names in the certificate that a client has shown and that was believed: of hosts, and URIs. Empty without one.
/// Receivers find them among the extensions of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerNames {
    names: Arc<[String]>,
}

impl PeerNames {
    /// Of a chain that was verified; the first certificate is the client's own.
    pub(super) fn of(chain: Option<&[CertificateDer<'_>]>) -> Self {
        let names = chain.and_then(<[_]>::first).map(names).unwrap_or_default();
        Self { names: names.into() }
    }

    /// Whether one of the names is like this one.
    #[must_use]
    pub fn has(&self, wanted: &str) -> bool {
        self.names.iter().any(|name| is_like(name, wanted))
    }
}

/// The names in a certificate.
pub(super) fn names(certificate: &CertificateDer<'_>) -> Vec<String> {
    let Ok(certificate) = webpki::EndEntityCert::try_from(certificate) else { return Vec::new() };
    certificate.valid_dns_names().chain(certificate.valid_uri_names()).map(str::to_owned).collect()
}

/// Whether a name is the wanted one; `*.` stands for one label of a host's name. Case says nothing in hosts' names. A
/// certificate's own wildcard is taken as it is written: it names nobody in particular.
pub(super) fn is_like(name: &str, wanted: &str) -> bool {
    if name.contains("://") || wanted.contains("://") {
        return name == wanted;
    }
    match wanted.strip_prefix("*.") {
        None => name.eq_ignore_ascii_case(wanted),
        Some(domain) => name
            .split_once('.')
            .is_some_and(|(label, rest)| !label.is_empty() && label != "*" && rest.eq_ignore_ascii_case(domain)),
    }
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn names_are_compared_whole() {
        for (name, wanted, like) in [
            ("agent.example.org", "agent.example.org", true),
            ("Agent.Example.ORG", "agent.example.org", true),
            ("agent.example.org.evil", "agent.example.org", false),
            ("xagent.example.org", "agent.example.org", false),
            ("agent.example.org", "*.example.org", true),
            ("a.b.example.org", "*.example.org", false),
            (".example.org", "*.example.org", false),
            ("*.example.org", "*.example.org", false),
            ("example.org", "*.example.org", false),
            ("spiffe://example.org/agent", "spiffe://example.org/agent", true),
            ("spiffe://example.org/Agent", "spiffe://example.org/agent", false),
            ("spiffe://example.org/agent/x", "spiffe://example.org/agent", false),
            ("spiffe://x.example.org", "*.example.org", false),
        ] {
            assert_eq!(is_like(name, wanted), like, "{name} {wanted}");
        }
    }
}
