//! The receiver's section of the configuration.

use super::{Face, Otlp};
use crate::net::{Limits, server_config};
use crate::receivers::Receiver;
use crate::receivers::auth::{self, Gate};
use crate::settings::{self, Listen, Notes, ServerTls, not_followed, schema};
use crate::telemetry::Component;
use processors::document::{Fields, Node};
use serde_json::Value;

/// The largest request unless the configuration says otherwise, in bytes, before and after inflating.
const MAX_REQUEST: usize = 16 << 20;

/// What the OpenTelemetry Collector's listeners know and these do otherwise.
const NOT_FOLLOWED: [(&str, &str); 12] = [
    ("cors", "browsers of other origins get no leave to post here; a proxy in front can give it"),
    ("keepalive", "an idle connection is closed, and clients open the next one"),
    ("include_metadata", "no header goes further than the listener"),
    ("transport", "it is tcp"),
    ("read_buffer_size", "buffers grow as they must"),
    ("write_buffer_size", "buffers grow as they must"),
    ("compression_algorithms", "gzip and zstd are read"),
    ("response_headers", "answers have the headers they need"),
    ("write_timeout", "a client that is too slow is not waited for"),
    ("traces_url_path", "traces are posted to /v1/traces"),
    ("metrics_url_path", "metrics are posted to /v1/metrics"),
    ("logs_url_path", "logs are posted to /v1/logs"),
];

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

/// Takes what every listener's section has; `theirs` is the OpenTelemetry Collector's name of the largest request.
pub(in crate::receivers) fn face_of(
    component: &Component,
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
    let certificates = tls.as_ref().is_some_and(|tls| tls.client_ca_file.is_some());
    let gate = match fields.take("auth") {
        None => Some(Gate::default()),
        Some(node) => auth::section::read(component, file, node, certificates, notes),
    };
    let max_request_bytes = settings::bytes(fields, "max_request_bytes", notes).unwrap_or(MAX_REQUEST);
    let limits = limits(fields, notes);
    not_followed(fields, &[(theirs, "`max_request_bytes` limits a request before and after inflating")], notes);
    not_followed(fields, &NOT_FOLLOWED, notes);
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
    Some(Face { listen: listen?, tls, gate: gate?, max_request_bytes, limits })
}

/// Takes what peers may take.
fn limits(fields: &mut Fields<'_>, notes: &mut Notes) -> Limits {
    let mut limits = Limits::default();
    if let Some(connections) = settings::number(fields, "max_connections", 1..=65_536, notes) {
        limits.connections = connections;
    }
    if let Some(connections) = settings::number(fields, "max_connections_per_peer", 1..=65_536, notes) {
        limits.connections_per_peer = connections;
    }
    if let Some(streams) = settings::number(fields, "max_concurrent_streams", 1..=10_000, notes) {
        limits.streams = streams;
    }
    if let Some(header) = settings::duration(fields, "read_header_timeout", notes) {
        limits.header = header;
    }
    if let Some(idle) = settings::duration(fields, "idle_timeout", notes) {
        limits.idle = idle;
    }
    limits
}

/// The keys that [`face_of`] takes, and what they hold.
pub(in crate::receivers) fn face_schema(theirs: &'static str) -> Vec<(&'static str, Value)> {
    let mut all = vec![
        ("endpoint", schema::listen()),
        ("tls", ServerTls::schema()),
        ("insecure_bind", schema::boolean()),
        ("auth", auth::section::schema()),
        ("max_request_bytes", schema::bytes()),
        ("max_connections", schema::integer(1, 65_536)),
        ("max_connections_per_peer", schema::integer(1, 65_536)),
        ("max_concurrent_streams", schema::integer(1, 10_000)),
        ("read_header_timeout", schema::duration()),
        ("idle_timeout", schema::duration()),
        (theirs, schema::not_followed()),
    ];
    all.extend(NOT_FOLLOWED.map(|(key, _)| (key, schema::not_followed())));
    all
}
