//! The linear model: for every feature, how much it speaks for each tag.

use super::features::{FEATURE_BITS, FEATURES, NEAR, Tag, View, tell_features};

/// The weights the trainer wrote, by `make model`.
pub(crate) const BUILT_IN: &[u8] = include_bytes!("model/weights.bin");

/// What a model begins with.
pub(crate) const MAGIC: &[u8; 4] = b"SJM1";
/// Weights of one feature: one for each tag.
pub(crate) const TAGS: usize = 3;
/// Bytes of a model behind its beginning.
pub(crate) const BYTES: usize = TAGS << FEATURE_BITS;

/// The weights of all features: a byte for each tag, [`ZERO`] for none, and one to spare.
pub(crate) type Rows = Vec<u32>;

/// What is added to weights, so that none is below zero and many are added at once.
const ZERO: u32 = 0x80;

/// A model, read where it lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weights<'m> {
    rows: &'m [u32; 1 << FEATURE_BITS],
}

impl<'m> Weights<'m> {
    /// The rows of a model.
    pub(crate) fn new(rows: &'m [u32]) -> Option<Self> {
        Some(Self { rows: rows.try_into().ok()? })
    }

    /// How much what is around a token speaks for each tag, behind tokens taken for `tags`.
    #[allow(dead_code, reason = "the trainer, which reads this file too, needs it")]
    pub(crate) fn of(&self, view: &View, tags: [Tag; 2]) -> [i32; TAGS] {
        self.sum(u64::MAX, Sums::default(), view, tags).scores()
    }

    /// What the features of some numbers, a bit each, add to sums.
    #[inline(always)]
    fn sum(&self, numbers: u64, mut sums: Sums, view: &View, tags: [Tag; 2]) -> Sums {
        tell_features(view, tags, |number, feature| {
            if numbers >> number & 1 == 1 {
                sums.add(self.row(feature));
            }
        });
        sums
    }

    fn near(&self, view: &View, tags: [Tag; 2]) -> Sums {
        self.sum(NEAR, Sums::default(), view, tags)
    }

    fn others(&self, near: Sums, view: &View, tags: [Tag; 2]) -> [i32; TAGS] {
        self.sum(!NEAR, near, view, tags).scores()
    }

    /// How much these features speak for each tag.
    #[allow(dead_code, reason = "the trainer, which reads this file too, needs it")]
    pub(crate) fn scores(&self, features: &[u32; FEATURES]) -> [i32; TAGS] {
        let mut sums = Sums::default();
        features.iter().for_each(|feature| sums.add(self.row(*feature)));
        sums.scores()
    }

    #[inline]
    fn row(&self, feature: u32) -> u32 {
        self.rows.get(feature as usize).copied().unwrap_or(ZERO << 16 | ZERO << 8 | ZERO)
    }
}

/// Sums of [`FEATURES`] rows, two in the halves of a number: each stays below 2^16.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    even: u32,
    odd: u32,
}

impl Sums {
    #[inline]
    fn add(&mut self, row: u32) {
        const EVEN: u32 = 0x00FF_00FF;
        self.even += row & EVEN;
        self.odd += row >> 8 & EVEN;
    }

    fn scores(self) -> [i32; TAGS] {
        #[expect(clippy::cast_possible_truncation, reason = "a few dozen")]
        const ZEROS: i32 = FEATURES as i32 * ZERO.cast_signed();
        let score = |sum: u32| (sum & 0xFFFF).cast_signed() - ZEROS;
        [score(self.even), score(self.odd), score(self.even >> 16)]
    }
}

/// What was weighed lately: programs say the same again and again, and numbers are alike for the model.
#[derive(Clone, Debug)]
pub(crate) struct Weighed {
    /// By a part of the second of [`View::prints`]: all of it and the scores. An empty one has the print 0.
    all: Box<[(u64, [i32; TAGS]); WEIGHED]>,
    /// By the first: what [`NEAR`] features add up to.
    near: Box<[(u64, Sums); WEIGHED]>,
}

/// Slots of each half of a [`Weighed`].
const WEIGHED: usize = 512;

impl Default for Weighed {
    fn default() -> Self {
        Self { all: Box::new([(0, [0; TAGS]); WEIGHED]), near: Box::new([(0, Sums::default()); WEIGHED]) }
    }
}

impl Weighed {
    /// As [`Weights::of`], which must be the same weights each time.
    #[inline]
    pub(crate) fn scores(&mut self, weights: &Weights<'_>, view: &View, tags: [Tag; 2]) -> [i32; TAGS] {
        #[expect(clippy::cast_possible_truncation, reason = "the lower bits are asked for")]
        let slot = |print: u64| print as usize % WEIGHED;
        let [near, all] = view.prints(tags).map(|print| print.max(1));
        let (Some(scores), Some(sums)) = (self.all.get_mut(slot(all)), self.near.get_mut(slot(near))) else {
            return weights.of(view, tags);
        };
        if scores.0 != all {
            if sums.0 != near {
                *sums = (near, weights.near(view, tags));
            }
            *scores = (all, weights.others(sums.1, view, tags));
        }
        scores.1
    }
}

/// The rows of a model file; `None` if it is none.
pub(crate) fn rows(file: &[u8]) -> Option<Rows> {
    let bytes = file.strip_prefix(MAGIC)?;
    (bytes.len() == BYTES).then(|| packed(bytes.as_chunks().0.iter().map(|row| row.map(u8::cast_signed))))
}

/// Rows as they are added up.
pub(crate) fn packed(rows: impl Iterator<Item = [i8; TAGS]>) -> Rows {
    let byte = |weight: i8| u32::from(weight.cast_unsigned()) ^ ZERO;
    rows.map(|[other, name, place]| byte(other) | byte(name) << 8 | byte(place) << 16).collect()
}

/// The tag that scores best once others than [`Tag::Other`] have paid the bar.
pub(crate) fn best(scores: [i32; TAGS], bar: i32) -> Tag {
    let [other, name, place] = scores;
    let (best, tag) = if place > name { (place, Tag::Place) } else { (name, Tag::Name) };
    if best > other.saturating_add(bar) { tag } else { Tag::Other }
}
