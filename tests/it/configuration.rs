//! Reading configurations: every mistake at once, each with its place, none with a secret.

use crate::support::collector::{check, command};

/// A sound configuration.
pub const SOUND: &str = "\
receivers:
  otlp: { protocols: { grpc: , http: } }
processors:
  scrub: { pseudonym_key: 0123456789abcdef, packs: [secrets] }
exporters:
  otlp_http: { endpoint: 'http://127.0.0.1:1' }
service:
  pipelines:
    logs: { receivers: [otlp], processors: [scrub], exporters: [otlp_http] }
";

#[test]
fn all_mistakes_of_all_files_are_told_in_one_run() {
    let dir = tempfile::tempdir().unwrap();
    let (first, second, pack) = (dir.path().join("a.yaml"), dir.path().join("b.yaml"), dir.path().join("site.yaml"));
    std::fs::write(&pack, "rules:\n  - id: site.badge\n    identifier: Z\n").unwrap();
    let packs = format!("[secrets, '{}']", pack.display());
    std::fs::write(&first, SOUND.replace("[secrets]", &packs).replace("grpc:", "grpq:")).unwrap();
    std::fs::write(&second, "exporters:\n  otlp_http: { compresion: gzip }\nservice: { wrokers: 2 }\n").unwrap();
    let output = command(&[
        "check",
        "--config",
        first.to_str().unwrap(),
        "--config",
        second.to_str().unwrap(),
        "--set",
        "service::workers=none",
    ])
    .output()
    .unwrap();
    let err = String::from_utf8(output.stderr).unwrap().replace(dir.path().to_str().unwrap(), "");
    assert_eq!(output.status.code(), Some(1));
    for line in [
        "error: /a.yaml:2:24: unknown key `grpq`: did you mean `grpc`?",
        "error: /b.yaml:2:16: unknown key `compresion`: did you mean `compression`?",
        "error: /b.yaml:3:12: unknown key `wrokers`: did you mean `workers`?",
        "error: --set service::workers:1:1: `workers` takes a number from 1 to 256",
        "error: /site.yaml:3:17: `identifier` is a letter of 45 CFR 164.514(b)(2)(i), A to R, or secret",
    ] {
        assert!(err.lines().any(|found| found == line), "{line}\n{err}");
    }
}

#[test]
fn values_from_outside_are_put_in_and_never_shown() {
    let config = SOUND
        .replace("0123456789abcdef", "\"${env:SCRUB_KEY}\"")
        .replace("'http://127.0.0.1:1'", "'${env:BACKEND:-http://127.0.0.1:1}', timeout: '${env:WAIT}'");
    let (code, out, err) = check(&config, &[], &[("SCRUB_KEY", "correct horse battery staple"), ("WAIT", "5s")]);
    assert_eq!(code, 0, "{out}{err}");
    let (code, _, err) =
        check(&config, &[], &[("SCRUB_KEY", "tooshort"), ("WAIT", "hunter2s"), ("BACKEND", "ftp://hunter3")]);
    assert_eq!(code, 1);
    assert!(!err.contains("tooshort") && !err.contains("hunter"), "{err}");
    assert_eq!(err.lines().filter(|line| line.starts_with("error: config.yaml:")).count(), 3, "{err}");
    let (code, _, err) = check(&config, &[], &[]);
    assert_eq!(code, 1);
    for line in [
        "error: config.yaml:4:27: the environment variable `SCRUB_KEY` is not set: `${env:SCRUB_KEY:-default}` would give a default",
        "error: config.yaml:6:73: the environment variable `WAIT` is not set: `${env:WAIT:-default}` would give a default",
    ] {
        assert!(err.lines().any(|found| found == line), "{line}\n{err}");
    }
    let secret = "otlp_http_of_the_secret";
    let named = SOUND.replace("exporters: [otlp_http]", "exporters: [otlp_http, '${env:WHO}', 'x${env:WHO}']");
    let (_, _, err) = check(&named, &[], &[("WHO", secret)]);
    assert!(err.contains("no exporter `${env:WHO}` is defined") && !err.contains(secret), "{err}");
    for (text, message) in [
        ("${WHO}", "`${WHO}` refers to nothing"),
        ("${env:WHO", "`${` without its `}`"),
        ("${file:/nowhere}", "the file `/nowhere` cannot be read"),
        ("${env:}", "`${env:NAME}` takes the name"),
    ] {
        let (code, _, err) = check(&SOUND.replace("0123456789abcdef", &format!("'{text}'")), &[], &[]);
        assert!(code == 1 && err.contains(message), "{text}: {err}");
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("key");
    std::fs::write(&file, "a key of more than sixteen bytes\n").unwrap();
    let from_file = SOUND.replace("0123456789abcdef", &format!("'${{file:{}}}'", file.display()));
    assert_eq!(check(&from_file, &[], &[]).0, 0);
    assert_eq!(check(&SOUND.replace("0123456789abcdef", "'$$x$y$${env:NOT}-long-enough'"), &[], &[]).0, 0);
}

#[test]
fn what_is_done_differently_is_a_warning_with_its_place() {
    let config = SOUND
        .replace("  otlp_http: { endpoint: 'http://127.0.0.1:1' }", "  otlphttp: { endpoint: 'http://127.0.0.1:1', sending_queue: { queue_size: 1000, storage: file_storage }, retry_on_failure: { max_elapsed_time: 300s } }\n  otlp: { endpoint: 'backend.example:4317', tls: { insecure: true } }")
        .replace("[otlp_http]", "[otlphttp, otlp]")
        .replace("processors:\n", "processors:\n  batch: { timeout: 5s }\n  memory_limiter: { limit_mib: 400, check_interval: 1s }\n")
        .replace("[scrub]", "[memory_limiter, scrub, batch]")
        .replace("http: }", "http: { max_request_body_size: 1 } }");
    let (code, out, err) = check(&config, &[], &[]);
    assert_eq!(code, 0, "{err}");
    let warnings: Vec<String> = err
        .lines()
        .filter_map(|line| line.strip_prefix("warning: config.yaml:"))
        .map(|line| line.split(": ").take(2).collect::<Vec<_>>().join(": "))
        .collect();
    assert_eq!(
        warnings,
        [
            "2:63: `max_request_body_size` is not followed",
            "4:3: `batch` does nothing here",
            "5:3: `memory_limiter` does nothing here",
            "8:3: the exporter type `otlphttp` is called `otlp_http` now",
            "8:76: `queue_size` is not followed",
            "8:91: `storage` is not followed",
            "8:145: with `max_elapsed_time` a batch is dropped, counted and logged when this time is over; without it nothing is dropped",
            "9:3: the exporter type `otlp` is called `otlp_grpc` now",
            "9:21: scrubbed data leaves this machine without TLS",
        ],
        "{err}"
    );
    assert!(
        out.contains(
            "pipeline logs: acknowledged when queued in memory; a crash loses what is queued, up to 134217728 bytes"
        ),
        "{out}"
    );
    assert!(out.ends_with("ok: 9 warning(s)\n"), "{out}");
}

/// Settings of the OpenTelemetry Collector that do nothing here are named with their line; one that would send data to
/// whoever answers is refused, and so is one that would let in whoever asks.
#[test]
fn settings_of_the_collector_warn_or_are_refused() {
    let config = SOUND
        .replace(
            "grpc: ,",
            "grpc: { keepalive: { server_parameters: {} }, max_concurrent_streams: 8, transport: tcp },",
        )
        .replace("http: }", "http: { cors: { allowed_origins: ['https://x.example'] }, include_metadata: true } }")
        .replace(
            "'http://127.0.0.1:1'",
            "'http://127.0.0.1:1', tls: { insecure_skip_verify: false, min_version: '1.2' }, max_idle_conns: 5",
        )
        .replace(
            "service:",
            "  otlp_grpc: { endpoint: 127.0.0.1:1, tls: { insecure: true }, keepalive: { time: 10s } }\nservice:",
        )
        .replace("[otlp_http]", "[otlp_http, otlp_grpc]");
    let (code, _, err) = check(&config, &[], &[]);
    assert_eq!(code, 0, "{err}");
    for (place, key) in [
        ("2:43", "keepalive"),
        ("2:108", "transport"),
        ("2:129", "cors"),
        ("2:191", "include_metadata"),
        ("6:97", "min_version"),
        ("6:122", "max_idle_conns"),
        ("7:75", "keepalive"),
    ] {
        let line = format!("warning: config.yaml:{place}: `{key}` is not followed: ");
        assert!(err.lines().any(|found| found.starts_with(&line)), "{line}\n{err}");
    }
    for (from, to, told) in [
        (
            "'http://127.0.0.1:1'",
            "'https://127.0.0.1:1', tls: { insecure_skip_verify: true }",
            "config.yaml:6:78: `insecure_skip_verify` is refused: ",
        ),
        (
            "grpc: ,",
            "grpc: { tls: { client_ca_file: } },",
            "`client_ca_file` takes a file of PEM certificates: without a value, it would let in who has no certificate",
        ),
        (
            "grpc: ,",
            "grpc: { auth: { authenticator: oidc } },",
            "config.yaml:2:40: unknown key `authenticator`: known are bearer_token",
        ),
    ] {
        let (code, _, err) = check(&SOUND.replacen(from, to, 1), &[], &[]);
        assert!(code == 1 && err.contains(told), "{to}: {err}");
    }
}

#[test]
fn the_default_configuration_is_sound_and_single_values_are_laid_over_it() {
    let sound = command(&["check"]).output().unwrap();
    assert_eq!(sound.status.code(), Some(0), "{}", String::from_utf8_lossy(&sound.stderr));
    let wrong = command(&["check", "--set", "exporters::debug::colour=red", "--set", "nonsense"]).output().unwrap();
    let err = String::from_utf8(wrong.stderr).unwrap();
    assert_eq!(wrong.status.code(), Some(1));
    assert!(err.contains("error: --set nonsense:1:1: takes a path and a value"), "{err}");
    assert_eq!(command(&["chekc"]).output().unwrap().status.code(), Some(2));
    let missing = command(&["run", "--config", "/nowhere.yaml"]).output().unwrap();
    assert_eq!(missing.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(missing.stderr).unwrap(),
        "error: /nowhere.yaml:1:1: cannot be read: entity not found\n"
    );
}
