//! Calls over gRPC, frame by frame.

use bytes::{BufMut as _, Bytes, BytesMut};
use http::{HeaderMap, Request};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use std::net::SocketAddr;

/// What a call came to.
#[derive(Debug)]
pub struct Called {
    pub http: u16,
    pub code: i32,
    pub message: String,
    pub status: tonic::Status,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// The method that exports a signal.
pub fn method(signal: &str) -> &'static str {
    match signal {
        "traces" => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        "logs" => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
        "metrics" => "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
        _ => "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export",
    }
}

/// A message in its frame.
pub fn frame(flag: u8, message: &[u8]) -> Vec<u8> {
    let mut framed = BytesMut::new();
    framed.put_u8(flag);
    framed.put_u32(u32::try_from(message.len()).unwrap());
    framed.put_slice(message);
    framed.to_vec()
}

/// Calls a method with a body that is framed already.
pub fn call(to: SocketAddr, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Called {
    try_call(to, path, headers, body).expect("an answer")
}

/// The same; `None` if the connection broke before an answer was whole.
pub fn try_call(to: SocketAddr, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Option<Called> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).http2_only(true).build_http();
        let mut request = Request::post(format!("http://{to}{path}")).body(Full::new(Bytes::from(body))).unwrap();
        request.headers_mut().insert("content-type", "application/grpc".parse().unwrap());
        request.headers_mut().insert("te", "trailers".parse().unwrap());
        for (name, value) in headers {
            let name: http::HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let response = client.request(request).await.ok()?;
        let (parts, body) = response.into_parts();
        let collected = body.collect().await.ok()?;
        let trailers = collected.trailers().cloned().unwrap_or_default();
        let ends = if parts.headers.contains_key("grpc-status") { &parts.headers } else { &trailers };
        let status = tonic::Status::from_header_map(ends).unwrap_or_else(|| tonic::Status::unknown("none"));
        Some(Called {
            http: parts.status.as_u16(),
            code: ends.get("grpc-status").map_or(-1, |code| code.to_str().unwrap().parse().unwrap()),
            message: status.message().to_owned(),
            status,
            headers: parts.headers,
            body: collected.to_bytes().to_vec(),
        })
    })
}
