//! Log records over HTTP as loggers and forwarders post them: text lines, JSON objects, arrays of them.

use super::auth::Admitted;
use super::face::{Face, Service, content_encoding, face_of, face_schema};
use super::otlp::answer::{Problem, done};
use super::{Credentials, Receiver, ReceiverKind, Start, Started};
use crate::codec::log_records::{Layout, Source};
use crate::net::{AnswerBody, Encoding, Protocol, discard_body, read_body};
use crate::pipeline::{Arrival, FrameFormat, Outcome, Refusal, Waiting};
use crate::settings::{Family, Notes, schema};
use crate::telemetry::{Component, Metrics, Transport};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use hyper::body::Incoming;
use processors::document::{Fields, Node};
use processors::walk::otlp::Signal;
use serde_json::Value;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// The port unless the configuration says otherwise.
const PORT: u16 = 8080;
/// How long a query may be, in bytes.
const QUERY: usize = 4 << 10;

/// What a query says of all records, and the attribute of their resource that it is.
const QUERY_FIELDS: [(&str, &str); 5] = [
    ("service", "service.name"),
    ("host", "host.name"),
    ("hostname", "host.name"),
    ("ddsource", "datadog.log.source"),
    ("ddtags", "datadog.tags"),
];

/// The registry's entry.
pub(super) const KIND: ReceiverKind = ReceiverKind {
    kind: "http_logs",
    family: Family::Otlp,
    about: "log records over HTTP: text lines, JSON objects and arrays",
    read,
    schema,
};

/// The receiver as configured.
#[derive(Debug)]
struct HttpLogs {
    component: Component,
    face: Face,
    path: Arc<str>,
}

/// Reads `http_logs: { endpoint: .., path: .., .. }`.
fn read(component: &Component, file: &str, node: &Node, notes: &mut Notes) -> Option<Box<dyn Receiver>> {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let path = match fields.text("path", &mut notes.mistakes) {
        None => Some("/"),
        Some((path, _)) if path.starts_with('/') && !path.contains(['?', '#', ' ']) => Some(path),
        Some((_, at)) => {
            notes.mistake(file, at, "`path` takes a path like /logs");
            None
        }
    };
    let face = face_of(component, &mut fields, PORT, "max_request_body_size", notes);
    fields.finish(&mut notes.mistakes);
    let (face, path) = (face?, Arc::from(path?));
    Some(Box::new(HttpLogs { component: component.clone(), face, path }))
}

fn schema() -> Value {
    let mut all = vec![("path", schema::text_like("^/[^?# ]*$"))];
    all.extend(face_schema("max_request_body_size"));
    schema::object(&[], &all)
}

impl Receiver for HttpLogs {
    fn start(&self, start: Start) -> Started<'_> {
        Box::pin(async move {
            let path = Arc::clone(&self.path);
            let answer = move |service, request| answer(service, Arc::clone(&path), request);
            Ok(vec![self.face.serve(&self.component, Protocol::Http, start, answer).await?])
        })
    }

    fn credentials(&self) -> Credentials {
        Credentials::default().gate("http", self.face.gate())
    }
}

async fn answer(service: Arc<Service>, path: Arc<str>, request: Request<Incoming>) -> Response<AnswerBody> {
    if request.uri().path() != &*path {
        discard_body(request.into_body(), service.limits).await;
        return Problem::Path.over_http(true);
    }
    match export(&service, request).await {
        Ok(rejected) => done(Signal::Logs, rejected, true),
        Err(Problem::Refused(Refusal::Malformed)) => Problem::BrokenLogs.over_http(true),
        Err(problem) => problem.over_http(true),
    }
}

async fn export(service: &Service, request: Request<Incoming>) -> Result<u64, Problem> {
    let (head, body) = request.into_parts();
    let submitted = match judge(service, &head).await {
        Ok(judged) => submit(service, judged, body).await,
        Err(problem) => {
            discard_body(body, service.limits).await;
            Err(problem)
        }
    };
    let waiting = submitted.inspect_err(|_| {
        Metrics::refused(service.inlet().receiver(), Transport::Http, Signal::Logs, 1);
    })?;
    match waiting.outcome().await {
        Outcome::Done { records: _, rejected } => Ok(rejected),
        Outcome::Refused(refusal) => Err(Problem::Refused(refusal)),
    }
}

/// What can be said before the body is read.
async fn judge(service: &Service, head: &Parts) -> Result<(FrameFormat, Encoding, Admitted), Problem> {
    if head.method != Method::POST {
        return Err(Problem::Method);
    }
    let admitted = service.admit(&head.headers, &head.extensions, Signal::Logs).await.map_err(Problem::Denied)?;
    if !service.inlet().takes(Signal::Logs) {
        return Err(Problem::Unrouted);
    }
    let layout = layout(&head.headers).ok_or(Problem::NoLogs)?;
    let encoding = content_encoding(&head.headers).ok_or(Problem::Encoding)?;
    if service.inlet().is_draining() {
        return Err(Problem::Refused(Refusal::Draining));
    }
    let query = head.uri.query().unwrap_or_default();
    if query.len() > QUERY {
        return Err(Problem::Refused(Refusal::TooLarge));
    }
    let source = Source { resource: resource(query), observed: now() };
    Ok((FrameFormat::LogRecords(layout, source), encoding, admitted))
}

async fn submit(
    service: &Service,
    (format, encoding, admitted): (FrameFormat, Encoding, Admitted),
    body: Incoming,
) -> Result<Waiting, Problem> {
    let mut reserved = service.start.budget.open();
    let body = read_body(body, service.limits, &mut reserved).await.map_err(Problem::Body)?;
    admitted.spend(body.len());
    let (transport, signal, most) = (Transport::Http, Signal::Logs, service.limits.bytes);
    let arrival = Arrival { transport, signal, format, encoding, body, most, reserved };
    service.inlet().submit(arrival).map_err(Problem::Refused)
}

/// How records stand in the body. Clients that say nothing of it, and forms, which is what curl says, send lines.
fn layout(headers: &HeaderMap) -> Option<Layout> {
    let kind = headers.get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    let kind = kind.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii().to_ascii_lowercase();
    match kind.as_slice() {
        b"application/json" | b"application/x-ndjson" | b"application/ndjson" | b"application/jsonl" => {
            Some(Layout::Json)
        }
        b"" | b"application/x-www-form-urlencoded" | b"application/octet-stream" | b"application/logplex-1" => {
            Some(Layout::Lines)
        }
        kind if kind.starts_with(b"text/") => Some(Layout::Lines),
        _ => None,
    }
}

/// The attributes of the resource that a query gives. Other parts of it go no further: they may be keys.
fn resource(query: &str) -> Vec<(String, String)> {
    let mut attributes: Vec<(String, String)> = Vec::new();
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let Some((_, key)) = QUERY_FIELDS.iter().find(|(known, _)| *known == name) else { continue };
        let plus = value.replace('+', " ");
        let value = percent_encoding::percent_decode_str(&plus).decode_utf8_lossy().into_owned();
        if !value.is_empty() && !attributes.iter().any(|(known, _)| known == key) {
            attributes.push(((*key).to_owned(), value));
        }
    }
    attributes
}

/// The nanoseconds since 1970.
pub(super) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_names_resources_and_nothing_else() {
        let pairs =
            |query| resource(query).into_iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>();
        assert_eq!(pairs("service=lab%20orders&dd-api-key=abc&host=a+b"), ["service.name=lab orders", "host.name=a b"]);
        assert_eq!(pairs("hostname=x&host=y&service=&ddsource=%FF"), ["host.name=x", "datadog.log.source=\u{fffd}"]);
        assert!(pairs("").is_empty());
    }

    #[test]
    fn content_types_say_how_records_stand() {
        let layout = |kind: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, kind.parse().unwrap());
            layout(&headers)
        };
        assert_eq!(layout("Application/JSON; charset=utf-8"), Some(Layout::Json));
        assert_eq!(layout("text/plain"), Some(Layout::Lines));
        assert_eq!(layout("application/x-protobuf"), None);
        assert_eq!(super::layout(&HeaderMap::new()), Some(Layout::Lines));
    }
}
