//! The backend of the demo: takes OTLP over HTTP on loopback, and hands on what came.

use crate::drain::Drain;
use crate::net::{AnswerBody, Budget, Encoding, Limits, Listener, Protocol, ReadLimits, inflate, read_body};
use crate::settings::Listen;
use crate::telemetry::Component;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use processors::walk::otlp::Signal;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::sync::mpsc;

/// The largest request, in bytes, before and after inflating.
const LARGEST: usize = 64 << 20;

/// An export request as the exporter sent it, inflated.
#[derive(Debug)]
pub(super) struct Arrived {
    /// What it carries.
    pub(super) signal: Signal,
    /// It in protobuf.
    pub(super) body: Bytes,
}

/// The backend at work. Ends when nobody refers to its drain any more than it does.
#[derive(Debug)]
pub(super) struct Sink {
    /// Where it listens.
    pub(super) address: SocketAddr,
    /// What has arrived.
    pub(super) arrived: mpsc::UnboundedReceiver<Arrived>,
}

impl Sink {
    /// Opens it, and serves until the drain is ended.
    ///
    /// # Errors
    /// If there is no port on loopback.
    pub(super) async fn start(drain: Drain) -> io::Result<Self> {
        let component = Component::new("demo/backend");
        let listener = Listener::bind(component, Protocol::Http, Listen::loopback(0), None, Limits::default()).await?;
        let address = listener.address()?;
        let (sender, arrived) = mpsc::unbounded_channel();
        let budget = Budget::new(4 * LARGEST);
        let handler = move |request| {
            let (sender, budget) = (sender.clone(), budget.clone());
            async move { answer(take(request, &budget).await.and_then(|arrived| sender.send(arrived).ok())) }
        };
        tokio::spawn(listener.serve(handler, drain));
        Ok(Self { address, arrived })
    }
}

async fn take(request: Request<Incoming>, budget: &Budget) -> Option<Arrived> {
    let signal = match request.uri().path() {
        "/v1/traces" => Signal::Traces,
        "/v1/logs" => Signal::Logs,
        "/v1/metrics" => Signal::Metrics,
        _ => return None,
    };
    let encoding = request.headers().get(CONTENT_ENCODING).map_or(&b""[..], HeaderValue::as_bytes);
    let encoding = Encoding::parse(encoding)?;
    let mut reserved = budget.open();
    let limits = ReadLimits { bytes: LARGEST, time: Duration::from_secs(30) };
    let body = read_body(request.into_body(), limits, &mut reserved).await.ok()?;
    let body = inflate(encoding, body, LARGEST, &mut reserved).ok()?;
    Some(Arrived { signal, body })
}

fn answer(taken: Option<()>) -> Response<AnswerBody> {
    let mut response = Response::new(Full::new(Bytes::new()).boxed_unsync());
    *response.status_mut() = if taken.is_some() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
    response
}
