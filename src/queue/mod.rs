//! Bounded stores of scrubbed batches, one for each exporter.

mod memory;

pub use memory::{Lease, Queue, Refused, Room, Weigh};
