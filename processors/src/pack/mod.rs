//! Packs: YAML becomes rules, rules become one database.

mod compile;
pub(crate) mod dialect;
mod examples;
mod key_pattern;
mod keys;
mod parse;
mod rule;
mod sheet;
pub(crate) mod trigger;

pub(crate) use compile::Use;
pub use compile::{Options, RuleSet, Triggers};
pub(crate) use keys::{KeyClass, KeyMeaning, Keys, without_accent, words};
pub use parse::PackSource;
pub(crate) use rule::{Context, Shape};
pub use rule::{Edge, Identifier, Rule};
pub use sheet::{Reach, Sample, Sheet, sheets};
