//! Makes telemetry to measure with: always the same for the same numbers. All people in it are made up.

#![allow(dead_code, reason = "each bench uses a part")]

pub(crate) mod native;
pub(crate) mod rules;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status, span};
use prost::Message as _;

/// A generator of numbers: splitmix64.
pub(crate) struct Random(pub u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub(crate) fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len() as u64) as usize]
    }

    pub(crate) fn hex(&mut self, len: usize) -> String {
        (0..len).map(|_| char::from_digit(self.below(16) as u32, 16).unwrap()).collect()
    }

    fn uuid(&mut self) -> String {
        let [a, b, c, d, e] = [8, 4, 4, 4, 12].map(|len| self.hex(len));
        format!("{a}-{b}-{c}-{d}-{e}")
    }
}

const VERBS: [&str; 8] = ["fetch", "render", "update", "enqueue", "merge", "reconcile", "validate", "publish"];
const NOUNS: [&str; 12] = [
    "schedule",
    "inventory",
    "encounter-view",
    "lab-order",
    "claim-batch",
    "notification",
    "cache-entry",
    "report",
    "eligibility",
    "document",
    "session",
    "workflow",
];
const HOSTS: [&str; 6] = ["api", "gateway", "worker", "db-primary", "search", "billing"];
const PEOPLE: [&str; 6] =
    ["Ingrid Tanaka", "Mateo Orlova", "Yelena Penrose", "Graham Haddad", "Akiko Novak", "Tomasz Hutchins"];

/// A text with an identifier in it.
pub(crate) fn sensitive(random: &mut Random) -> String {
    let (a, b, c) = (100 + random.below(500), 10 + random.below(89), 1000 + random.below(8999));
    match random.below(5) {
        0 => format!("patient not found: ssn {a}-{b}-{c}"),
        1 => format!("callback at ({}) 555-{c:04} before noon", 200 + random.below(700)),
        2 => format!("mail to user{c}.{b}@clinic.example bounced"),
        3 => format!("patient_name=\"{}\" mrn=MRN{a}{b}{c}", random.pick(&PEOPLE)),
        _ => format!("GET /patients?email=p{c}%40example.org&dob=19{b}-03-14"),
    }
}

fn text(key: &str, value: String) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(Value::StringValue(value)) }),
        ..KeyValue::default()
    }
}

fn int(key: &str, value: u64) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(Value::IntValue(value as i64)) }),
        ..KeyValue::default()
    }
}

/// One span of about 850 bytes. Its texts are its own if `unique`, else from a small stock.
fn span(random: &mut Random, unique: bool, phi: bool) -> Span {
    let stock = random.below(64);
    let own = if unique { random.next() } else { stock };
    let mut fixed = Random(stock);
    let local = if unique { &mut *random } else { &mut fixed };
    let (verb, noun, host) = (local.pick(&VERBS), local.pick(&NOUNS), local.pick(&HOSTS));
    let id = local.uuid();
    let mut attributes = vec![
        text("http.request.method", local.pick(&["GET", "POST", "PUT"]).to_owned()),
        text("url.path", format!("/v2/{noun}s/{:x}/{verb}", own & 0xFFFF_FFFF)),
        text("url.full", format!("https://{host}.internal.example/v2/{noun}s/{:x}/{verb}?page={}", own, own % 97)),
        text("server.address", format!("{host}-{}.internal.example", own % 1009)),
        int("server.port", 8443),
        int("http.response.status_code", 200),
        text("user_agent.original", format!("care-client/3.{}.{} (linux; rv {})", own % 10, own % 7, own % 1013)),
        text(
            "db.query.text",
            format!("SELECT id, state FROM {noun}s WHERE ref = $1 AND shard = {} LIMIT 50", own % 4096),
        ),
        text("app.request.id", id),
        text("thread.name", format!("{verb}-pool-{}-thread-{}", own % 17, own % 61)),
        text("code.function.name", format!("com.example.{noun}.Service.{verb}{}", own % 8192)),
        text("messaging.destination.name", format!("{noun}.{verb}.v2.{}", own % 523)),
    ];
    if phi {
        attributes.push(text("app.note", sensitive(random)));
    }
    let start = 1_767_225_600_000_000_000 + random.below(1_000_000_000_000);
    Span {
        trace_id: (0..16).map(|_| random.below(256) as u8).collect(),
        span_id: (0..8).map(|_| random.below(256) as u8).collect(),
        parent_span_id: (0..8).map(|_| random.below(256) as u8).collect(),
        name: format!("{verb} {noun} {}", own % 65_536),
        kind: 2,
        start_time_unix_nano: start,
        end_time_unix_nano: start + random.below(1_000_000_000),
        attributes,
        events: vec![span::Event {
            time_unix_nano: start,
            name: format!("{verb}.retry"),
            attributes: vec![text("reason", format!("upstream {host} answered late: attempt {} of 5", own % 5))],
            dropped_attributes_count: 0,
        }],
        status: Some(Status { message: String::new(), code: 1 }),
        ..Span::default()
    }
}

/// Export requests of `per` spans each. `repeated` of 100 spans have texts that come again; `phi` of 1,000 hold an
/// identifier.
pub(crate) fn traces(seed: u64, spans: usize, per: usize, repeated: u64, phi: u64) -> Vec<Vec<u8>> {
    let mut random = Random(seed);
    let resource = Resource {
        attributes: vec![
            text("service.name", "schedule-api".into()),
            text("service.version", "2.14.0".into()),
            text("k8s.pod.name", "schedule-api-7d4b9c6f5-x2lqp".into()),
        ],
        ..Resource::default()
    };
    let scope = InstrumentationScope { name: "io.example.http".into(), version: "1.9.2".into(), ..Default::default() };
    (0..spans.div_ceil(per))
        .map(|_| {
            let spans = (0..per)
                .map(|_| {
                    let unique = random.below(100) >= repeated;
                    let phi = random.below(1000) < phi;
                    span(&mut random, unique, phi)
                })
                .collect();
            let request = ExportTraceServiceRequest {
                resource_spans: vec![ResourceSpans {
                    resource: Some(resource.clone()),
                    scope_spans: vec![ScopeSpans { scope: Some(scope.clone()), spans, schema_url: String::new() }],
                    schema_url: String::new(),
                }],
            };
            request.encode_to_vec()
        })
        .collect()
}

/// Log lines of 230 to 250 bytes; `phi` of 1,000 hold an identifier.
pub(crate) fn log_lines(seed: u64, lines: usize, phi: u64) -> Vec<String> {
    let mut random = Random(seed);
    (0..lines)
        .map(|_| {
            let (verb, noun, host) = (random.pick(&VERBS), random.pick(&NOUNS), random.pick(&HOSTS));
            let detail = if random.below(1000) < phi { sensitive(&mut random) } else { format!("batch {}", random.hex(12)) };
            let mut line = match random.below(3) {
                0 => format!(
                    "2026-01-0{}T12:{:02}:{:02}.{:03}Z INFO [{host}-{}] c.e.{noun}.Service - {verb} {noun} id={} took {}ms {detail}",
                    1 + random.below(9), random.below(60), random.below(60), random.below(1000), random.below(99),
                    random.uuid(), random.below(5000)
                ),
                1 => format!(
                    "ts=2026-01-0{}T12:{:02}:{:02}Z level=info component={noun} msg=\"{verb} done\" trace_id={} duration={}us {detail}",
                    1 + random.below(9), random.below(60), random.below(60), random.hex(32), random.below(90_000)
                ),
                _ => format!(
                    "{{\"time\":\"2026-01-0{}T12:{:02}:{:02}Z\",\"level\":\"info\",\"svc\":\"{host}\",\"op\":\"{verb}\",\"key\":\"{}\",\"n\":{},\"msg\":\"{}\"}}",
                    1 + random.below(9), random.below(60), random.below(60), random.hex(24), random.below(100_000),
                    detail.replace('"', "'")
                ),
            };
            while line.len() < 230 {
                line.push_str(&format!(" {}={}", random.pick(&NOUNS), random.hex(6)));
            }
            line.truncate(250);
            line
        })
        .collect()
}
