//! Metrics as Datadog's OTLP intake takes them: increments, no running totals.

use super::super::SendError;
use crate::telemetry::{Component, Event, Metrics};
use bytes::Bytes;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::{AggregationTemporality, Metric, metric::Data};
use prost::Message as _;

/// What may be sent of a request.
pub(super) struct Deltas {
    /// The request; `None` if nothing is left of it.
    pub(super) body: Option<Bytes>,
    /// How many data points of running totals were left out.
    pub(super) cumulative: u64,
}

/// Leaves running totals out of a request. Without one, the bytes stay the same.
pub(super) fn deltas(body: Bytes) -> Result<Deltas, SendError> {
    let mut request = ExportMetricsServiceRequest::decode(body.clone()).map_err(|_| SendError::Unsendable)?;
    let mut cumulative = 0;
    let mut left = false;
    for resource in &mut request.resource_metrics {
        for scope in &mut resource.scope_metrics {
            scope.metrics.retain(|metric| match running(metric) {
                Some(points) => {
                    cumulative += points;
                    false
                }
                None => {
                    left = true;
                    true
                }
            });
        }
    }
    let body = match (cumulative, left) {
        (0, _) => Some(body),
        (_, true) => Some(request.encode_to_vec().into()),
        (_, false) => None,
    };
    Ok(Deltas { body, cumulative })
}

/// How many data points a running total has; `None` for what is none. A sum that may fall is taken as a gauge.
fn running(metric: &Metric) -> Option<u64> {
    let cumulative = |temporality| temporality == AggregationTemporality::Cumulative as i32;
    match &metric.data {
        Some(Data::Sum(sum)) if sum.is_monotonic && cumulative(sum.aggregation_temporality) => {
            Some(sum.data_points.len() as u64)
        }
        Some(Data::Histogram(histogram)) if cumulative(histogram.aggregation_temporality) => {
            Some(histogram.data_points.len() as u64)
        }
        Some(Data::ExponentialHistogram(histogram)) if cumulative(histogram.aggregation_temporality) => {
            Some(histogram.data_points.len() as u64)
        }
        Some(Data::Sum(_) | Data::Histogram(_) | Data::ExponentialHistogram(_) | Data::Gauge(_) | Data::Summary(_))
        | None => None,
    }
}

/// Says that running totals were left out, and what to do about it.
pub(super) fn say(exporter: &Component, points: u64) {
    Metrics::cumulative(exporter, points);
    Event::Cumulative { exporter: exporter.clone(), points }.emit();
}
