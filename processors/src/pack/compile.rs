//! Definitions become a rule set: patterns compiled, triggers derived, keys read, examples proved. All or nothing.

use super::dialect::{self, Parsed};
use super::domain::Domains;
use super::fragments::Fragments;
use super::guard::Guard;
use super::key_pattern::KeyPattern;
use super::keys::Keys;
use super::parse::{ContextDef, Pack, PackSource, RuleDef, Spot};
use super::rule::{Context, Detector, Edge, Keyed, Rule, Shape};
use super::trigger::Need;
use super::tuning::Tuned;
use super::wanted::Wanted;
use super::{examples, outline, rarity, trigger};
use crate::actions::PseudonymKey;
use crate::detectors::names::{Model, Tagged};
use crate::document::{Mistakes, Position};
use crate::mark::Vocabulary;
use crate::matcher::{Database, Engine, Trigger, expression};
use aho_corasick::AhoCorasick;
use regex_automata::meta;
use regex_automata::nfa::thompson::WhichCaptures;
use regex_syntax::hir::{Hir, Look};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;

/// What the scan looks for on behalf of a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Triggers {
    /// The rarest part of its pattern, cut to one end per occurrence.
    #[default]
    Derived,
    /// The pattern as it is: for measuring what derivation gains.
    Whole,
}

/// What a rule set is compiled with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which matcher scans.
    pub engine: Engine,
    /// What it scans for.
    pub triggers: Triggers,
    /// The key of all tokens.
    pub pseudonym_key: PseudonymKey,
}

/// Why the scan reports an occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// A match of the rule lies within `back` bytes before and `fwd` bytes behind the end, if the guard with this
    /// number allows.
    Shape { rule: u16, back: u32, fwd: u32, guard: u32 },
    /// A word that is context for the rule ends here, if it stands by itself: `len` bytes, then as `Shape`.
    Context { rule: u16, len: u32, back: u32, fwd: u32 },
    /// As `Shape`, for a rule that is confirmed only where its context is near too.
    Part { rule: u16, back: u32, fwd: u32, guard: u32 },
}

impl Use {
    /// The rule that asked for it.
    pub(crate) fn rule(self) -> u16 {
        match self {
            Self::Shape { rule, .. } | Self::Context { rule, .. } | Self::Part { rule, .. } => rule,
        }
    }
}

/// Compiled rules, shared by all workers. Immutable: tuning makes a new one.
#[derive(Debug)]
pub struct RuleSet {
    pub(crate) rules: Vec<Rule>,
    pub(crate) keys: Keys,
    /// By trigger.
    pub(crate) uses: Vec<Vec<Use>>,
    /// What is looked at before a shape is confirmed.
    pub(crate) guards: Vec<Guard>,
    /// By trigger.
    expressions: Vec<String>,
    pub(crate) database: Database,
    pub(crate) pseudonym_key: PseudonymKey,
    /// What names in prose are told as.
    pub(crate) tagged: Tagged,
    /// What a site changed.
    pub(crate) tuned: Tuned,
    /// Whether rules work in some places only.
    pub(crate) domains: Domains,
    /// The words of the attribute that says what was redacted.
    pub(crate) vocabulary: Vocabulary,
    pub(super) hash: [u8; 32],
}

impl RuleSet {
    /// Compiles packs. A tenth of a second for a hundred rules, some seconds for a thousand.
    ///
    /// # Errors
    /// Every mistake of every pack, rules that fail their own examples among them. Nothing is compiled then.
    pub fn compile(packs: &[PackSource<'_>], options: &Options) -> Result<Self, Mistakes> {
        let mut mistakes = Mistakes::default();
        let mut hash = Sha256::new();
        let mut read = Vec::with_capacity(packs.len());
        for pack in packs {
            hash.update(Sha256::digest(pack.text));
            read.push((pack.file, Pack::read(*pack, &mut mistakes)));
        }
        let compiled =
            Compiler::new(&read, options.triggers, &mut mistakes).compile(&read, options, hash.finalize().into());
        let Some(set) = compiled else { return Err(mistakes) };
        if mistakes.is_empty() {
            let definitions = read.iter().flat_map(|(file, pack)| pack.rules.iter().map(move |rule| (*file, rule)));
            examples::prove(&set, definitions, &mut mistakes);
        }
        if mistakes.is_empty() { Ok(set) } else { Err(mistakes) }
    }

    /// The rules, in the order of their packs.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Tells rule sets apart: a hash of the texts of all packs and of what a site changed.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// What the scan looks for: the expression, and the rules it serves.
    pub fn triggers(&self) -> impl Iterator<Item = (&str, Vec<&str>)> {
        self.expressions.iter().zip(&self.uses).map(|(expression, uses)| {
            let rules = uses.iter().map(|reason| self.rules.get(usize::from(reason.rule())).map_or("", Rule::id));
            (expression.as_str(), rules.collect())
        })
    }

    /// How many triggers one scan looks for.
    #[must_use]
    pub fn trigger_count(&self) -> usize {
        self.uses.len()
    }
}

struct Compiler<'m> {
    mistakes: &'m mut Mistakes,
    sets: HashMap<String, Vec<String>>,
    fragments: Fragments,
    wanted: Wanted,
    triggers: Triggers,
    keys: Keys,
    tagged: Tagged,
}

impl<'m> Compiler<'m> {
    fn new(packs: &[(&str, Pack)], triggers: Triggers, mistakes: &'m mut Mistakes) -> Self {
        let mut sets = HashMap::new();
        for (file, pack) in packs {
            for (name, words) in &pack.sets {
                if sets.insert(name.value.clone(), words.clone()).is_some() {
                    mistakes.add(file, name.at, format!("another set is called `{}`", name.value));
                }
            }
        }
        let fragments = Fragments::of(packs, mistakes);
        Self {
            mistakes,
            sets,
            fragments,
            wanted: Wanted::default(),
            triggers,
            keys: Keys::new(),
            tagged: Tagged::default(),
        }
    }

    fn compile(mut self, packs: &[(&str, Pack)], options: &Options, hash: [u8; 32]) -> Option<RuleSet> {
        let mut rules = Vec::new();
        let mut ids: HashMap<&str, (&str, Position)> = HashMap::new();
        for (file, pack) in packs {
            for rule in &pack.rules {
                if let Some((first, at)) = ids.insert(&rule.id, (file, rule.at)) {
                    let message = format!("another rule is called `{}`: {first}:{}:{}", rule.id, at.line, at.column);
                    self.mistakes.add(file, rule.at, message);
                }
                let Ok(number) = u16::try_from(rules.len()) else {
                    self.mistakes.add(file, rule.at, "more than 65,535 rules");
                    return None;
                };
                rules.extend(self.rule(file, rule, number));
            }
            for place in &pack.places {
                for key in &place.keys {
                    self.place_key(file, place.class, key);
                }
            }
        }
        if !self.mistakes.is_empty() {
            return None;
        }
        let database = match Database::compile(options.engine, &self.wanted.triggers) {
            Ok(database) => database,
            Err(failed) => {
                let (file, at) = failed
                    .trigger
                    .and_then(|index| culprit(self.wanted.uses.get(index)?, &rules))
                    .unwrap_or(("packs", Position::default()));
                self.mistakes.add(file, at, format!("the matcher refuses this rule: {}", failed.message));
                return None;
            }
        };
        if let Err(error) = self.keys.seal() {
            self.mistakes.add("packs", Position::default(), format!("the contexts do not compile: {error}"));
            return None;
        }
        let pseudonym_key = options.pseudonym_key.clone();
        let Wanted { triggers, uses, guards, .. } = self.wanted;
        let domains = Domains::of(&rules, &[]);
        let vocabulary = Vocabulary::of(&rules);
        let expressions = triggers.iter().map(|trigger| expression::write(&trigger.hir).text).collect();
        Some(RuleSet {
            rules,
            keys: self.keys,
            expressions,
            uses,
            guards,
            database,
            pseudonym_key,
            tagged: self.tagged,
            tuned: Tuned::default(),
            domains,
            vocabulary,
            hash,
        })
    }

    fn rule(&mut self, file: &str, def: &RuleDef, number: u16) -> Option<Rule> {
        let context = match &def.context {
            Some(context) => Some(self.context(file, context)?),
            None => None,
        };
        let shape = match &def.pattern {
            Some(pattern) => Some(self.shape(file, def, pattern, context.as_ref(), number)?),
            None => None,
        };
        for key in &def.except_keys {
            if let Some(pattern) = self.key(file, key) {
                self.keys.except(number, &pattern);
            }
        }
        let keys = &def.domain.only.keys;
        let domain = keys.iter().map(|key| (key, true)).chain(def.domain.except.keys.iter().map(|key| (key, false)));
        for ((key, only), at) in domain.zip(&def.domain_keys) {
            if let Some(pattern) = self.key(file, &Spot { value: key.clone(), at: *at }) {
                self.keys.domain(number, only, &pattern);
            }
        }
        if let Some(detector) = def.detector {
            self.detector(file, def, detector, number);
        }
        let keyed = if def.keys.is_empty() { None } else { Some(self.keyed(file, def, number)?) };
        Some(Rule {
            id: def.id.clone(),
            identifier: def.identifier,
            name: def.name.clone(),
            action: def.action,
            stage: def.stage,
            domain: def.domain.clone(),
            shape,
            keyed,
            detector: def.detector,
            validator: def.validator,
            context,
            reference: def.reference.clone(),
            file: file.to_owned(),
            at: def.at,
        })
    }

    /// Notes which rule a detector tells its findings as: one at most.
    fn detector(&mut self, file: &str, def: &RuleDef, detector: Detector, number: u16) {
        let place = match detector {
            Detector::Names => &mut self.tagged.names,
            Detector::Places => &mut self.tagged.places,
        };
        if place.replace(number).is_some() {
            self.mistakes.add(file, def.at, format!("another rule has the detector `{}`", detector.label()));
        }
        if self.tagged.model.is_none() {
            self.tagged.model = Model::built_in();
        }
        if self.tagged.model.is_none() {
            self.mistakes.add(file, def.at, "the built-in model cannot be read: `make model` writes it");
        }
    }

    fn context(&mut self, file: &str, def: &ContextDef) -> Option<Context> {
        let finder = AhoCorasick::builder().ascii_case_insensitive(true).build(&def.words);
        match finder {
            Ok(finder) => Some(Context { words: def.words.clone(), finder, before: def.before, after: def.after }),
            Err(error) => {
                self.mistakes.add(file, def.at, format!("the context does not compile: {error}"));
                None
            }
        }
    }

    fn shape(
        &mut self,
        file: &str,
        def: &RuleDef,
        pattern: &Spot<String>,
        context: Option<&Context>,
        number: u16,
    ) -> Option<Shape> {
        let Parsed { hir, value_group } = self.parse(file, pattern)?;
        let captures = if value_group.is_some() { WhichCaptures::All } else { WhichCaptures::Implicit };
        // Before anything is derived from it: this says what is too large, and what is derived from that would be larger.
        let regex = self.regex(file, pattern, &hir, captures)?;
        match context {
            None if self.triggers == Triggers::Whole => {
                let back = reach(hir.properties().maximum_len());
                let guard = self.wanted.guard(&Guard::default());
                let reason = Use::Shape { rule: number, back, fwd: back, guard };
                self.wanted.add(Trigger { hir: trigger::strip(&hir), alone: false }, reason);
            }
            None => match trigger::derive(&hir, def.edge, Need::Alone) {
                Ok(cores) => {
                    for core in cores {
                        let (back, fwd) = (reach(Some(core.back)), reach(core.fwd));
                        let guard = self.wanted.guard(&core.guard);
                        let reason = Use::Shape { rule: number, back, fwd, guard };
                        self.wanted.add(Trigger { hir: core.hir, alone: core.alone }, reason);
                    }
                }
                Err(error) => self.mistakes.add(file, pattern.at, error.to_string()),
            },
            Some(context) => self.context_triggers(file, pattern, &hir, context, number),
        }
        let joined = context.is_some() && self.triggers == Triggers::Derived && self.parts(&hir, def.edge, number);
        let first = rarity::first_bytes(&hir);
        let skips_runs = match def.edge {
            Edge::Alnum => first.iter().all(u8::is_ascii_alphanumeric),
            Edge::Digit | Edge::Number => first.iter().all(u8::is_ascii_digit),
            Edge::Mailbox | Edge::None => false,
        };
        let needs = rarity::needed_byte(&hir);
        let digits = rarity::needed_digits(&hir);
        let run = rarity::needed_run(&hir);
        Some(Shape {
            regex,
            value_group,
            edge: def.edge,
            skips_runs,
            needs,
            digits,
            run,
            outlines: outline::of(&hir),
            joined,
        })
    }

    /// A rule that finds nothing without its context is looked for where the context is: words are what the scan
    /// does best, and a bare run of digits is what it does worst.
    fn context_triggers(&mut self, file: &str, pattern: &Spot<String>, hir: &Hir, context: &Context, number: u16) {
        let Some(len) = hir.properties().maximum_len() else {
            self.mistakes.add(
                file,
                pattern.at,
                "a rule of low confidence needs a bounded pattern: write {1,64}, not + or *",
            );
            return;
        };
        for word in &context.words {
            if let Ok(parsed) = dialect::parse(&format!("(?i){}", regex_syntax::escape(word))) {
                let back = reach(Some(word.len() + context.after + len));
                let fwd = reach(Some(context.before + len));
                let len = reach(Some(word.len()));
                let reason = Use::Context { rule: number, len, back, fwd };
                self.wanted.add(Trigger { hir: parsed.hir, alone: true }, reason);
            } else {
                self.mistakes.add(file, pattern.at, format!("`{word}` cannot be looked for"));
            }
        }
        self.keys.nearby(number, &context.words);
    }

    /// Has the scan look for words of a rule's pattern, so that its context alone has it confirmed nowhere. False if it
    /// has neither such words nor a few texts. Other parts are too frequent, or cost the scan too much.
    fn parts(&mut self, hir: &Hir, edge: Edge, number: u16) -> bool {
        let Ok(cores) = trigger::derive(hir, edge, Need::BesideContext) else { return false };
        if !cores.iter().all(trigger::is_cheap) {
            return false;
        }
        for core in cores {
            let guard = self.wanted.guard(&core.guard);
            let (back, fwd) = (reach(Some(core.back)), reach(core.fwd));
            self.wanted.add(Trigger { hir: core.hir, alone: core.alone }, Use::Part { rule: number, back, fwd, guard });
        }
        true
    }

    fn keyed(&mut self, file: &str, def: &RuleDef, number: u16) -> Option<Keyed> {
        for key in &def.keys {
            if let Some(pattern) = self.key(file, key) {
                self.keys.rule(number, &pattern);
            }
        }
        let value = match &def.value {
            None => None,
            Some(value) => {
                let Parsed { hir, .. } = self.parse(file, value)?;
                let whole = Hir::concat(vec![Hir::look(Look::Start), hir, Hir::look(Look::End)]);
                Some(self.regex(file, value, &whole, WhichCaptures::Implicit)?)
            }
        };
        Some(Keyed { value })
    }

    fn place_key(&mut self, file: &str, class: super::KeyClass, key: &Spot<String>) {
        // A place is a whole path, written as it is found.
        let whole = if key.value.starts_with('=') { key.value.clone() } else { format!("={}", spelled(&key.value)) };
        if let Some(pattern) = self.key(file, &Spot { value: whole, at: key.at }) {
            self.keys.class(class, &pattern);
        }
    }

    fn key(&mut self, file: &str, key: &Spot<String>) -> Option<KeyPattern> {
        let unread = |message| format!("`{}` is no pattern of keys: {message}", key.value);
        let parsed = KeyPattern::parse(&key.value, &self.sets).map_err(unread);
        parsed.map_err(|message| self.mistakes.add(file, key.at, message)).ok()
    }

    fn parse(&mut self, file: &str, pattern: &Spot<String>) -> Option<Parsed> {
        let whole = match self.fragments.expand(&pattern.value) {
            Ok(whole) => whole,
            Err(message) => {
                self.mistakes.add(file, pattern.at, message);
                return None;
            }
        };
        match dialect::parse(&whole) {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                // Behind the opening quote; where fragments were put in, offsets say nothing.
                let offset = if *whole == *pattern.value { 1 + error.offset } else { 0 };
                let at = Position { line: pattern.at.line, column: pattern.at.column + offset };
                self.mistakes.add(file, at, error.message);
                None
            }
        }
    }

    fn regex(&mut self, file: &str, at: &Spot<String>, hir: &Hir, captures: WhichCaptures) -> Option<meta::Regex> {
        // The scan was the prefilter: where it fired, another would fire at every digit.
        let config = meta::Config::new()
            .utf8_empty(false)
            .which_captures(captures)
            .nfa_size_limit(Some(4 << 20))
            .onepass(true)
            .auto_prefilter(false);
        match meta::Regex::builder().configure(config).build_from_hir(hir) {
            Ok(regex) => Some(regex),
            Err(error) => {
                self.mistakes.add(file, at.at, format!("the pattern does not compile: {error}"));
                None
            }
        }
    }
}

/// A key as telemetry has it, as words.
fn spelled(key: &str) -> String {
    let mut words = String::new();
    crate::tape::normalise(key.as_bytes(), &mut words);
    words
}

/// A reach as the scan keeps it: `u32::MAX` is to the end of the text.
fn reach(reach: Option<usize>) -> u32 {
    reach.and_then(|reach| u32::try_from(reach).ok()).unwrap_or(u32::MAX)
}

/// The rule that asked for a trigger the matcher refused.
fn culprit<'r>(uses: &[Use], rules: &'r [Rule]) -> Option<(&'r str, Position)> {
    uses.iter().find_map(|reason| rules.get(usize::from(reason.rule())).map(Rule::source))
}
