//! OTLP over gRPC and HTTP.

pub(super) mod answer;
mod grpc;
mod http;
pub(super) mod section;

pub(super) use http::content_encoding;

use super::auth::{Admitted, Denied, Gate};
use super::{Receiver, ReceiverKind, Serving, Start, Started};
use crate::net::{Limits, Listener, Protocol, ReadLimits};
use crate::pipeline::Inlet;
use crate::settings::{Family, Listen, ServerTls};
use crate::telemetry::Component;
use ::http::{Extensions, HeaderMap};
use answer::Problem;
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
                let listener = face.bind(&self.component, Protocol::Grpc).await?;
                let service = face.service(start.clone());
                let handler = move |request| grpc::answer(Arc::clone(&service), request);
                serving.push(Box::pin(listener.serve(handler, start.drain.clone())));
            }
            if let Some(face) = &self.http {
                let listener = face.bind(&self.component, Protocol::Http).await?;
                let service = face.service(start.clone());
                let handler = move |request| http::answer(Arc::clone(&service), request);
                serving.push(Box::pin(listener.serve(handler, start.drain.clone())));
            }
            Ok(serving)
        })
    }
}

impl Face {
    pub(super) async fn bind(&self, component: &Component, protocol: Protocol) -> io::Result<Listener> {
        Listener::bind(component.clone(), protocol, self.listen, self.tls.as_ref(), self.limits).await
    }

    pub(super) fn service(&self, start: Start) -> Arc<Service> {
        let limits = ReadLimits { bytes: self.max_request_bytes, time: BODY };
        Arc::new(Service { start, gate: self.gate.clone(), limits })
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
