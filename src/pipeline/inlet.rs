//! The pipeline's end that receivers see.

use super::frame::{Arrival, Frame, Load};
use super::{Outcome, Refusal, Route, Ticket};
use crate::drain::Drain;
use crate::telemetry::{BatchSpan, Component};
use crossbeam_channel::{Sender, TrySendError};
use processors::walk::otlp::Signal;
use std::cell::RefCell;
use std::sync::Arc;
use tokio::sync::oneshot;
use tokio_util::task::TaskTracker;

/// Where one receiver hands its frames in. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Inlet {
    receiver: Component,
    routes: Arc<Vec<(Signal, Arc<Route>)>>,
    frames: Sender<Frame>,
    under_way: TaskTracker,
    drain: Drain,
}

/// A client's place in the line.
#[derive(Debug)]
pub struct Waiting {
    answer: oneshot::Receiver<Outcome>,
}

impl Inlet {
    /// An inlet for `receiver` with a route for each signal that it serves.
    pub(super) fn new(
        receiver: Component,
        routes: Vec<(Signal, Arc<Route>)>,
        frames: Sender<Frame>,
        under_way: TaskTracker,
        drain: Drain,
    ) -> Self {
        Self { receiver, routes: Arc::new(routes), frames, under_way, drain }
    }

    /// Whose inlet it is.
    #[must_use]
    pub fn receiver(&self) -> &Component {
        &self.receiver
    }

    /// Whether any pipeline takes this signal from this receiver.
    #[must_use]
    pub fn takes(&self, signal: Signal) -> bool {
        self.route(signal).is_some()
    }

    /// Whether nothing new is taken.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.drain.is_draining()
    }

    /// Hands a frame in. Does not wait; what is waited for is the answer.
    ///
    /// # Errors
    /// If the line is full or the collector is about to stop.
    pub fn submit(&self, arrival: Arrival) -> Result<Waiting, Refusal> {
        let span = BatchSpan::begin(&self.receiver, arrival.transport, arrival.signal, arrival.body.len());
        self.accept(arrival, span)
    }

    /// The same without a span: for a collector's own telemetry, which would never come to an end.
    ///
    /// # Errors
    /// As for [`Self::submit`].
    pub fn submit_own(&self, arrival: Arrival) -> Result<Waiting, Refusal> {
        self.accept(arrival, BatchSpan::none())
    }

    fn accept(&self, arrival: Arrival, mut span: BatchSpan) -> Result<Waiting, Refusal> {
        let Arrival { transport, signal, format, encoding, body, most, reserved } = arrival;
        // Before the look at the drain: whoever drains waits for this frame or this frame sees the drain.
        let under_way = self.under_way.token();
        if self.drain.is_draining() {
            span.end(Err(Refusal::Draining.label()));
            return Err(Refusal::Draining);
        }
        let Some(route) = self.route(signal) else { return Err(Refusal::Malformed) };
        let (ticket, answer) = Ticket::new(self.receiver.clone(), transport, signal);
        let ticket = ticket.with_span(span);
        let reserved = RefCell::new(reserved);
        let load = Load { route, signal, format, encoding, body, most, reserved, _under_way: under_way };
        match self.frames.try_send(Frame { ticket, load }) {
            Ok(()) => {}
            Err(TrySendError::Full(frame)) => frame.ticket.settle(Outcome::Refused(Refusal::NoRoom)),
            Err(TrySendError::Disconnected(frame)) => frame.ticket.settle(Outcome::Refused(Refusal::Draining)),
        }
        Ok(Waiting { answer })
    }

    fn route(&self, signal: Signal) -> Option<Arc<Route>> {
        self.routes.iter().find(|(routed, _)| *routed == signal).map(|(_, route)| Arc::clone(route))
    }
}

impl Waiting {
    /// Waits for the outcome.
    pub async fn outcome(self) -> Outcome {
        self.answer.await.unwrap_or(Outcome::Refused(Refusal::Unsettled))
    }
}
