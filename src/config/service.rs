//! The `service` and `extensions` sections: what concerns the process as a whole.

use super::components::Parts;
use super::{Pipeline, memory, pipelines};
use crate::settings::{self, Admin, Endpoint, Listen, Notes};
use crate::telemetry::{LogFormat, LogLevel};
use processors::Most;
use processors::document::{Fields, Node};
use std::num::NonZeroUsize;
use std::time::Duration;

/// How many bytes of requests may be in memory before they are scrubbed, unless the configuration says otherwise.
const RAW_BUDGET: usize = 256 << 20;
/// How long draining may take unless the configuration says otherwise.
const SHUTDOWN: Duration = Duration::from_secs(30);

/// What concerns the process as a whole.
#[derive(Clone, Debug)]
pub struct Service {
    /// How many threads scrub.
    pub workers: NonZeroUsize,
    /// How many bytes of requests may be in memory before they are scrubbed.
    pub raw_budget: usize,
    /// How many bytes of memory the process may take, if anybody says so: the configuration, or the system for its group.
    pub memory_limit: Option<usize>,
    /// Where the operator's own pages are, if they are anywhere.
    pub admin: Option<Admin>,
    /// How long draining may take.
    pub shutdown_timeout: Duration,
    /// Where the page of metrics is, if it is anywhere.
    pub metrics: Option<Listen>,
    /// Where the health check is, if it is anywhere.
    pub health: Option<Listen>,
    /// Where own traces go, if they go anywhere.
    pub traces: Option<Endpoint>,
    /// How own log lines are written.
    pub log_format: LogFormat,
    /// Which of them.
    pub log_level: LogLevel,
}

impl Default for Service {
    fn default() -> Self {
        Self {
            workers: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            raw_budget: RAW_BUDGET,
            memory_limit: None,
            admin: None,
            shutdown_timeout: SHUTDOWN,
            metrics: Some(Listen::loopback(8888)),
            health: Some(Listen::loopback(13133)),
            traces: None,
            log_format: LogFormat::default(),
            log_level: LogLevel::default(),
        }
    }
}

impl Service {
    /// What a worker's batch may hold.
    #[must_use]
    pub fn most(&self) -> Most {
        self.memory_limit.map_or_else(Most::default, |limit| memory::most(limit, self.workers))
    }
}

/// Reads `service` and `extensions`.
pub(super) fn read(fields: &mut Fields<'_>, parts: &Parts, notes: &mut Notes) -> Option<(Service, Vec<Pipeline>)> {
    let file = fields.file();
    let mut service = Service::default();
    let health = fields.take("extensions").map(|node| extensions(file, node, &mut service, notes));
    let node = fields.require("service", &mut notes.mistakes)?;
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let named = fields.texts("extensions", &mut notes.mistakes);
    for (name, at) in &named {
        if *name != "health_check" {
            notes.mistake(file, *at, format!("no extension is called `{name}`: there is health_check"));
        }
    }
    if health == Some(true) && named.is_empty() {
        notes.warn(file, node.at, "the health check runs whether `extensions` names it or not");
    }
    if let Some(workers) = settings::number(&mut fields, "workers", 1..=256, notes) {
        service.workers = NonZeroUsize::new(workers).unwrap_or(service.workers);
    }
    limits(&mut fields, &mut service, parts, notes);
    service.admin = fields.take("admin").and_then(|node| Admin::read(file, node, notes));
    if let Some(timeout) = settings::duration(&mut fields, "shutdown_timeout", notes) {
        service.shutdown_timeout = timeout;
    }
    if let Some(node) = fields.take("telemetry") {
        telemetry(file, node, &mut service, notes);
    }
    let pipelines =
        fields.require("pipelines", &mut notes.mistakes).map(|node| pipelines::read(file, node, parts, notes));
    fields.finish(&mut notes.mistakes);
    Some((service, pipelines?))
}

/// Takes `memory_limit` and `raw_budget`, and sees whether what is reserved fits into what there is.
fn limits(fields: &mut Fields<'_>, service: &mut Service, parts: &Parts, notes: &mut Notes) {
    let (file, at) = (fields.file(), fields.at());
    let said = settings::bytes(fields, "memory_limit", notes);
    let budget = settings::bytes(fields, "raw_budget", notes);
    service.memory_limit = said.or_else(memory::limit_of_group);
    let Some(limit) = service.memory_limit else {
        service.raw_budget = budget.unwrap_or(RAW_BUDGET);
        return;
    };
    // A quarter of the memory, so that there is room for queues, rules and workers.
    service.raw_budget = budget.unwrap_or(RAW_BUDGET.min(limit / 4));
    let queues = parts.exporters.iter().filter_map(|defined| defined.built.as_ref());
    let queues: usize = queues.map(|configured| configured.sending.queue_bytes).sum();
    let reserved = service.raw_budget.saturating_add(queues);
    if reserved > memory::reservable(limit) {
        let message = format!(
            "`raw_budget` ({}) and the queues (`sending_queue::max_bytes`, {queues}) reserve more than three quarters of the memory ({limit})",
            service.raw_budget
        );
        // What the system says of this machine, it may say otherwise of another.
        if said.is_some() { notes.mistake(file, at, message) } else { notes.warn(file, at, message) }
    }
}

/// Reads `extensions`; whether the health check is among them.
fn extensions(file: &str, node: &Node, service: &mut Service, notes: &mut Notes) -> bool {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let health = fields.take_even_null("health_check");
    if let Some(node) = health {
        service.health = listener(file, node, service.health, notes);
    }
    fields.finish(&mut notes.mistakes);
    health.is_some()
}

fn telemetry(file: &str, node: &Node, service: &mut Service, notes: &mut Notes) {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    if let Some(node) = fields.take("metrics") {
        service.metrics = listener(file, node, service.metrics, notes);
    }
    if let Some(node) = fields.take("logs") {
        let mut logs = Fields::open(file, node, &mut notes.mistakes);
        match logs.text("encoding", &mut notes.mistakes) {
            None => {}
            Some(("json", _)) => service.log_format = LogFormat::Json,
            Some(("console" | "text", _)) => service.log_format = LogFormat::Text,
            Some((_, at)) => notes.mistake(file, at, "`encoding` is console or json"),
        }
        match logs.text("level", &mut notes.mistakes) {
            None => {}
            Some(("error", _)) => service.log_level = LogLevel::Error,
            Some(("warn", _)) => service.log_level = LogLevel::Warn,
            Some(("info", _)) => service.log_level = LogLevel::Info,
            Some((_, at)) => notes.mistake(file, at, "`level` is error, warn or info"),
        }
        logs.finish(&mut notes.mistakes);
    }
    if let Some(node) = fields.take("traces") {
        let mut traces = Fields::open(file, node, &mut notes.mistakes);
        if let Some(node) = traces.require("endpoint", &mut notes.mistakes) {
            match node
                .text()
                .ok_or("takes a URL like http://127.0.0.1:4317")
                .and_then(|url| Endpoint::parse(url, "https"))
            {
                Ok(endpoint) => service.traces = Some(endpoint),
                Err(message) => notes.mistake(file, node.at, format!("`endpoint` {message}")),
            }
        }
        traces.finish(&mut notes.mistakes);
    }
    fields.finish(&mut notes.mistakes);
}

/// Reads the section of an own listener: it has no TLS, and no data.
fn listener(file: &str, node: &Node, default: Option<Listen>, notes: &mut Notes) -> Option<Listen> {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let enabled = fields.boolean("enabled", &mut notes.mistakes).unwrap_or(true);
    let insecure = fields.boolean("insecure_bind", &mut notes.mistakes) == Some(true);
    let endpoint = fields.text("endpoint", &mut notes.mistakes);
    if let Some((level, _)) = fields.text("level", &mut notes.mistakes)
        && level == "none"
    {
        fields.finish(&mut notes.mistakes);
        return None;
    }
    fields.finish(&mut notes.mistakes);
    let listen = match endpoint {
        None => default,
        Some((text, at)) => {
            let listen = Listen::parse(text);
            if listen.is_none() {
                notes.mistake(file, at, "`endpoint` takes an IP address and a port, like 127.0.0.1:8888");
            }
            if listen.is_some_and(|listen| !listen.is_loopback()) && !insecure {
                notes.mistake(file, at, "an endpoint beyond loopback without TLS needs `insecure_bind: true`");
            }
            listen
        }
    };
    listen.filter(|_| enabled)
}
