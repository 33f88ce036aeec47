//! OTLP over gRPC and HTTP.

pub(super) mod answer;
mod grpc;
mod http;
mod section;

use super::face::Face;
use super::{Credentials, Receiver, ReceiverKind, Serving, Start, Started};
use crate::net::Protocol;
use crate::settings::Family;
use crate::telemetry::Component;

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

    fn credentials(&self) -> Credentials {
        let mut all = Credentials::default();
        for (name, face) in [("grpc", &self.grpc), ("http", &self.http)] {
            if let Some(face) = face {
                all = all.gate(name, face.gate());
            }
        }
        all
    }
}
