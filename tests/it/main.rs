//! Tests of the whole product: a real process between real sockets.

mod support;

mod admin;
mod configuration;
mod delivery;
mod drain;
mod faults;
mod limits;
mod queues;
mod refusals;
mod signals;
mod tls;
