//! Which certificates to show and which to believe.

use super::Notes;
use processors::document::{Fields, Node};
use std::path::PathBuf;

/// What a listener shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerTls {
    /// The certificate chain, PEM.
    pub cert_file: PathBuf,
    /// Its private key, PEM.
    pub key_file: PathBuf,
}

impl ServerTls {
    /// Reads a listener's `tls` section.
    pub fn read(file: &str, node: &Node, notes: &mut Notes) -> Option<Self> {
        let mut fields = Fields::open(file, node, &mut notes.mistakes);
        let certificate = fields.text("cert_file", &mut notes.mistakes);
        let key = fields.text("key_file", &mut notes.mistakes);
        for (name, given) in [("cert_file", certificate.is_some()), ("key_file", key.is_some())] {
            if !given && node.get(name).is_none() {
                notes.mistake(file, node.at, format!("`{name}` is missing"));
            }
        }
        fields.finish(&mut notes.mistakes);
        Some(Self { cert_file: certificate?.0.into(), key_file: key?.0.into() })
    }
}

/// What a client believes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientTls {
    /// The authorities to believe, PEM; without it, the system's.
    pub ca_file: Option<PathBuf>,
    /// Whether an endpoint without a scheme is plain text.
    pub insecure: bool,
    /// The name the backend's certificate must bear, if not the endpoint's host.
    pub server_name_override: Option<String>,
}

impl ClientTls {
    /// Reads an exporter's `tls` section.
    pub fn read(file: &str, node: &Node, notes: &mut Notes) -> Self {
        let mut fields = Fields::open(file, node, &mut notes.mistakes);
        let ca_file = fields.text("ca_file", &mut notes.mistakes).map(|(path, _)| path.into());
        let insecure = fields.boolean("insecure", &mut notes.mistakes).unwrap_or(false);
        let name = fields.text("server_name_override", &mut notes.mistakes).map(|(name, _)| name.to_owned());
        fields.finish(&mut notes.mistakes);
        Self { ca_file, insecure, server_name_override: name }
    }
}
