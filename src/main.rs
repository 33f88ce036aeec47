//! The `scrubjay` binary.

use clap::Parser;
use processors::{Engine, Options, PackSource, PseudonymKey, RuleSet, Today, Triggers};
use scrubjay::cli::bench::Bench;
use scrubjay::cli::scrub::Scrub;
use std::io::Write as _;
use std::process::ExitCode;

#[derive(Parser)]
enum Cli {
    Scrub(Scrub),
    Bench {
        #[arg(long)]
        pack: Vec<std::path::PathBuf>,
        #[command(flatten)]
        bench: Bench,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut own = Vec::new();
    if let Cli::Bench { pack, .. } = &cli {
        for path in pack {
            own.push((path.display().to_string(), std::fs::read_to_string(path).unwrap_or_default()));
        }
    }
    let mut packs: Vec<PackSource<'_>> =
        patterns::PACKS.iter().map(|pack| PackSource { file: pack.file, text: pack.text }).collect();
    if !own.is_empty() {
        packs = own.iter().map(|(file, text)| PackSource { file, text }).collect();
    }
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
    let scrub = match cli {
        Cli::Scrub(scrub) => scrub,
        Cli::Bench { bench, .. } => {
            return match bench.run(&rules, today, &mut std::io::stdout().lock()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => {
                    let _ = writeln!(std::io::stderr(), "{error}");
                    ExitCode::from(2)
                }
            };
        }
    };
    match scrub.run(&rules, today, &mut std::io::stdin().lock(), &mut std::io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::from(2)
        }
    }
}
