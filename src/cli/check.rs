//! `scrubjay check`.

use super::{ConfigArgs, code, say};
use crate::config::Config;
use crate::settings::Ack;
use std::io::Write as _;
use std::process::ExitCode;

/// Says everything that is wrong with a configuration, its packs included, and what a crash would lose.
pub(super) fn check(args: &ConfigArgs) -> ExitCode {
    let reading = Config::read(&args.origin());
    let mut mistakes = reading.mistakes;
    if let Some(config) = &reading.config
        && let Err(found) = config.compile()
    {
        mistakes.extend(found.sorted().iter().map(ToString::to_string));
    }
    say(reading.warnings.iter().map(|line| format!("warning: {line}")));
    say(mistakes.iter().map(|line| format!("error: {line}")));
    if !mistakes.is_empty() {
        say([format!("{} error(s), {} warning(s)", mistakes.len(), reading.warnings.len())]);
        return ExitCode::from(code::REFUSED);
    }
    let Some(config) = reading.config else { return ExitCode::from(code::REFUSED) };
    let mut stdout = std::io::stdout().lock();
    for line in promises(&config) {
        let _unread = writeln!(stdout, "{line}");
    }
    let _unread = writeln!(stdout, "ok: {} warning(s)", reading.warnings.len());
    ExitCode::SUCCESS
}

/// What a crash loses, pipeline by pipeline.
fn promises(config: &Config) -> Vec<String> {
    let promise = |pipeline: &crate::config::Pipeline| {
        let ack = config.scrubs.get(pipeline.scrub).map(|scrub| scrub.ack).unwrap_or_default();
        match ack {
            Ack::Delivered => {
                format!(
                    "pipeline {}: acknowledged when delivered; a crash loses nothing that was acknowledged",
                    pipeline.id
                )
            }
            Ack::Queued => {
                let most: usize = config
                    .exporters
                    .iter()
                    .filter(|(component, _)| pipeline.exporters.contains(component))
                    .map(|(_, configured)| configured.sending.queue_bytes)
                    .sum();
                format!(
                    "pipeline {}: acknowledged when queued in memory; a crash loses what is queued, up to {most} bytes \
                     (`ack: delivered` loses nothing)",
                    pipeline.id
                )
            }
        }
    };
    config.pipelines.iter().map(promise).collect()
}
