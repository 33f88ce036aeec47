//! Input that is nearly sound.

/// Makes inputs out of seeds, and out of what was taken of what it made: the same ones for the same seed.
pub struct Mutator {
    state: u64,
    /// The seeds, and what has been taken since.
    pool: Vec<Vec<u8>>,
    seeds: usize,
}

/// How much of what was taken is kept.
const POOL: usize = 4096;

/// Bytes and texts on which readers stumble.
const ODD: [&[u8]; 24] = [
    b"\0",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    b"\xff\xff\xff\xff\x0f",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\"",
    b"\\",
    b"\\ud800",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"null",
    b"1e999",
    b"-0",
    b"NaN",
    b"\r\n\r\n",
    b"\n",
    b"536-22-8147",
];

impl Mutator {
    pub fn new(seed: u64, seeds: &[Vec<u8>]) -> Self {
        Self { state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1, pool: seeds.to_vec(), seeds: seeds.len() }
    }

    /// Goes on from what was taken: one change more leads where eight at once are refused.
    pub fn keep(&mut self, taken: &[u8]) {
        if taken.len() > 1 << 13 {
            return;
        }
        if self.pool.len() < self.seeds + POOL {
            self.pool.push(taken.to_vec());
        } else {
            let at = self.seeds + self.below(POOL);
            self.pool[at] = taken.to_vec();
        }
    }

    fn random(&mut self) -> u64 {
        // xorshift64*
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.random() >> 33).unwrap() % most.max(1)
    }

    /// One of the seeds as often as one of what was taken.
    fn seed(&mut self) -> Vec<u8> {
        let most = if self.below(2) == 0 { self.seeds } else { self.pool.len() };
        let at = self.below(most);
        self.pool[at].clone()
    }

    /// The next input: one after a change or, now and then, several.
    pub fn next(&mut self) -> Vec<u8> {
        let mut input = self.seed();
        let changes = if self.below(3) == 0 { 1 + self.below(8) } else { 1 };
        for _ in 0..changes {
            self.change(&mut input);
        }
        input.truncate(1 << 16);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.below(input.len() + 1);
        let len = self.below(32).min(input.len() - at);
        match self.below(10) {
            0 if at < input.len() => input[at] ^= 1 << self.below(8),
            1 if at < input.len() => input[at] = self.random().to_le_bytes()[7],
            // One more or one less: lengths.
            2 if at < input.len() => input[at] = input[at].wrapping_add(if self.below(2) == 0 { 1 } else { 255 }),
            3 => drop(input.drain(at..at + len)),
            4 => {
                let copy = input[at..at + len].to_vec();
                let to = self.below(input.len() + 1);
                input.splice(to..to, copy);
            }
            5 => input.truncate(at),
            6 => {
                let odd = ODD[self.below(ODD.len())];
                input.splice(at..at, odd.iter().copied());
            }
            7 => {
                let odd = ODD[self.below(ODD.len())];
                let end = (at + odd.len()).min(input.len());
                input.splice(at..end, odd.iter().copied());
            }
            // The beginning of one and the end of another.
            8 => {
                let other = self.seed();
                let from = self.below(other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            // Deeper.
            _ => {
                let piece = input[at..at + len].to_vec();
                for _ in 0..self.below(40) {
                    input.splice(at..at, piece.iter().copied());
                }
            }
        }
    }
}
