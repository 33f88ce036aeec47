//! A collector process.

use super::eventually;
use super::http::{self, Answer};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A running collector; killed when dropped.
pub struct Collector {
    child: Child,
    log: Arc<Mutex<String>>,
    out: Arc<Mutex<String>>,
    _dir: tempfile::TempDir,
}

/// The rules for one kind of identifier: all of them take their time to compile without optimisation, and what they
/// find is tested elsewhere.
pub const FEW_RULES: &str = concat!("packs: ['", env!("CARGO_MANIFEST_DIR"), "/patterns/hipaa/g_ssn.yaml'], ");

/// The same for `--set`.
pub const FEW: &str =
    concat!("processors::scrub::packs=['", env!("CARGO_MANIFEST_DIR"), "/patterns/hipaa/g_ssn.yaml']");

/// Sections of a configuration, for tests that care about one of them.
pub struct Setup {
    pub grpc: String,
    pub http: String,
    pub rules: &'static str,
    pub scrub: String,
    pub exporters: Vec<(String, String)>,
    pub service: String,
    pub env: Vec<(&'static str, String)>,
}

impl Setup {
    /// OTLP in, one exporter out, all signals.
    pub fn new(exporter: &str, section: &str) -> Self {
        Self {
            grpc: "endpoint: 127.0.0.1:0".into(),
            http: "endpoint: 127.0.0.1:0".into(),
            rules: FEW_RULES,
            scrub: "pseudonym_key: 0123456789abcdef0123456789abcdef".into(),
            exporters: vec![(exporter.into(), section.into())],
            service: String::new(),
            env: Vec::new(),
        }
    }

    /// With all rules, as they are shipped, if the build compiles them in no time.
    pub fn with_shipped_rules(mut self) -> Self {
        self.rules = if cfg!(debug_assertions) { FEW_RULES } else { "" };
        self
    }

    pub fn start(&self) -> Collector {
        Collector::start(&self.config(), &self.env)
    }

    pub fn config(&self) -> String {
        let exporters: String =
            self.exporters.iter().map(|(id, section)| format!("  {id}: {{ {section} }}\n")).collect();
        let ids: Vec<&str> = self.exporters.iter().map(|(id, _)| id.as_str()).collect();
        let pipelines: String = ["traces", "logs", "metrics", "profiles"]
            .map(|signal| {
                format!("    {signal}: {{ receivers: [otlp], processors: [scrub], exporters: [{}] }}\n", ids.join(", "))
            })
            .concat();
        format!(
            "receivers:\n  otlp:\n    protocols:\n      grpc: {{ {} }}\n      http: {{ {} }}\n\
             processors:\n  scrub: {{ {} }}\nexporters:\n{exporters}\
             extensions: {{ health_check: {{ endpoint: '127.0.0.1:0' }} }}\nservice:\n  extensions: [health_check]\n\
             \x20 telemetry: {{ metrics: {{ endpoint: '127.0.0.1:0' }}, logs: {{ encoding: json }} }}\n{}\
             \x20 pipelines:\n{pipelines}",
            self.grpc,
            self.http,
            [self.rules, &self.scrub].concat(),
            self.service
        )
    }
}

impl Collector {
    /// Starts a collector and waits until it serves.
    pub fn start(config: &str, env: &[(&'static str, String)]) -> Self {
        let collector = Self::spawn(config, env);
        eventually("the collector serves", || collector.events("serving").first().cloned());
        collector
    }

    /// Starts a collector.
    pub fn spawn(config: &str, env: &[(&'static str, String)]) -> Self {
        Self::spawn_over(&[], config, env)
    }

    /// Starts a collector with configurations of the repository and one that goes over them, and waits until it serves.
    pub fn start_over(below: &[&str], config: &str, env: &[(&'static str, String)]) -> Self {
        let collector = Self::spawn_over(below, config, env);
        eventually("the collector serves", || collector.events("serving").first().cloned());
        collector
    }

    /// Starts a collector that may open so many files, sockets included, and waits until it serves.
    pub fn start_with_files(files: usize, config: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.yaml");
        std::fs::write(&path, config).unwrap();
        let mut child = Command::new("sh")
            .args(["-c", &format!("ulimit -n {files}; exec \"$0\" \"$@\"")])
            .args([env!("CARGO_BIN_EXE_scrubjay"), "run", "--config", path.to_str().unwrap()])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (log, out) = (gather(child.stderr.take().unwrap()), gather(child.stdout.take().unwrap()));
        let collector = Self { child, log, out, _dir: dir };
        eventually("the collector serves", || collector.events("serving").first().cloned());
        collector
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    fn spawn_over(below: &[&str], config: &str, env: &[(&'static str, String)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.yaml");
        std::fs::write(&path, config).unwrap();
        let configs = below.iter().copied().chain([path.to_str().unwrap()]);
        let args: Vec<&str> = ["run"].into_iter().chain(configs.flat_map(|path| ["--config", path])).collect();
        let mut child =
            command(&args).envs(env.iter().cloned()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = gather(child.stderr.take().unwrap());
        let out = gather(child.stdout.take().unwrap());
        Self { child, log, out, _dir: dir }
    }

    /// Everything on stderr so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Everything on stdout so far.
    pub fn out(&self) -> String {
        self.out.lock().unwrap().clone()
    }

    /// The log lines of one kind of event.
    pub fn events(&self, event: &str) -> Vec<Value> {
        let lines = self.log();
        let events = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        events.filter(|line| line["event"] == event).collect()
    }

    /// Waits for a kind of event.
    pub fn event(&self, event: &str) -> Value {
        eventually(event, || self.events(event).first().cloned())
    }

    fn address(&self, component: &str, protocol: &str) -> SocketAddr {
        let lines = self.events("listening");
        let line = lines.iter().find(|line| line["component"] == component && line["protocol"] == protocol);
        line.expect("it listens")["address"].as_str().unwrap().parse().unwrap()
    }

    pub fn grpc(&self) -> SocketAddr {
        self.address("otlp", "grpc")
    }

    pub fn http(&self) -> SocketAddr {
        self.address("otlp", "http")
    }

    pub fn health(&self) -> Answer {
        http::send(self.address("admin/health", "http"), "GET", "/", &[], b"")
    }

    pub fn metrics(&self) -> String {
        http::send(self.address("admin/metrics", "http"), "GET", "/metrics", &[], b"").text()
    }

    /// The sum of all series of a metric whose labels hold all of `labels`.
    pub fn metric(&self, name: &str, labels: &[&str]) -> f64 {
        let page = self.metrics();
        let series = page.lines().filter(|line| {
            line.split(['{', ' ']).next() == Some(name) && labels.iter().all(|label| line.contains(label))
        });
        series.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum()
    }

    /// Posts protobuf to `path`.
    pub fn post(&self, path: &str, body: &[u8]) -> Answer {
        http::send(self.http(), "POST", path, &[("content-type", "application/x-protobuf")], body)
    }

    pub fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Waits for the process to end.
    pub fn wait(&mut self) -> ExitStatus {
        let status = eventually("the collector ends", || self.child.try_wait().unwrap());
        std::thread::sleep(Duration::from_millis(50));
        status
    }

    /// Whether it has ended.
    pub fn ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- the collector's log ---\n{}", self.log());
        }
    }
}

/// The program with these arguments.
pub fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scrubjay"));
    command.args(args).env_remove("SCRUBJAY_FAULT");
    command
}

/// Runs a command to its end with this as its standard input.
pub fn feed(command: &mut Command, input: &[u8]) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // Whoever refuses early reads no further.
    let fed = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    let _unread = fed.join().unwrap();
    output
}

/// Runs `check` on a configuration: the exit code, stdout and stderr, with the path of the file as `config.yaml`.
pub fn check(config: &str, args: &[&str], env: &[(&str, &str)]) -> (i32, String, String) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.yaml");
    std::fs::write(&path, config).unwrap();
    check_file(&path, args, env)
}

pub fn check_file(path: &Path, args: &[&str], env: &[(&str, &str)]) -> (i32, String, String) {
    let path = path.to_str().unwrap();
    let mut whole = vec!["check", "--config", path];
    whole.extend(args);
    let output = command(&whole).envs(env.iter().copied()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(path, "config.yaml");
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn gather(from: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let text = Arc::new(Mutex::new(String::new()));
    let gathered = Arc::clone(&text);
    std::thread::spawn(move || {
        let mut lines = BufReader::new(from);
        let mut line = String::new();
        while lines.read_line(&mut line).unwrap_or(0) > 0 {
            gathered.lock().unwrap().push_str(&line);
            line.clear();
        }
    });
    text
}
