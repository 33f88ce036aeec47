//! What Datadog's tracers and Agents send: traces in MessagePack, logs and series in JSON.
//! What is counted of spans has a table of its own (`stats.rs`), and so has what comes in protobuf (`walk/datadog/`).

use super::shape::{Map, Node, here, keyed, open, plain};
use crate::tape::Place;
use crate::walk::otlp::Reason;

/// Traces v0.3 and v0.4: lists of spans.
pub(super) static TRACES: Node = Node::List(&TRACE);
static TRACE: Node = Node::List(&SPAN_NODE);
static SPAN_NODE: Node = Node::Map(&SPAN);

/// A span. Fields that hold numbers by their format pass unread; attributes lie in `meta`, `metrics` and `meta_struct`.
static SPAN: Map = Map::record(&[
    keyed("service", Place::ResourceAttribute, Node::Any),
    plain("name", Place::SpanName, Node::Any),
    plain("resource", Place::SpanName, Node::Statement),
    here("type", Node::Any),
    here("trace_id", Node::Id),
    here("span_id", Node::Id),
    here("parent_id", Node::Id),
    here("start", Node::Keep(Reason::Time)),
    here("duration", Node::Keep(Reason::Time)),
    here("error", Node::Keep(Reason::Enumerated)),
    plain("meta", Place::SpanAttribute, Node::Map(&META)),
    plain("metrics", Place::SpanAttribute, Node::Any),
    plain("meta_struct", Place::SpanAttribute, Node::Map(&PACKED)),
    plain("span_links", Place::LinkAttribute, LINKS),
    plain("span_events", Place::EventAttribute, Node::List(&EVENT)),
]);

/// Attributes, and among them what belongs to the trace: the upper half of its id.
static META: Map = Map::of(&[here("_dd.p.tid", Node::Id), here("_dd.parent_id", Node::Id)]);

/// Whether a key of `meta` holds an id by its format.
pub(super) fn is_id_key(key: &[u8]) -> bool {
    META.entry(key).is_some()
}

/// Documents below keys.
static PACKED: Map = Map::of(&[]).with_rest(Node::Packed);

const LINKS: Node = Node::List(&LINK);
static LINK: Node = Node::Map(&Map::of(&[
    here("trace_id", Node::Id),
    here("trace_id_high", Node::Id),
    here("trace_id_low", Node::Id),
    here("span_id", Node::Id),
    here("flags", Node::Keep(Reason::Enumerated)),
    keyed("tracestate", Place::TraceState, Node::Any),
    open("attributes", Node::Any),
]));

static EVENT: Node = Node::Map(&Map::of(&[
    plain("name", Place::EventName, Node::Any),
    here("time_unix_nano", Node::Keep(Reason::Time)),
    open("attributes", Node::Map(&ATTRIBUTES)),
]));

/// Attributes whose values say their types.
static ATTRIBUTES: Map = Map::of(&[]).with_rest(Node::Map(&TYPED));
static TYPED: Map = Map::of(&[
    here("type", Node::Keep(Reason::Enumerated)),
    open("string_value", Node::Any),
    open("bool_value", Node::Any),
    open("int_value", Node::Any),
    open("double_value", Node::Any),
    open("array_value", Node::Map(&TYPED_LIST)),
]);
static TYPED_LIST: Map = Map::of(&[open("values", Node::List(&TYPED_NODE))]);
static TYPED_NODE: Node = Node::Map(&TYPED);

/// Traces v0.7: chunks of spans, and what is said of all of them.
pub(super) static TRACE_PAYLOAD: Node =
    Node::Map(&Map::of(&[open("tags", Node::Any), open("chunks", Node::List(&CHUNK))]));
static CHUNK: Node = Node::Map(&Map::of(&[
    plain("spans", Place::SpanAttribute, TRACES_OF_CHUNK),
    here("priority", Node::Keep(Reason::Enumerated)),
    open("tags", Node::Any),
]));
const TRACES_OF_CHUNK: Node = Node::List(&SPAN_NODE);

/// What LLM Observability is told: spans in events, with prompts and answers below `meta`.
pub(super) static LLM_EVENTS: Node = Node::List(&LLM_EVENT);
static LLM_EVENT: Node = Node::Map(&Map::of(&[
    open("spans", Node::List(&LLM_SPAN)),
    here("event_type", Node::Any),
    here("_dd.stage", Node::Any),
]));
static LLM_SPAN: Node = Node::Map(&Map::record(&[
    here("trace_id", Node::Id),
    here("span_id", Node::Id),
    here("parent_id", Node::Id),
    plain("name", Place::SpanName, Node::Any),
    here("start_ns", Node::Keep(Reason::Time)),
    here("duration", Node::Keep(Reason::Time)),
    keyed("service", Place::ResourceAttribute, Node::Any),
    open("meta", Node::Any),
    open("metrics", Node::Any),
    open("_dd", Node::Map(&LLM_IDS)),
]));
/// The ids of a span once more, and of the trace that it belongs to.
static LLM_IDS: Map = Map::of(&[here("trace_id", Node::Id), here("apm_trace_id", Node::Id), here("span_id", Node::Id)]);

/// What is said of answers: by whom, in which words, of which span.
pub(super) static LLM_EVALUATIONS: Node = Node::Map(&Map::of(&[open("data", Node::Map(&EVALUATED))]));
static EVALUATED: Map = Map::of(&[open("attributes", Node::Map(&EVALUATIONS))]);
static EVALUATIONS: Map = Map::of(&[open("metrics", Node::List(&EVALUATION))]);
static EVALUATION: Node = Node::Map(&Map::record(&[
    open("join_on", Node::Map(&Map::of(&[open("span", Node::Map(&LLM_IDS))]))),
    here("timestamp_ms", Node::Keep(Reason::Time)),
    here("score_value", Node::Keep(Reason::Measurement)),
]));

/// Logs v1 and v2: a list of records, or one.
pub(super) static LOGS: Node = Node::List(&LOG);
static LOG: Node = Node::Map(&Map::record(&[
    keyed("message", Place::LogBody, Node::Any),
    keyed("status", Place::SeverityText, Node::Any),
    keyed("hostname", Place::ResourceAttribute, Node::Any),
    keyed("service", Place::ResourceAttribute, Node::Any),
    keyed("ddsource", Place::ResourceAttribute, Node::Any),
    keyed("ddtags", Place::ResourceAttribute, Node::Any),
    here("timestamp", Node::Time),
    here("date", Node::Time),
]));

/// Series v1.
pub(super) static SERIES: Node = Node::Map(&Map::of(&[open("series", Node::List(&ONE_SERIES))]));
static ONE_SERIES: Node = Node::Map(&Map::record(&[
    plain("metric", Place::MetricName, Node::Any),
    here("points", Node::List(&POINT)),
    keyed("host", Place::ResourceAttribute, Node::Any),
    here("interval", Node::Keep(Reason::Time)),
    here("tags", Node::Any),
]));
/// A time and a value.
static POINT: Node = Node::List(&Node::Keep(Reason::Measurement));

/// Series v2, as they stand in JSON.
pub(super) static METRICS: Node = Node::Map(&Map::of(&[open("series", Node::List(&ONE_METRIC))]));
static ONE_METRIC: Node = Node::Map(&Map::record(&[
    plain("metric", Place::MetricName, Node::Any),
    here("type", Node::Keep(Reason::Enumerated)),
    open("points", Node::List(&MEASURED)),
    here("tags", Node::Any),
    plain("resources", Place::ResourceAttribute, Node::List(&RESOURCE)),
    plain("unit", Place::MetricUnit, Node::Any),
    keyed("source_type_name", Place::ResourceAttribute, Node::Any),
    here("interval", Node::Keep(Reason::Time)),
    open("metadata", Node::Any),
]));
static MEASURED: Node =
    Node::Map(&Map::of(&[here("timestamp", Node::Keep(Reason::Time)), here("value", Node::Keep(Reason::Measurement))]));
/// A host or the like. That it has a `name` does not make that anybody's.
static RESOURCE: Node = Node::Map(&Map::of(&[open("name", Node::Any), open("type", Node::Any)]));
