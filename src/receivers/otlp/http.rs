//! OTLP over HTTP: protobuf and JSON at one port.

use super::Service;
use super::answer::{Problem, done};
use crate::net::{AnswerBody, Encoding, discard_body, read_body};
use crate::pipeline::{Arrival, FrameFormat, Outcome, Refusal, Waiting};
use crate::receivers::auth::Admitted;
use crate::telemetry::{Metrics, Transport};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response};
use hyper::body::Incoming;
use processors::walk::otlp::Signal;
use std::sync::Arc;

/// Answers a request.
pub(super) async fn answer(service: Arc<Service>, request: Request<Incoming>) -> Response<AnswerBody> {
    let signal = signal(request.uri().path());
    let format = format(request.headers());
    let json = format == Some(FrameFormat::Json);
    let Some(signal) = signal else {
        discard_body(request.into_body(), service.limits).await;
        return Problem::Path.over_http(json);
    };
    match export(&service, signal, format, request).await {
        Ok(rejected) => done(signal, rejected, json),
        Err(problem) => problem.over_http(json),
    }
}

/// The signal that is exported to a path.
fn signal(path: &str) -> Option<Signal> {
    match path {
        "/v1/traces" => Some(Signal::Traces),
        "/v1/logs" => Some(Signal::Logs),
        "/v1/metrics" => Some(Signal::Metrics),
        "/v1development/profiles" => Some(Signal::Profiles),
        _ => None,
    }
}

async fn export(
    service: &Service,
    signal: Signal,
    format: Option<FrameFormat>,
    request: Request<Incoming>,
) -> Result<u64, Problem> {
    let (head, body) = request.into_parts();
    let submitted = match judge(service, signal, format, &head).await {
        Ok(judged) => read(service, signal, judged, body).await,
        Err(problem) => {
            discard_body(body, service.limits).await;
            Err(problem)
        }
    };
    let waiting = submitted.inspect_err(|_| {
        Metrics::refused(service.inlet().receiver(), Transport::Http, signal, 1);
    })?;
    match waiting.outcome().await {
        Outcome::Done { records: _, rejected } => Ok(rejected),
        Outcome::Refused(refusal) => Err(Problem::Refused(refusal)),
    }
}

/// What can be said before the body is read.
async fn judge(
    service: &Service,
    signal: Signal,
    format: Option<FrameFormat>,
    head: &Parts,
) -> Result<(FrameFormat, Encoding, Admitted), Problem> {
    if head.method != Method::POST {
        return Err(Problem::Method);
    }
    let admitted = service.admit(&head.headers, &head.extensions, signal).await?;
    if !service.inlet().takes(signal) {
        return Err(Problem::Unrouted);
    }
    let format = format.ok_or(Problem::ContentType)?;
    let encoding = content_encoding(&head.headers).ok_or(Problem::Encoding)?;
    if service.inlet().is_draining() {
        return Err(Problem::Refused(Refusal::Draining));
    }
    Ok((format, encoding, admitted))
}

async fn read(
    service: &Service,
    signal: Signal,
    (format, encoding, admitted): (FrameFormat, Encoding, Admitted),
    body: Incoming,
) -> Result<Waiting, Problem> {
    let mut reserved = service.start.budget.open();
    let body = read_body(body, service.limits, &mut reserved).await.map_err(Problem::Body)?;
    admitted.spend(body.len());
    let most = service.limits.bytes;
    let arrival = Arrival { transport: Transport::Http, signal, format, encoding, body, most, reserved };
    service.inlet().submit(arrival).map_err(Problem::Refused)
}

/// The format of the body; parameters of the type are passed over.
fn format(headers: &HeaderMap) -> Option<FrameFormat> {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let kind = value.as_bytes().split(|byte| *byte == b';').next()?.trim_ascii();
    if kind.eq_ignore_ascii_case(b"application/x-protobuf") {
        Some(FrameFormat::Protobuf)
    } else if kind.eq_ignore_ascii_case(b"application/json") {
        Some(FrameFormat::Json)
    } else {
        None
    }
}

/// How the body is compressed; `None` if that is not known here.
pub(in crate::receivers) fn content_encoding(headers: &HeaderMap) -> Option<Encoding> {
    let mut values = headers.get_all(CONTENT_ENCODING).iter();
    match (values.next(), values.next()) {
        (None, _) => Some(Encoding::Identity),
        (Some(value), None) => Encoding::parse(value.as_bytes()),
        (Some(_), Some(_)) => None,
    }
}
