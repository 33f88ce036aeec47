//! An application with OpenTelemetry that says too much: `cargo run --example rust-app`.
//!
//! Traces, logs and metrics leave over gRPC to where `OTEL_EXPORTER_OTLP_ENDPOINT` says, without it to
//! `http://localhost:4317`, where `scrubjay run` and `make run` listen. Nothing in it knows of scrubjay. All people in it
//! are made up.

use opentelemetry::trace::{Span as _, SpanKind, Status, Tracer as _, TracerProvider as _};
use opentelemetry::{KeyValue, global};
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_otlp::{LogExporter, MetricExporter, SpanExporter};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::error::Error;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

// Exporters in tonic need a runtime.
#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let resource = Resource::builder().with_service_name("appointments").build();
    let spans = SpanExporter::builder().with_tonic().build()?;
    let logs = LogExporter::builder().with_tonic().build()?;
    let metrics = MetricExporter::builder().with_tonic().build()?;
    let traces = SdkTracerProvider::builder().with_resource(resource.clone()).with_batch_exporter(spans).build();
    let logs = SdkLoggerProvider::builder().with_resource(resource.clone()).with_batch_exporter(logs).build();
    let metrics = SdkMeterProvider::builder().with_resource(resource).with_periodic_exporter(metrics).build();
    global::set_meter_provider(metrics.clone());
    // Only this program's own lines: those of the exporter would be exported, which makes more of them.
    let own = filter_fn(|line| line.target().starts_with(module_path!()));
    tracing_subscriber::registry().with(OpenTelemetryTracingBridge::new(&logs).with_filter(own)).init();

    book(&traces);

    // What is still here leaves now; an exporter that fails says so.
    traces.shutdown()?;
    logs.shutdown()?;
    metrics.shutdown()?;
    Ok(())
}

/// A request as many are served: with more in its telemetry than anybody meant to put there.
fn book(traces: &SdkTracerProvider) {
    let tracer = traces.tracer("appointments");
    let mut span =
        tracer.span_builder("POST /patients/536-22-8147/appointments").with_kind(SpanKind::Server).start(&tracer);
    span.set_attribute(KeyValue::new("http.request.method", "POST"));
    span.set_attribute(KeyValue::new("patient.name", "Yelena Penrose"));
    span.set_attribute(KeyValue::new("patient.mrn", 47_810_926));
    let query = "SELECT id FROM patients WHERE last_name = 'Penrose' AND ssn = '536-22-8147'";
    span.set_attribute(KeyValue::new("db.query.text", query));
    let message = "no slot for patient Yelena Penrose (MRN 47810926)";
    span.add_event("exception", vec![KeyValue::new("exception.message", message)]);
    span.set_status(Status::error(message));

    tracing::warn!(
        patient.email = "y.penrose@clinic.example",
        attempt = 2,
        "call back at (937) 555-0142 about ssn 536-22-8147"
    );

    let booked = global::meter("appointments").u64_counter("appointments.requested").build();
    booked.add(1, &[KeyValue::new("patient.email", "y.penrose@clinic.example"), KeyValue::new("clinic", "north")]);
    span.end();
}
