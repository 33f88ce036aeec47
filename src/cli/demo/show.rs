//! What the demo shows: each row before and after, then counts.

use super::records::Record;
use super::table::{Place, ROWS, Row};
use super::{Run, Trial};
use crate::cli::explain::{BOLD, FAINT, shown};
use anstyle::{AnsiColor, Style};
use processors::Identifier;
use std::collections::BTreeMap;
use std::io::{self, Write};

const PLANTED: Style = AnsiColor::Red.on_default();
const REPLACED: Style = AnsiColor::Green.on_default();
const LEAKED: Style = AnsiColor::Red.on_default().bold().invert();

/// Shows the records of one person as they were sent and as the backend received them.
pub(super) fn rows(run: &Run, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{BOLD}What an application sent, and what the backend received{BOLD:#}")?;
    for (number, row) in ROWS.iter().enumerate() {
        let Some(trial) = run.trials.get(number) else { continue };
        writeln!(out, "\n{BOLD}{}{BOLD:#} {FAINT}({}){FAINT:#}", row.about, place(row))?;
        let before = trial.sent.shown(row.place).unwrap_or_default();
        writeln!(out, "  {FAINT}sent    {FAINT:#} {}", marked(&before, &trial.planted, PLANTED))?;
        let after = match &trial.received {
            None => format!("{LEAKED}never arrived{LEAKED:#}"),
            Some(record) => received(record, row, trial),
        };
        writeln!(out, "  {FAINT}received{FAINT:#} {after}")?;
    }
    writeln!(out)
}

fn received(record: &Record, row: &Row, trial: &Trial) -> String {
    match record.shown(row.place) {
        None => format!("{REPLACED}(gone){REPLACED:#}"),
        Some(text) if trial.leaked.is_empty() => replacements(&text),
        Some(text) => marked(&text, &trial.leaked, LEAKED),
    }
}

/// The text with these parts of it in colour, wherever they stand in it as they are.
fn marked(text: &str, parts: &[(String, String)], style: Style) -> String {
    let mut out = shown(text);
    let mut parts: Vec<&str> = parts.iter().map(|(_, value)| value.as_str()).collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
    parts.dedup();
    // One inside another is in colour already.
    let mut done: Vec<&str> = Vec::new();
    for part in parts {
        if !done.iter().any(|other| other.contains(part)) {
            out = out.replace(part, &format!("{style}{part}{style:#}"));
            done.push(part);
        }
    }
    out
}

/// The text with what the engine put in, in colour: markers, also percent-encoded ones, and tokens.
fn replacements(text: &str) -> String {
    let text = shown(text);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    let begins = |text: &str| {
        [("[REDACTED", "]"), ("%5BREDACTED", "%5D"), ("redacted_", "")]
            .into_iter()
            .filter_map(|(start, end)| text.find(start).map(|at| (at, end)))
            .min()
    };
    while let Some((at, end)) = begins(rest) {
        let (before, from) = rest.split_at(at);
        let word = |char: char| !(char.is_ascii_alphanumeric() || char == '_');
        let len = if end.is_empty() { from.find(word) } else { from.find(end).map(|found| found + end.len()) };
        let (marker, after) = from.split_at(len.unwrap_or(from.len()));
        out.push_str(before);
        out.push_str(&format!("{REPLACED}{marker}{REPLACED:#}"));
        rest = after;
    }
    out.push_str(rest);
    out
}

fn place(row: &Row) -> String {
    match row.place {
        Place::SpanName => "span name".to_owned(),
        Place::Span(key) | Place::SpanNumber(key) | Place::SpanList(key) => format!("span attribute {key}"),
        Place::SpanKey => "span attribute, its key".to_owned(),
        Place::TraceState => "span trace_state".to_owned(),
        Place::Status => "span status".to_owned(),
        Place::Event(_, key) => format!("span event, {key}"),
        Place::Link(key) => format!("span link, {key}"),
        Place::Resource(key) => format!("resource attribute {key}"),
        Place::Scope(key) => format!("scope attribute {key}"),
        Place::Body => "log body".to_owned(),
        Place::BodyBytes => "log body, bytes".to_owned(),
        Place::BodyField(key) => format!("log body, field {key}"),
        Place::Log(key) => format!("log attribute {key}"),
        Place::Label(key) => format!("metric label {key}"),
        Place::Description => "metric description".to_owned(),
        Place::Exemplar(key) => format!("metric exemplar, {key}"),
    }
}

/// Shows what the collector counted, how fast it was, and what came through.
pub(super) fn counts(run: &Run, page: &str, out: &mut impl Write) -> io::Result<()> {
    let (identifiers, places) = findings(page);
    writeln!(out, "{BOLD}Replaced, by identifier{BOLD:#} {FAINT}(phi_findings_total){FAINT:#}")?;
    for identifier in Identifier::ALL {
        if let Some(count) = identifiers.get(identifier.label()) {
            writeln!(out, "  {count:>9}  {:7}{}", identifier.label(), identifier.about())?;
        }
    }
    writeln!(out, "{BOLD}Replaced, by place{BOLD:#}")?;
    for (place, count) in &places {
        writeln!(out, "  {count:>9}  {place}")?;
    }
    let seconds = run.took.as_secs_f64().max(1e-9);
    let records = run.trials.len();
    writeln!(
        out,
        "\n{records} records, {:.2} MB of OTLP over gRPC and HTTP in {seconds:.2} s: {:.0} records/s, {:.1} MB/s, from the \
         first byte sent to the last received",
        run.bytes as f64 / 1e6,
        records as f64 / seconds,
        run.bytes as f64 / 1e6 / seconds
    )?;
    let planted: usize = run.trials.iter().map(|trial| trial.planted.len()).sum();
    let leaks = run.leaks();
    let missing = run.missing();
    if missing > 0 {
        writeln!(out, "{LEAKED}{missing} of {records} records never arrived{LEAKED:#}")?;
    }
    if leaks == 0 {
        return writeln!(out, "{REPLACED}{planted} values planted, none came through{REPLACED:#}");
    }
    writeln!(out, "{LEAKED}{leaks} of {planted} planted values came through:{LEAKED:#}")?;
    for (row, name, count) in leaks_by_row(run) {
        writeln!(out, "  {count:>9}  {}: {name} in {}", row.about, place(row))?;
    }
    Ok(())
}

/// Each row from which something came through: what, and how often.
fn leaks_by_row(run: &Run) -> Vec<(&'static Row, String, usize)> {
    let mut found: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for (number, trial) in run.trials.iter().enumerate() {
        for (name, _) in &trial.leaked {
            *found.entry((number % ROWS.len(), name)).or_default() += 1;
        }
    }
    found.into_iter().filter_map(|((row, name), count)| Some((ROWS.get(row)?, name.to_owned(), count))).collect()
}

/// The counter of findings on the collector's page of metrics, summed by two of its labels.
fn findings(page: &str) -> (BTreeMap<String, u64>, BTreeMap<String, u64>) {
    let (mut identifiers, mut places) = (BTreeMap::new(), BTreeMap::new());
    for line in page.lines().filter(|line| line.starts_with("phi_findings_total{")) {
        let count: u64 = line.rsplit(' ').next().and_then(|count| count.parse().ok()).unwrap_or_default();
        for (label, sums) in [("identifier", &mut identifiers), ("place_kind", &mut places)] {
            let value = line.split_once(&format!("{label}=\"")).and_then(|(_, rest)| rest.split('"').next());
            *sums.entry(value.unwrap_or_default().to_owned()).or_insert(0) += count;
        }
    }
    (identifiers, places)
}
