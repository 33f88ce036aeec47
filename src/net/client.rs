//! An HTTP client that trusts no reply: little of it is read, in little time, and it is sent nowhere else.

use super::dialer::Dialer;
use super::tls::{TlsError, client_config};
use crate::settings::{ClientTls, Endpoint};
use crate::telemetry::Component;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_rustls::{FixedServerNameResolver, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::ServerName;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How much of a reply is read, in bytes.
const REPLY: usize = 64 << 10;
/// How long a connection may take to open.
const CONNECT: Duration = Duration::from_secs(10);

/// Opens connections, encrypted where the scheme says so.
pub type Connector = HttpsConnector<HttpConnector>;

/// Connections that are kept.
type Pool = legacy::Client<Connector, Full<Bytes>>;

/// A client for one backend. Keeps its connections, as long as replies come in time: one that lets a request's time go by may
/// be dead without anybody having said so, and the next request opens another.
#[derive(Clone, Debug)]
pub struct Client {
    dialer: Dialer,
    now: Arc<Mutex<Option<InUse>>>,
    timeout: Duration,
}

/// The connections in use.
#[derive(Clone, Debug)]
struct InUse {
    /// Tells them from others: a number that no others have.
    number: u64,
    /// With which certificates they were opened.
    certificates: u64,
    pool: Pool,
}

/// What a backend said.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; empty if it was longer than is read. Not to be shown to anyone.
    pub body: Bytes,
}

/// Why there is no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientError {
    /// It did not come in time.
    Timeout,
    /// There was no connection, or it broke.
    Connection,
}

impl Client {
    /// Makes a client; nothing is connected yet. A request, its reply included, may take as long as `timeout`.
    ///
    /// # Errors
    /// If the endpoint is encrypted and the authorities cannot be read.
    pub fn new(endpoint: &Endpoint, tls: &ClientTls, timeout: Duration) -> Result<Self, TlsError> {
        let dialer = Dialer::new(endpoint, tls, CONNECT.min(timeout), false)?;
        Ok(Self { dialer, now: Arc::default(), timeout })
    }

    /// From now on its certificates are exchanged when their files change, and what comes of it is told in this name.
    #[must_use]
    pub fn watching(self, component: &Component) -> Self {
        Self { dialer: self.dialer.watching(component), ..self }
    }

    /// Posts a body. Redirects are not followed: they are replies like others.
    ///
    /// # Errors
    /// If no reply came.
    pub async fn post(&self, uri: Uri, headers: HeaderMap, body: Bytes) -> Result<Reply, ClientError> {
        let InUse { number, pool, .. } = self.in_use().await;
        let reply = tokio::time::timeout(self.timeout, exchange(&pool, uri, headers, body)).await;
        reply.unwrap_or_else(|_| {
            let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
            if now.as_ref().is_some_and(|now| now.number == number) {
                *now = None;
            }
            Err(ClientError::Timeout)
        })
    }

    /// The connections to use. Those that were opened with certificates that are no longer in force are not: requests that are on
    /// their way on them may still end well.
    async fn in_use(&self) -> InUse {
        let (certificates, connector) = self.dialer.now().await;
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *now {
            Some(used) if used.certificates >= certificates => used.clone(),
            other => {
                let number = rand::random();
                other.insert(InUse { number, certificates, pool: pool(&connector) }).clone()
            }
        }
    }
}

/// Opens connections to an endpoint, each within a time; over TLS they speak HTTP/2, and HTTP/1.1 unless that is not wanted.
///
/// # Errors
/// If the endpoint is encrypted and the authorities cannot be read.
pub(super) fn connector(
    endpoint: &Endpoint,
    tls: &ClientTls,
    within: Duration,
    only_http2: bool,
) -> Result<Connector, TlsError> {
    let config = if endpoint.is_tls() { client_config(tls)? } else { without_authorities()? };
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(within));
    let mut builder = HttpsConnectorBuilder::new().with_tls_config(config).https_or_http();
    if let Some(name) = &tls.server_name_override {
        let name = ServerName::try_from(name.clone()).map_err(|_| TlsError::ServerName)?;
        builder = builder.with_server_name_resolver(FixedServerNameResolver::new(name));
    }
    Ok(if only_http2 {
        builder.enable_http2().wrap_connector(connector)
    } else {
        builder.enable_http1().enable_http2().wrap_connector(connector)
    })
}

/// Connections for one backend; none is open yet.
fn pool(connector: &Connector) -> Pool {
    legacy::Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(Duration::from_secs(60))
        .http1_max_buf_size(REPLY)
        .http1_max_headers(100)
        .http2_max_header_list_size(16 << 10)
        .http2_keep_alive_interval(Duration::from_secs(30))
        .http2_keep_alive_timeout(Duration::from_secs(10))
        .timer(TokioTimer::new())
        .build(connector.clone())
}

async fn exchange(http: &Pool, uri: Uri, headers: HeaderMap, body: Bytes) -> Result<Reply, ClientError> {
    let mut request = Request::post(uri).body(Full::new(body)).map_err(|_| ClientError::Connection)?;
    *request.headers_mut() = headers;
    let response = http.request(request).await.map_err(|_| ClientError::Connection)?;
    let (parts, body) = response.into_parts();
    let body = start_of(body).await?;
    Ok(Reply { status: parts.status, headers: parts.headers, body })
}

/// The whole body, or nothing if it is longer than a reply has reason to be: then the connection is closed.
async fn start_of(mut body: Incoming) -> Result<Bytes, ClientError> {
    let mut read = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| ClientError::Connection)?.into_data() else { continue };
        if read.len() + data.len() > REPLY {
            return Ok(Bytes::new());
        }
        read.extend_from_slice(&data);
    }
    Ok(read.freeze())
}

/// For endpoints without encryption: a client that believes nobody.
fn without_authorities() -> Result<rustls::ClientConfig, TlsError> {
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().map_err(|_| TlsError::Authorities)?;
    Ok(builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
}
