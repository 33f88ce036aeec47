//! One accept loop for plain and TLS connections, with a deadline for everything a peer could put off.

use super::AnswerBody;
use super::activity::Activity;
use super::certificates::{Certificates, PeerNames};
use super::deadline::Deadline;
use super::places::Places;
use super::refuse::Refuser;
use super::socket::{Door, Socket};
use crate::drain::Drain;
use crate::settings::{Listen, ServerTls};
use crate::telemetry::{Component, Event, Metrics};
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

/// How long connections get to end when nothing is waited for any more.
const FAREWELL: Duration = Duration::from_millis(500);
/// How long the loop rests after the system refused it a connection: for want of file descriptors, mostly.
const REST: Duration = Duration::from_millis(100);
/// How often that is worth a log line.
const TOLD: Duration = Duration::from_secs(10);
/// How long a connection that is to end may take over it once it answers nothing.
const GRACE: Duration = Duration::from_secs(5);
/// The largest frame of HTTP/2 that is taken, in bytes.
const FRAME: u32 = 64 << 10;
/// The largest header, names and values, in bytes.
const HEADER: u32 = 16 << 10;
/// How many headers a request may have.
const HEADERS: usize = 100;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many connections at once.
    pub connections: usize,
    /// How many of one peer.
    pub connections_per_peer: usize,
    /// How many requests at once on a connection of HTTP/2.
    pub streams: u32,
    /// How long a TLS handshake.
    pub handshake: Duration,
    /// How long the first byte after it.
    pub first_byte: Duration,
    /// How long the first header.
    pub header: Duration,
    /// How long a connection may answer no request.
    pub idle: Duration,
    /// How old a connection may become: who was let in by a certificate that is revoked by now is asked again.
    pub age: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            connections_per_peer: usize::MAX,
            streams: 100,
            handshake: Duration::from_secs(10),
            first_byte: Duration::from_secs(5),
            header: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            age: Duration::from_secs(600),
        }
    }
}

/// An open listener.
pub struct Listener {
    component: Component,
    protocol: Protocol,
    door: Door,
    tls: Option<Certificates>,
    limits: Limits,
}

impl Listener {
    /// Opens a listener.
    ///
    /// # Errors
    /// If the address is taken or not to be had, or the certificates cannot be read; the error says whose it is.
    pub async fn bind(
        component: Component,
        protocol: Protocol,
        listen: Listen,
        tls: Option<&ServerTls>,
        limits: Limits,
    ) -> io::Result<Self> {
        let tls = tls.map(|tls| Certificates::read(component.clone(), tls.clone())).transpose();
        let tls = tls.map_err(io::Error::other)?;
        let (door, address) = Door::bind(&component, listen).await?;
        Event::Listening { component: component.clone(), address, protocol: protocol.label(), tls: tls.is_some() }
            .emit();
        Ok(Self { component, protocol, door, tls, limits })
    }

    /// Opens a listener at a Unix socket that only this user can reach. What is left there by a process that has ended is
    /// taken away first.
    ///
    /// # Errors
    /// If the path is not to be had, or somebody listens there.
    pub fn bind_unix(component: Component, path: &Path, limits: Limits) -> io::Result<Self> {
        let door = Door::bind_unix(&component, path)?;
        Event::ListeningUnix { component: component.clone() }.emit();
        Ok(Self { component, protocol: Protocol::Http, door, tls: None, limits })
    }

    /// Where it really listens.
    ///
    /// # Errors
    /// If the system does not know, or it listens at no address.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.door.address()
    }

    /// Serves until nothing is waited for any more, then closes all connections. An error of one connection, or of
    /// the accepting itself, ends neither the loop nor other connections.
    pub async fn serve<H, F>(self, handler: H, drain: Drain)
    where
        H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
        F: Future<Output = Response<AnswerBody>> + Send + 'static,
    {
        let Self { component, protocol, door, tls, limits } = self;
        let places = Places::new(limits.connections, limits.connections_per_peer);
        let refuser = Refuser::new();
        let connections = TaskTracker::new();
        let watch = tls.clone().map(|tls| tokio::spawn(tls.watch()));
        let mut told = None;
        loop {
            let accepted = tokio::select! {
                () = drain.ended() => break,
                accepted = door.accept() => accepted,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    if told.is_none_or(|told: Instant| told.elapsed() > TOLD) {
                        Event::AcceptFailed { component: component.clone(), kind: error.kind() }.emit();
                        told = Some(Instant::now());
                    }
                    tokio::time::sleep(REST).await;
                    continue;
                }
            };
            let Some(place) = places.take(peer) else {
                Metrics::connection_refused(&component);
                // Before a handshake nothing can be said in TLS.
                if tls.is_none() {
                    refuser.refuse(stream);
                }
                continue;
            };
            Metrics::connection_opened(&component);
            let conversation = Conversation { component: component.clone(), limits, protocol, drain: drain.clone() };
            let (tls, handler) = (tls.clone(), handler.clone());
            connections.spawn(async move {
                let component = conversation.component.clone();
                conversation.begin(stream, tls, handler).await;
                Metrics::connection_ended(&component);
                drop(place);
            });
        }
        drop(door);
        if let Some(watch) = watch {
            watch.abort();
        }
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
struct Conversation {
    component: Component,
    limits: Limits,
    protocol: Protocol,
    drain: Drain,
}

impl Conversation {
    async fn begin<H, F>(self, stream: Socket, tls: Option<Certificates>, handler: H)
    where
        H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
        F: Future<Output = Response<AnswerBody>> + Send + 'static,
    {
        let Some(tls) = tls else { return self.speak(stream, PeerNames::default(), handler).await };
        match tokio::time::timeout(self.limits.handshake, tls.acceptor().accept(stream)).await {
            Ok(Ok(stream)) => {
                let names = PeerNames::of(stream.get_ref().1.peer_certificates());
                self.speak(stream, names, handler).await;
            }
            Ok(Err(_)) | Err(_) => Metrics::connection_closed(&self.component, "handshake"),
        }
    }

    async fn speak<S, H, F>(self, stream: S, names: PeerNames, handler: H)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
        F: Future<Output = Response<AnswerBody>> + Send + 'static,
    {
        let Self { component, limits, protocol, drain } = self;
        let io = TokioIo::new(Deadline::new(stream, component.clone(), limits.first_byte, limits.header));
        let activity = Activity::new();
        let seen = activity.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            let running = seen.begin();
            request.extensions_mut().insert(names.clone());
            let answer = handler(request);
            async move {
                let answer = answer.await;
                drop(running);
                Ok::<_, Infallible>(answer)
            }
        });
        let builder = builder(protocol, limits);
        let mut connection = std::pin::pin!(builder.serve_connection(io, service));
        let ages = Instant::now() + limits.age.mul_f64(rand::random_range(0.9..1.1));
        let mut told = None;
        let mut look = std::pin::pin!(tokio::time::sleep(limits.idle));
        loop {
            tokio::select! {
                // How a connection ended is its peer's business.
                _ended = connection.as_mut() => return,
                () = drain.ended(), if told.is_none() => {
                    connection.as_mut().graceful_shutdown();
                    told = Some(Instant::now());
                }
                () = look.as_mut() => {}
            }
            let (now, idle) = (Instant::now(), activity.idle());
            match told {
                // It had its time to end, and answers nothing: whoever is there does not read.
                Some(since) if now.duration_since(since).min(idle) >= GRACE => {
                    Metrics::connection_closed(&component, "idle");
                    return;
                }
                Some(_) => look.as_mut().reset(now + GRACE),
                None if idle >= limits.idle || now >= ages => {
                    connection.as_mut().graceful_shutdown();
                    told = Some(now);
                    look.as_mut().reset(now + GRACE);
                }
                None => look.as_mut().reset(ages.min(now + limits.idle.saturating_sub(idle))),
            }
        }
    }
}

/// Every limit of the library that a peer could lean on is said here, also where its default is the same: defaults change.
fn builder(protocol: Protocol, limits: Limits) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.idle + limits.header)
        .half_close(false)
        .pipeline_flush(false)
        .max_headers(HEADERS)
        .max_buf_size(64 << 10);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(10))
        .max_concurrent_streams(limits.streams)
        .max_frame_size(FRAME)
        .max_header_list_size(HEADER)
        .max_pending_accept_reset_streams(20)
        .max_local_error_reset_streams(64)
        .max_send_buf_size(64 << 10)
        .adaptive_window(false)
        .initial_stream_window_size(1 << 20)
        .initial_connection_window_size(4 << 20);
    match protocol {
        Protocol::Http => builder,
        Protocol::Grpc => builder.http2_only(),
    }
}
