//! Findings become replacements: overlapping ones are united, those of inner layers are mapped to the outermost, and
//! the strictest action wins.

use crate::actions::Action;
use crate::contents::{Coding, ContentId, content, locate, mark_bare};
use crate::finding::Finding;
use crate::pack::RuleSet;
use crate::tape::{Origin, Tape};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

/// Stands for a rule where a text goes because it could not be looked at.
pub(crate) const UNSCANNED_RULE: u16 = u16::MAX;

/// Layers a replacement is written through, from the innermost. There are at most as many as rounds of opening.
type Layers = Vec<ContentId>;

/// A range of a segment that will be replaced.
#[derive(Clone, Debug)]
pub(crate) struct Replacement {
    /// In the text of its segment.
    pub(crate) range: Range<usize>,
    /// The rule that decides.
    pub(crate) rule: u16,
    pub(crate) action: Action,
    /// Whether the rule needs no context.
    certain: bool,
    /// What it decides on: a segment and a range of its text.
    pub(crate) decided: (u32, Range<usize>),
    /// What the replacement is written through.
    pub(crate) layers: Layers,
    /// Whether it is a JSON scalar without quotes.
    pub(crate) bare: bool,
    /// What is replaced inside, if the range is written anew with all that stays of it.
    pub(crate) inside: Option<Box<Inside>>,
}

/// What is replaced in a view whose letters hang on each other.
#[derive(Clone, Debug)]
pub(crate) struct Inside {
    /// The view.
    pub(crate) segment: u32,
    /// In the text of the view, in order and apart.
    pub(crate) parts: Vec<Replacement>,
}

impl Inside {
    /// Whether the same is replaced in two views, of one text.
    fn agrees(&self, other: &Self) -> bool {
        let ranges =
            |inside: &Self| inside.parts.iter().map(|part| (part.range.clone(), part.rule)).collect::<Vec<_>>();
        ranges(self) == ranges(other)
    }
}

impl Replacement {
    /// Which of two decides. Beyond the action: who needed no context, who covers more, whose rule comes first.
    fn rank(&self) -> (bool, Action, bool, usize, Reverse<u16>) {
        (self.rule == UNSCANNED_RULE, self.action, self.certain, self.decided.1.len(), Reverse(self.rule))
    }

    /// Takes over a replacement that overlaps.
    fn unite(&mut self, other: Self) {
        let range = self.range.start.min(other.range.start)..self.range.end.max(other.range.end);
        // A bare scalar stays one only if nothing around it goes too.
        let bare = self.bare && self.range == range || other.bare && other.range == range;
        let layers = if other.layers.len() > self.layers.len() { other.layers.clone() } else { self.layers.clone() };
        // Where something else reaches into what is to be written anew, all of it goes.
        let inside = match (&self.inside, &other.inside) {
            (Some(own), Some(others)) if self.range == other.range && own.agrees(others) => self.inside.clone(),
            (Some(_) | None, Some(_) | None) => None,
        };
        let decides = if other.rank() > self.rank() { other } else { self.clone() };
        *self = Self { range, layers, bare, inside, ..decides };
    }
}

/// Resolves findings and given-up segments to replacements in segments that come straight from the source, in the
/// order of segments and ranges.
pub(crate) fn resolve(
    rules: &RuleSet,
    tape: &Tape,
    findings: &[Finding],
    unscanned: &[u32],
) -> Vec<(u32, Replacement)> {
    let mut pending: BTreeMap<u32, Vec<Replacement>> = BTreeMap::new();
    for finding in findings {
        let Some(rule) = rules.rules.get(usize::from(finding.rule)) else { continue };
        let range = finding.start as usize..finding.end as usize;
        pending.entry(finding.segment).or_default().push(Replacement {
            decided: (finding.segment, range.clone()),
            range,
            rule: finding.rule,
            action: rule.action,
            certain: rule.context.is_none(),
            layers: Layers::new(),
            bare: false,
            inside: None,
        });
    }
    for number in unscanned {
        let Some(segment) = tape.segment(*number) else { continue };
        pending.entry(*number).or_default().push(Replacement {
            range: 0..segment.len(),
            rule: UNSCANNED_RULE,
            action: Action::Redact,
            certain: true,
            decided: (*number, 0..segment.len()),
            layers: Layers::new(),
            bare: false,
            inside: None,
        });
    }
    let mut settled = Vec::new();
    // Views and aliases have higher numbers than what they lie in, so the highest is always complete.
    while let Some((number, replacements)) = pending.pop_last() {
        let Some(segment) = tape.segment(number) else { continue };
        let mut united = unite(replacements);
        match segment.origin {
            Origin::Source { .. } => {
                mark_bare(tape.text(segment), &mut united);
                settled.extend(united.into_iter().rev().map(|replacement| (number, replacement)));
            }
            Origin::Alias { parent, bare } => {
                let Some(owner) = tape.segment(parent) else { continue };
                let offset = (segment.start - owner.start) as usize;
                let whole = offset..offset + segment.len();
                let up = pending.entry(parent).or_default();
                up.extend(united.into_iter().map(|replacement| Replacement {
                    // Half a number is no number.
                    range: if bare { whole.clone() } else { shift(&replacement.range, offset) },
                    bare,
                    ..replacement
                }));
            }
            Origin::Joined { first, count } => {
                for part in tape.parts(first, count) {
                    let up = pending.entry(part.segment).or_default();
                    up.extend(united.iter().filter_map(|replacement| {
                        let range = part.covered(&replacement.range)?;
                        Some(Replacement { range, ..replacement.clone() })
                    }));
                }
            }
            Origin::View { parent, from, len, content } => {
                let Some(owner) = tape.segment(parent) else { continue };
                mark_bare(tape.text(segment), &mut united);
                let from = from as usize;
                let up = pending.entry(parent).or_default();
                match self::content(content).map(|content| content.coding) {
                    Some(Coding::Parts { .. }) => {
                        let encoded = tape.text(owner).get(from..from + len as usize).unwrap_or(&[]);
                        let mut ranges: Vec<Range<usize>> =
                            united.iter().map(|replacement| replacement.range.clone()).collect();
                        locate(content, encoded, &mut ranges);
                        up.extend(united.into_iter().zip(ranges).map(|(mut replacement, range)| {
                            replacement.layers.push(content);
                            Replacement { range: shift(&range, from), ..replacement }
                        }));
                    }
                    Some(Coding::Whole { .. }) | None => {
                        let range = from..from + len as usize;
                        up.extend(anew(number, united, range));
                    }
                }
            }
        }
    }
    settled.reverse();
    settled
}

/// What is replaced in a view whose letters hang on each other, as one replacement of all that it was decoded from.
fn anew(segment: u32, parts: Vec<Replacement>, range: Range<usize>) -> Option<Replacement> {
    let decides = parts.iter().max_by_key(|part| part.rank())?.clone();
    let inside = Some(Box::new(Inside { segment, parts }));
    Some(Replacement { range, layers: Layers::new(), bare: false, inside, ..decides })
}

fn shift(range: &Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

/// Sorts replacements and unites those that overlap.
fn unite(mut replacements: Vec<Replacement>) -> Vec<Replacement> {
    replacements.sort_by(|a, b| a.range.start.cmp(&b.range.start).then(b.range.end.cmp(&a.range.end)));
    let mut united: Vec<Replacement> = Vec::with_capacity(replacements.len());
    for replacement in replacements {
        match united.last_mut() {
            Some(last) if replacement.range.start < last.range.end => last.unite(replacement),
            _ => united.push(replacement),
        }
    }
    united
}
