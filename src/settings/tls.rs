//! Which certificates to show and which to believe.

use super::notes::not_followed;
use super::{Notes, schema};
use processors::document::{Fields, Node};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Settings of the OpenTelemetry Collector that are read with a warning.
const SERVER_NOT_FOLLOWED: [(&str, &str); 3] = [
    ("max_version", "TLS is 1.2 or 1.3"),
    ("reload_interval", "files are looked at twice a second"),
    ("client_ca_file_reload", "files are looked at twice a second"),
];
const CLIENT_NOT_FOLLOWED: [(&str, &str); 4] = [
    ("min_version", "TLS is 1.2 or 1.3, whichever is the newest that both speak"),
    ("max_version", "TLS is 1.2 or 1.3"),
    ("reload_interval", "files are looked at twice a second, as long as something is sent"),
    ("include_system_ca_certs_pool", "the system's authorities are believed where `ca_file` names none"),
];

/// The oldest version of TLS that is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TlsVersion {
    /// 1.2
    #[default]
    Tls12,
    /// 1.3
    Tls13,
}

impl TlsVersion {
    fn schema() -> Value {
        // Without quotes it is a number.
        json!({ "anyOf": [{ "enum": ["1.2", "1.3", 1.2, 1.3] }, schema::text_like("^$")] })
    }

    fn read(fields: &mut Fields<'_>, notes: &mut Notes) -> Self {
        match fields.text("min_version", &mut notes.mistakes) {
            None | Some(("1.2", _)) => Self::Tls12,
            Some(("1.3", _)) => Self::Tls13,
            Some((_, at)) => {
                notes.mistake(fields.file(), at, "`min_version` is 1.2 or 1.3: nothing older is spoken");
                Self::Tls12
            }
        }
    }
}

/// What a listener shows, and whom it believes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerTls {
    /// The certificate chain, PEM.
    pub cert_file: PathBuf,
    /// Its private key, PEM.
    pub key_file: PathBuf,
    /// The authorities that vouch for clients, PEM; without it, clients show no certificate.
    pub client_ca_file: Option<PathBuf>,
    /// Lists of clients' certificates that are revoked, PEM.
    pub client_crl_files: Vec<PathBuf>,
    /// Names of which a client's certificate must have one; none means any.
    pub client_names: Vec<String>,
    /// The oldest version that is spoken.
    pub min_version: TlsVersion,
}

impl ServerTls {
    /// What [`ServerTls::read`] takes.
    #[must_use]
    pub fn schema() -> Value {
        let mut all = vec![
            ("cert_file", schema::text()),
            ("key_file", schema::text()),
            ("client_ca_file", schema::text()),
            ("client_crl_files", schema::texts()),
            ("client_names", schema::texts()),
            ("min_version", TlsVersion::schema()),
        ];
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
        let authorities = fields.take_even_null("client_ca_file");
        let client_ca_file: Option<PathBuf> = authorities.and_then(Node::text).map(Into::into);
        if let Some(node) = authorities.filter(|_| client_ca_file.is_none()) {
            let why = "without a value, it would let in who has no certificate";
            notes.mistake(file, node.at, format!("`client_ca_file` takes a file of PEM certificates: {why}"));
        }
        let mut of_clients = |key| {
            let all = fields.texts(key, &mut notes.mistakes);
            if let Some((_, at)) = all.first().filter(|_| authorities.is_none()) {
                notes.mistake(file, *at, format!("`{key}` needs `client_ca_file`"));
            }
            all.into_iter().map(|(text, _)| text.to_owned()).collect::<Vec<String>>()
        };
        let client_crl_files = of_clients("client_crl_files").into_iter().map(Into::into).collect();
        let client_names = of_clients("client_names");
        let min_version = TlsVersion::read(&mut fields, notes);
        not_followed(&mut fields, &SERVER_NOT_FOLLOWED, notes);
        fields.finish(&mut notes.mistakes);
        Some(Self {
            cert_file: certificate?.0.into(),
            key_file: key?.0.into(),
            client_ca_file,
            client_crl_files,
            client_names,
            min_version,
        })
    }

    /// The files that it names.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let all =
            [&self.cert_file, &self.key_file].into_iter().chain(&self.client_ca_file).chain(&self.client_crl_files);
        all.map(PathBuf::as_path)
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
    /// What is shown to the backend, if anything: the certificate chain and its private key, PEM.
    pub identity: Option<(PathBuf, PathBuf)>,
}

impl ClientTls {
    /// What [`ClientTls::read`] takes.
    #[must_use]
    pub fn schema() -> Value {
        let mut all = vec![
            ("ca_file", schema::text()),
            ("insecure", schema::boolean()),
            ("server_name_override", schema::text()),
            ("cert_file", schema::text()),
            ("key_file", schema::text()),
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
        let shown = fields.text("cert_file", &mut notes.mistakes);
        let key = fields.text("key_file", &mut notes.mistakes);
        if let (Some((_, at)), None) | (None, Some((_, at))) = (shown, key) {
            notes.mistake(file, at, "`cert_file` and `key_file` come together");
        }
        let identity = shown.zip(key).map(|((shown, _), (key, _))| (shown.into(), key.into()));
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
        Self { ca_file, insecure, server_name_override: name, identity }
    }

    /// The files that it names.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let identity = self.identity.iter().flat_map(|(certificate, key)| [certificate, key]);
        self.ca_file.iter().chain(identity).map(PathBuf::as_path)
    }
}
