//! Names, places and words to fill templates with. Names for training and for measuring are different ones.

use crate::lists::Lists;
use crate::random::Random;

/// Which names a text may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Train,
    Measure,
    /// All: for the model that is shipped.
    Both,
}

/// Words to draw from.
pub(crate) struct Pools {
    given: [Vec<String>; 3],
    family: [Vec<String>; 3],
    city: Vec<String>,
    street: Vec<String>,
    safe: Vec<String>,
    common: Vec<String>,
    proper: Vec<String>,
    /// Words that are names as well.
    double: Vec<String>,
    /// Such words as people bear them.
    worn: [Vec<String>; 2],
    jargon: Vec<String>,
}

/// A number that a word draws, the same in every version of the table: which names are learned from must not change.
fn draw(word: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    let hash = word.bytes().fold(0xCBF2_9CE4_8422_2325, step);
    let mixed = (hash ^ hash >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed ^ mixed >> 32
}

impl Pools {
    pub(crate) fn new(lists: &Lists, side: Side) -> Self {
        let mut pools = Self {
            given: Default::default(),
            family: Default::default(),
            city: Vec::new(),
            street: Vec::new(),
            safe: Vec::new(),
            common: Vec::new(),
            proper: Vec::new(),
            double: Vec::new(),
            worn: Default::default(),
            jargon: Vec::new(),
        };
        for (word, entry) in lists {
            let fifth = draw(word).is_multiple_of(5);
            let ours = match side {
                Side::Train => !fifth,
                Side::Measure => fifth,
                Side::Both => true,
            };
            let name = entry.pooled && word.len() > 1;
            if name && ours && entry.given > 0 && (entry.safe == 0 || entry.given == 3) {
                pools.given[usize::from(entry.given) - 1].push(word.clone());
            }
            if name && ours && entry.family > 0 && (entry.safe == 0 || entry.family > 1) && entry.class == 0 {
                pools.family[usize::from(entry.family) - 1].push(word.clone());
            }
            if entry.place == 2 && word.len() > 3 && entry.class == 0 && entry.safe < 2 && ours {
                pools.city.push(word.clone());
            }
            if entry.street && entry.class == 0 && ours {
                pools.street.push(word.clone());
            }
            match entry.safe {
                1 if entry.given == 0 && entry.family == 0 => pools.safe.push(word.clone()),
                2 => pools.common.push(word.clone()),
                3 => pools.proper.push(word.clone()),
                _ => {}
            }
            if name && ours && entry.safe > 0 && entry.class == 0 {
                if entry.given > 1 {
                    pools.worn[0].push(word.clone());
                }
                if entry.family > 1 {
                    pools.worn[1].push(word.clone());
                }
            }
            if entry.jargon {
                pools.jargon.push(word.clone());
            }
            if entry.safe > 0 && entry.safe < 3 && (entry.given > 0 || entry.family > 0) {
                pools.double.push(word.clone());
            }
        }
        pools
    }

    pub(crate) fn given(&self, random: &mut Random) -> String {
        match random.below(100) {
            0..45 => random.pick(&self.given[2]).clone(),
            45..75 => random.pick(&self.given[1]).clone(),
            75..84 if !self.given[0].is_empty() => random.pick(&self.given[0]).clone(),
            84..88 => random.pick(&self.worn[0]).clone(),
            _ => self.invented(random, true),
        }
    }

    pub(crate) fn family(&self, random: &mut Random) -> String {
        match random.below(100) {
            0..35 => random.pick(&self.family[2]).clone(),
            35..68 => random.pick(&self.family[1]).clone(),
            68..81 => random.pick(&self.family[0]).clone(),
            81..86 => random.pick(&self.worn[1]).clone(),
            _ => self.invented(random, false),
        }
    }

    /// A name no list holds: the beginning of one and the end of another.
    pub(crate) fn invented(&self, random: &mut Random, given: bool) -> String {
        let from = if given { &self.given } else { &self.family };
        let head = random.pick(&from[1]).clone();
        let tail = random.pick(&from[1]).clone();
        let head = &head[..head.len().div_ceil(2)];
        let tail = &tail[tail.len() / 2..];
        format!("{head}{tail}")
    }

    pub(crate) fn city(&self, random: &mut Random) -> String {
        random.pick(&self.city).clone()
    }

    pub(crate) fn street(&self, random: &mut Random) -> String {
        if random.chance(40) { random.pick(&self.street).clone() } else { self.family(random) }
    }

    pub(crate) fn safe(&self, random: &mut Random) -> String {
        random.pick(&self.safe).clone()
    }

    pub(crate) fn common(&self, random: &mut Random) -> String {
        random.pick(&self.common).clone()
    }

    pub(crate) fn proper(&self, random: &mut Random) -> String {
        random.pick(&self.proper).clone()
    }

    pub(crate) fn double(&self, random: &mut Random) -> String {
        random.pick(&self.double).clone()
    }

    pub(crate) fn jargon(&self, random: &mut Random) -> String {
        random.pick(&self.jargon).clone()
    }

    /// A word of no list, as programs are full of.
    pub(crate) fn unknown(&self, random: &mut Random) -> String {
        let head = self.jargon(random);
        let tail = if random.chance(50) { self.jargon(random) } else { self.common(random) };
        format!("{}{}", &head[..head.len().min(4)], &tail[tail.len().saturating_sub(4)..])
    }

    /// What machines, programs and projects are called: given names, gods, words.
    pub(crate) fn codename(&self, random: &mut Random) -> String {
        match random.below(100) {
            0..60 => {
                let level = random.range(1, 2);
                random.pick(&self.given[level]).clone()
            }
            60..75 => {
                let level = random.range(1, 2);
                random.pick(&self.family[level]).clone()
            }
            75..85 => self.proper(random),
            85..93 => self.double(random),
            _ => self.unknown(random),
        }
    }
}
