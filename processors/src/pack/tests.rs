//! No trigger stays silent: texts made from the pattern of every rule, strewn into other text, are seen by the scan
//! whenever the referee, which scans for nothing, finds them. `SCRUBJAY_CASES` says how many are made of each pattern.

use super::compile::Use;
use super::dialect;
use super::fragments::Fragments;
use super::parse::Pack;
use super::{Options, PackSource, RuleSet};
use crate::actions::PseudonymKey;
use crate::detectors::shape::holds_edges;
use crate::document::Mistakes;
use crate::matcher::Engine;
use crate::scrub::Probe;
use crate::tape::Kinds;
use regex_automata::Input;
use regex_syntax::hir::{Class, Hir, HirKind};
use std::sync::LazyLock;

static RULES: LazyLock<RuleSet> = LazyLock::new(|| compile(Engine::default()));
static LAZY_DFA: LazyLock<RuleSet> = LazyLock::new(|| compile(Engine::LazyDfa));
static REFEREE: LazyLock<RuleSet> = LazyLock::new(|| compile(Engine::Referee));

/// What stands before and behind a text: other text, what an edge forbids, what many patterns begin or end with.
const AROUND: [&str; 16] = [
    "",
    " ",
    "x",
    "7",
    "-",
    "level=info ",
    "\n",
    "\u{e9}",
    "/",
    "=\"",
    "\" ",
    "123-45-",
    "@",
    "a.b.",
    "0000000000",
    "the order was validated and sent on to the laboratory ",
];

fn packs() -> Vec<PackSource<'static>> {
    patterns::PACKS.iter().map(|pack| PackSource { file: pack.file, text: pack.text }).collect()
}

fn compile(engine: Engine) -> RuleSet {
    let pseudonym_key = PseudonymKey::new(&[7; 32]).unwrap();
    RuleSet::compile(&packs(), &Options { engine, triggers: Default::default(), pseudonym_key }).unwrap()
}

/// The patterns of all rules that have one, by the number of the rule.
fn patterns() -> Vec<(u16, Hir)> {
    let mut mistakes = Mistakes::default();
    let packs: Vec<_> = packs().into_iter().map(|pack| (pack.file, Pack::read(pack, &mut mistakes))).collect();
    let fragments = Fragments::of(&packs, &mut mistakes);
    let numbered = (0u16..).zip(packs.iter().flat_map(|(_, pack)| &pack.rules));
    let parsed = |pattern: &str| dialect::parse(&fragments.expand(pattern).unwrap()).unwrap().hir;
    numbered.filter_map(|(n, rule)| Some((n, parsed(&rule.pattern.as_ref()?.value)))).collect()
}

fn cases(default: u64) -> u64 {
    std::env::var("SCRUBJAY_CASES").map_or(default, |cases| cases.parse().unwrap())
}

#[test]
fn every_match_of_a_pattern_lies_around_the_end_of_one_of_its_triggers() {
    let mut scanner = RULES.database.scanner().unwrap();
    let mut lazy_dfa = LAZY_DFA.database.scanner().unwrap();
    let mut kinds = Kinds::default();
    let mut seen = 0;
    for (number, hir) in patterns() {
        let rule = &RULES.rules[usize::from(number)];
        // A rule with context has no trigger for its pattern.
        if rule.context.is_some() {
            continue;
        }
        let shape = rule.shape.as_ref().unwrap();
        let mut random = Random(u64::from(number) + 1);
        for _ in 0..cases(40) {
            let text = strewn(&hir, &mut random);
            // What an edge forbids is no match: words are looked for where they stand alone.
            let edged = |(start, end): &(usize, usize)| holds_edges(&text, *start, *end, shape.edge);
            let all = shape.regex.find_iter(Input::new(&text)).map(|found| (found.start(), found.end()));
            let found: Vec<(usize, usize)> = all.filter(edged).collect();
            seen += found.len();
            kinds.read(&text);
            for (engine, scanner) in [("vectorscan", &mut scanner), ("the lazy DFA", &mut lazy_dfa)] {
                let mut events = Vec::new();
                scanner.scan(&text, &kinds, &mut events).unwrap();
                for (start, end) in &found {
                    let covered = events.iter().any(|event| {
                        RULES.uses[event.trigger as usize].iter().any(|reason| match *reason {
                            Use::Shape { rule, back, fwd, guard } => {
                                rule == number
                                    && RULES.guards[guard as usize].allows(&text, event.end)
                                    && event.end.saturating_sub(back) as usize <= *start
                                    && event.end.saturating_add(fwd) as usize >= *end
                            }
                            Use::Context { .. } | Use::Part { .. } => false,
                        })
                    });
                    let text = text.escape_ascii();
                    assert!(covered, "{}: {engine} is silent about {start}..{end} of {text}: {events:?}", rule.id);
                }
            }
        }
    }
    assert!(seen > 1_000, "the generator makes texts that match: {seen}");
}

#[test]
fn what_the_referee_finds_in_texts_made_from_a_pattern_every_engine_finds() {
    let mut probes = [&*RULES, &*LAZY_DFA].map(|rules| Probe::new(rules).unwrap());
    let mut referee = Probe::new(&REFEREE).unwrap();
    let mut silent = Vec::new();
    let patterns = patterns();
    for (number, hir) in &patterns {
        let rule = &RULES.rules[usize::from(*number)];
        let mut random = Random(u64::from(*number) + 1_000);
        let mut hits = 0;
        for _ in 0..cases(24) {
            let text = strewn(hir, &mut random);
            let Ok(mut text) = String::from_utf8(text) else { continue };
            if let Some(words) = rule.context.as_ref().map(|context| &context.words) {
                let word = &words[random.below(words.len())];
                text = if random.below(3) == 0 { format!("{text} {word}") } else { format!("{word} {text}") };
            }
            let expected = referee.find(None, &text, *number).unwrap();
            hits += expected.len();
            for (engine, probe) in ["vectorscan", "the lazy DFA"].into_iter().zip(&mut probes) {
                let found = probe.find(None, &text, *number).unwrap();
                assert_eq!(found, expected, "{}: {engine} on {text:?}", rule.id);
            }
        }
        if hits == 0 {
            silent.push(rule.id.as_str());
        }
    }
    // Validators let few random texts pass, check digits one in ten at best; but most rules must have been heard.
    assert!(
        silent.len() * 4 < patterns.len(),
        "nothing was found of {} in {}: {silent:?}",
        silent.len(),
        patterns.len()
    );
}

/// A generator of numbers: splitmix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).unwrap()
    }
}

/// A text that the pattern matches, between others.
fn strewn(hir: &Hir, random: &mut Random) -> Vec<u8> {
    let mut text = Vec::new();
    for _ in 0..random.below(3) {
        text.extend(AROUND[random.below(AROUND.len())].bytes());
    }
    generate(hir, random, &mut text);
    text.extend(AROUND[random.below(AROUND.len())].bytes());
    text
}

/// Appends a text that the pattern matches.
fn generate(hir: &Hir, random: &mut Random, out: &mut Vec<u8>) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.extend(&literal.0),
        HirKind::Class(Class::Bytes(class)) => {
            let range = class.ranges()[random.below(class.ranges().len())];
            let width = usize::from(range.end() - range.start()) + 1;
            out.push(range.start() + u8::try_from(random.below(width)).unwrap());
        }
        HirKind::Class(Class::Unicode(class)) => {
            let range = class.ranges()[random.below(class.ranges().len())];
            let width = u32::from(range.end()) - u32::from(range.start()) + 1;
            let code = u32::from(range.start()) + u32::try_from(random.below(width as usize)).unwrap();
            let char = char::from_u32(code).unwrap_or(range.start());
            out.extend(char.encode_utf8(&mut [0; 4]).bytes());
        }
        HirKind::Repetition(repetition) => {
            let min = repetition.min;
            let max = repetition.max.unwrap_or(min + 40);
            // Mostly few, now and then as many as there may be.
            let count = match random.below(8) {
                0 => max,
                1..=3 => min,
                few => (min + u32::try_from(few).unwrap() - 3).min(max),
            };
            (0..count).for_each(|_| generate(&repetition.sub, random, out));
        }
        HirKind::Capture(capture) => generate(&capture.sub, random, out),
        HirKind::Concat(parts) => parts.iter().for_each(|part| generate(part, random, out)),
        HirKind::Alternation(parts) => generate(&parts[random.below(parts.len())], random, out),
    }
}
