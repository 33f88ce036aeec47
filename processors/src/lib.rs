//! The scrubbing engine of scrubjay.
//!
//! It walks wire bytes to the texts in them, looks for everything at once, confirms what it saw, and puts the bytes
//! back together with the findings replaced. It does no I/O, has no clock, no global and no runtime: rules, the day
//! and memory come in as arguments, and what comes out is [`Scrubbed`].
//!
//! ```
//! use bytes::Bytes;
//! use processors::{Format, Options, PackSource, PseudonymKey, RuleSet, Scrubber, Today};
//!
//! let pack = PackSource {
//!     file: "ssn.yaml",
//!     text: r#"
//! rules:
//!   - id: ssn.dashed
//!     identifier: G
//!     pattern: '\d{3}-\d{2}-\d{4}'
//!     edge: digit
//!     validate: ssn
//!     reference: https://www.ssa.gov/employer/randomization.html
//!     matches: [ 'member ssn [[123-45-6789]] verified', '[[536-22-8147]]' ]
//!     ignores: [ 'build 123-45-67890', 'sku 000-12-3456' ]
//! "#,
//! };
//! let options = Options {
//!     engine: Default::default(),
//!     triggers: Default::default(),
//!     pseudonym_key: PseudonymKey::new(&[7; 32]).expect("32 bytes are enough"),
//! };
//! let rules = RuleSet::compile(&[pack], &options)?;
//! let mut scrubber = Scrubber::new(&rules)?;
//! let line = Bytes::from_static(b"patient not found: 536-22-8147");
//! let scrubbed = scrubber.scrub(&line, Format::Text, Today { year: 2026, month: 11, day: 21 })?;
//! assert_eq!(&scrubbed.bytes()[..], b"patient not found: [REDACTED:ssn]");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `examples/embed.rs` does the same to an OTLP request, with a rule that goes by key, and prints the reports.

#![cfg_attr(test, allow(clippy::string_slice, reason = "tests slice texts they made"))]

mod actions;
mod contents;
mod detectors;
pub mod document;
mod error;
mod finding;
mod mark;
mod matcher;
mod memo;
mod pack;
mod recall;
mod report;
mod resolve;
mod scrub;
mod scrubbed;
mod splice;
mod split;
mod tape;
mod validators;
pub mod walk;

pub use actions::{Action, PseudonymKey, UNSCANNED};
pub use detectors::explain::Objection;
pub use detectors::names::site::NameTuning;
pub use error::Rejected;
pub use matcher::Engine;
pub use pack::{
    Detector, Domain, Edge, Identifier, Options, Override, PackSource, Reach, Rule, RuleSet, RuleStage, Sample,
    Selector, Sheet, Triggers, Tuning, check_service, readable_sheets, sheets,
};
pub use report::{Counts, Report};
pub use scrub::{Candidate, Explanation, Most, Replaced, Scrubber, Stage, Word};
pub use scrubbed::{Format, Schema, Scrubbed};
pub use tape::Place;
pub use validators::{Today, VALIDATORS, Validator};
