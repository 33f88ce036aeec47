//! What Datadog's senders sent, in the format it came in: what tracers sent to an Agent, what Agents sent to the intakes.

use super::datadog::refusal;
use super::{Configured, Exporter, ExporterKind, Outbound, SendError, Sending, Sends, Sent, otlp_http};
use crate::net::{Client, ClientError, compress};
use crate::settings::{self, ClientTls, Compression, Endpoint, Family, Notes, Sender, schema};
use crate::telemetry::Component;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use processors::document::{Fields, Node};
use processors::{Format, Schema};
use serde_json::Value;
use std::time::Duration;

/// The registry's entry.
pub(super) const KIND: ExporterKind = ExporterKind {
    kind: "datadog_agent",
    old_kinds: &[],
    takes: &[Family::Datadog],
    about: "a Datadog Agent for what tracers sent, Datadog's intakes for what Agents sent, in the formats it came in",
    read,
    schema,
};

const SITE: &str = "datadoghq.com";
/// Where an Agent takes what goes on to the intake of LLM Observability.
const LLM_PATH: &str = "/evp_proxy/v2/api/v2/llmobs";
/// And what goes on to its interface.
const EVALUATIONS_PATH: &str = "/evp_proxy/v2/api/intake/llm-obs/v2/eval-metric";
const EVP_SUBDOMAIN: HeaderName = HeaderName::from_static("x-datadog-evp-subdomain");
const TIMEOUT: Duration = Duration::from_secs(30);

/// Where one kind of payload goes.
#[derive(Debug)]
struct Target {
    client: Client,
    endpoint: Endpoint,
    headers: HeaderMap,
}

#[derive(Debug)]
struct DatadogAgent {
    /// The Agent.
    agent: Option<Target>,
    /// The intakes, which take a key.
    traces: Option<Target>,
    logs: Option<Target>,
    metrics: Option<Target>,
}

/// Where a payload goes, and what it is called there.
struct Way<'t> {
    target: &'t Target,
    path: &'static str,
    kind: &'static str,
    /// To an Agent, which is near, there is none; to an intake it is as Agents do it.
    compression: Compression,
}

fn read(component: &Component, file: &str, node: &Node, notes: &mut Notes) -> Option<Configured> {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let tls = fields.take("tls").map(|node| ClientTls::read(file, node, notes)).unwrap_or_default();
    let timeout = settings::duration(&mut fields, "timeout", notes).unwrap_or(TIMEOUT);
    let site = fields.text("site", &mut notes.mistakes).map_or(SITE, |(site, _)| site).to_owned();
    let agent = endpoint_of(&mut fields, "endpoint", "http", notes);
    let key = key(&mut fields, notes);
    let traces = section(&mut fields, "traces", notes).or_else(|| default(&format!("https://trace.agent.{site}")));
    let logs = section(&mut fields, "logs", notes).or_else(|| default(&format!("https://http-intake.logs.{site}")));
    let metrics = section(&mut fields, "metrics", notes).or_else(|| default(&format!("https://api.{site}")));
    let sending = Sending::read(&mut fields, notes);
    fields.finish(&mut notes.mistakes);
    if agent.is_none() && key.is_none() {
        notes.mistake(
            file,
            node.at,
            "`endpoint` names an Agent for traces, `api` the key for what Agents send: there must be one of them",
        );
        return None;
    }
    let mut target = |endpoint: Option<Endpoint>, key: Option<&HeaderValue>| -> Option<Target> {
        let endpoint = endpoint?;
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("scrubjay/", env!("CARGO_PKG_VERSION"))));
        if let Some(key) = key {
            headers.insert("dd-api-key", key.clone());
        }
        match Client::new(&endpoint, &tls, timeout).map(|client| client.watching(component)) {
            Ok(client) => Some(Target { client, endpoint, headers }),
            Err(error) => {
                notes.mistake(file, node.at, error.to_string());
                None
            }
        }
    };
    let agent = target(agent, None);
    let traces = key.as_ref().and_then(|key| target(traces, Some(key)));
    let logs = key.as_ref().and_then(|key| target(logs, Some(key)));
    let metrics = key.as_ref().and_then(|key| target(metrics, Some(key)));
    Some(Configured { exporter: Box::new(DatadogAgent { agent, traces, logs, metrics }), sending })
}

fn schema() -> Value {
    let signal = || schema::object(&["endpoint"], &[("endpoint", schema::endpoint())]);
    let own = [
        ("endpoint", schema::endpoint()),
        ("site", schema::text_like("^[a-z0-9.-]+$")),
        ("api", schema::object(&["key"], &[("key", schema::text())])),
        ("traces", signal()),
        ("logs", signal()),
        ("metrics", signal()),
        ("tls", ClientTls::schema()),
        ("timeout", schema::duration()),
    ];
    schema::object(&[], &[&own[..], &Sending::schema()].concat())
}

/// Takes a URL.
pub(super) fn endpoint_of(
    fields: &mut Fields<'_>,
    name: &'static str,
    scheme: &str,
    notes: &mut Notes,
) -> Option<Endpoint> {
    let (text, at) = fields.text(name, &mut notes.mistakes)?;
    match Endpoint::parse(text, scheme) {
        Ok(endpoint) => Some(endpoint),
        Err(wrong) => {
            notes.mistake(fields.file(), at, format!("`{name}` {wrong}"));
            None
        }
    }
}

/// Takes `traces`, `logs` or `metrics`: where that goes instead.
fn section(fields: &mut Fields<'_>, name: &'static str, notes: &mut Notes) -> Option<Endpoint> {
    let node = fields.take(name)?;
    let mut inner = Fields::open(fields.file(), node, &mut notes.mistakes);
    let endpoint = otlp_http::endpoint(&mut inner, "https", notes);
    inner.finish(&mut notes.mistakes);
    endpoint
}

fn default(url: &str) -> Option<Endpoint> {
    Endpoint::parse(url, "https").ok()
}

/// Takes `api: { key: .. }`.
fn key(fields: &mut Fields<'_>, notes: &mut Notes) -> Option<HeaderValue> {
    let file = fields.file();
    let node = fields.take("api")?;
    let mut api = Fields::open(file, node, &mut notes.mistakes);
    let key = api.require("key", &mut notes.mistakes).and_then(|node| {
        let value = node.text().filter(|key| !key.is_empty()).and_then(|key| HeaderValue::from_str(key).ok());
        if value.is_none() {
            notes.mistake(file, node.at, "`key` takes an API key: \"${env:DD_API_KEY}\"");
        }
        value
    });
    api.finish(&mut notes.mistakes);
    key.map(|mut key| {
        key.set_sensitive(true);
        key
    })
}

impl Exporter for DatadogAgent {
    fn send(&self, outbound: Outbound) -> Sends<'_> {
        Box::pin(async move {
            let Way { target, path, kind, compression } = self.way(outbound.format()).ok_or(SendError::Unsendable)?;
            let uri = target.endpoint.join(path).map_err(|_| SendError::Unsendable)?;
            let mut headers = target.headers.clone();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            say(&outbound, &mut headers);
            match compression {
                Compression::None => {}
                Compression::Gzip => drop(headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"))),
                Compression::Zstd => drop(headers.insert(CONTENT_ENCODING, HeaderValue::from_static("zstd"))),
            }
            let intake = match path {
                LLM_PATH => Some("llmobs-intake"),
                EVALUATIONS_PATH => Some("api"),
                _ => None,
            };
            headers.extend(intake.map(|name| (EVP_SUBDOMAIN, HeaderValue::from_static(name))));
            let body = outbound.body().clone();
            let body = match compression {
                Compression::None => body,
                Compression::Gzip | Compression::Zstd => {
                    let compressed = tokio::task::spawn_blocking(move || compress(compression, &body)).await;
                    compressed.ok().and_then(Result::ok).ok_or(SendError::Unsendable)?
                }
            };
            post(&target.client, uri, headers, body).await
        })
    }
}

impl DatadogAgent {
    fn way(&self, format: Format) -> Option<Way<'_>> {
        let (schema, kind, metrics) = match format {
            Format::Msgpack(schema) => (schema, "application/msgpack", Compression::Gzip),
            Format::Json(schema) => (schema, "application/json", Compression::Gzip),
            Format::Protobuf(schema) => (schema, "application/x-protobuf", Compression::Zstd),
            Format::Otlp(_) | Format::Text | Format::Lines | Format::Envelope | _ => return None,
        };
        let (target, path, compression) = match schema {
            Schema::DatadogTraces => (&self.agent, "/v0.4/traces", Compression::None),
            Schema::DatadogTraceTable => (&self.agent, "/v0.5/traces", Compression::None),
            Schema::DatadogTraceStream => (&self.agent, "/v1.0/traces", Compression::None),
            Schema::DatadogTracePayload => (&self.agent, "/v0.7/traces", Compression::None),
            Schema::DatadogClientStats => (&self.agent, "/v0.6/stats", Compression::None),
            Schema::DatadogLlmEvents => (&self.agent, LLM_PATH, Compression::None),
            Schema::DatadogLlmEvaluations => (&self.agent, EVALUATIONS_PATH, Compression::None),
            Schema::DatadogPipelineStats => (&self.agent, "/v0.1/pipeline_stats", Compression::Gzip),
            Schema::DatadogAgentTraces => (&self.traces, "/api/v0.2/traces", Compression::Gzip),
            Schema::DatadogStats => (&self.traces, "/api/v0.2/stats", Compression::Gzip),
            Schema::DatadogLogs => (&self.logs, "/api/v2/logs", Compression::Gzip),
            Schema::DatadogSeries => (&self.metrics, "/api/v1/series", metrics),
            Schema::DatadogMetrics => (&self.metrics, "/api/v2/series", metrics),
            Schema::DatadogSketches => (&self.metrics, "/api/beta/sketches", metrics),
            Schema::Any | Schema::SentryEvent => return None,
        };
        Some(Way { target: target.as_ref()?, path, kind, compression })
    }
}

/// Says to the Agent what the tracer said, and how many traces there are.
fn say(outbound: &Outbound, headers: &mut HeaderMap) {
    if let Some(traces) = outbound.traces() {
        headers.insert("x-datadog-trace-count", HeaderValue::from(traces));
    }
    let Sender::Tracer(tracer) = outbound.sender() else { return };
    if let Some(language) = tracer.language {
        headers.insert("datadog-meta-lang", HeaderValue::from_static(language.name()));
    }
    for (name, said) in
        [("datadog-client-computed-top-level", tracer.top_level), ("datadog-client-computed-stats", tracer.stats)]
    {
        if said {
            headers.insert(name, HeaderValue::from_static("yes"));
        }
    }
}

/// Posts a body; every failure of the backend's own passes.
pub(super) async fn post(client: &Client, uri: Uri, headers: HeaderMap, body: bytes::Bytes) -> Result<Sent, SendError> {
    match client.post(uri, headers, body).await {
        Ok(reply) if reply.status.is_success() => Ok(Sent::default()),
        Ok(reply) => Err(refusal(reply.status, otlp_http::retry_after(&reply.headers))),
        Err(ClientError::Timeout) => Err(SendError::Timeout),
        Err(ClientError::Connection) => Err(SendError::Unreachable),
    }
}
