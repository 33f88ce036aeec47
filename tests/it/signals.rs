//! Every signal, every format, every encoding, over both transports: what arrives decodes and is redacted.

use crate::support::backend::Backend;
use crate::support::collector::Setup;
use crate::support::http::send;
use crate::support::sample::{REDACTED, SSN, decodes, every, holds};
use scrubjay::net::compress;
use scrubjay::settings::Compression;

#[test]
fn protobuf_over_http_arrives_redacted() {
    let backend = Backend::start();
    let collector = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url())).start();
    let mut sent = 0;
    for (encoding, compression) in
        [("identity", Compression::None), ("gzip", Compression::Gzip), ("zstd", Compression::Zstd)]
    {
        for (path, signal, body) in every(&format!("patient not found: {SSN}")) {
            let body = compress(compression, &body.into()).unwrap();
            let headers = [("content-type", "application/x-protobuf"), ("content-encoding", encoding)];
            let answer = send(collector.http(), "POST", path, &headers, &body);
            assert_eq!((answer.status, answer.body.len()), (200, 0), "{signal} {encoding}");
            assert_eq!(answer.header("content-type"), Some("application/x-protobuf"));
            sent += 1;
            let received = backend.wait(sent).pop().unwrap();
            assert_eq!(received.path, path);
            assert!(decodes(signal, &received.body), "{signal} {encoding}");
            assert!(!holds(&received.body, SSN), "{signal} {encoding}");
            let marker = if signal == "profiles" { "redacted_ssn_k" } else { REDACTED };
            assert!(holds(&received.body, marker), "{signal} {encoding}");
            assert_eq!(received.headers["content-encoding"], "gzip");
        }
    }
    assert_eq!(collector.metric("otelcol_receiver_accepted_log_records_total", &["transport=\"http\""]), 3.0);
    assert_eq!(collector.metric("phi_findings_total", &["identifier=\"G\""]), 12.0);
    assert!(!collector.log().contains("536-22"));
}
