//! Texts that go on in the next record: what a runtime cut, or an application wrote line by line.

use crate::tape::{PathId, Place};

/// How many texts of a record are remembered until the next one.
const MOST: usize = 4;

/// A text that may go on in the next record.
#[derive(Clone, Debug)]
pub(crate) struct Trail<T> {
    path: PathId,
    place: Place,
    /// Where it stands in the source.
    pub(crate) text: T,
    /// Where it is on the tape, if it is.
    pub(crate) segment: Option<u32>,
}

/// The last texts that may go on, one for each place and the keys that lead to it.
#[derive(Debug)]
pub(crate) struct Trails<T> {
    slots: [Option<Trail<T>>; MOST],
    /// The slot that was filled last.
    last: usize,
}

/// Whether texts in such a place may go on in the next record.
pub(crate) fn leads_on(place: Place) -> bool {
    matches!(place, Place::LogBody | Place::EventAttribute)
}

impl<T> Default for Trails<T> {
    fn default() -> Self {
        Self { slots: [const { None }; MOST], last: 0 }
    }
}

impl<T: Clone> Trails<T> {
    /// What stood in the same place below the same keys before.
    pub(crate) fn before(&self, path: PathId, place: Place) -> Option<Trail<T>> {
        self.slots.iter().flatten().find(|trail| trail.path == path && trail.place == place).cloned()
    }

    /// Remembers a text until the next one in its place.
    pub(crate) fn follow(&mut self, path: PathId, place: Place, text: T, segment: Option<u32>) {
        let same = |trail: &Option<Trail<T>>| trail.as_ref().is_some_and(|it| it.path == path && it.place == place);
        let at = self.slots.iter().position(same).unwrap_or_else(|| {
            self.last = (self.last + 1) % MOST;
            self.last
        });
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = Some(Trail { path, place, text, segment });
        }
    }

    /// Forgets them: what comes is another's.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}
