//! Every limit at every listener: what one of them forgets is a hole that tests of the others do not see.

mod limits;

use crate::senders::address;
use crate::support::backend::Backend;
use crate::support::collector::Collector;
use crate::support::http::{send, try_send};
use crate::support::{eventually, grpc, h2, sample, stream};
use prost::Message as _;
use scrubjay::net::compress;
use scrubjay::settings::Compression;
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

const TOKEN: &str = "correct-horse-battery";
const MOST: usize = 64 << 10;
const CONNECTIONS: usize = 6;

/// A listener, and one thing it takes.
struct Listener {
    name: &'static str,
    at: SocketAddr,
    path: &'static str,
    kind: &'static str,
    body: Vec<u8>,
    taken: u16,
    /// What those hear who are not let in.
    denied: u16,
    /// What is said of room that there is not.
    framed: bool,
}

/// What a request comes to: a status of HTTP, or a code of gRPC.
impl Listener {
    fn ask(&self, headers: &[(&str, &str)], body: &[u8]) -> u16 {
        self.try_ask(headers, body).expect("an answer")
    }

    /// The same; `None` if the connection broke before an answer was whole.
    fn try_ask(&self, headers: &[(&str, &str)], body: &[u8]) -> Option<u16> {
        if self.framed {
            let headers: Vec<(&str, &str)> = headers
                .iter()
                .map(|(name, value)| (if *name == "content-encoding" { "grpc-encoding" } else { name }, *value))
                .collect();
            let flag = u8::from(headers.iter().any(|(name, _)| *name == "grpc-encoding"));
            let called = grpc::try_call(self.at, self.path, &headers, grpc::frame(flag, body))?;
            return called.code.try_into().ok();
        }
        let headers: Vec<(&str, &str)> = [&[("content-type", self.kind)], headers].concat();
        try_send(self.at, "POST", self.path, &headers, body).map(|answer| answer.status)
    }
}

fn start(backend: &Backend) -> Collector {
    let auth = format!("auth: {{ bearer_token: {TOKEN} }}");
    start_with(backend, &format!("max_connections: {CONNECTIONS}, read_header_timeout: 1s, idle_timeout: 1s, {auth}"))
}

fn start_with(backend: &Backend, face: &str) -> Collector {
    let url = backend.url();
    let face = format!("endpoint: '127.0.0.1:0', max_request_bytes: 64KiB, {face}");
    Collector::start(
        &format!(
            "receivers:\n  otlp: {{ protocols: {{ grpc: {{ {face} }}, http: {{ {face} }} }} }}\n  http_logs: {{ {face} }}\n\
             \x20 datadog_agent: {{ {face} }}\n  sentry: {{ {face} }}\n\
             processors: {{ scrub: {{ packs: [secrets], pseudonym_key: 0123456789abcdef0123456789abcdef }} }}\n\
             exporters:\n  otlp_http: {{ endpoint: '{url}' }}\n  datadog_agent: {{ endpoint: '{url}' }}\n  sentry: {{ dsn: '{}' }}\n\
             extensions: {{ health_check: {{ endpoint: '127.0.0.1:0' }} }}\nservice:\n  extensions: [health_check]\n\
             \x20 telemetry: {{ metrics: {{ endpoint: '127.0.0.1:0' }}, logs: {{ encoding: json }} }}\n  pipelines:\n\
             \x20   logs: {{ receivers: [otlp, http_logs], processors: [scrub], exporters: [otlp_http] }}\n\
             \x20   traces/dd: {{ receivers: [datadog_agent], processors: [scrub], exporters: [datadog_agent] }}\n\
             \x20   logs/sentry: {{ receivers: [sentry], processors: [scrub], exporters: [sentry] }}\n",
            url.replace("http://", "http://key@") + "/7"
        ),
        &[],
    )
}

fn listeners(collector: &Collector) -> [Listener; 5] {
    let logs = sample::log("a line").encode_to_vec();
    let (of_grpc, of_http) = (collector.grpc(), collector.http());
    let listener = |name, at, path, kind, body: Vec<u8>, taken, denied| Listener {
        name,
        at,
        path,
        kind,
        body,
        taken,
        denied,
        framed: name == "grpc",
    };
    let [lines, agent, sentry] = ["http_logs", "datadog_agent", "sentry"].map(|name| address(collector, name));
    let (protobuf, packed) = ("application/x-protobuf", "application/msgpack");
    let event = br#"{"message":"an event"}"#.to_vec();
    let traces = stream::packed(&json!([[{ "name": "a" }]]));
    [
        listener("grpc", of_grpc, grpc::method("logs"), protobuf, logs.clone(), 0, 16),
        listener("http", of_http, "/v1/logs", protobuf, logs, 200, 401),
        listener("http_logs", lines, "/", "text/plain", b"a line".to_vec(), 200, 401),
        listener("datadog_agent", agent, "/v0.4/traces", packed, traces, 200, 403),
        listener("sentry", sentry, "/api/1/store/", "application/json", event, 200, 403),
    ]
}

#[test]
fn nobody_gets_in_anywhere_without_the_token() {
    let backend = Backend::start();
    let collector = start(&backend);
    let bearer = format!("Bearer {TOKEN}");
    for listener in listeners(&collector) {
        let ask = |headers: &[(&str, &str)]| listener.ask(headers, &listener.body);
        let off = |at: usize| {
            let mut bytes = TOKEN.as_bytes().to_vec();
            bytes[at] ^= 1;
            format!("Bearer {}", String::from_utf8(bytes).unwrap())
        };
        let before = backend.received().len();
        let wrong = [
            String::new(),
            "Bearer".into(),
            "Bearer ".into(),
            off(0),
            off(TOKEN.len() - 1),
            format!("Bearer {}", &TOKEN[1..]),
            format!("{bearer}x"),
            format!("{bearer} {TOKEN}"),
            format!("Basic {TOKEN}"),
            format!("Token {TOKEN}"),
            TOKEN.into(),
            // {"alg":"none"}
            "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.".into(),
            format!("Bearer {}", "x".repeat(4096)),
        ];
        assert_eq!(ask(&[]), listener.denied, "{}: none", listener.name);
        for wrong in &wrong {
            assert_eq!(ask(&[("authorization", wrong)]), listener.denied, "{}: {wrong}", listener.name);
        }
        // Names that are not the header's.
        for name in ["x-authorization", "proxy-authorization", "cookie", "x-api-key"] {
            assert_eq!(ask(&[(name, &bearer)]), listener.denied, "{}: {name}", listener.name);
        }
        if !listener.framed {
            let twice = [("authorization", bearer.as_str()), ("authorization", wrong[3].as_str())];
            assert_eq!(ask(&twice), listener.denied, "{}: two", listener.name);
            for name in ["Authorization", "AUTHORIZATION"] {
                assert_eq!(ask(&[(name, &bearer)]), listener.taken, "{}: {name}", listener.name);
            }
        }
        assert_eq!(ask(&[("authorization", &format!("bEARER {TOKEN}"))]), listener.taken, "{}", listener.name);
        assert_eq!(ask(&[("authorization", &bearer)]), listener.taken, "{}", listener.name);
        let taken = if listener.framed { 2 } else { 4 };
        backend.wait(before + taken);
        assert_eq!(backend.received().len(), before + taken, "{}: nothing of the others goes on", listener.name);
    }
    assert!(collector.metric("scrubjay_requests_denied_total", &[]) >= 80.0);
}

#[test]
fn nothing_too_large_is_taken_anywhere() {
    let backend = Backend::start();
    let collector = start(&backend);
    let bearer = format!("Bearer {TOKEN}");
    for listener in listeners(&collector) {
        let ask = |more: &[(&str, &str)], body: &[u8]| {
            listener.ask(&[&[("authorization", bearer.as_str())], more].concat(), body)
        };
        let (too_large, corrupt, unknown) = if listener.framed { (8, 3, 12) } else { (413, 400, 415) };
        let name = listener.name;
        assert_eq!(ask(&[], &vec![b'a'; MOST + 1]), too_large, "{name}");
        assert_eq!(ask(&[], &vec![b'a'; 16 * MOST]), too_large, "{name}");
        for (encoding, compression) in [("gzip", Compression::Gzip), ("zstd", Compression::Zstd)] {
            let bomb = compress(compression, &vec![b'a'; 64 << 20].into()).unwrap();
            let bomb = bomb.get(..MOST.min(bomb.len())).unwrap();
            assert_eq!(ask(&[("content-encoding", encoding)], bomb), too_large, "{name}: a bomb in {encoding}");
            assert_eq!(ask(&[("content-encoding", encoding)], b"no such thing"), corrupt, "{name}: {encoding}");
        }
        assert_eq!(ask(&[("content-encoding", "compress")], &listener.body), unknown, "{name}: an encoding");
        let fields: Vec<(String, String)> = (0..200).map(|number| (format!("x-{number}"), "y".into())).collect();
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let huge = "y".repeat(200_000);
        if !listener.framed {
            assert_eq!(ask(&fields, &listener.body), 431, "{name}: many headers");
            let answer = try_send(listener.at, "POST", listener.path, &[("x-huge", &huge)], &[]);
            assert!(answer.is_none_or(|answer| answer.status == 431), "{name}: a large header");
            let path = format!("{}{huge}", listener.path);
            let answer = try_send(listener.at, "POST", &path, &[], &[]);
            assert!(answer.is_none_or(|answer| [414, 431].contains(&answer.status)), "{name}: a long path");
            let answer = send(listener.at, "DELETE", listener.path, &[("authorization", &bearer)], &[]);
            assert_eq!(answer.status, 405, "{name}: another method");
            let answer = send(listener.at, "POST", "/nothing/here", &[("authorization", &bearer)], &listener.body);
            assert_eq!(answer.status, 404, "{name}: another path");
        }
        assert_eq!(ask(&[], &listener.body), listener.taken, "{name}: who is honest is served");
    }
    eventually("all bytes are given back", || (collector.metric("scrubjay_raw_bytes", &[]) == 0.0).then_some(()));
}

#[test]
fn nobody_keeps_a_connection_anywhere_without_using_it() {
    let backend = Backend::start();
    let collector = start(&backend);
    let bearer = format!("Bearer {TOKEN}");
    for listener in listeners(&collector) {
        let name = listener.name;
        let open = |said: &[u8]| {
            let mut stream = TcpStream::connect(listener.at).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
            stream.write_all(said).unwrap();
            stream
        };
        let began = Instant::now();
        let slow = [&b""[..], b"P", b"POST / HTTP/1.1\r\n", b"POST / HTTP/1.1\r\nhost: x\r\nx-a: "];
        let mut waiting: Vec<TcpStream> = slow.iter().map(|said| open(said)).collect();
        // One that has asked for something, and asks for nothing more.
        if !listener.framed {
            waiting.push(open(b"GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n"));
        }
        for (number, mut stream) in waiting.into_iter().enumerate() {
            let mut said = Vec::new();
            let _reset = stream.read_to_end(&mut said);
            assert!(began.elapsed() < Duration::from_secs(12), "{name}: {number} took {:?}", began.elapsed());
        }
        // All places are taken, and one more.
        eventually("the one too many is told", || {
            let _held: Vec<TcpStream> = (0..CONNECTIONS).map(|_| open(b"")).collect();
            if listener.framed {
                let mut heard = Vec::new();
                let _reset = h2::open(listener.at, b"").read_to_end(&mut heard);
                return (heard == [h2::frame(4, 0, 0, b""), h2::frame(7, 0, 0, &[0; 8])].concat()).then_some(());
            }
            try_send(listener.at, "POST", listener.path, &[], b"").filter(|answer| answer.status == 503).map(drop)
        });
        let served = || {
            let answer = listener.try_ask(&[("authorization", &bearer)], &listener.body)?;
            (answer == listener.taken).then_some(())
        };
        eventually("who is honest is served", served);
    }
}
