//! A listener's `auth` section.

use super::jwt::{ALGORITHMS, Demands, Issuer};
use super::password::{PasswordHash, Passwords};
use super::principal::Principal;
use super::rate::Bucket;
use super::{Gate, Guard};
use crate::settings::{self, Current, Notes, TokenHash, schema};
use crate::telemetry::Component;
use jsonwebtoken::Algorithm;
use processors::document::{Data, Fields, Node};
use processors::walk::otlp::Signal;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// How short a token may be.
const SHORTEST: usize = 16;
/// How many tokens of one principal may be in use.
const LIVE: usize = 2;
/// How far an issuer's clock may be off unless the configuration says otherwise.
const LEEWAY: Duration = Duration::from_secs(60);

/// What `auth` takes.
pub(in crate::receivers) fn schema() -> Value {
    let token = json!({ "anyOf": [{ "type": "string", "minLength": SHORTEST }, { "type": "integer" }, schema::text_like("^$")] });
    let algorithms: Vec<&str> = ALGORITHMS.iter().map(|(name, _)| *name).collect();
    let jwt = schema::object(
        &["jwks_file", "issuer", "audience"],
        &[
            ("jwks_file", schema::text()),
            ("issuer", schema::text()),
            ("audience", schema::text()),
            ("algorithms", schema::list_of(&schema::word(&algorithms))),
            ("leeway", schema::duration()),
        ],
    );
    let signals: Vec<&str> = Signal::ALL.iter().map(|signal| signal.name()).collect();
    let hash = schema::text_like("^[0-9a-fA-F]{64}$");
    let principal = schema::object(
        &[],
        &[
            ("token_hashes", schema::list_of(&hash)),
            ("password_hash", schema::text_like(r"^\$argon2id\$")),
            ("client_names", schema::texts()),
            ("subject", schema::text()),
            ("signals", schema::list_of(&schema::word(&signals))),
            ("requests_per_second", schema::integer(1, 1_000_000)),
            ("bytes_per_second", schema::bytes()),
        ],
    );
    let mut auth = schema::object(
        &[],
        &[("bearer_token", token), ("jwt", jwt), ("principals", schema::entries("^[^:]+$", principal))],
    );
    if let Some(auth) = auth.as_object_mut() {
        auth.insert("minProperties".to_owned(), 1.into());
    }
    auth
}

/// Reads `auth`. `certificates` says whether clients show certificates.
pub(in crate::receivers) fn read(
    component: &Component,
    file: &str,
    node: &Node,
    certificates: bool,
    notes: &mut Notes,
) -> Option<Gate> {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let shared = fields.text("bearer_token", &mut notes.mistakes).and_then(|(token, at)| {
        if token.len() < SHORTEST {
            notes.mistake(file, at, "`bearer_token` takes at least 16 characters");
            return None;
        }
        Some(TokenHash::of(token.as_bytes()))
    });
    let jwt = fields.take("jwt");
    let issuer = jwt.and_then(|node| issuer(component, file, node, notes));
    let mut reader = Reader { file, certificates, tokens: jwt.is_some(), principals: Vec::new() };
    let named = fields.take("principals");
    if let Some(node) = named {
        let mut entries = Fields::open(file, node, &mut notes.mistakes);
        for (key, node) in entries.rest() {
            match key.text().filter(|name| !name.is_empty() && !name.contains(':')) {
                Some(name) => reader.principal(name, node, notes),
                None => notes.mistake(file, key.at, "a principal's name is a text without `:`"),
            }
        }
    }
    if let Some(node) = named.filter(|node| matches!(&node.data, Data::Mapping(entries) if entries.is_empty())) {
        notes.mistake(file, node.at, "`principals` names nobody: nobody could send");
    }
    fields.finish(&mut notes.mistakes);
    let something = node.get("bearer_token").is_some() || jwt.is_some() || named.is_some();
    if !something {
        notes.mistake(file, node.at, "`auth` takes `bearer_token`, `jwt` or `principals`");
    }
    let principals = reader.principals;
    if named.is_some() && principals.is_empty() || jwt.is_some() && issuer.is_none() {
        return None;
    }
    let guard = Guard { component: component.clone(), shared, principals, passwords: Passwords::new(), issuer };
    Some(Gate { guard: Current::new(Some(guard)) })
}

fn issuer(component: &Component, file: &str, node: &Node, notes: &mut Notes) -> Option<Issuer> {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let mut required = |key| {
        let node = fields.require(key, &mut notes.mistakes)?;
        let text = node.text().filter(|text| !text.is_empty());
        if text.is_none() {
            notes.mistake(file, node.at, format!("`{key}` takes a text"));
        }
        text
    };
    let (jwks, issuer, audience) = (required("jwks_file"), required("issuer"), required("audience"));
    let mut algorithms = Vec::new();
    for (name, at) in fields.texts("algorithms", &mut notes.mistakes) {
        match ALGORITHMS.iter().find(|(known, _)| *known == name) {
            Some((_, algorithm)) => algorithms.push(*algorithm),
            None => notes.mistake(
                file,
                at,
                "`algorithms` takes RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 and EdDSA: who can verify the others can sign",
            ),
        }
    }
    if node.get("algorithms").is_none() {
        algorithms = vec![Algorithm::RS256, Algorithm::ES256];
    }
    let leeway = settings::duration(&mut fields, "leeway", notes).unwrap_or(LEEWAY);
    fields.finish(&mut notes.mistakes);
    let (file_of_keys, issuer, audience) = (jwks?.into(), issuer?.to_owned(), audience?.to_owned());
    let demands = Demands { issuer, audience, algorithms, leeway };
    match Issuer::new(component.clone(), file_of_keys, demands) {
        Ok(issuer) => Some(issuer),
        Err(why) => {
            notes.mistake(file, node.at, why);
            None
        }
    }
}

struct Reader<'r> {
    file: &'r str,
    certificates: bool,
    tokens: bool,
    principals: Vec<Arc<Principal>>,
}

impl Reader<'_> {
    fn principal(&mut self, name: &str, node: &Node, notes: &mut Notes) {
        let file = self.file;
        let mut fields = Fields::open(file, node, &mut notes.mistakes);
        let tokens = self.tokens(&mut fields, notes);
        let password = fields.text("password_hash", &mut notes.mistakes).and_then(|(text, at)| {
            let parsed = PasswordHash::parse(text);
            parsed.map_err(|why| notes.mistake(file, at, format!("`password_hash` {why}"))).ok()
        });
        let client_names = fields.texts("client_names", &mut notes.mistakes);
        if let Some((_, at)) = client_names.first().filter(|_| !self.certificates) {
            notes.mistake(file, *at, "`client_names` needs `tls: { client_ca_file }`");
        }
        let client_names = client_names.into_iter().map(|(name, _)| name.to_owned()).collect();
        let subject = fields.text("subject", &mut notes.mistakes);
        if let Some((_, at)) = subject.filter(|_| !self.tokens) {
            notes.mistake(file, at, "`subject` needs `jwt`");
        }
        let subject = subject.map(|(subject, _)| subject.to_owned()).filter(|subject| !subject.is_empty());
        let signals = signals(&mut fields, notes);
        let requests = settings::number(&mut fields, "requests_per_second", 1..=1_000_000u32, notes);
        let bytes = settings::bytes(&mut fields, "bytes_per_second", notes);
        fields.finish(&mut notes.mistakes);
        let known_by = ["token_hashes", "password_hash", "client_names", "subject"];
        if known_by.iter().all(|key| node.get(key).is_none()) {
            let message = "a principal needs `token_hashes`, `password_hash`, `client_names` or `subject`";
            notes.mistake(file, node.at, message);
        }
        self.principals.push(Arc::new(Principal {
            name: name.to_owned(),
            tokens,
            password,
            client_names,
            subject,
            signals,
            requests: requests.map(|number| Bucket::new(f64::from(number))),
            bytes: bytes.map(|bytes| Bucket::new(bytes as f64)),
        }));
    }

    fn tokens(&self, fields: &mut Fields<'_>, notes: &mut Notes) -> Vec<TokenHash> {
        let (file, all) = (self.file, fields.texts("token_hashes", &mut notes.mistakes));
        if let Some((_, at)) = all.get(LIVE) {
            notes.mistake(
                file,
                *at,
                "`token_hashes` takes two at most: the one in use and the one that takes its place",
            );
        }
        let mut tokens: Vec<TokenHash> = Vec::new();
        for (text, at) in all {
            match TokenHash::parse(text) {
                None => notes.mistake(
                    file,
                    at,
                    "`token_hashes` takes SHA-256 in 64 hexadecimal digits, as `sha256sum` prints it",
                ),
                Some(hash) => {
                    if tokens.iter().any(|token| token.is(&hash))
                        || self.principals.iter().any(|other| other.has_token(&hash))
                    {
                        notes.mistake(
                            file,
                            at,
                            "this token is somebody's already: nobody could say whose request it is",
                        );
                    }
                    tokens.push(hash);
                }
            }
        }
        tokens
    }
}

/// All, unless some are named.
fn signals(fields: &mut Fields<'_>, notes: &mut Notes) -> Vec<Signal> {
    let file = fields.file();
    let named = fields.texts("signals", &mut notes.mistakes);
    if named.is_empty() {
        return Signal::ALL.to_vec();
    }
    let known = |(name, at): (&str, _)| {
        let signal = Signal::ALL.into_iter().find(|signal| signal.name() == name);
        if signal.is_none() {
            notes.mistake(file, at, "`signals` takes traces, logs, metrics and profiles");
        }
        signal
    };
    named.into_iter().filter_map(known).collect()
}
