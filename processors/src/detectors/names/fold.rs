//! Letters beyond ASCII: which are, and which ASCII letters they stand for in the word lists.

/// What a character beyond ASCII is to the tagger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Folded {
    /// A Latin letter: the ASCII letters it stands for (the second may be 0), and whether it is a capital.
    Latin(u8, u8, bool),
    /// A letter of another alphabet.
    Letter,
    /// An accent on the letter before it, or a sign that does not show.
    Mark,
    /// A space, a dash, a quote, a symbol.
    Other,
}

/// The letters from U+00C0 to U+017F in ASCII, lower case; `.` for none.
const LATIN: &[u8; 192] =
    b"aaaaaaaceeeeiiiidnooooo.ouuuuytsaaaaaaaceeeeiiiidnooooo.ouuuuytyaaaaaaccccccccddddeeeeeeeeee\
gggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

/// Reads the character beyond ASCII that `rest` begins with, and its length. What is no UTF-8 is a letter of one byte.
pub(crate) fn fold(rest: &[u8]) -> (Folded, usize) {
    let lead = rest.first().copied().unwrap_or(0);
    let at = |offset: usize| u32::from(rest.get(offset).copied().unwrap_or(0) & 0x3F);
    match lead {
        0xC2 => (Folded::Other, 2),
        0xC3..=0xDF => (two(u32::from(lead & 0x1F) << 6 | at(1)), 2),
        0xE0..=0xEF => (three(u32::from(lead & 0xF) << 12 | at(1) << 6 | at(2)), 3),
        0xF0..=0xF7 => (Folded::Other, 4),
        _ => (Folded::Letter, 1),
    }
}

fn two(code: u32) -> Folded {
    match code {
        0xC6 | 0xE6 => Folded::Latin(b'a', b'e', code == 0xC6),
        0xDF => Folded::Latin(b's', b's', false),
        0xDE | 0xFE => Folded::Latin(b't', b'h', code == 0xDE),
        0x152 | 0x153 => Folded::Latin(b'o', b'e', code == 0x152),
        0xC0..=0x17F => {
            let letter = LATIN.get((code - 0xC0) as usize).copied().unwrap_or(b'.');
            let capital = match code {
                0xC0..=0xDE => true,
                0xDF..=0xFF => false,
                // Capitals are even, but for two stretches where they are odd.
                0x139..=0x148 | 0x179..=0x17E => code % 2 == 1,
                _ => code.is_multiple_of(2),
            };
            if letter == b'.' { Folded::Other } else { Folded::Latin(letter, 0, capital) }
        }
        0x1A0 | 0x1A1 => Folded::Latin(b'o', 0, code == 0x1A0),
        0x1AF | 0x1B0 => Folded::Latin(b'u', 0, code == 0x1AF),
        0x218 | 0x219 => Folded::Latin(b's', 0, code == 0x218),
        0x21A | 0x21B => Folded::Latin(b't', 0, code == 0x21A),
        0x300..=0x36F => Folded::Mark,
        0x2B0..=0x2FF => Folded::Mark,
        _ => Folded::Letter,
    }
}

fn three(code: u32) -> Folded {
    /// U+1EA0 to U+1EF9: Vietnamese.
    const VIETNAMESE: &[u8; 90] =
        b"aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy";
    match code {
        0x1EA0..=0x1EF9 => {
            let letter = VIETNAMESE.get((code - 0x1EA0) as usize).copied().unwrap_or(b'.');
            Folded::Latin(letter, 0, code.is_multiple_of(2))
        }
        0x200B..=0x200F | 0x2060 | 0xFEFF => Folded::Mark,
        // Signs that pass for Greek letters.
        0x2100..=0x214F | 0x2206 => Folded::Letter,
        0x2000..=0x2FFF | 0x3000..=0x3004 | 0x3008..=0x3030 | 0xE000..=0xF8FF | 0xFE00..=0xFF0F => Folded::Other,
        _ => Folded::Letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_lose_their_accents() {
        for (letter, ascii, capital) in [
            ("\u{e9}", b'e', false),
            ("\u{c9}", b'e', true),
            ("\u{f1}", b'n', false),
            ("\u{160}", b's', true),
            ("\u{161}", b's', false),
            ("\u{17e}", b'z', false),
            ("\u{142}", b'l', false),
            ("\u{141}", b'l', true),
            ("\u{131}", b'i', false),
            ("\u{21b}", b't', false),
            ("\u{1ed5}", b'o', false),
            ("\u{1ef9}", b'y', false),
        ] {
            let (folded, len) = fold(letter.as_bytes());
            assert_eq!((folded, len), (Folded::Latin(ascii, 0, capital), letter.len()), "{letter}");
        }
        assert_eq!(fold("\u{a0}".as_bytes()), (Folded::Other, 2));
        assert_eq!(fold("\u{2019}".as_bytes()), (Folded::Other, 3));
        assert_eq!(fold("\u{416}".as_bytes()), (Folded::Letter, 2));
        assert_eq!(fold(b"\xff"), (Folded::Letter, 1));
    }
}
