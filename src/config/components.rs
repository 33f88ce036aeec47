//! The sections that define components.

use super::scrub::{self, Scrub};
use crate::exporters::{Configured, EXPORTERS};
use crate::receivers::{RECEIVERS, Receiver};
use crate::settings::Notes;
use crate::telemetry::Component;
use processors::document::{Fields, Node, Position, nearest};

/// Processors of the OpenTelemetry Collector that are read and do nothing here, and what does their work.
const NO_OPS: [(&str, &str); 2] = [
    ("batch", "exporters join batches: `sending_queue: { batch: { flush_timeout: 200ms, max_size: 4MiB } }`"),
    (
        "memory_limiter",
        "`service::memory_limit` and `raw_budget` bound what is taken in, `sending_queue::max_bytes` the queues",
    ),
];

/// A component that the configuration defines.
#[derive(Debug)]
pub(super) struct Defined<T> {
    /// Its id as pipelines name it.
    pub(super) id: Component,
    /// Where it is defined.
    pub(super) at: Position,
    /// What it is; `None` if something is wrong with it.
    pub(super) built: Option<T>,
}

/// All components.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) receivers: Vec<Defined<Box<dyn Receiver>>>,
    pub(super) exporters: Vec<Defined<Configured>>,
    pub(super) scrubs: Vec<Defined<Scrub>>,
    /// Processors that do nothing here.
    pub(super) no_ops: Vec<Defined<()>>,
    /// Definitions nobody knows: a pipeline that names one is not a second mistake.
    pub(super) unknown: Vec<String>,
}

/// What was built, by id; `None` if something was not.
pub(super) fn built<T>(defined: Vec<Defined<T>>) -> Option<Vec<(Component, T)>> {
    defined.into_iter().map(|defined| Some((defined.id, defined.built?))).collect()
}

/// Reads `receivers`, `processors` and `exporters`.
pub(super) fn read(fields: &mut Fields<'_>, notes: &mut Notes) -> Parts {
    let mut parts = Parts { receivers: vec![], exporters: vec![], scrubs: vec![], no_ops: vec![], unknown: vec![] };
    let file = fields.file();
    for (id, key, node) in entries(fields, "receivers", notes) {
        match RECEIVERS.iter().find(|known| known.kind == id.kind()) {
            Some(kind) => {
                let built = (kind.read)(&id, file, node, notes);
                parts.receivers.push(Defined { id, at: key, built });
            }
            None => {
                let known: Vec<&str> = RECEIVERS.iter().map(|known| known.kind).collect();
                unknown("receiver", &id, key, &known, notes);
                parts.unknown.push(id.id().to_owned());
            }
        }
    }
    processors(fields, &mut parts, notes);
    for (id, key, node) in entries(fields, "exporters", notes) {
        let kind = EXPORTERS.iter().find(|known| known.kind == id.kind() || known.old_kinds.contains(&id.kind()));
        match kind {
            Some(kind) => {
                if kind.kind != id.kind() {
                    notes.warn(file, key, format!("the exporter type `{}` is called `{}` now", id.kind(), kind.kind));
                }
                let built = (kind.read)(&id, file, node, notes);
                parts.exporters.push(Defined { id, at: key, built });
            }
            None => {
                let known: Vec<&str> = EXPORTERS.iter().map(|known| known.kind).collect();
                unknown("exporter", &id, key, &known, notes);
                parts.unknown.push(id.id().to_owned());
            }
        }
    }
    if let Some(node) = fields.take("connectors") {
        notes.mistake(file, node.at, "there are no connectors: they would see raw data");
    }
    parts
}

fn processors(fields: &mut Fields<'_>, parts: &mut Parts, notes: &mut Notes) {
    let file = fields.file();
    for (id, at, node) in entries(fields, "processors", notes) {
        if id.kind() == "scrub" {
            let built = scrub::read(&id, file, node, notes);
            parts.scrubs.push(Defined { id, at, built });
        } else if let Some((_, instead)) = NO_OPS.iter().find(|(kind, _)| *kind == id.kind()) {
            notes.warn(file, at, format!("`{}` does nothing here: {instead}", id.kind()));
            parts.no_ops.push(Defined { id, at, built: Some(()) });
        } else {
            unknown("processor", &id, at, &["scrub", "batch", "memory_limiter"], notes);
            parts.unknown.push(id.id().to_owned());
        }
    }
}

/// The entries of a section: ids, where they stand, and what stands under them.
fn entries<'n>(
    fields: &mut Fields<'n>,
    section: &'static str,
    notes: &mut Notes,
) -> Vec<(Component, Position, &'n Node)> {
    let file = fields.file();
    let Some(node) = fields.require(section, &mut notes.mistakes) else { return Vec::new() };
    let mut list = Fields::open(file, node, &mut notes.mistakes);
    let mut entries = Vec::new();
    for (key, node) in list.rest() {
        match key.text().filter(|id| id.split('/').count() <= 2 && id.split('/').all(|part| !part.is_empty())) {
            Some(id) => entries.push((Component::new(id), key.at, node)),
            None => notes.mistake(file, key.at, "an id is a type, or a type and a name: `otlp` or `otlp/name`"),
        }
    }
    entries
}

fn unknown(what: &str, id: &Component, at: Position, known: &[&str], notes: &mut Notes) {
    let hint = match nearest(id.kind(), known) {
        Some(near) => format!(": did you mean `{near}`?"),
        None => format!(": there are {}", known.join(", ")),
    };
    notes.mistake("", at, format!("no type of {what} is called `{}`{hint}", id.kind()));
}
