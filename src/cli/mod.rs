//! The command line: one file a command.

pub mod bench;
mod check;
mod run;
pub mod scrub;

use clap::{Args, Parser, Subcommand};
use processors::{Engine, Options, PackSource, PseudonymKey, RuleSet, Today, Triggers};
use std::io::Write as _;
use std::process::ExitCode;

/// Exit codes, for who starts the collector from a script.
mod code {
    /// The configuration is wrong, or the system refused something.
    pub(super) const REFUSED: u8 = 1;
    /// The collector was stopped before it was done, or the command line is wrong.
    pub(super) const ABORTED: u8 = 2;
}

/// A telemetry collector that redacts protected health information before anything is queued or forwarded.
#[derive(Debug, Parser)]
#[command(name = "scrubjay", version, arg_required_else_help = true)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the collector.
    Run(ConfigArgs),
    /// Reads a configuration and says everything that is wrong with it.
    Check(ConfigArgs),
    /// Scrubs standard input to standard output.
    Scrub(scrub::Scrub),
    /// Measures the engine on files of telemetry.
    Bench(Measured),
}

/// What to measure, and by which rules.
#[derive(Debug, Args)]
struct Measured {
    /// A pack to measure instead of the built-in ones; may be given several times.
    #[arg(long, value_name = "FILE")]
    pack: Vec<std::path::PathBuf>,
    #[command(flatten)]
    bench: bench::Bench,
}

/// Where the configuration comes from.
#[derive(Clone, Debug, Args)]
struct ConfigArgs {
    /// A configuration file; several are merged, the later over the earlier.
    #[arg(long, value_name = "FILE")]
    config: Vec<String>,
    /// A single value, over all files: `exporters::debug::timeout=5s`.
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
}

impl ConfigArgs {
    fn origin(&self) -> crate::config::Origin {
        // The OpenTelemetry Collector's way to name a file.
        let file = |name: &String| name.strip_prefix("file:").unwrap_or(name).to_owned();
        crate::config::Origin { files: self.config.iter().map(file).collect(), sets: self.set.clone() }
    }
}

/// Reads the command line and does what it says.
#[must_use]
pub fn main() -> ExitCode {
    match Line::parse().command {
        Command::Run(args) => run::run(&args),
        Command::Check(args) => check::check(&args),
        Command::Scrub(command) => scrub(&command),
        Command::Bench(measured) => measure(&measured),
    }
}

fn measure(measured: &Measured) -> ExitCode {
    let mut own = Vec::new();
    for path in &measured.pack {
        match std::fs::read_to_string(path) {
            Ok(text) => own.push((path.display().to_string(), text)),
            Err(error) => {
                say([format!("{}: {}", path.display(), error.kind())]);
                return ExitCode::from(code::ABORTED);
            }
        }
    }
    let packs: Vec<PackSource<'_>> =
        if own.is_empty() { builtin() } else { own.iter().map(|(file, text)| PackSource { file, text }).collect() };
    let Some(rules) = compile(&packs) else { return ExitCode::FAILURE };
    match measured.bench.run(&rules, TODAY, &mut std::io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say([error.to_string()]);
            ExitCode::from(code::ABORTED)
        }
    }
}

const TODAY: Today = Today { year: 2026, month: 11, day: 21 };

fn builtin() -> Vec<PackSource<'static>> {
    patterns::PACKS.iter().map(|pack| PackSource { file: pack.file, text: pack.text }).collect()
}

fn compile(packs: &[PackSource<'_>]) -> Option<RuleSet> {
    let engine = if std::env::var_os("REFEREE").is_some() { Engine::Referee } else { Engine::default() };
    let options = Options { engine, triggers: Triggers::Derived, pseudonym_key: PseudonymKey::new(&[7; 32])? };
    RuleSet::compile(packs, &options).map_err(|mistakes| say([mistakes.to_string()])).ok()
}

/// Scrubs by all built-in packs, on a fixed day with a fixed key: the same input, the same output.
fn scrub(command: &scrub::Scrub) -> ExitCode {
    let Some(rules) = compile(&builtin()) else { return ExitCode::FAILURE };
    match command.run(&rules, TODAY, &mut std::io::stdin().lock(), &mut std::io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say([error.to_string()]);
            ExitCode::from(code::ABORTED)
        }
    }
}

/// Writes lines to stderr. Where nobody reads them, there is nobody to tell.
fn say<L: AsRef<str>>(lines: impl IntoIterator<Item = L>) {
    let mut stderr = std::io::stderr().lock();
    for line in lines {
        let _unread = writeln!(stderr, "{}", line.as_ref());
    }
}
