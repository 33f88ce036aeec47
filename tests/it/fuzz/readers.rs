//! What is read of who may send, of configurations and packs, of backends' answers, and of requests as a whole.

use super::seeds::{self, brotli, compressed, deflated, in_brotli};
use super::targets::{Run, Target, expect, text, today};
use crate::credentials::{issuer_key, signed};
use crate::support::collector::Collector;
use crate::support::h2;
use crate::support::sample::{SSN, log};
use base64::Engine as _;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use jsonwebtoken::Algorithm;
use jsonwebtoken::jwk::Jwk;
use processors::document::Node;
use processors::{Engine, Format, Options, PackSource, PseudonymKey, RuleSet, Scrubber};
use prost::Message as _;
use scrubjay::config::{Config, Origin};
use scrubjay::exporters::{EXPORTERS, Exporter, Outbound, SendError, grpc_error};
use scrubjay::net::{Budget, Encoding, FrameMeter, head, inflate};
use scrubjay::receivers::{TokenDemands, TokenKeys};
use scrubjay::settings::{Compression, Notes, Sender};
use scrubjay::telemetry::Component;
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

pub const TARGETS: &[Target] = &[
    Target { name: "heads", seeds: packed, start: heads },
    Target { name: "http2_frames", seeds: seeds::http2, start: frames },
    Target { name: "token_keys", seeds: key_sets, start: token_keys },
    Target { name: "tokens", seeds: tokens, start: read_tokens },
    Target { name: "configuration", seeds: configurations, start: configuration },
    Target { name: "packs", seeds: packs, start: compile },
    Target { name: "grpc_status", seeds: statuses, start: grpc_status },
    Target { name: "http_answers", seeds: answers, start: || answered("otlp_http") },
    Target { name: "grpc_answers", seeds: calls, start: || answered("otlp_grpc") },
    Target { name: "requests", seeds: requests, start: asked },
    Target { name: "containers", seeds: containers, start: text },
    Target { name: "lines", seeds: containers, start: lines },
];

fn packed() -> Vec<Vec<u8>> {
    [compressed(Compression::Gzip), compressed(Compression::Zstd), deflated(), in_brotli()].concat()
}

/// The beginning of what is compressed is the beginning of the whole.
fn heads() -> Run {
    Box::new(|input| {
        let mut taken = false;
        for encoding in [Encoding::Gzip, Encoding::Zstd, Encoding::Deflate, Encoding::Brotli, Encoding::Identity] {
            let body = Bytes::copy_from_slice(input);
            let Some(first) = head(encoding, &body, 300) else { continue };
            expect(first.len() <= 300, "more than was asked for")?;
            let budget = Budget::new(64 << 20);
            if let Ok(whole) = inflate(encoding, body, 1 << 20, &mut budget.open()) {
                expect(whole.starts_with(&first) && first.len() == whole.len().min(300), "another beginning")?;
                taken |= encoding != Encoding::Identity;
            }
        }
        Ok(taken)
    })
}

/// Where pieces begin and end says nothing, and whoever floods is caught.
fn frames() -> Run {
    Box::new(|input| {
        let now = Instant::now();
        let bytes = input.strip_prefix(h2::PREFACE).unwrap_or(input);
        let (mut whole, mut parts) = (FrameMeter::new(now), FrameMeter::new(now));
        let counted = whole.count(bytes, now);
        let size = 1 + bytes.first().map_or(0, |byte| usize::from(*byte) % 23);
        let in_parts = bytes.chunks(size).try_for_each(|piece| parts.count(piece, now));
        expect(counted == in_parts, "pieces are counted otherwise")?;
        // What is sent over and over is a flood in the end, unless it is requests.
        Ok(counted.is_ok())
    })
}

struct Issued {
    keys: Vec<u8>,
    /// What admits, and nothing else does.
    good: Vec<String>,
    strangers: String,
}

fn bare(token: String) -> String {
    token.trim_start_matches("Bearer ").to_owned()
}

static ISSUED: LazyLock<Issued> = LazyLock::new(|| {
    let ((key, jwk), (stranger, _)) = (issuer_key("one"), issuer_key("one"));
    let for_long = |claims: &mut serde_json::Value| claims["exp"] = json!(4_000_000_000_u64);
    let good = vec![
        bare(signed(&key, Some("one"), for_long)),
        bare(signed(&key, None, |claims| {
            for_long(claims);
            claims["aud"] = json!(["x", "scrubjay"]);
        })),
    ];
    let secret: Jwk = serde_json::from_value(json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "two" })).unwrap();
    let rsa: Jwk =
        serde_json::from_value(json!({ "kty": "RSA", "n": "u1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gunVTLw7onLRnrq0_IzW7yWR7QkrmBL7jTKEn5u-qKhbwKfBstIs-bMY2Zkp18gnTxKLxoS2tFczGkPLPgizskuemMghRniWaoLcyehkd3qqGElvW_VDL5AaWTg0nLVkjRo9z-40RQzuVaE8AkAFmxZzow3x-VJYKdjykkJ0iT9wCS0DRTXu269V264Vf_3jvredZiKRkgwlL9xNAwxXFg0x_XFw005UWVRIkdgcKWTjpBP2dPwVZ4WWC-9aGVd-Gyn1o0CLelf4rEjGoXbAAEgAqeGUxrcIlbjXfbcmw", "e": "AQAB", "use": "sig" }))
            .unwrap();
    let keys = json!({ "keys": [jwk, secret, rsa] }).to_string().into_bytes();
    Issued { keys, good, strangers: bare(signed(&stranger, Some("one"), for_long)) }
});

fn demands() -> TokenDemands {
    TokenDemands {
        issuer: "https://id.example".into(),
        audience: "scrubjay".into(),
        algorithms: vec![Algorithm::ES256, Algorithm::RS256, Algorithm::EdDSA],
        leeway: Duration::from_secs(30),
    }
}

fn key_sets() -> Vec<Vec<u8>> {
    let ed = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "e" }] });
    vec![ISSUED.keys.clone(), ed.to_string().into_bytes(), br#"{"keys":[]}"#.to_vec()]
}

/// No set of keys makes a stranger's token good, nor one that is signed with a secret.
fn token_keys() -> Run {
    let demands = demands();
    let claims = json!({ "iss": "https://id.example", "aud": "scrubjay", "sub": "x", "exp": 4_000_000_000_u64 });
    let shared = jsonwebtoken::EncodingKey::from_secret(b"secret");
    let shared = jsonwebtoken::encode(&jsonwebtoken::Header::new(Algorithm::HS256), &claims, &shared).unwrap();
    let mut any = demands.clone();
    any.algorithms.push(Algorithm::HS256);
    Box::new(move |input| match TokenKeys::parse(input) {
        Ok(keys) => {
            let stranger = keys.verify(ISSUED.strangers.as_bytes(), &demands);
            expect(stranger.is_none(), "a stranger got in")?;
            expect(keys.verify(shared.as_bytes(), &any).is_none(), "a shared secret is taken for a key")?;
            expect(!format!("{keys:?}").contains("c2Vj"), "a key is shown")
        }
        Err(why) => expect(why.starts_with("`jwks_file` "), "an error that is not ours").map(|_| false),
    })
}

fn tokens() -> Vec<Vec<u8>> {
    let base64 = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let [_, claims, _] = ISSUED.good[0].split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let unsigned = format!("{}.{claims}.", base64(r#"{"alg":"none"}"#));
    let critical = format!("{}.{claims}.AAAA", base64(r#"{"alg":"ES256","kid":"one","crit":["exp"]}"#));
    let others = [ISSUED.strangers.clone(), unsigned, critical];
    ISSUED.good.iter().chain(&others).map(|token| token.clone().into_bytes()).collect()
}

/// Only what the issuer has signed admits.
fn read_tokens() -> Run {
    let (keys, demands) = (TokenKeys::parse(&ISSUED.keys).unwrap(), demands());
    Box::new(move |input| {
        let subject = keys.verify(input, &demands);
        let good = ISSUED.good.iter().any(|token| token.as_bytes() == input);
        expect(subject.is_some() == good, "somebody else got in, or the right one did not")?;
        // What has its parts is changed further.
        Ok(input.iter().filter(|byte| **byte == b'.').count() == 2)
    })
}

/// Every section but the scrub processors, whose packs would be compiled each time.
fn configurations() -> Vec<Vec<u8>> {
    let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let whole = format!(
        "receivers:\n  otlp:\n    protocols:\n      grpc: {{ endpoint: '127.0.0.1:0', max_concurrent_streams: 10, idle_timeout: 30s }}\n\
         \x20     http:\n        max_request_bytes: 4MiB\n        auth:\n          bearer_token: correct-horse-battery\n          principals:\n\
         \x20           labs: {{ token_hashes: [{hash}], signals: [logs, traces], requests_per_second: 20, bytes_per_second: 8MiB }}\n\
         \x20           ward: {{ password_hash: '$argon2id$v=19$m=19456,t=2,p=1$c2NydWJqYXktbm9ib2R5$Kx0yC1Yk2VQ3m8m7o0cXJ3o2l1gk7n4oZk5b9d2a0hY' }}\n\
         \x20 http_logs: {{ path: /logs }}\n  sentry/a: {{ public_key: abc }}\n  stdin: {{ max_line_bytes: 1MiB }}\n  datadog_agent: {{ api_key: '${{env:NOT_SET:-x}}' }}\n"
    );
    let exporters = "exporters:\n  otlp_http: { endpoint: 'http://127.0.0.1:4318', headers: { x-key: a }, compression: gzip, timeout: 5s, \
         retry_on_failure: { initial_interval: 1s, max_interval: 5s, max_elapsed_time: 0 }, sending_queue: { max_bytes: 16MiB, num_consumers: 4, batch: { min_size: 10, sizer: bytes } } }\n\
         \x20 otlp_grpc/a: { endpoint: 'http://127.0.0.1:4317', tls: { insecure: true } }\n  debug/b: { verbosity: basic }\n\
         \x20 file: { path: /nowhere/x, rotation: { max_megabytes: 1 } }\n  debug:\n";
    let service = "extensions: { health_check: { endpoint: '127.0.0.1:0' } }\nprocessors: { batch: , memory_limiter: { check_interval: 1s } }\n\
         service:\n  extensions: [health_check]\n  workers: 2\n  raw_budget: 16MiB\n  memory_limit: 1GiB\n  shutdown_timeout: 5s\n  admin: { socket: /nowhere/s }\n\
         \x20 telemetry: { metrics: { endpoint: '127.0.0.1:0' }, logs: { encoding: json, level: warn } }\n\
         \x20 pipelines:\n    logs: { receivers: [otlp, stdin], processors: [batch], exporters: [debug, file] }\n    traces/x: { receivers: [otlp], exporters: [otlp_http] }\n";
    vec![[&whole, exporters, service].concat().into_bytes(), whole.into_bytes(), service.as_bytes().to_vec()]
}

/// Whatever a configuration says, it is read to the end, and of each mistake it is said where it is.
fn configuration() -> Run {
    // In memory where there is such a place: a file that is written anew each time waits for a disk.
    let dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let path = dir.path().join("config.yaml");
    let origin = Origin { files: vec![path.to_str().unwrap().to_owned()], ..Origin::default() };
    Box::new(move |input| {
        // With packs to compile this would be a target of compilers.
        if input.windows(5).any(|window| window == b"scrub") {
            return Ok(false);
        }
        std::fs::write(&path, input).map_err(|_| "no place to write")?;
        let reading = Config::read(&origin);
        expect(reading.config.is_none(), "a configuration without a scrub processor")?;
        expect(!reading.mistakes.is_empty(), "what does not run has no mistake")?;
        let place = dir.path().to_str().unwrap_or_default();
        expect(reading.mistakes.iter().all(|line| line.starts_with(place)), "a mistake without a place")?;
        // Where only a scrub processor is missing, all else was right.
        Ok(reading.mistakes.len() < 12)
    })
}

fn packs() -> Vec<Vec<u8>> {
    [
        "rules:\n  - id: site.badge\n    identifier: R\n    pattern: 'BDG-\\d{6}'\n    edge: digit\n    reference: x\n    matches: [ 'a [[BDG-482913]]', '[[BDG-482914]] b' ]\n    ignores: [ a, b ]\n",
        "sets: { wards: [ north, south ] }\nrules:\n  - id: site.ward\n    identifier: R\n    name: ward\n    pattern: '(?i)ward (?P<value>[a-z]+)'\n    action: token\n    stage: shadow\n    reference: x\n    matches: [ 'in ward [[north]] now', 'ward [[south]]' ]\n    ignores: [ 'no', 'none' ]\n",
        "fragments: { mrn: '\\d{8}' }\nrules:\n  - id: site.mrn\n    identifier: H\n    keys: [ mrn ]\n    pattern: '(?P>mrn)'\n    action: redact\n    reference: x\n    matches: [ { key: mrn, text: '[[47810926]]' } ]\n    ignores: [ { key: mrn, text: a } ]\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

/// A pack compiles or has mistakes, in time, and says where they are.
fn compile() -> Run {
    Box::new(|input| {
        // A pattern takes time by the square of its length: one of a thousand letters some seconds.
        let Some(text) = std::str::from_utf8(input).ok().filter(|text| text.len() <= 1000) else { return Ok(false) };
        let pseudonym_key = PseudonymKey::new(&[7; 32]).unwrap();
        let options = Options { engine: Engine::Referee, triggers: Default::default(), pseudonym_key };
        match RuleSet::compile(&[PackSource { file: "p", text }], &options) {
            Ok(set) => {
                let mut scrubber = Scrubber::new(&set).map_err(|_| "no scrubber for what compiled")?;
                let line = Bytes::from_static(b"in ward north BDG-482913 mrn=47810926");
                expect(scrubber.scrub(&line, Format::Text, today()).is_ok(), "what compiled does not scrub")
            }
            Err(mistakes) => {
                let told = mistakes.sorted();
                expect(!told.is_empty() && told.iter().all(|mistake| mistake.at.line > 0), "a mistake without a place")
                    .map(|_| told.len() < 4)
            }
        }
    })
}

fn headers(input: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in input.split(|byte| *byte == b'\n') {
        let (name, value) = line.split_at(line.iter().position(|byte| *byte == b':').unwrap_or(line.len()));
        let value = HeaderValue::from_bytes(value.get(1..).unwrap_or_default().trim_ascii());
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), value) {
            headers.append(name, value);
        }
    }
    headers
}

fn statuses() -> Vec<Vec<u8>> {
    use tonic_types::{ErrorDetails, StatusExt as _};
    let mut all = vec![b"grpc-status: 3\ngrpc-message: you sent 536%2D22-8147\n".to_vec()];
    for (code, wait) in [(14, Some(Duration::from_millis(1500))), (8, Some(Duration::MAX)), (8, None)] {
        let details = ErrorDetails::with_retry_info(wait);
        let status = tonic::Status::with_error_details(tonic::Code::from(code), SSN, details);
        let bytes = base64::engine::general_purpose::STANDARD_NO_PAD.encode(status.details());
        all.push(format!("grpc-status: {code}\ngrpc-status-details-bin: {bytes}\n").into_bytes());
    }
    all
}

/// Whatever a status says, it comes to a code that there is and at most a time.
fn grpc_status() -> Run {
    Box::new(|input| {
        let Some(error) = grpc_error(headers(input)) else { return Ok(false) };
        expect(error.status() <= 16, "a code that there is not")?;
        expect(!format!("{error:?}").contains("536-22"), "an error quotes")?;
        Ok(matches!(error, SendError::Busy { after: Some(_), .. }))
    })
}

fn answers() -> Vec<Vec<u8>> {
    [
        "HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 4\r\n\r\n\n\u{2}\u{8}\u{7}",
        "HTTP/1.1 503 Busy\r\nretry-after: 7\r\ntransfer-encoding: chunked\r\n\r\n5\r\n536-2\r\n0\r\nx: y\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 429 No\r\nretry-after: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\nrest",
        "HTTP/1.1 204 None\r\n\r\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

fn calls() -> Vec<Vec<u8>> {
    let fields = |fields: &[(&str, &str)]| {
        let mut block = Vec::new();
        for (name, value) in fields {
            block.push(0);
            for text in [name, value] {
                block.push(u8::try_from(text.len()).unwrap());
                block.extend(text.as_bytes());
            }
        }
        block
    };
    let settings = [h2::frame(4, 0, 0, &[0, 3, 0, 0, 0, 100]), h2::frame(4, 1, 0, b"")].concat();
    let begin = h2::frame(1, 4, 1, &fields(&[(":status", "200"), ("content-type", "application/grpc")]));
    let message = h2::frame(0, 0, 1, &crate::support::grpc::frame(0, b"\x0a\x02\x08\x07"));
    let fine = h2::frame(1, 5, 1, &fields(&[("grpc-status", "0")]));
    let busy = h2::frame(1, 5, 1, &fields(&[("grpc-status", "14"), ("grpc-message", "you sent 536-22-8147")]));
    let proxy = h2::frame(1, 5, 1, &fields(&[(":status", "503"), ("retry-after", "3")]));
    vec![
        [&settings[..], &begin, &message, &fine].concat(),
        [&settings[..], &begin, &busy].concat(),
        [&settings[..], &proxy].concat(),
        [&settings[..], &h2::frame(7, 0, 0, &[0; 8])].concat(),
    ]
}

/// A backend that says these bytes to whoever comes, whatever he wants.
fn sayer() -> (SocketAddr, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, words) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
    let said = Arc::clone(&words);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut heard = vec![0; 1 << 14];
            let _some = stream.read(&mut heard);
            let _closed = stream.write_all(&said.lock().unwrap().clone());
            let _closed = stream.shutdown(std::net::Shutdown::Write);
            let _rest = stream.set_read_timeout(Some(Duration::from_millis(20)));
            let _rest = stream.read(&mut heard);
        }
    });
    (address, words)
}

fn exporter(kind: &str, to: SocketAddr) -> Box<dyn Exporter> {
    let section = format!("endpoint: 'http://{to}'\ntimeout: 2s\ncompression: none\n");
    let (node, mut notes) = (Node::parse("f", &section).unwrap(), Notes::default());
    let kind = EXPORTERS.iter().find(|known| known.kind == kind).unwrap();
    (kind.read)(&Component::new("fuzz"), "f", &node, &mut notes).unwrap().exporter
}

/// What a backend answers comes to a word of ours, in time, whatever it is.
fn answered(kind: &'static str) -> Run {
    let (address, words) = sayer();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let exporter = {
        let _within = runtime.enter();
        exporter(kind, address)
    };
    let outbound = {
        let mut scrubber = Scrubber::new(&super::targets::RULES).unwrap();
        let body = Bytes::from(log("a record").encode_to_vec());
        let logs = Format::Otlp(processors::walk::otlp::Signal::Logs);
        Outbound::of(&scrubber.scrub(&body, logs, today()).unwrap(), Sender::Unsaid).unwrap()
    };
    Box::new(move |input| {
        *words.lock().unwrap() = input.to_vec();
        let began = Instant::now();
        let sent = runtime.block_on(exporter.send(outbound.clone()));
        expect(began.elapsed() < Duration::from_secs(3), "a backend was waited for too long")?;
        expect(!format!("{sent:?}").contains("536"), "what is kept of an answer quotes it")?;
        Ok(!matches!(sent, Err(SendError::Unreachable | SendError::Timeout)))
    })
}

fn requests() -> Vec<Vec<u8>> {
    let body = log(SSN).encode_to_vec();
    let post = |path: &str, rest: &str, body: &[u8]| {
        let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\n{rest}content-length: {}\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    };
    vec![
        post("/v1/logs", "content-type: application/x-protobuf\r\n", &body),
        post("/logs?service=lab%20orders&ddtags=a:b&x=%F", "content-type: text/plain\r\n", b"line of 536-22-8147\n"),
        post(
            "/v0.4/traces",
            "content-type: application/json\r\ndatadog-meta-lang: python\r\nx-datadog-trace-count: 1\r\n",
            b"[]",
        ),
        post("/v1/input/the-key", "content-type: application/json\r\n", br#"[{"message":"ssn 536-22-8147"}]"#),
        post("/api/v2/logs?dd-api-key=the-key", "dd-api-key: the-key\r\n", br#"[{"message":"a"}]"#),
        post(
            "/api/7/envelope/?sentry_key=abc",
            "x-sentry-auth: Sentry sentry_version=7, sentry_key=abc\r\n",
            b"{}\n{\"type\":\"event\"}\n{\"message\":\"ssn 536-22-8147\"}",
        ),
        post("/api/7/store/", "content-encoding: gzip\r\nx-sentry-auth: Sentry sentry_key=abc\r\n", &brotli(b"{}", 18)),
        b"GET /info HTTP/1.1\r\nhost: x\r\n\r\n".to_vec(),
    ]
}

/// Whatever is asked of any receiver, it answers with a status of its own, echoes nothing, and is there afterwards.
fn asked() -> Run {
    let config = format!(
        "receivers:\n  otlp: {{ protocols: {{ http: {{ endpoint: '127.0.0.1:0' }} }} }}\n  http_logs: {{ endpoint: '127.0.0.1:0', path: /logs }}\n\
         \x20 datadog_agent: {{ endpoint: '127.0.0.1:0', api_key: the-key }}\n  sentry: {{ endpoint: '127.0.0.1:0', public_key: abc }}\n\
         processors: {{ scrub: {{ {} pseudonym_key: 0123456789abcdef0123456789abcdef }} }}\n\
         exporters:\n  debug:\n  datadog_agent: {{ endpoint: 'http://127.0.0.1:1' }}\n  sentry: {{ dsn: 'http://abc@127.0.0.1:1/7' }}\n\
         extensions: {{ health_check: {{ endpoint: '127.0.0.1:0' }} }}\n\
         service:\n  extensions: [health_check]\n  telemetry: {{ metrics: {{ endpoint: '127.0.0.1:0' }}, logs: {{ encoding: json, level: info }} }}\n  pipelines:\n\
         \x20   logs: {{ receivers: [otlp, http_logs], processors: [scrub], exporters: [debug] }}\n\
         \x20   traces/dd: {{ receivers: [datadog_agent], processors: [scrub], exporters: [datadog_agent] }}\n\
         \x20   logs/sentry: {{ receivers: [sentry], processors: [scrub], exporters: [sentry] }}\n",
        crate::support::collector::FEW_RULES
    );
    let collector = Collector::start(&config, &[]);
    let listening: Vec<SocketAddr> = collector
        .events("listening")
        .iter()
        .filter(|line| !line["component"].as_str().unwrap().starts_with("admin"))
        .map(|line| line["address"].as_str().unwrap().parse().unwrap())
        .collect();
    assert_eq!(listening.len(), 4);
    let mut count = 0usize;
    Box::new(move |input| {
        count += 1;
        let mut taken = false;
        for to in &listening {
            let Ok(mut stream) = TcpStream::connect(to) else { return Err("nobody listens any more".into()) };
            let _closed = stream.write_all(input);
            let _closed = stream.shutdown(std::net::Shutdown::Write);
            stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            let mut heard = Vec::new();
            let _reset = (&mut stream).take(1 << 16).read_to_end(&mut heard);
            let text = String::from_utf8_lossy(&heard);
            expect(!text.contains("22-8147"), "an answer echoes")?;
            expect(!text.starts_with("HTTP/1.1 500"), "a fault of its own")?;
            taken |= text.starts_with("HTTP/1.1 20");
        }
        if count.is_multiple_of(5000) {
            expect(collector.health().status == 200, "it is not well")?;
            expect(!collector.log().contains("22-8147"), "the log echoes")?;
            expect(collector.events("panicked").is_empty(), "it panicked")?;
        }
        Ok(taken)
    })
}

/// Texts of every kind that is looked into.
fn containers() -> Vec<Vec<u8>> {
    let mut all = seeds::plain();
    all.extend(crate::matrix::wrapped("patient_ssn", SSN).into_iter().map(String::into_bytes));
    all.extend(
        [
            "ISA*00*          *00*          *ZZ*A*ZZ*B*250101*1253*^*00501*1*0*P*:~NM1*IL*1*VELGORA*BINTU****MI*47810926~DMG*D8*19610203*F~",
            "2016-10-06T00:17:09.669794202Z stdout P patient ssn 536-22\n2016-10-06T00:17:09.669794203Z stdout F -8147 seen\n",
            "00000000: 7373 6e20 3533 362d 3232 2d38 3134 370a  ssn 536-22-8147.\n",
            "--b\r\ncontent-disposition: form-data; name=\"ssn\"\r\n\r\n536-22-8147\r\n--b--\r\n",
            "subject: =?utf-8?q?ssn_536=2D22=2D8147?=\r\n\r\nssn=20536=2D22-81=\r\n47\r\n",
            "bytes [53, 51, 54, 45, 50, 50, 45, 56, 49, 52, 55] and \\u0035\\u0033\\u0036-22-8147",
            "(0010,0020) LO [47810926] # 8, 1 PatientID\n(0010,0010) PN [VELGORA^BINTU]\n",
            "name\tssn\tcity\nBintu Velgora\t536-22-8147\tOslo\nAda Quist\t536-22-8148\tBergen\n",
        ]
        .map(|text| text.as_bytes().to_vec()),
    );
    all.push("ssn 536-22-8147".encode_utf16().flat_map(u16::to_le_bytes).collect());
    all
}

/// Lines are scrubbed as texts are, one by one: as many leave as came.
fn lines() -> Run {
    let mut scrubber = Scrubber::new(&super::targets::RULES).unwrap();
    Box::new(move |input| {
        let count = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count();
        let Ok(scrubbed) = scrubber.scrub(&Bytes::copy_from_slice(input), Format::Lines, today()) else {
            return Ok(false);
        };
        let out = scrubbed.bytes().clone();
        let alone = format!(" ssn {SSN} ");
        expect(!out.windows(alone.len()).any(|window| window == alone.as_bytes()), "a number came through")?;
        let again = scrubber.scrub(&out, Format::Lines, today()).map_err(|_| "what left is refused".to_owned())?;
        expect(again.bytes() == &out, "a second look changes what left")?;
        expect(count(&out) <= count(input), "there are more lines than there were")
    })
}
