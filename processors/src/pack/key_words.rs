//! Words of keys as numbers: read from the end, so that a key in a text is looked up without knowing where it begins.

/// What a row of words may be, by a part of its hash.
#[derive(Debug)]
pub(super) struct Flags(Box<[u8; Flags::SLOTS]>);

impl Flags {
    const SLOTS: usize = 1 << 16;
    /// Some known key ends with it.
    pub(super) const ENDING: u8 = 1;
    /// It leaves an identifier's key one.
    pub(super) const QUALIFIER: u8 = 2;
    /// It is a known key.
    pub(super) const KEY: u8 = 4;

    pub(super) fn set(&mut self, hash: u64, flag: u8) {
        if let Some(flags) = self.0.get_mut(slot(hash)) {
            *flags |= flag;
        }
    }

    #[inline]
    pub(super) fn get(&self, hash: u64) -> u8 {
        self.0.get(slot(hash)).copied().unwrap_or(0)
    }
}

impl Default for Flags {
    fn default() -> Self {
        Self(Box::new([0; Self::SLOTS]))
    }
}

fn slot(hash: u64) -> usize {
    usize::from((hash >> 48) as u16)
}

/// How keys can end: most keys in texts are told from known ones by their last letters alone.
#[derive(Debug)]
pub(super) struct Tails {
    /// Whether six letters can end a key, by a hash of them.
    letters: Box<[u64; Tails::WORDS]>,
    /// Digits that end a key: the 4 of `last 4`.
    digits: Vec<Vec<u8>>,
}

/// How many letters at its end a key is told by.
const LETTERS: usize = 6;
/// The bits of a code that tell letters apart, whatever their case.
const LETTER: u8 = 31;
const UPPER: u8 = 32;
/// A byte that is not ASCII.
const ACCENT: u8 = 64;

/// What a byte is in a key: 1 to 26 for letters, zero for what is none.
#[inline]
fn code(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => byte & LETTER,
        b'A'..=b'Z' => byte & LETTER | UPPER,
        0x80.. => ACCENT,
        _ => 0,
    }
}

/// The highest bit of each of eight bytes.
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The highest bit of each of eight bytes that is a small letter.
#[inline]
fn small_letters(bytes: u64) -> u64 {
    // Small letters become 1 to 26, and nothing else does.
    let codes = bytes ^ 0x6060_6060_6060_6060;
    let low = codes & !HIGHS;
    let above = (low + 0x6565_6565_6565_6565) | codes;
    (low + !HIGHS) & !above & HIGHS
}

/// The highest bit of each of eight bytes that is a digit.
#[inline]
fn digits(bytes: u64) -> u64 {
    // Digits become 0 to 9, and nothing else does.
    let codes = bytes ^ 0x3030_3030_3030_3030;
    let above = ((codes & !HIGHS) + 0x7676_7676_7676_7676) | codes;
    !above & HIGHS
}

impl Tails {
    const WORDS: usize = 1 << 10;

    /// Lets a row of words end a key, with gaps and without.
    pub(super) fn add(&mut self, row: &str) {
        let word = row.rsplit(' ').next().unwrap_or(row);
        if word.bytes().all(|byte| byte.is_ascii_digit()) {
            self.digits.push(word.into());
            self.digits.sort_unstable();
            self.digits.dedup();
        }
        for tail in [word, &row.replace(' ', "")] {
            let letters = tail.bytes().rev().take(LETTERS).map(code);
            let slot = Self::slot(letters);
            if let Some(word) = self.letters.get_mut(slot >> 6) {
                *word |= 1 << (slot & 63);
            }
        }
    }

    /// The place of some letters, the last first.
    fn slot(letters: impl Iterator<Item = u8>) -> usize {
        Self::place(letters.fold(0, |value, code| value << 8 | u64::from(code & LETTER)))
    }

    #[inline]
    fn place(value: u64) -> usize {
        (value.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48) as usize
    }

    /// Whether the key that ends at `end` may be a known one: a quick no for most.
    #[inline]
    pub(super) fn may_end(&self, text: &[u8], end: usize) -> bool {
        if let Some(may) = self.small_may_end(text, end) {
            return may;
        }
        let Some(key) = text.get(end.saturating_sub(LETTERS + 4)..end) else { return false };
        let number = key.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let (word, digits) = key.split_at_checked(key.len() - number).unwrap_or((key, &[]));
        match word {
            // A number by itself is no key.
            []
            | [
                ..,
                0..=31
                | b'!'..=b'\''
                | b'*'
                | b'+'
                | b','
                | b'/'
                | b':'..=b'@'
                | b'\\'
                | b']'..=b'^'
                | b'`'
                | b'{'..=0x7F,
            ] => number == 0,
            [.., b'a'..=b'z' | b'A'..=b'Z'] => {
                number <= 3 && self.letters_may_end(word)
                    || number > 0 && self.digits.iter().any(|known| known == digits)
            }
            // Joiners and accents: looked at properly.
            _ => true,
        }
    }

    #[inline]
    fn letters_may_end(&self, word: &[u8]) -> bool {
        let mut value = 0u64;
        let (mut right, mut further) = (0, 0);
        for byte in word.iter().rev().take(LETTERS) {
            let code = code(*byte);
            if code == 0 {
                break;
            }
            // Accents are looked at properly, and so is a capital that may begin the word: `patientID`, `MRNNo`.
            let begins = right & UPPER != 0 && (code & UPPER == 0 || further & LETTER != 0 && further & UPPER == 0);
            if code == ACCENT || begins {
                return true;
            }
            value = value << 8 | u64::from(code & LETTER);
            (right, further) = (code, right);
        }
        self.has(Self::place(value))
    }

    #[inline]
    fn has(&self, slot: usize) -> bool {
        self.letters.get(slot >> 6).is_some_and(|word| word >> (slot & 63) & 1 == 1)
    }

    /// As `may_end` for a key whose last word is one of small letters or a number by itself: most are. `None` for any
    /// other.
    #[inline]
    fn small_may_end(&self, text: &[u8], end: usize) -> Option<bool> {
        let last = u64::from_le_bytes(*text.get(end.checked_sub(8)?..end)?.first_chunk::<8>()?);
        // `12:30:15`: a number by itself is no key.
        let digits = (!digits(last) & HIGHS).leading_zeros() as usize / 8;
        if digits > 0 {
            let before = text.get(end.checked_sub(digits + 1)?)?;
            return matches!(before, b':' | b'/' | b'=' | b',' | b'"').then_some(false);
        }
        let small = small_letters(last);
        let run = (!small & HIGHS).leading_zeros() as usize / 8;
        // Behind a capital or an accent there may be another word, and a word of its own.
        let before = text.get(end.checked_sub(run + 1)?).copied()?;
        if run == 0 || run < LETTERS && (before.is_ascii_uppercase() || before >= 0x80) {
            return None;
        }
        let value = last >> (64 - 8 * run.min(LETTERS));
        Some(self.has(Self::place(value & 0x1F1F_1F1F_1F1F_1F1F)))
    }
}

impl Default for Tails {
    fn default() -> Self {
        Self { letters: Box::new([0; Self::WORDS]), digits: Vec::new() }
    }
}

/// Hashes a row of words from its end, gaps left out.
pub(super) fn reversed(row: &str) -> u64 {
    row.split(' ').rev().fold(0, |hash, word| extend(hash, word.as_bytes()))
}

/// Takes a word in front of those hashed so far: its letters from the last to the first, in lower case and without
/// accents.
pub(super) fn extend(hash: u64, word: &[u8]) -> u64 {
    let mut hash = hash;
    let mut at = word.len();
    while let Some(byte) = at.checked_sub(1).and_then(|last| word.get(last)) {
        at -= 1;
        let before = at.checked_sub(1).and_then(|last| word.get(last));
        let folded = match (before, byte) {
            (Some(0xC3), 0x80..=0xBF) => {
                at -= 1;
                without_accent(*byte)
            }
            _ => byte.to_ascii_lowercase(),
        };
        hash = (hash ^ u64::from(folded)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23);
    }
    hash
}

/// The letter that the second byte of a letter in U+00C0 to U+00FF has below its accent.
pub(crate) fn without_accent(byte: u8) -> u8 {
    match byte & 0x1F {
        0x00..=0x05 => b'a',
        0x07 => b'c',
        0x08..=0x0B => b'e',
        0x0C..=0x0F => b'i',
        0x11 => b'n',
        0x12..=0x16 | 0x18 => b'o',
        0x19..=0x1C => b'u',
        0x1D | 0x1F => b'y',
        _ => byte,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_letters_and_digits_are_told_from_all_other_bytes() {
        for byte in 0..=u8::MAX {
            for place in 0..8 {
                let bytes = u64::from(byte) << (8 * place);
                let expected = if byte.is_ascii_lowercase() { 0x80 << (8 * place) } else { 0 };
                assert_eq!(small_letters(bytes), expected, "{byte}");
                let digit = if byte.is_ascii_digit() { 0x80 << (8 * place) } else { 0 };
                assert_eq!(digits(bytes) & 0x80 << (8 * place), digit, "{byte}");
                let rest = !(0xFF_u64 << (8 * place));
                assert_eq!(small_letters(bytes | rest & 0x6161_6161_6161_6161) & 0x80 << (8 * place), expected);
                assert_eq!(small_letters(bytes | rest) & 0x80 << (8 * place), expected, "{byte}");
            }
        }
    }

    #[test]
    fn most_keys_are_told_by_their_last_letters() {
        let mut tails = Tails::default();
        ["ssn", "patient id", "last 4", "no", "b"].into_iter().for_each(|word| tails.add(word));
        for (key, may) in [
            ("user_ssn", true),
            ("SSN", true),
            ("patient_id", true),
            ("ID", true),
            ("last4", true),
            ("last 4", true),
            ("ssn12", true),
            ("xpatientid123", true),
            ("patientId123", true),
            ("ssn1234", false),
            ("patientid", true),
            ("PATIENTID", true),
            ("patientNo", true),
            ("a_b", true),
            ("jobB", true),
            ("job", false),
            ("grid", false),
            ("session", false),
            ("T12", false),
            ("04T12:34", false),
            ("12:30", false),
            ("id=45", false),
            ("pr\u{e9}n\u{f3}", true),
        ] {
            assert_eq!(tails.may_end(key.as_bytes(), key.len()), may, "{key}");
            // Whatever stands far before it.
            for lead in ["", " ", "x=1 ", "some.other.words and "] {
                let text = format!("{lead}{key}");
                let quick = tails.small_may_end(text.as_bytes(), text.len());
                assert!(quick.is_none_or(|quick| quick == may), "{text}");
            }
        }
    }
}
