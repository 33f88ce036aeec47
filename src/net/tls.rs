//! Certificates and keys out of files.

use crate::settings::{ClientTls, ServerTls};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
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
}

impl std::fmt::Display for TlsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Certificate => "`cert_file` cannot be read or holds no PEM certificate",
            Self::Key => "`key_file` cannot be read or holds no PEM private key",
            Self::Mismatch => "`key_file` does not belong to `cert_file`",
            Self::Authorities => "`ca_file` cannot be read or holds no PEM certificate",
            Self::NoSystemAuthorities => "the system has no certificate authorities: name some with `ca_file`",
            Self::ServerName => "`server_name_override` is no host name",
        })
    }
}

impl std::error::Error for TlsError {}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// What a listener needs. Offers HTTP/2 and HTTP/1.1.
///
/// # Errors
/// If a file cannot be read or the two do not fit.
pub fn server_config(tls: &ServerTls) -> Result<Arc<ServerConfig>, TlsError> {
    let chain = certificates(&tls.cert_file).ok_or(TlsError::Certificate)?;
    let key = PrivateKeyDer::from_pem_file(&tls.key_file).map_err(|_| TlsError::Key)?;
    let builder = ServerConfig::builder_with_provider(provider());
    let builder = builder.with_safe_default_protocol_versions().map_err(|_| TlsError::Mismatch)?;
    let mut config = builder.with_no_client_auth().with_single_cert(chain, key).map_err(|_| TlsError::Mismatch)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
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
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// The certificates of a PEM file: at least one, all of them sound.
fn certificates(file: &Path) -> Option<Vec<CertificateDer<'static>>> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_file_iter(file).ok()?.collect();
    certificates.ok().filter(|certificates| !certificates.is_empty())
}
