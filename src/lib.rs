//! Scrubjay: a telemetry collector that redacts protected health information before anything is queued or forwarded.
pub mod cli;
pub mod codec;
