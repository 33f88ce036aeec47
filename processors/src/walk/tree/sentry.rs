//! What Sentry's SDKs send: events of errors, transactions, and the other items of an envelope.

use super::shape::{Map, Node, here, keyed, open, plain, short};
use crate::tape::Place;
use crate::walk::otlp::Reason;

/// An event: an error, a message, or a transaction.
pub(super) static EVENT: Node = Node::Map(&Map::record(&[
    here("event_id", Node::Id),
    here("timestamp", Node::Time),
    here("start_timestamp", Node::Time),
    keyed("transaction", Place::SpanName, Node::Any),
    keyed("server_name", Place::ResourceAttribute, Node::Any),
    keyed("message", Place::LogBody, Node::Any),
    keyed("logentry", Place::LogBody, Node::Any),
    here("contexts", Node::Map(&CONTEXTS)),
    here("breadcrumbs", Node::Map(&BREADCRUMBS)),
    here("exception", Node::Map(&EXCEPTIONS)),
    here("threads", Node::Map(&THREADS)),
    here("stacktrace", Node::Map(&STACKTRACE)),
    keyed("request", Place::SpanAttribute, Node::Map(&REQUEST)),
    keyed("spans", Place::SpanAttribute, SPANS),
    open("tags", Node::Pairs),
    open("extra", Node::Any),
    open("measurements", Node::Any),
]));

/// Contexts that have ids and texts of their own; others are what their keys say.
static CONTEXTS: Map = Map::of(&[here("trace", Node::Map(&SPAN))]);

/// A span of a transaction, and the context that says the same of the transaction itself.
static SPAN: Map = Map::of(&[
    here("trace_id", Node::Id),
    here("span_id", Node::Id),
    here("parent_span_id", Node::Id),
    here("segment_id", Node::Id),
    here("timestamp", Node::Time),
    here("start_timestamp", Node::Time),
    here("end_timestamp", Node::Time),
    plain("description", Place::SpanName, Node::Statement),
    plain("name", Place::SpanName, Node::Statement),
    open("data", Node::Any),
    open("tags", Node::Pairs),
    open("attributes", Node::Map(&ATTRIBUTES)),
]);
const SPANS: Node = Node::List(&SPAN_NODE);
static SPAN_NODE: Node = Node::Map(&SPAN);

/// Attributes whose values say their types.
static ATTRIBUTES: Map = Map::of(&[]).with_rest(Node::Map(&TYPED));
static TYPED: Map = Map::of(&[open("value", Node::Any)]);

static BREADCRUMBS: Map = Map::of(&[open("values", CRUMBS)]);
const CRUMBS: Node = Node::List(&CRUMB);
static CRUMB: Node =
    Node::Map(&Map::of(&[here("timestamp", Node::Time), here("message", Node::Statement), open("data", Node::Any)]));

static EXCEPTIONS: Map = Map::of(&[open("values", Node::List(&EXCEPTION))]);
static EXCEPTION: Node = Node::Map(&Map::of(&[
    here("stacktrace", Node::Map(&STACKTRACE)),
    here("raw_stacktrace", Node::Map(&STACKTRACE)),
    keyed("value", Place::StatusMessage, Node::Any),
]));
static THREADS: Map = Map::of(&[open("values", Node::List(&THREAD))]);
static THREAD: Node = Node::Map(&Map::of(&[here("stacktrace", Node::Map(&STACKTRACE))]));
static STACKTRACE: Map = Map::of(&[here("frames", Node::List(&FRAME))]);
/// The variables of a frame are keyed by their own names.
static FRAME: Node = Node::Map(&Map::of(&[
    here("lineno", Node::Keep(Reason::Index)),
    here("colno", Node::Keep(Reason::Index)),
    open("vars", Node::Any),
]));

/// Headers and queries come as maps or as pairs.
static REQUEST: Map = Map::of(&[
    open("headers", Node::Pairs),
    open("cookies", Node::Pairs),
    here("query_string", Node::Pairs),
    open("env", Node::Any),
]);

/// The header of an envelope: ids, the time, and what is said of its trace.
pub(super) static HEADER: Node = Node::Map(&Map::of(&[
    here("event_id", Node::Id),
    here("sent_at", Node::Time),
    // The way it came is not the way it goes.
    here("dsn", Node::Goes),
    here(
        "trace",
        Node::Map(&Map::of(&[
            here("trace_id", Node::Id),
            here("public_key", Node::Id),
            here("replay_id", Node::Id),
            here("org_id", Node::Id),
            plain("transaction", Place::SpanName, Node::Any),
        ])),
    ),
]));

/// The header of an item.
pub(super) static ITEM_HEADER: Node =
    Node::Map(&Map::of(&[here("length", Node::Keep(Reason::Count)), here("item_count", Node::Keep(Reason::Count))]));

/// A session, or counts of sessions.
pub(super) static SESSION: Node = Node::Map(&Map::record(&[
    here("sid", Node::Id),
    short("did", "user.id", Node::Any),
    here("timestamp", Node::Time),
    here("started", Node::Time),
    open("attrs", Node::Any),
    here("aggregates", Node::List(&AGGREGATE)),
]));
static AGGREGATE: Node = Node::Map(&Map::of(&[
    here("started", Node::Time),
    here("exited", Node::Keep(Reason::Count)),
    here("errored", Node::Keep(Reason::Count)),
    here("crashed", Node::Keep(Reason::Count)),
]));

/// A list of log records, of measured values, or of spans.
pub(super) static RECORDS: Node = Node::Map(&Map::of(&[open("items", Node::List(&RECORD))]));
pub(super) static RECORD: Node = Node::Map(&Map::record(&[
    here("trace_id", Node::Id),
    here("span_id", Node::Id),
    here("parent_span_id", Node::Id),
    here("timestamp", Node::Time),
    here("start_timestamp", Node::Time),
    here("end_timestamp", Node::Time),
    keyed("body", Place::LogBody, Node::Any),
    keyed("level", Place::SeverityText, Node::Any),
    plain("name", Place::SpanName, Node::Statement),
    plain("description", Place::SpanName, Node::Statement),
    here("value", Node::Keep(Reason::Measurement)),
    open("data", Node::Any),
    open("tags", Node::Pairs),
    open("attributes", Node::Map(&ATTRIBUTES)),
]));

/// What has no shape of its own here: reports, check-ins, feedback, profiles.
pub(super) static OTHER: Node = Node::Map(&Map::record(&[
    here("event_id", Node::Id),
    here("check_in_id", Node::Id),
    here("profile_id", Node::Id),
    here("profiler_id", Node::Id),
    here("chunk_id", Node::Id),
    here("timestamp", Node::Time),
    open("tags", Node::Pairs),
    here("contexts", Node::Map(&CONTEXTS)),
]));
