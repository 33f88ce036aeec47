//! What was measured, for people.

use super::Outcome;
use super::measure::{FoundTally, Tally, Wrong, share};
use crate::cli::explain::{BOLD, FAINT, shown};
use anstyle::{AnsiColor, Style};
use std::io::{self, Write};

const GOOD: Style = AnsiColor::Green.on_default();
const FAIR: Style = AnsiColor::Yellow.on_default();
const BAD: Style = AnsiColor::Red.on_default();

/// Cells of a bar that is full.
const BAR: usize = 20;
/// What is left of the identifying letters at most for green, and for yellow.
const LEAK: (f64, f64) = (0.01, 0.05);
/// The same for false alarms per thousand clean texts.
const ALARMS: (f64, f64) = (5.0, 20.0);
/// And the least share of what is replaced that is identifying.
const PRECISION: (f64, f64) = (0.99, 0.95);

/// Writes the tables.
pub(super) fn print(outcome: &Outcome, out: &mut impl Write) -> io::Result<()> {
    let Outcome { measured, files, rules, refused } = outcome;
    let all = &measured.all;
    writeln!(out, "{FAINT}{} texts of {}, {rules} rules{FAINT:#}\n", all.texts, files.join(", "))?;
    heads(outcome, out)?;
    if *refused > 0 {
        writeln!(out, "{BAD}{refused} texts were refused{BAD:#}: nothing counts as found in them")?;
    }
    if !measured.types.is_empty() {
        let width = width(measured.types.keys());
        writeln!(
            out,
            "\n{BOLD}{:width$}{:>8}{:>8}{:>8}{:>8}{:>8}  left in the text{BOLD:#}",
            "type", "spans", "whole", "touched", "typed", "left"
        )?;
        for (name, tally) in &measured.types {
            identifiers(name, tally, width, out)?;
        }
    }
    for (by, groups) in &measured.groups {
        let width = width(groups.keys());
        writeln!(
            out,
            "\n{BOLD}{:width$}{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}{:>10}  left in the text{BOLD:#}",
            by.label(),
            "texts",
            "spans",
            "whole",
            "left",
            "leaking",
            "right",
            "false/1k"
        )?;
        for (name, tally) in groups {
            group(name, tally, width, out)?;
        }
    }
    false_alarms(&measured.found, out)?;
    mistakes(&measured.wrong, out)
}

/// What matters most, a line each.
fn heads(outcome: &Outcome, out: &mut impl Write) -> io::Result<()> {
    let all = &outcome.measured.all;
    let mut line = |name: &str, value: String, about: &str| writeln!(out, "{name:28}{value}  {FAINT}{about}{FAINT:#}");
    line("identifying letters left", graded(all.leak(), 8, LEAK, percent), "of all letters and digits of identifiers")?;
    line("identifiers gone wholly", plain(all.whole(), 8), "to the last letter")?;
    line("texts that leak", plain(all.doc_leak(), 8), "something of an identifier is left")?;
    line(
        "right",
        graded(all.precision().map(|it| -it), 8, negated(PRECISION), percent),
        "identifying letters among those replaced",
    )?;
    line(
        "false alarms",
        graded(all.per_thousand(), 8, ALARMS, |value| format!("{value:.1}")),
        &format!("per 1,000 of {} texts without identifiers", all.clean),
    )?;
    line("clean letters removed", plain4(all.removed(), 8), "of those texts")
}

fn identifiers(name: &str, tally: &Tally, width: usize, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "{:width$}{:>8}{}{}{}{}  {}",
        shown(name),
        tally.spans,
        plain(tally.whole(), 8),
        plain(share(tally.any, tally.spans), 8),
        plain(share(tally.typed, tally.full), 8),
        graded(tally.leak(), 8, LEAK, percent),
        bar(tally.leak())
    )
}

fn group(name: &str, tally: &Tally, width: usize, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "{:width$}{:>8}{:>8}{}{}{}{}{}  {}",
        shown(name),
        tally.texts,
        tally.spans,
        plain(tally.whole(), 8),
        graded(tally.leak(), 8, LEAK, percent),
        plain(tally.doc_leak(), 8),
        plain(tally.precision(), 8),
        graded(tally.per_thousand(), 10, ALARMS, |value| format!("{value:.1}")),
        bar(tally.leak())
    )
}

fn false_alarms(found: &std::collections::BTreeMap<&'static str, FoundTally>, out: &mut impl Write) -> io::Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{BOLD}{:14}{:>14}{:>8}{BOLD:#}", "found as", "false alarms", "right")?;
    for (kind, FoundTally { alarms, right, wrong }) in found {
        writeln!(out, "{kind:14}{alarms:>14}{}", plain(share(*right, right + wrong), 8))?;
    }
    Ok(())
}

fn mistakes(wrong: &[Wrong], out: &mut impl Write) -> io::Result<()> {
    if !wrong.is_empty() {
        writeln!(out)?;
    }
    for Wrong { id, missed, kind, start, end, text } in wrong {
        let what = if *missed { format!("{BAD}missed{BAD:#}") } else { format!("{FAIR}false {FAIR:#}") };
        write!(out, "{what}  {}  {kind}  {start}..{end}", shown(id))?;
        if let Some((text, around)) = text {
            write!(out, "  {BOLD}{}{BOLD:#}  {FAINT}{}{FAINT:#}", shown(text), shown(around))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn width<'n>(names: impl Iterator<Item = &'n String>) -> usize {
    names.map(|name| shown(name).chars().count()).max().unwrap_or(0).max(12) + 2
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share.abs())
}

fn plain(share: Option<f64>, width: usize) -> String {
    format!("{:>width$}", share.map_or_else(|| "-".to_owned(), percent))
}

fn plain4(share: Option<f64>, width: usize) -> String {
    format!("{:>width$}", share.map_or_else(|| "-".to_owned(), |share| format!("{:.2} %", 100.0 * share)))
}

/// A value in the colour of how good it is: small is good.
fn graded(value: Option<f64>, width: usize, (good, fair): (f64, f64), show: impl Fn(f64) -> String) -> String {
    let Some(value) = value else { return format!("{:>width$}", "-") };
    let style = if value <= good {
        GOOD
    } else if value <= fair {
        FAIR
    } else {
        BAD
    };
    format!("{style}{:>width$}{style:#}", show(value))
}

fn negated((good, fair): (f64, f64)) -> (f64, f64) {
    (-good, -fair)
}

/// A bar of what is left, full at one half: most are far below.
fn bar(share: Option<f64>) -> String {
    let Some(share) = share.filter(|share| *share > 0.0) else { return String::new() };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and BAR")]
    let cells = (share * 2.0 * BAR as f64).ceil().clamp(1.0, BAR as f64) as usize;
    format!("{BAD}{}{BAD:#}", "#".repeat(cells))
}
