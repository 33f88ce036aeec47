//! Tests of the whole product: a real process between real sockets.

mod support;

mod signals;
