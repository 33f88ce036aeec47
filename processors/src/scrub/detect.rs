//! What of a text is replaced, as ranges of the text as it was: what a scrub of it does, told by place.

use super::again::LOOKS;
use super::{Replaced, Scrubber};
use crate::actions::{Action, UNSCANNED};
use crate::error::Rejected;
use crate::report::Report;
use crate::resolve::resolve;
use crate::validators::Today;
use std::ops::Range;

impl Scrubber<'_> {
    /// Says what a scrub of `text` as [`Format::Text`](crate::Format::Text) replaces, in order and apart: what stands
    /// between the ranges is what the scrub leaves as it is.
    ///
    /// A replacement may uncover something that reaches beyond it. The two are told as one then, by the later rule.
    /// Costs about what the scrub costs, and one more look.
    ///
    /// # Errors
    /// As [`Scrubber::scrub`].
    pub fn detect_text(&mut self, text: &str, today: Today) -> Result<Vec<Replaced>, Rejected> {
        let detected = self.detect_cleared(text, today);
        self.clear();
        detected
    }

    fn detect_cleared(&mut self, text: &str, today: Today) -> Result<Vec<Replaced>, Rejected> {
        let mut now = text.to_owned();
        let mut pieces = vec![Piece { len: text.len(), source: 0..text.len(), by: None }];
        for look in 0..=LOOKS {
            self.look_at(None, &now, today)?;
            self.drop_left_out(text.as_bytes());
            self.drop_shadows();
            if look == 0 {
                self.recall(text.as_bytes(), today);
                self.drop_left_out(text.as_bytes());
            }
            let settled = resolve(self.rules, &self.tape, &self.findings, &self.unscanned);
            if look == LOOKS && !settled.is_empty() {
                let by = By { rule: None, action: Action::Redact };
                pieces = vec![Piece { len: UNSCANNED.len(), source: 0..text.len(), by: Some(by) }];
                UNSCANNED.clone_into(&mut now);
                break;
            }
            let mut changed = false;
            // From the back, so that what is still to be replaced stays where it is.
            for (number, replacement) in settled.iter().rev() {
                let segment = *self.tape.segment(*number).ok_or(Rejected::Engine)?;
                let written = self.replace(&segment, replacement, today, &mut Report::default());
                let with = written.and_then(|written| self.replacements.get(written)).ok_or(Rejected::Engine)?;
                let with = String::from_utf8_lossy(with);
                if now.get(replacement.range.clone()) == Some(&with) {
                    continue;
                }
                let rule = Some(usize::from(replacement.rule)).filter(|rule| *rule < self.rules.rules.len());
                let by = By { rule, action: replacement.action };
                pieces = replaced(pieces, &replacement.range, with.len(), by);
                now = splice(&now, &replacement.range, &with).ok_or(Rejected::Engine)?;
                changed = true;
            }
            if !changed {
                break;
            }
        }
        told(&pieces, &now).ok_or(Rejected::Engine)
    }
}

/// A part of the text as it is now, and the part of the source it stands for. Pieces follow each other in both.
#[derive(Clone, Debug)]
struct Piece {
    /// How many bytes it has now.
    len: usize,
    source: Range<usize>,
    /// What replaced it; `None` for what is as it was.
    by: Option<By>,
}

#[derive(Clone, Copy, Debug)]
struct By {
    rule: Option<usize>,
    action: Action,
}

/// The pieces after `range` of the text as it is now became `with` bytes. A replaced piece is taken in whole even where
/// only a part of it goes: its parts have no place in the source.
fn replaced(pieces: Vec<Piece>, range: &Range<usize>, with: usize, by: By) -> Vec<Piece> {
    let (mut before, mut after) = (Vec::with_capacity(pieces.len() + 2), Vec::new());
    let mut united: Option<Piece> = None;
    let mut start = 0;
    for piece in pieces {
        let end = start + piece.len;
        let head = range.start.saturating_sub(start);
        let tail = end.saturating_sub(range.end);
        if head >= piece.len {
            before.push(piece);
        } else if tail >= piece.len {
            after.push(piece);
        } else {
            let (mut source, mut kept) = (piece.source.clone(), head + tail);
            if piece.by.is_none() {
                source = source.start + head..source.end - tail;
                kept = 0;
                if head > 0 {
                    before.push(Piece { len: head, source: piece.source.start..source.start, by: None });
                }
                if tail > 0 {
                    after.push(Piece { len: tail, source: source.end..piece.source.end, by: None });
                }
            }
            let all = united.get_or_insert(Piece { len: with, source: source.clone(), by: Some(by) });
            all.len += kept;
            all.source.end = source.end;
        }
        start = end;
    }
    before.extend(united);
    before.append(&mut after);
    before
}

fn splice(text: &str, range: &Range<usize>, with: &str) -> Option<String> {
    Some([text.get(..range.start)?, with, text.get(range.end..)?].concat())
}

/// What was replaced, and by what.
fn told(pieces: &[Piece], now: &str) -> Option<Vec<Replaced>> {
    let mut told = Vec::new();
    let mut start = 0;
    for piece in pieces {
        let end = start + piece.len;
        if let Some(By { rule, action }) = piece.by {
            let with = now.get(start..end)?.to_owned();
            told.push(Replaced { range: piece.source.clone(), rule, action, with });
        }
        start = end;
    }
    Some(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BY: By = By { rule: Some(0), action: Action::Redact };

    #[test]
    fn replacements_of_replacements_are_one() {
        // `aa bb cc` -> `aa <X> cc` -> `a<Y>> cc`: the second takes a letter of the source and a part of the first.
        let pieces = vec![Piece { len: 8, source: 0..8, by: None }];
        let pieces = replaced(pieces, &(3..5), 3, BY);
        let pieces = replaced(pieces, &(1..5), 3, BY);
        let told = told(&pieces, "a<Y>> cc").unwrap();
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].range.clone(), told[0].with.as_str()), (1..5, "<Y>>"));
    }

    #[test]
    fn what_lies_apart_stays_apart() {
        let pieces = vec![Piece { len: 8, source: 0..8, by: None }];
        let pieces = replaced(pieces, &(6..8), 1, BY);
        let pieces = replaced(pieces, &(0..2), 5, BY);
        let told = told(&pieces, "<xxx> bb c").unwrap();
        let ranges: Vec<_> = told.iter().map(|replaced| (replaced.range.clone(), replaced.with.as_str())).collect();
        assert_eq!(ranges, [(0..2, "<xxx>"), (6..8, "c")]);
    }
}
