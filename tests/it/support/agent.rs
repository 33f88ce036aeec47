//! What Datadog's Agents send in protobuf, as far as it is sent here: numbers of fields, and what lies in them.

use prost::Message;
use std::collections::BTreeMap;

type Texts = BTreeMap<String, String>;

#[derive(Clone, PartialEq, Message)]
pub struct MetricPayload {
    #[prost(message, repeated, tag = "1")]
    pub series: Vec<MetricSeries>,
}

#[derive(Clone, PartialEq, Message)]
pub struct MetricSeries {
    #[prost(message, repeated, tag = "1")]
    pub resources: Vec<Resource>,
    #[prost(string, tag = "2")]
    pub metric: String,
    #[prost(string, repeated, tag = "3")]
    pub tags: Vec<String>,
    #[prost(message, repeated, tag = "4")]
    pub points: Vec<MetricPoint>,
    #[prost(int32, tag = "5")]
    pub kind: i32,
    #[prost(string, tag = "6")]
    pub unit: String,
    #[prost(string, tag = "7")]
    pub source_type_name: String,
    #[prost(int64, tag = "8")]
    pub interval: i64,
    #[prost(message, optional, tag = "9")]
    pub metadata: Option<Metadata>,
    /// No field of theirs.
    #[prost(string, tag = "15")]
    pub unheard_of: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct Resource {
    #[prost(string, tag = "1")]
    pub kind: String,
    #[prost(string, tag = "2")]
    pub name: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct MetricPoint {
    #[prost(double, tag = "1")]
    pub value: f64,
    #[prost(int64, tag = "2")]
    pub timestamp: i64,
}

#[derive(Clone, PartialEq, Message)]
pub struct Metadata {
    #[prost(message, optional, tag = "1")]
    pub origin: Option<Origin>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Origin {
    #[prost(uint32, tag = "3")]
    pub metric_type: u32,
    #[prost(uint32, tag = "4")]
    pub product: u32,
    #[prost(uint32, tag = "5")]
    pub category: u32,
    #[prost(uint32, tag = "6")]
    pub service: u32,
}

#[derive(Clone, PartialEq, Message)]
pub struct SketchPayload {
    #[prost(message, repeated, tag = "1")]
    pub sketches: Vec<Sketch>,
    #[prost(message, optional, tag = "2")]
    pub metadata: Option<CommonMetadata>,
}

#[derive(Clone, PartialEq, Message)]
pub struct CommonMetadata {
    #[prost(string, tag = "1")]
    pub agent_version: String,
    #[prost(string, tag = "4")]
    pub internal_ip: String,
    #[prost(string, tag = "6")]
    pub api_key: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct Sketch {
    #[prost(string, tag = "1")]
    pub metric: String,
    #[prost(string, tag = "2")]
    pub host: String,
    #[prost(message, repeated, tag = "3")]
    pub distributions: Vec<Distribution>,
    #[prost(string, repeated, tag = "4")]
    pub tags: Vec<String>,
    #[prost(message, repeated, tag = "7")]
    pub dogsketches: Vec<Dogsketch>,
    #[prost(message, optional, tag = "8")]
    pub metadata: Option<Metadata>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Distribution {
    #[prost(int64, tag = "1")]
    pub ts: i64,
    #[prost(double, repeated, tag = "7")]
    pub v: Vec<f64>,
    #[prost(uint32, repeated, tag = "8")]
    pub g: Vec<u32>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Dogsketch {
    #[prost(int64, tag = "1")]
    pub ts: i64,
    #[prost(int64, tag = "2")]
    pub cnt: i64,
    #[prost(double, tag = "3")]
    pub min: f64,
    #[prost(double, tag = "4")]
    pub max: f64,
    #[prost(double, tag = "5")]
    pub avg: f64,
    #[prost(double, tag = "6")]
    pub sum: f64,
    #[prost(sint32, repeated, tag = "7")]
    pub k: Vec<i32>,
    #[prost(uint32, repeated, tag = "8")]
    pub n: Vec<u32>,
}

#[derive(Clone, PartialEq, Message)]
pub struct AgentPayload {
    #[prost(string, tag = "1")]
    pub host_name: String,
    #[prost(string, tag = "2")]
    pub env: String,
    #[prost(message, repeated, tag = "5")]
    pub tracer_payloads: Vec<TracerPayload>,
    #[prost(btree_map = "string, string", tag = "6")]
    pub tags: Texts,
    #[prost(string, tag = "7")]
    pub agent_version: String,
    #[prost(double, tag = "8")]
    pub target_tps: f64,
    #[prost(double, tag = "9")]
    pub error_tps: f64,
    #[prost(bool, tag = "10")]
    pub rare_sampler_enabled: bool,
    #[prost(message, repeated, tag = "11")]
    pub idx_tracer_payloads: Vec<indexed::TracerPayload>,
}

#[derive(Clone, PartialEq, Message)]
pub struct TracerPayload {
    #[prost(string, tag = "1")]
    pub container_id: String,
    #[prost(string, tag = "2")]
    pub language_name: String,
    #[prost(string, tag = "4")]
    pub tracer_version: String,
    #[prost(string, tag = "5")]
    pub runtime_id: String,
    #[prost(message, repeated, tag = "6")]
    pub chunks: Vec<TraceChunk>,
    #[prost(btree_map = "string, string", tag = "7")]
    pub tags: Texts,
    #[prost(string, tag = "9")]
    pub hostname: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct TraceChunk {
    #[prost(int32, tag = "1")]
    pub priority: i32,
    #[prost(string, tag = "2")]
    pub origin: String,
    #[prost(message, repeated, tag = "3")]
    pub spans: Vec<Span>,
    #[prost(btree_map = "string, string", tag = "4")]
    pub tags: Texts,
}

#[derive(Clone, PartialEq, Message)]
pub struct Span {
    #[prost(string, tag = "1")]
    pub service: String,
    #[prost(string, tag = "2")]
    pub name: String,
    #[prost(string, tag = "3")]
    pub resource: String,
    #[prost(uint64, tag = "4")]
    pub trace_id: u64,
    #[prost(uint64, tag = "5")]
    pub span_id: u64,
    #[prost(uint64, tag = "6")]
    pub parent_id: u64,
    #[prost(int64, tag = "7")]
    pub start: i64,
    #[prost(int64, tag = "8")]
    pub duration: i64,
    #[prost(int32, tag = "9")]
    pub error: i32,
    #[prost(btree_map = "string, string", tag = "10")]
    pub meta: Texts,
    #[prost(btree_map = "string, double", tag = "11")]
    pub metrics: BTreeMap<String, f64>,
    #[prost(string, tag = "12")]
    pub kind: String,
    #[prost(btree_map = "string, bytes", tag = "13")]
    pub meta_struct: BTreeMap<String, Vec<u8>>,
    #[prost(message, repeated, tag = "14")]
    pub span_links: Vec<SpanLink>,
    #[prost(message, repeated, tag = "15")]
    pub span_events: Vec<SpanEvent>,
}

#[derive(Clone, PartialEq, Message)]
pub struct SpanLink {
    #[prost(uint64, tag = "1")]
    pub trace_id: u64,
    #[prost(btree_map = "string, string", tag = "4")]
    pub attributes: Texts,
    #[prost(string, tag = "5")]
    pub tracestate: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct SpanEvent {
    #[prost(fixed64, tag = "1")]
    pub time_unix_nano: u64,
    #[prost(string, tag = "2")]
    pub name: String,
    #[prost(btree_map = "string, message", tag = "3")]
    pub attributes: BTreeMap<String, Typed>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Typed {
    #[prost(int32, tag = "1")]
    pub kind: i32,
    #[prost(string, tag = "2")]
    pub string_value: String,
    #[prost(bool, tag = "3")]
    pub bool_value: bool,
    #[prost(int64, tag = "4")]
    pub int_value: i64,
    #[prost(double, tag = "5")]
    pub double_value: f64,
    #[prost(message, optional, tag = "6")]
    pub array_value: Option<TypedList>,
}

#[derive(Clone, PartialEq, Message)]
pub struct TypedList {
    /// They are not nested deeper, but written alike.
    #[prost(message, repeated, tag = "1")]
    pub values: Vec<Typed>,
}

/// Traces with a table of strings.
pub mod indexed {
    use prost::Message;
    use std::collections::BTreeMap;

    type Values = BTreeMap<u32, AnyValue>;

    #[derive(Clone, PartialEq, Message)]
    pub struct TracerPayload {
        #[prost(string, repeated, tag = "1")]
        pub strings: Vec<String>,
        #[prost(uint32, tag = "3")]
        pub language_name: u32,
        #[prost(uint32, tag = "8")]
        pub hostname: u32,
        #[prost(btree_map = "uint32, message", tag = "10")]
        pub attributes: Values,
        #[prost(message, repeated, tag = "11")]
        pub chunks: Vec<TraceChunk>,
    }

    #[derive(Clone, PartialEq, Message)]
    pub struct TraceChunk {
        #[prost(int32, tag = "1")]
        pub priority: i32,
        #[prost(btree_map = "uint32, message", tag = "3")]
        pub attributes: Values,
        #[prost(message, repeated, tag = "4")]
        pub spans: Vec<Span>,
        #[prost(bytes = "vec", tag = "6")]
        pub trace_id: Vec<u8>,
    }

    #[derive(Clone, PartialEq, Message)]
    pub struct Span {
        #[prost(uint32, tag = "1")]
        pub service: u32,
        #[prost(uint32, tag = "2")]
        pub name: u32,
        #[prost(uint32, tag = "3")]
        pub resource: u32,
        #[prost(fixed64, tag = "4")]
        pub span_id: u64,
        #[prost(fixed64, tag = "6")]
        pub start: u64,
        #[prost(uint64, tag = "7")]
        pub duration: u64,
        #[prost(btree_map = "uint32, message", tag = "9")]
        pub attributes: Values,
        #[prost(message, repeated, tag = "11")]
        pub links: Vec<SpanLink>,
        #[prost(message, repeated, tag = "12")]
        pub events: Vec<SpanEvent>,
        #[prost(int32, tag = "16")]
        pub kind: i32,
    }

    #[derive(Clone, PartialEq, Message)]
    pub struct SpanLink {
        #[prost(bytes = "vec", tag = "1")]
        pub trace_id: Vec<u8>,
        #[prost(btree_map = "uint32, message", tag = "3")]
        pub attributes: Values,
        #[prost(uint32, tag = "4")]
        pub tracestate: u32,
    }

    #[derive(Clone, PartialEq, Message)]
    pub struct SpanEvent {
        #[prost(fixed64, tag = "1")]
        pub time: u64,
        #[prost(uint32, tag = "2")]
        pub name: u32,
        #[prost(btree_map = "uint32, message", tag = "3")]
        pub attributes: Values,
    }

    #[derive(Clone, PartialEq, Message)]
    pub struct AnyValue {
        #[prost(oneof = "Kind", tags = "1, 2, 3, 4, 5, 6, 7")]
        pub value: Option<Kind>,
    }

    #[derive(Clone, PartialEq, prost::Oneof)]
    pub enum Kind {
        #[prost(uint32, tag = "1")]
        String(u32),
        #[prost(bool, tag = "2")]
        Bool(bool),
        #[prost(double, tag = "3")]
        Double(f64),
        #[prost(int64, tag = "4")]
        Int(i64),
        #[prost(bytes = "vec", tag = "5")]
        Bytes(Vec<u8>),
        #[prost(message, tag = "6")]
        List(ArrayValue),
        #[prost(message, tag = "7")]
        Map(KeyValueList),
    }

    #[derive(Clone, PartialEq, Message)]
    pub struct ArrayValue {
        #[prost(message, repeated, tag = "1")]
        pub values: Vec<AnyValue>,
    }

    #[derive(Clone, PartialEq, Message)]
    pub struct KeyValueList {
        #[prost(message, repeated, tag = "1")]
        pub key_values: Vec<KeyValue>,
    }

    #[derive(Clone, PartialEq, Message)]
    pub struct KeyValue {
        #[prost(uint32, tag = "1")]
        pub key: u32,
        #[prost(message, optional, tag = "2")]
        pub value: Option<AnyValue>,
    }
}
