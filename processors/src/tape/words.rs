//! The words of a key, read from its end.

use std::ops::Range;

/// The most bytes of a key that are read.
const MAX_KEY: usize = 72;

/// Yields the words of the key that ends at some place of a text, the last one first: split at joiners, at `aB` and
/// `ABc`, and between letters and digits, as [`normalise`](super::normalise) splits. A key goes on over `_`, `.`, `-`,
/// a single space, an opening bracket and the gap between two tags.
#[derive(Clone, Debug)]
pub(crate) struct WordsBack<'t> {
    text: &'t [u8],
    at: usize,
    stop: usize,
}

impl<'t> WordsBack<'t> {
    pub(crate) fn new(text: &'t [u8], end: usize) -> Self {
        Self { text, at: end, stop: end.saturating_sub(MAX_KEY) }
    }

    /// The first byte that was looked at to tell the words so far; `None` if the text may have had to begin there.
    pub(crate) fn reached(&self) -> Option<usize> {
        self.at.checked_sub(2)
    }

    fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(0)
    }

    /// Moves the cursor over what joins two words; false if the key begins here.
    fn join(&mut self) -> bool {
        let before = |back: usize| self.at.checked_sub(back).map_or(0, |at| self.byte(at));
        let width = match (before(1), before(2)) {
            (b'_' | b'.' | b'-', _) => 1,
            (b' ' | b'[' | b'(', other) if is_word(other) => 1,
            (b'<', b'>') => 2,
            (byte, _) if is_word(byte) => 0,
            _ => return false,
        };
        self.at -= width;
        true
    }
}

impl Iterator for WordsBack<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.at > self.stop && !is_word(self.byte(self.at - 1)) {
            if !self.join() {
                return None;
            }
        }
        if self.at <= self.stop {
            return None;
        }
        let end = self.at;
        let mut start = end - 1;
        // The byte at `start`, and whether a small letter stands behind it.
        let mut first = class(self.byte(start));
        let mut before_small = false;
        let digits = first == Class::Digit;
        while start > self.stop {
            let before = class(self.byte(start - 1));
            if before == Class::Other || (before == Class::Digit) != digits {
                break;
            }
            if first == Class::Upper && (before != Class::Upper || before_small) {
                break;
            }
            before_small = first == Class::Small;
            first = before;
            start -= 1;
        }
        self.at = start;
        Some(start..end)
    }
}

/// What a byte is in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Small,
    Upper,
    Digit,
    /// Not ASCII.
    Wide,
    /// In no word.
    Other,
}

#[inline]
fn class(byte: u8) -> Class {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(Class::Other)
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Other; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let class = match byte as u8 {
            b'a'..=b'z' => Class::Small,
            b'A'..=b'Z' => Class::Upper,
            b'0'..=b'9' => Class::Digit,
            0x80.. => Class::Wide,
            _ => Class::Other,
        };
        #[expect(clippy::indexing_slicing, reason = "in a constant: out of bounds does not compile")]
        {
            classes[byte] = class;
        }
        byte += 1;
    }
    classes
};

/// Letters, digits, and whatever is not ASCII.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(key: &str) -> Vec<&str> {
        WordsBack::new(key.as_bytes(), key.len()).map(|word| &key[word]).collect()
    }

    #[test]
    fn words_come_from_the_end() {
        assert_eq!(words("patient_name"), ["name", "patient"]);
        assert_eq!(words("x=1&homePhone2"), ["2", "Phone", "home"]);
        assert_eq!(words("FHIRPatientID"), ["ID", "Patient", "FHIR"]);
        assert_eq!(words("the  date of birth"), ["birth", "of", "date"]);
        assert_eq!(words("<a><Phone><Number"), ["Number", "Phone", "a"]);
        assert_eq!(words("Patient(mrn"), ["mrn", "Patient"]);
        assert_eq!(words("a.b--c"), ["c", "b", "a"]);
        assert_eq!(words("\"ssn"), ["ssn"]);
        assert_eq!(words("pr\u{e9}nom"), ["pr\u{e9}nom"]);
        assert_eq!(words(""), Vec::<&str>::new());
        assert_eq!(words("="), Vec::<&str>::new());
    }
}
