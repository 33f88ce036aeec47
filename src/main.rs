//! The `scrubjay` binary.

use clap::Parser;
use processors::{Engine, Options, PackSource, PseudonymKey, RuleSet, Today, Triggers};
use scrubjay::cli::scrub::Scrub;
use std::io::Write as _;
use std::process::ExitCode;

#[derive(Parser)]
enum Cli {
    Scrub(Scrub),
}

fn main() -> ExitCode {
    let Cli::Scrub(scrub) = Cli::parse();
    let packs: Vec<PackSource<'_>> =
        patterns::PACKS.iter().map(|pack| PackSource { file: pack.file, text: pack.text }).collect();
    let engine = if std::env::var_os("REFEREE").is_some() { Engine::Referee } else { Engine::default() };
    let Some(pseudonym_key) = PseudonymKey::new(&[7; 32]) else { return ExitCode::FAILURE };
    let options = Options { engine, triggers: Triggers::Derived, pseudonym_key };
    let rules = match RuleSet::compile(&packs, &options) {
        Ok(rules) => rules,
        Err(mistakes) => {
            let _ = write!(std::io::stderr(), "{mistakes}");
            return ExitCode::FAILURE;
        }
    };
    let today = Today { year: 2026, month: 11, day: 21 };
    match scrub.run(&rules, today, &mut std::io::stdin().lock(), &mut std::io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::from(2)
        }
    }
}
