//! Where the operator's own pages are.

use super::{Current, Listen, Notes, TokenHash, schema};
use processors::document::{Fields, Node};
use serde_json::Value;
use std::path::PathBuf;

/// Where the operator's own pages are, and who may read them.
#[derive(Clone, Debug)]
pub enum Admin {
    /// At a port of this machine, for who has the token.
    Port(Listen, Current<TokenHash>),
    /// At a socket in the file system, for this user, and for who has the token if there is one.
    Socket(PathBuf, Option<Current<TokenHash>>),
}

impl Admin {
    /// The hash of the token, if there is one.
    #[must_use]
    pub fn token(&self) -> Option<&Current<TokenHash>> {
        match self {
            Self::Port(_, token) => Some(token),
            Self::Socket(_, token) => token.as_ref(),
        }
    }

    /// What [`Admin::read`] takes.
    #[must_use]
    pub fn schema() -> Value {
        let hash = schema::text_like("^[0-9a-fA-F]{64}$");
        schema::object(&[], &[("endpoint", schema::listen()), ("socket", schema::text()), ("token_hash", hash)])
    }

    /// Reads the `admin` section.
    pub fn read(file: &str, node: &Node, notes: &mut Notes) -> Option<Self> {
        let mut fields = Fields::open(file, node, &mut notes.mistakes);
        let endpoint = fields.text("endpoint", &mut notes.mistakes);
        let socket = fields.text("socket", &mut notes.mistakes);
        let token = fields.text("token_hash", &mut notes.mistakes);
        fields.finish(&mut notes.mistakes);
        let hash = token.and_then(|(text, at)| {
            let hash = TokenHash::parse(text);
            if hash.is_none() {
                notes.mistake(
                    file,
                    at,
                    "`token_hash` takes SHA-256 in 64 hexadecimal digits, as `sha256sum` prints it",
                );
            }
            hash
        });
        match (endpoint, socket) {
            (Some((text, at)), None) => {
                let listen = Listen::parse(text).filter(Listen::is_loopback);
                if listen.is_none() {
                    notes.mistake(file, at, "`endpoint` takes an address of this machine, like 127.0.0.1:8889: these pages are for its operator");
                }
                if token.is_none() {
                    notes.mistake(file, at, "`endpoint` needs `token_hash`: every user of this machine can reach it");
                }
                Some(Self::Port(listen?, Current::new(hash?)))
            }
            (None, Some((path, _))) => {
                (token.is_none() || hash.is_some()).then(|| Self::Socket(path.into(), hash.map(Current::new)))
            }
            (None, None) | (Some(_), Some(_)) => {
                notes.mistake(file, node.at, "`admin` takes `endpoint` or `socket`");
                None
            }
        }
    }
}
