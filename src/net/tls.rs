//! Certificates and keys out of files.

use super::certificates::{is_like, names};
use super::expiry::not_after;
use crate::settings::{ClientTls, ServerTls, TlsVersion};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, RootCertStore, ServerConfig,
    SignatureScheme, SupportedProtocolVersion,
};
use std::path::Path;
use std::sync::Arc;

/// What is wrong with a TLS section: which file, and a fixed reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsError {
    /// The certificate file cannot be read or holds no certificate.
    Certificate,
    /// The key file cannot be read or holds no private key.
    Key,
    /// Key and certificate do not belong together.
    Mismatch,
    /// The file of authorities cannot be read or holds no certificate.
    Authorities,
    /// The system has no authorities to believe.
    NoSystemAuthorities,
    /// The name to expect is no host name.
    ServerName,
    /// The file of clients' authorities cannot be read or holds no certificate.
    ClientAuthorities,
    /// A list of revoked certificates cannot be read or used.
    Revoked,
}

impl TlsError {
    /// The reason.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Certificate => "`cert_file` cannot be read or holds no PEM certificate",
            Self::Key => "`key_file` cannot be read or holds no PEM private key",
            Self::Mismatch => "`key_file` does not belong to `cert_file`",
            Self::Authorities => "`ca_file` cannot be read or holds no PEM certificate",
            Self::NoSystemAuthorities => "the system has no certificate authorities: name some with `ca_file`",
            Self::ServerName => "`server_name_override` is no host name",
            Self::ClientAuthorities => "`client_ca_file` cannot be read or holds no PEM certificate",
            Self::Revoked => "`client_crl_files` cannot be read or hold no PEM list of revoked certificates",
        }
    }
}

impl std::fmt::Display for TlsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text())
    }
}

impl std::error::Error for TlsError {}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// What a listener needs. Offers HTTP/2 and HTTP/1.1. With `client_ca_file`, who shows no certificate of these authorities,
/// a revoked one, or one without a name that is asked for, gets no further than the handshake.
///
/// # Errors
/// If a file cannot be read or two do not fit.
pub fn server_config(tls: &ServerTls) -> Result<Arc<ServerConfig>, TlsError> {
    let chain = certificates(&tls.cert_file).ok_or(TlsError::Certificate)?;
    let key = PrivateKeyDer::from_pem_file(&tls.key_file).map_err(|_| TlsError::Key)?;
    let builder = ServerConfig::builder_with_provider(provider());
    let builder = builder.with_protocol_versions(versions(tls.min_version)).map_err(|_| TlsError::Mismatch)?;
    let builder = match &tls.client_ca_file {
        None => builder.with_no_client_auth(),
        Some(file) => builder.with_client_cert_verifier(Arc::new(verifier(file, tls)?)),
    };
    let mut config = builder.with_single_cert(chain, key).map_err(|_| TlsError::Mismatch)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // A ticket would let a client in again that has been revoked since.
    if tls.client_ca_file.is_some() {
        config.send_tls13_tickets = 0;
        config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    }
    Ok(Arc::new(config))
}

/// Until when the chain of a PEM file is valid, in seconds since 1970: the first of its certificates to end.
pub(super) fn chain_ends(file: &Path) -> Option<i64> {
    certificates(file)?.iter().filter_map(not_after).min()
}

/// What is spoken from this version on.
static FROM_12: [&SupportedProtocolVersion; 2] = [&rustls::version::TLS13, &rustls::version::TLS12];
static FROM_13: [&SupportedProtocolVersion; 1] = [&rustls::version::TLS13];

fn versions(least: TlsVersion) -> &'static [&'static SupportedProtocolVersion] {
    match least {
        TlsVersion::Tls12 => &FROM_12,
        TlsVersion::Tls13 => &FROM_13,
    }
}

fn verifier(authorities: &Path, tls: &ServerTls) -> Result<NamedClients, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(authorities).ok_or(TlsError::ClientAuthorities)? {
        roots.add(certificate).map_err(|_| TlsError::ClientAuthorities)?;
    }
    let mut revoked = Vec::new();
    for file in &tls.client_crl_files {
        let lists: Result<Vec<_>, _> =
            CertificateRevocationListDer::pem_file_iter(file).map_err(|_| TlsError::Revoked)?.collect();
        revoked.extend(lists.ok().filter(|lists| !lists.is_empty()).ok_or(TlsError::Revoked)?);
    }
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider()).with_crls(revoked);
    // Whether an authority is revoked, its own authority says, whose lists need not be here. A list that is out of date
    // says nothing reliable: clients are refused until there is a new one.
    let builder = if tls.client_crl_files.is_empty() {
        builder
    } else {
        builder.only_check_end_entity_revocation().enforce_revocation_expiration()
    };
    let inner = builder.build().map_err(|_| TlsError::Revoked)?;
    Ok(NamedClients { inner, names: tls.client_names.clone() })
}

/// Believes whom the authorities vouch for, if it has one of these names.
#[derive(Debug)]
struct NamedClients {
    inner: Arc<dyn ClientCertVerifier>,
    /// Empty for any name.
    names: Vec<String>,
}

impl ClientCertVerifier for NamedClients {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.inner.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let verified = self.inner.verify_client_cert(end_entity, intermediates, now)?;
        let shown = names(end_entity);
        let named = |wanted: &String| shown.iter().any(|name| is_like(name, wanted));
        if self.names.is_empty() || self.names.iter().any(named) {
            return Ok(verified);
        }
        Err(CertificateError::ApplicationVerificationFailure.into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// What a client needs.
///
/// # Errors
/// If the authorities cannot be read.
pub fn client_config(tls: &ClientTls) -> Result<ClientConfig, TlsError> {
    let mut roots = RootCertStore::empty();
    match &tls.ca_file {
        Some(file) => {
            for certificate in certificates(file).ok_or(TlsError::Authorities)? {
                roots.add(certificate).map_err(|_| TlsError::Authorities)?;
            }
        }
        None => {
            let (added, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if added == 0 {
                return Err(TlsError::NoSystemAuthorities);
            }
        }
    }
    let builder = ClientConfig::builder_with_provider(provider());
    let builder = builder.with_safe_default_protocol_versions().map_err(|_| TlsError::Authorities)?;
    let builder = builder.with_root_certificates(roots);
    let mut config = match &tls.identity {
        None => builder.with_no_client_auth(),
        Some((cert, key)) => {
            let chain = certificates(cert).ok_or(TlsError::Certificate)?;
            let key = PrivateKeyDer::from_pem_file(key).map_err(|_| TlsError::Key)?;
            builder.with_client_auth_cert(chain, key).map_err(|_| TlsError::Mismatch)?
        }
    };
    // With a session that is taken up again no certificate is shown: one that has run out since would go on being believed.
    config.resumption = rustls::client::Resumption::disabled();
    Ok(config)
}

/// The certificates of a PEM file: at least one, all of them sound.
fn certificates(file: &Path) -> Option<Vec<CertificateDer<'static>>> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_file_iter(file).ok()?.collect();
    certificates.ok().filter(|certificates| !certificates.is_empty())
}
