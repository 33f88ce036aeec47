//! `scrubjay detect`: where in a text something would be replaced, and what it is, without the text.
//!
//! For measuring packs against texts whose findings are known: what it tells is what `scrub` replaces.

use super::rules::RuleArgs;
use super::scrub::{Refused, each_line};
use super::{Failure, code};
use clap::Args;
use processors::{Identifier, Rejected, Rule, RuleSet, Scrubber, Today};
use serde_json::value::RawValue;
use std::io::{BufRead, Write};

pub(super) const EXAMPLES: &str = "\
Examples:
  echo '{\"id\": 1, \"text\": \"member ssn 536-22-8147\"}' | scrubjay detect
  scrubjay detect --set 'processors::scrub::packs=[./site.yaml]' < gold.jsonl

Reads one JSON object a line, {\"id\", \"text\"}; other members are passed over. Each line is a batch of its own. Writes
{\"id\", \"spans\": [{\"start\", \"end\", \"type\", \"rule\"}]}: offsets in Unicode code points, the end exclusive. The spans are
what `scrubjay scrub` replaces; they are null where the text was refused. What could not be looked at has the type
UNSCANNED and no rule.";

/// Say where in each text something would be replaced.
#[derive(Args, Debug)]
pub(super) struct Detect {
    #[command(flatten)]
    rules: RuleArgs,
}

impl Detect {
    /// Runs the command.
    ///
    /// # Errors
    /// If the rules are wrong or a line is no object with id and text: lines before it have been answered.
    pub(super) fn run(&self, input: &mut impl BufRead, output: &mut impl Write) -> Result<(), Failure> {
        let chosen = self.rules.choose()?;
        let rules = chosen.compile()?;
        let mut scrubber = Scrubber::new(&rules).map_err(|error| Failure::new(code::ABORTED, error.to_string()))?;
        let today = chosen.today();
        each_line(input, |number, text| {
            // The parser's own message would quote the line.
            let line: Line<'_> = serde_json::from_slice(text).map_err(|_| Refused::Line(number, "id and text"))?;
            let spans = spans(&mut scrubber, &rules, &line.text, today).ok();
            let answer = Answer { id: line.id, spans };
            let answer = serde_json::to_string(&answer).map_err(|_| Refused::Line(number, "id and text"))?;
            writeln!(output, "{answer}").map_err(Refused::Output)
        })?;
        Ok(output.flush().map_err(Refused::Output)?)
    }
}

pub(super) fn spans<'r>(
    scrubber: &mut Scrubber<'_>,
    rules: &'r RuleSet,
    text: &str,
    today: Today,
) -> Result<Vec<Span<'r>>, Rejected> {
    let replaced = scrubber.detect_text(text, today)?;
    let mut told = Vec::with_capacity(replaced.len());
    // Spans are in order and apart: one way through the text counts its code points.
    let (mut chars, mut bytes) = (0, 0);
    let mut count = |to: usize| -> Result<usize, Rejected> {
        chars += text.get(bytes..to).ok_or(Rejected::Engine)?.chars().count();
        bytes = to;
        Ok(chars)
    };
    for part in &replaced {
        let rule = part.rule.and_then(|rule| rules.rules().get(rule));
        let (start, end) = (count(part.range.start)?, count(part.range.end)?);
        told.push(Span { start, end, kind: rule.map_or("UNSCANNED", kind), rule: rule.map(Rule::id) });
    }
    Ok(told)
}

/// What a rule finds, in a word.
fn kind(rule: &Rule) -> &'static str {
    match rule.identifier() {
        Identifier::A => "NAME",
        Identifier::B => "GEO",
        // The law has ages over 89 under the same letter as dates.
        Identifier::C if rule.name() == "age" || rule.id().starts_with("age.") => "AGE",
        Identifier::C => "DATE",
        Identifier::D => "PHONE",
        Identifier::E => "FAX",
        Identifier::F => "EMAIL",
        Identifier::G => "SSN",
        Identifier::H => "MRN",
        Identifier::I => "HEALTH_PLAN",
        Identifier::J => "ACCOUNT",
        Identifier::K => "LICENSE",
        Identifier::L => "VEHICLE",
        Identifier::M => "DEVICE",
        Identifier::N => "URL",
        Identifier::O => "IP",
        Identifier::P => "BIOMETRIC",
        Identifier::Q => "PHOTO",
        Identifier::R => "OTHER_ID",
        Identifier::Secret => "SECRET",
        _ => "OTHER",
    }
}

/// A line of input. The id comes back as it was.
#[derive(serde::Deserialize)]
struct Line<'l> {
    #[serde(borrow)]
    id: &'l RawValue,
    text: String,
}

#[derive(serde::Serialize)]
struct Answer<'l, 'r> {
    id: &'l RawValue,
    spans: Option<Vec<Span<'r>>>,
}

#[derive(serde::Serialize)]
pub(super) struct Span<'r> {
    pub(super) start: usize,
    pub(super) end: usize,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    rule: Option<&'r str>,
}
