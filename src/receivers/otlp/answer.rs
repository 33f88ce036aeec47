//! What clients are told: one table from reason to status and text. No text quotes a request.

use crate::net::{AnswerBody, BodyError};
use crate::pipeline::Refusal;
use crate::receivers::auth::Denied;
use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use processors::walk::otlp::Signal;
use prost::Message as _;
use std::time::Duration;
use tonic::Code;
use tonic_types::{ErrorDetails, StatusExt as _};

/// Why a request gets no 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::receivers) enum Problem {
    /// The pipeline refused it.
    Refused(Refusal),
    /// Its body was not read.
    Body(BodyError),
    /// It may not be sent.
    Denied(Denied),
    /// It is in a format that is not taken.
    ContentType,
    /// It is in a format that holds no log records.
    NoLogs,
    /// It holds no log records, though it says so.
    BrokenLogs,
    /// It is compressed in a way that is not taken.
    Encoding,
    /// There is nothing at its path.
    Path,
    /// No pipeline takes its signal.
    Unrouted,
    /// It is no POST.
    Method,
}

/// What a problem comes to.
struct Verdict {
    http: StatusCode,
    grpc: Code,
    text: &'static str,
    /// Whether to send it again.
    passing: bool,
}

impl Problem {
    fn verdict(self) -> Verdict {
        let (http, grpc, text) = match self {
            Self::Refused(Refusal::Malformed) => {
                (400, Code::InvalidArgument, "the request is no valid OTLP export request")
            }
            Self::Refused(Refusal::TooLarge) | Self::Body(BodyError::TooLarge) => {
                (413, Code::ResourceExhausted, "the request is larger than this collector takes")
            }
            Self::Refused(Refusal::Poisoned) => {
                (400, Code::InvalidArgument, "the request could not be scrubbed three times: give it up")
            }
            Self::Refused(Refusal::Undeliverable) => {
                (400, Code::InvalidArgument, "a backend refused the request for good")
            }
            Self::Refused(Refusal::EngineFault) => {
                (503, Code::Unavailable, "the request could not be scrubbed: send it again")
            }
            Self::Refused(Refusal::NoRoom) | Self::Body(BodyError::NoRoom) => {
                (503, Code::Unavailable, "the collector has no room now: send the request again")
            }
            Self::Refused(Refusal::Draining) => {
                (503, Code::Unavailable, "the collector is about to stop: send the request again")
            }
            Self::Refused(Refusal::Unsettled) => {
                (503, Code::Unavailable, "the request got lost in the collector: send it again")
            }
            Self::Body(BodyError::TooSlow | BodyError::Broken) => {
                (503, Code::Unavailable, "the request did not arrive whole and in time: send it again")
            }
            Self::Denied(Denied::Unauthenticated) => {
                (401, Code::Unauthenticated, "the credentials are missing or wrong")
            }
            Self::Denied(Denied::Forbidden) => {
                (403, Code::PermissionDenied, "these credentials do not admit to this signal")
            }
            Self::Denied(Denied::TooFast) => {
                (429, Code::Unavailable, "too much was sent in too short a time: send the request later")
            }
            Self::ContentType => {
                (415, Code::Unimplemented, "the content type is neither application/x-protobuf nor application/json")
            }
            Self::NoLogs => (415, Code::Unimplemented, "the content type is neither text nor JSON"),
            Self::BrokenLogs => (400, Code::InvalidArgument, "the request is not the JSON that its content type says"),
            Self::Encoding => (415, Code::Unimplemented, "the encoding is none of identity, gzip and zstd"),
            Self::Path => (404, Code::Unimplemented, "there is nothing at this path"),
            Self::Unrouted => (404, Code::Unimplemented, "no pipeline takes this signal"),
            Self::Method => (405, Code::Unimplemented, "only POST is taken here"),
        };
        let http = StatusCode::from_u16(http).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        Verdict {
            http,
            grpc,
            text,
            passing: [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS].contains(&http),
        }
    }

    /// The answer over HTTP: a `google.rpc.Status` in the format of the request.
    pub(in crate::receivers) fn over_http(self, json: bool) -> Response<AnswerBody> {
        let verdict = self.verdict();
        let wait = verdict.passing.then(wait);
        let body = if json { verdict.json(wait) } else { verdict.protobuf(wait) };
        let mut response = response(verdict.http, json, body);
        if let Some(wait) = wait {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.as_secs()));
        }
        if self == Self::Method {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        }
        if self == Self::Denied(Denied::Unauthenticated) {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if self == Self::Refused(Refusal::Draining) {
            response.headers_mut().insert(http::header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// The answer over gRPC.
    pub(in crate::receivers) fn over_grpc(self) -> Response<AnswerBody> {
        let verdict = self.verdict();
        let mut status = verdict.status(verdict.passing.then(wait));
        if self == Self::Encoding {
            status
                .metadata_mut()
                .insert("grpc-accept-encoding", tonic::metadata::MetadataValue::from_static("identity,gzip,zstd"));
        }
        status.into_http::<Full<Bytes>>().map(http_body_util::BodyExt::boxed_unsync)
    }
}

impl Verdict {
    fn status(&self, wait: Option<Duration>) -> tonic::Status {
        match wait {
            Some(wait) => {
                tonic::Status::with_error_details(self.grpc, self.text, ErrorDetails::with_retry_info(Some(wait)))
            }
            None => tonic::Status::new(self.grpc, self.text),
        }
    }

    fn protobuf(&self, wait: Option<Duration>) -> Vec<u8> {
        let status = self.status(wait);
        // With details, they are the whole message.
        if !status.details().is_empty() {
            return status.details().to_vec();
        }
        let whole = tonic_types::Status { code: self.grpc.into(), message: self.text.to_owned(), details: Vec::new() };
        whole.encode_to_vec()
    }

    fn json(&self, wait: Option<Duration>) -> Vec<u8> {
        let details = wait.map_or(String::new(), |wait| {
            let kind = "type.googleapis.com/google.rpc.RetryInfo";
            format!(r#","details":[{{"@type":"{kind}","retryDelay":"{}s"}}]"#, wait.as_secs())
        });
        format!(r#"{{"code":{},"message":"{}"{details}}}"#, i32::from(self.grpc), self.text).into_bytes()
    }
}

/// When to send again: scattered, so that not all come back at once.
fn wait() -> Duration {
    Duration::from_secs(rand::random_range(1..=5))
}

/// The answer to a request that was taken.
pub(in crate::receivers) fn done(signal: Signal, rejected: u64, json: bool) -> Response<AnswerBody> {
    let body = if json { done_json(signal, rejected) } else { done_protobuf(rejected) };
    response(StatusCode::OK, json, body)
}

const PARTIAL: &str = "a backend refused some records for good";

/// An export response in protobuf: the same field numbers for every signal.
pub(in crate::receivers) fn done_protobuf(rejected: u64) -> Vec<u8> {
    let mut out = Vec::new();
    if rejected > 0 {
        let mut partial = Vec::new();
        prost::encoding::int64::encode(1, &rejected.cast_signed(), &mut partial);
        prost::encoding::string::encode(2, &PARTIAL.to_owned(), &mut partial);
        prost::encoding::bytes::encode(1, &partial, &mut out);
    }
    out
}

fn done_json(signal: Signal, rejected: u64) -> Vec<u8> {
    if rejected == 0 {
        return b"{}".to_vec();
    }
    let field = match signal {
        Signal::Traces => "rejectedSpans",
        Signal::Logs => "rejectedLogRecords",
        Signal::Metrics => "rejectedDataPoints",
        Signal::Profiles => "rejectedProfiles",
    };
    format!(r#"{{"partialSuccess":{{"{field}":"{rejected}","errorMessage":"{PARTIAL}"}}}}"#).into_bytes()
}

fn response(status: StatusCode, json: bool, body: Vec<u8>) -> Response<AnswerBody> {
    let mut response = Response::new(Full::new(Bytes::from(body)).boxed_unsync());
    *response.status_mut() = status;
    let kind = if json { "application/json" } else { "application/x-protobuf" };
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
