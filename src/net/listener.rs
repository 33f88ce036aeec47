//! One accept loop for plain and TLS connections, with a deadline for everything a peer could put off.

use super::AnswerBody;
use super::deadline::Deadline;
use crate::drain::Drain;
use crate::settings::Listen;
use crate::telemetry::{Component, Event, Metrics};
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;

/// How long connections get to end when nothing is waited for any more.
const FAREWELL: Duration = Duration::from_millis(500);
/// How long the loop rests after the system refused it a connection: for want of file descriptors, mostly.
const REST: Duration = Duration::from_millis(100);

/// How long an HTTP/1 connection may be silent between requests, the next header included.
const IDLE: Duration = Duration::from_secs(60);

/// What a listener speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1 and HTTP/2.
    Http,
    /// gRPC, which is HTTP/2 alone.
    Grpc,
}

impl Protocol {
    fn label(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Grpc => "grpc",
        }
    }
}

/// What peers may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many connections at once.
    pub connections: usize,
    /// How long a TLS handshake.
    pub handshake: Duration,
    /// How long the first header.
    pub header: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 1024, handshake: Duration::from_secs(10), header: Duration::from_secs(10) }
    }
}

/// An open listener.
pub struct Listener {
    component: Component,
    protocol: Protocol,
    tcp: TcpListener,
    tls: Option<TlsAcceptor>,
    limits: Limits,
}

impl Listener {
    /// Opens a listener.
    ///
    /// # Errors
    /// If the address is taken or not to be had; the error names it, and whose it is.
    pub async fn bind(
        component: Component,
        protocol: Protocol,
        listen: Listen,
        tls: Option<Arc<ServerConfig>>,
        limits: Limits,
    ) -> io::Result<Self> {
        let tcp = TcpListener::bind(listen.address()).await.map_err(|error| {
            io::Error::new(error.kind(), format!("{component} cannot listen at {}: {error}", listen.address()))
        })?;
        let address = tcp.local_addr()?;
        Event::Listening { component: component.clone(), address, protocol: protocol.label(), tls: tls.is_some() }
            .emit();
        Ok(Self { component, protocol, tcp, tls: tls.map(TlsAcceptor::from), limits })
    }

    /// Where it really listens.
    ///
    /// # Errors
    /// If the system does not know.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }

    /// Serves until nothing is waited for any more, then closes all connections. An error of one connection, or of
    /// the accepting itself, ends neither the loop nor other connections.
    pub async fn serve<H, F>(self, handler: H, drain: Drain)
    where
        H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
        F: Future<Output = Response<AnswerBody>> + Send + 'static,
    {
        let places = Arc::new(Semaphore::new(self.limits.connections));
        let connections = TaskTracker::new();
        loop {
            let accepted = tokio::select! {
                () = drain.ended() => break,
                accepted = self.tcp.accept() => accepted,
            };
            let stream = match accepted {
                Ok((stream, _peer)) => stream,
                Err(error) => {
                    Event::AcceptFailed { component: self.component.clone(), kind: error.kind() }.emit();
                    tokio::time::sleep(REST).await;
                    continue;
                }
            };
            let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                Metrics::connection_refused(&self.component);
                continue;
            };
            let connection =
                converse(stream, self.tls.clone(), self.limits, self.protocol, handler.clone(), drain.clone());
            connections.spawn(async move {
                connection.await;
                drop(place);
            });
        }
        drop(self.tcp);
        connections.close();
        let _in_time = tokio::time::timeout(FAREWELL, connections.wait()).await;
    }
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener").field("component", &self.component).finish_non_exhaustive()
    }
}

/// One connection, from its first byte to its last.
async fn converse<H, F>(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    limits: Limits,
    protocol: Protocol,
    handler: H,
    drain: Drain,
) where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<AnswerBody>> + Send + 'static,
{
    // Answers are small: waiting for more to send with them only costs time.
    let _best_effort = stream.set_nodelay(true);
    match tls {
        None => speak(stream, limits, protocol, handler, drain).await,
        Some(tls) => {
            let handshake = tokio::time::timeout(limits.handshake, tls.accept(stream)).await;
            if let Ok(Ok(stream)) = handshake {
                speak(stream, limits, protocol, handler, drain).await;
            }
        }
    }
}

async fn speak<S, H, F>(stream: S, limits: Limits, protocol: Protocol, handler: H, drain: Drain)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<AnswerBody>> + Send + 'static,
{
    let io = TokioIo::new(Deadline::new(stream, limits.header));
    let service = service_fn(move |request| {
        let answer = handler(request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let builder = builder(protocol);
    let mut connection = std::pin::pin!(builder.serve_connection(io, service));
    let mut told = false;
    loop {
        tokio::select! {
            // How a connection ended is its peer's business.
            _ended = connection.as_mut() => return,
            () = drain.ended(), if !told => {
                connection.as_mut().graceful_shutdown();
                told = true;
            }
        }
    }
}

fn builder(protocol: Protocol) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(IDLE).max_buf_size(64 << 10);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(10))
        .max_concurrent_streams(100)
        .max_header_list_size(16 << 10)
        .max_pending_accept_reset_streams(20)
        .max_local_error_reset_streams(64)
        .initial_stream_window_size(1 << 20)
        .initial_connection_window_size(4 << 20);
    match protocol {
        Protocol::Http => builder,
        Protocol::Grpc => builder.http2_only(),
    }
}
