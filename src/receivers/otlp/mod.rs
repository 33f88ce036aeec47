//! OTLP over gRPC and HTTP.

pub(super) mod answer;
mod grpc;
mod http;
pub(super) mod section;

pub(super) use http::content_encoding;

use super::auth::{Admitted, Denied, Gate};
use super::{Receiver, ReceiverKind, Serving, Start, Started};
use crate::net::{AnswerBody, Limits, Listener, Protocol, ReadLimits};
use crate::pipeline::Inlet;
use crate::settings::{Family, Listen, ServerTls};
use crate::telemetry::Component;
use ::http::{Extensions, HeaderMap, Request, Response};
use answer::Problem;
use hyper::body::Incoming;
use processors::walk::otlp::Signal;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// How long a request's body may take.
const BODY: Duration = Duration::from_secs(30);

/// The registry's entry.
pub(super) const KIND: ReceiverKind = ReceiverKind {
    kind: "otlp",
    family: Family::Otlp,
    about: "OTLP traces, metrics, logs and profiles over gRPC and HTTP",
    read: section::read,
    schema: section::schema,
};

/// The receiver as configured: at least one of the two protocols.
#[derive(Debug)]
struct Otlp {
    component: Component,
    grpc: Option<Face>,
    http: Option<Face>,
}

/// One listener of the receiver as configured.
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

impl Receiver for Otlp {
    fn start(&self, start: Start) -> Started<'_> {
        Box::pin(async move {
            let mut serving: Vec<Serving> = Vec::new();
            if let Some(face) = &self.grpc {
                serving.push(face.serve(&self.component, Protocol::Grpc, start.clone(), grpc::answer).await?);
            }
            if let Some(face) = &self.http {
                serving.push(face.serve(&self.component, Protocol::Http, start, http::answer).await?);
            }
            Ok(serving)
        })
    }
}

impl Face {
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
    ) -> Result<Admitted, Problem> {
        self.pass(headers, extensions, signal).await.map_err(Problem::Denied)
    }

    /// The same, for receivers whose answers are their own.
    pub(super) async fn pass(
        &self,
        headers: &HeaderMap,
        extensions: &Extensions,
        signal: Signal,
    ) -> Result<Admitted, Denied> {
        self.gate.admit(headers, extensions, signal).await
    }
}
