//! `scrubjay explain`: what rules there are, what one of them is, and what they make of a text.
//!
//! The one command that prints what it was given: whoever asks has typed it.

use super::rules::{Chosen, RuleArgs};
use super::{Failure, code, say, sheet};
use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use clap::Args;
use processors::document::nearest;
use processors::{Candidate, Explanation, Objection, Replaced, Rule, Scrubber, Sheet, sheets};
use serde_json::{Value, json};
use std::io::{self, Read as _, Write};

/// The longest text, in bytes: what no rule takes more than a moment for.
const LONGEST: u64 = 64 << 10;

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const FAINT: Style = Style::new().dimmed();
const FOUND: Style = AnsiColor::Red.on_default();
const WITH: Style = AnsiColor::Green.on_default();

pub(super) const EXAMPLES: &str = "\
Examples:
  scrubjay explain                                       all rules, by identifier
  scrubjay explain ssn.dashed                            one rule
  scrubjay explain --text 'mrn 00482913, ssn 536-22-8147'
  scrubjay explain --key patient.ssn --text 222654675    the text as the value of an attribute
  scrubjay explain ssn.spaced --text '536 22 8147'       one rule on one text
  grep 'build 4711' app.log | scrubjay explain --text - --json

This command prints the text it is given.";

/// Explain rules, or what they make of a text.
#[derive(Args, Debug)]
pub(super) struct Explain {
    /// The rule to explain; with --text, the one to keep to. Without either, all rules are listed.
    rule: Option<String>,
    /// The text to scrub and to explain; `-` reads standard input.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    text: Option<String>,
    /// The key the text stands under, as an attribute's value stands under its key.
    #[arg(long, requires = "text")]
    key: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    rules: RuleArgs,
}

impl Explain {
    /// Runs the command.
    ///
    /// # Errors
    /// If there is no such rule, the text is too long or no UTF-8, or the rules are wrong.
    pub(super) fn run(&self) -> Result<(), Failure> {
        // Colours go where stdout is a terminal, and nowhere else.
        let mut out = AutoStream::auto(io::stdout()).lock();
        let chosen = self.rules.choose()?;
        let sheets = sheets(&chosen.sources()).map_err(|mistakes| {
            say(mistakes.sorted().iter().map(|mistake| format!("error: {mistake}")));
            Failure::told(code::REFUSED)
        })?;
        let asked = self.rule.as_deref().map(|id| find(&sheets, id)).transpose()?;
        let written = match (&self.text, asked) {
            (Some(text), asked) => return self.text(&chosen, text, asked, &mut out),
            (None, Some(sheet)) if self.json => print_json(&sheet::to_json(sheet), &mut out),
            (None, Some(sheet)) => sheet::print(sheet, &mut out),
            (None, None) if self.json => print_json(&sheets.iter().map(sheet::to_json).collect(), &mut out),
            (None, None) => sheet::list(&sheets, &mut out),
        };
        written.and_then(|()| out.flush()).map_err(|error| Failure::of_output(&error))
    }

    fn text(&self, chosen: &Chosen, text: &str, asked: Option<&Sheet>, out: &mut impl Write) -> Result<(), Failure> {
        let text = if text == "-" { read()? } else { text.to_owned() };
        if text.len() as u64 > LONGEST {
            return Err(Failure::new(code::ABORTED, format!("the text is longer than {LONGEST} bytes")));
        }
        let rules = chosen.compile()?;
        let refused = |error: processors::Rejected| Failure::new(code::ABORTED, error.to_string());
        let mut scrubber = Scrubber::new(&rules).map_err(refused)?;
        let mut told = scrubber.explain(self.key.as_deref(), &text, chosen.today()).map_err(refused)?;
        if let Some(sheet) = asked {
            told.candidates.retain(|candidate| rules.rules().get(candidate.rule).map(Rule::id) == Some(&sheet.id));
        }
        let view = View { text: &text, key: self.key.as_deref(), told: &told, rules: rules.rules() };
        let written = if self.json { print_json(&view.to_json(), out) } else { view.print(out) };
        written.and_then(|()| out.flush()).map_err(|error| Failure::of_output(&error))
    }
}

fn find<'s>(sheets: &'s [Sheet], id: &str) -> Result<&'s Sheet, Failure> {
    sheets.iter().find(|sheet| sheet.id == id).ok_or_else(|| {
        let known: Vec<&str> = sheets.iter().map(|sheet| sheet.id.as_str()).collect();
        let hint = match nearest(id, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`scrubjay explain` lists them".to_owned(),
        };
        Failure::new(code::ABORTED, format!("no rule is called `{id}`: {hint}"))
    })
}

/// Standard input, without the line's end that `echo` puts there.
fn read() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(LONGEST + 2).read_to_end(&mut bytes);
    read.map_err(|error| Failure::new(code::ABORTED, format!("standard input failed: {}", error.kind())))?;
    let text = String::from_utf8(bytes).map_err(|_| Failure::new(code::ABORTED, "standard input is no UTF-8"))?;
    Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned())
}

fn print_json(value: &Value, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{value:#}")
}

/// A text and what the rules make of it.
struct View<'v> {
    text: &'v str,
    key: Option<&'v str>,
    told: &'v Explanation,
    rules: &'v [Rule],
}

impl View<'_> {
    fn to_json(&self) -> Value {
        let rule = |index: Option<usize>| index.and_then(|index| self.rules.get(index));
        let replaced = |part: &Replaced| {
            json!({
                "start": part.range.start, "end": part.range.end, "text": self.text.get(part.range.clone()),
                "rule": rule(part.rule).map(Rule::id), "identifier": rule(part.rule).map(|it| it.identifier().label()),
                "action": part.action.label(), "with": part.with,
            })
        };
        let candidate = |part: &Candidate| {
            let rule = rule(Some(part.rule));
            json!({
                "start": part.range.start, "end": part.range.end, "text": self.text.get(part.range.clone()),
                "rule": rule.map(Rule::id), "identifier": rule.map(|it| it.identifier().label()),
                "validator": rule.and_then(Rule::validator), "key": part.key,
                "context": part.word.as_ref().map(|word| json!({ "word": word.text, "in_key": word.in_key })),
                "layers": part.layers, "recalled": part.recalled, "passed_over": part.objection.map(Objection::label),
            })
        };
        json!({
            "input": self.text, "key": self.key, "output": self.told.scrubbed,
            "replaced": self.told.replaced.iter().map(replaced).collect::<Value>(),
            "candidates": self.told.candidates.iter().map(candidate).collect::<Value>(),
        })
    }

    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let Explanation { replaced, candidates, .. } = self.told;
        self.print_both(out)?;
        for part in replaced {
            let range = format!("{}..{}", part.range.start, part.range.end);
            let found = self.text.get(part.range.clone()).unwrap_or_default();
            writeln!(out, "\n{range:>9}  {FOUND}{}{FOUND:#} -> {WITH}{}{WITH:#}", shown(found), shown(&part.with))?;
            match part.rule.and_then(|index| self.rules.get(index)) {
                Some(rule) => writeln!(out, "           {}", headline(rule))?,
                None => writeln!(out, "           could not be looked at and goes as a whole")?,
            }
            let overlaps = |it: &&Candidate| it.range.start < part.range.end && part.range.start < it.range.end;
            for candidate in candidates.iter().filter(|it| it.objection.is_none()).filter(overlaps) {
                writeln!(out, "           {FAINT}found{FAINT:#} {}", self.describe(candidate))?;
            }
        }
        if replaced.is_empty() {
            writeln!(out, "\nNothing is replaced.")?;
        }
        let passed: Vec<&Candidate> = candidates.iter().filter(|candidate| candidate.objection.is_some()).collect();
        if !passed.is_empty() {
            writeln!(out, "\n{BOLD}Passed over{BOLD:#}")?;
        }
        for candidate in passed {
            let range = format!("{}..{}", candidate.range.start, candidate.range.end);
            let text = shown(self.text.get(candidate.range.clone()).unwrap_or_default());
            writeln!(out, "{range:>9}  {text}  {}", self.describe(candidate))?;
        }
        Ok(())
    }

    /// The text as it is and as it leaves, what changes in colour.
    fn print_both(&self, out: &mut impl Write) -> io::Result<()> {
        let (mut before, mut after) = (String::new(), String::new());
        let mut from = 0;
        for part in &self.told.replaced {
            let kept = shown(self.text.get(from..part.range.start).unwrap_or_default());
            let gone = shown(self.text.get(part.range.clone()).unwrap_or_default());
            before.push_str(&format!("{kept}{FOUND}{gone}{FOUND:#}"));
            after.push_str(&format!("{kept}{WITH}{}{WITH:#}", shown(&part.with)));
            from = part.range.end;
        }
        let rest = shown(self.text.get(from..).unwrap_or_default());
        if let Some(key) = self.key {
            writeln!(out, "{FAINT}key{FAINT:#}  {}", shown(key))?;
        }
        writeln!(out, "{FAINT}in{FAINT:#}   {before}{rest}\n{FAINT}out{FAINT:#}  {after}{rest}")
    }

    /// How a rule came to look at something, and what spoke for or against it.
    fn describe(&self, candidate: &Candidate) -> String {
        let Some(rule) = self.rules.get(candidate.rule) else { return String::new() };
        let mut text = format!("{BOLD}{}{BOLD:#} {}", rule.id(), rule.identifier().label());
        text.push_str(&match &candidate.key {
            Some(key) => format!(", by the key `{}`", shown(key)),
            None if candidate.recalled => ", because the same stands elsewhere in the text".to_owned(),
            None => ", by its shape".to_owned(),
        });
        for layer in &candidate.layers {
            text.push_str(&format!(", inside {layer}"));
        }
        if let Some(word) = &candidate.word {
            let place = if word.in_key { "in its key" } else { "near it" };
            text.push_str(&format!(", `{}` {place}", shown(&word.text)));
        }
        let validator = rule.validator().unwrap_or_default();
        text.push_str(&match candidate.objection {
            None if validator.is_empty() || candidate.recalled => String::new(),
            None => format!(", validator {validator} passes"),
            Some(Objection::Validator) => format!(": validator {validator} says no"),
            Some(Objection::Context) => format!(": none of its words near ({})", rule.context().join(", ")),
            Some(Objection::Key) => ": its key takes it out".to_owned(),
            Some(Objection::Value) => ": no value such as the key promises".to_owned(),
            Some(Objection::Placeholder) => ": it stands for nobody".to_owned(),
            Some(Objection::Domain) => ": the rule does not work here (only, except)".to_owned(),
            Some(Objection::Allowed) => ": the configuration allows it, or has the rule switched off".to_owned(),
            Some(other) => format!(": {}", other.label()),
        });
        text
    }
}

fn headline(rule: &Rule) -> String {
    let identifier = rule.identifier();
    format!("{} by {BOLD}{}{BOLD:#}: {}, {}", rule.action().label(), rule.id(), identifier.label(), identifier.about())
}

/// A text without what a terminal would obey.
pub(super) fn shown(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, char| {
        if char.is_control() {
            out.extend(char.escape_default())
        } else {
            out.push(char)
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Origin};
    use processors::{Engine, Today};

    const TODAY: Today = Today { year: 2026, month: 7, day: 1 };

    /// The text of an example, and what is marked in it.
    fn unmark(example: &str) -> (String, Vec<std::ops::Range<usize>>) {
        let (mut text, mut marked) = (String::new(), Vec::new());
        for (number, part) in example.split("[[").enumerate() {
            let (inside, behind) = if number == 0 { ("", part) } else { part.split_once("]]").unwrap() };
            if number > 0 {
                marked.push(text.len()..text.len() + inside.len());
            }
            text.push_str(inside);
            text.push_str(behind);
        }
        (text, marked)
    }

    #[test]
    fn every_example_of_every_rule_is_explained_as_it_is_scrubbed() {
        let config = Config::read(&Origin::default()).config.unwrap();
        let rules = config.scrubs[0].compile(Engine::default()).unwrap();
        let sheets = sheets(&config.scrubs[0].sources()).unwrap();
        let mut scrubber = Scrubber::new(&rules).unwrap();
        let (mut found, mut passed, mut wrong) = (0, 0, Vec::new());
        for (number, sheet) in sheets.iter().enumerate() {
            assert_eq!(rules.rules()[number].id(), sheet.id);
            for (sample, matches) in
                sheet.matches.iter().map(|it| (it, true)).chain(sheet.ignores.iter().map(|it| (it, false)))
            {
                let (text, marked) = unmark(&sample.text);
                let told = scrubber.explain(sample.key.as_deref(), &text, TODAY).unwrap();
                let of_rule = || told.candidates.iter().filter(|candidate| candidate.rule == number);
                for range in &marked {
                    found += 1;
                    if !of_rule().any(|it| it.objection.is_none() && range.contains(&it.range.start)) {
                        wrong.push(format!("{} has no say in {}: {told:?}", sheet.id, sample.text));
                    }
                }
                // By a word where the rule asks for one, and by its shape or by a key.
                let reasoned = |it: &Candidate| {
                    let sheet = &sheets[it.rule];
                    it.recalled
                        || (it.word.is_some() || sheet.context.is_none())
                            && (it.key.is_some() || sheet.pattern.is_some() || sheet.detector.is_some())
                };
                for unclear in told.candidates.iter().filter(|it| it.objection.is_none() && !reasoned(it)) {
                    wrong.push(format!("{unclear:?} has no reason in {}: {told:?}", sample.text));
                }
                passed += of_rule().filter(|it| it.objection.is_some()).count();
                if !matches && marked.is_empty() && of_rule().any(|it| it.objection.is_none()) {
                    wrong.push(format!("{} finds something in {}: {told:?}", sheet.id, sample.text));
                }
                if told.replaced.is_empty() != (told.scrubbed == text) {
                    wrong.push(format!("{} {}: {told:?}", sheet.id, sample.text));
                }
            }
        }
        assert!(wrong.is_empty(), "{} of {found}:\n{}", wrong.len(), wrong.join("\n"));
        assert!(found > 200 && passed > 50, "{found} found, {passed} passed over");
    }
}
