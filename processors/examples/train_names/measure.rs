//! How many names a model finds, and how much it takes for one that is none.

use crate::decode::{Bars, Span, decode, spans};
use crate::features::Tag;
use crate::random::Random;
use crate::tape::Kinds;
use crate::text::{Text, Writer};
use crate::tokenise::{Prose, tokenise};
use crate::weights::{TAGS, Weights, packed};
use crate::words::{Recent, Words};

/// Texts of each kind that are measured on.
const TEXTS: usize = 12_000;

/// Prints recall against false alarms for a row of bars.
pub(crate) fn curve(words: &Words<'_>, rows: &[[i8; TAGS]], writer: &Writer<'_>, seed: u64) {
    let mut random = Random::new(seed);
    let persons: Vec<Text> = (0..TEXTS).map(|_| writer.person(&mut random)).collect();
    let clean: Vec<Text> = (0..TEXTS).map(|_| writer.clean(&mut random)).collect();
    let rows = packed(rows.iter().copied());
    let Some(weights) = Weights::new(&rows) else { return };
    println!(
        "{:>6} {:>10} {:>10} {:>14} {:>14} {:>12}",
        "bar", "names", "places", "false near", "false in clean", "characters"
    );
    for bar in [-200, -100, 0, 50, 100, 200, 300, 400, 600, 800, 1200] {
        let bars = Bars { near: bar, far: bar };
        let mut found = [(0usize, 0usize); 3];
        let mut wrong = 0;
        for text in &persons {
            let told = tagged(words, &weights, bars, text);
            for (start, end, tag) in gold(text) {
                let covered = |at: usize| told.iter().any(|span| span.start <= at && at < span.end);
                let whole = (start..end).filter(|at| text.bytes[*at].is_ascii_alphanumeric()).all(covered);
                found[tag as usize].0 += usize::from(whole);
                found[tag as usize].1 += 1;
            }
            let touches = |span: &&Span| text.labels[span.start..span.end].iter().all(|tag| *tag == Tag::Other);
            wrong += told.iter().filter(touches).count();
        }
        let told: Vec<Vec<Span>> = clean.iter().map(|text| tagged(words, &weights, bars, text)).collect();
        let alarms: usize = told.iter().map(Vec::len).sum();
        let characters: usize = told.iter().flatten().map(|span| span.end - span.start).sum();
        let all: usize = clean.iter().map(|text| text.bytes.len()).sum();
        let share = |(part, whole): (usize, usize)| 100.0 * part as f64 / whole.max(1) as f64;
        println!(
            "{bar:>6} {:>9.2}% {:>9.2}% {:>13.1} {:>14.1} {:>11.4}%",
            share(found[1]),
            share(found[2]),
            1000.0 * wrong as f64 / persons.len() as f64,
            1000.0 * alarms as f64 / clean.len() as f64,
            100.0 * characters as f64 / all as f64
        );
    }
}

fn tagged(words: &Words<'_>, weights: &Weights<'_>, bars: Bars, text: &Text) -> Vec<Span> {
    let (mut tokens, mut tags, mut told) = (Vec::new(), Vec::new(), Vec::new());
    let (mut recent, mut kinds) = (Recent::default(), Kinds::default());
    tokenise(words, &mut recent, &Prose::alone(&text.bytes, &mut kinds), 0, usize::MAX, &mut tokens);
    decode(weights, bars, &text.bytes, &tokens, text.found, &mut tags);
    spans(&text.bytes, &tokens, &tags, |span| told.push(span));
    told
}

/// The names and places of a text.
fn gold(text: &Text) -> Vec<(usize, usize, Tag)> {
    let mut spans = Vec::new();
    let mut start = 0;
    for at in 1..=text.labels.len() {
        if at == text.labels.len() || text.labels[at] != text.labels[start] {
            // What an earlier scrub wrote is not told again.
            if text.labels[start] != Tag::Other && text.bytes[start] != b'[' {
                spans.push((start, at, text.labels[start]));
            }
            start = at;
        }
    }
    spans
}

/// Prints what a model takes for names in texts that nobody is in, and the names it misses.
pub(crate) fn mistakes(words: &Words<'_>, rows: &[[i8; TAGS]], writer: &Writer<'_>, bar: i32) {
    let mut random = Random::new(7);
    let rows = packed(rows.iter().copied());
    let Some(weights) = Weights::new(&rows) else { return };
    let shown = |text: &Text, start: usize, end: usize| {
        let part = |from: usize, to: usize| {
            String::from_utf8_lossy(&text.bytes[from..to.min(text.bytes.len())]).replace('\n', "\\n")
        };
        format!(
            "{}[[{}]]{}",
            part(start.saturating_sub(40), start),
            part(start, end),
            part(end, (end + 30).min(text.bytes.len()))
        )
    };
    for number in 0..3_000 {
        let clean = number % 2 == 0;
        let text = if clean { writer.clean(&mut random) } else { writer.person(&mut random) };
        let told = tagged(words, &weights, Bars { near: bar, far: bar }, &text);
        if clean {
            told.iter().for_each(|span| println!("FALSE {:?} {}", span.tag, shown(&text, span.start, span.end)));
            continue;
        }
        for (start, end, tag) in gold(&text) {
            let covered = |at: usize| told.iter().any(|span| span.start <= at && at < span.end);
            if !(start..end).filter(|at| text.bytes[*at].is_ascii_alphanumeric()).all(covered) {
                println!("MISS {tag:?} {}", shown(&text, start, end));
            }
        }
    }
}

/// Prints texts with what is in them marked.
pub(crate) fn show(writer: &Writer<'_>, count: usize) {
    let mut random = Random::new(99);
    for number in 0..count {
        let text = if number % 3 == 2 { writer.clean(&mut random) } else { writer.person(&mut random) };
        let mut out = String::new();
        let mut last = Tag::Other;
        for (byte, label) in text.bytes.iter().zip(&text.labels) {
            if *label != last {
                out.push_str(match label {
                    Tag::Other => ">",
                    Tag::Name => "<N:",
                    Tag::Place => "<G:",
                });
                last = *label;
            }
            out.push(char::from(*byte));
        }
        println!("{}", out.replace('\n', "\\n"));
    }
}
