//! Where a pipeline leads: the fourth and the fifth step.

use super::engine::Fault;
use super::{Outcome, Parcel, Point, Refusal, Ticket, pass};
use crate::queue::{Queue, Refused, Room};
use crate::settings::{Ack, Sender};
use crate::telemetry::Metrics;
use processors::Scrubbed;
use processors::walk::otlp::Signal;

/// One pipeline: by which rules it scrubs, where it leads, when it answers.
#[derive(Debug)]
pub struct Route {
    signal: Signal,
    rules: usize,
    ack: Ack,
    queues: Vec<Queue<Parcel>>,
}

/// A scrubbed batch with room for it in every queue.
#[must_use]
pub(super) struct Placed {
    signal: Signal,
    ack: Ack,
    scrubbed: Scrubbed,
    sender: Sender,
    rooms: Vec<Room<Parcel>>,
}

impl Route {
    /// A pipeline for `signal` that scrubs by the rule set number `rules`.
    #[must_use]
    pub fn new(signal: Signal, rules: usize, ack: Ack, queues: Vec<Queue<Parcel>>) -> Self {
        Self { signal, rules, ack, queues }
    }

    /// The number of its rule set.
    pub(super) fn rules(&self) -> usize {
        self.rules
    }

    /// Reserves room in all queues. Where one has none, the others give theirs back.
    pub(super) fn reserve(&self, scrubbed: Scrubbed, sender: Sender) -> Result<Placed, Fault> {
        let mut rooms = Vec::with_capacity(self.queues.len());
        let bytes = scrubbed.bytes().len();
        // A request without anything in it succeeds and goes nowhere.
        for queue in self.queues.iter().take(if bytes == 0 { 0 } else { usize::MAX }) {
            match queue.reserve(bytes) {
                Ok(room) => rooms.push(room),
                Err(refused) => {
                    Metrics::enqueue_failed(queue.exporter(), self.signal, scrubbed.report().records);
                    return Err(Fault::Refused(match refused {
                        Refused::Full => Refusal::NoRoom,
                        Refused::TooLarge => Refusal::TooLarge,
                    }));
                }
            }
        }
        Ok(Placed { signal: self.signal, ack: self.ack, scrubbed, sender, rooms })
    }
}

impl Placed {
    /// Puts the batch into all queues and answers, or leaves the ticket with the deliveries.
    pub(super) fn settle(self, ticket: Ticket) {
        let records = self.scrubbed.report().records;
        let (now, later) = match self.ack {
            Ack::Delivered if !self.rooms.is_empty() => (None, Some(ticket)),
            Ack::Queued | Ack::Delivered => (Some(ticket), None),
        };
        let parcels = Parcel::for_each(self.rooms.len(), self.scrubbed, (self.signal, self.sender), later);
        for (room, parcel) in self.rooms.into_iter().zip(parcels) {
            room.commit(parcel);
        }
        pass(Point::Queued);
        if let Some(ticket) = now {
            ticket.settle(Outcome::Done { records, rejected: 0 });
        }
    }
}
