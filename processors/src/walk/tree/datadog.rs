//! What Datadog's tracers and Agents send: traces in MessagePack, logs and series in JSON.

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
