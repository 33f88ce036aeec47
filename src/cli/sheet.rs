//! Rules on paper: one in full, or all in a table.

use super::explain::{BOLD, FAINT, shown};
use processors::{Detector, Identifier, Sample, Selector, Sheet};
use serde_json::{Value, json};
use std::io::{self, Write};

/// Writes all rules, by identifier.
pub(super) fn list(sheets: &[Sheet], out: &mut impl Write) -> io::Result<()> {
    let width = sheets.iter().map(|sheet| sheet.id.len()).max().unwrap_or_default();
    for identifier in Identifier::ALL {
        let of_it: Vec<&Sheet> = sheets.iter().filter(|sheet| sheet.identifier == identifier).collect();
        if of_it.is_empty() {
            continue;
        }
        writeln!(out, "{BOLD}{}  {}{BOLD:#}", identifier.label(), identifier.about())?;
        for sheet in of_it {
            let validator = sheet.validator.map_or("-", |validator| validator.name);
            let context = if sheet.context.is_some() { "context" } else { "-" };
            let action = sheet.action.label();
            writeln!(out, "   {:width$}  {:15}  {action:10}  {validator:10}  {context}", sheet.id, finds_by(sheet))?;
        }
    }
    writeln!(out, "{FAINT}{} rules; `scrubjay explain RULE` tells more of one{FAINT:#}", sheets.len())
}

fn finds_by(sheet: &Sheet) -> &'static str {
    match (sheet.detector, sheet.pattern.is_some(), sheet.keys.is_empty()) {
        (Some(_), ..) => "tagger",
        (None, true, true) => "pattern",
        (None, true, false) => "pattern or key",
        (None, false, _) => "key",
    }
}

/// Writes everything there is to say about a rule.
pub(super) fn print(sheet: &Sheet, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{BOLD}{}{BOLD:#}", sheet.id)?;
    let mut line = |name: &str, text: &str| writeln!(out, "  {FAINT}{name:11}{FAINT:#} {}", shown(text));
    line("identifier", &format!("{}, {}", sheet.identifier.label(), sheet.identifier.about()))?;
    line("reference", &sheet.reference)?;
    line("action", &format!("{}, named {}", sheet.action.label(), sheet.name))?;
    if let Some(pattern) = &sheet.pattern {
        line("pattern", pattern)?;
        line("edge", sheet.edge.label())?;
    }
    if let Some(detector) = sheet.detector {
        line("detector", detector.label())?;
    }
    for key in &sheet.keys {
        line("key", key)?;
    }
    for key in &sheet.except_keys {
        line("except key", key)?;
    }
    if let Some(value) = &sheet.value {
        line("value", value)?;
    }
    if let Some(validator) = sheet.validator {
        line("validator", &format!("{}: {}", validator.name, validator.about))?;
    }
    if let Some(context) = &sheet.context {
        line("context", &context.words.join(", "))?;
        line("", &format!("within {} bytes before or {} behind, or in a key", context.before, context.after))?;
    }
    for (name, selector) in [("only", &sheet.domain.only), ("except", &sheet.domain.except)] {
        for text in selected(selector) {
            line(name, &text)?;
        }
    }
    for sample in &sheet.matches {
        line("matches", &sample_text(sample))?;
    }
    for sample in &sheet.ignores {
        line("ignores", &sample_text(sample))?;
    }
    line("source", &format!("{}:{}:{}", sheet.file, sheet.at.line, sheet.at.column))
}

/// What a selector names, a line for each kind.
fn selected(selector: &Selector) -> Vec<String> {
    let Selector { signals, keys, services } = selector;
    let signals: Vec<&str> = signals.iter().map(|signal| signal.name()).collect();
    let lines = [("signals", signals.join(", ")), ("keys", keys.join(", ")), ("services", services.join(", "))];
    lines.into_iter().filter(|(_, names)| !names.is_empty()).map(|(kind, names)| format!("{kind} {names}")).collect()
}

fn sample_text(sample: &Sample) -> String {
    match &sample.key {
        Some(key) => format!("{key}: {}", sample.text),
        None => sample.text.clone(),
    }
}

/// The same for machines.
pub(super) fn to_json(sheet: &Sheet) -> Value {
    let selector = |selector: &Selector| {
        let signals: Vec<&str> = selector.signals.iter().map(|signal| signal.name()).collect();
        json!({ "signals": signals, "keys": selector.keys, "services": selector.services })
    };
    let samples = |samples: &[Sample]| -> Value {
        samples.iter().map(|sample| json!({ "key": sample.key, "text": sample.text })).collect()
    };
    json!({
        "id": sheet.id,
        "identifier": sheet.identifier.label(),
        "about": sheet.identifier.about(),
        "name": sheet.name,
        "reference": sheet.reference,
        "action": sheet.action.label(),
        "pattern": sheet.pattern,
        "detector": sheet.detector.map(Detector::label),
        "edge": sheet.pattern.as_ref().map(|_| sheet.edge.label()),
        "keys": sheet.keys,
        "except_keys": sheet.except_keys,
        "value": sheet.value,
        "validator": sheet.validator.map(|validator| json!({ "name": validator.name, "about": validator.about })),
        "context": sheet.context.as_ref().map(|context| {
            json!({ "words": context.words, "before": context.before, "after": context.after })
        }),
        "only": selector(&sheet.domain.only),
        "except": selector(&sheet.domain.except),
        "matches": samples(&sheet.matches),
        "ignores": samples(&sheet.ignores),
        "source": { "file": sheet.file, "line": sheet.at.line, "column": sheet.at.column },
    })
}
