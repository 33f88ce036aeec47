//! The collector's own metrics, all of them. Names follow the OpenTelemetry Collector where it has them.

use super::{Component, Transport, process};
use metrics::{Label, counter, describe_counter, describe_gauge, gauge};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use processors::walk::otlp::Signal;
use processors::{Counts, Report};
use std::sync::OnceLock;

const COUNTERS: &[(&str, &str)] = &[
    ("phi_findings_total", "Identifiers that were replaced, by kind of identifier, kind of place and action."),
    ("phi_shadow_findings_total", "What rules of the stage `shadow` found and left, by rule."),
    ("phi_unscanned_total", "Texts and values that could not be looked at and went as a whole."),
    ("phi_unknown_fields_total", "Fields that the format does not have, or not of this type, and that went."),
    ("phi_mended_total", "Texts that were no valid UTF-8 and were mended."),
    ("phi_engine_failures_total", "Batches the engine failed on; none of them was forwarded."),
    ("scrubjay_quarantined_batches_total", "Batches given up because the engine failed on them three times."),
    ("scrubjay_lost_records_total", "Records that were acknowledged and are gone."),
    ("scrubjay_unsettled_requests_total", "Requests that were let go without an answer."),
    ("scrubjay_exporter_retries_total", "Deliveries that failed and are tried again, by reason."),
    ("scrubjay_exporter_dropped_records_total", "Records that an exporter gave up, by reason."),
    ("scrubjay_exporter_rejected_records_total", "Records that a backend says it refused out of a batch it took."),
    ("scrubjay_exporter_warnings_total", "Batches that a backend took whole and with a warning, which is not kept."),
    ("scrubjay_exporter_splits_total", "Batches that were halved because a backend finds them too large."),
    ("scrubjay_exporter_cumulative_points_total", "Data points of running totals that Datadog does not take."),
    ("scrubjay_reloads_total", "Times new rules were asked for, by what came of it."),
    ("scrubjay_connections_refused_total", "Connections closed because there were too many."),
    ("scrubjay_connections_closed_total", "Connections closed because of what their peer did, or did not, by reason."),
    ("scrubjay_requests_denied_total", "Requests of nobody who may send them, by reason."),
    (
        "scrubjay_certificate_reloads_total",
        "Times a listener's or an exporter's certificates changed, by what came of it.",
    ),
];

const GAUGES: &[(&str, &str)] = &[
    ("otelcol_exporter_queue_size", "Bytes in the exporter's queue, those being sent included."),
    ("otelcol_exporter_queue_capacity", "Bytes the exporter's queue can hold."),
    ("scrubjay_exporter_paused", "1 while the backend refuses the exporter's credentials or address."),
    ("scrubjay_exporter_concurrency", "How many batches the exporter sends at once: as many as the backend bears."),
    ("scrubjay_memory_limit", "The memory the process may take, in bytes; without a limit, zero."),
    ("scrubjay_memory_pressure", "1 while less is taken in because memory is short, 2 while hardly anything is."),
    ("scrubjay_weakenings", "Settings by which less is found than the packs say."),
    ("scrubjay_connections", "Connections that are open."),
    (
        "scrubjay_certificate_expiry_seconds",
        "Until when what a listener or an exporter shows is valid, in seconds since 1970.",
    ),
    ("scrubjay_raw_bytes", "Bytes of requests that are being read or scrubbed."),
    ("otelcol_process_uptime", "Seconds since the process began."),
    ("otelcol_process_cpu_seconds", "CPU seconds, user and system."),
    ("otelcol_process_memory_rss", "Resident memory in bytes."),
];

/// Why an engine fails.
const ENGINE_FAILURES: [&str; 2] = ["error", "panic"];
/// Why an exporter gives records up.
const DROPS: [&str; 4] = ["refused", "too_large", "unsendable", "max_elapsed_time"];
/// Counters with the signal as their one label.
const BY_SIGNAL: [&str; 3] =
    ["scrubjay_quarantined_batches_total", "scrubjay_lost_records_total", "scrubjay_unsettled_requests_total"];

/// The page of metrics; renders whatever has been counted.
#[derive(Clone, Debug)]
pub struct Page {
    handle: PrometheusHandle,
}

impl Page {
    /// Makes this process's counters count, and gives its one page. `None` if something else took the place already.
    #[must_use]
    pub fn install() -> Option<Self> {
        static INSTALLED: OnceLock<Option<Page>> = OnceLock::new();
        INSTALLED.get_or_init(Self::make).clone()
    }

    fn make() -> Option<Self> {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).ok()?;
        for (name, about) in COUNTERS {
            describe_counter!(*name, *about);
        }
        for (name, about) in GAUGES {
            describe_gauge!(*name, *about);
        }
        begin();
        process::began();
        Some(Self { handle })
    }

    /// The page in Prometheus' text format.
    #[must_use]
    pub fn render(&self) -> String {
        let usage = process::usage();
        gauge!("otelcol_process_uptime").set(usage.uptime);
        gauge!("otelcol_process_cpu_seconds").set(usage.cpu);
        gauge!("otelcol_process_memory_rss").set(usage.resident);
        self.handle.render()
    }
}

/// Shows what people alert on from the start: to Prometheus a counter that appears with a count in it has not increased.
fn begin() {
    for name in ["phi_unscanned_total", "phi_unknown_fields_total", "phi_mended_total"] {
        counter!(name).increment(0);
    }
    for reason in ENGINE_FAILURES {
        counter!("phi_engine_failures_total", "reason" => reason).increment(0);
    }
    for signal in Signal::ALL {
        for name in BY_SIGNAL {
            counter!(name, "signal" => signal.name()).increment(0);
        }
    }
}

/// Counts. Labels are closed labels and ids of configured components.
#[derive(Debug)]
pub struct Metrics;

impl Metrics {
    /// Records that a receiver took.
    pub fn accepted(receiver: &Component, transport: Transport, signal: Signal, records: u64) {
        let name = match signal {
            Signal::Traces => "otelcol_receiver_accepted_spans_total",
            Signal::Metrics => "otelcol_receiver_accepted_metric_points_total",
            Signal::Logs => "otelcol_receiver_accepted_log_records_total",
            Signal::Profiles => "otelcol_receiver_accepted_samples_total",
        };
        counter!(name, receiver_labels(receiver, transport)).increment(records);
    }

    /// Records that a receiver refused; a request whose records were never counted is one.
    pub fn refused(receiver: &Component, transport: Transport, signal: Signal, records: u64) {
        let name = match signal {
            Signal::Traces => "otelcol_receiver_refused_spans_total",
            Signal::Metrics => "otelcol_receiver_refused_metric_points_total",
            Signal::Logs => "otelcol_receiver_refused_log_records_total",
            Signal::Profiles => "otelcol_receiver_refused_samples_total",
        };
        counter!(name, receiver_labels(receiver, transport)).increment(records);
    }

    /// Records that a backend took.
    pub fn sent(exporter: &Component, signal: Signal, records: u64) {
        let name = match signal {
            Signal::Traces => "otelcol_exporter_sent_spans_total",
            Signal::Metrics => "otelcol_exporter_sent_metric_points_total",
            Signal::Logs => "otelcol_exporter_sent_log_records_total",
            Signal::Profiles => "otelcol_exporter_sent_samples_total",
        };
        counter!(name, exporter_labels(exporter)).increment(records);
    }

    /// An exporter that has done nothing yet.
    pub fn exporter(exporter: &Component) {
        Self::paused(exporter, false);
        for reason in DROPS {
            Self::dropped(exporter, reason, 0);
        }
        Self::rejected(exporter, 0);
    }

    /// Records that an exporter gave up.
    pub fn send_failed(exporter: &Component, signal: Signal, reason: &'static str, records: u64) {
        let name = match signal {
            Signal::Traces => "otelcol_exporter_send_failed_spans_total",
            Signal::Metrics => "otelcol_exporter_send_failed_metric_points_total",
            Signal::Logs => "otelcol_exporter_send_failed_log_records_total",
            Signal::Profiles => "otelcol_exporter_send_failed_samples_total",
        };
        counter!(name, exporter_labels(exporter)).increment(records);
        Self::dropped(exporter, reason, records);
    }

    fn dropped(exporter: &Component, reason: &'static str, records: u64) {
        let labels = exporter_labels(exporter).into_iter().chain([Label::from_static_parts("reason", reason)]);
        counter!("scrubjay_exporter_dropped_records_total", labels.collect::<Vec<_>>()).increment(records);
    }

    /// Records that found no room in an exporter's queue; the client was asked to send them again.
    pub fn enqueue_failed(exporter: &Component, signal: Signal, records: u64) {
        let name = match signal {
            Signal::Traces => "otelcol_exporter_enqueue_failed_spans_total",
            Signal::Metrics => "otelcol_exporter_enqueue_failed_metric_points_total",
            Signal::Logs => "otelcol_exporter_enqueue_failed_log_records_total",
            Signal::Profiles => "otelcol_exporter_enqueue_failed_samples_total",
        };
        counter!(name, exporter_labels(exporter)).increment(records);
    }

    /// Records that a backend refused out of a batch it took.
    pub fn rejected(exporter: &Component, records: u64) {
        counter!("scrubjay_exporter_rejected_records_total", exporter_labels(exporter)).increment(records);
    }

    /// A backend took a batch and warned.
    pub fn warned(exporter: &Component) {
        counter!("scrubjay_exporter_warnings_total", exporter_labels(exporter)).increment(1);
    }

    /// A batch that a backend finds too large is halved.
    pub fn split(exporter: &Component) {
        counter!("scrubjay_exporter_splits_total", exporter_labels(exporter)).increment(1);
    }

    /// Data points of running totals that an exporter left out.
    pub fn cumulative(exporter: &Component, points: u64) {
        counter!("scrubjay_exporter_cumulative_points_total", exporter_labels(exporter)).increment(points);
    }

    /// A delivery that is tried again.
    pub fn retried(exporter: &Component, reason: &'static str) {
        let labels = exporter_labels(exporter).into_iter().chain([Label::from_static_parts("reason", reason)]);
        counter!("scrubjay_exporter_retries_total", labels.collect::<Vec<_>>()).increment(1);
    }

    /// Whether an exporter stands still because the backend refuses it.
    pub fn paused(exporter: &Component, paused: bool) {
        gauge!("scrubjay_exporter_paused", exporter_labels(exporter)).set(if paused { 1.0 } else { 0.0 });
    }

    /// How many batches an exporter sends at once.
    pub fn concurrency(exporter: &Component, limit: f64) {
        gauge!("scrubjay_exporter_concurrency", exporter_labels(exporter)).set(limit);
    }

    /// How much memory the process may take, and how short it is.
    pub fn memory(limit: usize, pressure: u8) {
        gauge!("scrubjay_memory_limit").set(limit as f64);
        gauge!("scrubjay_memory_pressure").set(f64::from(pressure));
    }

    /// Makes the counters of reloads count from zero.
    pub fn reloads() {
        for result in ["ok", "failed", "refused"] {
            counter!("scrubjay_reloads_total", "result" => result).increment(0);
        }
    }

    /// New rules were asked for, with this result: `ok`, `failed`, `refused`.
    pub fn reloaded(result: &'static str) {
        counter!("scrubjay_reloads_total", "result" => result).increment(1);
    }

    /// How many things the configuration makes less be found by than the packs say.
    pub fn weakenings(count: usize) {
        gauge!("scrubjay_weakenings").set(count as f64);
    }

    /// How full an exporter's queue is, in bytes.
    pub fn queue(exporter: &Component, size: usize, capacity: usize) {
        gauge!("otelcol_exporter_queue_size", exporter_labels(exporter)).set(size as f64);
        gauge!("otelcol_exporter_queue_capacity", exporter_labels(exporter)).set(capacity as f64);
    }

    /// Bytes of requests that are being read or scrubbed from now on.
    pub fn raw_bytes_taken(bytes: usize) {
        gauge!("scrubjay_raw_bytes").increment(bytes as f64);
    }

    /// Bytes of requests that no longer are.
    pub fn raw_bytes_returned(bytes: usize) {
        gauge!("scrubjay_raw_bytes").decrement(bytes as f64);
    }

    /// What a scrub did.
    pub fn scrubbed(report: &Report) {
        findings(&report.findings);
        for (rule, count) in &report.shadowed {
            counter!("phi_shadow_findings_total", "rule" => rule.to_string()).increment(*count);
        }
        if report.unscanned > 0 {
            counter!("phi_unscanned_total").increment(report.unscanned);
        }
        Self::unknown_fields(report.unknown_fields);
        if report.mended > 0 {
            counter!("phi_mended_total").increment(report.mended);
        }
    }

    /// Fields that are not part of the format and went.
    pub fn unknown_fields(fields: u64) {
        if fields > 0 {
            counter!("phi_unknown_fields_total").increment(fields);
        }
    }

    /// A batch the engine failed on.
    pub fn engine_failed(reason: &'static str) {
        counter!("phi_engine_failures_total", "reason" => reason).increment(1);
    }

    /// A batch that was given up because the engine failed on it too often.
    pub fn quarantined(signal: Signal) {
        counter!("scrubjay_quarantined_batches_total", "signal" => signal.name()).increment(1);
    }

    /// Acknowledged records that are gone.
    pub fn lost(signal: Signal, records: u64) {
        counter!("scrubjay_lost_records_total", "signal" => signal.name()).increment(records);
    }

    /// A request that was let go without an answer.
    pub fn unsettled(signal: Signal) {
        counter!("scrubjay_unsettled_requests_total", "signal" => signal.name()).increment(1);
    }

    /// A connection is open.
    pub fn connection_opened(component: &Component) {
        gauge!("scrubjay_connections", "receiver" => component.id().to_owned()).increment(1.0);
    }

    /// A connection is not any more.
    pub fn connection_ended(component: &Component) {
        gauge!("scrubjay_connections", "receiver" => component.id().to_owned()).decrement(1.0);
    }

    /// A connection that was closed for this reason: `handshake`, `silent`, `idle`, `flood`.
    pub fn connection_closed(component: &Component, reason: &'static str) {
        let labels = [("receiver", component.id().to_owned()), ("reason", reason.to_owned())];
        counter!("scrubjay_connections_closed_total", &labels).increment(1);
    }

    /// A request that its sender may not send: `unauthenticated`, `forbidden`, `too_fast`.
    pub fn denied(component: &Component, reason: &'static str) {
        let labels = [("receiver", component.id().to_owned()), ("reason", reason.to_owned())];
        counter!("scrubjay_requests_denied_total", &labels).increment(1);
    }

    /// A listener's certificates have changed: `ok`, `failed`.
    pub fn certificates(component: &Component, result: &'static str) {
        let labels = [("receiver", component.id().to_owned()), ("result", result.to_owned())];
        counter!("scrubjay_certificate_reloads_total", &labels).increment(1);
    }

    /// Until when a listener's certificate is valid, in seconds since 1970.
    pub fn certificate_ends(component: &Component, until: i64) {
        gauge!("scrubjay_certificate_expiry_seconds", "receiver" => component.id().to_owned()).set(until as f64);
    }

    /// An exporter's certificates, or whom it believes, have changed: `ok`, `failed`.
    pub fn certificates_of_exporter(component: &Component, result: &'static str) {
        let labels = [("exporter", component.id().to_owned()), ("result", result.to_owned())];
        counter!("scrubjay_certificate_reloads_total", &labels).increment(1);
    }

    /// Until when the certificate that an exporter shows is valid, in seconds since 1970.
    pub fn certificate_of_exporter_ends(component: &Component, until: i64) {
        gauge!("scrubjay_certificate_expiry_seconds", "exporter" => component.id().to_owned()).set(until as f64);
    }

    /// A connection that was closed because there were too many.
    pub fn connection_refused(component: &Component) {
        counter!("scrubjay_connections_refused_total", "receiver" => component.id().to_owned()).increment(1);
    }
}

fn findings(counts: &Counts) {
    for ((identifier, place, action), count) in counts {
        let labels = [("identifier", identifier.label()), ("place_kind", place.label()), ("action", action.label())];
        counter!("phi_findings_total", &labels).increment(*count);
    }
}

fn receiver_labels(receiver: &Component, transport: Transport) -> Vec<Label> {
    vec![Label::new("receiver", receiver.id().to_owned()), Label::from_static_parts("transport", transport.label())]
}

fn exporter_labels(exporter: &Component) -> Vec<Label> {
    vec![Label::new("exporter", exporter.id().to_owned())]
}
