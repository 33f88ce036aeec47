//! The face of a Datadog Agent to tracers, and of Datadog's intake to Agents: traces in MessagePack, logs and series in
//! JSON. What is asked for at any other path is refused and never passed on: it would go past the scrub.

use super::face::{Face, Service, content_encoding, face_of, face_schema};
use super::native::{Admitted, No, hand_in, json, kind};
use super::{Credentials, Receiver, ReceiverKind, Start, Started};
use crate::net::{AnswerBody, Protocol, discard_body};
use crate::settings::{Current, Family, Language, Notes, Sender, TokenHash, Tracer, schema};
use crate::telemetry::Component;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use processors::document::{Fields, Node};
use processors::walk::otlp::Signal;
use processors::{Format, Schema};
use serde_json::Value;
use std::sync::Arc;

/// The port unless the configuration says otherwise: where tracers look for an Agent.
const PORT: u16 = 8126;

/// The registry's entry.
pub(super) const KIND: ReceiverKind = ReceiverKind {
    kind: "datadog_agent",
    family: Family::Datadog,
    about: "Datadog's tracers and Agents: traces, logs and series in Datadog's own formats",
    read,
    schema,
};

/// The receiver as configured.
#[derive(Debug)]
struct DatadogAgent {
    component: Component,
    face: Face,
    api_key: Current<Option<TokenHash>>,
}

/// What a path is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Says what there is.
    Info,
    /// Says whether a key is right.
    Validate,
    /// Takes traces in this layout.
    Traces(Schema),
    /// Takes what LLM Observability is told, which an Agent hands on to its intake.
    LlmEvents,
    /// Takes logs; the older version answers otherwise.
    Logs { old: bool },
    /// Takes series.
    Series,
}

/// Reads `datadog_agent: { endpoint: .., api_key: .. }`.
fn read(component: &Component, file: &str, node: &Node, notes: &mut Notes) -> Option<Box<dyn Receiver>> {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let api_key = fields.text("api_key", &mut notes.mistakes).map(|(key, _)| TokenHash::of(key.as_bytes()));
    let face = face_of(component, &mut fields, PORT, "max_request_body_size", notes);
    fields.finish(&mut notes.mistakes);
    Some(Box::new(DatadogAgent { component: component.clone(), face: face?, api_key: Current::new(api_key) }))
}

fn schema() -> Value {
    let mut all = vec![("api_key", schema::text())];
    all.extend(face_schema("max_request_body_size"));
    schema::object(&[], &all)
}

impl Receiver for DatadogAgent {
    fn start(&self, start: Start) -> Started<'_> {
        Box::pin(async move {
            let key = self.api_key.clone();
            let answer = move |service, request| answer(service, key.get(), request);
            Ok(vec![self.face.serve(&self.component, Protocol::Http, start, answer).await?])
        })
    }

    fn credentials(&self) -> Credentials {
        Credentials::default().gate("http", self.face.gate()).key(&self.api_key)
    }
}

/// What there is at a path, and the key that some clients write into it.
fn at(path: &str) -> Option<(At, Option<&str>)> {
    let at = match path {
        "/info" => At::Info,
        "/api/v1/validate" => At::Validate,
        "/v0.3/traces" | "/v0.4/traces" => At::Traces(Schema::DatadogTraces),
        "/v0.5/traces" => At::Traces(Schema::DatadogTraceTable),
        "/v0.7/traces" => At::Traces(Schema::DatadogTracePayload),
        "/evp_proxy/v1/api/v2/llmobs"
        | "/evp_proxy/v2/api/v2/llmobs"
        | "/evp_proxy/v3/api/v2/llmobs"
        | "/evp_proxy/v4/api/v2/llmobs" => At::LlmEvents,
        "/api/v2/logs" => At::Logs { old: false },
        "/v1/input" | "/v1/input/" => At::Logs { old: true },
        "/api/v1/series" => At::Series,
        _ => {
            let key = path.strip_prefix("/v1/input/").filter(|key| !key.contains('/'))?;
            return Some((At::Logs { old: true }, Some(key)));
        }
    };
    Some((at, None))
}

async fn answer(
    service: Arc<Service>,
    key: Arc<Option<TokenHash>>,
    request: Request<Incoming>,
) -> Response<AnswerBody> {
    let (head, body) = request.into_parts();
    let Some((at, in_path)) = at(head.uri.path()) else {
        discard_body(body, service.limits).await;
        return no(No::Path);
    };
    let is_known = key.as_ref().as_ref().is_none_or(|key| names(key, &head, in_path));
    let old = head.uri.path() == "/v0.3/traces";
    let admitted = match at {
        At::Info => {
            discard_body(body, service.limits).await;
            return json(StatusCode::OK, info(service.limits.bytes));
        }
        At::Validate => {
            discard_body(body, service.limits).await;
            return if is_known { json(StatusCode::OK, r#"{"valid":true}"#.to_owned()) } else { no(No::Key) };
        }
        At::Traces(layout) => admit(&service, &head, Signal::Traces, layout, &[Method::PUT, Method::POST]),
        At::LlmEvents => admit(&service, &head, Signal::Traces, Schema::DatadogLlmEvents, &[Method::POST]),
        At::Logs { old: _ } | At::Series if !is_known => Err(No::Key),
        At::Logs { old: _ } => admit(&service, &head, Signal::Logs, Schema::DatadogLogs, &[Method::POST]),
        At::Series => admit(&service, &head, Signal::Metrics, Schema::DatadogSeries, &[Method::POST]),
    };
    // A request of nothing asks whether somebody is there.
    let probe = |body: &bytes::Bytes| matches!(body.trim_ascii(), b"" | b"{}").then_some(());
    let probed = |body: &bytes::Bytes| match at {
        At::Logs { old: _ } | At::Series => probe(body),
        At::Info | At::Validate | At::Traces(_) | At::LlmEvents => None,
    };
    match hand_in(&service, &head, admitted, body, probed).await {
        Ok(_) => match at {
            At::Traces(_) if old => json(StatusCode::OK, "OK\n".to_owned()),
            At::Traces(_) => json(StatusCode::OK, r#"{"rate_by_service":{}}"#.to_owned()),
            At::Logs { old: true } | At::Info | At::Validate => json(StatusCode::OK, "{}".to_owned()),
            At::Logs { old: false } | At::LlmEvents => json(StatusCode::ACCEPTED, "{}".to_owned()),
            At::Series => json(StatusCode::ACCEPTED, r#"{"status":"ok"}"#.to_owned()),
        },
        Err(problem) => no(problem),
    }
}

fn no(problem: No) -> Response<AnswerBody> {
    problem.answer(|text| format!(r#"{{"errors":["{text}"]}}"#))
}

/// What can be said before the body is read.
fn admit(service: &Service, head: &Parts, signal: Signal, layout: Schema, methods: &[Method]) -> Result<Admitted, No> {
    if !methods.contains(&head.method) {
        return Err(No::Method);
    }
    if !service.inlet().takes(signal) {
        return Err(No::Unrouted);
    }
    let traces = signal == Signal::Traces;
    let format = match kind(&head.headers) {
        b"application/msgpack" if traces && layout != Schema::DatadogLlmEvents => Format::Msgpack(layout),
        b"application/json" | b"text/json" if layout != Schema::DatadogTraceTable => Format::Json(layout),
        // Agents that send nothing but JSON do not always say so.
        b"" if !traces => Format::Json(layout),
        _ => return Err(No::Kind),
    };
    let encoding = content_encoding(&head.headers).ok_or(No::Encoding)?;
    let sender = if traces { Sender::Tracer(tracer(&head.headers)) } else { Sender::Unsaid };
    Ok(Admitted { signal, format, sender, encoding })
}

/// What the tracer says of itself, as far as it is one of few words.
fn tracer(headers: &HeaderMap) -> Tracer {
    let said = |name: &str| headers.get(name).map(|value| value.as_bytes().trim_ascii());
    let yes = |name: &str| said(name).is_some_and(|value| !matches!(value, b"" | b"0" | b"f" | b"false" | b"no"));
    Tracer {
        language: said("datadog-meta-lang").and_then(Language::parse),
        top_level: yes("datadog-client-computed-top-level"),
        stats: yes("datadog-client-computed-stats"),
    }
}

/// Whether a request names the key: in a header, in its query, or in its path.
fn names(key: &TokenHash, head: &Parts, in_path: Option<&str>) -> bool {
    let header = head.headers.get("dd-api-key").map(|value| value.as_bytes());
    let query = head.uri.query().unwrap_or_default();
    let in_query = query.split('&').find_map(|pair| pair.strip_prefix("dd-api-key=").or(pair.strip_prefix("api_key=")));
    header
        .or(in_query.map(str::as_bytes))
        .or(in_path.map(str::as_bytes))
        .is_some_and(|named| key.is(&TokenHash::of(named)))
}

/// What tracers ask for before they send. Of what an Agent hands on to intakes there is LLM Observability only. What is not true is not said: spans are not dropped here, nothing is
/// obfuscated as the Agent does it, and there is nothing for statistics, profiles and remote configuration.
fn info(most: usize) -> String {
    let info = serde_json::json!({
        "version": env!("CARGO_PKG_VERSION"),
        "endpoints": ["/v0.3/traces", "/v0.4/traces", "/v0.5/traces", "/v0.7/traces", "/evp_proxy/v2/"],
        "evp_proxy_allowed_headers": ["Content-Type", "Content-Encoding"],
        "client_drop_p0s": false,
        "span_meta_structs": true,
        "span_events": true,
        "long_running_spans": false,
        "config": { "max_request_bytes": most },
    });
    info.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_agents_and_intakes() {
        assert_eq!(at("/v0.5/traces"), Some((At::Traces(Schema::DatadogTraceTable), None)));
        assert_eq!(at("/v1/input/abc"), Some((At::Logs { old: true }, Some("abc"))));
        for path in [
            "/",
            "/v0.6/stats",
            "/telemetry/proxy/api/v2/apmtelemetry",
            "/evp_proxy/v2/api/v2/citestcycle",
            "/v1/input/a/b",
        ] {
            assert_eq!(at(path), None, "{path}");
        }
    }

    #[test]
    fn of_headers_only_few_words_are_kept() {
        let mut headers = HeaderMap::new();
        headers.insert("datadog-meta-lang", "python".parse().unwrap());
        headers.insert("datadog-client-computed-top-level", "yes".parse().unwrap());
        headers.insert("datadog-client-computed-stats", "false".parse().unwrap());
        let tracer = super::tracer(&headers);
        assert_eq!(tracer.language.map(Language::name), Some("python"));
        assert!(tracer.top_level && !tracer.stats);
        headers.insert("datadog-meta-lang", "maria gonzalez".parse().unwrap());
        assert_eq!(super::tracer(&headers).language, None);
    }
}
