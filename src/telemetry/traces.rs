//! Own traces: a span for each batch that came in, sent by the OpenTelemetry SDK to where the operator says. Off unless
//! they say so.
//!
//! Spans hold closed types only, like log lines. They are marked on their way, and what bears the mark makes no spans: a
//! collector that is sent its own traces, or two that send them to each other, would go on for ever.

use super::{Component, Transport};
use opentelemetry::KeyValue;
use opentelemetry::trace::{Span as _, SpanKind, Status, Tracer as _, TracerProvider as _};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithTonicConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, Span};
use processors::walk::otlp::Signal;
use std::sync::OnceLock;
use std::time::Duration;
use tonic::metadata::{MetadataMap, MetadataValue};

/// The header that own telemetry bears.
pub const OWN_TELEMETRY: &str = "x-scrubjay-own-telemetry";

/// How long one export may take.
const TIMEOUT: Duration = Duration::from_secs(5);

static TRACER: OnceLock<SdkTracer> = OnceLock::new();

/// The traces of this process.
#[derive(Debug)]
pub struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// Starts sending spans over OTLP/gRPC to this URL; within a runtime. `None` if the URL is none, or this process
    /// sends some already.
    #[must_use]
    pub fn start(endpoint: &str) -> Option<Self> {
        let mut mark = MetadataMap::new();
        mark.insert(OWN_TELEMETRY, MetadataValue::from_static("1"));
        let exporter = SpanExporter::builder().with_tonic().with_endpoint(endpoint).with_timeout(TIMEOUT);
        let exporter = exporter.with_metadata(mark).build().ok()?;
        let resource = Resource::builder_empty()
            .with_service_name("scrubjay")
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder().with_resource(resource).with_batch_exporter(exporter).build();
        TRACER.set(provider.tracer("scrubjay")).ok()?;
        Some(Self { provider })
    }

    /// Sends what is left and stops. Blocks for some seconds at most; what cannot be sent is gone.
    pub fn stop(self) {
        let _best_effort = self.provider.shutdown_with_timeout(TIMEOUT);
    }
}

/// The span of one batch, from its arrival until its client can be answered. Nothing where no traces are sent.
pub struct BatchSpan(Option<Span>);

impl BatchSpan {
    /// Begins.
    #[must_use]
    pub fn begin(receiver: &Component, transport: Transport, signal: Signal, bytes: usize) -> Self {
        Self(TRACER.get().map(|tracer| {
            let attributes = [
                KeyValue::new("receiver", receiver.id().to_owned()),
                KeyValue::new("transport", transport.label()),
                KeyValue::new("signal", signal.name()),
                KeyValue::new("bytes", i64::try_from(bytes).unwrap_or(i64::MAX)),
            ];
            tracer.span_builder("batch").with_kind(SpanKind::Server).with_attributes(attributes).start(tracer)
        }))
    }

    /// No span.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    /// Ends it: how many records were taken, or why none was.
    pub fn end(&mut self, outcome: Result<u64, &'static str>) {
        let Some(mut span) = self.0.take() else { return };
        match outcome {
            Ok(records) => {
                span.set_attribute(KeyValue::new("records", i64::try_from(records).unwrap_or(i64::MAX)));
            }
            Err(refusal) => {
                span.set_attribute(KeyValue::new("refusal", refusal));
                span.set_status(Status::error(refusal));
            }
        }
        span.end();
    }
}

impl std::fmt::Debug for BatchSpan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("BatchSpan").field(&self.0.is_some()).finish()
    }
}
