//! Which way of matching is fastest, measured in one run on one core: the table in docs/architecture.md.
//!
//! `cargo bench --bench three_ways` compares derived triggers with confirming, whole patterns with confirming, and one
//! merged regex with positions, on traces and log lines, with 150 and 1,000 rules, without any memory of clean texts.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    missing_docs
)]

mod corpus;

use bytes::Bytes;
use nix::sys::resource::{UsageWho, getrusage};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use processors::walk::otlp::Signal;
use processors::{Engine, Format, Options, PackSource, PseudonymKey, RuleSet, Scrubber, Stage, Today, Triggers};
use prost::Message as _;
use regex_automata::meta;
use std::time::Duration;

const TODAY: Today = Today { year: 2026, month: 11, day: 21 };
const ROUNDS: usize = 5;

fn main() {
    // `cargo test --benches` only wants to know that it builds.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let traces: Vec<Bytes> = corpus::traces(1, 10_000, 200, 0, 10).into_iter().map(Bytes::from).collect();
    let lines: Vec<Bytes> =
        corpus::log_lines(2, 40_000, 10).chunks(200).map(|chunk| Bytes::from(chunk.join("\n"))).collect();
    println!("| input | rules | way | to the scan | with the scan | all |\n|---|---|---|---|---|---|");
    for (name, batches, format) in
        [("traces", &traces, Format::Otlp(Signal::Traces)), ("log lines", &lines, Format::Text)]
    {
        for count in [150, 1000] {
            measure(name, batches, format, count);
        }
    }
}

/// Measures all ways in turns, so that whatever else the machine does falls on all of them.
fn measure(name: &str, batches: &[Bytes], format: Format, count: usize) {
    let ways = [
        ("derived triggers, confirm", rule_set(count, Engine::Vectorscan, Triggers::Derived)),
        ("whole patterns, confirm", rule_set(count, Engine::Vectorscan, Triggers::Whole)),
        ("derived triggers in one lazy DFA, confirm", rule_set(count, Engine::LazyDfa, Triggers::Derived)),
    ];
    let mut scrubbers: Vec<Scrubber<'_>> = ways.iter().map(|(_, rules)| Scrubber::new(rules).unwrap()).collect();
    let regex = merged(count);
    let mut cache = regex.create_cache();
    let mut times = vec![[const { Vec::new() }; 3]; ways.len()];
    let (mut merged_times, mut prost_times) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        for (scrubber, times) in scrubbers.iter_mut().zip(&mut times) {
            let spent = [
                spend(batches, |batch| {
                    let _ = scrubber.run_until(Stage::Open, batch, format, TODAY).unwrap();
                }),
                spend(batches, |batch| {
                    let _ = scrubber.run_until(Stage::Scan, batch, format, TODAY).unwrap();
                }),
                spend(batches, |batch| drop(scrubber.scrub(batch, format, TODAY).unwrap())),
            ];
            // The first round warms up.
            if round > 0 {
                times.iter_mut().zip(spent).for_each(|(list, time)| list.push(time));
            }
        }
        let walker = &mut scrubbers[0];
        let spent = spend(batches, |batch| {
            let texts = walker.texts(batch, format).unwrap();
            let mut input = regex_automata::Input::new(&texts);
            while let Some(found) = regex.search_with(&mut cache, &input) {
                input.set_start(found.end().max(found.start() + 1));
            }
        });
        merged_times.push(spent);
        if let Format::Otlp(_) = format {
            prost_times.push(spend(batches, |batch| {
                let request = ExportTraceServiceRequest::decode(batch.clone()).unwrap();
                assert_eq!(request.encode_to_vec().len(), batch.len());
            }));
        }
    }
    let bytes: usize = batches.iter().map(Bytes::len).sum();
    let rate = |times: &[Duration]| {
        let mut times = times.to_vec();
        times.sort();
        bytes as f64 / 1e6 / times[times.len() / 2].as_secs_f64()
    };
    for ((way, _), [open, scan, all]) in ways.iter().zip(&times) {
        println!("| {name} | {count} | {way} | {:.0} | {:.0} | {:.0} |", rate(open), rate(scan), rate(all));
    }
    println!("| {name} | {count} | one merged regex with positions, no confirm | | | {:.0} |", rate(&merged_times));
    if !prost_times.is_empty() {
        println!("| {name} | | prost decode + encode alone | | | {:.0} |", rate(&prost_times));
    }
}

fn rule_set(count: usize, engine: Engine, triggers: Triggers) -> RuleSet {
    let text = corpus::rules::pack(count);
    let pack = PackSource { file: "made.yaml", text: &text };
    let options = Options { engine, triggers, pseudonym_key: PseudonymKey::new(&[7; 32]).unwrap() };
    RuleSet::compile(&[pack], &options).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

fn merged(count: usize) -> meta::Regex {
    let patterns: Vec<String> = corpus::rules::patterns(count).into_iter().map(|(pattern, _)| pattern).collect();
    meta::Regex::builder()
        .configure(meta::Config::new().hybrid_cache_capacity(64 << 20).nfa_size_limit(Some(256 << 20)))
        .syntax(regex_automata::util::syntax::Config::new().unicode(false).utf8(false))
        .build_many(&patterns)
        .unwrap()
}

/// This process's CPU time for all batches.
fn spend(batches: &[Bytes], run: impl FnMut(&Bytes)) -> Duration {
    let before = cpu();
    batches.iter().for_each(run);
    cpu().checked_sub(before).unwrap()
}

fn cpu() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_SELF).unwrap();
    let time = usage.user_time();
    Duration::new(time.tv_sec() as u64, time.tv_usec() as u32 * 1000)
}
