//! What a site changes about packs that are not its own: other actions, rules switched off, texts and keys that are none.

use super::compile::RuleSet;
use super::domain::{Domains, Selector, any_is};
use super::key_pattern::KeyPattern;
use super::rule::{Rule, RuleStage};
use crate::actions::{Action, PseudonymKey};
use crate::detectors::names::site::{NameTuning, Site};
use sha2::{Digest as _, Sha256};
use std::collections::{HashMap, HashSet};

/// Changes to a rule set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tuning {
    /// Changes to single rules.
    pub overrides: Vec<Override>,
    /// Texts that are no findings, as a whole and as written.
    pub allowed_values: Vec<String>,
    /// Keys, as packs write them, below which nothing is looked for.
    pub allowed_keys: Vec<String>,
    /// Services in whose telemetry nothing is looked for; `*` stands for any characters.
    pub allowed_services: Vec<String>,
    /// Whether spans and log records say by an attribute what was redacted in them.
    pub mark: bool,
    /// What it knows of names.
    pub names: NameTuning,
}

/// A change to one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The rule.
    pub rule: String,
    /// What replaces its findings instead.
    pub action: Option<Action>,
    /// Whether it acts on what it finds.
    pub stage: Option<RuleStage>,
    /// Where alone it works, instead of where its pack says.
    pub only: Option<Selector>,
    /// Where it does not work, instead of where its pack says.
    pub except: Option<Selector>,
    /// Whether it finds nothing any more.
    pub disabled: bool,
}

/// What a tuning comes to once its rules are numbers. Asked where something was found, never where nothing was.
#[derive(Debug, Default)]
pub(crate) struct Tuned {
    /// By rule: whether it is switched off. Empty if none is.
    off: Vec<bool>,
    values: HashSet<Box<[u8]>>,
    keys: Vec<String>,
    services: Vec<String>,
    pub(crate) mark: bool,
    names: NameTuning,
}

impl Tuned {
    pub(crate) fn is_off(&self, rule: u16) -> bool {
        self.off.get(usize::from(rule)).copied().unwrap_or(false)
    }

    /// Whether nothing is taken out of what rules find.
    pub(crate) fn is_empty(&self) -> bool {
        !self.off.contains(&true) && self.values.is_empty() && self.keys.is_empty()
    }

    pub(crate) fn allows(&self, text: &[u8]) -> bool {
        !self.values.is_empty() && self.values.contains(text)
    }

    /// Whether nothing is looked for in what this service sends.
    pub(crate) fn allows_service(&self, service: &[u8]) -> bool {
        any_is(&self.services, service)
    }

    /// Whether keys may be allowed at all.
    pub(crate) fn has_keys(&self) -> bool {
        !self.keys.is_empty()
    }
}

impl RuleSet {
    /// Applies a tuning. The rules keep their examples, which were proved on what the packs say.
    ///
    /// # Errors
    /// What is wrong with it, one line each: a rule that is not there, a key that cannot be read.
    pub fn tune(mut self, tuning: &Tuning) -> Result<Self, Vec<String>> {
        if *tuning == Tuning::default() {
            return Ok(self);
        }
        let mut mistakes = Vec::new();
        let mut hash = Sha256::new();
        hash.update(self.hash);
        hash.update(format!("{tuning:?}"));
        self.hash = hash.finalize().into();
        let mut off = vec![false; self.rules.len()];
        for change in &tuning.overrides {
            let number = self.rules.iter().position(|rule| rule.id == change.rule);
            let Some((rule, off)) = number.and_then(|at| Some((self.rules.get_mut(at)?, off.get_mut(at)?))) else {
                mistakes.push(format!("no rule is called `{}`", change.rule));
                continue;
            };
            *off = change.disabled;
            rule.action = change.action.unwrap_or(rule.action);
            rule.stage = change.stage.unwrap_or(rule.stage);
            let number = number.and_then(|number| u16::try_from(number).ok()).unwrap_or(u16::MAX);
            let Rule { domain, .. } = rule;
            for (given, only, place) in
                [(&change.only, true, &mut domain.only), (&change.except, false, &mut domain.except)]
            {
                let Some(selector) = given else { continue };
                self.keys.forget_domain(number, only);
                for key in &selector.keys {
                    match KeyPattern::parse(key, &HashMap::new()) {
                        Ok(pattern) => self.keys.domain(number, only, &pattern),
                        Err(message) => mistakes.push(message),
                    }
                }
                selector.clone_into(place);
            }
        }
        for key in &tuning.allowed_keys {
            match KeyPattern::parse(key, &HashMap::new()) {
                Ok(pattern) => self.keys.allow(&pattern),
                Err(message) => mistakes.push(message),
            }
        }
        let values = tuning.allowed_values.iter().map(|value| value.as_bytes().into()).collect();
        let services = tuning.allowed_services.clone();
        if !NameTuning::STEPS.contains(&tuning.names.bias) {
            mistakes.push("the bias of names is a number of steps from -10 to 10".to_owned());
        }
        self.tagged.site = Site::new(&tuning.names);
        self.domains = Domains::of(&self.rules, &services);
        let (keys, names) = (tuning.allowed_keys.clone(), tuning.names.clone());
        self.tuned = Tuned { off, values, keys, services, mark: tuning.mark, names };
        if mistakes.is_empty() { Ok(self) } else { Err(mistakes) }
    }
}

impl RuleSet {
    /// What `old` would find and this set does not, or hides less: one line each. Patterns are not compared; their examples
    /// prove what they find.
    #[must_use]
    pub fn weaker_than(&self, old: &Self) -> Vec<String> {
        let mut weaker = Vec::new();
        let numbered = |set: &'_ Self, number: usize| u16::try_from(number).is_ok_and(|rule| set.tuned.is_off(rule));
        for (_, rule) in old.rules.iter().enumerate().filter(|(number, _)| !numbered(old, *number)) {
            match self.rules.iter().enumerate().find(|(_, new)| new.id == rule.id) {
                None => weaker.push(format!("`{}` is gone", rule.id)),
                Some((new, _)) if numbered(self, new) => weaker.push(format!("`{}` is disabled", rule.id)),
                Some((_, new)) if new.stage < rule.stage => {
                    weaker.push(format!("`{}` only counts what it finds", rule.id));
                }
                Some((_, new)) if new.action < rule.action => {
                    weaker.push(format!(
                        "`{}` is `{}` instead of `{}`",
                        rule.id,
                        new.action.label(),
                        rule.action.label()
                    ));
                }
                Some((_, new)) if !new.domain.covers(&rule.domain) => {
                    weaker.push(format!("`{}` works in fewer places", rule.id));
                }
                Some(_) => {}
            }
        }
        let values = self.tuned.values.difference(&old.tuned.values).count();
        if values > 0 {
            weaker.push(format!("{values} more text(s) are allowed"));
        }
        let keys = self.tuned.keys.iter().filter(|key| !old.tuned.keys.contains(key));
        weaker.extend(keys.map(|key| format!("nothing is looked for below `{key}`")));
        let services = self.tuned.services.iter().filter(|service| !old.tuned.services.contains(service));
        weaker.extend(services.map(|service| format!("nothing is looked for in what `{service}` sends")));
        weaker.extend(self.tuned.names.weaker_than(&old.tuned.names));
        weaker
    }

    /// The key of all tokens.
    #[must_use]
    pub fn pseudonym_key(&self) -> &PseudonymKey {
        &self.pseudonym_key
    }
}

impl Tuning {
    /// Whether `key` is one that [`Tuning::allowed_keys`] may hold.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check_key(key: &str) -> Result<(), String> {
        let unread = |message| format!("`{key}` is no pattern of keys: {message}");
        KeyPattern::parse(key, &HashMap::new()).map(|_| ()).map_err(unread)
    }
}
