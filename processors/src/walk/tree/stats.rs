//! What Datadog's tracers and Agents have counted of spans: groups of them, named by what was done and whom it was done to.

use super::shape::{Map, Node, here, keyed, open, plain, short};
use crate::tape::Place;
use crate::walk::otlp::Reason;

/// What an Agent sends on: what it counted itself, and what tracers did.
pub(super) static STATS: Node = Node::Map(&Map::of(&[
    keyed("AgentHostname", Place::ResourceAttribute, Node::Any),
    keyed("AgentEnv", Place::ResourceAttribute, Node::Any),
    keyed("AgentVersion", Place::ResourceAttribute, Node::Any),
    open("Stats", Node::List(&CLIENT_STATS)),
]));

/// What a tracer sends.
pub(super) static CLIENT_STATS: Node = Node::Map(&Map::of(&[
    keyed("Hostname", Place::ResourceAttribute, Node::Any),
    keyed("Env", Place::ResourceAttribute, Node::Any),
    keyed("Version", Place::ResourceAttribute, Node::Any),
    keyed("Service", Place::ResourceAttribute, Node::Any),
    here("RuntimeID", Node::Id),
    here("Sequence", Node::Keep(Reason::Count)),
    here("ProcessTagsHash", Node::Keep(Reason::Identity)),
    short("Tags", "tags", Node::Any),
    open("Stats", Node::List(&BUCKET)),
]));

/// A span of time.
static BUCKET: Node = Node::Map(&Map::of(&[
    here("Start", Node::Keep(Reason::Time)),
    here("Duration", Node::Keep(Reason::Time)),
    here("AgentTimeShift", Node::Keep(Reason::Time)),
    open("Stats", Node::List(&GROUP)),
]));

/// What some spans have in common, and how many there were.
static GROUP: Node = Node::Map(&Map::record(&[
    keyed("Service", Place::ResourceAttribute, Node::Any),
    plain("Name", Place::SpanName, Node::Any),
    plain("Resource", Place::SpanName, Node::Statement),
    here("Type", Node::Any),
    here("DBType", Node::Any),
    here("HTTPStatusCode", Node::Keep(Reason::Enumerated)),
    here("Hits", Node::Keep(Reason::Count)),
    here("Errors", Node::Keep(Reason::Count)),
    here("TopLevelHits", Node::Keep(Reason::Count)),
    here("Duration", Node::Keep(Reason::Measurement)),
    here("OkSummary", Node::Sketch),
    here("ErrorSummary", Node::Sketch),
    here("IsTraceRoot", Node::Keep(Reason::Enumerated)),
    short("PeerTags", "tags", Node::Any),
    short("SpanDerivedPrimaryTags", "tags", Node::Any),
    short("AdditionalMetricTags", "tags", Node::Any),
    plain("HTTPEndpoint", Place::SpanName, Node::Any),
]));

/// What a tracer has counted of messages that went through queues, and how far each queue has been read.
pub(super) static PIPELINE_STATS: Node = Node::Map(&Map::of(&[
    keyed("Env", Place::ResourceAttribute, Node::Any),
    keyed("Service", Place::ResourceAttribute, Node::Any),
    keyed("Version", Place::ResourceAttribute, Node::Any),
    open("Stats", Node::List(&QUEUES)),
    short("Tags", "tags", Node::Any),
    short("ProcessTags", "tags", Node::Any),
    here("ProductMask", Node::Keep(Reason::Enumerated)),
]));

static QUEUES: Node = Node::Map(&Map::of(&[
    here("Start", Node::Keep(Reason::Time)),
    here("Duration", Node::Keep(Reason::Time)),
    open("Stats", Node::List(&EDGE)),
    open("Backlogs", Node::List(&BACKLOG)),
]));

/// One way from a queue to the next. Its name is a hash of its tags, as they were.
static EDGE: Node = Node::Map(&Map::record(&[
    here("Hash", Node::Keep(Reason::Identity)),
    here("ParentHash", Node::Keep(Reason::Identity)),
    short("EdgeTags", "tags", Node::Any),
    here("EdgeLatency", Node::Sketch),
    here("PathwayLatency", Node::Sketch),
    here("PayloadSize", Node::Sketch),
]));

static BACKLOG: Node =
    Node::Map(&Map::of(&[short("Tags", "tags", Node::Any), here("Value", Node::Keep(Reason::Measurement))]));
