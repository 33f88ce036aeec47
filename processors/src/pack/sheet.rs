//! Rules as their authors wrote them, for people to read.

use super::domain::Domain;
use super::parse::{ContextDef, Example, Pack, PackSource, RuleDef, Spot};
use super::rule::{Detector, Edge, Identifier, RuleStage};
use crate::actions::Action;
use crate::document::{Mistakes, Position};
use crate::validators::Validator;

/// Everything a pack says about a rule.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The id: unique in a rule set.
    pub id: String,
    /// What kind of identifier it finds.
    pub identifier: Identifier,
    /// What its marker says: `ssn` in `[REDACTED:ssn]`.
    pub name: String,
    /// Where its facts come from.
    pub reference: String,
    /// What it finds by shape.
    pub pattern: Option<String>,
    /// What finds for it, if neither a pattern nor a key does.
    pub detector: Option<Detector>,
    /// What may not touch a match of the pattern.
    pub edge: Edge,
    /// The keys whose values it takes.
    pub keys: Vec<String>,
    /// The keys below which it finds nothing.
    pub except_keys: Vec<String>,
    /// What a value below one of the keys must look like as a whole.
    pub value: Option<String>,
    /// What says whether a candidate is real.
    pub validator: Option<&'static Validator>,
    /// What must stand near a match.
    pub context: Option<Reach>,
    /// What replaces a finding.
    pub action: Action,
    /// Whether it acts on what it finds.
    pub stage: RuleStage,
    /// Where it works.
    pub domain: Domain,
    /// Texts it finds something in, `[[` and `]]` around it.
    pub matches: Vec<Sample>,
    /// Texts it finds nothing in, or nothing but what is marked.
    pub ignores: Vec<Sample>,
    /// The pack it stands in.
    pub file: String,
    /// Where it begins there.
    pub at: Position,
}

/// Words without which a rule finds nothing, and how near they must stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// The words, in lower case.
    pub words: Vec<String>,
    /// How many bytes before a match are looked at.
    pub before: usize,
    /// How many bytes behind it.
    pub after: usize,
}

/// An example of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The key the text stands under, if any.
    pub key: Option<String>,
    /// The text.
    pub text: String,
}

/// Reads packs for what they say about their rules, in order. Compiles nothing: some milliseconds for all that are
/// built in.
///
/// # Errors
/// Every mistake that reading finds; rules that would fail their examples are not among them.
pub fn sheets(packs: &[PackSource<'_>]) -> Result<Vec<Sheet>, Mistakes> {
    let (sheets, mistakes) = readable_sheets(packs);
    if mistakes.is_empty() { Ok(sheets) } else { Err(mistakes) }
}

/// As [`sheets`], with what can be read of packs that have mistakes.
#[must_use]
pub fn readable_sheets(packs: &[PackSource<'_>]) -> (Vec<Sheet>, Mistakes) {
    let mut mistakes = Mistakes::default();
    let mut sheets = Vec::new();
    for source in packs {
        let pack = Pack::read(*source, &mut mistakes);
        sheets.extend(pack.rules.into_iter().map(|rule| Sheet::new(source.file, rule)));
    }
    (sheets, mistakes)
}

impl Sheet {
    fn new(file: &str, def: RuleDef) -> Self {
        let texts = |spots: Vec<Spot<String>>| spots.into_iter().map(|spot| spot.value).collect();
        let samples = |spots: Vec<Spot<Example>>| spots.into_iter().map(Sample::new).collect();
        Self {
            id: def.id,
            identifier: def.identifier,
            name: def.name,
            reference: def.reference,
            pattern: def.pattern.map(|spot| spot.value),
            detector: def.detector,
            edge: def.edge,
            keys: texts(def.keys),
            except_keys: texts(def.except_keys),
            value: def.value.map(|spot| spot.value),
            validator: def.validator,
            context: def.context.map(|ContextDef { words, before, after, .. }| Reach { words, before, after }),
            action: def.action,
            stage: def.stage,
            domain: def.domain,
            matches: samples(def.matches),
            ignores: samples(def.ignores),
            file: file.to_owned(),
            at: def.at,
        }
    }
}

impl Sample {
    fn new(spot: Spot<Example>) -> Self {
        Self { key: spot.value.key, text: spot.value.text }
    }
}
