//! OTLP over gRPC, on raw bytes: a unary call is one message behind five bytes, and nobody needs it as structs.
//!
//! The message is taken out of its frame here and inflated like a body over HTTP, under the same caps and the same
//! budget. Statuses are written by tonic.

use super::Service;
use super::answer::{Problem, done_protobuf};
use crate::net::{AnswerBody, BodyError, Encoding, ReadLimits, read_body};
use crate::pipeline::{Arrival, FrameFormat, Outcome, Refusal, Waiting};
use crate::telemetry::{Metrics, OWN_TELEMETRY, Transport};
use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use processors::walk::otlp::Signal;
use std::sync::Arc;

/// A flag and a length.
const PREFIX: usize = 5;

/// Answers a call.
pub(super) async fn answer(service: Arc<Service>, request: Request<Incoming>) -> Response<AnswerBody> {
    if !is_grpc(request.headers()) {
        // Not gRPC at all: there is nobody to read a gRPC status.
        let mut response = Response::new(Full::new(Bytes::new()).boxed_unsync());
        *response.status_mut() = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return response;
    }
    let Some(signal) = signal(request.uri().path()) else { return Problem::Path.over_grpc() };
    match export(&service, signal, request).await {
        Ok(rejected) => done(rejected),
        Err(problem) => problem.over_grpc(),
    }
}

/// The signal that a method exports.
fn signal(path: &str) -> Option<Signal> {
    match path {
        "/opentelemetry.proto.collector.trace.v1.TraceService/Export" => Some(Signal::Traces),
        "/opentelemetry.proto.collector.logs.v1.LogsService/Export" => Some(Signal::Logs),
        "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export" => Some(Signal::Metrics),
        "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export" => Some(Signal::Profiles),
        _ => None,
    }
}

fn is_grpc(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    kind == b"application/grpc" || kind.starts_with(b"application/grpc+") || kind.starts_with(b"application/grpc;")
}

async fn export(service: &Service, signal: Signal, request: Request<Incoming>) -> Result<u64, Problem> {
    let waiting = submit(service, signal, request).await.inspect_err(|_| {
        Metrics::refused(service.inlet().receiver(), Transport::Grpc, signal, 1);
    })?;
    match waiting.outcome().await {
        Outcome::Done { records: _, rejected } => Ok(rejected),
        Outcome::Refused(refusal) => Err(Problem::Refused(refusal)),
    }
}

async fn submit(service: &Service, signal: Signal, request: Request<Incoming>) -> Result<Waiting, Problem> {
    if request.method() != Method::POST {
        return Err(Problem::Method);
    }
    let admitted = service.admit(request.headers(), request.extensions(), signal).await?;
    if !service.inlet().takes(signal) {
        return Err(Problem::Unrouted);
    }
    let announced = request.headers().get("grpc-encoding").map_or(&b""[..], HeaderValue::as_bytes);
    let announced = Encoding::parse(announced).ok_or(Problem::Encoding)?;
    if service.inlet().is_draining() {
        return Err(Problem::Refused(Refusal::Draining));
    }
    let own = request.headers().contains_key(OWN_TELEMETRY);
    let most = service.limits.bytes;
    let limits = ReadLimits { bytes: most + PREFIX, ..service.limits };
    let mut reserved = service.start.budget.open();
    let framed = read_body(request.into_body(), limits, &mut reserved).await.map_err(Problem::Body)?;
    admitted.spend(framed.len());
    let (encoding, body) = unframe(framed, announced, most)?;
    let format = FrameFormat::Protobuf;
    let arrival = Arrival { transport: Transport::Grpc, signal, format, encoding, body, most, reserved };
    let inlet = service.inlet();
    let submitted = if own { inlet.submit_own(arrival) } else { inlet.submit(arrival) };
    submitted.map_err(Problem::Refused)
}

/// Takes the one message out of its frame.
fn unframe(mut framed: Bytes, announced: Encoding, most: usize) -> Result<(Encoding, Bytes), Problem> {
    let malformed = Problem::Refused(Refusal::Malformed);
    let flag = framed.try_get_u8().map_err(|_| malformed)?;
    let len = framed.try_get_u32().map_err(|_| malformed)?;
    let len = usize::try_from(len).map_err(|_| malformed)?;
    if len > most {
        return Err(Problem::Body(BodyError::TooLarge));
    }
    if len != framed.len() {
        return Err(malformed);
    }
    match (flag, announced) {
        (0, _) => Ok((Encoding::Identity, framed)),
        (1, Encoding::Gzip | Encoding::Zstd) => Ok((announced, framed)),
        (1, Encoding::Identity) | (2.., _) => Err(malformed),
    }
}

/// The answer to a call that was taken: one message, then the trailers.
fn done(rejected: u64) -> Response<AnswerBody> {
    let message = done_protobuf(rejected);
    let mut framed = BytesMut::with_capacity(PREFIX + message.len());
    framed.put_u8(0);
    framed.put_u32(u32::try_from(message.len()).unwrap_or(0));
    framed.put_slice(&message);
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    let body = Full::new(framed.freeze()).with_trailers(std::future::ready(Some(Ok(trailers))));
    let mut response = Response::new(body.boxed_unsync());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_holds_one_message_and_nothing_else() {
        let open = |bytes: &'static [u8], encoding| unframe(Bytes::from_static(bytes), encoding, 4);
        assert_eq!(open(b"\0\0\0\0\x02ab", Encoding::Gzip), Ok((Encoding::Identity, Bytes::from_static(b"ab"))));
        assert_eq!(open(b"\x01\0\0\0\x02ab", Encoding::Gzip), Ok((Encoding::Gzip, Bytes::from_static(b"ab"))));
        assert_eq!(open(b"\0\0\0\0\x05abcde", Encoding::Gzip), Err(Problem::Body(BodyError::TooLarge)));
        for broken in [
            &b""[..],
            b"\0\0\0",
            b"\0\0\0\0\x03ab",
            b"\0\0\0\0\x01ab",
            b"\x02\0\0\0\x02ab",
            b"\x01\0\0\0\x02ab",
            b"\0\0\0\0\x01a\0\0\0\0\x01b",
        ] {
            assert_eq!(open(broken, Encoding::Identity), Err(Problem::Refused(Refusal::Malformed)), "{broken:?}");
        }
    }
}
