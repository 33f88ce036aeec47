//! OTLP over HTTP, in protobuf.

use super::{Configured, Exporter, ExporterKind, Outbound, SendError, Sending, Sends, Sent, sent};
use crate::net::{Client, ClientError, Reply, compress};
use crate::settings::{self, ClientTls, Compression, Endpoint, Family, Notes, not_followed, schema};
use crate::telemetry::Component;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, DATE, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use processors::document::{Fields, Node};
use processors::walk::otlp::Signal;
use serde_json::Value;
use std::time::{Duration, SystemTime};

/// The registry's entry.
pub(super) const KIND: ExporterKind = ExporterKind {
    kind: "otlp_http",
    old_kinds: &["otlphttp"],
    takes: &[Family::Otlp],
    about: "OTLP over HTTP, protobuf",
    read,
    schema,
};

/// How long a request may take unless the configuration says otherwise.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What the OpenTelemetry Collector knows and this exporter does otherwise.
const NOT_FOLLOWED: [(&str, &str); 8] = [
    ("max_idle_conns", "connections are opened as they are needed"),
    ("max_idle_conns_per_host", "connections are opened as they are needed"),
    ("max_conns_per_host", "`sending_queue::num_consumers` says how many requests there are at once"),
    ("idle_conn_timeout", "connections close by themselves"),
    ("disable_keep_alives", "connections are used again"),
    ("http2_read_idle_timeout", "an idle connection is tried when it is needed"),
    ("read_buffer_size", "buffers grow as they must"),
    ("write_buffer_size", "buffers grow as they must"),
];

#[derive(Debug)]
struct OtlpHttp {
    client: Client,
    targets: [(Signal, Uri); 4],
    headers: HeaderMap,
    compression: Compression,
}

fn read(component: &Component, file: &str, node: &Node, notes: &mut Notes) -> Option<Configured> {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let tls_node = fields.take("tls");
    let tls = tls_node.map(|node| ClientTls::read(file, node, notes)).unwrap_or_default();
    let scheme = if tls.insecure { "http" } else { "https" };
    let endpoint = endpoint(&mut fields, scheme, notes);
    let timeout = settings::duration(&mut fields, "timeout", notes).unwrap_or(TIMEOUT);
    let compression = Compression::read(&mut fields, "compression", notes);
    let mut headers = headers(&mut fields, notes);
    let sending = Sending::read(&mut fields, notes);
    if let Some((encoding, at)) = fields.text("encoding", &mut notes.mistakes)
        && encoding != "proto"
    {
        notes.warn(file, at, "`encoding` is not followed: requests leave as protobuf");
    }
    not_followed(&mut fields, &NOT_FOLLOWED, notes);
    fields.finish(&mut notes.mistakes);
    let endpoint = endpoint?;
    let client = match Client::new(&endpoint, &tls, timeout).map(|client| client.watching(component)) {
        Ok(client) => client,
        Err(error) => {
            notes.mistake(file, tls_node.unwrap_or(node).at, error.to_string());
            return None;
        }
    };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
    headers.insert(USER_AGENT, HeaderValue::from_static(concat!("scrubjay/", env!("CARGO_PKG_VERSION"))));
    if let Some(encoding) = compression.content_encoding() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    let target = |signal, path| endpoint.join(path).ok().map(|uri| (signal, uri));
    let targets = [
        target(Signal::Traces, "/v1/traces")?,
        target(Signal::Logs, "/v1/logs")?,
        target(Signal::Metrics, "/v1/metrics")?,
        target(Signal::Profiles, "/v1development/profiles")?,
    ];
    Some(Configured { exporter: Box::new(OtlpHttp { client, targets, headers, compression }), sending })
}

fn schema() -> Value {
    let more = [("encoding", schema::text())];
    let ignored = NOT_FOLLOWED.map(|(key, _)| (key, schema::not_followed()));
    schema::object(&["endpoint"], &[&schema_of_clients()[..], &more, &ignored].concat())
}

/// What every exporter takes that sends OTLP.
pub(super) fn schema_of_clients() -> Vec<(&'static str, Value)> {
    let mut all = vec![
        ("endpoint", schema::endpoint()),
        ("tls", ClientTls::schema()),
        ("timeout", schema::duration()),
        ("compression", Compression::schema()),
        ("headers", schema::entries("^[!-~]+$", schema::text())),
    ];
    all.extend(Sending::schema());
    all
}

/// Takes `endpoint`; where scrubbed data would cross a network in plain text, says so.
pub(super) fn endpoint(fields: &mut Fields<'_>, scheme: &str, notes: &mut Notes) -> Option<Endpoint> {
    let file = fields.file();
    fields.require("endpoint", &mut notes.mistakes).and_then(|node| {
        let parsed =
            node.text().ok_or("takes a URL like https://host:4318").and_then(|text| Endpoint::parse(text, scheme));
        match parsed {
            Ok(endpoint) => {
                if !endpoint.is_tls() && !endpoint.is_loopback() {
                    notes.warn(file, node.at, "scrubbed data leaves this machine without TLS");
                }
                Some(endpoint)
            }
            Err(message) => {
                notes.mistake(file, node.at, format!("`endpoint` {message}"));
                None
            }
        }
    })
}

/// Takes `headers`: fixed names and values. Values are secrets: nothing prints them.
pub(super) fn headers(fields: &mut Fields<'_>, notes: &mut Notes) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let file = fields.file();
    let Some(node) = fields.take("headers") else { return headers };
    let mut entries = Fields::open(file, node, &mut notes.mistakes);
    for (key, value) in entries.rest() {
        let name = key.text().and_then(|name| HeaderName::from_bytes(name.as_bytes()).ok());
        let text = value.text().and_then(|text| HeaderValue::from_str(text).ok());
        match (name, text) {
            (Some(name), Some(mut text)) => {
                text.set_sensitive(true);
                headers.insert(name, text);
            }
            (None, _) => notes.mistake(file, key.at, "this is no header name: letters, digits and `-`"),
            (_, None) => notes.mistake(file, value.at, "this is no header value: it takes one line of printable text"),
        }
    }
    headers
}

impl Exporter for OtlpHttp {
    fn send(&self, outbound: Outbound) -> Sends<'_> {
        Box::pin(async move {
            let carried = outbound.otlp()?;
            let uri = self.targets.iter().find(|(signal, _)| *signal == carried).map(|(_, uri)| uri.clone());
            let uri = uri.ok_or(SendError::Unsendable)?;
            let compression = self.compression;
            let body = match compression {
                Compression::None => outbound.body().clone(),
                Compression::Gzip | Compression::Zstd => {
                    let compressed = tokio::task::spawn_blocking(move || compress(compression, outbound.body())).await;
                    compressed.ok().and_then(Result::ok).ok_or(SendError::Unsendable)?
                }
            };
            match self.client.post(uri, self.headers.clone(), body).await {
                Ok(reply) if reply.status.is_success() => Ok(partial(&reply)),
                Ok(reply) => Err(SendError::of_http(reply.status, retry_after(&reply.headers))),
                Err(ClientError::Timeout) => Err(SendError::Timeout),
                Err(ClientError::Connection) => Err(SendError::Unreachable),
            }
        })
    }
}

/// What an export response says beside success.
pub(super) fn partial(reply: &Reply) -> Sent {
    let kind = reply.headers.get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    if kind.starts_with(b"application/x-protobuf") { sent(&reply.body) } else { Sent::default() }
}

/// Reads `retry-after`: seconds, or a date, which is taken as the time from when the reply says that it was written: the two
/// clocks need not agree. Without a date of the reply it is the time from now.
#[must_use]
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let written = headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    Some(date.duration_since(written.unwrap_or_else(SystemTime::now)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_all_its_forms() {
        let read = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, value.parse().unwrap());
            retry_after(&headers)
        };
        assert_eq!(read("7"), Some(Duration::from_secs(7)));
        assert_eq!(read("1000000000"), Some(Duration::from_secs(1_000_000_000)));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::ZERO));
        let soon = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(60));
        assert!(read(&soon).is_some_and(|wait| wait > Duration::from_secs(50) && wait <= Duration::from_secs(60)));
        let mut apart = HeaderMap::new();
        apart.insert(RETRY_AFTER, "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap());
        apart.insert(DATE, "Sun, 06 Nov 1994 08:49:30 GMT".parse().unwrap());
        assert_eq!(retry_after(&apart), Some(Duration::from_secs(7)));
        assert_eq!(read("soon"), None);
        assert_eq!(read("-1"), None);
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
