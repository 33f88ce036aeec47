//! What of the known identifiers was replaced, and what else.
//!
//! Only letters and digits are counted, so that separators never matter: whether `Gonzalez, Maria` goes as one or as two
//! is the same.

use super::gold::{Gold, name};
use std::collections::BTreeMap;

/// What is replaced in a text, in code points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
    /// In the words of the gold.
    pub(super) kind: &'static str,
}

/// Counts over texts and identifiers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Identifiers.
    pub(super) spans: u64,
    /// Those replaced to the last letter, and those touched at all.
    pub(super) full: u64,
    pub(super) any: u64,
    /// Those replaced wholly, by a rule of their type.
    pub(super) typed: u64,
    /// Their letters and digits, and those of them that are replaced.
    pub(super) chars: u64,
    pub(super) covered: u64,
    /// Texts.
    pub(super) texts: u64,
    /// Those with identifiers, and those of them in which something of one is left.
    pub(super) with: u64,
    pub(super) leaking: u64,
    /// Letters and digits replaced that are no identifier and not neutral.
    pub(super) wrong_chars: u64,
    /// Texts without identifiers, those of them in which something is replaced, and how often; the last also where all
    /// of it is neutral.
    pub(super) clean: u64,
    pub(super) hit: u64,
    pub(super) alarms: u64,
    pub(super) alarms_strict: u64,
    /// The letters and digits of texts without identifiers, and those of them that are replaced and not neutral.
    pub(super) clean_chars: u64,
    pub(super) clean_removed: u64,
}

/// A share, or nothing of nothing.
pub(super) fn share(part: u64, whole: u64) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "counts of letters are far below 2^52")]
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl Tally {
    /// The share of identifying letters that are replaced.
    pub(super) fn recall(&self) -> Option<f64> {
        share(self.covered, self.chars)
    }

    /// The share of them that are left.
    pub(super) fn leak(&self) -> Option<f64> {
        share(self.chars - self.covered, self.chars)
    }

    /// The share of identifiers that are replaced wholly.
    pub(super) fn whole(&self) -> Option<f64> {
        share(self.full, self.spans)
    }

    /// The share of identifying letters among those that are replaced.
    pub(super) fn precision(&self) -> Option<f64> {
        share(self.covered, self.covered + self.wrong_chars)
    }

    /// The share of texts with identifiers in which something of one is left.
    pub(super) fn doc_leak(&self) -> Option<f64> {
        share(self.leaking, self.with)
    }

    /// Replacements per thousand texts without identifiers.
    pub(super) fn per_thousand(&self) -> Option<f64> {
        share(self.alarms, self.clean).map(|share| 1000.0 * share)
    }

    /// The share of letters of texts without identifiers that are replaced.
    pub(super) fn removed(&self) -> Option<f64> {
        share(self.clean_removed, self.clean_chars)
    }
}

/// What texts are put into groups by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(super) enum By {
    /// What carries the text.
    Kind,
    /// Where the text comes from.
    Source,
    /// The type of an identifier and whose it is.
    Sub,
    /// Whether a name is one of those that everybody has lists of.
    Oov,
    /// What the text was made from.
    Tpl,
}

impl By {
    /// As it is written.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Source => "source",
            Self::Sub => "sub",
            Self::Oov => "oov",
            Self::Tpl => "tpl",
        }
    }

    /// Whether it puts whole texts into groups, not their identifiers.
    pub(super) fn of_texts(self) -> bool {
        matches!(self, Self::Kind | Self::Source | Self::Tpl)
    }
}

/// What went wrong in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) id: String,
    pub(super) missed: bool,
    /// The type that was missed, or that was found where nothing is.
    pub(super) kind: String,
    pub(super) start: usize,
    pub(super) end: usize,
    /// The part itself and what stands around it, where that is asked for.
    pub(super) text: Option<(String, String)>,
}

/// All that is measured.
#[derive(Clone, Debug, Default)]
pub(super) struct Measured {
    pub(super) all: Tally,
    /// By the type of the gold.
    pub(super) types: BTreeMap<String, Tally>,
    /// By the type that was found: alarms, letters that are identifying, and letters that are not.
    pub(super) found: BTreeMap<&'static str, FoundTally>,
    pub(super) groups: BTreeMap<By, BTreeMap<String, Tally>>,
    pub(super) wrong: Vec<Wrong>,
}

/// Counts over what was found as one type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FoundTally {
    /// Replacements in texts without identifiers.
    pub(super) alarms: u64,
    /// Letters and digits that belong to identifiers, and those that are neither that nor neutral.
    pub(super) right: u64,
    pub(super) wrong: u64,
}

/// Measures text by text.
#[derive(Debug)]
pub(super) struct Measure {
    pub(super) by: Vec<By>,
    /// How many mistakes are kept, and whether with their texts.
    pub(super) errors: usize,
    pub(super) show_text: bool,
    pub(super) done: Measured,
}

/// What of a text is what, by code point.
struct Marks {
    counts: Vec<bool>,
    gold: Vec<bool>,
    neutral: Vec<bool>,
    covered: Vec<bool>,
}

impl Marks {
    fn new(gold: &Gold, found: &[Found]) -> Self {
        let counts: Vec<bool> = gold.text.chars().map(char::is_alphanumeric).collect();
        let marked = |ranges: &mut dyn Iterator<Item = (usize, usize)>| {
            let mut marks = vec![false; counts.len()];
            for (start, end) in ranges {
                marks.get_mut(start..end.min(counts.len())).unwrap_or_default().fill(true);
            }
            marks
        };
        Self {
            gold: marked(&mut gold.spans.iter().map(|it| (it.start, it.end))),
            neutral: marked(&mut gold.neutral.iter().map(|it| (it.start, it.end))),
            covered: marked(&mut found.iter().map(|it| (it.start, it.end))),
            counts,
        }
    }

    /// How many letters and digits of a range are such that...
    fn count(&self, start: usize, end: usize, is: impl Fn(&Self, usize) -> bool) -> u64 {
        let counts = |at: &usize| holds(&self.counts, *at) && is(self, *at);
        (start..end.min(self.counts.len())).filter(counts).count() as u64
    }

    fn is_wrong(&self, at: usize) -> bool {
        !holds(&self.gold, at) && !holds(&self.neutral, at)
    }
}

fn holds(marks: &[bool], at: usize) -> bool {
    marks.get(at) == Some(&true)
}

impl Measure {
    /// Takes a text and what was found in it.
    pub(super) fn take(&mut self, gold: &Gold, found: &[Found]) {
        let marks = Marks::new(gold, found);
        let len = marks.counts.len();
        let mut texts = Tally { texts: 1, ..Tally::default() };
        for span in &gold.spans {
            let tally = self.span(gold, span, &marks, found);
            texts.leaking |= u64::from(tally.full == 0);
            self.add_span(gold, span, &tally);
        }
        texts.with = u64::from(!gold.spans.is_empty());
        texts.wrong_chars = marks.count(0, len, |marks, at| holds(&marks.covered, at) && marks.is_wrong(at));
        if gold.spans.is_empty() {
            texts.clean = 1;
            texts.clean_chars = marks.count(0, len, |_, _| true);
            texts.clean_removed = texts.wrong_chars;
            texts.alarms_strict =
                found.iter().filter(|it| marks.count(it.start, it.end, |_, _| true) > 0).count() as u64;
            let false_alarm = |it: &&Found| marks.count(it.start, it.end, |marks, at| !holds(&marks.neutral, at)) > 0;
            for alarm in found.iter().filter(false_alarm) {
                texts.alarms += 1;
                self.done.found.entry(alarm.kind).or_default().alarms += 1;
                if texts.alarms == 1 {
                    self.note(gold, false, alarm.kind, (alarm.start, alarm.end));
                }
            }
            texts.hit = u64::from(texts.alarms > 0);
        }
        for it in found {
            let tally = self.done.found.entry(it.kind).or_default();
            tally.right += marks.count(it.start, it.end, |marks, at| holds(&marks.gold, at));
            tally.wrong += marks.count(it.start, it.end, Marks::is_wrong);
        }
        self.done.all.add(&texts);
        for by in self.by.iter().filter(|by| by.of_texts()) {
            let group = self.done.groups.entry(*by).or_default().entry(group(*by, gold)).or_default();
            group.add(&texts);
        }
    }

    /// What became of one identifier.
    fn span(&mut self, gold: &Gold, span: &super::gold::Identified, marks: &Marks, found: &[Found]) -> Tally {
        let (start, end) = (span.start, span.end);
        let (mut chars, mut covered) =
            (marks.count(start, end, |_, _| true), marks.count(start, end, |marks, at| holds(&marks.covered, at)));
        if chars == 0 {
            chars = (end - start) as u64;
            covered = (start..end).filter(|at| holds(&marks.covered, *at)).count() as u64;
        }
        let full = covered == chars;
        let same = |it: &Found| it.kind == span.kind && it.start < it.end && it.start < end && it.end > start;
        if !full {
            self.note(gold, true, &span.kind, (start, end));
        }
        Tally {
            spans: 1,
            full: u64::from(full),
            any: u64::from(covered > 0),
            typed: u64::from(full && found.iter().any(same)),
            chars,
            covered,
            ..Tally::default()
        }
    }

    fn add_span(&mut self, gold: &Gold, span: &super::gold::Identified, tally: &Tally) {
        self.done.all.add(tally);
        self.done.types.entry(span.kind.clone()).or_default().add(tally);
        for by in &self.by {
            let group = match by {
                By::Sub => format!("{}/{}", span.kind, name(span.sub.as_ref())),
                By::Oov => name(span.oov.as_ref()),
                By::Kind | By::Source | By::Tpl => group(*by, gold),
            };
            self.done.groups.entry(*by).or_default().entry(group).or_default().add(tally);
        }
    }

    fn note(&mut self, gold: &Gold, missed: bool, kind: &str, (start, end): (usize, usize)) {
        if self.done.wrong.len() >= self.errors {
            return;
        }
        let text = self.show_text.then(|| {
            let part = |from: usize, to: usize| gold.text.chars().skip(from).take(to - from).collect::<String>();
            (part(start, end), part(start.saturating_sub(40), end + 20))
        });
        self.done.wrong.push(Wrong { id: name(Some(&gold.id)), missed, kind: kind.to_owned(), start, end, text });
    }
}

fn group(by: By, gold: &Gold) -> String {
    name(match by {
        By::Kind => gold.kind.as_ref(),
        By::Source => gold.source.as_ref(),
        By::Tpl => gold.tpl.as_ref(),
        By::Sub | By::Oov => None,
    })
}

impl Tally {
    fn add(&mut self, other: &Self) {
        let Self {
            spans,
            full,
            any,
            typed,
            chars,
            covered,
            texts,
            with,
            leaking,
            wrong_chars,
            clean,
            hit,
            alarms,
            alarms_strict,
            clean_chars,
            clean_removed,
        } = other;
        for (sum, count) in [
            (&mut self.spans, spans),
            (&mut self.full, full),
            (&mut self.any, any),
            (&mut self.typed, typed),
            (&mut self.chars, chars),
            (&mut self.covered, covered),
            (&mut self.texts, texts),
            (&mut self.with, with),
            (&mut self.leaking, leaking),
            (&mut self.wrong_chars, wrong_chars),
            (&mut self.clean, clean),
            (&mut self.hit, hit),
            (&mut self.alarms, alarms),
            (&mut self.alarms_strict, alarms_strict),
            (&mut self.clean_chars, clean_chars),
            (&mut self.clean_removed, clean_removed),
        ] {
            *sum += count;
        }
    }
}
