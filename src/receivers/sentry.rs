//! The face of Sentry to its SDKs: envelopes, and events that come without one.

use super::face::{Face, Service, content_encoding, face_of, face_schema};
use super::native::{Admitted, No, hand_in, json, kind};
use super::{Credentials, Receiver, ReceiverKind, Start, Started};
use crate::net::{AnswerBody, Encoding, Protocol, discard_body, head};
use crate::settings::{Current, Family, Notes, Sender, TokenHash, schema};
use crate::telemetry::Component;
use bytes::Bytes;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use processors::document::{Fields, Node};
use processors::walk::otlp::Signal;
use processors::{Format, Schema};
use serde_json::Value;
use std::sync::Arc;

/// The port unless the configuration says otherwise: that of Sentry's own relay.
const PORT: u16 = 3000;
/// How much of an envelope is looked at for its id.
const HEAD: u64 = 2048;

/// The registry's entry.
pub(super) const KIND: ReceiverKind =
    ReceiverKind { kind: "sentry", family: Family::Sentry, about: "Sentry's SDKs: envelopes and events", read, schema };

/// The receiver as configured.
#[derive(Debug)]
struct Sentry {
    component: Component,
    face: Face,
    public_key: Current<Option<TokenHash>>,
}

/// Reads `sentry: { endpoint: .., public_key: .. }`.
fn read(component: &Component, file: &str, node: &Node, notes: &mut Notes) -> Option<Box<dyn Receiver>> {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let public_key = fields.text("public_key", &mut notes.mistakes).map(|(key, _)| TokenHash::of(key.as_bytes()));
    let face = face_of(component, &mut fields, PORT, "max_request_body_size", notes);
    fields.finish(&mut notes.mistakes);
    Some(Box::new(Sentry { component: component.clone(), face: face?, public_key: Current::new(public_key) }))
}

fn schema() -> Value {
    let mut all = vec![("public_key", schema::text())];
    all.extend(face_schema("max_request_body_size"));
    schema::object(&[], &all)
}

impl Receiver for Sentry {
    fn start(&self, start: Start) -> Started<'_> {
        Box::pin(async move {
            let key = self.public_key.clone();
            let answer = move |service, request| answer(service, key.get(), request);
            Ok(vec![self.face.serve(&self.component, Protocol::Http, start, answer).await?])
        })
    }

    fn credentials(&self) -> Credentials {
        Credentials::default().gate("http", self.face.gate()).key(&self.public_key)
    }
}

/// The project and the format that are posted to a path.
fn at(path: &str) -> Option<(u64, Format)> {
    let (project, what) = path.strip_prefix("/api/")?.split_once('/')?;
    let digits = !project.is_empty() && project.bytes().all(|byte| byte.is_ascii_digit());
    let project = project.parse().ok().filter(|_| digits)?;
    match what.trim_end_matches('/') {
        "envelope" => Some((project, Format::Envelope)),
        "store" => Some((project, Format::Json(Schema::SentryEvent))),
        _ => None,
    }
}

async fn answer(
    service: Arc<Service>,
    key: Arc<Option<TokenHash>>,
    request: Request<Incoming>,
) -> Response<AnswerBody> {
    let (head, body) = request.into_parts();
    let Some((project, format)) = at(head.uri.path()) else {
        discard_body(body, service.limits).await;
        return no(No::Path);
    };
    let admitted = admit(&service, key.as_ref().as_ref(), &head, project, format);
    // The id is what a client knows its report by, and of exact shape.
    let mut found = None;
    let encoding = admitted.map_or(Encoding::Identity, |admitted| admitted.encoding);
    let peek = |body: &Bytes| {
        found = id(encoding, body);
        None::<()>
    };
    let outcome = hand_in(&service, &head, admitted, body, peek).await;
    match outcome {
        Ok(_) => {
            let body = found.and_then(|id| String::from_utf8(id.to_vec()).ok());
            let body = body.map_or("{}".to_owned(), |id| format!(r#"{{"id":"{id}"}}"#));
            open_to_all(json(StatusCode::OK, body))
        }
        Err(problem) => no(problem),
    }
}

/// What a client is told that is not heard. One that is to wait is told so as Sentry does: for all kinds of items.
fn no(problem: No) -> Response<AnswerBody> {
    let mut response = problem.answer(|text| format!(r#"{{"detail":"{text}"}}"#));
    if response.status() == StatusCode::TOO_MANY_REQUESTS {
        let wait = response.headers().get(RETRY_AFTER).and_then(|wait| wait.to_str().ok()).unwrap_or("5");
        if let Ok(limits) = HeaderValue::from_str(&format!("{wait}::organization")) {
            response.headers_mut().insert("x-sentry-rate-limits", limits);
        }
    }
    open_to_all(response)
}

/// Browsers post from other origins, and are told nothing but an id.
fn open_to_all(mut response: Response<AnswerBody>) -> Response<AnswerBody> {
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// What can be said before the body is read.
fn admit(
    service: &Service,
    key: Option<&TokenHash>,
    head: &Parts,
    project: u64,
    format: Format,
) -> Result<Admitted, No> {
    if head.method != Method::POST {
        return Err(No::Method);
    }
    if key.is_some_and(|key| !public_key(head).is_some_and(|named| key.is(&TokenHash::of(named.as_bytes())))) {
        return Err(No::Key);
    }
    if !service.inlet().takes(Signal::Logs) {
        return Err(No::Unrouted);
    }
    let wanted: &[&[u8]] = if format == Format::Envelope {
        &[b"application/x-sentry-envelope", b"text/plain", b"application/octet-stream", b""]
    } else {
        &[b"application/json", b""]
    };
    if !wanted.contains(&kind(&head.headers)) {
        return Err(No::Kind);
    }
    let encoding = content_encoding(&head.headers).ok_or(No::Encoding)?;
    Ok(Admitted { signal: Signal::Logs, format, sender: Sender::Project(project), encoding })
}

/// The public key that a request names: in a header, or in its query.
fn public_key(head: &Parts) -> Option<&str> {
    fn named<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
        let header = headers.get(name)?.to_str().ok()?;
        header.trim_start_matches("Sentry ").split(',').find_map(|pair| pair.trim().strip_prefix("sentry_key="))
    }
    let query = head.uri.query().unwrap_or_default();
    named(&head.headers, "x-sentry-auth")
        .or_else(|| named(&head.headers, "authorization"))
        .or_else(|| query.split('&').find_map(|pair| pair.strip_prefix("sentry_key=")))
}

/// The id in the first line of an envelope or event: thirty-two hexadecimal digits. `None` if there is none so near.
fn id(encoding: Encoding, body: &Bytes) -> Option<[u8; 32]> {
    const KEY: &[u8] = b"\"event_id\"";
    let head = head(encoding, body, HEAD)?;
    let line = head.split(|byte| *byte == b'\n').next()?;
    let at = line.windows(KEY.len()).position(|window| window == KEY)? + KEY.len();
    let rest = line.get(at..)?.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start().strip_prefix(b"\"")?;
    // Some write it as a UUID.
    let text = rest.split(|byte| *byte == b'"').next()?;
    let digits: Vec<u8> = text.iter().copied().filter(|byte| *byte != b'-').collect();
    let id: [u8; 32] = digits.try_into().ok()?;
    id.iter().all(u8::is_ascii_hexdigit).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_a_project() {
        assert_eq!(at("/api/42/envelope/"), Some((42, Format::Envelope)));
        assert_eq!(at("/api/42/store"), Some((42, Format::Json(Schema::SentryEvent))));
        for path in ["/api/42/minidump/", "/api/x/envelope/", "/api//envelope/", "/api/+4/envelope/", "/envelope/", "/"]
        {
            assert_eq!(at(path), None, "{path}");
        }
    }

    #[test]
    fn ids_are_read_in_their_exact_shape_only() {
        let read = |text: &'static str| id(Encoding::Identity, &Bytes::from_static(text.as_bytes()));
        let expected = Some(*b"9ec79c33ec9942ab8353589fcb2e04dc");
        assert_eq!(read("{\"event_id\": \"9ec79c33ec9942ab8353589fcb2e04dc\"}\n{}"), expected);
        assert_eq!(read("{\"event_id\":\"9ec79c33-ec99-42ab-8353-589fcb2e04dc\"}\n{}"), expected);
        for other in ["{\"event_id\":\"Maria\"}", "{}\n{\"event_id\":\"9ec79c33ec9942ab8353589fcb2e04dc\"}", ""] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
