//! Which certificates to show and which to believe.

use super::notes::not_followed;
use super::{Notes, schema};
use processors::document::{Fields, Node};
use serde_json::Value;
use std::path::PathBuf;

/// Settings of the OpenTelemetry Collector that are read with a warning.
const SERVER_NOT_FOLLOWED: [(&str, &str); 3] = [
    ("min_version", "TLS is 1.2 or 1.3"),
    ("max_version", "TLS is 1.2 or 1.3"),
    ("reload_interval", "certificates are read when the collector starts"),
];
const CLIENT_NOT_FOLLOWED: [(&str, &str); 4] = [
    ("min_version", "TLS is 1.2 or 1.3"),
    ("max_version", "TLS is 1.2 or 1.3"),
    ("reload_interval", "certificates are read when the collector starts"),
    ("include_system_ca_certs_pool", "the system's authorities are believed where `ca_file` names none"),
];

/// What a listener shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerTls {
    /// The certificate chain, PEM.
    pub cert_file: PathBuf,
    /// Its private key, PEM.
    pub key_file: PathBuf,
}

impl ServerTls {
    /// What [`ServerTls::read`] takes.
    #[must_use]
    pub fn schema() -> Value {
        let mut all = vec![("cert_file", schema::text()), ("key_file", schema::text())];
        all.extend(SERVER_NOT_FOLLOWED.map(|(key, _)| (key, schema::not_followed())));
        schema::object(&["cert_file", "key_file"], &all)
    }

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
        not_followed(&mut fields, &SERVER_NOT_FOLLOWED, notes);
        if let Some(node) = fields.take_even_null("client_ca_file") {
            let why = "there are no client certificates here: `auth: { bearer_token: .. }` says who may send";
            notes.mistake(file, node.at, format!("`client_ca_file` is refused: {why}"));
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
    /// What [`ClientTls::read`] takes.
    #[must_use]
    pub fn schema() -> Value {
        let mut all = vec![
            ("ca_file", schema::text()),
            ("insecure", schema::boolean()),
            ("server_name_override", schema::text()),
        ];
        all.extend(CLIENT_NOT_FOLLOWED.map(|(key, _)| (key, schema::not_followed())));
        schema::object(&[], &all)
    }

    /// Reads an exporter's `tls` section.
    pub fn read(file: &str, node: &Node, notes: &mut Notes) -> Self {
        let mut fields = Fields::open(file, node, &mut notes.mistakes);
        let ca_file = fields.text("ca_file", &mut notes.mistakes).map(|(path, _)| path.into());
        let insecure = fields.boolean("insecure", &mut notes.mistakes).unwrap_or(false);
        let name = fields.text("server_name_override", &mut notes.mistakes).map(|(name, _)| name.to_owned());
        not_followed(&mut fields, &CLIENT_NOT_FOLLOWED, notes);
        // `false` is what is done anyway.
        if let Some(node) = fields.take("insecure_skip_verify")
            && node.text() != Some("false")
        {
            let why = "data would go to whoever answers; `ca_file` names the authority to believe, \
                       `server_name_override` the name its certificate bears";
            notes.mistake(file, node.at, format!("`insecure_skip_verify` is refused: {why}"));
        }
        fields.finish(&mut notes.mistakes);
        Self { ca_file, insecure, server_name_override: name }
    }
}
