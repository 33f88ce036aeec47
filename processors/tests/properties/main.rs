//! What holds for every request, not only for those somebody thought of. `SCRUBJAY_CASES` says how many each property
//! is tried on.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::cast_possible_truncation,
    clippy::wildcard_enum_match_arm,
    reason = "a test that fails says so by a panic, and all people in it are made up"
)]

mod containers;
mod cost;
mod differential;
mod domains;
mod engines;
mod found;
mod generate;
mod ids;
mod joined;
mod many;
mod marks;
mod matches;
mod messages;
mod native;
mod odd;
mod peers;
mod recall;
mod requests;
mod rows;
mod split;
mod stacks;
mod stream;
mod trees;
mod wire;

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::profiles::v1development::ExportProfilesServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use processors::walk::otlp::Signal;
use processors::{Engine, Format, Options, Override, PackSource, PseudonymKey, RuleSet, Scrubber, Today, Tuning};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use prost::Message as _;
use std::cell::RefCell;
use std::sync::LazyLock;
use wire::Item;

const TODAY: Today = Today { year: 2026, month: 11, day: 21 };

static RULES: LazyLock<RuleSet> = LazyLock::new(|| compile(Engine::default()));
static REFEREE: LazyLock<RuleSet> = LazyLock::new(|| compile(Engine::Referee));

fn packs() -> Vec<PackSource<'static>> {
    patterns::PACKS.iter().map(|pack| PackSource { file: pack.file, text: pack.text }).collect()
}

/// All rules.
fn complete(engine: Engine) -> RuleSet {
    let pseudonym_key = PseudonymKey::new(&[7; 32]).unwrap();
    RuleSet::compile(&packs(), &Options { engine, triggers: Default::default(), pseudonym_key }).unwrap()
}

/// All rules but those of the model: of letters without a meaning nobody can say what it takes them for.
fn compile(engine: Engine) -> RuleSet {
    complete(engine).tune(&Tuning { overrides: without_model(), ..Tuning::default() }).unwrap()
}

/// Switches the model's rules off.
fn without_model() -> Vec<Override> {
    let off = |rule: &str| Override {
        rule: rule.into(),
        action: None,
        stage: None,
        only: None,
        except: None,
        disabled: true,
    };
    vec![off("name.tagged"), off("geo.tagged")]
}

/// Tries a property on lists of up to `longest` values; on so many of them, unless the environment says how many.
fn each<T: Strategy>(cases: u32, strategy: T, longest: usize, test: impl Fn(Vec<T::Value>) -> Result<(), TestCaseError>)
where
    T::Value: std::fmt::Debug,
{
    let more = std::env::var("SCRUBJAY_CASES").ok().map(|cases| cases.parse().unwrap());
    let config = Config { failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() };
    // The same few cases every day, so that nobody's change fails by chance; other ones wherever many are asked for.
    let mut runner = match more {
        None => TestRunner::new_with_rng(Config { cases, ..config }, TestRng::deterministic_rng(RngAlgorithm::ChaCha)),
        Some(cases) => TestRunner::new(Config { cases, ..config }),
    };
    if let Err(error) = runner.run(&vec(strategy, 0..longest), test) {
        panic!("{error}");
    }
}

fn decodes(signal: Signal, bytes: &[u8]) -> Result<(), prost::DecodeError> {
    match signal {
        Signal::Traces => ExportTraceServiceRequest::decode(bytes).map(|_| ()),
        Signal::Logs => ExportLogsServiceRequest::decode(bytes).map(|_| ()),
        Signal::Metrics => ExportMetricsServiceRequest::decode(bytes).map(|_| ()),
        Signal::Profiles => ExportProfilesServiceRequest::decode(bytes).map(|_| ()),
    }
}

fn fail(why: impl Into<String>) -> TestCaseError {
    TestCaseError::fail(why.into())
}

#[test]
fn every_request_for_traces_keeps_what_is_clean_and_loses_what_is_not() {
    hold(Signal::Traces);
}

#[test]
fn every_request_for_logs_keeps_what_is_clean_and_loses_what_is_not() {
    hold(Signal::Logs);
}

#[test]
fn every_request_for_metrics_keeps_what_is_clean_and_loses_what_is_not() {
    hold(Signal::Metrics);
}

#[test]
fn every_request_for_profiles_keeps_what_is_clean_and_loses_what_is_not() {
    hold(Signal::Profiles);
}

fn hold(signal: Signal) {
    // One that remembers from case to case, and one that never does: they must not differ.
    let remembering = RefCell::new(Scrubber::new(&RULES).unwrap());
    each(96, any::<u16>(), 1_200, |choices| {
        let request = generate::request(signal, &choices);
        let source = Bytes::from(wire::encode(&request.items));
        let mut fresh = Scrubber::new(&RULES).unwrap().without_memo();
        let out = scrub(&mut fresh, signal, &source)?;
        let other = scrub(&mut remembering.borrow_mut(), signal, &source)?;
        if out != other {
            return Err(fail(format!("a used scrubber says otherwise about {:?}", request.items)));
        }
        decodes(signal, &out).map_err(|error| fail(format!("{error}: {:?}", request.items)))?;
        wire::compare(&request.items, &out).map_err(fail)?;
        for planted in &request.planted {
            if out.windows(planted.len()).any(|window| window == planted.as_bytes()) {
                return Err(fail(format!("{planted} is still there")));
            }
        }
        if request.items.iter().all(Item::is_untouched) && out.as_ptr() != source.as_ptr() {
            return Err(fail("clean bytes were copied"));
        }
        let again = scrub(&mut fresh, signal, &out)?;
        if again.as_ptr() != out.as_ptr() {
            let (out, again) = (out.escape_ascii(), again.escape_ascii());
            return Err(fail(format!("the second scrub made of {out} this: {again}")));
        }
        Ok(())
    });
}

#[test]
fn with_the_model_every_request_loses_what_was_planted_and_comes_to_rest() {
    let rules = complete(Engine::default());
    for signal in Signal::ALL {
        each(24, any::<u16>(), 1_200, |choices| {
            let request = generate::request(signal, &choices);
            let source = Bytes::from(wire::encode(&request.items));
            let mut scrubber = Scrubber::new(&rules).unwrap();
            let out = scrub(&mut scrubber, signal, &source)?;
            decodes(signal, &out).map_err(|error| fail(format!("{error}: {:?}", request.items)))?;
            for planted in &request.planted {
                if out.windows(planted.len()).any(|window| window == planted.as_bytes()) {
                    return Err(fail(format!("{planted} is still there")));
                }
            }
            let again = scrub(&mut scrubber, signal, &out)?;
            if again != out {
                let (out, again) = (out.escape_ascii(), again.escape_ascii());
                return Err(fail(format!("the second scrub made of {out} this: {again}")));
            }
            Ok(())
        });
    }
}

fn scrub(scrubber: &mut Scrubber<'_>, signal: Signal, source: &Bytes) -> Result<Bytes, TestCaseError> {
    let scrubbed = scrubber.scrub(source, Format::Otlp(signal), TODAY);
    Ok(scrubbed.map_err(|error| fail(error.to_string()))?.bytes().clone())
}
