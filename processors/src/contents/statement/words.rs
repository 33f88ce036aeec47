//! Words that a statement's words are compared with.

/// A set of words in lower case.
pub(super) struct Words {
    words: &'static [&'static [u8]],
    /// The first letters of words of each length, one bit a letter.
    firsts: [u32; Self::MAX + 1],
}

impl Words {
    /// The longest word.
    const MAX: usize = 12;

    pub(super) const fn of(words: &'static [&'static [u8]]) -> Self {
        let mut firsts = [0; Self::MAX + 1];
        let mut at = 0;
        while at < words.len() {
            #[expect(clippy::indexing_slicing, reason = "in a constant: out of bounds does not compile")]
            {
                firsts[words[at].len()] |= 1 << (words[at][0] - b'a');
            }
            at += 1;
        }
        Self { words, firsts }
    }

    /// Whether a word is one of them, in any case. Two looks refuse most.
    #[inline]
    pub(super) fn hold(&self, word: &[u8]) -> bool {
        let Some(first) = word.first().map(|first| (first | 0x20).wrapping_sub(b'a')).filter(|first| *first < 26)
        else {
            return false;
        };
        self.firsts.get(word.len()).is_some_and(|firsts| firsts >> first & 1 == 1)
            && self.words.iter().any(|known| word.eq_ignore_ascii_case(known))
    }
}
