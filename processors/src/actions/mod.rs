//! What replaces a finding.
//!
//! One file each. Every replacement is such that a second scrub finds nothing in it: [`is_replaced`] knows markers and
//! tokens, and a mask looks like nothing.

mod generalize;
mod mask;
mod redact;
pub(crate) mod token;
mod zip3;

use crate::pack::Identifier;
use crate::validators::Today;
use std::ops::Range;

pub use token::PseudonymKey;

/// Replaces a text that could not be looked at.
pub const UNSCANNED: &str = "[UNSCANNED]";

/// What replaces a finding. Ordered from the mildest to the strictest: where findings overlap, the strictest wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Action {
    /// What remains is not identifying: a date's year, a ZIP's first three digits, `90+`.
    Generalize,
    /// The last characters stay, the others become `*`.
    Mask {
        /// How many stay: at most four, and never more than a quarter.
        keep: u8,
    },
    /// A keyed pseudonym: the same person, the same token.
    Token,
    /// A fixed marker: `[REDACTED:ssn]`.
    Redact,
    /// The whole attribute or entry goes; where a text must stand, a marker.
    Drop,
}

impl Action {
    /// The actions as packs write them, from the mildest to the strictest.
    pub const LABELS: [&str; 5] = ["generalize", "mask", "token", "redact", "drop"];

    /// The name as packs write it and metrics label it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Generalize => "generalize",
            Self::Mask { .. } => "mask",
            Self::Token => "token",
            Self::Redact => "redact",
            Self::Drop => "drop",
        }
    }

    /// Reads an action; `keep` is for `mask`: how many characters stay.
    #[must_use]
    pub fn parse(label: &str, keep: u8) -> Option<Self> {
        match label {
            "generalize" => Some(Self::Generalize),
            "mask" => Some(Self::Mask { keep }),
            "token" => Some(Self::Token),
            "redact" => Some(Self::Redact),
            "drop" => Some(Self::Drop),
            _ => None,
        }
    }
}

/// Whether `text[range]` holds no letter and no digit but those of markers and tokens: an earlier scrub has been here.
pub(crate) fn is_replaced(text: &[u8], range: Range<usize>) -> bool {
    let mut replaced = redact::touching(text, range.clone());
    replaced.extend(token::touching(text, range.clone()));
    if replaced.is_empty() {
        return false;
    }
    let speaks = |at: &usize| text.get(*at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80);
    range.filter(speaks).all(|at| replaced.iter().any(|part| part.contains(&at)))
}

/// Where the markers and tokens of an earlier scrub stand in `text`, in order and apart.
pub(crate) fn replaced(text: &[u8]) -> Vec<Range<usize>> {
    let mut replaced = redact::touching(text, 0..text.len());
    replaced.extend(token::touching(text, 0..text.len()));
    replaced.sort_unstable_by_key(|range| range.start);
    replaced
}

/// Whether `text[range]` begins or ends within a marker or token: what took a part of one for its own has misread it.
pub(crate) fn cuts_replaced(text: &[u8], range: &Range<usize>) -> bool {
    let mut replaced = redact::touching(text, range.clone());
    replaced.extend(token::touching(text, range.clone()));
    let within = |at: usize| replaced.iter().any(|part| part.start < at && at < part.end);
    within(range.start) || within(range.end)
}

/// What rendering a replacement takes beside the text itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Render<'r> {
    pub(crate) identifier: Identifier,
    /// The rule's name.
    pub(crate) name: &'r str,
    pub(crate) key: &'r PseudonymKey,
    pub(crate) today: Today,
}

impl Render<'_> {
    /// Writes the replacement of `text`.
    pub(crate) fn write(&self, action: Action, text: &[u8], out: &mut String) {
        match action {
            Action::Generalize => match generalize::generalize(self.identifier, text, self.today) {
                Some(rest) => out.push_str(&rest),
                None => redact::write(self.name, out),
            },
            Action::Mask { keep } => mask::write(keep, text, out),
            Action::Token => token::write(self, text, out),
            Action::Redact | Action::Drop => redact::write(self.name, out),
        }
    }
}

#[cfg(test)]
mod tests;
