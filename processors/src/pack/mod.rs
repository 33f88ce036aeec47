//! Packs: YAML becomes rules, rules become one database.

mod compile;
pub(crate) mod dialect;
pub(crate) mod domain;
mod examples;
mod fragments;
pub(crate) mod guard;
mod key_pattern;
mod key_terms;
mod key_words;
mod keys;
mod nearby;
mod outline;
mod parse;
mod rarity;
mod rule;
mod separator;
mod sheet;
pub(crate) mod trigger;
mod tuning;
mod wanted;
mod word;

pub(crate) use compile::Use;
pub use compile::{Options, RuleSet, Triggers};
pub use domain::{Domain, Selector, check_service};
pub(crate) use guard::{ByteSet, MAX_BACK};
pub(crate) use key_words::without_accent;
pub(crate) use keys::{KeyClass, KeyMeaning, Keys, is_word, words};
pub use parse::PackSource;
pub(crate) use rule::{Context, Shape};
pub use rule::{Detector, Edge, Identifier, Rule, RuleStage};
pub use sheet::{Reach, Sample, Sheet, readable_sheets, sheets};
pub use tuning::{Override, Tuning};

#[cfg(test)]
mod tests;
