//! OTLP over gRPC. The message goes out as the bytes it is.

use super::otlp_http::{endpoint, headers, retry_after, schema_of_clients as http_schema};
use super::{Configured, Exporter, ExporterKind, Outbound, SendError, Sending, Sends, Sent, sent};
use crate::net::{Connector, Dialer};
use crate::settings::{self, ClientTls, Compression, Family, Notes, not_followed, schema};
use crate::telemetry::Component;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, Engine as _};
use bytes::{Buf as _, BufMut as _, Bytes};
use http::uri::PathAndQuery;
use http::uri::Scheme;
use http::{HeaderMap, StatusCode, Uri};
use http_body_util::BodyExt as _;
use processors::document::{Fields, Node};
use processors::walk::otlp::Signal;
use serde_json::Value;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tonic::body::Body;
use tonic::codec::{Codec, CompressionEncoding, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::Service;
use tonic::metadata::MetadataMap;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use tonic_types::StatusExt as _;

/// The registry's entry.
pub(super) const KIND: ExporterKind = ExporterKind {
    kind: "otlp_grpc",
    old_kinds: &["otlp"],
    takes: &[Family::Otlp],
    about: "OTLP over gRPC",
    read,
    schema,
};

/// How long a call may take unless the configuration says otherwise.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may take to open.
const CONNECT: Duration = Duration::from_secs(10);
/// How much of a reply is read, in bytes.
const REPLY: usize = 64 << 10;

/// What the OpenTelemetry Collector knows and this exporter does otherwise.
const NOT_FOLLOWED: [(&str, &str); 7] = [
    ("balancer_name", "there is one connection"),
    ("keepalive", "an idle connection is asked every 30s whether it is alive"),
    ("wait_for_ready", "a batch waits in its queue until there is a connection"),
    ("read_buffer_size", "buffers grow as they must"),
    ("write_buffer_size", "buffers grow as they must"),
    ("authority", "it is the endpoint's"),
    ("user_agent", "it is the collector's"),
];

#[derive(Debug)]
struct OtlpGrpc {
    endpoint: Endpoint,
    dialer: Dialer,
    encrypted: bool,
    connection: Connection,
    headers: MetadataMap,
    compression: Compression,
    timeout: Duration,
}

fn read(component: &Component, file: &str, node: &Node, notes: &mut Notes) -> Option<Configured> {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let tls_node = fields.take("tls");
    let tls = tls_node.map(|node| ClientTls::read(file, node, notes)).unwrap_or_default();
    let scheme = if tls.insecure { "http" } else { "https" };
    let target = endpoint(&mut fields, scheme, notes);
    let timeout = settings::duration(&mut fields, "timeout", notes).unwrap_or(TIMEOUT);
    let compression = Compression::read(&mut fields, "compression", notes);
    let headers: HeaderMap = headers(&mut fields, notes);
    let sending = Sending::read(&mut fields, notes);
    not_followed(&mut fields, &NOT_FOLLOWED, notes);
    fields.finish(&mut notes.mistakes);
    let target = target?;
    // The same authorities by the same checks as over HTTP.
    let dialer = match Dialer::new(&target, &tls, CONNECT.min(timeout), true) {
        Ok(dialer) => dialer.watching(component),
        Err(error) => {
            notes.mistake(file, tls_node.unwrap_or(node).at, error.to_string());
            return None;
        }
    };
    let encrypted = target.is_tls();
    let endpoint = Endpoint::from(with_scheme(target.uri(), Scheme::HTTP))
        .origin(target.uri().clone())
        .connect_timeout(CONNECT)
        .http2_keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(10))
        .http2_max_header_list_size(16 << 10);
    let headers = MetadataMap::from_headers(headers);
    let exporter =
        OtlpGrpc { endpoint, dialer, encrypted, connection: Connection::default(), headers, compression, timeout };
    Some(Configured { exporter: Box::new(exporter), sending })
}

fn schema() -> Value {
    let ignored = NOT_FOLLOWED.map(|(key, _)| (key, schema::not_followed()));
    schema::object(&["endpoint"], &[&http_schema()[..], &ignored].concat())
}

/// The same address by another scheme.
fn with_scheme(uri: &Uri, scheme: Scheme) -> Uri {
    let mut parts = uri.clone().into_parts();
    parts.scheme = Some(scheme);
    Uri::from_parts(parts).unwrap_or_else(|_| uri.clone())
}

/// Opens connections as all exporters do. tonic would keep TLS to itself, so it is told of a plain address; that the backend is
/// called by `https` all the same, its origin says.
#[derive(Clone, Debug)]
struct Opens {
    connector: Connector,
    encrypted: bool,
}

impl Service<Uri> for Opens {
    type Response = <Connector as Service<Uri>>::Response;
    type Error = <Connector as Service<Uri>>::Error;
    type Future = <Connector as Service<Uri>>::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.connector.poll_ready(cx)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        self.connector.call(if self.encrypted { with_scheme(&uri, Scheme::HTTPS) } else { uri })
    }
}

impl Exporter for OtlpGrpc {
    fn send(&self, outbound: Outbound) -> Sends<'_> {
        Box::pin(async move {
            let (certificates, connector) = self.dialer.now().await;
            let opens = Opens { connector, encrypted: self.encrypted };
            let (number, channel) = self.connection.channel(certificates, &self.endpoint, opens);
            match tokio::time::timeout(self.timeout, self.call(channel, outbound)).await {
                Ok(sent) => sent,
                Err(_) => {
                    self.connection.give_up(number);
                    Err(SendError::Timeout)
                }
            }
        })
    }
}

impl OtlpGrpc {
    async fn call(&self, channel: Channel, outbound: Outbound) -> Result<Sent, SendError> {
        let mut client = tonic::client::Grpc::new(OnlyGrpc(channel)).max_decoding_message_size(REPLY);
        client = match self.compression {
            Compression::None => client,
            Compression::Gzip => client.send_compressed(CompressionEncoding::Gzip),
            Compression::Zstd => client.send_compressed(CompressionEncoding::Zstd),
        };
        // A lazy channel says here what went wrong with the connection.
        client.ready().await.map_err(|_| SendError::Unreachable)?;
        let path = PathAndQuery::from_static(method(outbound.otlp()?));
        let mut request = Request::new(outbound.body().clone());
        *request.metadata_mut() = self.headers.clone();
        match client.unary(request, path, Raw).await {
            Ok(response) => Ok(sent(response.get_ref())),
            // The backend took the batch and said more than is read: to send it again would be to send it for ever.
            Err(status) if is_too_long(&status) => Ok(Sent::default()),
            Err(status) => Err(error(&status)),
        }
    }
}

fn method(signal: Signal) -> &'static str {
    match signal {
        Signal::Traces => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        Signal::Logs => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
        Signal::Metrics => "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
        Signal::Profiles => "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export",
    }
}

/// Whether there was a reply, longer than is read. tonic says so with a status of its own making, which only its text
/// tells from a backend's.
fn is_too_long(status: &Status) -> bool {
    status.code() == tonic::Code::OutOfRange && status.message().starts_with("Error, decoded message length too large")
}

/// What a status means; its text is not looked at.
fn error(status: &Status) -> SendError {
    // A status with a cause was made on this side, whatever its code: no reply came, or not whole, or it is no gRPC.
    if let Some(cause) = std::error::Error::source(status) {
        return match cause.downcast_ref::<NoGrpc>() {
            Some(NoGrpc { status, after }) => SendError::of_http(*status, *after),
            None => SendError::Unreachable,
        };
    }
    let after = status.get_details_retry_info().and_then(|info| info.retry_delay);
    SendError::of_grpc(status.code(), after)
}

/// The connection in use. One that let a call's time go by may be dead without anybody having said so: the next call opens
/// another, and does not wait for the keepalive to notice.
#[derive(Debug, Default)]
struct Connection {
    /// Made when it is first needed: that needs a runtime, reading a configuration does not. Beside it, the number of the
    /// certificates with which it was opened.
    now: Mutex<(u64, Option<(u64, Channel)>)>,
}

impl Connection {
    /// The one in use, and its number. One that was opened with certificates that are no longer in force is used no more.
    fn channel(&self, certificates: u64, endpoint: &Endpoint, opens: Opens) -> (u64, Channel) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let (number, channel) = &mut *now;
        if channel.as_ref().is_some_and(|(opened_with, _)| *opened_with < certificates) {
            (*number, *channel) = (*number + 1, None);
        }
        let (_, channel) = channel.get_or_insert_with(|| (certificates, endpoint.connect_with_connector_lazy(opens)));
        (*number, channel.clone())
    }

    /// Uses the one with this number no more. Calls that are on their way on it may still end well.
    fn give_up(&self, number: u64) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        if now.0 == number {
            *now = (number + 1, None);
        }
    }
}

/// A channel whose replies are gRPC. What stands between here and the backend answers in plain HTTP, whose body would be read
/// as a message that is none: a proxy that says "later" would pass for a backend that refuses.
#[derive(Clone, Debug)]
struct OnlyGrpc(Channel);

/// A reply by HTTP alone.
#[derive(Clone, Copy, Debug)]
struct NoGrpc {
    status: StatusCode,
    after: Option<Duration>,
}

impl std::fmt::Display for NoGrpc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the reply is no gRPC")
    }
}

impl std::error::Error for NoGrpc {}

type Replies = Pin<Box<dyn Future<Output = Result<http::Response<Body>, tonic::codegen::StdError>> + Send>>;

impl Service<http::Request<Body>> for OnlyGrpc {
    type Response = http::Response<Body>;
    type Error = tonic::codegen::StdError;
    type Future = Replies;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: http::Request<Body>) -> Replies {
        let reply = self.0.call(request);
        Box::pin(async move {
            let mut reply = reply.await?;
            if reply.status() == StatusCode::OK || reply.headers().contains_key("grpc-status") {
                readable(reply.headers_mut());
                return Ok(reply.map(|body| {
                    Body::new(body.map_frame(|mut frame| {
                        if let Some(trailers) = frame.trailers_mut() {
                            readable(trailers);
                        }
                        frame
                    }))
                }));
            }
            Err(NoGrpc { status: reply.status(), after: retry_after(reply.headers()) }.into())
        })
    }
}

/// Takes details out that are no base64: tonic panics on them. What is read is read as it reads it, padded or not.
fn readable(headers: &mut HeaderMap) {
    const DETAILS: &str = "grpc-status-details-bin";
    const INDIFFERENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    if headers.get(DETAILS).is_some_and(|details| INDIFFERENT.decode(details.as_bytes()).is_err()) {
        headers.remove(DETAILS);
    }
}

/// Reads a status out of headers or trailers; `None` if they hold none.
#[must_use]
pub fn status_of(mut headers: HeaderMap) -> Option<SendError> {
    readable(&mut headers);
    Status::from_header_map(&headers).as_ref().map(error)
}

/// Messages as the bytes they are.
#[derive(Clone, Copy, Debug)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}
