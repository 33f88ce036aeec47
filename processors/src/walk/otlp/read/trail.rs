//! Texts that go on in the next record: what a runtime cut, or an application wrote line by line.

use super::{Spot, TRAIL, Trail, Walk};
use crate::contents::continues;
use crate::walk::WalkError;
use std::ops::Range;

impl Walk<'_, '_> {
    /// The text of the record before that goes on in this one, if one does: put on the tape by now.
    pub(super) fn goes_on(&mut self, range: &Range<usize>, spot: &Spot) -> Result<Option<u32>, WalkError> {
        let same = |trail: &&mut Trail| trail.path == spot.path && trail.place == spot.place;
        let Some(trail) = self.trail.iter_mut().flatten().find(same) else { return Ok(None) };
        let text = |range: &Range<usize>| self.source.get(range.clone()).unwrap_or(&[]);
        if !continues(text(&trail.range), text(range)) {
            return Ok(None);
        }
        let trail = trail.clone();
        match trail.segment {
            Some(segment) => Ok(Some(segment)),
            None => Ok(Some(self.push(trail.range, trail.path, trail.place, true)?)),
        }
    }

    /// Remembers a text until the next record.
    pub(super) fn follow(&mut self, range: Range<usize>, spot: &Spot, segment: Option<u32>) {
        let same =
            |trail: &Option<Trail>| trail.as_ref().is_some_and(|it| it.path == spot.path && it.place == spot.place);
        let at = self.trail.iter().position(same).unwrap_or_else(|| {
            self.oldest = (self.oldest + 1) % TRAIL;
            self.oldest
        });
        if let Some(slot) = self.trail.get_mut(at) {
            *slot = Some(Trail { path: spot.path, place: spot.place, range, segment });
        }
    }
}
