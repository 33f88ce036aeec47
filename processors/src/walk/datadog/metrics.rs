//! Series v2 and distributions.

use super::{many, one};
use crate::tape::Place;
use crate::walk::otlp::Scrub::*;
use crate::walk::otlp::Type::*;
use crate::walk::otlp::{Kind, Message, Reason};

/// `datadog.agentpayload.MetricPayload`.
pub(super) static METRIC_PAYLOAD: Message =
    Message::new("MetricPayload", Kind::Plain, &[many(1, "series", Nested(&METRIC_SERIES), Enter)]);

static METRIC_SERIES: Message = Message::new(
    "MetricPayload.MetricSeries",
    Kind::Tagged,
    &[
        many(1, "resources", Nested(&RESOURCE), Enter),
        one(2, "metric", String, Text(Place::MetricName)),
        many(3, "tags", String, Tags(Place::MetricLabel)),
        many(4, "points", Nested(&POINT), Enter),
        one(5, "type", Enum, Keep(Reason::Enumerated)),
        one(6, "unit", String, Text(Place::MetricUnit)),
        one(7, "source_type_name", String, Under("source_type_name", Place::ResourceAttribute)),
        one(8, "interval", Int64, Keep(Reason::Time)),
        one(9, "metadata", Nested(&METADATA), Enter),
    ],
);

/// A host or the like. That it has a `name` does not make that anybody's.
static RESOURCE: Message = Message::new(
    "MetricPayload.Resource",
    Kind::Plain,
    &[one(1, "type", String, Text(Place::ResourceAttribute)), one(2, "name", String, Text(Place::ResourceAttribute))],
);

static POINT: Message = Message::new(
    "MetricPayload.MetricPoint",
    Kind::Plain,
    &[one(1, "value", Double, Keep(Reason::Measurement)), one(2, "timestamp", Int64, Keep(Reason::Time))],
);

static METADATA: Message = Message::new("Metadata", Kind::Plain, &[one(1, "origin", Nested(&ORIGIN), Enter)]);

/// Which product a metric comes from, in numbers.
static ORIGIN: Message = Message::new(
    "Origin",
    Kind::Plain,
    &[
        one(3, "metric_type", Uint32, Keep(Reason::Enumerated)),
        one(4, "origin_product", Uint32, Keep(Reason::Enumerated)),
        one(5, "origin_category", Uint32, Keep(Reason::Enumerated)),
        one(6, "origin_service", Uint32, Keep(Reason::Enumerated)),
    ],
);

/// `datadog.agentpayload.SketchPayload`.
pub(super) static SKETCH_PAYLOAD: Message = Message::new(
    "SketchPayload",
    Kind::Plain,
    &[many(1, "sketches", Nested(&SKETCH), Enter), one(2, "metadata", Nested(&COMMON_METADATA), Enter)],
);

static SKETCH: Message = Message::new(
    "SketchPayload.Sketch",
    Kind::Tagged,
    &[
        one(1, "metric", String, Text(Place::MetricName)),
        one(2, "host", String, Under("host", Place::ResourceAttribute)),
        many(3, "distributions", Nested(&DISTRIBUTION), Enter),
        many(4, "tags", String, Tags(Place::MetricLabel)),
        many(7, "dogsketches", Nested(&DOGSKETCH), Enter),
        one(8, "metadata", Nested(&METADATA), Enter),
    ],
);

static DISTRIBUTION: Message = Message::new(
    "SketchPayload.Sketch.Distribution",
    Kind::Plain,
    &[
        one(1, "ts", Int64, Keep(Reason::Time)),
        one(2, "cnt", Int64, Keep(Reason::Count)),
        one(3, "min", Double, Keep(Reason::Measurement)),
        one(4, "max", Double, Keep(Reason::Measurement)),
        one(5, "avg", Double, Keep(Reason::Measurement)),
        one(6, "sum", Double, Keep(Reason::Measurement)),
        many(7, "v", Double, Keep(Reason::Measurement)),
        many(8, "g", Uint32, Keep(Reason::Count)),
        many(9, "delta", Uint32, Keep(Reason::Count)),
        many(10, "buf", Double, Keep(Reason::Measurement)),
    ],
);

static DOGSKETCH: Message = Message::new(
    "SketchPayload.Sketch.Dogsketch",
    Kind::Plain,
    &[
        one(1, "ts", Int64, Keep(Reason::Time)),
        one(2, "cnt", Int64, Keep(Reason::Count)),
        one(3, "min", Double, Keep(Reason::Measurement)),
        one(4, "max", Double, Keep(Reason::Measurement)),
        one(5, "avg", Double, Keep(Reason::Measurement)),
        one(6, "sum", Double, Keep(Reason::Measurement)),
        many(7, "k", Sint32, Keep(Reason::Measurement)),
        many(8, "n", Uint32, Keep(Reason::Count)),
    ],
);

static COMMON_METADATA: Message = Message::new(
    "CommonMetadata",
    Kind::Plain,
    &[
        one(1, "agent_version", String, Text(Place::ResourceAttribute)),
        one(2, "timezone", String, Text(Place::ResourceAttribute)),
        one(3, "current_epoch", Double, Keep(Reason::Time)),
        one(4, "internal_ip", String, Under("internal_ip", Place::ResourceAttribute)),
        one(5, "public_ip", String, Under("public_ip", Place::ResourceAttribute)),
        // A secret, and the exporter has one of its own.
        one(6, "api_key", String, Payload),
    ],
);
