//! One worker's engine, and what becomes of a batch it fails on.

use super::convert::Batch;
use super::failures::{Failures, GIVE_UP_AFTER};
use super::fault;
use super::frame::Load;
use super::{Refusal, Route};
use crate::telemetry::{Event, Metrics};
use processors::{Most, Rejected, RuleSet, Scrubbed, Scrubber, Today};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use time::OffsetDateTime;

/// Why a batch does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is refused, and that is all there is to it.
    Refused(Refusal),
    /// The engine failed, which may or may not be the batch's fault.
    Engine,
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// One worker's engine.
pub(super) struct Engine<'r> {
    scrubbers: Scrubbers<'r>,
    failures: &'r Failures,
}

/// A scrubber for each rule set, made when it is first needed and again after it panicked.
pub(super) struct Scrubbers<'r> {
    rules: &'r [Arc<RuleSet>],
    /// What a batch may hold.
    most: Most,
    made: Vec<Option<Scrubber<'r>>>,
}

impl<'r> Engine<'r> {
    pub(super) fn new(rules: &'r [Arc<RuleSet>], most: Most, failures: &'r Failures) -> Self {
        let made = rules.iter().map(|_| None).collect();
        Self { scrubbers: Scrubbers { rules, most, made }, failures }
    }

    /// Runs the steps of a batch. Should they panic or the engine fail, the batch goes nowhere: its client keeps it
    /// and sends it again, until it has failed too often.
    pub(super) fn guard<T>(
        &mut self,
        load: &Load,
        steps: impl FnOnce(&mut Scrubbers<'r>) -> Result<T, Fault>,
    ) -> Result<T, Refusal> {
        let scrubbers = &mut self.scrubbers;
        let label = match catch_unwind(AssertUnwindSafe(|| steps(scrubbers))) {
            Ok(Ok(done)) => return Ok(done),
            Ok(Err(Fault::Refused(refusal))) => return Err(refusal),
            Ok(Err(Fault::Engine)) => "error",
            Err(_panic) => {
                // What a panic left behind is not to be trusted.
                self.scrubbers.made.fill_with(|| None);
                "panic"
            }
        };
        Metrics::engine_failed(label);
        let failures = self.failures.note(&load.body);
        let (signal, bytes) = (load.signal, load.body.len());
        if failures < GIVE_UP_AFTER {
            Event::EngineFailed { signal, bytes, failures }.emit();
            return Err(Refusal::EngineFault);
        }
        Metrics::quarantined(signal);
        Event::Quarantined { signal, bytes, failures }.emit();
        Err(Refusal::Poisoned)
    }
}

impl Scrubbers<'_> {
    /// The third step.
    pub(super) fn scrub(&mut self, batch: &Batch, route: &Route) -> Result<Scrubbed, Fault> {
        fault::engine()?;
        let rules = self.rules.get(route.rules()).ok_or(Fault::Engine)?;
        let place = self.made.get_mut(route.rules()).ok_or(Fault::Engine)?;
        let scrubber = match place {
            Some(scrubber) => scrubber,
            None => place.insert(Scrubber::new(rules).map_err(|_| unavailable())?.with_most(self.most)),
        };
        let scrubbed = scrubber.scrub(&batch.bytes, batch.format, today());
        let scrubbed = scrubbed.map_err(|rejected| match rejected {
            Rejected::Malformed { .. } => Fault::Refused(Refusal::Malformed),
            Rejected::TooLarge => Fault::Refused(Refusal::TooLarge),
            Rejected::Engine | _ => Fault::Engine,
        })?;
        Metrics::scrubbed(scrubbed.report());
        Ok(scrubbed)
    }
}

fn unavailable() -> Fault {
    Event::EngineUnavailable.emit();
    Fault::Engine
}

/// Today in UTC: the engine has no clock of its own.
#[must_use]
pub fn today() -> Today {
    let date = OffsetDateTime::now_utc().date();
    Today { year: u16::try_from(date.year()).unwrap_or(0), month: date.month().into(), day: date.day() }
}
