//! The face of a Datadog Agent to tracers, and of Datadog's intakes to Agents: traces, what is counted of them, logs, series
//! and distributions. What is asked for at any other path is refused and never passed on: it would go past the scrub.

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
use processors::{Format, Schema};
use serde_json::Value;
use std::sync::Arc;

/// The port unless the configuration says otherwise: where tracers look for an Agent.
const PORT: u16 = 8126;

/// The registry's entry.
pub(super) const KIND: ReceiverKind = ReceiverKind {
    kind: "datadog_agent",
    family: Family::Datadog,
    about: "Datadog's tracers and Agents: traces, logs and metrics in Datadog's own formats",
    read,
    schema,
};

/// The receiver as configured.
#[derive(Debug)]
struct DatadogAgent {
    component: Component,
    face: Face,
    api_key: Current<Option<TokenHash>>,
    /// Whether tracers are told that traces v1.0 are taken.
    traces_v1: bool,
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
    /// Takes what is said of answers, likewise.
    LlmEvaluations,
    /// Takes what tracers have counted of messages in queues.
    PipelineStats,
    /// Takes logs; the older version answers otherwise.
    Logs { old: bool },
    /// Takes series; the older version answers otherwise.
    Series { old: bool },
    /// Takes distributions.
    Sketches,
    /// Takes what tracers have counted of their spans.
    ClientStats,
    /// Takes the traces that Agents send on.
    AgentTraces,
    /// Takes what Agents have counted of spans.
    AgentStats,
}

impl At {
    /// Whether this is a path of an intake, which asks for a key.
    fn is_of_intake(self) -> bool {
        match self {
            Self::Logs { old: _ } | Self::Series { old: _ } | Self::Sketches | Self::AgentTraces | Self::AgentStats => {
                true
            }
            Self::Info
            | Self::Validate
            | Self::Traces(_)
            | Self::LlmEvents
            | Self::LlmEvaluations
            | Self::PipelineStats
            | Self::ClientStats => false,
        }
    }

    /// What is said to who was taken.
    fn answer(self, path: &str) -> (StatusCode, &'static str) {
        match self {
            Self::Traces(_) if path == "/v0.3/traces" => (StatusCode::OK, "OK\n"),
            Self::Traces(_) => (StatusCode::OK, r#"{"rate_by_service":{}}"#),
            Self::Logs { old: true } | Self::ClientStats | Self::AgentTraces | Self::AgentStats => {
                (StatusCode::OK, "{}")
            }
            Self::Logs { old: false }
            | Self::LlmEvents
            | Self::LlmEvaluations
            | Self::PipelineStats
            | Self::Sketches => (StatusCode::ACCEPTED, "{}"),
            Self::Series { old: true } => (StatusCode::ACCEPTED, r#"{"status":"ok"}"#),
            Self::Series { old: false } => (StatusCode::ACCEPTED, r#"{"errors":[]}"#),
            Self::Info | Self::Validate => (StatusCode::OK, "{}"),
        }
    }
}

/// Reads `datadog_agent: { endpoint: .., api_key: .., traces_v1: .. }`.
fn read(component: &Component, file: &str, node: &Node, notes: &mut Notes) -> Option<Box<dyn Receiver>> {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let api_key = fields.text("api_key", &mut notes.mistakes).map(|(key, _)| TokenHash::of(key.as_bytes()));
    let traces_v1 = fields.boolean("traces_v1", &mut notes.mistakes) == Some(true);
    let face = face_of(component, &mut fields, PORT, "max_request_body_size", notes);
    fields.finish(&mut notes.mistakes);
    let api_key = Current::new(api_key);
    Some(Box::new(DatadogAgent { component: component.clone(), face: face?, api_key, traces_v1 }))
}

fn schema() -> Value {
    let mut all = vec![("api_key", schema::text()), ("traces_v1", schema::boolean())];
    all.extend(face_schema("max_request_body_size"));
    schema::object(&[], &all)
}

impl Receiver for DatadogAgent {
    fn start(&self, start: Start) -> Started<'_> {
        Box::pin(async move {
            let (key, traces_v1) = (self.api_key.clone(), self.traces_v1);
            let answer = move |service, request| answer(service, key.get(), traces_v1, request);
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
        "/v1.0/traces" => At::Traces(Schema::DatadogTraceStream),
        "/evp_proxy/v1/api/v2/llmobs"
        | "/evp_proxy/v2/api/v2/llmobs"
        | "/evp_proxy/v3/api/v2/llmobs"
        | "/evp_proxy/v4/api/v2/llmobs" => At::LlmEvents,
        "/evp_proxy/v1/api/intake/llm-obs/v2/eval-metric"
        | "/evp_proxy/v2/api/intake/llm-obs/v2/eval-metric"
        | "/evp_proxy/v3/api/intake/llm-obs/v2/eval-metric"
        | "/evp_proxy/v4/api/intake/llm-obs/v2/eval-metric" => At::LlmEvaluations,
        "/v0.1/pipeline_stats" => At::PipelineStats,
        "/api/v2/logs" => At::Logs { old: false },
        "/v1/input" | "/v1/input/" => At::Logs { old: true },
        "/api/v1/series" => At::Series { old: true },
        "/api/v2/series" => At::Series { old: false },
        "/api/beta/sketches" => At::Sketches,
        "/v0.6/stats" => At::ClientStats,
        "/api/v0.2/traces" => At::AgentTraces,
        "/api/v0.2/stats" => At::AgentStats,
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
    traces_v1: bool,
    request: Request<Incoming>,
) -> Response<AnswerBody> {
    let (head, body) = request.into_parts();
    let Some((at, in_path)) = at(head.uri.path()) else {
        discard_body(body, service.limits).await;
        return no(No::Path);
    };
    let is_known = key.as_ref().as_ref().is_none_or(|key| names(key, &head, in_path));
    let admitted = match at {
        At::Info => {
            discard_body(body, service.limits).await;
            return json(StatusCode::OK, info(service.limits.bytes, traces_v1));
        }
        At::Validate => {
            discard_body(body, service.limits).await;
            return if is_known { json(StatusCode::OK, r#"{"valid":true}"#.to_owned()) } else { no(No::Key) };
        }
        at if at.is_of_intake() && !is_known => Err(No::Key),
        At::Traces(layout) => admit(&service, &head, layout, &[Method::PUT, Method::POST]),
        At::ClientStats => admit(&service, &head, Schema::DatadogClientStats, &[Method::PUT, Method::POST]),
        At::LlmEvents => admit(&service, &head, Schema::DatadogLlmEvents, &[Method::POST]),
        At::LlmEvaluations => admit(&service, &head, Schema::DatadogLlmEvaluations, &[Method::POST]),
        At::PipelineStats => admit(&service, &head, Schema::DatadogPipelineStats, &[Method::POST]),
        At::Logs { old: _ } => admit(&service, &head, Schema::DatadogLogs, &[Method::POST]),
        At::Series { old: true } => admit(&service, &head, Schema::DatadogSeries, &[Method::POST]),
        At::Series { old: false } => admit(&service, &head, Schema::DatadogMetrics, &[Method::POST]),
        At::Sketches => admit(&service, &head, Schema::DatadogSketches, &[Method::POST]),
        At::AgentTraces => admit(&service, &head, Schema::DatadogAgentTraces, &[Method::POST]),
        At::AgentStats => admit(&service, &head, Schema::DatadogStats, &[Method::POST]),
    };
    // A request of nothing asks whether somebody is there.
    let probe = |body: &bytes::Bytes| matches!(body.trim_ascii(), b"" | b"{}").then_some(());
    let probed = |body: &bytes::Bytes| if at.is_of_intake() { probe(body) } else { None };
    match hand_in(&service, &head, admitted, body, probed).await {
        Ok(_) => {
            let (status, text) = at.answer(head.uri.path());
            json(status, text.to_owned())
        }
        Err(problem) => no(problem),
    }
}

fn no(problem: No) -> Response<AnswerBody> {
    problem.answer(|text| format!(r#"{{"errors":["{text}"]}}"#))
}

/// What can be said before the body is read.
fn admit(service: &Service, head: &Parts, schema: Schema, methods: &[Method]) -> Result<Admitted, No> {
    if !methods.contains(&head.method) {
        return Err(No::Method);
    }
    // In whatever format it comes, it carries the same.
    let signal = Format::Json(schema).signal().ok_or(No::Kind)?;
    if !service.inlet().takes(signal) {
        return Err(No::Unrouted);
    }
    let format = format(schema, kind(&head.headers)).ok_or(No::Kind)?;
    let encoding = content_encoding(&head.headers).ok_or(No::Encoding)?;
    let sender = match schema {
        Schema::DatadogTraces
        | Schema::DatadogTraceTable
        | Schema::DatadogTraceStream
        | Schema::DatadogTracePayload
        | Schema::DatadogClientStats
        | Schema::DatadogPipelineStats
        | Schema::DatadogLlmEvaluations
        | Schema::DatadogLlmEvents => Sender::Tracer(tracer(&head.headers)),
        Schema::Any
        | Schema::DatadogAgentTraces
        | Schema::DatadogStats
        | Schema::DatadogLogs
        | Schema::DatadogSeries
        | Schema::DatadogMetrics
        | Schema::DatadogSketches
        | Schema::SentryEvent => Sender::Unsaid,
    };
    Ok(Admitted { signal, format, sender, encoding })
}

/// In which of its formats something comes, by the content type.
fn format(schema: Schema, kind: &[u8]) -> Option<Format> {
    let (packed, text, message) = match schema {
        Schema::DatadogTraces | Schema::DatadogTracePayload => (true, true, false),
        Schema::DatadogTraceTable
        | Schema::DatadogTraceStream
        | Schema::DatadogClientStats
        | Schema::DatadogPipelineStats
        | Schema::DatadogStats => (true, false, false),
        Schema::DatadogLlmEvents | Schema::DatadogLlmEvaluations | Schema::DatadogLogs | Schema::DatadogSeries => {
            (false, true, false)
        }
        Schema::DatadogMetrics => (false, true, true),
        Schema::DatadogSketches | Schema::DatadogAgentTraces => (false, false, true),
        Schema::Any | Schema::SentryEvent => (false, false, false),
    };
    match kind {
        b"application/msgpack" if packed => Some(Format::Msgpack(schema)),
        b"application/json" | b"text/json" if text => Some(Format::Json(schema)),
        b"application/x-protobuf" | b"application/protobuf" if message => Some(Format::Protobuf(schema)),
        // Agents that send nothing but JSON do not always say so.
        b"" if matches!(schema, Schema::DatadogLogs | Schema::DatadogSeries) => Some(Format::Json(schema)),
        _ => None,
    }
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

/// What tracers ask for before they send. Of what an Agent hands on to intakes there is LLM Observability only. What is not
/// true is not said: what a tracer has counted is taken, but whether spans may be dropped for it is the Agent's to say
/// that stands behind; nothing is obfuscated as that does it; there is nothing for profiles and remote configuration. Tracers
/// that read of traces v1.0 send nothing else, and Agents before 7.77 do not know them: they are named where that is asked for.
fn info(most: usize, traces_v1: bool) -> String {
    let paths = [
        "/v0.3/traces",
        "/v0.4/traces",
        "/v0.5/traces",
        "/v0.6/stats",
        "/v0.7/traces",
        "/v0.1/pipeline_stats",
        "/evp_proxy/v2/",
    ];
    let v1 = traces_v1.then_some("/v1.0/traces");
    let endpoints: Vec<&str> = paths.into_iter().chain(v1).collect();
    let info = serde_json::json!({
        "version": env!("CARGO_PKG_VERSION"),
        "endpoints": endpoints,
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
            "/v1.1/traces",
            "/telemetry/proxy/api/v2/apmtelemetry",
            "/evp_proxy/v2/api/v2/citestcycle",
            "/evp_proxy/v2/api/intake/llm-obs/v1/eval-metric",
            "/debugger/v1/input",
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
