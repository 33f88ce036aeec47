//! What is tried, and what must be true of it.

use super::seeds;
use super::{agents, native};
use crate::support::collector::{Collector, Setup};
use crate::support::sample::SSN;
use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use processors::document::Node;
use processors::walk::otlp::Signal;
use processors::{Format, Options, PackSource, PseudonymKey, RuleSet, Schema, Scrubber, Today};
use prost::Message as _;
use scrubjay::codec::log_records::{self, Layout, Source};
use scrubjay::codec::otlp_json;
use scrubjay::drain::Drain;
use scrubjay::net::{Budget, Encoding, InflateError, Limits, Listener, Protocol, ReadLimits, inflate, read_body};
use scrubjay::settings::{Compression, Endpoint, Listen, TokenHash};
use scrubjay::telemetry::Component;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::LazyLock;
use std::time::Duration;
use tokio::runtime::Runtime;

/// One decoder or reader.
pub struct Target {
    pub name: &'static str,
    pub seeds: fn() -> Vec<Vec<u8>>,
    pub start: fn() -> Run,
}

/// Runs one input; says whether it was taken, or what is wrong.
pub type Run = Box<dyn FnMut(&[u8]) -> Result<bool, String>>;

pub const TARGETS: &[Target] = &[
    Target { name: "gzip", seeds: || seeds::compressed(Compression::Gzip), start: || inflating(Encoding::Gzip) },
    Target { name: "zstd", seeds: || seeds::compressed(Compression::Zstd), start: || inflating(Encoding::Zstd) },
    Target { name: "deflate", seeds: seeds::deflated, start: || inflating(Encoding::Deflate) },
    Target { name: "brotli", seeds: seeds::in_brotli, start: || inflating(Encoding::Brotli) },
    Target { name: "otlp_json_traces", seeds: || seeds::json("traces"), start: || json(Signal::Traces) },
    Target { name: "otlp_json_logs", seeds: || seeds::json("logs"), start: || json(Signal::Logs) },
    Target { name: "otlp_json_metrics", seeds: || seeds::json("metrics"), start: || json(Signal::Metrics) },
    Target { name: "otlp_json_profiles", seeds: || seeds::json("profiles"), start: || json(Signal::Profiles) },
    Target { name: "log_records_json", seeds: seeds::records, start: || records(Layout::Json) },
    Target { name: "log_records_lines", seeds: seeds::records, start: || records(Layout::Lines) },
    Target { name: "protobuf_traces", seeds: || seeds::protobuf("traces"), start: || protobuf(Signal::Traces) },
    Target { name: "protobuf_logs", seeds: || seeds::protobuf("logs"), start: || protobuf(Signal::Logs) },
    Target { name: "protobuf_metrics", seeds: || seeds::protobuf("metrics"), start: || protobuf(Signal::Metrics) },
    Target { name: "protobuf_profiles", seeds: || seeds::protobuf("profiles"), start: || protobuf(Signal::Profiles) },
    Target {
        name: "datadog_traces",
        seeds: native::traces,
        start: || native::in_place(Format::Msgpack(Schema::DatadogTraces)),
    },
    Target {
        name: "datadog_trace_table",
        seeds: native::tables,
        start: || native::in_place(Format::Msgpack(Schema::DatadogTraceTable)),
    },
    Target {
        name: "datadog_trace_payload",
        seeds: native::payloads,
        start: || native::in_place(Format::Msgpack(Schema::DatadogTracePayload)),
    },
    Target { name: "datadog_trace_stream", seeds: native::streams, start: native::stream },
    Target {
        name: "datadog_traces_json",
        seeds: native::traces_in_json,
        start: || native::in_place(Format::Json(Schema::DatadogTraces)),
    },
    Target { name: "datadog_logs", seeds: native::logs, start: || native::in_place(Format::Json(Schema::DatadogLogs)) },
    Target {
        name: "datadog_series",
        seeds: native::series,
        start: || native::in_place(Format::Json(Schema::DatadogSeries)),
    },
    Target {
        name: "datadog_metrics_json",
        seeds: agents::metrics_in_json,
        start: || native::in_place(Format::Json(Schema::DatadogMetrics)),
    },
    Target { name: "datadog_metrics", seeds: agents::metrics, start: || agents::message(Schema::DatadogMetrics) },
    Target { name: "datadog_sketches", seeds: agents::sketches, start: || agents::message(Schema::DatadogSketches) },
    Target {
        name: "datadog_agent_traces",
        seeds: agents::traces,
        start: || agents::message(Schema::DatadogAgentTraces),
    },
    Target {
        name: "datadog_stats",
        seeds: agents::stats,
        start: || native::in_place(Format::Msgpack(Schema::DatadogStats)),
    },
    Target {
        name: "datadog_pipeline_stats",
        seeds: agents::pipelines,
        start: || native::in_place(Format::Msgpack(Schema::DatadogPipelineStats)),
    },
    Target {
        name: "datadog_llm_evaluations",
        seeds: native::evaluations,
        start: || native::in_place(Format::Json(Schema::DatadogLlmEvaluations)),
    },
    Target {
        name: "sentry_event",
        seeds: native::events,
        start: || native::in_place(Format::Json(Schema::SentryEvent)),
    },
    Target { name: "sentry_envelope", seeds: native::envelopes, start: || native::in_place(Format::Envelope) },
    Target { name: "replies", seeds: native::said, start: native::replies },
    Target { name: "text", seeds: seeds::plain, start: text },
    Target { name: "yaml", seeds: seeds::yaml, start: yaml },
    Target { name: "endpoints", seeds: seeds::endpoints, start: endpoints },
    Target { name: "http1", seeds: seeds::http1, start: || spoken(Protocol::Http) },
    Target { name: "http2", seeds: seeds::http2, start: || spoken(Protocol::Grpc) },
    Target { name: "grpc_frames", seeds: seeds::grpc_frames, start: grpc_frames },
    Target { name: "authorization", seeds: seeds::authorization, start: authorization },
];

const MOST: usize = 1 << 20;
/// The largest window of brotli.
const WINDOW: usize = 1 << 24;

pub fn expect(holds: bool, what: &str) -> Result<bool, String> {
    if holds { Ok(true) } else { Err(what.to_owned()) }
}

/// What comes out is bounded, accounted for, and what another decoder makes of it.
fn inflating(encoding: Encoding) -> Run {
    Box::new(move |input| {
        let budget = Budget::new(2 * MOST + WINDOW);
        let mut reserved = budget.open();
        let most = 64 << 10;
        match inflate(encoding, Bytes::copy_from_slice(input), most, &mut reserved) {
            Ok(out) => {
                expect(out.len() <= most && reserved.bytes() >= out.len(), "more came out than was reserved")?;
                let mut again = Vec::new();
                let read = match encoding {
                    Encoding::Gzip => flate2::read::MultiGzDecoder::new(input).read_to_end(&mut again),
                    Encoding::Zstd => {
                        zstd::stream::read::Decoder::new(input).and_then(|mut from| from.read_to_end(&mut again))
                    }
                    Encoding::Deflate => flate2::read::ZlibDecoder::new(input).read_to_end(&mut again),
                    Encoding::Brotli => brotli::Decompressor::new(input, 4096).read_to_end(&mut again),
                    Encoding::Identity => Ok(0),
                };
                expect(input.is_empty() || read.is_ok() && again == out, "another decoder makes something else of it")
            }
            Err(InflateError::TooLarge | InflateError::NoRoom | InflateError::Corrupt) => expect(
                reserved.bytes() <= most + input.len() + (64 << 10) + 1 + WINDOW,
                "more was reserved than may come out",
            )
            .map(|_| false),
        }
    })
}

pub fn today() -> Today {
    Today { year: 2026, month: 11, day: 25 }
}

pub static RULES: LazyLock<RuleSet> = LazyLock::new(|| {
    let packs = patterns::PACKS.iter().filter(|pack| pack.group == "places" || pack.file.ends_with("g_ssn.yaml"));
    let packs: Vec<PackSource<'_>> = packs.map(|pack| PackSource { file: pack.file, text: pack.text }).collect();
    let pseudonym_key = PseudonymKey::new(&[7; 32]).unwrap();
    RuleSet::compile(&packs, &Options { engine: Default::default(), triggers: Default::default(), pseudonym_key })
        .unwrap()
});

/// Whether protobuf that left can be read, and scrubbing it again changes nothing.
fn settled(scrubber: &mut Scrubber<'_>, signal: Signal, input: &Bytes) -> Result<bool, String> {
    let Ok(scrubbed) = scrubber.scrub(input, Format::Otlp(signal), today()) else { return Ok(false) };
    let out = scrubbed.bytes().clone();
    expect(decodes(signal, &out), "what left cannot be read")?;
    let Ok(again) = scrubber.scrub(&out, Format::Otlp(signal), today()) else {
        return Err("what left is refused".to_owned());
    };
    expect(again.bytes() == &out, "a second look changes what left")?;
    if let Some((first, second)) = scrubbed.halve() {
        expect(decodes(signal, first.bytes()) && decodes(signal, second.bytes()), "a half cannot be read")?;
    }
    Ok(true)
}

fn decodes(signal: Signal, bytes: &[u8]) -> bool {
    use opentelemetry_proto::tonic::collector as proto;
    match signal {
        Signal::Traces => proto::trace::v1::ExportTraceServiceRequest::decode(bytes).is_ok(),
        Signal::Logs => proto::logs::v1::ExportLogsServiceRequest::decode(bytes).is_ok(),
        Signal::Metrics => proto::metrics::v1::ExportMetricsServiceRequest::decode(bytes).is_ok(),
        Signal::Profiles => proto::profiles::v1development::ExportProfilesServiceRequest::decode(bytes).is_ok(),
    }
}

fn protobuf(signal: Signal) -> Run {
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    Box::new(move |input| settled(&mut scrubber, signal, &Bytes::copy_from_slice(input)))
}

/// What is made of JSON can be read as protobuf, and no error says anything of the text.
fn json(signal: Signal) -> Run {
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    Box::new(move |input| {
        let mut text = input.to_vec();
        match otlp_json::to_protobuf(signal, &mut text) {
            Ok(converted) => {
                let protobuf = Bytes::from(converted.protobuf);
                expect(decodes(signal, &protobuf), "JSON became what cannot be read")?;
                settled(&mut scrubber, signal, &protobuf)
            }
            Err(error) => {
                expect(error.offset <= input.len() && !format!("{error:?}").contains("536-22"), "an error quotes")
                    .map(|_| false)
            }
        }
    })
}

/// What is made of log records can be read, in bounds that were asked for.
fn records(layout: Layout) -> Run {
    Box::new(move |input| {
        let source = Source { resource: vec![("service.name".into(), "labs".into())], observed: 1 };
        let mut asked = 0;
        let mut room = |bytes: usize| {
            asked = asked.max(bytes);
            bytes <= 4 * MOST
        };
        match log_records::to_protobuf(layout, input, &source, &mut room) {
            Ok(protobuf) => {
                expect(protobuf.len() <= asked.max(256), "more came out than was asked for")?;
                expect(decodes(Signal::Logs, &protobuf), "log records became what cannot be read")
            }
            Err(_) => Ok(false),
        }
    })
}

/// Whatever text: the number goes where it stands alone, and nothing is found twice.
pub fn text() -> Run {
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    Box::new(move |input| {
        let Ok(scrubbed) = scrubber.scrub(&Bytes::copy_from_slice(input), Format::Text, today()) else {
            return Ok(false);
        };
        let out = scrubbed.bytes().clone();
        let alone = format!(" ssn {SSN} ");
        let holds = |bytes: &[u8]| bytes.windows(alone.len()).any(|window| window == alone.as_bytes());
        expect(!holds(&out), "a number that stands alone came through")?;
        let again = scrubber.scrub(&out, Format::Text, today()).map_err(|_| "what left is refused".to_owned())?;
        expect(again.bytes() == &out, "a second look changes what left")
    })
}

fn yaml() -> Run {
    Box::new(|input| {
        let Ok(text) = std::str::from_utf8(input) else { return Ok(false) };
        if let Err(mistakes) = Node::parse("f", text) {
            // A carriage return alone ends a line of YAML.
            let lines = text.matches(['\r', '\n']).count() + 2;
            expect(mistakes.sorted().iter().all(|mistake| mistake.at.line <= lines), "a mistake beyond the end")?;
            return Ok(false);
        }
        Ok(true)
    })
}

fn endpoints() -> Run {
    Box::new(|input| {
        let text = String::from_utf8_lossy(input);
        if let Ok(endpoint) = Endpoint::parse(&text, "https") {
            expect(endpoint.join("/v1/logs").is_ok(), "a URL to which no path can be added")?;
        }
        if let Some(listen) = Listen::parse(&text) {
            expect(listen.address().to_string().parse::<std::net::SocketAddr>().is_ok(), "an address that is none")?;
        }
        let _hash = TokenHash::parse(&text);
        let encoding = Encoding::parse(input);
        Ok(encoding.is_some() || Endpoint::parse(&text, "https").is_ok())
    })
}

/// A listener of this process at a socket, which reads bodies and answers. It must be there after whatever was said to it.
fn spoken(protocol: Protocol) -> Run {
    let runtime = Runtime::new().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("socket");
    let budget = Budget::new(16 * MOST);
    let serving = budget.clone();
    let limits = Limits {
        first_byte: Duration::from_millis(500),
        header: Duration::from_millis(500),
        idle: Duration::from_millis(500),
        ..Limits::default()
    };
    {
        let _within = runtime.enter();
        let listener = Listener::bind_unix(Component::new("fuzz"), &path, limits).unwrap();
        let handler = move |request: Request<Incoming>| {
            let budget = serving.clone();
            async move {
                let mut reserved = budget.open();
                let limits = ReadLimits { bytes: MOST, time: Duration::from_millis(500) };
                let read = read_body(request.into_body(), limits, &mut reserved).await;
                let mut response = Response::new(Full::new(Bytes::from_static(b"read")).boxed_unsync());
                *response.status_mut() = if read.is_ok() { 200.try_into().unwrap() } else { 400.try_into().unwrap() };
                response
            }
        };
        runtime.spawn(listener.serve(handler, Drain::default()));
    }
    let sound = if protocol == Protocol::Http { seeds::http1() } else { seeds::http2() }.remove(0);
    let mut count = 0usize;
    Box::new(move |input| {
        let _alive = (&runtime, &dir);
        let speak = |bytes: &[u8], wait: bool| {
            let mut stream = UnixStream::connect(&path).ok()?;
            let _closed = stream.write_all(bytes);
            if !wait {
                // Half of the talking is done: whoever waits for more hears that there is none.
                let _half = stream.shutdown(std::net::Shutdown::Write);
            }
            stream.set_read_timeout(Some(Duration::from_secs(3))).ok()?;
            let mut heard = [0; 64];
            stream.read(&mut heard).ok().map(|read| heard[..read].to_vec())
        };
        let heard = speak(input, false).unwrap_or_default();
        let taken = heard.starts_with(b"HTTP/1.1 200") || protocol == Protocol::Grpc && !heard.is_empty();
        count += 1;
        if count.is_multiple_of(64) {
            let heard = speak(&sound, true).unwrap_or_default();
            expect(!heard.is_empty(), "a sound request gets no answer any more")?;
            expect(budget.used() <= 16 * MOST, "more is reserved than there is")?;
        }
        Ok(taken)
    })
}

/// One client with one connection that is used again.
struct Caller {
    runtime: Runtime,
    client: Client<HttpConnector, Full<Bytes>>,
    collector: Collector,
}

impl Caller {
    fn new(http: &str, http2: bool) -> Self {
        let mut setup = Setup::new("debug", "");
        setup.http = format!("endpoint: 127.0.0.1:0, max_request_bytes: 1MiB{http}");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).http2_only(http2).build(connector);
        Self { runtime, client, collector: setup.start() }
    }

    fn send(&self, request: Request<Full<Bytes>>) -> Option<(http::response::Parts, Bytes)> {
        self.runtime.block_on(async {
            let answer =
                tokio::time::timeout(Duration::from_secs(10), self.client.request(request)).await.ok()?.ok()?;
            let (parts, body) = answer.into_parts();
            Some((parts, body.collect().await.ok()?.to_bytes()))
        })
    }
}

/// A call is answered with a code that clients know what to do with, and with no word of the call.
fn grpc_frames() -> Run {
    let caller = Caller::new("", true);
    Box::new(move |input| {
        let uri =
            format!("http://{}/opentelemetry.proto.collector.logs.v1.LogsService/Export", caller.collector.grpc());
        let request = Request::post(uri).header("content-type", "application/grpc").header("grpc-encoding", "gzip");
        let (parts, body) =
            caller.send(request.body(Full::new(Bytes::copy_from_slice(input))).unwrap()).ok_or("no answer")?;
        let code = parts.headers.get("grpc-status").map_or("0", |code| code.to_str().unwrap_or("none"));
        expect(["0", "3", "8", "14"].contains(&code), "a code that is none of ours")?;
        expect(!String::from_utf8_lossy(&body).contains("536-22"), "an answer quotes").map(|_| code == "0")
    })
}

/// Nobody gets in by anything but the token.
fn authorization() -> Run {
    let token = "correct-horse-battery";
    let caller = Caller::new(&format!(", auth: {{ bearer_token: {token} }}"), false);
    Box::new(move |input| {
        let Ok(value) = HeaderValue::from_bytes(input) else { return Ok(false) };
        let uri = format!("http://{}/v1/logs", caller.collector.http());
        let request =
            Request::post(uri).header("content-type", "application/x-protobuf").header("authorization", &value);
        let (parts, _) = caller.send(request.body(Full::default()).unwrap()).ok_or("no answer")?;
        let text = String::from_utf8_lossy(input).trim().to_owned();
        let right = text.split_once(' ').is_some_and(|(scheme, shown)| {
            scheme.eq_ignore_ascii_case("bearer")
                && shown.trim_matches(|char: char| char.is_ascii_whitespace()) == token
        });
        let admitted = parts.status == 200;
        expect(
            admitted == right && (admitted || [401, 431].contains(&parts.status.as_u16())),
            "somebody else got in, or the right one did not",
        )
        .map(|_| admitted)
    })
}
