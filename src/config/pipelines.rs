//! The pipelines: who feeds whom, and that nothing gets around the scrub.

use super::Pipeline;
use super::components::{Defined, Parts};
use crate::exporters::{EXPORTERS, ExporterKind};
use crate::receivers::RECEIVERS;
use crate::settings::Notes;
use crate::telemetry::Component;
use processors::document::{Fields, Node, Position, nearest};
use processors::walk::otlp::Signal;

/// Reads `service::pipelines` and holds the definitions against it.
pub(super) fn read(file: &str, node: &Node, parts: &Parts, notes: &mut Notes) -> Vec<Pipeline> {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let mut reader = Reader { file, parts, notes, named: Vec::new() };
    let entries = fields.rest();
    if entries.is_empty() {
        reader.notes.mistake(file, node.at, "there must be at least one pipeline");
    }
    let pipelines: Vec<Pipeline> = entries.into_iter().filter_map(|(key, node)| reader.pipeline(key, node)).collect();
    reader.unused();
    for (pipeline, node) in pipelines.iter().enumerate() {
        for receiver in &node.receivers {
            let twice = pipelines
                .iter()
                .take(pipeline)
                .find(|other| other.signal == node.signal && other.receivers.contains(receiver));
            if let Some(other) = twice {
                let message = format!(
                    "the pipelines `{}` and `{}` both take {} from `{receiver}`: name all exporters in one",
                    other.id,
                    node.id,
                    node.signal.name()
                );
                reader.notes.mistake(file, fields.at(), message);
            }
        }
    }
    pipelines
}

struct Reader<'r> {
    file: &'r str,
    parts: &'r Parts,
    notes: &'r mut Notes,
    /// Every component that some pipeline names.
    named: Vec<String>,
}

impl Reader<'_> {
    fn pipeline(&mut self, key: &Node, node: &Node) -> Option<Pipeline> {
        let file = self.file;
        let id = Component::new(key.text().unwrap_or_default());
        let signal = Signal::ALL.into_iter().find(|signal| signal.name() == id.kind());
        if signal.is_none() {
            self.notes.mistake(
                file,
                key.at,
                "a pipeline is called traces, logs, metrics or profiles, and perhaps a name: `logs/audit`",
            );
        }
        let mut fields = Fields::open(file, node, &mut self.notes.mistakes);
        let receivers = fields.texts("receivers", &mut self.notes.mistakes);
        let processors = fields.texts("processors", &mut self.notes.mistakes);
        let exporters = fields.texts("exporters", &mut self.notes.mistakes);
        fields.finish(&mut self.notes.mistakes);
        let parts = self.parts;
        let receivers = self.known("receiver", &receivers, &parts.receivers, node.at);
        let exporters = self.known("exporter", &exporters, &parts.exporters, node.at);
        self.families(&receivers, &exporters, node.at);
        let scrub = self.scrub(&processors, node.at);
        Some(Pipeline { id, signal: signal?, receivers, scrub: scrub?, exporters })
    }

    /// The components of a list; those that are not defined are mistakes, and so is an empty list.
    fn known<T>(
        &mut self,
        what: &str,
        list: &[(&str, Position)],
        defined: &[Defined<T>],
        at: Position,
    ) -> Vec<Component> {
        if list.is_empty() {
            self.notes.mistake(self.file, at, format!("a pipeline needs at least one {what}"));
        }
        let mut components: Vec<Component> = Vec::new();
        for (name, at) in list {
            self.named.push((*name).to_owned());
            match defined.iter().find(|known| known.id.id() == *name) {
                Some(known) if components.contains(&known.id) => {
                    self.notes.mistake(self.file, *at, format!("the {what} `{name}` stands here twice"));
                }
                Some(known) => components.push(known.id.clone()),
                None => self.undefined(what, name, *at, defined.iter().map(|known| known.id.id())),
            }
        }
        components
    }

    /// What a receiver gives, every exporter must take: nothing is turned from one family of formats into another.
    fn families(&mut self, receivers: &[Component], exporters: &[Component], at: Position) {
        for receiver in receivers {
            let Some(gives) = RECEIVERS.iter().find(|kind| kind.kind == receiver.kind()) else { continue };
            for exporter in exporters {
                let known =
                    |kind: &&ExporterKind| kind.kind == exporter.kind() || kind.old_kinds.contains(&exporter.kind());
                let Some(kind) = EXPORTERS.iter().find(known) else { continue };
                if !kind.takes.contains(&gives.family) {
                    let message = format!(
                        "`{receiver}` gives {}, which `{exporter}` does not take: they need a pipeline of their own",
                        gives.family.name()
                    );
                    self.notes.mistake(self.file, at, message);
                }
            }
        }
    }

    /// The number of the pipeline's scrub processor: there must be one, and nothing that works before it.
    fn scrub(&mut self, list: &[(&str, Position)], at: Position) -> Option<usize> {
        let parts = self.parts;
        let mut found = None;
        let mut named_scrub = false;
        for (name, at) in list {
            self.named.push((*name).to_owned());
            let kind = name.split('/').next().unwrap_or(name);
            if let Some(number) = parts.scrubs.iter().position(|known| known.id.id() == *name) {
                named_scrub = true;
                if found.replace(number).is_some() {
                    self.notes.mistake(self.file, *at, "a pipeline scrubs once: this is a second `scrub`");
                }
            } else if parts.no_ops.iter().any(|known| known.id.id() == *name) {
                // Does nothing, so it sees nothing.
            } else if kind == "scrub" || parts.unknown.iter().any(|unknown| unknown == name) {
                named_scrub |= kind == "scrub";
                self.undefined("processor", name, *at, parts.scrubs.iter().map(|known| known.id.id()));
            } else if found.is_none() {
                let message = format!("`{name}` stands before `scrub`, where it would see raw data");
                self.notes.mistake(self.file, *at, message);
            } else {
                self.undefined("processor", name, *at, parts.scrubs.iter().map(|known| known.id.id()));
            }
        }
        if !named_scrub {
            self.notes.mistake(
                self.file,
                at,
                "a pipeline without `scrub` would let raw data through: `processors: [scrub]`",
            );
        }
        found
    }

    fn undefined<'k>(&mut self, what: &str, name: &str, at: Position, known: impl Iterator<Item = &'k str>) {
        // An unknown type was noted where it is defined.
        if self.parts.unknown.iter().any(|unknown| unknown == name) {
            return;
        }
        let known: Vec<&str> = known.collect();
        let hint = match nearest(name, &known) {
            Some(near) => format!(": did you mean `{near}`?"),
            None if known.is_empty() => String::new(),
            None => format!(": there are {}", known.join(", ")),
        };
        self.notes.mistake(self.file, at, format!("no {what} `{name}` is defined{hint}"));
    }

    /// Notes every definition that no pipeline names.
    fn unused(&mut self) {
        let parts = self.parts;
        let ids = |what: &'static str, id: &Component, at: Position| (what, id.id().to_owned(), at);
        let all = parts.receivers.iter().map(|known| ids("receiver", &known.id, known.at));
        let all = all.chain(parts.exporters.iter().map(|known| ids("exporter", &known.id, known.at)));
        let all = all.chain(parts.scrubs.iter().map(|known| ids("processor", &known.id, known.at)));
        let all: Vec<_> = all.chain(parts.no_ops.iter().map(|known| ids("processor", &known.id, known.at))).collect();
        for (what, id, at) in all {
            if !self.named.contains(&id) {
                self.notes.mistake(
                    self.file,
                    at,
                    format!("the {what} `{id}` is in no pipeline: put it in one or take it out"),
                );
            }
        }
    }
}
