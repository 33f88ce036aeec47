//! OTLP over gRPC and HTTP.

pub(super) mod answer;
pub(super) mod auth;
mod grpc;
mod http;
pub(super) mod section;

pub(super) use http::content_encoding;

use super::{Receiver, ReceiverKind, Serving, Start, Started};
use crate::net::{Limits, Listener, Protocol, ReadLimits, server_config};
use crate::pipeline::Inlet;
use crate::settings::{Family, Listen, ServerTls};
use crate::telemetry::Component;
use auth::Bearer;
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
    bearer: Option<Bearer>,
    max_request_bytes: usize,
    limits: Limits,
}

/// What a request is served with.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) start: Start,
    pub(super) bearer: Option<Bearer>,
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
        let tls = self.tls.as_ref().map(server_config).transpose().map_err(io::Error::other)?;
        Listener::bind(component.clone(), protocol, self.listen, tls, self.limits).await
    }

    pub(super) fn service(&self, start: Start) -> Arc<Service> {
        let limits = ReadLimits { bytes: self.max_request_bytes, time: BODY };
        Arc::new(Service { start, bearer: self.bearer.clone(), limits })
    }
}

impl Service {
    pub(super) fn inlet(&self) -> &Inlet {
        &self.start.inlet
    }
}
