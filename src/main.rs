//! Scrubjay: a telemetry collector that redacts protected health information before anything is queued or forwarded.

fn main() {}
