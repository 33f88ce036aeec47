//! A pack file read: YAML becomes definitions, every mistake with its place.

use super::domain::{Domain, Selector};
use super::rule::{Detector, Edge, Identifier, RuleStage};
use crate::actions::Action;
use crate::document::{Data, Fields, Mistakes, Node, Position};
use crate::validators::{self, VALIDATORS, Validator};

/// A pack as its author wrote it.
#[derive(Clone, Copy, Debug)]
pub struct PackSource<'t> {
    /// The name messages use: a path, or a name of a built-in pack.
    pub file: &'t str,
    /// The YAML.
    pub text: &'t str,
}

/// A text and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Spot<T> {
    pub(crate) value: T,
    pub(crate) at: Position,
}

/// A pack, read.
#[derive(Debug, Default)]
pub(crate) struct Pack {
    pub(crate) sets: Vec<(Spot<String>, Vec<String>)>,
    pub(crate) fragments: Vec<(Spot<String>, Spot<String>)>,
    pub(crate) rules: Vec<RuleDef>,
    pub(crate) places: Vec<PlaceDef>,
}

/// A rule, read but not compiled.
#[derive(Debug)]
pub(crate) struct RuleDef {
    pub(crate) at: Position,
    pub(crate) id: String,
    pub(crate) identifier: Identifier,
    pub(crate) name: String,
    pub(crate) reference: String,
    pub(crate) pattern: Option<Spot<String>>,
    pub(crate) detector: Option<Detector>,
    pub(crate) edge: Edge,
    pub(crate) validator: Option<&'static Validator>,
    pub(crate) context: Option<ContextDef>,
    pub(crate) keys: Vec<Spot<String>>,
    pub(crate) except_keys: Vec<Spot<String>>,
    pub(crate) value: Option<Spot<String>>,
    pub(crate) action: Action,
    pub(crate) stage: RuleStage,
    pub(crate) domain: Domain,
    /// Where the keys of the domain stand: those of `only`, then those of `except`.
    pub(crate) domain_keys: Vec<Position>,
    pub(crate) matches: Vec<Spot<Example>>,
    pub(crate) ignores: Vec<Spot<Example>>,
}

/// Words a rule of low confidence needs near a match.
#[derive(Debug)]
pub(crate) struct ContextDef {
    pub(crate) at: Position,
    pub(crate) words: Vec<String>,
    pub(crate) before: usize,
    pub(crate) after: usize,
}

/// A text that proves a rule, `[[` and `]]` around what it must find.
#[derive(Clone, Debug)]
pub(crate) struct Example {
    /// The key the text stands under, if any.
    pub(crate) key: Option<String>,
    pub(crate) text: String,
}

/// Keys that say how a text is looked at.
#[derive(Debug)]
pub(crate) struct PlaceDef {
    pub(crate) class: super::keys::KeyClass,
    pub(crate) keys: Vec<Spot<String>>,
}

/// Examples of each kind a rule needs.
const EXAMPLES: usize = 2;
/// How far context reaches unless the rule says otherwise, in bytes.
const BEFORE: usize = 40;
const AFTER: usize = 20;
const REACH: usize = 256;

impl Pack {
    /// Reads a pack.
    pub(crate) fn read(source: PackSource<'_>, mistakes: &mut Mistakes) -> Self {
        let mut pack = Self::default();
        let root = match Node::parse(source.file, source.text) {
            Ok(root) => root,
            Err(found) => {
                mistakes.extend(found);
                return pack;
            }
        };
        let mut fields = Fields::open(source.file, &root, mistakes);
        if let Some(sets) = fields.take("sets") {
            let mut names = Fields::open(source.file, sets, mistakes);
            for (name, words) in names.rest() {
                pack.sets.extend(set(source.file, name, words, mistakes));
            }
        }
        if let Some(fragments) = fields.take("fragments") {
            let mut names = Fields::open(source.file, fragments, mistakes);
            for (name, text) in names.rest() {
                pack.fragments.extend(fragment(source.file, name, text, mistakes));
            }
        }
        for node in fields.list("rules", mistakes) {
            pack.rules.extend(RuleDef::read(source.file, node, mistakes));
        }
        for node in fields.list("places", mistakes) {
            pack.places.extend(PlaceDef::read(source.file, node, mistakes));
        }
        fields.finish(mistakes);
        pack
    }
}

fn set(file: &str, name: &Node, words: &Node, mistakes: &mut Mistakes) -> Option<(Spot<String>, Vec<String>)> {
    let Data::Sequence(words) = &words.data else {
        mistakes.add(file, words.at, "a set is a list of words");
        return None;
    };
    let plain = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b' ');
    let mut list = Vec::new();
    for word in words {
        match word.text() {
            Some(text) if plain(text) => list.push(text.to_owned()),
            _ => mistakes.add(file, word.at, "a set holds lower-case words, a space between words"),
        }
    }
    let name = Spot { value: name.text()?.to_owned(), at: name.at };
    Some((name, list))
}

fn fragment(file: &str, name: &Node, text: &Node, mistakes: &mut Mistakes) -> Option<(Spot<String>, Spot<String>)> {
    let (Some(called), Some(pattern)) = (name.text(), text.text()) else {
        mistakes.add(file, text.at, "a fragment is a piece of a pattern");
        return None;
    };
    if !is_name(called, b"") {
        mistakes.add(file, name.at, "a fragment's name is of lower-case letters, digits and `_`");
        return None;
    }
    Some((Spot { value: called.to_owned(), at: name.at }, Spot { value: pattern.to_owned(), at: text.at }))
}

impl RuleDef {
    fn read(file: &str, node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        let mut fields = Fields::open(file, node, mistakes);
        let id = fields.text("id", mistakes);
        if id.is_none() {
            mistakes.add(file, node.at, "a rule needs an `id`");
        }
        if let Some((id, at)) = id
            && !is_name(id, b".-")
        {
            mistakes.add(file, at, "an id is of lower-case letters, digits, `.`, `_` and `-`");
        }
        let identifier = identifier(&mut fields, mistakes);
        let family = id.map_or("", |(id, _)| id.split('.').next().unwrap_or(id));
        let name = match fields.text("name", mistakes) {
            Some((name, at)) => {
                if !is_name(name, b"") || name.len() > 24 || name.bytes().any(|byte| byte.is_ascii_digit()) {
                    mistakes.add(
                        file,
                        at,
                        "a name is of at most 24 lower-case letters and `_`: markers hold no digits",
                    );
                }
                name
            }
            None => family,
        };
        if fields.text("reference", mistakes).is_none() {
            mistakes.add(file, node.at, "a rule needs a `reference`: where its facts come from");
        }
        let reference = node.get("reference").and_then(Node::text).unwrap_or_default().to_owned();
        let pattern = spot(fields.text("pattern", mistakes));
        let keys = spots(fields.texts("keys", mistakes));
        let detector = detector(&mut fields, mistakes);
        if pattern.is_none() && keys.is_empty() && detector.is_none() {
            mistakes.add(file, node.at, "a rule needs a `pattern`, `keys` or a `detector`");
        }
        if detector.is_some() && (pattern.is_some() || !keys.is_empty()) {
            mistakes.add(file, node.at, "`detector` finds by itself: `pattern` and `keys` make another rule");
        }
        let edge = edge(&mut fields, mistakes);
        let validator = validator(&mut fields, mistakes);
        let context = context(&mut fields, mistakes);
        let value = spot(fields.text("value", mistakes));
        let except_keys = spots(fields.texts("except_keys", mistakes));
        if keys.is_empty() && value.is_some() {
            mistakes.add(file, node.at, "`value` goes with `keys`: it is what a keyed value must look like");
        }
        let action = action(&mut fields, mistakes);
        let stage = stage(&mut fields, mistakes);
        let (domain, domain_keys) = domain(&mut fields, mistakes);
        let matches = examples(&mut fields, "matches", mistakes);
        let ignores = examples(&mut fields, "ignores", mistakes);
        fields.finish(mistakes);
        Some(Self {
            at: node.at,
            id: id?.0.to_owned(),
            // A rule without one is not compiled; what else is wrong with it is told in the same go.
            identifier: identifier.unwrap_or(Identifier::R),
            name: name.to_owned(),
            reference,
            pattern,
            detector,
            edge,
            validator,
            context,
            keys,
            except_keys,
            value,
            action,
            stage,
            domain,
            domain_keys,
            matches,
            ignores,
        })
    }
}

impl PlaceDef {
    fn read(file: &str, node: &Node, mistakes: &mut Mistakes) -> Option<Self> {
        use super::keys::KeyClass;
        let mut fields = Fields::open(file, node, mistakes);
        let class = match fields.text("class", mistakes) {
            Some(("free_text", _)) => Some(KeyClass::FreeText),
            Some(("opaque", _)) => Some(KeyClass::Opaque),
            Some(("kept", _)) => Some(KeyClass::Kept),
            Some(("statement", _)) => Some(KeyClass::Statement),
            Some((_, at)) => {
                mistakes.add(file, at, "`class` is free_text, statement, opaque or kept");
                None
            }
            None => {
                mistakes.add(file, node.at, "a place needs a `class`");
                None
            }
        };
        let keys = spots(fields.texts("keys", mistakes));
        let _source = fields.text("reference", mistakes);
        fields.finish(mistakes);
        Some(Self { class: class?, keys })
    }
}

fn is_name(text: &str, also: &[u8]) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || also.contains(&byte))
}

fn spot(text: Option<(&str, Position)>) -> Option<Spot<String>> {
    text.map(|(value, at)| Spot { value: value.to_owned(), at })
}

fn spots(texts: Vec<(&str, Position)>) -> Vec<Spot<String>> {
    texts.into_iter().map(|(value, at)| Spot { value: value.to_owned(), at }).collect()
}

fn identifier(fields: &mut Fields<'_>, mistakes: &mut Mistakes) -> Option<Identifier> {
    let Some((label, at)) = fields.text("identifier", mistakes) else {
        mistakes.add(fields.file(), fields.at(), "a rule needs an `identifier`: A to R, or secret");
        return None;
    };
    let identifier = Identifier::parse(label);
    if identifier.is_none() {
        mistakes.add(fields.file(), at, "`identifier` is a letter of 45 CFR 164.514(b)(2)(i), A to R, or secret");
    }
    identifier
}

fn detector(fields: &mut Fields<'_>, mistakes: &mut Mistakes) -> Option<Detector> {
    match fields.text("detector", mistakes)? {
        ("names", _) => Some(Detector::Names),
        ("places", _) => Some(Detector::Places),
        (_, at) => {
            mistakes.add(fields.file(), at, "`detector` is names or places");
            None
        }
    }
}

fn edge(fields: &mut Fields<'_>, mistakes: &mut Mistakes) -> Edge {
    let Some((label, at)) = fields.text("edge", mistakes) else { return Edge::default() };
    Edge::parse(label).unwrap_or_else(|| {
        mistakes.add(fields.file(), at, "`edge` is alnum, digit, number, mailbox or none");
        Edge::default()
    })
}

fn stage(fields: &mut Fields<'_>, mistakes: &mut Mistakes) -> RuleStage {
    let Some((label, at)) = fields.text("stage", mistakes) else { return RuleStage::default() };
    RuleStage::parse(label).unwrap_or_else(|| {
        mistakes.add(fields.file(), at, "`stage` is active or shadow");
        RuleStage::default()
    })
}

fn domain(fields: &mut Fields<'_>, mistakes: &mut Mistakes) -> (Domain, Vec<Position>) {
    let file = fields.file();
    let mut read = |node: Option<&Node>| node.map(|node| Selector::read(file, node, mistakes)).unwrap_or_default();
    let (only, mut places) = read(fields.take("only"));
    let (except, more) = read(fields.take("except"));
    places.extend(more);
    (Domain { only, except }, places)
}

fn validator(fields: &mut Fields<'_>, mistakes: &mut Mistakes) -> Option<&'static Validator> {
    let (name, at) = fields.text("validate", mistakes)?;
    let validator = validators::find(name);
    if validator.is_none() {
        let known: Vec<&str> = VALIDATORS.iter().map(|validator| validator.name).collect();
        mistakes.add(fields.file(), at, format!("no validator is called `{name}`: there are {}", known.join(", ")));
    }
    validator
}

fn context(fields: &mut Fields<'_>, mistakes: &mut Mistakes) -> Option<ContextDef> {
    let file = fields.file();
    let low = match fields.text("confidence", mistakes) {
        None | Some(("high", _)) => None,
        Some(("low", at)) => Some(at),
        Some((_, at)) => {
            mistakes.add(file, at, "`confidence` is high or low");
            None
        }
    };
    let words: Vec<String> =
        fields.texts("context", mistakes).iter().map(|(word, _)| word.to_ascii_lowercase()).collect();
    let before = reach(fields, "before", BEFORE, mistakes);
    let after = reach(fields, "after", AFTER, mistakes);
    match low {
        Some(at) if words.is_empty() => {
            mistakes.add(file, at, "a rule of low confidence needs `context`: the words it must stand near");
            None
        }
        Some(at) => Some(ContextDef { at, words, before, after }),
        None if words.is_empty() => None,
        None => {
            mistakes.add(file, fields.at(), "`context` goes with `confidence: low`");
            None
        }
    }
}

fn reach(fields: &mut Fields<'_>, key: &'static str, default: usize, mistakes: &mut Mistakes) -> usize {
    let Some((text, at)) = fields.text(key, mistakes) else { return default };
    match text.parse() {
        Ok(reach) if reach <= REACH => reach,
        Ok(_) | Err(_) => {
            mistakes.add(fields.file(), at, format!("`{key}` is a number of bytes up to {REACH}"));
            default
        }
    }
}

fn action(fields: &mut Fields<'_>, mistakes: &mut Mistakes) -> Action {
    let keep = match fields.text("keep", mistakes) {
        None => 4,
        Some((text, at)) => text.parse().ok().filter(|keep| *keep <= 4).unwrap_or_else(|| {
            mistakes.add(fields.file(), at, "`keep` is a number of characters from 0 to 4");
            0
        }),
    };
    let Some((label, at)) = fields.text("action", mistakes) else { return Action::Redact };
    Action::parse(label, keep).unwrap_or_else(|| {
        mistakes.add(fields.file(), at, "`action` is redact, mask, token, generalize or drop");
        Action::Redact
    })
}

fn examples(fields: &mut Fields<'_>, key: &'static str, mistakes: &mut Mistakes) -> Vec<Spot<Example>> {
    let file = fields.file();
    let at = fields.at();
    let mut examples = Vec::new();
    for node in fields.list(key, mistakes) {
        match &node.data {
            Data::Scalar(text, _) => {
                examples.push(Spot { value: Example { key: None, text: text.clone() }, at: node.at });
            }
            Data::Mapping(_) => {
                let mut inner = Fields::open(file, node, mistakes);
                let name = inner.text("key", mistakes);
                let text = inner.text("text", mistakes);
                inner.finish(mistakes);
                match (name, text) {
                    (Some((name, _)), Some((text, _))) => {
                        let example = Example { key: Some(name.to_owned()), text: text.to_owned() };
                        examples.push(Spot { value: example, at: node.at });
                    }
                    _ => mistakes.add(file, node.at, "an example is a text, or { key: .., text: .. }"),
                }
            }
            Data::Null | Data::Sequence(_) => {
                mistakes.add(file, node.at, "an example is a text, or { key: .., text: .. }");
            }
        }
    }
    if examples.len() < EXAMPLES {
        mistakes.add(file, at, format!("a rule needs at least {EXAMPLES} `{key}`: it has {}", examples.len()));
    }
    for example in &examples {
        let (open, close) = (example.value.text.matches("[[").count(), example.value.text.matches("]]").count());
        if open != close {
            mistakes.add(file, example.at, "every `[[` needs its `]]`");
        }
        if key == "matches" && open == 0 {
            mistakes.add(file, example.at, "an example that must match says where: [[like this]]");
        }
    }
    examples
}
