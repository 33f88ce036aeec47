//! Differential fuzzing: the matchers against each other, and a text against the same text inside each container.
//!
//! `make fuzz-differential` runs a million; `SCRUBJAY_EXECUTIONS` says how many, `SCRUBJAY_SEED` which.

mod containers;

use crate::engines::{BETWEEN, EXAMPLES, LAZY_DFA};
use crate::matches::{Random, whole};
use crate::{REFEREE, RULES, TODAY};
use bytes::Bytes;
use containers::{CONTAINERS, Container, WITHOUT};
use processors::{Format, Identifier, Replaced, Scrubber};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The least share of executions whose text holds a whole match that was made from a pattern, in percent.
const LEAST_WHOLE: usize = 30;

fn asked(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |value| value.parse().unwrap())
}

/// What is counted over all threads.
#[derive(Default)]
struct Counts {
    executions: AtomicUsize,
    whole: AtomicUsize,
    /// By container: how many texts that lose something stood in it.
    tried: [AtomicUsize; CONTAINERS.len()],
    /// What is still there, by container.
    misses: Mutex<Vec<(usize, String)>>,
}

/// A text of whole matches, examples, and parts of both; whether a whole match is among them.
fn assemble(matches: &[String], random: &mut Random) -> (String, bool) {
    let (mut text, mut holds) = (String::new(), false);
    for _ in 0..1 + random.below(4) {
        let piece = if random.below(2) == 0 { random.pick(matches) } else { random.pick(&EXAMPLES) };
        let chars = piece.chars().count();
        match random.below(6) {
            0 => text.extend(piece.chars().take(random.below(chars + 1))),
            1 => text.extend(piece.chars().skip(random.below(chars + 1))),
            // One letter is another: near misses.
            2 => {
                let at = random.below(chars.max(1));
                let other = *random.pick(&['0', '9', 'x', '-', ' ', '.', '%', '\u{e9}']);
                text.extend(piece.chars().enumerate().map(|(place, char)| if place == at { other } else { char }));
            }
            _ => {
                holds = true;
                text.push_str(piece);
            }
        }
        text.push_str(random.pick::<&str>(&BETWEEN));
    }
    (text, holds)
}

/// The codings that the engine opens, as its source names them.
fn codings() -> BTreeSet<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/contents");
    let sources =
        std::fs::read_dir(folder).unwrap().filter_map(|file| std::fs::read_to_string(file.unwrap().path()).ok());
    let source = sources.into_iter().find(|text| text.contains("pub(crate) enum ContentId {")).unwrap();
    let list = source.split("pub(crate) enum ContentId {").nth(1).unwrap().split('}').next().unwrap();
    let lines = list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('/'));
    lines.map(|line| line.trim_end_matches(',').to_owned()).collect()
}

#[test]
fn every_coding_has_a_container() {
    let known = |coding: &String| {
        CONTAINERS.iter().any(|it| it.coding == coding) || WITHOUT.iter().any(|(name, _)| name == coding)
    };
    let unknown: Vec<String> = codings().into_iter().filter(|coding| !known(coding)).collect();
    assert!(unknown.is_empty(), "no text is tried inside {unknown:?}");
}

#[test]
fn differential() {
    let executions = asked("SCRUBJAY_EXECUTIONS", 1_500);
    let seed = asked("SCRUBJAY_SEED", 1) as u64;
    let many = executions > 100_000;
    let (matches, with, of) = whole(if many { 48 } else { 2 }, &mut Random::new(seed));
    assert!(with * 10 >= of * 8, "whole matches of {with} of {of} patterns only");
    let counts = Counts::default();
    let threads = if many { std::thread::available_parallelism().map_or(1, usize::from) } else { 1 };
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (counts, matches) = (&counts, &matches);
            let random = Random::new(seed ^ (thread as u64 + 1) << 32);
            scope.spawn(move || fuzz(counts, executions, matches, random));
        }
    });
    let Counts { executions: done, whole, tried, misses } = counts;
    let (done, whole, misses) = (done.into_inner(), whole.into_inner(), misses.into_inner().unwrap());
    let mut wrong = Vec::new();
    for (place, (container, tried)) in containers().into_iter().zip(&tried).enumerate() {
        let left: Vec<&str> =
            misses.iter().filter(|(other, _)| *other == place).map(|(_, miss)| miss.as_str()).collect();
        let tried = tried.load(Ordering::Relaxed);
        eprintln!("{:20} {:7} texts that lose something, {} still hold it", container.name, tried, left.len());
        if left.len() * 10_000 > tried * container.gaps {
            wrong.extend(left.into_iter().take(5));
        }
    }
    eprintln!(
        "{done} executions, {whole} of them ({:.1} %) with a generated whole match; {} matches of {with} patterns, {} containers",
        100.0 * whole as f64 / done as f64,
        matches.len(),
        containers().len()
    );
    assert!(done >= executions && whole * 100 >= done * LEAST_WHOLE);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn containers() -> Vec<&'static Container> {
    let codings = codings();
    CONTAINERS.iter().filter(|it| codings.contains(it.coding)).collect()
}

fn fuzz(counts: &Counts, executions: usize, matches: &[String], mut random: Random) {
    let scrubber = |rules| Scrubber::new(rules).unwrap().without_memo();
    let (mut vectorscan, mut lazy_dfa, mut referee) = (scrubber(&RULES), scrubber(&LAZY_DFA), scrubber(&REFEREE));
    let containers = containers();
    while counts.executions.load(Ordering::Relaxed) < executions {
        let (text, holds) = assemble(matches, &mut random);
        let mut done = 0;
        if random.below(3) == 0 {
            let format = if random.below(2) == 0 { Format::Text } else { Format::Lines };
            let expected = scrubbed(&mut referee, &text, format);
            for (name, other) in [("vectorscan", &mut vectorscan), ("the lazy DFA", &mut lazy_dfa)] {
                let found = scrubbed(other, &text, format);
                assert_eq!(found, expected, "{name} and the referee, of {text:?}");
                done += 1;
            }
        } else {
            let gone = gone(&mut vectorscan, &text);
            for _ in 0..2 {
                let place = random.below(containers.len());
                if !gone.is_empty() {
                    counts.tried[place].fetch_add(1, Ordering::Relaxed);
                }
                if let Some(miss) = inside(&mut vectorscan, &text, &gone, containers[place]) {
                    counts.misses.lock().unwrap().push((place, miss));
                }
                done += 1;
            }
        }
        counts.executions.fetch_add(done, Ordering::Relaxed);
        counts.whole.fetch_add(if holds { done } else { 0 }, Ordering::Relaxed);
    }
}

fn scrubbed(scrubber: &mut Scrubber<'_>, text: &str, format: Format) -> String {
    let scrubbed = scrubber.scrub(&Bytes::from(text.to_owned()), format, TODAY).unwrap();
    String::from_utf8(scrubbed.bytes().to_vec()).unwrap()
}

/// What a scrub of the text takes out of it and leaves nowhere else in it, and what a rule finds wherever the text stands:
/// names and places in prose are judged by all that stands around them, and what touches an end of the text by what comes
/// next to it.
fn gone(scrubber: &mut Scrubber<'_>, text: &str) -> Vec<String> {
    let after = scrubbed(scrubber, text, Format::Text);
    let replaced = scrubber.detect_text(text, TODAY).unwrap_or_else(|error| panic!("{error}, of {text:?}"));
    let by_rule = |it: &&Replaced| {
        let rule = it.rule.map(|rule| RULES.rules()[rule].identifier());
        let inside = it.range.start > 0 && !text[it.range.end..].trim().is_empty();
        inside && rule.is_some_and(|identifier| !matches!(identifier, Identifier::A | Identifier::B))
    };
    let values = replaced.iter().filter(by_rule).map(|it| text[it.range.clone()].trim().to_owned());
    let enough = |value: &String| {
        let proof = value.contains('@') || value.bytes().any(|byte| byte.is_ascii_digit());
        proof && !value.contains('\\') && value.bytes().filter(u8::is_ascii_alphanumeric).count() >= 6
    };
    values.filter(|value| enough(value) && !after.contains(value)).collect()
}

/// What of it is still there inside a container.
fn inside(scrubber: &mut Scrubber<'_>, text: &str, gone: &[String], container: &Container) -> Option<String> {
    let wrapped = (container.wrap)(text);
    let after = scrubbed(scrubber, &wrapped, Format::Text);
    let read = (container.read)(&after);
    // `=1234567` in percent-encoding has `D1234567` in it.
    let made = |value: &str| wrapped.matches(value).count() > text.matches(value).count();
    let left = gone.iter().find(|value| read.contains(*value) || after.contains(*value) && !made(value))?;
    Some(format!("{left:?} of {text:?} is still in {}: {wrapped:?} became {after:?}", container.name))
}
