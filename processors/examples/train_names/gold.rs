//! Tags texts of a gold file, for `score.py`: JSON lines in, JSON lines out.

use crate::decode::{Bars, decode, spans};
use crate::features::Tag;
use crate::tape::Kinds;
use crate::tokenise::{Prose, tokenise};
use crate::weights::{Weights, rows};
use crate::words::{Recent, Words};
use std::path::Path;

/// Writes `FILE`'s findings to `FILE`'s name with `.pred` in the working folder. The third argument is a list of ids of
/// texts that something else was found in.
pub(crate) fn tag(words: &Words<'_>, model: &Path, arguments: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    let [near, far, found, files @ ..] = arguments else { return Err("gold NEAR FAR FOUND FILE...".into()) };
    let bars = Bars { near: near.parse()?, far: far.parse()? };
    let found: std::collections::HashSet<String> = std::fs::read_to_string(found)?.lines().map(str::to_owned).collect();
    let rows = rows(&std::fs::read(model.join("weights.bin"))?).ok_or("no model")?;
    let weights = Weights::new(&rows).ok_or("no model")?;
    let (mut tokens, mut tags) = (Vec::new(), Vec::new());
    let (mut recent, mut kinds) = (Recent::default(), Kinds::default());
    let (mut bytes, mut time) = (0, std::time::Duration::ZERO);
    for file in files {
        let mut out = String::new();
        for line in std::fs::read_to_string(file)?.lines() {
            let case: serde_json::Value = serde_json::from_str(line)?;
            let text = case["text"].as_str().unwrap_or_default();
            let id = case["id"].as_str().unwrap_or_default();
            let begun = std::time::Instant::now();
            for _ in 0..20 {
                tokens.clear();
                let prose = Prose::alone(text.as_bytes(), &mut kinds);
                tokenise(words, &mut recent, &prose, 0, usize::MAX, &mut tokens);
                decode(&weights, bars, text.as_bytes(), &tokens, found.contains(id), &mut tags);
            }
            time += begun.elapsed();
            bytes += 20 * text.len();
            let mut told = Vec::new();
            spans(text.as_bytes(), &tokens, &tags, |span| {
                let point = |at: usize| text.as_bytes()[..at].iter().filter(|byte| **byte & 0xC0 != 0x80).count();
                let kind = if span.tag == Tag::Name { "NAME" } else { "GEO" };
                told.push(serde_json::json!({"start": point(span.start), "end": point(span.end), "type": kind}));
            });
            out.push_str(&serde_json::json!({"id": id, "spans": told}).to_string());
            out.push('\n');
        }
        let name = Path::new(file).file_stem().and_then(|stem| stem.to_str()).unwrap_or("out");
        std::fs::write(format!("{name}.pred.jsonl"), out)?;
        eprintln!("{name}: {:.1} MB/s", bytes as f64 / time.as_secs_f64() / 1e6);
        (bytes, time) = (0, std::time::Duration::ZERO);
    }
    Ok(())
}

/// Prints how fast texts of a gold file are tagged.
pub(crate) fn speed(words: &Words<'_>, model: &Path, files: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    let rows = rows(&std::fs::read(model.join("weights.bin"))?).ok_or("no model")?;
    let weights = Weights::new(&rows).ok_or("no model")?;
    for file in files {
        let read = std::fs::read_to_string(file)?;
        let cases: Result<Vec<serde_json::Value>, _> = read.lines().map(serde_json::from_str).collect();
        let cases = cases?;
        let texts: Vec<&str> = cases.iter().filter_map(|case| case["text"].as_str()).collect();
        let bytes: usize = texts.iter().map(|text| text.len()).sum();
        let (mut tokens, mut tags) = (Vec::new(), Vec::new());
        let (mut recent, mut kinds) = (Recent::default(), Kinds::default());
        let mut best = [f64::MAX; 2];
        let mut told = 0;
        for _ in 0..12 {
            for (part, best) in best.iter_mut().enumerate() {
                let begun = std::time::Instant::now();
                for text in &texts {
                    tokens.clear();
                    let prose = Prose::alone(text.as_bytes(), &mut kinds);
                    tokenise(words, &mut recent, &prose, 0, usize::MAX, &mut tokens);
                    if part == 1 {
                        decode(&weights, Bars::BUILT_IN, text.as_bytes(), &tokens, false, &mut tags);
                        told += tags.iter().filter(|tag| **tag != Tag::Other).count();
                    }
                }
                *best = best.min(begun.elapsed().as_secs_f64());
            }
        }
        let rate = |seconds: f64| bytes as f64 / seconds / 1e6;
        println!("{file}: cut {:.0} MB/s, cut and weighed {:.0} MB/s ({told})", rate(best[0]), rate(best[1]));
    }
    Ok(())
}
