//! `scrubjay run`.

use super::{ConfigArgs, code, say};
use crate::app::{self, End, StartError};
use crate::config::Config;
use crate::drain::Drain;
use crate::telemetry::{Event, begin_with_little_memory, no_core_dumps, quiet_panics, start_logging};
use std::process::ExitCode;

/// Runs the collector until it is told to stop.
pub(super) fn run(args: &ConfigArgs) -> ExitCode {
    begin_with_little_memory();
    quiet_panics();
    let reading = Config::read(&args.origin());
    say(reading.warnings.iter().map(|line| format!("warning: {line}")));
    let Some(config) = reading.config else {
        say(reading.mistakes.iter().map(|line| format!("error: {line}")));
        return ExitCode::from(code::REFUSED);
    };
    let dumps = no_core_dumps();
    start_logging(config.service.log_format, config.service.log_level);
    if dumps.is_err() {
        Event::CoreDumps.emit();
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            say([format!("error: no runtime: {}", error.kind())]);
            return ExitCode::from(code::REFUSED);
        }
    };
    let ended = runtime.block_on(app::run(config, Drain::default()));
    // What still blocks is the debug exporter's writing, at most; nobody waits for it.
    runtime.shutdown_background();
    match ended {
        Ok(End::Drained) => ExitCode::SUCCESS,
        Ok(End::Late | End::Aborted) => ExitCode::from(code::ABORTED),
        Err(StartError::Rules(mistakes)) => {
            say(mistakes.sorted().iter().map(|mistake| format!("error: {mistake}")));
            ExitCode::from(code::REFUSED)
        }
        Err(StartError::System(error)) => {
            say([format!("error: cannot start: {error}")]);
            ExitCode::from(code::REFUSED)
        }
    }
}
