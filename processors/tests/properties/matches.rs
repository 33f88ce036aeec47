//! Texts that rules match, made from their patterns: what examples do not think of.

use crate::{REFEREE, TODAY, packs};
use processors::document::{Data, Node};
use processors::{Scrubber, Sheet, sheets};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};
use std::collections::HashMap;

/// How often a repetition goes on at most beyond what it must.
const MORE: u32 = 4;
/// How many candidates are made for one that its validator takes.
const TRIES: usize = 12;

/// Numbers in a row that is long and always the same.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    pub fn pick<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        &list[self.below(list.len())]
    }
}

/// A rule whose pattern texts are made from.
struct Pattern {
    id: String,
    hir: Hir,
    words: Vec<String>,
}

/// Whole matches of every rule that has a pattern, up to `each` of a rule, that the referee finds by this very rule.
///
/// Returns how many rules have some, and how many have a pattern.
pub fn whole(each: usize, random: &mut Random) -> (Vec<String>, usize, usize) {
    let mut scrubber = Scrubber::new(&REFEREE).unwrap();
    let rules = REFEREE.rules();
    let patterns = patterns();
    let (mut all, mut with) = (Vec::new(), 0);
    for pattern in &patterns {
        let mut made = 0;
        for _ in 0..each * TRIES {
            let mut text = String::new();
            if !pattern.words.is_empty() {
                text.push_str(random.pick::<String>(&pattern.words));
                text.push(' ');
            }
            write(&pattern.hir, random, &mut text);
            let found = scrubber.detect_text(&text, TODAY).unwrap();
            if found.iter().filter_map(|it| it.rule).any(|rule| rules[rule].id() == pattern.id) {
                all.push(text);
                made += 1;
                if made == each {
                    break;
                }
            }
        }
        with += usize::from(made > 0);
    }
    (all, with, patterns.len())
}

fn patterns() -> Vec<Pattern> {
    let mut fragments = HashMap::new();
    for pack in patterns::PACKS {
        let node = Node::parse(pack.file, pack.text).unwrap();
        if let Some(Data::Mapping(entries)) = node.get("fragments").map(|node| &node.data) {
            fragments.extend(
                entries.iter().map(|(name, text)| (name.text().unwrap().to_owned(), text.text().unwrap().to_owned())),
            );
        }
    }
    let pattern = |sheet: Sheet| {
        let text = expanded(sheet.pattern.as_deref()?, &fragments);
        let hir = ParserBuilder::new().utf8(false).build().parse(&text).unwrap();
        let words = sheet.context.map(|context| context.words).unwrap_or_default();
        Some(Pattern { id: sheet.id, hir, words })
    };
    sheets(&packs()).unwrap().into_iter().filter_map(pattern).collect()
}

fn expanded(pattern: &str, fragments: &HashMap<String, String>) -> String {
    let mut text = pattern.to_owned();
    while let Some(at) = text.find("(?P>") {
        let end = at + text[at..].find(')').unwrap();
        let fragment = format!("(?:{})", fragments[&text[at + 4..end]]);
        text.replace_range(at..=end, &fragment);
    }
    text
}

/// Writes something that the expression matches.
fn write(hir: &Hir, random: &mut Random, out: &mut String) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(class) => out.push(letter(class, random)),
        HirKind::Capture(capture) => write(&capture.sub, random, out),
        HirKind::Concat(parts) => parts.iter().for_each(|part| write(part, random, out)),
        HirKind::Alternation(parts) => write(random.pick(parts), random, out),
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(u32::MAX).min(repetition.min + MORE);
            let times = repetition.min + random.below((most - repetition.min + 1) as usize) as u32;
            for _ in 0..times {
                write(&repetition.sub, random, out);
            }
        }
    }
}

/// One of a class: of ASCII, where it has some.
fn letter(class: &Class, random: &mut Random) -> char {
    let ranges: Vec<(u32, u32)> = match class {
        Class::Unicode(class) => {
            class.ranges().iter().map(|range| (range.start().into(), range.end().into())).collect()
        }
        Class::Bytes(class) => class.ranges().iter().map(|range| (range.start().into(), range.end().into())).collect(),
    };
    let plain: Vec<(u32, u32)> = ranges
        .iter()
        .map(|(start, end)| ((*start).max(0x20), (*end).min(0x7E)))
        .filter(|(start, end)| start <= end)
        .collect();
    let (start, end) = *random.pick(if plain.is_empty() { &ranges } else { &plain });
    char::from_u32(start + random.below((end - start + 1) as usize) as u32).unwrap_or('x')
}
