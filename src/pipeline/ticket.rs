//! The promise that somebody who waits is answered.

use super::{Outcome, Point, Refusal, pass};
use crate::telemetry::{BatchSpan, Component, Event, Metrics, Transport};
use processors::walk::otlp::Signal;
use tokio::sync::oneshot;

/// Stands for a client that waits. Must be settled; one that is dropped unsettled is counted and logged, and its
/// client is asked to send again.
#[derive(Debug)]
#[must_use]
pub struct Ticket {
    answer: Option<oneshot::Sender<Outcome>>,
    receiver: Component,
    transport: Transport,
    signal: Signal,
    span: BatchSpan,
}

impl Ticket {
    /// Makes a ticket and the other end, at which its outcome arrives.
    pub(super) fn new(receiver: Component, transport: Transport, signal: Signal) -> (Self, oneshot::Receiver<Outcome>) {
        let (sender, other) = oneshot::channel();
        (Self { answer: Some(sender), receiver, transport, signal, span: BatchSpan::none() }, other)
    }

    /// The same with a span, which ends when it is settled.
    pub(super) fn with_span(self, span: BatchSpan) -> Self {
        let mut this = self;
        this.span = span;
        this
    }

    /// Answers. A client that has gone away no longer hears it; what was done stays done.
    pub fn settle(mut self, outcome: Outcome) {
        self.answer(outcome);
    }

    fn answer(&mut self, outcome: Outcome) {
        let Some(sender) = self.answer.take() else { return };
        match outcome {
            Outcome::Done { records, rejected: _ } => {
                Metrics::accepted(&self.receiver, self.transport, self.signal, records)
            }
            Outcome::Refused(_) => Metrics::refused(&self.receiver, self.transport, self.signal, 1),
        }
        self.span.end(match outcome {
            Outcome::Done { records, rejected: _ } => Ok(records),
            Outcome::Refused(refusal) => Err(refusal.label()),
        });
        let _gone = sender.send(outcome);
        pass(Point::Answered);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.answer.is_some() {
            Metrics::unsettled(self.signal);
            Event::TicketDropped { signal: self.signal }.emit();
            self.answer(Outcome::Refused(Refusal::Unsettled));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_ticket_is_always_answered() {
        let (ticket, outcome) = Ticket::new(Component::new("otlp"), Transport::Http, Signal::Logs);
        ticket.settle(Outcome::Done { records: 3, rejected: 0 });
        assert_eq!(outcome.await, Ok(Outcome::Done { records: 3, rejected: 0 }));
        let (ticket, outcome) = Ticket::new(Component::new("otlp"), Transport::Http, Signal::Logs);
        drop(ticket);
        assert_eq!(outcome.await, Ok(Outcome::Refused(Refusal::Unsettled)));
    }
}
