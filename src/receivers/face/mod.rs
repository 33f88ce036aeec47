//! What receivers show to their clients: a listener, who may send to it, and how much.

mod section;

pub(super) use section::{face_of, face_schema};

use super::auth::{Admitted, Denied, Gate};
use super::{Serving, Start};
use crate::net::{AnswerBody, Encoding, Limits, Listener, Protocol, ReadLimits};
use crate::pipeline::Inlet;
use crate::settings::{Listen, ServerTls};
use crate::telemetry::Component;
use http::header::CONTENT_ENCODING;
use http::{Extensions, HeaderMap, Request, Response};
use hyper::body::Incoming;
use processors::walk::otlp::Signal;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// How long a request's body may take.
const BODY: Duration = Duration::from_secs(30);

/// One listener of a receiver as configured.
#[derive(Debug)]
pub(super) struct Face {
    listen: Listen,
    tls: Option<ServerTls>,
    gate: Gate,
    max_request_bytes: usize,
    limits: Limits,
}

/// What a request is served with.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) start: Start,
    gate: Gate,
    pub(super) limits: ReadLimits,
}

impl Face {
    /// Who may send to it.
    pub(super) fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Binds the listener, and serves it with `answer` until the collector drains.
    pub(super) async fn serve<A, F>(
        &self,
        component: &Component,
        protocol: Protocol,
        start: Start,
        answer: A,
    ) -> io::Result<Serving>
    where
        A: Fn(Arc<Service>, Request<Incoming>) -> F + Clone + Send + 'static,
        F: Future<Output = Response<AnswerBody>> + Send + 'static,
    {
        let (listen, tls) = (self.listen, self.tls.as_ref());
        let listener = Listener::bind(component.clone(), protocol, listen, tls, self.limits).await?;
        let drain = start.drain.clone();
        let limits = ReadLimits { bytes: self.max_request_bytes, time: BODY };
        let service = Arc::new(Service { start, gate: self.gate.clone(), limits });
        Ok(Box::pin(listener.serve(move |request| answer(Arc::clone(&service), request), drain)))
    }
}

impl Service {
    pub(super) fn inlet(&self) -> &Inlet {
        &self.start.inlet
    }

    /// Says whether a request may be read, by its headers and extensions. Every receiver asks, before it reads a body; what
    /// it then reads it spends.
    pub(super) async fn admit(
        &self,
        headers: &HeaderMap,
        extensions: &Extensions,
        signal: Signal,
    ) -> Result<Admitted, Denied> {
        self.gate.admit(headers, extensions, signal).await
    }
}

/// How the body is compressed; `None` if that is not known here.
pub(super) fn content_encoding(headers: &HeaderMap) -> Option<Encoding> {
    let mut values = headers.get_all(CONTENT_ENCODING).iter();
    match (values.next(), values.next()) {
        (None, _) => Some(Encoding::Identity),
        (Some(value), None) => Encoding::parse(value.as_bytes()),
        (Some(_), Some(_)) => None,
    }
}
