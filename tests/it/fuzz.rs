//! Every decoder and reader on input that was mutated from sound input: none panics, none goes beyond its bounds, none lets through
//! what another reader would see.
//!
//! `SCRUBJAY_EXECUTIONS` says how many inputs each is tried on, `SCRUBJAY_SEED` which; `make fuzz` runs a million each. What was
//! once found is kept in `fuzz/regressions` and tried first.

mod agents;
mod mutate;
mod native;
mod readers;
pub mod seeds;
pub mod targets;

use mutate::Mutator;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};
use targets::Target;

fn all() -> impl Iterator<Item = &'static Target> {
    targets::TARGETS.iter().chain(readers::TARGETS)
}

pub fn asked(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |value| value.parse().unwrap())
}

/// What one input may take: a hundred times what the slowest sound one does.
const MOST: Duration = Duration::from_secs(5);

fn fuzz(target: &Target) {
    let (executions, seed) = (asked("SCRUBJAY_EXECUTIONS", 2000), asked("SCRUBJAY_SEED", 1));
    let seeds = (target.seeds)();
    let mut run = (target.start)();
    let mut mutator = Mutator::new(seed as u64, &seeds);
    let began = Instant::now();
    let mut slowest = Duration::ZERO;
    let mut taken = 0usize;
    let kept = seeds::kept(target.name);
    let count = executions.max(kept.len() + seeds.len());
    for number in 0..count {
        // First what was found, then what is sound, then what becomes of it.
        let input = match number.checked_sub(kept.len()) {
            None => kept[number].clone(),
            Some(sound) if sound < seeds.len() => seeds[sound].clone(),
            Some(_) => mutator.next(),
        };
        let each = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| run(&input)));
        slowest = slowest.max(each.elapsed());
        let wrong = match outcome {
            Ok(Ok(accepted)) if each.elapsed() < MOST => {
                if accepted {
                    taken += 1;
                    mutator.keep(&input);
                }
                continue;
            }
            Ok(Ok(_)) => "it took too long".to_owned(),
            Ok(Err(why)) => why,
            Err(_) => "it panicked".to_owned(),
        };
        let path = std::env::temp_dir().join(format!("scrubjay-fuzz-{}-{seed}-{number}", target.name));
        std::fs::write(&path, &input).unwrap();
        panic!("{}: {wrong}; the input is in {}", target.name, path.display());
    }
    let took = began.elapsed();
    eprintln!(
        "{}: {count} executions in {took:.1?}, {:.0} a second, {:.0} % taken, the slowest {slowest:.1?}",
        target.name,
        count as f64 / took.as_secs_f64(),
        100.0 * taken as f64 / count as f64
    );
}

macro_rules! fuzz_tests {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            fuzz(all().find(|target| target.name == stringify!($name)).unwrap());
        })*

        #[test]
        fn every_target_is_run() {
            let run = [$(stringify!($name)),*];
            assert_eq!(all().map(|target| target.name).collect::<Vec<_>>(), run);
        }
    };
}

fuzz_tests!(
    gzip,
    zstd,
    deflate,
    brotli,
    otlp_json_traces,
    otlp_json_logs,
    otlp_json_metrics,
    otlp_json_profiles,
    log_records_json,
    log_records_lines,
    protobuf_traces,
    protobuf_logs,
    protobuf_metrics,
    protobuf_profiles,
    datadog_traces,
    datadog_trace_table,
    datadog_trace_payload,
    datadog_trace_stream,
    datadog_traces_json,
    datadog_logs,
    datadog_series,
    datadog_metrics_json,
    datadog_metrics,
    datadog_sketches,
    datadog_agent_traces,
    datadog_stats,
    datadog_pipeline_stats,
    datadog_llm_evaluations,
    sentry_event,
    sentry_envelope,
    replies,
    text,
    yaml,
    endpoints,
    http1,
    http2,
    grpc_frames,
    authorization,
    heads,
    http2_frames,
    token_keys,
    tokens,
    configuration,
    packs,
    grpc_status,
    http_answers,
    grpc_answers,
    requests,
    containers,
    lines,
);
