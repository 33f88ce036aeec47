//! What a rule is made of.

use super::domain::Domain;
use crate::actions::Action;
use crate::document::Position;
use crate::tape::Outline;
use crate::validators::Validator;
use aho_corasick::AhoCorasick;
use regex_automata::meta;

/// The kind of identifier a rule finds: the letters of 45 CFR 164.514(b)(2)(i), and credentials, which the law does
/// not list and nobody wants in a log either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Identifier {
    /// Names.
    A,
    /// Places smaller than a state.
    B,
    /// Dates except the year, ages over 89.
    C,
    /// Telephone numbers.
    D,
    /// Fax numbers.
    E,
    /// E-mail addresses.
    F,
    /// Social security numbers.
    G,
    /// Medical record numbers.
    H,
    /// Health plan beneficiary numbers.
    I,
    /// Account numbers.
    J,
    /// Certificate and licence numbers.
    K,
    /// Vehicles and licence plates.
    L,
    /// Devices and serial numbers.
    M,
    /// Web addresses.
    N,
    /// IP addresses.
    O,
    /// Biometric identifiers.
    P,
    /// Full-face photographs.
    Q,
    /// Any other unique number or code.
    R,
    /// Passwords, keys, tokens.
    Secret,
}

impl Identifier {
    /// All identifiers.
    pub const ALL: [Self; 19] = [
        Self::A,
        Self::B,
        Self::C,
        Self::D,
        Self::E,
        Self::F,
        Self::G,
        Self::H,
        Self::I,
        Self::J,
        Self::K,
        Self::L,
        Self::M,
        Self::N,
        Self::O,
        Self::P,
        Self::Q,
        Self::R,
        Self::Secret,
    ];

    /// The letter of the law, or `secret`: as packs write it and metrics label it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::E => "E",
            Self::F => "F",
            Self::G => "G",
            Self::H => "H",
            Self::I => "I",
            Self::J => "J",
            Self::K => "K",
            Self::L => "L",
            Self::M => "M",
            Self::N => "N",
            Self::O => "O",
            Self::P => "P",
            Self::Q => "Q",
            Self::R => "R",
            Self::Secret => "secret",
        }
    }

    /// What it is in words.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::A => "names",
            Self::B => "places smaller than a state",
            Self::C => "dates except the year, ages over 89",
            Self::D => "telephone numbers",
            Self::E => "fax numbers",
            Self::F => "e-mail addresses",
            Self::G => "social security numbers",
            Self::H => "medical record numbers",
            Self::I => "health plan beneficiary numbers",
            Self::J => "account numbers",
            Self::K => "certificate and licence numbers",
            Self::L => "vehicles and licence plates",
            Self::M => "devices and serial numbers",
            Self::N => "web addresses",
            Self::O => "IP addresses",
            Self::P => "biometric identifiers",
            Self::Q => "full-face photographs",
            Self::R => "any other unique number or code",
            Self::Secret => "passwords, keys, tokens",
        }
    }

    /// Reads a label.
    #[must_use]
    pub fn parse(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|identifier| identifier.label() == label)
    }
}

/// What may not touch a match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Edge {
    /// No letter and no digit at either end. An underscore may touch.
    #[default]
    Alnum,
    /// No digit at either end.
    Digit,
    /// No digit at either end, nor a digit behind one more `-` or `.`: the match is no part of a longer number.
    Number,
    /// As `Alnum`, and the match is not the user or password of a URL: `postgres://app:secret@db.example.com`.
    Mailbox,
    /// Anything may touch.
    None,
}

impl Edge {
    /// All edges.
    pub const ALL: [Self; 5] = [Self::Alnum, Self::Digit, Self::Number, Self::Mailbox, Self::None];

    /// Reads a label.
    #[must_use]
    pub fn parse(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|edge| edge.label() == label)
    }

    /// The name as packs write it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Alnum => "alnum",
            Self::Digit => "digit",
            Self::Number => "number",
            Self::Mailbox => "mailbox",
            Self::None => "none",
        }
    }
}

/// Words near a match, or in its keys, without which a rule of low confidence finds nothing.
#[derive(Debug)]
pub(crate) struct Context {
    /// The words as written, lower case.
    pub(crate) words: Vec<String>,
    /// Finds them, in either case.
    pub(crate) finder: AhoCorasick,
    /// How many bytes before a match are looked at.
    pub(crate) before: usize,
    /// How many bytes behind it.
    pub(crate) after: usize,
}

/// How a rule finds by shape.
#[derive(Debug)]
pub(crate) struct Shape {
    /// The whole pattern.
    pub(crate) regex: meta::Regex,
    /// The group that is replaced, if not the whole match.
    pub(crate) value_group: Option<u32>,
    /// What may not touch a match.
    pub(crate) edge: Edge,
    /// Whether every match begins with a byte that its edge forbids in front of it: after a failed left edge the
    /// search may then skip the whole run.
    pub(crate) skips_runs: bool,
    /// A byte that every match holds: a window without it holds none.
    pub(crate) needs: Option<u8>,
    /// How many digits a match holds at least: a window with fewer holds none.
    pub(crate) digits: usize,
    /// How many of them stand in a row.
    pub(crate) run: usize,
    /// How matches begin.
    pub(crate) outlines: Vec<Outline>,
    /// Whether the scan reports parts of the pattern: beside the context, one of them is in every match.
    pub(crate) joined: bool,
}

/// Whether a rule acts on what it finds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuleStage {
    /// What it finds is counted and stays: for trying a rule on real traffic.
    Shadow,
    /// What it finds is replaced.
    #[default]
    Active,
}

impl RuleStage {
    /// The stages as packs write them.
    pub const LABELS: [&str; 2] = ["active", "shadow"];

    /// The stage as packs write it.
    #[must_use]
    pub fn parse(label: &str) -> Option<Self> {
        match label {
            "shadow" => Some(Self::Shadow),
            "active" => Some(Self::Active),
            _ => None,
        }
    }
}

/// What finds by itself, without a pattern or a key, and tells what it found as a rule's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Detector {
    /// Names in prose.
    Names,
    /// Streets and towns in prose.
    Places,
}

impl Detector {
    /// The name as packs write it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Names => "names",
            Self::Places => "places",
        }
    }
}

/// How a rule finds by key.
#[derive(Debug)]
pub(crate) struct Keyed {
    /// What the whole value must look like; `None` takes any.
    pub(crate) value: Option<meta::Regex>,
}

/// A compiled rule.
#[derive(Debug)]
pub struct Rule {
    pub(crate) id: String,
    pub(crate) identifier: Identifier,
    pub(crate) name: String,
    pub(crate) action: Action,
    pub(crate) stage: RuleStage,
    pub(crate) domain: Domain,
    pub(crate) shape: Option<Shape>,
    pub(crate) keyed: Option<Keyed>,
    pub(crate) detector: Option<Detector>,
    pub(crate) validator: Option<&'static Validator>,
    pub(crate) context: Option<Context>,
    pub(crate) reference: String,
    pub(crate) file: String,
    pub(crate) at: Position,
}

impl Rule {
    /// Whether it is confirmed only where both its context and a part of its pattern stand.
    pub(crate) fn is_joined(&self) -> bool {
        self.shape.as_ref().is_some_and(|shape| shape.joined)
    }

    /// The rule's id: unique in a rule set.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What kind of identifier it finds.
    #[must_use]
    pub fn identifier(&self) -> Identifier {
        self.identifier
    }

    /// What its marker says: `ssn` in `[REDACTED:ssn]`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether findings are replaced, or only counted.
    #[must_use]
    pub fn stage(&self) -> RuleStage {
        self.stage
    }

    /// Where it works.
    #[must_use]
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// What replaces a finding.
    #[must_use]
    pub fn action(&self) -> Action {
        self.action
    }

    /// Where the rule's facts come from.
    #[must_use]
    pub fn reference(&self) -> &str {
        &self.reference
    }

    /// The pack it stands in, and where.
    #[must_use]
    pub fn source(&self) -> (&str, Position) {
        (&self.file, self.at)
    }

    /// The name of its validator.
    #[must_use]
    pub fn validator(&self) -> Option<&'static str> {
        self.validator.map(|validator| validator.name)
    }

    /// What finds for it, if neither a pattern nor a key does.
    #[must_use]
    pub fn detector(&self) -> Option<Detector> {
        self.detector
    }

    /// The words without which it finds nothing.
    #[must_use]
    pub fn context(&self) -> &[String] {
        self.context.as_ref().map_or(&[], |context| &context.words)
    }
}
