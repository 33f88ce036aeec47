//! `scrubjay eval`: how much of what has to go goes, and how much else, on texts whose identifiers are known.
//!
//! So that anyone can repeat what is claimed, on data of their own: the measures are those of published evaluations of
//! de-identification, on letters and digits.

mod gold;
mod measure;
mod page;
mod plot;
mod report;
mod table;

use super::detect::spans;
use super::rules::RuleArgs;
use super::{Failure, code};
use anstream::AutoStream;
use clap::Args;
use measure::{By, Found, Measure, Measured};
use processors::Scrubber;
use std::io::Write as _;
use std::path::PathBuf;

pub(super) const EXAMPLES: &str = "\
Examples:
  scrubjay synth --count 2000 > gold.jsonl; scrubjay eval gold.jsonl
  scrubjay eval gold.jsonl clean.jsonl --html report.html
  scrubjay eval gold.jsonl --set 'processors::scrub::packs=[hipaa, ./site.yaml]' --json
  scrubjay eval gold.jsonl --errors 20 --show-text

Reads one JSON object a line, {\"id\", \"text\", \"spans\": [{\"start\", \"end\", \"type\"}], \"neutral\": [{\"start\", \"end\"}]}, with
`kind` (what carries the text) and `source` (where it comes from) if they are known; offsets in Unicode code points, the
end exclusive. Neutral parts may go or stay. Each line is a batch of its own. Only letters and digits are counted.";

/// Measure the rules on texts whose identifiers are known.
#[derive(Args, Debug)]
pub(super) struct Eval {
    /// Texts with their identifiers.
    #[arg(required = true, value_name = "GOLD")]
    files: Vec<PathBuf>,
    /// What to put the texts into groups by.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [By::Kind, By::Source])]
    by: Vec<By>,
    /// Write a page with plots to this file. It needs nothing else to be shown.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Tell of so many mistakes: where they are.
    #[arg(long, value_name = "N", default_value_t = 0)]
    errors: usize,
    /// Tell of them with their texts, which are what was to be hidden.
    #[arg(long, requires = "errors")]
    show_text: bool,
    #[command(flatten)]
    rules: RuleArgs,
}

/// What was measured, and on what.
#[derive(Debug)]
struct Outcome {
    measured: Measured,
    /// Names of the files, without their folders.
    files: Vec<String>,
    rules: usize,
    /// Texts that the engine refused: in those nothing is found.
    refused: u64,
}

impl Eval {
    /// Runs the command.
    ///
    /// # Errors
    /// If the rules or a file are wrong, or what is written is not taken.
    pub(super) fn run(&self) -> Result<(), Failure> {
        let outcome = self.measure()?;
        if let Some(path) = &self.html {
            let page = page::page(&outcome);
            std::fs::write(path, page)
                .map_err(|error| Failure::new(code::REFUSED, format!("{}: {}", path.display(), error.kind())))?;
        }
        let mut out = AutoStream::auto(std::io::stdout()).lock();
        let written =
            if self.json { writeln!(out, "{:#}", report::to_json(&outcome)) } else { table::print(&outcome, &mut out) };
        written.and_then(|()| out.flush()).map_err(|error| Failure::of_output(&error))
    }

    fn measure(&self) -> Result<Outcome, Failure> {
        let chosen = self.rules.choose()?;
        let rules = chosen.compile()?;
        let mut scrubber = Scrubber::new(&rules).map_err(|error| Failure::new(code::ABORTED, error.to_string()))?;
        let mut by = self.by.clone();
        by.sort_unstable();
        by.dedup();
        let (errors, show_text) = (self.errors, self.show_text);
        let mut measure = Measure { by, errors, show_text, done: Measured::default() };
        let mut refused = 0;
        gold::each(&self.files, |gold| {
            let found: Vec<Found> = match spans(&mut scrubber, &rules, &gold.text, chosen.today()) {
                Ok(spans) => spans.iter().map(|it| Found { start: it.start, end: it.end, kind: it.kind }).collect(),
                Err(_) => {
                    refused += 1;
                    Vec::new()
                }
            };
            measure.take(gold, &found);
            Ok(())
        })?;
        let name =
            |path: &PathBuf| path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let files = self.files.iter().map(name).collect();
        Ok(Outcome { measured: measure.done, files, rules: rules.rules().len(), refused })
    }
}

#[cfg(test)]
mod tests;
