//! `scrubjay test`: packs prove themselves, on every matcher, with a table of what was proved.

use super::rules::RuleArgs;
use super::{Failure, code, say};
use clap::{Args, ValueEnum};
use processors::document::{Mistake, Mistakes};
use processors::{Engine, Identifier, Sheet};
use serde_json::json;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

pub(super) const EXAMPLES: &str = "\
Examples:
  scrubjay test                                  the packs that are built in
  scrubjay test ./site.yaml ./packs              a pack of one's own, and every pack of a folder
  scrubjay test --config collector.yaml --format json

Every rule must find in each of its `matches` what stands between [[ and ]], and nothing else in its `ignores`, with both
matchers. What fails is told as FILE:LINE:COLUMN; the exit code is 1 then.";

/// The matchers that a collector may run with.
const MATCHERS: [(&str, Engine); 2] = [("vectorscan", Engine::Vectorscan), ("lazy-dfa", Engine::LazyDfa)];

/// Arguments.
#[derive(Args, Debug)]
pub(super) struct Test {
    /// Packs to test instead of the configured ones, as files or folders. What keys mean stays loaded.
    #[arg(value_name = "PACK")]
    packs: Vec<String>,
    /// How the table is written.
    #[arg(long, value_enum, default_value_t)]
    format: TableFormat,
    #[command(flatten)]
    rules: RuleArgs,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum TableFormat {
    /// For people.
    #[default]
    Table,
    /// One JSON object.
    Json,
}

/// What was proved about the rules of one identifier.
#[derive(Debug)]
struct Row {
    identifier: Identifier,
    rules: usize,
    matches: usize,
    ignores: usize,
    /// Examples that fail, by matcher.
    failed: [usize; MATCHERS.len()],
}

impl Test {
    /// Tests the packs and writes the table.
    ///
    /// # Errors
    /// If a pack is wrong or an example fails, which has been told on stderr then; if standard output takes no more.
    pub(super) fn run(&self, out: &mut impl Write) -> Result<(), Failure> {
        let chosen = self.rules.choose()?.with_packs(&files(&self.packs)?)?;
        let sources = chosen.sources();
        let sheets = processors::sheets(&sources).map_err(told)?;
        let mut rows: Vec<Row> = Identifier::ALL.iter().filter_map(|identifier| row(*identifier, &sheets)).collect();
        let mut all = BTreeSet::new();
        for (matcher, (_, engine)) in MATCHERS.iter().enumerate() {
            let Err(mistakes) = chosen.compile_for(*engine) else { continue };
            for mistake in mistakes.sorted() {
                // What is no failed example has no row, and is told with the others.
                if let Some(identifier) = failing(&mistake, &sheets)
                    && let Some(row) = rows.iter_mut().find(|row| row.identifier == identifier)
                    && let Some(failed) = row.failed.get_mut(matcher)
                {
                    *failed += 1;
                }
                all.insert(format!("error: {mistake}"));
            }
        }
        let written = match self.format {
            TableFormat::Table => table(&rows, out),
            TableFormat::Json => writeln!(out, "{}", as_json(&rows, all.is_empty())),
        };
        written.map_err(|error| Failure::of_output(&error))?;
        if all.is_empty() {
            return Ok(());
        }
        say(all);
        Err(Failure::told(code::REFUSED))
    }
}

fn told(mistakes: Mistakes) -> Failure {
    say(mistakes.sorted().iter().map(|mistake| format!("error: {mistake}")));
    Failure::told(code::REFUSED)
}

/// The identifier of the rule whose example fails.
fn failing(mistake: &Mistake, sheets: &[Sheet]) -> Option<Identifier> {
    let id = mistake.message.strip_prefix("rule ")?.split([' ', ':']).next()?;
    sheets.iter().find(|sheet| sheet.id == id).map(|sheet| sheet.identifier)
}

fn row(identifier: Identifier, sheets: &[Sheet]) -> Option<Row> {
    let of_it = || sheets.iter().filter(|sheet| sheet.identifier == identifier);
    let row = Row {
        identifier,
        rules: of_it().count(),
        matches: of_it().map(|sheet| sheet.matches.len()).sum(),
        ignores: of_it().map(|sheet| sheet.ignores.len()).sum(),
        failed: [0; MATCHERS.len()],
    };
    (row.rules > 0).then_some(row)
}

fn table(rows: &[Row], out: &mut impl Write) -> io::Result<()> {
    let width = rows.iter().map(|row| row.identifier.about().len()).max().unwrap_or_default();
    write!(out, "{:6}  {:width$}  {:>5}  {:>7}  {:>7}", "", "identifier", "rules", "matches", "ignores")?;
    for (name, _) in MATCHERS {
        write!(out, "  {name:>10}")?;
    }
    writeln!(out)?;
    let verdict = |failed: usize| if failed == 0 { "ok".to_owned() } else { format!("{failed} failed") };
    for row in rows {
        let Row { identifier, rules, matches, ignores, failed } = row;
        write!(out, "{:6}  {:width$}  {rules:>5}  {matches:>7}  {ignores:>7}", identifier.label(), identifier.about())?;
        for failed in failed {
            write!(out, "  {:>10}", verdict(*failed))?;
        }
        writeln!(out)?;
    }
    let sum = |of: fn(&Row) -> usize| rows.iter().map(of).sum::<usize>();
    write!(
        out,
        "{:6}  {:width$}  {:>5}  {:>7}  {:>7}",
        "all",
        "",
        sum(|row| row.rules),
        sum(|row| row.matches),
        sum(|row| row.ignores)
    )?;
    for matcher in 0..MATCHERS.len() {
        let failed = rows.iter().filter_map(|row| row.failed.get(matcher)).sum();
        write!(out, "  {:>10}", verdict(failed))?;
    }
    writeln!(out)
}

fn as_json(rows: &[Row], passed: bool) -> serde_json::Value {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let failed: serde_json::Map<_, _> = MATCHERS
                .iter()
                .zip(row.failed)
                .map(|((name, _), failed)| ((*name).to_owned(), failed.into()))
                .collect();
            json!({
                "identifier": row.identifier.label(),
                "rules": row.rules,
                "matches": row.matches,
                "ignores": row.ignores,
                "failed": failed,
            })
        })
        .collect();
    json!({ "passed": passed, "identifiers": rows })
}

/// The packs that paths name: a folder stands for every `.yaml` in it.
fn files(paths: &[String]) -> Result<Vec<String>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if !Path::new(path).is_dir() {
            files.push(path.clone());
            continue;
        }
        let unreadable = |_| Failure::new(code::REFUSED, format!("{path}: the folder cannot be read"));
        let mut found = Vec::new();
        for entry in std::fs::read_dir(path).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?.path();
            if entry.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
                found.extend(entry.to_str().map(str::to_owned));
            }
        }
        if found.is_empty() {
            return Err(Failure::new(code::REFUSED, format!("{path}: no pack (*.yaml) is in this folder")));
        }
        found.sort();
        files.extend(found);
    }
    Ok(files)
}
