//! Metrics.

use super::Reason;
use super::Scrub::*;
use super::Type::*;
use super::common::{KEY_VALUE, RESOURCE, SCOPE};
use super::{Kind, Message, many, one};
use crate::tape::Place;

/// `metrics.v1.ResourceMetrics`.
pub(crate) static RESOURCE_METRICS: Message = Message::new(
    "metrics.v1.ResourceMetrics",
    Kind::Resourced,
    &[
        one(1, "resource", "resource", Nested(&RESOURCE), Enter),
        many(2, "scope_metrics", "scopeMetrics", Nested(&SCOPE_METRICS), Enter),
        one(3, "schema_url", "schemaUrl", String, Text(Place::SchemaUrl)),
    ],
);

/// `metrics.v1.ScopeMetrics`.
pub(crate) static SCOPE_METRICS: Message = Message::new(
    "metrics.v1.ScopeMetrics",
    Kind::Plain,
    &[
        one(1, "scope", "scope", Nested(&SCOPE), Enter),
        many(2, "metrics", "metrics", Nested(&METRIC), Enter),
        one(3, "schema_url", "schemaUrl", String, Text(Place::SchemaUrl)),
    ],
);

/// `metrics.v1.Metric`.
pub(crate) static METRIC: Message = Message::new(
    "metrics.v1.Metric",
    Kind::Plain,
    &[
        one(1, "name", "name", String, Text(Place::MetricName)),
        one(2, "description", "description", String, Text(Place::MetricDescription)),
        one(3, "unit", "unit", String, Text(Place::MetricUnit)),
        one(5, "gauge", "gauge", Nested(&GAUGE), Enter),
        one(7, "sum", "sum", Nested(&SUM), Enter),
        one(9, "histogram", "histogram", Nested(&HISTOGRAM), Enter),
        one(10, "exponential_histogram", "exponentialHistogram", Nested(&EXPONENTIAL_HISTOGRAM), Enter),
        one(11, "summary", "summary", Nested(&SUMMARY), Enter),
        many(12, "metadata", "metadata", Nested(&KEY_VALUE), Attributes(Place::MetricMetadata)),
    ],
)
.with_oneof(&[5, 7, 9, 10, 11]);

/// `metrics.v1.Gauge`.
pub(crate) static GAUGE: Message = Message::new(
    "metrics.v1.Gauge",
    Kind::Plain,
    &[many(1, "data_points", "dataPoints", Nested(&NUMBER_DATA_POINT), Enter)],
);

/// `metrics.v1.Sum`.
pub(crate) static SUM: Message = Message::new(
    "metrics.v1.Sum",
    Kind::Plain,
    &[
        many(1, "data_points", "dataPoints", Nested(&NUMBER_DATA_POINT), Enter),
        one(2, "aggregation_temporality", "aggregationTemporality", Enum, Keep(Reason::Enumerated)),
        one(3, "is_monotonic", "isMonotonic", Bool, Keep(Reason::Enumerated)),
    ],
);

/// `metrics.v1.Histogram`.
pub(crate) static HISTOGRAM: Message = Message::new(
    "metrics.v1.Histogram",
    Kind::Plain,
    &[
        many(1, "data_points", "dataPoints", Nested(&HISTOGRAM_DATA_POINT), Enter),
        one(2, "aggregation_temporality", "aggregationTemporality", Enum, Keep(Reason::Enumerated)),
    ],
);

/// `metrics.v1.ExponentialHistogram`.
pub(crate) static EXPONENTIAL_HISTOGRAM: Message = Message::new(
    "metrics.v1.ExponentialHistogram",
    Kind::Plain,
    &[
        many(1, "data_points", "dataPoints", Nested(&EXPONENTIAL_HISTOGRAM_DATA_POINT), Enter),
        one(2, "aggregation_temporality", "aggregationTemporality", Enum, Keep(Reason::Enumerated)),
    ],
);

/// `metrics.v1.Summary`.
pub(crate) static SUMMARY: Message = Message::new(
    "metrics.v1.Summary",
    Kind::Plain,
    &[many(1, "data_points", "dataPoints", Nested(&SUMMARY_DATA_POINT), Enter)],
);

/// `metrics.v1.NumberDataPoint`.
pub(crate) static NUMBER_DATA_POINT: Message = Message::new(
    "metrics.v1.NumberDataPoint",
    Kind::Record,
    &[
        one(2, "start_time_unix_nano", "startTimeUnixNano", Fixed64, Keep(Reason::Time)),
        one(3, "time_unix_nano", "timeUnixNano", Fixed64, Keep(Reason::Time)),
        one(4, "as_double", "asDouble", Double, Keep(Reason::Measurement)),
        many(5, "exemplars", "exemplars", Nested(&EXEMPLAR), Enter),
        one(6, "as_int", "asInt", Sfixed64, Keep(Reason::Measurement)),
        many(7, "attributes", "attributes", Nested(&KEY_VALUE), Attributes(Place::MetricLabel)),
        one(8, "flags", "flags", Uint32, Keep(Reason::Enumerated)),
    ],
)
.with_oneof(&[4, 6]);

/// `metrics.v1.HistogramDataPoint`.
pub(crate) static HISTOGRAM_DATA_POINT: Message = Message::new(
    "metrics.v1.HistogramDataPoint",
    Kind::Record,
    &[
        one(2, "start_time_unix_nano", "startTimeUnixNano", Fixed64, Keep(Reason::Time)),
        one(3, "time_unix_nano", "timeUnixNano", Fixed64, Keep(Reason::Time)),
        one(4, "count", "count", Fixed64, Keep(Reason::Count)),
        one(5, "sum", "sum", Double, Keep(Reason::Measurement)),
        many(6, "bucket_counts", "bucketCounts", Fixed64, Keep(Reason::Count)),
        many(7, "explicit_bounds", "explicitBounds", Double, Keep(Reason::Measurement)),
        many(8, "exemplars", "exemplars", Nested(&EXEMPLAR), Enter),
        many(9, "attributes", "attributes", Nested(&KEY_VALUE), Attributes(Place::MetricLabel)),
        one(10, "flags", "flags", Uint32, Keep(Reason::Enumerated)),
        one(11, "min", "min", Double, Keep(Reason::Measurement)),
        one(12, "max", "max", Double, Keep(Reason::Measurement)),
    ],
);

/// `metrics.v1.ExponentialHistogramDataPoint`.
pub(crate) static EXPONENTIAL_HISTOGRAM_DATA_POINT: Message = Message::new(
    "metrics.v1.ExponentialHistogramDataPoint",
    Kind::Record,
    &[
        many(1, "attributes", "attributes", Nested(&KEY_VALUE), Attributes(Place::MetricLabel)),
        one(2, "start_time_unix_nano", "startTimeUnixNano", Fixed64, Keep(Reason::Time)),
        one(3, "time_unix_nano", "timeUnixNano", Fixed64, Keep(Reason::Time)),
        one(4, "count", "count", Fixed64, Keep(Reason::Count)),
        one(5, "sum", "sum", Double, Keep(Reason::Measurement)),
        one(6, "scale", "scale", Sint32, Keep(Reason::Measurement)),
        one(7, "zero_count", "zeroCount", Fixed64, Keep(Reason::Count)),
        one(8, "positive", "positive", Nested(&BUCKETS), Enter),
        one(9, "negative", "negative", Nested(&BUCKETS), Enter),
        one(10, "flags", "flags", Uint32, Keep(Reason::Enumerated)),
        many(11, "exemplars", "exemplars", Nested(&EXEMPLAR), Enter),
        one(12, "min", "min", Double, Keep(Reason::Measurement)),
        one(13, "max", "max", Double, Keep(Reason::Measurement)),
        one(14, "zero_threshold", "zeroThreshold", Double, Keep(Reason::Measurement)),
    ],
);

/// `metrics.v1.ExponentialHistogramDataPoint.Buckets`.
pub(crate) static BUCKETS: Message = Message::new(
    "metrics.v1.ExponentialHistogramDataPoint.Buckets",
    Kind::Plain,
    &[
        one(1, "offset", "offset", Sint32, Keep(Reason::Measurement)),
        many(2, "bucket_counts", "bucketCounts", Uint64, Keep(Reason::Count)),
    ],
);

/// `metrics.v1.SummaryDataPoint`.
pub(crate) static SUMMARY_DATA_POINT: Message = Message::new(
    "metrics.v1.SummaryDataPoint",
    Kind::Record,
    &[
        one(2, "start_time_unix_nano", "startTimeUnixNano", Fixed64, Keep(Reason::Time)),
        one(3, "time_unix_nano", "timeUnixNano", Fixed64, Keep(Reason::Time)),
        one(4, "count", "count", Fixed64, Keep(Reason::Count)),
        one(5, "sum", "sum", Double, Keep(Reason::Measurement)),
        many(6, "quantile_values", "quantileValues", Nested(&VALUE_AT_QUANTILE), Enter),
        many(7, "attributes", "attributes", Nested(&KEY_VALUE), Attributes(Place::MetricLabel)),
        one(8, "flags", "flags", Uint32, Keep(Reason::Enumerated)),
    ],
);

/// `metrics.v1.SummaryDataPoint.ValueAtQuantile`.
pub(crate) static VALUE_AT_QUANTILE: Message = Message::new(
    "metrics.v1.SummaryDataPoint.ValueAtQuantile",
    Kind::Plain,
    &[
        one(1, "quantile", "quantile", Double, Keep(Reason::Measurement)),
        one(2, "value", "value", Double, Keep(Reason::Measurement)),
    ],
);

/// `metrics.v1.Exemplar`.
pub(crate) static EXEMPLAR: Message = Message::new(
    "metrics.v1.Exemplar",
    Kind::Plain,
    &[
        one(2, "time_unix_nano", "timeUnixNano", Fixed64, Keep(Reason::Time)),
        one(3, "as_double", "asDouble", Double, Keep(Reason::Measurement)),
        one(4, "span_id", "spanId", Hex, Id(8)),
        one(5, "trace_id", "traceId", Hex, Id(16)),
        one(6, "as_int", "asInt", Sfixed64, Keep(Reason::Measurement)),
        many(7, "filtered_attributes", "filteredAttributes", Nested(&KEY_VALUE), Attributes(Place::ExemplarAttribute)),
    ],
)
.with_oneof(&[3, 6]);

/// `collector.metrics.v1.ExportMetricsServiceRequest`.
pub(crate) static METRICS_REQUEST: Message = Message::new(
    "collector.metrics.v1.ExportMetricsServiceRequest",
    Kind::Plain,
    &[many(1, "resource_metrics", "resourceMetrics", Nested(&RESOURCE_METRICS), Enter)],
);
