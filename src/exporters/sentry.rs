//! What Sentry's SDKs sent, to Sentry or to what speaks like it: the project and its key are those of the configuration.

use super::datadog_agent::post;
use super::{Configured, Exporter, ExporterKind, Outbound, SendError, Sending, Sends};
use crate::net::{Client, compress};
use crate::settings::{self, ClientTls, Compression, Endpoint, Family, Notes, Sender, schema};
use crate::telemetry::Component;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue};
use processors::document::{Fields, Node};
use processors::{Format, Schema};
use serde_json::Value;
use std::time::Duration;

/// The registry's entry.
pub(super) const KIND: ExporterKind = ExporterKind {
    kind: "sentry",
    old_kinds: &[],
    takes: &[Family::Sentry],
    about: "Sentry, or what speaks like it: envelopes and events, to the project of a DSN",
    read,
    schema,
};

const TIMEOUT: Duration = Duration::from_secs(30);

/// A project somewhere.
#[derive(Debug)]
struct Project {
    client: Client,
    endpoint: Endpoint,
    number: u64,
    auth: HeaderValue,
}

#[derive(Debug)]
struct Sentry {
    /// Where projects go that are not named.
    rest: Option<Project>,
    /// Projects by the numbers that clients know them by.
    named: Vec<(u64, Project)>,
}

/// A DSN, taken apart: `https://key@host/path/project`.
#[derive(Clone, Debug)]
struct Dsn {
    endpoint: Endpoint,
    number: u64,
    key: String,
}

fn parse(text: &str) -> Option<Dsn> {
    let (scheme, rest) = text.split_once("://")?;
    let (key, rest) = rest.split_once('@')?;
    // An old one has a secret behind the key, which nobody asks for any more.
    let key = key.split(':').next().filter(|key| !key.is_empty())?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let (base, number) = rest.trim_end_matches('/').rsplit_once('/')?;
    let endpoint = Endpoint::parse(&format!("{scheme}://{base}"), "https").ok()?;
    let number = number.parse().ok().filter(|_| number.bytes().all(|byte| byte.is_ascii_digit()))?;
    key.bytes().all(plain).then(|| Dsn { endpoint, number, key: key.to_owned() })
}

fn read(component: &Component, file: &str, node: &Node, notes: &mut Notes) -> Option<Configured> {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let tls = fields.take("tls").map(|node| ClientTls::read(file, node, notes)).unwrap_or_default();
    let timeout = settings::duration(&mut fields, "timeout", notes).unwrap_or(TIMEOUT);
    let project = |node: &Node, notes: &mut Notes| -> Option<Project> {
        let Some(dsn) = node.text().and_then(parse) else {
            notes.mistake(file, node.at, "this is no DSN: it takes one like https://KEY@HOST/PROJECT");
            return None;
        };
        let auth = format!(
            "Sentry sentry_version=7, sentry_client=scrubjay/{}, sentry_key={}",
            env!("CARGO_PKG_VERSION"),
            dsn.key
        );
        let mut auth = HeaderValue::from_str(&auth).ok()?;
        auth.set_sensitive(true);
        match Client::new(&dsn.endpoint, &tls, timeout).map(|client| client.watching(component)) {
            Ok(client) => Some(Project { client, endpoint: dsn.endpoint, number: dsn.number, auth }),
            Err(error) => {
                notes.mistake(file, node.at, error.to_string());
                None
            }
        }
    };
    let rest = fields.take("dsn");
    let named = fields.take("projects");
    let rest = rest.and_then(|node| project(node, notes));
    let mut numbered = Vec::new();
    if let Some(node) = named {
        let mut entries = Fields::open(file, node, &mut notes.mistakes);
        for (key, node) in entries.rest() {
            match key.text().and_then(|number| number.parse::<u64>().ok()) {
                Some(number) => numbered.extend(project(node, notes).map(|project| (number, project))),
                None => notes.mistake(file, key.at, "a project is named by the number that clients know it by"),
            }
        }
    }
    let sending = Sending::read(&mut fields, notes);
    fields.finish(&mut notes.mistakes);
    if rest.is_none() && numbered.is_empty() {
        notes.mistake(
            file,
            node.at,
            "`dsn` names the project that all reports go to, `projects` one for each: there must be one of them",
        );
        return None;
    }
    Some(Configured { exporter: Box::new(Sentry { rest, named: numbered }), sending })
}

fn schema() -> Value {
    let own = [
        ("dsn", schema::text()),
        ("projects", schema::entries("^[0-9]+$", schema::text())),
        ("tls", ClientTls::schema()),
        ("timeout", schema::duration()),
    ];
    schema::object(&[], &[&own[..], &Sending::schema()].concat())
}

impl Exporter for Sentry {
    fn send(&self, outbound: Outbound) -> Sends<'_> {
        Box::pin(async move {
            let (what, kind) = match outbound.format() {
                Format::Envelope => ("envelope", "application/x-sentry-envelope"),
                Format::Json(Schema::SentryEvent) => ("store", "application/json"),
                Format::Otlp(_) | Format::Text | Format::Lines | Format::Json(_) | Format::Msgpack(_) | _ => {
                    return Err(SendError::Unsendable);
                }
            };
            let Sender::Project(number) = outbound.sender() else { return Err(SendError::Unsendable) };
            let named = self.named.iter().find(|(known, _)| *known == number).map(|(_, project)| project);
            let project = named.or(self.rest.as_ref()).ok_or(SendError::Unsendable)?;
            let uri = project.endpoint.join(&format!("/api/{}/{what}/", project.number));
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            headers.insert(USER_AGENT, HeaderValue::from_static(concat!("scrubjay/", env!("CARGO_PKG_VERSION"))));
            headers.insert("x-sentry-auth", project.auth.clone());
            let body = outbound.body().clone();
            let compressed = tokio::task::spawn_blocking(move || compress(Compression::Gzip, &body)).await;
            let body = compressed.ok().and_then(Result::ok).ok_or(SendError::Unsendable)?;
            post(&project.client, uri.map_err(|_| SendError::Unsendable)?, headers, body).await
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dsn_names_host_project_and_key() {
        let dsn = parse("https://0123abc:old@o1.ingest.sentry.example/base/42").unwrap();
        assert_eq!((dsn.number, dsn.key.as_str()), (42, "0123abc"));
        assert_eq!(
            dsn.endpoint.join("/api/42/envelope/").unwrap(),
            "https://o1.ingest.sentry.example/base/api/42/envelope/"
        );
        for other in [
            "",
            "https://host/42",
            "https://@host/42",
            "https://k@host/",
            "https://k@host/x",
            "ftp://k@host/1",
            "https://k y@host/1",
        ] {
            assert!(parse(other).is_none(), "{other}");
        }
    }
}
