//! Scrubjay: a telemetry collector that redacts protected health information before anything is queued or forwarded.
//!
//! A batch goes one way: one of the [`receivers`] takes its bytes off a transport, the [`pipeline`] scrubs it, a
//! [`queue`] holds it, [`delivery`] hands it to one of the [`exporters`]. A module uses only modules below it: `cli` 9,
//! `app` 8, `config` 7, `delivery` and `admin` 6, `receivers` and `exporters` 5, `pipeline` 4, `queue` 3, `codec` 2,
//! `net` 1, `settings`, `telemetry` and `drain` 0.

pub mod admin;
pub mod app;
pub mod cli;
pub mod codec;
pub mod config;
pub mod delivery;
pub mod drain;
pub mod exporters;
pub mod net;
pub mod pipeline;
pub mod queue;
pub mod receivers;
pub mod settings;
pub mod telemetry;
