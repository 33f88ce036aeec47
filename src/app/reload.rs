//! New rules and new credentials while the collector runs: on SIGHUP, and when a file of the configuration, a pack or the
//! file of a value changes.
//!
//! Read, compile, prove the examples, exchange. If any of it fails, or less would be found than now and nobody allowed
//! that, the old rules stay, and who was admitted is admitted. What else the files say takes a restart.

use super::admitted::Admitted;
use crate::config::{Config, Origin};
use crate::drain::Drain;
use crate::net::stamps;
use crate::pipeline::{RuleSets, Rules};
use crate::telemetry::{Component, Event, Metrics};
use processors::Engine;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How often files are looked at. A change counts when it has stood for one look, so that no file is read half written.
const LOOK: Duration = Duration::from_millis(500);

/// Watches over the rules of a running collector.
pub(super) struct Reloader {
    origin: Origin,
    scrubs: Vec<Component>,
    files: Vec<String>,
    rules: Rules,
    admitted: Admitted,
    hangup: Signal,
}

/// What came of trying.
enum Outcome {
    Exchanged {
        /// Whether there are new rules.
        rules: bool,
        /// Where others are admitted.
        admitted: Vec<Component>,
    },
    Unchanged,
    Failed(Vec<String>),
    Refused(Vec<String>),
}

impl Reloader {
    /// Takes over SIGHUP, which would end the process otherwise.
    pub(super) fn new(config: &Config, rules: Rules) -> std::io::Result<Self> {
        Metrics::reloads();
        Ok(Self {
            origin: config.origin.clone(),
            scrubs: config.scrubs.iter().map(|scrub| scrub.id.clone()).collect(),
            files: config.files(),
            rules,
            admitted: Admitted::of(config),
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Watches until the collector drains.
    pub(super) async fn watch(mut self, drain: Drain) {
        let mut used = stamps(&self.files);
        let mut seen = used.clone();
        loop {
            tokio::select! {
                () = drain.begun() => return,
                hangup = self.hangup.recv() => if hangup.is_none() { return },
                () = tokio::time::sleep(LOOK) => {
                    let now = stamps(&self.files);
                    let stood = now == seen && now != used;
                    seen = now;
                    if !stood {
                        continue;
                    }
                }
            }
            used = stamps(&self.files);
            seen.clone_from(&used);
            self.reload().await;
        }
    }

    async fn reload(&mut self) {
        let (origin, scrubs) = (self.origin.clone(), self.scrubs.clone());
        let (rules, admitted) = (self.rules.clone(), self.admitted.clone());
        let tried = tokio::task::spawn_blocking(move || attempt(&origin, &scrubs, &rules, &admitted)).await;
        let (files, outcome) = tried.unwrap_or_else(|_| (None, Outcome::Failed(vec!["the attempt panicked".into()])));
        if let Some(files) = files {
            self.files = files;
        }
        match outcome {
            Outcome::Exchanged { rules, admitted } => {
                Metrics::reloaded("ok");
                if rules {
                    let (_, sets) = self.rules.now();
                    Event::Reloaded { rules: sets.iter().map(|set| set.rules().len()).sum() }.emit();
                }
                for component in admitted {
                    Event::CredentialsReloaded { component }.emit();
                }
            }
            Outcome::Unchanged => {
                Metrics::reloaded("ok");
                Event::ReloadUnchanged.emit();
            }
            Outcome::Failed(lines) => {
                Metrics::reloaded("failed");
                Event::ReloadFailed { mistakes: lines }.emit();
            }
            Outcome::Refused(lines) => {
                Metrics::reloaded("refused");
                Event::ReloadRefused { weaker: lines }.emit();
            }
        }
    }
}

/// Reads and compiles; exchanges rules and credentials if nothing speaks against either. Also says which files are to be
/// watched now.
fn attempt(
    origin: &Origin,
    scrubs: &[Component],
    rules: &Rules,
    admitted: &Admitted,
) -> (Option<Vec<String>>, Outcome) {
    let reading = Config::read(origin);
    let Some(config) = reading.config else { return (None, Outcome::Failed(reading.mistakes)) };
    let files = Some(config.files());
    if !config.scrubs.iter().map(|scrub| &scrub.id).eq(scrubs) {
        return (files, Outcome::Failed(vec!["scrub processors come and go with a restart".into()]));
    }
    let (_, running) = rules.now();
    let mut sets = RuleSets::new();
    let mut mistakes = Vec::new();
    for (scrub, old) in config.scrubs.iter().zip(running.iter()) {
        match scrub.compile_like(Engine::default(), old) {
            Ok(set) => sets.push(Arc::new(set)),
            Err(found) => mistakes.extend(found.sorted().iter().map(ToString::to_string)),
        }
    }
    let asked = Admitted::of(&config);
    let others = admitted.differ(&asked).unwrap_or_else(|found| {
        mistakes.extend(found);
        Vec::new()
    });
    if !mistakes.is_empty() {
        return (files, Outcome::Failed(mistakes));
    }
    let same = sets.iter().zip(running.iter()).all(|(new, old)| new.hash() == old.hash());
    if same && others.is_empty() {
        return (files, Outcome::Unchanged);
    }
    let weaker: Vec<String> = sets.iter().zip(running.iter()).flat_map(|(new, old)| new.weaker_than(old)).collect();
    if !weaker.is_empty() && !origin.weakening {
        return (files, Outcome::Refused(weaker));
    }
    if !same {
        Metrics::weakenings(config.scrubs.iter().map(|scrub| scrub.weakenings().len()).sum());
        rules.exchange(sets);
    }
    admitted.take_over(&asked);
    (files, Outcome::Exchanged { rules: !same, admitted: others })
}
