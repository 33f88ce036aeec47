//! `scrubjay synth`: made-up telemetry whose identifiers are known, for measuring rules.
//!
//! The same arguments make the same texts. No person, number or address in them is anybody's.

mod draft;
mod fields;
mod kinds;
mod template;
mod wrap;

use super::progress::Progress;
use super::{Failure, code};
use clap::{Args, ValueEnum};
use draft::Draft;
use fields::Cast;
use kinds::Kind;
use processors::Identifier;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use template::Template;

pub(super) const EXAMPLES: &str = "\
Examples:
  scrubjay synth --count 2000 > gold.jsonl; scrubjay eval gold.jsonl
  scrubjay synth --kind log,logfmt --count 1000 --seed 7 --identifiers A,G > gold.jsonl
  scrubjay synth --rate 0 --count 5000 > clean.jsonl              what ought to stay as it is
  scrubjay synth --template ./ours.txt --output text | scrubjay scrub

A template is a line: <<name>> is made up, <<a|b>> is one of these, [~ .. ~] is left out now and then; \\n is a new line.
`scrubjay synth --fields` lists what there is between << and >>.";

/// Make up telemetry whose identifiers are known.
#[derive(Args, Debug)]
pub(super) struct Synth {
    /// What carries the identifiers; all kinds if it is not said.
    #[arg(long, value_enum, value_delimiter = ',')]
    kind: Vec<Kind>,
    /// How many texts.
    #[arg(long, default_value_t = 1000)]
    count: u64,
    /// The same seed makes the same texts.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Letters of 45 CFR 164.514(b)(2)(i): only these identifiers stand in the texts.
    #[arg(long, value_delimiter = ',', value_parser = letter)]
    identifiers: Vec<Identifier>,
    /// The share of texts that hold identifiers.
    #[arg(long, default_value_t = 0.8, value_parser = part)]
    rate: f64,
    /// The share of texts that stand inside another: JSON, a URL, XML.
    #[arg(long, default_value_t = 0.15, value_parser = part)]
    wrap: f64,
    /// Take the templates of this file, one a line, and not the built-in ones.
    #[arg(long, value_name = "FILE", conflicts_with = "kind")]
    template: Option<PathBuf>,
    /// What to write.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
    /// List what templates may name.
    #[arg(long)]
    fields: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Output {
    /// One JSON object a line: the text, and where its identifiers stand.
    #[default]
    Gold,
    /// The texts only, each behind a line end.
    Text,
}

/// Templates of one kind.
#[derive(Debug)]
struct Family {
    label: String,
    templates: Vec<Template>,
}

fn letter(text: &str) -> Result<Identifier, &'static str> {
    let identifier = Identifier::parse(&text.to_ascii_uppercase());
    identifier.filter(|it| *it != Identifier::Secret).ok_or("takes letters from A to R")
}

fn part(text: &str) -> Result<f64, &'static str> {
    text.parse().ok().filter(|part| (0.0..=1.0).contains(part)).ok_or("takes a share from 0 to 1")
}

impl Synth {
    /// Runs the command.
    ///
    /// # Errors
    /// If a template is wrong, none holds what is asked for, or the output is not taken.
    pub(super) fn run(&self, out: &mut impl Write) -> Result<(), Failure> {
        if self.fields {
            return list(out).map_err(|error| Failure::of_output(&error));
        }
        let families = self.families()?;
        let wanted: BTreeSet<Identifier> = if self.identifiers.is_empty() {
            Identifier::ALL.into()
        } else {
            self.identifiers.iter().copied().collect()
        };
        let can = |family: &Family| family.templates.iter().any(|it| holds(it, &wanted));
        let (able, plain): (Vec<&Family>, Vec<&Family>) = families.iter().partition(|family| can(family));
        if able.is_empty() && self.rate > 0.0 {
            return Err(Failure::new(code::ABORTED, "no template holds these identifiers and no other"));
        }
        let clean: Vec<&Family> =
            able.iter().chain(&plain).copied().filter(|it| it.templates.iter().any(is_free)).collect();
        if clean.is_empty() && self.rate < 1.0 {
            return Err(Failure::new(code::ABORTED, "no template does without identifiers: ask for --rate 1"));
        }
        let mut random = StdRng::seed_from_u64(self.seed);
        let mut progress = Progress::new();
        for number in 1..=self.count {
            progress.tell(|| format!("text {number} of {}", self.count));
            let with = random.random_bool(self.rate);
            let made = make(if with { &able } else { &clean }, with, &wanted, &mut random);
            let Some((kind, tpl, mut draft)) = made else { continue };
            let mut label = kind.to_owned();
            if random.random_bool(self.wrap)
                && let Some((name, wrap)) = wrap::WRAPS.get(random.random_range(0..wrap::WRAPS.len()))
            {
                draft = wrap(draft);
                label = format!("{kind}+wrap_{name}");
            }
            let written = match self.output {
                Output::Text => writeln!(out, "{}", draft.text()),
                Output::Gold => writeln!(out, "{}", gold(self.seed, number, &label, (kind, tpl), &draft)),
            };
            written.map_err(|error| Failure::of_output(&error))?;
        }
        drop(progress);
        out.flush().map_err(|error| Failure::of_output(&error))
    }

    fn families(&self) -> Result<Vec<Family>, Failure> {
        let wrong = |file: &str, (line, wrong): (usize, template::Wrong)| {
            Failure::new(code::REFUSED, format!("{file}:{line}: {wrong}"))
        };
        if let Some(path) = &self.template {
            let file = path.display().to_string();
            let text = std::fs::read_to_string(path)
                .map_err(|error| Failure::new(code::REFUSED, format!("{file}: {}", error.kind())))?;
            let label = path.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            let templates = kinds::parse(&text).map_err(|mistake| wrong(&file, mistake))?;
            return Ok(vec![Family { label, templates }]);
        }
        let kinds = if self.kind.is_empty() { Kind::ALL.to_vec() } else { self.kind.clone() };
        let family = |kind: Kind| {
            let templates = kind.templates().map_err(|mistake| wrong(kind.label(), mistake))?;
            Ok(Family { label: kind.label().to_owned(), templates })
        };
        kinds.into_iter().map(family).collect()
    }
}

/// Whether a template can hold some of the wanted identifiers and needs no others.
fn holds(template: &Template, wanted: &BTreeSet<Identifier>) -> bool {
    template.needs().is_subset(wanted) && !template.identifiers().is_disjoint(wanted)
}

fn is_free(template: &Template) -> bool {
    template.needs().is_empty()
}

/// Makes a text of one of the families: which, by which of its templates, and the text.
fn make<'f>(
    families: &[&'f Family],
    with: bool,
    wanted: &BTreeSet<Identifier>,
    random: &mut StdRng,
) -> Option<(&'f str, usize, Draft)> {
    let family = *families.get(random.random_range(0..families.len().max(1)))?;
    let fits = |template: &Template| if with { holds(template, wanted) } else { is_free(template) };
    let fitting: Vec<(usize, &Template)> = family.templates.iter().enumerate().filter(|(_, it)| fits(it)).collect();
    let (number, template) = *fitting.get(random.random_range(0..fitting.len().max(1)))?;
    let cast = Cast::new(random);
    if !with {
        return Some((&family.label, number, template.fill(&cast, &BTreeSet::new(), false, random)));
    }
    let draft = template.fill(&cast, wanted, false, random);
    // By chance all may be left out.
    let draft = if draft.identifiers() > 0 { draft } else { template.fill(&cast, wanted, true, random) };
    Some((&family.label, number, draft))
}

fn gold(seed: u64, number: u64, kind: &str, (family, tpl): (&str, usize), draft: &Draft) -> Value {
    let (spans, neutral) = draft.spans();
    json!({
        "id": format!("s{seed}-{number:06}"),
        "source": "scrubjay-synth",
        "kind": kind,
        "tpl": format!("{family}#{tpl}"),
        "text": draft.text(),
        "spans": spans,
        "neutral": neutral,
    })
}

fn list(out: &mut impl Write) -> std::io::Result<()> {
    for identifier in Identifier::ALL {
        let of_it: Vec<&str> =
            fields::FIELDS.iter().filter(|field| field.identifier == identifier).map(|field| field.name).collect();
        if !of_it.is_empty() {
            writeln!(out, "{}  {:34} {}", identifier.label(), identifier.about(), of_it.join(" "))?;
        }
    }
    writeln!(out, "   {:34} {}", "around them", fields::AROUND.join(" "))?;
    writeln!(out, "A field is the patient's; `rel:name` is a relative's, `dr:name` a provider's.")?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn synth(args: &[&str]) -> String {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            synth: Synth,
        }
        let line = <Line as clap::Parser>::parse_from(["synth"].iter().chain(args));
        let mut out = Vec::new();
        line.synth.run(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn texts(args: &[&str]) -> Vec<Value> {
        synth(args).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn the_same_seed_makes_the_same() {
        let one = synth(&["--count", "50", "--seed", "9"]);
        assert_eq!(one, synth(&["--count", "50", "--seed", "9"]));
        assert_ne!(one, synth(&["--count", "50", "--seed", "10"]));
    }

    #[test]
    fn only_the_wanted_identifiers_stand_in_the_texts() {
        let texts = texts(&["--count", "300", "--identifiers", "A,G", "--rate", "0.9"]);
        let types: BTreeSet<&str> = texts
            .iter()
            .flat_map(|text| text["spans"].as_array().unwrap())
            .map(|span| span["type"].as_str().unwrap())
            .collect();
        assert_eq!(types, ["NAME", "SSN"].into());
        let with = texts.iter().filter(|text| !text["spans"].as_array().unwrap().is_empty()).count();
        assert!((240..=295).contains(&with), "{with}");
        assert!(texts.len() == 300);
    }

    #[test]
    fn clean_texts_hold_nothing_and_kinds_are_those_asked_for() {
        let texts = texts(&["--count", "80", "--rate", "0", "--kind", "log,url", "--wrap", "0"]);
        assert!(texts.iter().all(|text| text["spans"].as_array().unwrap().is_empty()));
        let kinds: BTreeSet<&str> = texts.iter().map(|text| text["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["log", "url"].into());
    }
}
