//! What lies in a queue: a scrubbed batch and the duty to see it through.

use super::{Outcome, Refusal, Ticket};
use crate::queue::Weigh;
use crate::settings::Sender;
use crate::telemetry::{Event, Metrics};
use processors::Scrubbed;
use processors::walk::otlp::Signal;
use std::sync::{Arc, Mutex, PoisonError};

/// What became of a parcel at one exporter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The backend has it.
    Delivered {
        /// How many records it says it refused.
        rejected: u64,
    },
    /// It was given up, counted and logged.
    Dropped,
    /// The collector stops and it is still here.
    Abandoned,
}

/// A scrubbed batch on its way to one exporter.
#[derive(Debug)]
pub struct Parcel {
    scrubbed: Arc<Scrubbed>,
    sender: Sender,
    custody: Custody,
}

/// The duty to say what became of a parcel. Dropped without a word, the parcel counts as abandoned.
#[derive(Debug)]
#[must_use]
pub struct Custody {
    signal: Signal,
    records: u64,
    /// Who waits for all deliveries; nobody, if the client was answered already.
    waits: Option<Arc<Joint>>,
    settled: bool,
}

/// One ticket for several deliveries.
#[derive(Debug)]
struct Joint {
    state: Mutex<JointState>,
    records: u64,
}

#[derive(Debug)]
struct JointState {
    left: usize,
    rejected: u64,
    refusal: Option<Refusal>,
    ticket: Option<Ticket>,
}

impl Parcel {
    /// One parcel for each of `count` exporters. With a ticket, it is settled when the last has been delivered.
    pub(super) fn for_each(
        count: usize,
        scrubbed: Scrubbed,
        (signal, sender): (Signal, Sender),
        ticket: Option<Ticket>,
    ) -> Vec<Self> {
        let records = scrubbed.report().records;
        let scrubbed = Arc::new(scrubbed);
        let joint = ticket.map(|ticket| {
            let state = JointState { left: count, rejected: 0, refusal: None, ticket: Some(ticket) };
            Arc::new(Joint { state: Mutex::new(state), records })
        });
        let custody = || Custody { signal, records, waits: joint.clone(), settled: false };
        (0..count).map(|_| Self { scrubbed: Arc::clone(&scrubbed), sender, custody: custody() }).collect()
    }

    /// What is to be delivered.
    #[must_use]
    pub fn scrubbed(&self) -> &Scrubbed {
        &self.scrubbed
    }

    /// What it carries.
    #[must_use]
    pub fn signal(&self) -> Signal {
        self.custody.signal
    }

    /// What is known of who sent it.
    #[must_use]
    pub fn sender(&self) -> Sender {
        self.sender
    }

    /// How many records it holds.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.custody.records
    }

    /// Says what became of it.
    pub fn settle(self, delivery: Delivery) {
        let mut custody = self.custody;
        custody.settle(delivery);
    }
}

impl Weigh for Parcel {
    fn weight(&self) -> usize {
        self.scrubbed.bytes().len()
    }
}

impl Custody {
    fn settle(&mut self, delivery: Delivery) {
        if std::mem::replace(&mut self.settled, true) {
            return;
        }
        match (&self.waits, delivery) {
            (Some(joint), delivery) => joint.settle(delivery),
            (None, Delivery::Delivered { .. } | Delivery::Dropped) => {}
            (None, Delivery::Abandoned) => {
                Metrics::lost(self.signal, self.records);
                Event::Lost { signal: self.signal, records: self.records }.emit();
            }
        }
    }
}

impl Drop for Custody {
    fn drop(&mut self) {
        self.settle(Delivery::Abandoned);
    }
}

impl Joint {
    fn settle(&self, delivery: Delivery) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.left = state.left.saturating_sub(1);
        match delivery {
            Delivery::Delivered { rejected } => state.rejected = state.rejected.max(rejected),
            // What is undelivered for a passing reason is sent again, and so is what is undelivered for good.
            Delivery::Dropped => state.refusal = state.refusal.or(Some(Refusal::Undeliverable)),
            Delivery::Abandoned => state.refusal = Some(Refusal::Draining),
        }
        if state.left > 0 {
            return;
        }
        let outcome = match state.refusal {
            Some(refusal) => Outcome::Refused(refusal),
            None => Outcome::Done { records: self.records, rejected: state.rejected },
        };
        if let Some(ticket) = state.ticket.take() {
            ticket.settle(outcome);
        }
    }
}
