//! Real applications: the official SDKs for Python and Node send telemetry through the collector, over every transport
//! they have. Their packages come from the registries at test time; where that cannot be, the tests say so and pass,
//! unless `SCRUBJAY_REQUIRE_SDK=1` is set.

use crate::support::backend::{Backend, Received};
use crate::support::collector::Collector;
use crate::support::eventually;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::metrics::v1::{Metric, metric, number_data_point};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

/// Parts of everything planted in `tests/sdk/send.*`, in lower case.
const PLANTED: [&str; 33] = [
    "536-22-8147",
    "491-45-6138",
    "39496965",
    "faith",
    "sbcglobal",
    "70367332",
    "ingrid",
    "tanaka",
    "mateo",
    "orlova",
    "00482913",
    "482913",
    "222-65-4675",
    "441-52-9903",
    "612-44-7305",
    "yelena",
    "penrose",
    "555-0142",
    "47810926",
    "555-0187",
    "301-52-7716",
    "graham",
    "haddad",
    "akiko",
    "novak",
    "85330571",
    "417-38-2956",
    "tomasz",
    "hutchins",
    "93182746",
    "scope.owner",
    "nurse.on.call",
    "clinic.example",
];

#[test]
fn python_over_grpc() {
    check(&PYTHON, "send.py", "grpc");
}

#[test]
fn python_over_http() {
    check(&PYTHON, "send.py", "http");
}

#[test]
fn node_over_grpc() {
    check(&NODE, "send.mjs", "grpc");
}

#[test]
fn node_over_http_with_protobuf() {
    check(&NODE, "send.mjs", "proto");
}

#[test]
fn node_over_http_with_json() {
    check(&NODE, "send.mjs", "http");
}

/// Has a script send its telemetry and looks at what arrives.
fn check(language: &LazyLock<Result<Language, String>>, script: &str, protocol: &str) {
    let Some(language) = installed(language, &format!("{script} {protocol}")) else { return };
    let backend = Backend::start();
    let collector = Collector::start(&configuration(&backend), &[]);
    let endpoint = if protocol == "grpc" {
        format!("http://{}", collector.grpc())
    } else {
        format!("http://{}", collector.http())
    };
    let sent = run(language.command(script).arg(protocol).arg(&endpoint)).unwrap();
    let sent: serde_json::Value = serde_json::from_str(&sent).expect("the script prints its ids");
    let arrived = eventually("two spans, two log records, two metrics", || {
        let arrived = Arrived::decode(&backend.received());
        let complete = arrived.spans.len() >= 2 && arrived.logs.len() >= 2 && arrived.metrics.len() >= 2;
        complete.then_some(arrived)
    });
    nothing_planted_is_left(&arrived, &backend.received(), &collector);
    spans(&arrived, &sent, script);
    logs(&arrived, &sent);
    metrics(&arrived, script);
}

/// The language, or `None` and a line on stderr if its packages are not to be had here.
pub fn installed<'l>(language: &'l LazyLock<Result<Language, String>>, what: &str) -> Option<&'l Language> {
    match &**language {
        Ok(language) => Some(language),
        Err(why) => {
            assert!(std::env::var("SCRUBJAY_REQUIRE_SDK").as_deref() != Ok("1"), "{why}");
            // Past the test runner, which keeps what passing tests print.
            let mut stderr = std::io::stderr();
            writeln!(stderr, "SKIPPED {what}: {why}").unwrap();
            None
        }
    }
}

/// All built-in rules, one backend.
pub fn configuration(backend: &Backend) -> String {
    format!(
        "receivers:\n  otlp:\n    protocols:\n      grpc: {{ endpoint: 127.0.0.1:0 }}\n      http: {{ endpoint: 127.0.0.1:0 }}\n\
         processors:\n  scrub: {{ packs: [hipaa, secrets], pseudonym_key: 0123456789abcdef0123456789abcdef }}\n\
         exporters:\n  otlp_http: {{ endpoint: '{}' }}\n\
         extensions: {{ health_check: {{ endpoint: '127.0.0.1:0' }} }}\n\
         service:\n  extensions: [health_check]\n\
         \x20 telemetry: {{ metrics: {{ endpoint: '127.0.0.1:0' }}, logs: {{ encoding: json }} }}\n\
         \x20 pipelines:\n\
         \x20   traces: {{ receivers: [otlp], processors: [scrub], exporters: [otlp_http] }}\n\
         \x20   logs: {{ receivers: [otlp], processors: [scrub], exporters: [otlp_http] }}\n\
         \x20   metrics: {{ receivers: [otlp], processors: [scrub], exporters: [otlp_http] }}\n",
        backend.url()
    )
}

/// What has arrived, decoded, each record with its resource and scope.
#[derive(Debug, Default)]
struct Arrived {
    spans: Vec<(Resource, InstrumentationScope, Span)>,
    logs: Vec<(Resource, InstrumentationScope, LogRecord)>,
    metrics: Vec<(Resource, InstrumentationScope, Metric)>,
}

impl Arrived {
    fn decode(received: &[Received]) -> Self {
        let mut all = Self::default();
        for request in received {
            let body = request.body.as_slice();
            match request.path.as_str() {
                "/v1/traces" => {
                    for of in ExportTraceServiceRequest::decode(body).unwrap().resource_spans {
                        let resource = of.resource.unwrap();
                        for scope in of.scope_spans {
                            let spans = scope.spans.into_iter();
                            all.spans.extend(spans.map(|span| (resource.clone(), scope.scope.clone().unwrap(), span)));
                        }
                    }
                }
                "/v1/logs" => {
                    for of in ExportLogsServiceRequest::decode(body).unwrap().resource_logs {
                        let resource = of.resource.unwrap();
                        for scope in of.scope_logs {
                            let logs = scope.log_records.into_iter();
                            all.logs.extend(logs.map(|log| (resource.clone(), scope.scope.clone().unwrap(), log)));
                        }
                    }
                }
                "/v1/metrics" => {
                    for of in ExportMetricsServiceRequest::decode(body).unwrap().resource_metrics {
                        let resource = of.resource.unwrap();
                        for scope in of.scope_metrics {
                            let metrics = scope.metrics.into_iter();
                            all.metrics.extend(metrics.map(|m| (resource.clone(), scope.scope.clone().unwrap(), m)));
                        }
                    }
                }
                other => panic!("{other}"),
            }
        }
        all
    }
}

fn nothing_planted_is_left(arrived: &Arrived, received: &[Received], collector: &Collector) {
    let decoded = format!("{arrived:?}").to_lowercase();
    let (log, page) = (collector.log().to_lowercase(), collector.metrics().to_lowercase());
    for planted in PLANTED {
        for (what, text) in [("what arrives", &decoded), ("the log", &log), ("the metrics page", &page)] {
            assert!(!text.contains(planted), "{planted} is in {what}: {text}");
        }
        for request in received {
            let body = request.body.to_ascii_lowercase();
            assert!(!body.windows(planted.len()).any(|bytes| bytes == planted.as_bytes()), "{planted}: {body:?}");
        }
    }
}

fn spans(arrived: &Arrived, sent: &serde_json::Value, script: &str) {
    assert_eq!(arrived.spans.len(), 2);
    for (resource, scope, span) in &arrived.spans {
        assert_eq!(text(&resource.attributes, "service.name"), "lab-orders");
        assert_ne!(text(&resource.attributes, "service.owner"), "");
        assert_eq!((scope.name.as_str(), scope.version.as_str()), ("lab.orders", "1.2.0"));
        assert_eq!(hex(&span.trace_id), sent["trace_id"].as_str().unwrap());
        assert!(span.end_time_unix_nano >= span.start_time_unix_nano && span.start_time_unix_nano > 1 << 60);
    }
    let find = |id: &serde_json::Value| {
        let found = arrived.spans.iter().find(|(_, _, span)| hex(&span.span_id) == id.as_str().unwrap());
        &found.expect("a span with this id").2
    };
    let (parent, child) = (find(&sent["span_ids"][0]), find(&sent["span_ids"][1]));
    assert_eq!(parent.name, "GET /patients/[REDACTED:ssn]/labs");
    assert_eq!((parent.kind, parent.parent_span_id.len()), (2, 0));
    assert_eq!(parent.attributes.len(), 9, "a number goes with its key, nothing else does: {:?}", parent.attributes);
    assert_eq!(text(&parent.attributes, "http.request.method"), "GET");
    assert_eq!(value(&parent.attributes, "http.response.status_code"), &Value::IntValue(503));
    assert_eq!(value(&parent.attributes, "app.ratio"), &Value::DoubleValue(0.5));
    assert_eq!(value(&parent.attributes, "app.cached"), &Value::BoolValue(true));
    let url = text(&parent.attributes, "url.full");
    assert!(url.starts_with("https://api.example.org/search?mail=") && url.ends_with("&page=2"), "{url}");
    let payload: serde_json::Value = serde_json::from_str(text(&parent.attributes, "app.payload")).expect("still JSON");
    assert_eq!((payload["state"].as_str(), payload["retry"].as_i64()), (Some("open"), Some(2)));
    assert!(payload["patient"]["name"].is_string() && payload["patient"]["mrn"].is_string());
    let Value::ArrayValue(tags) = value(&parent.attributes, "app.tags") else { panic!("a list stays a list") };
    let tags: Vec<_> = tags.values.iter().map(|tag| tag.value.clone().unwrap()).collect();
    let tag = |text: &str| Value::StringValue(text.into());
    assert_eq!(tags, [tag("blue"), tag("[REDACTED:ssn]"), tag("green")]);
    let lookup = parent.attributes.iter().find(|attribute| attribute.key.starts_with("lookup."));
    assert_eq!(lookup.unwrap().value.clone().unwrap().value, Some(tag("hit")));
    assert_eq!((parent.events.len(), parent.events[0].name.as_str()), (1, "cache.miss"));
    assert_eq!(value(&parent.events[0].attributes, "app.shard"), &Value::IntValue(7));
    let [link] = parent.links.as_slice() else { panic!("one link") };
    assert_eq!(hex(&link.trace_id), "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(hex(&link.span_id), "00f067aa0ba902b7");
    assert_eq!(value(&link.attributes, "app.step"), &Value::IntValue(3));
    assert!(text(&link.attributes, "app.note").starts_with("merged from MRN "));

    assert_eq!((child.name.as_str(), &child.parent_span_id), ("SELECT orders", &parent.span_id));
    let [exception] = child.events.as_slice() else { panic!("one exception: {:?}", child.events) };
    assert_eq!(exception.name, "exception");
    let kind = if script == "send.py" { "LookupError" } else { "RangeError" };
    assert_eq!(text(&exception.attributes, "exception.type"), kind);
    assert!(text(&exception.attributes, "exception.message").starts_with("no patient for "));
    let stacktrace = text(&exception.attributes, "exception.stacktrace");
    assert!(stacktrace.contains(kind) && stacktrace.contains("no patient for "), "{stacktrace}");
    let status = child.status.as_ref().unwrap();
    assert!(status.code == 2 && status.message.starts_with("no patient with MRN "), "{status:?}");
}

fn logs(arrived: &Arrived, sent: &serde_json::Value) {
    assert_eq!(arrived.logs.len(), 2);
    for (resource, scope, _) in &arrived.logs {
        assert_eq!(text(&resource.attributes, "service.name"), "lab-orders");
        assert_eq!((scope.name.as_str(), scope.version.as_str()), ("lab.queue", "0.9"));
    }
    let find = |severity: &str| &arrived.logs.iter().find(|(_, _, log)| log.severity_text == severity).unwrap().2;
    let warning = find("WARN");
    assert_eq!(hex(&warning.trace_id), sent["trace_id"].as_str().unwrap());
    assert_eq!(hex(&warning.span_id), sent["span_ids"][0].as_str().unwrap());
    assert_eq!(warning.severity_number, 13);
    let Some(Value::StringValue(body)) = warning.body.as_ref().unwrap().value.as_ref() else { panic!("a text") };
    assert!(body.starts_with("callback at ") && body.ends_with(" before noon") && body.contains(" for ssn "), "{body}");
    assert_eq!(value(&warning.attributes, "app.attempt"), &Value::IntValue(2));
    assert_eq!(text(&warning.attributes, "code.function.name"), "retry");
    let validated = find("INFO");
    assert_eq!(validated.event_name, "order.validated");
    let Some(Value::KvlistValue(body)) = validated.body.as_ref().unwrap().value.as_ref() else { panic!("a map") };
    assert_eq!(text(&body.values, "state"), "done");
    let Value::ArrayValue(steps) = value(&body.values, "steps") else { panic!("a list") };
    let Some(Value::KvlistValue(step)) = &steps.values[0].value else { panic!("a map") };
    assert_eq!(value(&step.values, "left"), &Value::IntValue(1));
}

fn metrics(arrived: &Arrived, script: &str) {
    assert_eq!(arrived.metrics.len(), 2);
    let find = |name: &str| &arrived.metrics.iter().find(|(_, _, metric)| metric.name == name).unwrap().2;
    let created = find("orders.created");
    assert_eq!(created.unit, "{order}");
    assert!(created.description.starts_with("orders, first seen with "), "{}", created.description);
    let Some(metric::Data::Sum(sum)) = &created.data else { panic!("a sum") };
    let [point] = sum.data_points.as_slice() else { panic!("one series: {:?}", sum.data_points) };
    let count = match point.value.unwrap() {
        number_data_point::Value::AsInt(count) => count as f64,
        number_data_point::Value::AsDouble(count) => count,
    };
    assert_eq!((count, sum.is_monotonic), (3.0, true));
    assert_eq!(text(&point.attributes, "app.queue"), "labs");
    assert_ne!(text(&point.attributes, "patient.email"), "", "a label keeps a value, or series would merge");
    let Some(metric::Data::Histogram(histogram)) = &find("order.duration").data else { panic!("a histogram") };
    let [point] = histogram.data_points.as_slice() else { panic!("one series") };
    assert_eq!((point.count, point.sum, point.min, point.max), (2, Some(42.5), Some(12.5), Some(30.0)));
    assert_eq!(point.bucket_counts.len(), point.explicit_bounds.len() + 1);
    assert_eq!(point.bucket_counts.iter().sum::<u64>(), 2);
    if script == "send.py" {
        assert!(!point.exemplars.is_empty(), "the exemplars arrive");
        assert!(point.exemplars.iter().all(|exemplar| exemplar.filtered_attributes.is_empty()), "without the number");
    }
}

fn value<'a>(attributes: &'a [KeyValue], key: &str) -> &'a Value {
    let attribute = attributes.iter().find(|attribute| attribute.key == key);
    let attribute = attribute.unwrap_or_else(|| panic!("{key} is not in {attributes:?}"));
    attribute.value.as_ref().and_then(|value| value.value.as_ref()).expect("a value")
}

fn text<'a>(attributes: &'a [KeyValue], key: &str) -> &'a str {
    match value(attributes, key) {
        Value::StringValue(text) => text,
        other => panic!("{key} is {other:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An interpreter with the SDK installed.
pub struct Language {
    program: PathBuf,
    dir: PathBuf,
}

impl Language {
    /// The interpreter alone.
    pub fn program(&self) -> Command {
        Command::new(&self.program)
    }

    /// The interpreter with one of its scripts.
    pub fn command(&self, script: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(self.dir.join(script)).current_dir(&self.dir);
        command
    }
}

pub static PYTHON: LazyLock<Result<Language, String>> = LazyLock::new(|| python("tests/sdk", "python", &["send.py"]));

/// Python with what `requirements.txt` of a folder asks for.
pub fn python(from: &str, name: &str, scripts: &[&str]) -> Result<Language, String> {
    install(from, name, &["requirements.txt"], scripts, |dir| {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(dir.join("venv")))?;
        let program = dir.join("venv/bin/python");
        // No package is built here: that would take minutes and a compiler.
        let args = ["-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--retries", "2", "-r"];
        run(Command::new(&program).args(args).arg(dir.join("requirements.txt")))?;
        Ok(())
    })
    .map(|dir| Language { program: dir.join("venv/bin/python"), dir })
}

static NODE: LazyLock<Result<Language, String>> = LazyLock::new(|| node("tests/sdk", "node", &["send.mjs"]));

/// Node with what `package.json` of a folder asks for.
pub fn node(from: &str, name: &str, scripts: &[&str]) -> Result<Language, String> {
    run(Command::new("node").arg("--version"))?;
    install(from, name, &["package.json", "package-lock.json"], scripts, |dir| {
        let args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=2"];
        run(Command::new("npm").args(args).current_dir(dir)).map(|_| ())
    })
    .map(|dir| Language { program: "node".into(), dir })
}

/// Installs what a folder pins into one below the target directory, unless that is what is installed there. Returns
/// the folder, with the scripts as they are now.
fn install(
    from: &str,
    name: &str,
    pins: &[&str],
    scripts: &[&str],
    run: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<PathBuf, String> {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(from);
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sdk").join(name);
    let stamp = dir.join("installed");
    let wanted: String = pins.iter().map(|pin| std::fs::read_to_string(from.join(pin)).unwrap()).collect();
    std::fs::create_dir_all(&dir).unwrap();
    if std::fs::read_to_string(&stamp).ok().as_ref() != Some(&wanted) {
        for pin in pins {
            std::fs::copy(from.join(pin), dir.join(pin)).unwrap();
        }
        run(&dir).map_err(|why| format!("the {name} SDK cannot be installed: {why}"))?;
        std::fs::write(&stamp, &wanted).unwrap();
    }
    for script in scripts {
        std::fs::copy(from.join(script), dir.join(script)).unwrap();
    }
    Ok(dir)
}

/// Runs a command to its end; its standard output, or why there is none.
pub fn run(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{name}: {error}"))?;
    let Output { status, stdout, stderr } = output;
    if status.success() {
        return Ok(String::from_utf8_lossy(&stdout).into_owned());
    }
    Err(format!("{name} ended with {status}: {}", String::from_utf8_lossy(&stderr).trim()))
}
