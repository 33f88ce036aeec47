//! Datadog: traces and metrics to its OTLP intake, logs to its intake for logs.
//!
//! Limits are the intakes' own. What exceeds one is handed back as too large, so that it is halved; nothing is cut off.

mod intake;
mod logs;
mod metrics;
mod tags;

use super::{Configured, ExporterKind, Outbound, SendError, Sending, Sends, Sent};
use super::{Exporter, otlp_http};
use crate::settings::{self, ClientTls, Endpoint, Family, Notes, not_followed, schema};
use crate::telemetry::Component;
use bytes::Bytes;
use http::HeaderValue;
pub(super) use intake::refusal;

use intake::Intake;
use processors::document::{Fields, Node};
use processors::walk::otlp::Signal;
use serde_json::Value;
use std::time::Duration;

/// The registry's entry.
pub(super) const KIND: ExporterKind = ExporterKind {
    kind: "datadog",
    old_kinds: &[],
    takes: &[Family::Otlp],
    about: "Datadog's intakes: traces and metrics in OTLP, logs as JSON",
    read,
    schema,
};

const SITE: &str = "datadoghq.com";
const TIMEOUT: Duration = Duration::from_secs(30);
/// The most bytes of a request for traces, as the intake counts them.
const TRACES: usize = 3_200_000;
/// The most bytes of a request for metrics.
const METRICS: usize = 500_000;
/// What a request that is too large is answered with; here it is not even sent.
const TOO_LARGE: SendError = SendError::TooLarge { status: 413 };

/// What the OpenTelemetry Collector knows and this exporter does otherwise.
const NOT_FOLLOWED: [(&str, &str); 4] = [
    ("host_metadata", "no host is announced to Datadog"),
    ("hostname", "hosts are those that resources name"),
    ("idle_conn_timeout", "connections close by themselves"),
    ("only_metadata", "no host is announced to Datadog"),
];

#[derive(Debug)]
struct Datadog {
    component: Component,
    traces: Intake,
    metrics: Intake,
    logs: Intake,
}

fn read(component: &Component, file: &str, node: &Node, notes: &mut Notes) -> Option<Configured> {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let tls = fields.take("tls").map(|node| ClientTls::read(file, node, notes)).unwrap_or_default();
    let timeout = settings::duration(&mut fields, "timeout", notes).unwrap_or(TIMEOUT);
    let site = site(&mut fields, notes);
    let (site, key) = api(&mut fields, site, notes);
    let site = site.unwrap_or_else(|| SITE.to_owned());
    let endpoints = ["traces", "metrics", "logs"].map(|section| endpoint(&mut fields, section, &site, notes));
    let sending = Sending::read(&mut fields, notes);
    not_followed(&mut fields, &NOT_FOLLOWED, notes);
    fields.finish(&mut notes.mistakes);
    let [traces, metrics, logs] = endpoints;
    let (traces, metrics, logs, key) = (traces?, metrics?, logs?, key?);
    let mut intake =
        |endpoint: &Endpoint, path, content| match Intake::new(component, endpoint, path, content, &key, &tls, timeout)
        {
            Ok(intake) => Some(intake),
            Err(error) => {
                notes.mistake(file, node.at, error.to_string());
                None
            }
        };
    let traces = intake(&traces, "/v1/traces", "application/x-protobuf")?;
    let metrics = intake(&metrics, "/v1/metrics", "application/x-protobuf")?;
    let logs = intake(&logs, "/api/v2/logs", "application/json")?;
    let exporter = Datadog {
        component: component.clone(),
        // Without it there are no metrics of traces.
        traces: traces.with("compute_stats", HeaderValue::from_static("true")),
        metrics,
        logs: logs.with("dd-evp-origin", HeaderValue::from_static("scrubjay")),
    };
    Some(Configured { exporter: Box::new(exporter), sending })
}

fn schema() -> Value {
    let site = || schema::text_like("^[a-z0-9.-]+$");
    let api = [("key", schema::text()), ("site", site()), ("fail_on_invalid_key", schema::not_followed())];
    let signal = || schema::object(&["endpoint"], &[("endpoint", schema::endpoint())]);
    let own = [
        ("site", site()),
        ("api", schema::object(&["key"], &api)),
        ("traces", signal()),
        ("metrics", signal()),
        ("logs", signal()),
        ("tls", ClientTls::schema()),
        ("timeout", schema::duration()),
    ];
    let ignored = NOT_FOLLOWED.map(|(key, _)| (key, schema::not_followed()));
    schema::object(&["api"], &[&own[..], &Sending::schema(), &ignored].concat())
}

/// Takes `site`: a domain.
fn site(fields: &mut Fields<'_>, notes: &mut Notes) -> Option<String> {
    let (site, at) = fields.text("site", &mut notes.mistakes)?;
    let domain = !site.is_empty()
        && site.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    if !domain {
        notes.mistake(
            fields.file(),
            at,
            "`site` takes a domain: datadoghq.com, us5.datadoghq.com, datadoghq.eu, ddog-gov.com",
        );
        return None;
    }
    Some(site.to_owned())
}

/// Takes `api`: the key, and the site where the OpenTelemetry Collector has it.
fn api(fields: &mut Fields<'_>, outer: Option<String>, notes: &mut Notes) -> (Option<String>, Option<HeaderValue>) {
    let file = fields.file();
    let Some(node) = fields.require("api", &mut notes.mistakes) else { return (outer, None) };
    let mut api = Fields::open(file, node, &mut notes.mistakes);
    let site = site(&mut api, notes).or(outer);
    if let Some(node) = api.take("fail_on_invalid_key") {
        notes.warn(
            file,
            node.at,
            "`fail_on_invalid_key` is not followed: a refused key pauses the exporter, loudly, and nothing is lost",
        );
    }
    let key = api.require("key", &mut notes.mistakes).and_then(|node| {
        let value = node.text().filter(|key| !key.is_empty()).and_then(|key| HeaderValue::from_str(key).ok());
        if value.is_none() {
            notes.mistake(file, node.at, "`key` takes an API key: \"${env:DD_API_KEY}\"");
        }
        value
    });
    api.finish(&mut notes.mistakes);
    let key = key.map(|mut key| {
        key.set_sensitive(true);
        key
    });
    (site, key)
}

/// Takes `traces`, `metrics` or `logs`: where that signal goes instead, for proxies and private links.
fn endpoint(fields: &mut Fields<'_>, section: &'static str, site: &str, notes: &mut Notes) -> Option<Endpoint> {
    if let Some(node) = fields.take(section) {
        let mut inner = Fields::open(fields.file(), node, &mut notes.mistakes);
        let endpoint = otlp_http::endpoint(&mut inner, "https", notes);
        inner.finish(&mut notes.mistakes);
        return endpoint;
    }
    let host = if section == "logs" { "http-intake.logs" } else { "otlp" };
    Endpoint::parse(&format!("https://{host}.{site}"), "https").ok()
}

impl Exporter for Datadog {
    fn send(&self, outbound: Outbound) -> Sends<'_> {
        Box::pin(async move {
            match outbound.otlp()? {
                Signal::Traces => {
                    let body = outbound.body().clone();
                    if body.len() > TRACES { Err(TOO_LARGE) } else { self.traces.post(body).await }
                }
                Signal::Metrics => self.metrics(outbound.body().clone()).await,
                Signal::Logs => {
                    let body = outbound.body().clone();
                    let written = tokio::task::spawn_blocking(move || logs::write(body)).await;
                    self.logs.post(written.unwrap_or(Err(SendError::Unsendable))?).await
                }
                // Datadog has no intake for them.
                Signal::Profiles => Err(SendError::Unsendable),
            }
        })
    }
}

impl Datadog {
    /// Sends what the intake takes. Running totals are none of it: they are counted, named in the log, and left out.
    async fn metrics(&self, body: Bytes) -> Result<Sent, SendError> {
        if body.len() > METRICS {
            return Err(TOO_LARGE);
        }
        let metrics::Deltas { body, cumulative } = metrics::deltas(body)?;
        let sent = match body {
            Some(body) => self.metrics.post(body).await?,
            None => Sent::default(),
        };
        if cumulative > 0 {
            metrics::say(&self.component, cumulative);
        }
        Ok(Sent { rejected: sent.rejected + cumulative, ..sent })
    }
}
