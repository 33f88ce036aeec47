//! Who may send: certificates, tokens, passwords, and what of each does not admit.

use crate::support::backend::Backend;
use crate::support::ca::{Authority, Identity};
use crate::support::collector::{Collector, Setup, check};
use crate::support::eventually;
use crate::support::grpc;
use crate::support::http::send;
use crate::support::sample::{log, trace};
use base64::Engine as _;
use http::HeaderMap;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use prost::Message as _;
use scrubjay::net::Client;
use scrubjay::settings::{ClientTls, Endpoint};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const NOW: (i32, i32) = (2020, 2090);

fn start(backend: &Backend, listener: &str) -> Collector {
    let mut setup = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url()));
    setup.http = format!("endpoint: '127.0.0.1:0', {listener}");
    setup.grpc = setup.http.clone();
    setup.start()
}

/// The status of an export over TLS; `None` if there was no HTTP at all.
fn export(collector: &Collector, authority: &str, identity: Option<&Identity>) -> Option<u16> {
    let url = format!("https://localhost:{}", collector.http().port());
    let endpoint = Endpoint::parse(&url, "https").unwrap();
    let identity = identity.map(|identity| (identity.cert.clone().into(), identity.key.clone().into()));
    let tls = ClientTls { ca_file: Some(authority.into()), identity, ..ClientTls::default() };
    let client = Client::new(&endpoint, &tls, Duration::from_secs(5)).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "application/x-protobuf".parse().unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let body = log("by certificate").encode_to_vec();
    runtime
        .block_on(client.post(endpoint.join("/v1/logs").unwrap(), headers, body.into()))
        .ok()
        .map(|reply| reply.status.as_u16())
}

#[test]
fn only_certificates_that_are_vouched_for_named_and_not_revoked_get_in() {
    let dir = tempfile::tempdir().unwrap();
    let (ours, theirs) = (Authority::new(dir.path(), "ours"), Authority::new(dir.path(), "theirs"));
    let server = ours.vouch("server", 1, &["localhost"], NOW);
    let good = ours.vouch("good", 2, &["agent.wards.example"], NOW);
    let by_uri = ours.vouch("by-uri", 3, &["spiffe://example/agent"], NOW);
    let revoked = ours.vouch("revoked", 4, &["agent.wards.example"], NOW);
    let cases = [
        ("good", Some(good.clone()), true),
        ("by its URI", Some(by_uri), true),
        ("none", None, false),
        ("of another authority", Some(theirs.vouch("stranger", 2, &["agent.wards.example"], NOW)), false),
        ("another name", Some(ours.vouch("other", 5, &["agent.labs.example"], NOW)), false),
        ("a deeper name", Some(ours.vouch("deeper", 6, &["x.agent.wards.example"], NOW)), false),
        ("no name", Some(ours.vouch("nameless", 7, &[], NOW)), false),
        ("expired", Some(ours.vouch("expired", 8, &["agent.wards.example"], (2020, 2021))), false),
        ("not valid yet", Some(ours.vouch("early", 9, &["agent.wards.example"], (2080, 2090))), false),
        ("revoked", Some(revoked.clone()), false),
        ("a key of another", Some(Identity { key: server.key.clone(), ..good.clone() }), false),
    ];
    let list = ours.revoke("revoked.crl", &[&revoked]);
    let backend = Backend::start();
    for version in ["'1.2'", "'1.3'"] {
        let collector = start(
            &backend,
            &format!(
                "tls: {{ cert_file: '{}', key_file: '{}', client_ca_file: '{}', client_crl_files: '{list}', min_version: {version}, \
                 client_names: ['*.wards.example', 'spiffe://example/agent'] }}",
                server.cert, server.key, ours.file
            ),
        );
        let before = backend.received().len();
        for (name, identity, admitted) in &cases {
            // A key that is not its certificate's is seen by the client itself.
            let got = std::panic::catch_unwind(|| export(&collector, &ours.file, identity.as_ref())).unwrap_or(None);
            assert_eq!(got, admitted.then_some(200), "{name}");
        }
        backend.wait(before + 2);
        assert_eq!(backend.received().len(), before + 2, "nothing of the others was read");
        assert!(collector.metric("scrubjay_connections_closed_total", &["handshake"]) >= 8.0);
        // What is revoked while it runs, is refused from then on.
        ours.revoke("revoked.crl", &[&revoked, &good]);
        collector.event("certificates_reloaded");
        assert_eq!(export(&collector, &ours.file, Some(&good)), None);
        // A list that cannot be read leaves the last one in force.
        std::fs::write(&list, "no list").unwrap();
        assert_eq!(
            collector.event("certificates_refused")["why"],
            "`client_crl_files` cannot be read or hold no PEM list of revoked certificates"
        );
        assert_eq!(export(&collector, &ours.file, Some(&good)), None);
        ours.revoke("revoked.crl", &[&revoked]);
        eventually("the new list is read", || (collector.events("certificates_reloaded").len() == 4).then_some(()));
        assert_eq!(export(&collector, &ours.file, Some(&good)), Some(200));
    }
}

#[test]
fn certificates_are_exchanged_while_it_runs() {
    let dir = tempfile::tempdir().unwrap();
    let (old, new) = (Authority::new(dir.path(), "old"), Authority::new(dir.path(), "new"));
    let shown = old.vouch("shown", 1, &["localhost"], NOW);
    let backend = Backend::start();
    let collector = start(&backend, &format!("tls: {{ cert_file: '{}', key_file: '{}' }}", shown.cert, shown.key));
    assert_eq!(export(&collector, &old.file, None), Some(200));
    // A key that does not belong to the certificate: the old pair stays.
    let other = new.vouch("other", 2, &["localhost"], NOW);
    std::fs::copy(&other.key, &shown.key).unwrap();
    assert_eq!(collector.event("certificates_refused")["why"], "`key_file` does not belong to `cert_file`");
    assert_eq!(export(&collector, &old.file, None), Some(200));
    std::fs::copy(&other.cert, &shown.cert).unwrap();
    collector.event("certificates_reloaded");
    assert_eq!((export(&collector, &old.file, None), export(&collector, &new.file, None)), (None, Some(200)));
    assert_eq!(collector.metric("scrubjay_certificate_reloads_total", &["result=\"ok\""]), 2.0, "one a listener");
    // The first of January 2090.
    assert_eq!(collector.metric("scrubjay_certificate_expiry_seconds", &["\"otlp\""]), 3_786_912_000.0);
}

#[test]
fn older_versions_are_not_spoken() {
    use rustls::version::{TLS12, TLS13};
    let dir = tempfile::tempdir().unwrap();
    let ours = Authority::new(dir.path(), "ours");
    let server = ours.vouch("server", 1, &["localhost"], NOW);
    let backend = Backend::start();
    for (least, only, agreed) in
        [("1.2", &TLS12, true), ("1.2", &TLS13, true), ("1.3", &TLS12, false), ("1.3", &TLS13, true)]
    {
        let tls = format!("tls: {{ cert_file: '{}', key_file: '{}', min_version: {least} }}", server.cert, server.key);
        let collector = start(&backend, &tls);
        let mut roots = rustls::RootCertStore::empty();
        roots.add(rustls::pki_types::pem::PemObject::from_pem_file(&ours.file).unwrap()).unwrap();
        let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider).with_protocol_versions(&[only]).unwrap();
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let mut stream = std::net::TcpStream::connect(collector.http()).unwrap();
        let mut client = rustls::ClientConnection::new(config.into(), "localhost".try_into().unwrap()).unwrap();
        let done = client.complete_io(&mut stream).is_ok() && !client.is_handshaking();
        assert_eq!(done, agreed, "{least} {only:?}");
    }
    let (code, _, err) = check(
        "receivers: { otlp: { protocols: { http: { tls: { cert_file: x, key_file: y, min_version: '1.0' } } } } }\n",
        &[],
        &[],
    );
    assert!(code == 1 && err.contains("`min_version` is 1.2 or 1.3"), "{err}");
}

pub fn sha256(token: &str) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An HTTP status and a gRPC code for a request that bears this.
fn bears(collector: &Collector, authorization: &[&str], signal: &str) -> (u16, i32) {
    let body = if signal == "traces" { trace("x").encode_to_vec() } else { log("x").encode_to_vec() };
    let mut headers = vec![("content-type", "application/x-protobuf")];
    headers.extend(authorization.iter().map(|value| ("authorization", *value)));
    let over_http = send(collector.http(), "POST", &format!("/v1/{signal}"), &headers, &body).status;
    let over_grpc = grpc::call(collector.grpc(), grpc::method(signal), &headers[1..], grpc::frame(0, &body)).code;
    (over_http, over_grpc)
}

const TAKEN: (u16, i32) = (200, 0);
const DENIED: (u16, i32) = (401, 16);
const FORBIDDEN: (u16, i32) = (403, 7);
const TOO_FAST: (u16, i32) = (429, 14);

#[test]
fn principals_send_their_signals_at_their_pace() {
    let backend = Backend::start();
    let collector = start(
        &backend,
        &format!(
            "auth: {{ principals: {{ labs: {{ token_hashes: ['{}', '{}'], signals: [logs] }}, \
             slow: {{ token_hashes: '{}', requests_per_second: 2 }}, heavy: {{ token_hashes: '{}', bytes_per_second: 2B }} }} }}",
            sha256("the-old-token-of-labs"),
            sha256("the-new-token-of-labs"),
            sha256("the-token-of-the-slow"),
            sha256("the-token-of-the-heavy"),
        ),
    );
    for (bearer, signal, expected) in [
        ("Bearer the-old-token-of-labs", "logs", TAKEN),
        ("Bearer the-new-token-of-labs", "logs", TAKEN),
        ("Bearer the-new-token-of-labs", "traces", FORBIDDEN),
        ("Bearer the-new-token-of-labt", "logs", DENIED),
        ("Basic bGFiczp4", "logs", DENIED),
        // Each listener counts for itself.
        ("Bearer the-token-of-the-heavy", "logs", TAKEN),
        ("Bearer the-token-of-the-heavy", "logs", TOO_FAST),
    ] {
        assert_eq!(bears(&collector, &[bearer], signal), expected, "{bearer} {signal}");
    }
    assert_eq!(bears(&collector, &[], "logs"), DENIED);
    let paced: Vec<(u16, i32)> =
        (0..8).map(|_| bears(&collector, &["Bearer the-token-of-the-slow"], "traces")).collect();
    assert!(paced[0] == TAKEN && paced.contains(&TOO_FAST), "{paced:?}");
    let headers = [("content-type", "application/x-protobuf"), ("authorization", "Bearer the-token-of-the-heavy")];
    let refused = send(collector.http(), "POST", "/v1/logs", &headers, &[]);
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").is_some_and(|wait| (1..=5).contains(&wait.parse().unwrap())));
    for (reason, least) in [("unauthenticated", 5.0), ("forbidden", 2.0), ("too_fast", 3.0)] {
        assert!(collector.metric("scrubjay_requests_denied_total", &[reason]) >= least, "{reason}");
    }
    let shown = [collector.log(), collector.metrics()].concat();
    assert!(!shown.contains("the-token") && !shown.contains(&sha256("the-token-of-the-slow")[..12]));
}

/// A key pair of an issuer: what signs, and what is published of it.
pub fn issuer_key(id: &str) -> (EncodingKey, Jwk) {
    let key = EncodingKey::from_ec_der(&rcgen::KeyPair::generate().unwrap().serialize_der());
    let mut jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap();
    jwk.common.key_id = Some(id.to_owned());
    (key, jwk)
}

pub fn publish(file: &Path, keys: &[&Jwk]) {
    std::fs::write(file, json!({ "keys": keys }).to_string()).unwrap();
}

fn since_1970() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

pub fn signed(key: &EncodingKey, id: Option<&str>, change: impl Fn(&mut Value)) -> String {
    let mut header = Header::new(Algorithm::ES256);
    header.kid = id.map(str::to_owned);
    let now = since_1970();
    let mut claims =
        json!({ "iss": "https://id.example", "aud": "scrubjay", "sub": "svc-labs", "exp": now + 600, "nbf": now - 5 });
    change(&mut claims);
    format!("Bearer {}", jsonwebtoken::encode(&header, &claims, key).unwrap())
}

#[test]
fn an_issuers_tokens_admit_whom_they_are_for_and_for_how_long_they_say() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jwks.json");
    let ((key, jwk), (next, next_jwk), (stranger, _)) = (issuer_key("one"), issuer_key("two"), issuer_key("one"));
    publish(&file, &[&jwk]);
    let backend = Backend::start();
    let collector = start(
        &backend,
        &format!(
            "auth: {{ jwt: {{ jwks_file: '{}', issuer: 'https://id.example', audience: scrubjay, algorithms: ES256, leeway: 30s }}, \
             principals: {{ labs: {{ subject: svc-labs, signals: logs }} }} }}",
            file.display()
        ),
    );
    let good = signed(&key, Some("one"), |_| {});
    let now = since_1970();
    let base64 = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let parts: Vec<&str> = good.split('.').collect();
    let unsigned = format!("Bearer {}.{}.", base64(r#"{"alg":"none","typ":"JWT"}"#), parts[1]);
    let symmetric = {
        // The published key as a secret: what a reader takes that does not look which algorithm it asked for.
        let secret = EncodingKey::from_secret(json!(jwk).to_string().as_bytes());
        let claims: Value =
            json!({ "iss": "https://id.example", "aud": "scrubjay", "sub": "svc-labs", "exp": now + 600 });
        format!("Bearer {}", jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &secret).unwrap())
    };
    let changed = format!("{}.{}.{}", parts[0], base64(r#"{"sub":"svc-ward"}"#), parts[2]);
    for (name, bearer, expected) in [
        ("good", good.clone(), TAKEN),
        ("no id of the key, of which there is one", signed(&key, None, |_| {}), TAKEN),
        ("within the leeway", signed(&key, Some("one"), |claims| claims["exp"] = json!(now - 10)), TAKEN),
        ("a list of audiences", signed(&key, Some("one"), |claims| claims["aud"] = json!(["x", "scrubjay"])), TAKEN),
        ("expired", signed(&key, Some("one"), |claims| claims["exp"] = json!(now - 60)), DENIED),
        ("not yet", signed(&key, Some("one"), |claims| claims["nbf"] = json!(now + 60)), DENIED),
        ("for ever", signed(&key, Some("one"), |claims| claims["exp"] = Value::Null), DENIED),
        (
            "another issuer",
            signed(&key, Some("one"), |claims| claims["iss"] = json!("https://id.example.evil")),
            DENIED,
        ),
        ("no issuer", signed(&key, Some("one"), |claims| claims["iss"] = Value::Null), DENIED),
        ("another audience", signed(&key, Some("one"), |claims| claims["aud"] = json!("other")), DENIED),
        ("no audience", signed(&key, Some("one"), |claims| claims["aud"] = Value::Null), DENIED),
        ("another subject", signed(&key, Some("one"), |claims| claims["sub"] = json!("svc-ward")), DENIED),
        ("no subject", signed(&key, Some("one"), |claims| claims["sub"] = Value::Null), DENIED),
        ("a stranger's key", signed(&stranger, Some("one"), |_| {}), DENIED),
        ("a key that is not published", signed(&next, Some("two"), |_| {}), DENIED),
        ("not signed", unsigned, DENIED),
        ("signed with what all know", symmetric, DENIED),
        ("changed", changed, DENIED),
        ("cut", good[..good.len() - 4].to_owned(), DENIED),
        ("nothing", "Bearer ..".to_owned(), DENIED),
    ] {
        assert_eq!(bears(&collector, &[&bearer], "logs"), expected, "{name}");
    }
    assert_eq!(bears(&collector, &[&good], "traces"), FORBIDDEN);
    let twice = [("content-type", "application/x-protobuf"), ("authorization", &good), ("authorization", &good)];
    assert_eq!(send(collector.http(), "POST", "/v1/logs", &twice, b"").status, 401, "twice is not once");
    // The issuer changes its key; a file that cannot be read changes nothing.
    publish(&file, &[&jwk, &next_jwk]);
    let by_next = signed(&next, Some("two"), |_| {});
    eventually("the new key admits", || (bears(&collector, &[&by_next], "logs") == TAKEN).then_some(()));
    std::fs::write(&file, "{}").unwrap();
    eventually("the file is refused", || {
        assert_eq!(bears(&collector, &[&by_next], "logs"), TAKEN);
        collector.events("token_keys_refused").first().cloned()
    });
    publish(&file, &[&next_jwk]);
    eventually("the old key admits nobody", || (bears(&collector, &[&good], "logs") == DENIED).then_some(()));
}

#[test]
fn a_certificate_names_a_principal() {
    let dir = tempfile::tempdir().unwrap();
    let ours = Authority::new(dir.path(), "ours");
    let server = ours.vouch("server", 1, &["localhost"], NOW);
    let (labs, ward) = (ours.vouch("labs", 2, &["labs.example"], NOW), ours.vouch("ward", 3, &["ward.example"], NOW));
    let (traces, other) =
        (ours.vouch("traces", 4, &["traces.example"], NOW), ours.vouch("other", 5, &["other.example"], NOW));
    let backend = Backend::start();
    let collector = start(
        &backend,
        &format!(
            "tls: {{ cert_file: '{}', key_file: '{}', client_ca_file: '{}' }}, auth: {{ principals: {{ labs: {{ client_names: labs.example }}, \
             ward: {{ client_names: [a.example, ward.example] }}, traces: {{ client_names: traces.example, signals: traces }} }} }}",
            server.cert, server.key, ours.file
        ),
    );
    for (identity, status) in [(&labs, 200), (&ward, 200), (&traces, 403), (&other, 401)] {
        assert_eq!(export(&collector, &ours.file, Some(identity)), Some(status), "{}", identity.cert);
    }
}

/// What a backend shows must be its own, and valid now; what it asks for is shown.
#[test]
fn exporters_send_to_nobody_they_do_not_know_and_show_who_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let (ours, theirs) = (Authority::new(dir.path(), "ours"), Authority::new(dir.path(), "theirs"));
    let agent = ours.vouch("agent", 2, &["agent.example"], NOW);
    let stranger = theirs.vouch("stranger", 3, &["agent.example"], NOW);
    let shown = [
        ("good", ours.vouch("good", 10, &["localhost"], NOW), Some(&agent), true),
        ("expired", ours.vouch("expired", 11, &["localhost"], (2020, 2021)), Some(&agent), false),
        ("not valid yet", ours.vouch("early", 12, &["localhost"], (2080, 2090)), Some(&agent), false),
        ("another name", ours.vouch("other", 13, &["backend.example"], NOW), Some(&agent), false),
        ("another authority", theirs.vouch("foreign", 14, &["localhost"], NOW), Some(&agent), false),
        ("nothing shown", ours.vouch("good-2", 15, &["localhost"], NOW), None, false),
        ("a stranger's shown", ours.vouch("good-3", 16, &["localhost"], NOW), Some(&stranger), false),
    ];
    let backend = Backend::start();
    for (name, server, identity, delivered) in shown {
        let tls = format!(
            "tls: {{ cert_file: '{}', key_file: '{}', client_ca_file: '{}' }}",
            server.cert, server.key, ours.file
        );
        let inner = start(&backend, &tls);
        for (kind, port) in [("otlp_grpc", inner.grpc().port()), ("otlp_http", inner.http().port())] {
            let shows = identity.map_or(String::new(), |identity| {
                format!(", cert_file: '{}', key_file: '{}'", identity.cert, identity.key)
            });
            let retry = "retry_on_failure: { initial_interval: 50ms, max_interval: 100ms }";
            let outer = Setup::new(
                kind,
                &format!("endpoint: 'https://localhost:{port}', {retry}, tls: {{ ca_file: '{}'{shows} }}", ours.file),
            )
            .start();
            let before = backend.received().len();
            assert_eq!(outer.post("/v1/logs", &log(name).encode_to_vec()).status, 200);
            if delivered {
                backend.wait(before + 1);
            } else {
                assert_eq!(outer.event("retrying")["reason"], "unreachable", "{name} {kind}");
                eventually("it is tried again", || (outer.events("retrying").len() >= 3).then_some(()));
                assert_eq!(backend.received().len(), before, "{name} {kind}");
            }
        }
    }
    for (tls, told) in [
        ("cert_file: /nowhere", "`cert_file` and `key_file` come together"),
        ("cert_file: /nowhere, key_file: /nowhere", "`cert_file` cannot be read"),
    ] {
        for kind in ["otlp_grpc", "otlp_http"] {
            let (code, _, err) = check(
                &Setup::new(kind, &format!("endpoint: 'https://localhost:1', tls: {{ {tls} }}")).config(),
                &[],
                &[],
            );
            assert!(code == 1 && err.contains(told), "{err}");
        }
    }
}

/// Welch's t of two samples, without the slowest tenth of each: interrupts say nothing of what is compared.
fn welch(samples: &mut [Vec<f64>; 2]) -> f64 {
    let [(a, va, na), (b, vb, nb)] = samples.each_mut().map(|sample| {
        sample.sort_by(f64::total_cmp);
        sample.truncate(sample.len() * 9 / 10);
        let count = sample.len() as f64;
        let mean = sample.iter().sum::<f64>() / count;
        (mean, sample.iter().map(|took| (took - mean).powi(2)).sum::<f64>() / (count - 1.0), count)
    });
    (a - b) / (va / na + vb / nb).sqrt()
}

/// As dudect asks: a token that is right but for its last letter, and one in which every letter is wrong.
#[test]
fn comparing_a_token_takes_as_long_however_much_of_it_is_right() {
    let token = "correct-horse-battery-staple-0123456789";
    let hash = scrubjay::settings::TokenHash::of(token.as_bytes());
    let near = format!("{}8", &token[..token.len() - 1]);
    let far: String = token.chars().map(|char| if char == 'x' { 'y' } else { 'x' }).collect();
    let samples: usize = std::env::var("SCRUBJAY_SAMPLES").map_or(20_000, |count| count.parse().unwrap());
    // Both are shown in one place: where a token lies (over the end of a line of the cache, or not) says nothing of its letters.
    let mut shown = vec![0; token.len()];
    let mut told = Vec::new();
    let mut order = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..5 {
        let mut took = [Vec::with_capacity(samples), Vec::with_capacity(samples)];
        for _ in 0..samples * 2 {
            // In an order that nothing else follows (xorshift).
            order ^= order << 13;
            order ^= order >> 7;
            order ^= order << 17;
            let which = usize::from(order >> 63 == 1);
            shown.copy_from_slice([near.as_bytes(), far.as_bytes()][which]);
            let shown = std::hint::black_box(&shown);
            let began = std::time::Instant::now();
            let same = std::hint::black_box(hash.is(&scrubjay::settings::TokenHash::of(shown)));
            took[which].push(began.elapsed().as_nanos() as f64);
            assert!(!same);
        }
        told.push(welch(&mut took));
    }
    eprintln!("t of {samples} samples each, five times: {told:.2?}");
    assert!(told.iter().any(|t| t.abs() < 4.5), "{told:?}");
}
