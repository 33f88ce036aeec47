//! The receiver's section of the configuration.

use super::Otlp;
use crate::receivers::Receiver;
use crate::receivers::face::{Face, face_of, face_schema};
use crate::settings::{Notes, schema};
use crate::telemetry::Component;
use processors::document::{Fields, Node};
use serde_json::Value;

/// Reads `otlp: { protocols: { grpc: .., http: .. } }`.
pub(super) fn read(component: &Component, file: &str, node: &Node, notes: &mut Notes) -> Option<Box<dyn Receiver>> {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let protocols = fields.require("protocols", &mut notes.mistakes);
    fields.finish(&mut notes.mistakes);
    let node = protocols?;
    let mut protocols = Fields::open(file, node, &mut notes.mistakes);
    let grpc =
        protocols.take_even_null("grpc").map(|node| face(component, file, node, 4317, "max_recv_msg_size_mib", notes));
    let http =
        protocols.take_even_null("http").map(|node| face(component, file, node, 4318, "max_request_body_size", notes));
    protocols.finish(&mut notes.mistakes);
    if grpc.is_none() && http.is_none() {
        notes.mistake(file, node.at, "`protocols` takes grpc, http or both");
    }
    let (grpc, http) = (grpc.flatten(), http.flatten());
    (grpc.is_some() || http.is_some())
        .then(|| -> Box<dyn Receiver> { Box::new(Otlp { component: component.clone(), grpc, http }) })
}

pub(super) fn schema() -> Value {
    let grpc = schema::object(&[], &face_schema("max_recv_msg_size_mib"));
    let http = schema::object(&[], &face_schema("max_request_body_size"));
    let mut protocols = schema::object(&[], &[("grpc", grpc), ("http", http)]);
    if let Some(protocols) = protocols.as_object_mut() {
        protocols.insert("minProperties".to_owned(), 1.into());
    }
    schema::object(&["protocols"], &[("protocols", protocols)])
}

fn face(
    component: &Component,
    file: &str,
    node: &Node,
    port: u16,
    theirs: &'static str,
    notes: &mut Notes,
) -> Option<Face> {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let face = face_of(component, &mut fields, port, theirs, notes);
    fields.finish(&mut notes.mistakes);
    face
}
