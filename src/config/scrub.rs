//! The `scrub` processor's section: which packs, which key, when to answer.

use super::tuning::{self, Known, Tuned};
use crate::settings::{Ack, Notes, Secret};
use crate::telemetry::Component;
use patterns::PACKS;
use processors::document::{Fields, Mistakes, Node, Position, nearest};
use processors::{Engine, Options, PackSource, PseudonymKey, RuleSet, Triggers};

/// The group of packs that says what keys mean: rules do not work without it.
const ALWAYS: &str = "places";
/// How large a pack may be, in bytes.
const LARGEST: u64 = 16 << 20;

/// A scrub processor as configured.
#[derive(Debug)]
pub struct Scrub {
    /// Its id as pipelines name it.
    pub id: Component,
    packs: Vec<PackText>,
    pseudonym_key: Option<PseudonymKey>,
    tuned: Tuned,
    /// When clients are answered.
    pub ack: Ack,
}

#[derive(Debug)]
struct PackText {
    file: String,
    text: String,
    /// Whether it is a file, not built in.
    own: bool,
}

impl Scrub {
    /// Whether no key is configured, so that tokens change with every start.
    #[must_use]
    pub fn is_ephemeral(&self) -> bool {
        self.pseudonym_key.is_none()
    }

    /// What makes less be found than its packs say, one line each.
    #[must_use]
    pub fn weakenings(&self) -> &[String] {
        &self.tuned.weakenings
    }

    /// The files among its packs, and its lists of people.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        let packs = self.packs.iter().filter(|pack| pack.own).map(|pack| pack.file.as_str());
        packs.chain(self.tuned.rosters.iter().map(String::as_str))
    }

    /// The texts of its packs, in the order of their rules.
    #[must_use]
    pub fn sources(&self) -> Vec<PackSource<'_>> {
        self.packs.iter().map(|pack| PackSource { file: &pack.file, text: &pack.text }).collect()
    }

    /// Takes these files in place of its packs. What keys mean stays with it.
    ///
    /// # Errors
    /// Every file that cannot be read, one line each.
    pub fn with_packs<'p>(mut self, paths: impl IntoIterator<Item = &'p str>) -> Result<Self, Vec<String>> {
        let mut mistakes = Vec::new();
        self.packs = built_in(ALWAYS);
        // What was said about rules was said about those of the configuration.
        self.tuned = Tuned::default();
        for path in paths {
            match read_pack(path) {
                Ok(text) => self.packs.push(PackText { file: path.to_owned(), text, own: true }),
                Err(message) => mistakes.push(format!("the pack `{path}` {message}")),
            }
        }
        if mistakes.is_empty() { Ok(self) } else { Err(mistakes) }
    }

    /// Compiles its rules for an engine. A second or so for all built-in packs.
    ///
    /// # Errors
    /// Every mistake of every pack.
    pub fn compile(&self, engine: Engine) -> Result<RuleSet, Mistakes> {
        self.compile_with(engine, random_key())
    }

    /// As [`Scrub::compile`], in place of `running`: without a key of its own it keeps that one's.
    ///
    /// # Errors
    /// Every mistake of every pack.
    pub fn compile_like(&self, engine: Engine, running: &RuleSet) -> Result<RuleSet, Mistakes> {
        self.compile_with(engine, Some(running.pseudonym_key().clone()))
    }

    fn compile_with(&self, engine: Engine, fallback: Option<PseudonymKey>) -> Result<RuleSet, Mistakes> {
        let packs = self.sources();
        let Some(pseudonym_key) = self.pseudonym_key.clone().or(fallback) else {
            let mut mistakes = Mistakes::default();
            mistakes.add("scrub", Position { line: 1, column: 1 }, "no pseudonym key could be made");
            return Err(mistakes);
        };
        let options = Options { engine, triggers: Triggers::default(), pseudonym_key };
        let set = RuleSet::compile(&packs, &options)?;
        set.tune(&self.tuned.tuning).map_err(|messages| {
            let mut mistakes = Mistakes::default();
            messages.into_iter().for_each(|message| mistakes.add("scrub", Position { line: 1, column: 1 }, message));
            mistakes
        })
    }
}

fn random_key() -> Option<PseudonymKey> {
    PseudonymKey::new(&rand::random::<[u8; 32]>())
}

/// Reads a scrub section.
pub(super) fn read(id: &Component, file: &str, node: &Node, notes: &mut Notes) -> Option<Scrub> {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let (packs, sound) = packs(&mut fields, notes);
    let key = fields.text("pseudonym_key", &mut notes.mistakes).map(|(text, at)| (Secret::new(text), at));
    let pseudonym_key = key.and_then(|(secret, at)| {
        let key = PseudonymKey::new(secret.expose().as_bytes());
        if key.is_none() {
            notes.mistake(file, at, "`pseudonym_key` takes at least 16 bytes: 32 random ones are right");
        }
        key
    });
    let sources: Vec<PackSource<'_>> =
        packs.iter().map(|pack| PackSource { file: &pack.file, text: &pack.text }).collect();
    let (sheets, mistakes) = processors::readable_sheets(&sources);
    let known = Known { sheets, all: sound && mistakes.is_empty() };
    let tuned = tuning::read(&mut fields, &known, notes);
    let ack = Ack::read(&mut fields, "ack", notes);
    fields.finish(&mut notes.mistakes);
    let scrub = Scrub { id: id.clone(), packs, pseudonym_key, tuned, ack };
    if !sound {
        // What is wrong with the packs that are there is told in the same go.
        notes.mistakes.extend(scrub.compile(Engine::default()).err().unwrap_or_default());
    }
    Some(scrub).filter(|_| sound)
}

/// Takes `packs`: groups of built-in packs, and paths; without it, all that are built in. Also says whether all are there.
fn packs(fields: &mut Fields<'_>, notes: &mut Notes) -> (Vec<PackText>, bool) {
    let file = fields.file();
    let mut groups: Vec<&str> = PACKS.iter().map(|pack| pack.group).filter(|group| *group != ALWAYS).collect();
    groups.dedup();
    let named = fields.texts("packs", &mut notes.mistakes);
    let all: Vec<(&str, Position)> = groups.iter().map(|group| (*group, fields.at())).collect();
    let mut packs = built_in(ALWAYS);
    let mut sound = true;
    for (name, at) in if named.is_empty() { all } else { named } {
        if groups.contains(&name) {
            packs.extend(built_in(name));
        } else if name.contains('/') || name.ends_with(".yaml") || name.ends_with(".yml") {
            match read_pack(name) {
                Ok(text) => packs.push(PackText { file: name.to_owned(), text, own: true }),
                Err(message) => {
                    notes.mistake(file, at, format!("the pack `{name}` {message}"));
                    sound = false;
                }
            }
        } else if name != ALWAYS {
            let hint = match nearest(name, &groups) {
                Some(near) => format!(": did you mean `{near}`?"),
                None => format!(": there are {}; a file is named by its path, like ./site.yaml", groups.join(", ")),
            };
            notes.mistake(file, at, format!("no pack is called `{name}`{hint}"));
            sound = false;
        }
    }
    (packs, sound)
}

fn built_in(group: &str) -> Vec<PackText> {
    let packs = PACKS.iter().filter(|pack| pack.group == group);
    packs.map(|pack| PackText { file: pack.file.to_owned(), text: pack.text.to_owned(), own: false }).collect()
}

fn read_pack(path: &str) -> Result<String, String> {
    let size = std::fs::metadata(path).map_err(|error| format!("cannot be read: {}", error.kind()))?.len();
    if size > LARGEST {
        return Err("is larger than a pack has reason to be".into());
    }
    std::fs::read_to_string(path).map_err(|error| format!("cannot be read: {}", error.kind()))
}
