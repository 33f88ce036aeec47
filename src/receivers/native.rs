//! What the receivers share whose formats leave as they came.

use super::auth::Denied;
use super::otlp::Service;
use crate::net::{AnswerBody, BodyError, Encoding, discard_body, read_body};
use crate::pipeline::{Arrival, FrameFormat, Outcome, Refusal};
use crate::settings::Sender;
use crate::telemetry::{Metrics, Transport};
use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use processors::Format;
use processors::walk::otlp::Signal;

/// Why a request is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum No {
    /// There is nothing at its path, and nothing is passed on unread.
    Path,
    /// No pipeline takes what it carries.
    Unrouted,
    /// Another method is asked for at this path.
    Method,
    /// It bears no key, or another.
    Key,
    /// It may not be sent.
    Denied(Denied),
    /// Its content type is none that is read here.
    Kind,
    /// It is compressed in a way that is not taken.
    Encoding,
    /// Its body was not read.
    Body(BodyError),
    /// The pipeline refused it.
    Refused(Refusal),
}

impl No {
    /// What clients of these formats are told: a status, and a text that quotes nothing.
    pub(super) fn verdict(self) -> (StatusCode, &'static str) {
        match self {
            Self::Path => (StatusCode::NOT_FOUND, "there is nothing at this path"),
            Self::Unrouted => (StatusCode::NOT_FOUND, "no pipeline takes this"),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "another method is asked for here"),
            Self::Key => (StatusCode::FORBIDDEN, "the key is missing or wrong"),
            // Clients of these formats know no 401.
            Self::Denied(Denied::Unauthenticated) => (StatusCode::FORBIDDEN, "the credentials are missing or wrong"),
            Self::Denied(Denied::Forbidden) => (StatusCode::FORBIDDEN, "these credentials do not admit to this"),
            Self::Denied(Denied::TooFast) => {
                (StatusCode::TOO_MANY_REQUESTS, "too much was sent in too short a time: send the request later")
            }
            Self::Kind => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "the content type is not read here"),
            Self::Encoding => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "the encoding is none of identity, gzip and zstd"),
            Self::Body(BodyError::TooLarge) | Self::Refused(Refusal::TooLarge) => {
                (StatusCode::PAYLOAD_TOO_LARGE, "the request is larger than this collector takes")
            }
            Self::Body(BodyError::NoRoom) | Self::Refused(Refusal::NoRoom) => {
                (StatusCode::TOO_MANY_REQUESTS, "the collector has no room now: send the request again")
            }
            Self::Body(BodyError::TooSlow | BodyError::Broken) => {
                (StatusCode::REQUEST_TIMEOUT, "the request did not arrive whole and in time")
            }
            Self::Refused(Refusal::Malformed) => (StatusCode::BAD_REQUEST, "the request is not what it says it is"),
            Self::Refused(Refusal::Poisoned) => {
                (StatusCode::BAD_REQUEST, "the request could not be scrubbed three times: give it up")
            }
            Self::Refused(Refusal::Undeliverable) => {
                (StatusCode::BAD_REQUEST, "a backend refused the request for good")
            }
            Self::Refused(Refusal::EngineFault) => {
                (StatusCode::SERVICE_UNAVAILABLE, "the request could not be scrubbed: send it again")
            }
            Self::Refused(Refusal::Draining) => {
                (StatusCode::SERVICE_UNAVAILABLE, "the collector is about to stop: send the request again")
            }
            Self::Refused(Refusal::Unsettled) => {
                (StatusCode::SERVICE_UNAVAILABLE, "the request got lost in the collector: send it again")
            }
        }
    }

    /// The answer, with its text as `body` makes it.
    pub(super) fn answer(self, body: impl FnOnce(&'static str) -> String) -> Response<AnswerBody> {
        let (status, text) = self.verdict();
        let mut response = json(status, body(text));
        if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            // Scattered, so that not all come back at once.
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(rand::random_range(1..=5u16)));
        }
        if self == Self::Refused(Refusal::Draining) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// An answer in JSON.
pub(super) fn json(status: StatusCode, body: String) -> Response<AnswerBody> {
    let mut response = Response::new(Full::new(Bytes::from(body)).boxed_unsync());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A request that is taken so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Admitted {
    pub(super) signal: Signal,
    pub(super) format: Format,
    pub(super) sender: Sender,
    pub(super) encoding: Encoding,
}

/// Reads the body of a request that was admitted, hands it in and waits for what becomes of it. `peek` sees the bytes as
/// they came before anybody else does; where it has an answer of its own, they go no further.
pub(super) async fn hand_in<T>(
    service: &Service,
    head: &Parts,
    admitted: Result<Admitted, No>,
    body: Incoming,
    peek: impl FnOnce(&Bytes) -> Option<T>,
) -> Result<Option<T>, No> {
    let passed = match admitted {
        Ok(admitted) => match service.pass(&head.headers, &head.extensions, admitted.signal).await {
            Ok(pass) => Ok((admitted, pass)),
            Err(denied) => Err(No::Denied(denied)),
        },
        Err(no) => Err(no),
    };
    let (admitted, pass) = match passed {
        Ok(passed) => passed,
        Err(no) => {
            discard_body(body, service.limits).await;
            return Err(no);
        }
    };
    let Admitted { signal, format, sender, encoding } = admitted;
    let refused = |_: &No| Metrics::refused(service.inlet().receiver(), Transport::Http, signal, 1);
    let mut reserved = service.start.budget.open();
    let body = read_body(body, service.limits, &mut reserved).await.map_err(No::Body).inspect_err(refused)?;
    pass.spend(body.len());
    if let Some(answer) = peek(&body) {
        return Ok(Some(answer));
    }
    let (transport, most) = (Transport::Http, service.limits.bytes);
    let format = FrameFormat::Native(format, sender);
    let arrival = Arrival { transport, signal, format, encoding, body, most, reserved };
    let waiting = service.inlet().submit(arrival).map_err(No::Refused).inspect_err(refused)?;
    match waiting.outcome().await {
        Outcome::Done { records: _, rejected: _ } => Ok(None),
        Outcome::Refused(refusal) => Err(No::Refused(refusal)),
    }
}

/// The content type, without its parameters.
pub(super) fn kind(headers: &HeaderMap) -> &[u8] {
    let kind = headers.get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    kind.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii()
}

/// A key that clients must name, of which only a hash is kept.
#[derive(Clone)]
pub(super) struct ClientKey {
    hash: [u8; 32],
}

impl ClientKey {
    pub(super) fn new(key: &str) -> Self {
        Self { hash: sha2::Digest::finalize(<sha2::Sha256 as sha2::Digest>::new_with_prefix(key)).into() }
    }

    /// Whether this is the key. Takes as long for a wrong one as for the right one.
    pub(super) fn admits(&self, key: &[u8]) -> bool {
        let hash: [u8; 32] = sha2::Digest::finalize(<sha2::Sha256 as sha2::Digest>::new_with_prefix(key)).into();
        bool::from(subtle::ConstantTimeEq::ct_eq(&hash[..], &self.hash[..]))
    }
}

impl std::fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}
