//! `scrubjay bench`: how fast the engine is on the user's own telemetry, and where the time goes.
//!
//! One core, user CPU time, each figure the median of rounds that take turns, so that what else the machine does falls
//! on all of them alike.

use super::native::NativeName;
use super::progress::Progress;
use super::rules::RuleArgs;
use super::{Failure, code};
use bytes::Bytes;
use clap::Args;
use nix::sys::resource::{UsageWho, getrusage};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::profiles::v1development::ExportProfilesServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use processors::walk::otlp::Signal;
use processors::walk::wire::{varint, varint_len};
use processors::{Format, Rejected, RuleSet, Scrubber, Stage, Today};
use prost::Message;
use serde::Serialize;
use std::io::{Read as _, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Lines that make up a batch.
const LINES: usize = 512;

/// How much of a file without --signal is looked at for what is no text.
const HEAD: u64 = 8 << 10;
/// The largest file, in bytes: all of it is held in memory.
const LARGEST: u64 = 4 << 30;

pub(super) const EXAMPLES: &str = "\
Examples:
  scrubjay bench app.log                                      log lines, one a line
  scrubjay bench --signal traces --seconds 30 traces.bin      export requests, each behind its length
  scrubjay bench --native datadog-traces traces.bin           requests of Datadog's tracers, each behind its length
  scrubjay bench --json --engine lazy-dfa app.log             another matcher, for a script
  scrubjay bench --pack ./site.yaml app.log                   this pack, not the configured ones
  scrubjay bench --triggers app.log                           what the scan reports most often

All figures are megabytes of input per second of user CPU time on one core.";

/// Measure the engine on files: OTLP requests with --signal, others with --native, log lines without.
#[derive(Args, Debug)]
pub(super) struct Bench {
    /// The files hold OTLP protobuf requests of this signal, each preceded by its length as a varint.
    #[arg(long, value_enum)]
    signal: Option<super::scrub::SignalName>,
    /// The files hold requests in this format, each preceded by its length as a varint.
    #[arg(long, value_enum, conflicts_with = "signal")]
    native: Option<NativeName>,
    /// List the triggers that the scan reports most often, with the rules they serve.
    #[arg(long, conflicts_with = "json")]
    triggers: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// About how long to measure.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// A pack to measure instead of the configured ones; may be given several times. What keys mean stays loaded.
    #[arg(long, value_name = "FILE", help_heading = "Rules")]
    pack: Vec<String>,
    /// What to measure with.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    rules: RuleArgs,
}

/// What was measured: megabytes of input per second of user CPU time.
#[derive(Debug, Serialize)]
struct Figures {
    bytes: usize,
    batches: usize,
    records: u64,
    findings: u64,
    rules: usize,
    triggers: usize,
    walk_mb_s: f64,
    scan_mb_s: f64,
    scrub_mb_s: f64,
    scrub_memo_mb_s: f64,
    prost_mb_s: Option<f64>,
    stages: Stages,
}

/// How much of the time without a memory of clean texts each stage takes, in percent.
#[derive(Debug, Serialize)]
struct Stages {
    walk: f64,
    open: f64,
    scan: f64,
    detect: f64,
    render_and_splice: f64,
}

/// Why nothing was measured.
#[derive(Debug)]
enum BenchError {
    /// A file cannot be read.
    File(PathBuf, std::io::ErrorKind),
    /// A file is larger than is held in memory.
    TooLarge(PathBuf),
    /// A file of log lines is no text.
    NoText(PathBuf),
    /// A file is no row of requests with their lengths.
    Framing(PathBuf, usize),
    /// A batch, which begins at this byte of a file, was refused.
    Rejected(PathBuf, usize, Rejected),
    /// The engine has no memory to work in.
    Engine(Rejected),
    /// There is nothing in the files.
    Empty,
    /// Standard output failed.
    Output(std::io::Error),
}

impl std::fmt::Display for BenchError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path, kind) => write!(f, "{}: cannot be read: {kind}", path.display()),
            Self::TooLarge(path) => write!(f, "{}: larger than {LARGEST} bytes", path.display()),
            Self::NoText(path) => {
                write!(f, "{}: no text: with --signal it is read as OTLP protobuf requests", path.display())
            }
            Self::Framing(path, offset) => {
                write!(f, "{}: no length and request at byte {offset}: is it of this signal?", path.display())
            }
            Self::Rejected(path, offset, error) => {
                write!(f, "{}: the batch at byte {offset}: {error}: is it of this signal?", path.display())
            }
            Self::Engine(error) => error.fmt(f),
            Self::Empty => f.write_str("the files hold nothing to measure"),
            Self::Output(error) => write!(f, "standard output failed: {}", error.kind()),
        }
    }
}

impl From<Rejected> for BenchError {
    fn from(error: Rejected) -> Self {
        Self::Engine(error)
    }
}

impl From<std::io::Error> for BenchError {
    fn from(error: std::io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<BenchError> for Failure {
    fn from(error: BenchError) -> Self {
        if let BenchError::Output(error) = &error {
            Self::of_output(error)
        } else {
            Self::new(code::ABORTED, error.to_string())
        }
    }
}

/// What is measured on: batches, and what they hold.
struct Input {
    batches: Vec<Bytes>,
    format: Format,
}

impl Input {
    /// The signal, if it is OTLP.
    fn signal(&self) -> Option<Signal> {
        if let Format::Otlp(signal) = self.format { Some(signal) } else { None }
    }
}

impl Bench {
    /// Runs the command.
    ///
    /// # Errors
    /// If a file cannot be read or holds something else, or the rules are wrong.
    pub(super) fn run(&self, output: &mut impl Write) -> Result<(), Failure> {
        let chosen = self.rules.choose()?.with_packs(&self.pack)?;
        // Before the rules: a wrong name should not take a second to find out.
        let files = self.read()?;
        let rules = chosen.compile()?;
        let input = self.check(files, &rules, chosen.today())?;
        if self.triggers {
            return Ok(triggers(&rules, &input, chosen.today(), output)?);
        }
        let figures = measure(&rules, &input, chosen.today(), Duration::from_secs(self.seconds))?;
        let written = if self.json {
            serde_json::to_writer(&mut *output, &figures).map_err(std::io::Error::from).and_then(|()| writeln!(output))
        } else {
            table(&figures, output)
        };
        Ok(written.and_then(|()| output.flush()).map_err(BenchError::Output)?)
    }

    /// What the files hold.
    fn format(&self) -> Format {
        let otlp = self.signal.map(|signal| Format::Otlp(signal.into()));
        self.native.map(Format::from).or(otlp).unwrap_or(Format::Lines)
    }

    /// The batches of each file.
    fn read(&self) -> Result<Vec<(&PathBuf, Vec<Bytes>)>, BenchError> {
        let mut files = Vec::new();
        for path in &self.files {
            let content = self.content(path)?;
            let mut batches = Vec::new();
            if self.format() == Format::Lines {
                lines(&content, &mut batches);
            } else {
                requests(&content, &mut batches).map_err(|at| BenchError::Framing(path.clone(), at))?;
            }
            files.push((path, batches));
        }
        if files.iter().all(|(_, batches)| batches.is_empty()) { Err(BenchError::Empty) } else { Ok(files) }
    }

    /// What a file holds.
    fn content(&self, path: &Path) -> Result<Bytes, BenchError> {
        let failed = |error: std::io::Error| BenchError::File(path.to_owned(), error.kind());
        let mut file = std::fs::File::open(path).map_err(failed)?;
        let mut content = Vec::new();
        (&mut file).take(HEAD).read_to_end(&mut content).map_err(failed)?;
        // No log has zeros in it.
        if self.format() == Format::Lines && content.contains(&0) {
            return Err(BenchError::NoText(path.to_owned()));
        }
        file.take(LARGEST).read_to_end(&mut content).map_err(failed)?;
        if content.len() as u64 > LARGEST {
            return Err(BenchError::TooLarge(path.to_owned()));
        }
        Ok(content.into())
    }

    /// Scrubs every batch once: what is refused is told with its place, and does not spoil a measurement.
    fn check(&self, files: Vec<(&PathBuf, Vec<Bytes>)>, rules: &RuleSet, today: Today) -> Result<Input, BenchError> {
        let mut input = Input { batches: Vec::new(), format: self.format() };
        let mut scrubber = Scrubber::new(rules)?.without_memo();
        let mut progress = Progress::new();
        for (path, batches) in files {
            progress.tell(|| format!("reading {}", path.display()));
            let mut at = 0;
            for batch in &batches {
                let sound = scrubber.scrub(batch, input.format, today).and_then(|_| prost(input.signal(), batch));
                sound.map_err(|error| BenchError::Rejected(path.clone(), at, error))?;
                at += batch.len() + if input.format == Format::Lines { 0 } else { varint_len(batch.len() as u64) };
            }
            input.batches.extend(batches);
        }
        Ok(input)
    }
}

/// Cuts a file of lines into batches.
fn lines(content: &Bytes, batches: &mut Vec<Bytes>) {
    let mut start = 0;
    let mut count = 0;
    for (at, byte) in content.iter().enumerate() {
        count += usize::from(*byte == b'\n');
        if count == LINES {
            batches.push(content.slice(start..=at));
            (start, count) = (at + 1, 0);
        }
    }
    if start < content.len() {
        batches.push(content.slice(start..));
    }
}

/// Cuts a file of requests into batches; the offset of what is none if there is such.
fn requests(content: &Bytes, batches: &mut Vec<Bytes>) -> Result<(), usize> {
    let mut at = 0;
    while at < content.len() {
        let (len, start) = varint(content, at).ok_or(at)?;
        let end = usize::try_from(len).ok().and_then(|len| start.checked_add(len)).ok_or(at)?;
        if end > content.len() {
            return Err(at);
        }
        batches.push(content.slice(start..end));
        at = end;
    }
    Ok(())
}

/// How many of the noisiest triggers are listed.
const NOISIEST: usize = 40;

/// Lists what the scan reports most often: each report costs a look at the text around it.
fn triggers(rules: &RuleSet, input: &Input, today: Today, output: &mut impl Write) -> Result<(), BenchError> {
    let mut scrubber = Scrubber::new(rules)?.without_memo();
    let mut counts = Vec::new();
    for batch in &input.batches {
        // Keys are scanned once, and known from then on.
        drop(scrubber.scrub(batch, input.format, today)?);
        scrubber.count_triggers(batch, input.format, &mut counts)?;
    }
    let mut noisiest: Vec<(u64, (&str, Vec<&str>))> = counts.into_iter().zip(rules.triggers()).collect();
    noisiest.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    for (count, (expression, mut rules)) in noisiest.into_iter().take(NOISIEST).filter(|(count, _)| *count > 0) {
        rules.dedup();
        writeln!(output, "{count:10}  {expression:50}  {}", rules.join(" "))?;
    }
    Ok(())
}

/// What is measured in each round, in this order.
const WALK: usize = 0;
const OPEN: usize = 1;
const SCAN: usize = 2;
const DETECT: usize = 3;
const SCRUB: usize = 4;
const MEMO: usize = 5;
const PROST: usize = 6;

fn measure(rules: &RuleSet, input: &Input, today: Today, budget: Duration) -> Result<Figures, BenchError> {
    let (format, batches, signal) = (input.format, &input.batches, input.signal());
    let mut cold = Scrubber::new(rules)?.without_memo();
    let mut warm = Scrubber::new(rules)?;
    let mut records = 0;
    let mut findings = 0;
    // The first pass warms up, and finds out what there is.
    for batch in batches {
        let scrubbed = cold.scrub(batch, format, today)?;
        records += scrubbed.report().records;
        findings += scrubbed.report().total();
        warm.scrub(batch, format, today)?;
    }
    let mut times: [Vec<Duration>; 7] = Default::default();
    let mut progress = Progress::new();
    let begin = cpu();
    while times.first().is_none_or(|rounds| rounds.len() < 3) || cpu() - begin < budget {
        // What one round has seen must not be what makes the next one fast.
        warm.forget();
        for (kind, rounds) in times.iter_mut().enumerate() {
            progress.tell(|| format!("measuring: {} of {} s", (cpu() - begin).as_secs(), budget.as_secs()));
            let before = cpu();
            for batch in batches {
                match kind {
                    WALK => drop(cold.run_until(Stage::Walk, batch, format, today)?),
                    OPEN => drop(cold.run_until(Stage::Open, batch, format, today)?),
                    SCAN => drop(cold.run_until(Stage::Scan, batch, format, today)?),
                    DETECT => drop(cold.run_until(Stage::Detect, batch, format, today)?),
                    SCRUB => drop(cold.scrub(batch, format, today)?),
                    MEMO => drop(warm.scrub(batch, format, today)?),
                    PROST => prost(signal, batch)?,
                    _ => {}
                }
            }
            rounds.push(cpu() - before);
        }
    }
    let bytes: usize = batches.iter().map(Bytes::len).sum();
    let [walk, open, scan, detect, scrub, memo, prost] = times.map(median);
    let share = |from: f64, to: f64| round((to - from).max(0.0) / scrub * 100.0);
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let rate = |seconds: f64| round(bytes as f64 / 1e6 / seconds);
    Ok(Figures {
        bytes,
        batches: batches.len(),
        records,
        findings,
        rules: rules.rules().len(),
        triggers: rules.trigger_count(),
        walk_mb_s: rate(walk),
        scan_mb_s: rate((scan - open).max(1e-9)),
        scrub_mb_s: rate(scrub),
        scrub_memo_mb_s: rate(memo),
        prost_mb_s: signal.map(|_| rate(prost)),
        stages: Stages {
            walk: share(0.0, walk),
            open: share(walk, open),
            scan: share(open, scan),
            detect: share(scan, detect),
            render_and_splice: share(detect, scrub),
        },
    })
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).map_or(0.0, Duration::as_secs_f64)
}

fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// Decodes and encodes with prost: what any collector that works on decoded structs pays before it looks at anything.
fn prost(signal: Option<Signal>, batch: &Bytes) -> Result<(), Rejected> {
    fn pass<M: Message + Default>(batch: &Bytes) -> Result<(), Rejected> {
        let message = M::decode(batch.clone()).map_err(|_| Rejected::Malformed { offset: 0 })?;
        std::hint::black_box(message.encode_to_vec());
        Ok(())
    }
    match signal {
        None => Ok(()),
        Some(Signal::Traces) => pass::<ExportTraceServiceRequest>(batch),
        Some(Signal::Logs) => pass::<ExportLogsServiceRequest>(batch),
        Some(Signal::Metrics) => pass::<ExportMetricsServiceRequest>(batch),
        Some(Signal::Profiles) => pass::<ExportProfilesServiceRequest>(batch),
    }
}

/// This process's user CPU time. Nothing else runs in it.
fn cpu() -> Duration {
    let time = getrusage(UsageWho::RUSAGE_SELF).map(|usage| usage.user_time());
    time.map_or(Duration::ZERO, |time| {
        Duration::new(time.tv_sec().unsigned_abs(), u32::try_from(time.tv_usec()).unwrap_or(0) * 1000)
    })
}

fn table(figures: &Figures, output: &mut impl Write) -> std::io::Result<()> {
    let Figures { bytes, batches, records, findings, rules, triggers, stages, .. } = figures;
    writeln!(
        output,
        "{bytes} bytes, {records} records in {batches} batches; {rules} rules, {triggers} triggers; {findings} findings"
    )?;
    for (what, rate) in [
        ("walk", Some(figures.walk_mb_s)),
        ("scan", Some(figures.scan_mb_s)),
        ("scrub, every text looked at", Some(figures.scrub_mb_s)),
        ("scrub, clean texts remembered", Some(figures.scrub_memo_mb_s)),
        ("prost decode + encode", figures.prost_mb_s),
    ] {
        if let Some(rate) = rate {
            writeln!(output, "{what:30} {rate:8.1} MB/s")?;
        }
    }
    writeln!(
        output,
        "of the time: walk {} %, open layers {} %, scan {} %, detect {} %, render and splice {} %",
        stages.walk, stages.open, stages.scan, stages.detect, stages.render_and_splice
    )
}
