//! The exporter `file`: whole lines on a real disk, whatever happens.

use crate::support::collector::Collector;
use crate::support::{eventually, http};
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

fn configuration(exporter: &str) -> String {
    format!(
        "receivers: {{ http_logs: {{ endpoint: '127.0.0.1:0', path: /logs }} }}\n\
         processors: {{ scrub: {{ pseudonym_key: 0123456789abcdef0123456789abcdef }} }}\nexporters: {{ file: {{ {exporter} }} }}\n\
         extensions: {{ health_check: {{ endpoint: '127.0.0.1:0' }} }}\nservice:\n  extensions: [health_check]\n  \
         telemetry: {{ metrics: {{ endpoint: '127.0.0.1:0' }}, logs: {{ encoding: json }} }}\n  \
         pipelines: {{ logs: {{ receivers: [http_logs], processors: [scrub], exporters: [file] }} }}\n"
    )
}

fn address(collector: &Collector) -> SocketAddr {
    let lines = collector.events("listening");
    lines.iter().find(|line| line["component"] == "http_logs").unwrap()["address"].as_str().unwrap().parse().unwrap()
}

fn post(at: SocketAddr, body: &str) {
    assert_eq!(http::send(at, "POST", "/logs", &[], body.as_bytes()).status, 200);
}

/// The last line of a file, unless it is being written at this moment.
fn last(path: &Path) -> Option<serde_json::Value> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.ends_with('\n').then(|| text.lines().next_back()).flatten()?;
    Some(serde_json::from_str(line).unwrap())
}

/// The lines of a file, each a request.
fn lines(path: &Path) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(path).unwrap_or_default();
    assert!(text.is_empty() || text.ends_with('\n'), "a part of a line");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn lines_are_scrubbed_whole_and_private_and_full_files_make_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/logs.json");
    let exporter =
        format!("path: '{}', create_directory: true, rotation: {{ max_megabytes: 1, max_backups: 2 }}", path.display());
    let collector = Collector::start(&configuration(&exporter), &[]);
    let at = address(&collector);
    post(at, "chart of ssn 536-22-8147");
    let first = eventually("a line", || last(&path));
    let text = first.to_string();
    assert!(text.contains("chart of ssn [REDACTED:ssn]") && !text.contains("8147"), "{text}");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);

    // Each of these takes about 300 KB: three to a file.
    for number in 0..12 {
        post(at, &format!("{number} {}", "lorem ipsum ".repeat(25_000)));
        eventually("the batch", || {
            let newest = last(&path)?.to_string();
            newest.contains(&format!("\"{number} lorem")).then_some(())
        });
    }
    let mut names: Vec<String> = fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names.iter().filter(|name| name.starts_with("logs-20")).all(|name| name.ends_with(".json")), "{names:?}");
    for name in &names {
        let path = path.with_file_name(name);
        assert!(fs::metadata(&path).unwrap().len() <= 1 << 20 && !lines(&path).is_empty(), "{name}");
    }
}

#[test]
fn what_cannot_be_written_now_is_held_and_written_later() {
    let folder = tempfile::tempdir().unwrap();
    // Where the file should be stands a folder; root may write everywhere else.
    let path = folder.path().join("logs.json");
    fs::create_dir(&path).unwrap();
    let exporter =
        format!("path: '{}', retry_on_failure: {{ initial_interval: 50ms, max_interval: 100ms }}", path.display());
    let collector = Collector::start(&configuration(&exporter), &[]);
    post(address(&collector), "first of all");
    std::thread::sleep(std::time::Duration::from_millis(300));
    fs::remove_dir(&path).unwrap();
    let written = eventually("the line", || Some(lines(&path)).filter(|lines| !lines.is_empty()));
    assert_eq!(written.len(), 1);
    assert!(written[0].to_string().contains("first of all"));
}

#[test]
fn a_part_of_a_line_that_a_kill_left_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("logs.json");
    fs::write(&path, format!("{{\"resourceLogs\":[]}}\n{{\"resourceLogs\":[{}", "x".repeat(100_000))).unwrap();
    let collector = Collector::start(&configuration(&format!("path: '{}'", path.display())), &[]);
    post(address(&collector), "after the kill");
    let all = eventually("two lines", || {
        Some(fs::read_to_string(&path).unwrap()).filter(|text| text.lines().count() == 2 && text.ends_with('\n'))
    });
    assert!(all.starts_with("{\"resourceLogs\":[]}\n") && all.contains("after the kill"), "{all}");

    // A link could lead anywhere.
    let link = folder.path().join("link.json");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let collector = Collector::start(&configuration(&format!("path: '{}'", link.display())), &[]);
    post(address(&collector), "through a link");
    eventually("a failure", || {
        (collector.metric("scrubjay_exporter_retries_total", &["exporter=\"file\""]) > 0.0).then_some(())
    });
    assert!(!fs::read_to_string(&path).unwrap().contains("through a link"));
}
