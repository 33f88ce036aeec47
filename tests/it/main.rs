//! Tests of the whole product: a real process between real sockets.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stderr,
    clippy::wildcard_enum_match_arm,
    reason = "a test that fails says so by a panic, and all people in it are made up"
)]

mod support;

mod admin;
mod agents;
mod apart;
mod architecture;
mod bad_backends;
mod bad_input;
mod batching;
mod chaos;
mod clocks;
mod command_line;
mod configs;
mod configuration;
mod credentials;
mod crowds;
mod datadog;
mod delivery;
mod demo;
mod deploy;
mod drain;
mod eval;
mod examples;
mod exempt;
mod exhaustive;
mod faults;
mod file_exporter;
mod floods;
mod fuzz;
mod h2_cases;
mod intake;
mod known_gaps;
mod leaks;
mod limits;
mod matrix;
mod memory;
mod migration;
mod mistakes;
mod odd_backends;
mod operator;
mod overload;
mod oversize;
mod pace;
mod peers;
mod queues;
mod readme;
mod reload;
mod rotation;
mod scenarios;
mod schema;
mod sdk;
mod senders;
mod signals;
mod slow_peers;
mod sweep;
mod test_command;
mod tls;
mod tokens;
mod tuning;
mod two_forms;
mod vectors;
