//! One text and everything the rules have to say about it.

use super::Scrubber;
use crate::actions::Action;
use crate::contents::{content, locate};
use crate::detectors::Search;
use crate::detectors::explain::{Objection, Reason, reasons};
use crate::error::Rejected;
use crate::finding::Finding;
use crate::report::Report;
use crate::resolve::resolve;
use crate::scrubbed::Format;
use crate::tape::Origin;
use crate::validators::Today;
use bytes::Bytes;
use std::ops::Range;

/// What the rules make of a text. Holds the text: it is for the person who asked, not for a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// The text as it would leave.
    pub scrubbed: String,
    /// What is replaced at first sight, in order and apart. What only these replacements uncover is replaced too, but
    /// has no place in the text as it was.
    pub replaced: Vec<Replaced>,
    /// What rules found, and what they looked at twice and passed over; in order.
    pub candidates: Vec<Candidate>,
}

/// A part of the text that is replaced. Findings that overlap are replaced as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// Which bytes.
    pub range: Range<usize>,
    /// The rule that decides, by its place in [`RuleSet::rules`](crate::RuleSet::rules); `None` if the part could not
    /// be looked at.
    pub rule: Option<usize>,
    /// What the rule does.
    pub action: Action,
    /// What stands there then.
    pub with: String,
}

/// A part of the text that a rule takes for what it looks for, or nearly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Which bytes; of an encoded part, the bytes that encode it.
    pub range: Range<usize>,
    /// The rule, by its place in [`RuleSet::rules`](crate::RuleSet::rules).
    pub rule: usize,
    /// The key that promises it; `None` if its shape gives it away.
    pub key: Option<String>,
    /// The word that gives it context.
    pub word: Option<Word>,
    /// What it had to be read out of, from the outside in: `percent`, `form`, `json`.
    pub layers: Vec<&'static str>,
    /// Whether it goes because the rule found the same elsewhere in the text.
    pub recalled: bool,
    /// Why it is passed over; `None` if it is not.
    pub objection: Option<Objection>,
}

/// A word near a candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// As it stands there.
    pub text: String,
    /// Whether it stands in the key rather than in the text.
    pub in_key: bool,
}

impl Scrubber<'_> {
    /// Scrubs one text, which stands under `key` if there is one, and says why it comes out as it does.
    ///
    /// For single texts and people who ask: every rule searches the text a second time, without a scan, which for some
    /// patterns takes time by the square of its length.
    ///
    /// # Errors
    /// As [`Scrubber::scrub`].
    pub fn explain(&mut self, key: Option<&str>, text: &str, today: Today) -> Result<Explanation, Rejected> {
        let explained = self.look_at(key, text, today).and_then(|()| self.tell(text, today).ok_or(Rejected::Engine));
        self.clear();
        explained
    }

    fn tell(&mut self, text: &str, today: Today) -> Option<Explanation> {
        let keyed: Vec<u32> = self.walked.keyed.iter().map(|(number, _)| *number).collect();
        let (mut none, mut nothing) = (Vec::new(), Vec::new());
        let Self { rules, tape, kinds, paths, .. } = &*self;
        let search = Search { rules, tape, kinds, paths, today, findings: &mut none, unscanned: &mut nothing };
        let reasons = reasons(&search, &keyed, &self.walked.nearby);
        let mut told = Explanation::default();
        for reason in reasons.iter().filter(|reason| reason.objection.is_some()) {
            told.candidates.push(self.candidate(reason)?);
        }
        let around = self.around();
        let first = self.findings.len();
        self.recall(text.as_bytes(), today);
        for finding in self.findings.get(first..)? {
            told.candidates.push(Candidate { recalled: true, ..self.candidate(&unreasoned(finding))? });
        }
        let mut findings = self.findings.get(..first)?.to_vec();
        findings.sort_unstable_by_key(|finding| (finding.segment, finding.start, finding.end, finding.rule));
        findings.dedup();
        for finding in &findings {
            let sound = || reasons.iter().filter(|reason| reason.objection.is_none());
            // An address grows by what stands beside what has a reason.
            let reason = sound()
                .find(|reason| is_for(reason, finding))
                .or_else(|| sound().find(|reason| is_within(reason, finding)));
            let mut reason = reason.cloned().unwrap_or_else(|| unreasoned(finding));
            reason.range = finding.start as usize..finding.end as usize;
            reason.objection = self.is_left_out(finding, &around, text.as_bytes()).then_some(Objection::Domain);
            told.candidates.push(self.candidate(&reason)?);
        }
        // What has a reason and is no finding, the configuration has taken out.
        let tuned = !self.rules.tuned.is_empty();
        for reason in reasons.iter().filter(|reason| tuned && reason.objection.is_none()) {
            if !findings.iter().any(|finding| is_for(reason, finding)) {
                let reason = Reason { objection: Some(Objection::Allowed), ..reason.clone() };
                told.candidates.push(self.candidate(&reason)?);
            }
        }
        self.drop_left_out(text.as_bytes());
        told.candidates.sort_by_key(|candidate| (candidate.range.start, candidate.range.end, candidate.rule));
        told.candidates.dedup();
        self.drop_shadows();
        let settled = resolve(self.rules, &self.tape, &self.findings, &self.unscanned);
        let mut report = Report::default();
        for (number, replacement) in settled {
            let segment = *self.tape.segment(number)?;
            let written = self.replace(&segment, &replacement, today, &mut report)?;
            let with = String::from_utf8_lossy(self.replacements.get(written)?).into_owned();
            let rule = Some(usize::from(replacement.rule)).filter(|rule| *rule < self.rules.rules.len());
            told.replaced.push(Replaced { range: replacement.range, rule, action: replacement.action, with });
        }
        self.render(text.as_bytes(), today, &mut report).ok()?;
        self.look_again(text.as_bytes(), today, &mut report).ok()?;
        let scrubbed = self.splice(Bytes::copy_from_slice(text.as_bytes()), Format::Text).ok()?;
        told.scrubbed = String::from_utf8_lossy(&scrubbed).into_owned();
        Some(told)
    }

    fn candidate(&self, reason: &Reason) -> Option<Candidate> {
        let (range, mut layers) = self.outermost(reason.segment, reason.range.clone())?;
        layers.reverse();
        Some(Candidate {
            range,
            rule: usize::from(reason.rule),
            key: reason.key.clone(),
            word: reason.word.clone().map(|(text, in_key)| Word { text, in_key }),
            layers,
            recalled: false,
            objection: reason.objection,
        })
    }

    /// A range of a segment as a range of the source, and the layers between, from the inside out.
    fn outermost(&self, number: u32, range: Range<usize>) -> Option<(Range<usize>, Vec<&'static str>)> {
        let (mut number, mut range, mut layers) = (number, range, Vec::new());
        loop {
            let segment = self.tape.segment(number)?;
            let by = match segment.origin {
                Origin::Source { .. } => return Some((range, layers)),
                Origin::Alias { parent, .. } => {
                    number = parent;
                    (segment.start - self.tape.segment(parent)?.start) as usize
                }
                Origin::Joined { first, count } => {
                    let parts = self.tape.parts(first, count).iter();
                    (number, range) = parts.filter_map(|part| Some((part.segment, part.covered(&range)?))).next()?;
                    layers.push("joined");
                    continue;
                }
                Origin::View { parent, from, len, content } => {
                    number = parent;
                    let from = from as usize;
                    let encoded = self.tape.text(self.tape.segment(parent)?).get(from..from + len as usize)?;
                    locate(content, encoded, std::slice::from_mut(&mut range));
                    layers.push(self::content(content)?.name);
                    from
                }
            };
            range = range.start + by..range.end + by;
        }
    }
}

fn is_for(reason: &Reason, finding: &Finding) -> bool {
    let range = finding.start as usize..finding.end as usize;
    (reason.segment, &reason.range, reason.rule) == (finding.segment, &range, finding.rule)
}

/// Whether a reason is for a part of a finding.
fn is_within(reason: &Reason, finding: &Finding) -> bool {
    let (start, end) = (finding.start as usize, finding.end as usize);
    (reason.segment, reason.rule) == (finding.segment, finding.rule)
        && start <= reason.range.start
        && reason.range.end <= end
}

/// A finding no rule has a reason for: one that was recalled. If there were another, it would be shown all the same.
fn unreasoned(finding: &Finding) -> Reason {
    Reason {
        segment: finding.segment,
        range: finding.start as usize..finding.end as usize,
        rule: finding.rule,
        key: None,
        word: None,
        objection: None,
    }
}
