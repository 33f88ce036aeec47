//! TLS on both sides.

use crate::support::backend::Backend;
use crate::support::collector::Setup;
use crate::support::sample::{SSN, bodies, log};
use crate::support::{eventually, grpc};
use http::HeaderMap;
use prost::Message as _;
use scrubjay::net::Client;
use scrubjay::settings::{ClientTls, Endpoint};
use std::path::Path;
use std::time::Duration;

/// Writes a certificate for `localhost` and its key, signed by itself.
fn certificate(dir: &Path) -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (cert, key) = (dir.join("cert.pem"), dir.join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    (cert.to_str().unwrap().into(), key.to_str().unwrap().into())
}

#[test]
fn tls_in_and_tls_out() {
    let dir = tempfile::tempdir().unwrap();
    let (cert, key) = certificate(dir.path());
    let backend = Backend::start();
    // The second collector stands behind the first, and both speak TLS.
    let mut inner = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url()));
    inner.grpc = format!("endpoint: '127.0.0.1:0', tls: {{ cert_file: '{cert}', key_file: '{key}' }}");
    inner.http = inner.grpc.clone();
    let inner = inner.start();
    let tls = format!("tls: {{ ca_file: '{cert}', server_name_override: localhost }}");
    for (kind, port) in [("otlp_grpc", inner.grpc().port()), ("otlp_http", inner.http().port())] {
        let before = backend.received().len();
        let mut outer = Setup::new(kind, &format!("endpoint: 'https://127.0.0.1:{port}', {tls}"));
        outer.http = format!("endpoint: '127.0.0.1:0', tls: {{ cert_file: '{cert}', key_file: '{key}' }}");
        let outer = outer.start();
        let url = format!("https://localhost:{}", outer.http().port());
        let endpoint = Endpoint::parse(&url, "https").unwrap();
        let trust = ClientTls { ca_file: Some(cert.clone().into()), ..ClientTls::default() };
        let client = Client::new(&endpoint, &trust, Duration::from_secs(5)).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("content-type", "application/x-protobuf".parse().unwrap());
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let body = log(&format!("by {kind}: {SSN}")).encode_to_vec();
        let sent = runtime.block_on(client.post(endpoint.join("/v1/logs").unwrap(), headers, body.into()));
        assert_eq!(sent.unwrap().status, 200);
        let received = backend.wait(before + 1).pop().unwrap();
        assert_eq!(bodies(&received.body), [format!("by {kind}: [REDACTED:ssn]")]);
        // Plain text is not spoken at that port.
        assert!(crate::support::http::try_send(outer.http(), "GET", "/", &[], b"").is_none());
    }
}

#[test]
fn a_certificate_nobody_vouches_for_is_not_believed() {
    let dir = tempfile::tempdir().unwrap();
    let (cert, key) = certificate(dir.path());
    let other = tempfile::tempdir().unwrap();
    let (stranger, _) = certificate(other.path());
    let backend = Backend::start();
    let mut inner = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url()));
    inner.grpc = format!("endpoint: '127.0.0.1:0', tls: {{ cert_file: '{cert}', key_file: '{key}' }}");
    inner.http = inner.grpc.clone();
    let inner = inner.start();
    for (kind, port) in [("otlp_grpc", inner.grpc().port()), ("otlp_http", inner.http().port())] {
        let outer =
            Setup::new(kind, &format!("endpoint: 'https://localhost:{port}', tls: {{ ca_file: '{stranger}' }}"));
        let outer = outer.start();
        let called = grpc::call(outer.grpc(), grpc::method("logs"), &[], grpc::frame(0, &log(SSN).encode_to_vec()));
        assert_eq!(called.code, 0);
        let event = outer.event("retrying");
        assert_eq!(event["reason"], "unreachable", "{kind}");
        eventually("the retry is counted", || {
            (outer.metric("scrubjay_exporter_retries_total", &[]) >= 1.0).then_some(())
        });
    }
    assert!(backend.received().is_empty());
}

#[test]
fn a_handshake_that_never_ends_is_ended() {
    use std::io::{Read as _, Write as _};
    let dir = tempfile::tempdir().unwrap();
    let (cert, key) = certificate(dir.path());
    let mut setup = Setup::new("debug", "");
    setup.http = format!("endpoint: '127.0.0.1:0', tls: {{ cert_file: '{cert}', key_file: '{key}' }}");
    let collector = setup.start();
    let began = std::time::Instant::now();
    let mut stream = std::net::TcpStream::connect(collector.http()).unwrap();
    // The first bytes of a ClientHello that announces more.
    stream.write_all(&[22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    assert_eq!(stream.read(&mut [0; 8]).unwrap_or(0), 0);
    let waited = began.elapsed();
    assert!(waited > Duration::from_secs(8) && waited < Duration::from_secs(14), "{waited:?}");
}
