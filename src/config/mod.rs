//! The configuration: YAML files, merged and expanded, become a [`Config`] that holds only what can run.
//!
//! Reading goes on to the end whatever is wrong: one run shows every mistake of every file, with its place. A value
//! that came out of the environment or out of a file appears in no message.

mod components;
mod expand;
mod memory;
mod merge;
mod pipelines;
pub mod schema;
mod scrub;
mod service;
mod source;
#[cfg(test)]
mod tests;
mod tuning;

pub use scrub::Scrub;
pub use service::Service;

use crate::exporters::Configured;
use crate::receivers::Receiver;
use crate::settings::Notes;
use crate::telemetry::Component;
use processors::document::{Fields, Mistakes};
use processors::walk::otlp::Signal;
use processors::{Engine, RuleSet};
use source::Sources;
use std::sync::Arc;

/// The configuration that runs when none is given.
pub const DEFAULT: &str = include_str!("../../config/default.yaml");

/// Where a configuration comes from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// Files, each merged over those before it; none means [`DEFAULT`].
    pub files: Vec<String>,
    /// Single values, `a::b=c`, merged over all files.
    pub sets: Vec<String>,
    /// Whether the packs may be weakened.
    pub weakening: bool,
}

/// Everything that is to run.
#[derive(Debug)]
pub struct Config {
    /// The receivers.
    pub receivers: Vec<(Component, Box<dyn Receiver>)>,
    /// The exporters.
    pub exporters: Vec<(Component, Configured)>,
    /// The scrub processors.
    pub scrubs: Vec<Scrub>,
    /// The pipelines.
    pub pipelines: Vec<Pipeline>,
    /// What concerns the process as a whole.
    pub service: Service,
    /// Where it was read from.
    pub origin: Origin,
    /// The files that values came from (`${file:PATH}`).
    pub values: Vec<String>,
}

/// One pipeline.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// Its id, a signal with perhaps a name.
    pub id: Component,
    /// What it carries.
    pub signal: Signal,
    /// Who feeds it.
    pub receivers: Vec<Component>,
    /// By which of the scrub processors it scrubs.
    pub scrub: usize,
    /// Whom it feeds.
    pub exporters: Vec<Component>,
}

/// What reading a configuration has come to.
#[derive(Debug)]
pub struct Reading {
    /// The configuration, if nothing is wrong with its files. Its rules may still not compile.
    pub config: Option<Config>,
    /// Every mistake, one line each.
    pub mistakes: Vec<String>,
    /// Every warning, one line each.
    pub warnings: Vec<String>,
}

impl Config {
    /// Reads a configuration, and the packs and certificates that it names.
    #[must_use]
    pub fn read(origin: &Origin) -> Reading {
        let mut notes = Notes { weakening: origin.weakening, ..Notes::default() };
        let mut sources = Sources::default();
        let config = sources.load(origin, &mut notes).and_then(|root| {
            let mut fields = Fields::open("", &root, &mut notes.mistakes);
            let parts = components::read(&mut fields, &mut notes);
            let service = service::read(&mut fields, &parts, &mut notes);
            fields.finish(&mut notes.mistakes);
            if !notes.mistakes.is_empty() {
                // Nothing will run; what is wrong with the packs is told in the same go.
                let scrubs = parts.scrubs.iter().filter_map(|defined| defined.built.as_ref());
                scrubs
                    .filter_map(|scrub| scrub.compile(Engine::default()).err())
                    .for_each(|found| notes.mistakes.extend(found));
            }
            let (service, pipelines) = service?;
            let components::Parts { receivers, scrubs, exporters, .. } = parts;
            let receivers = components::built(receivers);
            let exporters = components::built(exporters);
            let scrubs = scrubs.into_iter().map(|defined| defined.built).collect::<Option<_>>()?;
            Some(Self {
                receivers: receivers?,
                exporters: exporters?,
                scrubs,
                pipelines,
                service,
                origin: origin.clone(),
                values: sources.files.clone(),
            })
        });
        let mistakes = sources.settle(notes.mistakes);
        let clean = mistakes.is_empty();
        let mistakes = sources.lines(mistakes);
        let warnings = sources.lines(notes.warnings);
        Reading { config: config.filter(|_| clean), mistakes, warnings }
    }

    /// The files it was read from, packs and files of single values included: what to watch.
    #[must_use]
    pub fn files(&self) -> Vec<String> {
        let packs = self.scrubs.iter().flat_map(Scrub::files).map(str::to_owned);
        self.origin.files.iter().chain(&self.values).cloned().chain(packs).collect()
    }

    /// Compiles the rules of every scrub processor. A second or so.
    ///
    /// # Errors
    /// Every mistake of every pack.
    pub fn compile(&self) -> Result<Vec<Arc<RuleSet>>, Mistakes> {
        let mut mistakes = Mistakes::default();
        let mut sets = Vec::with_capacity(self.scrubs.len());
        for scrub in &self.scrubs {
            match scrub.compile(Engine::default()) {
                Ok(set) => sets.push(Arc::new(set)),
                Err(found) => mistakes.extend(found),
            }
        }
        if mistakes.is_empty() { Ok(sets) } else { Err(mistakes) }
    }
}
