//! The receiver's section of the configuration.

use super::auth::Bearer;
use super::{Face, Otlp};
use crate::net::{Limits, server_config};
use crate::receivers::Receiver;
use crate::settings::{self, Listen, Notes, ServerTls};
use crate::telemetry::Component;
use processors::document::{Fields, Node};

/// The largest request unless the configuration says otherwise, in bytes, before and after inflating.
const MAX_REQUEST: usize = 16 << 20;

/// Reads `otlp: { protocols: { grpc: .., http: .. } }`.
pub(super) fn read(component: &Component, file: &str, node: &Node, notes: &mut Notes) -> Option<Box<dyn Receiver>> {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let protocols = fields.require("protocols", &mut notes.mistakes);
    fields.finish(&mut notes.mistakes);
    let node = protocols?;
    let mut protocols = Fields::open(file, node, &mut notes.mistakes);
    let grpc = protocols.take_even_null("grpc").map(|node| face(file, node, 4317, "max_recv_msg_size_mib", notes));
    let http = protocols.take_even_null("http").map(|node| face(file, node, 4318, "max_request_body_size", notes));
    protocols.finish(&mut notes.mistakes);
    if grpc.is_none() && http.is_none() {
        notes.mistake(file, node.at, "`protocols` takes grpc, http or both");
    }
    let (grpc, http) = (grpc.flatten(), http.flatten());
    (grpc.is_some() || http.is_some())
        .then(|| -> Box<dyn Receiver> { Box::new(Otlp { component: component.clone(), grpc, http }) })
}

fn face(file: &str, node: &Node, port: u16, theirs: &'static str, notes: &mut Notes) -> Option<Face> {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let face = face_of(&mut fields, port, theirs, notes);
    fields.finish(&mut notes.mistakes);
    face
}

/// Takes what every listener's section has; `theirs` is the OpenTelemetry Collector's name of the largest request.
pub(in crate::receivers) fn face_of(
    fields: &mut Fields<'_>,
    port: u16,
    theirs: &'static str,
    notes: &mut Notes,
) -> Option<Face> {
    let file = fields.file();
    let endpoint = fields.text("endpoint", &mut notes.mistakes);
    let tls_node = fields.take("tls");
    let tls = tls_node.and_then(|node| ServerTls::read(file, node, notes));
    let insecure = fields.boolean("insecure_bind", &mut notes.mistakes) == Some(true);
    let bearer = fields.take("auth").and_then(|node| auth(file, node, notes));
    let max_request_bytes = settings::bytes(fields, "max_request_bytes", notes).unwrap_or(MAX_REQUEST);
    let connections = settings::number(fields, "max_connections", 1..=65_536, notes);
    if let Some(node) = fields.take(theirs) {
        notes.warn(
            file,
            node.at,
            format!("`{theirs}` is not followed: `max_request_bytes` limits a request before and after inflating"),
        );
    }
    if let (Some(node), Some(tls)) = (tls_node, &tls)
        && let Err(error) = server_config(tls)
    {
        notes.mistake(file, node.at, error.to_string());
    }
    let listen = match endpoint {
        None => Some(Listen::loopback(port)),
        Some((text, at)) => {
            let listen = Listen::parse(text);
            match listen {
                None => notes.mistake(file, at, "`endpoint` takes an IP address and a port, like 127.0.0.1:4317"),
                Some(listen) if !listen.is_loopback() && tls_node.is_none() && !insecure => notes.mistake(
                    file,
                    at,
                    "an endpoint beyond loopback needs `tls`: raw data would cross the network in plain text; \
                     where something else encrypts it, say `insecure_bind: true`",
                ),
                Some(_) => {}
            }
            listen
        }
    };
    let mut limits = Limits::default();
    if let Some(connections) = connections {
        limits.connections = connections;
    }
    Some(Face { listen: listen?, tls, bearer, max_request_bytes, limits })
}

fn auth(file: &str, node: &Node, notes: &mut Notes) -> Option<Bearer> {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let token = fields.text("bearer_token", &mut notes.mistakes);
    if token.is_none() && node.get("bearer_token").is_none() {
        notes.mistake(file, node.at, "`bearer_token` is missing");
    }
    fields.finish(&mut notes.mistakes);
    let (token, at) = token?;
    if token.len() < 16 {
        notes.mistake(file, at, "`bearer_token` takes at least 16 characters");
        return None;
    }
    Some(Bearer::new(token))
}
