//! An averaged perceptron with a margin, in whole numbers: every machine learns the same.

use crate::decode::is_candidate;
use crate::features::{FEATURE_BITS, FEATURES, Seen, Tag, View, features};
use crate::random::Random;
use crate::tape::Kinds;
use crate::text::{Text, Writer};
use crate::tokenise::{Prose, Shape, Token, tokenise};
use crate::weights::TAGS;
use crate::words::{Flags, Recent, Words};

/// How much better the right tag must score than the next, before nothing is learned.
const MARGIN: i32 = 60;

/// How much is learned from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) texts: usize,
    pub(crate) seed: u64,
}

/// A model that learns.
pub(crate) struct Learner {
    rows: Vec<[i32; TAGS]>,
    /// Every change times when it was made: what averages are made of.
    changes: Vec<[i64; TAGS]>,
    steps: i64,
}

impl Learner {
    pub(crate) fn new() -> Self {
        Self { rows: vec![[0; TAGS]; 1 << FEATURE_BITS], changes: vec![[0; TAGS]; 1 << FEATURE_BITS], steps: 1 }
    }

    /// Learns from texts that `writer` writes.
    pub(crate) fn learn(&mut self, words: &Words<'_>, writer: &Writer<'_>, plan: Plan) {
        let mut random = Random::new(plan.seed);
        let (mut tokens, mut recent, mut kinds) = (Vec::new(), Recent::default(), Kinds::default());
        for _ in 0..plan.texts {
            let text = if random.chance(55) { writer.person(&mut random) } else { writer.clean(&mut random) };
            tokens.clear();
            let prose = Prose::alone(&text.bytes, &mut kinds);
            tokenise(words, &mut recent, &prose, 0, usize::MAX, &mut tokens);
            hide(&mut tokens, &text, &mut random);
            self.text(&text, &tokens, &mut random);
        }
    }

    fn text(&mut self, text: &Text, tokens: &[Token], random: &mut Random) {
        let mut previous = [Tag::Other; 2];
        let mut row = [0; FEATURES];
        let mailed = text.bytes.contains(&b'@');
        let found = text.found || tokens.iter().any(|token| token.shape.is_marker());
        for (at, token) in tokens.iter().enumerate() {
            let gold = label(text, token);
            let mut taken = match token.shape {
                Shape::NameMarker => Tag::Name,
                Shape::PlaceMarker => Tag::Place,
                _ => Tag::Other,
            };
            if is_candidate(&text.bytes, tokens, at, previous, mailed) {
                let Some(mut view) = View::new(&text.bytes, tokens, at, found) else { continue };
                drop_out(&mut view, random);
                features(&view, previous, &mut row);
                let scores = self.scores(&row);
                taken = self.step(&row, scores, gold);
            }
            previous = [taken, previous[0]];
        }
    }

    fn scores(&self, row: &[u32; FEATURES]) -> [i32; TAGS] {
        let mut scores = [0; TAGS];
        for feature in row {
            for (score, weight) in scores.iter_mut().zip(self.rows[*feature as usize]) {
                *score += weight;
            }
        }
        scores
    }

    /// Learns from one token; returns what it was taken for.
    fn step(&mut self, row: &[u32; FEATURES], scores: [i32; TAGS], gold: Tag) -> Tag {
        self.steps += 1;
        let right = gold as usize;
        let rival = (0..TAGS).filter(|tag| *tag != right).max_by_key(|tag| scores[*tag]).unwrap_or(0);
        if scores[right] <= scores[rival] + MARGIN {
            for feature in row {
                let feature = *feature as usize;
                self.rows[feature][right] += 1;
                self.rows[feature][rival] -= 1;
                self.changes[feature][right] += self.steps;
                self.changes[feature][rival] -= self.steps;
            }
        }
        if scores[right] > scores[rival] { gold } else { [Tag::Other, Tag::Name, Tag::Place][rival] }
    }

    /// The averages, cut to what a byte holds. In whole numbers: thousandths of a step of the perceptron.
    pub(crate) fn rows(&self) -> Vec<[i8; TAGS]> {
        let average = |weight: i32, change: i64| 1000 * i64::from(weight) - 1000 * change / self.steps;
        let rows = self.rows.iter().zip(&self.changes);
        let averages: Vec<[i64; TAGS]> =
            rows.map(|(row, changes)| std::array::from_fn(|tag| average(row[tag], changes[tag]))).collect();
        // One weight in a thousand is cut off, so that the others are finer.
        let mut sizes: Vec<i64> = averages.iter().flatten().map(|size| size.abs()).filter(|size| *size > 0).collect();
        sizes.sort_unstable();
        let largest = sizes.get(sizes.len() * 999 / 1000).copied().unwrap_or(1).max(1);
        let cut = |average: i64| {
            let scaled = (average * 2 * 127 + average.signum() * largest) / (2 * largest);
            scaled.clamp(-127, 127) as i8
        };
        averages.into_iter().map(|row| row.map(cut)).collect()
    }
}

/// What a token is a part of.
pub(crate) fn label(text: &Text, token: &Token) -> Tag {
    text.labels.get(token.start as usize).copied().unwrap_or_default()
}

/// Makes some words unknown to the lists, so that the words around them must tell.
fn hide(tokens: &mut [Token], text: &Text, random: &mut Random) {
    for token in tokens {
        let percent = match label(text, token) {
            Tag::Name | Tag::Place => 14,
            Tag::Other if token.flags.safe() == 0 || token.flags.safe() == 1 => 4,
            Tag::Other => 0,
        };
        if token.shape.is_word() && token.shape != Shape::Initial && random.chance(percent) {
            token.flags = Flags::default();
        }
    }
}

/// Hides words, so that a name is not learned by heart, nor the words beside it.
fn drop_out(view: &mut View, random: &mut Random) {
    if random.chance(45) {
        view.here.id = Seen::HIDDEN;
        view.ends = [Seen::HIDDEN; 4];
    }
    for seen in view.left.iter_mut().chain(&mut view.right) {
        if random.chance(15) {
            seen.id = Seen::HIDDEN;
        }
    }
}
