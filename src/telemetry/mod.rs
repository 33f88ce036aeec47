//! What the collector says about itself: every own log line and every own metric, in one place.
//!
//! Both take closed types only: numbers, enums, names of configured components. Nothing that came in can get out here,
//! which is why no other module logs or counts by itself.

mod component;
mod event;
mod log;
mod metrics;
mod panic;
mod process;
#[cfg(test)]
mod tests;
mod traces;

pub use component::{Component, ExporterState, Transport};
pub use event::Event;
pub use log::{LogFormat, LogLevel, start_logging};
pub use metrics::{Metrics, Page};
pub use panic::quiet_panics;
pub use process::{begin_with_little_memory, no_core_dumps, resident_bytes};
pub use traces::{BatchSpan, OWN_TELEMETRY, Traces};
