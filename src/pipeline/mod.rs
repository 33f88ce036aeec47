//! The way of one batch from the moment it is in memory until its client can be answered. Five steps, in this order,
//! with no way around any of them:
//!
//! 1. **admit**: the frame has its bytes reserved and its route; somebody waits for its [`Ticket`].
//! 2. **convert**: compressed becomes plain, OTLP/JSON and lines become protobuf.
//! 3. **scrub**: the engine makes [`Scrubbed`](processors::Scrubbed) of it. Nothing else can.
//! 4. **queue**: room in the queue of every exporter, or in none.
//! 5. **settle**: the batch goes into the queues and the ticket is answered, now or when all have delivered.

mod convert;
mod engine;
mod failures;
mod fault;
mod frame;
mod inlet;
mod outcome;
mod parcel;
mod route;
mod rules;
mod ticket;
mod worker;

pub use engine::today;
pub use fault::{Point, pass};
pub use frame::{Arrival, FrameFormat};
pub use inlet::{Inlet, Waiting};
pub use outcome::{Outcome, Refusal};
pub use parcel::{Custody, Delivery, Parcel};
pub use route::Route;
pub use rules::{RuleSets, Rules};
pub use ticket::Ticket;
pub use worker::Workers;

use convert::convert;
use engine::Engine;
use frame::Frame;

/// The five steps.
fn process(frame: Frame, engine: &mut Engine<'_>) {
    let (ticket, load) = frame.admit();
    pass(Point::Admitted);
    let placed = engine.guard(&load, |scrubbers| {
        let batch = convert(&load)?;
        pass(Point::Converted);
        let scrubbed = scrubbers.scrub(&batch, &load.route)?;
        pass(Point::Scrubbed);
        load.route.reserve(scrubbed, load.format.sender())
    });
    pass(Point::Reserved);
    match placed {
        Ok(placed) => placed.settle(ticket),
        Err(refusal) => ticket.settle(Outcome::Refused(refusal)),
    }
}
