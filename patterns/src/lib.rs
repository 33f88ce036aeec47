//! The rule packs of scrubjay.
