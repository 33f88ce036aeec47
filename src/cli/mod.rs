//! The command line: one file a command.

mod bench;
mod check;
mod components;
mod demo;
mod detect;
mod eval;
mod explain;
mod native;
mod people;
mod progress;
mod rules;
mod run;
mod schema;
mod scrub;
mod sheet;
mod synth;
mod test;

use clap::{Args, Parser, Subcommand};
use std::io::Write as _;
use std::process::ExitCode;

/// Exit codes, for who starts the program from a script.
mod code {
    /// The configuration or a pack is wrong, or the system refused something.
    pub(super) const REFUSED: u8 = 1;
    /// The collector was stopped before it was done, the input was refused, or the command line is wrong.
    pub(super) const ABORTED: u8 = 2;
}

/// A telemetry collector that redacts protected health information before anything is queued or forwarded.
#[derive(Debug, Parser)]
#[command(name = "scrubjay", version, arg_required_else_help = true, after_help = EXIT_CODES)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the collector.
    #[command(after_help = RUN)]
    Run(ConfigArgs),
    /// Shows on made-up telemetry what a backend gets to see, then takes your own.
    #[command(after_help = demo::EXAMPLES)]
    Demo(demo::Demo),
    /// Reads a configuration and says everything that is wrong with it.
    #[command(after_help = CHECK)]
    Check(ConfigArgs),
    /// Scrubs standard input to standard output, as the collector would.
    #[command(after_help = scrub::EXAMPLES)]
    Scrub(scrub::Scrub),
    /// Says where in each text something would be replaced, and what it is.
    #[command(after_help = detect::EXAMPLES)]
    Detect(detect::Detect),
    /// Lists the rules, tells what one of them is, or what they make of a text and why.
    #[command(after_help = explain::EXAMPLES)]
    Explain(explain::Explain),
    /// Proves packs: every rule finds what its examples say, with both matchers.
    #[command(after_help = test::EXAMPLES)]
    Test(test::Test),
    /// Lists what is built in: receivers, exporters, packs.
    Components(components::Components),
    /// Prints what a configuration or a pack may hold, as JSON Schema.
    #[command(after_help = schema::EXAMPLES)]
    Schema(schema::Schema),
    /// Measures what the rules hide, and what else, on texts whose identifiers are known.
    #[command(after_help = eval::EXAMPLES)]
    Eval(eval::Eval),
    /// Makes up telemetry whose identifiers are known, for `eval`.
    #[command(after_help = synth::EXAMPLES)]
    Synth(synth::Synth),
    /// Measures the engine on files of telemetry.
    #[command(after_help = bench::EXAMPLES)]
    Bench(bench::Bench),
}

const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 the configuration or a pack is wrong, or something came through in the demo; 2 the input was refused, the command line is wrong, or the \
collector ended before everything was delivered: its time to drain was over, or a second signal came.";

const RUN: &str = "\
Examples:
  scrubjay run                                   OTLP on loopback 4317 and 4318, scrubbed output on stdout
  scrubjay run --config collector.yaml           what the file says
  scrubjay run --config base.yaml --config site.yaml --set service::workers=4";

const CHECK: &str = "\
Examples:
  scrubjay check --config collector.yaml
  scrubjay check --config base.yaml --config site.yaml --set processors::scrub::ack=delivered

Every mistake of every file and pack is told in one run, as FILE:LINE:COLUMN.";

/// Where the configuration comes from.
#[derive(Clone, Debug, Args)]
struct ConfigArgs {
    /// A configuration file; several are merged, the later over the earlier. Without one, the built-in default.
    #[arg(long, value_name = "FILE")]
    config: Vec<String>,
    /// A single value, over all files: `exporters::debug::timeout=5s`.
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Allows the configuration to weaken the packs: to disable rules, to take milder actions, to allow values or keys.
    #[arg(long, env = "SCRUBJAY_ALLOW_WEAKENING")]
    allow_weakening: bool,
}

impl ConfigArgs {
    fn origin(&self) -> crate::config::Origin {
        // The OpenTelemetry Collector's way to name a file.
        let file = |name: &String| name.strip_prefix("file:").unwrap_or(name).to_owned();
        crate::config::Origin {
            files: self.config.iter().map(file).collect(),
            sets: self.set.clone(),
            weakening: self.allow_weakening,
        }
    }
}

/// Why a command is not done.
#[derive(Debug)]
enum Failure {
    /// Nobody reads its output any more, which is no mistake.
    Unread,
    /// The exit code, and what is still to be said.
    Code(u8, Option<String>),
}

impl Failure {
    fn new(code: u8, text: impl Into<String>) -> Self {
        Self::Code(code, Some(text.into()))
    }

    /// Everything has been said.
    fn told(code: u8) -> Self {
        Self::Code(code, None)
    }

    /// Standard output does not take what is written.
    fn of_output(error: &std::io::Error) -> Self {
        let kind = error.kind();
        if kind == std::io::ErrorKind::BrokenPipe {
            return Self::Unread;
        }
        Self::new(code::ABORTED, format!("standard output failed: {kind}"))
    }
}

/// Reads the command line and does what it says.
#[must_use]
pub fn main() -> ExitCode {
    let done = match Line::parse().command {
        Command::Run(args) => return run::run(&args),
        Command::Check(args) => return check::check(&args),
        Command::Demo(command) => command.run(),
        Command::Scrub(command) => command.run(&mut std::io::stdin().lock(), &mut std::io::stdout().lock()),
        Command::Detect(command) => command.run(&mut std::io::stdin().lock(), &mut std::io::stdout().lock()),
        Command::Explain(command) => command.run(),
        Command::Test(command) => command.run(&mut std::io::stdout().lock()),
        Command::Components(command) => command.run(&mut std::io::stdout().lock()),
        Command::Schema(command) => command.run(&mut std::io::stdout().lock()),
        Command::Eval(command) => command.run(),
        Command::Synth(command) => command.run(&mut std::io::stdout().lock()),
        Command::Bench(command) => command.run(&mut std::io::stdout().lock()),
    };
    match done {
        Ok(()) | Err(Failure::Unread) => ExitCode::SUCCESS,
        Err(Failure::Code(code, text)) => {
            say(text.map(|text| format!("error: {text}")));
            ExitCode::from(code)
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
