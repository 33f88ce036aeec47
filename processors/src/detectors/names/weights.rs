//! The linear model: for every feature, how much it speaks for each tag.

use super::features::{FEATURE_BITS, FEATURES, Tag};

/// The weights the trainer wrote, by `make model`.
pub(crate) const BUILT_IN: &[u8] = include_bytes!("model/weights.bin");

/// What a model begins with.
pub(crate) const MAGIC: &[u8; 4] = b"SJM1";
/// Weights of one feature: one for each tag.
pub(crate) const TAGS: usize = 3;
/// Bytes of a model behind its beginning.
pub(crate) const BYTES: usize = TAGS << FEATURE_BITS;

/// The weights of all features.
pub(crate) type Rows = Vec<[i8; TAGS]>;

/// A model, read where it lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weights<'m> {
    rows: &'m [[i8; TAGS]],
}

impl<'m> Weights<'m> {
    /// The rows of a model.
    pub(crate) fn new(rows: &'m [[i8; TAGS]]) -> Option<Self> {
        (rows.len() == 1 << FEATURE_BITS).then_some(Self { rows })
    }

    /// How much these features speak for each tag.
    #[inline]
    pub(crate) fn scores(&self, features: &[u32; FEATURES]) -> [i32; TAGS] {
        let mut scores = [0; TAGS];
        for feature in features {
            let Some(row) = self.rows.get(*feature as usize) else { continue };
            for (score, weight) in scores.iter_mut().zip(row) {
                *score += i32::from(*weight);
            }
        }
        scores
    }
}

/// The rows of a model file; `None` if it is none.
pub(crate) fn rows(file: &[u8]) -> Option<Rows> {
    let bytes = file.strip_prefix(MAGIC)?;
    let rows: Rows = bytes.as_chunks::<TAGS>().0.iter().map(|row| row.map(u8::cast_signed)).collect();
    (bytes.len() == BYTES).then_some(rows)
}

/// The tag that scores best once others than [`Tag::Other`] have paid the bar.
pub(crate) fn best(scores: [i32; TAGS], bar: i32) -> Tag {
    let [other, name, place] = scores;
    let (best, tag) = if place > name { (place, Tag::Place) } else { (name, Tag::Name) };
    if best > other.saturating_add(bar) { tag } else { Tag::Other }
}
